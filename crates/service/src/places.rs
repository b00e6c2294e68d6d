//! Who may stay connected. Each connection has a place that knows what moved, how long the client let us wait and how
//! much memory is held for it; when places or memory run out, the slowest connection is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::{RATE_MIN, SILENCE_S};

/// A client that lets us wait longer than this is dropped before any that moves.
const STALL: Duration = Duration::from_secs(2);
/// How often a newcomer looks again for somebody who can go.
const FULL: Duration = Duration::from_millis(100);
/// What is still to come where no length is known: a request's head, a client that has not begun.
const HEAD: u64 = 512;
const SILENCE: Duration = Duration::from_secs(SILENCE_S);

tokio::task_local! {
    /// The place of the connection whose request is answered; none where a test calls the router itself.
    pub(crate) static PLACE: Arc<Place>;
}

/// All places of one listener.
pub(crate) struct Places {
    limit: usize,
    /// By number. Guards itself.
    live: Mutex<Live>,
    /// Told when one is free.
    free: Notify,
}

#[derive(Default)]
struct Live {
    next: u64,
    places: HashMap<u64, Arc<Place>>,
}

impl Places {
    /// At most `limit` at once.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            live: Mutex::default(),
            free: Notify::new(),
        })
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; when there is none, the slowest connection is dropped for it.
    pub async fn enter(self: &Arc<Self>) -> Entry {
        loop {
            if let Some(entry) = self.try_enter() {
                return entry;
            }
            self.drop_slowest(|_| true);
            let _ = tokio::time::timeout(FULL, self.free.notified()).await;
        }
    }

    fn try_enter(self: &Arc<Self>) -> Option<Entry> {
        let mut live = self.live();
        if live.places.len() >= self.limit {
            return None;
        }
        let number = live.next;
        live.next += 1;
        let place = Arc::new(Place {
            places: Arc::clone(self),
            state: Mutex::new(State::new(Instant::now())),
            leave: Notify::new(),
        });
        live.places.insert(number, Arc::clone(&place));
        Some(Entry { number, place })
    }

    /// Tells the slowest of those that `may` go to go; whether there was one.
    pub fn drop_slowest(&self, may: impl Fn(&Place) -> bool) -> bool {
        let slowest = self.slowest(may);
        if let Some(place) = &slowest {
            place.leave();
        }
        slowest.is_some()
    }

    /// The slowest of those that `may` go and that do not wait for us.
    pub fn slowest(&self, may: impl Fn(&Place) -> bool) -> Option<Arc<Place>> {
        let now = Instant::now();
        let live = self.live();
        let slow = live
            .places
            .values()
            .filter(|place| may(place))
            .filter_map(|place| Some((place.state().slowness(now)?, place)));
        slow.max_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
            .map(|(_, place)| Arc::clone(place))
    }
}

/// Gives the place back when dropped.
pub(crate) struct Entry {
    number: u64,
    /// What is known of the connection.
    pub place: Arc<Place>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.place.places.live().places.remove(&self.number);
        self.place.places.free.notify_one();
    }
}

/// What is known of one connection.
pub(crate) struct Place {
    places: Arc<Places>,
    /// Guards itself.
    state: Mutex<State>,
    leave: Notify,
}

struct State {
    /// Bytes that moved of this message.
    moved: u64,
    /// How many there will be, if that is known.
    expected: Option<u64>,
    /// How long the client let us wait in this message.
    waited: Duration,
    /// How much longer it may.
    patience: Duration,
    /// Whether patience ended once.
    is_too_slow: bool,
    turn: Turn,
    /// When something last happened.
    last: Instant,
    /// Bytes of memory held for it.
    held: usize,
    is_leaving: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The client's, since then.
    Theirs(Instant),
    Ours,
    /// Nobody's: its next bytes wait for memory.
    Short,
}

/// How long it has been stalled, then for how many seconds it will still take.
type Slowness = (Duration, f64);

impl State {
    fn new(now: Instant) -> Self {
        Self {
            moved: 0,
            expected: None,
            waited: Duration::ZERO,
            patience: SILENCE,
            is_too_slow: false,
            turn: Turn::Theirs(now),
            last: now,
            held: 0,
            is_leaving: false,
        }
    }

    fn settle(&mut self, now: Instant) {
        if let Turn::Theirs(since) = &mut self.turn {
            let waited = now.saturating_duration_since(*since);
            self.waited += waited;
            self.patience = self.patience.saturating_sub(waited);
            self.is_too_slow |= self.patience.is_zero();
            *since = now;
        }
    }

    fn begin(&mut self, expected: Option<u64>, now: Instant) {
        (self.moved, self.waited, self.patience) = (0, Duration::ZERO, SILENCE);
        self.is_too_slow = false;
        self.expected = expected;
        self.last = now;
        self.turn = Turn::Theirs(now);
    }

    fn pass(&mut self, turn: Turn, now: Instant) {
        self.settle(now);
        let (was, is) = (matches!(self.turn, Turn::Theirs(_)), matches!(turn, Turn::Theirs(_)));
        if was != is {
            self.last = now;
        }
        self.turn = turn;
    }

    fn moved(&mut self, bytes: usize, now: Instant) {
        self.settle(now);
        self.moved += bytes as u64;
        self.last = now;
        let earned = Duration::from_millis((bytes as u64).saturating_mul(1_000) / RATE_MIN);
        self.patience = self.patience.saturating_add(earned).min(SILENCE);
    }

    fn slowness(&self, now: Instant) -> Option<Slowness> {
        let since = match self.turn {
            _ if self.is_leaving => return None,
            Turn::Ours => return None,
            Turn::Theirs(since) => now.saturating_duration_since(since),
            Turn::Short => Duration::ZERO,
        };
        let silence = match self.turn {
            Turn::Theirs(_) => now.saturating_duration_since(self.last),
            _ => Duration::ZERO,
        };
        let stalled = if silence > STALL { silence } else { Duration::ZERO };
        let rest = self
            .expected
            .map_or(HEAD, |expected| expected.saturating_sub(self.moved));
        let waited = (self.waited + since).as_secs_f64();
        Some((stalled, rest.max(HEAD) as f64 * waited / self.moved.max(1) as f64))
    }
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message begins, by the client or to it; `expected` bytes long, if that is known.
    pub fn begin(&self, expected: Option<u64>) {
        self.state().begin(expected, Instant::now());
    }

    /// We work; the client need do nothing.
    pub fn our_turn(&self) {
        self.state().pass(Turn::Ours, Instant::now());
    }

    /// We wait for the client.
    pub fn their_turn(&self) {
        let now = Instant::now();
        self.state().pass(Turn::Theirs(now), now);
    }

    /// Its bytes wait for memory: it may be the one that goes.
    pub fn is_short(&self) {
        self.state().pass(Turn::Short, Instant::now());
    }

    /// Bytes came or went.
    pub fn moved(&self, bytes: usize) {
        if bytes > 0 {
            self.state().moved(bytes, Instant::now());
        }
    }

    /// Whether it fell below the lowest rate.
    pub fn is_too_slow(&self) -> bool {
        let mut state = self.state();
        state.settle(Instant::now());
        matches!(state.turn, Turn::Theirs(_)) && state.is_too_slow
    }

    /// Notes that more memory is held for it, or less.
    pub fn hold(&self, more: usize, less: usize) {
        let mut state = self.state();
        state.held = (state.held + more).saturating_sub(less);
    }

    /// Whether memory is held for it.
    pub fn holds(&self) -> bool {
        self.state().held > 0
    }

    /// The places that it is one of.
    pub fn places(&self) -> &Arc<Places> {
        &self.places
    }

    /// Is to be dropped.
    pub fn leave(&self) {
        self.state().is_leaving = true;
        self.leave.notify_one();
    }

    /// Waits until it is to be dropped.
    pub async fn told_to_leave(&self) {
        self.leave.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    fn is_told(entry: &Entry) -> bool {
        entry.place.state().is_leaving
    }

    #[tokio::test(start_paused = true)]
    async fn when_full_the_silent_go_then_whoever_will_take_longest() {
        let places = Places::new(4);
        let [silent, slow, quick, ours] = [(); 4].map(|()| places.try_enter().expect("room"));
        for body in [&slow, &quick] {
            body.place.begin(Some(100_000));
        }
        ours.place.our_turn();
        for _ in 0..5 {
            pass(1).await;
            slow.place.moved(100);
            quick.place.moved(2_000);
        }
        assert!(places.try_enter().is_none());
        for told in [&silent, &slow, &quick] {
            assert!(!is_told(told) && places.drop_slowest(|_| true) && is_told(told));
        }
        assert!(
            !places.drop_slowest(|_| true) && !is_told(&ours),
            "nobody goes who waits for us"
        );
        drop(silent);
        assert!(places.try_enter().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_does_not_drop_whoever_came_just_before() {
        let places = Places::new(2);
        let drip = places.try_enter().expect("room");
        for _ in 0..10 {
            pass(1).await;
            drip.place.moved(1);
        }
        let honest = places.try_enter().expect("room");
        assert!(places.drop_slowest(|_| true) && is_told(&drip) && !is_told(&honest));
    }

    #[tokio::test(start_paused = true)]
    async fn below_the_lowest_rate_patience_ends_and_none_is_saved_up() {
        let places = Places::new(3);
        let [steady, burst, waiting] = [(); 3].map(|()| places.try_enter().expect("room"));
        burst.place.moved(1 << 20);
        waiting.place.our_turn();
        for _ in 0..SILENCE_S {
            pass(1).await;
            steady.place.moved(RATE_MIN as usize);
        }
        assert!(burst.place.is_too_slow(), "what came before buys no longer silence");
        assert!(!steady.place.is_too_slow() && !waiting.place.is_too_slow());
        for _ in 0..2 * SILENCE_S {
            pass(1).await;
            steady.place.moved(RATE_MIN as usize / 4);
        }
        assert!(steady.place.is_too_slow());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_place_gets_the_slowest_ones() {
        let places = Places::new(1);
        let first = places.enter().await;
        let leaving = tokio::spawn(async move {
            first.place.told_to_leave().await;
            drop(first);
        });
        let second = places.enter().await;
        assert!(leaving.await.is_ok() && !is_told(&second));
    }
}
