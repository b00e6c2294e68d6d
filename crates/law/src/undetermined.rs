//! What hangs on unknown facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::ser::{Serialize, Serializer};

/// Names of facts and of open questions.
pub type Names = Arc<BTreeSet<Arc<str>>>;

/// Offences and fractions that hang on unknown facts, and which: a map that an answer does not build. Of most offences
/// nothing is known in any one case; their names and what they ask about are shared with the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undetermined {
    /// All offences and fractions, sorted.
    ids: Arc<[Arc<str>]>,
    /// For each of them, where it hangs on facts.
    missing: Vec<Option<Names>>,
}

impl Undetermined {
    /// Nothing so far. `ids`: sorted.
    pub(crate) fn of(ids: &Arc<[Arc<str>]>) -> Self {
        Self {
            ids: Arc::clone(ids),
            missing: vec![None; ids.len()],
        }
    }

    /// Notes on what an id hangs, by its rank among the ids.
    pub(crate) fn set(&mut self, rank: usize, missing: Names) {
        self.missing[rank] = Some(missing);
    }

    /// Adds what hangs on unknown facts in another answer of the same library.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (own, more) in self.missing.iter_mut().zip(&other.missing) {
            match (own, more) {
                (Some(own), Some(more)) => Arc::make_mut(own).extend(more.iter().cloned()),
                (own @ None, Some(more)) => *own = Some(Arc::clone(more)),
                (_, None) => {}
            }
        }
    }

    /// Each id and its names, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Names)> {
        let entries = self.ids.iter().zip(&self.missing);
        entries.filter_map(|(id, missing)| Some((id, missing.as_ref()?)))
    }

    /// The ids, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.iter().map(|(id, _)| id)
    }

    /// On what an id hangs.
    pub fn get(&self, id: &str) -> Option<&Names> {
        let rank = self.ids.binary_search_by(|other| (**other).cmp(id)).ok()?;
        self.missing.get(rank)?.as_ref()
    }

    /// Whether an id hangs on unknown facts.
    pub fn contains_key(&self, id: &str) -> bool {
        self.get(id).is_some()
    }
}

impl Serialize for Undetermined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
