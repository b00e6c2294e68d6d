//! The part of `envelopes.json` on `greeting`: its length and its texts (§9.2, §15.9, §19).

use protocol::Envelope;
use protocol::ids::{Nonce, Origin, Version};
use protocol::keys::MemberKeys;
use protocol::statement::{Greeting, Payload};
use serde_json::{Value, json};

const SPANISH: &str = "Recibimos tu testimonio. Aquí te escribimos.";

fn greeting(texts: &[(&str, &str)]) -> Greeting {
    Greeting {
        v: Version,
        origin: Origin::new("demo.example/log").unwrap(),
        nonce: Nonce([0xc3; 32]),
        time: 1_795_478_400,
        texts: texts
            .iter()
            .map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned()))
            .collect(),
    }
}

fn case(author: &MemberKeys, why: &str, envelope: &str, accepted: bool) -> Value {
    let read = Envelope::parse(envelope.as_bytes()).unwrap();
    assert!(read.is_signed_by(&author.public()), "{why}");
    assert_eq!(read.verify::<Greeting>(&[author.public()]).is_ok(), accepted, "{why}");
    json!({ "why": why, "bytes": envelope.len(), "text": envelope })
}

/// All are envelopes that `author` has signed.
pub fn vectors(author: &MemberKeys) -> Value {
    let signed = |greeting: &Greeting| {
        let envelope = Envelope::sign(greeting, &[author.signing()]);
        String::from_utf8(envelope.bytes().to_vec()).unwrap()
    };
    let good = |why: &str, texts: &[(&str, &str)]| case(author, why, &signed(&greeting(texts)), true);
    let bad = |why: &str, texts: &[(&str, &str)]| case(author, why, &signed(&greeting(texts)), false);
    // The same text in an envelope that blanks at its end make as long as may be, and longer by one.
    let long = "a".repeat(1_100);
    let mut full = signed(&greeting(&[("es", &long)]));
    assert!(full.len() < Greeting::ENVELOPE_MAX);
    full.push_str(&" ".repeat(Greeting::ENVELOPE_MAX - full.len()));
    json!({
        "accepted": [
            good("one language", &[("es", SPANISH)]),
            good("two lines", &[("es", "uno\ndos")]),
            good("languages with subtags", &[("nah", "a"), ("sl-rozaj-biske-1994", "b"), ("zh-hant-tw", "c")]),
            case(author, "an envelope of 2,043 bytes", &full, true),
        ],
        "refused": [
            case(author, "an envelope of 2,044 bytes", &format!("{full} "), false),
            bad("no text", &[]),
            bad("an empty text", &[("en", ""), ("es", SPANISH)]),
            bad("a text with an escape", &[("es", "a\u{1b}[2K")]),
            bad("a text whose direction is turned", &[("es", "a\u{202e}b")]),
            bad("a text with a carriage return", &[("es", "a\r\nb")]),
            bad("a language in upper case", &[("es-MX", SPANISH)]),
            bad("a language of one letter", &[("e", SPANISH)]),
            bad("a language of nine letters", &[("espanolmx", SPANISH)]),
            bad("a language that begins with digits", &[("419", SPANISH)]),
            bad("a low line in a language", &[("es_mx", SPANISH)]),
            bad("an empty subtag", &[("es-", SPANISH)]),
            bad("a subtag of nine letters", &[("es-abcdefghi", SPANISH)]),
        ],
    })
}
