//! What a member keeps of each case: the share file and the slot-0 K-file as they came, and every K-file it could open.

use super::Desk;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::remote::Signer;
use casework::{FollowedCase, Office};
use protocol::drop::open_record;
use protocol::share::ShareFile;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::{CaseId, Digest, age};
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

impl Desk {
    /// The folder of a case.
    pub(super) fn case_folder(&self, id: &CaseId) -> PathBuf {
        case_folder(&self.folder, id)
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
        let mut held = self.hold(salt, flags, &header)?;
        load_records(&mut held, &folder)?;
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
    pub(super) fn hold(&mut self, salt: CaseSalt, flags: Flags, header: &[u8]) -> Outcome<FollowedCase> {
        self.follow.watch(&salt)?;
        FollowedCase::new(salt, flags, header, self.follow.fold()).map_err(|error| {
            Failure::new(Exit::Check, "header", "the header of a case does not verify")
                .why(error)
                .remedy("do not act on it; tell the other seats")
        })
    }

    /// Reads the bucket of every case and judges its acts anew.
    pub(super) fn read_case_buckets(&mut self) -> Outcome<()> {
        let signer = Signer {
            origin: self.follow.trust().origin(),
            x: self.x,
            keys: &self.keys,
        };
        for (id, held) in &mut self.cases {
            let folder = case_folder(&self.folder, id);
            let records = self.buckets.records(&self.follow, held.inbox(), Some(&signer))?;
            let opened = held.take_new(&records);
            if !opened.is_empty() {
                disk::private_folder(&folder.join(RECORDS))?;
            }
            for stored in opened {
                let path = folder.join(RECORDS).join(format!("{}.age", stored.digest));
                disk::write(&path, &stored.bytes, Access::Private)?;
            }
            save_tried(held, &folder)?;
            held.follow(self.follow.fold());
        }
        Ok(())
    }
}

fn case_folder(folder: &Path, id: &CaseId) -> PathBuf {
    folder.join("cases").join(id.to_hex())
}

fn load_records(held: &mut FollowedCase, folder: &Path) -> Outcome<()> {
    let k = held.case.salt().k();
    for name in disk::names(&folder.join(RECORDS))? {
        let bytes = disk::read(&folder.join(RECORDS).join(&name), FILE_MAX)?;
        if let Some(Ok(record)) = open_record(&k, &bytes) {
            held.take(record);
        }
    }
    let tried = disk::read_if_there(&folder.join(TRIED), FILE_MAX)?.unwrap_or_default();
    held.tried = tried.as_chunks::<32>().0.iter().map(|digest| Digest(*digest)).collect();
    Ok(())
}

fn save_tried(held: &FollowedCase, folder: &Path) -> Outcome<()> {
    let mut all: Vec<Digest> = held.tried.iter().copied().collect();
    all.sort();
    let bytes: Vec<u8> = all.iter().flat_map(|digest| digest.0).collect();
    disk::write(&folder.join(TRIED), &bytes, Access::Private)
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
