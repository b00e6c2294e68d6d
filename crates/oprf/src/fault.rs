//! Who did not do as agreed, and in what.

use crate::group::Index;

/// What a node did not do as agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// A length, an encoding, the identity.
    #[error("what it sent has not the form of a dealing")]
    Form,
    /// Signed by another, or altered on the way.
    #[error("what it sent is not signed by it, or was altered on the way")]
    Signed,
    /// It does not know what it commits to: it may be taking another's contribution back.
    #[error("it does not show that it knows its own part of the key")]
    Possession,
    /// The share that it dealt does not open, or is not the one that it committed to.
    #[error("the share that it dealt does not fit what it committed to")]
    Dealt,
    /// It does not certify what the others saw.
    #[error("it did not certify what was agreed, or saw something else")]
    Certificate,
}

impl FaultKind {
    /// As the vectors name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Signed => "signed",
            Self::Possession => "possession",
            Self::Dealt => "dealt",
            Self::Certificate => "certificate",
        }
    }
}

/// A node, and what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {node}: {kind}")]
pub struct Fault {
    /// Which node.
    pub node: Index,
    /// What.
    pub kind: FaultKind,
}
