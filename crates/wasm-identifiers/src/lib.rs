//! Bindings of [`identifiers`] for the page that asks who hurt her: how what she wrote is read.

#![cfg(target_arch = "wasm32")]

use identifiers::{Identifier, Kind};
use wasm_bindgen::prelude::wasm_bindgen;

/// The normal form of a text. Thrown: the code of why it has none, as `identifiers` names it.
///
/// # Errors
/// The code.
#[wasm_bindgen]
pub fn normal(kind: &str, of: Option<String>, text: &str) -> Result<String, String> {
    let kind = Kind::read(kind).ok_or("kind")?;
    match Identifier::read(kind, of.as_deref(), text) {
        Ok(identifier) => Ok(identifier.normal().to_owned()),
        Err(why) => Err(why.code().to_owned()),
    }
}
