//! `consent.json`: consent, lapse, withdrawal and declining at given times, in the form of times.json (§7, §8.4, §8.5 lines 6
//! and 7, §9.6, §19).

use casework::RequestStatus as Status;
use protocol::Digest;
use protocol::statement::{Compartment, LapseStep};
use serde_json::Value;

use super::time_stories::{ACCOUNT, ASKED, DECIDE_BY, DECIDING, GRANTED, RELEASING, WAITED, releasing};
use super::times::{FILED, Stand, Story, document};
use crate::support::{DAY, Filing, HOUR, OBJECTION_S, Vote, Wish, by_her};

const WHOLE: [Compartment; 2] = [Compartment::Account, Compartment::Consent];
/// From when an inquiry counts while she has said nothing.
const SILENT: u64 = FILED + 365 * DAY;

fn held(about: &'static str) -> Story {
    Story::of(about, Filing::with_consent(0, true)).acknowledged()
}

fn stand(status: Status) -> Stand {
    Stand::new(status, DECIDE_BY, &[3], &ACCOUNT)
}

impl Story {
    fn answers(&mut self, at: u64, request: Digest, n: u32, yes: bool) -> u64 {
        self.at(at);
        self.log.answers(&self.filing, request, n, yes)
    }

    fn withdraws(&mut self, at: u64, n: u32, yes: bool) {
        self.at(at);
        self.log.withdraws(&self.filing, n, yes);
    }

    fn lapses(&mut self, at: u64, seat: u16, step: LapseStep) {
        self.at(at);
        self.log.lapses(&self.filing, seat, step);
    }

    fn granted(&mut self) -> Digest {
        let request = self.ask(&Wish::default());
        self.grant(GRANTED, request, &[1, 2, 3]);
        request
    }
}

fn stories() -> Vec<Story> {
    vec![
        given_taken_back_and_given(),
        one_counter_twice(),
        not_hers_and_not_for_it(),
        a_hidden_no(),
        after_the_release(),
        lapsed(),
        lapsed_and_decided_apart(),
        steps_before_their_time(),
        ended_by_a_word(),
        withdrawn(),
        taken_back(),
        declined(),
    ]
}

fn given_taken_back_and_given() -> Story {
    let mut story = held("She consents, takes it back, and consents anew: line 7 holds by the highest counter alone.");
    let request = story.granted();
    story.one(WAITED, stand(RELEASING));
    story.answers(WAITED + 1, request, 1, true);
    story.one(WAITED + 1, stand(RELEASING));
    story.answers(WAITED + 2, request, 3, false);
    story.one(WAITED + 2, stand(RELEASING));
    story.answers(WAITED + 3, request, 2, true);
    story.one(WAITED + 3, stand(RELEASING));
    story.answers(WAITED + 4, request, 4, true);
    story.one(WAITED + 4, stand(RELEASING));
    story.release(WAITED + 5, request, 1, &ACCOUNT);
    story.one(WAITED + 5, stand(RELEASING));
    story
}

fn one_counter_twice() -> Story {
    let mut story = held("Two answers have one counter: the no counts, whichever comes first in the log.");
    let request = story.granted();
    story.answers(WAITED, request, 1, true);
    story.answers(WAITED, request, 1, false);
    story.one(WAITED, stand(RELEASING));
    story.answers(WAITED + 1, request, 2, false);
    story.answers(WAITED + 1, request, 2, true);
    story.one(WAITED + 1, stand(RELEASING));
    story
}

fn not_hers_and_not_for_it() -> Story {
    let mut story = held(
        "A consent with another key's signature counts for nothing; one to another request does not serve; her own, filed again \
         after she took it back, changes nothing.",
    );
    let other = story.ask(&Wish::default());
    let request = story.log.ask(&story.filing, &Wish::default());
    story.grant(GRANTED, request, &[1, 2, 3]);
    story.at(WAITED);
    let stranger = Filing::with_consent(1, true);
    let forged = story.log.consent_of(&story.filing, request, 9, true);
    story.log.put(&story.filing, &by_her(&forged, &stranger));
    story.log.answers(&story.filing, other, 1, true);
    let deciding = || Stand::new(DECIDING, DECIDE_BY, &[3], &[]);
    story.check(WAITED, &[deciding(), stand(RELEASING)], &[(15, "signature")], &[]);
    let old = by_her(&story.log.consent_of(&story.filing, request, 2, true), &story.filing);
    story.at(WAITED + 1);
    story.log.put(&story.filing, &old);
    story.log.answers(&story.filing, request, 3, false);
    story.log.put(&story.filing, &old);
    let refused = [(15, "signature"), (19, "duplicate")];
    story.check(WAITED + 1, &[deciding(), stand(RELEASING)], &refused, &[]);
    story
}

fn a_hidden_no() -> Story {
    let mut story =
        held("Her no is shown after two seats have released on her yes: what they released stands, and is marked.");
    let request = story.granted();
    story.answers(WAITED, request, 1, true);
    story.answers(WAITED, request, 2, false);
    story.hide();
    story.release(WAITED + 1, request, 1, &ACCOUNT);
    story.release(WAITED + 1, request, 2, &ACCOUNT);
    story.one(WAITED + 1, stand(RELEASING));
    story.show();
    story.one(WAITED + 2, stand(RELEASING));
    story
}

fn after_the_release() -> Story {
    let mut story = held("What she answers after the third release counts for nothing.");
    let request = story.granted();
    story.answers(WAITED, request, 1, true);
    for seat in 1..=3 {
        story.release(WAITED + 1, request, seat, &ACCOUNT);
    }
    story.answers(WAITED + 2, request, 2, false);
    let (since, opened_by) = (WAITED + 1, WAITED + 1 + 7 * DAY);
    let released = stand(Status::Released { since, opened_by });
    story.check(WAITED + 2, &[released], &[(18, "released")], &[]);
    story
}

/// A lapse that stands on her silence, and when.
fn silent(about: &'static str) -> (Story, u64) {
    let mut story = held(about);
    story.lapses(SILENT, 1, LapseStep::Inquiry);
    for seat in 2..=5 {
        story.lapses(SILENT + 30 * DAY, seat, LapseStep::Decide);
    }
    (story, SILENT + 31 * DAY)
}

fn lapsed_and_decided_apart() -> Story {
    let (mut story, asked) = silent(
        "A lapse stands and both compartments are asked for beside P. P has the grants of what has most, never those of both \
         together: two of one and two of the other release nothing, four of the account release it with P, never P alone, and \
         the seat that granted the identity alone releases nothing.",
    );
    let all = [Compartment::Account, Compartment::Identity, Compartment::Consent];
    story.at(asked);
    let wish = Wish {
        compartments: all.to_vec(),
        ..Wish::without_her()
    };
    let request = story.log.ask(&story.filing, &wish);
    let (account, identity) = (Vote::Only(all[0]), Vote::Only(all[1]));
    let votes = [(1, account), (2, account), (3, Vote::Grant), (4, identity)];
    story.decide(asked + HOUR, request, &votes);
    let (until, waited) = (asked + 14 * DAY, asked + HOUR + OBJECTION_S);
    story.one(waited, Stand::new(Status::Deciding { until }, until, &[4, 4, 4], &[]));
    story.decide(waited + 1, request, &[(5, account)]);
    let status = Status::Releasing {
        since: waited + 1,
        until: until + OBJECTION_S + 24 * DAY - 52 * HOUR,
    };
    story.one(waited + 1, Stand::new(status, until, &[4, 4, 4], &WHOLE));
    story.release(waited + 2, request, 3, &[all[2]]);
    let refused = [(21, "not-granted")];
    story.check(
        waited + 2,
        &[Stand::new(status, until, &[4, 4, 4], &WHOLE)],
        &refused,
        &[],
    );
    story
}

fn lapsed() -> Story {
    let (mut story, asked) = silent(
        "A year of silence, an inquiry, 30 days, and four decisions: a request that names compartment 3 needs four grants for all, \
         and opens without her. The fifth decision changes nothing.",
    );
    story.check(SILENT + 30 * DAY, &[], &[], &[]);
    story.at(asked);
    let request = story.log.ask(&story.filing, &Wish::without_her());
    story.grant(asked + HOUR, request, &[1, 2, 3]);
    let (until, waited) = (asked + 14 * DAY, asked + HOUR + OBJECTION_S);
    story.one(waited, Stand::new(Status::Deciding { until }, until, &[4, 4], &[]));
    story.grant(waited + 1, request, &[4]);
    let ends_at = until + OBJECTION_S + 24 * DAY;
    let status = |since| Status::Releasing {
        since,
        until: ends_at - 52 * HOUR,
    };
    story.one(waited + 1, Stand::new(status(waited + 1), until, &[4, 4], &WHOLE));
    for seat in 1..=4 {
        story.release(waited + 2, request, seat, &WHOLE);
    }
    let (since, opened_by) = (waited + 2, waited + 2 + 7 * DAY);
    story.one(
        waited + 2,
        Stand::new(Status::Released { since, opened_by }, until, &[4, 4], &WHOLE),
    );
    story
}

fn steps_before_their_time() -> Story {
    let mut story = held(
        "An inquiry a second too early, a decision without an inquiry, one a second too early, and repetitions count for nothing.",
    );
    story.lapses(SILENT - 1, 1, LapseStep::Inquiry);
    story.lapses(SILENT - 1, 2, LapseStep::Decide);
    story.lapses(SILENT, 1, LapseStep::Inquiry);
    story.lapses(SILENT, 2, LapseStep::Inquiry);
    story.lapses(SILENT + 30 * DAY - 1, 2, LapseStep::Decide);
    story.lapses(SILENT + 30 * DAY, 2, LapseStep::Decide);
    story.lapses(SILENT + 30 * DAY, 2, LapseStep::Decide);
    let refused = [
        (10, "too-early"),
        (11, "no-inquiry"),
        (13, "again"),
        (14, "too-early"),
        (16, "again"),
    ];
    story.check(SILENT + 30 * DAY, &[], &refused, &[]);
    story
}

fn ended_by_a_word() -> Story {
    let mut story = held("A sign of life ends a lapse that stands: nothing is released, and the year begins anew.");
    story.lapses(SILENT, 1, LapseStep::Inquiry);
    for seat in 1..=4 {
        story.lapses(SILENT + 30 * DAY, seat, LapseStep::Decide);
    }
    let asked = SILENT + 31 * DAY;
    story.at(asked);
    let request = story.log.ask(&story.filing, &Wish::without_her());
    story.grant(asked + HOUR, request, &[1, 2, 3, 4]);
    let (until, waited) = (asked + 14 * DAY, asked + HOUR + OBJECTION_S);
    let ends_at = until + OBJECTION_S + 24 * DAY;
    let status = Status::Releasing {
        since: waited,
        until: ends_at - 52 * HOUR,
    };
    story.one(waited, Stand::new(status, until, &[4, 4], &WHOLE));
    story.at(waited + 1);
    story.log.is_alive(&story.filing, 1);
    story.one(waited + 1, Stand::new(status, until, &[4, 4], &WHOLE));
    story
}

fn withdrawn() -> Story {
    let mut story = held(
        "She withdraws. Seat 4 erases a second before the 30 days are over, and is marked; with the third seat it is final, and \
         nothing is granted or released any more. Seat 6, which was dealt nothing, erases nothing.",
    );
    let request = story.granted();
    story.answers(GRANTED, request, 1, true);
    let from = ASKED + 2 * DAY + 30 * DAY;
    story.withdraws(ASKED + 2 * DAY, 2, true);
    story.check(ASKED + 2 * DAY, &[stand(Status::Waiting { until: WAITED })], &[], &[]);
    story.at(from - 1);
    story.log.erases(&story.filing, 4);
    story.check(from - 1, &[stand(releasing(WAITED)).undecided(&[4, 5])], &[], &[]);
    story.at(from);
    for seat in [6, 1, 2] {
        story.log.erases(&story.filing, seat);
    }
    let refused = [(17, "holds-no-share")];
    story.check(from, &[stand(releasing(WAITED)).undecided(&[4, 5])], &refused, &[]);
    story
}

fn taken_back() -> Story {
    let mut story = held(
        "She takes her withdrawal back, which is shown after seat 1 has erased: that stands, and is marked. A later one begins anew.",
    );
    story.withdraws(ASKED, 1, true);
    story.withdraws(ASKED, 2, false);
    story.hide();
    story.at(ASKED + 30 * DAY);
    story.log.erases(&story.filing, 1);
    story.check(ASKED + 30 * DAY, &[], &[], &[]);
    story.show();
    story.check(ASKED + 31 * DAY, &[], &[], &[]);
    story.withdraws(ASKED + 40 * DAY, 3, true);
    story.check(ASKED + 40 * DAY, &[], &[], &[]);
    story
}

fn declined() -> Story {
    let mut story = held("Three seats decline: 30 days after the third, seats erase.");
    for (seat, at) in [(1, ASKED), (2, ASKED + DAY), (2, ASKED + 2 * DAY), (3, ASKED + 3 * DAY)] {
        story.at(at);
        story.log.declines(&story.filing, seat);
    }
    story.check(ASKED + 3 * DAY, &[], &[(12, "again")], &[]);
    story.at(ASKED + 33 * DAY);
    story.log.erases(&story.filing, 1);
    story.check(ASKED + 33 * DAY, &[], &[(12, "again")], &[]);
    story
}

pub fn vectors() -> Value {
    document(ABOUT, &stories())
}

const ABOUT: &[&str] = &[
    "Consent, lapse, withdrawal and declining (sections 7, 8.4, 8.5 lines 6 and 7, 9.6, 19), in the form of times.json, whose",
    "`about` tells the fields. The one case is `with_my_consent` with a lapse after 365 days and t_lapse 4; it has compartment 3.",
    "`consent` of a request: her answer that counts. `may_release` names the acts of line 7 in `consent`.",
    "`lapse`: the last that she said, or the filing; from when an inquiry counts; the one that counts; from when decisions count;",
    "the seats that have decided since; t_lapse. `withdrawal`: the one that stands, with its end.",
    "`erased`: from when seats erase, by a withdrawal or by declining; the seats that have, whether a reason had stood for 30 days,",
    "and the statement by which she had taken it back before; `is_final` with n' - t_account + 1 of them.",
];
