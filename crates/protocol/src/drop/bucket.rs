//! A bucket as a client reads it (§9.1): fetched whole, tried record by record, for the service must not learn which is
//! whose.

use super::{PAGE_RECORDS, RECORD_FILE_LEN, Record, open_record};
use crate::age::Identity;
use crate::digest::Digest;
use std::collections::HashSet;
use std::sync::Arc;

/// A record as it is stored, with its digest.
#[derive(Clone, Debug)]
pub struct Stored {
    /// SHA-256.
    pub digest: Digest,
    /// 3,707 bytes.
    pub bytes: Arc<[u8]>,
}

/// A bucket as far as it was fetched.
#[derive(Default)]
pub struct Bucket {
    records: Vec<Stored>,
    known: HashSet<Digest>,
    first: u64,
    page: u64,
}

impl Bucket {
    /// One of which no page before `first` is wanted.
    pub fn from_page(first: u64) -> Self {
        Self {
            first,
            page: first,
            ..Self::default()
        }
    }

    /// The page to be fetched next.
    pub fn page(&self) -> u64 {
        self.page
    }

    /// Takes that page, or that the service has none of this number; whether there may be more. The last page may still
    /// grow, so that a later fetch begins with it.
    pub fn take(&mut self, page: Option<&[u8]>) -> bool {
        let Some(page) = page else {
            self.page = self.page.saturating_sub(1).max(self.first);
            return false;
        };
        self.keep(page);
        self.page += 1;
        true
    }

    /// Takes a page of records that are not public yet, as members read them; whether there may be more. They are
    /// fetched before the public pages, for a record that is published meanwhile stands in those.
    pub fn take_unpublished(&mut self, page: Option<&[u8]>) -> bool {
        let Some(page) = page else { return false };
        self.keep(page);
        page.len() >= PAGE_RECORDS * RECORD_FILE_LEN
    }

    fn keep(&mut self, page: &[u8]) {
        for bytes in page.chunks_exact(RECORD_FILE_LEN) {
            let digest = Digest::of(bytes);
            if self.known.insert(digest) {
                self.records.push(Stored {
                    digest,
                    bytes: bytes.into(),
                });
            }
        }
    }

    /// All records so far.
    pub fn records(&self) -> &[Stored] {
        &self.records
    }
}

/// Tries records with a key, each once; gives those that open, well-formed. `tried` remembers.
pub fn open_new(identity: &Identity, records: &[Stored], tried: &mut HashSet<Digest>) -> Vec<(Stored, Record)> {
    let fresh: Vec<&Stored> = records.iter().filter(|stored| tried.insert(stored.digest)).collect();
    let open = |stored: &&Stored| match open_record(identity, &stored.bytes) {
        Some(Ok(record)) => Some(((*stored).clone(), record)),
        Some(Err(_)) | None => None,
    };
    fresh.iter().filter_map(open).collect()
}
