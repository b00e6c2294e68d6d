//! Lapse: she has been silent as long as she chose, was looked for, and t_lapse seats decide (§8.4, §19).

use protocol::MemberNumber;
use protocol::statement::LapseStep;
use serde::Serialize;

use super::act::ActRefusal;
use super::facts::Facts;
use crate::clock::{DAY_S, INQUIRY_S};
use crate::slots::Found;

/// Where a lapse stands after the last that she said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LapseState {
    /// The last that she said, or the filing.
    pub last_heard: Found,
    /// From when an inquiry counts, POSIX seconds.
    pub inquiry_from: u64,
    /// The first that counts.
    pub inquiry: Option<Found>,
    /// Seats that have decided since, in log order.
    pub decided: Vec<(MemberNumber, Found)>,
    /// t_lapse.
    pub need: usize,
    days_s: u64,
}

impl LapseState {
    /// From the filing on; `None` where she chose no lapse.
    pub(super) fn begin(facts: &Facts, filed: Found) -> Option<Self> {
        let days_s = u64::from(facts.policy.lapse_days?).saturating_mul(DAY_S);
        let need = usize::from(facts.policy.t_lapse?);
        Some(Self {
            last_heard: filed,
            inquiry_from: filed.included_at.saturating_add(days_s),
            inquiry: None,
            decided: Vec::new(),
            need,
            days_s,
        })
    }

    /// She has said something: whatever was done towards a lapse is over.
    pub(super) fn heard(&mut self, found: Found) {
        self.last_heard = found;
        self.inquiry_from = found.included_at.saturating_add(self.days_s);
        self.inquiry = None;
        self.decided.clear();
    }

    /// A step by a seat.
    pub(super) fn step(&mut self, step: LapseStep, x: MemberNumber, found: Found) -> Result<(), ActRefusal> {
        let again = |first: &Found| Err(ActRefusal::Again { index: first.index });
        let not_before = |from: u64| {
            if found.included_at < from {
                Err(ActRefusal::TooEarly { from })
            } else {
                Ok(())
            }
        };
        match (step, self.inquiry) {
            (LapseStep::Inquiry, Some(first)) => again(&first),
            (LapseStep::Inquiry, None) => {
                not_before(self.inquiry_from)?;
                self.inquiry = Some(found);
                Ok(())
            }
            (LapseStep::Decide, None) => Err(ActRefusal::NoInquiry),
            (LapseStep::Decide, Some(inquiry)) => {
                not_before(inquiry.included_at.saturating_add(INQUIRY_S))?;
                if let Some((_, first)) = self.decided.iter().find(|(seat, _)| *seat == x) {
                    return again(first);
                }
                self.decided.push((x, found));
                Ok(())
            }
        }
    }

    /// From when decisions count; `None` without an inquiry.
    pub fn decide_from(&self) -> Option<u64> {
        Some(self.inquiry?.included_at.saturating_add(INQUIRY_S))
    }

    /// The acts on which a release without her relies, by index: the last that she said, unless it is the filing; the
    /// inquiry; and t_lapse decisions among the first `size` entries. `None` while the lapse does not stand.
    pub fn stands(&self, size: u64, filed: Found) -> Option<Vec<u64>> {
        let mut acts = vec![self.inquiry?.index];
        let decided = self.decided.iter().map(|(_, found)| found.index);
        acts.extend(decided.filter(|index| *index < size).take(self.need));
        if acts.len() <= self.need {
            return None;
        }
        if self.last_heard != filed {
            acts.push(self.last_heard.index);
        }
        acts.sort_unstable();
        Some(acts)
    }
}
