//! What a form must keep to before anything else is looked at (§15.8, §19), and when two are the same.

use super::{ActForm, EntryHex, FilingForm, RecordRef, RecordsForm, Work, WorkNonce};
use crate::age::sealed_len;
use crate::digest::Digest;
use crate::drop::RECORD_FILE_LEN;
use crate::json::{self, INTEGER_END};
use crate::slot::{Entry, OPAQUE};
use crate::statement::Rule;
use std::collections::BTreeSet;

/// Slot-0 K-file in bytes (§15.6).
pub const HEADER_SIZE: u64 = 26_235;
/// Share file in bytes (§15.6).
pub const SHARE_SIZE: u64 = 1_979;
/// Match request file in bytes (§15.6).
pub const MATCH_SIZE: u64 = 3_984;
/// Smallest object in bytes: the age file of a consent part (§15.6).
pub const OBJECT_MIN: u64 = 1_787;
/// Most objects in a filing (§5.2).
const OBJECTS_MAX: usize = 24;
/// All files of a filing together in bytes (§5.2).
pub const FILING_MAX: u64 = 64 << 20;
/// The same where the form names an upload code (§5.2).
pub const FILING_LARGE_MAX: u64 = 2 << 30;
/// Largest body of a form with its files in bytes (§15.8).
pub const FORM_BODY_MAX: usize = 1 << 20;
/// Largest JSON of a form in bytes (§19).
pub const FORM_JSON_MAX: usize = 65_536;
/// Most files that ride in one form.
pub const FORM_FILES_MAX: usize = 64;
/// Largest file that rides in a form in bytes: the age file of a document of 256 KiB (§15.8).
pub const INLINE_MAX: usize = 263_851;
/// Most records in one form (§15.8).
pub const RECORDS_MAX: usize = 32;
/// Most things in one request to delete.
pub const DELETES_MAX: usize = 64;

const _: () = assert!(sealed_len(24_576, 1) as u64 == HEADER_SIZE);
const _: () = assert!(sealed_len(320, 1) as u64 == SHARE_SIZE);
const _: () = assert!(sealed_len(128, 1) as u64 == OBJECT_MIN);
const _: () = assert!(sealed_len(256 * 1024, 1) == INLINE_MAX && INLINE_MAX < FORM_BODY_MAX);

fn hold(kept: bool, rule: &'static str) -> Rule {
    if kept { Ok(()) } else { Err(rule) }
}

fn ascends<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|pair| pair[0] < pair[1])
}

impl EntryHex {
    /// The entry, if it is opaque.
    pub fn entry(&self) -> Option<Entry> {
        Entry::parse(&self.0)
    }

    /// Its slot: bytes 1 to 32.
    pub fn slot(&self) -> [u8; 32] {
        std::array::from_fn(|i| self.0[i + 1])
    }

    fn is_opaque(&self) -> bool {
        self.0[0] == OPAQUE
    }
}

impl FilingForm {
    /// The rules that the form alone decides: orders, sizes, numbers, keep class.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn check(&self) -> Rule {
        hold(self.entry.is_opaque(), "entry is opaque")?;
        hold(self.header.size == HEADER_SIZE, "header has 26,235 bytes")?;
        let seats: Vec<_> = self.shares.iter().map(|share| share.x).collect();
        hold(ascends(&seats), "shares ascend by x without repetition")?;
        hold((3..=24).contains(&seats.len()), "a testimony is dealt to 3 to 24 seats")?;
        hold(
            self.shares.iter().all(|share| share.size == SHARE_SIZE),
            "a share file has 1,979 bytes",
        )?;
        let objects: Vec<_> = self.objects.iter().map(|object| object.digest).collect();
        hold(ascends(&objects), "objects ascend by digest without repetition")?;
        hold(
            (1..=OBJECTS_MAX).contains(&objects.len()),
            "a filing has 1 to 24 objects",
        )?;
        let sizes = self.objects.iter().all(|object| object.size >= OBJECT_MIN);
        hold(
            sizes && self.object_bytes() < INTEGER_END,
            "an object has 1,787 bytes or more, and not beyond all size",
        )?;
        let matching = self.match_request.as_ref().is_none_or(|blob| blob.size == MATCH_SIZE);
        hold(matching, "a match request file has 3,984 bytes")?;
        let [one, two] = &self.greetings;
        let depths = (one.bucket.depth(), two.bucket.depth());
        hold(depths.0 == depths.1, "both greetings name buckets of one depth")?;
        hold([30, 180, 400].contains(&self.keep), "keep is 30, 180 or 400")?;
        hold(self.work.counter < INTEGER_END, "counter is below 2^53")?;
        let blobs: Vec<Digest> = self.blobs().map(|(digest, _)| digest).collect();
        hold(
            blobs.iter().collect::<BTreeSet<_>>().len() == blobs.len(),
            "no blob is named twice",
        )
    }

    /// Bytes of all objects; saturates.
    pub fn object_bytes(&self) -> u64 {
        self.objects
            .iter()
            .fold(0, |sum, object| sum.saturating_add(object.size))
    }

    /// Bytes that all its files may have; more is `too-large`. Whether its upload code is good, the service knows.
    pub fn bytes_max(&self) -> u64 {
        if self.quota.is_some() {
            FILING_LARGE_MAX
        } else {
            FILING_MAX
        }
    }

    /// Bytes of all its files; saturates.
    pub fn bytes(&self) -> u64 {
        self.blobs().fold(0, |sum, (_, size)| sum.saturating_add(size))
    }

    /// Every blob the form names, with its size in bytes: header, shares, objects, match request, greetings.
    pub fn blobs(&self) -> impl Iterator<Item = (Digest, u64)> {
        let shares = self.shares.iter().map(|share| (share.digest, share.size));
        let objects = self
            .objects
            .iter()
            .chain(&self.match_request)
            .map(|blob| (blob.digest, blob.size));
        let greetings = self.greetings.iter().map(|greeting| (greeting.digest, RECORD_SIZE));
        [(self.header.digest, self.header.size)]
            .into_iter()
            .chain(shares)
            .chain(objects)
            .chain(greetings)
    }

    /// Names the form without its work: two forms with equal digests are the same form (§19). For the
    /// server's own bookkeeping; no other party computes it.
    pub fn digest(&self) -> Digest {
        let work = Work {
            nonce: WorkNonce([0; WorkNonce::LEN]),
            counter: 0,
        };
        Digest::of(&json::write(&Self { work, ..self.clone() }))
    }
}

/// Record in bytes (§15.7).
pub const RECORD_SIZE: u64 = RECORD_FILE_LEN as u64;

/// Records of a member's form: at most 32, none twice, in buckets, with a keep class of §9.1.
fn check_records(records: &[RecordRef]) -> Rule {
    hold((1..=RECORDS_MAX).contains(&records.len()), "1 to 32 records")?;
    let keeps = records.iter().all(|record| [0, 30, 180, 400].contains(&record.keep));
    hold(keeps, "keep is 0, 30, 180 or 400")?;
    let digests: BTreeSet<_> = records.iter().map(|record| record.digest).collect();
    hold(digests.len() == records.len(), "no record is named twice")
}

impl ActForm {
    /// The rules that the form alone decides.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn check(&self) -> Rule {
        hold(self.entry.is_opaque(), "entry is opaque")?;
        if let Some(twin) = &self.twin_entry {
            hold(twin.is_opaque(), "twin_entry is opaque")?;
            hold(
                twin.slot() != self.entry.slot(),
                "an act and its twin have slots of their own",
            )?;
        }
        check_records(&self.records)
    }

    /// Names the form: two forms with equal digests are the same form. For the server's own bookkeeping.
    pub fn digest(&self) -> Digest {
        Digest::of(&json::write(self))
    }
}

impl RecordsForm {
    /// The rules that the form alone decides.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn check(&self) -> Rule {
        check_records(&self.records)
    }

    /// Names the form: two forms with equal digests are the same form. For the server's own bookkeeping.
    pub fn digest(&self) -> Digest {
        Digest::of(&json::write(self))
    }
}
