//! What seals a testimony or an addition to one, in the shape that JavaScript calls: for the module that files and for that of her
//! who comes back. Each call is a thin line to [`sealing`]; a refusal is thrown as its code.

#![cfg(target_arch = "wasm32")]

use js_sys::Uint8Array;
use protocol::http::{FILING_LARGE_MAX, FILING_MAX, Quota};
use protocol::statement::SealedBy;
use rand_core::UnwrapErr;
use sealing::{EvidenceSealer, FileInfo, SealedEvidence, SealingError, TestimonyInput};
use wasm_bindgen::prelude::*;

/// Thrown: a string, the code of [`SealingError`].
pub fn thrown(error: SealingError) -> JsValue {
    JsValue::from_str(error.code())
}

/// The browser's source of randomness.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Seconds from what JavaScript counts them in.
pub fn seconds(number: f64) -> u64 {
    if number.is_finite() && number > 0.0 {
        number as u64
    } else {
        0
    }
}

/// Whether files of these sizes fit into one filing, or one with an upload code.
#[wasm_bindgen]
pub fn fits(sizes: &[f64], large: bool) -> bool {
    let sizes: Vec<u64> = sizes.iter().map(|size| seconds(*size)).collect();
    sealing::fits(&sizes, if large { FILING_LARGE_MAX } else { FILING_MAX })
}

/// Bytes that a file of this size becomes.
#[wasm_bindgen]
pub fn sealed_size(size: f64) -> f64 {
    sealing::sealed_size(seconds(size)) as f64
}

/// A testimony while it is being sealed.
#[wasm_bindgen]
pub struct Sealer {
    sealer: Option<sealing::TestimonySealer>,
    file: Option<EvidenceSealer>,
    sealed: Option<SealedEvidence>,
    out: Vec<u8>,
}

#[wasm_bindgen]
impl Sealer {
    /// The upload code that uploads show, in hex; empty without one.
    pub fn code(&self) -> String {
        let code = self.sealer.as_ref().and_then(sealing::TestimonySealer::code);
        code.map(Quota::to_hex).unwrap_or_default()
    }

    /// Begins a file, or begins it anew; its ciphertext begins with what is given back.
    pub fn open_file(&mut self, name: &str, media_type: &str, date: &str, size: f64) -> Result<Uint8Array, JsValue> {
        let sealer = self.sealer.as_ref().ok_or_else(|| thrown(SealingError::Order))?;
        let info = FileInfo {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            date: date.to_owned(),
            size: seconds(size),
        };
        self.out.clear();
        self.sealed = None;
        self.file = Some(sealer.begin_evidence(info, &mut self.out, &mut rng()).map_err(thrown)?);
        Ok(self.given())
    }

    /// The next bytes of the file. The ciphertext that is complete is written to the beginning of `into`, which must be
    /// 128 KiB longer than `bytes`; says how much it is. A page that gives the same array each time makes no rubbish.
    pub fn push(&mut self, bytes: &[u8], into: &Uint8Array) -> Result<u32, JsValue> {
        let file = self.file.as_mut().ok_or_else(|| thrown(SealingError::Order))?;
        file.push(bytes, &mut self.out).map_err(thrown)?;
        let length = u32::try_from(self.out.len()).map_err(|_| thrown(SealingError::Order))?;
        if length > into.length() {
            return Err(thrown(SealingError::Order));
        }
        into.subarray(0, length).copy_from(&self.out);
        self.out.clear();
        Ok(length)
    }

    /// The file's end; gives the rest of the ciphertext. [`Self::file_digest`] then tells what the upload must answer.
    pub fn close_file(&mut self) -> Result<Uint8Array, JsValue> {
        let file = self.file.take().ok_or_else(|| thrown(SealingError::Order))?;
        self.sealed = Some(file.finish(&mut self.out).map_err(thrown)?);
        Ok(self.given())
    }

    /// Digest of the ciphertext of the file that was closed last, in hex.
    pub fn file_digest(&self) -> Result<String, JsValue> {
        let sealed = self.sealed.as_ref().ok_or_else(|| thrown(SealingError::Order))?;
        Ok(sealed.digest().to_hex())
    }

    /// The file that was closed last is uploaded: it belongs to the testimony.
    pub fn keep_file(&mut self) -> Result<(), JsValue> {
        match (&mut self.sealer, self.sealed.take()) {
            (Some(sealer), Some(sealed)) => {
                sealer.add_evidence(sealed);
                Ok(())
            }
            _ => Err(thrown(SealingError::Order)),
        }
    }

    /// The file that was closed last is the copy of the one before, without what it says beside its picture.
    pub fn keep_copy(&mut self) -> Result<(), JsValue> {
        match (&mut self.sealer, self.sealed.take()) {
            (Some(sealer), Some(sealed)) => sealer.add_copy(sealed).map_err(thrown),
            _ => Err(thrown(SealingError::Order)),
        }
    }

    /// Seals it all; nothing is left here. `input`: JSON, the fields of [`TestimonyInput`].
    pub fn seal(&mut self, input: &str, device: f64) -> Result<SealedFiling, JsValue> {
        let input = TestimonyInput::parse(input).map_err(thrown)?;
        let sealer = self.sealer.take().ok_or_else(|| thrown(SealingError::Order))?;
        sealer
            .seal(&input, seconds(device), SealedBy::Browser, &mut rng())
            .map(SealedFiling)
            .map_err(thrown)
    }

    /// Copies what is complete into an array of the page's own, and keeps the room.
    fn given(&mut self) -> Uint8Array {
        let array = Uint8Array::from(self.out.as_slice());
        self.out.clear();
        array
    }
}

impl Sealer {
    /// That which seals, before it has sealed.
    ///
    /// # Errors
    /// Thrown after [`Self::seal`].
    pub fn get_mut(&mut self) -> Result<&mut sealing::TestimonySealer, JsValue> {
        self.sealer.as_mut().ok_or_else(|| thrown(SealingError::Order))
    }

    /// One that was begun in Rust.
    pub fn of(sealer: sealing::TestimonySealer) -> Self {
        Self {
            sealer: Some(sealer),
            file: None,
            sealed: None,
            out: Vec::new(),
        }
    }
}

/// How much of a file is sent at once; one for all uploads of a visit.
#[wasm_bindgen]
#[derive(Default)]
pub struct ChunkSize(protocol::http::ChunkSize);

#[wasm_bindgen]
impl ChunkSize {
    /// Nothing learned yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most that it ever is, in bytes.
    pub fn most() -> u32 {
        protocol::http::ChunkSize::MAX as u32
    }

    /// Bytes in the next chunk.
    pub fn bytes(&self) -> u32 {
        self.0.bytes() as u32
    }

    /// A chunk was taken, after so many milliseconds.
    pub fn taken(&mut self, took_ms: u32) {
        self.0.taken(took_ms.into());
    }

    /// The line broke while a chunk was under way.
    pub fn broke(&mut self) {
        self.0.broke();
    }

    /// Something on the way refused a chunk of so many bytes as too large. False where it is as small as can be.
    pub fn refused(&mut self, sent: u32) -> bool {
        self.0.refused(sent.into())
    }
}

/// The work that the service asks for before it begins an upload, when many begin.
#[wasm_bindgen]
pub struct UploadWork(sealing::UploadWork);

#[wasm_bindgen]
impl UploadWork {
    /// From the answer of `GET /api/v1/work?for=upload` and the upload's name.
    pub fn begin(json: &str, name: &[u8]) -> Result<Self, JsValue> {
        sealing::UploadWork::begin(json, name).map(Self).map_err(thrown)
    }

    /// A slice of the search; true when it is done.
    pub fn search(&mut self, start: f64, tries: f64) -> bool {
        self.0.search(seconds(start), seconds(tries))
    }

    /// The header to send; empty before it is done.
    pub fn header(&self) -> String {
        self.0.header().to_owned()
    }
}

/// A sealed filing that is to be posted until a promise comes back.
#[wasm_bindgen]
pub struct SealedFiling(sealing::SealedFiling);

#[wasm_bindgen]
impl SealedFiling {
    /// The answer of `GET /api/v1/work`.
    pub fn offer(&mut self, json: &str) -> Result<(), JsValue> {
        self.0.offer(json).map_err(thrown)
    }

    /// A slice of the search; true when it is done.
    pub fn search(&mut self, start: f64, tries: f64) -> Result<bool, JsValue> {
        self.0.search(seconds(start), seconds(tries)).map_err(thrown)
    }

    /// The body to post.
    pub fn body(&self) -> Uint8Array {
        Uint8Array::from(self.0.body().as_slice())
    }

    /// Its `Content-Type`.
    pub fn content_type(&self) -> String {
        self.0.content_type()
    }

    /// Checks the promise; gives its deadline in seconds.
    pub fn promised(&self, note: &[u8], now: f64) -> Result<f64, JsValue> {
        self.0
            .promised(note, seconds(now))
            .map(|deadline| deadline as f64)
            .map_err(thrown)
    }

    /// The case code.
    pub fn code(&self) -> String {
        self.0.code()
    }
}
