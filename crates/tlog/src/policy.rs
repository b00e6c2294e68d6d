//! Trust policies (`tlog-policy`): which cosignatures make a checkpoint trusted, and its time (docs/protocol.md §3).

use crate::checkpoint::Checkpoint;
use crate::note::{Note, VerifierKey};

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    _private: (),
}

/// Why a policy is refused, with its line from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy line {line}: {reason}")]
pub struct PolicyError {
    /// From 1.
    pub line: usize,
    /// Which rule.
    pub reason: &'static str,
}

/// Why a checkpoint is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// Not a checkpoint note.
    #[error("not a checkpoint")]
    Form,
    /// Another log's.
    #[error("a checkpoint of another log")]
    Origin,
    /// The log's own signature is missing or bad.
    #[error("the log's signature on the checkpoint is missing or bad")]
    Log,
    /// Not enough cosignatures.
    #[error("the checkpoint lacks the cosignatures that the policy demands")]
    Quorum,
}

/// A checkpoint that satisfies a policy. Only [`Policy::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    checkpoint: Checkpoint,
    time: u64,
}

impl Trusted {
    /// The checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
    /// Checkpoint time (§3): the greatest T such that cosignatures with timestamp ≥ T satisfy the policy.
    pub fn time(&self) -> u64 {
        self.time
    }
}

impl Policy {
    /// Reads policy text. `quorum none` is read here; whether it is accepted is the caller's rule.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn parse(_text: &str) -> Result<Self, PolicyError> {
        todo!()
    }
    /// The policy of one log and witnesses with a k-of-n quorum (`(vkey, url)`), as text.
    pub fn to_text_k_of_n(
        _log: &VerifierKey,
        _log_url: Option<&str>,
        _witnesses: &[(VerifierKey, Option<String>)],
        _k: usize,
    ) -> String {
        todo!()
    }
    /// Log keys, with their URL.
    pub fn logs(&self) -> Vec<(VerifierKey, Option<String>)> {
        todo!()
    }
    /// Witnesses with their URL.
    pub fn witnesses(&self) -> Vec<(VerifierKey, Option<String>)> {
        todo!()
    }
    /// Whether the policy demands no cosignature.
    pub fn is_quorum_none(&self) -> bool {
        todo!()
    }
    /// Checks a checkpoint note.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub fn check(&self, _note: &Note, _origin: &str) -> Result<Trusted, Untrusted> {
        todo!()
    }
}
