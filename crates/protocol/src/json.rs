//! Strict JSON (§0, §19): UTF-8 without BOM, no duplicate names, integers only with |n| < 2^53, depth ≤ 16.
//!
//! The grammar is serde_json's; a visitor walks the text once and refuses what this protocol does not allow.
//! Reading into a type then refuses every other spelling of the same value, so that two readers never
//! disagree on what a text says.

use crate::text::visible;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

/// Deepest nesting; the outermost value has depth 1, a value inside another one more (§19).
pub const DEPTH_MAX: u32 = 16;
/// The rule that a duplicate name breaks.
const TWICE: &str = "a name that stands twice in one object";
/// Integers lie strictly between −2^53 and 2^53.
pub const INTEGER_END: u64 = 1 << 53;

/// Why text is not JSON of this protocol.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than allowed.
    #[error("longer than {max} bytes")]
    Size {
        /// Limit in bytes.
        max: usize,
    },
    /// Syntax, duplicate name, number or depth. Position only, never content.
    #[error("not JSON of this protocol at line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What rule is broken.
        reason: &'static str,
    },
    /// Well-formed, but not the fields that were expected. Names fields of ours, never content.
    #[error("not the fields expected here: {0}")]
    Fields(String),
}

/// Deserialise helper for fields that are `T|null` and always present (§15.9):
/// `#[serde(deserialize_with = "crate::json::present")]`.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Deserialize::deserialize(deserializer)
}

/// Checks the syntax rules only.
///
/// # Errors
/// [`JsonError::Size`], [`JsonError::Syntax`].
pub fn check(bytes: &[u8], max: usize) -> Result<(), JsonError> {
    if bytes.len() > max {
        return Err(JsonError::Size { max });
    }
    let broken = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Walk {
        depth: 1,
        broken: &broken,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end())
    .map_err(|error| JsonError::Syntax {
        line: error.line(),
        column: error.column(),
        reason: broken.get().unwrap_or(match error.classify() {
            serde_json::error::Category::Eof => "the text is cut short",
            _ => "syntax",
        }),
    })
}

/// Checks the syntax rules, then reads a `T`, which must be spelled as this protocol spells it: unknown or
/// missing fields, an array for an object and an object for a code word are refused.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned + Serialize>(bytes: &[u8], max: usize) -> Result<T, JsonError> {
    check(bytes, max)?;
    let value: T = serde_json::from_slice(bytes).map_err(|error| JsonError::Fields(without_content(&error)))?;
    // serde reads an array as a struct and {"word": null} as a code word; neither is written back like that.
    let given: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| JsonError::Fields(without_content(&error)))?;
    match serde_json::to_value(&value) {
        Ok(written) if written == given => Ok(value),
        _ => Err(JsonError::Fields("another spelling of the same value".to_owned())),
    }
}

/// Reads a `T` from JSON that a person wrote, under the same syntax rules.
///
/// # Errors
/// What is wrong and where, for that person: it quotes a name that is there twice or unknown, and nothing else.
pub fn read_named<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, String> {
    check(bytes, max).map_err(|error| match error {
        JsonError::Syntax { line, column, reason } if reason == TWICE => {
            let name = name_before(bytes, line, column);
            format!("`{name}` stands twice in one object (line {line}, column {column})")
        }
        other => other.to_string(),
    })?;
    serde_json::from_slice(bytes).map_err(|error| {
        let words = error.to_string();
        let name = words.strip_prefix("unknown field `");
        match name.and_then(|rest| rest.split_once("`, expected ")) {
            Some((name, _)) => {
                let (name, line, column) = (visible(name, &[]), error.line(), error.column());
                format!("there is no field `{name}` (line {line}, column {column})")
            }
            None => without_content(&error),
        }
    })
}

/// The name whose closing quote stands there, as it is spelled.
fn name_before(bytes: &[u8], line: usize, column: usize) -> String {
    let text = bytes.split(|byte| *byte == b'\n').nth(line.saturating_sub(1));
    let text = String::from_utf8_lossy(text.unwrap_or_default().get(..column).unwrap_or_default());
    let inner = text
        .trim_end_matches([':', ' ', '\t'])
        .strip_suffix('"')
        .unwrap_or_default();
    let is_quote = |at: &usize| inner[..*at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0;
    let begin = inner.rmatch_indices('"').map(|(at, _)| at).find(is_quote);
    visible(begin.map_or("", |at| &inner[at + 1..]), &[])
}

/// Writes compact JSON.
///
/// # Panics
/// Never for the types of this crate, because their maps have text for keys and no writer of theirs fails.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("a value of this crate can always be written as JSON")
}

/// The words of a serde error that come from our types, and its position; nothing of the text that was read.
fn without_content(error: &serde_json::Error) -> String {
    const KINDS: [&str; 5] = [
        "unknown field",
        "unknown variant",
        "invalid type",
        "invalid value",
        "invalid length",
    ];
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let words = words
        .strip_suffix(&format!(" at line {line} column {column}"))
        .unwrap_or(&words);
    let said = if words.starts_with("missing field") {
        words.to_owned()
    } else {
        let kind = KINDS.iter().find(|kind| words.starts_with(**kind));
        let expected = words.rfind("expected ").map(|at| &words[at..]);
        match (kind, expected) {
            (Some(kind), Some(expected)) => format!("{kind}, {expected}"),
            (Some(kind), None) => (*kind).to_owned(),
            (None, Some(expected)) => expected.to_owned(),
            (None, None) => "unexpected value".to_owned(),
        }
    };
    format!("{said} (line {line}, column {column})")
}

/// Walks one value; notes in `broken` which rule it breaks.
#[derive(Clone, Copy)]
struct Walk<'a> {
    depth: u32,
    broken: &'a Cell<Option<&'static str>>,
}

impl Walk<'_> {
    fn refuse<T, E: serde::de::Error>(self, rule: &'static str) -> Result<T, E> {
        self.broken.set(Some(rule));
        Err(E::custom(rule))
    }

    fn inner(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEPTH_MAX {
            self.broken.set(Some("nested deeper than 16"));
            return Err(D::Error::custom("depth"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON of this protocol")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        if number < INTEGER_END {
            Ok(())
        } else {
            self.refuse("an integer of 2^53 or more")
        }
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        if number.unsigned_abs() < INTEGER_END {
            Ok(())
        } else {
            self.refuse("an integer of −2^53 or less")
        }
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.refuse("a number that is not an integer, or too large, or −0")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inner())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut names: HashSet<String> = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name) {
                return self.refuse(TWICE);
            }
            fields.next_value_seed(self.inner())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[expect(dead_code, reason = "only read")]
        a: std::collections::BTreeMap<String, u8>,
    }

    #[test]
    fn a_name_that_is_wrong_is_told_by_name_and_line() {
        let told = |text: &str| read_named::<Form>(text.as_bytes(), 1000).expect_err("wrong");
        for (text, name, line) in [
            ("{\"a\":{\"x\":1,\n\"x\":2}}", "`x`", "line 2"),
            ("{\"a\":{},\n\n\"a\":{}}", "`a`", "line 3"),
            ("{\"a\":{\"q\\\"r\":1,\"q\\\"r\"  : 2}}", "`q\\\"r`", "line 1"),
            ("{\"a\":{\"x\":1,\"\\u0078\":2}}", "`\\u0078`", "line 1"),
            ("{\"a\":{},\r\n\"b\":1}", "`b`", "line 2"),
            ("{\"\u{202e}\":1}", "`⟨U+202E⟩`", "line 1"),
        ] {
            let told = told(text);
            assert!(told.contains(name) && told.contains(line), "{text}: {told}");
        }
        let told = told("{\"a\":{\"x\":\"a secret\"}}");
        assert!(!told.contains("secret") && told.contains("line 1"), "{told}");
    }
}
