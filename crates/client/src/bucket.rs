//! Buckets of equal records (§9.1), as a client fetches them.

use std::collections::{HashMap, HashSet};

use protocol::age::Recipient;
use protocol::drop::{Bucket, Stored};

use crate::failure::Outcome;
use crate::log::Log;
use crate::wire::{Call, Purpose, Signer, Wire, if_there};

/// The buckets that were fetched.
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

    /// All records of a recipient's bucket, at every depth that was ever in force; for a member also those that are
    /// not public yet.
    ///
    /// # Errors
    /// The network.
    pub async fn records(
        &mut self,
        wire: &Wire,
        log: &Log,
        recipient: &Recipient,
        member: Option<&Signer<'_>>,
    ) -> Outcome<Vec<Stored>> {
        let mut all = Vec::new();
        for (b, name) in log.registry().buckets(recipient) {
            let bucket = self.fetched.entry((b, name.clone())).or_default();
            if self.fresh.insert((b, name.clone())) {
                for page in 0u64.. {
                    let Some(signer) = member else { break };
                    let call = Call::get(format!("/api/v1/member/drop/{b}/{name}/{page}"));
                    let page = wire.signed_if_there(call, signer).await?;
                    if !bucket.take_unpublished(page.as_deref()) {
                        break;
                    }
                }
                loop {
                    let path = format!("/api/v1/drop/{b}/{name}/{}", bucket.page());
                    let page = if_there(wire.one(Call::get_for(Purpose::Bucket, path)).await)?;
                    if !bucket.take(page.as_deref()) {
                        break;
                    }
                }
            }
            all.extend_from_slice(bucket.records());
        }
        Ok(all)
    }
}
