//! Buckets of equal records (§9.1): fetched whole, tried record by record, for the service must not learn which is whose.

use crate::failure::Outcome;
use crate::follow::Follow;
use protocol::Digest;
use protocol::age::{Identity, Recipient, sealed_len};
use protocol::drop::{Record, bucket_hash, bucket_name, open_record};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bytes of a record as it is stored.
pub const RECORD_FILE_LEN: usize = sealed_len(protocol::drop::RECORD_LEN, 1);

/// A record as it is stored, with its digest.
#[derive(Clone, Debug)]
pub struct Stored {
    /// SHA-256.
    pub digest: Digest,
    /// 3,707 bytes.
    pub bytes: Arc<[u8]>,
}

/// The buckets that this run has fetched, so that each page is fetched once while it does not grow.
#[derive(Default)]
pub struct Buckets {
    held: HashMap<(u8, String), Held>,
}

#[derive(Default)]
struct Held {
    records: Vec<Stored>,
    known: HashSet<Digest>,
    page: u64,
}

impl Buckets {
    /// All records of a recipient's bucket, at every depth that was ever in force.
    ///
    /// # Errors
    /// Network.
    pub fn records(&mut self, follow: &Follow, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let hash = bucket_hash(recipient);
        let mut depths = follow.registry().drop_depths();
        depths.dedup();
        if depths.is_empty() {
            depths.push(0);
        }
        let mut all = Vec::new();
        for b in depths {
            let name = bucket_name(&hash, b);
            let held = self.held.entry((b, name.clone())).or_default();
            held.fetch(follow, b, &name)?;
            all.extend_from_slice(&held.records);
        }
        Ok(all)
    }
}

impl Held {
    /// Fetches from the last page seen on; a page that is full is followed by the next.
    fn fetch(&mut self, follow: &Follow, b: u8, bucket: &str) -> Outcome<()> {
        while let Some(page) = follow.remote().drop_page(b, bucket, self.page)? {
            for bytes in page.chunks_exact(RECORD_FILE_LEN) {
                let digest = Digest::of(bytes);
                if self.known.insert(digest) {
                    self.records.push(Stored {
                        digest,
                        bytes: bytes.into(),
                    });
                }
            }
            self.page += 1;
        }
        // The last page may still grow.
        self.page = self.page.saturating_sub(1);
        Ok(())
    }
}

/// Tries records with a key, each once; gives those that open, well-formed. `tried` remembers between runs.
pub fn open_new(identity: &Identity, records: &[Stored], tried: &mut HashSet<Digest>) -> Vec<(Stored, Record)> {
    let fresh: Vec<&Stored> = records.iter().filter(|stored| tried.insert(stored.digest)).collect();
    let open = |stored: &&Stored| match open_record(identity, &stored.bytes) {
        Some(Ok(record)) => Some(((*stored).clone(), record)),
        Some(Err(_)) | None => None,
    };
    fresh.iter().filter_map(open).collect()
}
