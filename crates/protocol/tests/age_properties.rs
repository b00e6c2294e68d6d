//! What must hold for every length, every altered bit and every cut.

use proptest::prelude::*;
use protocol::age::pad::{DOCUMENT_SIZES, EVIDENCE_MIN, document_size, evidence_size, padme};
use protocol::age::passphrase::{open_passphrase, seal_passphrase};
use protocol::age::stream::{CHUNK, Opener, StreamSealer};
use protocol::age::{AgeError, Identity, Recipient, open, open_cell, seal, sealed_len};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::LazyLock;
use zeroize::Zeroizing;

static KEYS: LazyLock<(Identity, Recipient)> = LazyLock::new(|| {
    let identity = Identity::from_seed([7; 32]);
    let recipient = identity.recipient();
    (identity, recipient)
});

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn plaintext(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 % 251) as u8).collect()
}

fn sealed(len: usize) -> Vec<u8> {
    seal(&[&KEYS.1], &plaintext(len), &mut rng(len as u64))
}

/// Opens as a stream in pieces of `step` bytes: what came out, and the outcome.
fn open_stream(file: &[u8], step: usize) -> (Zeroizing<Vec<u8>>, Result<(), AgeError>) {
    let mut opener = Opener::new(&KEYS.0);
    let mut out = Zeroizing::new(Vec::new());
    for piece in file.chunks(step) {
        if let Err(error) = opener.push(piece, &mut out) {
            let before = out.len();
            assert_eq!(opener.push(piece, &mut out), Err(error), "an error is final");
            assert_eq!(out.len(), before, "nothing comes out after an error");
            return (out, opener.finish(&mut Zeroizing::new(Vec::new())).and(Err(error)));
        }
    }
    let outcome = opener.finish(&mut out);
    (out, outcome)
}

/// Lengths at and around the borders of up to three chunks, and any in between.
fn lengths() -> impl Strategy<Value = usize> {
    let borders = (0..=3usize, 0..=2usize).prop_map(|(chunks, around)| (chunks * CHUNK + around).saturating_sub(1));
    prop_oneof![borders, 0..3 * CHUNK]
}

fn steps() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(CHUNK),
        Just(CHUNK + 16),
        Just(1_643),
        Just(1_627),
        100..200_000usize
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_sealed_opens_whole_and_as_a_stream(len in lengths(), step in steps()) {
        let file = sealed(len);
        prop_assert_eq!(file.len(), sealed_len(len, 1));
        prop_assert_eq!(&*open(&KEYS.0, &file).unwrap(), &plaintext(len));
        let (out, outcome) = open_stream(&file, step);
        prop_assert_eq!(outcome, Ok(()));
        prop_assert_eq!(&*out, &plaintext(len));
    }

    #[test]
    fn a_stream_writes_the_same_format(len in lengths(), step in steps()) {
        let (mut sealer, mut file) = StreamSealer::new(&KEYS.1, &mut rng(1));
        let plain = plaintext(len);
        plain.chunks(step).for_each(|piece| sealer.push(piece, &mut file));
        sealer.finish(&mut file);
        prop_assert_eq!(file.len(), sealed_len(len, 1));
        // The same randomness in the same order: the whole-file writer must give the same bytes.
        prop_assert_eq!(&file, &seal(&[&KEYS.1], &plain, &mut rng(1)));
        prop_assert_eq!(&*open(&KEYS.0, &file).unwrap(), &plain);
    }

    #[test]
    fn any_altered_bit_is_an_error(len in lengths(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut file = sealed(len);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        let whole = open(&KEYS.0, &file).map(|plain| plain.len());
        prop_assert!(whole.is_err(), "byte {at}");
        if at >= sealed_len(0, 1) - 32 {
            prop_assert_eq!(whole, Err(AgeError::Payload));
        }
        let (_, streamed) = open_stream(&file, CHUNK);
        prop_assert_eq!(streamed.err(), whole.err());
    }

    #[test]
    fn a_cut_file_is_an_error(len in lengths(), at in any::<prop::sample::Index>()) {
        let file = sealed(len);
        let cut = &file[..at.index(file.len())];
        let expected = if cut.len() < sealed_len(0, 1) - 16 { AgeError::Header } else { AgeError::Payload };
        prop_assert_eq!(open(&KEYS.0, cut).map(|_| ()), Err(expected));
        let (out, outcome) = open_stream(cut, CHUNK);
        prop_assert_eq!(outcome, Err(expected));
        prop_assert!(plaintext(len).starts_with(&out));
    }

    #[test]
    fn an_extended_file_is_an_error(len in lengths(), tail in prop::collection::vec(any::<u8>(), 1..100)) {
        let mut file = sealed(len);
        file.extend_from_slice(&tail);
        prop_assert_eq!(open(&KEYS.0, &file).map(|_| ()), Err(AgeError::Payload));
        prop_assert_eq!(open_stream(&file, CHUNK).1, Err(AgeError::Payload));
    }

    #[test]
    fn chunks_neither_swap_nor_vanish(drop in any::<bool>()) {
        let file = sealed(3 * CHUNK + 5);
        let (begin, chunks) = file.split_at(1_643);
        let (first, rest) = chunks.split_at(CHUNK + 16);
        let (second, rest) = rest.split_at(CHUNK + 16);
        let altered = match drop {
            true => [begin, first, rest].concat(),
            false => [begin, second, first, rest].concat(),
        };
        prop_assert_eq!(open(&KEYS.0, &altered).map(|_| ()), Err(AgeError::Payload));
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_000), prefix in 0..1_643usize) {
        let mut file = sealed(10)[..prefix].to_vec();
        file.extend_from_slice(&bytes);
        let whole = open(&KEYS.0, &file).map(|_| ());
        prop_assert!(whole.is_err());
        prop_assert!(open_stream(&file, 1_000).1.is_err());
        prop_assert!(open_cell(&KEYS.0, &file, 5).is_err());
        prop_assert!(open_passphrase("x", &file).is_err());
    }

    #[test]
    fn padme_never_shrinks_and_costs_less_than_an_eighth(len in 1..u64::MAX / 2) {
        let padded = padme(len);
        prop_assert!(padded >= len);
        prop_assert!(padded - len <= len / 8);
        prop_assert_eq!(padme(padded), padded, "a padded size stays");
        prop_assert_eq!(evidence_size(len), padded.max(EVIDENCE_MIN));
    }
}

#[test]
fn every_bit_of_a_small_file_counts() {
    let file = sealed(3);
    for at in 0..file.len() {
        let mut altered = file.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(open(&KEYS.0, &altered).is_err(), "byte {at}");
    }
}

#[test]
fn sizes_of_section_16() {
    for (plain, stanzas, file) in [
        (16_384, 1, 18_043),
        (65_536, 1, 67_195),
        (262_144, 1, 263_851),
        (320, 1, 1_979),
        (192, 1, 1_851),
        (128, 1, 1_787),
        (2_048, 1, 3_707),
        (24_576, 1, 26_235),
        (8_192, 5, 16_079),
    ] {
        assert_eq!(sealed_len(plain, stanzas), file);
        let to = vec![&KEYS.1; stanzas];
        assert_eq!(seal(&to, &vec![0; plain], &mut rng(3)).len(), file);
    }
}

#[test]
fn padme_of_section_5_2() {
    for (len, padded) in [
        (65_536, 65_536),
        (65_537, 67_584),
        (100_000, 100_352),
        (1_000_000, 1_015_808),
    ] {
        assert_eq!(padme(len), padded);
        assert_eq!(evidence_size(len), padded);
    }
    for (len, padded) in [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (u64::MAX, u64::MAX)] {
        assert_eq!(padme(len), padded);
    }
    assert_eq!(evidence_size(0), 65_536);
    assert_eq!(evidence_size(40_000), 65_536);
}

#[test]
fn documents_have_three_sizes() {
    for size in DOCUMENT_SIZES {
        assert_eq!(document_size(size), Some(size));
        assert_eq!(document_size(size - 1), Some(size));
    }
    assert_eq!(document_size(0), Some(16_384));
    assert_eq!(document_size(16_385), Some(65_536));
    assert_eq!(document_size(65_537), Some(262_144));
    assert_eq!(document_size(262_145), None);
}

#[test]
fn two_seals_of_one_text_share_no_chunk() {
    let (mut rng, plain) = (rng(9), plaintext(1_000));
    let (a, b) = (seal(&[&KEYS.1], &plain, &mut rng), seal(&[&KEYS.1], &plain, &mut rng));
    assert_ne!(a[sealed_len(0, 1) - 32..][..16], b[sealed_len(0, 1) - 32..][..16]);
    assert_ne!(a[1_643..][..32], b[1_643..][..32]);
}

#[test]
fn a_stream_holds_back_at_most_one_chunk() {
    let file = sealed(10 * CHUNK);
    let (begin, chunks) = file.split_at(1_643);
    let mut opener = Opener::new(&KEYS.0);
    let mut out = Zeroizing::new(Vec::with_capacity(2 * CHUNK));
    let room = out.capacity();
    opener.push(begin, &mut out).unwrap();
    for (i, chunk) in chunks.chunks(CHUNK + 16).enumerate() {
        opener.push(chunk, &mut out).unwrap();
        assert_eq!(out.len(), if i == 0 { 0 } else { CHUNK });
        out.clear();
        assert_eq!(out.capacity(), room, "the caller's buffer never grows");
    }
    opener.finish(&mut out).unwrap();
    assert_eq!(out.len(), CHUNK);
}

#[test]
fn passphrase_files() {
    let mut rng = rng(4);
    let file = seal_passphrase("seis palabras", 4, b"secret", &mut rng);
    assert_eq!(*open_passphrase("seis palabras", &file).unwrap(), b"secret");
    assert_eq!(open_passphrase("seis palabra", &file), Err(AgeError::NoMatch));
    // One kind of file never passes for the other.
    assert_eq!(open(&KEYS.0, &file), Err(AgeError::Header));
    assert_eq!(open_passphrase("seis palabras", &sealed(3)), Err(AgeError::Header));
    for at in 0..file.len() {
        let mut altered = file.clone();
        altered[at] ^= 1;
        // A flipped bit in the work factor would only cost time (4 becomes 5): it must fail all the same.
        assert!(open_passphrase("seis palabras", &altered).is_err(), "byte {at}");
    }
}

#[test]
fn work_factors_stay_within_bounds() {
    let mut rng = rng(5);
    let file = seal_passphrase("x", 0, b"", &mut rng);
    assert!(file.windows(3).any(|three| three == b" 1\n"), "0 is taken up to 1");
    let text = String::from_utf8_lossy(&file).into_owned();
    for factor in ["0", "23", "64", "255", "256", "01", "+1", "1a", ""] {
        let altered = text.replacen(" 1\n", &format!(" {factor}\n"), 1).into_bytes();
        assert_eq!(open_passphrase("x", &altered), Err(AgeError::Header), "{factor}");
    }
}
