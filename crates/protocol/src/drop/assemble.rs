//! Joins the pieces of long streams (§15.7) in bounded memory.

use super::{PIECE_LEN, Record, STREAM_MAX, read_stream};
use crate::digest::Digest;
use crate::envelope::Envelope;
use std::collections::BTreeMap;

/// Most pieces of a stream: two envelopes of 65,535 bytes with their lengths.
pub(super) const PIECES_MAX: u8 = (2 * (2 + 65_535usize)).div_ceil(PIECE_LEN) as u8;
/// Different pieces kept for one place: anybody who knows the recipient can write false ones.
const VARIANTS_MAX: usize = 4;
/// Ways to join that are tried when a piece arrives.
const JOINS_MAX: usize = 256;
/// Pieces kept in all, 8 MiB; beyond them the stream begun longest ago is dropped.
const PIECES_HELD_MAX: usize = 4_096;

/// Joins pieces into streams; tolerates any order, repetition and foreign pieces. Pieces whose stream is not of
/// the digest they name are dropped. Holds at most 8 MiB.
#[derive(Default)]
pub struct Assembler {
    streams: BTreeMap<(Digest, u8), Stream>,
    begun: u64,
    held: usize,
}

/// The pieces of one stream so far: for each place the different bytes that claim it.
struct Stream {
    begun: u64,
    places: Vec<Vec<Vec<u8>>>,
}

impl Assembler {
    /// Takes a record; gives the statement that it completes, and a statement that it holds whole.
    pub fn push(&mut self, record: Record) -> Option<(Envelope, Option<Envelope>)> {
        match record {
            Record::Stream { act, twin } => Some((act, twin)),
            Record::Piece {
                statement,
                i,
                of,
                bytes,
            } => self.push_piece(statement, i, of, bytes),
            Record::File(_) => None,
        }
    }

    fn push_piece(&mut self, statement: Digest, i: u8, of: u8, bytes: Vec<u8>) -> Option<(Envelope, Option<Envelope>)> {
        if i >= of || !(2..=PIECES_MAX).contains(&of) || bytes.len() > PIECE_LEN {
            return None;
        }
        let key = (statement, of);
        let begun = self.begun;
        let stream = self.streams.entry(key).or_insert_with(|| {
            let places = vec![Vec::new(); usize::from(of)];
            Stream { begun, places }
        });
        if stream.begun == begun {
            self.begun += 1;
        }
        let place = &mut stream.places[usize::from(i)];
        if place.contains(&bytes) || place.len() == VARIANTS_MAX {
            return None;
        }
        place.push(bytes);
        self.held += 1;
        if let Some(act) = stream.join(statement, usize::from(i)) {
            self.forget(key);
            return Some(act);
        }
        self.shrink(key);
        None
    }

    /// Drops the streams begun longest ago, but not `kept`, until few enough pieces are held.
    fn shrink(&mut self, kept: (Digest, u8)) {
        while self.held > PIECES_HELD_MAX {
            let others = self.streams.iter().filter(|(key, _)| **key != kept);
            let Some(oldest) = others.min_by_key(|(_, stream)| stream.begun).map(|(key, _)| *key) else {
                return;
            };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, key: (Digest, u8)) {
        if let Some(stream) = self.streams.remove(&key) {
            self.held -= stream.places.iter().map(Vec::len).sum::<usize>();
        }
    }
}

impl Stream {
    /// Tries the ways to join that use the newest piece of place `newest`.
    fn join(&self, statement: Digest, newest: usize) -> Option<(Envelope, Option<Envelope>)> {
        let choices: Vec<usize> = self
            .places
            .iter()
            .enumerate()
            .map(|(i, place)| if i == newest { 1 } else { place.len() })
            .collect();
        let ways = choices
            .iter()
            .try_fold(1usize, |ways, n| ways.checked_mul(*n))
            .unwrap_or(usize::MAX);
        (0..ways.min(JOINS_MAX)).find_map(|way| {
            let mut rest = way;
            let mut bytes = Vec::with_capacity(self.places.len() * PIECE_LEN);
            for (i, place) in self.places.iter().enumerate() {
                let piece = if i == newest {
                    place.last()?
                } else {
                    place.get(rest % choices[i])?
                };
                rest /= choices[i];
                bytes.extend_from_slice(piece);
            }
            let (act, rest) = read_stream(&bytes).ok()?;
            let fits = bytes.len() > STREAM_MAX && rest.is_empty() && act.0.digest() == statement;
            fits.then_some(act)
        })
    }
}
