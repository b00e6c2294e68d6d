//! The fold over the whole log: one entry at a time, public statements into the registry, opaque ones into the
//! slot index.

use protocol::slot::Entry;
use protocol::{Digest, Envelope};

use crate::registry::{Applied, PublicRefusal, Registry};
use crate::root::{RootError, RootOfTrust};
use crate::slots::SlotIndex;

/// How every log begins (§6.1).
const BEGINNING: [Applied; 4] = [
    Applied::Council { epoch: 1 },
    Applied::Pace,
    Applied::BucketDepth,
    Applied::Greeting,
];

/// Everything that can be known of the log without any key.
#[derive(Clone, Debug)]
pub struct Fold {
    registry: Registry,
    slots: SlotIndex,
    size: u64,
}

/// The log breaks a rule that no later entry can mend (§6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLog {
    /// Neither 65 bytes beginning with 0x00 nor 33 bytes beginning with 0x01.
    #[error("entry {index} has no form that this log allows")]
    Entry {
        /// From 0.
        index: u64,
    },
    /// The first four entries are not `council` epoch 1, `pace`, `drop` with b = 0 and `greeting`, all valid.
    #[error("the log does not begin with council, pace, drop and greeting: entry {index}")]
    Beginning {
        /// From 0.
        index: u64,
    },
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Into the slot index.
    Opaque,
    /// A public statement came into force.
    Applied,
    /// A public statement is skipped, with the reason.
    Skipped(PublicRefusal),
}

impl Fold {
    /// Before the first entry.
    ///
    /// # Errors
    /// [`RootError`].
    pub fn new(root: &RootOfTrust) -> Result<Self, RootError> {
        Ok(Self {
            registry: Registry::new(root)?,
            slots: SlotIndex::new(),
            size: 0,
        })
    }

    /// Takes the next entry. `included_at`: checkpoint time of the first cosigned checkpoint that includes it; of an opaque
    /// one it may be [`crate::clock::UNKNOWN_TIME`] until [`Self::set_time`].
    /// `statement` looks up the envelope of a public entry by its digest; what nobody can show is skipped as
    /// [`PublicRefusal::Withheld`].
    ///
    /// # Errors
    /// [`InvalidLog`]; nothing has changed then.
    pub fn push(
        &mut self,
        entry: &[u8],
        included_at: u64,
        statement: impl FnOnce(&Digest) -> Option<Envelope>,
    ) -> Result<Pushed, InvalidLog> {
        let index = self.size;
        let entry = Entry::parse(entry).ok_or(InvalidLog::Entry { index })?;
        let pushed = match entry {
            Entry::Opaque { .. } if index < BEGINNING.len() as u64 => return Err(InvalidLog::Beginning { index }),
            Entry::Opaque { .. } => {
                self.slots.insert(index, &entry, included_at);
                Pushed::Opaque
            }
            Entry::Public(digest) => self.push_public(index, digest, included_at, statement(&digest))?,
        };
        self.size += 1;
        Ok(pushed)
    }

    fn push_public(
        &mut self,
        index: u64,
        digest: Digest,
        included_at: u64,
        statement: Option<Envelope>,
    ) -> Result<Pushed, InvalidLog> {
        let envelope = statement.filter(|envelope| envelope.digest() == digest);
        let expected = usize::try_from(index).ok().and_then(|at| BEGINNING.get(at));
        if let Some(expected) = expected {
            let mut next = self.registry.clone();
            let applied = envelope.and_then(|envelope| next.apply(index, &envelope, included_at).ok());
            if applied != Some(*expected) {
                return Err(InvalidLog::Beginning { index });
            }
            self.registry = next;
            return Ok(Pushed::Applied);
        }
        Ok(match envelope {
            None => {
                self.registry.withheld(index, digest);
                Pushed::Skipped(PublicRefusal::Withheld)
            }
            Some(envelope) => match self.registry.apply(index, &envelope, included_at) {
                Ok(_) => Pushed::Applied,
                Err(reason) => Pushed::Skipped(reason),
            },
        })
    }

    /// Passes over the entries before `index` that were not taken: what they are is not known. For whoever knows the public
    /// statements among them otherwise, and follows cases that were filed later. The log's beginning is never passed over.
    pub fn pass_to(&mut self, index: u64) {
        if self.size >= BEGINNING.len() as u64 {
            self.size = self.size.max(index);
        }
    }

    /// Says when the opaque entry at `index`, which is in this slot, was included, where that was not known.
    pub fn set_time(&mut self, slot: &[u8; 32], index: u64, included_at: u64) {
        self.slots.set_time(slot, index, included_at);
    }

    /// Councils and the operator's statements.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// All slots.
    pub fn slots(&self) -> &SlotIndex {
        &self.slots
    }

    /// Entries taken or passed over.
    pub fn size(&self) -> u64 {
        self.size
    }
}
