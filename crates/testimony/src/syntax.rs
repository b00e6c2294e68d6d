//! The JSON syntax of the protocol (§0, §19), over serde_json: no duplicate names, integers only with
//! |n| < 2^53, depth ≤ 16, the outermost value having depth 1.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

const DEPTH_MAX: usize = 16;
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Where and why text is not JSON of this protocol. Position only, never content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON of this protocol at line {line}, column {column}")]
pub struct SyntaxError {
    /// From 1.
    pub line: usize,
    /// From 1; 0 where the line has no character.
    pub column: usize,
}

/// Reads one value and nothing after it but white space.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, SyntaxError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Strict { depth: 1 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| SyntaxError {
            line: error.line(),
            column: error.column(),
        })
}

/// Reads a value that stands at this depth.
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner(&self) -> Self {
        Self { depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.depth {
            0..=DEPTH_MAX => deserializer.deserialize_any(self),
            _ => Err(D::Error::custom("too deep")),
        }
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with integers below 2^53")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        match value {
            0..=INTEGER_MAX => Ok(value.into()),
            _ => Err(E::custom("integer out of range")),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        match value.unsigned_abs() {
            0..=INTEGER_MAX => Ok(value.into()),
            _ => Err(E::custom("integer out of range")),
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.inner())? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let value = object.next_value_seed(self.inner())?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        parse(text.as_bytes()).is_ok()
    }

    #[test]
    fn integers() {
        for good in ["0", "-1", "9007199254740991", "-9007199254740991", " 7\n"] {
            assert!(accepts(good), "{good}");
        }
        for bad in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551616",
            "-0",
            "1.0",
            "1e2",
            "01",
            "+1",
            ".5",
            "NaN",
        ] {
            assert!(!accepts(bad), "{bad}");
        }
    }

    #[test]
    fn depth() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(accepts(&nested(16)));
        assert!(!accepts(&nested(17)));
        assert!(accepts(&format!("{}0{}", "[".repeat(15), "]".repeat(15))));
        assert!(!accepts(&format!("{}0{}", "[".repeat(16), "]".repeat(16))));
    }

    #[test]
    fn names_are_compared_after_unescaping() {
        assert!(accepts(r#"{"a":1,"b":{"a":2}}"#));
        assert!(!accepts(r#"{"a":1,"a":1}"#));
        assert!(!accepts(r#"{"a":1,"\u0061":2}"#));
    }

    #[test]
    fn text() {
        assert!(accepts("\"\\u00e9 \\ud83d\\ude00\""));
        for bad in [
            "\"\\ud800\"",
            "\"\u{1}\"",
            "\u{feff}1",
            "1 2",
            "",
            "'a'",
            "[1,]",
            "{\"a\":}",
        ] {
            assert!(!accepts(bad), "{bad:?}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(parse(b"{\n \"a\": 1.5}").map_err(|error| error.line), Err(2));
    }
}
