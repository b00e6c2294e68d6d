//! `log-steps.json`: a log that begins with its four public statements, and keeps its pace over ten steps (§6.1 to §6.3).

use casework::slots::{Found, SlotIndex, commits_to};
use casework::{Chronology, Fold, InvalidLog};
use protocol::slot::{CaseSalt, Entry};
use protocol::{Digest, Envelope};
use serde_json::{Value, json};
use tlog::note::Note;
use tlog::policy::Policy;
use tlog::tree::Frontier;
use tlog::{Hash, leaf_hash};

use super::tree::{SEEDS, Tree, note};
use super::{beginning, hex, list, public, text, unhex};
use crate::support::{self, ORIGIN, T0};

const STEP_S: u64 = 600;
const N: usize = 4;
const FIRST: u64 = T0 / STEP_S;
/// Seconds after the beginning of a step at which its checkpoint is cosigned.
const LATE_S: i64 = 3;

/// A log with the checkpoint of each step.
#[derive(Clone, Default)]
struct Kept {
    entries: Vec<Vec<u8>>,
    steps: Vec<Value>,
}

impl Kept {
    /// The next step: public entries first, then opaque ones.
    fn step(&mut self, statements: &[Envelope], opaque: usize) {
        self.step_at(LATE_S, statements, opaque);
    }

    /// As [`Self::step`], dated `late_s` seconds after the step's beginning.
    fn step_at(&mut self, late_s: i64, statements: &[Envelope], opaque: usize) {
        for statement in statements {
            self.entries.push(Entry::Public(statement.digest()).to_bytes());
        }
        for _ in 0..opaque {
            self.entries.push(self.opaque());
        }
        let n = FIRST + self.steps.len() as u64;
        let size = self.entries.len() as u64;
        let time = (n * STEP_S).saturating_add_signed(late_s);
        self.keep(n, size, &Tree(&self.entries).note(size, time));
    }

    /// A step while the service is away: the checkpoint that stood before.
    fn missed(&mut self) {
        let mut last = self.steps.last().unwrap().clone();
        let n = FIRST + self.steps.len() as u64;
        (last["n"], last["path"]) = (n.into(), format!("/log/step/{n}").into());
        self.steps.push(last);
    }

    fn keep(&mut self, n: u64, size: u64, note: &Note) {
        self.steps.push(json!({
            "n": n,
            "path": format!("/log/step/{n}"),
            "size": size,
            "checkpoint": note.to_string(),
        }));
    }

    fn opaque(&self) -> Vec<u8> {
        let i = self.entries.len();
        let hash = |what: &str| Digest::of(format!("{what} {i}").as_bytes()).0;
        Entry::Opaque {
            slot: hash("slot"),
            commit: hash("commit"),
        }
        .to_bytes()
    }

    fn json(&self) -> Value {
        json!({ "entries": self.entries.iter().map(hex).collect::<Vec<_>>(), "steps": self.steps })
    }
}

/// Ten steps that are right: the fourth has a public statement, the seventh is missed.
fn good() -> Kept {
    let mut kept = Kept::default();
    kept.step(&support::beginning(), N);
    for step in 1..10 {
        match step {
            3 => kept.step(&[second_greeting()], N),
            6 => kept.missed(),
            9 => kept.step_at(-300, &[], N),
            _ => kept.step(&[], N),
        }
    }
    kept
}

fn second_greeting() -> Envelope {
    support::by_operator(&support::greeting("Este buzón sigue siendo suyo."))
}

/// Step 4 goes wrong in a way of its own; two more follow.
fn wrong(fault: impl FnOnce(&mut Kept)) -> Kept {
    let mut kept = Kept::default();
    kept.step(&support::beginning(), N);
    for _ in 1..4 {
        kept.step(&[], N);
    }
    fault(&mut kept);
    for _ in 5..7 {
        kept.step(&[], N);
    }
    kept
}

pub fn vectors() -> Value {
    let kept = good();
    let tree = Tree(&kept.entries);
    assert_eq!(first_wrong(&kept.json()), None);
    let last = FIRST * STEP_S + 9 * STEP_S + LATE_S as u64;
    let receipts: Vec<Value> = [0, 4, kept.entries.len() as u64 - 1]
        .into_iter()
        .map(|index| {
            let receipt = tree.receipt(index, last);
            let policy = Policy::parse(&support::policy_text()).unwrap();
            receipt
                .verify(receipt.extra.as_ref().unwrap(), &policy, ORIGIN)
                .unwrap();
            json!({ "index": index, "path": format!("/log/proof/{index}"), "receipt": receipt.to_text() })
        })
        .collect();
    json!({
        "about": [
            "A log that begins with its four public statements, and appends exactly N opaque entries at each of its steps",
            "(sections 6.1 to 6.3, 20). Entry i is 0x01 and D of a statement, or 0x00, SHA-256(\"slot i\"), SHA-256(\"commit i\").",
            "`log`: right; its fourth step has a public statement more, its seventh was missed and answers with the sixth.",
            "`wrong`: logs whose step `first_wrong` is the first that breaks the pace, the history or the times; every note",
            "verifies. A step may be dated from 300 s before its beginning to 300 s after its end, and no time goes back; the",
            "last step of `log` is dated 300 s before its beginning.",
            "`entry_forms`: entries alone; `beginnings`: logs that do not begin as they must, at the entry named.",
            "Ed25519 seeds: log 32 x 5b, cosigner 32 x 5c; members of the council 32 x their number, the operator 32 x 5a.",
        ],
        "origin": ORIGIN,
        "policy": support::policy_text(),
        "root": serde_json::to_value(support::root()).unwrap(),
        "seeds": SEEDS.map(|byte| hex([byte; 32])),
        "step_s": STEP_S,
        "opaque_entries_in_a_step": N,
        "public": beginning().into_iter().chain([public(&second_greeting())]).collect::<Vec<_>>(),
        "log": kept.json(),
        "tiles": tree.tiles(),
        "receipts": receipts,
        "wrong": all_wrong(),
        "beginnings": beginnings(),
        "entry_forms": entry_forms(),
        "slots": slots(),
        "depths": super::depths::depths(),
    })
}

fn all_wrong() -> Value {
    let cases = [
        ("three opaque entries", wrong(|kept| kept.step(&[], N - 1))),
        ("five opaque entries", wrong(|kept| kept.step(&[], N + 1))),
        (
            "three opaque entries and a public one",
            wrong(|kept| kept.step(&[second_greeting()], N - 1)),
        ),
        (
            "no entry, and yet a checkpoint of its own",
            wrong(|kept| kept.step(&[], 0)),
        ),
        (
            "a checkpoint smaller than the one before",
            wrong(|kept| {
                let size = kept.entries.len() as u64 - 4;
                let n = FIRST + 4;
                let note = Tree(&kept.entries).note(size, n * STEP_S + LATE_S as u64);
                kept.keep(n, size, &note);
            }),
        ),
        (
            "the size of the one before with another root: a fork",
            wrong(|kept| {
                let size = kept.entries.len() as u64;
                let n = FIRST + 4;
                kept.keep(n, size, &note(size, Hash([7; 32]), n * STEP_S + LATE_S as u64));
            }),
        ),
        (
            "four more entries, but a root that they do not lead to",
            wrong(|kept| {
                let size = kept.entries.len() as u64 + 4;
                let n = FIRST + 4;
                for _ in 0..4 {
                    kept.entries.push(kept.opaque());
                }
                kept.keep(n, size, &note(size, Hash([7; 32]), n * STEP_S + LATE_S as u64));
            }),
        ),
        (
            "dated 301 s after its end",
            wrong(|kept| kept.step_at(STEP_S as i64 + 301, &[], N)),
        ),
        (
            "dated 301 s before its beginning",
            wrong(|kept| kept.step_at(-301, &[], N)),
        ),
        (
            "a time before that of the step before, though each is within 300 s of its step",
            wrong(|kept| {
                let (late, early) = (STEP_S as i64 + 300, 299);
                kept.steps.pop();
                kept.entries.truncate(kept.entries.len() - N);
                kept.step_at(late, &[], N);
                kept.step_at(early, &[], N);
            }),
        ),
        (
            "an entry of 64 bytes",
            wrong(|kept| {
                let mut short = kept.opaque();
                short.pop();
                kept.entries.push(short);
                kept.step(&[], N - 1);
            }),
        ),
        (
            "an entry that begins with 0x02",
            wrong(|kept| {
                let mut third = kept.opaque();
                third[0] = 2;
                kept.entries.push(third);
                kept.step(&[], N - 1);
            }),
        ),
    ];
    cases
        .into_iter()
        .map(|(why, kept)| {
            let mut value = kept.json();
            assert_eq!(first_wrong(&value), Some(FIRST + 4), "{why}");
            (value["why"], value["first_wrong"]) = (why.into(), (FIRST + 4).into());
            value
        })
        .collect()
}

/// A reader of steps, from what is in the file only: the first step that is not as it must be.
fn first_wrong(log: &Value) -> Option<u64> {
    let policy = Policy::parse(&support::policy_text()).unwrap();
    let entries: Vec<Vec<u8>> = list(&log["entries"]).iter().map(unhex).collect();
    let (mut frontier, mut before): (Frontier, Option<&str>) = (Frontier::default(), None);
    let mut times = Chronology::default();
    for step in list(&log["steps"]) {
        let (n, stood) = (step["n"].as_u64(), text(&step["checkpoint"]));
        if before == Some(stood) {
            continue;
        }
        let trusted = policy.check(&Note::parse(stood.as_bytes()).unwrap(), ORIGIN).unwrap();
        let checkpoint = trusted.checkpoint();
        assert_eq!(Some(checkpoint.size), step["size"].as_u64());
        let is_in_time = times.saw_step(n.unwrap(), STEP_S, checkpoint.size, trusted.time());
        if is_in_time.is_err() || checkpoint.size < frontier.size() {
            return n;
        }
        let range = usize::try_from(frontier.size()).unwrap()..usize::try_from(checkpoint.size).unwrap();
        let new = &entries[range];
        let forms: Option<Vec<Entry>> = new.iter().map(|entry| Entry::parse(entry)).collect();
        let opaque = forms.map(|forms| {
            forms
                .iter()
                .filter(|entry| matches!(entry, Entry::Opaque { .. }))
                .count()
        });
        frontier.extend(new.iter().map(|entry| leaf_hash(entry)));
        if opaque != Some(N) || frontier.root() != checkpoint.root {
            return n;
        }
        before = Some(stood);
    }
    None
}

/// Logs that are invalid from their beginning: the first entries, by D; the envelopes apart, for they are long.
fn beginnings() -> Value {
    let [council, pace, drop, greeting] = &support::beginning()[..] else {
        panic!("four statements")
    };
    let deeper = &support::by_operator(&support::drop_to(1));
    let stranger = &support::sign(&support::pace(8), &[1]);
    let cases: [(&str, u64, Vec<&Envelope>); 6] = [
        ("pace before the council", 0, vec![pace, council, drop, greeting]),
        ("no pace", 1, vec![council, drop, greeting]),
        ("drop with b = 1", 2, vec![council, pace, deeper, greeting]),
        ("the council twice", 1, vec![council, council, pace, drop]),
        ("a pace that a seat signed", 1, vec![council, stranger, drop, greeting]),
        ("an opaque entry among them", 3, vec![council, pace, drop]),
    ];
    let logs: Vec<Value> = cases.iter().map(|case| invalid_beginning(case)).collect();
    json!({ "further_envelopes": [public(deeper), public(stranger)], "logs": logs })
}

fn invalid_beginning((why, index, statements): &(&str, u64, Vec<&Envelope>)) -> Value {
    let opaque = Kept::default().opaque();
    let public = statements
        .iter()
        .map(|envelope| Entry::Public(envelope.digest()).to_bytes());
    let entries: Vec<Vec<u8>> = public.chain([opaque]).collect();
    let mut fold = Fold::new(&support::root()).unwrap();
    let shown = |digest: &Digest| {
        let mut envelopes = statements.iter().filter(|envelope| envelope.digest() == *digest);
        envelopes.next().map(|envelope| (*envelope).clone())
    };
    let said = entries.iter().find_map(|entry| fold.push(entry, T0, shown).err());
    assert_eq!(said, Some(InvalidLog::Beginning { index: *index }), "{why}");
    json!({ "why": why, "first_wrong_index": index, "entries": entries.iter().map(hex).collect::<Vec<_>>() })
}

fn entry_forms() -> Value {
    let with = |first: u8, size: usize| {
        let mut bytes = vec![0xa5; size];
        bytes.iter_mut().take(1).for_each(|byte| *byte = first);
        bytes
    };
    let forms = [
        ("opaque, 65 bytes", with(0, 65), true),
        ("public, 33 bytes", with(1, 33), true),
        ("nothing", vec![], false),
        ("opaque, 64 bytes", with(0, 64), false),
        ("opaque, 66 bytes", with(0, 66), false),
        ("opaque, of a public entry's length", with(0, 33), false),
        ("public, 32 bytes", with(1, 32), false),
        ("public, 34 bytes", with(1, 34), false),
        ("public, of an opaque entry's length", with(1, 65), false),
        ("first byte 0x02, 65 bytes", with(2, 65), false),
        ("first byte 0x02, 33 bytes", with(2, 33), false),
        ("first byte 0xff, 65 bytes", with(0xff, 65), false),
    ];
    let one = |(why, bytes, valid): (&str, Vec<u8>, bool)| {
        assert_eq!(Entry::parse(&bytes).is_some(), valid, "{why}");
        json!({ "why": why, "hex": hex(&bytes), "valid": valid })
    };
    forms.into_iter().map(one).collect()
}

/// The entries in the slots of a case, some in one slot, some out of reach.
fn slots() -> Value {
    let salt = CaseSalt::new([0x22; 32]);
    let testimony = Digest([0x33; 32]);
    let slots = [0, 5, 0, 65, 64, 64, 65, 129, 0, 194];
    let entries: Vec<Entry> = (0..)
        .zip(slots)
        .map(|(at, k)| {
            salt.entry(
                k,
                if at == 2 || at == 8 {
                    testimony
                } else {
                    Digest([at; 32])
                },
                None,
            )
        })
        .collect();
    let mut index = SlotIndex::new();
    for (at, entry) in (10..).zip(&entries) {
        index.insert(at, entry, T0);
    }
    let filed = index
        .in_slot(&salt, 0)
        .into_iter()
        .find(|found| commits_to(&salt, found, testimony, None))
        .unwrap();
    let acts = index.acts(&salt, filed.index);
    let indices = |found: &[Found]| found.iter().map(|found| found.index).collect::<Vec<_>>();
    assert_eq!(
        (filed.index, indices(&acts.reachable), indices(&acts.unreachable)),
        (12, vec![14, 15, 16, 17], vec![13])
    );
    json!({
        "about": "The filing is the first entry in slot 0 that commits to the testimony. An entry is reachable when its slot is at most 64 beyond the highest reachable one before it in the log, or beyond 0; several in one slot are acts of their own. What is out of reach when it is included never counts.",
        "case_salt": hex(salt.expose()),
        "testimony": testimony,
        "first_index": 10,
        "slots": slots,
        "entries": entries.iter().map(|entry| hex(entry.to_bytes())).collect::<Vec<_>>(),
        "filing": filed.index,
        "acts": indices(&acts.reachable),
        "unreachable": indices(&acts.unreachable),
    })
}
