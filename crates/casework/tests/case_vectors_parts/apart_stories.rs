//! Stories of account and identity decided apart (§8.1, §8.5, §19).

use casework::RequestStatus as Status;
use protocol::Digest;
use protocol::statement::Compartment;

use super::time_stories::{ACCOUNT, BOTH, DECIDE_BY, DECIDING, GRANTED, RELEASING, WAITED};
use super::times::{Stand, Story};
use crate::support::{HOUR, Vote, Wish, relied_on, sign};

const IDENTITY: [Compartment; 1] = [Compartment::Identity];
const ONLY_ACCOUNT: Vote = Vote::Only(Compartment::Account);
const ONLY_IDENTITY: Vote = Vote::Only(Compartment::Identity);

impl Story {
    /// Seats decide in the order of the list.
    pub fn decide(&mut self, at: u64, request: Digest, votes: &[(u16, Vote)]) {
        self.at(at);
        for (seat, vote) in votes {
            self.log.decide(&self.filing, request, *seat, *vote);
        }
    }

    /// A seat releases this, and names every grant that is shown.
    fn releases_on_all(&mut self, at: u64, request: Digest, seat: u16, names: &[Compartment]) {
        self.at(at);
        let mut release = self.log.release_of(&self.filing, request, seat, names);
        release.grants = relied_on(&self.log.case(&self.filing), &request).grants;
        self.log.act(&self.filing, &sign(&release, &[seat]));
    }
}

pub fn apart() -> Vec<Story> {
    vec![one_opens(), half_answers()]
}

/// Five seats, three for the account and four for the identity.
fn one_opens() -> Story {
    let mut story = Story::held(
        "Both are asked for and decided apart. The objection time runs from the third seat that grants anything; the account \
         stands with its own three grants, the identity with two never does, and no seat releases what it did not grant, or \
         on grants of the other.",
    );
    let request = story.ask(&Wish::both());
    let stand = |status, open: &[Compartment]| Stand::new(status, DECIDE_BY, &[3, 4], open);
    story.decide(GRANTED - HOUR, request, &[(1, Vote::Grant), (4, ONLY_IDENTITY)]);
    story.one(GRANTED - HOUR, stand(DECIDING, &[]));
    story.decide(GRANTED, request, &[(2, ONLY_ACCOUNT)]);
    story.one(GRANTED, stand(DECIDING, &[]));
    story.decide(WAITED, request, &[(3, ONLY_ACCOUNT)]);
    story.one(WAITED, stand(RELEASING, &ACCOUNT));
    story.decide(WAITED + 1, request, &[(5, Vote::Refuse)]);
    story.releases_on_all(WAITED + 1, request, 1, &BOTH);
    story.releases_on_all(WAITED + 1, request, 2, &BOTH);
    story.releases_on_all(WAITED + 1, request, 4, &IDENTITY);
    story.releases_on_all(WAITED + 1, request, 4, &ACCOUNT);
    let refused = [
        (16, "too-few-grants"),
        (17, "not-granted"),
        (18, "too-few-grants"),
        (19, "not-granted"),
    ];
    story.check(WAITED + 1, &[stand(RELEASING, &ACCOUNT)], &refused, &[]);
    let since = WAITED + HOUR;
    for seat in [1, 2, 3] {
        story.releases_on_all(since, request, seat, &ACCOUNT);
    }
    let opened_by = since + 7 * crate::support::DAY;
    story.check(
        since,
        &[stand(Status::Released { since, opened_by }, &ACCOUNT)],
        &refused,
        &[],
    );
    story
}

/// A decision says of all that is asked whether it is granted.
fn half_answers() -> Story {
    let mut story = Story::held(
        "Decisions that leave out a compartment that is asked for, or speak of one that is not, count for nothing and take no \
         place: the same seats decide afterwards.",
    );
    let request = story.ask(&Wish::default());
    story.at(GRANTED);
    for (seat, grants) in [(1, BOTH.to_vec()), (2, IDENTITY.to_vec())] {
        let mut decision = story.log.decision_of(&story.filing, request, seat, Vote::Grant);
        decision.grants = grants;
        story.log.act(&story.filing, &sign(&decision, &[seat]));
    }
    story.grant(GRANTED, request, &[1, 2, 3]);
    let waiting = Status::Waiting { until: WAITED };
    let refused = [(11, "answers"), (12, "answers")];
    story.check(
        GRANTED,
        &[Stand::new(waiting, DECIDE_BY, &[3], &ACCOUNT)],
        &refused,
        &[],
    );
    story
}
