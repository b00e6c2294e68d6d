//! Machine codes of refusals (RFC 9457 `type` suffixes), shared by service, pages and clients.

use serde::{Deserialize, Serialize};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $status:literal,)*) => {
        /// Why the service refuses. The code is stable; the words are not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Problem { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl Problem {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// As it stands in `type` (`urn:resguardo:problem:<code>`) and in `code`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

problems! {
    /// A path, header or body that cannot be read.
    Malformed = "malformed" => 400,
    /// Transport signature missing, forged or by nobody of the council.
    Signature = "signature" => 401,
    /// Transport signature outside ±300 s.
    Clock = "clock" => 401,
    /// Transport signature used before.
    Replay = "replay" => 409,
    /// A member, but not for this.
    Forbidden = "forbidden" => 403,
    /// What was asked for is not here.
    NotFound = "not-found" => 404,
    /// Slot taken.
    SlotTaken = "slot-taken" => 409,
    /// A chunk does not begin where the upload ends.
    Offset = "offset" => 409,
    /// What is replaced is not what stands there.
    Changed = "changed" => 409,
    /// Over a size limit.
    TooLarge = "too-large" => 413,
    /// The form breaks a rule.
    Form = "form" => 422,
    /// The form names blobs that are not here.
    BlobsMissing = "blobs-missing" => 422,
    /// The posted bytes do not hash to their name.
    DigestMismatch = "digest-mismatch" => 422,
    /// The council is unknown, or filings to it are no longer accepted.
    Council = "council" => 422,
    /// A bucket of a depth that is in force no more: the same with one of the present depth is taken.
    Bucket = "bucket" => 422,
    /// An upload code that no seat gave, that was used, or that is too old.
    Quota = "quota" => 422,
    /// Hashcash missing, wrong, reused or expired.
    Work = "work" => 428,
    /// A member's daily allowance of records is used up.
    Allowance = "allowance" => 429,
    /// No room in the next 12 h.
    Capacity = "capacity" => 503,
    /// Storage does not answer.
    Storage = "storage" => 503,
    /// Disk full.
    DiskFull = "disk-full" => 507,
    /// Our bug.
    Internal = "internal" => 500,
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
