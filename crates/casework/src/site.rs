//! What the operator says that it serves (§14.1), as the log has it. [`Registry`] only knows that these statements are there:
//! whoever verifies the site reads them.

use protocol::Digest;
use protocol::statement::{Payload as _, Site};

use crate::registry::{PublicRefusal, Registry};

/// A `site` that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedSite {
    /// Index of its entry.
    pub index: u64,
    /// Checkpoint time of its inclusion, POSIX seconds.
    pub included_at: u64,
    /// What it says.
    pub site: Site,
}

/// Every `site` of a log, in log order. The newest counts until the next; the others say what was served before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sites {
    stated: Vec<StatedSite>,
    refused: Vec<(u64, Digest, PublicRefusal)>,
}

impl Sites {
    /// Reads them from the public statements.
    pub fn of(registry: &Registry) -> Self {
        let mut sites = Self::default();
        for (index, included_at, envelope) in registry.included() {
            if envelope.name() != Some(Site::NAME) {
                continue;
            }
            match registry.by_operator::<Site>(index, envelope, |site| &site.origin) {
                Ok(site) => sites.stated.push(StatedSite {
                    index,
                    included_at,
                    site,
                }),
                Err(refusal) => sites.refused.push((index, envelope.digest(), refusal)),
            }
        }
        sites
    }

    /// Those that count.
    pub fn stated(&self) -> &[StatedSite] {
        &self.stated
    }

    /// What the operator says now.
    pub fn newest(&self) -> Option<&StatedSite> {
        self.stated.last()
    }

    /// Those that do not count: index of the entry, digest, why.
    pub fn refused(&self) -> &[(u64, Digest, PublicRefusal)] {
        &self.refused
    }
}
