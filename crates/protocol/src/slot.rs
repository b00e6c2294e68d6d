//! Slots and commitments of the acts on a case, and the log's entries (§4, §6.1, §6.2).

use crate::age::Identity;
use crate::digest::Digest;
use crate::keys;
use crate::label;
use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;

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
    /// Length of an opaque entry in bytes.
    pub const OPAQUE_LEN: usize = 65;
    /// Length of a public entry in bytes.
    pub const PUBLIC_LEN: usize = 33;

    /// Reads an entry; `None` means that the log is invalid (§6.1).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first()?;
        match *first {
            OPAQUE => {
                let (slot, commit) = rest.split_first_chunk()?;
                Some(Self::Opaque {
                    slot: *slot,
                    commit: commit.try_into().ok()?,
                })
            }
            PUBLIC => Some(Self::Public(Digest(rest.try_into().ok()?))),
            _ => None,
        }
    }

    /// 65 or 33 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Opaque { slot, commit } => [&[OPAQUE][..], slot, commit].concat(),
            Self::Public(digest) => [&[PUBLIC][..], digest.as_bytes()].concat(),
        }
    }

    /// Padding: 64 random bytes.
    pub fn padding(rng: &mut impl CryptoRng) -> Self {
        let (mut slot, mut commit) = ([0; 32], [0; 32]);
        rng.fill_bytes(&mut slot);
        rng.fill_bytes(&mut commit);
        Self::Opaque { slot, commit }
    }

    /// A docket twin: `SHA-256(L("docket") ‖ D(twin))` and 32 random bytes. Not to be recognised until shown.
    pub fn twin(twin: Digest, rng: &mut impl CryptoRng) -> Self {
        let mut commit = [0; 32];
        rng.fill_bytes(&mut commit);
        Self::Opaque {
            slot: twin_slot(twin),
            commit,
        }
    }
}

/// Where the entry of a docket twin stands: `SHA-256(L("docket") ‖ D(twin))`.
pub fn twin_slot(twin: Digest) -> [u8; 32] {
    Digest::of_parts(&[label::DOCKET, twin.as_bytes()]).0
}

/// `commit = SHA-256(L("leaf") ‖ nonce ‖ D ‖ aux)` from what discloses one act and no other (§6.1); aux is 32
/// zero bytes when `None`.
pub fn commitment(leaf_nonce: &[u8; 32], statement: Digest, aux: Option<Digest>) -> [u8; 32] {
    let aux = aux.map_or([0; 32], |aux| aux.0);
    Digest::of_parts(&[label::LEAF, leaf_nonce, statement.as_bytes(), &aux]).0
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
        Identity::from_seed(*keys::hkdf(self.expose(), &[label::CASE_KEM]))
    }

    /// `slot_k`.
    pub fn slot(&self, k: u32) -> [u8; 32] {
        self.hmac(label::SLOT, k)
    }

    /// `nonce_k`.
    pub fn leaf_nonce(&self, k: u32) -> [u8; 32] {
        self.hmac(label::LEAF_NONCE, k)
    }

    /// `commit_k = SHA-256(L("leaf") ‖ nonce_k ‖ D ‖ aux)`; aux is 32 zero bytes when `None`.
    pub fn commit(&self, k: u32, statement: Digest, aux: Option<Digest>) -> [u8; 32] {
        commitment(&self.leaf_nonce(k), statement, aux)
    }

    /// The entry of act `k`.
    pub fn entry(&self, k: u32, statement: Digest, aux: Option<Digest>) -> Entry {
        Entry::Opaque {
            slot: self.slot(k),
            commit: self.commit(k, statement, aux),
        }
    }

    /// `HMAC-SHA-256(case_salt, label ‖ k)`.
    fn hmac(&self, label: &[u8], k: u32) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.expose()).expect("HMAC takes keys of any length");
        mac.update(label);
        mac.update(&k.to_be_bytes());
        mac.finalize().into_bytes().into()
    }
}
