//! Policies and cosignatures: which checkpoints are trusted, and as of when (docs/protocol.md §3).

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use tlog::note::{KeyKind, NoteSignature};
use tlog::policy::Policy;
use tlog::{Checkpoint, Hash, Note, SigningNoteKey, cosign};

use super::super::{Keys, ORIGIN, TIME};

/// Seeds of the three cosigners of the policy.
const SEEDS: [u8; 3] = [0x31, 0x32, 0x33];

struct Cosigners {
    log: SigningNoteKey,
    /// `a`, `b`, `c` of the policy.
    known: Vec<SigningNoteKey>,
    unknown: SigningNoteKey,
}

impl Cosigners {
    fn new() -> Self {
        let key = |name: &str, byte| {
            SigningNoteKey::from_seed(name, KeyKind::CosignatureV1, &[byte; 32]).expect("a key name")
        };
        Self {
            log: Keys::new().log,
            known: ["a", "b", "c"]
                .iter()
                .zip(SEEDS)
                .map(|(name, byte)| key(&format!("cosigner.example/{name}"), byte))
                .collect(),
            unknown: key("cosigner.example/d", 0x34),
        }
    }

    fn vkey(&self, which: usize) -> String {
        self.known[which].verifier().to_string()
    }

    /// The log, three cosigners, and these lines.
    fn policy(&self, rest: &str) -> String {
        let [a, b, c] = [0, 1, 2].map(|which| self.vkey(which));
        format!(
            "log {}\nwitness a {a}\nwitness b {b}\nwitness c {c}\n{rest}",
            self.log.verifier()
        )
    }

    /// Signed by the log, and cosigned by these at these times after TIME.
    fn note(&self, text: &str, by: &[(usize, u64)]) -> Note {
        let note = Note::new(text.to_owned()).expect("a text").with(self.log.sign(text));
        by.iter().fold(note, |note, (which, after)| {
            note.with(cosign::cosign(&self.known[*which], text, TIME + after))
        })
    }
}

fn text(extensions: &[&str]) -> String {
    Checkpoint {
        origin: ORIGIN.into(),
        size: 300,
        root: Hash([0x5a; 32]),
        extensions: extensions.iter().map(|line| (*line).to_owned()).collect(),
    }
    .to_text()
}

/// A line whose last signature byte is another.
fn spoiled(line: &NoteSignature) -> NoteSignature {
    let mut signature = line.signature.clone();
    *signature.last_mut().expect("a signature") ^= 1;
    NoteSignature {
        signature,
        ..line.clone()
    }
}

/// A checkpoint under the policy 2 of 3: `time` is what it is trusted as of, after TIME; none: refused.
struct Case<'a>(&'a str, Note, Option<u64>);

pub fn vectors() -> Value {
    let keys = Cosigners::new();
    let policy = keys.policy("group two 2 a b c\nquorum two\n");
    let parsed = Policy::parse(&policy).expect("a policy");
    let mut cases = times(&keys);
    cases.extend(beside(&keys));
    cases.extend(extensions(&keys));
    let cases: Vec<Value> = cases
        .into_iter()
        .map(|Case(why, note, time)| {
            let note = note.to_string();
            let trusted = Note::parse(note.as_bytes())
                .ok()
                .and_then(|note| parsed.check(&note, ORIGIN).ok());
            let time = time.map(|after| TIME + after);
            assert_eq!(trusted.map(|trusted| trusted.time()), time, "{why}");
            json!({ "why": why, "checkpoint": note, "time": time })
        })
        .collect();
    json!({
        "about": [
            "Checkpoints under a policy of 2 of 3 cosigners. `time` is the checkpoint time: the greatest T such that",
            "cosignatures with a time of at least T satisfy the policy; null: the checkpoint is refused.",
            "Ed25519 seeds of the cosigners a, b, c: 32 bytes 31, 32, 33. The root stands for no tree.",
        ],
        "policy": policy,
        "checkpoints": cases,
        "policies": policies(&keys),
        "refused_policies": refused_policies(&keys),
    })
}

fn times(keys: &Cosigners) -> Vec<Case<'static>> {
    let text = text(&[]);
    let note = |by: &[(usize, u64)]| keys.note(&text, by);
    vec![
        Case(
            "three times: the second greatest",
            note(&[(0, 10), (1, 30), (2, 20)]),
            Some(20),
        ),
        Case("two times: the lesser", note(&[(0, 10), (2, 30)]), Some(10)),
        Case("equal times", note(&[(0, 10), (1, 10), (2, 10)]), Some(10)),
        Case("one cosignature", note(&[(1, 10)]), None),
        Case("none", note(&[]), None),
        Case(
            "one cosigner twice, and another: of the first the greatest time counts",
            note(&[(0, 10), (0, 40), (1, 20)]),
            Some(20),
        ),
        Case(
            "the same, the later one first",
            note(&[(0, 40), (0, 10), (1, 50)]),
            Some(40),
        ),
        Case("one cosigner twice only", note(&[(0, 10), (0, 40)]), None),
    ]
}

/// What stands beside two good cosignatures.
fn beside(keys: &Cosigners) -> Vec<Case<'static>> {
    let text = text(&[]);
    let good = keys.note(&text, &[(0, 10), (1, 20)]);
    let third = cosign::cosign(&keys.known[2], &text, TIME + 30);
    let other = cosign::cosign(&keys.known[2], &text.replacen("300", "299", 1), TIME + 30);
    let unknown = cosign::cosign(&keys.unknown, &text, TIME + 30);
    let mut later = third.clone();
    later.signature[7] ^= 1;
    let mut beyond = third.clone();
    beyond.signature[0] = 0x80;
    let mut short = third.clone();
    short.signature.truncate(40);
    let renamed = NoteSignature {
        name: "cosigner.example/e".to_owned(),
        ..spoiled(&third)
    };
    let log = good.signatures()[0].clone();
    let log_last = good.signatures()[1..]
        .iter()
        .chain([&log])
        .fold(Note::new(text.clone()).expect("a text"), |note, line| {
            note.with(line.clone())
        });
    let without_log = good.signatures()[1..]
        .iter()
        .fold(Note::new(text).expect("a text"), |note, line| note.with(line.clone()));
    let with = |line: NoteSignature| good.clone().with(line);
    vec![
        Case(
            "a third that does not verify: refused as a whole",
            with(spoiled(&third)),
            None,
        ),
        Case("a third whose time was changed", with(later), None),
        Case("a third with a time of 2^63 or more", with(beyond), None),
        Case("a third that is cut short", with(short), None),
        Case("a third over another text", with(other), None),
        Case(
            "a second line of the first cosigner, which does not verify",
            with(spoiled(&good.signatures()[1])),
            None,
        ),
        Case(
            "a cosignature by a key that is not in the policy: passed over",
            with(unknown.clone()),
            Some(10),
        ),
        Case(
            "one by such a key that does not verify: passed over",
            with(spoiled(&unknown)),
            Some(10),
        ),
        Case(
            "a line with a known key id under another name: passed over",
            with(renamed),
            Some(10),
        ),
        Case("the log's line twice", with(log.clone()), Some(10)),
        Case("the log's line twice, once spoiled", with(spoiled(&log)), None),
        Case("the log's line last", log_last, Some(10)),
        Case("no line by the log", without_log, None),
    ]
}

fn extensions(keys: &Cosigners) -> Vec<Case<'static>> {
    let by = [(0, 10), (1, 20)];
    let plain = keys.note(&text(&[]), &by);
    let extended = text(&["an extension line", "another — with any text"]);
    let unsigned = plain
        .signatures()
        .iter()
        .fold(Note::new(extended.clone()).expect("a text"), |note, line| {
            note.with(line.clone())
        });
    vec![
        Case(
            "extension lines after the root, which everybody signed",
            keys.note(&extended, &by),
            Some(10),
        ),
        Case("extension lines that nobody signed", unsigned, None),
        Case(
            "an empty line among the extension lines",
            keys.note(&text(&["one", "", "two"]), &by),
            None,
        ),
        Case(
            "a size with a leading zero, signed",
            keys.note(&text(&[]).replacen("300", "0300", 1), &by),
            None,
        ),
        Case(
            "a root of 31 bytes, signed",
            keys.note(&format!("{ORIGIN}\n300\n{}\n", Base64::encode_string(&[0x5a; 31])), &by),
            None,
        ),
        Case(
            "another origin, signed",
            keys.note(&text(&[]).replacen(ORIGIN, "demo.example/gol", 1), &by),
            None,
        ),
        Case("no root, signed", keys.note(&format!("{ORIGIN}\n300\n"), &by), None),
    ]
}

/// Policies of other forms, for the checkpoint that all three cosigned at TIME + 10, + 30 and + 20.
fn policies(keys: &Cosigners) -> Value {
    let note = keys.note(&text(&[]), &[(0, 10), (1, 30), (2, 20)]);
    let urls = keys
        .policy("group two 2 a b c\nquorum two\n")
        .replacen("\nwitness a", " https://log.example/\nwitness a", 1)
        .replacen("\nwitness b", " https://a.example/\n\n# a note\n \t\nwitness\tb", 1);
    let cases: [(&str, String, Option<u64>); 9] = [
        ("any", keys.policy("group g any a b c\nquorum g\n"), Some(30)),
        ("all", keys.policy("group g all a b c\nquorum g\n"), Some(10)),
        ("a single cosigner", keys.policy("quorum c\n"), Some(20)),
        (
            "a group within a group",
            keys.policy("group g all a b\ngroup h any g c\nquorum h\n"),
            Some(20),
        ),
        (
            "a group that the quorum does not use",
            keys.policy("group g all a b\nquorum c\n"),
            Some(20),
        ),
        ("URLs, tabs, empty lines and a comment", urls, Some(20)),
        (
            "another log beside this one",
            format!(
                "log {}\n{}",
                Keys::new_log("other.example/log", 0x12).verifier(),
                keys.policy("quorum a\n")
            ),
            Some(10),
        ),
        (
            "another key for this log",
            keys.policy("quorum a\n").replacen(
                &keys.log.verifier().to_string(),
                &Keys::new_log(ORIGIN, 0x12).verifier().to_string(),
                1,
            ),
            None,
        ),
        ("no cosigner: there is no time", keys.policy("quorum none\n"), None),
    ];
    cases
        .into_iter()
        .map(|(why, text, time)| {
            let policy = Policy::parse(&text).expect("a policy");
            let trusted = policy.check(&note, ORIGIN).ok().filter(|_| !policy.is_quorum_none());
            let time = time.map(|after| TIME + after);
            assert_eq!(trusted.map(|trusted| trusted.time()), time, "{why}");
            json!({ "why": why, "policy": text, "checkpoint": note.to_string(), "time": time })
        })
        .collect()
}

fn refused_policies(keys: &Cosigners) -> Value {
    let policy = keys.policy("quorum a\n");
    let (name, rest) = policy.split_once('+').expect("a verifier key");
    let digit = if rest.starts_with('0') { "1" } else { "0" };
    let spoiled_id = format!("{name}+{digit}{}", &rest[1..]);
    let cases = [
        ("no quorum", keys.policy("")),
        ("two quorums", keys.policy("quorum a\nquorum b\n")),
        ("a quorum that is not defined", keys.policy("quorum d\n")),
        ("a group of 0", keys.policy("group g 0 a b\nquorum g\n")),
        (
            "a group of more than its members",
            keys.policy("group g 3 a b\nquorum g\n"),
        ),
        (
            "a number with a leading zero",
            keys.policy("group g 02 a b\nquorum g\n"),
        ),
        ("a group without members", keys.policy("group g any\nquorum g\n")),
        ("a member twice", keys.policy("group g 2 a a\nquorum g\n")),
        (
            "a member of two groups",
            keys.policy("group g any a b\ngroup h any a c\nquorum g\n"),
        ),
        (
            "a member defined later",
            keys.policy("group g any h a\ngroup h any b c\nquorum g\n"),
        ),
        ("a name twice", keys.policy("group a any b c\nquorum a\n")),
        ("a group named none", keys.policy("group none any a b\nquorum none\n")),
        (
            "one key under two names",
            keys.policy(&format!("witness d {}\nquorum d\n", keys.vkey(0))),
        ),
        ("an unknown keyword", keys.policy("weight a 2\nquorum a\n")),
        ("the last line without its newline", keys.policy("quorum a")),
        ("a carriage return", keys.policy("quorum a\r\n")),
        ("a key id that does not fit its key", spoiled_id),
        (
            "a log key as a witness",
            keys.policy(&format!("witness d {}\nquorum d\n", Keys::new().log.verifier())),
        ),
    ];
    cases
        .into_iter()
        .map(|(why, text)| {
            assert!(Policy::parse(&text).is_err(), "{why}");
            json!({ "why": why, "policy": text })
        })
        .collect()
}
