//! What a node evaluates, with the proof that it used its share, and t′ evaluations put together (RFC 9497, mode 0x01).

use curve25519_dalek::RistrettoPoint;
use rand_core::CryptoRng;
use voprf_ng::{BlindedElement, EvaluationElement, Proof, Ristretto255, VoprfClient, VoprfServer};

use crate::ELEMENT_LEN;
use crate::group::{Element, Index, weight_at_zero};
use crate::share::{GroupKey, KeyShare};

/// Length of a proof in bytes: challenge and response.
const PROOF_LEN: usize = 64;

/// Why elements are no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// None, or more than fit.
    #[error("a batch has between 1 and 65,535 elements")]
    Count,
    /// Not whole elements, or one that is no element.
    #[error("these bytes are no elements")]
    Encoding,
    /// One stands there twice.
    #[error("an element stands in the batch twice")]
    Repeated,
}

/// Blinded elements that are evaluated together: distinct, canonical, none the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch(Vec<Element>);

impl Batch {
    /// A batch of these.
    ///
    /// # Errors
    /// [`BatchError`] says what is wrong.
    pub fn new(elements: Vec<Element>) -> Result<Self, BatchError> {
        if elements.is_empty() || u16::try_from(elements.len()).is_err() {
            return Err(BatchError::Count);
        }
        let mut encodings: Vec<_> = elements.iter().map(|element| element.to_bytes()).collect();
        encodings.sort_unstable();
        if encodings.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(BatchError::Repeated);
        }
        Ok(Self(elements))
    }

    /// Reads elements one after the other.
    ///
    /// # Errors
    /// [`BatchError`] says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, BatchError> {
        Self::new(elements(bytes).ok_or(BatchError::Encoding)?)
    }

    /// The elements.
    pub fn elements(&self) -> &[Element] {
        &self.0
    }
}

fn elements(bytes: &[u8]) -> Option<Vec<Element>> {
    let (whole, rest) = bytes.as_chunks::<ELEMENT_LEN>();
    if !rest.is_empty() {
        return None;
    }
    whole.iter().map(Element::from_bytes).collect()
}

/// A node's evaluation of a batch: an element for each, and one proof for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    elements: Vec<Element>,
    proof: [u8; PROOF_LEN],
}

impl Evaluation {
    /// `n × element ‖ proof`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.elements.len() * ELEMENT_LEN + PROOF_LEN);
        for element in &self.elements {
            bytes.extend_from_slice(&element.to_bytes());
        }
        bytes.extend_from_slice(&self.proof);
        bytes
    }

    /// Reads exactly that. Whether it is right says [`Evaluation::is_by`].
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (whole, proof) = bytes.split_last_chunk()?;
        Some(Self {
            elements: elements(whole)?,
            proof: *proof,
        })
    }

    /// Whether node `x` evaluated this batch with its share of this key.
    pub fn is_by(&self, group: &GroupKey, x: Index, batch: &Batch) -> bool {
        group
            .public_of(x)
            .is_some_and(|public| proven(&public, &batch.0, &self.elements, &self.proof))
    }
}

impl KeyShare {
    /// Evaluates a batch with this share, and proves it.
    pub fn evaluate(&self, batch: &Batch, rng: &mut impl CryptoRng) -> Evaluation {
        let (elements, proof) = prove(self.secret(), &batch.0, rng);
        Evaluation { elements, proof }
    }
}

/// `k·C` for each, and the proof of RFC 9497 that one k was used, that of `k·B`.
///
/// # Panics
/// Never: k is not zero, elements are none the identity, and as many as RFC 9497 allows.
pub(crate) fn prove(
    secret: &curve25519_dalek::Scalar,
    elements: &[Element],
    rng: &mut impl CryptoRng,
) -> (Vec<Element>, [u8; PROOF_LEN]) {
    let key = zeroize::Zeroizing::new(secret.to_bytes());
    let server = VoprfServer::<Ristretto255>::new_with_key(key.as_slice()).expect("never: a share is not zero");
    let blinded: Vec<BlindedElement<Ristretto255>> = elements.iter().map(blinded).collect();
    let result = server
        .batch_blind_evaluate(rng, &blinded)
        .expect("never: a batch has at most 65,535 elements");
    let evaluated = |message: &EvaluationElement<Ristretto255>| {
        Element::from_bytes(&message.serialize().into()).expect("never: the product of a scalar and an element")
    };
    let mut proof = [0; PROOF_LEN];
    proof.copy_from_slice(&result.proof.serialize());
    (result.messages.iter().map(evaluated).collect(), proof)
}

/// Whether the proof shows that `evaluated` are `blinded` times the discrete logarithm of `public`.
pub(crate) fn proven(public: &Element, elements: &[Element], evaluated: &[Element], proof: &[u8; PROOF_LEN]) -> bool {
    let Ok(proof) = Proof::<Ristretto255>::deserialize(proof) else {
        return false;
    };
    // The crate verifies as a client that unblinds. Nobody here has the blinds, and the inputs even less: with a blind of 1
    // and any input it verifies the same proof, and what it unblinds is thrown away.
    let clients: Option<Vec<VoprfClient<Ristretto255>>> = elements
        .iter()
        .map(|element| {
            let mut state = [0; 2 * ELEMENT_LEN];
            state[0] = 1;
            state[ELEMENT_LEN..].copy_from_slice(&element.to_bytes());
            VoprfClient::deserialize(&state).ok()
        })
        .collect();
    let messages: Option<Vec<EvaluationElement<Ristretto255>>> = evaluated
        .iter()
        .map(|element| EvaluationElement::deserialize(&element.to_bytes()).ok())
        .collect();
    let (Some(clients), Some(messages)) = (clients, messages) else {
        return false;
    };
    let inputs = vec![[0u8]; elements.len()];
    VoprfClient::batch_finalize(&inputs, &clients, &messages, &proof, *public.point()).is_ok()
}

/// # Panics
/// Never, because an element has one encoding, which is read again.
fn blinded(element: &Element) -> BlindedElement<Ristretto255> {
    BlindedElement::deserialize(&element.to_bytes()).expect("never: an element is canonical and not the identity")
}

/// Why evaluations do not combine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{good} good evaluations of {need} needed; wrong ones by nodes: {}", listed(.wrong))]
pub struct CombineError {
    /// Evaluations that are proven, of distinct nodes.
    pub good: usize,
    /// t′.
    pub need: usize,
    /// Nodes whose evaluation is not proven.
    pub wrong: Vec<Index>,
}

fn listed(nodes: &[Index]) -> String {
    let numbers: Vec<String> = nodes.iter().map(Index::to_string).collect();
    if numbers.is_empty() {
        "none".to_owned()
    } else {
        numbers.join(", ")
    }
}

/// Checks every evaluation, puts t′ good ones together, and names the nodes whose evaluations are wrong. What comes out is
/// what the one key would give, still blinded, in the order of the batch.
///
/// A node counts once. Of several under one number a good one counts, for anybody can write a number on a file.
///
/// # Errors
/// [`CombineError`] where fewer than t′ are good.
pub fn combine(
    group: &GroupKey,
    batch: &Batch,
    evaluations: &[(Index, Evaluation)],
) -> Result<(Vec<Element>, Vec<Index>), CombineError> {
    let (mut good, mut wrong): (Vec<(Index, &Evaluation)>, Vec<Index>) = (Vec::new(), Vec::new());
    for (x, evaluation) in evaluations {
        if good.iter().any(|(node, _)| node == x) {
            continue;
        }
        if evaluation.is_by(group, *x, batch) {
            good.push((*x, evaluation));
        } else {
            wrong.push(*x);
        }
    }
    wrong.retain(|x| good.iter().all(|(node, _)| node != x));
    wrong.sort_unstable();
    wrong.dedup();
    let need = usize::from(group.threshold());
    let error = |wrong| CombineError {
        good: good.len(),
        need,
        wrong,
    };
    let Some(chosen) = good.get(..need) else {
        return Err(error(wrong));
    };
    let nodes: Vec<Index> = chosen.iter().map(|(x, _)| *x).collect();
    let weighed = |at: usize| -> RistrettoPoint {
        chosen
            .iter()
            .map(|(x, evaluation)| weight_at_zero(*x, &nodes) * evaluation.elements[at].point())
            .sum()
    };
    let combined: Option<Vec<Element>> = (0..batch.0.len()).map(|at| Element::new(weighed(at))).collect();
    // The identity would need a key that is zero, which no commitment to it may be.
    combined
        .map(|combined| (combined, wrong))
        .ok_or_else(|| error(Vec::new()))
}
