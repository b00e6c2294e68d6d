//! What stands of a request before its reader can follow the case: its own times say that much (§8.3).

use protocol::statement::{Council, Request};
use serde::Serialize;

use crate::clock::DAY_S;

/// A request ends this long after the last moment for an objection to it: 14 days of waiting, and ten to release (§8.3).
const ENDS_S: u64 = 24 * DAY_S;

/// What a request's times alone say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum RequestTiming {
    /// Seats decide.
    Deciding {
        /// Last second, POSIX.
        until: u64,
    },
    /// Nothing can be granted any more, unless an objection gave more time. Seats release only what was granted in time.
    Lapsed {
        /// The second after the last one for a grant.
        since: u64,
        /// Last second before it is dead.
        ends_at: u64,
    },
    /// Nothing is released for it any more.
    Dead {
        /// The second after `ends_at`.
        since: u64,
    },
}

/// What a request's times alone say at `at`, POSIX seconds of the log. `council` is the one that the reader knows, for the
/// case's own stands in a header that it has not seen.
pub fn asked(request: &Request, council: &Council, at: u64) -> RequestTiming {
    let objection_s = if request.urgent {
        council.urgent_s
    } else {
        council.objection_s
    };
    let until = request.decide_by;
    let ends_at = until.saturating_add(objection_s).saturating_add(ENDS_S);
    if at > ends_at {
        RequestTiming::Dead {
            since: ends_at.saturating_add(1),
        }
    } else if at > until {
        RequestTiming::Lapsed {
            since: until.saturating_add(1),
            ends_at,
        }
    } else {
        RequestTiming::Deciding { until }
    }
}
