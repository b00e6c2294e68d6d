//! Equal records in buckets, and office cells (§9.1, §9.3, §15.7).

use crate::age::{self, AgeError, Identity, Recipient};
use crate::digest::Digest;
use crate::envelope::Envelope;
use crate::label;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

mod assemble;
mod bucket;
mod name;

pub use assemble::Assembler;
use assemble::PIECES_MAX;
pub use bucket::{Bucket, Stored, open_new};
pub use name::{BucketName, DEPTH_MAX};

/// Plaintext of a record in bytes.
pub const RECORD_LEN: usize = 2048;
/// A record as it is stored, in bytes.
pub const RECORD_FILE_LEN: usize = age::sealed_len(RECORD_LEN, 1);
/// Plaintext of an office cell in bytes.
pub const CELL_LEN: usize = 8192;
/// Longest envelope that fits an office cell without a twin.
pub const CELL_ENVELOPE_MAX: usize = CELL_LEN - 5;
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
}

/// A record or cell that opened but is malformed, or of an unknown kind: skip and count (§19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a malformed record")]
pub struct Malformed;

/// Bytes of a piece of a longer stream; every piece but the last is full (§15.7).
const PIECE_LEN: usize = RECORD_LEN - 37;
/// Longest stream of a 0x01 record.
const STREAM_MAX: usize = RECORD_LEN - 1;
/// Age file of a release, in bytes (§15.6).
const RELEASE_LEN: usize = 1_851;

const STREAM: u8 = 0x01;
const PIECE: u8 = 0x02;
const FILE: u8 = 0x03;

/// The bucket hash of a recipient (§9.1): `SHA-256(L("bucket") ‖ recipient)`.
pub fn bucket_hash(recipient: &Recipient) -> Digest {
    Digest::of_parts(&[label::BUCKET, recipient.as_bytes()])
}

/// `len u16 ‖ envelope ‖ len u16 ‖ twin envelope`; `None` when one is too long for its length (§15.7).
fn stream(act: &Envelope, twin: Option<&Envelope>) -> Option<Vec<u8>> {
    let mut stream = Vec::new();
    for bytes in [act.bytes(), twin.map_or(&[], Envelope::bytes)] {
        stream.extend_from_slice(&u16::try_from(bytes.len()).ok()?.to_be_bytes());
        stream.extend_from_slice(bytes);
    }
    Some(stream)
}

/// Reads a stream from the front of `bytes`; gives what follows it.
fn read_stream(bytes: &[u8]) -> Result<(Act, &[u8]), Malformed> {
    let (act, rest) = split_long(bytes)?;
    let (twin, rest) = split_long(rest)?;
    let act = Envelope::parse(act).map_err(|_| Malformed)?;
    let twin = if twin.is_empty() {
        None
    } else {
        Some(Envelope::parse(twin).map_err(|_| Malformed)?)
    };
    Ok(((act, twin), rest))
}

/// An act with its twin.
type Act = (Envelope, Option<Envelope>);

fn split_long(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (len, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
        .ok_or(Malformed)
}

/// Zeros, or it could carry a mark (§15.6).
fn only_zeros(padding: &[u8]) -> Result<(), Malformed> {
    if padding.iter().all(|byte| *byte == 0) {
        Ok(())
    } else {
        Err(Malformed)
    }
}

/// The plaintexts of the records that carry an act: one 0x01, or pieces 0x02 of a stream above 2,047 bytes.
///
/// # Errors
/// [`Malformed`] when an envelope is longer than 65,535 bytes.
pub fn act_records(act: &Envelope, twin: Option<&Envelope>) -> Result<Vec<Vec<u8>>, Malformed> {
    let stream = stream(act, twin).ok_or(Malformed)?;
    if stream.len() <= STREAM_MAX {
        return Ok(vec![padded(&[&[STREAM], &stream], RECORD_LEN)]);
    }
    let statement = act.digest();
    let of = u8::try_from(stream.len().div_ceil(PIECE_LEN)).map_err(|_| Malformed)?;
    let pieces = (0..of).zip(stream.chunks(PIECE_LEN));
    Ok(pieces
        .map(|(i, bytes)| {
            let len = (bytes.len() as u16).to_be_bytes();
            padded(&[&[PIECE], statement.as_bytes(), &[i, of], &len, bytes], RECORD_LEN)
        })
        .collect())
}

/// The plaintext of the record that carries a release file.
///
/// # Errors
/// [`Malformed`] when `file` is not of 1,851 bytes.
pub fn release_record(file: &[u8]) -> Result<Vec<u8>, Malformed> {
    if file.len() != RELEASE_LEN {
        return Err(Malformed);
    }
    Ok(padded(
        &[&[FILE], &(RELEASE_LEN as u16).to_be_bytes(), file],
        RECORD_LEN,
    ))
}

fn padded(parts: &[&[u8]], len: usize) -> Vec<u8> {
    let mut bytes = parts.concat();
    bytes.resize(len, 0);
    bytes
}

/// The records (age files of 3,707 bytes) that carry an act, one or several pieces, sealed to `recipient`.
///
/// # Errors
/// [`Malformed`] when an envelope is longer than 65,535 bytes, which no act is.
pub fn seal_act(
    recipient: &Recipient,
    act: &Envelope,
    twin: Option<&Envelope>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Vec<u8>>, Malformed> {
    let records = act_records(act, twin)?;
    Ok(records
        .iter()
        .map(|record| age::seal(&[recipient], record, rng))
        .collect())
}

/// The record that carries a release file.
///
/// # Errors
/// [`Malformed`] when `file` is not of 1,851 bytes.
pub fn seal_release_file(recipient: &Recipient, file: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Malformed> {
    Ok(age::seal(&[recipient], &release_record(file)?, rng))
}

/// Tries one record with one key: `None` when it is not for this key.
pub fn open_record(identity: &Identity, file: &[u8]) -> Option<Result<Record, Malformed>> {
    match age::open(identity, file) {
        Ok(plaintext) => Some(Record::parse(plaintext)),
        Err(AgeError::Header | AgeError::NoMatch) => None,
        Err(AgeError::Mac | AgeError::Payload) => Some(Err(Malformed)),
    }
}

impl Record {
    /// Reads a record's plaintext of 2,048 bytes.
    ///
    /// # Errors
    /// [`Malformed`] for another length, an unknown kind, a wrong length field or padding that is not zero.
    pub fn parse(plaintext: Zeroizing<Vec<u8>>) -> Result<Self, Malformed> {
        if plaintext.len() != RECORD_LEN {
            return Err(Malformed);
        }
        match plaintext[0] {
            STREAM => {
                let ((act, twin), padding) = read_stream(&plaintext[1..])?;
                only_zeros(padding)?;
                Ok(Self::Stream { act, twin })
            }
            PIECE => Self::parse_piece(&plaintext[1..]),
            FILE => {
                let (file, padding) = split_long(&plaintext[1..])?;
                only_zeros(padding)?;
                if file.len() == RELEASE_LEN {
                    Ok(Self::File(file.to_vec()))
                } else {
                    Err(Malformed)
                }
            }
            _ => Err(Malformed),
        }
    }

    fn parse_piece(body: &[u8]) -> Result<Self, Malformed> {
        let (statement, rest) = body.split_first_chunk().ok_or(Malformed)?;
        let ([i, of], rest) = rest.split_first_chunk().ok_or(Malformed)?;
        let (bytes, padding) = split_long(rest)?;
        only_zeros(padding)?;
        let last = usize::from(*i) + 1 == usize::from(*of);
        let fits = i < of && (2..=PIECES_MAX).contains(of) && !bytes.is_empty() && (last || bytes.len() == PIECE_LEN);
        let piece = Self::Piece {
            statement: Digest(*statement),
            i: *i,
            of: *of,
            bytes: bytes.to_vec(),
        };
        if fits { Ok(piece) } else { Err(Malformed) }
    }
}

/// The plaintext of an office cell (§9.3).
///
/// # Errors
/// [`Malformed`] when act and twin do not fit into 8,192 bytes.
pub fn cell_plaintext(act: &Envelope, twin: Option<&Envelope>) -> Result<Vec<u8>, Malformed> {
    let stream = stream(act, twin)
        .filter(|stream| stream.len() < CELL_LEN)
        .ok_or(Malformed)?;
    Ok(padded(&[&[STREAM], &stream], CELL_LEN))
}

/// An office cell (§9.3): one stanza for each seat of the council, ascending; seats that must not read it get a
/// stanza to a discarded key. `readable[i]` says whether `recipients[i]` gets a real one.
///
/// # Errors
/// [`Malformed`] when act and twin do not fit into 8,192 bytes, or `readable` is not as long as `recipients`.
pub fn seal_cell(
    recipients: &[&Recipient],
    readable: &[bool],
    act: &Envelope,
    twin: Option<&Envelope>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Malformed> {
    if recipients.len() != readable.len() {
        return Err(Malformed);
    }
    let plaintext = cell_plaintext(act, twin)?;
    let discarded: Vec<Recipient> = readable.iter().map(|_| Identity::draw(rng).recipient()).collect();
    let pairs = recipients.iter().zip(&discarded).zip(readable);
    let stanzas: Vec<&Recipient> = pairs
        .map(|((real, other), readable)| if *readable { *real } else { other })
        .collect();
    Ok(age::seal(&stanzas, &plaintext, rng))
}

/// Opens a cell with `stanzas` stanzas; `None` when it is not for this key.
pub fn open_cell(
    identity: &Identity,
    file: &[u8],
    stanzas: usize,
) -> Option<Result<(Envelope, Option<Envelope>), Malformed>> {
    match age::open_cell(identity, file, stanzas) {
        Ok(plaintext) => Some(read_cell(&plaintext)),
        Err(AgeError::Header | AgeError::NoMatch) => None,
        Err(AgeError::Mac | AgeError::Payload) => Some(Err(Malformed)),
    }
}

/// Reads a cell's plaintext of 8,192 bytes.
///
/// # Errors
/// [`Malformed`] for another length, an unknown kind or padding that is not zero.
pub fn read_cell(plaintext: &[u8]) -> Result<(Envelope, Option<Envelope>), Malformed> {
    match plaintext {
        [STREAM, rest @ ..] if plaintext.len() == CELL_LEN => {
            let (act, padding) = read_stream(rest)?;
            only_zeros(padding)?;
            Ok(act)
        }
        _ => Err(Malformed),
    }
}
