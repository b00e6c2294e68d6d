//! What a sealed testimony posts: the filing form and the small blobs that ride in it (§5.7, §15.8).

use super::Sealed;
use crate::digest::Digest;
use crate::drop::BucketName;
use crate::http::{BlobRef, EntryHex, FilingForm, GreetingRef, Quota, Work};
use crate::ids::{MemberNumber, Origin, Version};
use crate::slot::Entry;
use crate::statement::ShareRef;

/// How a filing is posted, besides what was sealed.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Depth of the buckets, from the last `drop` statement.
    pub b: u8,
    /// Keep class of the greetings in days: her `inbox_days`.
    pub keep: u32,
    /// Next step rather than a random one in 12 h.
    pub soon: bool,
    /// Upload code from a seat.
    pub quota: Option<Quota>,
    /// Hashcash over the entry.
    pub work: Work,
}

impl Sealed {
    /// SHA-256 of the slot 0 entry: what hashcash is done for, and the name of the filing for seats.
    pub fn id(&self) -> Digest {
        Digest::of(&self.entry.to_bytes())
    }

    /// The form of `POST /filings`, lists in the order of §19: objects by digest, shares by x, greetings as drawn.
    pub fn filing_form(&self, origin: &Origin, posting: Posting) -> FilingForm {
        let mut objects: Vec<BlobRef> = Vec::with_capacity(self.objects.len());
        for object in &self.objects {
            let at = objects.partition_point(|earlier| earlier.digest < object.digest);
            let (digest, size) = (object.digest, object.size);
            objects.insert(at, BlobRef { digest, size });
        }
        FilingForm {
            v: Version,
            origin: origin.clone(),
            entry: entry_hex(&self.entry),
            header: blob(&self.header),
            shares: self.shares.iter().map(share_ref).collect(),
            objects,
            match_request: None,
            greetings: self.greetings.each_ref().map(|(bucket, record)| GreetingRef {
                bucket: BucketName::of(bucket, posting.b),
                digest: Digest::of(record),
            }),
            keep: posting.keep,
            soon: posting.soon,
            quota: posting.quota,
            work: posting.work,
        }
    }

    /// The blobs that this value holds, each with its digest: header, share files, greetings, documents. Evidence
    /// was uploaded before.
    pub fn blobs(&self) -> impl Iterator<Item = (Digest, &[u8])> {
        let shares = self.shares.iter().map(|(_, file)| file);
        let greetings = self.greetings.iter().map(|(_, file)| file);
        std::iter::once(&self.header)
            .chain(shares)
            .chain(greetings)
            .chain(&self.documents)
            .map(|file| (Digest::of(file), file.as_slice()))
    }
}

/// A share file as `testimony` and the form name it.
pub(super) fn share_ref((x, file): &(MemberNumber, Vec<u8>)) -> ShareRef {
    ShareRef {
        x: *x,
        digest: Digest::of(file),
        size: file.len() as u64,
    }
}

fn blob(file: &[u8]) -> BlobRef {
    BlobRef {
        digest: Digest::of(file),
        size: file.len() as u64,
    }
}

/// # Panics
/// Never, because a sealed entry is opaque, and opaque entries have 65 bytes.
fn entry_hex(entry: &Entry) -> EntryHex {
    EntryHex(entry.to_bytes().try_into().expect("slot 0 entries have 65 bytes"))
}
