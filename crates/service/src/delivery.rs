//! What is handed over once in each `delivery_s`, shuffled (§5.7, §9.3): share files to seats, office cells that came
//! without a name. It waits in one list and is moved to the list that is read, in one transaction. Records become public
//! in the same round ([`crate::publication`]). What was filed `soon` waits for the next step only: somebody may be in danger.
//!
//! A share file is handed over only when its filing's entry is in a published checkpoint, for a seat rejects what it
//! does not find in the log (§7).

use ledger::{Error, Item, ListEntry, Submission};
use protocol::MemberNumber;
use tokio::sync::watch;

use crate::app::{Shared, blocking};
use crate::{drop, publication, random};

/// Under which name the last period delivered is kept.
const PERIOD_VALUE: &str = "delivered";
/// Items moved at once.
const BATCH: usize = 512;

/// Office cells that may be fetched.
pub(crate) const OFFICE_LIST: &str = "office";
/// Office cells that wait for the next delivery.
pub(crate) const OFFICE_WAITING_LIST: &str = "office-waiting";

/// What was delivered to a seat: id ‖ share ‖ header.
pub(crate) fn delivered_list(x: MemberNumber) -> String {
    format!("delivery/{x}")
}

/// What waits to be delivered to a seat, with the next delivery or, `soon`, with the next step: id ‖ share ‖ header ‖ key of
/// the filing's entry.
pub(crate) fn waiting_list(x: MemberNumber, soon: bool) -> String {
    let when = if soon { "dealt-soon" } else { "dealt" };
    format!("{when}/{x}")
}

/// Delivers after each published checkpoint, beside the pace and not within it: however much is due, the next step is
/// not late. Until told to stop; a failure of storage ends it and is noted.
pub(crate) async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = app.published.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match deliver(&app, app.now()).await {
            Ok(()) => {}
            Err(Error::Full) => app.fail(&Error::Full),
            Err(error) => return app.fail(&error),
        }
    }
}

/// Delivers what was filed `soon`; everything else, if a period has begun since the last time.
///
/// # Errors
/// Storage.
pub(crate) async fn deliver(app: &Shared, now: u64) -> Result<(), Error> {
    let view = app.projection.view();
    let mut seats: Vec<MemberNumber> = view
        .councils()
        .iter()
        .flat_map(|council| council.seats.iter().map(|seat| seat.x))
        .collect();
    seats.sort_unstable();
    seats.dedup();
    for x in &seats {
        move_due(app, waiting_list(*x, true), delivered_list(*x), now).await?;
    }
    let period = now / u64::from(view.pace(now).delivery_s.max(1));
    let last = blocking(app, |app| app.ledger.value(PERIOD_VALUE)).await?;
    let last = last.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    if last.is_some_and(|last| last >= period) {
        return Ok(());
    }
    for x in seats {
        move_due(app, waiting_list(x, false), delivered_list(x), now).await?;
    }
    move_due(app, OFFICE_WAITING_LIST.to_owned(), OFFICE_LIST.to_owned(), now).await?;
    publication::publish(app, period, now).await?;
    app.ledger
        .set_value(PERIOD_VALUE.to_owned(), period.to_be_bytes().to_vec())
        .await
}

/// Moves what is due from one list to another, in random order.
async fn move_due(app: &Shared, from: String, to: String, now: u64) -> Result<(), Error> {
    let name = from.clone();
    let due = blocking(app, move |app| due(app, &name, now)).await?;
    let order = random::permutation(due.len());
    let shuffled: Vec<&ListEntry> = order.iter().filter_map(|place| due.get(*place)).collect();
    for batch in shuffled.chunks(BATCH) {
        let items = batch
            .iter()
            .map(|entry| Item {
                list: to.clone(),
                bytes: entry.bytes.get(..96).unwrap_or(&entry.bytes).to_vec(),
                expires: entry.expires,
                blob: entry.blob,
                ..Item::default()
            })
            .collect();
        app.ledger
            .submit(Submission {
                items,
                removes: batch.iter().map(|entry| (from.clone(), entry.seq)).collect(),
                ..Submission::default()
            })
            .await?;
    }
    Ok(())
}

/// Items whose filing is in a published checkpoint; items without a filing at once. Blocks.
fn due(app: &Shared, list: &str, now: u64) -> Result<Vec<ListEntry>, Error> {
    let size = app.ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    let mut due = Vec::new();
    for item in drop::all(&app.ledger, list, now)? {
        let key = item.bytes.get(96..).and_then(|key| <[u8; 32]>::try_from(key).ok());
        let is_due = match key {
            Some(key) => app.ledger.position(&key)?.is_some_and(|index| index < size),
            None => true,
        };
        if is_due {
            due.push(item);
        }
    }
    Ok(due)
}
