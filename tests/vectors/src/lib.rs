//! docs/vectors/ made anew in a browser: the same sources as the crates' own tests, compiled to WebAssembly, so that the
//! arithmetic of a page is held to the same bytes. No part of the product; built and run by `cargo xtask test browser`.
#![cfg(target_arch = "wasm32")]

#[path = "../../../crates/casework/tests/case_vectors_parts/mod.rs"]
mod case_vectors_parts;
#[path = "../../../crates/protocol/tests/filing_support/mod.rs"]
mod filing_support;
#[path = "../../../crates/protocol/tests/filing_vectors_parts/mod.rs"]
mod filing_vectors_parts;
#[path = "../../../crates/protocol/tests/form_vectors_parts/mod.rs"]
mod form_vectors_parts;
#[path = "../../../crates/identifiers/tests/identifier_table/mod.rs"]
mod identifier_table;
#[path = "../../../crates/identifiers/tests/identifier_vectors/mod.rs"]
mod identifier_vectors;
#[path = "../../../crates/protocol/tests/kept/mod.rs"]
#[expect(dead_code, reason = "the comparing is the browser test's")]
mod kept;
#[path = "../../../crates/oprf/tests/key_nodes/mod.rs"]
#[expect(dead_code, reason = "the vectors use a part")]
mod key_nodes;
#[path = "../../../crates/tlog/tests/log_vectors.rs"]
#[expect(unused_imports, reason = "the comparing is the browser test's")]
mod log_vectors;
#[path = "../../../crates/oprf/tests/oprf_vectors/mod.rs"]
mod oprf_vectors;
#[path = "../../../crates/protocol/tests/statement_examples.rs"]
#[expect(unused_imports, reason = "the comparing is the browser test's")]
mod statement_examples;
#[path = "../../../crates/protocol/tests/statement_fixture/mod.rs"]
mod statement_fixture;
#[path = "../../../crates/casework/tests/cases/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the vectors use a part")]
mod support;

use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The content of a file of docs/vectors/, as this machine computes it; nothing for a name that it does not know.
///
/// # Errors
/// Never an answer that is half: what is refused where it must not be is thrown.
#[wasm_bindgen]
pub fn vectors(name: &str) -> Result<Option<String>, JsValue> {
    std::panic::set_hook(Box::new(|refused| wasm_bindgen::throw_str(&refused.to_string())));
    match name {
        "age.json" => text(&form_vectors_parts::age::vectors()),
        "consent.json" => text(&case_vectors_parts::consent::vectors()),
        "councils.json" => text(&case_vectors_parts::councils::vectors()),
        "danger.json" => text(&case_vectors_parts::danger::vectors()),
        "derivations.json" => text(&filing_vectors_parts::derivations::vectors()),
        "drafts.json" => text(&form_vectors_parts::drafts::vectors()),
        "ed25519.json" => text(&form_vectors_parts::ed25519::vectors()),
        "envelopes.json" => text(&form_vectors_parts::envelopes::vectors()),
        "filing.json" => text(&filing_vectors_parts::filing::vectors()),
        "http.json" => text(&statement_examples::http_examples()),
        "identifiers.json" => text(&identifier_vectors::vectors()),
        "json.json" => text(&form_vectors_parts::json::vectors()),
        "keys.json" => text(&form_vectors_parts::keys::vectors()),
        "log-steps.json" => text(&case_vectors_parts::steps::vectors()),
        "log.json" => text(&log_vectors::vectors()),
        "opening.json" => text(&case_vectors_parts::opening::vectors()),
        "oprf.json" => text(&oprf_vectors::vectors()),
        "records.json" => text(&statement_examples::record_examples()),
        "refused.json" => text(&filing_vectors_parts::refused::vectors()),
        "shares.json" => text(&filing_vectors_parts::shares::vectors()),
        "statements.json" => text(&statement_examples::statements()),
        "times.json" => text(&case_vectors_parts::times::vectors()),
        _ => return Ok(None),
    }
    .map(Some)
}

fn text(vectors: &impl Serialize) -> Result<String, JsValue> {
    let text = serde_json::to_string_pretty(vectors).map_err(|error| JsValue::from_str(&error.to_string()))?;
    Ok(text + "\n")
}
