//! P at the reader's: from her consent, or from a release of compartment 3 (§8.4).

use casework::FollowedCase;
use casework::open::{Combined, PartSource, Received, Released};
use protocol::age::{self, Identity};
use protocol::share::ShareFile;
use protocol::share::consent::read_lapse_document;
use protocol::share::file::Flags;
use protocol::statement::{Compartment, OpeningOutcome};
use protocol::{Digest, Secret};

use crate::support::{Filing, Log, Wish, keys};

const ACCOUNT: Compartment = Compartment::Account;
const CONSENT: Compartment = Compartment::Consent;

/// Release files of these seats for a request that nobody has logged: what a reader may hold whatever the log says.
fn story(filing: &Filing, names: &[Compartment], seats: &[u16]) -> (FollowedCase, Digest, Released) {
    let mut log = Log::new();
    log.append(&filing.entry);
    let request = log.ask(filing, &Wish::default());
    let held = FollowedCase::new(filing.salt(), Flags::default(), &filing.sealed.header, &log.fold).unwrap();
    let mut released = Released::default();
    for seat in seats {
        let (_, sealed) = &filing.sealed.shares[usize::from(*seat) - 1];
        let share = ShareFile::parse(&age::open(keys(*seat).identity(), sealed).unwrap()).unwrap();
        for name in names {
            let file = share.release(request, *name).unwrap();
            let digest = Digest::of(&file.to_bytes());
            released.files.push(Received { digest, file });
        }
    }
    (held, request, released)
}

fn part(bytes: &[u8; 32]) -> Secret<[u8; 32]> {
    Secret::new(*bytes)
}

fn names(combined: &Combined) -> Vec<Compartment> {
    combined.unlocked.iter().map(|unlocked| unlocked.name).collect()
}

#[test]
fn without_p_enough_shares_leave_it_closed_and_nothing_is_to_be_filed() {
    let filing = Filing::with_consent(0, false);
    let (held, request, released) = story(&filing, &[ACCOUNT], &[1, 2, 3, 4, 5]);
    let combined = released.combine(&held, &request, &[]).unwrap();
    assert_eq!(
        (names(&combined), combined.lacking_part.as_slice()),
        (vec![], &[ACCOUNT][..])
    );
    assert_eq!((combined.outcome(), combined.part), (None, None));
    assert!(combined.useless.is_empty() && released.lapse_key(&held, &request).is_none());
}

#[test]
fn one_good_part_among_bad_ones_opens_and_a_bad_one_alone_does_not() {
    let filing = Filing::with_consent(0, false);
    let (held, request, released) = story(&filing, &[ACCOUNT], &[1, 2, 3]);
    let bad = || (PartSource::Consent, part(&[7; 32]));
    let good = || (PartSource::Consent, part(filing.keys.consent_part.expose()));
    let combined = released.combine(&held, &request, &[bad()]).unwrap();
    assert_eq!(
        (combined.outcome(), combined.part),
        (Some(OpeningOutcome::DoesNotOpen), None)
    );
    for parts in [vec![good()], vec![bad(), good()], vec![good(), bad()]] {
        let combined = released.combine(&held, &request, &parts).unwrap();
        assert_eq!(
            (names(&combined), combined.part),
            (vec![ACCOUNT], Some(PartSource::Consent))
        );
        assert_eq!(combined.outcome(), Some(OpeningOutcome::Opened));
        assert!(combined.lacking_part.is_empty() && combined.useless.is_empty());
    }
}

#[test]
fn a_part_is_not_asked_for_where_she_did_not_ask_to_be() {
    let filing = Filing::new(0);
    let (held, request, released) = story(&filing, &[ACCOUNT], &[1, 2, 3]);
    let parts = [(PartSource::Consent, part(filing.keys.consent_part.expose()))];
    let combined = released.combine(&held, &request, &parts).unwrap();
    assert_eq!((names(&combined), combined.part), (vec![ACCOUNT], None));
}

#[test]
fn t_lapse_seats_give_p_and_fewer_do_not() {
    let filing = Filing::with_consent(0, true);
    let (held, request, released) = story(&filing, &[ACCOUNT, CONSENT], &[1, 2, 3]);
    assert!(released.lapse_key(&held, &request).is_none(), "three of four");
    let (held, request, released) = story(&filing, &[ACCOUNT, CONSENT], &[1, 2, 3, 5]);
    let key: Identity = released.lapse_key(&held, &request).unwrap();
    let document = age::open(&key, &filing.sealed.documents[2]).unwrap();
    let parts = [(PartSource::Lapse, read_lapse_document(&document).unwrap())];
    let combined = released.combine(&held, &request, &parts).unwrap();
    // P itself is nothing to show.
    assert_eq!(
        (names(&combined), combined.part),
        (vec![ACCOUNT], Some(PartSource::Lapse))
    );
}
