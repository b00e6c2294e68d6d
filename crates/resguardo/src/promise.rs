//! Promises and receipts: nothing counts as filed before one verifies (§5.7, §6.4).

use crate::clock::span;
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use crate::follow::Follow;
use crate::remote::Remote;
use crate::trust::Trust;
use casework::clock::{CHECKPOINT_MAX_S, SKEW_S};
use protocol::Digest;
use tlog::Note;
use tlog::policy::Trusted;
use tlog::promise::Promise;
use tlog::receipt::Receipt;

/// A promise is for at most this long, plus what clocks may differ.
const DEADLINE_MAX_S: u64 = 24 * 3600 + SKEW_S;

/// Verifies a promise for `entry`; gives its deadline in POSIX seconds. A clock of this device that is behind is warned
/// of and changes nothing (§3).
///
/// # Errors
/// Exit 1: then nobody can prove that it was filed, though it may have been.
pub fn verify(note: &[u8], entry: &[u8], follow: &Follow, console: &Console) -> Outcome<u64> {
    let deadline = signed(note, entry, follow.trust())?;
    let (device, latest) = (follow.remote().now(), follow.latest()?.1.time());
    match measure(deadline, device, latest, || {
        follow.remote().server_time().ok().flatten()
    }) {
        Measured::Fits => Ok(deadline),
        Measured::ClockBehind { by_s } => {
            console.warn(&format!(
                "this machine's clock is {} behind, so the promise was measured by the log's time; set it",
                span(by_s)
            ));
            Ok(deadline)
        }
        Measured::TooLate => Err(unproven("its deadline is more than 24 hours away")),
    }
}

/// How a deadline fits the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    /// Within 24 hours by this device's clock.
    Fits,
    /// Within 24 hours, though not by this device's clock.
    ClockBehind { by_s: u64 },
    /// By no clock.
    TooLate,
}

/// The present is the latest of this device's clock, the newest cosigned checkpoint and, if these do not do, the server's
/// clock, which is believed no further than that checkpoint is fresh.
fn measure(deadline: u64, device: u64, latest: u64, server: impl FnOnce() -> Option<u64>) -> Measured {
    let fits = |now: u64| deadline <= now.saturating_add(DEADLINE_MAX_S);
    if fits(device) {
        return Measured::Fits;
    }
    let now = if fits(latest) {
        latest
    } else {
        server().unwrap_or(0).min(latest.saturating_add(CHECKPOINT_MAX_S))
    };
    if fits(now) {
        Measured::ClockBehind {
            by_s: now.saturating_sub(device),
        }
    } else {
        Measured::TooLate
    }
}

/// Signature, log and entry.
fn signed(note: &[u8], entry: &[u8], trust: &Trust) -> Outcome<u64> {
    let key = trust.root.log_key().map_err(unproven)?;
    let note = Note::parse(note).map_err(unproven)?;
    let promise = Promise::verify(&note, &key).map_err(unproven)?;
    if promise.origin != trust.origin().as_str() {
        return Err(unproven("it is for another log"));
    }
    if promise.entry != Digest::of(entry).0 {
        return Err(unproven("it is for another entry"));
    }
    Ok(promise.deadline)
}

fn unproven(why: impl std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Check,
        "promise",
        "the service took it, but its promise does not verify: that it was filed is unproven",
    )
    .why(why)
    .remedy(
        "do not file it again yet: look with `resguardo inbox` (a member: `resguardo queue`) after the next steps of the \
         log, and tell the council if it is not there within a day",
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_478_400;
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    /// A promise for a full day, whose service and log have the right time.
    fn by_clock(device: u64) -> Measured {
        measure(NOW + DAY, device, NOW - 600, || Some(NOW))
    }

    #[test]
    fn a_wrong_clock_never_makes_a_right_promise_wrong() {
        for wrong in [NOW, NOW - SKEW_S, NOW + HOUR, NOW + 3 * DAY] {
            assert_eq!(by_clock(wrong), Measured::Fits, "{wrong}");
        }
        assert_eq!(by_clock(NOW - HOUR), Measured::ClockBehind { by_s: HOUR });
        assert_eq!(by_clock(NOW - 3 * DAY), Measured::ClockBehind { by_s: 3 * DAY });
        let without_server = measure(NOW + DAY - 600, NOW - HOUR, NOW - 600, || None);
        assert_eq!(without_server, Measured::ClockBehind { by_s: HOUR - 600 });
    }

    #[test]
    fn a_promise_for_longer_is_none_by_any_clock() {
        let longer = NOW + DAY + SKEW_S + 1;
        for device in [NOW - 3 * DAY, NOW - HOUR, NOW] {
            assert_eq!(
                measure(longer, device, NOW, || Some(NOW)),
                Measured::TooLate,
                "{device}"
            );
        }
        let lying = measure(NOW + 30 * DAY, NOW, NOW, || Some(NOW + 30 * DAY));
        assert_eq!(lying, Measured::TooLate, "a server cannot talk its own promise right");
    }
}
