//! Each act judged by itself: author, signature, form, and what it must repeat (§5.5, §7, §8.1, §15.9).

use casework::Case;
use casework::case::{ActRefusal, CaseError, Standing};
use protocol::statement::{Compartment, Holds, Use};
use protocol::{CaseId, Digest, Envelope, Origin};

use crate::support::{BARRED, Filing, Forge, HOUR, Log, T0, Vote, Wish, sign, x};

fn filed() -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.file();
    (log, filing)
}

#[track_caller]
fn refused(log: &mut Log, filing: &Filing, envelope: &Envelope, why: ActRefusal) {
    log.act(filing, envelope);
    assert_eq!(log.refusal(filing), Some(why));
}

#[test]
fn an_ack_repeats_the_testimony() {
    let (mut log, filing) = filed();
    log.ack(&filing, 1);
    assert_eq!(log.refusal(&filing), None);
    let mut ack = log.ack_of(&filing, 2, Holds::Share);
    ack.testimony = Digest([0; 32]);
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::NotTheTestimony);
    let mut ack = log.ack_of(&filing, 2, Holds::Share);
    ack.seats.pop();
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::NotTheTestimony);
    let mut ack = log.ack_of(&filing, 2, Holds::Share);
    ack.match_request = Some(Digest([0; 32]));
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::NotTheTestimony);
    let mut ack = log.ack_of(&filing, 2, Holds::Share);
    ack.policy.allowed = vec![Use::Research];
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::NotTheTestimony);
    let mut ack = log.ack_of(&filing, 2, Holds::Share);
    ack.parent = Some(CaseId([9; 16]));
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::NotTheTestimony);
}

#[test]
fn an_act_is_signed_by_the_author_that_it_names() {
    let (mut log, filing) = filed();
    let ack = log.ack_of(&filing, 1, Holds::Share);
    refused(&mut log, &filing, &sign(&ack, &[2]), ActRefusal::Signature);
    let ack = log.ack_of(&filing, 1, Holds::Share);
    refused(&mut log, &filing, &sign(&ack, &[1, 2]), ActRefusal::Signature);
    let request = log.request_of(&filing, &Wish::default());
    refused(&mut log, &filing, &sign(&request, &[BARRED]), ActRefusal::Signature);
}

#[test]
fn an_author_is_of_the_council_and_dealt_to() {
    let (mut log, filing) = filed();
    let request = log.ask(&filing, &Wish::default());
    let stranger = log.decision_of(&filing, request, 7, Vote::Grant);
    refused(
        &mut log,
        &filing,
        &sign(&stranger, &[7]),
        ActRefusal::NotOfCouncil { x: x(7) },
    );
    let left_out = log.decision_of(&filing, request, 6, Vote::Grant);
    refused(
        &mut log,
        &filing,
        &sign(&left_out, &[6]),
        ActRefusal::HoldsNoShare { x: x(6) },
    );
    log.object(&filing, request, 6);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::HoldsNoShare { x: x(6) }));
    let referral = log.referral_of(&filing, 6, 11);
    let mut referral = referral;
    referral.seats = vec![x(6)];
    refused(
        &mut log,
        &filing,
        &sign(&referral, &[6]),
        ActRefusal::HoldsNoShare { x: x(6) },
    );
}

#[test]
fn a_seat_is_no_reader() {
    let (mut log, filing) = filed();
    let request = log.request_of(
        &filing,
        &Wish {
            reader: 3,
            ..Wish::default()
        },
    );
    refused(
        &mut log,
        &filing,
        &sign(&request, &[3]),
        ActRefusal::NotOfCouncil { x: x(3) },
    );
}

#[test]
fn an_act_is_of_this_log_and_case() {
    let (mut log, filing) = filed();
    let mut ack = log.ack_of(&filing, 1, Holds::Share);
    ack.origin = Origin::new("other.example").unwrap();
    refused(&mut log, &filing, &sign(&ack, &[1]), ActRefusal::Origin);
    let mut ack = log.ack_of(&filing, 1, Holds::Share);
    ack.case = CaseId([0; 16]);
    refused(&mut log, &filing, &sign(&ack, &[1]), ActRefusal::Case);
    let other = Filing::new(1);
    let request = log.request_of(&other, &Wish::default());
    refused(&mut log, &filing, &sign(&request, &[11]), ActRefusal::Case);
}

#[test]
fn a_reject_names_this_filing_and_takes_the_share_away_until_an_ack() {
    let (mut log, filing) = filed();
    log.reject(&filing, 2);
    assert_eq!(log.refusal(&filing), None);
    let case = log.case(&filing);
    assert!(!case.holds_share(x(2)) && case.holds_share(x(1)) && !case.holds_share(x(6)));
    let request = log.ask(&filing, &Wish::default());
    let first = log.decision_of(&filing, request, 2, Vote::Grant);
    refused(
        &mut log,
        &filing,
        &sign(&first, &[2]),
        ActRefusal::HoldsNoShare { x: x(2) },
    );
    log.ack(&filing, 2);
    assert!(log.case(&filing).holds_share(x(2)));
    log.grant(&filing, request, &[2]);
    assert_eq!(log.refusal(&filing), None);
    // Another filing's entry.
    let mut reject = log.reject_of(&filing, 3);
    reject.entry = Digest::of(&Filing::new(1).entry.to_bytes());
    refused(&mut log, &filing, &sign(&reject, &[3]), ActRefusal::Case);
}

#[test]
fn an_ack_after_a_reject_counts_though_it_raises_nothing() {
    let (mut log, filing) = filed();
    log.ack(&filing, 1);
    log.reject(&filing, 1);
    assert!(!log.case(&filing).holds_share(x(1)));
    log.ack(&filing, 1);
    assert_eq!(log.refusal(&filing), None);
    assert!(log.case(&filing).holds_share(x(1)));
}

#[test]
fn a_reader_of_an_institution_left_out_is_barred() {
    let (mut log, filing) = filed();
    let request = log.request_of(
        &filing,
        &Wish {
            reader: BARRED,
            ..Wish::default()
        },
    );
    refused(
        &mut log,
        &filing,
        &sign(&request, &[BARRED]),
        ActRefusal::Barred { x: x(BARRED) },
    );
    let referral = log.referral_of(&filing, 1, BARRED);
    refused(
        &mut log,
        &filing,
        &sign(&referral, &[1]),
        ActRefusal::Barred { x: x(BARRED) },
    );
    let referral = log.referral_of(&filing, 1, 11);
    log.act(&filing, &sign(&referral, &[1]));
    assert_eq!(log.refusal(&filing), None);
}

#[test]
fn a_referral_names_seats_dealt_to_and_a_reader() {
    let (mut log, filing) = filed();
    let mut referral = log.referral_of(&filing, 1, 11);
    referral.seats.push(x(6));
    refused(&mut log, &filing, &sign(&referral, &[1]), ActRefusal::Seats);
    let referral = log.referral_of(&filing, 1, 13);
    refused(
        &mut log,
        &filing,
        &sign(&referral, &[1]),
        ActRefusal::NotOfCouncil { x: x(13) },
    );
}

#[test]
fn a_request_names_compartments_that_can_be_asked_for() {
    let (mut log, filing) = filed();
    for name in [Compartment::Consent, Compartment::Match] {
        let wish = Wish {
            compartments: vec![Compartment::Account, name],
            ..Wish::default()
        };
        let request = log.request_of(&filing, &wish);
        refused(
            &mut log,
            &filing,
            &sign(&request, &[11]),
            ActRefusal::Compartment { name },
        );
    }
}

#[test]
fn twins_are_null_under_counts_only() {
    let (mut log, filing) = filed();
    let request = log.ask(&filing, &Wish::default());
    let mut decision = log.decision_of(&filing, request, 1, Vote::Grant);
    decision.twin = Some(Digest([1; 32]));
    refused(&mut log, &filing, &sign(&decision, &[1]), ActRefusal::Twin);
}

#[test]
fn a_request_comes_before_the_acts_on_it() {
    let (mut log, filing) = filed();
    let unknown = log.decision_of(&filing, Digest([9; 32]), 1, Vote::Grant);
    refused(&mut log, &filing, &sign(&unknown, &[1]), ActRefusal::NoRequest);
    // In a higher slot, but earlier in the log than the request.
    let request = sign(&log.request_of(&filing, &Wish::default()), &[11]);
    let decision = log.decision_of(&filing, request.digest(), 2, Vote::Grant);
    log.act_in(&filing, 3, &sign(&decision, &[2]));
    log.act_in(&filing, 2, &request);
    assert_eq!(
        log.case(&filing).acts().map(|act| act.found.k).collect::<Vec<_>>(),
        [1, 3, 2]
    );
    let decision = log.case(&filing).acts().nth(1).unwrap().standing.clone();
    assert_eq!(decision, Standing::Refused(ActRefusal::NoRequest));
    assert!(
        log.case(&filing)
            .request(&request.digest())
            .unwrap()
            .granted_by()
            .is_empty()
    );
}

#[test]
fn the_same_statement_in_two_slots_counts_once() {
    let (mut log, filing) = filed();
    let request = sign(&log.request_of(&filing, &Wish::default()), &[11]);
    log.act(&filing, &request);
    log.act(&filing, &request);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Duplicate { index: 5 }));
    assert_eq!(log.case(&filing).requests().len(), 1);
}

#[test]
fn later_acks_raise_what_is_held_and_never_lower_it() {
    let (mut log, filing) = filed();
    for (holds, refusal) in [
        (Holds::Document, None),
        (Holds::Share, Some(ActRefusal::Again { index: 5 })),
        (Holds::All, None),
        (Holds::All, Some(ActRefusal::Again { index: 7 })),
    ] {
        let ack = log.ack_of(&filing, 1, holds);
        log.act(&filing, &sign(&ack, &[1]));
        assert_eq!(log.refusal(&filing), refusal, "{holds:?}");
    }
    assert_eq!(log.case(&filing).acks()[&x(1)].0, Holds::All);
}

#[test]
fn her_objection_is_signed_with_her_key() {
    let (mut log, filing) = filed();
    let request = log.ask(&filing, &Wish::default());
    let hers = log.her_objection_of(&filing, request, 1);
    refused(&mut log, &filing, &sign(&hers, &[1]), ActRefusal::Signature);
    log.she_objects(&filing, request);
    let case = log.case(&filing);
    assert_eq!(case.request(&request).unwrap().objections[0].by, None);
    assert_eq!(case.acts().last().unwrap().author, None);
}

#[test]
fn a_release_names_the_header() {
    let (mut log, filing) = filed();
    let request = log.granted(&filing, &Wish::default());
    let mut release = log.release_of(&filing, request, 1, &[Compartment::Account]);
    release.header = Digest([0; 32]);
    refused(&mut log, &filing, &sign(&release, &[1]), ActRefusal::Header);
}

#[test]
fn statements_of_other_kinds_are_no_acts() {
    let (mut log, filing) = filed();
    let pace = crate::support::pace(4);
    refused(&mut log, &filing, &sign(&pace, &[1]), ActRefusal::Unknown);
}

#[test]
fn a_gap_never_blocks_and_can_be_filled_later() {
    let (mut log, filing) = filed();
    let request = sign(&log.request_of(&filing, &Wish::default()), &[11]);
    log.act(&filing, &request);
    log.grant(&filing, request.digest(), &[1]);
    let hidden = log.statements.remove(0);
    let mut case = log.case(&filing);
    assert_eq!(case.gaps().map(|act| act.found.k).collect::<Vec<_>>(), [1]);
    assert!(matches!(
        case.acts().last().unwrap().standing,
        Standing::Refused(ActRefusal::NoRequest)
    ));
    log.statements.push(hidden);
    case.follow(&log.fold, &log.statements);
    assert_eq!(case.gaps().count(), 0);
    assert_eq!(case.request(&request.digest()).unwrap().granted_by(), [x(1)]);
}

#[test]
fn a_statement_that_the_slot_does_not_commit_to_is_not_taken() {
    let (mut log, filing) = filed();
    log.ack(&filing, 1);
    let found = log.fold.slots().in_slot(&filing.salt(), 1)[0];
    let other = sign(&log.ack_of(&filing, 2, Holds::Share), &[2]);
    let mut case = log.bare_case(&filing);
    assert_eq!(
        case.apply(found, Some(&other), log.fold.registry()),
        Err(ActRefusal::Commitment)
    );
    assert_eq!(case.acts().count(), 0);
    let zero = log.fold.slots().in_slot(&filing.salt(), 0)[0];
    assert_eq!(case.apply(zero, None, log.fold.registry()), Err(ActRefusal::SlotZero));
    assert_eq!(case.apply(found, Some(&log.statements[0]), log.fold.registry()), Ok(()));
}

#[test]
fn acks_are_late_after_72_hours() {
    let (mut log, filing) = filed();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    log.reject(&filing, 4);
    let case = log.case(&filing);
    assert!(case.late_acks(T0 + 72 * HOUR).is_empty());
    assert_eq!(case.late_acks(T0 + 72 * HOUR + 1), [x(5)]);
}

#[test]
fn a_filing_is_safe_with_acks_of_t_account_seats() {
    let (mut log, filing) = filed();
    for seat in [1, 1, 2] {
        log.ack(&filing, seat);
    }
    assert!(!log.case(&filing).is_safe());
    log.ack(&filing, 3);
    assert!(log.case(&filing).is_safe());
    log.reject(&filing, 1);
    assert!(!log.case(&filing).is_safe());
}

fn open_case(filing: &Filing, log: &Log) -> Result<(), CaseError> {
    Case::new(filing.salt(), filing.header(), filing.header_file(), &log.fold).map(|_| ())
}

#[test]
fn a_header_must_fit_slot_0_and_the_council() {
    type Edit = fn(&mut protocol::statement::Core);
    let edits: [(Edit, CaseError); 3] = [
        (|core| core.council = Digest([0; 32]), CaseError::Council),
        (
            |core| core.origin = Origin::new("other.example").unwrap(),
            CaseError::Origin,
        ),
        (
            |core| {
                core.compartments[0].threshold = 2;
                core.compartments[0].commitments.pop();
            },
            CaseError::Thresholds,
        ),
    ];
    for (edit, error) in edits {
        let mut log = Log::new();
        let forge = Forge {
            core: Some(edit),
            testimony: (error == CaseError::Origin)
                .then_some(|testimony| testimony.origin = Origin::new("other.example").unwrap()),
            policy: None,
        };
        let filing = Filing::forged(0, &[1, 2, 3, 4, 5], &forge);
        log.append(&filing.entry);
        assert_eq!(open_case(&filing, &log), Err(error));
    }
}

#[test]
fn enough_seats_are_dealt_to() {
    let mut log = Log::new();
    let forge = Forge {
        testimony: Some(|testimony| testimony.shares.truncate(4)),
        ..Forge::default()
    };
    let filing = Filing::forged(0, &[1, 2, 3, 4, 5], &forge);
    log.append(&filing.entry);
    assert_eq!(open_case(&filing, &log), Err(CaseError::Seats));
}

#[test]
fn slot_0_commits_to_the_testimony() {
    let (filing, mut log) = (Filing::new(0), Log::new());
    assert_eq!(open_case(&filing, &log), Err(CaseError::NotFiled));
    log.append(&filing.salt().entry(0, Digest([0; 32]), None));
    assert_eq!(open_case(&filing, &log), Err(CaseError::Commitment));
}

#[test]
fn a_council_included_after_the_filing_does_not_count_for_it() {
    let mut log = Log::new();
    let next = crate::support::successor(|_| {});
    let later: fn(&mut protocol::statement::Core) = |core| {
        let next = crate::support::successor(|_| {});
        core.council = sign(&next, &[1, 2, 3, 4]).digest();
    };
    let forge = Forge {
        core: Some(later),
        ..Forge::default()
    };
    let filing = Filing::forged(0, &[1, 2, 3, 4, 5], &forge);
    log.append(&filing.entry);
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(open_case(&filing, &log), Err(CaseError::Council));
}

#[test]
fn authors_keys_come_from_the_newest_council_included_before_the_act() {
    let (mut log, filing) = filed();
    let next = crate::support::successor(|council| council.seats[0].key = crate::support::keys(21).public());
    let old = log.ack_of(&filing, 1, Holds::Share);
    log.act(&filing, &sign(&old, &[1]));
    assert_eq!(log.refusal(&filing), None);
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    let later = log.ack_of(&filing, 1, Holds::All);
    refused(&mut log, &filing, &sign(&later, &[1]), ActRefusal::Signature);
    let later = log.ack_of(&filing, 1, Holds::All);
    log.act(&filing, &sign(&later, &[21]));
    assert_eq!(log.refusal(&filing), None);
    assert_eq!(log.case(&filing).acks()[&x(1)].1.k, 1);
}
