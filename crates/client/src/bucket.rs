//! Buckets of equal records (§9.1), as a client fetches them.

use std::collections::{HashMap, HashSet};

use protocol::age::Recipient;
use protocol::drop::{Bucket, BucketName, Stored};
use protocol::ids::Day;
use serde::Deserialize;

use crate::failure::{Failure, Local, Outcome};
use crate::log::Log;
use crate::wire::{HttpCall, Purpose, Signer, Wire, if_there};

/// The buckets that were fetched.
#[derive(Default)]
pub struct Buckets {
    fetched: HashMap<BucketName, Bucket>,
    /// Those that were fetched since [`Self::renew`]: several cases share a bucket.
    fresh: HashSet<BucketName>,
}

impl Buckets {
    /// From here on every bucket is looked at again.
    pub fn renew(&mut self) {
        self.fresh.clear();
    }

    /// All records of a recipient's bucket, at every depth that was ever in force; where the log is read from a month on,
    /// those since then. For a member all, also those that are not public yet.
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
        let since = member.map_or_else(|| log.begins(), |_| None);
        for name in log.registry().buckets(recipient, since.map(|since| since.time)) {
            if let Some(since) = since
                && !self.fetched.contains_key(&name)
            {
                let first = first_page(wire, &format!("/api/v1/drop/{name}/since/{}", Day::of(since.time))).await?;
                self.fetched.insert(name, Bucket::from_page(first));
            }
            let bucket = self.fetched.entry(name).or_default();
            if self.fresh.insert(name) {
                for page in 0u64.. {
                    let Some(signer) = member else { break };
                    let call = HttpCall::get(format!("/api/v1/member/drop/{name}/{page}"));
                    let page = wire.signed_if_there(call, signer).await?;
                    if !bucket.take_unpublished(page.as_deref()) {
                        break;
                    }
                }
                loop {
                    let path = format!("/api/v1/drop/{name}/{}", bucket.page());
                    let page = if_there(wire.one(HttpCall::get_for(Purpose::Bucket, path)).await)?;
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

/// Where a bucket begins for whoever reads it from a day on.
#[derive(Deserialize)]
struct Since {
    page: u64,
}

/// # Errors
/// The network; an answer that is malformed.
async fn first_page(wire: &Wire, path: &str) -> Outcome<u64> {
    let answer = wire.taken(HttpCall::get_for(Purpose::Bucket, path)).await?;
    let since: Since = serde_json::from_slice(&answer.body).map_err(|_| Failure::new(Local::UnexpectedAnswer))?;
    Ok(since.page)
}
