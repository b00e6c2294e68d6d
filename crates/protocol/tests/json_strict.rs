//! Strict JSON (§0, §19): what is read, what is refused and with which words.

use proptest::prelude::*;
use protocol::json::{self, JsonError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MAX: usize = 65_536;

fn nested(depth: usize, inside: &str) -> String {
    format!("{}{inside}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn accepted() {
    let texts = [
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "0".to_owned(),
        "-1".to_owned(),
        "9007199254740991".to_owned(),
        "-9007199254740991".to_owned(),
        " \t\r\n{ \"a\" : [ true , false , null ] } \n".to_owned(),
        r#""\u00e9 é \ud83d\ude00 😀 \" \\ \/ \b\f\n\r\t \u0000""#.to_owned(),
        r#"{"a":1,"A":2,"á":3,"":4}"#.to_owned(),
        r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#.to_owned(),
        "\"\u{feff}\"".to_owned(),
        nested(16, ""),
        nested(15, "0"),
    ];
    for text in texts {
        assert_eq!(json::check(text.as_bytes(), MAX), Ok(()), "{text}");
    }
}

#[test]
fn refused() {
    let number = "a number that is not an integer, or too large, or −0";
    let twice = "a name that stands twice in one object";
    let cut = "the text is cut short";
    let deep = "nested deeper than 16";
    let table: &[(&[u8], &str)] = &[
        (b"", cut),
        (b" ", cut),
        (b"{", cut),
        (b"\"a", cut),
        (b"[1", cut),
        (b"\xef\xbb\xbf{}", "syntax"),
        (b"{}{}", "syntax"),
        (b"{} x", "syntax"),
        (b"{}\0", "syntax"),
        (b"[1,]", "syntax"),
        (b"{\"a\":1,}", "syntax"),
        (b"{a:1}", "syntax"),
        (b"{'a':1}", "syntax"),
        (b"{1:1}", "syntax"),
        (b"[1 2]", "syntax"),
        (b"// note\n1", "syntax"),
        (b"NaN", "syntax"),
        (b"Infinity", "syntax"),
        (b"-Infinity", "syntax"),
        (b"True", "syntax"),
        (b"+1", "syntax"),
        (b"01", "syntax"),
        (b"-01", "syntax"),
        (b"1.", cut),
        (b".5", "syntax"),
        (b"0x10", "syntax"),
        (b"1.0", number),
        (b"0.0", number),
        (b"1e2", number),
        (b"1E2", number),
        (b"1e-2", number),
        (b"100000e-5", number),
        (b"-0", number),
        (b"-0.0", number),
        (b"0e0", number),
        (b"18446744073709551616", number),
        (b"-9223372036854775809", number),
        (b"9007199254740992", "an integer of 2^53 or more"),
        (b"18446744073709551615", "an integer of 2^53 or more"),
        (b"-9007199254740992", "an integer of −2^53 or less"),
        (br#"{"a":1,"a":1}"#, twice),
        (br#"{"a":1,"\u0061":1}"#, twice),
        (br#"{"\u00e9":1,"\u00E9":1}"#, twice),
        (br#"{"":1,"":1}"#, twice),
        (br#"[{"b":[{"a":1,"c":2,"a":3}]}]"#, twice),
        (br#""\ud800""#, "syntax"),
        (br#""\udc00""#, "syntax"),
        (br#""\ud800\u0041""#, "syntax"),
        (br#""\ud800\ud800""#, "syntax"),
        (br#"{"\ud800":1}"#, "syntax"),
        (b"\"\xff\"", "syntax"),
        (b"\"\xc0\x80\"", "syntax"),
        (b"\"\xed\xa0\x80\"", "syntax"),
        (b"\"\xf4\x90\x80\x80\"", "syntax"),
        (b"{\"\xff\":1}", "syntax"),
        (b"\"\n\"", "syntax"),
        (b"\"\x00\"", "syntax"),
        (b"\"\x1f\"", "syntax"),
        (br#""\x41""#, "syntax"),
        (br#""\u00g0""#, "syntax"),
        (b"\xa01", "syntax"),
    ];
    for (text, rule) in table {
        let shown = String::from_utf8_lossy(text);
        match json::check(text, MAX) {
            Err(JsonError::Syntax { reason, line, .. }) => {
                assert_eq!(reason, *rule, "{shown}");
                assert!(line >= 1, "{shown}");
            }
            other => panic!("{shown}: {other:?}"),
        }
    }
    for text in [nested(17, ""), nested(16, "0"), nested(200, ""), nested(16, "{}")] {
        assert!(
            matches!(json::check(text.as_bytes(), MAX), Err(JsonError::Syntax { reason, .. }) if reason == deep),
            "{text}"
        );
    }
}

#[test]
fn objects_nest_as_deep_as_arrays() {
    let text = format!("{}null{}", r#"{"a":"#.repeat(15), "}".repeat(15));
    assert_eq!(json::check(text.as_bytes(), MAX), Ok(()));
    let text = format!("{}null{}", r#"{"a":"#.repeat(16), "}".repeat(16));
    assert!(json::check(text.as_bytes(), MAX).is_err());
}

#[test]
fn the_limit_is_in_bytes_and_counts_white_space() {
    assert_eq!(json::check(b"[1]", 3), Ok(()));
    assert_eq!(json::check(b"[1] ", 3), Err(JsonError::Size { max: 3 }));
}

#[test]
fn an_error_tells_the_position() {
    let error = json::check(b"{\"a\":1,\n \"a\":2}", MAX).unwrap_err();
    assert!(
        matches!(error, JsonError::Syntax { line: 2, column: 4, .. }),
        "{error:?}"
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    OneWord,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    n: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    word: Word,
    inner: Inner,
    #[serde(deserialize_with = "protocol::json::present")]
    maybe: Option<String>,
}

const OUTER: &str = r#"{"word":"one-word","inner":{"n":7},"maybe":null}"#;

#[test]
fn a_value_is_read_in_any_order_with_any_escapes_and_white_space() {
    let outer = Outer {
        word: Word::OneWord,
        inner: Inner { n: 7 },
        maybe: None,
    };
    for text in [
        OUTER,
        " {\"inner\" : {\"n\":7},\n\"maybe\":null, \"w\\u006frd\":\"one\\u002dword\" } ",
    ] {
        assert_eq!(json::read::<Outer>(text.as_bytes(), MAX).unwrap(), outer);
    }
    assert_eq!(json::write(&outer), OUTER.as_bytes());
}

#[test]
fn every_other_spelling_is_refused() {
    let table = [
        (r#"{"word":"one-word","inner":{"n":7}}"#, "missing field `maybe`"),
        (
            r#"{"word":"one-word","inner":{"n":7},"maybe":null,"secret":1}"#,
            "unknown field, expected one of",
        ),
        (
            r#"{"word":"one-word","inner":{"n":7,"secret":1},"maybe":null}"#,
            "unknown field, expected `n`",
        ),
        (
            r#"{"word":"secret","inner":{"n":7},"maybe":null}"#,
            "unknown variant, expected `one-word`",
        ),
        (
            r#"{"word":"one-word","inner":{"n":"secret"},"maybe":null}"#,
            "invalid type, expected u8",
        ),
        (
            r#"{"word":"one-word","inner":{"n":256},"maybe":null}"#,
            "invalid value, expected u8",
        ),
        (r#"["one-word",{"n":7},null]"#, "another spelling"),
        (r#"{"word":"one-word","inner":[7],"maybe":null}"#, "another spelling"),
        (
            r#"{"word":{"one-word":null},"inner":{"n":7},"maybe":null}"#,
            "another spelling",
        ),
    ];
    for (text, words) in table {
        match json::read::<Outer>(text.as_bytes(), MAX) {
            Err(JsonError::Fields(said)) => {
                assert!(said.contains(words), "{text}: {said}");
                assert!(!said.contains("secret"), "content leaks: {said}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_map_keeps_its_names() {
    let text = r#"{"es":"uno","es-mx":"dos"}"#;
    let map: BTreeMap<String, String> = json::read(text.as_bytes(), MAX).unwrap();
    assert_eq!(json::write(&map), text.as_bytes());
}

/// Values that this protocol can say.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in value()) {
        let text = json::write(&value);
        prop_assert_eq!(json::read::<serde_json::Value>(&text, MAX).unwrap(), value);
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = json::check(&bytes, MAX);
    }
}
