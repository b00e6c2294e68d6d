//! Slots, commitments and entries against §15.4, and the form of entries (§6.1).

use proptest::prelude::*;
use protocol::Digest;
use protocol::slot::{CaseSalt, Entry, commitment};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn salt() -> CaseSalt {
    CaseSalt::new([0x22; 32])
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[test]
fn values_of_the_specification() {
    let d = Digest([0x33; 32]);
    assert_eq!(
        hex(salt().k().seed()),
        "745d67cad99c6320a648e54bd1fa7f3b6cb6fad707ba25f2d47805f576653a74"
    );
    assert_eq!(
        hex(&salt().slot(0)),
        "f4f09ee5d44ac7052c63efed93ed1addc9a869e5301f57df9f53cf4ba91a771d"
    );
    assert_eq!(
        hex(&salt().leaf_nonce(0)),
        "9c3ee45770394e5fb2b209e300b6293fe44642f040b9985c8d66ce4b0ccddffe"
    );
    let commit = "020e7e2fb133e41b12988be5d206b23fdaaa26f27a88a5bcb4650983953df25b";
    assert_eq!(hex(&salt().commit(0, d, None)), commit);
    assert_eq!(hex(&salt().commit(0, d, Some(Digest([0; 32])))), commit);
    assert_eq!(hex(&commitment(&salt().leaf_nonce(0), d, None)), commit);
    let entry = salt().entry(0, d, None).to_bytes();
    assert_eq!(entry.len(), 65);
    assert_eq!(
        Digest::of(&entry).to_hex(),
        "9393376c202d47bfb8a57347b1916482b4c830b68252114acdc0265e1bb17694"
    );
    let leaf = Digest::of_parts(&[&[0], &entry]).to_hex();
    assert_eq!(leaf, "a68e673b5394e82790586c9cda11449b046eafbc43ddbf3a88da84b4b1ccee74");
    let Entry::Opaque { slot, .. } = Entry::twin(d, &mut ChaCha20Rng::seed_from_u64(1)) else {
        panic!("a twin is opaque");
    };
    assert_eq!(
        hex(&slot),
        "de6250c849765c34fc185ea636624569c943ce4195b9c6b191470dbf37a8a98e"
    );
}

/// Computed by an independent program (Python's `hmac`), for the specification's values are all of k = 0.
#[test]
fn k_is_big_endian() {
    assert_eq!(
        hex(&salt().slot(0x0102_0304)),
        "5170b54ee182eb4ad666fe6447e6230e2aac08b6d65ab41cd865384f49de4c31"
    );
    assert_eq!(
        hex(&salt().leaf_nonce(0x0102_0304)),
        "2d9f736742770513a430ff3803ca74e8829697a3c34317389557d409a8104fa1"
    );
}

#[test]
fn everything_a_commitment_covers_changes_it() {
    let d = Digest([0x33; 32]);
    let base = salt().commit(0, d, None);
    assert_ne!(base, salt().commit(1, d, None));
    assert_ne!(base, salt().commit(0, Digest([0x34; 32]), None));
    assert_ne!(base, salt().commit(0, d, Some(Digest([1; 32]))));
    assert_ne!(base, CaseSalt::new([0x23; 32]).commit(0, d, None));
    assert_ne!(salt().slot(0), salt().slot(256), "k is a u32, not its low byte");
    assert_ne!(salt().slot(0), salt().leaf_nonce(0));
}

#[test]
fn other_entries_make_the_log_invalid() {
    let opaque = salt().entry(0, Digest([0x33; 32]), None).to_bytes();
    let public = Entry::Public(Digest([9; 32])).to_bytes();
    assert_eq!(public.len(), 33);
    assert_eq!(Entry::parse(&public), Some(Entry::Public(Digest([9; 32]))));
    for good in [&opaque, &public] {
        assert!(Entry::parse(good).is_some());
        assert_eq!(Entry::parse(&good[..good.len() - 1]), None);
        assert_eq!(Entry::parse(&[good, &[0][..]].concat()), None);
    }
    assert_eq!(Entry::parse(&[]), None);
    for first in 2..=255 {
        for good in [&opaque, &public] {
            let mut other = good.clone();
            other[0] = first;
            assert_eq!(Entry::parse(&other), None);
        }
    }
    // The first byte and the length go together.
    assert_eq!(Entry::parse(&[&[1], &opaque[1..]].concat()), None);
    assert_eq!(Entry::parse(&[&[0], &public[1..]].concat()), None);
}

#[test]
fn padding_and_twins_are_fresh_each_time() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let padding = Entry::padding(&mut rng);
    assert_eq!(padding.to_bytes().len(), 65);
    assert_ne!(padding, Entry::padding(&mut rng));
    let twin = Digest([7; 32]);
    assert_ne!(
        Entry::twin(twin, &mut rng),
        Entry::twin(twin, &mut rng),
        "the second half is random"
    );
}

proptest! {
    #[test]
    fn entries_round_trip(slot in any::<[u8; 32]>(), commit in any::<[u8; 32]>()) {
        for entry in [Entry::Opaque { slot, commit }, Entry::Public(Digest(slot))] {
            prop_assert_eq!(Entry::parse(&entry.to_bytes()), Some(entry));
        }
    }
}
