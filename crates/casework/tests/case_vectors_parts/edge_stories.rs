//! Stories of `times.json` for which a reader of the text alone looks in vain among the others: what repeats, what lies at
//! the edge of a time or of what can be reached, and seats whose own clock disagrees with the log (§8.3, §8.5, §19).

use casework::RequestStatus as Status;
use protocol::Digest;
use protocol::statement::{Compartment, Holds};

use super::time_stories::{ACCOUNT, ASKED, DECIDE_BY, DECIDING, ENDS_AT, GRANTED, RELEASING, WAITED, releasing};
use super::times::{FILED, Stand, Story};
use crate::support::{DAY, HOUR, OBJECTION_S, READER, Vote, Wish, sign};

/// What repeats, and the edges.
pub fn edges() -> Vec<Story> {
    vec![
        one_party_objects_twice(),
        one_objection_twice(),
        one_recipient_twice(),
        ack_reject_grant(),
        one_ack_again_after_a_reject(),
        objected_after_it_lapsed(),
        the_last_moment(),
        what_can_be_reached(),
    ]
}

/// A seat's own clock.
pub fn clocks() -> Vec<Story> {
    vec![
        dated_ahead(),
        held_back_and_dated_ahead(),
        wrong_alone(),
        set_back_and_late(),
    ]
}

impl Story {
    /// A release that names these objections, whatever its author saw.
    fn release_naming(&mut self, at: u64, request: Digest, seat: u16, objections: &[u64]) {
        self.at(at);
        let mut release = self.log.release_of(&self.filing, request, seat, &ACCOUNT);
        release.objections = objections.to_vec();
        self.log.act(&self.filing, &sign(&release, &[seat]));
    }

    fn entry_in(&mut self, k: u32) {
        let junk = self.filing.salt().entry(k, Digest([k as u8; 32]), None);
        self.log.append(&junk);
    }

    fn object_in(&mut self, k: u32, request: Digest, seat: u16) {
        let objection = self.log.objection_of(&self.filing, request, seat);
        self.log.act_in(&self.filing, k, &sign(&objection, &[seat]));
    }
}

fn one_party_objects_twice() -> Story {
    let mut story = Story::held(
        "Seat 2 objects twice: both count, the request waits from the second, and one grant more is needed, not two. A release \
         names the newer; one that names the older alone, 14 days after that, counts, and does not name the newer; one may name \
         both.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3, 4]);
    let until = ASKED + 16 * DAY;
    for at in [ASKED + DAY, ASKED + 2 * DAY] {
        story.at(at);
        story.log.object(&story.filing, request, 2);
    }
    let stand = |status| Stand::new(status, until, &[4], &ACCOUNT);
    story.one(ASKED + 2 * DAY, stand(Status::Waiting { until }));
    story.release_naming(until - DAY, request, 1, &[15]);
    story.one(until - DAY, stand(Status::Waiting { until }));
    story.release_naming(until, request, 3, &[15, 16]);
    story.release(until, request, 4, &ACCOUNT);
    let (since, opened_by) = (until, until + 7 * DAY);
    story.one(until, stand(Status::Released { since, opened_by }));
    story
}

fn one_objection_twice() -> Story {
    let mut story = Story::held(
        "One objection in two entries, of seat 5 and of her: each counts at the lower index, and the later changes nothing. A \
         release that names the repetition names an objection, and not the one that counts.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3, 4]);
    story.at(ASKED + DAY);
    let of_seat = sign(&story.log.objection_of(&story.filing, request, 5), &[5]);
    story.log.act(&story.filing, &of_seat);
    story.at(ASKED + 2 * DAY);
    story.log.act(&story.filing, &of_seat);
    story.she_objects(ASKED + 3 * DAY, request);
    let hers = story.log.statements.last().unwrap().clone();
    story.at(ASKED + 4 * DAY);
    story.log.act(&story.filing, &hers);
    let until = ASKED + 17 * DAY;
    let refused = [(16, "duplicate"), (18, "duplicate")];
    let stand = |status| [Stand::new(status, until, &[4], &ACCOUNT)];
    story.check(ASKED + 4 * DAY, &stand(Status::Waiting { until }), &refused, &[]);
    story.release_naming(until, request, 1, &[16, 17]);
    story.check(until, &stand(releasing(until)), &refused, &[]);
    story
}

fn one_recipient_twice() -> Story {
    let mut story = Story::held(
        "The second request has the recipient of the first: it counts, and no honest seat decides on it; what others grant counts. \
         The fourth has that of the third, which does not count, and is like any other.",
    );
    let first = story.log.request_of(&story.filing, &Wish::default());
    story.ask(&Wish::default());
    let mut again = story.log.request_of(&story.filing, &Wish::default());
    again.recipient = first.recipient;
    let again = story.log.act(&story.filing, &sign(&again, &[READER]));
    let mut invalid = story.log.request_of(&story.filing, &Wish::default());
    invalid.decide_by += 1;
    story.log.act(&story.filing, &sign(&invalid, &[READER]));
    let mut fourth = story.log.request_of(&story.filing, &Wish::default());
    fourth.recipient = invalid.recipient;
    story.log.act(&story.filing, &sign(&fourth, &[READER]));
    story.grant(GRANTED, again, &[1, 2, 3]);
    let deciding = || Stand::new(DECIDING, DECIDE_BY, &[3], &[]);
    let stands = |status| [deciding(), Stand::new(status, DECIDE_BY, &[3], &ACCOUNT), deciding()];
    let refused = [(12, "form")];
    story.check(GRANTED, &stands(Status::Waiting { until: WAITED }), &refused, &[]);
    story.check(WAITED, &stands(RELEASING), &refused, &[]);
    story
}

fn ack_reject_grant() -> Story {
    let mut story = Story::held(
        "Whether a seat holds a share is asked just before its decision. Seat 5 rejects after its ack, and its grant does not count; \
         it acknowledges anew, and the next one does. Seat 4 grants and then rejects: its grant stays, and so does its release. \
         Seat 3 rejects and acknowledges before it grants.",
    );
    story.at(FILED + 2 * HOUR);
    story.log.reject(&story.filing, 5);
    let request = story.ask(&Wish::default());
    story.grant(ASKED, request, &[5]);
    let refused = [(12, "holds-no-share")];
    let deciding = || Stand::new(DECIDING, DECIDE_BY, &[3], &[]);
    story.check(ASKED, &[deciding()], &refused, &[]);
    story.at(GRANTED);
    story.log.ack(&story.filing, 5);
    story.grant(GRANTED, request, &[5, 4]);
    story.log.reject(&story.filing, 4);
    story.log.reject(&story.filing, 3);
    story.log.ack(&story.filing, 3);
    story.grant(GRANTED, request, &[3]);
    let stand = |status| [Stand::new(status, DECIDE_BY, &[3], &ACCOUNT)];
    story.check(GRANTED, &stand(Status::Waiting { until: WAITED }), &refused, &[]);
    story.release(WAITED, request, 4, &ACCOUNT);
    story.check(WAITED, &stand(RELEASING), &refused, &[]);
    story
}

fn one_ack_again_after_a_reject() -> Story {
    let mut story = Story::held(
        "Seat 5 rejects. Somebody files its old ack again, which everybody with K can: it is the same statement and changes nothing. \
         Seat 5 holds no share until it acknowledges in another statement.",
    );
    let ack = story.log.statements.last().unwrap().clone();
    story.at(FILED + 2 * HOUR);
    story.log.reject(&story.filing, 5);
    story.log.act(&story.filing, &ack);
    let request = story.ask(&Wish::default());
    story.grant(ASKED, request, &[5]);
    let refused = [(11, "duplicate"), (13, "holds-no-share")];
    story.check(ASKED, &[Stand::new(DECIDING, DECIDE_BY, &[3], &[])], &refused, &[]);
    story.at(GRANTED);
    story.log.ack(&story.filing, 5);
    story.grant(GRANTED, request, &[5, 1, 2]);
    let waiting = Stand::new(Status::Waiting { until: WAITED }, DECIDE_BY, &[3], &ACCOUNT);
    story.check(GRANTED, &[waiting], &refused, &[]);
    story
}

fn objected_after_it_lapsed() -> Story {
    let mut story = Story::held(
        "The third grant comes on the 15th day, when the request has lapsed: it does not count. Seat 5 objects on the 16th, in time: \
         everybody has 14 days more, the third grant counts after all, and four are needed.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2]);
    story.grant(ASKED + 15 * DAY, request, &[3]);
    let lapsed = Status::Lapsed {
        since: DECIDE_BY + 1,
        ends_at: ENDS_AT,
    };
    let stand = Stand::new(lapsed, DECIDE_BY, &[3], &[]).undecided(&[3, 4, 5]);
    story.check(ASKED + 15 * DAY, &[stand], &[(13, "too-late")], &[]);
    story.at(ASKED + 16 * DAY);
    story.log.object(&story.filing, request, 5);
    let until = ASKED + 30 * DAY;
    let stand = |status, stands: &[Compartment]| Stand::new(status, until, &[4], stands);
    story.one(ASKED + 16 * DAY, stand(Status::Deciding { until }, &[]));
    story.grant(ASKED + 20 * DAY, request, &[4]);
    story.one(ASKED + 20 * DAY, stand(Status::Waiting { until }, &ACCOUNT));
    story.one(until, stand(releasing(until), &ACCOUNT));
    story
}

fn the_last_moment() -> Story {
    let mut story = Story::held(
        "Software releases until 52 h before the end, that second included, and not a second later; a release counts that is \
         included until the end.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    let last = ENDS_AT - 52 * HOUR;
    let stand = || Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT).undecided(&[4, 5]);
    story.one(last, stand());
    story.one(last + 1, stand());
    story.release(ENDS_AT, request, 1, &ACCOUNT);
    story.one(ENDS_AT, stand());
    story.release(ENDS_AT + 1, request, 2, &ACCOUNT);
    let dead = Stand::new(Status::Dead { since: ENDS_AT + 1 }, DECIDE_BY, &[3], &ACCOUNT).undecided(&[4, 5]);
    story.check(ENDS_AT + 1, &[dead], &[(15, "too-late")], &[]);
    story
}

fn what_can_be_reached() -> Story {
    let mut story = Story::held(
        "`top` goes up with every entry that can be reached, also with one that nobody shows, and never with another. Slot 70 is \
         reached from 6, slot 134 from 70, slot 199 not from 134; slot 150 is a gap too, and from there 199 is reached: by the \
         entry that comes then, not by the one before. Slot 264 is out of reach of 199, and found when slot 200 comes; it does \
         not lead to slot 265, which is never found.",
    );
    let request = story.ask(&Wish::default());
    story.at(ASKED + 1);
    story.entry_in(70);
    story.object_in(134, request, 5);
    story.object_in(199, request, 4);
    story.entry_in(150);
    story.object_in(199, request, 3);
    story.entry_in(264);
    story.object_in(200, request, 2);
    story.object_in(265, request, 1);
    let until = ASKED + 1 + 14 * DAY;
    let refused = [(13, "unreachable"), (16, "unreachable")];
    let deciding = Stand::new(Status::Deciding { until }, until, &[4], &[]);
    story.check(ASKED + 1, &[deciding], &refused, &[]);
    story
}

fn dated_ahead() -> Story {
    let mut story = Story::held(
        "Operator and cosigners date the log 72 h ahead after the grants, the seats' clocks being right: no seat releases, however \
         long it waits, until the log's time is not more than 300 s ahead of its clock.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3, 4]);
    story.log.skew_s = -OBJECTION_S.cast_signed();
    let stand = || Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT);
    story.one(WAITED, stand());
    story.one(WAITED + 4 * DAY, stand());
    story.log.skew_s = -300;
    story.one(WAITED + 4 * DAY + 1, stand());
    story
}

fn held_back_and_dated_ahead() -> Story {
    let mut story = Story::filed(
        "The log takes 20 h to include what seat 1 writes, and is then dated 20 h ahead: as much is hidden from seat 1, which still \
         waits the objection time since its grant by its own clock. The others wrote acts that were included at once.",
    );
    story.at(FILED);
    let ack = sign(&story.log.ack_of(&story.filing, 1, Holds::Share), &[1]);
    for seat in 2..=4 {
        story.log.ack(&story.filing, seat);
    }
    story.at(FILED + 20 * HOUR);
    story.log.act(&story.filing, &ack);
    let request = story.ask(&Wish::default());
    story.at(GRANTED);
    let grant = sign(&story.log.decision_of(&story.filing, request, 1, Vote::Grant), &[1]);
    story.log.grant(&story.filing, request, &[2, 3, 4]);
    story.at(GRANTED + 20 * HOUR);
    story.log.act(&story.filing, &grant);
    story.log.skew_s = -(20 * HOUR).cast_signed();
    let stand = || Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT);
    story.check(WAITED, &[stand()], &[], &[5]);
    story.check(WAITED + 20 * HOUR - 1, &[stand()], &[], &[5]);
    story.check(WAITED + 20 * HOUR, &[stand()], &[], &[5]);
    story
}

fn wrong_alone() -> Story {
    let mut story = Story::filed("The seats' clocks are two days behind all along: it costs them nothing.");
    let behind = -(2 * DAY).cast_signed();
    story.at(FILED + HOUR);
    story.log.skew_s = behind;
    for seat in 1..=5 {
        story.log.ack(&story.filing, seat);
    }
    story.log.skew_s = 0;
    let request = story.ask(&Wish::default());
    story.log.skew_s = behind;
    story.grant(GRANTED, request, &[1, 2, 3, 4]);
    let waiting = Stand::new(Status::Waiting { until: WAITED }, DECIDE_BY, &[3], &ACCOUNT);
    story.one(WAITED - 1, waiting);
    story.one(WAITED, Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT));
    story
}

fn set_back_and_late() -> Story {
    let mut story = Story::held(
        "All clocks are set back an hour after seats 2 to 4 have granted, and seat 1 grants by its own only then, when the others' \
         waiting is over. The clocks are to be set; then all four release at once.",
    );
    let request = story.ask(&Wish::default());
    story.grant(GRANTED, request, &[2, 3, 4]);
    story.at(WAITED);
    story.log.skew_s = -HOUR.cast_signed();
    story.grant(WAITED, request, &[1]);
    let stand = || Stand::new(RELEASING, DECIDE_BY, &[3], &ACCOUNT);
    story.one(WAITED, stand());
    story.log.skew_s = 0;
    story.one(WAITED + 1, stand());
    story
}
