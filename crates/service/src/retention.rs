//! What nobody may keep (§9.1): an expired record is cut out of its page, and its bytes go too, so that a digest that
//! somebody wrote down leads nowhere. So it is with office cells.

use std::collections::HashSet;
use std::time::Duration;

use docket::Registry;
use ledger::{Error, Ledger};
use protocol::Digest;
use protocol::drop::bucket_name;
use tokio::sync::watch;

use crate::app::Shared;
use crate::delivery::{OFFICE_LIST, OFFICE_WAITING_LIST};
use crate::drop;
use crate::pace::blocking;

/// Seconds between two rounds. Expiry is by the day, so an hour late is soon.
const ROUND_S: u64 = 3_600;

/// Forgets what expired, once an hour, until told to stop. A failure of storage ends it and is noted.
pub(crate) async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            forgotten = forget(&app, app.now()) => {
                match forgotten {
                    Ok(()) => {}
                    Err(Error::Full) => app.fail(&Error::Full),
                    Err(error) => return app.fail(&error),
                }
            }
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(ROUND_S)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Deletes the files of expired records and cells, then what expired itself. Cut off anywhere, the next round goes on.
///
/// # Errors
/// Storage.
pub(crate) async fn forget(app: &Shared, now: u64) -> Result<(), Error> {
    let view = app.projection.view();
    let depths = view.registry().map(Registry::drop_depths).unwrap_or_default();
    let buckets = depths
        .into_iter()
        .flat_map(|depth| names(depth).map(move |bucket| drop::list(depth, &bucket)));
    for list in buckets.chain([OFFICE_LIST.to_owned(), OFFICE_WAITING_LIST.to_owned()]) {
        let expired = blocking(app, move |app| expired(&app.ledger, &list, now)).await?;
        for digest in expired {
            app.ledger.delete_blob(digest.0).await?;
        }
    }
    app.ledger.expire(now).await
}

/// The names of all buckets at a depth.
fn names(depth: u8) -> impl Iterator<Item = String> {
    (0..1u64 << depth.min(32)).map(move |number| {
        let mut hash = Digest([0; 32]);
        let top = if depth == 0 {
            0
        } else {
            number << (64 - u32::from(depth))
        };
        hash.0[..8].copy_from_slice(&top.to_be_bytes());
        bucket_name(&hash, depth)
    })
}

/// Files that only expired items of a list name. Blocks.
fn expired(ledger: &Ledger, list: &str, now: u64) -> Result<HashSet<Digest>, Error> {
    let (mut expired, mut live) = (HashSet::new(), HashSet::new());
    let mut from = 0;
    loop {
        // At time 0 nothing has expired: all items are there.
        let items = ledger.list(list, from, 1_024, 0)?;
        let Some(last) = items.last() else { break };
        from = last.seq + 1;
        for item in items {
            let digest = item.bytes.first_chunk::<32>().map(|digest| Digest(*digest));
            let is_expired = item.expires.is_some_and(|expires| expires <= now);
            if is_expired {
                expired.extend(digest)
            } else {
                live.extend(digest)
            }
        }
    }
    expired.retain(|digest| !live.contains(digest));
    Ok(expired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_of_a_depth_has_its_name() {
        assert_eq!(names(0).collect::<Vec<_>>(), ["-"]);
        assert_eq!(names(3).collect::<Vec<_>>(), ["0", "2", "4", "6", "8", "a", "c", "e"]);
        assert!(names(7).all(|name| crate::form::is_bucket(&name, 7)));
        assert_eq!(names(7).collect::<HashSet<_>>().len(), 128);
    }
}
