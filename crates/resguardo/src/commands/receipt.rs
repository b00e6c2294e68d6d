//! `resguardo receipt verify`: a receipt against the root of trust, without a network.

use crate::args::Receipt as Args;
use crate::clock;
use crate::console::Console;
use crate::disk;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::promise::{bad_receipt, check_receipt};
use crate::trust::Trust;
use protocol::Digest;
use serde_json::json;
use tlog::receipt::Receipt;

/// Largest receipt in bytes.
const RECEIPT_MAX: u64 = 256 * 1024;

pub(super) fn run(args: &Args, console: &Console) -> Outcome<()> {
    let Args::Verify(args) = args;
    let trust = Trust::load(&args.root.root)?;
    let text = disk::note(&args.file, RECEIPT_MAX)?;
    let receipt = Receipt::parse(text.as_bytes()).map_err(|error| bad_receipt(&error))?;
    let entry = receipt.extra.clone().ok_or_else(|| {
        CliError::usage(t!("the receipt does not carry its entry (`extra`)"))
            .why(t!("without the entry it proves nothing about this testimony"))
            .remedy(t!(
                "take it with `resguardo seal --receipt` or `resguardo inbox --receipt`"
            ))
    })?;
    let trusted = check_receipt(&receipt, &entry, &trust)?;
    let checkpoint = trusted.checkpoint();
    let human = t!(
        "✓ entry {} of {} is in the log of {} since {} at the latest",
        receipt.index,
        checkpoint.size,
        trust.origin(),
        clock::readable(trusted.time())
    );
    let value = json!({ "index": receipt.index, "size": checkpoint.size, "origin": trust.origin(),
        "time": clock::rfc3339(trusted.time()), "entry_sha256": Digest::of(&entry) });
    console.result(&human, value);
    Ok(())
}
