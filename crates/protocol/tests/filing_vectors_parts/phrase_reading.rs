//! Texts that people type, and the phrase in them or why there is none (§4 «Reading»).

use protocol::phrase::{Language, Phrase, PhraseError};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

const ENGLISH: &str = "absurd math era live bid rhythm alien culture";
const SPANISH: &str = "abrir marco encargo lluvia atar porción agudo cojín";

/// `(why, text)`; each is the phrase of [`ENGLISH`].
const ACCEPTED: &[(&str, &str)] = &[
    ("English", ENGLISH),
    ("Spanish", SPANISH),
    ("hyphens", "absurd-math-era-live-bid-rhythm-alien-culture"),
    (
        "dashes of Unicode",
        "absurd\u{2010}math\u{2011}era\u{2012}live\u{2013}bid\u{2014}rhythm\u{2015}alien culture",
    ),
    ("commas", "absurd,math,era,live,bid,rhythm,alien,culture"),
    (
        "commas and spaces, and a full stop",
        "absurd, math, era, live, bid, rhythm, alien, culture.",
    ),
    ("capitals", "ABSURD MATH ERA LIVE BID RHYTHM ALIEN CULTURE"),
    (
        "capitals with accents",
        "ABRIR MARCO ENCARGO LLUVIA ATAR PORCIÓN AGUDO COJÍN",
    ),
    (
        "first letters as a telephone writes them",
        "Abrir Marco Encargo Lluvia Atar Porción Agudo Cojín",
    ),
    ("without accents", "abrir marco encargo lluvia atar porcion agudo cojin"),
    (
        "accents where there are none",
        "ábrir márco encárgo llúvia átar porción agúdo cojín",
    ),
    ("four letters of each", "absu math era live bid rhyt alie cult"),
    (
        "four letters of each, Spanish",
        "abri marc enca lluv atar porc agud coji",
    ),
    ("other endings", "absurdly maths era lively bid rhythms aliens cultural"),
    (
        "much white space",
        "  absurd\tmath\r\nera\u{a0}live\u{2003}bid  rhythm alien culture\n",
    ),
    (
        "a zero-width space and a soft hyphen within words",
        "absurd math era live bid\u{200b} rhythm al\u{ad}ien culture",
    ),
    (
        "full-width letters",
        "ａｂｓｕｒｄ math era live bid rhythm alien culture",
    ),
];

/// `(why, text, its rule, unknown words counted from 1)`.
const REFUSED: &[(&str, &str, &str, &[usize])] = &[
    ("nothing", "", "count", &[]),
    ("separators only", " ,-\n", "count", &[]),
    ("seven words", "absurd math era live bid rhythm alien", "count", &[]),
    (
        "nine words",
        "absurd math era live bid rhythm alien culture absurd",
        "count",
        &[],
    ),
    (
        "two words run together",
        "absurdmath era live bid rhythm alien culture",
        "count",
        &[],
    ),
    (
        "two words that changed places",
        "math absurd era live bid rhythm alien culture",
        "checksum",
        &[],
    ),
    (
        "another last word",
        "absurd math era live bid rhythm alien cup",
        "checksum",
        &[],
    ),
    (
        "the first word eight times",
        "abandon abandon abandon abandon abandon abandon abandon abandon",
        "checksum",
        &[],
    ),
    (
        "a letter missing",
        "absurd math era live bid rythm alien culture",
        "unknown",
        &[6],
    ),
    (
        "two slips in Spanish",
        "abrir marco emcargo lluvia atar porción ahudo cojín",
        "unknown",
        &[3, 7],
    ),
    (
        "three letters of a longer word",
        "abs math era live bid rhythm alien culture",
        "unknown",
        &[1],
    ),
    (
        "a digit for a letter",
        "absurd math era 1ive bid rhythm alien culture",
        "unknown",
        &[4],
    ),
    (
        "words of both lists",
        "absurd math era live atar porción alien culture",
        "unknown",
        &[5, 6],
    ),
];

pub fn vectors() -> Value {
    let decomposed: String = SPANISH.nfd().collect();
    let accepted: Vec<Value> = ACCEPTED
        .iter()
        .copied()
        .chain([("decomposed (NFD)", decomposed.as_str())])
        .map(|(why, typed)| accepted(why, typed))
        .collect();
    json!({
        "about": [
            "Typed texts. Those accepted are all the phrase of `phrase`. Of those refused, `rule` is count (not eight words),",
            "unknown (no list has all eight; `unknown_words` counts from 1 those that the nearer list lacks), or",
            "checksum. Letters are those of Unicode after NFKD; everything else within a word is passed over.",
        ],
        "accepted": accepted,
        "refused": REFUSED.iter().map(refused).collect::<Vec<_>>(),
    })
}

fn accepted(why: &str, typed: &str) -> Value {
    let read = Phrase::read(typed).unwrap();
    let [phrase] = read.as_slice() else {
        panic!("{why}: one candidate")
    };
    assert_eq!(phrase.words(Language::English).as_str(), ENGLISH, "{why}");
    json!({ "why": why, "typed": typed })
}

fn refused((why, typed, rule, unknown): &(&str, &str, &str, &[usize])) -> Value {
    let (said, positions) = match Phrase::read(typed).unwrap_err() {
        PhraseError::Count(_) => ("count", vec![]),
        PhraseError::Checksum => ("checksum", vec![]),
        PhraseError::Unknown(words) => ("unknown", words.iter().map(|word| word.position).collect()),
    };
    assert_eq!(said, *rule, "{why}");
    assert_eq!(positions, *unknown, "{why}");
    json!({ "why": why, "typed": typed, "rule": rule, "unknown_words": unknown })
}
