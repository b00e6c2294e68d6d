//! Share file, 320 bytes, and release file, 192 bytes (§15.6). Non-zero padding is refused.

use super::deal::Share;
use crate::digest::Digest;
use crate::ids::X;
use crate::slot::CaseSalt;
use crate::statement::Compartment;
use zeroize::Zeroizing;

/// Plaintext length of a share file in bytes (age file: 1,979).
pub const SHARE_FILE_LEN: usize = 320;
/// Plaintext length of a release file in bytes (age file: 1,851).
pub const RELEASE_FILE_LEN: usize = 192;

/// What one seat gets of a filing.
pub struct ShareFile {
    /// D(core).
    pub core: Digest,
    /// The seat.
    pub x: X,
    /// Finds and opens every act on the case.
    pub case_salt: CaseSalt,
    /// Ascending by compartment, at most three.
    pub shares: Vec<(Compartment, Share)>,
    /// Bits 0 and 1.
    pub flags: Flags,
}

/// The two flags every seat can read (§5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Someone is in danger now.
    pub danger: bool,
    /// Interpreter wanted.
    pub interpreter: bool,
}

/// What one seat releases of one compartment to one request.
pub struct ReleaseFile {
    /// D(request).
    pub request: Digest,
    /// D(core).
    pub core: Digest,
    /// Which compartment.
    pub name: Compartment,
    /// The seat.
    pub x: X,
    /// Its share.
    pub share: Share,
    /// Lets the reader find the acts.
    pub case_salt: CaseSalt,
}

impl ShareFile {
    /// 320 bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        todo!()
    }
    /// Reads exactly that layout; `None` for anything else (check `layout` of §7; x is compared by the caller).
    pub fn parse(_bytes: &[u8]) -> Option<Self> {
        todo!()
    }
}

impl ReleaseFile {
    /// 192 bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        todo!()
    }
    /// Reads exactly that layout; `None` for anything else.
    pub fn parse(_bytes: &[u8]) -> Option<Self> {
        todo!()
    }
}
