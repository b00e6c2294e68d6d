//! `danger.json`: somebody is in danger, and what seats say that they did, at given times, in the form of times.json (§7, §19).

use casework::DangerStatus;
use protocol::statement::Attention::{self, Called, NoDanger, Safe, Stands, Wrote};
use serde_json::Value;

use super::times::{FILED, Story, document};
use crate::support::{DAY, Filing, HOUR, READER, sign, x};

/// All five seats acknowledge; the shares of these say that somebody is in danger.
fn held(about: &'static str, said_by: &[u16]) -> Story {
    let mut story = Story::of(about, Filing::new(0));
    story.at(FILED + HOUR);
    for seat in 1..=5 {
        story.log.acks_danger(&story.filing, seat, said_by.contains(&seat));
    }
    story
}

/// Where the danger stands, in short.
#[derive(Debug, PartialEq)]
enum Is {
    Quiet,
    Waiting(u64, bool),
    Contradicted(u64, bool, &'static [u16]),
    Attended(u16, u64),
    Over(u16),
}

impl Story {
    fn attends(&mut self, at: u64, seat: u16, what: Attention, until: Option<u64>) {
        self.at(at);
        self.log.attends(&self.filing, seat, what, until);
    }

    fn stands(&mut self, at: u64, is: &Is) {
        self.stands_and(at, is, &[]);
    }

    #[track_caller]
    fn stands_and(&mut self, at: u64, is: &Is, refused: &[(u64, &str)]) {
        self.check(at, &[], refused, &[]);
        let found = self.log.case(&self.filing).danger_status(at);
        let seats = |seats: &[u16]| seats.iter().map(|seat| x(*seat)).collect::<Vec<_>>();
        let matches = match (&found, is) {
            (DangerStatus::Quiet, Is::Quiet) => true,
            (
                DangerStatus::Waiting {
                    by,
                    is_overdue,
                    contradicted_by,
                },
                Is::Waiting(due, late),
            ) => (by, is_overdue, contradicted_by) == (due, late, &seats(&[])),
            (
                DangerStatus::Waiting {
                    by,
                    is_overdue,
                    contradicted_by,
                },
                Is::Contradicted(due, late, by_whom),
            ) => (by, is_overdue, contradicted_by) == (due, late, &seats(by_whom)),
            (DangerStatus::Attended { last, until }, Is::Attended(seat, end)) => (last.x, until) == (x(*seat), end),
            (DangerStatus::Over { last }, Is::Over(seat)) => last.x == x(*seat),
            _ => false,
        };
        assert!(matches, "{found:?} at {at}, not {is:?}");
    }
}

fn stories() -> Vec<Story> {
    vec![
        nobody_acts(),
        attended_and_over(),
        referred(),
        contradicted(),
        a_time_of_the_future(),
        strangers(),
        hidden(),
        declined(),
    ]
}

fn nobody_acts() -> Story {
    let mut story = held(
        "One acknowledgement says so; nobody acts: overdue a day after the filing.",
        &[4],
    );
    let by = FILED + DAY;
    story.stands(by, &Is::Waiting(by, false));
    story.stands(by + 1, &Is::Waiting(by, true));
    story
}

fn attended_and_over() -> Story {
    let mut story = held(
        "A seat wrote to her, then told people who can act; its newest word counts, until its term is over; another says that \
         she is in safety.",
        &[1, 2, 3, 4, 5],
    );
    let (wrote, called) = (FILED + 2 * HOUR, FILED + 3 * HOUR);
    story.attends(wrote, 2, Wrote, Some(wrote + 7 * DAY));
    story.stands(wrote, &Is::Attended(2, wrote + 7 * DAY));
    story.attends(called, 2, Called, Some(called + DAY));
    story.stands(called + DAY, &Is::Attended(2, called + DAY));
    story.stands(called + DAY + 1, &Is::Waiting(called + DAY, true));
    story.attends(called + 2 * DAY, 3, Safe, None);
    story.stands(called + 2 * DAY, &Is::Over(3));
    story.stands(called + 200 * DAY, &Is::Over(3));
    story
}

fn referred() -> Story {
    let mut story = held("A referral holds for 24 hours from its inclusion.", &[1]);
    let at = FILED + 2 * HOUR;
    story.at(at);
    story.log.refers(&story.filing, 1, READER);
    story.stands(at + DAY, &Is::Attended(1, at + DAY));
    story.stands(at + DAY + 1, &Is::Waiting(at + DAY, true));
    story
}

fn contradicted() -> Story {
    let mut story = held(
        "Seat 5 says that it is over; seat 1 that it stands. Whatever seat 5 says again, and whatever seat 4 does, it stands \
         until seat 1 says otherwise.",
        &[1, 2, 3, 4, 5],
    );
    let at = FILED + 2 * HOUR;
    story.attends(at, 5, NoDanger, None);
    story.stands(at, &Is::Over(5));
    story.attends(at + HOUR, 1, Stands, None);
    let by = at + HOUR + DAY;
    story.stands(at + HOUR, &Is::Contradicted(by, false, &[1]));
    story.attends(at + 2 * HOUR, 5, Safe, None);
    story.attends(at + 2 * HOUR, 4, Called, Some(at + 3 * DAY));
    story.attends(at + 2 * HOUR, 3, Stands, None);
    story.stands(at + 2 * HOUR, &Is::Contradicted(by, false, &[1, 3]));
    story.stands(by + 1, &Is::Contradicted(by, true, &[1, 3]));
    story.attends(by + 2, 1, Safe, None);
    story.stands(by + 2, &Is::Contradicted(at + 2 * HOUR + DAY, false, &[3]));
    story.attends(by + DAY, 3, Safe, None);
    story.stands(by + DAY, &Is::Over(5));
    story
}

fn a_time_of_the_future() -> Story {
    let mut story = held(
        "A term ends 7 days after the inclusion, whatever time its author wrote.",
        &[1],
    );
    let at = FILED + 2 * HOUR;
    story.at(at);
    let mut far = story.log.attended_of(&story.filing, 2, Called, Some(0));
    far.time = at + 100 * DAY;
    far.until = Some(far.time + 7 * DAY);
    story.log.put(&story.filing, &sign(&far, &[2]));
    story.stands(at + 7 * DAY, &Is::Attended(2, at + 7 * DAY));
    story.stands(at + 7 * DAY + 1, &Is::Waiting(at + 7 * DAY, true));
    story
}

fn strangers() -> Story {
    let mut story = held(
        "A seat that was not dealt to, and a seat in another's name, attend to nothing.",
        &[1],
    );
    let at = FILED + 2 * HOUR;
    story.attends(at, 6, Safe, None);
    let forged = sign(&story.log.attended_of(&story.filing, 1, NoDanger, None), &[2]);
    story.log.put(&story.filing, &forged);
    let refused = [(10, "holds-no-share"), (11, "signature")];
    story.stands_and(at, &Is::Waiting(FILED + DAY, false), &refused);
    story
}

fn hidden() -> Story {
    let mut story = Story::of(
        "The one acknowledgement that says so is withheld, then shown: the time runs from the filing all the same.",
        Filing::new(0),
    );
    story.at(FILED + HOUR);
    for seat in 1..=4 {
        story.log.acks_danger(&story.filing, seat, false);
    }
    story.log.acks_danger(&story.filing, 5, true);
    story.hide();
    story.stands(FILED + 2 * HOUR, &Is::Quiet);
    story.show();
    story.stands(FILED + DAY + 1, &Is::Waiting(FILED + DAY, true));
    story
}

fn declined() -> Story {
    let mut story = held(
        "What t_account seats decline is nobody's to attend to; what two decline is.",
        &[1],
    );
    let at = FILED + 2 * HOUR;
    for (seat, is) in [
        (3, Is::Waiting(FILED + DAY, false)),
        (4, Is::Waiting(FILED + DAY, false)),
        (5, Is::Quiet),
    ] {
        let at = at + u64::from(seat);
        story.at(at);
        story.log.declines(&story.filing, seat);
        story.stands(at, &is);
    }
    story
}

pub fn vectors() -> Value {
    document(ABOUT, &stories())
}

const ABOUT: &[&str] = &[
    "Somebody is in danger (sections 5.4, 7, 15.9, 19), in the form of times.json, whose `about` tells the fields. `danger` of a",
    "check: null while nobody says so, or once it is declined or erased; `waiting` for what a seat has to say by then, with the seats that contradict; `attended` until then, with the",
    "statement or referral that holds longest; `over`, with the first of the seats' newest statements that says so.",
];
