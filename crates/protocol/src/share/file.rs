//! Share file, 320 bytes, and release file, 192 bytes (§15.6). Non-zero padding is refused, for it could
//! carry a mark.

use curve25519_dalek::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::deal::Share;
use crate::age::{self, Recipient};
use crate::digest::Digest;
use crate::drop::seal_release_file;
use crate::ids::MemberNumber;
use crate::label;
use crate::slot::CaseSalt;
use crate::statement::{Compartment, ReleasedFile};

/// Plaintext length of a share file in bytes (age file: 1,979).
pub const SHARE_FILE_LEN: usize = 320;
/// Plaintext length of a release file in bytes (age file: 1,851).
pub const RELEASE_FILE_LEN: usize = 192;
/// Most compartments in one share file.
pub const SHARES_MAX: usize = 3;

const FLAG_DANGER: u8 = 1;
const FLAG_INTERPRETER: u8 = 2;

// L ‖ D(core) ‖ x ‖ case_salt ‖ m ‖ 3 × (name ‖ s ‖ b) ‖ flags fits, and the release file is exact but for 8 zeros.
const _: () = assert!(label::SHARE.len() + 32 + 2 + 32 + 1 + SHARES_MAX * 65 < SHARE_FILE_LEN);
const _: () = assert!(label::RELEASE.len() + 32 + 32 + 1 + 2 + 32 + 32 + 32 + 8 == RELEASE_FILE_LEN);

/// What one seat gets of a filing.
pub struct ShareFile {
    /// D(core).
    pub core: Digest,
    /// The seat.
    pub x: MemberNumber,
    /// Finds and opens every act on the case.
    pub case_salt: CaseSalt,
    /// Ascending by compartment, one to three.
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
    pub x: MemberNumber,
    /// Its share.
    pub share: Share,
    /// Lets the reader find the acts.
    pub case_salt: CaseSalt,
}

impl ShareFile {
    /// 320 bytes: `L("share") ‖ D(core) ‖ x ‖ case_salt ‖ m ‖ m × {name ‖ s ‖ b} ‖ zeros ‖ flags`.
    ///
    /// # Panics
    /// Never for a value that [`Self::parse`] or sealing made; with more than three shares they would not fit.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        assert!(
            self.shares.len() <= SHARES_MAX,
            "a share file holds three shares at most"
        );
        let mut bytes = Zeroizing::new(Vec::with_capacity(SHARE_FILE_LEN));
        bytes.extend_from_slice(label::SHARE);
        bytes.extend_from_slice(&self.core.0);
        bytes.extend_from_slice(&self.x.get().to_be_bytes());
        bytes.extend_from_slice(self.case_salt.expose());
        bytes.push(self.shares.len() as u8);
        for (name, share) in &self.shares {
            bytes.push((*name).into());
            push_share(&mut bytes, share);
        }
        bytes.resize(SHARE_FILE_LEN - 1, 0);
        bytes.push(self.flags.to_byte());
        bytes
    }

    /// Reads exactly that layout; `None` for anything else (check `layout` of §7; x is compared by the caller).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; SHARE_FILE_LEN] = bytes.try_into().ok()?;
        let (&flags, body) = bytes.split_last()?;
        let mut rest = Rest(body.strip_prefix(label::SHARE)?);
        let core = Digest(rest.take()?);
        let x = rest.x()?;
        let case_salt = CaseSalt::new(rest.take()?);
        let [count] = rest.take()?;
        if !(1..=SHARES_MAX).contains(&count.into()) {
            return None;
        }
        let mut shares = Vec::with_capacity(count.into());
        for _ in 0..count {
            shares.push((rest.name()?, rest.share()?));
        }
        let ascending = shares.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (ascending && rest.is_zero()).then_some(Self {
            core,
            x,
            case_salt,
            shares,
            flags: Flags::from_byte(flags)?,
        })
    }

    /// The share of one compartment.
    pub fn share(&self, name: Compartment) -> Option<&Share> {
        self.shares
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, share)| share)
    }

    /// The release of one compartment to one request; `None` when this seat holds no share of it.
    pub fn release(&self, request: Digest, name: Compartment) -> Option<ReleaseFile> {
        Some(ReleaseFile {
            request,
            core: self.core,
            name,
            x: self.x,
            share: self.share(name)?.clone(),
            case_salt: CaseSalt::new(*self.case_salt.expose()),
        })
    }

    /// The releases of `names` to the key of one request: what the act says of each file, and the records that carry them;
    /// `None` when this seat holds no share of one.
    pub fn releases(
        &self,
        request: Digest,
        names: &[Compartment],
        recipient: &Recipient,
        rng: &mut impl CryptoRng,
    ) -> Option<(Vec<ReleasedFile>, Vec<Vec<u8>>)> {
        let each = names.iter().map(|name| {
            let sealed = age::seal(&[recipient], &self.release(request, *name)?.to_bytes(), rng);
            let record = seal_release_file(recipient, &sealed, rng).ok()?;
            let file = ReleasedFile {
                name: *name,
                digest: Digest::of(&sealed),
                size: sealed.len() as u64,
            };
            Some((file, record))
        });
        each.collect()
    }
}

impl ReleaseFile {
    /// 192 bytes: `L("release") ‖ D(request) ‖ D(core) ‖ name ‖ x ‖ s ‖ b ‖ case_salt ‖ zeros (8)`.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(RELEASE_FILE_LEN));
        bytes.extend_from_slice(label::RELEASE);
        bytes.extend_from_slice(&self.request.0);
        bytes.extend_from_slice(&self.core.0);
        bytes.push(self.name.into());
        bytes.extend_from_slice(&self.x.get().to_be_bytes());
        push_share(&mut bytes, &self.share);
        bytes.extend_from_slice(self.case_salt.expose());
        bytes.resize(RELEASE_FILE_LEN, 0);
        bytes
    }

    /// Reads exactly that layout; `None` for anything else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; RELEASE_FILE_LEN] = bytes.try_into().ok()?;
        let mut rest = Rest(bytes.strip_prefix(label::RELEASE)?);
        let file = Self {
            request: Digest(rest.take()?),
            core: Digest(rest.take()?),
            name: rest.name()?,
            x: rest.x()?,
            share: rest.share()?,
            case_salt: CaseSalt::new(rest.take()?),
        };
        rest.is_zero().then_some(file)
    }
}

impl Flags {
    /// Byte 319 of a share file.
    pub fn to_byte(self) -> u8 {
        (u8::from(self.danger) * FLAG_DANGER) | (u8::from(self.interpreter) * FLAG_INTERPRETER)
    }

    /// `None` when an unknown bit is set, for it would mark her (§5.4).
    pub fn from_byte(byte: u8) -> Option<Self> {
        (byte & !(FLAG_DANGER | FLAG_INTERPRETER) == 0).then_some(Self {
            danger: byte & FLAG_DANGER != 0,
            interpreter: byte & FLAG_INTERPRETER != 0,
        })
    }
}

fn push_share(bytes: &mut Vec<u8>, share: &Share) {
    bytes.extend_from_slice(share.s.as_bytes());
    bytes.extend_from_slice(share.b.as_bytes());
}

/// What of a file is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn x(&mut self) -> Option<MemberNumber> {
        MemberNumber::new(u16::from_be_bytes(self.take()?))
    }

    fn name(&mut self) -> Option<Compartment> {
        let [number] = self.take()?;
        Compartment::try_from(number).ok()
    }

    fn share(&mut self) -> Option<Share> {
        Some(Share {
            s: self.scalar()?,
            b: self.scalar()?,
        })
    }

    fn scalar(&mut self) -> Option<Scalar> {
        Scalar::from_canonical_bytes(self.take()?).into_option()
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}
