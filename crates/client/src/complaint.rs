//! A broken promise as a file that a third person checks without a network (§6.4).
//!
//! The log promised an entry until a deadline, and a checkpoint that was cosigned after it has no such entry. The file holds
//! the promise with its entry, that checkpoint, the hash of every entry under it, and the public statements among them, from
//! which it follows whose cosignatures count. It holds nothing that is not public but the entry, which says nothing of its
//! author.

use casework::{Registry, RootOfTrust};
use protocol::ids::Version;
use protocol::slot::Entry;
use protocol::{Digest, Envelope};
use serde::{Deserialize, Serialize};
use tlog::promise::Promise;
use tlog::tree::Frontier;
use tlog::{Checkpoint, Hash, Note, leaf_hash};

use crate::failure::{Failure, Outcome};
use crate::log::Log;
use crate::steps::Steps;
use crate::wire::Wire;

/// A promise with the entry that it is for, as it is kept until the entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptPromise {
    /// 1.
    pub v: Version,
    /// The entry, base64.
    #[serde(with = "base64")]
    pub entry: Vec<u8>,
    /// The note that the service signed.
    pub promise: String,
}

/// A complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// The promise.
    pub kept: KeptPromise,
    /// The checkpoint that was cosigned after the deadline.
    pub checkpoint: String,
    /// Hashes of all entries under it, base64 of 32 bytes each.
    #[serde(with = "base64")]
    pub leaves: Vec<u8>,
    /// Public statements among them, by index.
    pub public: Vec<(u64, String)>,
}

/// A promise that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Until when the entry was promised, POSIX seconds.
    pub deadline: u64,
    /// Time of the checkpoint that lacks it, POSIX seconds.
    pub time: u64,
    /// Entries under that checkpoint.
    pub size: u64,
}

/// Why a complaint proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The promise is of another log, or of another entry, or its signature is bad.
    Promise,
    /// The hashes do not lead to the checkpoint.
    Leaves,
    /// A public statement is not the one that the log has.
    Statement,
    /// The checkpoint is not signed as the council asks.
    Checkpoint,
    /// The checkpoint is not dated after the deadline.
    NotDue,
    /// The entry is there.
    Kept,
}

impl KeptPromise {
    /// The promise, where the log of this root signed it for this entry.
    ///
    /// # Errors
    /// [`Unproven::Promise`].
    pub fn verify(&self, root: &RootOfTrust) -> Result<Promise, Unproven> {
        let key = root.log_key().map_err(|_| Unproven::Promise)?;
        let note = Note::parse(self.promise.as_bytes()).map_err(|_| Unproven::Promise)?;
        let promise = Promise::verify(&note, &key).map_err(|_| Unproven::Promise)?;
        let is_for_it = promise.origin == root.origin.as_str() && promise.entry == Digest::of(&self.entry).0;
        is_for_it.then_some(promise).ok_or(Unproven::Promise)
    }
}

impl Complaint {
    /// Checks a complaint against a root of trust, without a network.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn verify(&self, root: &RootOfTrust) -> Result<Broken, Unproven> {
        let promise = self.kept.verify(root)?;
        let note = Note::parse(self.checkpoint.as_bytes()).map_err(|_| Unproven::Checkpoint)?;
        let checkpoint = Checkpoint::parse(note.text()).ok_or(Unproven::Checkpoint)?;
        let (leaves, rest) = self.leaves.as_chunks::<32>();
        let mut tree = Frontier::default();
        tree.extend(leaves.iter().map(|leaf| Hash(*leaf)));
        if !rest.is_empty() || tree.size() != checkpoint.size || tree.root() != checkpoint.root {
            return Err(Unproven::Leaves);
        }
        let mut registry = Registry::new(root).map_err(|_| Unproven::Checkpoint)?;
        for (index, text) in &self.public {
            let envelope = Envelope::parse(text.as_bytes()).map_err(|_| Unproven::Statement)?;
            let leaf = leaf_hash(&Entry::Public(envelope.digest()).to_bytes());
            let place = usize::try_from(*index).ok().and_then(|index| leaves.get(index));
            if place != Some(&leaf.0) {
                return Err(Unproven::Statement);
            }
            // One that breaks a rule is skipped, as by every reader of the log.
            let _ = registry.apply(*index, &envelope, 0);
        }
        let policy = match registry.current() {
            Some(council) => council.policy().clone(),
            None => root.policy().map_err(|_| Unproven::Checkpoint)?,
        };
        let trusted = policy.check(&note, root.origin.as_str());
        let time = trusted.map_err(|_| Unproven::Checkpoint)?.time();
        if time <= promise.deadline {
            return Err(Unproven::NotDue);
        }
        if leaves.contains(&leaf_hash(&self.kept.entry).0) {
            return Err(Unproven::Kept);
        }
        Ok(Broken {
            deadline: promise.deadline,
            time,
            size: checkpoint.size,
        })
    }

    /// A complaint from a log that was read to its latest checkpoint: over the last checkpoint before the entry came, or the
    /// latest where it never did. It is verified as a third person will.
    ///
    /// # Errors
    /// The network. [`Unproven`] inside: there is nothing to complain about, or not yet.
    pub async fn of(log: &Log, wire: &Wire, kept: &KeptPromise) -> Outcome<Result<(Self, Broken), Unproven>> {
        let leaf = leaf_hash(&kept.entry);
        let (latest, trusted) = log.latest()?;
        let index = log.leaves().position(|known| *known == leaf);
        let note = match index {
            None => Some(latest.clone()),
            Some(index) => before(log, wire, index as u64, trusted.time()).await?,
        };
        let Some(note) = note else {
            return Ok(Err(Unproven::Kept));
        };
        let size = crate::steps::claimed(&note)?.size;
        let public = log.registry().statements().take_while(|(index, _)| *index < size);
        let complaint = Self {
            kept: kept.clone(),
            checkpoint: note.to_string(),
            leaves: log.leaves().take(size as usize).flat_map(|leaf| leaf.0).collect(),
            public: public
                .filter_map(|(index, shown)| Some((index, String::from_utf8(shown.ok()?.bytes().to_vec()).ok()?)))
                .collect(),
        };
        Ok(match complaint.verify(log.root()) {
            Ok(broken) => Ok((complaint, broken)),
            // It came while it was not due.
            Err(Unproven::NotDue) if index.is_some() => Err(Unproven::Kept),
            Err(why) => Err(why),
        })
    }
}

/// The last checkpoint without the entry at an index; `None` when no step has one.
async fn before(log: &Log, wire: &Wire, index: u64, latest_at: u64) -> Outcome<Option<Note>> {
    let mut steps = Steps::of(log.registry().pace());
    steps.look_to(wire, latest_at).await?;
    match steps.first_beyond(wire, index).await? {
        Some((step, _)) => steps.note(wire, step.saturating_sub(1)).await,
        None => Err(Failure::log("no step includes an entry that the log has")),
    }
}

mod base64 {
    use base64ct::{Base64, Encoding as _};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&Base64::encode_string(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        Base64::decode_vec(&text).map_err(D::Error::custom)
    }
}
