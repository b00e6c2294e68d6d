//! How far uploads came: their length and running hash, while they are known to this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::store::Content;
use crate::submission::Digest;

/// Uploads whose running hash is remembered; the others are read again when they go on.
const REMEMBERED: usize = 1_024;

/// Bytes read at once from an upload that goes on.
const PIECE: usize = 1 << 20;

/// One upload as far as it came, with the hash of that.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    pub(crate) size: u64,
    pub(crate) hash: Sha256,
}

impl Progress {
    /// Reads all of it, with flat memory; what is not there is empty.
    pub(crate) fn of(content: Option<&dyn Content>) -> Result<Self, Error> {
        let mut progress = Self::default();
        let Some(content) = content else { return Ok(progress) };
        loop {
            let piece = content.read(progress.size, PIECE)?;
            if piece.is_empty() {
                return Ok(progress);
            }
            progress.hash.update(&piece);
            progress.size += piece.len() as u64;
        }
    }
}

/// Guards one upload.
pub(crate) type Slot = Arc<Mutex<Option<Progress>>>;

/// The uploads that this process knows; the inner lock lets one chunk of an upload in at a time.
#[derive(Default)]
pub(crate) struct Known {
    /// Guards the map only, never while an upload is touched.
    uploads: Mutex<HashMap<Digest, Slot>>,
}

impl Known {
    pub(crate) fn slot(&self, name: &Digest) -> Slot {
        let mut uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        if uploads.len() >= REMEMBERED {
            // Those in use stay, so that two chunks of one upload never run side by side.
            uploads.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(uploads.entry(*name).or_default())
    }

    pub(crate) fn forget(&self, name: &Digest) {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}
