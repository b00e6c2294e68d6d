//! The fold of the public statements in log order: councils, pace, drop, greeting (§3, §6.1, §6.3, §9.1, §9.2).

use protocol::statement::{Council, Drop, Greeting, Pace};
use protocol::{Digest, Envelope, Origin};
use tlog::note::VerifierKey;
use tlog::policy::Policy;

use crate::root::{Root, RootError};

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
    Drop,
    /// A greeting came into force.
    Greeting,
}

/// Why a public statement is skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
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
    /// The council breaks a rule of its own.
    #[error(transparent)]
    Council(#[from] protocol::statement::CouncilError),
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
    Reused(protocol::X),
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
    /// Pace: N is no power of two of at least 4, or a time is zero.
    #[error("the pace breaks a rule: {0}")]
    Pace(&'static str),
    /// The depth shrank, began above 0 or is beyond 32.
    #[error("the depth of the drop only grows, from 0 to 32")]
    Drop,
    /// The greeting is empty or too long for a record.
    #[error("the greeting is empty or too long")]
    Greeting,
}

/// A public statement that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Index of its entry.
    pub index: u64,
    /// Its digest.
    pub digest: Digest,
    /// Why.
    pub reason: Refusal,
}

/// The fold of the public statements. Pure in its input: the same statements in the same order give an equal registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    origin: Origin,
    log_key: VerifierKey,
    root_council: Digest,
    councils: Vec<CouncilRecord>,
    paces: Vec<Recorded<Pace>>,
    drops: Vec<Recorded<Drop>>,
    greetings: Vec<Recorded<Greeting>>,
    refused: Vec<Refused>,
    next: u64,
}

impl Registry {
    /// Before the first statement.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn new(_root: &Root) -> Result<Self, RootError> {
        todo!()
    }

    /// Takes the public statement at `index`, in ascending order. The caller has checked that the entry names this
    /// envelope's digest. A refused statement is recorded, and nothing else changes.
    ///
    /// # Errors
    /// [`Refusal`]: never fatal for the log.
    pub fn apply(&mut self, _index: u64, _envelope: &Envelope, _included_at: u64) -> Result<Applied, Refusal> {
        todo!()
    }

    /// Records that nobody could show the statement at `index`.
    pub fn withheld(&mut self, _index: u64, _digest: Digest) {
        todo!()
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

    /// The pace in force at a step (POSIX seconds): a larger one from the next step, a smaller one 7 days after its
    /// inclusion (§6.3).
    pub fn pace_at(&self, _step_time: u64) -> Option<&Pace> {
        todo!()
    }

    /// Depth of the buckets; 0 before any statement.
    pub fn drop_depth(&self) -> u8 {
        self.drops.last().map_or(0, |record| record.payload.b)
    }

    /// Every depth ever in force, ascending: a client fetches its prefix at each (§9.1).
    pub fn drop_depths(&self) -> Vec<u8> {
        self.drops.iter().map(|record| record.payload.b).collect()
    }

    /// The last valid greeting: what every new inbox gets (§9.2).
    pub fn greeting(&self) -> Option<&Envelope> {
        self.greetings.last().map(|record| &record.envelope)
    }

    /// What was skipped, in log order.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The state as bytes (JSON) for the owner's own disk; [`Self::restore`] reads it.
    pub fn snapshot(&self) -> Vec<u8> {
        todo!()
    }

    /// Continues from a snapshot of the same root. Every statement in it is verified again, in order.
    ///
    /// # Errors
    /// `None` when the bytes are no snapshot of this root: fold again from the log.
    pub fn restore(_root: &Root, _snapshot: &[u8]) -> Option<Self> {
        todo!()
    }
}
