//! Whatever mix of filings and acts comes, whoever files it, also while cosigners are away: every promise is kept, N
//! stays within the budget, and who files little is in the log within two steps. The real room and the real ledger on a
//! clock of the test's own.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use ledger::{Entry, Ledger, Options, Submission};
use proptest::prelude::*;
use protocol::{Digest, MemberNumber};

use super::{Capacity, Rate, filings};
use crate::random;

const STEP_S: u64 = 600;
/// A promise is kept when the entry is in the checkpoint of so many steps later; one more comes too late.
const PROMISE_STEPS: u64 = 143;
/// Five seats and a reader.
const MEMBERS: u64 = 6;
/// The member that files one act at a time, whatever the others do.
const QUIET: u16 = 1;

#[derive(Clone, Debug)]
enum Op {
    /// So many filings at once, `soon` or drawn.
    File(u8, bool),
    /// So many acts of a member at once, with or without twin.
    Act(u16, u8, bool),
    /// One act of the quiet member.
    Quiet,
    /// A step.
    Step,
    /// Cosigners are away for so many steps.
    Away(u8),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => (1..80_u8, any::<bool>()).prop_map(|(count, soon)| Op::File(count, soon)),
        3 => (2..=MEMBERS as u16, 1..60_u8, any::<bool>()).prop_map(|(x, count, twin)| Op::Act(x, count, twin)),
        2 => Just(Op::Quiet),
        5 => Just(Op::Step),
        1 => (1..12_u8).prop_map(Op::Away),
    ];
    prop::collection::vec(op, 1..60)
}

struct Sim {
    ledger: Ledger,
    capacity: Capacity,
    step: u64,
    /// N in force, N stated for the steps after the next one.
    n: u64,
    stated: Option<u64>,
    most: u64,
    /// Entry to the step in which it was promised, and the steps within which it must be there.
    promised: HashMap<Vec<u8>, (u64, u64)>,
    number: u64,
    quiet: Option<Vec<u8>>,
    /// Step at which its last act was placed.
    quiet_since: u64,
    refused: u64,
}

impl Sim {
    fn now(&self) -> u64 {
        self.step * STEP_S + STEP_S - 1
    }

    fn rate(&self) -> Rate {
        Rate {
            next: self.n,
            then: self.stated.unwrap_or(self.n),
            step_s: STEP_S,
        }
    }

    /// As `pace::keep_up`, without falls.
    fn keep_up(&mut self) {
        let rate = self.rate();
        let needed = self.capacity.needed(rate, self.now()).min(self.most);
        if needed > rate.then {
            self.stated = Some(needed);
        }
    }

    fn entry(&mut self, step: u64, class: u8, owner: Option<u16>) -> Entry {
        self.number += 1;
        let bytes = self.number.to_be_bytes().to_vec();
        Entry {
            key: Digest::of(&bytes).0,
            bytes,
            step,
            class,
            owner,
        }
    }

    async fn put(&mut self, entries: Vec<Entry>, within: u64) {
        for entry in &entries {
            self.promised.insert(entry.bytes.clone(), (self.step, within));
        }
        let submission = Submission {
            entries,
            ..Submission::default()
        };
        self.ledger.submit(submission).await.unwrap();
    }

    async fn file(&mut self, soon: bool) {
        self.keep_up();
        let entry = Digest(random::bytes());
        let now = self.now();
        let Ok(place) = self.capacity.reserve(self.rate(), now, soon, &entry) else {
            assert_eq!(
                self.rate().then,
                self.most,
                "the intake closed before the budget was used up"
            );
            self.refused += 1;
            return;
        };
        let entry = self.entry(place.step, 0, None);
        self.put(vec![entry], PROMISE_STEPS).await;
        self.capacity.settle(place, now, Some(5));
    }

    async fn act(&mut self, author: u16, has_twin: bool, within: u64) {
        let count = 1 + u64::from(has_twin);
        let (now, x) = (self.now(), MemberNumber::new(author).unwrap());
        let Ok(share) = self.capacity.admit(self.rate(), now, x, count, MEMBERS) else {
            assert_ne!(author, QUIET, "a member was refused for what others have waiting");
            self.refused += 1;
            return;
        };
        let entries: Vec<Entry> = (0..count).map(|_| self.entry(self.step + 1, 1, Some(author))).collect();
        if author == QUIET {
            self.quiet = entries.last().map(|entry| entry.bytes.clone());
        }
        self.put(entries, within).await;
        self.capacity.admitted(share, now, true, author < 6);
        self.keep_up();
    }

    /// A step with a checkpoint, or without.
    fn advance(&mut self, is_away: bool) {
        self.step += 1;
        if !is_away {
            self.extend();
            self.n = self.stated.take().unwrap_or(self.n);
            self.capacity.refresh(&self.ledger, self.rate(), false).unwrap();
            self.keep_up();
        }
        let step = self.step;
        let late = self.promised.values().find(|(at, within)| step >= at + within);
        assert_eq!(late, None, "at step {step} with N {} a promise is broken", self.n);
    }

    fn extend(&mut self) {
        let due = self.ledger.waiting_by_step(0).unwrap().into_iter();
        let due: u64 = due.filter(|(at, _)| *at <= self.step).map(|(_, count)| count).sum();
        let of_filings = due.min(filings(self.n));
        let limits = [of_filings as usize, (self.n - of_filings) as usize];
        let before = self.ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        let mut padding = || (random::bytes(), b"padding".to_vec());
        let mut shuffle = random::permutation;
        let sign = |_, _| b"note".to_vec();
        self.ledger
            .extend(self.step, limits, self.n as usize, &mut padding, &mut shuffle, &sign)
            .unwrap();
        let size = before + self.n;
        self.ledger.publish(self.step, before, size, b"note").unwrap();
        for index in before..size {
            let entry = self.ledger.entry(index).unwrap().unwrap();
            self.promised.remove(&entry);
            if self.quiet.as_ref() == Some(&entry) {
                self.quiet = None;
                self.quiet_since = self.step;
            }
        }
    }
}

/// Gives how many forms were refused.
async fn run(most: u64, ops: Vec<Op>) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().join("store"),
        inline_max: 1_000,
    };
    let mut sim = Sim {
        ledger: Ledger::open(&options).unwrap(),
        capacity: Capacity::default(),
        step: 1_000,
        n: 4,
        stated: None,
        most,
        promised: HashMap::new(),
        number: 0,
        quiet: None,
        quiet_since: 0,
        refused: 0,
    };
    // Beyond twelve hours in all no room is left for cosigners that are away; and they hold up the quiet one too.
    let mut away_steps = 0;
    for op in ops {
        match op {
            Op::File(count, soon) => {
                for _ in 0..count {
                    sim.file(soon).await;
                }
            }
            Op::Act(author, count, has_twin) => {
                for _ in 0..count {
                    sim.act(author, has_twin, PROMISE_STEPS).await;
                }
            }
            Op::Quiet if sim.quiet.is_none() && sim.step > sim.quiet_since + 2 => {
                // Two steps of the budget carry an act with its twin of each member.
                let within = if most >= 2 * MEMBERS { 2 } else { PROMISE_STEPS };
                sim.act(QUIET, true, within).await;
            }
            Op::Quiet => {}
            Op::Step => sim.advance(false),
            Op::Away(steps) => {
                for _ in 0..steps {
                    if sim.quiet.is_some() || away_steps == 60 {
                        sim.advance(false);
                    } else {
                        away_steps += 1;
                        sim.advance(true);
                    }
                }
            }
        }
        assert!(sim.n <= most.max(4), "beyond the budget");
    }
    while !sim.promised.is_empty() {
        sim.advance(false);
    }
    sim.refused
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_promise_breaks_under_any_mix(budget in 0..3_usize, ops in ops()) {
        block_on(run([4, 32, 256][budget], ops));
    }
}

/// Once one of two turns went to others first, while N had not risen yet.
#[test]
fn who_files_little_goes_first_within_a_turn() {
    let mut ops = vec![
        Op::Quiet,
        Op::Act(6, 26, false),
        Op::Step,
        Op::Quiet,
        Op::Away(9),
        Op::Step,
        Op::Quiet,
    ];
    ops.extend([
        Op::Act(6, 33, false),
        Op::File(62, false),
        Op::Quiet,
        Op::Away(2),
        Op::Step,
        Op::Away(6),
    ]);
    ops.extend([
        Op::Act(2, 5, false),
        Op::File(76, false),
        Op::Step,
        Op::Step,
        Op::Quiet,
        Op::File(59, true),
    ]);
    ops.extend([Op::Quiet, Op::Act(6, 1, true), Op::Act(2, 56, true)]);
    block_on(run(32, ops));
}

#[test]
fn a_flood_of_everything_is_refused_in_part_and_what_was_promised_is_kept() {
    let mut ops = vec![Op::Act(6, 255, true), Op::Act(5, 255, true), Op::Act(4, 255, true)];
    for round in 0..6 {
        ops.extend([
            Op::File(80, round % 2 == 0),
            Op::Quiet,
            Op::Step,
            Op::Act(6, 40, false),
            Op::Step,
            Op::Step,
        ]);
    }
    let none_left = block_on(run(4, ops.clone()));
    let some_left = block_on(run(256, ops));
    assert!(none_left > 1_000, "{none_left}");
    assert!(some_left < none_left, "{some_left} and {none_left}");
}
