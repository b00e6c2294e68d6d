//! Share file and release file: exact layouts, nothing else is read (§15.6).

use curve25519_dalek::Scalar;
use protocol::age;
use protocol::share::consent::{CONSENT_PART_LEN, SealedPart, lapse_document, read_lapse_document};
use protocol::share::file::{Flags, RELEASE_FILE_LEN, SHARE_FILE_LEN};
use protocol::share::{ReleaseFile, Share, ShareFile};
use protocol::slot::CaseSalt;
use protocol::statement::Compartment::{self, Account, Consent, Identity};
use protocol::{Digest, MemberNumber, Secret};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const DANGER: Flags = Flags {
    danger: true,
    interpreter: false,
};

fn share(n: u64) -> Share {
    Share {
        s: Scalar::from(n),
        b: Scalar::from(n + 1),
    }
}

fn share_file(names: &[Compartment]) -> ShareFile {
    ShareFile {
        core: Digest([0x44; 32]),
        x: MemberNumber::new(0x0102).unwrap(),
        case_salt: CaseSalt::new([0x22; 32]),
        shares: names
            .iter()
            .map(|name| (*name, share(u64::from(u8::from(*name)))))
            .collect(),
        flags: DANGER,
    }
}

fn release_file() -> ReleaseFile {
    share_file(&[Account, Identity])
        .release(Digest([0x55; 32]), Identity)
        .unwrap()
}

#[test]
fn share_file_bytes() {
    let bytes = share_file(&[Account, Identity]).to_bytes();
    assert_eq!(bytes.len(), 320);
    assert_eq!(&bytes[..19], b"resguardo/v1/share\0");
    assert_eq!(bytes[19..51], [0x44; 32]);
    assert_eq!(bytes[51..53], [1, 2]);
    assert_eq!(bytes[53..85], [0x22; 32]);
    assert_eq!(bytes[85..88], [2, 1, 1], "m, name, s little-endian");
    assert_eq!((bytes[119], bytes[151], bytes[152], bytes[184]), (2, 2, 2, 3));
    assert!(bytes[216..319].iter().all(|byte| *byte == 0));
    assert_eq!(bytes[319], 1, "flags");

    let read = ShareFile::parse(&bytes).unwrap();
    assert_eq!((read.core, read.x.get()), (Digest([0x44; 32]), 0x0102));
    assert_eq!(read.case_salt.expose(), &[0x22; 32]);
    assert_eq!(read.shares, [(Account, share(1)), (Identity, share(2))]);
    assert_eq!(read.flags, DANGER);
    assert_eq!((read.share(Identity), read.share(Consent)), (Some(&share(2)), None));
    assert!(read.release(Digest([0; 32]), Consent).is_none());
    assert_eq!(*read.to_bytes(), *bytes);
}

#[test]
fn share_file_lengths_and_counts() {
    for names in [&[Account][..], &[Account, Identity, Consent], &[Compartment::Match]] {
        let bytes = share_file(names).to_bytes();
        assert_eq!(bytes.len(), SHARE_FILE_LEN);
        assert_eq!(*ShareFile::parse(&bytes).unwrap().to_bytes(), *bytes);
    }
    let bytes = share_file(&[Account]).to_bytes();
    assert!(ShareFile::parse(&bytes[..319]).is_none());
    assert!(ShareFile::parse(&[&bytes[..], &[0]].concat()).is_none());
    assert!(ShareFile::parse(&[]).is_none());
    for (names, why) in [
        (&[][..], "no compartment"),
        (&[Identity, Account], "descending"),
        (&[Account, Account], "repeated"),
    ] {
        assert!(ShareFile::parse(&share_file(names).to_bytes()).is_none(), "{why}");
    }
}

#[test]
fn share_file_refuses_what_could_carry_a_mark() {
    let good = share_file(&[Account, Identity]).to_bytes();
    let refused = |at: usize, value: u8| {
        let mut bytes = good.to_vec();
        bytes[at] = value;
        ShareFile::parse(&bytes).is_none()
    };
    assert!((0..19).all(|at| refused(at, good[at] ^ 1)), "label");
    assert!(
        (216..319).all(|at| (0..8).all(|bit| refused(at, 1 << bit))),
        "padding, bit by bit"
    );
    assert!((4..=255).all(|flags| refused(319, flags)), "unknown flags");
    assert!((0..4).all(|flags| !refused(319, flags)), "known flags");
    assert!(
        [0, 1, 3, 4, 255].into_iter().all(|m| refused(85, m)),
        "m is not what follows"
    );
    assert!([0, 2, 3, 5, 255].into_iter().all(|name| refused(86, name)), "names");
    assert!(
        [118, 150, 183, 215].into_iter().all(|at| refused(at, 0x1f)),
        "scalars beyond ℓ"
    );
    let mut zero_x = good.to_vec();
    zero_x[51..53].fill(0);
    assert!(ShareFile::parse(&zero_x).is_none());
}

#[test]
fn every_bit_of_a_share_file_matters() {
    let good = share_file(&[Account, Identity]).to_bytes();
    for bit in 0..SHARE_FILE_LEN * 8 {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Some(read) = ShareFile::parse(&bytes) {
            assert_eq!(*read.to_bytes(), bytes, "bit {bit} is read, not dropped");
        }
    }
}

#[test]
fn release_file_bytes() {
    let bytes = release_file().to_bytes();
    assert_eq!(bytes.len(), RELEASE_FILE_LEN);
    assert_eq!(&bytes[..21], b"resguardo/v1/release\0");
    assert_eq!(bytes[21..53], [0x55; 32]);
    assert_eq!(bytes[53..85], [0x44; 32]);
    assert_eq!(bytes[85..88], [2, 1, 2]);
    assert_eq!((bytes[88], bytes[120]), (2, 3));
    assert_eq!(bytes[152..184], [0x22; 32]);
    assert_eq!(bytes[184..], [0; 8]);
    let read = ReleaseFile::parse(&bytes).unwrap();
    assert_eq!((read.name, read.x.get(), &read.share), (Identity, 0x0102, &share(2)));
    assert_eq!(*read.to_bytes(), *bytes);
}

#[test]
fn release_file_refuses_everything_else() {
    let good = release_file().to_bytes();
    assert!(ReleaseFile::parse(&good[..191]).is_none());
    assert!(ReleaseFile::parse(&[&good[..], &[0]].concat()).is_none());
    for bit in 0..RELEASE_FILE_LEN * 8 {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Some(read) = ReleaseFile::parse(&bytes) else {
            continue;
        };
        assert_eq!(*read.to_bytes(), bytes, "bit {bit} is read, not dropped");
        let data = 21 * 8..184 * 8;
        assert!(data.contains(&bit), "bit {bit} of label or padding was let through");
    }
    for (at, value) in [(85, 0), (85, 5), (119, 0x20), (151, 0x20)] {
        let mut bytes = good.to_vec();
        bytes[at] = value;
        assert!(ReleaseFile::parse(&bytes).is_none(), "byte {at} = {value}");
    }
    let mut zero_x = good.to_vec();
    zero_x[86..88].fill(0);
    assert!(ReleaseFile::parse(&zero_x).is_none());
}

#[test]
fn consent_part_bytes() {
    let (part, request) = (Secret::new([0x55; 32]), Digest([0x51; 32]));
    let document = lapse_document(&part);
    assert_eq!(document.len(), CONSENT_PART_LEN);
    assert_eq!(&document[..26], b"resguardo/v1/consent-file\0");
    assert_eq!(document[26..58], [0; 32]);
    assert_eq!(document[58..90], [0x55; 32]);
    assert_eq!(document[90..], [0; 38]);
    assert_eq!(read_lapse_document(&document).unwrap().expose(), &[0x55; 32]);
    let key = age::Identity::from_seed([7; 32]);
    let sealed = SealedPart::seal(&part, &request, &key.recipient(), &mut ChaCha20Rng::seed_from_u64(1));
    assert_eq!(sealed.file().len(), 1_787);
    assert_eq!(sealed.open(&key, &request).unwrap().expose(), &[0x55; 32]);
    let plain = age::open(&key, sealed.file()).unwrap();
    assert_eq!((&plain[..26], &plain[26..58]), (&document[..26], &[0x51; 32][..]));
    assert_eq!(plain[58..], document[58..]);
}

/// Neither another reader, nor another request of the same reader, nor the lapse takes a part.
#[test]
fn a_consent_part_is_for_one_request() {
    let (part, request) = (Secret::new([0x55; 32]), Digest([0x51; 32]));
    let (key, other) = (age::Identity::from_seed([7; 32]), age::Identity::from_seed([8; 32]));
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let sealed = SealedPart::seal(&part, &request, &key.recipient(), &mut rng);
    assert!(sealed.open(&other, &request).is_none());
    assert!(sealed.open(&key, &Digest([0x52; 32])).is_none());
    assert!(sealed.open(&key, &Digest([0; 32])).is_none());
    assert!(read_lapse_document(&age::open(&key, sealed.file()).unwrap()).is_none());
    let document = age::seal(&[&key.recipient()], &lapse_document(&part), &mut rng);
    assert!(SealedPart::from_file(document).unwrap().open(&key, &request).is_none());
    assert!(SealedPart::from_file(vec![0; 1_786]).is_none() && SealedPart::from_file(vec![0; 1_788]).is_none());
}

#[test]
fn a_consent_part_refuses_everything_else() {
    let good = lapse_document(&Secret::new([0x55; 32]));
    assert!(read_lapse_document(&good[..127]).is_none());
    assert!(read_lapse_document(&[&good[..], &[0]].concat()).is_none());
    for bit in 0..CONSENT_PART_LEN * 8 {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let is_part = (58 * 8..90 * 8).contains(&bit);
        assert_eq!(read_lapse_document(&bytes).is_some(), is_part, "bit {bit}");
    }
}

#[test]
fn nothing_secret_in_debug() {
    assert_eq!(format!("{:?}", share(3)), "Share(…)");
}
