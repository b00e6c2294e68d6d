//! The public statements of the log.

use protocol::{Digest, Envelope};
use serde::{Deserialize, Serialize};

use super::Log;

/// A public statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its entry.
    pub index: u64,
    /// Its digest.
    pub digest: Digest,
    /// What it is, where it is shown.
    pub name: Option<String>,
    /// Institutions of the council by then that signed it.
    pub signed_by: Vec<String>,
}

impl Log {
    /// The public statements at or after an index, with the institutions that signed them.
    pub(crate) fn public_since(&self, since: u64) -> Vec<Statement> {
        let shown = self.registry().statements().filter(|(index, _)| *index >= since);
        let statement = |(index, shown): (u64, Result<&Envelope, Digest>)| {
            // The first council signs itself.
            let council = self.registry().council_at(index).or(self.registry().councils().first());
            let seats = council.into_iter().flat_map(|council| &council.seats);
            let envelope = shown.ok();
            let has_signed = |key| envelope.is_some_and(|envelope| envelope.is_signed_by(key));
            Statement {
                index,
                digest: shown.map_or_else(|digest| digest, Envelope::digest),
                name: envelope.and_then(Envelope::name).map(str::to_owned),
                signed_by: seats
                    .filter(|seat| has_signed(&seat.key))
                    .map(|seat| seat.institution.clone())
                    .collect(),
            }
        };
        shown.map(statement).collect()
    }
}
