//! What a node deals: commitments to a polynomial, and its value at each node's number, sealed to that node.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use curve25519_dalek::traits::Identity as _;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::group::{Element, Index, canonical_scalar, element_at, random_scalar, times_base, value_at};
use crate::schnorr::{NodeKey, SIGNATURE_LEN, Signature, sign, verifies};
use crate::session::{Ceremony, Session};
use crate::{ELEMENT_LEN, label};

const H6: &[u8] = b"COCKTAIL-DKG-Ristretto255-SHA512-H6";
/// A sealed share: a scalar and a tag of 16 bytes.
const SEALED_LEN: usize = ELEMENT_LEN + 16;
/// Its length, as it stands before it.
const FRAME: [u8; 8] = (SEALED_LEN as u64).to_be_bytes();

/// COCKTAIL-DKG's `msg1`, without payloads; of a refresh without a proof of possession, for there is nothing to possess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealing {
    pub(crate) commitments: Vec<Element>,
    pub(crate) possession: Option<Signature>,
    pub(crate) ephemeral: Element,
    sealed: Vec<[u8; SEALED_LEN]>,
}

impl Dealing {
    fn new(session: &Session, key: &NodeKey, rng: &mut impl CryptoRng) -> Self {
        let mut coefficients = Zeroizing::new(Vec::with_capacity(usize::from(session.threshold())));
        if session.ceremony() == Ceremony::Refresh {
            coefficients.push(Scalar::ZERO);
        }
        while coefficients.len() < usize::from(session.threshold()) {
            coefficients.push(*random_scalar(rng));
        }
        let committed = &coefficients[coefficients.len() - session.commitment_count()..];
        let commitments = committed.iter().map(committed_to).collect();
        let secret = random_scalar(rng);
        let ephemeral = committed_to(&secret);
        let seal = |(x, to): (Index, &Element)| {
            let points = Zeroizing::new([&*secret, key.scalar()].map(|scalar| to.point() * scalar));
            let cipher = Sealing::new(&points, &ephemeral, &key.public(), to, session);
            cipher.seal(&value_at(&coefficients, x))
        };
        let sealed = session.indexes().zip(session.keys()).map(seal).collect();
        let mut dealing = Self {
            commitments,
            possession: None,
            ephemeral,
            sealed,
        };
        if session.ceremony() == Ceremony::Generate {
            dealing.possession = Some(sign(&coefficients[0], &dealing.possessed(session)));
        }
        dealing
    }

    /// What the proof of possession signs: `context ‖ C ‖ E`.
    fn possessed(&self, session: &Session) -> Vec<u8> {
        let mut message = session.context().to_vec();
        for element in self.commitments.iter().chain([&self.ephemeral]) {
            message.extend_from_slice(&element.to_bytes());
        }
        message
    }

    /// Whether who dealt knows its part of the key; of a refresh it is zero, as everybody knows.
    pub fn is_possessed(&self, session: &Session) -> bool {
        match (session.ceremony(), &self.possession, self.commitments.first()) {
            (Ceremony::Refresh, None, _) => true,
            (Ceremony::Generate, Some(proof), Some(part)) => verifies(part, &self.possessed(session), proof),
            _ => false,
        }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for commitment in &self.commitments {
            bytes.extend_from_slice(&commitment.to_bytes());
        }
        bytes.extend(self.possession.iter().flatten());
        bytes.extend_from_slice(&self.ephemeral.to_bytes());
        for sealed in &self.sealed {
            bytes.extend_from_slice(&FRAME);
            bytes.extend_from_slice(sealed);
        }
        bytes
    }

    /// Reads exactly that.
    pub fn parse(session: &Session, bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let element = |rest: &mut &[u8]| {
            let (head, tail) = rest.split_first_chunk()?;
            *rest = tail;
            Element::from_bytes(head)
        };
        let commitments = (0..session.commitment_count())
            .map(|_| element(&mut rest))
            .collect::<Option<Vec<_>>>()?;
        let possession = match session.ceremony() {
            Ceremony::Generate => {
                let (proof, tail) = rest.split_first_chunk()?;
                rest = tail;
                Some(*proof)
            }
            Ceremony::Refresh => None,
        };
        let ephemeral = element(&mut rest)?;
        let mut sealed = Vec::with_capacity(session.keys().len());
        for _ in session.keys() {
            let (share, tail) = rest.strip_prefix(&FRAME)?.split_first_chunk()?;
            sealed.push(*share);
            rest = tail;
        }
        rest.is_empty().then_some(Self {
            commitments,
            possession,
            ephemeral,
            sealed,
        })
    }

    /// What it commits to at this number, in the exponent.
    pub(crate) fn committed_at(&self, session: &Session, x: Index) -> RistrettoPoint {
        let constant = (session.ceremony() == Ceremony::Refresh).then(RistrettoPoint::identity);
        let rest = self.commitments.iter().map(|commitment| *commitment.point());
        element_at(&constant.into_iter().chain(rest).collect::<Vec<_>>(), x)
    }

    /// The share dealt to node `to` by node `from`, if it opens under these two products and fits the commitments.
    pub(crate) fn share(
        &self,
        session: &Session,
        points: &[RistrettoPoint; 2],
        from: Index,
        to: Index,
    ) -> Option<Zeroizing<Scalar>> {
        let (sender, recipient) = (session.key_of(from)?, session.key_of(to)?);
        let cipher = Sealing::new(points, &self.ephemeral, sender, recipient, session);
        let share = cipher.open(self.sealed.get(to.place())?)?;
        (times_base(&share) == self.committed_at(session, to)).then_some(share)
    }

    /// The share dealt to the node with this key by node `from`, checked; `None` is the dealer's fault.
    pub fn open(&self, session: &Session, key: &NodeKey, from: Index) -> Option<Zeroizing<Scalar>> {
        let to = session.index_of(&key.public())?;
        let bases = [self.ephemeral, *session.key_of(from)?];
        let points = Zeroizing::new(bases.map(|base| base.point() * key.scalar()));
        self.share(session, &points, from, to)
    }
}

/// `a·B`.
///
/// # Panics
/// Never, because what is drawn is not zero.
fn committed_to(scalar: &Scalar) -> Element {
    Element::new(times_base(scalar)).expect("never: a scalar that is drawn is not zero")
}

/// Key and nonce of one sealed share (COCKTAIL-DKG's H6).
struct Sealing(Zeroizing<[u8; 64]>);

impl Sealing {
    fn new(
        points: &[RistrettoPoint; 2],
        ephemeral: &Element,
        sender: &Element,
        recipient: &Element,
        session: &Session,
    ) -> Self {
        let mut hash = Sha512::new();
        hash.update(H6);
        for point in points {
            hash.update(Zeroizing::new(point.compress().to_bytes()).as_slice());
        }
        for element in [ephemeral, sender, recipient] {
            hash.update(element.to_bytes());
        }
        hash.update((session.context().len() as u64).to_le_bytes());
        hash.update(session.context());
        Self(Zeroizing::new(hash.finalize().into()))
    }

    fn cipher(&self) -> (XChaCha20Poly1305, XNonce) {
        let (mut key, mut nonce) = (Key::default(), XNonce::default());
        key.copy_from_slice(&self.0[..32]);
        nonce.copy_from_slice(&self.0[32..56]);
        let cipher = XChaCha20Poly1305::new(&key);
        zeroize::Zeroize::zeroize(key.as_mut_slice());
        (cipher, nonce)
    }

    /// # Panics
    /// Never, because 32 bytes are far below the cipher's limit.
    fn seal(&self, share: &Scalar) -> [u8; SEALED_LEN] {
        let (cipher, nonce) = self.cipher();
        let plain = Zeroizing::new(share.to_bytes());
        let sealed = cipher.encrypt(&nonce, plain.as_slice()).ok();
        sealed
            .and_then(|sealed| sealed.try_into().ok())
            .expect("never: 32 bytes are sealed into 48")
    }

    fn open(&self, sealed: &[u8; SEALED_LEN]) -> Option<Zeroizing<Scalar>> {
        let (cipher, nonce) = self.cipher();
        let plain = Zeroizing::new(cipher.decrypt(&nonce, sealed.as_slice()).ok()?);
        canonical_scalar(plain.as_slice().try_into().ok()?).map(Zeroizing::new)
    }
}

/// A dealing as a node sent it: signed by that node, read and checked by itself. The share in it is checked by whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(crate) context: [u8; 64],
    pub(crate) from: Index,
    pub(crate) dealing: Dealing,
    pub(crate) bytes: Vec<u8>,
}

impl Message {
    /// What the node with this key deals, to be sent to all; `None` where it is no node of the session. It keeps nothing: its
    /// own share is in it, sealed to itself.
    pub fn deal(session: &Session, key: &NodeKey, rng: &mut impl CryptoRng) -> Option<Self> {
        let from = session.index_of(&key.public())?;
        Some(Self::signed(session, key, from, Dealing::new(session, key, rng)))
    }

    /// Signs a dealing as node `from`.
    pub fn signed(session: &Session, key: &NodeKey, from: Index, dealing: Dealing) -> Self {
        let mut bytes = dealing.to_bytes();
        bytes.extend_from_slice(&sign(key.scalar(), &under_signature(session, &bytes)));
        Self {
            context: *session.context(),
            from,
            dealing,
            bytes,
        }
    }

    /// Reads what node `from` sent.
    ///
    /// # Errors
    /// The [`Fault`] is that node's, or of whoever carried it here, where the signature does not verify.
    pub fn read(session: &Session, from: Index, bytes: &[u8]) -> Result<Self, Fault> {
        let fault = |kind| Fault { node: from, kind };
        let dealt = signed_part(session, from, bytes).ok_or(fault(FaultKind::Signed))?;
        let dealing = Dealing::parse(session, dealt).ok_or(fault(FaultKind::Form))?;
        if !dealing.is_possessed(session) {
            return Err(fault(FaultKind::Possession));
        }
        Ok(Self {
            context: *session.context(),
            from,
            dealing,
            bytes: bytes.to_vec(),
        })
    }

    /// Who sent it.
    pub fn from(&self) -> Index {
        self.from
    }

    /// `dealing ‖ signature`.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was dealt.
    pub fn dealing(&self) -> &Dealing {
        &self.dealing
    }
}

fn under_signature(session: &Session, dealing: &[u8]) -> Vec<u8> {
    [label::DEALING, session.context(), dealing].concat()
}

/// The bytes that node `from` signed in this session.
fn signed_part<'a>(session: &Session, from: Index, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let (dealing, signature) = bytes.split_last_chunk::<SIGNATURE_LEN>()?;
    verifies(session.key_of(from)?, &under_signature(session, dealing), signature).then_some(dealing)
}

/// Whether these two show that node `from` dealt twice in one session: both signed by it, and not the same. Anybody can
/// check it.
pub fn equivocates(session: &Session, from: Index, one: &[u8], other: &[u8]) -> bool {
    match (signed_part(session, from, one), signed_part(session, from, other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}
