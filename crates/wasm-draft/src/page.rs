//! What scripts see: texts, numbers and bytes. Failures are JSON: `{code, detail?}`.

use client::Failure;
use client::wire::Exchange;
use client::words::{unknown, unread};
use protocol::phrase::Language;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::session::Session;

/// The draft of one phrase.
#[wasm_bindgen]
pub struct DraftPage {
    session: Session,
    exchange: Exchange,
}

#[wasm_bindgen]
impl DraftPage {
    /// `origin`: the log's name, of the root of trust that the page carries.
    ///
    /// # Errors
    /// A failure as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(origin: &str) -> Result<DraftPage, String> {
        Ok(Self {
            session: Session::new(origin).map_err(Failure::into_json)?,
            exchange: Exchange::default(),
        })
    }

    /// Which of the words, as far as they are written, no list holds: `[{place, near}]`, places from 1.
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

    /// Draws new words; takes seconds. False where this device lacks the memory.
    pub fn draw(&mut self) -> bool {
        self.session.draw()
    }

    /// Derives what her words open; takes seconds. False where this device lacks the memory.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn open(&mut self, words: String) -> Result<bool, String> {
        let words = Zeroizing::new(words);
        self.session.open(&words).map_err(Failure::into_json)
    }

    /// The words, in the list of `language` (`es`, else English), separated by spaces.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn words(&self, language: &str) -> Result<String, String> {
        let list = if language == "es" {
            Language::Spanish
        } else {
            Language::English
        };
        Ok(self
            .session
            .phrase()
            .map_err(Failure::into_json)?
            .words(list)
            .to_string())
    }

    /// What the words stand for, 11 bytes: the filing is sealed under the same.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn entropy(&self) -> Result<Vec<u8>, String> {
        Ok(self.session.phrase().map_err(Failure::into_json)?.entropy().to_vec())
    }

    /// Begins an act, as JSON.
    ///
    /// # Errors
    /// A failure as JSON.
    pub fn begin(&mut self, act: String) -> Result<(), String> {
        let act = Zeroizing::new(act);
        self.session.begin(&act).map_err(Failure::into_json)
    }

    /// An answer to the next of the last turn's calls; status 0 when nobody answered; `next`: the header
    /// `Resguardo-Next`; `date`: the header `Date` in POSIX seconds; each negative where there is none.
    pub fn answer(&mut self, status: u16, next: f64, date: f64, body: Vec<u8>) {
        self.exchange.answer(status, next, date, body);
    }

    /// Goes on: `{calls: [{method, path, headers} or {pause}]}`, pauses in seconds, or `{done}`. `now`: POSIX seconds.
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
}
