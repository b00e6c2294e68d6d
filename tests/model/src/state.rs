//! States and steps.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use stateright::{Model, Property};

use crate::act::{Act, Lists};
use crate::judge::{Summary, Views, begin, judge, read};
use crate::properties::properties;
use crate::world::{Asks, World, time};

/// An act in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Placed {
    /// What.
    pub act: Act,
    /// When it was signed.
    pub made: u8,
    /// When it was included, by the log's time.
    pub at: u8,
    /// When it was included, by right clocks.
    pub real: u8,
    /// Tells statements apart that say the same.
    pub copy: u8,
    /// What a release says that its author saw.
    pub lists: Lists,
    /// Its slot.
    pub k: u32,
    /// Whether nobody could reach it when it was included.
    pub is_far: bool,
    /// The honest seats that are not shown its statement, one bit each.
    pub hidden: u8,
    /// Of an honest release, an honest `erased`, and what honest seats do towards a lapse: the acts that its author was shown
    /// when it signed, one bit each.
    pub saw: u32,
}

/// An honest act that is promised and not yet in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pending {
    /// What.
    pub act: Act,
    /// When it was signed.
    pub made: u8,
    /// As in [`Placed`].
    pub lists: Lists,
    /// As in [`Placed`].
    pub saw: u32,
}

/// The log, and what is on its way into it.
#[derive(Clone)]
pub struct State {
    /// Acts in the order of the log.
    pub log: Vec<Placed>,
    /// Promised acts.
    pub pending: Vec<Pending>,
    /// The present instant of the log.
    pub at: u8,
    /// The present instant by right clocks: before that of the log where operator and cosigners date it ahead.
    pub real: u8,
    honest: u16,
    summary: Arc<Summary>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        (&self.log, &self.pending, self.at, self.real) == (&other.log, &other.pending, other.at, other.real)
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.log, &self.pending, self.at, self.real).hash(hasher);
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "instant {}, of the log {}", self.real, self.at)?;
        for placed in &self.log {
            write!(f, "; {:?} at {} in slot {}", placed.act, placed.at, placed.k)?;
            if placed.hidden > 0 {
                write!(f, " hidden from {:b}", placed.hidden)?;
            }
            if matches!(placed.act, Act::Release(_)) {
                write!(f, " on {:?}", placed.lists)?;
            }
        }
        for pending in &self.pending {
            write!(f, "; {:?} promised", pending.act)?;
        }
        Ok(())
    }
}

impl State {
    /// Seats that keep the rules: 1 and on.
    pub fn honest(&self) -> impl Iterator<Item = u16> + use<> {
        1..=self.honest
    }

    /// Whether a seat keeps the rules.
    pub fn is_honest(&self, seat: u16) -> bool {
        (1..=self.honest).contains(&seat)
    }

    /// An honest seat's bit in [`Placed::hidden`].
    pub fn bit(seat: u16) -> u8 {
        1 << seat
    }

    /// With the honest seat n called `names[n - 1]`.
    fn renamed(&self, names: &[u16]) -> Self {
        let name = |seat: u16| {
            usize::from(seat)
                .checked_sub(1)
                .and_then(|at| names.get(at))
                .copied()
                .unwrap_or(seat)
        };
        let mut state = self.clone();
        for placed in &mut state.log {
            placed.act = placed.act.renamed(name);
            let bits = self.honest().filter(|seat| placed.hidden & Self::bit(*seat) != 0);
            placed.hidden = bits.map(|seat| Self::bit(name(seat))).sum();
        }
        for pending in &mut state.pending {
            pending.act = pending.act.renamed(name);
        }
        state.pending.sort();
        state
    }

    /// What it amounts to.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    fn count(&self, is_one: impl Fn(&Placed) -> bool) -> usize {
        self.log.iter().filter(|placed| is_one(placed)).count()
    }
}

/// Every order of these seats.
fn orders(seats: Vec<u16>) -> Vec<Vec<u16>> {
    if seats.len() < 2 {
        return vec![seats];
    }
    let first = |at: usize| {
        let mut rest = seats.clone();
        let first = rest.remove(at);
        orders(rest).into_iter().map(move |rest| [vec![first], rest].concat())
    };
    (0..seats.len()).flat_map(first).collect()
}

/// A step of somebody's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// An honest seat signs a release; the operator promises it.
    Sign(Act, Lists),
    /// The operator includes a promised release, and hides its statement from these seats.
    Include(Act, u8),
    /// Another honest act is signed and included, and hidden from these seats.
    Honest(Act, u8),
    /// A bought member's act is included; hidden from these seats; beyond reach; a release with lists of its choice.
    Bought(Act, u8, bool, Lists),
    /// The operator shows the statement of an act to everybody.
    Show(usize),
    /// The next instant; the log's time goes with it, unless it is there already.
    Pass,
    /// Operator and a quorum of cosigners date the log at its next instant, and forge `Date` to match.
    Forge,
}

/// How far everything is tried.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The instants at which anybody acts, ascending (see [`crate::INSTANTS`]).
    pub instants: &'static [u8],
    /// Acts in the log, `opened` not counted.
    pub acts: usize,
    /// Acts whose statement is hidden from somebody at first.
    pub hidden: usize,
    /// Acts of bought members.
    pub bought: usize,
    /// Acts beyond reach.
    pub far: usize,
    /// Honest acts that are promised at once.
    pub pending: usize,
    /// Objections of honest parties.
    pub objections: usize,
    /// By how many instants the log may be dated ahead.
    pub forged: usize,
    /// Statements of hers, objections not counted: answers where she is asked, signs of life where it may lapse, withdrawals
    /// elsewhere.
    pub hers: usize,
    /// What seats have done before anything is tried, and at which instants.
    pub begun: &'static [(Act, u8)],
}

/// A rule that honest seats do not keep: what the model must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Release on the oldest consent, taken back or not.
    TakenBack,
    /// Release and name no consent.
    NoConsent,
    /// Destroy without the 30 days.
    ErasedEarly,
    /// Release what is destroyed.
    ReleasedErased,
    /// Look for her at once.
    InquiredEarly,
    /// Decide on a lapse without the 30 days.
    DecidedEarly,
    /// Release on any decision on a lapse, however few.
    FewDecided,
    /// Release on a lapse although she has spoken since.
    SpokenSince,
    /// Release what it has refused.
    NotGranted,
    /// Release on the grants of another compartment.
    OtherGrants,
}

/// The rules of a case, with honest seats 1 to `honest` and bought ones beyond.
pub struct Rules {
    /// Council and case.
    pub world: World,
    /// How many seats keep the rules; the others and the reader do not.
    pub honest: u16,
    /// How far everything is tried.
    pub bound: Bound,
    /// Which rule honest seats break.
    pub broken: Option<Broken>,
    /// Every order of the honest seats.
    renamings: Vec<Vec<u16>>,
    /// Summaries of states that were reached before. Guards itself.
    known: Mutex<HashMap<State, Arc<Summary>>>,
    /// The newest logs that were read. Guards itself.
    views: Mutex<HashMap<Vec<Placed>, Arc<Views>>>,
}

/// Most logs that are kept.
const VIEWS_MAX: usize = 4_096;

impl Rules {
    /// A council of `seats`, of which so many open the account and, where it is asked for too, the identity, and `honest` keep
    /// the rules.
    pub fn new(seats: u16, thresholds: (u8, Option<u8>), honest: u16, asks: Asks, bound: Bound) -> Self {
        Self {
            world: World::new(seats, thresholds, asks),
            honest,
            bound,
            broken: None,
            renamings: orders((1..=honest).collect()),
            known: Mutex::default(),
            views: Mutex::default(),
        }
    }

    fn views(&self, log: &[Placed]) -> Arc<Views> {
        if let Some(known) = self.views.lock().expect("no panic while held").get(log) {
            return Arc::clone(known);
        }
        let views = Arc::new(match log.split_last() {
            Some((_, before)) => read(&self.world, log, self.honest, &self.views(before)),
            None => begin(&self.world),
        });
        let mut known = self.views.lock().expect("no panic while held");
        if known.len() >= VIEWS_MAX {
            known.clear();
        }
        known.insert(log.to_vec(), Arc::clone(&views));
        views
    }

    /// The state, with honest seats renamed so that states which differ by nothing else are one.
    fn judged(&self, state: State) -> State {
        let names = self.renamings.iter().map(|names| state.renamed(names));
        let mut state = names
            .min_by(|a, b| (&a.log, &a.pending).cmp(&(&b.log, &b.pending)))
            .unwrap_or(state);
        if let Some(known) = self.known.lock().expect("no panic while held").get(&state) {
            state.summary = Arc::clone(known);
            return state;
        }
        state.summary = Arc::new(judge(&self.world, &state, self.broken, |log| self.views(log)));
        let summary = Arc::clone(&state.summary);
        self.known
            .lock()
            .expect("no panic while held")
            .insert(state.clone(), summary);
        state
    }

    /// The acts that the author of one is shown, one bit each.
    fn seen_by(state: &State, act: Act) -> u32 {
        let viewer = act.seat().map_or(0, State::bit);
        let seen = state
            .log
            .iter()
            .enumerate()
            .filter(|(_, placed)| placed.hidden & viewer == 0);
        seen.map(|(at, _)| 1 << at).sum()
    }

    /// The next instant at which anybody acts.
    fn next(&self, at: u8) -> Option<u8> {
        self.bound.instants.iter().copied().find(|next| *next > at)
    }

    /// By how many instants the log is dated ahead.
    fn ahead(&self, state: &State) -> usize {
        let between = self
            .bound
            .instants
            .iter()
            .filter(|at| (state.real..state.at).contains(*at));
        between.count()
    }

    /// From whom a statement may be hidden: nobody, all honest seats, or one of them.
    fn masks(&self, state: &State, author: Option<u16>) -> Vec<u8> {
        let mut masks = vec![0];
        if state.count(|placed| placed.hidden > 0) < self.bound.hidden {
            let others = state.honest().filter(|seat| Some(*seat) != author);
            let each: Vec<u8> = others.map(State::bit).collect();
            masks.push(each.iter().sum());
            masks.extend(each.iter().filter(|_| each.len() > 1));
        }
        masks.dedup();
        masks
    }

    /// What bought members may file now, whatever the rules say.
    fn bought(&self, state: &State, actions: &mut Vec<Action>) {
        let is_bought = |placed: &Placed| placed.act.seat().is_some_and(|seat| !state.is_honest(seat));
        let has = |act: Act| state.log.iter().any(|placed| placed.act.is_same(act));
        if state.log.len() >= self.bound.acts || state.count(is_bought) >= self.bound.bought {
            return;
        }
        let mut acts: Vec<(Act, Lists)> = Vec::new();
        let of_lapse = |seat| match self.world.asks {
            Asks::Lapse => vec![Act::Inquire(seat), Act::Decide(seat)],
            Asks::Nobody | Asks::Her => Vec::new(),
        };
        for seat in self.honest + 1..=self.world.seats {
            let grants = self.world.parts().iter().map(|parts| Act::Grant(seat, *parts));
            let plain = [Act::Refuse(seat), Act::Object(seat), Act::Reject(seat)];
            acts.extend(
                grants
                    .chain(plain)
                    .chain(of_lapse(seat))
                    .filter(|act| !has(*act))
                    .map(|act| (act, Lists::default())),
            );
            if !has(Act::Release(seat)) {
                acts.extend(self.lies(state).into_iter().map(|lists| (Act::Release(seat), lists)));
            }
        }
        let far = state.count(|placed| placed.is_far) < self.bound.far;
        for (act, lists) in acts {
            for mask in self.masks(state, None) {
                actions.push(Action::Bought(act, mask, false, lists.clone()));
            }
            if far && matches!(act, Act::Grant(..) | Act::Object(_)) {
                actions.push(Action::Bought(act, 0, true, lists));
            }
        }
    }

    /// Lists of a bought seat's release: all grants, whatever they grant, with all objections, or with none.
    fn lies(&self, state: &State) -> Vec<Lists> {
        let index = |at: usize| self.world.filed() + at as u64;
        let of = |is_one: fn(Act) -> bool| -> Vec<u64> {
            let found = state
                .log
                .iter()
                .enumerate()
                .filter(|(_, placed)| is_one(placed.act) && !placed.is_far);
            found.map(|(at, _)| index(at)).collect()
        };
        let grants = of(|act| matches!(act, Act::Grant(..)));
        let objections = of(Act::is_objection);
        if grants.is_empty() {
            return Vec::new();
        }
        // With each of her answers, with the acts of a lapse and with them what she has said, or with none.
        let answers = of(|act| matches!(act, Act::Answer(..)));
        let lapse = of(|act| matches!(act, Act::Inquire(_) | Act::Decide(_)));
        let heard = of(|act| matches!(act, Act::Inquire(_) | Act::Decide(_) | Act::Alive(_)));
        let mut consents: Vec<_> = answers.into_iter().map(|index| vec![index]).collect();
        consents.extend([Vec::new(), lapse, heard]);
        consents.sort_unstable();
        consents.dedup();
        let consents = consents.into_iter();
        let objected = [Vec::new(), objections.clone()];
        let named = &objected[..1 + usize::from(!objections.is_empty())];
        let mut lies = Vec::new();
        for consent in consents {
            for (objections, parts) in named
                .iter()
                .flat_map(|it| self.world.parts().iter().map(move |parts| (it, *parts)))
            {
                lies.push(Lists {
                    grants: grants.clone(),
                    objections: objections.clone(),
                    consent: consent.clone(),
                    parts,
                });
            }
        }
        lies
    }

    fn place(&self, state: &mut State, pending: Pending, hidden: u8, is_far: bool) {
        let top = state
            .log
            .iter()
            .filter(|placed| !placed.is_far)
            .map(|placed| placed.k)
            .max()
            .unwrap_or(u32::from(self.world.seats));
        let k = if is_far {
            top + 65 + state.log.len() as u32
        } else {
            top + 1
        };
        let same = |placed: &&Placed| (placed.act, placed.made) == (pending.act, pending.made);
        let copy = state.log.iter().filter(same).count();
        state.log.push(Placed {
            act: pending.act,
            made: pending.made,
            at: state.at,
            real: state.real,
            copy: u8::try_from(copy).expect("few copies"),
            lists: pending.lists,
            k,
            is_far,
            hidden,
            saw: pending.saw,
        });
    }
}

impl Model for Rules {
    type State = State;
    type Action = Action;

    /// The request stands in the log, its statement maybe hidden from some; or nothing, where it is made later.
    fn init_states(&self) -> Vec<State> {
        let empty = State {
            log: Vec::new(),
            pending: Vec::new(),
            at: 0,
            real: 0,
            honest: self.honest,
            summary: Arc::default(),
        };
        if self.world.asked_at() > 0 {
            let mut state = empty;
            for &(act, at) in self.bound.begun {
                (state.at, state.real) = (at, at);
                let (made, lists, saw) = (at, Lists::default(), Self::seen_by(&state, act));
                self.place(&mut state, Pending { act, made, lists, saw }, 0, false);
            }
            return vec![self.judged(state)];
        }
        let hidden = self.masks(&empty, None);
        let states = hidden.into_iter().map(|hidden| {
            let mut state = empty.clone();
            let request = Pending {
                act: Act::Request,
                made: 0,
                lists: Lists::default(),
                saw: 0,
            };
            self.place(&mut state, request, hidden, false);
            self.judged(state)
        });
        states.collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let room = state.log.len() + state.pending.len() < self.bound.acts;
        if room {
            let honest_objections = state.count(|placed| {
                placed.act.is_objection() && placed.act.seat().is_none_or(|seat| state.is_honest(seat))
            });
            for (act, allowed) in &state.summary.may {
                if act.is_objection() && honest_objections >= self.bound.objections {
                    continue;
                }
                if act.is_hers() && state.count(|placed| placed.act.is_hers()) >= self.bound.hers {
                    continue;
                }
                match allowed {
                    Some(_) if state.pending.len() >= self.bound.pending => {}
                    Some(allowed) => {
                        let lists = Lists {
                            grants: allowed.grants.clone(),
                            objections: allowed.objections.clone(),
                            consent: allowed.consent.clone(),
                            parts: self.world.parts_of(&allowed.compartments),
                        };
                        actions.push(Action::Sign(*act, lists));
                    }
                    None => {
                        let masks = self.masks(state, act.seat());
                        actions.extend(masks.into_iter().map(|mask| Action::Honest(*act, mask)));
                    }
                }
            }
        }
        for pending in &state.pending {
            for mask in self.masks(state, pending.act.seat()) {
                actions.push(Action::Include(pending.act, mask));
            }
        }
        self.bought(state, actions);
        let is_asked = state.log.iter().any(|placed| placed.act == Act::Request);
        if room && !is_asked && state.at == self.world.asked_at() {
            let masks = self.masks(state, None).into_iter();
            actions.extend(masks.map(|mask| Action::Bought(Act::Request, mask, false, Lists::default())));
        }
        let is_opened = state.log.iter().any(|placed| placed.act == Act::Opened);
        let releases = state.count(|placed| matches!(placed.act, Act::Release(_)));
        if !is_opened && releases >= usize::from(self.world.account) {
            actions.push(Action::Bought(Act::Opened, 0, false, Lists::default()));
        }
        let hidden = state.log.iter().enumerate().filter(|(_, placed)| placed.hidden > 0);
        actions.extend(hidden.map(|(at, _)| Action::Show(at)));
        // No promise breaks: an act that was promised is included within 24 h.
        let in_time = |next: u8| {
            state
                .pending
                .iter()
                .all(|pending| time(next) <= time(pending.made) + 86_400)
        };
        if self.next(state.real).is_some_and(in_time) {
            actions.push(Action::Pass);
        }
        if self.next(state.at).is_some() && self.ahead(state) < self.bound.forged {
            actions.push(Action::Forge);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Sign(act, lists) => {
                let saw = Self::seen_by(&state, act);
                let made = state.real;
                state.pending.push(Pending { act, made, lists, saw });
                state.pending.sort();
            }
            Action::Include(act, hidden) => {
                let at = state.pending.iter().position(|pending| pending.act == act)?;
                let pending = state.pending.remove(at);
                self.place(&mut state, pending, hidden, false);
            }
            Action::Bought(act, hidden, is_far, lists) => {
                let made = state.real;
                let saw = 0;
                self.place(&mut state, Pending { act, made, lists, saw }, hidden, is_far);
            }
            Action::Honest(act, hidden) => {
                // Asked of nothing else that is not promised first.
                let of_lapse = matches!(act, Act::Inquire(_) | Act::Decide(_) | Act::Grant(..));
                let saw = if matches!(act, Act::Erase(_)) || of_lapse && self.world.asks == Asks::Lapse {
                    Self::seen_by(&state, act)
                } else {
                    0
                };
                let (made, lists) = (state.real, Lists::default());
                self.place(&mut state, Pending { act, made, lists, saw }, hidden, false);
            }
            Action::Show(at) => state.log.get_mut(at)?.hidden = 0,
            Action::Pass => {
                state.real = self.next(state.real)?;
                state.at = state.at.max(state.real);
            }
            Action::Forge => state.at = self.next(state.at)?,
        }
        Some(self.judged(state))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}
