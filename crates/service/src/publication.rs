//! When records become public (§9.1): once in each `delivery_s`, with the deliveries. Every bucket then gets what waits
//! for it, shuffled, with dummies to a multiple of 8 and at least 8, so that the public cannot see a filing come.
//!
//! A bucket is published in one transaction: what waited is public, and nothing waits; or all of it still waits.

use casework::Registry;
use ledger::{Error, Item, ListEntry, Once, Order, Refused, Submission};
use protocol::Digest;
use protocol::age::{self, Identity};
use protocol::drop::{BucketName, RECORD_LEN};

use crate::app::{Shared, blocking};
use crate::limits::DAY_S;
use crate::{drop, random};

/// Records of a bucket's publication are a multiple of this, and never fewer.
const MULTIPLE: usize = 8;
/// Under which name the keep classes of the last records are kept, 4 bytes each.
const KEEPS_VALUE: &str = "keep-classes";
/// How many of these.
const KEEPS: usize = 256;
/// From which dummies draw before there were any: a filing's two greetings and five acknowledgements.
const KEEPS_FIRST: [u32; 7] = [180, 180, 0, 0, 0, 0, 0];

/// Publishes what waits in every bucket of each depth that is taken, and of earlier ones where something was left.
///
/// # Errors
/// Storage.
pub(crate) async fn publish(app: &Shared, period: u64, now: u64) -> Result<(), Error> {
    let view = app.projection.view();
    let depths = view.registry().map(Registry::drop_depths).unwrap_or_default();
    let stored = blocking(app, |app| app.ledger.value(KEEPS_VALUE)).await?;
    let mut keeps = Keeps::read(stored.as_deref());
    for b in depths {
        let mut published = Vec::new();
        let is_taken = view.takes_depth(b, now);
        for bucket in BucketName::all(b) {
            published.extend(publish_bucket(app, &bucket, is_taken, period, now, &keeps).await?);
        }
        keeps.add(&published);
    }
    app.ledger.set_value(KEEPS_VALUE.to_owned(), keeps.to_bytes()).await
}

/// Publishes a bucket; gives the keep classes of its records. A bucket that gets no records any more, and has none, is
/// left as it is.
async fn publish_bucket(
    app: &Shared,
    bucket: &BucketName,
    is_taken: bool,
    period: u64,
    now: u64,
    keeps: &Keeps,
) -> Result<Vec<u32>, Error> {
    loop {
        let from = drop::waiting_list(bucket);
        let list = from.clone();
        // Nothing expires while it waits: what came before a long silence becomes public too.
        let waiting = blocking(app, move |app| drop::all(&app.ledger, &list, 0)).await?;
        if waiting.is_empty() && !is_taken {
            return Ok(Vec::new());
        }
        let classes: Vec<u32> = waiting.iter().map(drop::keep_of).collect();
        let once = Once {
            key: Digest::of_parts(&[b"publication\0", &period.to_be_bytes(), from.as_bytes()]).0,
            expires: now + 7 * DAY_S,
        };
        let mut submission = submission(&drop::list(bucket), &waiting, now, keeps);
        submission.removes = waiting.iter().map(|item| (from.clone(), item.seq)).collect();
        submission.once = vec![once];
        match app.ledger.submit(submission).await {
            // An author has deleted one of them meanwhile.
            Err(Error::Refused(Refused::Changed)) => {}
            // Published before a stop that came before the end of the round.
            Err(Error::Refused(Refused::Used)) => return Ok(Vec::new()),
            outcome => return outcome.map(|_| classes),
        }
    }
}

/// Records and dummies, shuffled.
fn submission(to: &str, waiting: &[ListEntry], now: u64, keeps: &Keeps) -> Submission {
    let place = |blob: [u8; 32], owner: u16, keep: u32| Item {
        list: to.to_owned(),
        bytes: drop::published(now),
        expires: drop::expiry(keep, now),
        blob: Some(blob),
        owner,
        order: Order::Arrival,
    };
    let mut items: Vec<Item> = waiting
        .iter()
        .filter_map(|item| Some(place(item.blob?, item.owner, drop::keep_of(item))))
        .collect();
    let mut blobs = Vec::new();
    while items.is_empty() || !items.len().is_multiple_of(MULTIPLE) {
        let dummy = dummy();
        let digest = Digest::of(&dummy).0;
        items.push(place(digest, 0, keeps.draw()));
        blobs.push((digest, dummy));
    }
    let order = random::permutation(items.len());
    Submission {
        items: order.iter().filter_map(|place| items.get(*place).cloned()).collect(),
        blobs,
        ..Submission::default()
    }
}

/// A record to a key that is discarded: like any other to whoever has not its key.
fn dummy() -> Vec<u8> {
    let mut source = random::source();
    let recipient = Identity::draw(&mut source).recipient();
    age::seal(&[&recipient], &random::bytes::<RECORD_LEN>(), &mut source)
}

/// Keep classes of the last records: dummies draw from them, not from their own batch, so that what goes with a batch
/// later does not tell how many of it were real.
struct Keeps(Vec<u32>);

impl Keeps {
    fn read(bytes: Option<&[u8]>) -> Self {
        let classes: Vec<u32> = bytes
            .unwrap_or_default()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|class| u32::from_be_bytes(*class))
            .collect();
        if classes.is_empty() {
            Self(KEEPS_FIRST.to_vec())
        } else {
            Self(classes)
        }
    }

    fn draw(&self) -> u32 {
        let place = random::below(self.0.len() as u64);
        usize::try_from(place)
            .ok()
            .and_then(|place| self.0.get(place))
            .copied()
            .unwrap_or(0)
    }

    fn add(&mut self, classes: &[u32]) {
        self.0.extend_from_slice(classes);
        let excess = self.0.len().saturating_sub(KEEPS);
        self.0.drain(..excess);
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|class| class.to_be_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_publication_is_filled_to_eights_shuffled_and_its_dummies_look_like_records() {
        let real = |number: u8| ListEntry {
            seq: u64::from(number),
            bytes: 30u32.to_be_bytes().to_vec(),
            expires: None,
            blob: Some([number; 32]),
            owner: u16::from(number),
        };
        for (count, published) in [(0, 8), (1, 8), (8, 8), (9, 16), (64, 64)] {
            let waiting: Vec<ListEntry> = (1..=count).map(real).collect();
            let keeps = Keeps(vec![180, 0]);
            let Submission { items, blobs, .. } = submission("list", &waiting, 0, &keeps);
            assert_eq!(items.len(), published);
            let dummies: HashSet<[u8; 32]> = blobs.iter().map(|(digest, _)| *digest).collect();
            assert_eq!(dummies.len(), published - usize::from(count));
            assert!(
                blobs
                    .iter()
                    .all(|(_, bytes)| bytes.len() == crate::limits::RECORD_FILE_LEN)
            );
            for item in &items {
                let is_dummy = item.blob.is_some_and(|blob| dummies.contains(&blob));
                assert_eq!(is_dummy, item.owner == 0);
                assert_eq!(
                    item.expires == drop::expiry(30, 0),
                    !is_dummy,
                    "dummies draw from what came before"
                );
            }
        }
        let waiting: Vec<ListEntry> = (1..=64).map(real).collect();
        let first = |submission: Submission| submission.items.iter().map(|item| item.owner).collect::<Vec<_>>();
        let once = first(submission("list", &waiting, 0, &Keeps(vec![0])));
        assert_ne!(once, first(submission("list", &waiting, 0, &Keeps(vec![0]))));
    }

    #[test]
    fn the_keep_classes_of_the_last_records_are_kept() {
        let mut keeps = Keeps::read(None);
        assert_eq!(keeps.0, KEEPS_FIRST);
        keeps.add(&[400; 300]);
        assert_eq!(keeps.0, [400; KEEPS]);
        assert_eq!(Keeps::read(Some(&keeps.to_bytes())).0, keeps.0);
        assert_eq!(keeps.draw(), 400);
    }
}
