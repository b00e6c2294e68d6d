//! Chunked uploads that become large blobs: resumable, durable before they count.

use crate::ledger::{Digest, Error};

/// Uploads by a name of 32 bytes that the client draws.
#[derive(Clone)]
pub struct Uploads {
    _private: (),
}

/// What came of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Taken; the upload now has this many bytes.
    Taken(u64),
    /// It does not begin where the upload ends; that is here.
    Offset(u64),
    /// That was the last: the blob is durable under this digest.
    Done(Digest, u64),
    /// It would pass the limit.
    TooLarge,
}

impl Uploads {
    /// Bytes so far; a finished upload gives its blob.
    ///
    /// # Errors
    /// Storage.
    pub fn offset(&self, _name: &[u8; 32]) -> Result<u64, Error> {
        todo!()
    }
    /// Appends a chunk at `at`; `total` stands in the last chunk. Repeating a chunk that was taken is harmless.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`].
    pub fn put(
        &self,
        _name: &[u8; 32],
        _at: u64,
        _chunk: &[u8],
        _total: Option<u64>,
        _max: u64,
    ) -> Result<Chunk, Error> {
        todo!()
    }
}
