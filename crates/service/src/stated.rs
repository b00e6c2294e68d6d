//! The statement `site` (§14.1): what this service serves, signed by the operator and logged whenever the newest one says
//! something else. Restarts that change nothing log nothing.

use ledger::{Error, Item, Submission};
use protocol::ids::Version;
use protocol::statement::{Site, SiteList, SiteListRef};
use protocol::{Digest, Envelope, Nonce};

use crate::app::{Shared, blocking};
use crate::founding::publish_in;
use crate::{random, site};

/// The list of the ledger that names the lists of sites, so that they are kept and served by their digest.
const LISTS: &str = "site";

/// States what is served, unless the newest `site`, in the log or on its way there, says the same. Nothing before the first
/// council is in a published checkpoint, for until then nobody is the operator.
///
/// # Errors
/// Storage.
pub(crate) async fn keep_stated(app: &Shared) -> Result<(), Error> {
    let view = app.projection.view();
    if view
        .council()
        .is_none_or(|council| council.operator.key != app.operator.public())
    {
        return Ok(());
    }
    let list = match SiteList::new(site::site_files(app)) {
        Ok(list) => list.to_bytes(),
        Err(rule) => {
            tracing::error!(
                rule,
                "what is served cannot be stated; whoever verifies the site will say so"
            );
            return Ok(());
        }
    };
    let digest = Digest::of(&list);
    let stated = Site {
        v: Version,
        origin: app.origin.clone(),
        nonce: Nonce(random::bytes()),
        time: app.now(),
        files: SiteListRef {
            digest,
            size: list.len() as u64,
        },
        built: Some(site::built()).filter(|built| *built != 0),
        onion: app.site.onion.clone(),
        nojs_clearnet: app.site.nojs_clearnet,
    };
    if view.newest_site().is_some_and(|newest| newest.says_the_same(&stated)) {
        return Ok(());
    }
    let statement = Envelope::sign(&stated, &[app.operator.signing()]);
    let mut submission = Submission {
        form: Some(statement.digest().0),
        answer: statement.digest().0.to_vec(),
        ..Submission::default()
    };
    publish_in(&mut submission, &statement);
    submission.blobs.push((digest.0, list));
    submission.items.push(Item {
        list: LISTS.to_owned(),
        bytes: digest.0.to_vec(),
        blob: Some(digest.0),
        ..Item::default()
    });
    app.ledger.submit(submission).await?;
    app.telemetry.count("resguardo_sites_stated_total");
    tracing::info!("what is served has changed; a statement of it goes into the log");
    blocking(app, |app| app.projection.refresh(&app.ledger)).await
}
