//! «Is this act allowed now?», asked by an author about to file it, so that what, why and what to do can be said
//! before anything is signed (§7, §8).

use protocol::statement::{Holds, Request};
use protocol::{Digest, X};

use crate::case::Case;
use crate::clock::Moment;
use crate::registry::{CouncilRecord, Registry};
use crate::release::{NotNow, Why};

pub use crate::release::may_release as release;

/// The council to seal to: the newest, included, and still good at the moment (§3).
///
/// # Errors
/// [`Why::NoCouncil`], [`Why::CouncilExpired`].
pub fn filing<'a>(_registry: &'a Registry, _moment: &Moment) -> Result<&'a CouncilRecord, NotNow> {
    todo!()
}

/// May seat `x` acknowledge, saying that it holds `holds`?
///
/// # Errors
/// [`NotNow`].
pub fn ack(_case: &Case, _x: X, _holds: Holds, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May seat `x` reject what it was given?
///
/// # Errors
/// [`NotNow`].
pub fn reject(_case: &Case, _x: X, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May seat `x` tell `reader` of this case?
///
/// # Errors
/// [`NotNow`].
pub fn referral(_case: &Case, _x: X, _reader: X, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May a seat file this request, which came in an office cell and whose signature it has checked?
///
/// # Errors
/// [`NotNow`].
pub fn request(_case: &Case, _request: &Request, _moment: &Moment, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May seat `x` decide on this request?
///
/// # Errors
/// [`NotNow`].
pub fn decision(_case: &Case, _request: &Digest, _x: X, _moment: &Moment, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May a seat, or she (`None`), object to this request?
///
/// # Errors
/// [`NotNow`].
pub fn objection(
    _case: &Case,
    _request: &Digest,
    _by: Option<X>,
    _moment: &Moment,
    _registry: &Registry,
) -> Result<(), NotNow> {
    todo!()
}

/// May `reader` say that it opened? Also see [`crate::open::breaches`].
///
/// # Errors
/// [`NotNow`].
pub fn opened(_case: &Case, _request: &Digest, _reader: X, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

/// May `reader` report a finding?
///
/// # Errors
/// [`NotNow`].
pub fn finding(_case: &Case, _request: &Digest, _reader: X, _registry: &Registry) -> Result<(), NotNow> {
    todo!()
}

#[expect(unused, reason = "used by the bodies")]
type Used = Why;
