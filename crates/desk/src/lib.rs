//! The custodian's and reader's page in a browser: checks, decides, releases, opens. It has no rules of its own; the
//! scripts of the page do DOM and fetch, this does the rest.

use wasm_bindgen::prelude::wasm_bindgen;

/// Version of this module, as the workspace has it.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
