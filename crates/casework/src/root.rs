//! The root of trust that page, kit and command line carry (§3).

use protocol::{Digest, Origin};
use serde::{Deserialize, Serialize};
use tlog::note::{KeyKind, VerifierKey};
use tlog::policy::Policy;

use protocol::ids::Version;

/// Longest root file in bytes: a policy of 64 KiB, its newlines and quotes escaped.
const ROOT_MAX: usize = 256 * 1024;

/// `{v, origin, log_key, policy, council}`: the file that a client starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootOfTrust {
    /// 1.
    pub v: Version,
    /// The log's name; never changes.
    pub origin: Origin,
    /// The log's verifier key (vkey, type 0x01); its name equals `origin`.
    pub log_key: String,
    /// Text of the `tlog-policy` of council epoch 1.
    pub policy: String,
    /// D of council epoch 1.
    pub council: Digest,
}

/// What is wrong with a root file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Not the JSON of §3.
    #[error("not a root file")]
    Form,
    /// Not a vkey of type 0x01, or its name is not the origin.
    #[error("the log key is malformed or named otherwise than the log")]
    LogKey,
    /// The policy does not parse.
    #[error(transparent)]
    Policy(#[from] tlog::policy::PolicyError),
    /// `quorum none`: without a cosigner there is no time.
    #[error("the policy demands no cosigner")]
    NoQuorum,
    /// The policy is for another log.
    #[error("the policy does not name the log's key")]
    OtherLog,
}

impl RootOfTrust {
    /// Reads a root file, which is JSON of §0, and checks all of it.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RootError> {
        let root: Self = protocol::json::read(bytes, ROOT_MAX).map_err(|_| RootError::Form)?;
        root.log_key()?;
        root.policy()?;
        Ok(root)
    }

    /// The log's key.
    ///
    /// # Errors
    /// [`RootError::LogKey`].
    pub fn log_key(&self) -> Result<VerifierKey, RootError> {
        VerifierKey::parse(&self.log_key)
            .filter(|key| key.kind() == KeyKind::Ed25519 && key.name() == self.origin.as_str())
            .ok_or(RootError::LogKey)
    }

    /// The policy.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn policy(&self) -> Result<Policy, RootError> {
        policy_for(&self.policy, &self.log_key()?)
    }
}

/// Reads a policy and requires a quorum and this log's key (§3).
pub(crate) fn policy_for(text: &str, log_key: &VerifierKey) -> Result<Policy, RootError> {
    let policy = Policy::parse(text)?;
    if policy.is_quorum_none() {
        return Err(RootError::NoQuorum);
    }
    if !policy.logs().iter().any(|(key, _)| key == log_key) {
        return Err(RootError::OtherLog);
    }
    Ok(policy)
}
