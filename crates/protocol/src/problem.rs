//! Machine codes of refusals (RFC 9457 `type` suffixes), shared by service, pages and clients.

use serde::{Deserialize, Serialize};

/// Why the service refuses. The code is stable; the words are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// 400: a path, header or body that cannot be read.
    Malformed,
    /// 401: transport signature missing, forged or by nobody of the council.
    Signature,
    /// 401: transport signature outside ±300 s.
    Clock,
    /// 409: transport signature used before.
    Replay,
    /// 403: a member, but not for this.
    Forbidden,
    /// 404.
    NotFound,
    /// 409: slot taken.
    SlotTaken,
    /// 409: a chunk does not begin where the upload ends.
    Offset,
    /// 413: over a size limit.
    TooLarge,
    /// 422: the form breaks a rule.
    Form,
    /// 422: the form names blobs that are not here.
    BlobsMissing,
    /// 422: the posted bytes do not hash to their name.
    DigestMismatch,
    /// 422: the council is unknown, or filings to it are no longer accepted.
    Council,
    /// 428: hashcash missing, wrong, reused or expired.
    Work,
    /// 429: a member's daily allowance of records is used up.
    Allowance,
    /// 503: no room in the next 12 h.
    Capacity,
    /// 503: storage does not answer.
    Storage,
    /// 507: disk full.
    DiskFull,
    /// 500: our bug.
    Internal,
}

impl Problem {
    /// HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Signature | Self::Clock => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Replay | Self::SlotTaken | Self::Offset => 409,
            Self::TooLarge => 413,
            Self::Form | Self::BlobsMissing | Self::DigestMismatch | Self::Council => 422,
            Self::Work => 428,
            Self::Allowance => 429,
            Self::Internal => 500,
            Self::Capacity | Self::Storage => 503,
            Self::DiskFull => 507,
        }
    }
    /// Kebab-case code as it stands in `type` (`urn:resguardo:problem:<code>`) and in `code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Clock => "clock",
            Self::Replay => "replay",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::SlotTaken => "slot-taken",
            Self::Offset => "offset",
            Self::TooLarge => "too-large",
            Self::Form => "form",
            Self::BlobsMissing => "blobs-missing",
            Self::DigestMismatch => "digest-mismatch",
            Self::Council => "council",
            Self::Work => "work",
            Self::Allowance => "allowance",
            Self::Capacity => "capacity",
            Self::Storage => "storage",
            Self::DiskFull => "disk-full",
            Self::Internal => "internal",
        }
    }
}

/// The body of a refusal, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemBody {
    /// `urn:resguardo:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The code.
    pub code: Problem,
    /// What to do, and whether anything was lost.
    pub detail: String,
}
