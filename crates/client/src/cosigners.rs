//! What the cosigners say when they are asked themselves (§3): where this device finds the newest checkpoint too old, only
//! they can tell a wrong clock from a log that is withheld, for the service can write any `Date`.

use std::net::IpAddr;

use tlog::note::{Note, NoteSignature, VerifierKey};
use tlog::policy::{Policy, Trusted};
use tlog::witness::AddCheckpoint;
use tlog::{Checkpoint, cosign};

use crate::wire::{HttpAnswer, HttpCall, Wire};

/// What one cosigner says of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CosignerAnswer {
    /// It holds the same tree and has signed it again.
    Signed {
        /// Its clock, POSIX seconds.
        time: u64,
        /// The line.
        signature: NoteSignature,
    },
    /// It has signed a larger tree.
    Larger {
        /// Entries of that tree.
        size: u64,
    },
    /// It has signed a smaller tree only.
    Smaller {
        /// Entries of that tree.
        size: u64,
    },
    /// It says that the log has signed another tree of the same size, too.
    Forked,
    /// Nothing that can be used.
    Silent(String),
}

/// What all of them say together.
pub(crate) enum Opinion {
    /// A quorum holds this very tree now: the checkpoint with these cosignatures alone.
    Fresh(Box<(Note, Trusted)>),
    /// One of them has signed a larger tree than the service shows.
    Withheld {
        /// Entries of that tree.
        size: u64,
    },
    /// Too few answer.
    Silent,
}

/// Asks all cosigners of a policy at once about a checkpoint of `origin`.
pub(crate) async fn ask_all(wire: &Wire, policy: &Policy, note: &Note, origin: &str) -> Opinion {
    let said = ask(wire, policy, note).await;
    let bare = said.iter().fold(by_log(policy, note), |note, (_, said)| match said {
        CosignerAnswer::Signed { signature, .. } => note.with(signature.clone()),
        _ => note,
    });
    if let Ok(trusted) = policy.check(&bare, origin) {
        return Opinion::Fresh(Box::new((bare, trusted)));
    }
    let larger = said.iter().filter_map(|(_, said)| match said {
        CosignerAnswer::Larger { size } => Some(*size),
        _ => None,
    });
    larger.max().map_or(Opinion::Silent, |size| Opinion::Withheld { size })
}

/// Asks each cosigner of a policy (`tlog-witness`): the old size is the checkpoint's own, so no proof is needed, and a
/// cosigner that holds the same tree signs it again with its present time.
pub async fn ask(wire: &Wire, policy: &Policy, note: &Note) -> Vec<(VerifierKey, CosignerAnswer)> {
    let size = Checkpoint::parse(note.text()).map_or(0, |checkpoint| checkpoint.size);
    let request = AddCheckpoint {
        old_size: size,
        proof: Vec::new(),
        checkpoint: note.clone(),
    };
    let body = request.to_text().into_bytes();
    let (mut said, mut calls) = (Vec::new(), Vec::new());
    for (key, url) in policy.witnesses() {
        let silent = match url {
            None => "the policy names no address for it",
            Some(url) if !is_its_own(&url) => "its address is plain http, over which anybody could answer",
            Some(url) => {
                calls.push(HttpCall::cosigner(&url, body.clone()));
                ""
            }
        };
        said.push((key, silent));
    }
    let mut answers = wire.all(calls).await.into_iter();
    let hear = |(key, silent): (VerifierKey, &str)| {
        let said = match silent {
            "" => heard(&key, note, size, &answers.next().unwrap_or_default()),
            why => CosignerAnswer::Silent(why.to_owned()),
        };
        (key, said)
    };
    said.into_iter().map(hear).collect()
}

fn heard(key: &VerifierKey, note: &Note, size: u64, answer: &HttpAnswer) -> CosignerAnswer {
    let silent = |why: &str| CosignerAnswer::Silent(why.to_owned());
    let text = String::from_utf8_lossy(&answer.body);
    match answer.status {
        0 => silent("it does not answer"),
        200 => {
            let is_its = |line: &&NoteSignature| line.name == key.name() && line.id == key.id();
            // What it signed earlier is in the note, and says nothing of the present.
            let answered = Note::parse(format!("{}\n{text}", note.text()).as_bytes()).ok();
            let line = answered.and_then(|answer| answer.signatures().iter().find(is_its).cloned());
            let signed = line.and_then(|signature| {
                let alone = Note::new(note.text().to_owned())?.with(signature.clone());
                let time = cosign::verify(&alone, key).ok()?;
                Some(CosignerAnswer::Signed { time, signature })
            });
            signed.unwrap_or_else(|| silent("its answer is not a cosignature"))
        }
        409 => match text.trim_end_matches('\n').parse() {
            Ok(held) if held > size => CosignerAnswer::Larger { size: held },
            Ok(held) => CosignerAnswer::Smaller { size: held },
            Err(_) => silent("its answer is unreadable"),
        },
        422 => CosignerAnswer::Forked,
        status => CosignerAnswer::Silent(format!("it answers {status}")),
    }
}

/// The note with the log's own signatures alone: what was cosigned earlier says nothing of the present.
fn by_log(policy: &Policy, note: &Note) -> Note {
    let logs = policy.logs();
    let is_log = |line: &&NoteSignature| {
        logs.iter()
            .any(|(key, _)| key.name() == line.name && key.id() == line.id)
    };
    let bare = Note::new(note.text().to_owned());
    let lines = note.signatures().iter().filter(is_log).cloned();
    bare.map_or_else(|| note.clone(), |bare| lines.fold(bare, Note::with))
}

/// Whether only the cosigner itself can answer at an address: an earlier answer of its own, replayed by somebody on the way,
/// would pass for its present time.
fn is_its_own(url: &str) -> bool {
    if url.starts_with("https://") {
        return true;
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.ends_with(".onion") || host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_others_cannot_answer_at_is_asked() {
        for url in [
            "https://w.example",
            "http://127.0.0.1:80/w",
            "http://[::1]:80",
            "http://localhost",
            "http://abc.onion/x",
        ] {
            assert!(is_its_own(url), "{url}");
        }
        for url in [
            "http://w.example",
            "http://127.0.0.1.w.example/",
            "http://w.example/127.0.0.1",
            "http://x@w.example:80#.onion",
            "ftp://127.0.0.1",
        ] {
            assert!(!is_its_own(url), "{url}");
        }
    }
}
