//! docs/vectors/oprf.json: a key, its refresh, an evaluation, and what is wrong, from which a second implementation is
//! written.

use crate::key_nodes::{Group, dealt, generated, group, index, publics, rng};
use oprf::{
    Batch, Complaint, Confirmed, Dealing, Element, Evaluation, GroupKey, Message, NodeKey, Pending, Session, Signature,
    Verdict, blind, combine,
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: [&'static str; 7],
    node_secrets: Vec<String>,
    node_keys: Vec<String>,
    generate: Ceremony,
    refresh: Ceremony,
    evaluation: Evaluated,
    wrong_dealings: Vec<WrongDealing>,
    complaints: Vec<Complained>,
    wrong_evaluations: Vec<WrongEvaluation>,
    not_batches: Vec<NoBatch>,
}

#[derive(Serialize)]
struct Ceremony {
    threshold: u16,
    nonce: String,
    context: String,
    messages: Vec<String>,
    signatures: Vec<String>,
    shares: Vec<String>,
    commitments: Vec<String>,
    public_of: Vec<String>,
}

#[derive(Serialize)]
struct Evaluated {
    kind: u8,
    normal: [&'static str; 2],
    blinds: Vec<String>,
    batch: String,
    nodes: Vec<OneEvaluated>,
    combined: Vec<String>,
    unblinded: Vec<String>,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct OneEvaluated {
    node: u16,
    evaluation: String,
}

#[derive(Serialize)]
struct WrongDealing {
    why: &'static str,
    /// Found by this node; by everybody without it.
    found_by: Option<u16>,
    message: String,
    fault: &'static str,
}

#[derive(Serialize)]
struct Complained {
    why: &'static str,
    message: String,
    complaint: String,
    blames: &'static str,
}

#[derive(Serialize)]
struct WrongEvaluation {
    why: &'static str,
    node: u16,
    evaluation: String,
}

#[derive(Serialize)]
struct NoBatch {
    why: &'static str,
    batch: String,
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

fn elements<'a>(elements: impl IntoIterator<Item = &'a Element>) -> Vec<String> {
    elements.into_iter().map(|element| hex(element.to_bytes())).collect()
}

/// A session, held by all: what is written of it, and what each node keeps.
fn held(
    keys: &[NodeKey],
    session: &Session,
    nonce: [u8; 32],
    messages: &[Message],
    pending: Vec<Pending>,
) -> (Ceremony, Vec<Confirmed>) {
    let signatures: Vec<Signature> = pending.iter().zip(keys).map(|(one, key)| one.certify(key)).collect();
    let confirmed: Vec<Confirmed> = pending
        .into_iter()
        .map(|one| one.confirm(&signatures).unwrap())
        .collect();
    let public: &GroupKey = &confirmed[0].group;
    let written = Ceremony {
        threshold: session.threshold(),
        nonce: hex(nonce),
        context: hex(session.context()),
        messages: messages.iter().map(|message| hex(message.bytes())).collect(),
        signatures: signatures.iter().map(hex).collect(),
        shares: confirmed
            .iter()
            .map(|one| hex(one.share.to_bytes().as_slice()))
            .collect(),
        commitments: elements(public.commitments()),
        public_of: session
            .indexes()
            .map(|x| hex(public.public_of(x).unwrap().to_bytes()))
            .collect(),
    };
    (written, confirmed)
}

fn evaluated(group: &Group) -> (Evaluated, Batch) {
    let normal = ["+529615550101", "+529615550102"];
    let mut random = rng(5);
    let inputs = normal.map(|normal| [b"\x01", normal.as_bytes()].concat());
    let blinded = inputs.map(|input| blind(&input, &mut random).unwrap());
    let batch = Batch::new(blinded.iter().map(|(_, element)| *element).collect()).unwrap();
    let evaluations = group.evaluate(&[0, 1, 2], &batch, 6);
    let (combined, wrong) = combine(&group.public, &batch, &evaluations).unwrap();
    assert!(wrong.is_empty());
    let unblinded: Vec<_> = blinded
        .iter()
        .zip(&combined)
        .map(|((own, _), element)| own.unblind(element))
        .collect();
    let written = Evaluated {
        kind: 1,
        normal,
        blinds: blinded.iter().map(|(own, _)| hex(own.to_bytes().as_slice())).collect(),
        batch: elements(batch.elements()).concat(),
        nodes: evaluations
            .iter()
            .map(|(x, evaluation)| OneEvaluated {
                node: x.get(),
                evaluation: hex(evaluation.to_bytes()),
            })
            .collect(),
        combined: elements(&combined),
        unblinded: unblinded.iter().map(|one| hex(one.as_bytes())).collect(),
        tags: unblinded.iter().map(|one| hex(one.tag(1).as_bytes())).collect(),
    };
    (written, batch)
}

/// Dealings of node 1 in the session that makes the key.
fn wrong_dealings(keys: &[NodeKey], session: &Session, messages: &[Message]) -> (Vec<WrongDealing>, Vec<Complained>) {
    let (one, other) = (messages[0].dealing().to_bytes(), messages[1].dealing().to_bytes());
    let signed = |bytes: &[u8]| Message::signed(session, &keys[0], index(1), Dealing::parse(session, bytes).unwrap());
    let mut altered = messages[0].bytes().to_vec();
    altered[300] ^= 1;
    let foreign_part = signed(&[&other[..32], &one[32..]].concat());
    let foreign_proof = signed(&[&one[..64], &other[64..128], &one[128..]].concat());
    let mut sealed = one.clone();
    sealed[240] ^= 1;
    let sealed = signed(&sealed);
    let mut wrong = Vec::new();
    for (why, bytes) in [
        ("a byte altered on the way", altered),
        ("node 2's dealing", messages[1].bytes().to_vec()),
        (
            "commits to a part of the key that it does not know",
            foreign_part.bytes().to_vec(),
        ),
        ("another's proof of possession", foreign_proof.bytes().to_vec()),
    ] {
        let fault = Message::read(session, index(1), &bytes).unwrap_err();
        wrong.push(WrongDealing {
            why,
            found_by: None,
            message: hex(bytes),
            fault: fault.kind.code(),
        });
    }
    assert!(sealed.dealing().open(session, &keys[1], index(1)).is_none());
    wrong.push(WrongDealing {
        why: "node 2's share does not open",
        found_by: Some(2),
        message: hex(sealed.bytes()),
        fault: oprf::FaultKind::Dealt.code(),
    });

    let complaint = Complaint::about(session, &keys[1], &sealed, &mut rng(7)).unwrap();
    let blames = |message: &Message| match complaint.judge(session, message) {
        Verdict::Dealer => "dealer",
        Verdict::Complainer => "complainer",
    };
    let complained = [
        ("the share does not open", &sealed),
        ("the share opens and fits", &messages[0]),
    ];
    let complained = complained.map(|(why, message)| Complained {
        why,
        message: hex(message.bytes()),
        complaint: hex(complaint.to_bytes()),
        blames: blames(message),
    });
    (wrong, complained.into())
}

fn wrong_evaluations(before: &Group, group: &Group, batch: &Batch) -> Vec<WrongEvaluation> {
    let right = group.shares[0].evaluate(batch, &mut rng(8)).to_bytes();
    let mut altered = right.clone();
    altered[70] ^= 1;
    let swapped = [&right[32..64], &right[..32], &right[64..]].concat();
    let old = before.shares[0].evaluate(batch, &mut rng(9)).to_bytes();
    let others = group.shares[1].evaluate(batch, &mut rng(10)).to_bytes();
    [
        ("the proof altered", altered),
        ("the elements in another order", swapped),
        ("by the share before the refresh", old),
        ("by another node's share", others),
    ]
    .into_iter()
    .map(|(why, evaluation)| {
        let read = Evaluation::read(&evaluation).unwrap();
        assert!(!read.is_by(&group.public, index(1), batch), "{why}");
        WrongEvaluation {
            why,
            node: 1,
            evaluation: hex(evaluation),
        }
    })
    .collect()
}

fn not_batches(batch: &Batch) -> Vec<NoBatch> {
    let bytes: Vec<u8> = batch.elements().iter().flat_map(|element| element.to_bytes()).collect();
    let no_batch = |why, batch: Vec<u8>| {
        assert!(Batch::read(&batch).is_err(), "{why}");
        NoBatch { why, batch: hex(batch) }
    };
    vec![
        no_batch("nothing", Vec::new()),
        no_batch("one element twice", [&bytes[..32], &bytes[..32]].concat()),
        no_batch("the identity", [&bytes[..32], &[0; 32]].concat()),
        no_batch("no element", [&bytes[..32], &[0xff; 32]].concat()),
        no_batch("part of an element", bytes[..63].to_vec()),
    ]
}

pub fn vectors() -> Vectors {
    let keys = generated(3, 2, 1).keys;
    let session = Session::generate(2, publics(&keys), &[0x11; 32]).unwrap();
    let messages = dealt(&keys, &session, 2);
    let (wrong_dealings, complaints) = wrong_dealings(&keys, &session, &messages);
    let pending = keys
        .iter()
        .map(|key| Pending::generated(&session, key, &messages).unwrap());
    let (generate, kept) = held(&keys, &session, [0x11; 32], &messages, pending.collect());
    let before = group(keys, kept);

    let session = Session::refresh(&before.public, publics(&before.keys), &[0x22; 32]).unwrap();
    let messages = dealt(&before.keys, &session, 3);
    let pending = before.keys.iter().zip(&before.shares);
    let pending =
        pending.map(|(key, share)| Pending::refreshed(&session, key, &messages, share, &before.public).unwrap());
    let (refresh, kept) = held(&before.keys, &session, [0x22; 32], &messages, pending.collect());
    let again = before
        .keys
        .iter()
        .map(|key| NodeKey::from_bytes(&key.to_bytes()).unwrap());
    let after = group(again.collect(), kept);

    let (evaluation, batch) = evaluated(&after);
    Vectors {
        about: [
            "The threshold OPRF of section 12: three nodes, threshold 2. Node x is the x-th of `node_keys`; its secret for",
            "ceremonies is the x-th of `node_secrets`. `generate` makes a key, `refresh` changes its shares. `shares`,",
            "`commitments` and `public_of` are what stands after each. `evaluation` is by the shares after the refresh; of its",
            "nodes any two give `combined`. Polynomials, ephemeral keys and the scalars of proofs are random: an implementation",
            "reads and checks the messages, it does not make the same. `wrong_dealings` are node 1's in `generate`, each with one",
            "thing wrong; where `found_by` is null everybody finds it. `complaints` are node 2's about a message of node 1.",
            "`wrong_evaluations` of `evaluation.batch` verify for nobody.",
        ],
        node_secrets: after.keys.iter().map(|key| hex(key.to_bytes().as_slice())).collect(),
        node_keys: elements(&publics(&after.keys)),
        generate,
        refresh,
        wrong_evaluations: wrong_evaluations(&before, &after, &batch),
        not_batches: not_batches(&batch),
        evaluation,
        wrong_dealings,
        complaints,
    }
}
