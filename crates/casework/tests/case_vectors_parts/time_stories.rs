//! The stories of `times.json`. Each names the times that it is about, and says by hand what must stand there.

use casework::RequestStatus as Status;
use protocol::statement::{AidStatus, Compartment, Holds, Request};
use protocol::{CaseId, Day, Digest};

use super::times::{FILED, Stand, Story};
use crate::support::{BARRED, DAY, HOUR, OBJECTION_S, READER, T0, URGENT_S, Vote, Wish, sign};

/// When most stories ask.
pub const ASKED: u64 = T0 + DAY;
/// When most third grants are included.
pub const GRANTED: u64 = ASKED + HOUR;
/// The last second for grants without an objection.
pub const DECIDE_BY: u64 = ASKED + 14 * DAY;
/// The last second for objections.
const OBJECT_BY: u64 = DECIDE_BY + OBJECTION_S;
/// The last second for releases.
pub const ENDS_AT: u64 = OBJECT_BY + 24 * DAY;
/// The end of the objection time.
pub const WAITED: u64 = GRANTED + OBJECTION_S;
pub const BOTH: [Compartment; 2] = [Compartment::Account, Compartment::Identity];
pub const ACCOUNT: [Compartment; 1] = [Compartment::Account];

pub const DECIDING: Status = Status::Deciding { until: DECIDE_BY };
pub const RELEASING: Status = releasing(WAITED);

pub const fn releasing(since: u64) -> Status {
    let until = ENDS_AT - 52 * HOUR;
    Status::Releasing { since, until }
}

impl Story {
    pub fn ask(&mut self, wish: &Wish) -> Digest {
        self.at(ASKED);
        self.log.ask(&self.filing, wish)
    }

    pub fn grant(&mut self, at: u64, request: Digest, seats: &[u16]) {
        self.at(at);
        self.log.grant(&self.filing, request, seats);
    }

    pub fn release(&mut self, at: u64, request: Digest, seat: u16, names: &[Compartment]) {
        self.at(at);
        self.log.release(&self.filing, request, seat, names);
    }

    pub fn she_objects(&mut self, at: u64, request: Digest) {
        self.at(at);
        self.log.she_objects(&self.filing, request);
    }

    fn aid(&mut self, at: u64, request: Digest, word: (AidStatus, Option<u64>)) {
        self.at(at);
        self.log.aid(&self.filing, request, READER, word);
    }

    /// Where its only request stands, no act being refused.
    #[track_caller]
    pub fn one(&mut self, at: u64, stand: Stand) {
        self.check(at, &[stand], &[], &[]);
    }
}

/// The life of requests that count.
pub fn lives() -> Vec<Story> {
    vec![
        to_the_finding(),
        a_grant_after_releases(),
        the_third_grant_begins_it(),
        a_seat_objects(),
        she_objects_in_time(),
        she_objects_too_late(),
        urgent(),
        urgent_and_objected(),
        lapsed_and_dead(),
    ]
}

fn to_the_finding() -> Story {
    let mut story =
        Story::held("Both compartments in time, in each case to the second, and all that follows until a finding.");
    let request = story.ask(&Wish::both());
    let waiting = |open: &[Compartment]| Stand::new(Status::Waiting { until: WAITED }, DECIDE_BY, &[3, 4], open);
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.one(WAITED - 1, waiting(&ACCOUNT));
    story.grant(WAITED, request, &[4]);
    story.one(WAITED, Stand::new(RELEASING, DECIDE_BY, &[3, 4], &BOTH));
    story.release(WAITED + 1, request, 1, &BOTH);
    story.release(WAITED + 1, request, 2, &BOTH);
    story.one(WAITED + 1, Stand::new(RELEASING, DECIDE_BY, &[3, 4], &BOTH));
    let since = WAITED + HOUR;
    story.release(since, request, 3, &BOTH);
    let opened_by = since + 7 * DAY;
    let released = || Stand::new(Status::Released { since, opened_by }, DECIDE_BY, &[3, 4], &BOTH);
    story.one(since, released());
    story.release(since + HOUR, request, 4, &BOTH);
    story.one(opened_by, released());
    story.one(opened_by + 1, released().late("opened"));
    let since = opened_by + 2 * HOUR;
    story.at(since);
    story.log.opened(&story.filing, request, READER);
    story.aid(since, request, (AidStatus::Offered, Some(since + 5 * DAY)));
    let report_by = since + 30 * DAY;
    // By the next look the time for grants is over, too.
    let opened = Status::Opened { since, report_by };
    let opened = || Stand::new(opened, DECIDE_BY, &[3, 4], &BOTH).undecided(&[5]);
    let due = Day::of(since + 5 * DAY).end();
    story.one(due - 1, opened());
    story.one(due, opened().late("aid"));
    story.aid(due + HOUR, request, (AidStatus::Accepted, Some(since + 20 * DAY)));
    story.one(due + HOUR, opened());
    story.one(since + 25 * DAY, opened().late("aid"));
    story.aid(since + 26 * DAY, request, (AidStatus::Delivered, None));
    story.one(report_by, opened());
    story.one(report_by + 1, opened().late("finding"));
    let since = report_by + DAY;
    story.at(since);
    story.log.finding(&story.filing, request, READER);
    let reported = Stand::new(Status::Reported { since }, DECIDE_BY, &[3, 4], &BOTH);
    story.one(since, reported.undecided(&[5]));
    story
}

fn a_grant_after_releases() -> Story {
    let mut story = Story::held(
        "The threshold of identity stands after the first release: it counts like any other, for the seats that have not \
         released. A seat that released identity before, on three grants, broke the rules.",
    );
    let request = story.ask(&Wish::both());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.release(WAITED, request, 1, &ACCOUNT);
    story.release(WAITED, request, 2, &BOTH);
    let refused = [(15, "too-few-grants")];
    story.check(
        WAITED,
        &[Stand::new(RELEASING, DECIDE_BY, &[3, 4], &ACCOUNT)],
        &refused,
        &[],
    );
    story.grant(WAITED + HOUR, request, &[4]);
    let since = WAITED + 2 * HOUR;
    for seat in [2, 3, 4] {
        story.release(since, request, seat, &BOTH);
    }
    let opened_by = since + 7 * DAY;
    let released = Stand::new(Status::Released { since, opened_by }, DECIDE_BY, &[3, 4], &BOTH);
    story.check(since, &[released], &refused, &[]);
    story
}

fn the_third_grant_begins_it() -> Story {
    let mut story = Story::held(
        "The objection time runs from the third grant, not from the request: three seats have seen it then. The fourth grant, \
         for identity, comes a second later and begins nothing anew.",
    );
    let request = story.ask(&Wish::both());
    story.grant(GRANTED, request, &[1, 2]);
    story.one(WAITED, Stand::new(DECIDING, DECIDE_BY, &[3, 4], &[]));
    let third = WAITED + 8 * HOUR;
    story.grant(third, request, &[3]);
    story.grant(third + 1, request, &[4]);
    let until = third + OBJECTION_S;
    let stand = |status| Stand::new(status, DECIDE_BY, &[3, 4], &BOTH);
    story.one(until - 1, stand(Status::Waiting { until }));
    story.one(until, stand(releasing(until)));
    story
}

fn a_seat_objects() -> Story {
    let mut story = Story::held(
        "A seat objects: 14 days from then, one grant more, and grants count until then. She objects, too: 14 days from her \
         objection, and no further grant. Releases come on too few grants, and too early. An objection after the first release \
         binds the seats that have not released.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.at(ASKED + DAY);
    story.log.object(&story.filing, request, 2);
    let until = ASKED + 15 * DAY;
    let deciding = |until| Stand::new(Status::Deciding { until }, until, &[4], &[]);
    story.one(ASKED + DAY, deciding(until));
    story.she_objects(ASKED + DAY + HOUR, request);
    let until = until + HOUR;
    story.release(WAITED, request, 1, &ACCOUNT);
    let refused = [(16, "too-few-grants"), (18, "early")];
    story.check(WAITED, &[deciding(until)], &refused[..1], &[]);
    story.grant(DECIDE_BY + HOUR, request, &[4]);
    let waiting = |until| Stand::new(Status::Waiting { until }, until, &[4], &ACCOUNT);
    story.check(DECIDE_BY + HOUR, &[waiting(until)], &refused[..1], &[]);
    story.release(until - 1, request, 1, &ACCOUNT);
    story.release(until, request, 1, &ACCOUNT);
    story.check(
        until,
        &[Stand::new(releasing(until), until, &[4], &ACCOUNT)],
        &refused,
        &[],
    );
    story.at(until + 1);
    story.log.object(&story.filing, request, 5);
    story.check(until + 1, &[waiting(until + 1 + 14 * DAY)], &refused, &[]);
    story
}

fn she_objects_in_time() -> Story {
    let mut story =
        Story::held("She objects in the last second for it, nothing being released yet: everything waits again.");
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.one(WAITED, Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT));
    story.she_objects(OBJECT_BY, request);
    let until = OBJECT_BY + 14 * DAY;
    story.one(OBJECT_BY, Stand::new(Status::Deciding { until }, until, &[4], &[]));
    story.grant(until, request, &[4]);
    story.one(until, Stand::new(releasing(until), until, &[4], &ACCOUNT));
    story
}

fn she_objects_too_late() -> Story {
    let mut story = Story::held("She objects a second later: her objection does not count.");
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.she_objects(OBJECT_BY + 1, request);
    let releasing = Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT).undecided(&[4, 5]);
    story.check(OBJECT_BY + 1, &[releasing], &[(14, "too-late")], &[]);
    story
}

fn urgent() -> Story {
    let mut story = Story::held(
        "Urgent: t_identity grants for every compartment, and two hours. Of the first request the fourth grant comes late, of \
         the second in time.",
    );
    let wish = Wish {
        urgent: true,
        ..Wish::both()
    };
    let requests = [story.ask(&wish), story.ask(&wish)];
    let waited = GRANTED + URGENT_S;
    story.grant(GRANTED, requests[0], &[1, 2, 3]);
    story.grant(GRANTED, requests[1], &[1, 2, 3, 4]);
    let deciding = || Stand::new(DECIDING, DECIDE_BY, &[4, 4], &[]);
    let waiting = Stand::new(Status::Waiting { until: waited }, DECIDE_BY, &[4, 4], &BOTH);
    story.check(waited - 1, &[deciding(), waiting], &[], &[]);
    let until = DECIDE_BY + URGENT_S + 24 * DAY - 52 * HOUR;
    let releasing = |since| Stand::new(Status::Releasing { since, until }, DECIDE_BY, &[4, 4], &BOTH);
    story.check(waited, &[deciding(), releasing(waited)], &[], &[]);
    story.grant(waited + HOUR, requests[0], &[4]);
    story.check(waited + HOUR, &[releasing(waited + HOUR), releasing(waited)], &[], &[]);
    story
}

fn urgent_and_objected() -> Story {
    let mut story = Story::held("Urgent and objected: all five seats, and 14 days.");
    let request = story.ask(&Wish::urgent());
    story.she_objects(ASKED + HOUR, request);
    let until = ASKED + HOUR + 14 * DAY;
    story.grant(ASKED + 2 * HOUR, request, &[1, 2, 3, 4]);
    story.one(
        ASKED + 2 * HOUR,
        Stand::new(Status::Deciding { until }, until, &[5], &[]),
    );
    story.grant(ASKED + 3 * HOUR, request, &[5]);
    story.one(
        ASKED + 3 * HOUR,
        Stand::new(Status::Waiting { until }, until, &[5], &ACCOUNT),
    );
    let since = until;
    let releasing = Status::Releasing {
        since,
        until: DECIDE_BY + URGENT_S + 24 * DAY - 52 * HOUR,
    };
    story.one(since, Stand::new(releasing, until, &[5], &ACCOUNT));
    story
}

fn lapsed_and_dead() -> Story {
    let mut story = Story::held(
        "Two requests of the same wish. The third grant of the first comes in the last second for it; that of the second a second \
         later, and it lapses: grants for two requests never add up. Both are dead 41 days after their time.",
    );
    let requests = [story.ask(&Wish::default()), story.ask(&Wish::default())];
    story.grant(GRANTED, requests[0], &[1, 2]);
    story.grant(GRANTED, requests[1], &[3, 4]);
    story.grant(DECIDE_BY, requests[0], &[3]);
    let until = DECIDE_BY + OBJECTION_S;
    let first = |status| Stand::new(status, DECIDE_BY, &[3], &ACCOUNT);
    let deciding = Stand::new(DECIDING, DECIDE_BY, &[3], &[]);
    story.check(DECIDE_BY, &[first(Status::Waiting { until }), deciding], &[], &[]);
    let since = DECIDE_BY + 1;
    story.grant(since, requests[1], &[5]);
    let refused = [(17, "too-late"), (18, "too-few-grants"), (19, "not-granted")];
    let second = |status| Stand::new(status, DECIDE_BY, &[3], &[]).undecided(&[1, 2, 5]);
    let lapsed = Status::Lapsed {
        since,
        ends_at: ENDS_AT,
    };
    let both = |one, two| [first(one).undecided(&[4, 5]), second(two)];
    story.check(since, &both(Status::Waiting { until }, lapsed), &refused[..1], &[]);
    story.release(since + HOUR, requests[1], 3, &ACCOUNT);
    story.release(since + HOUR, requests[1], 1, &ACCOUNT);
    story.check(since + HOUR, &both(Status::Waiting { until }, lapsed), &refused, &[]);
    story.check(ENDS_AT, &both(releasing(until), lapsed), &refused, &[]);
    let dead = Status::Dead { since: ENDS_AT + 1 };
    story.check(ENDS_AT + 1, &both(dead, dead), &refused, &[]);
    story
}

/// Requests that do not count, and acts that others forestall.
pub fn requests() -> Vec<Story> {
    vec![invalid(), twice()]
}

fn invalid() -> Story {
    let mut story = Story::held(
        "Requests in one checkpoint: the first was dated 26 h before it, the third 300 s after it; those dated a second \
         further off, and those with another fault, do not count; nor does a decision on one of them.",
    );
    let now = ASKED + 26 * HOUR;
    story.at(now);
    let mut ask = |time: u64, change: fn(&mut Request), signer: u16| {
        let mut request = story.log.request_of(&story.filing, &Wish::default());
        (request.time, request.decide_by) = (time, time + 14 * DAY);
        change(&mut request);
        story.log.act(&story.filing, &sign(&request, &[signer]))
    };
    let same = |_: &mut Request| {};
    ask(ASKED, same, READER);
    let late = ask(ASKED - 1, same, READER);
    ask(now + 300, same, READER);
    ask(now + 301, same, READER);
    ask(now, |request| request.reader = crate::support::x(BARRED), BARRED);
    ask(now, |request| request.decide_by += 1, READER);
    ask(now, |request| request.compartments = vec![Compartment::Consent], READER);
    ask(now, |request| request.twin = Some(Digest([7; 32])), READER);
    ask(now, |request| request.case = CaseId([7; 16]), READER);
    ask(now, same, BARRED);
    story.grant(now, late, &[1]);
    let deciding = |until| Stand::new(Status::Deciding { until }, until, &[3], &[]);
    let refused = [
        (11, "late"),
        (13, "future"),
        (14, "barred"),
        (15, "form"),
        (16, "compartment"),
        (18, "case"),
        (19, "signature"),
        (20, "no-request"),
    ];
    // Under `counts-only` the twin that a request names is nothing.
    let counted = [
        deciding(DECIDE_BY),
        deciding(now + 300 + 14 * DAY),
        deciding(now + 14 * DAY),
    ];
    story.check(now, &counted, &refused, &[]);
    story
}

fn twice() -> Story {
    let mut story = Story::held(
        "What an author may do once the lowest index decides, whatever the slots: seat 1 grants in slot 8, and then refuses in \
         slot 7. One statement in two slots counts once. Others do not speak for the reader who asked, and \
         there is no finding before an opening.",
    );
    let request = story.ask(&Wish::default());
    let at = GRANTED;
    story.at(at);
    let grant = story.log.decision_of(&story.filing, request, 1, Vote::Grant);
    story.log.act_in(&story.filing, 8, &sign(&grant, &[1]));
    let refuse = story.log.decision_of(&story.filing, request, 1, Vote::Refuse);
    story.log.act_in(&story.filing, 7, &sign(&refuse, &[1]));
    let grant = sign(&story.log.decision_of(&story.filing, request, 2, Vote::Grant), &[2]);
    story.log.act(&story.filing, &grant);
    story.log.act(&story.filing, &grant);
    story.log.opened(&story.filing, request, BARRED);
    story.log.finding(&story.filing, request, READER);
    let refused = [
        (12, "again"),
        (14, "duplicate"),
        (15, "other-reader"),
        (16, "not-opened"),
    ];
    let deciding = Stand::new(DECIDING, DECIDE_BY, &[3], &[]);
    story.check(at, &[deciding], &refused, &[]);
    story
}

/// Acknowledgements: who is late, when it is safe, and whose decisions count.
pub fn acks() -> Vec<Story> {
    let mut story = Story::filed(
        "Seat 3 acknowledges in the last second of 72 h, seat 4 later, seat 5 rejects and has a good share at last. Holding less \
         or as much again says nothing new. A decision by a seat that holds no share does not count, nor take the place of one.",
    );
    story.at(FILED + HOUR);
    for seat in [1, 2] {
        story.log.ack(&story.filing, seat);
    }
    story.at(FILED + 2 * HOUR);
    story.log.reject(&story.filing, 5);
    story.check(FILED + 2 * HOUR, &[], &[], &[]);
    let end = FILED + 72 * HOUR;
    story.at(end);
    story.log.ack(&story.filing, 3);
    story.check(end, &[], &[], &[]);
    story.check(end + 1, &[], &[], &[4]);
    let asked = end + DAY;
    story.at(asked);
    story.log.ack(&story.filing, 4);
    for holds in [Holds::Share, Holds::All, Holds::Document] {
        let ack = story.log.ack_of(&story.filing, 1, holds);
        story.log.act(&story.filing, &sign(&ack, &[1]));
    }
    story.check(asked, &[], &[(10, "again"), (12, "again")], &[]);
    let asked = asked + HOUR;
    story.at(asked);
    let request = story.log.ask(&story.filing, &Wish::default());
    story.grant(asked, request, &[5]);
    story.log.ack(&story.filing, 5);
    story.log.decide(&story.filing, request, 5, Vote::Refuse);
    let refused = [(10, "again"), (12, "again"), (14, "holds-no-share")];
    let until = asked + 14 * DAY;
    let deciding = Stand::new(Status::Deciding { until }, until, &[3], &[]);
    story.check(asked, &[deciding], &refused, &[]);
    vec![story]
}
