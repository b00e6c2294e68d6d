//! `json.json`: texts that are JSON of this protocol, and texts that are not (§0, §19).

use protocol::envelope::PAYLOAD_MAX;
use protocol::json::check;
use serde_json::{Value, json};

use super::hex;

/// `(why, text)`.
type Case = (&'static str, &'static [u8]);

const ACCEPTED: &[Case] = &[
    ("an empty object", b"{}"),
    ("an empty array", b"[]"),
    ("any value may be the outermost: a number", b"0"),
    ("any value may be the outermost: null", b"null"),
    ("any value may be the outermost: text", b"\"\""),
    ("the greatest integer, 2^53 - 1", b"9007199254740991"),
    ("the least integer, -(2^53 - 1)", b"-9007199254740991"),
    (
        "white space between tokens, and after the value",
        b" \t\r\n{ \"a\" : [ true , false , null ] } \n",
    ),
    ("every escape", br#""\" \\ \/ \b\f\n\r\t \u0000 \u00e9 \u00E9""#),
    ("a pair of surrogates that is one character", br#""\ud83d\ude00""#),
    ("the same character unescaped", "\"😀\"".as_bytes()),
    ("a byte order mark within text", "\"\u{feff}\"".as_bytes()),
    ("DEL within text", b"\"\x7f\""),
    ("names that differ in case", br#"{"a":1,"A":2}"#),
    ("names that differ in an accent", "{\"a\":1,\"á\":2}".as_bytes()),
    (
        "names that Unicode calls equivalent, which are two",
        br#"{"\u00e9":1,"e\u0301":2}"#,
    ),
    ("an empty name", br#"{"":1}"#),
    ("one name in two objects", br#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#),
];

const REFUSED: &[Case] = &[
    ("nothing", b""),
    ("white space only", b" "),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("a second value", b"{}{}"),
    ("text after the value", b"{} x"),
    ("a zero byte after the value", b"{}\0"),
    ("a comma before the end of an array", b"[1,]"),
    ("a comma before the end of an object", br#"{"a":1,}"#),
    ("a name without quotes", b"{a:1}"),
    ("single quotes", b"{'a':1}"),
    ("a comment", b"// note\n1"),
    ("a no-break space", b"\xc2\xa01"),
    ("NaN", b"NaN"),
    ("infinity", b"-Infinity"),
    ("True", b"True"),
    ("a plus sign", b"+1"),
    ("a leading zero", b"01"),
    ("a leading zero after the sign", b"-01"),
    ("hexadecimal", b"0x10"),
    ("a point without digits", b"1."),
    ("a point without digits before it", b".5"),
    ("an integer with a fraction", b"1.0"),
    ("zero with a fraction", b"0.0"),
    ("an exponent", b"1e2"),
    ("an exponent, upper case", b"1E2"),
    ("an exponent that leaves an integer", b"100000e-5"),
    ("minus zero", b"-0"),
    ("minus zero with a fraction", b"-0.0"),
    ("2^53", b"9007199254740992"),
    ("-2^53", b"-9007199254740992"),
    ("2^64 - 1", b"18446744073709551615"),
    ("2^64", b"18446744073709551616"),
    ("2^53 within", br#"{"a":[9007199254740992]}"#),
    ("a name twice", br#"{"a":1,"a":1}"#),
    ("a name twice, after unescaping", br#"{"a":1,"\u0061":1}"#),
    (
        "a name twice, both escaped, digits in two cases",
        br#"{"\u00e9":1,"\u00E9":1}"#,
    ),
    (
        "a name twice, once escaped and once as UTF-8",
        "{\"é\":1,\"\\u00e9\":2}".as_bytes(),
    ),
    ("an empty name twice", br#"{"":1,"":1}"#),
    ("a name twice, deeper", br#"[{"b":[{"a":1,"c":2,"a":3}]}]"#),
    ("a lone high surrogate", br#""\ud800""#),
    ("a lone low surrogate", br#""\udc00""#),
    ("a high surrogate before another character", br#""\ud800\u0041""#),
    ("two high surrogates", br#""\ud800\ud800""#),
    ("a lone surrogate in a name", br#"{"\ud800":1}"#),
    ("a byte that is not UTF-8", b"\"\xff\""),
    ("zero in two bytes", b"\"\xc0\x80\""),
    ("a surrogate in UTF-8", b"\"\xed\xa0\x80\""),
    ("a character beyond U+10FFFF", b"\"\xf4\x90\x80\x80\""),
    ("a line feed within text", b"\"\n\""),
    ("a control character within text", b"\"\x1f\""),
    ("an unknown escape", br#""\x41""#),
    ("an escape that is not hexadecimal", br#""\u00g0""#),
    ("text without its end", b"\"a"),
];

pub fn vectors() -> Value {
    let mut accepted: Vec<Value> = ACCEPTED.iter().map(|case| one(case, true)).collect();
    let mut refused: Vec<Value> = REFUSED.iter().map(|case| one(case, false)).collect();
    for (depth, inside) in [(16, ""), (15, "0"), (15, "{}")] {
        accepted.push(nested(depth, inside, true));
    }
    for (depth, inside) in [(17, ""), (16, "0"), (16, "null"), (16, "{}")] {
        refused.push(nested(depth, inside, false));
    }
    json!({
        "about": [
            "JSON of this protocol (sections 0 and 19): each text is accepted or refused as a whole, before its fields are looked at.",
            "`hex` are the bytes; `text` shows them where they are UTF-8. `long` is the text `before`, `times` copies of `unit`, `after`.",
            "The outermost value has depth 1, and a number, text or null within brackets has a depth of its own; at most 16.",
        ],
        "accepted": accepted,
        "refused": refused,
        "long": [long(PAYLOAD_MAX - 2, true), long(PAYLOAD_MAX - 1, false)],
    })
}

fn one((why, bytes): &Case, accepted: bool) -> Value {
    assert_eq!(check(bytes, PAYLOAD_MAX).is_ok(), accepted, "{why}");
    json!({ "why": why, "hex": hex(bytes), "text": std::str::from_utf8(bytes).ok() })
}

fn nested(depth: usize, inside: &str, accepted: bool) -> Value {
    let text = format!("{}{inside}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(check(text.as_bytes(), PAYLOAD_MAX).is_ok(), accepted, "{text}");
    let what = if inside.is_empty() { "nothing" } else { inside };
    json!({ "why": format!("{depth} arrays around {what}"), "hex": hex(&text), "text": text })
}

fn long(times: usize, accepted: bool) -> Value {
    let text = format!("\"{}\"", "a".repeat(times));
    assert_eq!(check(text.as_bytes(), PAYLOAD_MAX).is_ok(), accepted, "{times}");
    json!({
        "why": format!("a payload of {} bytes", text.len()),
        "before": "\"",
        "unit": "a",
        "times": times,
        "after": "\"",
        "accepted": accepted,
    })
}
