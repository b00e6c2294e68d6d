//! The cases of `councils.json`: what is changed, who signs, and which rule refuses it.

use protocol::statement::{Council, CouncilMember};

use crate::support::{keys, member, policy_text, x};

/// The six seats of the founding council.
const ALL: [u16; 6] = [1, 2, 3, 4, 5, 6];

/// What becomes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    Count,
    Refuse(&'static str),
}

/// A payload by its changes, and the seeds of those who sign it.
pub struct Case {
    pub why: &'static str,
    pub rules: Rules,
    pub changes: Vec<(String, String)>,
    pub signers: Vec<u16>,
}

impl Case {
    pub fn counts(why: &'static str) -> Self {
        Self {
            why,
            rules: Rules::Count,
            changes: Vec::new(),
            signers: ALL.to_vec(),
        }
    }

    pub fn refused(why: &'static str, rule: &'static str) -> Self {
        Self {
            rules: Rules::Refuse(rule),
            ..Self::counts(why)
        }
    }

    pub fn change(mut self, (from, to): (impl Into<String>, impl Into<String>)) -> Self {
        self.changes.push((from.into(), to.into()));
        self
    }

    pub fn signed(mut self, seeds: &[u16]) -> Self {
        self.signers = seeds.to_vec();
        self
    }
}

const THRESHOLDS: &str = "thresholds of a council";
const NUMBERS: &str = "numbers of a council's members";
const KEYS: &str = "every member of a council has its own key";
const TEXTS: &str = "texts of a council have 1 to 200 bytes, none of a control or bidirectional character";
const ORDER: &str = "concentrated says whether one controller holds t_account seats";
const TIMES: &str = "waiting times of a council";
const EPOCH: &str = "epoch 1 has no previous, every other epoch has one";
const SIGNERS: &str = "t_identity seats of the previous council sign";
const CHAIN: &str = "the chain";
const REUSED: &str = "a number stays with its institution";

fn text(member: &CouncilMember) -> String {
    serde_json::to_string(member).unwrap()
}

fn key(seed: u16) -> String {
    keys(seed).public().to_string()
}

fn recipient(seed: u16) -> String {
    keys(seed).identity().recipient().to_string()
}

/// Everything that one council alone decides.
pub fn alone(council: &Council, founding: &str) -> Vec<Case> {
    let mut cases = thresholds();
    cases.extend(members(council));
    cases.extend(controllers());
    cases.extend(epochs_and_times());
    cases.extend(policies());
    cases.extend(forms(founding));
    cases.extend(later_parties());
    cases
}

fn thresholds() -> Vec<Case> {
    let set = |case: Case, account: u8, identity: u8| {
        case.change((
            r#""account":3,"identity":4"#,
            format!(r#""account":{account},"identity":{identity}"#),
        ))
    };
    vec![
        Case::counts("as it is"),
        set(Case::counts("the least thresholds"), 2, 2),
        set(Case::counts("the greatest thresholds of six seats"), 5, 5),
        set(Case::refused("account below 2", THRESHOLDS), 1, 4),
        set(Case::refused("account above identity", THRESHOLDS), 4, 3),
        set(
            Case::refused("identity leaves no seat to lose: 6 of 6", THRESHOLDS),
            3,
            6,
        ),
    ]
}

fn members(council: &Council) -> Vec<Case> {
    let place = |number: u16| format!(r#"{{"x":{number},"institution":"institution {number}""#);
    let moved = |number: u16, to: u16| {
        let new = format!(r#"{{"x":{to},"institution":"institution {number}""#);
        (place(number), new)
    };
    let end = || r#"],"account":3"#;
    let crowd = |last: u16| {
        let readers: Vec<String> = (101..=last).map(|number| text(&member(number))).collect();
        (end(), format!(",{}{}", readers.join(","), end()))
    };
    let mirror = |number: u16, seed: u16| {
        let mirror = format!(r#"{{"x":{number},"institution":"mirror","key":"{}"}}"#, key(seed));
        (r#""mirrors":[]"#, format!(r#""mirrors":[{mirror}]"#))
    };
    assert_eq!(council.seats.len() + council.readers.len(), 8);
    vec![
        Case::counts("a number is passed over").change(moved(6, 9)),
        Case::counts("a mirror").change(mirror(21, 21)),
        Case::counts("24 members with recipients").change(crowd(116)),
        Case::refused("25 members with recipients", "at most 24 members of a council").change(crowd(117)),
        Case::refused("seats that do not ascend", NUMBERS)
            .change(moved(1, 2))
            .change((
                r#"{"x":2,"institution":"institution 2""#,
                r#"{"x":1,"institution":"institution 2""#,
            )),
        Case::refused("readers that do not ascend", NUMBERS)
            .change(moved(11, 12))
            .change((
                r#"{"x":12,"institution":"institution 12""#,
                r#"{"x":11,"institution":"institution 12""#,
            )),
        Case::refused("two seats with one number", NUMBERS).change(moved(2, 1)),
        Case::refused("a reader with the number of a seat", NUMBERS).change(moved(11, 6)),
        Case::refused("a mirror with the number of a reader", NUMBERS).change(mirror(12, 21)),
        Case::refused("two seats with one key", KEYS)
            .change((key(6), key(5)))
            .signed(&[1, 2, 3, 4, 5]),
        Case::refused("a reader with the key of a seat", KEYS).change((key(11), key(1))),
        Case::refused("a mirror with the key of a seat", KEYS).change(mirror(21, 1)),
        Case::refused("the operator with the key of a seat", KEYS).change((key(90), key(3))),
        Case::refused("two seats with one recipient", KEYS).change((recipient(6), recipient(5))),
        Case::refused("a reader with the recipient of a seat", KEYS).change((recipient(12), recipient(1))),
    ]
}

fn controllers() -> Vec<Case> {
    let under_one = |number: u16| {
        let from = format!(r#""institution":"institution {number}","controller":"controller {number}""#);
        (
            from,
            format!(r#""institution":"institution {number}","controller":"controller 1""#),
        )
    };
    let said = (r#""concentrated":false"#, r#""concentrated":true"#);
    let named = |to: &str| (r#""institution":"institution 1""#, format!(r#""institution":"{to}""#));
    vec![
        Case::counts("two seats under one controller").change(under_one(2)),
        Case::counts("three seats, t_account, under one controller, which it says")
            .change(under_one(2))
            .change(under_one(3))
            .change(said),
        Case::counts("two seats and a reader under one controller: readers do not count")
            .change(under_one(2))
            .change(under_one(11)),
        Case::refused(
            "three seats, t_account, under one controller, which it does not say",
            ORDER,
        )
        .change(under_one(2))
        .change(under_one(3)),
        Case::refused("it says what is not so", ORDER).change(said),
        Case::refused("it says what is not so: two seats under one controller", ORDER)
            .change(under_one(2))
            .change(said),
        Case::counts("a name of 200 bytes in 100 letters").change(named(&"é".repeat(100))),
        Case::refused("a name of 202 bytes in 101 letters", TEXTS).change(named(&"é".repeat(101))),
        Case::refused("an institution without a name", TEXTS).change(named("")),
        Case::refused("a name that is shown reversed", TEXTS).change(named("a\u{202e}b")),
        Case::refused("a name of two lines", TEXTS).change(named("a\\nb")),
        Case::refused("a name with an escape", TEXTS).change(named("a\\u001b[2K")),
        Case::refused("a seat without a controller", TEXTS)
            .change((r#""controller":"controller 1""#, r#""controller":"""#)),
        Case::refused("a seat without a jurisdiction", TEXTS).change((
            r#""controller":"controller 1","jurisdiction":"mx""#,
            r#""controller":"controller 1","jurisdiction":"""#,
        )),
        Case::refused("an operator without a name", TEXTS)
            .change((r#""institution":"operator""#, r#""institution":"""#)),
    ]
}

fn epochs_and_times() -> Vec<Case> {
    let begin = r#""epoch":1,"previous":null"#;
    let before = format!(r#""epoch":1,"previous":"{}""#, "ab".repeat(32));
    let second = format!(r#""epoch":2,"previous":"{}""#, "ab".repeat(32));
    let wait = |objection_s: u32, urgent_s: u32| {
        (
            r#""objection_s":259200,"urgent_s":7200"#,
            format!(r#""objection_s":{objection_s},"urgent_s":{urgent_s}"#),
        )
    };
    vec![
        Case::refused("epoch 0", EPOCH).change((begin, r#""epoch":0,"previous":null"#)),
        Case::refused("epoch 1 with a previous council", EPOCH).change((begin, before)),
        Case::refused("epoch 2 without a previous council", EPOCH).change((begin, r#""epoch":2,"previous":null"#)),
        Case::refused("epoch 2 in the place of epoch 1", "the root's council").change((begin, second)),
        Case::counts("longer waiting times").change(wait(345_600, 10_800)),
        Case::refused("objection time below 72 h where there is no demo", TIMES).change(wait(259_199, 7_200)),
        Case::refused("urgent objection time below 2 h where there is no demo", TIMES).change(wait(259_200, 7_199)),
        Case::refused("of another log", "the log's name")
            .change((r#""origin":"log.example""#, r#""origin":"other.example""#)),
        Case::refused("a seat has not signed", "signatures").signed(&[1, 2, 3, 4, 5]),
        Case::refused("the operator has signed in the place of a seat", "signatures").signed(&[1, 2, 3, 4, 5, 90]),
        Case::counts("a signature of a reader besides").signed(&[1, 2, 3, 4, 5, 6, 11]),
    ]
}

fn policies() -> Vec<Case> {
    let escaped = |text: &str| serde_json::to_string(text).unwrap();
    let quorum = policy_text().lines().last().unwrap().to_owned();
    assert!(quorum.starts_with("quorum "));
    let policy = |to: &str| (escaped(&policy_text()), escaped(to));
    let other_log = {
        use tlog::note::{KeyKind, SigningNoteKey};
        let key = SigningNoteKey::from_seed("log.example", KeyKind::Ed25519, &[1; 32]).unwrap();
        let rest: Vec<String> = policy_text().lines().skip(1).map(|line| format!("{line}\n")).collect();
        format!("log {}\n{}", key.verifier(), rest.concat())
    };
    vec![
        Case::refused("a policy without a quorum of cosigners", "the policy")
            .change(policy(&policy_text().replace(&quorum, "quorum none"))),
        Case::refused("a policy that names another key for the log", "the policy").change(policy(&other_log)),
        Case::refused("a policy with two quorums", "the policy")
            .change(policy(&format!("{}{quorum}\n", policy_text()))),
        Case::refused("an empty policy", "the policy").change(policy("")),
    ]
}

fn forms(founding: &str) -> Vec<Case> {
    let day = founding.rsplit_once(r#""keys_until":""#).unwrap().1[..10].to_owned();
    let until = format!(r#"{}","keys_until":"{day}""#, key(1));
    let other_day = |day: &str| format!(r#"{}","keys_until":"{day}""#, key(1));
    let at = r#"{"x":1,"institution":"institution 1""#;
    let seat = |to: &str| (at, to.to_owned());
    vec![
        Case::counts("the keys of one seat end sooner").change((until.clone(), other_day("2027-03-01"))),
        Case::refused("a day that no calendar has", "form").change((until.clone(), other_day("2027-02-30"))),
        Case::refused("a day as a time", "form").change((until, other_day("2027-11-11T00:00:00Z"))),
        Case::refused("number 0", "form").change(seat(r#"{"x":0,"institution":"institution 1""#)),
        Case::refused("number 65,536", "form").change((
            r#"{"x":6,"institution":"institution 6""#,
            r#"{"x":65536,"institution":"institution 6""#,
        )),
        Case::refused("a field more: a personal name", "form")
            .change(seat(r#"{"x":1,"name":"Ana","institution":"institution 1""#)),
        Case::refused("a field that is null is left out", "form").change((r#""previous":null,"#, "")),
    ]
}

/// Fields that stage A writes null are read as they are (§22.1).
fn later_parties() -> Vec<Case> {
    let party = |number: u16| {
        format!(
            r#"{{"x":{number},"institution":"party {number}","recipient":"{}","key":"{}"}}"#,
            recipient(number),
            key(number)
        )
    };
    let bench = |k: u16, seats: &str| (r#""bench":null"#, format!(r#""bench":{{"k":{k},"seats":{seats}}}"#));
    let nodes = |t: u16| {
        (
            r#""nodes":null"#,
            format!(r#""nodes":{{"t":{t},"list":[{}]}}"#, party(33)),
        )
    };
    vec![
        Case::counts("bench, matcher, counsel and key nodes of later stages")
            .change(bench(2, "[1,3,5]"))
            .change((r#""matcher":null"#, format!(r#""matcher":{}"#, party(31))))
            .change((r#""counsel":null"#, format!(r#""counsel":{}"#, party(32))))
            .change(nodes(1)),
        Case::refused("a bench of one seat of which two must sign", THRESHOLDS).change(bench(2, "[1]")),
        Case::refused("a bench with a reader on it", NUMBERS).change(bench(2, "[1,3,11]")),
        Case::refused("key nodes with a threshold of 0", THRESHOLDS).change(nodes(0)),
    ]
}

/// Epoch 2 after the founding council.
pub fn after_another(council: &Council) -> Vec<Case> {
    let mut cases = successions(council);
    let by_four = |why, rule| Case::refused(why, rule).signed(&[1, 2, 3, 4]);
    let third = r#"{"x":3,"institution":"institution 3""#;
    let taken = {
        let mut seat = member(7);
        seat.x = x(12);
        let old = format!(
            r#"],"readers":[{},{}]"#,
            text(&council.readers[0]),
            text(&council.readers[1])
        );
        (
            old,
            format!(r#",{}],"readers":[{}]"#, text(&seat), text(&council.readers[0])),
        )
    };
    let previous = format!(r#""previous":"{}""#, crate::support::beginning()[0].digest().to_hex());
    let link = format!(r#""epoch":2,{previous}"#);
    cases.extend([
        by_four("epoch 3 follows on epoch 1", CHAIN).change((r#""epoch":2"#, r#""epoch":3"#)),
        by_four("previous is another council", CHAIN)
            .change((previous.clone(), format!(r#""previous":"{}""#, "ab".repeat(32)))),
        by_four("previous is null", EPOCH).change((previous, r#""previous":null"#)),
        by_four("a second one of epoch 1", "the first of an epoch counts")
            .change((link, r#""epoch":1,"previous":null"#)),
        by_four("seat 3 is of another institution", REUSED)
            .change((third, r#"{"x":3,"institution":"another institution""#)),
        by_four("a newcomer takes the number of a reader that left", REUSED)
            .change(taken)
            .signed(&[1, 2, 3, 4, 7]),
    ]);
    cases
}

/// Seat 6, the last, is no more.
pub fn leaves(council: &Council) -> (String, String) {
    (format!(",{}", text(&council.seats[5])), String::new())
}

/// Who must sign.
fn successions(council: &Council) -> Vec<Case> {
    let newcomer = || (r#"],"readers":["#, format!(r#",{}],"readers":["#, text(&member(7))));
    let raised = || {
        let reader = text(&council.readers[0]);
        (
            format!(r#"],"readers":[{reader},"#),
            format!(r#",{reader}],"readers":["#),
        )
    };
    let new_keys = |case: Case| (1..=4).fold(case, |case, seat| case.change((key(seat), key(40 + seat))));
    let few = |why: &'static str, seeds: &[u16]| Case::refused(why, SIGNERS).signed(seeds);
    vec![
        Case::counts("t_identity seats of the previous council sign").signed(&[1, 2, 3, 4]),
        Case::counts("a newcomer signs too")
            .change(newcomer())
            .signed(&[1, 2, 3, 4, 7]),
        Case::counts("a seat that leaves signs for the previous council")
            .change(leaves(council))
            .signed(&[1, 2, 3, 6]),
        Case::counts("a reader that becomes a seat is a newcomer, and signs")
            .change(raised())
            .signed(&[1, 2, 3, 4, 11]),
        new_keys(Case::counts("seats with new keys sign with their old ones")).signed(&[1, 2, 3, 4]),
        few("three seats of the previous council sign", &[1, 2, 3]),
        few("three seats and a reader sign", &[1, 2, 3, 11]),
        few("three seats and the operator sign", &[1, 2, 3, 90]),
        few("one seat signs four times", &[1, 1, 1, 1]),
        new_keys(few("seats sign with their new keys only", &[41, 42, 43, 44])),
        few("a newcomer signs in the place of a seat", &[1, 2, 3, 7]).change(newcomer()),
        Case::refused("a newcomer has not signed", "signatures").change(newcomer()),
        Case::refused("a reader that becomes a seat has not signed", "signatures").change(raised()),
    ]
}
