//! Notes, checkpoints, cosignatures and promises: the specifications' examples, and what must be refused.

use crate::common;
use crate::keys;
use base64ct::{Base64, Encoding as _};

use common::Log;
use keys::{ORIGIN, checkpoint, cosigned, log_key, witness_key};
use proptest::prelude::*;
use tlog::note::{KeyKind, NoteSignature, SIGNATURES_MAX};
use tlog::promise::Promise;
use tlog::{Checkpoint, Note, NoteError, SigningNoteKey, VerifierKey, cosign, leaf_hash};

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("vectors/note.json")).expect("vectors")
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn the_published_examples_verify() {
    let vectors = vectors();
    for example in ["specification", "go"] {
        let (vkey, written) = (text(&vectors[example]["vkey"]), text(&vectors[example]["note"]));
        let key = VerifierKey::parse(vkey).expect("a vkey");
        assert_eq!(key.to_string(), vkey);
        assert_eq!(key.kind(), KeyKind::Ed25519);
        let note = Note::parse(written.as_bytes()).expect("a note");
        assert_eq!(note.verify(&key), Ok(()));
        assert_eq!(note.to_string(), written);
        let altered = Note::parse(written.replacen('o', "0", 1).as_bytes()).expect("a note");
        assert_ne!(altered.verify(&key), Ok(()));
    }
}

#[test]
fn our_signature_is_the_published_one() {
    let go = &vectors()["go"];
    let seed: [u8; 32] = Base64::decode_vec(text(&go["seed"]))
        .expect("base64")
        .try_into()
        .expect("32 bytes");
    let key = SigningNoteKey::from_seed(text(&go["name"]), KeyKind::Ed25519, &seed).expect("a name");
    assert_eq!(key.verifier().to_string(), text(&go["vkey"]));
    let published = Note::parse(text(&go["note"]).as_bytes()).expect("a note");
    assert_eq!(published.signatures(), [key.sign(published.text())]);
    let ours = Note::new(published.text().to_owned())
        .expect("a text")
        .with(key.sign(published.text()));
    assert_eq!(ours.to_string(), text(&go["note"]));
    assert!(!format!("{key:?}").contains(text(&go["seed"])));
}

#[test]
fn examples_without_a_key_read_and_write_back() {
    for written in vectors()["unkeyed"].as_array().expect("list") {
        let note = Note::parse(text(written).as_bytes()).expect("a note");
        assert_eq!(note.to_string(), text(written));
        assert_eq!(note.verify(&log_key().verifier()), Err(NoteError::Missing));
    }
    let note = Note::parse(text(&vectors()["unkeyed"][1]).as_bytes()).expect("a note");
    let read = Checkpoint::parse(note.text()).expect("a checkpoint");
    assert_eq!(
        (read.origin.as_str(), read.size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    assert_eq!(note.signatures()[1].signature.len(), 72);
    // The time is that of the signed message which the specification shows.
    assert_eq!(note.signatures()[1].signature[..8], 1_679_315_147_u64.to_be_bytes());
}

#[test]
fn notes_of_another_form_are_refused() {
    let line = format!("{}\n", log_key().sign("text\n"));
    let valid = format!("text\n\n{line}");
    assert!(Note::parse(valid.as_bytes()).is_ok());
    let control: Vec<String> = (0..32_u8)
        .filter(|b| *b != b'\n')
        .map(|b| format!("te{}xt\n\n{line}", char::from(b)))
        .collect();
    for refused in [
        String::new(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        "text\n\n\n".to_owned(),
        format!("text\n{line}"),
        format!("\n{line}"),
        valid.trim_end().to_owned(),
        format!("{valid}\n"),
        format!("{valid}more\n"),
        valid.replace('\n', "\r\n"),
        valid.replace("— ", "- "),
        valid.replace("— ", "—  "),
        valid.replace(ORIGIN, "a+b"),
        valid.replace(ORIGIN, "a\u{a0}b"),
        valid.replace(ORIGIN, ""),
        valid.replace("=\n", "\n"),
        "text\n\n— a AAAAAA==\n".to_owned(),
        "text\n\n— a AAAAAAB=\n".to_owned(),
        "text\n\n— a AA==\n".to_owned(),
    ]
    .iter()
    .chain(&control)
    {
        assert_eq!(Note::parse(refused.as_bytes()), Err(NoteError::Form), "{refused:?}");
    }
    assert_eq!(
        Note::parse(&[b"te\xff\n\n", line.as_bytes()].concat()),
        Err(NoteError::Form),
        "not UTF-8"
    );
    assert_eq!(Note::new("no newline".to_owned()), None);
    assert_eq!(Note::new("a\tb\n".to_owned()), None);
    // The last blank line ends the text, whatever comes before.
    let blank = Note::parse(format!("a\n\n\n\n{line}").as_bytes()).expect("a note");
    assert_eq!(blank.text(), "a\n\n\n");
}

#[test]
fn limits_hold_at_the_maximum_and_one_above() {
    let line = format!("{}\n", log_key().sign("text\n"));
    let with_lines = |count: usize| format!("text\n\n{}", line.repeat(count));
    assert!(Note::parse(with_lines(SIGNATURES_MAX).as_bytes()).is_ok());
    assert!(Note::parse(with_lines(SIGNATURES_MAX + 1).as_bytes()).is_err());
    let of_size = |size: usize| format!("{}\n\n{line}", "x".repeat(size - 2 - line.len()));
    assert!(Note::parse(of_size(tlog::note::NOTE_SIZE_MAX).as_bytes()).is_ok());
    assert!(Note::parse(of_size(tlog::note::NOTE_SIZE_MAX + 1).as_bytes()).is_err());
    assert_eq!(NoteSignature::parse_lines(&line).map(|lines| lines.len()), Some(1));
    assert_eq!(NoteSignature::parse_lines(""), None);
    assert_eq!(NoteSignature::parse_lines("\n"), None);
}

#[test]
fn verifier_keys_have_one_writing() {
    let vkey = log_key().verifier().to_string();
    assert_eq!(VerifierKey::parse(&vkey), Some(log_key().verifier()));
    let [name, id, material]: [&str; 3] = vkey.splitn(3, '+').collect::<Vec<_>>().try_into().expect("three parts");
    let other_type = |byte: u8| {
        let mut bytes = Base64::decode_vec(material).expect("base64");
        bytes[0] = byte;
        Base64::encode_string(&bytes)
    };
    for refused in [
        String::new(),
        name.to_owned(),
        format!("{name}+{id}"),
        format!("{name}+{}+{material}", id.to_uppercase()),
        format!("{name}+0{id}+{material}"),
        format!("{name}+00000000+{material}"),
        format!("other+{id}+{material}"),
        format!("+{id}+{material}"),
        format!("{name}+{id}+{material}="),
        format!("{name}+{id}+{}", &material[..43]),
        format!("{name}+{id}+{}", other_type(0x02)),
        format!("{name}+{id}+{}", other_type(0x04)),
        format!("{name}+{id}+{}", Base64::encode_string(&[1; 32])),
        format!("{vkey}\n"),
    ] {
        assert_eq!(VerifierKey::parse(&refused), None, "{refused:?}");
    }
    let key = <[u8; 32]>::try_from(log_key().verifier().key()).expect("32 bytes");
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", "a\u{1}"] {
        assert_eq!(VerifierKey::new(name, KeyKind::Ed25519, &key), None, "{name:?}");
        assert!(SigningNoteKey::from_seed(name, KeyKind::Ed25519, &key).is_none());
    }
    // The identity, of order 1: it would verify signatures that nobody made.
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(VerifierKey::new("a", KeyKind::Ed25519, &identity), None);
}

#[test]
fn a_bad_line_by_the_key_spoils_the_note_and_a_foreign_one_does_not() {
    let note = checkpoint(1, leaf_hash(b"a"));
    let key = log_key().verifier();
    let mut forged = note.signatures()[0].clone();
    forged.signature[5] ^= 1;
    assert_eq!(note.clone().with(forged.clone()).verify(&key), Err(NoteError::Bad));
    let same_id = NoteSignature {
        name: "elsewhere".to_owned(),
        ..forged.clone()
    };
    let same_name = NoteSignature {
        id: [0; 4],
        ..forged.clone()
    };
    assert_eq!(
        note.clone().with(same_id.clone()).with(same_name.clone()).verify(&key),
        Ok(())
    );
    let alone = Note::new(note.text().to_owned())
        .expect("a text")
        .with(same_id)
        .with(same_name);
    assert_eq!(alone.verify(&key), Err(NoteError::Missing));
    for length in [1, 63, 65] {
        let short = NoteSignature {
            signature: vec![0; length],
            ..forged.clone()
        };
        assert_eq!(note.clone().with(short).verify(&key), Err(NoteError::Bad));
    }
}

#[test]
fn checkpoints_have_one_writing() {
    let root = leaf_hash(b"a").to_base64();
    let valid = format!("{ORIGIN}\n7\n{root}\n");
    let read = Checkpoint::parse(&valid).expect("a checkpoint");
    assert_eq!((read.size, read.root, read.extensions.len()), (7, leaf_hash(b"a"), 0));
    let extended = format!("{valid}one\ntwo words\n");
    let read = Checkpoint::parse(&extended).expect("a checkpoint");
    assert_eq!(read.extensions, ["one", "two words"]);
    assert_eq!(read.to_text(), extended);
    for refused in [
        String::new(),
        "\n".to_owned(),
        format!("{ORIGIN}\n7\n"),
        format!("{ORIGIN}\n7\n{root}"),
        format!("\n7\n{root}\n"),
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n+7\n{root}\n"),
        format!("{ORIGIN}\n-7\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n7\n{}\n", root.trim_end_matches('=')),
        format!("{ORIGIN}\n7\n{}\n", root.replace('=', "==")),
        format!("{ORIGIN}\n7\n{}\n", Base64::encode_string(&[0; 31])),
        format!("{ORIGIN}\n7\n{}\n", Base64::encode_string(&[0; 33])),
        format!("{ORIGIN}\n7\n{}B=\n", "A".repeat(42)),
        format!("{valid}\n"),
        format!("{valid}\nmore\n"),
        valid.replace('\n', "\r\n"),
        valid.replacen('\n', "\r\n", 1),
        valid.replace("7\n", "7 \n"),
    ] {
        assert_eq!(Checkpoint::parse(&refused), None, "{refused:?}");
    }
}

#[test]
fn a_cosignature_says_when_and_by_whom() {
    let note = checkpoint(3, Log::of(3).root());
    let key = witness_key(1).verifier();
    assert_eq!(cosign::verify(&note, &key), Err(NoteError::Missing));
    let once = cosigned(note.clone(), &[(1, 1_700_000_000)]);
    assert_eq!(cosign::verify(&once, &key), Ok(1_700_000_000));
    assert_eq!(
        cosign::verify(&cosigned(once.clone(), &[(1, 1_600_000_000)]), &key),
        Ok(1_700_000_000)
    );
    assert_eq!(
        cosign::verify(&cosigned(once.clone(), &[(1, 1_800_000_000)]), &key),
        Ok(1_800_000_000)
    );
    assert_eq!(
        cosign::verify(&once, &witness_key(2).verifier()),
        Err(NoteError::Missing)
    );
    // Neither kind of key stands for the other.
    assert_eq!(cosign::verify(&once, &log_key().verifier()), Err(NoteError::Missing));
    assert_eq!(once.verify(&key), Err(NoteError::Missing));
    let line = once.signatures()[1].clone();
    for byte in [0, 7, 8, 71] {
        let mut altered = line.clone();
        altered.signature[byte] ^= 1;
        assert_eq!(
            cosign::verify(&note.clone().with(altered.clone()), &key),
            Err(NoteError::Bad)
        );
        assert_eq!(
            cosign::verify(&once.clone().with(altered), &key),
            Err(NoteError::Bad),
            "one bad line spoils all"
        );
    }
    let short = NoteSignature {
        signature: line.signature[..7].to_vec(),
        ..line
    };
    assert_eq!(cosign::verify(&note.clone().with(short), &key), Err(NoteError::Bad));
    // The greatest time, and one above.
    let latest = i64::MAX.unsigned_abs();
    assert_eq!(
        cosign::verify(&cosigned(note.clone(), &[(1, latest)]), &key),
        Ok(latest)
    );
    let too_late = {
        use ed25519_dalek::Signer;
        let message = format!("cosignature/v1\ntime {}\n{}", latest + 1, note.text());
        let signature = ed25519_dalek::SigningKey::from_bytes(&[101; 32])
            .sign(message.as_bytes())
            .to_bytes();
        [&(latest + 1).to_be_bytes()[..], &signature[..]].concat()
    };
    let line = NoteSignature {
        name: key.name().to_owned(),
        id: key.id(),
        signature: too_late,
    };
    assert_eq!(cosign::verify(&note.with(line), &key), Err(NoteError::Bad));
}

#[test]
fn the_message_of_a_cosignature_is_that_of_the_specification() {
    use ed25519_dalek::Signer;
    let body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let message = format!("cosignature/v1\ntime 1679315147\n{body}");
    let line = cosign::cosign(&witness_key(1), body, 1_679_315_147);
    let expected = ed25519_dalek::SigningKey::from_bytes(&[101; 32])
        .sign(message.as_bytes())
        .to_bytes();
    assert_eq!(
        line.signature,
        [&1_679_315_147_u64.to_be_bytes()[..], &expected[..]].concat()
    );
    assert_eq!(line.id, witness_key(1).verifier().id());
}

#[test]
#[should_panic = "cosignatures only"]
fn a_cosigners_key_signs_no_other_text() {
    witness_key(1).sign("cosignature/v1\ntime 1\nexample.com/log\n");
}

#[test]
#[should_panic = "cosigner's key"]
fn a_log_key_makes_no_cosignature() {
    cosign::cosign(&log_key(), "example.com/log\n", 1);
}

#[test]
fn a_promise_reads_as_it_was_signed() {
    let promise = Promise {
        origin: ORIGIN.to_owned(),
        entry: [7; 32],
        deadline: 1_700_086_400,
    };
    let note = promise.sign(&log_key());
    let body = "resguardo-promise/v1\nexample.com/log\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n1700086400\n";
    assert_eq!(note.text(), body);
    let read = Note::parse(note.to_string().as_bytes()).expect("a note");
    assert_eq!(Promise::verify(&read, &log_key().verifier()), Ok(promise));
    let stranger = SigningNoteKey::from_seed("example.com/other", KeyKind::Ed25519, &[9; 32]).expect("a name");
    assert_eq!(Promise::verify(&read, &stranger.verifier()), Err(NoteError::Missing));
    let signed = |text: String| {
        let signature = log_key().sign(&text);
        Note::new(text).expect("a text").with(signature)
    };
    for refused in [
        body.replace("/v1", "/v2"),
        body.replace(ORIGIN, "example.com/other"),
        body.replace("1700086400", "01700086400"),
        body.replace("1700086400", "-1"),
        body.replace("wc=", "wd="),
        body.replace("wc=", "wc"),
        format!("{body}more\n"),
        checkpoint(1, leaf_hash(b"a")).text().to_owned(),
    ] {
        let note = signed(refused.clone());
        assert_eq!(
            Promise::verify(&note, &log_key().verifier()),
            Err(NoteError::Form),
            "{refused:?}"
        );
    }
    let altered = Note::parse(note.to_string().replace("1700086400", "1700086401").as_bytes()).expect("a note");
    assert_eq!(Promise::verify(&altered, &log_key().verifier()), Err(NoteError::Bad));
}

#[test]
#[should_panic = "for itself only"]
fn a_log_promises_for_no_other() {
    Promise {
        origin: "example.com/other".to_owned(),
        entry: [0; 32],
        deadline: 1,
    }
    .sign(&log_key());
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_fail(bytes: Vec<u8>) {
        let _ = Note::parse(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = (Checkpoint::parse(&text), VerifierKey::parse(&text), NoteSignature::parse_lines(&text));
    }

    #[test]
    fn whatever_reads_as_a_note_writes_back(text in "[a-b \n+é]{0,12}", lines in "(— [ab+é]{0,2} [AB=]{4,8}\n){0,3}") {
        let written = format!("{text}\n{lines}");
        if let Ok(note) = Note::parse(written.as_bytes()) {
            prop_assert_eq!(note.to_string(), written);
        }
    }

    #[test]
    fn any_text_signs_and_any_change_breaks_it(text in "[ -~\n]{0,80}", at: prop::sample::Index) {
        let text = format!("{text}\n");
        let note = Note::new(text.clone()).expect("a text").with(log_key().sign(&text));
        let read = Note::parse(note.to_string().as_bytes()).expect("a note");
        prop_assert_eq!(&read, &note);
        prop_assert_eq!(read.verify(&log_key().verifier()), Ok(()));
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        bytes.push(b'\n');
        let altered = Note::new(String::from_utf8(bytes).expect("ASCII")).expect("a text");
        let altered = altered.with(note.signatures()[0].clone());
        prop_assert_eq!(altered.verify(&log_key().verifier()), Err(NoteError::Bad));
    }
}

/// The library takes the one canonical writing and no other: a hash or a signature has one form in bytes.
#[test]
fn base64_has_one_writing() {
    for bytes in [&b""[..], b"a", b"ab", b"abc", b"abcd"] {
        assert_eq!(Base64::decode_vec(&Base64::encode_string(bytes)).as_deref(), Ok(bytes));
    }
    for bad in [
        "YQ", "YQ=", "YQ===", "YQ==YQ==", "YQ==YWJj", "YWI=YQ==", "=", "====", "YWJj====", "YR==", "YWI=\n", "YW I=",
        "Y", "Y===", "_w==",
    ] {
        assert!(Base64::decode_vec(bad).is_err(), "{bad:?}");
    }
    for bad in ["0", "0G", "AB", "0 ", "0x00"] {
        assert!(base16ct::lower::decode_vec(bad).is_err(), "{bad:?}");
    }
}
