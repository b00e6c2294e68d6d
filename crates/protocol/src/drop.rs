//! Equal records in buckets, and office cells (§9.1, §9.3, §15.7).

use crate::age::{Identity, Recipient};
use crate::digest::Digest;
use crate::envelope::Envelope;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Plaintext of a record in bytes (age file: 3,707).
pub const RECORD_LEN: usize = 2048;
/// Plaintext of an office cell in bytes.
pub const CELL_LEN: usize = 8192;
/// Records on one page of a bucket.
pub const PAGE_RECORDS: usize = 64;

/// What a record holds once opened.
pub enum Record {
    /// 0x01: one statement, perhaps with its twin.
    Stream {
        /// The act.
        act: Envelope,
        /// Its docket twin.
        twin: Option<Envelope>,
    },
    /// 0x02: a piece of a longer stream.
    Piece {
        /// D of the statement.
        statement: Digest,
        /// From 0.
        i: u8,
        /// How many.
        of: u8,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// 0x03: a release file (age, 1,851 bytes).
    File(Vec<u8>),
    /// 0x04: a draft.
    Draft(Zeroizing<Vec<u8>>),
}

/// A record or cell that opened but is malformed, or of an unknown kind: skip and count (§19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a malformed record")]
pub struct Malformed;

/// The bucket hash of a recipient (§9.1): `SHA-256(L("bucket") ‖ recipient)`.
pub fn bucket_hash(_recipient: &Recipient) -> Digest {
    todo!()
}

/// A bucket at depth b as written in paths (§15.5): ⌈b/4⌉ hex digits, unused low bits zero; `-` for b = 0.
pub fn bucket_name(_hash: &Digest, _b: u8) -> String {
    todo!()
}

/// The records (age files of 3,707 bytes) that carry an act, one or several pieces, sealed to `recipient`.
pub fn seal_act(
    _recipient: &Recipient,
    _act: &Envelope,
    _twin: Option<&Envelope>,
    _rng: &mut impl CryptoRng,
) -> Vec<Vec<u8>> {
    todo!()
}

/// The record that carries a release file.
pub fn seal_release_file(_recipient: &Recipient, _file: &[u8], _rng: &mut impl CryptoRng) -> Vec<u8> {
    todo!()
}

/// Tries one record with one key: `None` when it is not for this key.
pub fn open_record(_identity: &Identity, _file: &[u8]) -> Option<Result<Record, Malformed>> {
    todo!()
}

/// Joins pieces into streams; tolerates any order, repetition and foreign pieces. Pieces whose stream is not of
/// the digest they name are dropped.
#[derive(Default)]
pub struct Assembler {
    _private: (),
}

impl Assembler {
    /// Takes a record; gives the statement that it completes.
    pub fn push(&mut self, _record: Record) -> Option<(Envelope, Option<Envelope>)> {
        todo!()
    }
}

/// An office cell (§9.3): one stanza for each seat of the council, ascending; seats that must not read it get a
/// stanza to a discarded key. `readable[i]` says whether `recipients[i]` gets a real one.
///
/// # Errors
/// [`Malformed`] when act and twin do not fit into 8,192 bytes.
pub fn seal_cell(
    _recipients: &[&Recipient],
    _readable: &[bool],
    _act: &Envelope,
    _twin: Option<&Envelope>,
    _rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Malformed> {
    todo!()
}

/// Opens a cell with `stanzas` stanzas; `None` when it is not for this key.
pub fn open_cell(
    _identity: &Identity,
    _file: &[u8],
    _stanzas: usize,
) -> Option<Result<(Envelope, Option<Envelope>), Malformed>> {
    todo!()
}
