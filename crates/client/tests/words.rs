//! The eight words as the page hears of them.

use client::words::{unknown, unread};
use serde_json::{Value, json};

const WORDS: &str = "abrir marco encargo lluvia atar porción agudo cojín";

fn told(text: &str) -> Value {
    json!(unread(text))
}

#[test]
fn what_is_no_phrase_has_a_code_and_what_goes_with_it() {
    assert_eq!(told(WORDS), Value::Null);
    assert_eq!(
        told("abri MARC enca lluv atar porc agud coji"),
        Value::Null,
        "four letters suffice"
    );
    assert_eq!(told("abrir marco"), json!({ "code": "count", "n": 2 }));
    assert_eq!(told(&format!("{WORDS} abrir")), json!({ "code": "count", "n": 9 }));
    assert_eq!(
        told("marco abrir encargo lluvia atar porción agudo cojín"),
        json!({ "code": "checksum" })
    );
    let slip = told("abrir marco emcargo lluvia atar porción agudo cojín");
    assert_eq!(
        (&slip["code"], &slip["words"][0]["place"]),
        (&json!("unknown"), &json!(3))
    );
    assert_eq!(slip["words"][0]["near"][0], "encargo");
}

#[test]
fn each_word_is_judged_at_its_place_while_others_are_still_empty() {
    let places = |words: &[&str]| -> Vec<Value> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        unknown(&words).iter().map(|word| json!(word)).collect()
    };
    assert!(
        places(&["abrir", "", " ", "lluv"]).is_empty(),
        "an empty place is not a slip"
    );
    let found = places(&["abrir", "emcargo", "", "lluvia", "", "", "qqqqqqqqqq", "porción"]);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&found[0]["place"], &found[0]["near"][0]),
        (&json!(2), &json!("encargo"))
    );
    assert_eq!((&found[1]["place"], &found[1]["near"]), (&json!(7), &json!([])));
    // One English word among Spanish ones is the slip, not the others.
    let found = places(&["abrir", "marco", "encargo", "rhythm"]);
    assert_eq!((found.len(), &found[0]["place"]), (1, &json!(4)));
}
