//! Whatever mix of filings and acts comes, whoever files it, also while cosigners are away: every promise is kept, N
//! stays within the budget but for one act of each member, and every act of a member who has filed little is in the log
//! within two steps. The real room and the real ledger on a clock of the test's own.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use ledger::sqlite::{self, Options};
use ledger::{Ledger, NewEntry, Submission};
use proptest::prelude::*;
use protocol::{Digest, MemberNumber};

use super::{Capacity, Rate, filings};
use crate::random;

const STEP_S: u64 = 600;
/// A promise is kept when the entry is in the checkpoint of so many steps later; one more comes too late.
const PROMISE_STEPS: u64 = 143;
/// Five seats and a reader.
const MEMBERS: u64 = 6;
/// The greatest N that one act with its twin of each member asks for: half of it carries what the step before left.
const TURNS_MAX: u64 = (4 * MEMBERS - 4).next_power_of_two();
/// A member has filed little when nothing of it waits, and its newest entry has been in the log for so many steps: by then
/// the turns that its last act took have come round.
const IDLE_STEPS: u64 = 4;

#[derive(Clone, Debug)]
enum Op {
    /// So many filings at once, `soon` or drawn.
    File(u8, bool),
    /// So many acts of a member at once, with or without twin.
    Act(u16, u8, bool),
    /// One act with its twin of each of these members (one bit each) that has filed little.
    Quiet(u8),
    /// A step.
    Step,
    /// Cosigners are away for so many steps.
    Away(u8),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => (1..80_u8, any::<bool>()).prop_map(|(count, soon)| Op::File(count, soon)),
        3 => (1..=MEMBERS as u16, 1..60_u8, any::<bool>()).prop_map(|(x, count, twin)| Op::Act(x, count, twin)),
        3 => (1..1_u8 << MEMBERS).prop_map(Op::Quiet),
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
    promised: HashMap<Vec<u8>, Promised>,
    number: u64,
    /// Step in which the newest entry of a member came into the log.
    served: HashMap<u16, u64>,
    refused: u64,
}

/// An entry that is promised and not yet in the log.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Promised {
    /// The step before it was promised.
    at: u64,
    /// It must be in the log so many steps later.
    within: u64,
    owner: Option<u16>,
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

    /// Whether nothing of a member waits, and its last entry has been in the log for a while.
    fn has_filed_little(&self, x: u16) -> bool {
        let waits = self.promised.values().any(|promised| promised.owner == Some(x));
        !waits && self.served.get(&x).is_none_or(|at| self.step > at + IDLE_STEPS)
    }

    /// As `pace::keep_up`, without falls.
    fn keep_up(&mut self) {
        let rate = self.rate();
        let needed = self.capacity.needed(rate, self.now(), self.most);
        if needed > rate.then {
            self.stated = Some(needed);
        }
    }

    fn entry(&mut self, step: u64, class: u8, owner: Option<u16>) -> NewEntry {
        self.number += 1;
        let bytes = self.number.to_be_bytes().to_vec();
        NewEntry {
            key: Digest::of(&bytes).0,
            bytes,
            step,
            class,
            owner,
        }
    }

    async fn put(&mut self, entries: Vec<NewEntry>, within: u64) {
        for entry in &entries {
            let promised = Promised {
                at: self.step,
                within,
                owner: entry.owner,
            };
            self.promised.insert(entry.bytes.clone(), promised);
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
            assert!(
                self.rate().then >= self.most,
                "the intake closed before the budget was used up"
            );
            self.refused += 1;
            return;
        };
        self.keep_up();
        let entry = self.entry(place.step, 0, None);
        self.put(vec![entry], PROMISE_STEPS).await;
        self.capacity.settle(place, now, Some(5));
    }

    async fn act(&mut self, author: u16, has_twin: bool) {
        let is_quiet = self.has_filed_little(author);
        let within = if is_quiet { 2 } else { PROMISE_STEPS };
        let count = 1 + u64::from(has_twin);
        let (now, x) = (self.now(), MemberNumber::new(author).unwrap());
        let Ok(share) = self.capacity.admit(self.rate(), now, x, count, MEMBERS) else {
            assert!(!is_quiet, "a member was refused for what others have waiting");
            self.refused += 1;
            return;
        };
        self.keep_up();
        let entries: Vec<NewEntry> = (0..count).map(|_| self.entry(self.step + 1, 1, Some(author))).collect();
        self.put(entries, within).await;
        self.capacity.admitted(share, now, true, author < 6);
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
        let late = self
            .promised
            .values()
            .find(|promised| step >= promised.at + promised.within);
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
            let owner = self.promised.remove(&entry).and_then(|promised| promised.owner);
            self.served.extend(owner.map(|owner| (owner, self.step)));
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
        ledger: sqlite::open(&options).unwrap(),
        capacity: Capacity::default(),
        step: 1_000,
        n: 4,
        stated: None,
        most,
        promised: HashMap::new(),
        number: 0,
        served: HashMap::new(),
        refused: 0,
    };
    // Beyond twelve hours in all no room is left for cosigners that are away; and they hold up the quiet ones too.
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
                    sim.act(author, has_twin).await;
                }
            }
            Op::Quiet(members) => {
                let members = (1..=MEMBERS as u16).filter(|x| members & 1 << (x - 1) != 0);
                for x in members.filter(|x| sim.has_filed_little(*x)).collect::<Vec<_>>() {
                    sim.act(x, true).await;
                }
            }
            Op::Step => sim.advance(false),
            Op::Away(steps) => {
                for _ in 0..steps {
                    let is_quiet_one = |promised: &Promised| promised.within == 2;
                    if sim.promised.values().any(is_quiet_one) || away_steps == 60 {
                        sim.advance(false);
                    } else {
                        away_steps += 1;
                        sim.advance(true);
                    }
                }
            }
        }
        assert!(sim.n <= most.max(TURNS_MAX), "beyond the budget");
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
        Op::Quiet(1),
        Op::Act(6, 26, false),
        Op::Step,
        Op::Quiet(1),
        Op::Away(9),
        Op::Step,
        Op::Quiet(1),
    ];
    ops.extend([
        Op::Act(6, 33, false),
        Op::File(62, false),
        Op::Quiet(1),
        Op::Away(2),
        Op::Step,
        Op::Away(6),
    ]);
    ops.extend([
        Op::Act(2, 5, false),
        Op::File(76, false),
        Op::Step,
        Op::Step,
        Op::Quiet(1),
        Op::File(59, true),
    ]);
    ops.extend([Op::Quiet(1), Op::Act(6, 1, true), Op::Act(2, 56, true)]);
    block_on(run(32, ops));
}

/// Once a member that filed little, and then much, waited for others that came a step later: its later entries counted
/// against its first. Which entries of a turn are left is drawn, so it is tried often.
#[test]
fn what_a_member_files_later_does_not_delay_its_first_act() {
    for _ in 0..20 {
        let ops = vec![
            Op::Quiet(0b10_0110),
            Op::Step,
            Op::Quiet(0b1_1011),
            Op::Act(6, 32, false),
            Op::Step,
            Op::Step,
        ];
        block_on(run(4, ops));
    }
}

/// N is at its lowest, and filings take places of the next step that were counted on.
#[test]
fn all_who_file_little_with_twins_at_once_are_in_the_log_within_two_steps() {
    let all = Op::Quiet(u8::MAX);
    for most in [4, 8, 256] {
        let at_once = vec![all.clone(), Op::File(2, true), Op::Step, Op::Step];
        block_on(run(most, at_once));
        let beside_a_flood = vec![
            Op::Act(6, 60, true),
            Op::File(60, true),
            all.clone(),
            Op::Step,
            Op::Step,
        ];
        block_on(run(most, beside_a_flood));
    }
}

#[test]
fn a_flood_of_everything_is_refused_in_part_and_what_was_promised_is_kept() {
    let mut ops = vec![Op::Act(6, 255, true), Op::Act(5, 255, true), Op::Act(4, 255, true)];
    for round in 0..6 {
        ops.extend([
            Op::File(80, round % 2 == 0),
            Op::Quiet(1),
            Op::Step,
            Op::Act(6, 40, false),
            Op::Step,
            Op::Step,
        ]);
    }
    let none_left = block_on(run(4, ops.clone()));
    let some_left = block_on(run(256, ops));
    assert!(none_left > 500, "{none_left}");
    assert!(some_left < none_left, "{some_left} and {none_left}");
}
