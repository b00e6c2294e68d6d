//! `shares.json`: a dealing of fixed coefficients, its files, its combination, and files that are refused.

use curve25519_dalek::Scalar;
use protocol::age::{self, Identity};
use protocol::share::consent::{SealedPart, lapse_document, read_lapse_document};
use protocol::share::deal::pedersen_h;
use protocol::share::file::Flags;
use protocol::share::{Coefficients, Commitments, ReleaseFile, Share, ShareFile, combine};
use protocol::slot::CaseSalt;
use protocol::statement::Compartment;
use protocol::{Digest, MemberNumber, Secret};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::hex;
use crate::filing_support::{rng, x};

pub fn vectors() -> Value {
    let numbers = |values: [u64; 3]| Zeroizing::new(values.map(Scalar::from).to_vec());
    let coefficients = Coefficients::new(numbers([1, 2, 3]), numbers([4, 5, 6])).unwrap();
    let seats = [1, 2, 3, 4, 5, 300].map(x);
    let dealing = coefficients.deal(&seats).unwrap();
    let share = dealing.shares[1].1.clone();
    let combined = [&[1, 2, 3][..], &[2, 4, 300], &[300, 5, 1]].map(|xs| combination(xs, &coefficients));
    json!({
        "about": [
            "Pedersen sharing over ristretto255 (sections 5.2, 7, 8.1) and the files of section 15.6.",
            "Scalars are 32 bytes little-endian. C_j = a_j*B + b_j*H; a share is (s, b) at x; the check is",
            "s*B + b*H = sum of x^j * C_j; S is the value of s at 0, combined with the weights given.",
        ],
        "h": hex(pedersen_h().compress().to_bytes()),
        "coefficients": { "a": scalars([1, 2, 3]), "b": scalars([4, 5, 6]) },
        "secret": hex(dealing.secret.as_bytes()),
        "commitments": dealing.commitments,
        "shares": dealing.shares.iter().map(|(x, share)| share_at(*x, share)).collect::<Vec<_>>(),
        "combine": combined,
        "share_file": share_file(&share),
        "release_file": release_file(&share),
        "refused_share_files": refused_share_files(&share),
        "refused_release_files": refused_release_files(&share),
        "consent_part": consent_part(),
        "refused_consent_parts": refused_consent_parts(),
    })
}

fn scalars(values: [u64; 3]) -> [String; 3] {
    values.map(|value| hex(Scalar::from(value).as_bytes()))
}

fn share_at(x: MemberNumber, share: &Share) -> Value {
    json!({ "x": x, "s": hex(share.s.as_bytes()), "b": hex(share.b.as_bytes()) })
}

/// The weights at 0, and what our own combination gives from these seats.
fn combination(xs: &[u16], coefficients: &Coefficients) -> Value {
    let weight = |i: &u16| -> Scalar {
        let others = xs.iter().filter(|j| *j != i);
        others
            .map(|j| Scalar::from(*j) * (Scalar::from(*j) - Scalar::from(*i)).invert())
            .product()
    };
    let seats: Vec<MemberNumber> = xs.iter().copied().map(x).collect();
    let dealing = coefficients.deal(&seats).unwrap();
    let commitments = Commitments::decode(&dealing.commitments).unwrap();
    let (secret, bad) = combine(&commitments, &dealing.shares).unwrap();
    assert!(bad.is_empty());
    let weighted: Scalar = xs
        .iter()
        .zip(&dealing.shares)
        .map(|(i, (_, share))| weight(i) * share.s)
        .sum();
    assert_eq!(weighted, *secret);
    json!({
        "xs": xs,
        "weights": xs.iter().map(|i| hex(weight(i).as_bytes())).collect::<Vec<_>>(),
        "secret": hex(secret.as_bytes()),
    })
}

fn example(share: &Share) -> ShareFile {
    ShareFile {
        core: Digest([0x33; 32]),
        x: x(2),
        case_salt: CaseSalt::new([0x22; 32]),
        shares: vec![
            (Compartment::Account, share.clone()),
            (Compartment::Identity, share.clone()),
        ],
        flags: Flags {
            danger: true,
            interpreter: false,
        },
    }
}

fn share_file(share: &Share) -> Value {
    let shares = [1, 2].map(|name| json!({ "name": name, "share": share_at(x(2), share) }));
    json!({
        "d_core": hex([0x33; 32]),
        "x": 2,
        "case_salt": hex([0x22; 32]),
        "shares": shares,
        "flags": { "danger": true, "interpreter": false },
        "plaintext": hex(&*example(share).to_bytes()),
    })
}

fn release_file(share: &Share) -> Value {
    let file = example(share)
        .release(Digest([0x51; 32]), Compartment::Identity)
        .unwrap();
    json!({
        "d_request": hex([0x51; 32]),
        "d_core": hex([0x33; 32]),
        "name": 2,
        "x": 2,
        "share": share_at(x(2), share),
        "case_salt": hex([0x22; 32]),
        "plaintext": hex(&*file.to_bytes()),
    })
}

/// `(what is wrong, where, the byte there)`.
type Change = (&'static str, usize, u8);

fn refused_share_files(share: &Share) -> Value {
    let good = example(share).to_bytes();
    let changes: [Change; 8] = [
        ("another label", 0, b'R'),
        ("x is 0", 52, 0),
        ("no compartment", 85, 0),
        ("more compartments than three", 85, 4),
        ("a compartment that does not exist", 86, 5),
        ("compartments that do not ascend", 151, 1),
        ("non-zero padding", 217, 1),
        ("an unknown flag", 319, 0x81),
    ];
    let mut refused: Vec<Value> = changes.iter().map(|change| changed(&good, *change)).collect();
    let mut scalar = good.to_vec();
    scalar[87..119].copy_from_slice(&ORDER);
    refused.push(json!({ "why": "a scalar that is the group's order", "plaintext": hex(&scalar) }));
    refused.push(json!({ "why": "319 bytes", "plaintext": hex(&good[..319]) }));
    for case in &refused {
        assert!(ShareFile::parse(&unhex(&case["plaintext"])).is_none(), "{case}");
    }
    refused.into()
}

fn refused_release_files(share: &Share) -> Value {
    let good = example(share)
        .release(Digest([0x51; 32]), Compartment::Identity)
        .unwrap()
        .to_bytes();
    let changes: [Change; 4] = [
        ("another label", 14, b'R'),
        ("a compartment that does not exist", 85, 0),
        ("x is 0", 87, 0),
        ("non-zero padding", 191, 1),
    ];
    let mut refused: Vec<Value> = changes.iter().map(|change| changed(&good, *change)).collect();
    let mut scalar = good.to_vec();
    scalar[120..152].copy_from_slice(&ORDER);
    refused.push(json!({ "why": "a scalar that is the group's order", "plaintext": hex(&scalar) }));
    refused.push(json!({ "why": "193 bytes", "plaintext": hex([&good[..], &[0]].concat()) }));
    for case in &refused {
        assert!(ReleaseFile::parse(&unhex(&case["plaintext"])).is_none(), "{case}");
    }
    refused.into()
}

/// P for a request, sealed to its recipient, and for a lapse, as the document of compartment 3.
fn consent_part() -> Value {
    let (part, request) = (Secret::new([0x55; 32]), Digest([0x51; 32]));
    let identity = Identity::from_seed([0x77; 32]);
    let sealed = SealedPart::seal(&part, &request, &identity.recipient(), &mut rng(0x55));
    assert_eq!(sealed.open(&identity, &request).unwrap().expose(), &[0x55; 32]);
    json!({
        "p": hex([0x55; 32]),
        "d_request": hex(request.0),
        "recipient_seed": hex([0x77; 32]),
        "plaintext": hex(&*age::open(&identity, sealed.file()).unwrap()),
        "file": super::file(sealed.file()),
        "lapse_document": hex(&*lapse_document(&part)),
    })
}

fn refused_consent_parts() -> Value {
    let good = lapse_document(&Secret::new([0x55; 32]));
    let changes: [Change; 3] = [
        ("another label", 14, b'C'),
        ("a request, where none is expected", 26, 1),
        ("non-zero padding", 127, 1),
    ];
    let mut refused: Vec<Value> = changes.iter().map(|change| changed(&good, *change)).collect();
    refused.push(json!({ "why": "127 bytes", "plaintext": hex(&good[..127]) }));
    for case in &refused {
        assert!(read_lapse_document(&unhex(&case["plaintext"])).is_none(), "{case}");
    }
    refused.into()
}

/// ℓ, little-endian.
const ORDER: [u8; 32] = *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\
\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";

fn changed(good: &[u8], (why, at, byte): Change) -> Value {
    let mut plain = good.to_vec();
    assert_ne!(plain[at], byte);
    plain[at] = byte;
    json!({ "why": why, "plaintext": hex(&plain) })
}

fn unhex(value: &Value) -> Vec<u8> {
    base16ct::lower::decode_vec(value.as_str().unwrap().as_bytes()).unwrap()
}
