//! The rounds of a session: take what all dealt, certify it, and only then hold the share.

use curve25519_dalek::Scalar;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::dealing::Message;
use crate::fault::{Fault, FaultKind};
use crate::group::Element;
use crate::label;
use crate::schnorr::{NodeKey, Signature, sign, verifies};
use crate::session::{Ceremony, SUITE, Session};
use crate::share::{GroupKey, KeyShare};

impl GroupKey {
    /// What the messages of a session that makes a key give; `None` where the sum is degenerate or the session another.
    pub fn generated(session: &Session, messages: &[Message]) -> Option<Self> {
        (session.ceremony() == Ceremony::Generate)
            .then(|| Self::sum(None, session, messages))
            .flatten()
    }

    /// What is known of the key after a refresh; Y stays.
    pub fn refreshed(&self, session: &Session, messages: &[Message]) -> Option<Self> {
        (session.ceremony() == Ceremony::Refresh && session.threshold() == self.threshold())
            .then(|| Self::sum(Some(self), session, messages))
            .flatten()
    }

    fn sum(before: Option<&Self>, session: &Session, messages: &[Message]) -> Option<Self> {
        let first = usize::from(session.threshold()) - session.commitment_count();
        let at = |k: usize| {
            let stood = before.and_then(|group| group.commitments().get(k));
            let dealt = messages
                .iter()
                .filter_map(|message| message.dealing.commitments.get(k.checked_sub(first)?));
            Element::new(stood.into_iter().chain(dealt).map(|element| *element.point()).sum())
        };
        (0..usize::from(session.threshold()))
            .map(at)
            .collect::<Option<_>>()
            .and_then(Self::from_commitments)
    }
}

/// Why a session did not end. Nothing of it is kept; a new one begins under another nonce.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// One is missing, they are not in order, or one was read in another session.
    #[error("one message of each node is needed, of this session and in the order of their numbers")]
    Missing,
    /// The key is of no node of it.
    #[error("this node is not part of the session")]
    NotANode,
    /// The share before is not one of the key that is to be refreshed.
    #[error("the share is not one of the key that is to be refreshed")]
    OtherKey,
    /// The parts cancel each other out.
    #[error("what the nodes dealt adds up to no key; begin again")]
    Degenerate,
    /// These are to blame.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
}

fn listed(faults: &[Fault]) -> String {
    let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
    faults.join("; ")
}

/// A share that is not certified yet: that a node holds what the others believe is shown by all signatures.
#[derive(Debug)]
pub struct Pending {
    session: Session,
    share: KeyShare,
    group: GroupKey,
    transcript: Vec<u8>,
}

/// What a node keeps of a session.
#[derive(Debug)]
pub struct Confirmed {
    /// Its share.
    pub share: KeyShare,
    /// What everybody knows of the key.
    pub group: GroupKey,
}

impl Pending {
    /// Adds up the shares dealt to the node with this key, in a session that makes a key.
    ///
    /// # Errors
    /// [`CeremonyError`] names every node whose share is wrong.
    pub fn generated(session: &Session, key: &NodeKey, messages: &[Message]) -> Result<Self, CeremonyError> {
        let dealt = sum_dealt(session, key, messages)?;
        let group = GroupKey::generated(session, messages).ok_or(CeremonyError::Degenerate)?;
        Self::new(session, key, messages, &dealt, group)
    }

    /// Adds what was dealt to the share that stands. The old one is erased by its owner once [`Pending::confirm`] is done.
    ///
    /// # Errors
    /// [`CeremonyError`] names every node whose share is wrong.
    pub fn refreshed(
        session: &Session,
        key: &NodeKey,
        messages: &[Message],
        share: &KeyShare,
        group: &GroupKey,
    ) -> Result<Self, CeremonyError> {
        if session.index_of(&key.public()) != Some(share.index()) || !share.is_of(group) {
            return Err(CeremonyError::OtherKey);
        }
        let mut sum = sum_dealt(session, key, messages)?;
        *sum += share.secret();
        let group = group.refreshed(session, messages).ok_or(CeremonyError::OtherKey)?;
        Self::new(session, key, messages, &sum, group)
    }

    fn new(
        session: &Session,
        key: &NodeKey,
        messages: &[Message],
        secret: &Scalar,
        group: GroupKey,
    ) -> Result<Self, CeremonyError> {
        let x = session.index_of(&key.public()).ok_or(CeremonyError::NotANode)?;
        let share = KeyShare::new(x, secret);
        // Each share was checked by itself; this holds whatever happens above.
        if !share.is_of(&group) {
            return Err(CeremonyError::Degenerate);
        }
        Ok(Self {
            session: session.clone(),
            share,
            group,
            transcript: transcript(session, messages, &extension(messages)),
        })
    }

    /// This node's signature on what was agreed, to be sent to all.
    pub fn certify(&self, key: &NodeKey) -> Signature {
        sign(key.scalar(), &self.transcript)
    }

    /// The share, once all nodes certified the same.
    ///
    /// # Errors
    /// [`CeremonyError`] names every node that did not: it saw something else, or was shown something else.
    pub fn confirm(self, signatures: &[Signature]) -> Result<Confirmed, CeremonyError> {
        certified(&self.session, &self.transcript, signatures)?;
        Ok(Confirmed {
            share: self.share,
            group: self.group,
        })
    }
}

/// Whether all nodes certified these messages. Anybody can check it, and compute the [`GroupKey`] from them.
///
/// # Errors
/// [`CeremonyError`] names every node that did not.
pub fn is_certified(session: &Session, messages: &[Message], signatures: &[Signature]) -> Result<(), CeremonyError> {
    all_in_order(session, messages)?;
    let transcript = transcript(session, messages, &extension(messages));
    certified(session, &transcript, signatures)
}

fn certified(session: &Session, transcript: &[u8], signatures: &[Signature]) -> Result<(), CeremonyError> {
    if signatures.len() != session.keys().len() {
        return Err(CeremonyError::Missing);
    }
    let faults: Vec<Fault> = session
        .indexes()
        .zip(session.keys().iter().zip(signatures))
        .filter(|(_, (key, signature))| !verifies(key, transcript, signature))
        .map(|(node, _)| Fault {
            node,
            kind: FaultKind::Certificate,
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CeremonyError::Faults(faults))
    }
}

fn all_in_order(session: &Session, messages: &[Message]) -> Result<(), CeremonyError> {
    let of_this = messages.iter().all(|message| message.context == *session.context());
    if of_this && messages.iter().map(Message::from).eq(session.indexes()) {
        Ok(())
    } else {
        Err(CeremonyError::Missing)
    }
}

fn sum_dealt(session: &Session, key: &NodeKey, messages: &[Message]) -> Result<Zeroizing<Scalar>, CeremonyError> {
    all_in_order(session, messages)?;
    session.index_of(&key.public()).ok_or(CeremonyError::NotANode)?;
    let (mut sum, mut faults) = (Zeroizing::new(Scalar::ZERO), Vec::new());
    for message in messages {
        match message.dealing.open(session, key, message.from) {
            Some(share) => *sum += *share,
            None => faults.push(Fault {
                node: message.from,
                kind: FaultKind::Dealt,
            }),
        }
    }
    if faults.is_empty() {
        Ok(sum)
    } else {
        Err(CeremonyError::Faults(faults))
    }
}

/// COCKTAIL-DKG's extension: all messages as they were sent, sealed shares too, so that they are certified with the rest.
fn extension(messages: &[Message]) -> [u8; 64] {
    let mut hash = Sha512::new_with_prefix(label::DEALINGS);
    for message in messages {
        hash.update(&message.bytes);
    }
    hash.finalize().into()
}

/// COCKTAIL-DKG's transcript T.
pub(crate) fn transcript(session: &Session, messages: &[Message], extension: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [SUITE, session.context()] {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    // As many as `NODES_MAX` at most.
    bytes.extend_from_slice(&(session.keys().len() as u32).to_le_bytes());
    bytes.extend_from_slice(&u32::from(session.threshold()).to_le_bytes());
    for key in session.keys() {
        bytes.extend_from_slice(&key.to_bytes());
    }
    for message in messages {
        for commitment in &message.dealing.commitments {
            bytes.extend_from_slice(&commitment.to_bytes());
        }
    }
    for message in messages {
        bytes.extend(message.dealing.possession.iter().flatten());
    }
    for message in messages {
        bytes.extend_from_slice(&message.dealing.ephemeral.to_bytes());
    }
    bytes.extend_from_slice(&(extension.len() as u64).to_le_bytes());
    bytes.extend_from_slice(extension);
    bytes
}

#[cfg(test)]
mod tests {
    //! COCKTAIL-DKG's own vectors, as every participant of them: what is received opens, adds up and is certified as there.

    use super::*;
    use crate::dealing::Dealing;
    use crate::group::Index;

    #[derive(serde::Deserialize)]
    struct File {
        vectors: Vec<Vector>,
    }

    #[derive(serde::Deserialize)]
    struct Vector {
        t: u16,
        session_tag: String,
        context: String,
        extension: String,
        config: Config,
        round1: Vec<Dealt>,
        round2: Vec<Result>,
        round3: Certificate,
        group_public_key: String,
    }

    #[derive(serde::Deserialize)]
    struct Config {
        static_secret_keys: Vec<String>,
        static_public_keys: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct Dealt {
        ephemeral_public_key: String,
        vss_commitment: Vec<String>,
        pop: String,
        encrypted_shares: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct Result {
        secret_share: String,
        verification_share: String,
    }

    #[derive(serde::Deserialize)]
    struct Certificate {
        transcript_hash: String,
        signatures: Vec<Signed>,
    }

    #[derive(serde::Deserialize)]
    struct Signed {
        signature: String,
    }

    fn hex(text: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(text.as_bytes()).unwrap()
    }

    fn array<const N: usize>(text: &str) -> [u8; N] {
        hex(text).try_into().unwrap()
    }

    fn dealing_bytes(dealt: &Dealt) -> Vec<u8> {
        let mut bytes: Vec<u8> = dealt.vss_commitment.iter().flat_map(|point| hex(point)).collect();
        bytes.extend(hex(&dealt.pop));
        bytes.extend(hex(&dealt.ephemeral_public_key));
        for sealed in &dealt.encrypted_shares {
            let sealed = hex(sealed);
            bytes.extend((sealed.len() as u64).to_be_bytes());
            bytes.extend(sealed);
        }
        bytes
    }

    #[test]
    fn the_vectors_of_cocktail_dkg() {
        let file = include_str!("../tests/vectors/cctv-cocktail-dkg/cocktail-dkg-ristretto255-sha512.json");
        let file: File = serde_json::from_str(file).unwrap();
        let without_payloads = file.vectors.iter().filter(|vector| vector.extension.is_empty());
        let mut count = 0;
        for vector in without_payloads {
            count += 1;
            let keys: Vec<Element> = vector
                .config
                .static_public_keys
                .iter()
                .map(|key| Element::from_bytes(&array(key)).unwrap())
                .collect();
            let session =
                Session::named(Ceremony::Generate, vector.t, keys.clone(), &hex(&vector.session_tag)).unwrap();
            assert_eq!(session.context().to_vec(), hex(&vector.context));
            let nodes: Vec<NodeKey> = vector
                .config
                .static_secret_keys
                .iter()
                .map(|key| NodeKey::from_bytes(&array(key)).unwrap())
                .collect();
            let messages: Vec<Message> = session
                .indexes()
                .zip(&nodes)
                .zip(&vector.round1)
                .map(|((from, key), dealt)| {
                    let bytes = dealing_bytes(dealt);
                    let dealing = Dealing::parse(&session, &bytes).unwrap();
                    assert_eq!(dealing.to_bytes(), bytes);
                    assert!(dealing.is_possessed(&session));
                    Message::signed(&session, key, from, dealing)
                })
                .collect();
            let transcript = transcript(&session, &messages, &[]);
            assert_eq!(
                Sha512::digest(&transcript).to_vec(),
                hex(&vector.round3.transcript_hash)
            );
            let mut signatures = Vec::new();
            for (place, key) in nodes.iter().enumerate() {
                assert_eq!(key.public(), keys[place]);
                let pending = Pending::generated(&session, key, &messages).unwrap();
                let expected = &vector.round2[place];
                assert_eq!(pending.share.to_bytes().to_vec(), hex(&expected.secret_share));
                let x = Index::new(place as u16 + 1).unwrap();
                let public = pending.group.public_of(x).unwrap();
                assert_eq!(public.to_bytes().to_vec(), hex(&expected.verification_share));
                let public = pending.group.public();
                assert_eq!(public.to_bytes().to_vec(), hex(&vector.group_public_key));
                let signature = sign(key.scalar(), &transcript);
                assert_eq!(signature.to_vec(), hex(&vector.round3.signatures[place].signature));
                signatures.push(signature);
            }
            assert_eq!(certified(&session, &transcript, &signatures), Ok(()));
        }
        assert_eq!(count, 3, "2 of 3, 3 of 5, 7 of 14");
    }
}
