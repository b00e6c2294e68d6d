//! A docket twin: a statement of stage B, which this stage carries without reading it.

use super::{TIME, member, origin, x};
use protocol::ids::{MemberNumber, Nonce, Origin, Version};
use protocol::statement::{Handle, Payload};
use protocol::{Digest, Envelope};
use serde::{Deserialize, Serialize};

/// A docket twin (§10.1), as stage B writes it; what it says is not this stage's to judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twin {
    v: Version,
    origin: Origin,
    nonce: Nonce,
    time: u64,
    docket: Handle,
    n: u32,
    act: String,
    seat: MemberNumber,
    urgent: bool,
    week: String,
    due: Option<String>,
    outcome: Option<String>,
    prev: Option<Digest>,
}

impl Payload for Twin {
    const NAME: &'static str = "docket";
}

/// The twin of [`decision`], signed by its seat.
pub fn twin() -> Envelope {
    let twin = Twin {
        v: Version,
        origin: origin(),
        nonce: Nonce([0xbd; 32]),
        time: TIME,
        docket: Handle([0xbe; 16]),
        n: 0,
        act: "decision".to_owned(),
        seat: x(2),
        urgent: false,
        week: "2026-W48".to_owned(),
        due: None,
        outcome: Some("granted".to_owned()),
        prev: None,
    };
    Envelope::sign(&twin, &[member(2).signing()])
}
