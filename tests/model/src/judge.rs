//! What a state amounts to: what each honest member may do, and what must never be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::case::{ActRefusal, Standing};
use casework::release::{Allowed, may_release_at};
use casework::{Case, Fold, LogTime, RequestStatus, Why, admit};
use protocol::statement::{Compartment, LapseStep};
use protocol::{Envelope, MemberNumber};

use crate::act::{Act, Parts};
use crate::state::{Broken, Placed, State};
use crate::world::{Asks, FILED, INQUIRY, SILENT, World, time};

/// What must never be, one bit each.
pub mod never {
    /// Two folds of the same shown acts differ.
    pub const FOLDS_DIFFER: u16 = 1;
    /// An honest release is refused by somebody who is shown all that it relies on.
    pub const HONEST_RELEASE_REFUSED: u16 = 2;
    /// A compartment is released without an honest seat, or to fewer honest grants of it than its threshold leaves.
    pub const BELOW_THRESHOLD: u16 = 4;
    /// An objection that an honest seat saw does not count for everybody who is shown it.
    pub const OBJECTION_LOST: u16 = 8;
    /// An honest seat released sooner than 14 days after an objection that it saw, or than the objection time after the
    /// first honest grant.
    pub const TOO_SOON: u16 = 16;
    /// Somebody finds a request alive after its end, or an act on it that counts and came later.
    pub const LIVES_AFTER_DEATH: u16 = 32;
    /// It is released to somebody without a yes of hers before it, where she is asked.
    pub const WITHOUT_HER: u16 = 64;
    /// An honest seat released although the last answer of hers that it saw was no.
    pub const TAKEN_BACK: u16 = 128;
    /// An honest seat destroyed what it held without a withdrawal that it saw, 30 days old and not taken back.
    pub const ERASED_EARLY: u16 = 256;
    /// An honest seat released what it had destroyed, or saw destroyed for good.
    pub const RELEASED_ERASED: u16 = 512;
    /// An honest seat looked for her, or decided on a lapse, too soon after what it saw of her.
    pub const LAPSED_EARLY: u16 = 1_024;
    /// An honest seat granted or released without her while no lapse stood by what it saw, or it is released so without the
    /// decisions of as many honest seats as the bought ones leave.
    pub const WITHOUT_LAPSE: u16 = 2_048;
    /// An honest seat released what it had not granted, or for which it saw fewer grants than its threshold.
    pub const NOT_APART: u16 = 4_096;
}

/// What there is to see, so that a model that reaches nothing is noticed; one bit each.
pub mod seen {
    /// The reader opened what was released.
    pub const OPENED: u16 = 1;
    /// An honest seat released after an objection.
    pub const RELEASED_AFTER_OBJECTION: u16 = 2;
    /// Somebody sees a request die.
    pub const DEAD: u16 = 4;
    /// A release relies on an act that somebody is not shown.
    pub const UNDECIDED: u16 = 8;
    /// An act beyond reach was filed.
    pub const UNREACHABLE: u16 = 16;
    /// A bought seat's release is refused.
    pub const LIE_REFUSED: u16 = 32;
    /// An honest seat does not release, although it might by the log's time.
    pub const OWN_CLOCK: u16 = 64;
    /// It is released with her consent.
    pub const CONSENTED: u16 = 128;
    /// She took a consent back, and a seat that granted does not release.
    pub const HELD_BACK: u16 = 256;
    /// It is destroyed for good.
    pub const ERASED: u16 = 512;
    /// It is released after a lapse.
    pub const LAPSED: u16 = 1_024;
    /// She spoke, and a seat that granted on a lapse does not release.
    pub const SPOKE: u16 = 2_048;
    /// The account is released and the identity, which was asked for too, is not.
    pub const ACCOUNT_ALONE: u16 = 4_096;
    /// The identity is released and the account is not.
    pub const IDENTITY_ALONE: u16 = 8_192;
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Bits of [`never`].
    pub wrong: u16,
    /// Bits of [`seen`].
    pub seen: u16,
    /// What honest members may do now.
    pub may: Vec<(Act, Option<Allowed>)>,
}

/// What one fold says of the request, in a form that is compared.
#[derive(Debug, PartialEq)]
struct Reading {
    standings: BTreeMap<u64, Standing>,
    state: Option<casework::RequestState>,
}

fn reading(world: &World, case: &Case) -> Reading {
    Reading {
        standings: case.acts().map(|act| (act.found.index, act.standing.clone())).collect(),
        state: case.request(&world.request).cloned(),
    }
}

/// What everybody reads of a log: nothing of it depends on the present instant.
pub struct Views {
    fold: Fold,
    /// As each honest seat is shown it; one stands for all where nothing is hidden.
    honest: Vec<Case>,
    /// As whoever is shown everything reads it.
    all: Case,
    do_folds_differ: bool,
}

impl Views {
    fn of(&self, seat: u16) -> &Case {
        self.honest.get(usize::from(seat) - 1).unwrap_or(&self.all)
    }
}

/// Reads a log that is no longer than the acknowledgements.
pub fn begin(world: &World) -> Views {
    let fold = world.fold().clone();
    let mut all = world.case(&fold);
    all.follow(&fold, &world.acks);
    Views {
        fold,
        honest: Vec::new(),
        all,
        do_folds_differ: false,
    }
}

/// Reads on, from what everybody has read of the log before its last act.
pub fn read(world: &World, log: &[Placed], honest: u16, before: &Views) -> Views {
    let Some(last) = log.last() else {
        return begin(world);
    };
    let statement = world.statement(last.act, last.made, last.copy, &last.lists);
    let fold = world.longer(&before.fold, last.k, statement.digest(), last.at);
    let follow = |case: &Case, is_shown: bool| {
        let mut case = case.before(u64::MAX);
        case.follow(
            &fold,
            if is_shown {
                std::slice::from_ref(&statement)
            } else {
                &[]
            },
        );
        case
    };
    let all = follow(&before.all, true);
    let (mut views, mut do_folds_differ) = (Vec::new(), false);
    if log.iter().any(|placed| placed.hidden != 0) {
        let hidden = log.iter().filter(|placed| placed.hidden != 0);
        let hidden: Vec<Envelope> = hidden
            .map(|placed| world.statement(placed.act, placed.made, placed.copy, &placed.lists))
            .collect();
        let end = reading(world, &all);
        for seat in 1..=honest {
            let case = follow(before.of(seat), last.hidden & State::bit(seat) == 0);
            // What was hidden is shown after all else: then everybody reads what everybody reads.
            let mut later = case.before(u64::MAX);
            later.follow(&fold, &hidden);
            do_folds_differ |= reading(world, &later) != end;
            views.push(case);
        }
    }
    Views {
        fold,
        honest: views,
        all,
        do_folds_differ,
    }
}

/// Judges a state. `views` reads a log, or knows it from before.
pub fn judge(world: &World, state: &State, broken: Option<Broken>, views: impl Fn(&[Placed]) -> Arc<Views>) -> Summary {
    let mut summary = Summary::default();
    let now = views(&state.log);
    if now.do_folds_differ {
        summary.wrong |= never::FOLDS_DIFFER;
    }
    for seat in state.honest() {
        if counted_objections(&now, seat).any(|index| !counts(&now.all, index)) {
            summary.wrong |= never::OBJECTION_LOST;
        }
        view(world, state, now.of(seat), &mut summary);
        may(world, state, seat, &now, state.log.len(), state.at, &mut summary);
        if let Some(broken) = broken {
            breaks(world, state, seat, broken, &mut summary);
        }
    }
    view(world, state, &now.all, &mut summary);
    of_all(world, state, &now.all, &mut summary);
    hers(world, state, &mut summary);
    if world.asks == Asks::Lapse {
        lapse(world, state, &mut summary);
    }
    stale(world, state, views, &mut summary);
    summary
}

/// Objections that count for an honest seat, by index.
fn counted_objections(views: &Views, seat: u16) -> impl Iterator<Item = u64> {
    let counting = views.of(seat).counting();
    let objections = counting.filter(|(_, body)| body.is_objection());
    objections.map(|(act, _)| act.found.index)
}

/// Whether the act at an index counts.
fn counts(case: &Case, index: u64) -> bool {
    case.counting().any(|(act, _)| act.found.index == index)
}

/// An honest seat that acts on a checkpoint 24 hours old: the instant before, where it is that near.
fn stale(world: &World, state: &State, views: impl Fn(&[Placed]) -> Arc<Views>, summary: &mut Summary) {
    let Some(before) = state.at.checked_sub(1) else { return };
    if time(state.at) - time(before) > 26 * 3_600 {
        return;
    }
    let known = state.log.iter().take_while(|placed| placed.at <= before).count();
    let old = views(&state.log[..known]);
    for seat in state.honest() {
        may(world, state, seat, &old, known, before, summary);
    }
}

/// What an honest seat, and she by the same view, may do by the first `size` acts at an instant.
fn may(world: &World, state: &State, seat: u16, views: &Views, size: usize, instant: u8, summary: &mut Summary) {
    let of = |device: u8| world.moment(world.filed() + size as u64, instant, device);
    let moment = of(state.real);
    let (case, registry) = (views.of(seat), views.fold.registry());
    let x = MemberNumber::new(seat).expect("a seat");
    let mut add = |act: Act, allowed: Option<Allowed>| {
        let is_under_way = state.pending.iter().any(|pending| pending.act == act);
        // By an old view: what is in the log by now is not done twice.
        let is_done = state.log.iter().any(|placed| placed.act.is_same(act));
        let is_known = summary
            .may
            .iter()
            .any(|(known, lists)| *known == act && *lists == allowed);
        if !is_under_way && !is_done && !is_known {
            summary.may.push((act, allowed));
        }
    };
    if admit::decision(case, &world.request, x, &moment, registry).is_ok() {
        for parts in world.parts() {
            add(Act::Grant(seat, *parts), None);
        }
    }
    if admit::objection(case, &world.request, Some(x), &moment, registry).is_ok() {
        add(Act::Object(seat), None);
    }
    if admit::objection(case, &world.request, None, &moment, registry).is_ok() {
        add(Act::Object(0), None);
    }
    let n = her_next(state);
    match world.asks {
        Asks::Her => {
            for yes in [true, false] {
                if admit::answer(case, &world.request, yes, &moment).is_ok() {
                    add(Act::Answer(n, yes), None);
                }
            }
        }
        Asks::Nobody => {
            for yes in [true, false] {
                if admit::withdrawal(case, yes).is_ok() {
                    add(Act::Withdraw(n, yes), None);
                }
            }
            if admit::erased(case, x, &moment, registry).is_ok() {
                add(Act::Erase(seat), None);
            }
        }
        Asks::Lapse => {
            add(Act::Alive(n), None);
            for (step, act) in [
                (LapseStep::Inquiry, Act::Inquire(seat)),
                (LapseStep::Decide, Act::Decide(seat)),
            ] {
                if admit::lapse(case, x, step, &moment, registry).is_ok() {
                    add(act, None);
                }
            }
        }
    }
    let release = |moment: &LogTime| may_release_at(case, &world.request, &World::seat(seat), moment, registry);
    match release(&moment) {
        Ok(allowed) => add(Act::Release(seat), Some(allowed)),
        Err(_) if state.real < instant && release(&of(instant)).is_ok() => summary.seen |= seen::OWN_CLOCK,
        Err(not_now) if matches!(not_now.why, Why::ConsentRefused { .. }) => summary.seen |= seen::HELD_BACK,
        Err(not_now) if matches!(not_now.why, Why::NotLapsed { .. }) && has_granted(state, seat) => {
            summary.seen |= seen::SPOKE;
        }
        Err(_) => {}
    }
}

fn has_granted(state: &State, seat: u16) -> bool {
    granted(&state.log, seat).is_some()
}

/// What a seat granted.
fn granted(log: &[Placed], seat: u16) -> Option<Parts> {
    log.iter().find_map(|placed| match placed.act {
        Act::Grant(by, parts) if by == seat => Some(parts),
        _ => None,
    })
}

/// Her next counter.
fn her_next(state: &State) -> u8 {
    let said = state.log.iter().filter(|placed| placed.act.is_hers()).count();
    u8::try_from(said + 1).expect("few statements")
}

/// What an honest seat does that breaks a rule, where it may.
fn breaks(world: &World, state: &State, seat: u16, broken: Broken, summary: &mut Summary) {
    let index = |at: usize| world.filed() + at as u64;
    let of = |is_one: &dyn Fn(Act) -> bool| -> Vec<u64> {
        let found = state.log.iter().enumerate().filter(|(_, placed)| is_one(placed.act));
        found.map(|(at, _)| index(at)).collect()
    };
    let has = |act: Act| state.log.iter().any(|placed| placed.act == act);
    let is_under_way = |act: Act| has(act) || state.pending.iter().any(|pending| pending.act == act);
    let (release, erase) = (Act::Release(seat), Act::Erase(seat));
    let grants = of(&|act| matches!(act, Act::Grant(..)));
    let yes = of(&|act| matches!(act, Act::Answer(_, true)));
    let is_granted = has_granted(state, seat) && grants.len() >= usize::from(world.account);
    let is_time = time(state.at) >= time(0) + 3 * 86_400;
    let releases = |consent: Vec<u64>| {
        let compartments = world.compartments();
        let (grants, objections) = (grants.clone(), Vec::new());
        let allowed = Allowed {
            compartments,
            grants,
            objections,
            consent,
        };
        (release, Some(allowed))
    };
    let inquired = of(&|act| matches!(act, Act::Inquire(_)));
    let decided = of(&|act| matches!(act, Act::Decide(_)));
    let done = match broken {
        Broken::TakenBack if is_granted && is_time => yes.first().map(|first| releases(vec![*first])),
        Broken::NoConsent if is_granted && is_time => Some(releases(Vec::new())),
        Broken::ReleasedErased if is_granted && is_time && has(erase) => Some(releases(Vec::new())),
        Broken::ErasedEarly => has(Act::Withdraw(1, true)).then_some((erase, None)),
        Broken::InquiredEarly => Some((Act::Inquire(seat), None)),
        Broken::DecidedEarly if !inquired.is_empty() => Some((Act::Decide(seat), None)),
        Broken::FewDecided if has(Act::Request) && !decided.is_empty() => Some(releases([inquired, decided].concat())),
        Broken::NotGranted if is_granted && is_time => Some(releases(Vec::new())),
        Broken::OtherGrants if is_granted && is_time && granted(&state.log, seat) == Some(Parts::All) => {
            Some(releases(Vec::new()))
        }
        Broken::SpokenSince if has(Act::Request) && decided.len() >= usize::from(world.lapse) => {
            Some(releases([inquired, decided].concat()))
        }
        _ => None,
    };
    summary.may.extend(done.filter(|(act, _)| !is_under_way(*act)));
}

/// What must hold of her answers and withdrawals, by what is in the log and what each seat was shown of it.
fn hers(world: &World, state: &State, summary: &mut Summary) {
    let erased_before = |at: usize| {
        state.log[..at]
            .iter()
            .filter(|placed| matches!(placed.act, Act::Erase(_)))
            .count()
    };
    let fewest = usize::from(world.seats) - usize::from(world.account) + 1;
    if erased_before(state.log.len()) >= fewest {
        summary.seen |= seen::ERASED;
    }
    for (at, placed) in state.log.iter().enumerate() {
        let is_honest = placed.act.seat().is_some_and(|seat| state.is_honest(seat));
        if !is_honest {
            continue;
        }
        let shown = |other: &usize| placed.saw & (1 << other) != 0;
        let saw = || (0..at).filter(shown).map(|other| &state.log[other]);
        match placed.act {
            Act::Release(seat) => {
                let last = saw().filter_map(|other| match other.act {
                    Act::Answer(n, yes) => Some((n, yes)),
                    _ => None,
                });
                if !is_apart(world, state, at) {
                    summary.wrong |= never::NOT_APART;
                }
                if world.asks == Asks::Her && last.max().is_none_or(|(_, yes)| !yes) {
                    summary.wrong |= never::TAKEN_BACK;
                }
                let erased = saw().filter(|other| matches!(other.act, Act::Erase(_)));
                if erased.clone().any(|other| other.act == Act::Erase(seat)) || erased.count() >= fewest {
                    summary.wrong |= never::RELEASED_ERASED;
                }
            }
            Act::Erase(_) => {
                let answers = saw().filter_map(|other| match other.act {
                    Act::Withdraw(n, yes) => Some((n, yes, other)),
                    _ => None,
                });
                let back = answers
                    .clone()
                    .filter(|(_, yes, _)| !yes)
                    .map(|(n, ..)| n)
                    .max()
                    .unwrap_or(0);
                let stands = answers.filter(|(n, yes, _)| *yes && *n > back);
                let since = stands.map(|(.., other)| time(other.at)).min();
                if since.is_none_or(|since| time(placed.at) < since + 30 * 86_400) {
                    summary.wrong |= never::ERASED_EARLY;
                }
            }
            _ => {}
        }
    }
}

/// Whether an honest release hands over only what its author granted, each on as many grants that it saw as open it.
fn is_apart(world: &World, state: &State, at: usize) -> bool {
    let release = &state.log[at];
    let own = release.act.seat().and_then(|seat| granted(&state.log[..at], seat));
    let saw = |other: &usize| release.saw & (1 << other) != 0;
    let mut released = release.lists.parts.of(world.compartments()).into_iter();
    released.all(|name| {
        // P goes with either.
        let grants = |parts: Parts| name == Compartment::Consent || parts.of(vec![name]) == [name];
        let seen = (0..at).filter(saw).map(|other| state.log[other].act);
        let seen = seen.filter(|act| matches!(act, Act::Grant(_, parts) if grants(*parts)));
        own.is_some_and(grants) && seen.count() >= usize::from(world.threshold(name))
    })
}

/// What must hold of what honest seats do towards a lapse, by what each was shown.
fn lapse(world: &World, state: &State, summary: &mut Summary) {
    for (at, placed) in state.log.iter().enumerate() {
        if !placed.act.seat().is_some_and(|seat| state.is_honest(seat)) {
            continue;
        }
        let now = time(placed.at);
        let saw = || {
            let log = state.log[..at].iter().enumerate();
            log.filter(|(other, shown)| placed.saw & (1 << other) != 0 && !shown.is_far)
        };
        let heard = saw().rfind(|(_, shown)| matches!(shown.act, Act::Alive(_)));
        let heard_at = heard.map_or(FILED, |(_, shown)| time(shown.at));
        let since = |other: usize| heard.is_none_or(|(heard, _)| heard < other);
        let inquiry = saw().find(|(other, shown)| {
            matches!(shown.act, Act::Inquire(_)) && since(*other) && time(shown.at) >= heard_at + SILENT
        });
        let decide_from = inquiry.map(|(_, shown)| time(shown.at) + INQUIRY);
        let decided = saw().filter_map(|(_, shown)| match shown.act {
            Act::Decide(seat) if decide_from.is_some_and(|from| time(shown.at) >= from) => Some(seat),
            _ => None,
        });
        let is_early = match placed.act {
            Act::Inquire(_) => now < heard_at + SILENT,
            Act::Decide(_) => decide_from.is_none_or(|from| now < from),
            _ => false,
        };
        if is_early {
            summary.wrong |= never::LAPSED_EARLY;
        }
        let stands = decided.collect::<BTreeSet<_>>().len() >= usize::from(world.lapse);
        if matches!(placed.act, Act::Grant(..) | Act::Release(_)) && !stands {
            summary.wrong |= never::WITHOUT_LAPSE;
        }
    }
}

/// What must hold of any view.
fn view(world: &World, state: &State, case: &Case, summary: &mut Summary) {
    let honest = |act: Act| act.seat().is_none_or(|seat| state.is_honest(seat));
    for act in case.acts() {
        let Some(placed) = placed(world, state, act.found.index) else {
            continue;
        };
        match (&act.standing, placed.act) {
            (Standing::Refused(refusal), Act::Release(_)) if honest(placed.act) => {
                // Blames nobody: the request is not shown, or the seat signed twice by the same view.
                let is_blameless = matches!(
                    refusal,
                    ActRefusal::NoRequest | ActRefusal::Again { .. } | ActRefusal::Duplicate { .. }
                );
                if !is_blameless {
                    summary.wrong |= never::HONEST_RELEASE_REFUSED;
                }
            }
            (Standing::Refused(_), Act::Release(_)) => summary.seen |= seen::LIE_REFUSED,
            (Standing::Undecided(_), Act::Release(_)) => summary.seen |= seen::UNDECIDED,
            (Standing::Refused(ActRefusal::Unreachable), _) => summary.seen |= seen::UNREACHABLE,
            _ => {}
        }
    }
    let Some(request) = case.request(&world.request) else {
        return;
    };
    let now = time(state.at);
    let status = request.status(now);
    if now > request.ends_at {
        let is_over = matches!(
            status,
            RequestStatus::Dead { .. }
                | RequestStatus::Released { .. }
                | RequestStatus::Opened { .. }
                | RequestStatus::Reported { .. }
        );
        let is_late = request
            .releases
            .iter()
            .any(|release| release.found.included_at > request.ends_at);
        if !is_over || is_late {
            summary.wrong |= never::LIVES_AFTER_DEATH;
        }
    }
    match status {
        RequestStatus::Dead { .. } => summary.seen |= seen::DEAD,
        RequestStatus::Opened { .. } if request.is_released() => summary.seen |= seen::OPENED,
        _ => {}
    }
    let bought = usize::from(world.seats) - state.honest().count();
    let is_released = |name: Compartment| {
        let compartment = request.compartments.iter().find(|it| it.name == name);
        compartment.is_some_and(|it| it.released_at.is_some())
    };
    for compartment in request.compartments.iter().filter(|it| it.released_at.is_some()) {
        let name = compartment.name;
        // Nobody grants P by itself: whoever grants the account does (§8.4).
        let of = if name == Compartment::Consent {
            Compartment::Account
        } else {
            name
        };
        let granted = request
            .decisions
            .iter()
            .filter(|decision| decision.grants.contains(&of));
        let honest = |x: MemberNumber| state.is_honest(x.get());
        let granted = granted.filter(|decision| honest(decision.x)).count();
        let released = compartment.released_by.iter().filter(|x| honest(**x)).count();
        let open = usize::from(world.threshold(name));
        let fewest = open.saturating_sub(bought);
        if released < fewest || granted < fewest || compartment.released_by.len() < open {
            summary.wrong |= never::BELOW_THRESHOLD;
        }
    }
    if world.identity.is_some() {
        match (is_released(Compartment::Account), is_released(Compartment::Identity)) {
            (true, false) => summary.seen |= seen::ACCOUNT_ALONE,
            (false, true) => summary.seen |= seen::IDENTITY_ALONE,
            _ => {}
        }
    }
    if request.is_released() {
        if world.asks == Asks::Lapse {
            let honest = |placed: &&Placed| {
                matches!(placed.act, Act::Decide(_)) && placed.act.seat().is_some_and(|seat| state.is_honest(seat))
            };
            if state.log.iter().filter(honest).count() < usize::from(world.lapse) - bought {
                summary.wrong |= never::WITHOUT_LAPSE;
            }
            summary.seen |= seen::LAPSED;
        }
        if world.asks == Asks::Her {
            let said = state
                .log
                .iter()
                .position(|placed| matches!(placed.act, Act::Answer(_, true)));
            let said = said.map(|at| world.filed() + at as u64);
            let releases = request.releases.iter();
            let without = releases.filter(|release| said.is_none_or(|said| said > release.found.index));
            if without.count() > 0 {
                summary.wrong |= never::WITHOUT_HER;
            }
            summary.seen |= seen::CONSENTED;
        }
    }
}

/// What must hold for whoever is shown everything.
fn of_all(world: &World, state: &State, case: &Case, summary: &mut Summary) {
    let Some(request) = case.request(&world.request) else {
        return;
    };
    let first_honest = request
        .decisions
        .iter()
        .find(|decision| state.is_honest(decision.x.get()));
    let asked = state.log.iter().position(|placed| placed.act == Act::Request);
    for release in state.log.iter().filter(|placed| matches!(placed.act, Act::Release(_))) {
        if !release.act.seat().is_some_and(|seat| state.is_honest(seat)) {
            continue;
        }
        let granted = first_honest.and_then(|first| placed(world, state, first.found.index));
        let too_soon = |granted: &Placed| {
            time(release.at) < time(granted.at) + request.objection_s
                || time(release.made) < time(granted.made) + request.objection_s
        };
        if granted.is_none_or(too_soon) {
            summary.wrong |= never::TOO_SOON;
        }
        // What it saw when it released.
        for (at, objection) in state
            .log
            .iter()
            .enumerate()
            .filter(|(_, placed)| placed.act.is_objection())
        {
            let is_no_objection = time(objection.at) > request.object_by || objection.is_far || Some(at) < asked;
            if release.saw & (1 << at) == 0 || is_no_objection {
                continue;
            }
            if !counts(case, world.filed() + at as u64) {
                summary.wrong |= never::OBJECTION_LOST;
            }
            let until = |at: u8| time(at) + 14 * 86_400;
            if time(release.at) < until(objection.at) || time(release.made) < until(objection.real) {
                summary.wrong |= never::TOO_SOON;
            }
            summary.seen |= seen::RELEASED_AFTER_OBJECTION;
        }
    }
}

/// The act at an index of the log.
fn placed<'a>(world: &World, state: &'a State, index: u64) -> Option<&'a Placed> {
    state.log.get(usize::try_from(index.checked_sub(world.filed())?).ok()?)
}
