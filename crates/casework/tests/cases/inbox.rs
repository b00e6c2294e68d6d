//! What she is told, from the phrase alone (§4).

use casework::clock::NoLogTime;
use casework::view::{CaseAnswer, NotVerifiable, answer, inbox};
use casework::{Case, CaseError, Clock, InvalidLog, Latest, RequestStatus};
use protocol::statement::{Holds, Parent, Proof};

use crate::support::{DAY, Filing, Forge, HOUR, Log, OBJECTION_S, T0, Wish, checkpoint_note, sign, x};

/// What her device does: slots from the phrase, acks in the header's stead.
fn hers(log: &Log, filing: &Filing) -> Result<Case, casework::CaseError> {
    let key = protocol::ids::PublicKey(filing.keys.signing.verifying_key().to_bytes());
    Case::from_acks(filing.salt(), filing.keys.id, key, &log.fold, &log.statements)
}

fn ask(log: &Log, filing: &Filing, filed_at: Option<u64>) -> CaseAnswer {
    let case = hers(log, filing);
    let read: Result<(), InvalidLog> = Ok(());
    answer(
        &Ok(log.moment()),
        read,
        &log.fold,
        &filing.salt(),
        case.as_ref(),
        filed_at,
    )
}

#[test]
fn in_the_log_and_held_with_acks_of_t_account_seats() {
    let mut log = Log::new();
    let filing = log.file();
    let filed = log.fold.slots().in_slot(&filing.salt(), 0)[0];
    for (have, seat) in [1, 2, 3].into_iter().enumerate() {
        assert_eq!(ask(&log, &filing, None), CaseAnswer::Withheld { filed, have, need: 3 });
        log.ack(&filing, seat);
    }
    assert_eq!(ask(&log, &filing, None), CaseAnswer::Held { filed });
}

#[test]
fn acks_that_do_not_recompute_the_commitment_do_not_count() {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        let mut ack = log.ack_of(&filing, seat, Holds::Share);
        ack.testimony = protocol::Digest([seat as u8; 32]);
        log.act(&filing, &sign(&ack, &[seat]));
    }
    assert!(matches!(ask(&log, &filing, None), CaseAnswer::Withheld { have: 0, .. }));
}

#[test]
fn acks_by_strangers_or_with_other_seats_do_not_count() {
    let mut log = Log::new();
    let filing = log.file();
    log.ack(&filing, 1);
    log.ack(&filing, 2);
    let ack = log.ack_of(&filing, 3, Holds::Share);
    log.act(&filing, &sign(&ack, &[4]));
    // Seat 4 lies about who was dealt to; seat 6 was not.
    let mut ack = log.ack_of(&filing, 4, Holds::Share);
    ack.seats.push(x(6));
    log.act(&filing, &sign(&ack, &[4]));
    let mut ack = log.ack_of(&filing, 6, Holds::Share);
    ack.seats.push(x(6));
    log.act(&filing, &sign(&ack, &[6]));
    assert!(matches!(
        ask(&log, &filing, None),
        CaseAnswer::Withheld { have: 2, need: 3, .. }
    ));
    log.ack(&filing, 5);
    assert!(matches!(ask(&log, &filing, None), CaseAnswer::Held { .. }));
    let case = hers(&log, &filing).unwrap();
    assert_eq!(case.facts().dealt, [1, 2, 3, 4, 5].map(x));
    // With the seats known, the lying acks are refused.
    assert_eq!(case.acks().into_keys().collect::<Vec<_>>(), [1, 2, 5].map(x));
}

#[test]
fn the_acks_tell_what_a_filing_adds_to() {
    let mut log = Log::new();
    let first = log.file();
    let forge = Forge {
        core: Some(|core| {
            core.parent = Some(Parent {
                case: Filing::new(0).keys.id,
                proof: Proof([0; 64]),
            });
        }),
        ..Forge::default()
    };
    let added = log.filed(Filing::forged(1, &[1, 2, 3, 4, 5], &forge));
    for seat in [1, 2] {
        log.ack(&added, seat);
    }
    // A bought seat hides the link: what most seats say counts.
    let mut ack = log.ack_of(&added, 4, Holds::Share);
    ack.parent = None;
    log.act(&added, &sign(&ack, &[4]));
    assert!(matches!(
        hers(&log, &added),
        Err(CaseError::Withheld { have: 2, need: 3 })
    ));
    log.ack(&added, 3);
    assert_eq!(hers(&log, &added).unwrap().facts().parent, Some(first.keys.id));
    for seat in [1, 2, 3] {
        log.ack(&first, seat);
    }
    assert_eq!(hers(&log, &first).unwrap().facts().parent, None);
}

#[test]
fn no_such_entry_up_to_a_time_and_not_yet_within_24_hours() {
    let mut log = Log::new();
    let filing = Filing::new(0);
    for (at, not_yet) in [(T0, true), (T0 + 24 * HOUR, true), (T0 + 24 * HOUR + 1, false)] {
        log.wait_until(at);
        assert_eq!(ask(&log, &filing, Some(T0)), CaseAnswer::NoEntry { up_to: at, not_yet });
        assert_eq!(
            ask(&log, &filing, None),
            CaseAnswer::NoEntry {
                up_to: at,
                not_yet: false
            }
        );
    }
}

#[test]
fn an_entry_beyond_the_checkpoint_is_not_there_yet() {
    let mut log = Log::new();
    let before = log.moment();
    let filing = log.file();
    let case = hers(&log, &filing);
    let read: Result<(), InvalidLog> = Ok(());
    let told = answer(&Ok(before), read, &log.fold, &filing.salt(), case.as_ref(), Some(T0));
    assert_eq!(
        told,
        CaseAnswer::NoEntry {
            up_to: T0,
            not_yet: true
        }
    );
}

#[test]
fn a_log_that_cannot_be_verified_is_said_to_be_so() {
    let mut log = Log::new();
    let filing = log.file();
    let case = hers(&log, &filing);
    let tell = |moment, read: Result<(), NotVerifiable>| match answer(
        &moment,
        read,
        &log.fold,
        &filing.salt(),
        case.as_ref(),
        None,
    ) {
        CaseAnswer::NotVerifiable { reason } => reason,
        other => panic!("{other:?}"),
    };
    let moment = log.moment();
    assert_eq!(
        tell(Ok(moment), Err(InvalidLog::Entry { index: 9 }.into())),
        NotVerifiable::Invalid
    );
    assert_eq!(
        tell(Err(NoLogTime::TooOld { age_s: 5 }), Ok(())),
        NotVerifiable::TooOld { age_s: 5 }
    );
    let untrusted = NoLogTime::Untrusted(tlog::policy::Untrusted::Quorum);
    assert_eq!(tell(Err(untrusted), Ok(())), NotVerifiable::Checkpoint);
    let note = checkpoint_note(log.fold.size() + 1, log.now);
    let ahead = Latest {
        checkpoint: &note,
        clock: Clock::of_device(log.now),
    };
    assert_eq!(
        tell(ahead.check(log.fold.registry()), Ok(())),
        NotVerifiable::NotReadToTheEnd
    );
}

#[test]
fn she_sees_every_act_on_her_case() {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    let request = log.ask(&filing, &Wish::both());
    log.grant(&filing, request, &[1]);
    log.she_objects(&filing, request);
    log.padding();
    log.wait_until(T0 + 73 * HOUR);
    let hidden = log.grant_hidden(&filing, request);
    let case = hers(&log, &filing).unwrap();
    let told = ask(&log, &filing, None);
    let seen = inbox(told.clone(), &case, log.now);
    assert_eq!(seen.answer, told);
    assert!(seen.is_safe);
    assert_eq!(seen.acks.iter().map(|ack| ack.0).collect::<Vec<_>>(), [1, 2, 3].map(x));
    assert_eq!(seen.late_acks, [4, 5].map(x));
    assert_eq!(
        seen.acts.iter().map(|act| act.found.k).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7]
    );
    assert_eq!(case.gaps().map(|act| act.found.k).collect::<Vec<_>>(), [hidden]);
    assert_eq!(
        seen.requests[0].status,
        RequestStatus::Deciding { until: T0 + 14 * DAY }
    );
    assert_eq!(
        seen.requests[0]
            .state
            .compartments
            .iter()
            .map(|c| c.need)
            .collect::<Vec<_>>(),
        [4, 5]
    );
    let json = serde_json::to_value(&seen).unwrap();
    assert_eq!(json["answer"]["answer"], "held");
    assert_eq!(json["requests"][0]["status"], "deciding");
    assert_eq!(json["acts"][6]["standing"]["standing"], "gap");
}

#[test]
fn she_and_a_seat_see_the_same_requests() {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    let request = log.ask(&filing, &Wish::both());
    log.grant(&filing, request, &[1, 2, 3, 4]);
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(hers(&log, &filing).unwrap().requests(), log.case(&filing).requests());
}

impl Log {
    /// A grant whose statement nobody shows; its slot.
    fn grant_hidden(&mut self, filing: &Filing, request: protocol::Digest) -> u32 {
        self.grant(filing, request, &[5]);
        self.statements.pop();
        self.next_slot(filing) - 1
    }
}
