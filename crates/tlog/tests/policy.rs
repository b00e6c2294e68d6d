//! Policies: syntax, groups, and the time of a checkpoint.

use crate::common;
use crate::keys;

use common::Log;
use keys::{ORIGIN, checkpoint, cosigned, log_key, witness_key};
use proptest::prelude::*;
use tlog::note::KeyKind;
use tlog::policy::Untrusted;
use tlog::{Checkpoint, Note, Policy, SigningNoteKey};

fn log_line() -> String {
    format!("log {}\n", log_key().verifier())
}

fn witness_line(name: &str, n: u8) -> String {
    format!("witness {name} {}\n", witness_key(n).verifier())
}

/// The example of the specification, with keys.
fn example() -> String {
    let mut text = log_line();
    for (group, from) in [("X", 1), ("Y", 4)] {
        (0..3).for_each(|i| text += &witness_line(&format!("{group}{}", i + 1), from + i));
    }
    text + "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n\
            group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

fn note() -> Note {
    checkpoint(3, Log::of(3).root())
}

fn time(policy: &str, by: &[(u8, u64)]) -> Result<u64, Untrusted> {
    Policy::parse(policy)
        .expect("a policy")
        .check(&cosigned(note(), by), ORIGIN)
        .map(|trusted| trusted.time())
}

#[test]
fn the_example_wants_two_of_one_house_and_one_of_the_other() {
    let policy = example();
    for (by, expected) in [
        (&[(1, 10), (2, 20), (4, 30)][..], Ok(10)),
        (&[(1, 10), (2, 20), (3, 15), (4, 30)], Ok(15)),
        (&[(1, 10), (2, 20), (3, 30), (4, 5), (5, 12)], Ok(12)),
        (&[(1, 10), (2, 20)], Err(Untrusted::Quorum)),
        (&[(1, 10), (4, 20), (5, 20), (6, 20)], Err(Untrusted::Quorum)),
        (&[(1, 10), (1, 11), (4, 20)], Err(Untrusted::Quorum)),
        (&[], Err(Untrusted::Quorum)),
        (&[(7, 10), (8, 10), (9, 10)], Err(Untrusted::Quorum)),
    ] {
        assert_eq!(time(&policy, by), expected, "{by:?}");
    }
    let parsed = Policy::parse(&policy).expect("a policy");
    assert_eq!(parsed.logs(), [(log_key().verifier(), None)]);
    assert_eq!(parsed.witnesses().len(), 6);
    assert!(!parsed.is_quorum_none());
}

#[test]
fn a_single_witness_or_none_can_be_the_quorum() {
    let single = log_line() + &witness_line("w", 1) + "quorum w\n";
    assert_eq!(time(&single, &[(1, 10)]), Ok(10));
    assert_eq!(time(&single, &[(2, 10)]), Err(Untrusted::Quorum));
    let none = log_line() + &witness_line("w", 1) + "quorum none\n";
    assert!(Policy::parse(&none).expect("a policy").is_quorum_none());
    assert_eq!(
        time(&none, &[]),
        Ok(0),
        "without a quorum there is no time, and 0 is always too old"
    );
    assert_eq!(time(&none, &[(1, 10)]), Ok(0));
}

#[test]
fn spaces_comments_urls_and_foreign_letters_are_read() {
    let (log, witness) = (log_key().verifier(), witness_key(1).verifier());
    let text = format!(
        "\n# comment é\n \t # indented \u{a0}\nlog\t{log}  https://example.com/ \n\twitness  ñandú\u{a0}K {witness}\thttps://w.example/\n\
         group Ω 1 ñandú\u{a0}K\t\nquorum Ω\n   \n"
    );
    let policy = Policy::parse(&text).expect("a policy");
    assert_eq!(policy.logs(), [(log, Some("https://example.com/".to_owned()))]);
    assert_eq!(policy.witnesses(), [(witness, Some("https://w.example/".to_owned()))]);
}

#[test]
fn lines_against_the_rules_are_refused_by_their_number() {
    let (w1, w2, log) = (witness_line("a", 1), witness_line("b", 2), log_line());
    let same_key_other_name = SigningNoteKey::from_seed("elsewhere", KeyKind::CosignatureV1, &[101; 32])
        .expect("a name")
        .verifier();
    let wrong_kind = SigningNoteKey::from_seed("elsewhere", KeyKind::Ed25519, &[101; 32])
        .expect("a name")
        .verifier();
    for (line, text) in [
        (1, String::new()),
        (1, log.clone()),
        (2, format!("{w1}quorum a")),
        (2, format!("{w1}quorum c\n")),
        (1, format!("quorum a\n{w1}")),
        (3, format!("{w1}quorum a\nquorum a\n")),
        (3, format!("{w1}quorum none\nquorum a\n")),
        (2, format!("{w1}witness a {}\nquorum a\n", witness_key(2).verifier())),
        (2, format!("{w1}witness b {same_key_other_name}\nquorum a\n")),
        (1, format!("witness none {same_key_other_name}\nquorum none\n")),
        (1, format!("witness a {wrong_kind}\nquorum a\n")),
        (1, format!("log {same_key_other_name}\nquorum none\n")),
        (2, format!("{log}{log}quorum none\n")),
        (3, format!("{w1}{w2}group g 0 a b\nquorum g\n")),
        (3, format!("{w1}{w2}group g 3 a b\nquorum g\n")),
        (3, format!("{w1}{w2}group g 02 a b\nquorum g\n")),
        (3, format!("{w1}{w2}group g some a b\nquorum g\n")),
        (3, format!("{w1}{w2}group g any\nquorum g\n")),
        (3, format!("{w1}{w2}group g any a a\nquorum g\n")),
        (3, format!("{w1}{w2}group a any b\nquorum a\n")),
        (3, format!("{w1}{w2}group g any g\nquorum g\n")),
        (3, format!("{w1}{w2}group g any none\nquorum g\n")),
        (3, format!("{w1}{w2}group none any a\nquorum none\n")),
        (4, format!("{w1}{w2}group g any a\ngroup h any a b\nquorum h\n")),
        (3, format!("{w1}{w2}group g any c\n{}quorum g\n", witness_line("c", 3))),
        (2, format!("{w1}quorum\n")),
        (2, format!("{w1}quorum a b\n")),
        (2, format!("{w1}quorum a # a comment is a line of its own\n")),
        (1, "witness a\n".to_owned()),
        (1, "log not-a-key\n".to_owned()),
        (1, "Quorum none\n".to_owned()),
        (1, "quorum none\r\n".to_owned()),
        (2, format!("{w1}# \u{7f}\nquorum a\n")),
        (1, format!("#{}\nquorum none\n", "x".repeat(64 * 1024))),
    ] {
        assert_eq!(Policy::parse(&text).map_err(|e| e.line), Err(line), "{text:?}");
    }
}

#[test]
fn thirty_two_of_everything_are_read() {
    let mut text = String::new();
    for n in 0..32_u8 {
        let key = SigningNoteKey::from_seed(&format!("log{n}"), KeyKind::Ed25519, &[n; 32]).expect("a name");
        text += &format!("log {}\n", key.verifier());
        text += &witness_line(&format!("w{n}"), n);
    }
    (0..32).for_each(|n| text += &format!("group g{n} any w{n}\n"));
    text += &format!(
        "group all all {}\nquorum all\n",
        (0..32).map(|n| format!("g{n} ")).collect::<String>()
    );
    assert_eq!(Policy::parse(&text).expect("a policy").witnesses().len(), 32);
}

#[test]
fn only_the_logs_own_checkpoint_is_trusted() {
    let policy = Policy::parse(&(log_line() + &witness_line("w", 1) + "quorum w\n")).expect("a policy");
    let good = cosigned(note(), &[(1, 10)]);
    let trusted = policy.check(&good, ORIGIN).expect("trusted");
    assert_eq!(
        trusted.checkpoint(),
        &Checkpoint::parse(good.text()).expect("a checkpoint")
    );
    assert_eq!(policy.check(&good, "example.com/other"), Err(Untrusted::Origin));
    let no_checkpoint = Note::new("example.com/log\n3\n".to_owned()).expect("a text");
    assert_eq!(policy.check(&no_checkpoint, ORIGIN), Err(Untrusted::Form));
    let unsigned = cosigned(Note::new(good.text().to_owned()).expect("a text"), &[(1, 10)]);
    assert_eq!(policy.check(&unsigned, ORIGIN), Err(Untrusted::Log));
    let other = |text: &str| Note::parse(good.to_string().replace(text, "example.com/log\n4").as_bytes());
    let altered = other("example.com/log\n3").expect("a note");
    assert_eq!(policy.check(&altered, ORIGIN), Err(Untrusted::Log));
    let mut bad = good.signatures()[1].clone();
    bad.signature[20] ^= 1;
    assert_eq!(
        policy.check(&good.clone().with(bad), ORIGIN),
        Err(Untrusted::Cosignature)
    );
    // A key that the policy lists for another log does not speak for this one.
    let elsewhere = SigningNoteKey::from_seed("example.com/other", KeyKind::Ed25519, &[2; 32]).expect("a name");
    let policy = format!("log {}\n{}quorum w\n", elsewhere.verifier(), witness_line("w", 1));
    let note = good.clone().with(elsewhere.sign(good.text()));
    assert_eq!(
        Policy::parse(&policy).expect("a policy").check(&note, ORIGIN),
        Err(Untrusted::Log)
    );
    let without_logs = Policy::parse(&(witness_line("w", 1) + "quorum w\n")).expect("a policy");
    assert_eq!(without_logs.check(&good, ORIGIN), Err(Untrusted::Log));
}

#[test]
fn k_of_n_text_reads_back() {
    let log = log_key().verifier();
    let witnesses: Vec<_> = (1..=4)
        .map(|n| (witness_key(n).verifier(), Some(format!("https://w{n}.example/"))))
        .collect();
    let text = Policy::to_text_k_of_n(&log, Some("https://example.com/log/"), &witnesses, 3);
    let policy = Policy::parse(&text).expect("a policy");
    assert_eq!(
        policy.logs(),
        [(log.clone(), Some("https://example.com/log/".to_owned()))]
    );
    assert_eq!(policy.witnesses(), witnesses);
    assert_eq!(time(&text, &[(1, 10), (2, 20), (3, 30), (4, 40)]), Ok(20));
    assert_eq!(time(&text, &[(1, 10), (2, 20)]), Err(Untrusted::Quorum));
    let none = Policy::parse(&Policy::to_text_k_of_n(&log, None, &[], 0)).expect("a policy");
    assert!(none.is_quorum_none() && none.logs() == [(log, None)]);
}

/// Times of up to six witnesses, none where it did not sign.
fn times() -> impl Strategy<Value = Vec<Option<u64>>> {
    prop::collection::vec(prop::option::of(1..50_u64), 6)
}

fn signers(times: &[Option<u64>]) -> Vec<(u8, u64)> {
    (1..).zip(times).filter_map(|(n, time)| Some((n, (*time)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The definition itself: T is the greatest such that the cosignatures from T on satisfy the policy.
    #[test]
    fn the_time_is_the_greatest_that_still_satisfies(times in times()) {
        let policy = example();
        let from = |t: u64| signers(&times).into_iter().filter(|(_, time)| *time >= t).collect::<Vec<_>>();
        match time(&policy, &signers(&times)) {
            Ok(t) => {
                prop_assert!(time(&policy, &from(t)).is_ok());
                prop_assert_eq!(time(&policy, &from(t + 1)), Err(Untrusted::Quorum));
            }
            Err(refusal) => prop_assert_eq!(refusal, Untrusted::Quorum),
        }
    }

    #[test]
    fn later_or_further_cosignatures_never_make_it_older(times in times(), more in times()) {
        let policy = example();
        let later: Vec<_> = times.iter().zip(&more).map(|(a, b)| *a.max(b)).collect();
        if let Ok(before) = time(&policy, &signers(&times)) {
            prop_assert!(time(&policy, &signers(&later)).is_ok_and(|after| after >= before));
        }
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in "((log|witness|group|quorum|none|all|any|[a-c#\t ]|[0-3]|\n) ?){0,20}") {
        let _ = Policy::parse(&text);
    }
}
