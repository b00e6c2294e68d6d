//! From eight words to an opened document, in one process: phrase, seal, five seats, three releases, open.

use crate::filing_support;

use filing_support::{ACCOUNT, IDENTITY, World, neutral_policy, photograph, rng};
use protocol::age::stream::{CHUNK, Opener, StreamSealer};
use protocol::age::{self, Identity};
use protocol::drop::{Record, bucket_hash, open_record};
use protocol::open::{combine_releases, header_of_release, unpad_document, unpad_evidence};
use protocol::phrase::{CaseKeys, Language, Phrase};
use protocol::seal::{CompartmentKey, HEADER_FILE_LEN, Sealed, seal};
use protocol::share::check::{AcceptedShare, Delivery, check};
use protocol::share::{CombineError, ReleaseFile, ShareFile};
use protocol::statement::{Compartment, Council, ObjectKind, ObjectRef, Opening};
use protocol::{Digest, MemberNumber};
use rand_chacha::ChaCha20Rng;
use zeroize::Zeroizing;

/// Streams evidence as a caller does: in odd pieces, padded with zeros.
fn stream_evidence(compartment: &mut CompartmentKey, original: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let size = age::pad::evidence_size(original.len() as u64) as usize;
    let (mut sealer, mut file) = StreamSealer::new(compartment.recipient(), rng);
    for piece in original.chunks(10_007) {
        sealer.push(piece, &mut file);
    }
    sealer.push(&vec![0; size - original.len()], &mut file);
    sealer.finish(&mut file);
    compartment.add_evidence(ObjectRef {
        digest: Digest::of(&file),
        size: file.len() as u64,
        kind: ObjectKind::Evidence,
    });
    file
}

fn file_testimony(world: &World, case: &CaseKeys, rng: &mut ChaCha20Rng) -> (Sealed, Vec<u8>) {
    let xs = world.xs();
    let mut account = CompartmentKey::draw(
        Compartment::Account,
        world.council.account,
        Opening::OnRequest,
        case,
        &xs,
        rng,
    );
    let evidence = stream_evidence(&mut account, &photograph(), rng);
    account.set_document(ACCOUNT, rng).unwrap();
    let mut identity = CompartmentKey::draw(
        Compartment::Identity,
        world.council.identity,
        Opening::OnRequest,
        case,
        &xs,
        rng,
    );
    identity.set_document(IDENTITY, rng).unwrap();
    // In any order; the seal puts account first.
    (
        seal(&world.request(&xs), case, vec![identity, account], rng).unwrap(),
        evidence,
    )
}

fn seats_accept(world: &World, sealed: &Sealed) -> Vec<AcceptedShare> {
    let council_of =
        |digest: &Digest| -> Option<Council> { (*digest == world.digest()).then(|| world.council.clone()) };
    let entry = sealed.entry.to_bytes();
    let deliver = |(seat, file): &(MemberNumber, Vec<u8>)| {
        let delivery = Delivery {
            id: sealed.id(),
            share: Some(file),
            header: Some(&sealed.header),
        };
        check(*seat, world.keys(*seat), &delivery, &council_of, &|bytes| {
            bytes == entry
        })
        .ok()
        .unwrap()
    };
    sealed.shares.iter().map(deliver).collect()
}

/// A seat's release goes through its file and the request's own key, as on the wire.
fn release(share: &ShareFile, request: Digest, name: Compartment, to: &Identity, rng: &mut ChaCha20Rng) -> ReleaseFile {
    let file = share.release(request, name).unwrap().to_bytes();
    let sealed = age::seal(&[&to.recipient()], &file, rng);
    assert_eq!(sealed.len(), 1_851);
    ReleaseFile::parse(&age::open(to, &sealed).unwrap()).unwrap()
}

fn open_stream(identity: &Identity, file: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut opener = Opener::new(identity);
    let mut plain = Zeroizing::new(Vec::new());
    for piece in file.chunks(CHUNK / 3) {
        opener.push(piece, &mut plain).unwrap();
    }
    opener.finish(&mut plain).unwrap();
    plain
}

#[test]
fn from_the_phrase_to_the_opened_document() {
    let mut rng = rng(1);
    let world = World::new(5, 3, 4);
    let phrase = Phrase::draw(&mut rng);
    let words = phrase.words(Language::Spanish);
    let again = Phrase::read(&words).unwrap();
    let case = again[0].root(&world.origin).unwrap().case(0);
    let (sealed, evidence) = file_testimony(&world, &case, &mut rng);

    // What is filed has the sizes of §16 and names nothing that is not there.
    assert_eq!(sealed.header.len(), age::sealed_len(HEADER_FILE_LEN, 1));
    assert_eq!((sealed.header.len(), sealed.shares.len()), (26_235, 5));
    assert!(sealed.shares.iter().all(|(_, file)| file.len() == 1_979));
    assert!(sealed.documents.iter().all(|file| file.len() == 18_043));
    let digests: Vec<Digest> = sealed.objects.iter().map(|object| object.digest).collect();
    let [account, identity] = &sealed.documents[..] else {
        panic!("two documents")
    };
    assert_eq!(
        digests,
        [Digest::of(account), Digest::of(&evidence), Digest::of(identity)]
    );

    // Five seats check and accept, and read the flags.
    let seats = seats_accept(&world, &sealed);
    assert_eq!(seats.len(), 5);
    assert!(seats.iter().all(|seat| seat.share.flags == filing_support::FLAGS));
    assert!(seats.iter().all(|seat| seat.core.policy == neutral_policy()));
    assert_eq!(seats[0].testimony.seats(), world.xs());

    // Three release the account to one request; the reader needs nothing but their files.
    let (request, key) = (Digest([0x55; 32]), Identity::draw(&mut rng));
    let mut releases = Vec::new();
    for seat in [4, 0, 2] {
        releases.push(release(
            &seats[seat].share,
            request,
            Compartment::Account,
            &key,
            &mut rng,
        ));
    }
    let header = header_of_release(&releases[0], &sealed.header).unwrap();
    let (opened, bad) = combine_releases(request, &header.core, Compartment::Account, &releases, None).unwrap();
    assert_eq!(bad, []);
    let plain = age::open(&opened, account).unwrap();
    assert_eq!(unpad_document(&plain), (ACCOUNT, true));
    let photograph = photograph();
    let plain = open_stream(&opened, &evidence);
    assert_eq!(
        unpad_evidence(&plain, photograph.len() as u64),
        Some((&photograph[..], true))
    );

    // Identity stays closed: another key, and another threshold.
    assert!(age::open(&opened, identity).is_err());
    let three: Vec<ReleaseFile> = seats[..3]
        .iter()
        .map(|seat| seat.share.release(request, Compartment::Identity).unwrap())
        .collect();
    let refused = combine_releases(request, &header.core, Compartment::Identity, &three, None).unwrap_err();
    let short = CombineError::NotEnough {
        good: 3,
        need: 4,
        bad: vec![],
    };
    assert_eq!(refused, short.into());
    let four: Vec<ReleaseFile> = seats[1..]
        .iter()
        .map(|seat| seat.share.release(request, Compartment::Identity).unwrap())
        .collect();
    let (opened, _) = combine_releases(request, &header.core, Compartment::Identity, &four, None).unwrap();
    assert_eq!(unpad_document(&age::open(&opened, identity).unwrap()), (IDENTITY, true));
}

#[test]
fn the_phrase_alone_finds_the_filing_but_opens_nothing() {
    let world = World::new(5, 3, 4);
    let (case, mut rng) = (filing_support::case(), rng(2));
    let (sealed, evidence) = file_testimony(&world, &case, &mut rng);
    let own = [
        case.inbox.seed(),
        case.case_salt.k().seed(),
        case.case_salt.expose(),
        case.consent_part.expose(),
    ]
    .map(|seed| Identity::from_seed(*seed));
    for object in sealed.documents.iter().chain([&evidence]) {
        assert!(own.iter().all(|identity| age::open(identity, object).is_err()));
    }
    assert!(age::open(&case.case_salt.k(), &sealed.header).is_ok());
}

#[test]
fn two_greetings_that_nothing_tells_apart() {
    let world = World::new(5, 3, 4);
    let case = filing_support::case();
    let mut first_is_hers = 0;
    for seed in 0..16 {
        let (sealed, _) = filing_support::sealed(&world, &world.xs(), seed).unwrap();
        let hers = bucket_hash(&case.inbox.recipient());
        let [one, two] = &sealed.greetings;
        assert!((one.0 == hers) ^ (two.0 == hers));
        assert_eq!((one.1.len(), two.1.len()), (3_707, 3_707));
        first_is_hers += u32::from(one.0 == hers);
        let (own, other) = if one.0 == hers { (one, two) } else { (two, one) };
        let Some(Ok(Record::Stream { act, twin: None })) = open_record(&case.inbox, &own.1) else {
            panic!("the greeting opens")
        };
        assert_eq!(act.bytes(), world.greeting.bytes());
        assert!(open_record(&case.inbox, &other.1).is_none());
    }
    assert!((1..16).contains(&first_is_hers), "the order is random");

    // A second phrase that she keeps gets the same text.
    let second = filing_support::case_of(1);
    let xs = world.xs();
    let recipient = second.inbox.recipient();
    let request = protocol::seal::SealRequest {
        second_inbox: Some(&recipient),
        ..world.request(&xs)
    };
    let mut rng = rng(3);
    let compartments = filing_support::compartments(&world, &case, &xs, &mut rng);
    let sealed = seal(&request, &case, compartments, &mut rng).unwrap();
    let read = |identity: &Identity| {
        sealed
            .greetings
            .iter()
            .filter_map(|(_, file)| open_record(identity, file))
            .filter(Result::is_ok)
            .count()
    };
    assert_eq!((read(&case.inbox), read(&second.inbox)), (1, 1));
}
