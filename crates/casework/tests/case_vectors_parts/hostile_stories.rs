//! Stories of `times.json` in which somebody withholds an act and shows it late, or plays with slots (§6.2, §19).

use casework::RequestStatus as Status;
use protocol::Digest;

use super::time_stories::{ACCOUNT, ASKED, DECIDE_BY, DECIDING, ENDS_AT, GRANTED, RELEASING, WAITED, releasing};
use super::times::{Stand, Story};
use crate::support::{DAY, HOUR, OBJECTION_S, Vote, Wish, sign};

pub fn hostile() -> Vec<Story> {
    vec![
        out_of_reach(),
        one_slot(),
        a_hidden_refusal(),
        a_hidden_objection(),
        a_hidden_grant(),
        dead_for_ever(),
    ]
}

fn out_of_reach() -> Story {
    let mut story = Story::held(
        "The highest slot found is 6. Seat 5 objects in slot 71, which nobody could find then, and again in slot 70. Entries that \
         nobody shows fill in beneath: the first objection never counts, and what comes first is decided by the index alone.",
    );
    let request = story.ask(&Wish::default());
    story.at(ASKED + 1);
    for k in [71, 70] {
        let objection = story.log.objection_of(&story.filing, request, 5);
        story.log.act_in(&story.filing, k, &sign(&objection, &[5]));
    }
    for k in [20, 40] {
        let junk = story.filing.salt().entry(k, Digest([k as u8; 32]), None);
        story.log.append(&junk);
    }
    let until = ASKED + 1 + 14 * DAY;
    let refused = [(11, "unreachable")];
    let deciding = Stand::new(Status::Deciding { until }, until, &[4], &[]);
    story.check(ASKED + 1, &[deciding], &refused, &[]);
    story
}

fn one_slot() -> Story {
    let mut story = Story::held("Three grants in one slot, as authors file them who insist: each counts.");
    let request = story.ask(&Wish::default());
    story.at(GRANTED);
    for seat in [3, 1, 2] {
        let grant = story.log.decision_of(&story.filing, request, seat, Vote::Grant);
        story.log.act_in(&story.filing, 9, &sign(&grant, &[seat]));
    }
    let until = WAITED;
    story.one(
        GRANTED,
        Stand::new(Status::Waiting { until }, DECIDE_BY, &[3], &ACCOUNT),
    );
    story
}

fn a_hidden_refusal() -> Story {
    let mut story = Story::held(
        "Seat 1 refuses, and nobody shows it; then it grants. Seats 2 and 3 release on its grant. The refusal is shown: its grant \
         is one too many, and what was released stays valid, for a release is judged by the acts that it names.",
    );
    let request = story.ask(&Wish::default());
    story.at(GRANTED);
    story.log.decide(&story.filing, request, 1, Vote::Refuse);
    story.hide();
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.release(WAITED, request, 2, &ACCOUNT);
    story.release(WAITED, request, 3, &ACCOUNT);
    let stand = |status, stand: &[_]| Stand::new(status, DECIDE_BY, &[3], stand);
    story.one(WAITED, stand(RELEASING, &ACCOUNT));
    story.show();
    story.check(WAITED + 1, &[stand(DECIDING, &[])], &[(12, "again")], &[]);
    story.grant(WAITED + 2, request, &[4]);
    let until = WAITED + 2 + OBJECTION_S;
    let waiting = stand(Status::Waiting { until }, &ACCOUNT);
    story.check(WAITED + 2, &[waiting], &[(12, "again")], &[]);
    story
}

fn a_hidden_objection() -> Story {
    let mut story = Story::held(
        "Seat 5 objects, and nobody shows it before seats 1 and 2 have released. It counts from its own inclusion, and binds seat \
         3; the releases stay valid, and do not name it.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.log.object(&story.filing, request, 5);
    story.hide();
    story.release(WAITED, request, 1, &ACCOUNT);
    story.release(WAITED, request, 2, &ACCOUNT);
    story.one(WAITED, Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT));
    story.show();
    let until = GRANTED + 14 * DAY;
    let deciding = Stand::new(Status::Deciding { until }, until, &[4], &[]);
    story.one(WAITED + 1, deciding);
    story.grant(WAITED + 2, request, &[4]);
    let waiting = Stand::new(Status::Waiting { until }, until, &[4], &ACCOUNT);
    story.one(WAITED + 2, waiting);
    story.release(until, request, 3, &ACCOUNT);
    let opened_by = until + 7 * DAY;
    let released = Status::Released {
        since: until,
        opened_by,
    };
    story.one(until, Stand::new(released, until, &[4], &ACCOUNT));
    story
}

fn a_hidden_grant() -> Story {
    let mut story = Story::held(
        "A reader is not shown the grant of seat 3, on which the releases rely: they cannot be judged, and are held against \
         nobody, until it is shown.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    for seat in [1, 2, 4] {
        story.release(WAITED, request, seat, &ACCOUNT);
    }
    let refused = [(16, "not-granted")];
    story.check(
        WAITED,
        &[Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT)],
        &refused,
        &[],
    );
    let grant = story.log.statements.remove(8);
    story.withhold(grant);
    story.check(WAITED + 1, &[Stand::new(DECIDING, DECIDE_BY, &[3], &[])], &[], &[]);
    story.show();
    story.check(
        WAITED + 2,
        &[Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT)],
        &refused,
        &[],
    );
    story
}

fn dead_for_ever() -> Story {
    let mut story = Story::held(
        "An objection and two grants that nobody shows, and a release after the request has ended. When they are shown nothing \
         comes back to life.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2]);
    story.at(DECIDE_BY);
    story.log.object(&story.filing, request, 5);
    story.hide();
    for seat in [3, 4] {
        story.grant(DECIDE_BY + DAY, request, &[seat]);
        story.hide();
    }
    let ends_at = ENDS_AT;
    let (since, grants_until) = (DECIDE_BY + 1, DECIDE_BY);
    let lapsed = Status::Lapsed { since, ends_at };
    let lapsed = Stand::new(lapsed, grants_until, &[3], &[]).undecided(&[3, 4, 5]);
    story.one(ENDS_AT - HOUR, lapsed);
    story.show();
    let since = DECIDE_BY + DAY + OBJECTION_S;
    let until = DECIDE_BY + 14 * DAY;
    let late = |status| Stand::new(status, until, &[4], &ACCOUNT).undecided(&[5]);
    story.one(ENDS_AT, late(releasing(since.max(until))));
    story.release(ENDS_AT + 1, request, 3, &ACCOUNT);
    let dead = Status::Dead { since: ENDS_AT + 1 };
    story.check(ENDS_AT + 1, &[late(dead)], &[(16, "too-late")], &[]);
    story
}
