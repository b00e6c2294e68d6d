//! A key that comes to the log, and the office that it has there.

use std::collections::BTreeMap;
use std::rc::Rc;

use casework::CouncilRole;
use protocol::age::AgeError;
use protocol::age::passphrase::open_passphrase;
use protocol::keys::MemberKeys;

use crate::bucket::Buckets;
use crate::failure::{Failure, Local, Outcome};
use crate::log::Log;
use crate::member::{Member, find_member};
use crate::random::Random;
use crate::reader::Reader;
use crate::seat::Seat;
use crate::store::Store;
use crate::wire::Wire;

/// A key whose office the log has not told yet.
pub struct Visitor {
    wire: Wire,
    log: Box<Log>,
    store: Rc<dyn Store>,
    random: Random,
    keys: MemberKeys,
}

/// A key at its office.
pub enum Admitted {
    /// It holds shares and decides.
    Seat(Box<Seat>),
    /// It asks and opens.
    Reader(Box<Reader>),
}

/// Opens a key file (scrypt; about a second).
///
/// # Errors
/// [`Local::WrongPassphrase`]; [`Local::NotAKeyFile`].
pub fn open_key_file(file: &[u8], passphrase: &str) -> Outcome<MemberKeys> {
    let unreadable = |why: &dyn std::fmt::Display| Failure::new(Local::NotAKeyFile).why(why);
    let plain = open_passphrase(passphrase, file).map_err(|error| match error {
        AgeError::NoMatch => Failure::new(Local::WrongPassphrase),
        other => unreadable(&other),
    })?;
    let text = std::str::from_utf8(&plain).map_err(|error| unreadable(&error))?;
    MemberKeys::from_key_file(text).map_err(|error| unreadable(&error))
}

impl Visitor {
    /// A key before the log was read.
    pub fn new(log: Box<Log>, keys: MemberKeys, wire: Wire, store: Rc<dyn Store>, random: Random) -> Self {
        Self {
            wire,
            log,
            store,
            random,
            keys,
        }
    }

    /// Its line to the service.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Reads the log and finds the key in the newest council; loads what was kept.
    ///
    /// # Errors
    /// The failure, and the visitor that may try again: [`Local::NotOfCouncil`] when the key is of nobody in the current
    /// council, [`Local::KeyRenewed`] and [`Local::KeyReplaced`] when its member has another key there, with or without
    /// this key's signature; the log; the network; the store.
    pub async fn enter(mut self) -> Result<Admitted, (Box<Self>, Failure)> {
        if let Err(failure) = self.log.refresh(&self.wire).await {
            return Err((Box::new(self), failure));
        }
        let (x, office) = match find_member(&self.log, &self.keys) {
            Ok(found) => found,
            Err(failure) => return Err((Box::new(self), failure)),
        };
        let member = Member {
            wire: self.wire,
            log: self.log,
            store: self.store,
            random: self.random,
            keys: self.keys,
            x,
            buckets: Buckets::default(),
            cases: BTreeMap::new(),
            pending: Vec::new(),
            unanswered: Vec::new(),
            warnings: Vec::new(),
            not_loaded: 0,
        };
        match office {
            CouncilRole::Seat => Seat::open(member).await.map(|seat| Admitted::Seat(Box::new(seat))),
            CouncilRole::Reader => Reader::open(member)
                .await
                .map(|reader| Admitted::Reader(Box::new(reader))),
        }
        .map_err(|(member, failure)| (Box::new(Self::from(member)), failure))
    }
}

impl Admitted {
    /// What both offices have.
    pub fn member(&self) -> &Member {
        match self {
            Self::Seat(seat) => seat.member(),
            Self::Reader(reader) => reader.member(),
        }
    }
}

impl From<Member> for Visitor {
    fn from(member: Member) -> Self {
        Self {
            wire: member.wire,
            log: member.log,
            store: member.store,
            random: member.random,
            keys: member.keys,
        }
    }
}
