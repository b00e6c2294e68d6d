//! Opening: releases never pool, bad ones are named, a flipped bit is found (§8.1, §15.5, §15.6, §19).

use crate::filing_support;

use curve25519_dalek::Scalar;
use filing_support::forge::{Edits, forge};
use filing_support::{ACCOUNT, World, case, compartments, rng, x};
use protocol::age::{self, Identity};
use protocol::open::{
    Header, HeaderError, OpenError, combine_releases, header_of_release, open_header_file, unpad_document,
    unpad_evidence, verify_header,
};
use protocol::seal::{Sealed, seal};
use protocol::share::deal::Commitment;
use protocol::share::{CombineError, ReleaseFile, ShareFile, compartment, deal};
use protocol::statement::{Compartment, Core, Opening};
use protocol::{CaseId, Digest, Envelope, MemberNumber, Secret, Verified};

const REQUEST: Digest = Digest([0x51; 32]);
const OTHER_REQUEST: Digest = Digest([0x52; 32]);

struct Opened {
    sealed: Sealed,
    header: Header,
    shares: Vec<ShareFile>,
}

fn opened() -> Opened {
    let (world, case, mut rng) = (World::new(5, 3, 4), case(), rng(1));
    let xs = world.xs();
    let compartments = compartments(&world, &case, &xs, &mut rng);
    let sealed = seal(&world.request(&xs), &case, compartments, &mut rng).unwrap();
    let (core, testimony) = open_header_file(&case.case_salt.k(), &sealed.header).unwrap();
    let shares = sealed.shares.iter().map(|(seat, file)| {
        let plain = age::open(world.keys(*seat).identity(), file).unwrap();
        ShareFile::parse(&plain).unwrap()
    });
    Opened {
        shares: shares.collect(),
        header: verify_header(core, testimony).unwrap(),
        sealed,
    }
}

impl Opened {
    fn releases(&self, seats: &[u16], request: Digest) -> Vec<ReleaseFile> {
        let of = |seat: &u16| {
            self.shares[usize::from(*seat) - 1]
                .release(request, Compartment::Account)
                .unwrap()
        };
        seats.iter().map(of).collect()
    }

    fn combine(&self, releases: &[ReleaseFile]) -> Result<(Identity, Vec<MemberNumber>), OpenError> {
        combine_releases(REQUEST, &self.header.core, Compartment::Account, releases, None)
    }

    fn opens(&self, releases: &[ReleaseFile], bad: &[u16]) {
        let (identity, named) = self.combine(releases).unwrap();
        assert_eq!(named.iter().map(|x| x.get()).collect::<Vec<_>>(), bad);
        let plain = age::open(&identity, &self.sealed.documents[0]).unwrap();
        assert_eq!(unpad_document(&plain), (ACCOUNT, true));
    }
}

#[test]
fn every_choice_of_t_seats_opens() {
    let opened = opened();
    for a in 1..=3 {
        for b in a + 1..=4 {
            for c in b + 1..=5 {
                opened.opens(&opened.releases(&[c, a, b], REQUEST), &[]);
            }
        }
    }
    opened.opens(&opened.releases(&[1, 2, 3, 4, 5], REQUEST), &[]);
}

#[test]
fn fewer_than_t_never_open() {
    let opened = opened();
    for seats in [&[1, 2][..], &[5], &[], &[2, 2, 2], &[4, 1, 4, 1]] {
        let distinct = seats.iter().collect::<std::collections::BTreeSet<_>>().len();
        let short = CombineError::NotEnough {
            good: distinct,
            need: 3,
            bad: vec![],
        };
        let refused = opened.combine(&opened.releases(seats, REQUEST)).err();
        assert_eq!(refused, Some(OpenError::Shares(short)), "{seats:?}");
    }
}

#[test]
fn releases_of_two_requests_never_pool() {
    let opened = opened();
    let mut mixed = opened.releases(&[1, 2], REQUEST);
    mixed.extend(opened.releases(&[3, 4, 5], OTHER_REQUEST));
    assert_eq!(opened.combine(&mixed).err(), Some(OpenError::Foreign { x: x(3) }));
    // For the other request they are enough, and the first two are strangers there.
    let (_, strangers) =
        combine_releases(OTHER_REQUEST, &opened.header.core, Compartment::Account, &mixed, None).unwrap();
    assert_eq!(strangers, [x(1), x(2)]);
}

#[test]
fn releases_of_other_compartments_and_testimonies_never_pool() {
    let opened = opened();
    let identity = |seat: usize| opened.shares[seat].release(REQUEST, Compartment::Identity).unwrap();
    let mut mixed = opened.releases(&[1, 2], REQUEST);
    mixed.push(identity(2));
    assert_eq!(opened.combine(&mixed).err(), Some(OpenError::Foreign { x: x(3) }));
    let mut mixed = opened.releases(&[1, 2, 3], REQUEST);
    mixed[2].core = Digest([9; 32]);
    assert_eq!(opened.combine(&mixed).err(), Some(OpenError::Foreign { x: x(3) }));
}

#[test]
fn one_seat_cannot_block() {
    let opened = opened();
    let mut releases = opened.releases(&[1, 2, 3, 4, 5], REQUEST);
    releases[0].request = OTHER_REQUEST;
    releases[3].share.s += Scalar::ONE;
    opened.opens(&releases, &[1, 4]);
    // A false second release of a good seat accuses nobody.
    let mut doubled = opened.releases(&[1, 2, 3, 3, 2], REQUEST);
    doubled[3].share.b += Scalar::ONE;
    doubled[4].request = OTHER_REQUEST;
    opened.opens(&doubled, &[]);
}

#[test]
fn a_flipped_bit_anywhere_in_a_release_file_is_found() {
    let opened = opened();
    let good = opened.releases(&[1, 2, 4, 5], REQUEST);
    let bytes = opened.releases(&[3], REQUEST)[0].to_bytes();
    let mut found = [0; 5];
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Some(flipped) = ReleaseFile::parse(&bytes) else {
            found[0] += 1;
            continue;
        };
        if flipped.case_salt.expose() != filing_support::case().case_salt.expose() {
            let refused = header_of_release(&flipped, &opened.sealed.header).err();
            assert_eq!(refused, Some(HeaderError::File), "bit {bit}");
            found[1] += 1;
            continue;
        }
        let stranger = flipped.request != REQUEST
            || flipped.core != opened.header.core.digest()
            || flipped.name != Compartment::Account;
        found[if stranger { 2 } else { 3 }] += 1;
        let culprit = flipped.x;
        let mut with_others = opened.releases(&[1, 2, 4, 5], REQUEST);
        with_others.insert(0, flipped);
        // x turned into the number of a seat whose own release is good: the flipped one does not count.
        let own_is_good = good.iter().any(|release| release.x == culprit);
        found[4] += i32::from(own_is_good);
        let named = if own_is_good { vec![] } else { vec![culprit.get()] };
        opened.opens(&with_others, &named);
        with_others.truncate(3);
        assert!(opened.combine(&with_others).is_err(), "bit {bit}");
    }
    assert!(found.iter().all(|kind| *kind > 0), "{found:?}");
}

#[test]
fn the_header_of_a_release() {
    let opened = opened();
    let release = &opened.releases(&[1], REQUEST)[0];
    let header = header_of_release(release, &opened.sealed.header).unwrap();
    assert_eq!(header.core.digest(), release.core);
    let mut other = opened.releases(&[1], REQUEST).remove(0);
    other.core = Digest([9; 32]);
    let refused = header_of_release(&other, &opened.sealed.header).unwrap_err();
    assert!(matches!(refused, HeaderError::Statements(why) if why.contains("core")));
    assert_eq!(header_of_release(release, b"").err(), Some(HeaderError::File));
}

#[test]
fn good_shares_of_a_useless_key_do_not_open() {
    // The forged filing deals good shares, but names recipients of other keys.
    let world = World::new(5, 3, 4);
    let forged = forge(&world, "a useless key", None, &Edits::default());
    let accepted = forged.run().ok().unwrap();
    let commitments = &accepted.core.compartments[0].commitments;
    let mut rng = rng(0x7e57);
    let dealing = deal(3, &world.xs(), &mut rng);
    assert_eq!(&dealing.commitments, commitments);
    let release = |(x, share): &(MemberNumber, protocol::share::Share)| ReleaseFile {
        x: *x,
        share: share.clone(),
        ..accepted.share.release(REQUEST, Compartment::Account).unwrap()
    };
    let releases: Vec<ReleaseFile> = dealing.shares.iter().map(release).collect();
    let refused = combine_releases(REQUEST, &accepted.core, Compartment::Account, &releases, None).err();
    assert_eq!(refused, Some(OpenError::DoesNotOpen));
}

/// A core changed by `edit` and signed again by her key.
fn core_with(header: &Header, edit: impl FnOnce(&mut Core)) -> Verified<Core> {
    let mut core: Core = serde_json::from_slice(header.core_envelope.payload()).unwrap();
    edit(&mut core);
    let key = case().signing;
    let author = core.inbox.key;
    Envelope::sign(&core, &[&key]).verify(&[author]).unwrap()
}

#[test]
fn a_compartment_that_is_not_there_or_malformed() {
    let opened = opened();
    let releases = opened.releases(&[1, 2, 3], REQUEST);
    let core = &opened.header.core;
    let refused = |core: &Verified<Core>, name| combine_releases(REQUEST, core, name, &releases, None).err();
    assert_eq!(refused(core, Compartment::Consent), Some(OpenError::Compartment));
    let malformed = core_with(&opened.header, |core| {
        core.compartments[0].commitments[1] = Commitment([0; 32])
    });
    assert_eq!(refused(&malformed, Compartment::Account), Some(OpenError::Compartment));
}

#[test]
fn under_consent_her_part_is_needed() {
    let opened = opened();
    let mut rng = rng(3);
    let xs: Vec<MemberNumber> = (1..=5).map(x).collect();
    let dealing = deal(3, &xs, &mut rng);
    let part = Secret::new([0x55; 32]);
    let identity = compartment::identity(&dealing.secret, Some(&part), &case().id, Compartment::Account);
    let core = core_with(&opened.header, |core| {
        core.policy.open = Opening::WithMyConsent;
        core.compartments.truncate(1);
        core.compartments[0].commitments = dealing.commitments.clone();
        core.compartments[0].recipient = identity.recipient();
    });
    let release = |(x, share): &(MemberNumber, protocol::share::Share)| ReleaseFile {
        x: *x,
        core: core.digest(),
        share: share.clone(),
        ..opened.shares[0].release(REQUEST, Compartment::Account).unwrap()
    };
    let releases: Vec<ReleaseFile> = dealing.shares.iter().map(release).collect();
    let combine = |part: Option<&Secret<[u8; 32]>>| {
        combine_releases(REQUEST, &core, Compartment::Account, &releases, part).map(|(identity, _)| *identity.seed())
    };
    assert_eq!(combine(None), Err(OpenError::ConsentPart));
    assert_eq!(combine(Some(&Secret::new([0x56; 32]))), Err(OpenError::DoesNotOpen));
    assert_eq!(combine(Some(&part)), Ok(*identity.seed()));
    // Where nothing asks for her part it is not used.
    let plain = opened.releases(&[1, 2, 3], REQUEST);
    assert!(combine_releases(REQUEST, &opened.header.core, Compartment::Account, &plain, Some(&part)).is_ok());
}

#[test]
fn compartment_seeds_of_the_specification() {
    let id = CaseId([0x44; 16]);
    let seed = |part: Option<&Secret<[u8; 32]>>| {
        let identity = compartment::identity(&Scalar::ONE, part, &id, Compartment::Account);
        Digest(*identity.seed()).to_hex()
    };
    assert_eq!(
        seed(None),
        "62b15abc6d2ecf688d15b1677b248455f6473ff8533928b52e6b526e14e350b7"
    );
    let part = Secret::new([0x55; 32]);
    assert_eq!(
        seed(Some(&part)),
        "16d9803945527f9e0edecf66cf7637448b5cff250072abb58b033ba6a5d40b29"
    );
}

#[test]
fn header_statements_that_do_not_belong_together() {
    let opened = opened();
    let (core, testimony) = (&opened.header.core_envelope, &opened.header.testimony_envelope);
    assert!(verify_header(core.clone(), testimony.clone()).is_ok());
    let exchanged = verify_header(testimony.clone(), core.clone());
    assert!(matches!(exchanged, Err(HeaderError::Statements(_))));
    let twice = verify_header(core.clone(), core.clone());
    assert!(matches!(twice, Err(HeaderError::Statements(_))));
    let stranger = core.with_signature(&ed25519_dalek::SigningKey::from_bytes(&[7; 32]));
    assert!(matches!(
        verify_header(stranger, testimony.clone()),
        Err(HeaderError::Statements(_))
    ));
}

#[test]
fn document_padding() {
    let padded = |content: &[u8], size: usize| [content, &vec![b' '; size - content.len()]].concat();
    for (content, size) in [
        (&b"{}"[..], 16_384),
        (&[b'a'; 16_384], 16_384),
        (&[b'a'; 16_385], 65_536),
        (b"", 16_384),
    ] {
        assert_eq!(
            unpad_document(&padded(content, size)),
            (content, true),
            "{}",
            content.len()
        );
    }
    // Wrong padding is told, the content shown.
    for (plain, content) in [
        (b"{}".to_vec(), &b"{}"[..]),
        (padded(b"{}", 16_385), b"{}"),
        (padded(b"{}", 65_536), b"{}"),
        (
            [padded(b"{}", 16_383), vec![0]].concat(),
            &[padded(b"{}", 16_383), vec![0]].concat(),
        ),
        (vec![b'a'; 300_000], &[b'a'; 300_000]),
    ] {
        let (shown, _) = unpad_document(&plain);
        assert_eq!(shown, content);
    }
    assert!(!unpad_document(b"{}").1);
    assert!(!unpad_document(&padded(b"{}", 65_536)).1);
    assert!(!unpad_document(&vec![b'a'; 300_000]).1);
}

#[test]
fn evidence_padding() {
    let padded = |length: usize, size: usize| [vec![7; length], vec![0; size - length]].concat();
    for (length, size) in [
        (0, 65_536),
        (1, 65_536),
        (65_536, 65_536),
        (65_537, 67_584),
        (100_000, 100_352),
    ] {
        let plain = padded(length, size);
        assert_eq!(
            unpad_evidence(&plain, length as u64),
            Some((&plain[..length], true)),
            "{length}"
        );
    }
    let (content, right) = (&[7u8; 5][..], false);
    assert_eq!(
        unpad_evidence(&padded(5, 100), 5),
        Some((content, right)),
        "too short a padding"
    );
    assert_eq!(
        unpad_evidence(&padded(5, 131_072), 5),
        Some((content, right)),
        "too long a padding"
    );
    let mut marked = padded(5, 65_536);
    marked[65_535] = 1;
    assert_eq!(
        unpad_evidence(&marked, 5),
        Some((content, right)),
        "a mark in the padding"
    );
    assert_eq!(unpad_evidence(&padded(5, 65_536), 65_537), None);
    assert_eq!(unpad_evidence(&[], u64::MAX), None);
}
