//! Buckets of equal records (§9.1), as this program fetches them.

use crate::failure::Outcome;
use crate::follow::Follow;
use protocol::age::Recipient;
use protocol::drop::{Bucket, Stored};
use std::collections::HashMap;

/// The buckets that this run has fetched, so that each page is fetched once while it does not grow.
#[derive(Default)]
pub struct Buckets(HashMap<(u8, String), Bucket>);

impl Buckets {
    /// All records of a recipient's bucket, at every depth that was ever in force.
    ///
    /// # Errors
    /// Network.
    pub fn records(&mut self, follow: &Follow, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let mut all = Vec::new();
        for (b, name) in follow.registry().buckets(recipient) {
            let bucket = self.0.entry((b, name.clone())).or_default();
            while bucket.take(follow.remote().drop_page(b, &name, bucket.page())?.as_deref()) {}
            all.extend_from_slice(bucket.records());
        }
        Ok(all)
    }
}
