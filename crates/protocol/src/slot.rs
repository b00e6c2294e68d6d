//! Slots and commitments of the acts on a case, and the log's entries (§4, §6.1, §6.2).

use crate::age::Identity;
use crate::digest::Digest;
use crate::secret::Secret;
use rand_core::CryptoRng;

/// `case_salt`: whoever has it finds every act on the case in the public tiles. Zeroized on drop.
pub struct CaseSalt(Secret<[u8; 32]>);

/// First byte of an opaque entry.
pub const OPAQUE: u8 = 0x00;
/// First byte of a public entry.
pub const PUBLIC: u8 = 0x01;
/// A reader of slots looks this far beyond the last one found (§6.2).
pub const SLOT_LOOKAHEAD: u32 = 64;

/// An entry of the log (§6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// 65 bytes: act, padding or twin; nothing tells which.
    Opaque {
        /// Bytes 1 to 32.
        slot: [u8; 32],
        /// Bytes 33 to 64.
        commit: [u8; 32],
    },
    /// 33 bytes: digest of a public statement.
    Public(Digest),
}

impl Entry {
    /// Reads an entry; `None` means that the log is invalid (§6.1).
    pub fn parse(_bytes: &[u8]) -> Option<Self> {
        todo!()
    }
    /// 65 or 33 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }
    /// Padding: 64 random bytes.
    pub fn padding(_rng: &mut impl CryptoRng) -> Self {
        todo!()
    }
}

impl CaseSalt {
    /// Takes the 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }
    /// The 32 bytes.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
    /// K, the age identity of the case's K-files.
    pub fn k(&self) -> Identity {
        todo!()
    }
    /// `slot_k`.
    pub fn slot(&self, _k: u32) -> [u8; 32] {
        todo!()
    }
    /// `nonce_k`.
    pub fn leaf_nonce(&self, _k: u32) -> [u8; 32] {
        todo!()
    }
    /// `commit_k = SHA-256(L("leaf") ‖ nonce_k ‖ D ‖ aux)`; aux is 32 zero bytes when `None`.
    pub fn commit(&self, _k: u32, _statement: Digest, _aux: Option<Digest>) -> [u8; 32] {
        todo!()
    }
    /// The entry of act `k`.
    pub fn entry(&self, _k: u32, _statement: Digest, _aux: Option<Digest>) -> Entry {
        todo!()
    }
}
