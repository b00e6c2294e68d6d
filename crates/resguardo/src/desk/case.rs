//! What a member keeps of each case: the share file and the slot-0 K-file as they came, and every K-file it could open.

use super::{Desk, Office};
use crate::bucket;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use docket::Case;
use protocol::age::Recipient;
use protocol::drop::{Assembler, Record, open_record};
use protocol::open::{Header, open_header_file, verify_header};
use protocol::share::ShareFile;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::Core;
use protocol::{CaseId, Digest, Envelope, Verified, age};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Share file, as delivered.
pub(super) const SHARE: &str = "share.age";
/// Slot-0 K-file, as delivered.
pub(super) const HEADER: &str = "header.age";
/// A reader's `case_salt`, under its own key.
pub(super) const SALT: &str = "salt.age";
/// Digests of the records that were tried, 32 bytes each.
const TRIED: &str = "tried";
/// Records that opened with K.
const RECORDS: &str = "records";
/// Largest of these files in bytes.
const FILE_MAX: u64 = 64 * 1024 * 1024;

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
    pub(super) folder: PathBuf,
    statements: Vec<Envelope>,
    assembler: Assembler,
    tried: HashSet<Digest>,
}

impl Held {
    /// Her inbox: K-files go into its bucket.
    pub fn inbox(&self) -> &Recipient {
        &self.core.inbox.recipient
    }

    /// Takes a record that opened with K.
    fn take(&mut self, record: Record) {
        if let Some((statement, _)) = self.assembler.push(record) {
            self.add_statement(statement);
        }
    }

    /// Takes a statement on this case, from wherever it came; the log says whether it stands.
    pub(super) fn add_statement(&mut self, statement: Envelope) {
        if !self.statements.iter().any(|known| known.digest() == statement.digest()) {
            self.statements.push(statement);
        }
    }
}

impl Desk {
    /// The folder of a case.
    pub(super) fn case_folder(&self, id: &CaseId) -> PathBuf {
        self.folder.join("cases").join(id.to_hex())
    }

    /// Loads every case that was kept.
    pub(super) fn load_cases(&mut self) -> Outcome<()> {
        for name in disk::names(&self.folder.join("cases"))? {
            let Some(id) = CaseId::from_hex(&name) else { continue };
            if let Err(failure) = self.load_case(&id) {
                self.console
                    .warn(&format!("case {} cannot be loaded: {failure}", id.code()));
            }
        }
        Ok(())
    }

    /// Loads one case from its folder; a reader's folder may hold no header yet.
    pub(super) fn load_case(&mut self, id: &CaseId) -> Outcome<()> {
        let folder = self.case_folder(id);
        let Some(header) = disk::read_if_there(&folder.join(HEADER), FILE_MAX)? else {
            return Ok(());
        };
        let (salt, flags) = self.salt_of(&folder)?;
        let mut held = self.hold(salt, flags, &header, folder)?;
        held.load_records()?;
        self.cases.insert(*id, held);
        Ok(())
    }

    fn salt_of(&self, folder: &Path) -> Outcome<(CaseSalt, Flags)> {
        let damaged = |why: &str| damaged(folder, why);
        match self.office {
            Office::Seat => {
                let file = disk::read(&folder.join(SHARE), FILE_MAX)?;
                let plain = age::open(self.keys.identity(), &file).map_err(|error| damaged(&error.to_string()))?;
                let share = ShareFile::parse(&plain).ok_or_else(|| damaged("no share file"))?;
                Ok((share.case_salt, share.flags))
            }
            Office::Reader => {
                let file = disk::read(&folder.join(SALT), FILE_MAX)?;
                let plain = age::open(self.keys.identity(), &file).map_err(|error| damaged(&error.to_string()))?;
                let salt = plain.as_slice().try_into().map_err(|_| damaged("no case salt"))?;
                Ok((CaseSalt::new(salt), Flags::default()))
            }
        }
    }

    /// Verifies a header and begins to follow its case.
    pub(super) fn hold(&mut self, salt: CaseSalt, flags: Flags, header: &[u8], folder: PathBuf) -> Outcome<Held> {
        let refuse = |why: String| {
            Failure::new(Exit::Check, "header", "the header of a case does not verify")
                .why(why)
                .remedy("do not act on it; tell the other seats")
        };
        let (core, testimony) = open_header_file(&salt.k(), header).map_err(|error| refuse(error.to_string()))?;
        let verified: Header = verify_header(core, testimony).map_err(|error| refuse(error.to_string()))?;
        self.follow.watch(&salt)?;
        let found = self
            .follow
            .fold()
            .slots()
            .find(&salt, 0)
            .ok_or_else(|| refuse("it is not in the log".into()))?;
        let core = verified.core.clone();
        let header_digest = Digest::of(header);
        let case = Case::new(salt, verified, header_digest, found, self.follow.registry())
            .map_err(|error| refuse(error.to_string()))?;
        Ok(Held {
            case,
            core,
            header_digest,
            flags,
            folder,
            statements: Vec::new(),
            assembler: Assembler::default(),
            tried: HashSet::new(),
        })
    }

    /// Reads the bucket of every case and judges its acts anew.
    pub(super) fn read_case_buckets(&mut self) -> Outcome<()> {
        for held in self.cases.values_mut() {
            let records = self.buckets.records(&self.follow, &held.core.inbox.recipient)?;
            let opened = bucket::open_new(&held.case.salt().k(), &records, &mut held.tried);
            if !opened.is_empty() {
                disk::private_folder(&held.folder.join(RECORDS))?;
            }
            for (stored, record) in opened {
                let path = held.folder.join(RECORDS).join(format!("{}.age", stored.digest));
                disk::write(&path, &stored.bytes, Access::Private)?;
                held.take(record);
            }
            held.save_tried()?;
            held.case.follow(self.follow.fold(), &held.statements);
        }
        Ok(())
    }
}

impl Held {
    fn load_records(&mut self) -> Outcome<()> {
        let k = self.case.salt().k();
        for name in disk::names(&self.folder.join(RECORDS))? {
            let bytes = disk::read(&self.folder.join(RECORDS).join(&name), FILE_MAX)?;
            if let Some(Ok(record)) = open_record(&k, &bytes) {
                self.take(record);
            }
        }
        let tried = disk::read_if_there(&self.folder.join(TRIED), FILE_MAX)?.unwrap_or_default();
        self.tried = tried.as_chunks::<32>().0.iter().map(|digest| Digest(*digest)).collect();
        Ok(())
    }

    fn save_tried(&self) -> Outcome<()> {
        let mut all: Vec<Digest> = self.tried.iter().copied().collect();
        all.sort();
        let bytes: Vec<u8> = all.iter().flat_map(|digest| digest.0).collect();
        disk::write(&self.folder.join(TRIED), &bytes, Access::Private)
    }
}

fn damaged(folder: &Path, why: &str) -> Failure {
    Failure::new(
        Exit::Storage,
        "state-damaged",
        format!("what {} holds cannot be used", folder.display()),
    )
    .why(why)
    .remedy("restore it from this member's own backup, or take the share again with `resguardo shares check`")
}
