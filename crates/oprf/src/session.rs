//! A session: which nodes, which threshold, for what.

use sha2::{Digest as _, Sha512};

use crate::group::{Element, Index};
use crate::share::GroupKey;
use crate::{NODES_MAX, label};

/// COCKTAIL-DKG's name of the suite.
pub(crate) const SUITE: &[u8] = b"COCKTAIL(Ristretto255, SHA-512)";
const CONTEXT: &[u8] = b"COCKTAIL-DKG-CONTEXT";

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// A new key.
    Generate,
    /// New shares of the key that stands.
    Refresh,
}

/// Why there is no such session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Too few or too many.
    #[error("a key needs 2 to 24 nodes, and a threshold of at least 2 and at most all of them")]
    Size,
    /// One node twice, under two numbers.
    #[error("two nodes have one key")]
    SameKey,
}

/// All that the nodes agree on before they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    ceremony: Ceremony,
    threshold: u16,
    keys: Vec<Element>,
    context: [u8; 64],
}

impl Session {
    /// A session that makes a key. `keys` are those of all nodes, as the council lists them; `nonce` was never used before.
    ///
    /// # Errors
    /// [`SessionError`] says what is wrong.
    pub fn generate(threshold: u16, keys: Vec<Element>, nonce: &[u8; 32]) -> Result<Self, SessionError> {
        Self::named(Ceremony::Generate, threshold, keys, &[label::DKG, nonce].concat())
    }

    /// A session of the same nodes that gives new shares of this key.
    ///
    /// # Errors
    /// [`SessionError`] says what is wrong.
    pub fn refresh(group: &GroupKey, keys: Vec<Element>, nonce: &[u8; 32]) -> Result<Self, SessionError> {
        let mut name = [label::REFRESH, nonce].concat();
        for commitment in group.commitments() {
            name.extend_from_slice(&commitment.to_bytes());
        }
        Self::named(Ceremony::Refresh, group.threshold(), keys, &name)
    }

    /// A session under any name, COCKTAIL-DKG's `session_id`, which MUST be new.
    ///
    /// # Errors
    /// [`SessionError`] says what is wrong.
    pub fn named(ceremony: Ceremony, threshold: u16, keys: Vec<Element>, name: &[u8]) -> Result<Self, SessionError> {
        if !(2..=NODES_MAX).contains(&keys.len()) || !(2..=keys.len()).contains(&usize::from(threshold)) {
            return Err(SessionError::Size);
        }
        let repeated = |(at, key)| keys[..at].contains(key);
        if keys.iter().enumerate().any(repeated) {
            return Err(SessionError::SameKey);
        }
        let mut hash = Sha512::new();
        hash.update(CONTEXT);
        for part in [name, SUITE] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        // As many as `NODES_MAX` at most.
        hash.update((keys.len() as u32).to_le_bytes());
        for key in &keys {
            hash.update(key.to_bytes());
        }
        Ok(Self {
            ceremony,
            threshold,
            context: hash.finalize().into(),
            keys,
        })
    }

    /// What it is for.
    pub fn ceremony(&self) -> Ceremony {
        self.ceremony
    }

    /// t′.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// Keys of all nodes; the first is that of node 1.
    pub fn keys(&self) -> &[Element] {
        &self.keys
    }

    /// What every derivation and signature of the session is bound to.
    pub fn context(&self) -> &[u8; 64] {
        &self.context
    }

    /// Every node's number.
    pub fn indexes(&self) -> impl Iterator<Item = Index> {
        (1..).map_while(Index::new).take(self.keys.len())
    }

    /// The number of the node with this key.
    pub fn index_of(&self, key: &Element) -> Option<Index> {
        self.indexes()
            .zip(&self.keys)
            .find(|(_, other)| *other == key)
            .map(|(index, _)| index)
    }

    pub(crate) fn key_of(&self, index: Index) -> Option<&Element> {
        self.keys.get(index.place())
    }

    /// How many commitments a dealing has: of a refresh none to its constant term, which is zero.
    pub(crate) fn commitment_count(&self) -> usize {
        match self.ceremony {
            Ceremony::Generate => usize::from(self.threshold),
            Ceremony::Refresh => usize::from(self.threshold) - 1,
        }
    }
}
