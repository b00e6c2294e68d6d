//! What the page's scripts call: one act at a time, each as JSON, turn by turn until it is done.

use std::rc::Rc;

use casework::RootOfTrust;
use client::wire::{Acts, HttpAnswer, Progress, Turn, Wire};
use client::{Admitted, Failure, Local, Log, MemoryStore, Outcome, Random, Reader, Seat, Visitor, open_key_file};
use protocol::keys::MemberKeys;
use protocol::{CaseId, Digest};
use serde::Serialize;
use serde_json::Value;

use crate::acts::{At, Done};
use crate::view::{DeskView, DocumentView};

/// Whose key is open.
enum State {
    /// The log has not told its office yet.
    Visitor(Box<Visitor>),
    /// A seat's.
    Seat(Box<At<Seat>>),
    /// A reader's.
    Reader(Box<At<Reader>>),
}

/// What came of an act, with everything to show.
#[derive(Serialize)]
struct Ended<'a> {
    done: Done,
    view: DeskView<'a>,
}

/// One key at its desk, from the passphrase until the page is left or locked. Nothing is kept between two visits.
pub struct Session {
    root: RootOfTrust,
    built: u64,
    random: Random,
    acts: Acts<State, Done>,
}

impl Session {
    /// With the root of trust that the page carries.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] when that cannot be read.
    pub fn new(root: &[u8]) -> Outcome<Self> {
        Ok(Self {
            root: RootOfTrust::parse(root).map_err(Failure::log)?,
            built: 0,
            random: Random::default(),
            acts: Acts::default(),
        })
    }

    /// Of a page that was built at a time, POSIX seconds.
    #[must_use]
    pub fn built(self, built: u64) -> Self {
        Self { built, ..self }
    }

    /// With another source of randomness than the system's.
    #[must_use]
    pub fn drawing_from(self, random: Random) -> Self {
        Self { random, ..self }
    }

    /// Opens a key file. The key stays here.
    ///
    /// # Errors
    /// [`Local::WrongPassphrase`], [`Local::NotAKeyFile`].
    pub fn unlock(&mut self, file: &[u8], passphrase: &str) -> Outcome<()> {
        self.unlock_with(open_key_file(file, passphrase)?)
    }

    /// As [`Self::unlock`], with keys at hand.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`].
    pub fn unlock_with(&mut self, keys: MemberKeys) -> Outcome<()> {
        let log = Box::new(Log::new(self.root.clone())?.built(self.built));
        let visitor = Visitor::new(
            log,
            keys,
            Wire::default(),
            Rc::new(MemoryStore::default()),
            self.random.clone(),
        );
        self.acts.put(State::Visitor(Box::new(visitor)));
        Ok(())
    }

    /// The statements that an act would sign, one for each line; the same act then sends these.
    ///
    /// # Errors
    /// The rule that does not allow the act; [`Local::NoStatement`]; as [`Self::begin`].
    pub fn preview(&mut self, act: &str) -> Outcome<String> {
        match self.acts.get_mut()? {
            State::Visitor(_) => Err(Failure::new(Local::Locked)),
            State::Seat(seat) => seat.preview(act),
            State::Reader(reader) => reader.preview(act),
        }
    }

    /// What an act makes public, as JSON: [`client::MadePublic`] of each of its statements.
    ///
    /// # Errors
    /// As [`Self::preview`].
    pub fn made_public(&mut self, act: &str) -> Outcome<String> {
        match self.acts.get()? {
            State::Visitor(_) => Err(Failure::new(Local::Locked)),
            State::Seat(seat) => seat.made_public(act),
            State::Reader(reader) => reader.made_public(act),
        }
    }

    /// Begins an act; `file`: what `load` takes.
    ///
    /// # Errors
    /// [`Local::Busy`] while another is under way; [`Local::Locked`] without a key.
    pub fn begin(&mut self, act: &str, file: &[u8]) -> Outcome<()> {
        let wire = match self.acts.get()? {
            State::Visitor(visitor) => visitor.wire().clone(),
            State::Seat(seat) => seat.office.member().wire().clone(),
            State::Reader(reader) => reader.office.member().wire().clone(),
        };
        let (act, file) = (act.to_owned(), file.to_vec());
        self.acts
            .begin(&wire, |state| async move { state.perform(&act, &file).await })
    }

    /// Goes on with the answers to the last calls; gives new calls, or what came of the act with everything to show.
    ///
    /// # Errors
    /// What the act may say; [`Local::Internal`] when none is under way.
    pub fn turn(&mut self, now: u64, answers: Vec<HttpAnswer>) -> Outcome<Turn<Value>> {
        let done = match self.acts.turn(now, answers)? {
            Turn::Calls(calls) => return Ok(Turn::Calls(calls)),
            Turn::Done(done) => done,
        };
        let view = match self.acts.get()? {
            State::Visitor(_) => return Err(Failure::new(Local::Locked)),
            State::Seat(seat) => DeskView::of_seat(&seat.office)?,
            State::Reader(reader) => DeskView::of_reader(&reader.office, &reader.opened)?,
        };
        let ended = serde_json::to_value(Ended { done, view });
        ended.map(Turn::Done).map_err(|error| Failure::bug(&error.to_string()))
    }

    /// How far the act is, where it says so.
    pub fn progress(&self) -> Option<Progress> {
        self.acts.progress()
    }

    fn reader(&self) -> Option<&At<Reader>> {
        match self.acts.get().ok()? {
            State::Reader(reader) => Some(reader),
            _ => None,
        }
    }

    /// The request that was shown and is not sent.
    pub fn drafted_request(&self) -> Option<Digest> {
        self.reader()?.drafted_request()
    }

    /// The file of a request, to be saved: before it is sent, and again as long as its key is here.
    pub fn request_file(&mut self, request: &Digest) -> Option<Vec<u8>> {
        let Ok(State::Reader(reader)) = self.acts.get_mut() else {
            return None;
        };
        let known = reader.office.request_file(request).map(<[u8]>::to_vec);
        known.or_else(|| reader.hand_out(request))
    }

    /// The file of an opened case, to be saved.
    pub fn case_file(&self, id: &CaseId) -> Option<Vec<u8>> {
        self.reader()?.office.case_file(id)
    }

    /// An opened compartment, shown after `opened` was filed.
    pub fn shown(&self, place: usize) -> Option<DocumentView<'_>> {
        self.reader()?.opened.get(place).map(DocumentView::of)
    }

    /// The bytes of a file of an opened compartment.
    pub fn shown_file(&self, place: usize, file: usize) -> Option<&[u8]> {
        let shown = self.reader()?.opened.get(place)?;
        shown.files.get(file).map(|file| file.bytes.as_slice())
    }

    /// What reports on an opened compartment are made from, as JSON: acts and digests, none of her words.
    pub fn record(&self, place: usize) -> Option<String> {
        let reader = self.reader()?;
        let shown = reader.opened.get(place)?;
        crate::view::record(&reader.office, &reader.opened, shown)
    }
}

impl State {
    async fn perform(self, act: &str, file: &[u8]) -> (Self, Outcome<Done>) {
        match self {
            Self::Visitor(visitor) => match visitor.enter().await {
                Ok(Admitted::Seat(seat)) => perform(At::new(*seat), act, file, Self::Seat).await,
                Ok(Admitted::Reader(reader)) => perform(At::new(*reader), act, file, Self::Reader).await,
                Err((visitor, failure)) => (Self::Visitor(visitor), Err(failure)),
            },
            Self::Seat(mut seat) => {
                let outcome = seat.perform(act, file, false).await;
                (Self::Seat(seat), outcome)
            }
            Self::Reader(mut reader) => {
                let outcome = reader.perform(act, file, false).await;
                (Self::Reader(reader), outcome)
            }
        }
    }
}

/// An act right after entering: everything is read first.
async fn perform<O: crate::acts::Office>(
    mut at: At<O>,
    act: &str,
    file: &[u8],
    state: impl FnOnce(Box<At<O>>) -> State,
) -> (State, Outcome<Done>) {
    let outcome = match at.office.read(true).await {
        Ok(()) => at.perform(act, file, true).await,
        Err(failure) => Err(failure),
    };
    (state(Box::new(at)), outcome)
}
