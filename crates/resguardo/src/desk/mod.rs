//! The desk of a seat or a reader on the command line: [`client`]'s acts, driven over this program's network, kept in a
//! folder, and put into words.
//!
//! What is kept on disk is sealed: share files and records as they came, and what a member must remember under its own
//! key.

use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::{Follow, clock_warning};
use crate::language::t;
use crate::line::{Folder, ServiceLine, Trouble};
use crate::remote::Remote;
use crate::trust::Trust;
use client::{Member, Random, Visitor, Warning};
use protocol::keys::MemberKeys;
use protocol::{CaseId, Digest};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A seat at its desk.
pub type Seat = At<client::Seat>;
/// A reader at its desk.
pub type Reader = At<client::Reader>;

/// The desk of a key.
pub enum Desk {
    /// A seat's.
    Seat(Box<Seat>),
    /// A reader's.
    Reader(Box<Reader>),
}

/// An office, with its line to the service and its folder.
pub struct At<M> {
    office: M,
    line: ServiceLine,
    folder: PathBuf,
    _lock: Option<File>,
}

/// What an office has on the command line.
pub trait Office {
    /// What both offices have.
    fn member(&self) -> &Member;
    /// What a person should be told; each once.
    fn take_warnings(&mut self) -> Vec<Warning>;
    /// Cases and requests that this office knows beside those that it follows.
    fn known(&self) -> (Vec<CaseId>, Vec<(CaseId, Digest)>);
}

impl Office for client::Seat {
    fn member(&self) -> &Member {
        Self::member(self)
    }

    fn take_warnings(&mut self) -> Vec<Warning> {
        Self::take_warnings(self)
    }

    fn known(&self) -> (Vec<CaseId>, Vec<(CaseId, Digest)>) {
        (self.erased().iter().copied().collect(), Vec::new())
    }
}

impl Office for client::Reader {
    fn member(&self) -> &Member {
        Self::member(self)
    }

    fn take_warnings(&mut self) -> Vec<Warning> {
        Self::take_warnings(self)
    }

    fn known(&self) -> (Vec<CaseId>, Vec<(CaseId, Digest)>) {
        let requests = self.requests().iter();
        let requests = requests.map(|(digest, own)| (own.request.case, *digest));
        (self.referred().keys().copied().collect(), requests.collect())
    }
}

impl Desk {
    /// Opens the desk: reads the log, finds the key in the council, loads what was kept.
    ///
    /// # Errors
    /// Exit 7 when the key is of nobody in the council; exit 1 when the log does not verify; network, storage.
    pub fn open(trust: Trust, keys: MemberKeys, folder: &Path, console: &Console) -> Outcome<Self> {
        let remote = Remote::new(&trust.base_url)?;
        Self::open_with(trust, remote, Random::default(), keys, folder, console)
    }

    /// As [`Self::open`], over a connection that the caller made and with another source of randomness.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        trust: Trust,
        remote: Remote,
        random: Random,
        keys: MemberKeys,
        folder: &Path,
        console: &Console,
    ) -> Outcome<Self> {
        disk::private_folder(folder)?;
        let key = format!("{}\n", base16ct::lower::encode_string(&keys.public().0));
        Folder::new(folder, Trouble::default()).bind("member", key.as_bytes())?;
        let follow = Follow::open(trust, remote.clone(), Some(&folder.join("log")), console)?;
        let (log, trouble, lock) = follow.into_parts();
        let line = ServiceLine::new(remote, trouble.clone(), console);
        let store = Rc::new(Folder::new(folder, trouble));
        let visitor = Visitor::new(Box::new(log), keys, line.wire().clone(), store, random);
        let desk = line.drive(visitor.enter());
        let desk = desk.map_err(|(_, failure)| line.in_full(failure))?;
        if let Some(text) = clock_warning(desk.member().log()) {
            console.warn(&text);
        }
        let folder = folder.to_owned();
        Ok(match desk {
            client::Admitted::Seat(office) => {
                let mut desk = At::new(*office, line, folder, lock);
                desk.run(async |seat| seat.update().await)?;
                Self::Seat(Box::new(desk))
            }
            client::Admitted::Reader(office) => {
                let mut desk = At::new(*office, line, folder, lock);
                desk.run(async |reader| reader.update().await)?;
                Self::Reader(Box::new(desk))
            }
        })
    }

    /// The desk of a seat.
    ///
    /// # Errors
    /// Exit 7 for a reader's key.
    pub fn seat(self) -> Outcome<Seat> {
        match self {
            Self::Seat(seat) => Ok(*seat),
            Self::Reader(_) => Err(wrong_office(t!("a reader"), t!("seat"))),
        }
    }

    /// The desk of a reader.
    ///
    /// # Errors
    /// Exit 7 for a seat's key.
    pub fn reader(self) -> Outcome<Reader> {
        match self {
            Self::Reader(reader) => Ok(*reader),
            Self::Seat(_) => Err(wrong_office(t!("a seat"), t!("reader"))),
        }
    }
}

impl<M: Office> At<M> {
    fn new(office: M, line: ServiceLine, folder: PathBuf, lock: Option<File>) -> Self {
        Self {
            office,
            line,
            folder,
            _lock: lock,
        }
    }

    /// Does something of the office's over the network; then says what it warns of.
    ///
    /// # Errors
    /// What the act may say.
    pub fn run<T>(&mut self, act: impl AsyncFnOnce(&mut M) -> client::Outcome<T>) -> Outcome<T> {
        let outcome = self.line.run(act(&mut self.office));
        for warning in self.office.take_warnings() {
            self.line.warn(&warning);
        }
        outcome
    }

    /// The office.
    pub fn office(&self) -> &M {
        &self.office
    }

    /// What both offices have.
    pub fn member(&self) -> &Member {
        self.office.member()
    }

    /// The connection.
    pub fn remote(&self) -> &Remote {
        self.line.remote()
    }

    /// Where the sealed objects of a case are kept.
    pub fn object_store(&self, id: &CaseId) -> PathBuf {
        self.folder.join("cases").join(id.to_hex()).join("objects")
    }

    /// A case by its code (`R-XXXX-XXXX`) or the first digits of its id.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when several fit.
    pub fn case_id(&self, name: &str) -> Outcome<CaseId> {
        let followed = self.member().cases().map(|held| held.case.id());
        let known: BTreeSet<CaseId> = followed.chain(self.office.known().0).collect();
        let fits = |id: &CaseId| id.code().eq_ignore_ascii_case(name) || id.to_hex().starts_with(&name.to_lowercase());
        one(
            known.into_iter().filter(fits),
            &t!("case {}", name),
            t!("`resguardo queue` lists the cases of this key"),
        )
    }

    /// A request by the first digits of its digest, with its case: one of a case that is followed, or one that is not
    /// opened yet.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when several fit.
    pub fn request_id(&self, name: &str) -> Outcome<(CaseId, Digest)> {
        let name = name.to_lowercase();
        let own = self.office.known().1.into_iter();
        let followed = self.member().cases().flat_map(|held| {
            let requests = held.case.requests().iter();
            requests.map(|state| (held.case.id(), state.digest))
        });
        let all: BTreeSet<(CaseId, Digest)> = own.chain(followed).collect();
        let fits = all.into_iter().filter(|(_, digest)| digest.to_hex().starts_with(&name));
        let hint = t!("`resguardo queue` lists the requests; a new one shows after the next step of the log");
        one(fits, &t!("request {}", name), hint)
    }
}

fn wrong_office(is: &str, needs: &str) -> CliError {
    CliError::new(
        CliCode::WrongOffice,
        t!("this key is of {}; a {} must do this", is, needs),
    )
    .why(t!("seats hold and decide, readers ask and open, and nobody does both"))
    .remedy(t!("give the key file of a {}", needs))
}

/// Exactly one.
fn one<T>(mut found: impl Iterator<Item = T>, what: &str, hint: &str) -> Outcome<T> {
    let Some(first) = found.next() else {
        return Err(CliError::new(CliCode::UnknownName, t!("{} is not known here", what))
            .why(t!("none of this key's begins so"))
            .remedy(hint));
    };
    if found.next().is_some() {
        return Err(CliError::usage(t!("{} fits several", what))
            .why(t!("more than one begins so"))
            .remedy(t!("give more digits")));
    }
    Ok(first)
}
