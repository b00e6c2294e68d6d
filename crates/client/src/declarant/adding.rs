//! What she adds to a filing: another of the same words, which names the first (§5.3). The choices of the first hold for it:
//! whom she left out must not get in by what she adds (§5.5).

use casework::admit;
use casework::registry::CouncilRecord;
use protocol::phrase::CaseKeys;
use protocol::statement::{AccessPolicy, ConsentChoice, Council, Opening};
use protocol::{CaseId, MemberNumber};
use sealing::First;
use serde::Serialize;

use super::{Declarant, Own};
use crate::failure::{Failure, Local, Outcome};

/// A filing that is promised, and not in the log yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromisedAddition {
    /// To which it adds.
    #[serde(skip)]
    first: CaseId,
    /// Its case id.
    pub case: CaseId,
    /// Its code, for people.
    pub code: String,
    /// By when it is in the log, POSIX seconds.
    pub until: u64,
}

impl Declarant {
    /// The council that a filing is sealed to now.
    ///
    /// # Errors
    /// A rule of the log.
    pub fn council(&self) -> Outcome<&CouncilRecord> {
        let moment = self.log.moment_of_any_age()?.0;
        admit::filing(self.log.registry(), &moment).map_err(Failure::not_now)
    }

    /// What holds for a filing that adds to `case`. What adds to an addition adds to the first.
    ///
    /// # Errors
    /// [`Local::CaseUnknown`] while too few seats show what she chose; [`Local::TooFewSeats`] when the council has changed so
    /// that too few are left; a rule of the log.
    pub fn first(&self, case: &CaseId) -> Outcome<First> {
        let shown = self.shown(case)?;
        let first = self.parent_of(shown).map_or(Ok(shown), |id| self.shown(&id))?;
        let (facts, council) = (first.facts(), self.council()?);
        let sealed_to = self.log.registry().council(&facts.council);
        let was_there = |x| sealed_to.is_some_and(|council| council.seat(x).is_some());
        let may_hold = council.seats.iter().filter(|seat| match was_there(seat.x) {
            true => facts.dealt.contains(&seat.x),
            false => !facts.is_barred(seat, self.log.registry()),
        });
        let seats: Vec<MemberNumber> = may_hold.map(|seat| seat.x).collect();
        if seats.len() <= usize::from(council.identity) {
            return Err(Failure::new(Local::TooFewSeats));
        }
        let chosen = &facts.policy;
        let consent = match (chosen.open, chosen.lapse_days) {
            (Opening::OnRequest, _) => ConsentChoice::NotAsked,
            (Opening::WithMyConsent, None) => ConsentChoice::Strict,
            (Opening::WithMyConsent, Some(days)) => ConsentChoice::Lapse { days },
        };
        let current: &Council = council;
        let AccessPolicy {
            open,
            lapse_days,
            t_lapse,
            ..
        } = AccessPolicy::new(consent, current, seats.len());
        let policy = AccessPolicy {
            open,
            lapse_days,
            t_lapse,
            ..chosen.clone()
        };
        let keys = self.keys(first.id())?;
        Ok(First::new(keys, seats, policy))
    }

    /// The keys of the lowest case that holds no filing, after `skip` others: those of which the service says that they are
    /// taken.
    ///
    /// # Errors
    /// [`Local::Locked`] without words.
    pub fn free_case(&self, skip: usize) -> Outcome<CaseKeys> {
        let root = self.roots.first().ok_or_else(|| Failure::new(Local::Locked))?;
        let slots = self.log.fold().slots();
        let is_promised = |keys: &CaseKeys| self.promised.iter().any(|it| it.case == keys.id);
        let free = (0..).map(|c| root.case(c));
        let mut free = free.filter(|keys| !slots.is_taken(&keys.case_salt, 0) && !is_promised(keys));
        free.nth(skip).ok_or_else(|| Failure::new(Local::CaseUnknown))
    }

    /// What adds to `first` was promised for the log until then, POSIX seconds: it shows as «not yet» while this lasts.
    pub fn added(&mut self, first: CaseId, case: CaseId, until: u64) {
        let code = case.code();
        self.promised.push(PromisedAddition {
            first,
            case,
            code,
            until,
        });
    }

    /// What was added to a filing and is not in the log yet.
    pub(super) fn promised_to(&self, first: &CaseId) -> Vec<PromisedAddition> {
        let is_new =
            |it: &&PromisedAddition| it.first == *first && !self.cases.iter().any(|own| own.keys.id == it.case);
        self.promised.iter().filter(is_new).cloned().collect()
    }

    /// To which filing of these words one adds: as the acks say, or as this session knows before they do.
    pub(super) fn first_of(&self, own: &Own) -> Option<CaseId> {
        match &own.case {
            Ok(case) => self.parent_of(case),
            Err(_) => self
                .promised
                .iter()
                .find(|it| it.case == own.keys.id)
                .map(|it| it.first),
        }
    }

    /// The keys of a filing of these words.
    fn keys(&self, id: CaseId) -> Outcome<CaseKeys> {
        let own = self.all().find(|own| own.keys.id == id);
        own.map(|own| own.keys.copy())
            .ok_or_else(|| Failure::new(Local::CaseUnknown))
    }
}
