//! What the page's scripts call: one act at a time, each as JSON, turn by turn until it is done.

use std::collections::BTreeMap;

use client::wire::{Acts, HttpAnswer, Turn, Wire};
use client::{Drafts, Failure, Local, Outcome, Random};
use protocol::Origin;
use protocol::phrase::{Phrase, PhraseRoot};
use serde::Deserialize;
use serde_json::{Value, json};

/// What she does.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DraftCommand {
    /// Looks for the draft of her words: `{saved, fields}`, or nothing.
    Find,
    /// Saves what she has written so far.
    Save {
        /// The page's fields, by name.
        fields: BTreeMap<String, String>,
    },
    /// Erases it.
    Erase,
}

/// What the words give, while no act is under way.
struct Held {
    phrases: Vec<Phrase>,
    roots: Vec<PhraseRoot>,
    /// Which of them has the draft.
    place: usize,
    drafts: Option<Drafts>,
}

/// The draft of one phrase, until the page is left.
pub struct Session {
    origin: Origin,
    random: Random,
    wire: Wire,
    acts: Acts<Held, Value>,
}

impl Session {
    /// `origin`: the log's name, of the root of trust that the page carries.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] when it is no name.
    pub fn new(origin: &str) -> Outcome<Self> {
        Ok(Self {
            origin: Origin::new(origin).ok_or_else(|| Failure::log("the log has no name"))?,
            random: Random::default(),
            wire: Wire::default(),
            acts: Acts::default(),
        })
    }

    /// Draws words and derives what they open; takes seconds. False where this device has no 64 MiB to spare.
    pub fn draw(&mut self) -> bool {
        let phrase = Phrase::draw(&mut self.random.clone());
        let Some(root) = phrase.root(&self.origin) else {
            return false;
        };
        let drafts = Drafts::new(&root, self.wire.clone(), self.random.clone());
        self.acts.put(Held {
            phrases: vec![phrase],
            roots: vec![root],
            place: 0,
            drafts: Some(drafts),
        });
        true
    }

    /// As [`Self::draw`], of words that she has.
    ///
    /// # Errors
    /// [`Local::Internal`] for words that [`client::words::unread`] refuses.
    pub fn open(&mut self, words: &str) -> Outcome<bool> {
        let phrases = Phrase::read(words).map_err(|error| Failure::bug(&error.to_string()))?;
        let roots: Option<Vec<PhraseRoot>> = phrases.iter().map(|phrase| phrase.root(&self.origin)).collect();
        let Some(roots) = roots else { return Ok(false) };
        self.acts.put(Held {
            phrases,
            roots,
            place: 0,
            drafts: None,
        });
        Ok(true)
    }

    /// The words that have the draft.
    ///
    /// # Errors
    /// [`Local::Locked`] before there are any; [`Local::Busy`] while an act is under way.
    pub fn phrase(&self) -> Outcome<&Phrase> {
        let held = self.acts.get()?;
        held.phrases.get(held.place).ok_or_else(|| Failure::new(Local::Locked))
    }

    /// Begins an act.
    ///
    /// # Errors
    /// [`Local::Busy`] while another is under way; [`Local::Locked`] before the words.
    pub fn begin(&mut self, act: &str) -> Outcome<()> {
        let act: DraftCommand = serde_json::from_str(act).map_err(|error| Failure::bug(&error.to_string()))?;
        let (wire, random) = (self.wire.clone(), self.random.clone());
        self.acts.begin(&self.wire, |mut held| async move {
            let done = perform(&mut held, act, &wire, &random).await;
            (held, done)
        })
    }

    /// Goes on with the answers to the last calls; gives new calls, or `{done}`, what came of the act.
    ///
    /// # Errors
    /// What the act may say. [`Local::Internal`] when none is under way.
    pub fn turn(&mut self, now: u64, answers: Vec<HttpAnswer>) -> Outcome<Turn<Value>> {
        match self.acts.turn(now, answers)? {
            Turn::Calls(calls) => Ok(Turn::Calls(calls)),
            Turn::Done(done) => Ok(Turn::Done(json!({ "done": done }))),
        }
    }
}

async fn perform(held: &mut Held, act: DraftCommand, wire: &Wire, random: &Random) -> Outcome<Value> {
    match act {
        DraftCommand::Find => {
            let found = Drafts::find(&held.roots, wire, random).await?;
            let Some((place, drafts, draft)) = found else {
                return Ok(Value::Null);
            };
            (held.place, held.drafts) = (place, Some(drafts));
            Ok(json!({ "saved": draft.saved, "fields": draft.fields }))
        }
        DraftCommand::Save { fields } => {
            opened(held)?.save(fields).await?;
            Ok(Value::Null)
        }
        DraftCommand::Erase => {
            opened(held)?.erase().await?;
            Ok(Value::Null)
        }
    }
}

/// The draft that was begun or found.
fn opened(held: &mut Held) -> Outcome<&mut Drafts> {
    held.drafts.as_mut().ok_or_else(|| Failure::new(Local::Locked))
}
