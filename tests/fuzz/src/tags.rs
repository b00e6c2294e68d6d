//! What key nodes send each other and the matcher (§12).

use crate::Pool;
use oprf::{Batch, COMPLAINT_LEN, Complaint, Dealing, Element, Evaluation, GroupKey, NodeKey, Session, Signature};

/// Length of a signature in bytes, behind what a node deals.
const SIGNATURE_LEN: usize = size_of::<Signature>();

/// Three nodes of which two suffice, as in the vectors; the form of what they send hangs on nothing else.
fn nodes() -> Vec<Element> {
    let key = |number: u8| {
        let mut bytes = [0; 32];
        bytes[0] = number;
        NodeKey::from_bytes(&bytes).expect("a scalar that is not zero").public()
    };
    (1..=3).map(key).collect()
}

/// What a node deals, of a new key or of a refresh, without its signature. Written back it is the same bytes, and it is of
/// one kind only.
pub fn dealing(data: &[u8]) -> bool {
    let keys = nodes();
    let group = GroupKey::from_commitments(keys[..2].to_vec()).expect("two commitments");
    let generate = Session::generate(2, keys.clone(), &[0; 32]).expect("a session");
    let refresh = Session::refresh(&group, keys, &[0; 32]).expect("a session");
    let read: Vec<Dealing> = [&generate, &refresh]
        .iter()
        .filter_map(|session| Dealing::parse(session, data))
        .collect();
    assert!(read.len() <= 1);
    read.iter().for_each(|dealing| assert_eq!(dealing.to_bytes(), data));
    if read.len() == 1 {
        // Made for other keys, so whose part it is cannot be shown; the check ends.
        assert!(!read[0].is_possessed(&generate));
    }
    read.len() == 1
}

/// Messages without their signatures.
pub fn dealings(pool: &Pool) -> Vec<Vec<u8>> {
    pool.derived(|item| {
        item.split_last_chunk::<SIGNATURE_LEN>()
            .map(|(dealing, _)| dealing.to_vec())
    })
}

/// Batches, evaluations and complaints. Written back they are the same bytes, and a complaint blames nobody without proof.
pub fn evaluations(data: &[u8]) -> bool {
    let batch = Batch::read(data).ok();
    if let Some(batch) = &batch {
        let bytes: Vec<u8> = batch.elements().iter().flat_map(|element| element.to_bytes()).collect();
        assert_eq!(bytes, data);
    }
    let evaluation = Evaluation::read(data);
    if let Some(evaluation) = &evaluation {
        assert_eq!(evaluation.to_bytes(), data);
    }
    let complaint = <&[u8; COMPLAINT_LEN]>::try_from(data).ok().and_then(Complaint::read);
    if let Some(complaint) = &complaint {
        assert_eq!(complaint.to_bytes(), data);
    }
    batch.is_some() || evaluation.is_some() || complaint.is_some()
}
