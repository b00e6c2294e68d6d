//! What the cosigners say when they are asked themselves (§3): where this device finds the newest checkpoint too old, only
//! they can tell a wrong clock from a log that is withheld, for the service can write any `Date`.

use crate::remote::Remote;
use std::net::IpAddr;
use std::thread;
use tlog::note::{Note, NoteSignature, VerifierKey};
use tlog::policy::{Policy, Trusted};
use tlog::witness::AddCheckpoint;
use tlog::{Checkpoint, cosign};

/// What one cosigner says of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
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
pub(super) enum Opinion {
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
pub(super) fn ask_all(remote: &Remote, policy: &Policy, note: &Note, origin: &str) -> Opinion {
    let cosigners = policy.witnesses();
    let said: Vec<Said> = thread::scope(|scope| {
        let asking: Vec<_> = cosigners
            .iter()
            .map(|(key, url)| scope.spawn(|| ask(remote, key, url.as_deref(), note)))
            .collect();
        let silent = |_| Said::Silent("asking it failed".to_owned());
        asking
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(silent))
            .collect()
    });
    let bare = said.iter().fold(by_log(policy, note), |note, said| match said {
        Said::Signed { signature, .. } => note.with(signature.clone()),
        _ => note,
    });
    if let Ok(trusted) = policy.check(&bare, origin) {
        return Opinion::Fresh(Box::new((bare, trusted)));
    }
    let larger = said.iter().filter_map(|said| match said {
        Said::Larger { size } => Some(*size),
        _ => None,
    });
    larger.max().map_or(Opinion::Silent, |size| Opinion::Withheld { size })
}

/// Asks one (`tlog-witness`): the old size is the checkpoint's own, so no proof is needed, and a cosigner that holds the same
/// tree signs it again with its present time.
pub(crate) fn ask(remote: &Remote, key: &VerifierKey, url: Option<&str>, note: &Note) -> Said {
    let silent = |why: &str| Said::Silent(why.to_owned());
    let Some(url) = url else {
        return silent("the policy names no address for it");
    };
    if !is_its_own(url) {
        return silent("its address is plain http, over which anybody could answer");
    }
    let Some(size) = Checkpoint::parse(note.text()).map(|checkpoint| checkpoint.size) else {
        return silent("there is no checkpoint to ask about");
    };
    let request = AddCheckpoint {
        old_size: size,
        proof: Vec::new(),
        checkpoint: note.clone(),
    };
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    match remote.ask_cosigner(&url, &request.to_text()) {
        None => silent("it does not answer"),
        Some((200, lines)) => {
            let is_its = |line: &&NoteSignature| line.name == key.name() && line.id == key.id();
            // What it signed earlier is in the note, and says nothing of the present.
            let answered = Note::parse(format!("{}\n{lines}", note.text()).as_bytes()).ok();
            let line = answered.and_then(|answer| answer.signatures().iter().find(is_its).cloned());
            let signed = line.and_then(|signature| {
                let alone = Note::new(note.text().to_owned())?.with(signature.clone());
                let time = cosign::verify(&alone, key).ok()?;
                Some(Said::Signed { time, signature })
            });
            signed.unwrap_or_else(|| silent("its answer is no cosignature"))
        }
        Some((409, body)) => match body.trim_end_matches('\n').parse() {
            Ok(held) if held > size => Said::Larger { size: held },
            Ok(held) => Said::Smaller { size: held },
            Err(_) => silent("its answer is unreadable"),
        },
        Some((422, _)) => Said::Forked,
        Some((status, _)) => Said::Silent(format!("it answers {status}")),
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
