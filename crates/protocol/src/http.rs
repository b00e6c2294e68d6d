//! Forms, hashcash and transport signatures of the HTTP interface (§15.8).

use crate::digest::{Digest, hex_bytes};
use crate::ids::{Origin, PublicKey, Version, X};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

hex_bytes!(
    /// Nonce of a piece of work.
    WorkNonce, 16
);
hex_bytes!(
    /// Upload code from a seat (§5.2), one use.
    Quota, 16
);

/// A blob by digest and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobRef {
    /// SHA-256.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
}

/// A share file by seat.
pub use crate::statement::ShareRef;

/// A greeting record: bucket hash cut to b bits, and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GreetingRef {
    /// Bucket name (§15.5).
    pub bucket: String,
    /// SHA-256.
    pub digest: Digest,
}

/// Hashcash that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// From `GET /work`.
    pub nonce: WorkNonce,
    /// Below 2^53.
    pub counter: u64,
}

/// `GET /work`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOffer {
    /// Good once.
    pub nonce: WorkNonce,
    /// Zero bits asked.
    pub bits: u8,
    /// POSIX seconds.
    pub expires: u64,
}

/// `POST /filings` (§15.8, §19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingForm {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Slot 0 entry, hex.
    pub entry: EntryHex,
    /// Slot-0 K-file.
    pub header: BlobRef,
    /// Ascending by x.
    pub shares: Vec<ShareRef>,
    /// Ascending by digest.
    pub objects: Vec<BlobRef>,
    /// Match request file.
    #[serde(rename = "match", deserialize_with = "crate::json::present")]
    pub match_request: Option<BlobRef>,
    /// Exactly two, random order.
    pub greetings: [GreetingRef; 2],
    /// Keep class in days: 30, 180, 400.
    pub keep: u32,
    /// Next step rather than a random one in 12 h.
    pub soon: bool,
    /// Upload code.
    #[serde(deserialize_with = "crate::json::present")]
    pub quota: Option<Quota>,
    /// Hashcash over the entry.
    pub work: Work,
}

hex_bytes!(
    /// An opaque entry of 65 bytes.
    EntryHex, 65
);

/// A record to be put into a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRef {
    /// Bucket name (§15.5).
    pub bucket: String,
    /// Keep class in days; 0 = as long as the log.
    pub keep: u32,
    /// SHA-256 of the 3,707 bytes.
    pub digest: Digest,
}

/// `POST /acts` (multipart like a filing: first part `act`, then the records' bytes by digest).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActForm {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// The act's entry.
    pub entry: EntryHex,
    /// The twin's entry.
    #[serde(deserialize_with = "crate::json::present")]
    pub twin_entry: Option<EntryHex>,
    /// Its records.
    pub records: Vec<RecordRef>,
}

/// `POST /records` (multipart: first part `records`, then the bytes by digest).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsForm {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// The records.
    pub records: Vec<RecordRef>,
}

/// One line of `GET /member/delivery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryItem {
    /// SHA-256 of the slot 0 entry.
    pub id: Digest,
    /// The share file.
    pub share: Digest,
    /// The slot-0 K-file.
    pub header: Digest,
}

/// Work bits: leading zero bits of `SHA-256(L("hashcash") ‖ nonce ‖ SHA-256(posted) ‖ counter u64)`.
pub fn work_bits(_nonce: &WorkNonce, _posted: &Digest, _counter: u64) -> u32 {
    todo!()
}

/// Finds the first counter with at least `bits` zero bits, from `start`, trying at most `tries`.
pub fn work_search(_nonce: &WorkNonce, _posted: &Digest, _bits: u8, _start: u64, _tries: u64) -> Option<u64> {
    todo!()
}

/// Header `Resguardo-Sig: <x> <unix time> <base64>` (§15.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportSignature {
    /// Who.
    pub x: X,
    /// POSIX seconds.
    pub time: u64,
    /// Ed25519.
    pub signature: [u8; 64],
}

/// Name of the transport signature's header.
pub const SIGNATURE_HEADER: &str = "Resguardo-Sig";
/// Name of the work header.
pub const WORK_HEADER: &str = "Resguardo-Work";
/// A transport signature is good within this many seconds.
pub const SIGNATURE_WINDOW_S: u64 = 300;

impl TransportSignature {
    /// Signs a call: `path` as sent, with its query.
    pub fn sign(_x: X, _key: &SigningKey, _method: &str, _path: &str, _time: u64, _body: &Digest) -> Self {
        todo!()
    }
    /// The header's value.
    pub fn to_header(&self) -> String {
        todo!()
    }
    /// Reads the header's value.
    pub fn parse(_value: &str) -> Option<Self> {
        todo!()
    }
    /// Verifies against the member's key (strict Ed25519). The clock is the caller's to check.
    pub fn verify(&self, _key: &PublicKey, _method: &str, _path: &str, _body: &Digest) -> bool {
        todo!()
    }
}

/// `Resguardo-Work: <nonce hex> <counter>`.
pub fn work_header(work: &Work) -> String {
    format!("{} {}", work.nonce, work.counter)
}
/// Reads that header.
pub fn parse_work_header(_value: &str) -> Option<Work> {
    todo!()
}
