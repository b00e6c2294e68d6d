//! The docket: twins that were published, by request (§10.1, §10.3). Anybody computes the same from the public statements and the
//! entries that commit to them. [`Registry`] only knows that they are there.

mod course;
mod published;

pub use course::{Course, Owers, Placed, Stage, Step};
pub use published::{Committed, DocketFault, DocketOwed, Dockets, PublicDocket, PublicTwin};

use protocol::envelope::EnvelopeError;
use protocol::statement::{Twin, TwinAct};
use protocol::week::Week;
use protocol::{Digest, Envelope};

use crate::registry::Registry;

/// Why a twin is not published, or does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwinRefusal {
    /// Envelope or payload is malformed.
    #[error("the statement breaks a rule of form")]
    Form,
    /// The payload breaks a rule of its own.
    #[error("the statement breaks a rule of its own: {0}")]
    Rule(&'static str),
    /// Not of this log.
    #[error("a statement of another log")]
    Origin,
    /// Not by the member that it names.
    #[error("the statement is not signed by its author")]
    Signature,
    /// No entry before it commits to it: it was made up, or its act is not in the log yet.
    #[error("nothing in the log commits to it")]
    NotCommitted,
    /// The council has not opened the docket.
    #[error("the council has not opened the docket")]
    NotOpen,
    /// The twin of its request is not published.
    #[error("the twin of its request is not published yet")]
    NoRequest,
    /// Its day has not come.
    #[error("it is due on {0}")]
    NotDue(protocol::Day),
}

/// A twin that is signed by its author, and to which an entry commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedTwin {
    /// What it says.
    pub twin: Twin,
    /// Index of the first entry that commits to it.
    pub committed: u64,
}

/// What a twin, the councils and the entries before it decide: well formed, signed, committed to. `committed`: index of the
/// first entry that commits to a twin.
///
/// # Errors
/// [`TwinRefusal`].
pub fn check(
    registry: &Registry,
    envelope: &Envelope,
    committed: impl FnOnce(Digest) -> Option<u64>,
) -> Result<CheckedTwin, TwinRefusal> {
    let claimed: Twin = envelope.unverified().map_err(refusal)?;
    if claimed.origin != *registry.origin() {
        return Err(TwinRefusal::Origin);
    }
    // Its author is the member of any council with this number and key; then of the one before its entry.
    let members = registry.councils().iter().filter_map(|it| it.member(claimed.seat));
    let mut signed = members.filter_map(|member| Some((member.key, envelope.verify::<Twin>(&[member.key]).ok()?)));
    let (key, twin) = signed.next_back().ok_or(TwinRefusal::Signature)?;
    let committed = committed(envelope.digest()).ok_or(TwinRefusal::NotCommitted)?;
    let author = registry.council_at(committed).and_then(|it| it.member(twin.seat));
    match author.is_some_and(|author| author.key == key) {
        true => Ok(CheckedTwin {
            twin: twin.into_inner(),
            committed,
        }),
        false => Err(TwinRefusal::Signature),
    }
}

/// From when a twin may be published, POSIX seconds, by what it says itself: a request from the first Monday after the last day
/// for its grants, an erasing from the first Monday 4 weeks after its week; the others, once that of their request is published,
/// from the first Monday after their week.
pub fn due(twin: &Twin) -> u64 {
    match (twin.act, twin.due) {
        (TwinAct::Request, Some(due)) => Week::of(due.start()).end(),
        (TwinAct::Erased, _) => twin.week.after(5).start(),
        _ => twin.week.end(),
    }
}

/// Whether a checked twin may be published at a checkpoint time. `is_shown`: whether the twin of its request is published.
///
/// # Errors
/// [`TwinRefusal::NotOpen`], [`TwinRefusal::NoRequest`], [`TwinRefusal::NotDue`].
pub fn may_publish(registry: &Registry, twin: &Twin, is_shown: bool, at: u64) -> Result<(), TwinRefusal> {
    if registry.docket_open().is_none() {
        return Err(TwinRefusal::NotOpen);
    }
    if !is_shown && !matches!(twin.act, TwinAct::Request | TwinAct::Erased) {
        return Err(TwinRefusal::NoRequest);
    }
    match due(twin) {
        from if at < from => Err(TwinRefusal::NotDue(protocol::Day::of(from))),
        _ => Ok(()),
    }
}

fn refusal(error: EnvelopeError) -> TwinRefusal {
    match error {
        EnvelopeError::Rule(rule) => TwinRefusal::Rule(rule),
        EnvelopeError::Missing { .. } | EnvelopeError::Stranger => TwinRefusal::Signature,
        EnvelopeError::Json(_) | EnvelopeError::Form(_) | EnvelopeError::Type => TwinRefusal::Form,
    }
}
