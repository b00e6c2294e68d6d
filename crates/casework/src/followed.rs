//! A case that a seat or a reader can follow: its header, verified, and every statement that it could open.

use std::collections::HashSet;

use protocol::age::{Identity, Recipient};
use protocol::drop::{Assembler, Record, Stored, open_new};
use protocol::open::{HeaderError, open_header_file, verify_header};
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{Consent, Core};
use protocol::{Digest, Envelope, Secret, Verified};
use serde::{Deserialize, Serialize};

use crate::case::{ActRefusal, Case, CaseError, Standing};
use crate::fold::Fold;

/// A case that this member can follow.
pub struct FollowedCase {
    /// The acts, judged.
    pub case: Case,
    /// The part of the header that says who can open what.
    pub core: Verified<Core>,
    /// SHA-256 of the slot-0 K-file.
    pub header_digest: Digest,
    /// The two flags, for a seat.
    pub flags: Flags,
    /// Records that were tried.
    pub tried: HashSet<Digest>,
    statements: Vec<Envelope>,
    assembler: Assembler,
}

/// An act that the service has promised to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// D of its statement.
    pub statement: Digest,
    /// Its slot.
    pub k: u32,
    /// SHA-256 of its entry.
    pub entry: Digest,
    /// By when it is in a checkpoint, POSIX seconds.
    pub deadline: u64,
}

/// Why a case is not followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeldError {
    /// Its header does not open or verify.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its header and the log do not agree.
    #[error(transparent)]
    Case(#[from] CaseError),
}

impl FollowedCase {
    /// From the slot-0 K-file, verified against the log.
    ///
    /// # Errors
    /// [`HeldError`].
    pub fn new(salt: CaseSalt, flags: Flags, header: &[u8], fold: &Fold) -> Result<Self, HeldError> {
        let (core, testimony) = open_header_file(&salt.k(), header)?;
        let verified = verify_header(core, testimony)?;
        let (core, header_digest) = (verified.core.clone(), Digest::of(header));
        let mut case = Case::new(salt, verified, header_digest, fold)?;
        if flags.danger {
            case.flag_danger();
        }
        Ok(Self {
            case,
            core,
            header_digest,
            flags,
            tried: HashSet::new(),
            statements: Vec::new(),
            assembler: Assembler::default(),
        })
    }

    /// Her inbox as the header names it: K-files go into its bucket, wherever messages go.
    pub fn inbox(&self) -> &Recipient {
        &self.core.inbox.recipient
    }

    /// Where messages to her go now (§9.3).
    pub fn messages_to(&self) -> &Recipient {
        self.case.inbox().map_or(self.inbox(), |moved| &moved.recipient)
    }

    /// The statement by which she has moved her inbox, while it stands: it brings the keys of the case to her new words.
    pub fn moved(&self) -> Option<&Envelope> {
        self.statement(&self.case.inbox()?.statement)
    }

    /// Tries the records of that bucket that are new, takes those that K opens, and gives them as they are stored.
    pub fn take_new(&mut self, records: &[Stored]) -> Vec<Stored> {
        let opened = open_new(&self.case.salt().k(), records, &mut self.tried);
        let take = |(stored, record)| {
            self.take(record);
            stored
        };
        opened.into_iter().map(take).collect()
    }

    /// Takes a record that opened with K.
    pub fn take(&mut self, record: Record) {
        if let Some((statement, twin)) = self.assembler.push(record) {
            self.take_statement(statement);
            if let Some(twin) = twin {
                self.take_statement(twin);
            }
        }
    }

    /// Takes a statement on this case, or the twin of one, from wherever it came; the log says whether it stands.
    pub fn take_statement(&mut self, statement: Envelope) {
        if !self.statements.iter().any(|known| known.digest() == statement.digest()) {
            self.statements.push(statement);
        }
    }

    /// P as she sent it for a request, to that request's key. The log is not asked: whether it was hers to give then is said
    /// by [`crate::open::Breach`].
    pub fn parts(&self, request: &Digest, key: &Identity) -> Vec<Secret<[u8; 32]>> {
        let author = [self.core.inbox.key];
        let consents = self
            .statements
            .iter()
            .filter_map(|it| it.verify::<Consent>(&author).ok());
        let parts = consents.filter_map(|consent| consent.part.as_ref()?.open(key, request));
        parts.collect()
    }

    /// A statement on this case, as its author signed it.
    pub fn statement(&self, digest: &Digest) -> Option<&Envelope> {
        self.statements.iter().find(|statement| statement.digest() == *digest)
    }

    /// Whether a statement stands in the log, and its twin where it counts with that one alone.
    pub fn stands(&self, statement: &Digest) -> bool {
        let waits = Standing::Refused(ActRefusal::TwinNotLogged);
        let mut acts = self.case.acts();
        acts.any(|act| act.statement == Some(*statement) && act.standing != waits)
    }

    /// Judges the acts anew.
    pub fn follow(&mut self, fold: &Fold) {
        self.case.follow(fold, &self.statements);
    }
}
