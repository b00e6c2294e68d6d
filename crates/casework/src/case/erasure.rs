//! Withdrawal, declining, and what seats have destroyed (§7, §9.6, §19).

use protocol::MemberNumber;
use protocol::statement::Erasure;
use serde::Serialize;

use super::hers::AnswerState;
use crate::clock::{DECLINED_S, WITHDRAWN_S};
use crate::slots::Found;

/// What ends a testimony, in log order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasureState {
    /// What she has said about withdrawing.
    pub answers: Vec<AnswerState>,
    /// Seats that hold that it is no testimony.
    pub declined: Vec<(MemberNumber, Found)>,
    /// Seats that have destroyed what they held.
    pub erased: Vec<ErasedState>,
    /// t_account: so many seats decline together.
    pub need_declined: usize,
    /// n′ − t_account + 1: with so many it is final, for fewer than t_account parts are left.
    pub need_erased: usize,
}

/// A seat has destroyed what it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErasedState {
    /// The seat.
    pub x: MemberNumber,
    /// How much.
    pub what: Erasure,
    /// Where, and when.
    pub found: Found,
    /// Whether a withdrawal or t_account seats that declined had stood for 30 days, by what is shown.
    pub is_founded: bool,
    /// Index of the statement by which she had taken the withdrawal back before: the seat says that it was not shown it.
    pub taken_back: Option<u64>,
}

/// A withdrawal that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Withdrawal {
    /// Its inclusion, POSIX seconds.
    pub since: u64,
    /// From when seats erase, POSIX seconds: until then she is asked whether she means it.
    pub until: u64,
}

impl ErasureState {
    pub(super) fn begin(account: u8, dealt: usize) -> Self {
        let account = usize::from(account);
        Self {
            need_declined: account,
            need_erased: dealt.saturating_sub(account).saturating_add(1),
            ..Self::default()
        }
    }

    /// The withdrawal that stands: the first yes above her highest no.
    pub fn withdrawal(&self) -> Option<Withdrawal> {
        let taken_back = self
            .answers
            .iter()
            .filter(|answer| !answer.yes)
            .map(|answer| answer.n)
            .max();
        let stands = self
            .answers
            .iter()
            .filter(|answer| answer.yes && Some(answer.n) > taken_back);
        let since = stands.map(|answer| answer.found.included_at).min()?;
        Some(Withdrawal {
            since,
            until: since.saturating_add(WITHDRAWN_S),
        })
    }

    /// From when seats erase what t_account seats have declined; `None` before so many have.
    pub fn declined_from(&self) -> Option<u64> {
        let mut times: Vec<u64> = self.declined.iter().map(|(_, found)| found.included_at).collect();
        times.sort_unstable();
        let last = times.get(self.need_declined.checked_sub(1)?)?;
        Some(last.saturating_add(DECLINED_S))
    }

    /// From when seats erase, whatever the reason.
    pub fn erase_from(&self) -> Option<u64> {
        let withdrawn = self.withdrawal().map(|withdrawal| withdrawal.until);
        withdrawn.into_iter().chain(self.declined_from()).min()
    }

    /// Fewer than t_account parts are left.
    pub fn is_final(&self) -> bool {
        self.erased.len() >= self.need_erased
    }

    /// What a seat has destroyed.
    pub fn erased_by(&self, x: MemberNumber) -> Option<&ErasedState> {
        self.erased.iter().find(|erased| erased.x == x)
    }

    /// A seat says that it has destroyed what it held. That is a fact whatever it relied on: without the withdrawal or with
    /// a later no it is marked, not refused.
    pub(super) fn push(&mut self, x: MemberNumber, what: Erasure, found: Found) {
        let at = found.included_at;
        let is_over = |answer: &&AnswerState| answer.yes && at >= answer.found.included_at.saturating_add(WITHDRAWN_S);
        let withdrawn = self.answers.iter().filter(is_over).map(|answer| answer.n).max();
        let declined = self.declined_from().is_some_and(|from| at >= from);
        let taken_back = || {
            let later = self
                .answers
                .iter()
                .filter(|answer| !answer.yes && Some(answer.n) >= withdrawn);
            later.map(|answer| answer.found.index).min()
        };
        self.erased.push(ErasedState {
            x,
            what,
            found,
            is_founded: declined || withdrawn.is_some(),
            taken_back: if declined || withdrawn.is_none() {
                None
            } else {
                taken_back()
            },
        });
    }
}
