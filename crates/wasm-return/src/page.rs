//! What scripts see: texts, numbers and bytes. Failures are JSON: `{code, detail?}`.

use client::Failure;
use client::wire::{Exchange, Progress};
use client::words::{unknown, unread};
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::session::Session;

/// One phrase at its inbox.
#[wasm_bindgen]
pub struct ReturnPage {
    session: Session,
    exchange: Exchange,
}

#[wasm_bindgen]
impl ReturnPage {
    /// With the root of trust that the page carries, and when it was built (POSIX seconds; 0 where nobody says).
    ///
    /// # Errors
    /// A failure as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(root: &str, built: f64) -> Result<ReturnPage, String> {
        Ok(Self {
            session: Session::new(root.as_bytes(), built as u64).map_err(Failure::into_json)?,
            exchange: Exchange::default(),
        })
    }

    /// Which of the words, as far as they are written, no list holds: `[{place, near}]`, places from 1. An empty text is a
    /// place that is still empty.
    pub fn unknown(places: Vec<String>) -> String {
        let places = Zeroizing::new(places);
        json!(unknown(&places)).to_string()
    }

    /// Why the words are no phrase: `{code, …}`; empty where they are one.
    pub fn unread(words: String) -> String {
        let words = Zeroizing::new(words);
        unread(&words)
            .map(|unread| json!(unread).to_string())
            .unwrap_or_default()
    }

    /// Derives what the words open; takes seconds. `month`, as `2026-11`: the log is read from then on, all of it for what is no
    /// month. False where this device lacks the memory.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn open(&mut self, words: String, month: &str) -> Result<bool, String> {
        let words = Zeroizing::new(words);
        self.session.open(&words, month).map_err(Failure::into_json)
    }

    /// Draws eight words, `{es, en}`: to be opened as an inbox without a filing, or her filings come under them with the act
    /// `new-words`.
    pub fn draw(&mut self) -> String {
        let [es, en] = &self.session.draw();
        json!({ "es": es.as_str(), "en": en.as_str() }).to_string()
    }

    /// Begins an act, as JSON.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn begin(&mut self, act: &str) -> Result<(), String> {
        self.session.begin(act).map_err(Failure::into_json)
    }

    /// An answer to the next of the last turn's calls; status 0 when nobody answered; `next`: the header
    /// `Resguardo-Next`; `date`: the header `Date` in POSIX seconds; each negative where there is none.
    pub fn answer(&mut self, status: u16, next: f64, date: f64, body: Vec<u8>) {
        self.exchange.answer(status, next, date, body);
    }

    /// Goes on: `{calls: [{method, path, headers} or {pause}]}`, pauses in seconds, or `{done, view}`. `now`: POSIX seconds.
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

    /// All there is to show, while no act is under way.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn view(&self) -> Result<String, String> {
        let view = self.session.view().map_err(Failure::into_json)?;
        Ok(view.to_string())
    }

    /// Begins a filing that adds to the case of that id, in hex; `skip`: how many free cases the service has called taken;
    /// `is_large`: with an upload code that a seat sent.
    ///
    /// # Errors
    /// A failure as JSON.
    #[cfg(target_arch = "wasm32")]
    pub fn add(&mut self, case: &str, skip: usize, is_large: bool) -> Result<wasm_sealing::Sealer, String> {
        let case = protocol::CaseId::from_hex(case).ok_or_else(|| Failure::bug("no case id").into_json())?;
        let sealer = self.session.add(&case, skip, is_large).map_err(Failure::into_json)?;
        Ok(wasm_sealing::Sealer::of(sealer))
    }

    /// The service does not take the upload code of what is being added.
    pub fn code_is_spent(&mut self) {
        self.session.code_is_spent();
    }

    /// What is being added is promised for the log until then, POSIX seconds.
    pub fn added(&mut self, until: f64) {
        self.session.added(until as u64);
    }

    /// The body of one of the last turn's calls.
    pub fn body(&self, place: usize) -> Vec<u8> {
        self.exchange.body(place)
    }

    /// How far the act is, 0 to 1; negative where it does not say.
    pub fn progress(&self) -> f64 {
        Progress::share(self.session.progress())
    }
}
