//! Bindings of [`scrub`] for the pages that take photographs: a copy without place, time and device.

#![cfg(target_arch = "wasm32")]

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

/// Whether a copy can be made of a file that begins so (12 bytes).
#[wasm_bindgen]
pub fn is_picture(begin: &[u8]) -> bool {
    scrub::Format::of(begin).is_some()
}

/// The copy; nothing where the picture is damaged.
#[wasm_bindgen]
pub fn scrubbed(file: &[u8]) -> Option<Uint8Array> {
    scrub::scrubbed(file).ok().map(|copy| Uint8Array::from(copy.as_slice()))
}
