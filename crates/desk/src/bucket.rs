//! Buckets of equal records (§9.1): fetched whole, tried record by record, for the service must not learn which is whose.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use protocol::Digest;
use protocol::age::{Identity, Recipient, sealed_len};
use protocol::drop::{RECORD_LEN, Record, bucket_hash, bucket_name, open_record};

use crate::failure::Outcome;
use crate::log::Log;
use crate::wire::Wire;

/// Bytes of a record as it is stored.
const RECORD_FILE_LEN: usize = sealed_len(RECORD_LEN, 1);

/// A record as it is stored, with its digest.
#[derive(Clone)]
pub(crate) struct Stored {
    digest: Digest,
    bytes: Rc<[u8]>,
}

/// The buckets that this visit has fetched.
#[derive(Default)]
pub(crate) struct Buckets {
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
    /// The network.
    pub async fn records(&mut self, wire: &Wire, log: &Log, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let hash = bucket_hash(recipient);
        let mut depths = log.registry().drop_depths();
        depths.dedup();
        if depths.is_empty() {
            depths.push(0);
        }
        let mut all = Vec::new();
        for b in depths {
            let name = bucket_name(&hash, b);
            let held = self.held.entry((b, name.clone())).or_default();
            held.fetch(wire, b, &name).await?;
            all.extend_from_slice(&held.records);
        }
        Ok(all)
    }
}

impl Held {
    /// Fetches from the last page seen on; a page that is full is followed by the next.
    async fn fetch(&mut self, wire: &Wire, b: u8, bucket: &str) -> Outcome<()> {
        loop {
            let path = format!("/api/v1/drop/{b}/{bucket}/{}", self.page);
            let page = wire.several(vec![path]).await?.into_iter().flatten().next();
            let Some(page) = page else {
                // The last page may still grow.
                self.page = self.page.saturating_sub(1);
                return Ok(());
            };
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
    }
}

/// Tries records with a key, each once; gives those that open, well-formed. `tried` remembers within the visit.
pub(crate) fn open_new(identity: &Identity, records: &[Stored], tried: &mut HashSet<Digest>) -> Vec<Record> {
    let fresh: Vec<&Stored> = records.iter().filter(|stored| tried.insert(stored.digest)).collect();
    let opened = fresh.iter().filter_map(|stored| open_record(identity, &stored.bytes));
    opened.filter_map(Result::ok).collect()
}
