//! The record of single acts as it was last made: it changes with the log, not with who asks.

use std::sync::{Arc, PoisonError, RwLock};

use casework::Registry;
use casework::docket::Dockets;
use pages::actos::ActRecord;

/// The record as it was last made.
#[derive(Default)]
pub(crate) struct RecentActs(RwLock<Option<MadeRecord>>);

#[derive(Clone)]
struct MadeRecord {
    dockets: Arc<Dockets>,
    at: u64,
    record: Arc<ActRecord>,
}

impl RecentActs {
    /// The record at a checkpoint time; made anew once that or the docket is another.
    pub fn at(&self, registry: &Registry, dockets: &Arc<Dockets>, at: u64) -> Arc<ActRecord> {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let made = made.filter(|made| made.at == at && Arc::ptr_eq(&made.dockets, dockets));
        if let Some(made) = made {
            return made.record;
        }
        let record = Arc::new(ActRecord::new(registry, dockets, at));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(MadeRecord {
            dockets: Arc::clone(dockets),
            at,
            record: Arc::clone(&record),
        });
        record
    }
}
