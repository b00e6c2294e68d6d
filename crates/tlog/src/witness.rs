//! `tlog-witness` `add-checkpoint`: body of the request, and the decision a witness takes.

use crate::checkpoint::Checkpoint;
use crate::decimal;
use crate::hash::{Hash, empty_root};
use crate::note::{NOTE_SIZE_MAX, Note, NoteError, VerifierKey};
use crate::proof::verify_consistency;

/// Most hashes in a consistency proof.
const PROOF_MAX: usize = 63;

/// Longest request that is read, in bytes: the old size, 63 hashes of 45 bytes a line, an empty line, a note.
pub const REQUEST_SIZE_MAX: usize = NOTE_SIZE_MAX + 4096;

/// A parsed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size the log believes the witness last signed.
    pub old_size: u64,
    /// Consistency proof, at most 63 hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: Note,
}

/// What a witness remembers of a log: the last tree it cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

/// Why a witness does not cosign, each with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    /// 400: the old size is above the checkpoint's, or the note is no checkpoint.
    #[error("the request is malformed")]
    Malformed,
    /// 404: no key of this origin is known.
    #[error("the log is unknown")]
    Unknown,
    /// 403: no signature by the log, or one that does not verify.
    #[error("the log's signature is missing or bad")]
    Signature,
    /// 409: the old size is not that of the last tree cosigned, which is this.
    #[error("the last cosigned tree has another size")]
    Stale(u64),
    /// 422: two checkpoints of one size with different roots, both signed by the log.
    #[error("the log has signed two trees of the same size")]
    Fork,
    /// 422: the proof does not lead from the last tree to this one.
    #[error("the tree is not proven to contain the last cosigned one")]
    Inconsistent,
}

impl AddCheckpoint {
    /// Reads a request's body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > REQUEST_SIZE_MAX {
            return None;
        }
        let (head, note) = str::from_utf8(body).ok()?.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = decimal::parse(lines.next()?.strip_prefix("old ")?)?;
        let proof = lines.map(Hash::from_base64).collect::<Option<Vec<_>>>()?;
        let checkpoint = Note::parse(note.as_bytes()).ok()?;
        (proof.len() <= PROOF_MAX).then_some(Self {
            old_size,
            proof,
            checkpoint,
        })
    }

    /// Writes it.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_string());
        text
    }

    /// Whether a witness may cosign: what it then MUST remember, durably, before it signs [`Self::checkpoint`].
    ///
    /// `logs` are the log keys known to the witness, a key's name being its log's origin; `seen` is the last tree
    /// cosigned for that origin, if any. Checks come in the order of the specification.
    ///
    /// # Errors
    /// [`WitnessRefusal`].
    pub fn decide(
        &self,
        logs: &[VerifierKey],
        seen: impl FnOnce(&str) -> Option<Seen>,
    ) -> Result<Checkpoint, WitnessRefusal> {
        let checkpoint = Checkpoint::parse(self.checkpoint.text()).ok_or(WitnessRefusal::Malformed)?;
        self.check_signature(logs, &checkpoint.origin)?;
        if self.old_size > checkpoint.size {
            return Err(WitnessRefusal::Malformed);
        }
        let seen = seen(&checkpoint.origin).unwrap_or(Seen {
            size: 0,
            root: empty_root(),
        });
        if self.old_size != seen.size {
            return Err(WitnessRefusal::Stale(seen.size));
        }
        // The empty tree has one root: another is a malformed tree, not a second one.
        if seen.size > 0 && seen.size == checkpoint.size && seen.root != checkpoint.root {
            return Err(WitnessRefusal::Fork);
        }
        verify_consistency(seen.size, seen.root, checkpoint.size, checkpoint.root, &self.proof)
            .map_err(|_| WitnessRefusal::Inconsistent)?;
        Ok(checkpoint)
    }

    /// One signature by a key of this origin, and none that does not verify.
    fn check_signature(&self, logs: &[VerifierKey], origin: &str) -> Result<(), WitnessRefusal> {
        let mut answer = Err(WitnessRefusal::Unknown);
        for key in logs.iter().filter(|key| key.name() == origin) {
            match self.checkpoint.verify(key) {
                Ok(()) => answer = Ok(()),
                Err(NoteError::Missing) if answer == Err(WitnessRefusal::Unknown) => {
                    answer = Err(WitnessRefusal::Signature)
                }
                Err(NoteError::Missing) => {}
                Err(NoteError::Bad | NoteError::Form | NoteError::Unsupported) => {
                    return Err(WitnessRefusal::Signature);
                }
            }
        }
        answer
    }
}
