//! Room for entries that wait (§6.3). A step's filings are at most N/2, so every filing has its step from the beginning,
//! within the next 12 hours, and acts never wait for filings. Members take turns (the ledger's), and none has more
//! waiting than its share of the steps carries within 12 hours. So no promise of 24 hours breaks, whoever files how
//! much; what must rise is the pace, and here it is said how far.
//!
//! Kept in memory, for it is asked at every filing and act; drawn anew from the ledger at every step.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header;
use ledger::Ledger;
use protocol::problem::Problem;
use protocol::{Day, Digest, MemberNumber};
use zeroize::Zeroizing;

use crate::capacity::acks::Acks;
use crate::limits::{DAY_S, HORIZON_S};
use crate::problem::Refusal;
use crate::random;

mod acks;
#[cfg(test)]
mod mix;

/// Under which name the acks to come are kept in the ledger.
pub(crate) const ACKS_VALUE: &str = "acks-to-come";
/// Entries of an act with its twin: what every member may always have waiting.
const ACT_MAX: u64 = 2;
/// Draws before the steps with room are counted one by one.
const DRAWS: u32 = 16;

/// N and the length of a step, as the statements `pace` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Opaque entries of the next step.
    pub next: u64,
    /// Opaque entries of each later step within 12 hours, at least.
    pub then: u64,
    /// Seconds.
    pub step_s: u64,
}

impl Rate {
    /// Steps in 12 hours: 72 at 600 s.
    fn horizon(self) -> u64 {
        (HORIZON_S / self.step_s.max(1)).max(1)
    }

    /// Number of the next step.
    fn next_step(self, now: u64) -> u64 {
        now / self.step_s.max(1) + 1
    }

    /// Filings that fit into 12 hours.
    fn room(self) -> u64 {
        filings(self.next) + (self.horizon() - 1) * filings(self.then)
    }

    /// Entries that one of so many members may have waiting: what its share carries within 12 hours.
    fn share(self, members: u64) -> u64 {
        let half = self.then - filings(self.then);
        (self.horizon() * half / members.max(1)).max(ACT_MAX)
    }
}

/// Filings in a step of N entries at most.
pub(crate) const fn filings(n: u64) -> u64 {
    n / 2
}

/// What waits for its step.
pub(crate) struct Capacity {
    /// Guards all of it; held for microseconds.
    waiting: Mutex<Waiting>,
    /// Draws each form's moment of a step.
    key: Zeroizing<[u8; 32]>,
}

#[derive(Default)]
struct Waiting {
    /// Filings in the ledger by the step that they have.
    filings: BTreeMap<u64, u64>,
    /// Filings that got a step and are not yet durable.
    reserved: BTreeMap<u64, u64>,
    /// Entries in the ledger by member.
    members: BTreeMap<MemberNumber, u64>,
    /// Entries of members that are not yet durable.
    posted: BTreeMap<MemberNumber, u64>,
    acks: Acks,
    peak: Peak,
    rate: Option<Rate>,
}

/// The greatest N that was needed today and on the day before.
#[derive(Default)]
struct Peak {
    day_start: u64,
    today: u64,
    before: Option<u64>,
}

/// A step that a filing will take. Must be settled.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    /// The step at which the entry is placed.
    pub step: u64,
}

/// Entries of a member that were let in. Must be settled.
#[derive(Debug)]
#[must_use]
pub(crate) struct Share {
    author: MemberNumber,
    entries: u64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            key: Zeroizing::new(random::bytes()),
        }
    }
}

impl Capacity {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a step for a filing: the first with room when `soon`, otherwise one drawn uniformly from those of the next
    /// 12 hours that have room.
    ///
    /// When nearly all of the room is taken, `entry` has one moment in each step, which this process draws; before it,
    /// it is refused. So asking faster than others gains nothing: each entry that work was done for has one chance a
    /// step.
    ///
    /// # Errors
    /// `capacity`, with the seconds after which to come again.
    pub fn reserve(&self, rate: Rate, now: u64, soon: bool, entry: &Digest) -> Result<Place, Refusal> {
        let mut waiting = self.lock();
        let next = rate.next_step(now);
        waiting.carry(rate, next);
        let begun_s = now % rate.step_s.max(1);
        let moment_s = self.moment(rate, next, entry);
        if waiting.filings() * 8 > rate.room() * 7 && begun_s < moment_s {
            return Err(full(moment_s - begun_s));
        }
        let step = if soon {
            waiting.first(rate, next)
        } else {
            waiting.draw(rate, next)
        };
        let Some(step) = step else {
            let again_s = rate.step_s - begun_s + self.moment(rate, next + 1, entry);
            return Err(full(again_s));
        };
        *waiting.reserved.entry(step).or_default() += 1;
        waiting.rate = Some(rate);
        Ok(Place { step })
    }

    /// The second of the step before `next` at which a form's turn begins.
    fn moment(&self, rate: Rate, next: u64, entry: &Digest) -> u64 {
        let Digest(drawn) = Digest::of_parts(&[self.key.as_slice(), &entry.0, &next.to_be_bytes()]);
        let head = drawn.first_chunk().map_or(0, |head| u64::from_be_bytes(*head));
        head % rate.step_s.max(1)
    }

    /// A filing with `seats` acks to come is durable, or it was refused.
    pub fn settle(&self, place: Place, now: u64, accepted: Option<u64>) {
        let mut waiting = self.lock();
        take(&mut waiting.reserved, &place.step, 1);
        if let Some(seats) = accepted {
            *waiting.filings.entry(place.step).or_default() += 1;
            waiting.acks.expect(seats, now);
        }
    }

    /// Lets a member's entries in, one of `members` who share the steps.
    ///
    /// # Errors
    /// `capacity`: this member has more waiting than its share carries. Others are not touched.
    pub fn admit(
        &self,
        rate: Rate,
        now: u64,
        author: MemberNumber,
        entries: u64,
        members: u64,
    ) -> Result<Share, Refusal> {
        let mut waiting = self.lock();
        let [waits, posted] =
            [&waiting.members, &waiting.posted].map(|counts| counts.get(&author).copied().unwrap_or(0));
        if waits + posted + entries > rate.share(members) {
            let again_s = rate.step_s - now % rate.step_s.max(1);
            return Err(Refusal::new(
                Problem::Capacity,
                "As many of your acts wait for the log as your share of its steps carries within 12 hours. Nothing was \
                 stored, and nobody else is affected: send the same form again after the next steps.",
            )
            .with_header(header::RETRY_AFTER, again_s));
        }
        *waiting.posted.entry(author).or_default() += entries;
        waiting.rate = Some(rate);
        Ok(Share { author, entries })
    }

    /// The entries are durable, or they were refused. What a seat posts is, as far as a blind operator can tell, an ack
    /// that was to come.
    pub fn admitted(&self, share: Share, now: u64, is_accepted: bool, is_seat: bool) {
        let mut waiting = self.lock();
        take(&mut waiting.posted, &share.author, share.entries);
        if is_accepted {
            *waiting.members.entry(share.author).or_default() += share.entries;
            if is_seat {
                waiting.acks.came(now);
            }
        }
    }

    /// The N that what waits asks for: twice what carries the queue within 12 hours, within the budget `most`; and,
    /// whatever the budget, enough that one act of each member who waits is in the log within two steps, which is less
    /// than 8 for each member.
    pub fn needed(&self, rate: Rate, now: u64, most: u64) -> u64 {
        let mut waiting = self.lock();
        let next = rate.next_step(now);
        waiting.carry(rate, next);
        let needed = waiting.needed(rate, next, now, most);
        waiting.peak.note(needed, now);
        needed
    }

    /// The greatest N that was needed today and on the whole day before; `None` while that is not known.
    pub fn peak(&self) -> Option<u64> {
        let waiting = self.lock();
        Some(waiting.peak.today.max(waiting.peak.before?))
    }

    /// Draws everything anew from the ledger. `is_first` also reads the acks to come. Blocks.
    ///
    /// # Errors
    /// Storage.
    pub fn refresh(&self, ledger: &Ledger, rate: Rate, is_first: bool) -> Result<(), ledger::Error> {
        let filings = ledger.waiting_by_step(0)?.into_iter().collect();
        let members = ledger.waiting_by_owner()?;
        let stored = if is_first { ledger.value(ACKS_VALUE)? } else { None };
        let mut waiting = self.lock();
        waiting.filings = filings;
        waiting.members = members
            .into_iter()
            .filter_map(|(owner, count)| Some((MemberNumber::new(owner)?, count)))
            .collect();
        if let Some(acks) = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            waiting.acks = acks;
        }
        waiting.rate = Some(rate);
        Ok(())
    }

    /// The acks to come, to be kept under [`ACKS_VALUE`]. What a crash loses of it is one step's worth.
    pub fn acks(&self) -> Vec<u8> {
        serde_json::to_vec(&self.lock().acks).unwrap_or_default()
    }

    /// How full the queue of filings is.
    pub fn fill_percent(&self) -> u64 {
        let waiting = self.lock();
        let room = waiting.rate.map_or(1, Rate::room).max(1);
        waiting.filings() * 100 / room
    }

    /// Filings that wait, entries of members that wait, acks to come.
    pub fn counts(&self, now: u64) -> (u64, u64, u64) {
        let mut waiting = self.lock();
        let to_come = waiting.acks.awaited(now);
        (waiting.filings(), waiting.members(), to_come)
    }
}

impl Waiting {
    fn filings(&self) -> u64 {
        self.filings.values().chain(self.reserved.values()).sum()
    }

    fn members(&self) -> u64 {
        self.members.values().chain(self.posted.values()).sum()
    }

    fn at(&self, step: u64) -> u64 {
        let count = |steps: &BTreeMap<u64, u64>| steps.get(&step).copied().unwrap_or(0);
        count(&self.filings) + count(&self.reserved)
    }

    fn has_room(&self, rate: Rate, next: u64, step: u64) -> bool {
        let n = if step == next { rate.next } else { rate.then };
        self.at(step) < filings(n)
    }

    /// Filings whose step has gone by without them take the first places to come.
    fn carry(&mut self, rate: Rate, next: u64) {
        let later = self.filings.split_off(&next);
        let mut overdue: u64 = std::mem::replace(&mut self.filings, later).into_values().sum();
        let mut step = next;
        // Each step has room for two filings at least.
        while overdue > 0 {
            if self.has_room(rate, next, step) {
                *self.filings.entry(step).or_default() += 1;
                overdue -= 1;
            } else {
                step += 1;
            }
        }
    }

    fn first(&self, rate: Rate, next: u64) -> Option<u64> {
        (next..next + rate.horizon()).find(|step| self.has_room(rate, next, *step))
    }

    /// A step of `next..next + horizon` with room, uniform among them.
    fn draw(&self, rate: Rate, next: u64) -> Option<u64> {
        for _ in 0..DRAWS {
            let step = next + random::below(rate.horizon());
            if self.has_room(rate, next, step) {
                return Some(step);
            }
        }
        let steps = next..next + rate.horizon();
        let free: Vec<u64> = steps.filter(|step| self.has_room(rate, next, *step)).collect();
        free.get(random::below(free.len() as u64) as usize).copied()
    }

    fn needed(&mut self, rate: Rate, next: u64, now: u64, most: u64) -> u64 {
        let queue = self.filings().max(self.members() + self.acks.awaited(now));
        // Half of what the filings' or the members' half of 12 hours holds.
        let by_queue = (queue * 4).div_ceil(rate.horizon());
        let mut waits = self.members.clone();
        for (author, count) in &self.posted {
            *waits.entry(*author).or_default() += count;
        }
        let heads: u64 = waits.values().map(|count| *count.min(&ACT_MAX)).sum();
        let left = heads.saturating_sub(rate.next - self.at(next).min(filings(rate.next)));
        by_queue
            .next_power_of_two()
            .min(most)
            .max((left * 2).next_power_of_two())
    }
}

impl Peak {
    fn note(&mut self, needed: u64, now: u64) {
        let day_start = Day::of(now).start();
        if day_start != self.day_start {
            let is_next = day_start == self.day_start + DAY_S;
            *self = Self {
                day_start,
                today: 0,
                // Of the day on which this process began not all is known.
                before: match (is_next, self.before) {
                    (true, Some(_)) => Some(self.today),
                    (true, None) => Some(u64::MAX),
                    (false, _) => None,
                },
            };
        }
        self.today = self.today.max(needed);
    }
}

/// Takes `count` away from what stands under a key.
fn take<K: Ord>(counts: &mut BTreeMap<K, u64>, key: &K, count: u64) {
    if let Some(left) = counts.get_mut(key) {
        *left = left.saturating_sub(count);
        if *left == 0 {
            counts.remove(key);
        }
    }
}

fn full(again_s: u64) -> Refusal {
    Refusal::new(
        Problem::Capacity,
        "There is no room within the next 12 hours. Nothing was lost: keep the words and the files, and send the same \
         form again later.",
    )
    .with_header(header::RETRY_AFTER, again_s.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        next: 4,
        then: 4,
        step_s: 600,
    };
    /// The beginning of a step and of a day.
    const NOW: u64 = 8_640_000;
    /// A moment at which every form has had its turn.
    const LATE: u64 = NOW + 599;

    fn x(number: u16) -> MemberNumber {
        MemberNumber::new(number).expect("a number")
    }

    fn file(capacity: &Capacity, soon: bool, seats: u64) -> Result<u64, Problem> {
        let entry = Digest(random::bytes());
        let place = capacity
            .reserve(RATE, LATE, soon, &entry)
            .map_err(|refusal| refusal.problem)?;
        let step = place.step;
        capacity.settle(place, LATE, Some(seats));
        Ok(step)
    }

    /// A budget that is not used up.
    const MOST: u64 = 256;

    fn act(capacity: &Capacity, author: u16, entries: u64) -> Result<(), Problem> {
        let share = capacity
            .admit(RATE, NOW, x(author), entries, 6)
            .map_err(|refusal| refusal.problem)?;
        capacity.admitted(share, NOW, true, author < 6);
        Ok(())
    }

    #[test]
    fn thirty_six_n_filings_fit_two_a_step_and_the_next_is_refused() {
        let capacity = Capacity::default();
        let mut steps = BTreeMap::<u64, u64>::new();
        for _ in 0..36 * 4 {
            *steps.entry(file(&capacity, false, 0).expect("room")).or_default() += 1;
        }
        assert_eq!(steps.len(), 72);
        assert_eq!(steps.keys().next(), Some(&14_401));
        assert!(steps.values().all(|count| *count == 2), "{steps:?}");
        assert_eq!(file(&capacity, false, 0), Err(Problem::Capacity));
        assert_eq!(file(&capacity, true, 0), Err(Problem::Capacity));
    }

    #[test]
    fn soon_takes_the_first_step_with_room_and_overfills_none() {
        let capacity = Capacity::default();
        let steps: Vec<u64> = (0..5).map(|_| file(&capacity, true, 0).expect("room")).collect();
        assert_eq!(steps, [14_401, 14_401, 14_402, 14_402, 14_403]);
    }

    #[test]
    fn forty_eight_junk_filings_without_acks_do_not_close_the_intake() {
        let capacity = Capacity::default();
        for _ in 0..48 {
            file(&capacity, false, 5).expect("room");
        }
        assert_eq!(capacity.fill_percent(), 33);
        file(&capacity, false, 5).expect("room");
        assert!(capacity.counts(LATE).2 <= 60, "{:?}", capacity.counts(LATE));
        assert_eq!(
            capacity.needed(RATE, LATE, MOST),
            4,
            "junk that nobody acknowledges raises nothing"
        );
    }

    #[test]
    fn when_room_is_short_a_form_has_one_moment_a_step_however_often_it_asks() {
        let capacity = Capacity::default();
        for _ in 0..127 {
            file(&capacity, false, 0).expect("room");
        }
        let (mut at_once, mut later) = (0, 0);
        for _ in 0..16 {
            let entry = Digest(random::bytes());
            let moment = (0..600).find(|second| match capacity.reserve(RATE, NOW + second, true, &entry) {
                Ok(place) => {
                    capacity.settle(place, NOW, None);
                    true
                }
                Err(_) => false,
            });
            let moment = moment.expect("each form has its moment");
            if moment < 300 {
                at_once += 1;
            } else {
                later += 1;
            }
            let again = capacity
                .reserve(RATE, NOW + 599, true, &entry)
                .expect("and may come later");
            capacity.settle(again, NOW, None);
        }
        // Each of sixteen on the same side by chance: one in 30,000.
        assert!(at_once > 0 && later > 0, "{at_once} and {later}");
    }

    #[test]
    fn a_member_is_let_in_up_to_its_share_and_touches_nobody_else() {
        let capacity = Capacity::default();
        for _ in 0..12 {
            act(&capacity, 6, 2).expect("12 h × 2 entries / 6 members = 24");
        }
        assert_eq!(act(&capacity, 6, 1), Err(Problem::Capacity));
        for author in 1..=5 {
            act(&capacity, author, 2).expect("its own share");
        }
        file(&capacity, true, 5).expect("filings have their own half");
    }

    #[test]
    fn the_pace_follows_the_queue_and_one_act_of_each_member() {
        let capacity = Capacity::default();
        assert_eq!(capacity.needed(RATE, NOW, MOST), 1);
        for _ in 0..72 {
            file(&capacity, false, 0).expect("room");
        }
        assert_eq!(capacity.needed(RATE, LATE, MOST), 4, "half full");
        file(&capacity, false, 0).expect("room");
        assert_eq!(capacity.needed(RATE, LATE, MOST), 8, "beyond half");

        let capacity = Capacity::default();
        for author in 1..=5 {
            act(&capacity, author, 1).expect("room");
        }
        assert!(capacity.needed(RATE, NOW, MOST) <= 4, "four now, one at the step after");
        for author in 1..=5 {
            act(&capacity, author, 1).expect("room");
        }
        assert_eq!(
            capacity.needed(RATE, NOW, MOST),
            16,
            "six are left for half of the step after"
        );
        for _ in 0..12 {
            act(&capacity, 6, 1).expect("room");
        }
        assert_eq!(
            capacity.needed(RATE, NOW, MOST),
            16,
            "two of them count, however many wait"
        );
    }

    #[test]
    fn a_refused_form_gives_its_place_back() {
        let capacity = Capacity::default();
        let place = capacity.reserve(RATE, NOW, true, &Digest([1; 32])).expect("room");
        assert_eq!(capacity.counts(NOW).0, 1);
        capacity.settle(place, NOW, None);
        let share = capacity.admit(RATE, NOW, x(1), 2, 6).expect("room");
        assert_eq!(capacity.counts(NOW).1, 2);
        capacity.admitted(share, NOW, false, true);
        assert_eq!(capacity.counts(NOW), (0, 0, 0));
    }

    #[test]
    fn filings_whose_step_went_by_come_first_and_hold_their_room() {
        let capacity = Capacity::default();
        for _ in 0..6 {
            file(&capacity, true, 0).expect("room");
        }
        let entry = Digest([1; 32]);
        // Four steps without a checkpoint: all six are overdue and take the next three.
        let place = capacity.reserve(RATE, LATE + 2_400, true, &entry).expect("room");
        assert_eq!(place.step, 14_405 + 3);
        capacity.settle(place, NOW, None);
    }

    #[test]
    fn the_peak_is_known_after_a_whole_day() {
        let capacity = Capacity::default();
        capacity.needed(RATE, NOW, MOST);
        assert_eq!(capacity.peak(), None);
        capacity.needed(RATE, NOW + DAY_S, MOST);
        assert_ne!(
            capacity.peak(),
            Some(1),
            "the first day may have begun before this process"
        );
        capacity.needed(RATE, NOW + 2 * DAY_S, MOST);
        assert_eq!(capacity.peak(), Some(1));
        for _ in 0..73 {
            file(&capacity, false, 0).expect("room");
        }
        capacity.needed(RATE, NOW + 2 * DAY_S + 1, MOST);
        assert_eq!(capacity.peak(), Some(8));
        capacity.needed(RATE, NOW + 9 * DAY_S, MOST);
        assert_eq!(capacity.peak(), None, "days without a step say nothing");
    }

    #[test]
    fn the_horizon_is_twelve_hours_at_any_length_of_step() {
        assert_eq!(RATE.horizon(), 72);
        assert_eq!(Rate { step_s: 2, ..RATE }.horizon(), 21_600);
    }
}
