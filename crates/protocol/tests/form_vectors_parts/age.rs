//! `age.json`: age files to the hybrid recipient, of the lengths where the payload's form changes, and an office cell.

use protocol::age::{self, Identity};
use protocol::drop::{open_cell, seal_cell};
use protocol::ids::{Nonce, Origin, Version};
use protocol::keys::MemberKeys;
use protocol::statement::{Compartment, Request};
use protocol::{CaseId, Digest, Envelope, MemberNumber};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

use super::age_refused::refused;
use super::{base64, hex};

/// Plaintext lengths: nothing, one byte, exactly one chunk, one byte more, exactly two chunks.
pub const SIZES: [usize; 5] = [0, 1, 65_536, 65_537, 131_072];
const TIME: u64 = 1_795_478_400;

pub fn identity() -> Identity {
    Identity::from_seed([0x5e; 32])
}

/// Byte i is i mod 251, so that no two chunks are alike.
pub fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8).collect()
}

/// The file of each length, made under randomness of its own.
pub fn file(size: usize) -> Vec<u8> {
    let mut rng = ChaCha20Rng::seed_from_u64(size as u64);
    age::seal(&[&identity().recipient()], &content(size), &mut rng)
}

pub fn vectors() -> Value {
    json!({
        "about": [
            "Age files to `recipient` (section 0): one stanza mlkem768x25519, then chunks of 64 KiB.",
            "`plain` of a size: byte i is i mod 251. Files are base64; `sha256` is of the ciphertext.",
            "`refused` names what is wrong; each is given whole as `base64`, or as the first `first_bytes` bytes of the",
            "file of plaintext size `of`, followed by `then_hex`. All but those marked open under the right key up to the fault.",
            "`cell`: an office cell of five seats (section 9.3), seat 2 with a stanza to a discarded key.",
        ],
        "identity": identity().to_text().as_str(),
        "seed": hex(identity().seed()),
        "recipient": identity().recipient(),
        "files": SIZES.map(good),
        "refused": refused(),
        "cell": cell(),
    })
}

fn good(size: usize) -> Value {
    let (plain, file) = (content(size), file(size));
    assert_eq!(*age::open(&identity(), &file).unwrap(), plain);
    assert_eq!(file.len(), age::sealed_len(size, 1));
    json!({
        "plain_size": size,
        "plain_sha256": Digest::of(&plain),
        "size": file.len(),
        "sha256": Digest::of(&file),
        "base64": base64(&file),
    })
}

fn cell() -> Value {
    let seats: Vec<MemberKeys> = (1..=5).map(|x| MemberKeys::from_seed(&[x; 32])).collect();
    let reader = MemberKeys::from_seed(&[0x80; 32]);
    let request = Request {
        v: Version,
        origin: Origin::new("demo.example/log").unwrap(),
        nonce: Nonce([0xc8; 32]),
        time: TIME,
        case: CaseId([0x44; 16]),
        compartments: vec![Compartment::Account],
        reader: MemberNumber::new(11).unwrap(),
        purpose: "protection of the declarant".into(),
        for_use: None,
        basis: "art. 63, general law".into(),
        recipient: identity().recipient(),
        urgent: false,
        decide_by: TIME + 1_209_600,
        twin: None,
    };
    let envelope = Envelope::try_sign(&request, &[reader.signing()]).unwrap();
    let recipients: Vec<_> = seats.iter().map(|seat| seat.identity().recipient()).collect();
    let readable = [true, false, true, true, true];
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let file = seal_cell(
        &recipients.iter().collect::<Vec<_>>(),
        &readable,
        &envelope,
        None,
        &mut rng,
    )
    .unwrap();
    let seats: Vec<Value> = (1u16..)
        .zip(&seats)
        .zip(readable)
        .map(|((x, seat), readable)| {
            let opened = open_cell(seat.identity(), &file, 5);
            assert_eq!(opened.is_some_and(|act| act.unwrap().0 == envelope), readable);
            json!({ "x": x, "seed": hex(seat.seed()), "identity": seat.identity().to_text().as_str(), "opens": readable })
        })
        .collect();
    for stanzas in [1, 4, 6] {
        assert!(open_cell(MemberKeys::from_seed(&[1; 32]).identity(), &file, stanzas).is_none());
    }
    json!({
        "stanzas": 5,
        "seats": seats,
        "plain_size": 8_192,
        "envelope_base64": base64(envelope.bytes()),
        "d": envelope.digest(),
        "size": file.len(),
        "sha256": Digest::of(&file),
        "base64": base64(&file),
        "why_refused": "as a file of one stanza, and as a cell of four or six seats",
    })
}
