//! The shape that JavaScript calls. Each call is a thin line to the rest; a refusal is thrown as its code.

use js_sys::Uint8Array;
use protocol::MemberNumber;
use protocol::phrase::{Language, Phrase};
use protocol::statement::{ConsentChoice, Use};
use rand_core::UnwrapErr;
use wasm_bindgen::prelude::*;

use crate::evidence::{FileInfo, SealedEvidence};
use crate::{Choices, Clocks, EvidenceSealer, Keys, Refused, Shown, Telling};

/// Thrown: a string, the code of [`Refused`].
fn thrown(refused: Refused) -> JsValue {
    JsValue::from_str(refused.code())
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Seconds from what JavaScript counts them in.
fn seconds(number: f64) -> u64 {
    if number.is_finite() && number > 0.0 {
        number as u64
    } else {
        0
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|_| thrown(Refused::Order))
}

/// A council that may be sealed to.
#[wasm_bindgen]
pub struct TrustedCouncil(crate::TrustedCouncil);

#[wasm_bindgen]
impl TrustedCouncil {
    /// `statements`: JSON, `[{envelope, proof}]`. Times in seconds; 0 where unknown. `seen`: what [`Self::time`] said last.
    pub fn check(
        root: &str,
        statements: &str,
        checkpoint: &str,
        device: f64,
        built: f64,
        served: f64,
        seen: f64,
    ) -> Result<TrustedCouncil, JsValue> {
        let shown: Vec<Shown> = serde_json::from_str(statements).map_err(|_| thrown(Refused::Unproven))?;
        let clocks = Clocks {
            device: seconds(device),
            built: seconds(built),
            served: seconds(served),
            seen: seconds(seen),
        };
        crate::TrustedCouncil::check(root.as_bytes(), &shown, checkpoint.as_bytes(), clocks)
            .map(Self)
            .map_err(thrown)
    }

    /// Time of the newest checkpoint, in seconds.
    pub fn time(&self) -> f64 {
        self.0.time() as f64
    }

    /// What her page shows of it, as JSON.
    pub fn members(&self) -> Result<String, JsValue> {
        json(&self.0.members().map_err(thrown)?)
    }
}

/// The eight words.
#[wasm_bindgen]
pub struct Words(Phrase);

#[wasm_bindgen]
impl Words {
    /// Draws them.
    pub fn draw() -> Words {
        Self(Phrase::draw(&mut rng()))
    }

    /// Those of a draft, from what stands for them (11 bytes).
    pub fn of(entropy: &[u8]) -> Result<Words, JsValue> {
        let phrase = entropy.try_into().ok().and_then(Phrase::from_entropy);
        phrase.map(Self).ok_or_else(|| thrown(Refused::Order))
    }

    /// In the list of `language` (`es`, else English), separated by spaces.
    pub fn text(&self, language: &str) -> String {
        let list = if language == "es" {
            Language::Spanish
        } else {
            Language::English
        };
        self.0.words(list).to_string()
    }
}

/// Whether files of these sizes fit into one filing.
#[wasm_bindgen]
pub fn fits(sizes: &[f64]) -> bool {
    let sizes: Vec<u64> = sizes.iter().map(|size| seconds(*size)).collect();
    crate::evidence::fits(&sizes)
}

/// Bytes that a file of this size becomes.
#[wasm_bindgen]
pub fn sealed_size(size: f64) -> f64 {
    crate::evidence::sealed_size(seconds(size)) as f64
}

/// A testimony while it is being sealed.
#[wasm_bindgen]
pub struct Draft {
    draft: Option<crate::Draft>,
    file: Option<EvidenceSealer>,
    sealed: Option<SealedEvidence>,
    out: Vec<u8>,
}

#[wasm_bindgen]
impl Draft {
    /// Argon2id, then the keys of case `c`. `left_out`: numbers of seats. `lapse`: nothing where a quorum opens it on request,
    /// 0 where nobody does without her, days after which enough seats may. `allowed`: bits, in the order of [`Use::ALL`].
    /// `ask_me_after`: 0 where she has no such wish.
    pub fn begin(
        council: &TrustedCouncil,
        words: &Words,
        c: u32,
        left_out: &[u16],
        lapse: Option<u32>,
        allowed: u8,
        ask_me_after: u32,
    ) -> Result<Draft, JsValue> {
        let consent = match lapse {
            None => ConsentChoice::NotAsked,
            Some(0) => ConsentChoice::Strict,
            Some(days) => ConsentChoice::Lapse { days },
        };
        let choices = Choices {
            left_out: left_out.iter().filter_map(|x| MemberNumber::new(*x)).collect(),
            consent,
            allowed: Use::ALL
                .into_iter()
                .filter(|it| allowed >> *it as u8 & 1 == 1)
                .collect(),
            ask_me_after: Some(ask_me_after).filter(|count| *count > 0),
        };
        let keys = Keys::derive(&words.0, council.0.origin()).map_err(thrown)?;
        let draft = crate::Draft::begin(&council.0, &keys, c, choices, &mut rng()).map_err(thrown)?;
        Ok(Self::of(draft))
    }

    /// The second greeting goes to the inbox of these words.
    pub fn greet(&mut self, council: &TrustedCouncil, words: &Words) -> Result<(), JsValue> {
        let second = Keys::derive(&words.0, council.0.origin()).map_err(thrown)?;
        let draft = self.draft.as_mut().ok_or_else(|| thrown(Refused::Order))?;
        draft.greet(&second);
        Ok(())
    }

    /// Begins a file, or begins it anew; its ciphertext begins with what is given back.
    pub fn open_file(&mut self, name: &str, media_type: &str, date: &str, size: f64) -> Result<Uint8Array, JsValue> {
        let draft = self.draft.as_ref().ok_or_else(|| thrown(Refused::Order))?;
        let info = FileInfo {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            date: date.to_owned(),
            size: seconds(size),
        };
        self.out.clear();
        self.sealed = None;
        self.file = Some(draft.begin_evidence(info, &mut self.out, &mut rng()).map_err(thrown)?);
        Ok(self.given())
    }

    /// The next bytes of the file. The ciphertext that is complete is written to the beginning of `into`, which must be
    /// 128 KiB longer than `bytes`; says how much it is. A page that gives the same array each time makes no rubbish.
    pub fn push(&mut self, bytes: &[u8], into: &Uint8Array) -> Result<u32, JsValue> {
        let file = self.file.as_mut().ok_or_else(|| thrown(Refused::Order))?;
        file.push(bytes, &mut self.out).map_err(thrown)?;
        let length = u32::try_from(self.out.len()).map_err(|_| thrown(Refused::Order))?;
        if length > into.length() {
            return Err(thrown(Refused::Order));
        }
        into.subarray(0, length).copy_from(&self.out);
        self.out.clear();
        Ok(length)
    }

    /// The file's end; gives the rest of the ciphertext. [`Self::file_digest`] then tells what the upload must answer.
    pub fn close_file(&mut self) -> Result<Uint8Array, JsValue> {
        let file = self.file.take().ok_or_else(|| thrown(Refused::Order))?;
        self.sealed = Some(file.finish(&mut self.out).map_err(thrown)?);
        Ok(self.given())
    }

    /// Digest of the ciphertext of the file that was closed last, in hex.
    pub fn file_digest(&self) -> Result<String, JsValue> {
        let sealed = self.sealed.as_ref().ok_or_else(|| thrown(Refused::Order))?;
        Ok(sealed.digest().to_hex())
    }

    /// The file that was closed last is uploaded: it belongs to the testimony.
    pub fn keep_file(&mut self) -> Result<(), JsValue> {
        match (&mut self.draft, self.sealed.take()) {
            (Some(draft), Some(sealed)) => {
                draft.add_evidence(sealed);
                Ok(())
            }
            _ => Err(thrown(Refused::Order)),
        }
    }

    /// Seals it all; the draft is then empty. `telling`: JSON, the fields of `Telling`.
    pub fn seal(&mut self, telling: &str, device: f64) -> Result<Posting, JsValue> {
        let telling = Telling::parse(telling).map_err(thrown)?;
        let draft = self.draft.take().ok_or_else(|| thrown(Refused::Order))?;
        draft
            .seal(&telling, seconds(device), &mut rng())
            .map(Posting)
            .map_err(thrown)
    }

    /// Copies what is complete into an array of the page's own, and keeps the room.
    fn given(&mut self) -> Uint8Array {
        let array = Uint8Array::from(self.out.as_slice());
        self.out.clear();
        array
    }
}

impl Draft {
    /// One that was begun in Rust.
    pub fn of(draft: crate::Draft) -> Self {
        Self {
            draft: Some(draft),
            file: None,
            sealed: None,
            out: Vec::new(),
        }
    }
}

/// The work that the service asks for before it begins an upload, when many begin.
#[wasm_bindgen]
pub struct UploadWork(crate::UploadWork);

#[wasm_bindgen]
impl UploadWork {
    /// From the answer of `GET /api/v1/work?for=upload` and the upload's name.
    pub fn begin(json: &str, name: &[u8]) -> Result<Self, JsValue> {
        crate::UploadWork::begin(json, name).map(Self).map_err(thrown)
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
pub struct Posting(crate::Posting);

#[wasm_bindgen]
impl Posting {
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
