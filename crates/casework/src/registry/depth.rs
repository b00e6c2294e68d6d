//! How deep the buckets are and were (§9.1).

use protocol::age::Recipient;
use protocol::drop::{BucketName, bucket_hash};

use super::{Recorded, Registry};

/// For so long after a deeper `drop` what names a bucket of the depth before is still taken.
const DEPTH_GRACE_S: u64 = 7 * 86_400;
/// For so long after it her reading asks for the buckets of the depth before: what was taken last waits for its publication
/// (`delivery_s`, a week at most), and a service may stand still for two weeks.
const DEPTH_READ_S: u64 = 28 * 86_400;
/// Inboxes that a bucket keeps at least.
const INBOXES_MIN: u64 = 64;

impl Registry {
    /// Depth of the buckets; 0 before any statement.
    pub fn drop_depth(&self) -> u8 {
        self.drops.last().map_or(0, |record| record.payload.b)
    }

    /// Every depth ever in force, ascending: a client fetches its prefix at each (§9.1).
    pub fn drop_depths(&self) -> Vec<u8> {
        self.depths().into_iter().map(|(b, _)| b).collect()
    }

    /// Whether what names a bucket of this depth is taken at `now`: it is in force, or a deeper one came not long ago (§9.1).
    pub fn takes_depth(&self, depth: u8, now: u64) -> bool {
        let ended_within = |ended: Option<u64>| ended.is_none_or(|ended| now <= ended.saturating_add(DEPTH_GRACE_S));
        self.depths()
            .into_iter()
            .any(|(b, ended)| b == depth && ended_within(ended))
    }

    /// Each depth with the time at which a deeper one took its place; before the first `drop` that is depth 0.
    fn depths(&self) -> Vec<(u8, Option<u64>)> {
        let mut depths: Vec<(u8, Option<u64>)> = vec![(0, None)];
        for Recorded {
            payload, included_at, ..
        } in &self.drops
        {
            match depths.last_mut() {
                Some((b, ended)) if *b < payload.b => *ended = Some(*included_at),
                _ => continue,
            }
            depths.push((payload.b, None));
        }
        depths
    }

    /// A recipient's buckets at every depth at which something can have been published at `since` or later, POSIX seconds;
    /// without it at every depth that ever was.
    pub fn buckets(&self, recipient: &Recipient, since: Option<u64>) -> Vec<BucketName> {
        let hash = bucket_hash(recipient);
        let read = |ended: Option<u64>| match (ended, since) {
            (Some(ended), Some(since)) => since <= ended.saturating_add(DEPTH_READ_S),
            _ => true,
        };
        let depths = self.depths().into_iter().filter(|(_, ended)| read(*ended));
        depths.map(|(b, _)| BucketName::of(&hash, b)).collect()
    }

    /// A recipient's bucket at the depth in force.
    pub fn bucket(&self, recipient: &Recipient) -> BucketName {
        BucketName::of(&bucket_hash(recipient), self.drop_depth())
    }

    /// Whether so deep a drop counts with so many entries before it: each filing takes one, and a bucket keeps 64 inboxes (§9.1).
    /// Nobody can count more than that from outside.
    pub fn may_be_deep(&self, b: u8, entries: u64) -> bool {
        let inboxes = INBOXES_MIN.checked_shl(u32::from(b)).unwrap_or(u64::MAX);
        b == 0 || self.origin.is_demo() || inboxes <= entries
    }
}
