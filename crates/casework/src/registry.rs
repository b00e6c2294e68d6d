//! The fold of the public statements in log order: councils, pace, drop, greeting (§3, §6.1, §6.3, §9.1, §9.2).

use protocol::ids::{MemberNumber, PublicKey, Version};
use protocol::statement::{BucketDepth, Council, CouncilMember, DocketOpen, Greeting, Pace};
use protocol::{Digest, Envelope, Origin};
use serde::{Deserialize, Serialize};
use tlog::note::VerifierKey;
use tlog::policy::Policy;

use crate::root::{RootError, RootOfTrust};

mod changes;
mod depth;
mod judge;

pub use changes::KeyChange;

use judge::rate_cmp;

/// A smaller pace comes into force this long after its inclusion (§6.3): 7 days.
const PACE_DOWN_S: u64 = 604_800;

/// A council that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouncilRecord {
    index: u64,
    included_at: u64,
    digest: Digest,
    council: Council,
    policy: Policy,
    envelope: Envelope,
}
impl CouncilRecord {
    /// Index of its entry.
    pub fn index(&self) -> u64 {
        self.index
    }
    /// Checkpoint time of its inclusion.
    pub fn included_at(&self) -> u64 {
        self.included_at
    }
    /// D(council).
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Its cosigner policy, with a quorum.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
    /// As it arrived.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
    /// First second at which filings to this council are refused (§3, §19).
    pub fn good_until(&self) -> u64 {
        self.council.good_until()
    }
}
impl std::ops::Deref for CouncilRecord {
    type Target = Council;
    fn deref(&self) -> &Council {
        &self.council
    }
}

/// A statement of the operator that counts or counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<T> {
    /// Index of its entry.
    pub index: u64,
    /// Checkpoint time of its inclusion.
    pub included_at: u64,
    /// Its digest.
    pub digest: Digest,
    /// What it says.
    pub payload: T,
    /// As it arrived.
    pub envelope: Envelope,
}

/// What a public statement became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// A council came into force.
    Council {
        /// Which.
        epoch: u32,
    },
    /// A pace was set.
    Pace,
    /// The depth of the buckets was set.
    BucketDepth,
    /// A greeting came into force.
    Greeting,
    /// A duty report, not read.
    Duty,
    /// What the service serves, not read.
    Site,
    /// A docket twin, not read.
    Twin,
    /// From here on twins are published.
    DocketOpen,
}

/// Why a public statement is skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicRefusal {
    /// Nobody can show it, or what was shown has another digest.
    #[error("the statement is withheld")]
    Withheld,
    /// A statement that this stage does not know.
    #[error("a statement of a later stage or an unknown name")]
    Unknown,
    /// Comes after an entry with a higher or equal index: nothing was recorded.
    #[error("entries must come in log order")]
    Order,
    /// Not of this log.
    #[error("a statement of another log")]
    Origin,
    /// Envelope or payload is malformed.
    #[error("the statement breaks a rule of form")]
    Form,
    /// A signature is missing, bad or a stranger's.
    #[error("the statement is not signed by its author")]
    Signature,
    /// The payload breaks a rule of its own: thresholds, concentration, times, pace, texts.
    #[error("the statement breaks a rule of its own: {0}")]
    Rule(&'static str),
    /// Epoch 1 is not the council that the root names.
    #[error("this is not the council that the root of trust names")]
    NotTheRoot,
    /// A valid council of that epoch came before.
    #[error("epoch {epoch} has a council already")]
    Epoch {
        /// Which.
        epoch: u32,
    },
    /// `previous` is not the newest council, or an epoch is skipped.
    #[error("the council does not follow on the newest one")]
    Chain,
    /// A number is taken over from another institution.
    #[error("number {0} belonged to another institution")]
    Reused(protocol::MemberNumber),
    /// Fewer seats of the previous council have signed than t_identity.
    #[error("{have} seats of the previous council have signed, {need} must")]
    TooFewSigners {
        /// Signatures by seats of the previous council.
        have: usize,
        /// t_identity of the previous council.
        need: usize,
    },
    /// The policy of the council.
    #[error(transparent)]
    Policy(#[from] RootError),
    /// An operator's statement before any council.
    #[error("no council is in force")]
    NoCouncil,
    /// Fewer seats than t_account have signed.
    #[error("{have} seats have signed, {need} must")]
    TooFewSeats {
        /// Signatures by seats of the newest council.
        have: usize,
        /// t_account.
        need: usize,
    },
    /// The depth shrank or began above 0.
    #[error("the depth of the drop begins at 0 and only grows")]
    BucketDepth,
    /// So few have filed that a bucket could be one inbox.
    #[error("the buckets would be deeper than the log's entries allow")]
    BucketTooDeep,
}

/// A public statement that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedStatement {
    /// Index of its entry.
    pub index: u64,
    /// Its digest.
    pub digest: Digest,
    /// Why.
    pub reason: PublicRefusal,
}

/// The fold of the public statements. Pure in its input: the same statements in the same order give an equal registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    origin: Origin,
    log_key: VerifierKey,
    root_council: Digest,
    councils: Vec<CouncilRecord>,
    paces: Vec<Recorded<Pace>>,
    drops: Vec<Recorded<BucketDepth>>,
    greetings: Vec<Recorded<Greeting>>,
    docket_open: Option<Recorded<DocketOpen>>,
    refused: Vec<SkippedStatement>,
    seen: Vec<Seen>,
}

/// A public statement as it came, or the digest of one that nobody could show: what a snapshot is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    index: u64,
    included_at: u64,
    statement: Result<Envelope, Digest>,
}

/// What a member is in the council.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CouncilRole {
    /// Holds shares and decides.
    Seat,
    /// Asks and opens.
    Reader,
}

impl CouncilRecord {
    /// The number and office of whoever holds a key.
    pub fn office_of(&self, key: &PublicKey) -> Option<(MemberNumber, CouncilRole)> {
        let mine = |member: &&CouncilMember| member.key == *key;
        let seat = self.seats.iter().find(mine).map(|seat| (seat.x, CouncilRole::Seat));
        let reader = self.readers.iter().find(mine);
        seat.or(reader.map(|reader| (reader.x, CouncilRole::Reader)))
    }
}

impl Registry {
    /// Before the first statement.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn new(root: &RootOfTrust) -> Result<Self, RootError> {
        root.policy()?;
        Ok(Self {
            origin: root.origin.clone(),
            log_key: root.log_key()?,
            root_council: root.council,
            councils: Vec::new(),
            paces: Vec::new(),
            drops: Vec::new(),
            greetings: Vec::new(),
            docket_open: None,
            refused: Vec::new(),
            seen: Vec::new(),
        })
    }

    /// Takes the public statement at `index`, in ascending order. The caller has checked that the entry names this
    /// envelope's digest. A refused statement is recorded, and nothing else changes.
    ///
    /// # Errors
    /// [`PublicRefusal`]: never fatal for the log.
    pub fn apply(&mut self, index: u64, envelope: &Envelope, included_at: u64) -> Result<Applied, PublicRefusal> {
        if self.is_past(index) {
            return Err(PublicRefusal::Order);
        }
        self.seen.push(Seen {
            index,
            included_at,
            statement: Ok(envelope.clone()),
        });
        let applied = self.judge(index, envelope, included_at);
        if let Err(reason) = &applied {
            self.refused.push(SkippedStatement {
                index,
                digest: envelope.digest(),
                reason: reason.clone(),
            });
        }
        applied
    }

    /// Records that nobody could show the statement at `index`.
    pub fn withheld(&mut self, index: u64, digest: Digest) {
        if self.is_past(index) {
            return;
        }
        self.seen.push(Seen {
            index,
            included_at: 0,
            statement: Err(digest),
        });
        self.refused.push(SkippedStatement {
            index,
            digest,
            reason: PublicRefusal::Withheld,
        });
    }

    fn is_past(&self, index: u64) -> bool {
        self.seen.last().is_some_and(|last| index <= last.index)
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The log's key.
    pub fn log_key(&self) -> &VerifierKey {
        &self.log_key
    }

    /// A council by its digest.
    pub fn council(&self, digest: &Digest) -> Option<&CouncilRecord> {
        self.councils.iter().find(|record| record.digest == *digest)
    }

    /// The newest council.
    pub fn current(&self) -> Option<&CouncilRecord> {
        self.councils.last()
    }

    /// All councils, by epoch.
    pub fn councils(&self) -> &[CouncilRecord] {
        &self.councils
    }

    /// The newest council included before the entry at `index`: authors' keys come from it (§19).
    pub fn council_at(&self, index: u64) -> Option<&CouncilRecord> {
        self.councils.iter().rev().find(|record| record.index < index)
    }

    /// The last valid pace, whether or not it is in force yet.
    pub fn pace(&self) -> Option<&Pace> {
        self.paces.last().map(|record| &record.payload)
    }

    /// The pace in force at a step (POSIX seconds), going by all statements known: one that is slower than what was in
    /// force at its inclusion counts from 7 days after it, any other from the next step (§6.3).
    pub fn pace_at(&self, step_time: u64) -> Option<&Pace> {
        self.pace_after(u64::MAX, step_time)
    }

    /// The pace in force at a step (POSIX seconds) that begins with `size` entries in the log. A statement that this
    /// very step includes does not count for it, whatever the cosigners' clocks say.
    pub fn pace_after(&self, size: u64, step_time: u64) -> Option<&Pace> {
        let mut stated: Vec<(u64, &Pace)> = Vec::new();
        for record in self.paces.iter().filter(|record| record.index < size) {
            let from = match in_force(&stated, record.included_at) {
                None => 0,
                Some(before) if rate_cmp(&record.payload, before).is_lt() => {
                    record.included_at.saturating_add(PACE_DOWN_S)
                }
                Some(_) => record.included_at.saturating_add(1),
            };
            stated.push((from, &record.payload));
        }
        in_force(&stated, step_time)
    }

    /// The last valid greeting: what every new inbox gets (§9.2).
    pub fn greeting(&self) -> Option<&Envelope> {
        self.greetings.last().map(|record| &record.envelope)
    }

    /// The statement from which twins are published: the first that counts (§10.1).
    pub fn docket_open(&self) -> Option<&Recorded<DocketOpen>> {
        self.docket_open.as_ref()
    }

    /// Every public statement in log order: its index, and its envelope, or its digest where nobody shows it.
    pub fn statements(&self) -> impl Iterator<Item = (u64, Result<&Envelope, Digest>)> {
        let seen = self.seen.iter();
        seen.map(|seen| (seen.index, seen.statement.as_ref().map_err(|digest| *digest)))
    }

    /// Every public statement that is shown, in log order: its index, the checkpoint time of its inclusion, its envelope.
    pub(crate) fn included(&self) -> impl Iterator<Item = (u64, u64, &Envelope)> {
        let seen = self.seen.iter();
        seen.filter_map(|seen| Some((seen.index, seen.included_at, seen.statement.as_ref().ok()?)))
    }

    /// What was skipped, in log order.
    pub fn refused(&self) -> &[SkippedStatement] {
        &self.refused
    }

    /// The state as bytes (JSON) for the owner's own disk; [`Self::restore`] reads it.
    pub fn snapshot(&self) -> Vec<u8> {
        let seen = self.seen.iter().map(SeenJson::of).collect();
        serde_json::to_vec(&Snapshot {
            v: Version,
            council: self.root_council,
            seen,
        })
        .unwrap_or_default()
    }

    /// Continues from a snapshot of the same root. Every statement in it is verified again, in order.
    ///
    /// # Errors
    /// `None` when the bytes are no snapshot of this root: fold again from the log.
    pub fn restore(root: &RootOfTrust, snapshot: &[u8]) -> Option<Self> {
        let snapshot: Snapshot = serde_json::from_slice(snapshot).ok()?;
        let mut registry = Self::new(root)
            .ok()
            .filter(|registry| registry.root_council == snapshot.council)?;
        for seen in snapshot.seen {
            if registry.is_past(seen.index) {
                return None;
            }
            match (seen.envelope, seen.digest) {
                (Some(text), None) => {
                    let envelope = Envelope::parse(text.as_bytes()).ok()?;
                    // The refusal is recorded inside, as it was the first time.
                    let _ = registry.apply(seen.index, &envelope, seen.included_at);
                }
                (None, Some(digest)) => registry.withheld(seen.index, digest),
                _ => return None,
            }
        }
        Some(registry)
    }
}

/// The last of these paces, each with its beginning, that has begun.
fn in_force<'a>(stated: &[(u64, &'a Pace)], time: u64) -> Option<&'a Pace> {
    let begun = stated.iter().rev().find(|(from, _)| *from <= time);
    begun.map(|(_, pace)| *pace)
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    v: Version,
    council: Digest,
    seen: Vec<SeenJson>,
}

#[derive(Serialize, Deserialize)]
struct SeenJson {
    index: u64,
    included_at: u64,
    envelope: Option<String>,
    digest: Option<Digest>,
}

impl SeenJson {
    fn of(seen: &Seen) -> Self {
        let envelope = seen.statement.as_ref().ok();
        Self {
            index: seen.index,
            included_at: seen.included_at,
            envelope: envelope.map(|envelope| String::from_utf8_lossy(envelope.bytes()).into_owned()),
            digest: seen.statement.as_ref().err().copied(),
        }
    }
}
