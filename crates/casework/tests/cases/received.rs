//! What came to a request's key, some of it from whoever means harm (§8.1, §21).

use casework::FollowedCase;
use casework::asked::{RequestTiming, asked};
use casework::open::{BadShare, Received, Released, may_still_open};
use casework::registry::KeyChange;
use protocol::open::open_header_file;
use protocol::share::ShareFile;
use protocol::share::file::Flags;
use protocol::statement::{Compartment, OpeningOutcome, Release, ReleasedFile, Request};
use protocol::{Digest, Envelope, age};

use crate::support::{Filing, Forge, Log, Wish, keys, sign, successor, x};

const ACCOUNT: Compartment = Compartment::Account;

/// A story up to the end of the waiting time, and what comes to the reader.
struct Story {
    log: Log,
    filing: Filing,
    request: Digest,
    released: Released,
}

impl Story {
    fn new() -> Self {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.granted(&filing, &Wish::default());
        Self {
            log,
            filing,
            request,
            released: Released::default(),
        }
    }

    /// The release file of a seat, in the name of `named`.
    fn file(&self, seat: u16, named: u16) -> Received {
        let (_, sealed) = &self.filing.sealed.shares[usize::from(seat) - 1];
        let share = ShareFile::parse(&age::open(keys(seat).identity(), sealed).unwrap()).unwrap();
        let mut file = share.release(self.request, ACCOUNT).unwrap();
        file.x = x(named);
        // Which bytes carry it is of no matter here, only that its `release` names them.
        Received {
            digest: Digest::of(&file.to_bytes()),
            file,
        }
    }

    fn statement(&self, seat: u16, file: &Received, header: Digest) -> Release {
        let file = ReleasedFile {
            name: ACCOUNT,
            digest: file.digest,
            size: 1_851,
        };
        Release {
            header,
            files: vec![file],
            ..self.log.release_of(&self.filing, self.request, seat, &[ACCOUNT])
        }
    }

    /// A seat releases this file: into the log, and to the reader.
    fn release(&mut self, seat: u16, file: Received) {
        let release = self.statement(seat, &file, self.filing.header_file());
        let release = sign(&release, &[seat]);
        self.log.act(&self.filing, &release);
        self.released.statements.push(release);
        self.released.files.push(file);
    }

    fn held(&self) -> FollowedCase {
        let header = &self.filing.sealed.header;
        let mut held = FollowedCase::new(self.filing.salt(), Flags::default(), header, &self.log.fold).unwrap();
        for statement in &self.log.statements {
            held.take_statement(statement.clone());
        }
        held.follow(&self.log.fold);
        held
    }

    fn headers(&self) -> Vec<Digest> {
        let registry = self.log.fold.registry();
        self.released.headers(&self.filing.keys.id, &self.request, registry)
    }
}

#[test]
fn a_bad_file_that_no_seat_signed_for_accuses_nobody() {
    let mut story = Story::new();
    for seat in [1, 2] {
        let file = story.file(seat, seat);
        story.release(seat, file);
    }
    // Whoever knows the recipient writes in the names of seats 3 and 2.
    for (share, named) in [(1, 3), (1, 2)] {
        let file = story.file(share, named);
        story.released.files.push(file);
    }
    let combined = story.released.combine(&story.held(), &story.request, &[]).unwrap();
    assert_eq!(combined.closed, [(ACCOUNT, 2, 3)], "only good shares are counted");
    assert_eq!((combined.bad.as_slice(), combined.unsigned), (&[][..], 2));
    assert_eq!(combined.outcome(), None);
}

#[test]
fn a_bad_file_that_its_seat_signed_for_names_the_seat() {
    let mut story = Story::new();
    for (share, seat) in [(1, 1), (2, 2), (5, 3), (4, 4)] {
        let file = story.file(share, seat);
        story.release(seat, file);
    }
    let unsigned = story.file(4, 1);
    story.released.files.push(unsigned);
    let combined = story.released.combine(&story.held(), &story.request, &[]).unwrap();
    assert_eq!(combined.outcome(), Some(OpeningOutcome::Opened));
    assert_eq!(combined.bad, [BadShare { name: ACCOUNT, x: x(3) }]);
    assert_eq!(combined.unsigned, 1);
    assert!(combined.closed.is_empty());
}

#[test]
fn a_closed_compartment_may_open_until_too_few_seats_are_left_to_release_it() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::both());
    log.grant(&filing, request, &[1, 2, 3, 4]);
    log.wait_until(log.now + crate::support::OBJECTION_S);
    let both = [ACCOUNT, Compartment::Identity];
    log.release(&filing, request, 1, &both);
    let may = |log: &Log, name| may_still_open(&log.case(&filing), &request, name);
    assert!(may(&log, Compartment::Identity), "four of five may release it");
    log.release(&filing, request, 2, &[ACCOUNT]);
    assert!(may(&log, Compartment::Identity), "the first and three others");
    log.release(&filing, request, 3, &[ACCOUNT]);
    assert!(!may(&log, Compartment::Identity), "two seats have released without it");
    assert!(may(&log, ACCOUNT));
    assert!(!may_still_open(&log.case(&filing), &Digest([0; 32]), ACCOUNT));
}

#[test]
fn the_header_that_most_seats_have_signed_comes_first() {
    let mut story = Story::new();
    let bogus = Digest([0; 32]);
    let file = story.file(1, 1);
    let hostile = story.statement(1, &file, bogus);
    story.released.statements.push(sign(&hostile, &[1]));
    // In the others' names, signed by one seat.
    for seat in [2, 3, 4, 5] {
        let forged = story.statement(seat, &file, bogus);
        story.released.statements.push(sign(&forged, &[1]));
    }
    // Nor does it count more often because it says it twice.
    story.released.statements.push(sign(&hostile, &[1]));
    for seat in [2, 3] {
        let file = story.file(seat, seat);
        story.release(seat, file);
    }
    assert_eq!(story.headers(), [story.filing.header_file(), bogus]);
}

#[test]
fn a_header_of_another_case_is_not_taken() {
    let mut story = Story::new();
    let file = story.file(2, 2);
    story.release(2, file);
    let (salt, header) = (&story.filing.keys.case_salt, &story.filing.sealed.header);
    let id = story.filing.keys.id;
    let found = story.released.salt_of(&id, header).unwrap();
    assert_eq!(found.expose(), salt.expose());
    assert!(story.released.salt_of(&protocol::CaseId([7; 16]), header).is_none());
    // One that opens with the same key, and whose core is not the one that the release file names.
    let other = Filing::forged(
        0,
        &[1, 2, 3, 4, 5],
        &Forge {
            core: Some(|core| core.nonce.0[0] ^= 1),
            ..Forge::default()
        },
    );
    let mut plain = vec![1];
    for envelope in [&other.core, &other.testimony] {
        plain.extend_from_slice(&u32::try_from(envelope.bytes().len()).unwrap().to_be_bytes());
        plain.extend_from_slice(envelope.bytes());
    }
    plain.resize(24_576, 0);
    let forged = age::seal(&[&salt.k().recipient()], &plain, &mut crate::support::rng(1));
    assert!(open_header_file(&salt.k(), &forged).is_ok());
    assert!(story.released.salt_of(&id, &forged).is_none());
}

#[test]
fn a_replaced_key_is_told_with_those_who_signed() {
    let mut log = Log::new();
    let old = log.fold.registry().current().unwrap().seat(x(3)).unwrap().key;
    let council = successor(|council| {
        for number in [2, 3] {
            let fresh = protocol::keys::MemberKeys::from_seed(&[0x60 + number as u8; 32]);
            let seat = council.seats.iter_mut().find(|seat| seat.x == x(number)).unwrap();
            seat.key = fresh.public();
            seat.recipient = fresh.identity().recipient();
        }
    });
    let envelope: Envelope = sign(&council, &[1, 2, 4, 5]);
    log.publish(&envelope);
    let registry = log.fold.registry();
    assert_eq!(registry.current().unwrap().epoch, 2);
    let changes = registry.key_changes();
    let [own, not_asked] = changes.as_slice() else {
        panic!("two keys were replaced: {changes:?}")
    };
    assert_eq!((own.x, own.is_own), (x(2), true));
    let told = KeyChange {
        x: x(3),
        institution: own.institution.replace('2', "3"),
        epoch: 2,
        included_at: registry.current().unwrap().included_at(),
        before: old,
        signed_by: [1, 2, 4, 5].map(x).to_vec(),
        is_own: false,
    };
    assert_eq!(not_asked, &told);
    assert_eq!(registry.replaced(&old), Some(told));
    assert_eq!(registry.replaced(&registry.current().unwrap().seats[2].key), None);
}

#[test]
fn a_reader_that_knows_nothing_of_a_case_is_told_when_its_request_lapses_and_dies() {
    let mut log = Log::new();
    let filing = log.file();
    let request: Request = log.request_of(&filing, &Wish::default());
    let council = crate::support::council();
    let at = |time: u64| asked(&request, &council, time);
    let until = request.decide_by;
    let ends_at = until + crate::support::OBJECTION_S + 24 * 86_400;
    assert_eq!(at(until), RequestTiming::Deciding { until });
    let lapsed = RequestTiming::Lapsed {
        since: until + 1,
        ends_at,
    };
    assert_eq!((at(until + 1), at(ends_at)), (lapsed, lapsed));
    assert_eq!(at(ends_at + 1), RequestTiming::Dead { since: ends_at + 1 });
}
