//! Buckets of equal records (§9.1), as this program fetches them.

use crate::failure::Outcome;
use crate::follow::Follow;
use protocol::age::Recipient;
use protocol::drop::{Bucket, Stored};
use std::collections::{HashMap, HashSet};

/// The buckets that this run has fetched, so that each page is fetched once while it does not grow.
#[derive(Default)]
pub struct Buckets {
    fetched: HashMap<(u8, String), Bucket>,
    /// Those that were fetched since [`Self::renew`]: several cases share a bucket.
    fresh: HashSet<(u8, String)>,
}

impl Buckets {
    /// From here on every bucket is looked at again.
    pub fn renew(&mut self) {
        self.fresh.clear();
    }

    /// All records of a recipient's bucket, at every depth that was ever in force.
    ///
    /// # Errors
    /// Network.
    pub fn records(&mut self, follow: &Follow, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let mut all = Vec::new();
        for (b, name) in follow.registry().buckets(recipient) {
            let bucket = self.fetched.entry((b, name.clone())).or_default();
            if self.fresh.insert((b, name.clone())) {
                while bucket.take(follow.remote().drop_page(b, &name, bucket.page())?.as_deref()) {}
            }
            all.extend_from_slice(bucket.records());
        }
        Ok(all)
    }
}
