//! The twin of an act (§10.1): what the docket shows of it. Made and judged by the same function, so that a twin says of its
//! act what its author may say, and nothing else.

use protocol::ids::{Day, Nonce, PublicKey, Version};
use protocol::statement::{
    Decision, DocketId, Erased, Finding, Objection, Opened, OpeningOutcome, Payload, Request, Twin, TwinAct,
    TwinOutcome,
};
use protocol::week::Week;
use protocol::{Digest, Envelope, MemberNumber, Origin};

use super::{ActRefusal, Body};
use crate::clock::{FINDING_S, OBJECTED_S};

/// Where a twin stands in its docket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwinPlace {
    /// The docket.
    pub docket: DocketId,
    /// How many twins its author has in it.
    pub n: u32,
    /// The author's last one.
    pub prev: Option<Digest>,
}

impl TwinPlace {
    /// The first of its author.
    pub fn first(docket: DocketId) -> Self {
        let (n, prev) = (0, None);
        Self { docket, n, prev }
    }
}

/// A statement that has a twin, not signed yet.
pub trait Twinned: Payload + Clone {
    /// Names the twin.
    fn set_twin(&mut self, twin: Digest);
    /// As an act.
    fn into_body(self) -> Body;
}

macro_rules! twinned {
    ($($name:ident),*) => {
        $(impl Twinned for $name {
            fn set_twin(&mut self, twin: Digest) {
                self.twin = Some(twin);
            }
            fn into_body(self) -> Body {
                Body::$name(self)
            }
        })*
    };
}
twinned!(Request, Decision, Objection, Opened, Finding, Erased);

impl Body {
    /// The twin that it names.
    pub fn twin(&self) -> Option<Digest> {
        match self {
            Self::Request(request) => request.twin,
            Self::Decision(decision) => decision.twin,
            Self::Objection(objection) => objection.twin,
            Self::Opened(opened) => opened.twin,
            Self::Finding(finding) => finding.twin,
            Self::Erased(erased) => erased.twin,
            _ => None,
        }
    }

    /// Whether it counts only with its twin in the log. An objection and an erasing do not wait for it: else whoever keeps a
    /// twin out of the log keeps back what protects her.
    pub(crate) fn needs_twin(&self) -> bool {
        matches!(
            self,
            Self::Request(_) | Self::Decision(_) | Self::Opened(_) | Self::Finding(_)
        )
    }
}

/// What the twin of an act says; `None` for an act that has none. `is_urgent`: whether the request is that the act is on.
pub fn twin_of(
    body: &Body,
    author: MemberNumber,
    is_urgent: bool,
    origin: &Origin,
    nonce: Nonce,
    place: TwinPlace,
) -> Option<Twin> {
    let day = |time: u64, days_s: u64| Some(Day::of(time.saturating_add(days_s)));
    let (act, due, outcome) = match body {
        Body::Request(request) => (TwinAct::Request, Some(Day::of(request.decide_by)), None),
        Body::Decision(decision) => {
            let refused = decision.reason.map(TwinOutcome::from);
            let outcome = match decision.grants.is_empty() {
                true => refused,
                false => Some(TwinOutcome::Granted),
            };
            (TwinAct::Decision, None, outcome)
        }
        Body::Objection(objection) => (TwinAct::Objection, day(objection.time, OBJECTED_S), None),
        Body::Opened(opened) => {
            let due = match opened.outcome {
                OpeningOutcome::Opened => day(opened.time, FINDING_S),
                _ => None,
            };
            (TwinAct::Opened, due, Some(opened.outcome.into()))
        }
        Body::Finding(finding) => (TwinAct::Finding, None, Some(finding.outcome.into())),
        Body::Erased(_) => (TwinAct::Erased, None, Some(TwinOutcome::Erased)),
        _ => return None,
    };
    let week = Week::of(body.time()?);
    Some(Twin {
        v: Version,
        origin: origin.clone(),
        nonce,
        time: week.start(),
        docket: place.docket,
        n: place.n,
        act,
        seat: author,
        urgent: match body {
            Body::Request(request) => request.urgent,
            Body::Erased(_) => false,
            _ => is_urgent,
        },
        week,
        due,
        outcome,
        prev: place.prev,
    })
}

/// The twin of an act by itself: signed by the act's author, and nothing but what [`twin_of`] says. Whether it is of the docket
/// of the request, and as urgent, is judged with that one.
///
/// # Errors
/// [`ActRefusal::TwinDiffers`].
pub fn check_shown(
    body: &Body,
    author: MemberNumber,
    key: &PublicKey,
    origin: &Origin,
    twin: &Envelope,
) -> Result<Twin, ActRefusal> {
    let twin = twin.verify::<Twin>(&[*key]).map_err(|_| ActRefusal::TwinDiffers)?;
    let place = TwinPlace {
        docket: twin.docket,
        n: twin.n,
        prev: twin.prev,
    };
    let expected = twin_of(body, author, twin.urgent, origin, twin.nonce, place);
    match expected.as_ref() == Some(&*twin) {
        true => Ok(twin.into_inner()),
        false => Err(ActRefusal::TwinDiffers),
    }
}
