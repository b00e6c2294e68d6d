//! What changes with the log and not with who asks, as it was last made: the record of single acts, and the pages of the
//! public record.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use casework::Registry;
use casework::docket::Dockets;
use pages::actos::ActRecord;

use crate::fixed::FixedPage;
use crate::projection::View;

/// Pages that are kept. There are a few of each language, and one for each docket.
const PAGES_MAX: usize = 64;

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

/// What the pages of the record show: they are made anew once any of it is another.
#[derive(Clone)]
pub(crate) struct Shown<V = View> {
    /// The statements that count.
    pub view: Arc<V>,
    /// The published checkpoint.
    pub checkpoint: Option<Arc<[u8]>>,
    /// POSIX seconds: what is late by then is said.
    pub now: u64,
}

impl<V> Shown<V> {
    fn is(&self, other: &Self) -> bool {
        let is_same_checkpoint = match (&self.checkpoint, &other.checkpoint) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        is_same_checkpoint && Arc::ptr_eq(&self.view, &other.view) && self.now == other.now
    }
}

/// The pages of the record, each rendered and packed once a second at most, however many ask.
pub(crate) struct RecentPages<V = View>(RwLock<Option<Made<V>>>);

/// Pages by their addresses, and what they show.
type Made<V> = (Shown<V>, HashMap<String, Arc<FixedPage>>);

impl<V> Default for RecentPages<V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<V> RecentPages<V> {
    /// The page at an address, rendered where what it shows has changed; `None` where there is none.
    pub fn at(&self, shown: Shown<V>, path: &str, render: impl FnOnce() -> Option<String>) -> Option<Arc<FixedPage>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.as_ref().filter(|(of, _)| of.is(&shown));
        if let Some(page) = found.and_then(|(_, pages)| pages.get(path)) {
            return Some(Arc::clone(page));
        }
        drop(kept);
        let page = Arc::new(FixedPage::new(render()?));
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(of, _)| !of.is(&shown)) {
            *kept = Some((shown, HashMap::new()));
        }
        if let Some((_, pages)) = kept.as_mut().filter(|(_, pages)| pages.len() < PAGES_MAX) {
            pages.insert(path.to_owned(), Arc::clone(&page));
        }
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Whether asking for a page has rendered it.
    fn rendered(pages: &RecentPages<u8>, shown: &Shown<u8>, path: &str, count: &Cell<usize>) -> bool {
        let before = count.get();
        let page = pages.at(shown.clone(), path, || {
            count.set(count.get() + 1);
            (path != "nowhere").then(|| path.to_owned())
        });
        assert_eq!(page.is_some(), path != "nowhere");
        count.get() > before
    }

    #[test]
    fn a_page_is_rendered_again_when_what_it_shows_is_another_and_not_else() {
        let (pages, count) = (RecentPages::default(), Cell::new(0));
        let note = |size: u8| Some(Arc::<[u8]>::from([size]));
        let first = Shown::<u8> {
            view: Arc::default(),
            checkpoint: note(1),
            now: 100,
        };
        assert!(rendered(&pages, &first, "a", &count));
        assert!(!rendered(&pages, &first, "a", &count));
        assert!(rendered(&pages, &first, "b", &count));
        assert!(!rendered(&pages, &first, "b", &count));
        for other in [
            Shown {
                view: Arc::default(),
                ..first.clone()
            },
            Shown {
                checkpoint: note(1),
                ..first.clone()
            },
            Shown {
                checkpoint: None,
                ..first.clone()
            },
            Shown {
                now: 101,
                ..first.clone()
            },
        ] {
            assert!(rendered(&pages, &other, "a", &count));
            assert!(!rendered(&pages, &other, "a", &count));
            assert!(rendered(&pages, &first, "a", &count), "one moment is kept");
        }
    }

    #[test]
    fn a_crowd_of_addresses_is_not_kept_and_one_that_is_nowhere_neither() {
        let (pages, count) = (RecentPages::default(), Cell::new(0));
        let shown = Shown::<u8> {
            view: Arc::default(),
            checkpoint: None,
            now: 0,
        };
        assert!(rendered(&pages, &shown, "nowhere", &count) && rendered(&pages, &shown, "nowhere", &count));
        for number in 0..PAGES_MAX {
            assert!(rendered(&pages, &shown, &number.to_string(), &count));
        }
        assert!(rendered(&pages, &shown, "more", &count) && rendered(&pages, &shown, "more", &count));
        assert!(!rendered(&pages, &shown, "0", &count));
    }
}
