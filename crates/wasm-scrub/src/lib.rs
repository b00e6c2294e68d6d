//! Bindings of [`scrub`] for the pages that take files: a copy without place, time and device.

#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, Uint8Array};
use scrub::{Piece, Plan, Source};
use wasm_bindgen::prelude::*;

/// A file of the page's: `read(at, length)` gives bytes of it at once, or throws.
struct OfPage<'a> {
    size: u64,
    read: &'a Function,
}

impl Source for OfPage<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> bool {
        let given = self
            .read
            .call2(&JsValue::NULL, &(at as f64).into(), &(into.len() as f64).into());
        let bytes = given.ok().and_then(|given| given.dyn_into::<Uint8Array>().ok());
        let bytes = bytes.filter(|bytes| bytes.length() as usize == into.len());
        if let Some(bytes) = &bytes {
            bytes.copy_to(into);
        }
        bytes.is_some()
    }
}

/// How the copy of a file is put together.
#[wasm_bindgen]
pub struct Copy(Plan);

#[wasm_bindgen]
impl Copy {
    /// Of a file of `size` bytes. Thrown: the code of why there is none.
    pub fn of(size: f64, read: &Function) -> Result<Copy, JsValue> {
        let mut source = OfPage {
            size: size as u64,
            read,
        };
        let plan = scrub::plan(&mut source).map_err(|no| JsValue::from_str(no.code()))?;
        Ok(Self(plan))
    }

    /// Its bytes.
    pub fn size(&self) -> f64 {
        self.0.size() as f64
    }

    /// Its pieces, in order: bytes, or from where to where in the file.
    pub fn pieces(&self) -> Array {
        self.0.pieces().iter().map(shown).collect()
    }
}

fn shown(piece: &Piece) -> JsValue {
    match piece {
        Piece::Made(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Piece::Kept(range) => Array::of2(&(range.start as f64).into(), &(range.end as f64).into()).into(),
    }
}
