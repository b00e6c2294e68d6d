//! The threshold OPRF of §12: RFC 9497's vectors, what t′ of n′ nodes give together, and who is named.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../protocol/tests/kept/mod.rs"]
mod kept;

mod key_nodes;
mod oprf_vectors;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use key_nodes::{confirmed, dealt, generated, group, index, nodes, publics, rng};
use oprf::{
    Batch, BatchError, Blind, CeremonyError, Complaint, Dealing, Element, Evaluation, Fault, FaultKind, GroupKey,
    Index, KeyShare, Message, NODES_MAX, NodeKey, Pending, Session, SessionError, Signature, Verdict, blind, combine,
    equivocates, is_certified,
};
use proptest::prelude::*;
use rand_chacha::rand_core::{Infallible, TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha512};

fn hex(text: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(text.as_bytes()).unwrap()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

fn point(element: &Element) -> RistrettoPoint {
    CompressedRistretto(element.to_bytes()).decompress().unwrap()
}

fn element(point: RistrettoPoint) -> Element {
    Element::from_bytes(&point.compress().to_bytes()).unwrap()
}

/// Gives these bytes and no others.
struct Fixed(Vec<u8>);

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("scalars are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("scalars are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

#[derive(serde::Deserialize)]
struct Rfc {
    #[serde(rename = "skSm")]
    secret: String,
    #[serde(rename = "pkSm")]
    public: String,
    vectors: Vec<RfcVector>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RfcVector {
    input: Vec<String>,
    blind: Vec<String>,
    blinded_element: Vec<String>,
    evaluation_element: Vec<String>,
    proof: String,
    proof_random_scalar: String,
    output: Vec<String>,
}

#[test]
fn the_vectors_of_rfc_9497() {
    let rfc: Rfc = serde_json::from_str(include_str!("vectors/rfc9497/ristretto255-voprf.json")).unwrap();
    let share = KeyShare::from_bytes(index(1), &array(&rfc.secret)).unwrap();
    let public = Element::from_bytes(&array(&rfc.public)).unwrap();
    // Commitments of which node 1's public key is the RFC's.
    let constant = element(point(&public) - RISTRETTO_BASEPOINT_POINT);
    let group = GroupKey::from_commitments(vec![constant, element(RISTRETTO_BASEPOINT_POINT)]).unwrap();
    assert!(share.is_of(&group));
    assert_eq!(rfc.vectors.len(), 3);
    for vector in rfc.vectors {
        let mut blinds = Vec::new();
        for (at, input) in vector.input.iter().enumerate() {
            let (own, blinded) = blind(&hex(input), &mut Fixed(hex(&vector.blind[at]))).unwrap();
            assert_eq!(own.to_bytes().to_vec(), hex(&vector.blind[at]));
            assert_eq!(blinded.to_bytes().to_vec(), hex(&vector.blinded_element[at]));
            blinds.push((own, blinded));
        }
        let batch = Batch::new(blinds.iter().map(|(_, blinded)| *blinded).collect()).unwrap();
        let evaluation = share.evaluate(&batch, &mut Fixed(hex(&vector.proof_random_scalar)));
        let expected = vector.evaluation_element.concat() + &vector.proof;
        assert_eq!(evaluation.to_bytes(), hex(&expected));
        assert!(evaluation.is_by(&group, index(1), &batch));
        for (at, (own, _)) in blinds.iter().enumerate() {
            let evaluated = Element::from_bytes(&array(&vector.evaluation_element[at])).unwrap();
            let unblinded = own.unblind(&evaluated);
            let input = hex(&vector.input[at]);
            let output = Sha512::new()
                .chain_update((input.len() as u16).to_be_bytes())
                .chain_update(&input)
                .chain_update(32u16.to_be_bytes())
                .chain_update(unblinded.as_bytes())
                .chain_update("Finalize")
                .finalize();
            assert_eq!(output.to_vec(), hex(&vector.output[at]));
        }
    }
}

/// The key that nobody holds, from shares of these places.
fn key_of(group: &key_nodes::Group, places: &[usize]) -> Scalar {
    let at = |place: &usize| Scalar::from(*place as u64 + 1);
    let mut key = Scalar::ZERO;
    for place in places {
        let share = Scalar::from_canonical_bytes(*group.shares[*place].to_bytes()).unwrap();
        let others = || places.iter().filter(|other| *other != place);
        let numerator: Scalar = others().map(at).product();
        let denominator: Scalar = others().map(|other| at(other) - at(place)).product();
        key += share * numerator * denominator.invert();
    }
    key
}

fn batch(seed: u64) -> (Vec<Blind>, Batch) {
    let mut rng = rng(seed);
    let (blinds, elements): (Vec<Blind>, Vec<Element>) = [b"one".as_slice(), b"two"]
        .iter()
        .map(|input| blind(input, &mut rng).unwrap())
        .unzip();
    (blinds, Batch::new(elements).unwrap())
}

fn times(key: &Scalar, batch: &Batch) -> Vec<Element> {
    batch.elements().iter().map(|one| element(key * point(one))).collect()
}

/// n, t and which nodes answer, in what order.
fn choices() -> impl Strategy<Value = (usize, u16, Vec<usize>, u64)> {
    (2usize..=5)
        .prop_flat_map(|n| {
            (
                Just(n),
                2..=n as u16,
                Just((0..n).collect::<Vec<_>>()).prop_shuffle(),
                0u64..1000,
            )
        })
        .prop_map(|(n, t, order, seed)| (n, t, order, seed))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any t′ nodes give what the one key would; t′ − 1 do not, whatever weights they use.
    #[test]
    fn any_t_give_what_the_one_key_would((n, t, order, seed) in choices()) {
        let group = generated(n, t, seed);
        let (blinds, batch) = batch(seed);
        let chosen = &order[..usize::from(t)];
        let key = key_of(&group, chosen);
        prop_assert_eq!(element(key * RISTRETTO_BASEPOINT_POINT), group.public.public());
        let evaluations = group.evaluate(chosen, &batch, seed);
        let (combined, wrong) = combine(&group.public, &batch, &evaluations).unwrap();
        prop_assert_eq!(&combined, &times(&key, &batch));
        prop_assert!(wrong.is_empty());
        // Unblinded it is the same under another blind.
        let (again, _) = blind(b"one", &mut rng(seed + 5)).unwrap();
        let other = element(key * point(&blind(b"one", &mut rng(seed + 5)).unwrap().1));
        prop_assert_eq!(again.unblind(&other).tag(1), blinds[0].unblind(&combined[0]).tag(1));

        let few = &order[..usize::from(t) - 1];
        let error = combine(&group.public, &batch, &group.evaluate(few, &batch, seed)).unwrap_err();
        prop_assert_eq!((error.good, error.need, error.wrong.len()), (few.len(), usize::from(t), 0));
        prop_assert_ne!(key_of(&group, few), key);
    }

    /// New shares are of the same key, and of no use beside old ones.
    #[test]
    fn a_refresh_keeps_the_key_and_ends_old_shares((n, t, order, seed) in choices()) {
        let before = generated(n, t, seed);
        let (_, batch) = batch(seed);
        let chosen = &order[..usize::from(t)];
        let key = key_of(&before, chosen);
        let old = before.evaluate(chosen, &batch, seed);
        let old_public = before.public.clone();
        let (after, old_shares) = before.refreshed(seed + 2);
        prop_assert_eq!(after.public.public(), old_public.public());
        prop_assert_eq!(key_of(&after, chosen), key);
        for (old, new) in old_shares.iter().zip(&after.shares) {
            prop_assert_ne!(old.to_bytes(), new.to_bytes());
            prop_assert!(old.is_of(&old_public) && !old.is_of(&after.public));
            prop_assert!(new.is_of(&after.public) && !new.is_of(&old_public));
        }
        // t − 1 new ones and an old one are not enough, and the old one is named.
        let mut mixed = after.evaluate(&chosen[1..], &batch, seed);
        mixed.push(old[0].clone());
        let error = combine(&after.public, &batch, &mixed).unwrap_err();
        prop_assert_eq!((error.good, error.wrong), (usize::from(t) - 1, vec![old[0].0]));
        // Without the check they would give something else.
        let mut shares = after.shares;
        shares[chosen[0]] = KeyShare::from_bytes(old_shares[chosen[0]].index(), &old_shares[chosen[0]].to_bytes()).unwrap();
        let mixed = key_nodes::Group { keys: after.keys, shares, public: after.public };
        prop_assert_ne!(key_of(&mixed, chosen), key);
    }

    #[test]
    fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (_, session) = nodes(2, 2, 1);
        prop_assert!(Message::read(&session, index(1), &bytes).is_err());
        prop_assert!(Dealing::parse(&session, &bytes).is_none());
        if let Some(evaluation) = Evaluation::read(&bytes) {
            prop_assert_eq!(evaluation.to_bytes(), bytes.clone());
        }
        if let Ok(batch) = Batch::read(&bytes) {
            prop_assert_eq!(batch.elements().len() * 32, bytes.len());
        }
    }
}

#[test]
fn a_wrong_evaluation_is_named_and_the_others_go_on() {
    let group = generated(4, 3, 1);
    let (_, batch) = batch(1);
    let right = group.evaluate(&[0, 1, 2, 3], &batch, 2);
    let (expected, _) = combine(&group.public, &batch, &right).unwrap();
    let bytes = right[1].1.to_bytes();
    let other_batch = Batch::new(batch.elements().iter().rev().copied().collect()).unwrap();
    let swapped = [&bytes[32..64], &bytes[..32], &bytes[64..]].concat();
    let altered = |at: usize| {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        Evaluation::read(&altered)
    };
    let mut wrong: Vec<Evaluation> = [64, 95, 96, 127].into_iter().filter_map(altered).collect();
    assert_eq!(wrong.len(), 4, "challenge and response");
    wrong.push(Evaluation::read(&swapped).unwrap());
    wrong.push(group.shares[1].evaluate(&other_batch, &mut rng(3)));
    // Another's share, rightly proven.
    wrong.push(right[2].1.clone());
    // One element less, and one more.
    wrong.push(Evaluation::read(&bytes[32..]).unwrap());
    wrong.push(Evaluation::read(&[&bytes[..32], &bytes].concat()).unwrap());
    for wrong in wrong {
        assert!(!wrong.is_by(&group.public, index(2), &batch));
        let mut all = right.clone();
        all[1].1 = wrong.clone();
        assert_eq!(
            combine(&group.public, &batch, &all),
            Ok((expected.clone(), vec![index(2)]))
        );
        let error = combine(&group.public, &batch, &all[..3]).unwrap_err();
        assert_eq!(
            (error.good, error.need, error.wrong.as_slice()),
            (2, 3, &[index(2)][..])
        );
        assert_eq!(
            error.to_string(),
            "2 good evaluations of 3 needed; wrong ones by nodes: 2"
        );
        // Beside a good one under the same number a bad one says nothing of the node.
        let beside = [&[(index(2), wrong)], right.as_slice()].concat();
        assert_eq!(
            combine(&group.public, &batch, &beside),
            Ok((expected.clone(), Vec::new()))
        );
    }
}

#[test]
fn one_node_counts_once() {
    let group = generated(3, 2, 4);
    let (_, batch) = batch(4);
    let one = group.evaluate(&[0], &batch, 5);
    let twice = [one.clone(), one].concat();
    assert_eq!(combine(&group.public, &batch, &twice).unwrap_err().good, 1);
}

#[test]
fn a_batch_is_of_distinct_elements() {
    let one = element(RISTRETTO_BASEPOINT_POINT);
    let two = element(RISTRETTO_BASEPOINT_POINT + RISTRETTO_BASEPOINT_POINT);
    assert!(Batch::new(vec![one, two]).is_ok());
    assert_eq!(Batch::new(vec![one, two, one]), Err(BatchError::Repeated));
    assert_eq!(Batch::new(Vec::new()), Err(BatchError::Count));
    let read = |bytes: &[u8]| Batch::read(bytes).map(|batch| batch.elements().to_vec());
    assert_eq!(read(&[one.to_bytes(), two.to_bytes()].concat()), Ok(vec![one, two]));
    let identity = [0; 32];
    let mut not_canonical = [0xff; 32];
    not_canonical[31] = 0x7f;
    for bad in [&identity[..], &not_canonical, &[1; 31], &[0xff; 32]] {
        assert_eq!(read(&[&one.to_bytes(), bad].concat()), Err(BatchError::Encoding));
    }
    let mut sum = RISTRETTO_BASEPOINT_POINT;
    let many: Vec<Element> = std::iter::repeat_with(|| {
        sum += RISTRETTO_BASEPOINT_POINT;
        element(sum)
    })
    .take(65_536)
    .collect();
    assert_eq!(Batch::new(many.clone()), Err(BatchError::Count));
    assert!(Batch::new(many[1..].to_vec()).is_ok());
}

#[test]
fn an_input_has_a_length() {
    assert!(blind(&[], &mut rng(1)).is_err());
    assert!(blind(&vec![1; oprf::INPUT_MAX], &mut rng(1)).is_ok());
    assert!(blind(&vec![1; oprf::INPUT_MAX + 1], &mut rng(1)).is_err());
}

#[test]
fn sizes_of_a_session() {
    let keys: Vec<NodeKey> = (0..=NODES_MAX as u64)
        .map(|seed| NodeKey::random(&mut rng(seed)))
        .collect();
    let of = |n: usize, t| Session::generate(t, publics(&keys[..n]), &[0; 32]).map(|session| session.threshold());
    assert_eq!(of(2, 2), Ok(2));
    assert_eq!(of(NODES_MAX, NODES_MAX as u16), Ok(NODES_MAX as u16));
    for (n, t) in [(1, 1), (2, 1), (2, 0), (2, 3), (0, 0), (NODES_MAX + 1, 2)] {
        assert_eq!(of(n, t), Err(SessionError::Size), "{t} of {n}");
    }
    let twice = vec![keys[0].public(), keys[1].public(), keys[0].public()];
    assert_eq!(Session::generate(2, twice, &[0; 32]), Err(SessionError::SameKey));
}

/// Everything that a session is bound to changes its context, and what was dealt in one is nothing in another.
#[test]
fn what_is_dealt_belongs_to_one_session() {
    let (keys, session) = nodes(3, 2, 11);
    let message = &dealt(&keys, &session, 12)[0];
    let publics = publics(&keys);
    let reordered = vec![publics[0], publics[2], publics[1]];
    for other in [
        Session::generate(2, publics.clone(), &[8; 32]).unwrap(),
        Session::generate(2, reordered, &[7; 32]).unwrap(),
        Session::generate(2, publics[..2].to_vec(), &[7; 32]).unwrap(),
    ] {
        assert_ne!(other.context(), session.context());
        let read = Message::read(&other, index(1), message.bytes());
        assert_eq!(read.unwrap_err().kind, FaultKind::Signed);
    }
    // The threshold is in the form of what is dealt, and in the transcript.
    let other = Session::generate(3, publics, &[7; 32]).unwrap();
    assert_eq!(
        Message::read(&other, index(1), message.bytes()).unwrap_err().kind,
        FaultKind::Form
    );
}

/// The dealing of node 1 with something changed, signed by it all the same.
fn resigned(session: &Session, key: &NodeKey, bytes: &[u8]) -> Message {
    Message::signed(session, key, index(1), Dealing::parse(session, bytes).unwrap())
}

#[test]
fn each_fault_of_a_dealer_is_named_alone() {
    let (keys, session) = nodes(3, 2, 21);
    let messages = dealt(&keys, &session, 22);
    let bytes = messages[0].bytes().to_vec();
    let dealing = messages[0].dealing().to_bytes();
    let read = |bytes: &[u8]| Message::read(&session, index(1), bytes).unwrap_err();
    let fault = |kind| Fault { node: index(1), kind };

    // Any altered bit on the way.
    for at in (0..bytes.len()).step_by(7) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert_eq!(read(&altered), fault(FaultKind::Signed), "byte {at}");
    }
    // The same signature with the order of the group added to z: a second writing of it.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (mut second, mut carry) = (bytes.clone(), 0);
    let end = second.len();
    for (byte, add) in second[end - 32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(read(&second), fault(FaultKind::Signed));
    // Another node's, under this number.
    assert_eq!(read(messages[1].bytes()), fault(FaultKind::Signed));
    assert_eq!(read(&[]), fault(FaultKind::Signed));

    // Another's proof of possession; a part of the key that it does not know.
    let other = messages[1].dealing().to_bytes();
    let foreign_proof = [&dealing[..64], &other[64..128], &dealing[128..]].concat();
    let foreign_part = [&other[..32], &dealing[32..]].concat();
    for bytes in [foreign_proof, foreign_part] {
        let message = resigned(&session, &keys[0], &bytes);
        assert_eq!(read(message.bytes()), fault(FaultKind::Possession));
    }

    // The shares of nodes 2 and 3 in each other's place: each of the two names node 1, node 1 sees nothing.
    let at = 64 + 64 + 32 + 56;
    let swapped = [&dealing[..at], &dealing[at + 56..], &dealing[at..at + 56]].concat();
    let mut wrong = messages.clone();
    wrong[0] = resigned(&session, &keys[0], &swapped);
    assert!(Pending::generated(&session, &keys[0], &wrong).is_ok());
    for key in &keys[1..] {
        let error = Pending::generated(&session, key, &wrong).unwrap_err();
        assert_eq!(error, CeremonyError::Faults(vec![fault(FaultKind::Dealt)]));
        assert_eq!(
            error.to_string(),
            "node 1: the share that it dealt does not fit what it committed to"
        );
    }
}

/// Form: a commitment more or less (a higher threshold would be smuggled in), the identity, a share of another length.
#[test]
fn forms_of_a_dealing() {
    let (keys, session) = nodes(3, 2, 31);
    let dealing = dealt(&keys, &session, 32)[0].dealing().to_bytes();
    assert_eq!(dealing.len(), 2 * 32 + 64 + 32 + 3 * 56);
    let longer = [&dealing[..32], &dealing].concat();
    let identity = [&[0; 32], &dealing[32..]].concat();
    let ephemeral = [&dealing[..128], &[0; 32], &dealing[160..]].concat();
    let mut frame = dealing.clone();
    frame[167] = 0x31;
    let trailing = [dealing.as_slice(), &[0]].concat();
    for (why, bytes) in [
        ("a commitment more", &longer[..]),
        ("a commitment less", &dealing[32..]),
        ("the identity", &identity),
        ("the identity as ephemeral key", &ephemeral),
        ("another length of a share", &frame),
        ("a byte more", &trailing),
        ("a share less", &dealing[..dealing.len() - 56]),
    ] {
        assert!(Dealing::parse(&session, bytes).is_none(), "{why}");
    }
    assert!(Dealing::parse(&session, &dealing).is_some());
}

/// A refresh has no proof of possession: that the constant is zero is in the form, and a share that is not of the
/// commitments is the dealer's fault although it opens.
#[test]
fn a_refresh_with_a_share_that_does_not_fit_names_the_dealer() {
    let before = generated(3, 2, 41);
    let session = Session::refresh(&before.public, publics(&before.keys), &[9; 32]).unwrap();
    let messages = dealt(&before.keys, &session, 42);
    let (one, other) = (
        messages[0].dealing().to_bytes(),
        dealt(&before.keys, &session, 43)[0].dealing().to_bytes(),
    );
    assert_eq!(one.len(), 32 + 32 + 3 * 56);
    let mut wrong = messages.clone();
    wrong[0] = resigned(&session, &before.keys[0], &[&other[..32], &one[32..]].concat());
    for (key, share) in before.keys.iter().zip(&before.shares) {
        let error = Pending::refreshed(&session, key, &wrong, share, &before.public).unwrap_err();
        let fault = Fault {
            node: index(1),
            kind: FaultKind::Dealt,
        };
        assert_eq!(error, CeremonyError::Faults(vec![fault]));
    }
    // Node 2 shows it, and everybody sees who is to blame.
    let complaint = Complaint::about(&session, &before.keys[1], &wrong[0], &mut rng(44)).unwrap();
    assert_eq!(complaint.judge(&session, &wrong[0]), Verdict::Dealer);
}

#[test]
fn a_refresh_is_of_the_key_that_stands() {
    let (one, other) = (generated(3, 2, 51), generated(3, 2, 52));
    let session = Session::refresh(&one.public, publics(&one.keys), &[9; 32]).unwrap();
    let messages = dealt(&one.keys, &session, 53);
    let refreshed =
        |share, group: &GroupKey| Pending::refreshed(&session, &one.keys[0], &messages, share, group).map(drop);
    assert_eq!(refreshed(&one.shares[0], &one.public), Ok(()));
    assert_eq!(refreshed(&other.shares[0], &one.public), Err(CeremonyError::OtherKey));
    assert_eq!(refreshed(&one.shares[1], &one.public), Err(CeremonyError::OtherKey));
    // A session that makes a key refreshes none, and the other way round.
    assert_eq!(
        Pending::generated(&session, &one.keys[0], &messages).map(drop),
        Err(CeremonyError::Degenerate)
    );
    let (keys, session) = nodes(3, 2, 51);
    let messages = dealt(&keys, &session, 54);
    let error = Pending::refreshed(&session, &keys[0], &messages, &one.shares[0], &one.public).map(drop);
    assert_eq!(error, Err(CeremonyError::OtherKey));
}

#[test]
fn every_message_once_and_in_order() {
    let (keys, session) = nodes(3, 2, 61);
    let messages = dealt(&keys, &session, 62);
    let take = |messages: &[Message]| Pending::generated(&session, &keys[0], messages).map(drop);
    assert_eq!(take(&messages), Ok(()));
    let [one, two, three] = messages.as_slice() else {
        unreachable!()
    };
    for wrong in [
        vec![],
        vec![one, two],
        vec![one, two, two],
        vec![two, one, three],
        vec![one, two, three, three],
    ] {
        let wrong: Vec<Message> = wrong.into_iter().cloned().collect();
        assert_eq!(take(&wrong), Err(CeremonyError::Missing));
        assert_eq!(is_certified(&session, &wrong, &[]), Err(CeremonyError::Missing));
    }
    // Read in another session of the same nodes.
    let elsewhere = Session::generate(2, publics(&keys), &[8; 32]).unwrap();
    let mut mixed = messages.clone();
    mixed[1] = dealt(&keys, &elsewhere, 64)[1].clone();
    assert_eq!(take(&mixed), Err(CeremonyError::Missing));
    let stranger = NodeKey::random(&mut rng(63));
    assert_eq!(
        Pending::generated(&session, &stranger, &messages).map(drop),
        Err(CeremonyError::NotANode)
    );
    assert!(Message::deal(&session, &stranger, &mut rng(63)).is_none());
}

/// Node 1 deals twice and shows node 3 the other. Both shares are right; only the certificate tells, and the two messages
/// name node 1 to everybody.
#[test]
fn who_deals_twice_is_named() {
    let (keys, session) = nodes(3, 2, 71);
    let messages = dealt(&keys, &session, 72);
    let mut other = messages.clone();
    let second = Message::deal(&session, &keys[0], &mut rng(73)).unwrap();
    other[0] = Message::read(&session, index(1), second.bytes()).unwrap();
    let pending: Vec<Pending> = [&messages, &messages, &other]
        .iter()
        .zip(&keys)
        .map(|(seen, key)| Pending::generated(&session, key, seen).unwrap())
        .collect();
    let signatures: Vec<Signature> = pending.iter().zip(&keys).map(|(one, key)| one.certify(key)).collect();
    let certificate = |node| Fault {
        node: index(node),
        kind: FaultKind::Certificate,
    };
    let sees: Vec<CeremonyError> = pending
        .into_iter()
        .map(|one| one.confirm(&signatures).map(drop).unwrap_err())
        .collect();
    assert_eq!(sees[0], CeremonyError::Faults(vec![certificate(3)]));
    assert_eq!(sees[2], CeremonyError::Faults(vec![certificate(1), certificate(2)]));

    let (one, two) = (messages[0].bytes(), second.bytes());
    assert!(equivocates(&session, index(1), one, two));
    assert!(!equivocates(&session, index(1), one, one));
    assert!(
        !equivocates(&session, index(1), one, messages[1].bytes()),
        "not signed by it"
    );
    assert!(!equivocates(&session, index(2), one, two), "not signed by it");
    let elsewhere = Session::generate(2, publics(&keys), &[8; 32]).unwrap();
    let elsewhere = Message::deal(&elsewhere, &keys[0], &mut rng(74)).unwrap();
    assert!(
        !equivocates(&session, index(1), one, elsewhere.bytes()),
        "another session"
    );
}

/// A share that only its recipient can read is certified too: who swaps it under way is found.
#[test]
fn sealed_shares_are_certified() {
    let (keys, session) = nodes(3, 2, 81);
    let messages = dealt(&keys, &session, 82);
    let pending: Vec<Pending> = keys
        .iter()
        .map(|key| Pending::generated(&session, key, &messages).unwrap())
        .collect();
    let signatures: Vec<Signature> = pending.iter().zip(&keys).map(|(one, key)| one.certify(key)).collect();
    assert_eq!(is_certified(&session, &messages, &signatures), Ok(()));
    let dealing = messages[0].dealing().to_bytes();
    let mut altered = dealing.clone();
    *altered.last_mut().unwrap() ^= 1;
    let mut other = messages.clone();
    other[0] = resigned(&session, &keys[0], &altered);
    let all: Vec<Fault> = (1..=3)
        .map(|node| Fault {
            node: index(node),
            kind: FaultKind::Certificate,
        })
        .collect();
    assert_eq!(
        is_certified(&session, &other, &signatures),
        Err(CeremonyError::Faults(all))
    );
    let mut swapped = signatures.clone();
    swapped.swap(0, 1);
    let two: Vec<Fault> = (1..=2)
        .map(|node| Fault {
            node: index(node),
            kind: FaultKind::Certificate,
        })
        .collect();
    assert_eq!(
        is_certified(&session, &messages, &swapped),
        Err(CeremonyError::Faults(two))
    );
    assert_eq!(
        is_certified(&session, &messages, &signatures[..2]),
        Err(CeremonyError::Missing)
    );
}

#[test]
fn a_complaint_blames_the_dealer_or_whoever_complains() {
    let (keys, session) = nodes(3, 2, 91);
    let messages = dealt(&keys, &session, 92);
    let dealing = messages[0].dealing().to_bytes();
    // Node 2's share is altered by the dealer.
    let mut altered = dealing.clone();
    altered[64 + 64 + 32 + 56 + 20] ^= 1;
    let wrong = resigned(&session, &keys[0], &altered);
    let about = |key: &NodeKey, message| Complaint::about(&session, key, message, &mut rng(93));
    assert!(about(&keys[2], &wrong).is_none(), "node 3's share is right");
    assert!(about(&keys[1], &messages[0]).is_none(), "the share is right");
    assert!(about(&keys[0], &wrong).is_none(), "it dealt itself");
    let complaint = about(&keys[1], &wrong).unwrap();
    assert_eq!(Complaint::read(&complaint.to_bytes()), Some(complaint.clone()));
    assert_eq!(
        (complaint.by(), complaint.judge(&session, &wrong)),
        (index(2), Verdict::Dealer)
    );
    // The same about the right message, another's, or with a byte changed blames node 2.
    assert_eq!(complaint.judge(&session, &messages[0]), Verdict::Complainer);
    assert_eq!(complaint.judge(&session, &messages[2]), Verdict::Complainer);
    // True products, rightly proven, of another's message: they open nothing of the accused's.
    let node = KeyShare::from_bytes(index(2), &keys[1].to_bytes()).unwrap();
    let ephemeral = array(&base16ct::lower::encode_string(
        &messages[2].dealing().to_bytes()[128..160],
    ));
    let bases = vec![Element::from_bytes(&ephemeral).unwrap(), keys[0].public()];
    let proven = node.evaluate(&Batch::new(bases).unwrap(), &mut rng(94)).to_bytes();
    let forged = [&[0, 2, 0, 1], proven.as_slice()].concat();
    let forged = Complaint::read(&forged.try_into().unwrap()).unwrap();
    for message in &messages {
        assert_eq!(forged.judge(&session, message), Verdict::Complainer);
    }
    let bytes = complaint.to_bytes();
    for at in 0..bytes.len() {
        let mut bytes = bytes;
        bytes[at] ^= 1;
        let read = Complaint::read(&bytes);
        assert!(
            read.is_none_or(|read| read.judge(&session, &wrong) == Verdict::Complainer),
            "byte {at}"
        );
    }
}

#[test]
fn nothing_secret_is_shown() {
    let group = generated(2, 2, 101);
    let (blinds, _) = batch(101);
    let unblinded = blinds[0].unblind(&group.public.public());
    let shown = [
        format!("{:?}", group.keys[0]),
        format!("{:?}", group.shares[0]),
        format!("{:?}", blinds[0]),
        format!("{unblinded:?}"),
        format!("{:?}", unblinded.tag(1)),
    ];
    assert_eq!(
        shown,
        ["NodeKey(…)", "KeyShare(1, …)", "Blind(…)", "Unblinded(…)", "Tag(…)"]
    );
}

#[test]
fn secrets_are_canonical_and_not_zero() {
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for bad in [[0; 32], order.try_into().unwrap(), [0xff; 32]] {
        assert!(NodeKey::from_bytes(&bad).is_none());
        assert!(KeyShare::from_bytes(index(1), &bad).is_none());
        assert!(Blind::from_bytes(&bad).is_none());
    }
    let key = NodeKey::random(&mut rng(1));
    assert_eq!(NodeKey::from_bytes(&key.to_bytes()).unwrap().public(), key.public());
    assert_eq!((Index::new(0), Index::new(NODES_MAX as u16 + 1)), (None, None));
}

/// Two women write one number in two ways, another one names another number, and a plate of the same letters is no number.
#[test]
fn two_spellings_of_one_number_have_one_tag() {
    use identifiers::{Identifier, Kind};
    let group = generated(3, 2, 111);
    let mut seed = 112;
    let mut tag = |kind, of, text| {
        seed += 1;
        let read = Identifier::read(kind, of, text).unwrap();
        let (own, blinded) = blind(&read.oprf_input(), &mut rng(seed)).unwrap();
        let batch = Batch::new(vec![blinded]).unwrap();
        let places = [[0, 1], [1, 2], [2, 0]][seed as usize % 3];
        let (combined, _) = combine(&group.public, &batch, &group.evaluate(&places, &batch, seed)).unwrap();
        own.unblind(&combined[0]).tag(kind as u8)
    };
    let one = tag(Kind::Phone, None, "044 961 555 01 01");
    assert_eq!(tag(Kind::Phone, None, "+52 1 961 555 0101"), one);
    assert_eq!(tag(Kind::Phone, None, "wa.me/529615550101"), one);
    assert_ne!(tag(Kind::Phone, None, "961 555 0102"), one);
    let name = tag(Kind::Handle, Some("x"), "juanperez");
    assert_ne!(tag(Kind::Handle, Some("telegram"), "juanperez"), name);
    // One element under two kinds has two tags.
    let (own, blinded) = blind(b"x", &mut rng(1)).unwrap();
    assert_ne!(own.unblind(&blinded).tag(1), own.unblind(&blinded).tag(2));
}

#[test]
fn confirmed_groups_agree() {
    let (keys, session) = nodes(3, 3, 121);
    let messages = dealt(&keys, &session, 122);
    let pending = keys
        .iter()
        .map(|key| Pending::generated(&session, key, &messages).unwrap());
    let confirmed = confirmed(&keys, pending.collect()).unwrap();
    let group = group(keys, confirmed);
    assert_eq!(GroupKey::generated(&session, &messages), Some(group.public));
}

#[test]
fn oprf_json() {
    kept::keep("oprf.json", &oprf_vectors::vectors());
}
