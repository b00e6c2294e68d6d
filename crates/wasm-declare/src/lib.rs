//! What the declarant's page needs beside `wasm-sealing` (§3, §4): the council and the words, as calls that a browser's worker can
//! make. Nothing here reads or stores; what comes in was fetched by the page, what goes out is ciphertext or hers to see.

#![cfg(target_arch = "wasm32")]

use client::sealing::{self, Choices, Clocks, ProvenStatement, SealingError, phrase_root};
use protocol::MemberNumber;
use protocol::phrase::{Language, Phrase};
use protocol::statement::{ConsentChoice, DocketChoice, Use};
use wasm_bindgen::prelude::*;

use wasm_sealing::{Sealer, rng, seconds, thrown};

fn json(value: &impl serde::Serialize) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|_| thrown(SealingError::Order))
}

/// A council that may be sealed to.
#[wasm_bindgen]
pub struct TrustedCouncil(sealing::TrustedCouncil);

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
        let shown: Vec<ProvenStatement> =
            serde_json::from_str(statements).map_err(|_| thrown(SealingError::Unproven))?;
        let clocks = Clocks {
            device: seconds(device),
            built: seconds(built),
            served: seconds(served),
            seen: seconds(seen),
        };
        sealing::TrustedCouncil::check(root.as_bytes(), &shown, checkpoint.as_bytes(), clocks)
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

    /// Argon2id, then the keys of case `c`. `left_out`: numbers of seats. `lapse`: nothing where a quorum opens it on request,
    /// 0 where nobody does without her, days after which enough seats may. `allowed`: bits, in the order of [`Use::ALL`].
    /// `ask_me_after`: 0 where she has no such wish. `each_act`: whether each act on it is published (§10.1), or numbers alone.
    pub fn sealer(
        &self,
        words: &Words,
        c: u32,
        left_out: &[u16],
        lapse: Option<u32>,
        allowed: u8,
        ask_me_after: u32,
        each_act: bool,
    ) -> Result<Sealer, JsValue> {
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
            docket: match each_act {
                true => DocketChoice::Normal,
                false => DocketChoice::CountsOnly,
            },
            ..Choices::default()
        };
        let root = phrase_root(&words.0, self.0.origin()).map_err(thrown)?;
        let target = self.0.target().map_err(thrown)?;
        let sealer = sealing::TestimonySealer::begin(target, root.case(c), choices, &mut rng()).map_err(thrown)?;
        Ok(Sealer::of(sealer))
    }

    /// The second greeting goes to the inbox of these words.
    pub fn greet(&self, sealer: &mut Sealer, words: &Words) -> Result<(), JsValue> {
        let second = phrase_root(&words.0, self.0.origin()).map_err(thrown)?;
        sealer.get_mut()?.greet(second.case(0).inbox.recipient().clone());
        Ok(())
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
        phrase.map(Self).ok_or_else(|| thrown(SealingError::Order))
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
