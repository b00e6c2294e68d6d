use std::ops::Range;

use zeroize::Zeroizing;

use crate::NoCopy;

/// A file, of which is read what is asked for. A film is never in memory whole.
pub trait Source {
    /// Its length in bytes.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `at` on; false where they cannot be read.
    fn read(&mut self, at: u64, into: &mut [u8]) -> bool;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> bool {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..));
        let bytes = from.and_then(|from| from.get(..into.len()));
        if let Some(bytes) = bytes {
            into.copy_from_slice(bytes);
        }
        bytes.is_some()
    }
}

/// One piece of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of the file, as they are.
    Kept(Range<u64>),
    /// Bytes that were made.
    Made(Zeroizing<Vec<u8>>),
}

impl Piece {
    /// Bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Kept(range) => range.end - range.start,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }
}

/// How a copy is put together from its file: piece after piece, so that whoever makes it holds one at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pieces: Vec<Piece>,
}

impl Plan {
    /// A copy that was made whole.
    pub fn made(bytes: Vec<u8>) -> Self {
        let mut plan = Self::default();
        plan.make(bytes);
        plan
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Bytes of the copy.
    pub fn size(&self) -> u64 {
        self.pieces
            .iter()
            .fold(0u64, |sum, piece| sum.saturating_add(piece.size()))
    }

    pub(crate) fn make(&mut self, bytes: Vec<u8>) {
        match self.pieces.last_mut() {
            Some(Piece::Made(last)) => last.extend(bytes),
            _ => self.pieces.push(Piece::Made(bytes.into())),
        }
    }

    pub(crate) fn keep(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some(Piece::Kept(last)) if last.end == range.start => last.end = range.end,
            _ => self.pieces.push(Piece::Kept(range)),
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        for piece in other.pieces {
            match piece {
                Piece::Kept(range) => self.keep(range),
                Piece::Made(bytes) => self.make(bytes.to_vec()),
            }
        }
    }
}

/// Bytes of a file, at most `max` of them.
pub(crate) fn fetch(source: &mut dyn Source, range: Range<u64>, max: u64) -> Result<Vec<u8>, NoCopy> {
    if range.end < range.start || range.end > source.size() {
        return Err(NoCopy::Damaged);
    }
    let length = range.end - range.start;
    let count = usize::try_from(length).ok().filter(|_| length <= max);
    let mut bytes = vec![0; count.ok_or(NoCopy::Large)?];
    match source.read(range.start, &mut bytes) {
        true => Ok(bytes),
        false => Err(NoCopy::Unreadable),
    }
}
