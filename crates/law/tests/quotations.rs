//! Every quotation of the law files is true.

use crate::law_files::{officials, texts};
use law::{File, Official};

fn official() -> Official {
    Official::new(officials().iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn faults(official: &Official, path: &str, text: &str) -> Vec<law::LawFileFault> {
    official.faults(&[File { path, text }])
}

#[test]
fn every_quotation_stands_in_the_official_text_beside_it() {
    let official = official();
    let faults: Vec<_> = texts()
        .iter()
        .flat_map(|(path, text)| faults(&official, path, text))
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{} quotations:\n{}", faults.len(), faults.join("\n"));
}

/// Each number and each word for one, and each word of another kind in turn: no change inside a quotation goes unseen.
#[test]
fn a_changed_number_inside_a_quotation_is_refused() {
    const WORDS: &[(&str, &str)] = &[
        ("dieciocho", "diecisiete"),
        ("setenta", "ochenta"),
        ("sesenta", "setenta"),
        ("cuarenta", "treinta"),
        ("quinientos", "seiscientos"),
        ("mitad", "cuarta"),
        ("terceras", "cuartas"),
        (" mil ", " cien "),
        ("siguiente", "anterior"),
    ];
    let official = official();
    let (mut count, mut unseen) = (0, Vec::new());
    for (path, text) in texts() {
        for quotation in law::quotations(&File { path, text }) {
            let said = &quotation.text;
            let digits = said.match_indices(|c: char| c.is_ascii_digit());
            let digits = digits.map(|(at, digit)| {
                let other = (digit.parse::<u8>().unwrap() + 1) % 10;
                format!("{}{other}{}", &said[..at], &said[at + 1..])
            });
            let words = WORDS.iter().flat_map(|(from, to)| {
                let places = said.match_indices(from);
                places.map(move |(at, _)| format!("{}{to}{}", &said[..at], &said[at + from.len()..]))
            });
            for changed in digits.chain(words) {
                count += 1;
                let names: Vec<_> = quotation.official.iter().map(|path| format!("{path:?}")).collect();
                let file = format!("official = [{}]\n[[rule]]\ntext = {changed:?}\n", names.join(", "));
                if faults(&official, "x.toml", &file).is_empty() {
                    unseen.push(format!("{path}: {said}  →  {changed}"));
                }
            }
        }
    }
    assert!(count > 150, "only {count} numbers: the quotations are no longer read");
    assert!(unseen.is_empty(), "{} of {count}:\n{}", unseen.len(), unseen.join("\n"));
}

#[test]
fn what_is_not_quoted_truly_is_told_with_its_place() {
    let official = Official::new([(
        "mx/a/text.txt",
        "Artículo 1. Se impon-\ndrá pena de 5 a 15\naños. Final.",
    )]);
    let tell = |file: &str| {
        let faults = faults(&official, "mx/a/law.toml", file);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let head = "official = \"text.txt\"\n";
    for true_one in [
        "Se impondrá pena de 5 a 15 años",
        "Se  impondrá pena",
        "Artículo 1. [...] Final",
    ] {
        assert_eq!(
            tell(&format!("{head}[[rule]]\ntext = \"{true_one}\"\n")),
            "",
            "{true_one}"
        );
    }
    for untrue in [
        "pena de 6 a 15 años",
        "pena de 5 a 15 anos",
        "Final. [...] Artículo 1",
        "se impondrá",
    ] {
        let told = tell(&format!("{head}[[rule]]\nid = \"x\"\ntext = \"{untrue}\"\n"));
        assert!(told.starts_with("mx/a/law.toml:4:8: «"), "{untrue}: {told}");
    }
    let nested = tell(&format!(
        "{head}[[rule]]\n[[rule.earlier]]\nofficial = \"other.txt\"\ntext = \"Final\"\n"
    ));
    assert!(nested.contains("mx/a/other.txt is not there"), "{nested}");
    assert!(tell("[[rule]]\ntext = \"Final\"\n").contains("no `official`"));
    assert_eq!(
        tell("[[offence]]\nsecondary = true\n[offence.penalty]\ntext = \"6 to 12 years\"\n"),
        ""
    );
}
