//! Twins, by whoever holds them: which are due, publishing them, and opening the docket (§10.1).

use std::collections::{BTreeMap, BTreeSet};

use casework::case::CommittedTwin;
use casework::docket::{Course, Placed, due};
use casework::{Case, CommonFields, Registry};
use protocol::ids::Version;
use protocol::slot::Entry;
use protocol::statement::{DocketId, DocketOpen, Payload as _, Twin, TwinAct};
use protocol::{Day, Digest, Envelope, json};
use serde::Serialize;
use tlog::promise::Promise;

use crate::complaint::KeptPromise;
use crate::failure::{Code, Failure, Local, Outcome};
use crate::member::Member;
use crate::wire::HttpCall;

/// Promises for public statements, beside the acts.
const PUBLIC: &str = "public";

/// A twin of an act on a case that this client follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldTwin {
    /// What it says.
    pub twin: Twin,
    /// D of it.
    pub digest: Digest,
    /// As its author signed it.
    #[serde(skip)]
    pub envelope: Envelope,
    /// From when it is to be published, POSIX seconds; `None` while that cannot be said.
    pub from: Option<u64>,
    /// Whether it stands in the log as a public statement.
    pub is_published: bool,
}

impl HeldTwin {
    /// Whether it is to be published and is not, at a time.
    pub fn is_due(&self, at: u64) -> bool {
        !self.is_published && self.from.is_some_and(|from| from <= at)
    }
}

/// The twins on a case that the log commits to: the request of each docket first. An overdue docket is published before one that
/// ended well; of one that is published already, each from the Monday after its week.
fn held_twins(case: &Case, registry: &Registry, published: &BTreeSet<Digest>) -> Vec<HeldTwin> {
    let mut dockets: BTreeMap<DocketId, Vec<CommittedTwin<'_>>> = BTreeMap::new();
    for twin in case.twins() {
        dockets.entry(twin.twin.docket).or_default().push(twin);
    }
    let mut held = Vec::new();
    for twins in dockets.values() {
        let placed: Vec<Placed<'_>> = twins
            .iter()
            .map(|it| Placed {
                twin: it.twin,
                at: it.at,
            })
            .collect();
        let council = twins
            .iter()
            .map(|it| it.index)
            .min()
            .and_then(|index| registry.council_at(index));
        let course = council.and_then(|council| Course::of(&placed, council));
        let is_shown = twins.iter().any(|it| published.contains(&it.envelope.digest()));
        // The service takes nothing of a docket before its request.
        let (requests, others): (Vec<_>, Vec<_>) = twins.iter().partition(|it| it.twin.act == TwinAct::Request);
        held.extend(requests.into_iter().chain(others).map(|it| {
            HeldTwin {
                twin: it.twin.clone(),
                digest: it.envelope.digest(),
                envelope: it.envelope.clone(),
                from: match (&course, it.twin.act) {
                    (_, TwinAct::Erased) => Some(due(it.twin)),
                    (Some(_), _) if is_shown => Some(due(it.twin)),
                    (course, _) => course
                        .as_ref()
                        .map(Course::publish_from)
                        .filter(|from| *from < u64::MAX),
                },
                is_published: published.contains(&it.envelope.digest()),
            }
        }));
    }
    held
}

/// Twins that stand in the log as public statements.
fn published(registry: &Registry) -> BTreeSet<Digest> {
    let shown = registry.statements().filter_map(|(_, statement)| statement.ok());
    let twins = shown.filter(|statement| statement.name() == Some(Twin::NAME));
    twins.map(Envelope::digest).collect()
}

/// Under which name the promise of a public statement is kept.
pub(crate) fn promise_of(statement: &Envelope) -> String {
    format!("{PUBLIC}/{}.promise", statement.digest())
}

/// Where a promise is kept that was made after the first one was broken.
fn made_again(promise: &str) -> String {
    format!("{promise}.again")
}

impl Member {
    /// The twins on all cases that this member follows.
    pub fn held_twins(&self) -> Vec<HeldTwin> {
        let registry = self.log.registry();
        let published = published(registry);
        self.cases
            .values()
            .flat_map(|held| held_twins(&held.case, registry, &published))
            .collect()
    }

    /// Those that are due, once the docket is open, and neither published nor promised to be; in the order in which the service
    /// takes them.
    ///
    /// # Errors
    /// What [`crate::Log::latest`] may say; the store.
    pub fn due_twins(&self) -> Outcome<Vec<HeldTwin>> {
        if self.log.registry().docket_open().is_none() {
            return Ok(Vec::new());
        }
        let at = self.log.latest()?.1.time();
        let mut due = Vec::new();
        for held in self.held_twins().into_iter().filter(|held| held.is_due(at)) {
            if !self.is_promised(&held.envelope, at)? {
                due.push(held);
            }
        }
        Ok(due)
    }

    /// Whether a public statement is promised to be in the log by a time that is not over. Once it is over, the statement is
    /// published again, so that a broken promise shows.
    fn is_promised(&self, statement: &Envelope, at: u64) -> Outcome<bool> {
        let name = promise_of(statement);
        let both = [self.kept_promise(&name)?, self.kept_promise(&made_again(&name))?];
        Ok(both.iter().flatten().any(|promise| promise.deadline >= at))
    }

    /// A promise for a public statement that was kept under a name.
    fn kept_promise(&self, name: &str) -> Outcome<Option<Promise>> {
        let kept = self.store.read(name)?;
        let kept = kept.and_then(|kept| serde_json::from_slice::<KeptPromise>(&kept).ok());
        Ok(kept.and_then(|kept| kept.verify(self.log.root()).ok()))
    }

    /// The promise for a public statement that was not kept: it is over by the log's time, and the log has the statement nowhere.
    fn broken_promise(&self, statement: &Digest, name: &str) -> Outcome<Option<Promise>> {
        let Some(promise) = self.kept_promise(name)? else {
            return Ok(None);
        };
        let is_it = |(_, shown): (u64, Result<&Envelope, Digest>)| match shown {
            Ok(shown) => shown.digest() == *statement,
            Err(withheld) => withheld == *statement,
        };
        let is_over = promise.deadline < self.log.latest()?.1.time();
        Ok((is_over && !self.log.registry().statements().any(is_it)).then_some(promise))
    }

    /// Publishes one of those that are due; one that is not among them has been published meanwhile, and is done.
    pub(crate) async fn publish_due(&mut self, due: &Outcome<Vec<HeldTwin>>, statement: &Digest) -> Outcome<()> {
        let due = due.as_ref().map_err(Clone::clone)?;
        let Some(HeldTwin { envelope, .. }) = due.iter().find(|held| held.digest == *statement) else {
            return Ok(());
        };
        self.publish(envelope, &promise_of(envelope)).await.map(drop)
    }

    /// Has a public statement logged; gives by when it is, POSIX seconds. The promise is kept under a name, so that a broken one
    /// can be complained of: that one stays, and what is promised after it is kept beside it.
    ///
    /// # Errors
    /// What the service says; the network; the store; [`Local::Promise`]; [`Local::PromiseBroken`] where it was promised before
    /// and is not in the log, once it is sent again.
    pub(crate) async fn publish(&mut self, statement: &Envelope, promise: &str) -> Outcome<u64> {
        let Some(broken) = self.broken_promise(&statement.digest(), promise)? else {
            return self.send_public(statement, promise).await;
        };
        // Whatever is answered now, what was promised before is the proof.
        let sent = self.send_public(statement, &made_again(promise)).await;
        match sent {
            Err(failure) if matches!(failure.code, Code::Local(Local::Unreachable | Local::Store)) => Err(failure),
            _ => Err(Failure::new(Local::PromiseBroken)
                .about("day", Day::of(broken.deadline).to_string())
                .about("file", promise)),
        }
    }

    async fn send_public(&mut self, statement: &Envelope, promise: &str) -> Outcome<u64> {
        let call = HttpCall::post(
            "/api/v1/public",
            "application/json".to_owned(),
            statement.bytes().to_vec(),
        );
        let answer = self.wire.taken(call).await?;
        let entry = Entry::Public(statement.digest()).to_bytes();
        let deadline = self.verify_promise(&answer.body, &entry, answer.date)?;
        let kept = KeptPromise {
            v: Version,
            entry,
            promise: String::from_utf8_lossy(&answer.body).into_owned(),
        };
        self.store.write(promise, &json::write(&kept))?;
        Ok(deadline)
    }

    /// The statement that opens the docket, with this seat's signature: a new one, or one that others have signed.
    ///
    /// # Errors
    /// [`Local::StatementRule`] for another statement, or one of another log.
    pub fn sign_docket_open(&self, draft: Option<&Envelope>) -> Outcome<Envelope> {
        let CommonFields { origin, nonce, time } = self.head();
        let Some(draft) = draft else {
            return self.sign(&DocketOpen {
                v: Version,
                origin,
                nonce,
                time,
            });
        };
        let said: DocketOpen = draft
            .unverified()
            .map_err(|error| Failure::new(Local::StatementRule).why(error))?;
        if said.origin != origin {
            return Err(Failure::new(Local::StatementRule).why("a statement of another log"));
        }
        match draft.is_signed_by(&self.keys.public()) {
            true => Ok(draft.clone()),
            false => Ok(draft.with_signature(self.keys.signing())),
        }
    }
}
