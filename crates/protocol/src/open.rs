//! Opening: released shares to compartment identity to document (§8.1); header from the slot-0 K-file.

use crate::age::Identity;
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::ids::X;
use crate::secret::Secret;
use crate::share::file::ReleaseFile;
use crate::statement::{Compartment, Core, Testimony};
use crate::verified::Verified;

/// The header of a case, opened and verified (§5.3): both statements with their envelopes.
pub struct Header {
    /// Core.
    pub core: Verified<Core>,
    /// Testimony.
    pub testimony: Verified<Testimony>,
    /// As stored.
    pub core_envelope: Envelope,
    /// As stored.
    pub testimony_envelope: Envelope,
}

/// Why a header is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It does not open with K, or not the layout of §15.6.
    #[error("the header file does not open")]
    File,
    /// The statements do not verify or do not agree.
    #[error("the header's statements do not verify: {0}")]
    Statements(&'static str),
}

/// Opens and splits the slot-0 K-file without verifying the statements: (core envelope, testimony envelope).
///
/// # Errors
/// [`HeaderError::File`].
pub fn open_header_file(_k: &Identity, _file: &[u8]) -> Result<(Envelope, Envelope), HeaderError> {
    todo!()
}

/// Verifies both signatures with the inbox key in core, and that case, D(core), `handle`/`match` agree.
///
/// # Errors
/// [`HeaderError::Statements`].
pub fn verify_header(_core: Envelope, _testimony: Envelope) -> Result<Header, HeaderError> {
    todo!()
}

/// Why a compartment does not open. Culprits are named.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not enough good releases.
    #[error(transparent)]
    Shares(#[from] crate::share::CombineError),
    /// A release is for another request or another core: refused (§8.1 «releases never pool»).
    #[error("the release of seat {x} belongs to another request or testimony")]
    Foreign {
        /// Who.
        x: X,
    },
    /// Good shares, useless key (§7 «left open»).
    #[error("the shares are good, but the key they give is not the one in the header")]
    DoesNotOpen,
    /// Core has no such compartment or its commitments are malformed.
    #[error("the header has no such compartment")]
    Compartment,
}

/// From ≥ t releases of one compartment for one request to its identity T.
/// Returns T and the seats whose share was bad.
///
/// # Errors
/// [`OpenError`].
pub fn combine_releases(
    _request: Digest,
    _core: &Verified<Core>,
    _name: Compartment,
    _releases: &[ReleaseFile],
    _consent_part: Option<&Secret<[u8; 32]>>,
) -> Result<(Identity, Vec<X>), OpenError> {
    todo!()
}

/// Splits a padded document: content without the trailing spaces, and whether the padding was right (§19: wrong
/// padding is reported, the content shown).
pub fn unpad_document(_plain: &[u8]) -> (&[u8], bool) {
    todo!()
}

/// Splits padded evidence at its true size; `None` when the file is shorter than `size`; the flag says whether
/// the padding was zeros up to the right size.
pub fn unpad_evidence(_plain: &[u8], _size: u64) -> Option<(&[u8], bool)> {
    todo!()
}
