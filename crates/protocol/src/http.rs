//! Forms, hashcash and transport signatures of the HTTP interface (§15.8).

mod chunk;

pub use chunk::ChunkSize;

use crate::digest::{Digest, hex_bytes};
use crate::drop::BucketName;
use crate::envelope::verify_strict;
use crate::ids::{MemberNumber, Origin, PublicKey, Version};
use crate::json::INTEGER_END;
use crate::label;
use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

mod check;

pub use check::{
    DELETES_MAX, FILING_LARGE_MAX, FILING_MAX, FORM_BODY_MAX, FORM_FILES_MAX, FORM_JSON_MAX, INLINE_MAX, RECORD_SIZE,
    RECORDS_MAX,
};

hex_bytes!(
    /// Nonce of a piece of work.
    WorkNonce, 16
);
hex_bytes!(
    /// Upload code from a seat (§5.2), one use: whoever has it can use it.
    hidden Quota, 16
);

impl Quota {
    /// What is sent to the service of it before it is used: `SHA-256(L("quota") ‖ code)` (§15.8).
    pub fn digest(&self) -> Digest {
        Digest::of_parts(&[label::QUOTA, &self.0])
    }
}

impl std::fmt::Debug for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Quota(…)")
    }
}

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

/// A greeting record: its bucket, and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GreetingRef {
    /// Its bucket.
    pub bucket: BucketName,
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
#[serde(deny_unknown_fields)]
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
    /// Its bucket.
    pub bucket: BucketName,
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
    /// The slot is not compared: another entry may have it (§6.2).
    pub insist: bool,
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

/// `POST /member/delete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteForm {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Objects and share files: each goes when t_account seats have asked.
    pub files: Vec<Digest>,
    /// Records of the asker's own.
    pub records: Vec<OwnRecord>,
}

/// `POST /member/quota`: a seat will let somebody file up to [`FILING_LARGE_MAX`] with a code (§5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaForm {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// [`Quota::digest`] of the code, which the service does not learn before it is used.
    pub quota: Digest,
}

/// A record that its author wants deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRecord {
    /// Its bucket.
    pub bucket: BucketName,
    /// SHA-256 of the record.
    pub digest: Digest,
}

/// A form with its files (§15.8): content type, and the body that `boundary`, up to 70 hex digits drawn for it, parts.
pub fn multipart<'a>(
    boundary: &str,
    name: &str,
    form: &[u8],
    files: impl Iterator<Item = (Digest, &'a [u8])>,
) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    let mut part = |name: &str, kind: &str, bytes: &[u8]| {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part(name, "application/json", form);
    for (digest, bytes) in files {
        part(&digest.to_hex(), "application/octet-stream", bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
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
pub fn work_bits(nonce: &WorkNonce, posted: &Digest, counter: u64) -> u32 {
    leading_zero_bits(&work_hash(nonce, posted).chain_update(counter.to_be_bytes()).finalize())
}

/// Finds the first counter with at least `bits` zero bits, from `start`, trying at most `tries`. Counters end
/// below 2^53 (§19).
pub fn work_search(nonce: &WorkNonce, posted: &Digest, bits: u8, start: u64, tries: u64) -> Option<u64> {
    let prefix = work_hash(nonce, posted);
    let end = start.saturating_add(tries).min(INTEGER_END);
    (start..end).find(|counter| {
        let hash = prefix.clone().chain_update(counter.to_be_bytes()).finalize();
        leading_zero_bits(&hash) >= u32::from(bits)
    })
}

fn work_hash(nonce: &WorkNonce, posted: &Digest) -> Sha256 {
    Sha256::new()
        .chain_update(label::HASHCASH)
        .chain_update(nonce.0)
        .chain_update(posted.0)
}

fn leading_zero_bits(hash: &[u8]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    zeros as u32 * 8 + rest
}

/// Header `Resguardo-Sig: <x> <unix time> <base64>` (§15.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportSignature {
    /// Who.
    pub x: MemberNumber,
    /// POSIX seconds.
    pub time: u64,
    /// Ed25519.
    pub signature: [u8; 64],
}

/// Name of the transport signature's header.
pub const SIGNATURE_HEADER: &str = "Resguardo-Sig";
/// `path` with the field `once`: 8 random bytes in hex, by which a signed `GET` is a call of its own, whatever else its
/// author asks in the same second (§15.8).
pub fn once(path: &str, random: [u8; 8]) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}once={}", base16ct::lower::encode_string(&random))
}

/// Name of the header by which an upload shows an upload code, in hex.
pub const QUOTA_HEADER: &str = "Resguardo-Quota";
/// Name of the work header.
pub const WORK_HEADER: &str = "Resguardo-Work";
/// A transport signature is good within this many seconds.
pub const SIGNATURE_WINDOW_S: u64 = 300;

impl TransportSignature {
    /// Signs a call at `time` (POSIX seconds).
    pub fn sign(x: MemberNumber, key: &SigningKey, call: &SignedCall<'_>, time: u64) -> Self {
        let signature = key.sign(&call.bytes(time)).to_bytes();
        Self { x, time, signature }
    }

    /// The header's value.
    pub fn to_header(&self) -> String {
        format!("{} {} {}", self.x, self.time, Base64::encode_string(&self.signature))
    }

    /// Reads the header's value: three fields, one space between, numbers without sign or leading zeros.
    pub fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split(' ');
        let x = MemberNumber::new(u16::try_from(integer(fields.next()?)?).ok()?)?;
        let time = integer(fields.next()?)?;
        let signature = Base64::decode_vec(fields.next()?).ok()?.try_into().ok()?;
        fields.next().is_none().then_some(Self { x, time, signature })
    }

    /// Verifies against the member's key (strict Ed25519). The clock is the caller's to check.
    pub fn verify(&self, key: &PublicKey, call: &SignedCall<'_>) -> bool {
        verify_strict(key, &call.bytes(self.time), &self.signature)
    }
}

/// What a transport signature is over, besides its time (§15.8). The log's origin is in it, so that a call that was made
/// to one service is worth nothing at another, whoever is a member of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCall<'a> {
    /// The log's name.
    pub origin: &'a str,
    /// `GET`, `POST`.
    pub method: &'a str,
    /// As sent, with its query.
    pub path: &'a str,
    /// Digest of the body; that of no bytes where there is none.
    pub body: &'a Digest,
}

impl SignedCall<'_> {
    /// `L("http") ‖ origin ‖ 0x00 ‖ method ‖ 0x00 ‖ path ‖ 0x00 ‖ time u64 ‖ SHA-256(body)`.
    fn bytes(&self, time: u64) -> Vec<u8> {
        let zero: &[u8] = &[0];
        [
            label::HTTP,
            self.origin.as_bytes(),
            zero,
            self.method.as_bytes(),
            zero,
            self.path.as_bytes(),
            zero,
            &time.to_be_bytes(),
            &self.body.0,
        ]
        .concat()
    }
}

/// A decimal number below 2^64 in its one spelling: no sign, no leading zero (§22).
pub fn decimal(text: &str) -> Option<u64> {
    let is_canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|digit| digit.is_ascii_digit()));
    if is_canonical { text.parse().ok() } else { None }
}

/// One below 2^53, as every number of JSON (§19).
fn integer(text: &str) -> Option<u64> {
    decimal(text).filter(|number| *number < INTEGER_END)
}

/// `Resguardo-Work: <nonce hex> <counter>`.
pub fn work_header(work: &Work) -> String {
    format!("{} {}", work.nonce, work.counter)
}

/// Reads that header.
pub fn parse_work_header(value: &str) -> Option<Work> {
    let (nonce, counter) = value.split_once(' ')?;
    Some(Work {
        nonce: WorkNonce::from_hex(nonce)?,
        counter: integer(counter)?,
    })
}
