//! A node that was dealt a wrong share shows it to everybody: what opens that one share, with the proof that it does.

use rand_core::CryptoRng;

use crate::ELEMENT_LEN;
use crate::dealing::Message;
use crate::evaluation::{prove, proven};
use crate::group::{Element, Index};
use crate::schnorr::NodeKey;
use crate::session::Session;

/// Length of a complaint in bytes.
pub const COMPLAINT_LEN: usize = 2 + 2 + 2 * ELEMENT_LEN + 64;

/// Who is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Whoever dealt: the share is wrong.
    Dealer,
    /// Whoever complains: the share is right, or the complaint proves nothing.
    Complainer,
}

/// The two products under which the share was sealed, and the proof that they are those of this node's key. They open this
/// one share, and of other sessions nothing, for each has another ephemeral key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    by: Index,
    against: Index,
    products: [Element; 2],
    proof: [u8; 64],
}

impl Complaint {
    /// The complaint of the node with this key about what was dealt to it; `None` where the share is right, where it dealt
    /// itself, or where it is no node of the session.
    pub fn about(session: &Session, key: &NodeKey, message: &Message, rng: &mut impl CryptoRng) -> Option<Self> {
        let by = session.index_of(&key.public())?;
        if by == message.from() || message.dealing().open(session, key, message.from()).is_some() {
            return None;
        }
        let bases = [message.dealing().ephemeral, *session.key_of(message.from())?];
        let (products, proof) = prove(key.scalar(), &bases, rng);
        Some(Self {
            by,
            against: message.from(),
            products: products.try_into().ok()?,
            proof,
        })
    }

    /// Who is to blame, from the dealer's message, which it signed.
    pub fn judge(&self, session: &Session, message: &Message) -> Verdict {
        let keys = session.key_of(self.by).zip(session.key_of(self.against));
        let Some((by, against)) = keys.filter(|_| self.by != self.against && self.against == message.from()) else {
            return Verdict::Complainer;
        };
        let bases = [message.dealing().ephemeral, *against];
        if !proven(by, &bases, &self.products, &self.proof) {
            return Verdict::Complainer;
        }
        let points = self.products.map(|product| *product.point());
        match message.dealing().share(session, &points, self.against, self.by) {
            Some(_) => Verdict::Complainer,
            None => Verdict::Dealer,
        }
    }

    /// Who complains.
    pub fn by(&self) -> Index {
        self.by
    }

    /// `by u16 ‖ against u16 ‖ d·E ‖ d·P ‖ proof`.
    pub fn to_bytes(&self) -> [u8; COMPLAINT_LEN] {
        let mut bytes = [0; COMPLAINT_LEN];
        let parts = [
            self.by.get().to_be_bytes().to_vec(),
            self.against.get().to_be_bytes().to_vec(),
            self.products[0].to_bytes().to_vec(),
            self.products[1].to_bytes().to_vec(),
            self.proof.to_vec(),
        ];
        bytes.copy_from_slice(&parts.concat());
        bytes
    }

    /// Reads exactly that.
    pub fn read(bytes: &[u8; COMPLAINT_LEN]) -> Option<Self> {
        let (by, rest) = bytes.split_first_chunk()?;
        let (against, rest) = rest.split_first_chunk()?;
        let (ephemeral, rest) = rest.split_first_chunk()?;
        let (own, proof) = rest.split_first_chunk()?;
        Some(Self {
            by: Index::new(u16::from_be_bytes(*by))?,
            against: Index::new(u16::from_be_bytes(*against))?,
            products: [Element::from_bytes(ephemeral)?, Element::from_bytes(own)?],
            proof: proof.try_into().ok()?,
        })
    }
}
