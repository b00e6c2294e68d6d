//! Promises and receipts: nothing counts as filed before one verifies (§5.7, §6.4).

use crate::clock::span;
use crate::console::Console;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::line::ServiceLine;
use crate::remote::Remote;
use crate::trust::Trust;
use sealing::promise::{self, Present};
use tlog::policy::Trusted;
use tlog::receipt::Receipt;

/// Verifies a promise for `entry`; gives its deadline in POSIX seconds. A clock of this device that is behind is warned
/// of and changes nothing (§3).
///
/// # Errors
/// Exit 1: then nobody can prove that it was filed, though it may have been.
pub fn verify(note: &[u8], entry: &[u8], follow: &Follow, console: &Console) -> Outcome<u64> {
    let (device, latest) = (follow.remote().now(), follow.log().latest()?.1.time());
    let verify = |server| {
        let present = Present { device, latest, server };
        promise::check(note, entry, &follow.trust().root, present).map_err(client::Failure::from)
    };
    let promised = verify(0).or_else(|_| {
        verify(
            ServiceLine::over(follow.remote().clone())
                .server_time()
                .ok()
                .flatten()
                .unwrap_or(0),
        )
    });
    let promised = promised?;
    if let Some(by_s) = promised.clock_behind_s {
        let by = span(by_s);
        let text = t!("behind, so the promise was measured by the log's time; set it");
        console.warn(&t!("this machine's clock is {} {}", by, text));
    }
    Ok(promised.deadline)
}

/// The receipt of an entry that the log has at `index`, verified, with the entry in its `extra` line.
///
/// # Errors
/// Exit 1 when it does not verify, exit 3 when the service has none; network.
pub fn receipt(remote: &Remote, trust: &Trust, index: u64, entry: &[u8]) -> Outcome<Receipt> {
    let line = ServiceLine::over(remote.clone());
    let found = line.run(line.wire().several(vec![format!("/log/proof/{index}")]))?;
    let bytes = found.into_iter().next().flatten().ok_or_else(|| {
        CliError::new(CliCode::NoProof, t!("the service gives no proof of entry {}", index))
            .why(t!("it says that it has none"))
            .remedy(t!(
                "wait for the next step and run it again; if it stays so, tell the council"
            ))
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

/// The failure for a receipt that does not verify.
pub fn bad_receipt(why: &dyn std::fmt::Display) -> CliError {
    CliError::new(CliCode::Receipt, t!("the receipt does not verify"))
        .why(why)
        .remedy(t!(
            "take it again with `resguardo inbox --receipt`, and compare root.json with the one on paper"
        ))
}
