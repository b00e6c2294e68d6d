//! Promises and receipts: nothing counts as filed before one verifies (§5.7, §6.4).

use crate::failure::{Exit, Failure, Outcome};
use crate::remote::Remote;
use crate::trust::Trust;
use protocol::Digest;
use tlog::Note;
use tlog::policy::Trusted;
use tlog::promise::Promise;
use tlog::receipt::Receipt;

/// A promise is for at most this long, plus what clocks may differ.
const DEADLINE_MAX_S: u64 = 24 * 3600 + 300;

/// Verifies a promise for `entry`; gives its deadline in POSIX seconds.
///
/// # Errors
/// Exit 1: then nothing was filed, as far as anybody can prove.
pub fn verify(note: &[u8], entry: &[u8], trust: &Trust) -> Outcome<u64> {
    let refuse = |why: String| {
        Failure::new(Exit::Check, "promise", "the service's promise does not verify")
            .why(why)
            .remedy("count it as not filed; try again, and tell the council if it happens twice")
    };
    let key = trust.root.log_key().map_err(|error| refuse(error.to_string()))?;
    let note = Note::parse(note).map_err(|error| refuse(error.to_string()))?;
    let promise = Promise::verify(&note, &key).map_err(|error| refuse(error.to_string()))?;
    if promise.origin != trust.origin().as_str() {
        return Err(refuse("it is for another log".to_owned()));
    }
    if promise.entry != Digest::of(entry).0 {
        return Err(refuse("it is for another entry".to_owned()));
    }
    if promise.deadline > crate::clock::now().saturating_add(DEADLINE_MAX_S) {
        return Err(refuse("its deadline is more than 24 hours away".to_owned()));
    }
    Ok(promise.deadline)
}

/// The receipt of an entry that the log has at `index`, verified, with the entry in its `extra` line.
///
/// # Errors
/// Exit 1 when it does not verify, exit 3 when the service has none; network.
pub fn receipt(remote: &Remote, trust: &Trust, index: u64, entry: &[u8]) -> Outcome<Receipt> {
    let bytes = remote.proof(index)?.ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            "no-proof",
            format!("the service gives no proof of entry {index}"),
        )
        .why("it says that it has none")
        .remedy("wait for the next step and run it again; if it stays so, tell the council")
    })?;
    let mut receipt = Receipt::parse(&bytes).map_err(|error| bad_receipt(&error))?;
    receipt.extra = Some(entry.to_vec());
    check_receipt(&receipt, entry, trust)?;
    Ok(receipt)
}

/// Verifies a receipt against the root of trust, without a network.
///
/// # Errors
/// Exit 1.
pub fn check_receipt(receipt: &Receipt, entry: &[u8], trust: &Trust) -> Outcome<Trusted> {
    let policy = trust.root.policy().map_err(|error| bad_receipt(&error))?;
    receipt
        .verify(entry, &policy, trust.origin().as_str())
        .map_err(|error| bad_receipt(&error))
}

/// The failure for a receipt that is none.
pub fn bad_receipt(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Check, "receipt", "the receipt does not verify")
        .why(why)
        .remedy("take it again with `resguardo inbox --receipt`, and compare root.json with the one on paper")
}
