//! Nodes that hold a ceremony, with randomness from a seed.

use oprf::{
    Batch, CeremonyError, Confirmed, Element, Evaluation, GroupKey, Index, KeyShare, Message, NodeKey, Pending,
    Session, Signature,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn index(number: u16) -> Index {
    Index::new(number).unwrap()
}

/// n nodes and their session of a threshold of t.
pub fn nodes(n: usize, t: u16, seed: u64) -> (Vec<NodeKey>, Session) {
    let mut rng = rng(seed);
    let keys: Vec<NodeKey> = (0..n).map(|_| NodeKey::random(&mut rng)).collect();
    let session = Session::generate(t, publics(&keys), &[7; 32]).unwrap();
    (keys, session)
}

pub fn publics(keys: &[NodeKey]) -> Vec<Element> {
    keys.iter().map(NodeKey::public).collect()
}

/// What each node deals, as all others read it.
pub fn dealt(keys: &[NodeKey], session: &Session, seed: u64) -> Vec<Message> {
    let mut rng = rng(seed);
    let read = |key: &NodeKey| {
        let message = Message::deal(session, key, &mut rng).unwrap();
        Message::read(session, message.from(), message.bytes()).unwrap()
    };
    keys.iter().map(read).collect()
}

/// Everybody certifies and confirms.
pub fn confirmed(keys: &[NodeKey], pending: Vec<Pending>) -> Result<Vec<Confirmed>, CeremonyError> {
    let signatures: Vec<Signature> = pending.iter().zip(keys).map(|(one, key)| one.certify(key)).collect();
    pending.into_iter().map(|one| one.confirm(&signatures)).collect()
}

/// A group that made its key.
pub struct Group {
    pub keys: Vec<NodeKey>,
    pub shares: Vec<KeyShare>,
    pub public: GroupKey,
}

pub fn generated(n: usize, t: u16, seed: u64) -> Group {
    let (keys, session) = nodes(n, t, seed);
    let messages = dealt(&keys, &session, seed + 1);
    let pending = keys
        .iter()
        .map(|key| Pending::generated(&session, key, &messages).unwrap());
    let confirmed = confirmed(&keys, pending.collect()).unwrap();
    group(keys, confirmed)
}

pub fn group(keys: Vec<NodeKey>, confirmed: Vec<Confirmed>) -> Group {
    let public = confirmed[0].group.clone();
    assert!(confirmed.iter().all(|one| one.group == public), "all believe the same");
    let shares = confirmed.into_iter().map(|one| one.share).collect();
    Group { keys, shares, public }
}

impl Group {
    /// The same key in new shares.
    pub fn refreshed(self, seed: u64) -> (Self, Vec<KeyShare>) {
        let session = Session::refresh(&self.public, publics(&self.keys), &[9; 32]).unwrap();
        let messages = dealt(&self.keys, &session, seed);
        let pending = self.keys.iter().zip(&self.shares);
        let pending =
            pending.map(|(key, share)| Pending::refreshed(&session, key, &messages, share, &self.public).unwrap());
        let confirmed = confirmed(&self.keys, pending.collect()).unwrap();
        (group(self.keys, confirmed), self.shares)
    }

    /// What these nodes, by their place, evaluate.
    pub fn evaluate(&self, places: &[usize], batch: &Batch, seed: u64) -> Vec<(Index, Evaluation)> {
        let mut rng = rng(seed);
        let shares = places.iter().map(|place| &self.shares[*place]);
        shares
            .map(|share| (share.index(), share.evaluate(batch, &mut rng)))
            .collect()
    }
}
