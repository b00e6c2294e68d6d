//! Numbers and names in paths and queries, in one spelling only.

use axum::http::Uri;
use protocol::http::decimal;

use crate::problem::Refusal;

/// The values of the named fields of a query, `None` where one is absent.
///
/// # Errors
/// `malformed` for any other field, and for one that comes twice.
pub(crate) fn fields<'a, const COUNT: usize>(
    uri: &'a Uri,
    names: [&str; COUNT],
) -> Result<[Option<&'a str>; COUNT], Refusal> {
    let mut values = [None; COUNT];
    for pair in uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let place = pair.split_once('=').and_then(|(name, value)| {
            let place = names.iter().position(|known| *known == name)?;
            Some((place, value))
        });
        match place {
            Some((place, value)) if values[place].is_none() => values[place] = Some(value),
            _ => {
                return Err(Refusal::malformed(
                    "The query has a field that is unknown here, or one twice.",
                ));
            }
        }
    }
    Ok(values)
}

/// The field `from`, 0 where it is absent.
///
/// # Errors
/// `malformed`.
pub(crate) fn from(value: Option<&str>) -> Result<u64, Refusal> {
    match value {
        None => Ok(0),
        Some(text) => decimal(text).ok_or_else(|| Refusal::malformed("`from` is a decimal number.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_hold_known_fields_once() {
        let of = |text: &str| {
            fields(&text.parse::<Uri>().expect("uri"), ["from", "b"]).map(|found| found.map(|v| v.map(str::to_owned)))
        };
        assert_eq!(of("/x").ok(), Some([None, None]));
        assert_eq!(of("/x?b=3&from=1").ok(), Some([Some("1".into()), Some("3".into())]));
        assert!(of("/x?from=1&from=2").is_err());
        assert!(of("/x?to=1").is_err());
        assert!(of("/x?from").is_err());
    }
}
