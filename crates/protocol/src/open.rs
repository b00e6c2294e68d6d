//! Opening: released shares to compartment identity to document (§8.1); header from the slot-0 K-file.

use crate::age::pad::{document_size, evidence_size};
use crate::age::{self, Identity};
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::ids::MemberNumber;
use crate::seal::{HEADER_FILE_LEN, HEADER_KIND};
use crate::secret::Secret;
use crate::share::file::ReleaseFile;
use crate::share::{CombineError, Commitments, combine, compartment};
use crate::statement::{Compartment, Core, Testimony};
use crate::verified::Verified;
use zeroize::Zeroizing;

/// The header of a case, opened and verified (§5.3): both statements with their envelopes.
#[derive(Debug)]
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

/// Opens and splits the slot-0 K-file without reading the statements: (core envelope, testimony envelope), whose
/// payloads may be anything. [`verify_header`] reads them.
///
/// # Errors
/// [`HeaderError::File`].
pub fn open_header_file(k: &Identity, file: &[u8]) -> Result<(Envelope, Envelope), HeaderError> {
    let plain = age::open(k, file).map_err(|_| HeaderError::File)?;
    split_header(&plain).ok_or(HeaderError::File)
}

/// `0x01 ‖ len u32 ‖ core envelope ‖ len u32 ‖ testimony envelope ‖ zeros`, 24,576 bytes (§15.6).
fn split_header(plain: &[u8]) -> Option<(Envelope, Envelope)> {
    let plain: &[u8; HEADER_FILE_LEN] = plain.try_into().ok()?;
    let rest = plain.strip_prefix(&[HEADER_KIND])?;
    let (core, rest) = split_envelope(rest)?;
    let (testimony, padding) = split_envelope(rest)?;
    padding.iter().all(|byte| *byte == 0).then_some((core, testimony))
}

fn split_envelope(bytes: &[u8]) -> Option<(Envelope, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (envelope, rest) = rest.split_at_checked(length)?;
    Some((Envelope::parse_outside(envelope).ok()?, rest))
}

/// Verifies both signatures with the inbox key in core, and that origin, case, D(core), `handle`/`match` agree.
///
/// # Errors
/// [`HeaderError::Statements`].
pub fn verify_header(core: Envelope, testimony: Envelope) -> Result<Header, HeaderError> {
    let refused = HeaderError::Statements;
    let claimed: Core = core.unverified().map_err(|_| refused("core is not a core statement"))?;
    let author = [claimed.inbox.key];
    let verified: Verified<Core> = core.verify(&author).map_err(|_| refused("signature of core"))?;
    let of_testimony: Verified<Testimony> = testimony
        .verify(&author)
        .map_err(|_| refused("signature of testimony"))?;
    of_testimony.belongs_to(&verified).map_err(refused)?;
    Ok(Header {
        core: verified,
        testimony: of_testimony,
        core_envelope: core,
        testimony_envelope: testimony,
    })
}

/// Opens the header with what a release carries: its `case_salt` must open `file`, and the core inside must be
/// the one that the release names (§8.1).
///
/// # Errors
/// [`HeaderError`]; then the release, or the file fetched by the digest in `release`, is false.
pub fn header_of_release(release: &ReleaseFile, file: &[u8]) -> Result<Header, HeaderError> {
    let (core, testimony) = open_header_file(&release.case_salt.k(), file)?;
    let header = verify_header(core, testimony)?;
    if header.core.digest() != release.core {
        return Err(HeaderError::Statements("the release names another core"));
    }
    Ok(header)
}

/// Why a compartment does not open. Culprits are named.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not enough good releases.
    #[error(transparent)]
    Shares(#[from] CombineError),
    /// Not enough good releases, and this seat's is for another request, testimony or compartment: refused
    /// (§8.1 «releases never pool»).
    #[error("the release of seat {x} belongs to another request or testimony")]
    Foreign {
        /// Who.
        x: MemberNumber,
    },
    /// Good shares, useless key (§7 «left open»).
    #[error("the shares are good, but the key they give is not the one in the header")]
    DoesNotOpen,
    /// Core has no such compartment or its commitments are malformed.
    #[error("the header has no such compartment")]
    Compartment,
    /// The testimony opens only with the declarant's part of the key, and it is not there (§8.4).
    #[error("the declarant's part of the key is needed")]
    ConsentPart,
}

/// From ≥ t releases of one compartment for one request to its identity T.
/// Returns T and, ascending, the seats whose release was bad or foreign.
///
/// A release for another request, core or compartment never counts. It does not keep t good ones from
/// opening, for one seat must not be able to block.
///
/// # Errors
/// [`OpenError`].
pub fn combine_releases(
    request: Digest,
    core: &Verified<Core>,
    name: Compartment,
    releases: &[ReleaseFile],
    consent_part: Option<&Secret<[u8; 32]>>,
) -> Result<(Identity, Vec<MemberNumber>), OpenError> {
    let part = core.compartment(name).ok_or(OpenError::Compartment)?;
    let commitments = Commitments::decode(&part.commitments)
        .filter(|commitments| commitments.threshold() == usize::from(part.threshold))
        .ok_or(OpenError::Compartment)?;
    let needs_part = core.policy.open.needs_part(name);
    if needs_part && consent_part.is_none() {
        return Err(OpenError::ConsentPart);
    }

    let belongs =
        |release: &ReleaseFile| release.request == request && release.core == core.digest() && release.name == name;
    let (own, foreign): (Vec<_>, Vec<_>) = releases.iter().partition(|release| belongs(release));
    let shares: Vec<_> = own.iter().map(|release| (release.x, release.share.clone())).collect();
    let (secret, mut bad) = combine(&commitments, &shares).map_err(|short| match foreign.first() {
        Some(release) => OpenError::Foreign { x: release.x },
        None => OpenError::Shares(short),
    })?;

    let identity = compartment::identity(&secret, consent_part.filter(|_| needs_part), &core.case, name);
    if identity.recipient() != part.recipient {
        return Err(OpenError::DoesNotOpen);
    }
    let good = |x: &MemberNumber| own.iter().any(|release| release.x == *x) && !bad.contains(x);
    let strays: Vec<MemberNumber> = foreign.iter().map(|release| release.x).filter(|x| !good(x)).collect();
    bad.extend(strays);
    bad.sort_unstable();
    bad.dedup();
    Ok((identity, bad))
}

/// A request with its fresh key, as its reader keeps it, sealed to its own key, until it has been opened (§19).
pub fn kept_request(fresh: &Identity, request: &Envelope) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(fresh.to_text().as_bytes().to_vec());
    plain.push(b'\n');
    plain.extend_from_slice(request.bytes());
    plain
}

/// Reads that.
pub fn parse_kept_request(plain: &[u8]) -> Option<(Identity, Envelope)> {
    let cut = plain.iter().position(|byte| *byte == b'\n')?;
    let fresh = Identity::parse(std::str::from_utf8(&plain[..cut]).ok()?)?;
    Some((fresh, Envelope::parse(&plain[cut + 1..]).ok()?))
}

/// Splits a padded document: content without the trailing spaces, and whether the padding was right (§19: wrong
/// padding is reported, the content shown).
pub fn unpad_document(plain: &[u8]) -> (&[u8], bool) {
    let end = plain.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    let content = &plain[..end];
    (content, document_size(content.len()) == Some(plain.len()))
}

/// Splits padded evidence at its true size; `None` when the file is shorter than `size`; the flag says whether
/// the padding was zeros up to the right size.
pub fn unpad_evidence(plain: &[u8], size: u64) -> Option<(&[u8], bool)> {
    let (content, padding) = plain.split_at_checked(usize::try_from(size).ok()?)?;
    let right = evidence_size(size) == plain.len() as u64 && padding.iter().all(|byte| *byte == 0);
    Some((content, right))
}
