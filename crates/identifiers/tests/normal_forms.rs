//! The normal forms of §12: what is written by hand, what another library writes, and what must hold of any text.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../protocol/tests/kept/mod.rs"]
mod kept;

mod identifier_table;
mod identifier_vectors;

use identifier_table::rows;
use identifiers::{Identifier, IdentifierError, Kind, Phone, TEXT_MAX, countries};
use proptest::prelude::*;

#[test]
fn every_row_has_its_normal_form() {
    let rows = rows();
    assert!(rows.len() >= 200);
    for (kind, of, text, expected) in rows {
        let read = Identifier::read(kind, of, text);
        assert_eq!(
            read.as_ref().map(Identifier::normal).map_err(|error| *error),
            expected,
            "{text:?} of {of:?}"
        );
    }
}

#[test]
fn every_error_has_a_row_of_its_own() {
    let told: Vec<IdentifierError> = rows().into_iter().filter_map(|(.., normal)| normal.err()).collect();
    for error in IdentifierError::ALL {
        // What is too long is no line for people to read; `long_texts_are_refused` has it.
        assert!(told.contains(&error) || error == IdentifierError::TooLong, "{error:?}");
    }
}

#[test]
fn identifiers_json() {
    kept::keep("identifiers.json", &identifier_vectors::vectors());
}

#[derive(serde::Deserialize)]
struct Number {
    region: String,
    e164: String,
    written: Vec<String>,
}

/// 489 examples of every region and 300 Mexican numbers, as another library writes them.
#[test]
fn numbers_as_libphonenumber_writes_them() {
    let numbers: Vec<Number> = serde_json::from_str(include_str!("vectors/libphonenumber/numbers.json")).unwrap();
    assert!(numbers.len() > 700);
    for number in numbers {
        for text in number.written.iter().chain([&number.e164]) {
            let read = Phone::read(text);
            assert_eq!(
                read.as_ref().map(Phone::normal),
                Ok(number.e164.as_str()),
                "{} of {}",
                text,
                number.region
            );
        }
    }
}

#[test]
fn no_calling_code_begins_with_another() {
    let codes: Vec<&str> = countries().map(|(code, _)| code).collect();
    assert_eq!(codes.len(), 206);
    for code in &codes {
        let others = codes.iter().filter(|other| *other != code);
        assert!(others.into_iter().all(|other| !code.starts_with(other)), "{code}");
    }
}

#[test]
fn long_texts_are_refused() {
    for kind in Kind::ALL {
        let full = "1".repeat(TEXT_MAX);
        assert_ne!(
            Identifier::read(kind, None, &full),
            Err(IdentifierError::TooLong),
            "{kind:?}"
        );
        let long = "1".repeat(TEXT_MAX + 1);
        assert_eq!(
            Identifier::read(kind, None, &long),
            Err(IdentifierError::TooLong),
            "{kind:?}"
        );
        // One letter of three bytes that becomes eighteen letters.
        let grows = "\u{fdfa}".repeat(TEXT_MAX / 3);
        assert_eq!(
            Identifier::read(kind, None, &grows),
            Err(IdentifierError::TooLong),
            "{kind:?}"
        );
    }
}

/// The longest of each kind that is read, and one longer.
#[test]
fn the_longest_of_each_kind() {
    let name = "a".repeat(64);
    let domain = format!("{0}.{0}.{1}.mx", "b".repeat(63), "c".repeat(58));
    let address = format!("{name}@{domain}");
    assert_eq!(address.len(), 254);
    let read = |kind, of, text: &str| Identifier::read(kind, of, text).map(|one| one.normal().to_owned());
    assert_eq!(read(Kind::Email, None, &address).as_deref(), Ok(address.as_str()));
    for long in [
        format!("{name}@{0}.{0}.{1}.mx", "b".repeat(63), "c".repeat(59)),
        format!("a{name}@example.com"),
        format!("a@{}.mx", "b".repeat(64)),
    ] {
        assert_eq!(read(Kind::Email, None, &long), Err(IdentifierError::EmailForm));
    }
    for (service, longest) in [
        ("facebook", 50),
        ("instagram", 30),
        ("tiktok", 24),
        ("x", 15),
        ("telegram", 32),
        ("snapchat", 15),
        ("discord", 32),
        ("onlyfans", 24),
    ] {
        let name = "a".repeat(longest);
        assert!(read(Kind::Handle, Some(service), &name).is_ok(), "{service}");
        let long = read(Kind::Handle, Some(service), &format!("{name}a"));
        assert_eq!(long, Err(IdentifierError::HandleLength), "{service}");
    }
}

#[test]
fn the_input_of_the_oprf_begins_with_the_kind() {
    let phone = Identifier::read(Kind::Phone, None, "9615550101").unwrap();
    assert_eq!(phone.oprf_input().as_slice(), b"\x01+529615550101");
    let handle = Identifier::read(Kind::Handle, None, "t.me/juanperez").unwrap();
    assert_eq!(handle.oprf_input().as_slice(), b"\x05telegram:juanperez");
    assert_eq!(Kind::ALL.map(|kind| Kind::from_number(kind as u8)), Kind::ALL.map(Some));
    assert_eq!((Kind::from_number(0), Kind::from_number(6)), (None, None));
}

#[test]
fn nothing_of_it_is_shown() {
    for (kind, of, text, _) in rows() {
        if let Ok(identifier) = Identifier::read(kind, of, text) {
            let shown = format!("{identifier:?}");
            assert!(!shown.contains(identifier.normal()), "{shown}");
            assert!(shown.contains("(…)"), "{shown}");
        }
    }
}

/// One wrong digit, and two neighbours in each other's place, are found.
#[test]
fn a_slip_of_the_hand_is_no_account() {
    for account in ["032180000118359719", "4111111111111111", "378282246310005"] {
        for at in 0..account.len() {
            for digit in b'0'..=b'9' {
                let mut slipped = account.as_bytes().to_vec();
                slipped[at] = digit;
                let slipped = String::from_utf8(slipped).unwrap();
                let read = Identifier::read(Kind::Account, None, &slipped);
                assert_eq!(read.is_ok(), slipped == account, "{slipped}");
            }
        }
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

/// A good row, with which the properties begin.
fn good() -> impl Strategy<Value = (Kind, Option<&'static str>, &'static str, &'static str)> {
    let good = rows()
        .into_iter()
        .filter_map(|(kind, of, text, normal)| Some((kind, of, text, normal.ok()?)));
    prop::sample::select(good.collect::<Vec<_>>())
}

/// Full width for what has one.
fn wide(text: &str) -> String {
    let wide = |letter: char| match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap(),
        other => other,
    };
    text.chars().map(wide).collect()
}

proptest! {
    /// Any text gives an answer, and whatever is accepted is its own normal form.
    #[test]
    fn any_text_has_an_answer(kind in kinds(), of in prop::option::of("[A-Za-z-]{0,10}"), text in ".{0,60}") {
        if let Ok(read) = Identifier::read(kind, of.as_deref(), &text) {
            prop_assert_eq!(Identifier::read(kind, None, read.normal()), Ok(read.clone()));
            prop_assert!(read.normal().is_ascii());
        }
    }

    /// Texts near to identifiers.
    #[test]
    fn near_texts_have_an_answer(kind in kinds(), text in "[+0-9a-zA-Z@:/.?=# ()_-]{0,40}") {
        for of in [None, Some("MX-PUE"), Some("US-TX"), Some("facebook"), Some("telegram")] {
            if let Ok(read) = Identifier::read(kind, of, &text) {
                prop_assert_eq!(Identifier::read(kind, None, read.normal()), Ok(read.clone()));
            }
        }
    }

    #[test]
    fn a_normal_form_is_its_own((kind, of, _, normal) in good()) {
        for of in [of, None] {
            let again = Identifier::read(kind, of, normal).unwrap();
            prop_assert_eq!(again.normal(), normal);
        }
    }

    /// Blanks around, width, and what is not seen change nothing.
    #[test]
    fn spelling_changes_nothing((kind, of, text, normal) in good(), at in any::<prop::sample::Index>()) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let mut unseen = text.to_owned();
        unseen.insert(*at.get(&places), '\u{200b}');
        for spelled in [format!(" \u{a0}{text}\n"), wide(text), unseen] {
            let read = Identifier::read(kind, of, &spelled);
            prop_assert_eq!(read.as_ref().map(Identifier::normal), Ok(normal), "{}", spelled);
        }
    }

    /// Case says nothing where the normal form has letters.
    #[test]
    fn case_changes_nothing((kind, of, text, normal) in good(), upper in any::<bool>()) {
        let spelled = if upper { text.to_uppercase() } else { text.to_lowercase() };
        let read = Identifier::read(kind, of, &spelled);
        prop_assert_eq!(read.as_ref().map(Identifier::normal), Ok(normal), "{}", spelled);
    }

    /// Separators between the digits of a number, the letters of a plate.
    #[test]
    fn separators_change_nothing((kind, of, text, normal) in good(), mark in prop::sample::select(vec![' ', '-', '.', '\u{2013}']), at in any::<prop::sample::Index>()) {
        prop_assume!(matches!(kind, Kind::Phone | Kind::Plate | Kind::Account));
        prop_assume!(!text.contains(['/', ':']) && !text.contains("(0)"));
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
        let mut spelled = text.to_owned();
        spelled.insert(*at.get(&places), mark);
        let read = Identifier::read(kind, of, &spelled);
        prop_assert_eq!(read.as_ref().map(Identifier::normal), Ok(normal), "{}", spelled);
    }

    /// Every host, end and query of a link of a profile leads to the one name.
    #[test]
    fn links_of_a_profile_agree(
        name in "[a-z][a-z0-9]{4,12}",
        scheme in prop::sample::select(vec!["https://", "http://", ""]),
        host in prop::sample::select(vec!["", "www.", "m.", "mobile."]),
        end in prop::sample::select(vec!["", "/", "?igsh=abc", "/?utm_source=qr", "#x"]),
    ) {
        for (site, before, service) in [
            ("facebook.com", "", "facebook"),
            ("instagram.com", "", "instagram"),
            ("tiktok.com", "@", "tiktok"),
            ("twitter.com", "", "x"),
            ("t.me", "", "telegram"),
            ("snapchat.com", "add/", "snapchat"),
            ("onlyfans.com", "", "onlyfans"),
        ] {
            prop_assume!(!["posts", "share", "login", "videos", "groups", "events", "search", "about", "explore", "direct", "boost", "proxy", "invoice", "contact"].contains(&name.as_str()));
            let link = format!("{scheme}{host}{site}/{before}{name}{end}");
            let read = Identifier::read(Kind::Handle, None, &link);
            let normal = format!("{service}:{name}");
            prop_assert_eq!(read.as_ref().map(Identifier::normal), Ok(normal.as_str()), "{}", link);
        }
    }
}
