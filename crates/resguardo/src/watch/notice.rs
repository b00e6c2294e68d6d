//! Whether a notice goes out at a slot, and what was announced. Pure: times and what waits are arguments.

use super::slots::{Seed, Slots};
use client::Waiting;
use protocol::Digest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What still waits is announced again after so many seconds.
pub const AGAIN_S: u64 = 3 * 86_400;
/// No look begins so shortly before a slot that it would still be under way then: how long it takes may tell what came.
const QUIET_S: u64 = 120;

/// Periods in seconds, each with one drawn moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Of looks.
    pub look_s: u64,
    /// Of notices.
    pub notice_s: u64,
    /// Of notices while somebody is in danger.
    pub urgent_s: u64,
}

/// Which notices a slot is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Whatever waits.
    Usual,
    /// Only where somebody is in danger.
    Urgent,
}

/// By which way a notice goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// A program of the member's.
    Hook,
    /// A mail.
    Mail,
}

/// All moments, from one seed.
pub struct Agenda {
    looks: Slots,
    usual: Slots,
    urgent: Slots,
    quiet_s: u64,
}

impl Agenda {
    /// From a seed that was drawn before.
    pub fn new(seed: Seed, periods: Periods) -> Self {
        Self {
            looks: Slots::new(seed, "look", periods.look_s),
            usual: Slots::new(seed, "notice", periods.notice_s),
            urgent: Slots::new(seed, "urgent-notice", periods.urgent_s),
            quiet_s: QUIET_S.min(periods.look_s / 2),
        }
    }

    /// Slots of notices.
    pub fn slots(&self, pace: Pace) -> &Slots {
        match pace {
            Pace::Usual => &self.usual,
            Pace::Urgent => &self.urgent,
        }
    }

    /// When to look next.
    pub fn next_look(&self, after: u64) -> u64 {
        let mut at = self.looks.next(after);
        while self.next_notice(at) - at <= self.quiet_s {
            at = self.looks.next(at);
        }
        at
    }

    /// When the next slot of a notice is.
    pub fn next_notice(&self, after: u64) -> u64 {
        self.usual.next(after).min(self.urgent.next(after))
    }
}

/// What a watch remembers, sealed to its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    /// All slots follow from it.
    pub seed: Seed,
    /// What was announced and still waits, and when it was.
    told: BTreeMap<Digest, u64>,
    /// The period of each pace that was dealt with last.
    dealt_with: BTreeMap<Pace, u64>,
    /// Ways that have not taken the last notice yet.
    pub owed: BTreeSet<Way>,
    /// What happened and is not announced yet, and whether somebody is in danger: a share that was acknowledged, a
    /// delivery that failed its checks.
    happened: BTreeMap<Digest, bool>,
}

impl WatchState {
    /// With a seed that was just drawn.
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Remembers that something happened which is to be announced once.
    pub fn happened(&mut self, name: Digest, is_urgent: bool) {
        self.happened.insert(name, is_urgent);
    }

    /// Deals with the slots that have come by `now`: whether a notice goes out. `waiting`: what waited when somebody looked
    /// last; `None` before the first look, when nothing is dealt with.
    pub fn deal(&mut self, agenda: &Agenda, now: u64, waiting: Option<&[Waiting]>) -> bool {
        let Some(waiting) = waiting else { return false };
        let mut goes_out = false;
        for pace in [Pace::Usual, Pace::Urgent] {
            let due = agenda.slots(pace).due(now, self.dealt_with.get(&pace).copied());
            if let Some(period) = due {
                self.dealt_with.insert(pace, period);
                goes_out |= self.has_news(pace, now, waiting);
            }
        }
        self.told.retain(|name, _| waiting.iter().any(|one| one.name == *name));
        if goes_out {
            // One notice is for everything.
            for one in waiting {
                let is_recent = |at: &u64| at.saturating_add(AGAIN_S) > now;
                if !self.told.get(&one.name).is_some_and(is_recent) {
                    self.told.insert(one.name, now);
                }
            }
            self.happened.clear();
        }
        goes_out
    }

    fn has_news(&self, pace: Pace, now: u64, waiting: &[Waiting]) -> bool {
        let is_told = |one: &Waiting| {
            let at = self.told.get(&one.name);
            at.is_some_and(|at| *at <= now && at.saturating_add(AGAIN_S) > now)
        };
        let is_meant = |is_urgent: bool| pace == Pace::Usual || is_urgent;
        let mut new = waiting.iter().filter(|one| !is_told(one)).map(|one| one.is_urgent);
        new.any(is_meant) || self.happened.values().copied().any(is_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const START: u64 = 20_800 * DAY;
    const PERIODS: Periods = Periods {
        look_s: 900,
        notice_s: DAY / 2,
        urgent_s: 3_600,
    };

    /// Something that arrives, waits, and is done with.
    #[derive(Clone, Copy)]
    struct Stay {
        from: u64,
        until: u64,
        is_urgent: bool,
    }

    fn drawn(number: u64) -> Seed {
        Digest::of(&number.to_be_bytes()).0
    }

    fn stay(from: u64, until: u64, is_urgent: bool) -> Stay {
        Stay { from, until, is_urgent }
    }

    /// When notices go out within `days` from [`START`], for what arrives. It lives through the days as the verb does.
    fn live(seed: Seed, days: u64, arrivals: &[Stay]) -> Vec<u64> {
        let (agenda, mut memory) = (Agenda::new(seed, PERIODS), WatchState::new(seed));
        let look = |now: u64| -> Vec<Waiting> {
            let here = arrivals
                .iter()
                .enumerate()
                .filter(|(_, stay)| stay.from <= now && now < stay.until);
            here.map(|(number, stay)| Waiting {
                name: Digest::of(&number.to_be_bytes()),
                by: None,
                is_overdue: false,
                is_urgent: stay.is_urgent,
            })
            .collect()
        };
        let (mut now, mut sent) = (START, Vec::new());
        let mut seen = look(now);
        while now < START + days * DAY {
            if memory.deal(&agenda, now, Some(&seen)) {
                sent.push(now);
            }
            let (a_look, a_slot) = (agenda.next_look(now), agenda.next_notice(now));
            now = a_look.min(a_slot);
            if a_look < a_slot {
                seen = look(now);
            }
        }
        sent
    }

    /// All slots of the days, known before anything arrives.
    fn slots(seed: Seed, days: u64, pace: Pace) -> BTreeSet<u64> {
        let agenda = Agenda::new(seed, PERIODS);
        let slots = agenda.slots(pace);
        let (mut at, mut all) = (START - 1, BTreeSet::new());
        loop {
            at = slots.next(at);
            if at >= START + days * DAY {
                return all;
            }
            all.insert(at);
        }
    }

    #[test]
    fn whenever_something_arrives_notices_go_out_at_slots_that_were_drawn_before() {
        for number in 0..12 {
            let seed = drawn(number);
            let usual = slots(seed, 3, Pace::Usual);
            let urgent = slots(seed, 3, Pace::Urgent);
            for arrival in (0..3 * DAY).step_by(7_919) {
                let end = START + 9 * DAY;
                let plain = live(seed, 3, &[stay(START + arrival, end, false)]);
                assert!(
                    plain.len() <= 1 && plain.iter().all(|at| usual.contains(at)),
                    "{plain:?}"
                );
                let danger = live(seed, 3, &[stay(START + arrival, end, true)]);
                let is_slot = |at: &u64| urgent.contains(at) || usual.contains(at);
                assert!(danger.len() <= 1 && danger.iter().all(is_slot), "{danger:?}");
                // It is announced by the second slot after it came: one may lie between it and the next look.
                let after: Vec<u64> = usual
                    .iter()
                    .copied()
                    .filter(|at| *at > START + arrival)
                    .take(2)
                    .collect();
                if let [_, second] = after[..] {
                    assert!(plain[0] <= second, "{plain:?} {after:?}");
                }
            }
        }
    }

    #[test]
    fn two_patterns_of_arrivals_in_one_day_part_give_the_same_notices() {
        // All before the first slot's look: the times must be the same to the second, whatever came and when.
        for number in 0..60 {
            let seed = drawn(number);
            let first = *slots(seed, 1, Pace::Usual).iter().next().expect("a slot");
            let Some(by) = (first - START).checked_sub(4 * PERIODS.look_s) else {
                continue;
            };
            let end = START + 9 * DAY;
            let patterns: [&[u64]; 4] = [&[0], &[by], &[by / 2], &[0, by / 3, by / 2, by]];
            let times = patterns.map(|pattern| {
                let arrivals: Vec<Stay> = pattern.iter().map(|from| stay(START + from, end, false)).collect();
                live(seed, 1, &arrivals)
            });
            assert!(times.iter().all(|one| one == &[first]), "{times:?}");
        }
    }

    #[test]
    fn the_time_of_a_notice_has_the_same_distribution_for_early_and_late_arrivals() {
        // Over many seeds: what comes at any time of one day part is announced at a moment of the next that is spread evenly
        // over it, as if nothing had come.
        let mean = |from: u64| {
            let next = START + DAY / 2;
            let times = (0..1_000).map(|number| {
                let sent = live(drawn(number), 1, &[stay(START + from, START + 9 * DAY, false)]);
                let in_next = sent.into_iter().find(|at| *at >= next);
                in_next.map(|at| at - next)
            });
            let times: Vec<u64> = times.flatten().collect();
            times.iter().sum::<u64>() / u64::try_from(times.len()).expect("few")
        };
        let (early, late) = (mean(DAY / 4), mean(DAY / 2 - 2 * PERIODS.look_s));
        // A uniform moment of half a day has the mean 6 h; of 500 draws the standard error is 9 min.
        for seconds in [early, late] {
            assert!(seconds.abs_diff(DAY / 4) < 40 * 60, "{early} {late}");
        }
    }

    #[test]
    fn no_look_is_under_way_at_a_slot() {
        for number in 0..20 {
            let agenda = Agenda::new(drawn(number), PERIODS);
            let mut at = START;
            for _ in 0..500 {
                at = agenda.next_look(at);
                assert!(agenda.next_notice(at) - at > QUIET_S);
            }
        }
    }

    #[test]
    fn what_is_told_of_is_told_again_after_days_and_not_before_and_only_while_it_waits() {
        let (seed, end) = (drawn(3), START + 30 * DAY);
        let sent = live(seed, 10, &[stay(START, end, false)]);
        assert!((3..=4).contains(&sent.len()), "{sent:?}");
        for pair in sent.windows(2) {
            assert!(pair[1] - pair[0] >= AGAIN_S, "{sent:?}");
        }
        let gone = live(seed, 10, &[stay(START, START + DAY, false)]);
        assert!(gone.len() <= 1, "{gone:?}");
        assert_eq!(
            live(seed, 10, &[]),
            Vec::<u64>::new(),
            "nothing waits, nothing goes out"
        );
    }

    #[test]
    fn danger_is_told_of_sooner_and_what_happened_once_is_told_of_once() {
        let soon = |is_urgent| {
            let waits = (0..60).map(|number| {
                let from = START + DAY / 3;
                let sent = live(drawn(number), 3, &[stay(from, START + 9 * DAY, is_urgent)]);
                sent[0] - from
            });
            waits.max().expect("some")
        };
        assert!(soon(true) <= 3 * PERIODS.urgent_s, "{}", soon(true));
        assert!(soon(false) > 4 * PERIODS.urgent_s);

        let (agenda, mut memory) = (Agenda::new(drawn(1), PERIODS), WatchState::new(drawn(1)));
        memory.happened(Digest([1; 32]), false);
        let slots = slots(drawn(1), 2, Pace::Usual);
        let told = slots.iter().filter(|at| memory.deal(&agenda, **at, Some(&[])));
        assert_eq!(told.count(), 1);
    }

    #[test]
    fn a_restart_within_a_day_part_tells_nothing_again_and_before_a_look_nothing_is_dealt_with() {
        let seed = drawn(5);
        let agenda = Agenda::new(seed, PERIODS);
        let slot = *slots(seed, 1, Pace::Usual).iter().next().expect("a slot");
        let one = [Waiting {
            name: Digest([7; 32]),
            by: None,
            is_overdue: false,
            is_urgent: true,
        }];
        let mut memory = WatchState::new(seed);
        assert!(!memory.deal(&agenda, slot, None));
        assert!(memory.deal(&agenda, slot, Some(&one)));
        let kept = serde_json::to_vec(&memory).expect("JSON");
        let mut again: WatchState = serde_json::from_slice(&kept).expect("as it was");
        assert_eq!(again, memory);
        for later in 0..20 {
            assert!(!again.deal(&agenda, slot + later * 600, Some(&one)), "{later}");
        }
    }
}
