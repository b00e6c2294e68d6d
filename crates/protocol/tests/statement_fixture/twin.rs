//! Docket twins (§10.1).

use super::{TIME, d, member, origin, x};
use protocol::Envelope;
use protocol::ids::{Nonce, Version};
use protocol::statement::{DocketId, DocketOpen, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;

/// What the twin of the fixture's decision says, of seat 2.
pub fn docket() -> Twin {
    let week = Week::of(TIME);
    Twin {
        v: Version,
        origin: origin(),
        nonce: Nonce([0xbd; 32]),
        time: week.start(),
        docket: DocketId([0xbe; 16]),
        n: 0,
        act: TwinAct::Decision,
        seat: x(2),
        urgent: false,
        week,
        due: None,
        outcome: Some(TwinOutcome::Granted),
        prev: None,
    }
}

/// What the twin of an opening by reader 11 says, its second in the docket.
pub fn docket_opened() -> Twin {
    Twin {
        nonce: Nonce([0xe6; 32]),
        n: 1,
        act: TwinAct::Opened,
        seat: x(11),
        due: protocol::Day::parse("2026-12-24"),
        outcome: Some(TwinOutcome::Opened),
        prev: Some(d(0xd7)),
        ..docket()
    }
}

pub fn docket_open() -> DocketOpen {
    DocketOpen {
        v: Version,
        origin: origin(),
        nonce: Nonce([0xe5; 32]),
        time: TIME,
    }
}

/// The twin of [`super::decision`], signed by its seat.
pub fn twin() -> Envelope {
    Envelope::sign(&docket(), &[member(2).signing()])
}
