//! Buckets of equal records (§9.1), as this visit fetches them.

use std::collections::HashMap;

use protocol::age::Recipient;
use protocol::drop::{Bucket, Stored};

use crate::failure::Outcome;
use crate::log::Log;
use crate::wire::Wire;

/// The buckets that this visit has fetched.
#[derive(Default)]
pub(crate) struct Buckets(HashMap<(u8, String), Bucket>);

impl Buckets {
    /// All records of a recipient's bucket, at every depth that was ever in force.
    ///
    /// # Errors
    /// The network.
    pub async fn records(&mut self, wire: &Wire, log: &Log, recipient: &Recipient) -> Outcome<Vec<Stored>> {
        let mut all = Vec::new();
        for (b, name) in log.registry().buckets(recipient) {
            let bucket = self.0.entry((b, name.clone())).or_default();
            loop {
                let path = format!("/api/v1/drop/{b}/{name}/{}", bucket.page());
                let page = wire.several(vec![path]).await?.into_iter().flatten().next();
                if !bucket.take(page.as_deref()) {
                    break;
                }
            }
            all.extend_from_slice(bucket.records());
        }
        Ok(all)
    }
}
