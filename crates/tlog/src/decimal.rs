//! Numbers as the C2SP texts write them: ASCII decimal without leading zeros, `0` itself excepted.

/// Reads a number that `to_string` would have written so; signs, spaces, leading zeros and overflow are `None`.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_canonical_numbers_are_read() {
        for (text, value) in [
            ("0", 0),
            ("7", 7),
            ("20852163", 20_852_163),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse(text), Some(value));
        }
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1\r",
            "0x1",
            "18446744073709551616",
            "١",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
