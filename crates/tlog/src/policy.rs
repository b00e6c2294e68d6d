//! Trust policies (`tlog-policy`): which cosignatures make a checkpoint trusted, and its time (docs/protocol.md §3).

mod parse;

use std::fmt::Write;

use crate::checkpoint::Checkpoint;
use crate::cosign;
use crate::note::{Note, NoteError, VerifierKey};

pub use parse::PolicyError;

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<(VerifierKey, Option<String>)>,
    /// Witnesses and groups in the order of their lines, so that members stand before their group.
    voices: Vec<Voice>,
    /// Which voice decides; none for `quorum none`.
    quorum: Option<usize>,
}

/// What a name in a policy stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Voice {
    /// One cosigner.
    Witness { key: VerifierKey, url: Option<String> },
    /// Cosigned when at least `threshold` (≥ 1) of the `members`, by position, are.
    Group { threshold: usize, members: Vec<usize> },
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
    /// A cosignature by a witness of the policy does not verify. Such a note is malformed as a whole (`signed-note`).
    #[error("a cosignature on the checkpoint does not verify")]
    Cosignature,
    /// Not enough cosignatures.
    #[error("the checkpoint lacks the cosignatures that the policy demands")]
    Quorum,
    /// Without the cosignatures that this program does not verify there are not enough.
    #[error(
        "the policy counts on ML-DSA-44 cosignatures, which this program does not verify: use `resguardo` instead of a page"
    )]
    Unsupported,
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
    ///
    /// 0, which is always too old, under `quorum none`: without a cosigner there is no time.
    pub fn time(&self) -> u64 {
        self.time
    }
}

impl Policy {
    /// Reads policy text. `quorum none` is read here; whether it is accepted is the caller's rule.
    ///
    /// Stricter than the specification in what it leaves open: UTF-8 only, at most 64 KiB, every line ended by its
    /// newline (a text cut short could name another quorum), k without leading zeros, log keys of type 0x01 and
    /// witness keys of type 0x04 or 0x06.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        parse::parse(text)
    }

    /// The policy of one log and witnesses with a k-of-n quorum (`(vkey, url)`), as text.
    ///
    /// `quorum none` when `k` is 0. The text reads back if 1 ≤ k ≤ n, the keys differ and the URLs hold no white space.
    pub fn to_text_k_of_n(
        log: &VerifierKey,
        log_url: Option<&str>,
        witnesses: &[(VerifierKey, Option<String>)],
        k: usize,
    ) -> String {
        let after = |url: Option<&str>| url.map(|url| format!(" {url}")).unwrap_or_default();
        // Writing into a string cannot fail.
        let mut text = format!("log {log}{}\n", after(log_url));
        for (number, (key, url)) in (1..).zip(witnesses) {
            let _ = writeln!(text, "witness w{number} {key}{}", after(url.as_deref()));
        }
        if k == 0 {
            text.push_str("quorum none\n");
        } else {
            let members: String = (1..=witnesses.len()).map(|number| format!(" w{number}")).collect();
            let _ = write!(text, "group cosigners {k}{members}\nquorum cosigners\n");
        }
        text
    }

    /// Log keys, with their URL.
    pub fn logs(&self) -> Vec<(VerifierKey, Option<String>)> {
        self.logs.clone()
    }

    /// Witnesses with their URL.
    pub fn witnesses(&self) -> Vec<(VerifierKey, Option<String>)> {
        let witness = |voice: &Voice| match voice {
            Voice::Witness { key, url } => Some((key.clone(), url.clone())),
            Voice::Group { .. } => None,
        };
        self.voices.iter().filter_map(witness).collect()
    }

    /// Whether the policy demands no cosignature.
    pub fn is_quorum_none(&self) -> bool {
        self.quorum.is_none()
    }

    /// Checks a checkpoint note: of this origin, signed by a log of the policy that has this name, cosigned by a
    /// quorum, and without a signature by any of these keys that does not verify.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub fn check(&self, note: &Note, origin: &str) -> Result<Trusted, Untrusted> {
        let checkpoint = Checkpoint::parse(note.text()).ok_or(Untrusted::Form)?;
        if checkpoint.origin != origin {
            return Err(Untrusted::Origin);
        }
        let mut signed = false;
        for (key, _) in self.logs.iter().filter(|(key, _)| key.name() == origin) {
            match note.verify(key) {
                Ok(()) => signed = true,
                Err(NoteError::Missing) => {}
                Err(NoteError::Bad | NoteError::Form | NoteError::Unsupported) => return Err(Untrusted::Log),
            }
        }
        if !signed {
            return Err(Untrusted::Log);
        }
        let time = self.time(|key| cosign::verify(note, key))?;
        Ok(Trusted { checkpoint, time })
    }

    /// Time of the quorum. A group's time is the k-th greatest of its members' times, for at any later T fewer than
    /// k of them count.
    ///
    /// A cosignature that this program cannot verify counts as none: it can only be missed, never be relied upon.
    fn time(&self, verify: impl Fn(&VerifierKey) -> Result<u64, NoteError>) -> Result<u64, Untrusted> {
        let mut lacking = Untrusted::Quorum;
        let mut times: Vec<Option<u64>> = Vec::with_capacity(self.voices.len());
        for voice in &self.voices {
            let time = match voice {
                Voice::Witness { key, .. } => match verify(key) {
                    Ok(time) => Some(time),
                    Err(NoteError::Missing) => None,
                    Err(NoteError::Unsupported) => {
                        lacking = Untrusted::Unsupported;
                        None
                    }
                    Err(NoteError::Bad | NoteError::Form) => return Err(Untrusted::Cosignature),
                },
                Voice::Group { threshold, members } => {
                    let mut present: Vec<u64> = members.iter().filter_map(|member| times[*member]).collect();
                    present.sort_unstable_by(|a, b| b.cmp(a));
                    present.get(threshold - 1).copied()
                }
            };
            times.push(time);
        }
        match self.quorum {
            Some(quorum) => times[quorum].ok_or(lacking),
            None => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{KeyKind, SigningNoteKey};

    /// What a page does with a policy that names both kinds: it has only Ed25519.
    #[test]
    fn what_cannot_be_verified_counts_as_missing_and_is_named_where_the_quorum_needs_it() {
        let key = |name: &str, kind, seed| {
            SigningNoteKey::from_seed(name, kind, &[seed; 32])
                .expect("a name")
                .verifier()
        };
        let log = key("example.com/log", KeyKind::Ed25519, 1);
        let witnesses = [
            (key("a.example", KeyKind::CosignatureV1, 2), None),
            (key("b.example", KeyKind::MlDsa44, 3), None),
            (key("c.example", KeyKind::MlDsa44, 4), None),
        ];
        let policy = |k| Policy::parse(&Policy::to_text_k_of_n(&log, None, &witnesses, k)).expect("a policy");
        let all = |key: &VerifierKey| match key.kind() {
            KeyKind::MlDsa44 => Err(NoteError::Unsupported),
            _ => Ok(7),
        };
        assert_eq!(policy(1).time(all), Ok(7));
        assert_eq!(policy(2).time(all), Err(Untrusted::Unsupported));
        let nobody = |_: &VerifierKey| Err(NoteError::Missing);
        assert_eq!(
            policy(1).time(nobody),
            Err(Untrusted::Quorum),
            "nothing is there that could not be verified"
        );
        assert_eq!(
            policy(3).time(|_: &VerifierKey| Err(NoteError::Bad)),
            Err(Untrusted::Cosignature)
        );
    }
}
