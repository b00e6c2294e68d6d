//! What a member knows of a case: its header, verified, and every act that it could open, judged against the log.

use std::collections::HashSet;

use docket::Case;
use protocol::age::Recipient;
use protocol::drop::{Assembler, Record};
use protocol::open::{open_header_file, verify_header};
use protocol::share::ShareFile;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::Core;
use protocol::{Digest, Envelope, Verified};

use crate::bucket;
use crate::desk::Desk;
use crate::failure::{Failure, Outcome};

/// A case that this member can follow.
pub struct Held {
    /// The acts, judged.
    pub case: Case,
    /// The part of the header that says who can open what.
    pub core: Verified<Core>,
    /// SHA-256 of the slot-0 K-file.
    pub header_digest: Digest,
    /// The two flags, for a seat.
    pub flags: Flags,
    /// A seat's share.
    pub(crate) share: Option<ShareFile>,
    statements: Vec<Envelope>,
    assembler: Assembler,
    tried: HashSet<Digest>,
}

impl Held {
    /// Her inbox: K-files go into its bucket.
    pub fn inbox(&self) -> &Recipient {
        &self.core.inbox.recipient
    }

    fn take(&mut self, record: Record) {
        if let Some((statement, _)) = self.assembler.push(record) {
            self.add_statement(statement);
        }
    }

    /// Takes a statement on this case, from wherever it came; the log says whether it stands.
    pub(crate) fn add_statement(&mut self, statement: Envelope) {
        if !self.statements.iter().any(|known| known.digest() == statement.digest()) {
            self.statements.push(statement);
        }
    }
}

impl Desk {
    /// Verifies a header and begins to follow its case.
    pub(crate) fn hold(&self, salt: CaseSalt, flags: Flags, share: Option<ShareFile>, header: &[u8]) -> Outcome<Held> {
        let refuse = |why: String| Failure::new("header").why(why);
        let (core, testimony) = open_header_file(&salt.k(), header).map_err(|error| refuse(error.to_string()))?;
        let verified = verify_header(core, testimony).map_err(|error| refuse(error.to_string()))?;
        let found = self.log.fold().slots().find(&salt, 0);
        let found = found.ok_or_else(|| refuse("it is not in the log".to_owned()))?;
        let core = verified.core.clone();
        let header_digest = Digest::of(header);
        let case = Case::new(salt, verified, header_digest, found, self.log.registry());
        Ok(Held {
            case: case.map_err(|error| refuse(error.to_string()))?,
            core,
            header_digest,
            flags,
            share,
            statements: Vec::new(),
            assembler: Assembler::default(),
            tried: HashSet::new(),
        })
    }

    /// Reads the bucket of every case and judges its acts anew.
    pub(crate) async fn read_case_buckets(&mut self) -> Outcome<()> {
        let wire = self.wire.clone();
        for held in self.cases.values_mut() {
            let records = self
                .buckets
                .records(&wire, &self.log, &held.core.inbox.recipient)
                .await?;
            for record in bucket::open_new(&held.case.salt().k(), &records, &mut held.tried) {
                held.take(record);
            }
            held.case.follow(self.log.fold(), &held.statements);
        }
        Ok(())
    }
}
