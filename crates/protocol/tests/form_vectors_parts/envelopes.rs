//! `envelopes.json`: a statement in envelopes that are read, and in envelopes that are refused (§0, §19).

use base64ct::{Base64, Base64Unpadded, Base64Url, Encoding as _};
use ed25519_dalek::{Signer, SigningKey};
use protocol::Envelope;
use protocol::envelope::{ENVELOPE_MAX, PAYLOAD_MAX, SIGNATURES_MAX, pae};
use protocol::ids::{Nonce, Origin, Version};
use protocol::keys::MemberKeys;
use protocol::statement::{Pace, payload_type};
use serde_json::{Value, json};

use super::{base64, greetings, hex};

/// The author, the statement, and a stranger.
struct Maker {
    author: MemberKeys,
    stranger: SigningKey,
    kind: String,
    payload: String,
}

impl Maker {
    fn new() -> Self {
        let pace = Pace {
            v: Version,
            origin: Origin::new("demo.example/log").unwrap(),
            nonce: Nonce([0xc1; 32]),
            time: 1_795_478_400,
            n: 4,
            step_s: 600,
            delivery_s: 86_400,
        };
        let author = MemberKeys::from_seed(&[0x90; 32]);
        let envelope = Envelope::sign(&pace, &[author.signing()]);
        Self {
            author,
            stranger: SigningKey::from_bytes(&[0x91; 32]),
            kind: payload_type("pace"),
            payload: String::from_utf8(envelope.payload().to_vec()).unwrap(),
        }
    }

    fn sig(&self, kind: &str, payload: &str) -> String {
        Base64::encode_string(&self.author.signing().sign(&pae(kind, payload.as_bytes())).to_bytes())
    }

    fn strange_sig(&self) -> String {
        let message = pae(&self.kind, self.payload.as_bytes());
        Base64::encode_string(&self.stranger.sign(&message).to_bytes())
    }

    /// The author's own, of the statement as it is.
    fn good(&self) -> String {
        self.sig(&self.kind, &self.payload)
    }

    /// A payload or type changed, and signed as it then is.
    fn signed(&self, kind: &str, payload: &str) -> String {
        wrap(
            &Base64::encode_string(payload.as_bytes()),
            kind,
            &[&self.sig(kind, payload)],
        )
    }

    /// The payload changed in one place, and signed as it then is.
    fn edited(&self, from: &str, to: &str) -> String {
        assert!(self.payload.contains(from));
        self.signed(&self.kind, &self.payload.replacen(from, to, 1))
    }

    fn accepts(&self, bytes: &[u8]) -> bool {
        Envelope::parse(bytes).is_ok_and(|envelope| envelope.verify::<Pace>(&[self.author.public()]).is_ok())
    }

    fn case(&self, why: &str, bytes: impl AsRef<[u8]>, accepted: bool) -> Value {
        let bytes = bytes.as_ref();
        assert_eq!(self.accepts(bytes), accepted, "{why}");
        json!({ "why": why, "envelope_base64": base64(bytes), "text": std::str::from_utf8(bytes).ok() })
    }
}

/// An envelope as this implementation writes it.
fn wrap(payload: &str, kind: &str, signatures: &[&str]) -> String {
    let signatures: Vec<String> = signatures.iter().map(|sig| format!(r#"{{"sig":"{sig}"}}"#)).collect();
    format!(
        r#"{{"payload":"{payload}","payloadType":"{kind}","signatures":[{}]}}"#,
        signatures.join(",")
    )
}

pub fn vectors() -> Value {
    let make = Maker::new();
    let mut refused = forms(&make);
    refused.extend(payloads(&make));
    refused.extend(signatures(&make));
    json!({
        "about": [
            "The statement `pace`, in envelopes that are accepted and in envelopes that are refused (sections 0 and 19).",
            "Accepted: the envelope is read, its payload is a `pace` that keeps its rules, `key` has signed it, and nobody else has.",
            "Where `why` names a change of the payload or type, the signature is over what stands there.",
            "`long`: the envelope is the text `before`, `times` copies of `unit`, `after`; all are signed by the author.",
            "`greetings`: the statement `greeting`, signed by the same author; `bytes` is the length of the envelope.",
        ],
        "author": { "seed": hex(make.author.seed()), "key": make.author.public() },
        "payload_type": make.kind,
        "payload": make.payload,
        "d": Envelope::parse(make.signed(&make.kind, &make.payload).as_bytes()).unwrap().digest(),
        "accepted": accepted(&make),
        "refused": refused,
        "long": long(&make),
        "greetings": greetings::vectors(&make.author),
    })
}

fn accepted(make: &Maker) -> Vec<Value> {
    let (payload, kind, sig) = (base64(&make.payload), &make.kind, make.good());
    let other = format!(r#"{{"signatures":[{{"sig":"{sig}"}}],"payloadType":"{kind}","payload":"{payload}"}}"#);
    let spaced = format!(
        "\n{{ \"payload\" : \"{payload}\",\r\n\t\"payloadType\": \"{kind}\", \"signatures\": [ {{ \"sig\": \"{sig}\" }} ] }}\n"
    );
    let escaped = wrap(&payload, kind, &[&sig]).replacen("payloadType", r"payload\u0054ype", 1);
    vec![
        make.case("as this implementation writes it", wrap(&payload, kind, &[&sig]), true),
        make.case("fields in another order", other, true),
        make.case("white space", spaced, true),
        make.case("an escape in a name", escaped, true),
        make.case(
            "the author's signature twice",
            wrap(&payload, kind, &[&sig, &sig]),
            true,
        ),
        make.case("24 signatures", wrap(&payload, kind, &[&sig[..]; SIGNATURES_MAX]), true),
        make.case(
            "fields of the payload in another order",
            make.edited(
                r#"{"v":1,"origin":"demo.example/log","#,
                r#"{"origin":"demo.example/log","v":1,"#,
            ),
            true,
        ),
        make.case(
            "white space in the payload",
            make.edited(r#"{"v":1"#, r#"{ "v": 1"#),
            true,
        ),
    ]
}

/// The envelope itself.
fn forms(make: &Maker) -> Vec<Value> {
    let (payload, kind, sig) = (base64(&make.payload), &make.kind, make.good());
    let good = wrap(&payload, kind, &[&sig]);
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    let long = make.payload.len().is_multiple_of(3);
    assert!(!long, "the padding is wanted");
    let unpadded = Base64Unpadded::encode_string(make.payload.as_bytes());
    let url = Base64Url::encode_string(&Base64::decode_vec(&sig).unwrap());
    assert_ne!(url, sig, "the signature must have + or /");
    vec![
        make.case("a byte order mark", format!("\u{feff}{good}"), false),
        make.case("bytes after it", format!("{good}x"), false),
        make.case("cut short", &good[..good.len() - 1], false),
        make.case("in an array", format!("[{good}]"), false),
        make.case(
            "as an array",
            format!(r#"["{payload}","{kind}",[{{"sig":"{sig}"}}]]"#),
            false,
        ),
        make.case("a field more", with("{\"payload\"", "{\"v\":1,\"payload\""), false),
        make.case("a keyid", with("{\"sig\"", "{\"keyid\":\"\",\"sig\""), false),
        make.case(
            "no signatures field",
            format!(r#"{{"payload":"{payload}","payloadType":"{kind}"}}"#),
            false,
        ),
        make.case(
            "signatures are null",
            with(&format!("[{{\"sig\":\"{sig}\"}}]"), "null"),
            false,
        ),
        make.case(
            "signatures are text",
            with(&format!("{{\"sig\":\"{sig}\"}}"), &format!("\"{sig}\"")),
            false,
        ),
        make.case(
            "payload twice",
            with("{\"payload\"", "{\"payload\":\"\",\"payload\""),
            false,
        ),
        make.case(
            "payload twice, once escaped",
            with("{\"payload\"", "{\"p\\u0061yload\":\"\",\"payload\""),
            false,
        ),
        make.case("payload without padding", wrap(&unpadded, kind, &[&sig]), false),
        make.case(
            "payload in two texts, each padded",
            wrap(&in_two(make.payload.as_bytes()), kind, &[&sig]),
            false,
        ),
        make.case(
            "signature in two texts, each padded",
            wrap(&payload, kind, &[&in_two(&Base64::decode_vec(&sig).unwrap())]),
            false,
        ),
        make.case(
            "payload with a line feed",
            with(&payload[..4], &format!("{}\\n", &payload[..4])),
            false,
        ),
        make.case(
            "payload with bits after its end",
            wrap(&idle_bit(&payload), kind, &[&sig]),
            false,
        ),
        make.case(
            "signature with bits after its end",
            wrap(&payload, kind, &[&idle_bit(&sig)]),
            false,
        ),
        make.case(
            "signature of 63 bytes",
            wrap(&payload, kind, &[&base64([1; 63])]),
            false,
        ),
        make.case("25 signatures", wrap(&payload, kind, &[&sig[..]; 25]), false),
        make.case(
            "signature without padding",
            wrap(&payload, kind, &[sig.trim_end_matches('=')]),
            false,
        ),
        make.case("signature in base64 with - and _", wrap(&payload, kind, &[&url]), false),
        make.case(
            "sig twice",
            with("{\"sig\"", &format!("{{\"sig\":\"{sig}\",\"sig\"")),
            false,
        ),
        make.case("an empty payload", wrap("", kind, &[&make.sig(kind, "")]), false),
    ]
}

/// Payloads and envelopes as long as may be, and longer by one byte: blanks fill them.
fn long(make: &Maker) -> Vec<Value> {
    let (payload, kind, sig) = (base64(&make.payload), &make.kind, make.good());
    let good = wrap(&payload, kind, &[&sig]);
    let envelope = |bytes: usize, accepted| {
        let why = format!("an envelope of {bytes} bytes");
        repeated(make, &why, [&good, " ", ""], bytes - good.len(), accepted)
    };
    let filled = |bytes: usize, accepted| {
        let text = format!("{}{}", make.payload, " ".repeat(bytes - make.payload.len()));
        let written = make.signed(kind, &text);
        // Three blanks are `ICAg`, once the statement's last group of three is over.
        let from = written.find("ICAg").unwrap();
        let times = written.as_bytes()[from..]
            .chunks(4)
            .take_while(|unit| unit == b"ICAg")
            .count();
        let parts = [&written[..from], "ICAg", &written[from + 4 * times..]];
        repeated(make, &format!("a payload of {bytes} bytes"), parts, times, accepted)
    };
    vec![
        envelope(ENVELOPE_MAX, true),
        envelope(ENVELOPE_MAX + 1, false),
        filled(PAYLOAD_MAX, true),
        filled(PAYLOAD_MAX + 1, false),
    ]
}

fn repeated(make: &Maker, why: &str, [before, unit, after]: [&str; 3], times: usize, accepted: bool) -> Value {
    let text = format!("{before}{}{after}", unit.repeat(times));
    assert_eq!(make.accepts(text.as_bytes()), accepted, "{why}");
    json!({ "why": why, "before": before, "unit": unit, "times": times, "after": after, "accepted": accepted })
}

/// The first byte in base64, with its padding, and then the others: some readers take it for one text.
fn in_two(bytes: &[u8]) -> String {
    let (first, others) = bytes.split_at(1);
    base64(first) + &base64(others)
}

/// The same text in base64 but for a bit that decoding drops; padding shows that there are some.
fn idle_bit(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let end = text.trim_end_matches('=').len();
    assert!(end < text.len());
    let mut bytes = text.as_bytes().to_vec();
    let digit = ALPHABET.iter().position(|c| *c == bytes[end - 1]).unwrap();
    bytes[end - 1] = ALPHABET[digit ^ 1];
    String::from_utf8(bytes).unwrap()
}

/// What is signed.
fn payloads(make: &Maker) -> Vec<Value> {
    vec![
        make.case(
            "a byte order mark in the payload",
            make.edited("{\"v\"", "\u{feff}{\"v\""),
            false,
        ),
        make.case(
            "a name twice in the payload",
            make.edited("{\"v\":1", "{\"v\":1,\"v\":1"),
            false,
        ),
        make.case(
            "a name twice in the payload, once escaped",
            make.edited("{\"v\":1", "{\"v\":1,\"\\u0076\":1"),
            false,
        ),
        make.case("a number with a fraction", make.edited("\"n\":4", "\"n\":4.0"), false),
        make.case(
            "a number with an exponent",
            make.edited("\"step_s\":600", "\"step_s\":6e2"),
            false,
        ),
        make.case("a number as text", make.edited("\"n\":4", "\"n\":\"4\""), false),
        make.case("an unknown field", make.edited("{\"v\":1", "{\"v\":1,\"w\":1"), false),
        make.case("a missing field", make.edited(",\"delivery_s\":86400", ""), false),
        make.case(
            "a field that is null",
            make.edited("\"delivery_s\":86400", "\"delivery_s\":null"),
            false,
        ),
        make.case("another version", make.edited("\"v\":1", "\"v\":2"), false),
        make.case("hex in upper case", make.edited("c1c1", "C1C1"), false),
        make.case("a nonce of 31 bytes", make.edited("c1c1", "c1"), false),
        make.case(
            "an origin in upper case",
            make.edited("demo.example", "Demo.example"),
            false,
        ),
        make.case(
            "a rule of the statement: n is not a power of two",
            make.edited("\"n\":4", "\"n\":6"),
            false,
        ),
        make.case("a payload that is not an object", make.signed(&make.kind, "[]"), false),
        make.case("another type", make.signed(&payload_type("drop"), &make.payload), false),
        make.case(
            "another version in the type",
            make.signed(&make.kind.replace("v1", "v2"), &make.payload),
            false,
        ),
        make.case(
            "a type that is not of this protocol",
            make.signed("application/json", &make.payload),
            false,
        ),
        make.case(
            "a type in upper case",
            make.signed(&make.kind.replace("pace", "Pace"), &make.payload),
            false,
        ),
    ]
}

/// Who signed.
fn signatures(make: &Maker) -> Vec<Value> {
    let (payload, kind, sig) = (base64(&make.payload), &make.kind, make.good());
    let bare = Base64::encode_string(&make.author.signing().sign(make.payload.as_bytes()).to_bytes());
    let no_length = format!("DSSEv1 {kind} {}", make.payload);
    let no_length = Base64::encode_string(&make.author.signing().sign(no_length.as_bytes()).to_bytes());
    vec![
        make.case("no signature", wrap(&payload, kind, &[]), false),
        make.case(
            "a stranger's signature only",
            wrap(&payload, kind, &[&make.strange_sig()]),
            false,
        ),
        make.case(
            "a stranger's signature beside the author's",
            wrap(&payload, kind, &[&sig, &make.strange_sig()]),
            false,
        ),
        make.case(
            "64 zero bytes beside the author's",
            wrap(&payload, kind, &[&sig, &base64([0; 64])]),
            false,
        ),
        make.case(
            "the payload signed without its encoding",
            wrap(&payload, kind, &[&bare]),
            false,
        ),
        make.case(
            "the encoding signed without lengths",
            wrap(&payload, kind, &[&no_length]),
            false,
        ),
        make.case(
            "the type changed after signing",
            wrap(&payload, &payload_type("drop"), &[&sig]),
            false,
        ),
    ]
}
