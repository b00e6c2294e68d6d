//! What scripts see: texts, numbers and bytes. Failures are JSON: `{code, detail?, from?}`.

use client::Failure;
use client::wire::{Exchange, Progress};
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::session::Session;

/// One key at its desk.
#[wasm_bindgen]
pub struct DeskPage {
    session: Session,
    exchange: Exchange,
}

#[wasm_bindgen]
impl DeskPage {
    /// With the root of trust that the page carries, and when it was built (POSIX seconds; 0 where nobody says).
    ///
    /// # Errors
    /// A failure as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(root: &str, built: f64) -> Result<DeskPage, String> {
        Ok(Self {
            session: Session::new(root.as_bytes())
                .map_err(Failure::into_json)?
                .built(built as u64),
            exchange: Exchange::default(),
        })
    }

    /// Opens a key file; it stays here.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn unlock(&mut self, file: &[u8], passphrase: &str) -> Result<(), String> {
        self.session.unlock(file, passphrase).map_err(Failure::into_json)
    }

    /// The exact statements that an act would sign, one for each line; the same act then sends these.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn preview(&mut self, act: &str) -> Result<String, String> {
        self.session.preview(act).map_err(Failure::into_json)
    }

    /// What an act makes public, as JSON; nothing is signed that is sent.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn made_public(&mut self, act: &str) -> Result<String, String> {
        self.session.made_public(act).map_err(Failure::into_json)
    }

    /// Begins an act, as JSON; `file` for `load`.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn begin(&mut self, act: &str, file: &[u8]) -> Result<(), String> {
        self.session.begin(act, file).map_err(Failure::into_json)
    }

    /// An answer to the next of the last turn's calls; status 0 when nobody answered; `next`: the header
    /// `Resguardo-Next`; `date`: the header `Date` in POSIX seconds; each negative where there is none.
    pub fn answer(&mut self, status: u16, next: f64, date: f64, body: Vec<u8>) {
        self.exchange.answer(status, next, date, body);
    }

    /// Goes on: `{calls: [{method, path, headers} or {pause}]}`, or `{done, view}`. `now`: POSIX seconds.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn turn(&mut self, now: f64) -> Result<String, String> {
        let turn = self
            .session
            .turn(now as u64, self.exchange.answers())
            .map_err(Failure::into_json)?;
        Ok(self.exchange.turn(turn))
    }

    /// The body of one of the last turn's calls.
    pub fn body(&self, place: usize) -> Vec<u8> {
        self.exchange.body(place)
    }

    /// How far the act is, 0 to 1; negative where it does not say.
    pub fn progress(&self) -> f64 {
        Progress::share(self.session.progress())
    }

    /// An opened document, as JSON; empty where there is none.
    pub fn shown(&self, place: usize) -> String {
        let shown = self.session.shown(place);
        shown.map(|shown| json!(shown).to_string()).unwrap_or_default()
    }

    /// Messages to her that are ready to be sent, as JSON: `[{name, language, text}]`.
    pub fn templates(&self) -> String {
        json!(client::TEMPLATES).to_string()
    }

    /// The bytes of a file of an opened document.
    pub fn shown_file(&self, place: usize, file: usize) -> Vec<u8> {
        let bytes = self.session.shown_file(place, file);
        bytes.map(<[u8]>::to_vec).unwrap_or_default()
    }

    /// What reports on an opened document are made from: acts and digests, none of her words. Empty where there is none.
    pub fn record(&self, place: usize) -> String {
        self.session.record(place).unwrap_or_default()
    }

    /// The request that the last preview was of, in hex; empty where it was of another act.
    pub fn drafted_request(&self) -> String {
        let drafted = self.session.drafted_request();
        drafted.map(|request| request.to_hex()).unwrap_or_default()
    }

    /// The file of a request, to be saved before the request is sent, and again as long as its key is here.
    pub fn request_file(&mut self, request: &str) -> Vec<u8> {
        let request = protocol::Digest::from_hex(request);
        let file = request.and_then(|request| self.session.request_file(&request));
        file.unwrap_or_default()
    }

    /// The file of an opened case, to be saved.
    pub fn case_file(&self, case: &str) -> Vec<u8> {
        let id = protocol::CaseId::from_hex(case);
        id.and_then(|id| self.session.case_file(&id)).unwrap_or_default()
    }
}
