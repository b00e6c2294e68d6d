//! Sealing: what is written, what is refused, and the form that posts it (§5, §15.8, §19).

use crate::filing_support;

use filing_support::{ACCOUNT, World, case, case_of, compartments, neutral_policy, rng, sealed, x};
use protocol::age::pad::DOCUMENT_SIZES;
use protocol::drop::BucketName;
use protocol::http::{Quota, Work, WorkNonce};
use protocol::ids::PublicKey;
use protocol::open::{open_header_file, verify_header};
use protocol::phrase::PhraseRoot;
use protocol::seal::{CompartmentKey, OBJECTS_MAX, Posting, SealError, SealRequest, seal};
use protocol::statement::{AccessPolicy, Compartment, Core, CouncilError, ObjectKind, ObjectRef, Opening, Parent};
use protocol::{Day, Digest, Envelope, MemberNumber};

fn posting(b: u8) -> Posting {
    Posting {
        b,
        keep: 180,
        soon: true,
        quota: None,
        work: Work {
            nonce: WorkNonce([7; 16]),
            counter: 42,
        },
    }
}

/// Seals two documents under a changed request and gives the refusal.
fn refusal<'a>(world: &'a World, seats: &'a [MemberNumber], edit: impl FnOnce(&mut SealRequest<'a>)) -> SealError {
    let (case, mut rng) = (case(), rng(1));
    let compartments = compartments(world, &case, seats, &mut rng);
    let mut request = world.request(seats);
    edit(&mut request);
    seal(&request, &case, compartments, &mut rng).err().unwrap()
}

#[test]
fn the_header_says_what_was_sealed() {
    let world = World::new(5, 3, 4);
    let (sealed, evidence) = sealed(&world, &world.xs(), 1).unwrap();
    let case = case();
    let (core, testimony) = open_header_file(&case.case_salt.k(), &sealed.header).unwrap();
    let header = verify_header(core, testimony).unwrap();
    let core = &header.core;
    assert_eq!((core.case, sealed.case), (case.id, case.id));
    assert_eq!((core.council, &core.policy), (world.digest(), &neutral_policy()));
    assert_eq!(
        (core.parent.as_ref(), core.handle, header.testimony.match_request),
        (None, None, None)
    );
    assert_eq!(core.inbox.recipient, case.inbox.recipient());
    let parts: Vec<(Compartment, u8, usize)> = core
        .compartments
        .iter()
        .map(|part| (part.name, part.threshold, part.commitments.len()))
        .collect();
    assert_eq!(parts, [(Compartment::Account, 3, 3), (Compartment::Identity, 4, 4)]);
    let kinds = |part: usize| -> Vec<ObjectKind> { core.compartments[part].objects.iter().map(|o| o.kind).collect() };
    assert_eq!(kinds(0), [ObjectKind::Document, ObjectKind::Evidence]);
    assert_eq!(kinds(1), [ObjectKind::Document]);
    assert_eq!(core.compartments[0].objects[1].digest, Digest::of(&evidence));
    assert_eq!(header.testimony.seats(), world.xs());
    assert_eq!(sealed.entry, case.case_salt.entry(0, header.testimony.digest(), None));
    assert_eq!(sealed.entry.to_bytes()[1..33], case.case_salt.slot(0));
}

#[test]
fn the_same_randomness_gives_the_same_bytes_and_other_randomness_none() {
    let world = World::new(5, 3, 4);
    let seal = |seed| sealed(&world, &world.xs(), seed).unwrap().0;
    let (one, same, other) = (seal(1), seal(1), seal(2));
    assert_eq!(
        (&one.header, &one.shares, &one.greetings),
        (&same.header, &same.shares, &same.greetings)
    );
    assert_eq!(one.entry, same.entry);
    assert_ne!(one.entry, other.entry);
    let digests = |sealed: &protocol::seal::Sealed| sealed.blobs().map(|(digest, _)| digest).collect::<Vec<_>>();
    assert!(digests(&one).iter().all(|digest| !digests(&other).contains(digest)));
}

#[test]
fn the_form_lists_everything_in_order() {
    let world = World::new(5, 3, 4);
    let (sealed, evidence) = sealed(&world, &world.xs(), 3).unwrap();
    let form = sealed.filing_form(&world.origin, posting(0));
    assert_eq!(form.origin, world.origin);
    assert_eq!(form.entry.as_bytes()[..], sealed.entry.to_bytes());
    assert_eq!(sealed.id(), Digest::of(form.entry.as_bytes()));
    assert_eq!(
        (form.header.digest, form.header.size),
        (Digest::of(&sealed.header), 26_235)
    );
    assert!(form.shares.iter().map(|share| share.x).eq(world.xs()));
    assert!(form.objects.is_sorted_by(|one, two| one.digest < two.digest));
    assert_eq!(form.objects.len(), 3);
    assert!(
        form.objects
            .iter()
            .any(|object| object.digest == Digest::of(&evidence) && object.size > 70_000)
    );
    assert_eq!(
        (&form.match_request, form.quota, form.keep, form.soon),
        (&None, None, 180, true)
    );
    assert_eq!(
        form.greetings.each_ref().map(|greeting| greeting.bucket),
        [BucketName::WHOLE; 2]
    );
    assert_eq!(form.work, posting(0).work);

    // Every blob but the evidence is at hand, and each is named in the form with its digest.
    let mut named: Vec<Digest> = form.shares.iter().map(|share| share.digest).collect();
    named.push(form.header.digest);
    named.extend(form.objects.iter().map(|object| object.digest));
    named.extend(form.greetings.iter().map(|greeting| greeting.digest));
    named.retain(|digest| *digest != Digest::of(&evidence));
    named.sort_unstable();
    let mut held: Vec<Digest> = sealed
        .blobs()
        .map(|(digest, file)| {
            assert_eq!(digest, Digest::of(file));
            digest
        })
        .collect();
    held.sort_unstable();
    assert_eq!(named, held);

    let deep = sealed.filing_form(
        &world.origin,
        Posting {
            quota: Some(Quota([5; 16])),
            ..posting(7)
        },
    );
    assert_eq!(deep.quota, Some(Quota([5; 16])));
    for (greeting, (hash, _)) in deep.greetings.iter().zip(&sealed.greetings) {
        assert_eq!(greeting.bucket, BucketName::of(hash, 7));
        assert_eq!(greeting.bucket.to_string().len(), 4);
    }
    let json = serde_json::to_vec(&deep).unwrap();
    assert_eq!(
        protocol::json::read::<protocol::http::FilingForm>(&json, 65_536).unwrap(),
        deep
    );
}

#[test]
fn documents_have_three_sizes() {
    let (case, mut rng) = (case(), rng(4));
    let mut compartment = CompartmentKey::draw(
        Compartment::Account,
        3,
        Opening::OnRequest,
        &case,
        &[x(1), x(2), x(3)],
        &mut rng,
    );
    let world = World::new(5, 3, 4);
    for (length, sealed_size) in [
        (0, 18_043),
        (DOCUMENT_SIZES[0], 18_043),
        (DOCUMENT_SIZES[0] + 1, 67_195),
        (DOCUMENT_SIZES[1], 67_195),
        (DOCUMENT_SIZES[1] + 1, 263_851),
        (DOCUMENT_SIZES[2], 263_851),
    ] {
        let mut account = CompartmentKey::draw(
            Compartment::Account,
            3,
            Opening::OnRequest,
            &case,
            &world.xs(),
            &mut rng,
        );
        account.set_document(&vec![b'a'; length], &mut rng).unwrap();
        let sealed = seal(&world.request(&world.xs()), &case, vec![account], &mut rng).unwrap();
        assert_eq!(
            (sealed.documents[0].len(), sealed.objects[0].size),
            (sealed_size, sealed_size as u64)
        );
    }
    let size = DOCUMENT_SIZES[2] + 1;
    let refused = compartment.set_document(&vec![b'a'; size], &mut rng);
    assert_eq!(refused, Err(SealError::Document { size }));
}

#[test]
fn a_second_document_replaces_the_first() {
    let (world, case, mut rng) = (World::new(5, 3, 4), case(), rng(5));
    let mut account = CompartmentKey::draw(
        Compartment::Account,
        3,
        Opening::OnRequest,
        &case,
        &world.xs(),
        &mut rng,
    );
    account.set_document(b"first", &mut rng).unwrap();
    account.set_document(ACCOUNT, &mut rng).unwrap();
    let sealed = seal(&world.request(&world.xs()), &case, vec![account], &mut rng).unwrap();
    assert_eq!((sealed.documents.len(), sealed.objects.len()), (1, 1));
    assert_eq!(sealed.objects[0].digest, Digest::of(&sealed.documents[0]));
}

#[test]
fn evidence_is_padded() {
    let (case, mut rng) = (case(), rng(6));
    let mut account = CompartmentKey::draw(
        Compartment::Account,
        3,
        Opening::OnRequest,
        &case,
        &[x(1), x(2), x(3)],
        &mut rng,
    );
    for (length, padded, chunks) in [(0, 65_536, 1), (65_537, 67_584, 2), (100_000, 100_352, 2)] {
        let file = account.seal_evidence(&vec![1; length], ObjectKind::Evidence, &mut rng);
        assert_eq!(file.len(), padded + 1_643 + 16 * chunks, "{length}");
    }
}

#[test]
fn a_seat_may_be_left_out() {
    let world = World::new(6, 3, 4);
    let dealt = [x(6), x(1), x(2), x(4), x(5)];
    let (sealed, _) = sealed(&world, &dealt, 7).unwrap();
    let xs: Vec<u16> = sealed.shares.iter().map(|(x, _)| x.get()).collect();
    assert_eq!(xs, [1, 2, 4, 5, 6], "ascending, without seat 3");
}

#[test]
fn seats_that_are_not_enough_or_not_of_the_council() {
    let world = World::new(5, 3, 4);
    let need = SealError::Seats { need: 5 };
    for seats in [
        &[1, 2, 3, 4][..],
        &[1, 2, 3, 4, 4],
        &[1, 2, 3, 4, 6],
        &[1, 2, 3, 4, 5, 6],
        &[],
    ] {
        let seats: Vec<MemberNumber> = seats.iter().copied().map(x).collect();
        assert_eq!(refusal(&world, &seats, |_| {}), need, "{seats:?}");
    }
}

#[test]
fn a_council_that_is_wrong_or_stale() {
    let world = World::new(5, 3, 4);
    let xs = world.xs();
    let (concentrated, _) = world.council_with(|council| {
        council
            .seats
            .iter_mut()
            .take(3)
            .for_each(|seat| seat.controller = "one".into());
    });
    assert_eq!(
        refusal(&world, &xs, |request| request.council = &concentrated),
        SealError::Council(CouncilError::Concentrated { seats: 3 })
    );
    let (other_log, _) = world.council_with(|council| council.origin = protocol::Origin::new("demo.b/log").unwrap());
    assert_eq!(
        refusal(&world, &xs, |request| request.council = &other_log),
        SealError::Stale
    );
    let (one_seat_ends, _) =
        world.council_with(|council| council.seats[2].keys_until = Day::parse("2026-11-23").unwrap());
    assert_eq!(
        refusal(&world, &xs, |request| request.council = &one_seat_ends),
        SealError::Stale
    );
    let (last_day, _) = world.council_with(|council| council.seats[2].keys_until = Day::parse("2026-11-24").unwrap());
    let (case, mut rng) = (case(), rng(8));
    let compartments = compartments(&world, &case, &xs, &mut rng);
    let request = SealRequest {
        council: &last_day,
        ..world.request(&xs)
    };
    assert!(seal(&request, &case, compartments, &mut rng).is_ok());
}

#[test]
fn choices_that_core_does_not_allow() {
    let world = World::new(5, 3, 4);
    let xs = world.xs();
    let days = AccessPolicy {
        inbox_days: 31,
        ..neutral_policy()
    };
    let refused = refusal(&world, &xs, |request| request.policy = days);
    assert!(
        matches!(refused, SealError::Core(why) if why.contains("inbox_days")),
        "{refused:?}"
    );
    let refused = refusal(&world, &xs, |request| {
        request.parent = Some(Parent::new(&case(), &case()));
    });
    assert!(matches!(refused, SealError::Core(_)), "{refused:?}");
}

#[test]
fn a_further_testimony_names_its_parent_and_proves_it() {
    let (world, case, mut rng) = (World::new(5, 3, 4), case_of(1), rng(9));
    let xs = world.xs();
    let compartments = compartments(&world, &case, &xs, &mut rng);
    let first = case_of(0);
    let request = SealRequest {
        parent: Some(Parent::new(&first, &case)),
        ..world.request(&xs)
    };
    let sealed = seal(&request, &case, compartments, &mut rng).unwrap();
    let (core, testimony) = open_header_file(&case.case_salt.k(), &sealed.header).unwrap();
    let core = verify_header(core, testimony).unwrap().core.clone();
    let parent = core.parent.clone().unwrap();
    assert_eq!(parent.case, first.id);
    let key = PublicKey(first.signing.verifying_key().to_bytes());
    assert!(parent.is_proven(&key, &core));
    // Whoever knows the case id, and has seen this filing, can neither make a proof nor use this one for a filing of his own.
    let stranger = PhraseRoot::from_bytes([0x66; 32]).case(0);
    let forged = Parent {
        case: first.id,
        ..Parent::new(&stranger, &case)
    };
    assert!(!forged.is_proven(&key, &core));
    let mut his = Core::clone(&core);
    his.inbox.key = PublicKey(stranger.signing.verifying_key().to_bytes());
    assert!(!parent.is_proven(&key, &his), "another inbox");
    let mut other = Core::clone(&core);
    other.case = stranger.id;
    assert!(!parent.is_proven(&key, &other), "another case");
    let elsewhere = Parent {
        case: stranger.id,
        ..parent
    };
    assert!(!elsewhere.is_proven(&key, &core), "another first filing");
}

#[test]
fn compartments_that_do_not_belong() {
    let (world, case) = (World::new(5, 3, 4), case());
    let xs = world.xs();
    let draw = |name, t, case_keys: &protocol::phrase::CaseKeys, seats: &[MemberNumber], seed| {
        let mut rng = rng(seed);
        let mut compartment = CompartmentKey::draw(name, t, Opening::OnRequest, case_keys, seats, &mut rng);
        compartment.set_document(ACCOUNT, &mut rng).unwrap();
        compartment
    };
    let (account, identity) = (Compartment::Account, Compartment::Identity);
    let good = |seed| draw(account, 3, &case, &xs, seed);
    let without_document = CompartmentKey::draw(account, 3, Opening::OnRequest, &case, &xs, &mut rng(1));
    for (why, compartments, at_fault) in [
        ("nothing", vec![], account),
        ("no account", vec![draw(identity, 4, &case, &xs, 1)], account),
        ("no document", vec![without_document], account),
        ("account twice", vec![good(1), good(2)], identity),
        ("of another case", vec![draw(account, 3, &case_of(1), &xs, 1)], account),
        ("another threshold", vec![draw(account, 4, &case, &xs, 1)], account),
        (
            "identity too easy",
            vec![good(1), draw(identity, 3, &case, &xs, 2)],
            identity,
        ),
        ("a seat less", vec![draw(account, 3, &case, &xs[..4], 1)], account),
        (
            "a seat more",
            vec![draw(account, 3, &case, &[1, 2, 3, 4, 5, 9].map(x), 1)],
            account,
        ),
        (
            "other seats",
            vec![draw(account, 3, &case, &[x(1), x(2), x(3), x(4), x(9)], 1)],
            account,
        ),
        (
            "one that seal draws itself",
            vec![good(1), draw(Compartment::Consent, 4, &case, &xs, 2)],
            identity,
        ),
        (
            "one too many",
            vec![
                good(1),
                draw(identity, 4, &case, &xs, 2),
                draw(Compartment::Match, 3, &case, &xs, 3),
            ],
            Compartment::Match,
        ),
    ] {
        let refused = seal(&world.request(&xs), &case, compartments, &mut rng(9)).err();
        assert_eq!(refused, Some(SealError::Compartment(at_fault)), "{why}");
    }
}

fn with_evidence(world: &World, count: usize, kinds: &[ObjectKind]) -> Result<protocol::seal::Sealed, SealError> {
    let (case, mut rng, xs) = (case(), rng(10), world.xs());
    let mut compartments = compartments(world, &case, &xs, &mut rng);
    for n in 0..count {
        compartments[n % 2].add_evidence(ObjectRef {
            digest: Digest::of(&n.to_be_bytes()),
            size: u64::MAX >> 11,
            kind: kinds.get(n).copied().unwrap_or(ObjectKind::Evidence),
        });
    }
    seal(&world.request(&xs), &case, compartments, &mut rng)
}

#[test]
fn at_most_24_objects() {
    let world = World::new(5, 3, 4);
    assert_eq!(
        with_evidence(&world, OBJECTS_MAX - 2, &[]).unwrap().objects.len(),
        OBJECTS_MAX
    );
    assert_eq!(
        with_evidence(&world, OBJECTS_MAX - 1, &[]).err(),
        Some(SealError::Objects)
    );
    // A copy follows its original.
    let refused = with_evidence(&world, 1, &[ObjectKind::Copy]).err().unwrap();
    assert!(
        matches!(refused, SealError::Core(why) if why.contains("copy")),
        "{refused:?}"
    );
}

#[test]
fn the_largest_header_fits() {
    // 23 seats and a reader are the most members there can be.
    let world = World::new(23, 21, 22);
    let sealed = with_evidence(&world, OBJECTS_MAX - 2, &[]).unwrap();
    assert_eq!((sealed.header.len(), sealed.shares.len()), (26_235, 23));
}

#[test]
fn a_greeting_that_fits_no_record() {
    let world = World::new(5, 3, 4);
    let xs = world.xs();
    let text = "x".repeat(2_043);
    let greeting = protocol::statement::Greeting {
        v: protocol::ids::Version,
        origin: world.origin.clone(),
        nonce: protocol::Nonce([1; 32]),
        time: 1,
        texts: [("es".to_owned(), text)].into(),
    };
    let long = Envelope::sign(&greeting, &[world.operator.signing()]);
    assert_eq!(
        refusal(&world, &xs, |request| request.greeting = &long),
        SealError::Greeting
    );
}

#[test]
fn nothing_but_the_seats_opens_a_share_file() {
    let world = World::new(5, 3, 4);
    let (sealed, _) = sealed(&world, &world.xs(), 11).unwrap();
    for (x, file) in &sealed.shares {
        for seat in world.xs() {
            let opens = protocol::age::open(world.keys(seat).identity(), file).is_ok();
            assert_eq!(opens, seat == *x);
        }
    }
}
