//! `resguardo rebuild`: the tree of a store anew from its entries.

use super::fsck::{store, store_failure, there};
use crate::args::Fsck;
use crate::console::Console;
use crate::failure::Outcome;
use crate::language::t;
use serde_json::json;

pub(super) fn run(args: &Fsck, console: &Console) -> Outcome<()> {
    let store = there(&store(args.store.as_deref(), &args.config)?)?;
    let size = ledger::sqlite::rebuild::rebuild(&store).map_err(|error| store_failure(&error))?;
    console.result(
        &t!("✓ the tree was built anew from {} entries", size),
        json!({ "size": size }),
    );
    Ok(())
}
