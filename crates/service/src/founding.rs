//! The first four public entries (§6.1): council of epoch 1, then the operator's `pace`, `drop` with b = 0, `greeting`.

use std::collections::BTreeMap;

use casework::registry::PublicRefusal;
use casework::{Registry, RootOfTrust};
use ledger::{Accepted, Item, NewEntry, Submission};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::statement::{BucketDepth, Council, Greeting, Pace, Payload};
use protocol::{Digest, Envelope, Nonce};

use crate::app::{Shared, blocking};
use crate::projection::STATEMENTS_LIST;
use crate::{config, random};

/// What a log begins with.
pub struct Founding {
    /// Council of epoch 1, signed by all its seats.
    pub council: Envelope,
    /// The greeting: language (BCP 47, lower case) to text.
    pub greeting: BTreeMap<String, String>,
}

/// Why a council cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// Not a council, or its policy is not one for this log.
    #[error("this is not a council of this log: {0}")]
    Council(String),
    /// The council names another operator key than this server has.
    #[error("the council names another operator key than this server's")]
    Operator,
    /// One of the four statements does not count; nothing was stored.
    #[error("the statement would not count: {0}")]
    Refused(#[from] PublicRefusal),
    /// The log has begun with another council.
    #[error("this log has begun with another council")]
    Begun,
    /// No cosigner in the policy has an address: no checkpoint could ever be published.
    #[error("no cosigner in the council's policy has an address")]
    NoAddress,
    /// Storage.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

/// Stores the four statements, which the next step appends. The same council again changes nothing.
///
/// # Errors
/// [`FoundingError`]; nothing was stored then.
pub(crate) async fn publish(app: &Shared, founding: &Founding) -> Result<RootOfTrust, FoundingError> {
    let unreadable = |error: &dyn std::fmt::Display| FoundingError::Council(error.to_string());
    let council: Council = founding.council.unverified().map_err(|error| unreadable(&error))?;
    let root = RootOfTrust {
        v: Version,
        origin: app.origin.clone(),
        log_key: app.log_key.verifier().to_string(),
        policy: council.policy.clone(),
        council: founding.council.digest(),
    };
    if council.operator.key != app.operator.public() {
        return Err(FoundingError::Operator);
    }
    let policy = root.policy().map_err(|error| unreadable(&error))?;
    if policy.witnesses().iter().all(|(_, url)| url.is_none()) {
        return Err(FoundingError::NoAddress);
    }
    let statements = statements(app, founding);
    let mut registry = Registry::new(&root).map_err(|error| unreadable(&error))?;
    for (index, statement) in (0u64..).zip(&statements) {
        registry.apply(index, statement, app.now())?;
    }
    let accepted = app.ledger.submit(submission(&statements)).await?;
    if accepted != Accepted::New && accepted != Accepted::Again(founding.council.digest().0.to_vec()) {
        return Err(FoundingError::Begun);
    }
    blocking(app, |app| app.projection.refresh(&app.ledger)).await?;
    Ok(root)
}

fn statements(app: &Shared, founding: &Founding) -> [Envelope; 4] {
    let (origin, time, v) = (&app.origin, app.now(), Version);
    let nonce = || Nonce(random::bytes());
    let config::PaceConfig { n, step_s, delivery_s } = app.pace;
    let pace = Pace {
        v,
        origin: origin.clone(),
        nonce: nonce(),
        time,
        n,
        step_s,
        delivery_s,
    };
    let drop = BucketDepth {
        v,
        origin: origin.clone(),
        nonce: nonce(),
        time,
        b: 0,
    };
    let greeting = Greeting {
        v,
        origin: origin.clone(),
        nonce: nonce(),
        time,
        texts: founding.greeting.clone(),
    };
    [
        founding.council.clone(),
        sign(&app.operator, &pace),
        sign(&app.operator, &drop),
        sign(&app.operator, &greeting),
    ]
}

fn sign<P: Payload>(operator: &MemberKeys, payload: &P) -> Envelope {
    Envelope::sign(payload, &[operator.signing()])
}

/// The statements in one act, in order. Its form is one for all foundings, so that a log begins once.
fn submission(statements: &[Envelope; 4]) -> Submission {
    let mut submission = Submission {
        form: Some(Digest::of(b"founding\0").0),
        answer: statements[0].digest().0.to_vec(),
        ..Submission::default()
    };
    for statement in statements {
        publish_in(&mut submission, statement);
    }
    submission
}

/// Puts a public statement into a submission: entry, envelope, place in the list.
pub(crate) fn publish_in(submission: &mut Submission, statement: &Envelope) {
    let digest = statement.digest();
    let file = Digest::of(statement.bytes());
    submission.entries.push(NewEntry {
        bytes: protocol::slot::Entry::Public(digest).to_bytes(),
        key: digest.0,
        step: 0,
        class: 2,
        owner: None,
    });
    submission.blobs.push((file.0, statement.bytes().to_vec()));
    submission.items.push(Item {
        list: STATEMENTS_LIST.to_owned(),
        bytes: [digest.0, file.0].concat(),
        blob: Some(file.0),
        ..Item::default()
    });
}

/// States another N; the next step includes it.
///
/// # Errors
/// Storage.
pub(crate) async fn state_pace(app: &Shared, n: u32) -> Result<(), ledger::Error> {
    let now = app.now();
    let config::PaceConfig { step_s, delivery_s, .. } = app.projection.view().pace(now);
    let pace = Pace {
        v: Version,
        origin: app.origin.clone(),
        nonce: Nonce(random::bytes()),
        time: now,
        n,
        step_s,
        delivery_s,
    };
    state(app, &pace).await
}

/// Signs a statement of the operator's and stores it; the next step includes it.
///
/// # Errors
/// Storage.
pub(crate) async fn state<P: Payload>(app: &Shared, payload: &P) -> Result<(), ledger::Error> {
    let statement = sign(&app.operator, payload);
    let mut submission = Submission {
        form: Some(statement.digest().0),
        answer: statement.digest().0.to_vec(),
        ..Submission::default()
    };
    publish_in(&mut submission, &statement);
    app.ledger.submit(submission).await?;
    blocking(app, |app| app.projection.refresh(&app.ledger)).await
}
