//! Whole files: what is sealed opens, to those it was sealed to and to nobody else.

use protocol::age::{AgeError, Identity, Recipient, open, open_cell, seal, sealed_len};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn identities(n: u8) -> (ChaCha20Rng, Vec<Identity>) {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let ids = (0..n).map(|_| Identity::draw(&mut rng)).collect();
    (rng, ids)
}

#[test]
fn one_recipient_opens_and_another_does_not() {
    let (mut rng, ids) = identities(2);
    for len in [0, 1, 2048, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        let file = seal(&[&ids[0].recipient()], &plain, &mut rng);
        assert_eq!(file.len(), sealed_len(len, 1));
        assert_eq!(*open(&ids[0], &file).unwrap(), plain);
        assert_eq!(open(&ids[1], &file), Err(AgeError::NoMatch));
    }
}

#[test]
fn a_cell_has_exactly_its_number_of_stanzas() {
    let (mut rng, ids) = identities(6);
    let to: Vec<Recipient> = ids[..5].iter().map(Identity::recipient).collect();
    let to: Vec<&Recipient> = to.iter().collect();
    let file = seal(&to, &[7; 8192], &mut rng);
    assert_eq!(file.len(), 16_079);
    for id in &ids[..5] {
        assert_eq!(*open_cell(id, &file, 5).unwrap(), [7; 8192]);
        assert_eq!(open(id, &file), Err(AgeError::Header));
        assert_eq!(open_cell(id, &file, 4), Err(AgeError::Header));
        assert_eq!(open_cell(id, &file, 6), Err(AgeError::Header));
    }
    assert_eq!(open_cell(&ids[5], &file, 5), Err(AgeError::NoMatch));
}
