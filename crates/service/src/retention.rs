//! What nobody may keep (§9.1): expired records are cut out of their pages, and their bytes go with the last thing that
//! names them, so that a digest that somebody wrote down leads nowhere. So it is with office cells and uploads.

use std::time::Duration;

use ledger::Error;
use tokio::sync::watch;

use crate::app::Shared;

/// Seconds between two rounds. Expiry is by the day, so an hour late is soon.
const ROUND_S: u64 = 3_600;

/// Forgets what expired, once an hour, until told to stop. A failure of storage ends it and is noted.
pub(crate) async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            forgotten = app.ledger.expire(app.now()) => {
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
