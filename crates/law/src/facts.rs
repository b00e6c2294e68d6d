//! The facts of a case on a date: given, presumed, absent or without a wording.

use std::sync::Arc;

use jiff::civil::Date;

use crate::case::Case;
use crate::fact::Before;
use crate::library::Library;
use crate::offence::{Asked, Exclusion, Offence};
use crate::truth::{Leaf, Tree, Truth};

/// Values of all facts of a library.
pub(crate) struct Facts<'a> {
    library: &'a Library,
    date: Option<Date>,
    given: Vec<Option<bool>>,
    values: Vec<Truth>,
    presumed: Option<usize>,
    general: bool,
    /// Exclusions of whole laws of which anything is known.
    exclusions: Vec<&'a Exclusion>,
}

impl<'a> Facts<'a> {
    /// `general`: whether the law with the presumptions governs.
    pub(crate) fn new(library: &'a Library, case: &Case, date: Option<Date>, general: bool) -> Self {
        let mut given = vec![None; library.facts.len()];
        for (name, value) in &case.facts {
            if let Some(fact) = library.index.get(name) {
                given[*fact] = Some(*value);
            }
        }
        let mut facts = Self {
            library,
            date,
            values: Vec::new(),
            given,
            presumed: None,
            general,
            exclusions: Vec::new(),
        };
        facts.values = (0..library.facts.len()).map(|fact| facts.plain(fact)).collect();
        facts.follow();
        if general && facts.presume() {
            facts.follow();
        }
        let known = |exclusion: &&Exclusion| facts.knows_any(&exclusion.asked);
        facts.exclusions = library.exclusions.iter().filter(known).collect();
        facts
    }

    fn plain(&self, fact: usize) -> Truth {
        let given = self.given[fact].map_or(Truth::Unknown, Truth::from);
        match (self.library.facts[fact].since, self.date) {
            (Some((since, before)), Some(date)) if date < since => match before {
                Before::Absent => Truth::False,
                Before::NotLoaded => Truth::Unknown,
            },
            _ => given,
        }
    }

    /// What follows from other facts, where the case is silent: a whole from its parts, and parts from their whole.
    fn follow(&mut self) {
        for &fact in &self.library.derived {
            let Some(tree) = &self.library.facts[fact].from else {
                continue;
            };
            let whole = self.values[fact];
            if whole == Truth::Unknown {
                self.values[fact] = tree.value(&|part| self.values[part]);
                continue;
            }
            let parts = match (tree, whole) {
                (Tree::All(parts), Truth::True) | (Tree::Any(parts), Truth::False) => parts,
                _ => continue,
            };
            for part in parts {
                if let Tree::Fact(part) = part
                    && self.values[*part] == Truth::Unknown
                {
                    self.values[*part] = whole;
                }
            }
        }
    }

    /// Presumptions make a fact true of which nothing is known (art. 3-X). Whether one did.
    fn presume(&mut self) -> bool {
        for rule in &self.library.rules {
            if let (Some(fact), Some(tree)) = (rule.presumes, &rule.tree)
                && self.values[fact] == Truth::Unknown
                && tree.value(&|fact| self.values[fact]) == Truth::True
            {
                self.values[fact] = Truth::True;
                self.presumed = Some(fact);
            }
        }
        self.presumed.is_some()
    }

    /// The value of a fact on the date.
    pub(crate) fn value(&self, fact: usize) -> Truth {
        self.values[fact]
    }

    /// The value within an offence, some of whose parts have a wording of their own.
    pub(crate) fn value_in(&self, offence: &Offence, fact: usize) -> Truth {
        let part = offence.parts.iter().find(|part| part.fact == Some(fact));
        match (part, self.date) {
            (Some(part), Some(date)) if date < part.since => match part.before {
                Before::Absent => Truth::False,
                Before::NotLoaded => Truth::Unknown,
            },
            _ => self.values[fact],
        }
    }

    /// Whether nothing is known of any fact that a tree asks about: then it is unknown, and asks for all of them.
    pub(crate) fn says_nothing(&self, asked: &Asked, of: &dyn Fn(usize) -> Truth) -> bool {
        let nothing = || asked.facts.iter().all(|fact| of(*fact) == Truth::Unknown);
        !asked.names.is_empty() && !self.knows_any(asked) && nothing()
    }

    /// Whether anything can be known of the fact on the date: not where the wording of that day is not at hand.
    pub(crate) fn can_be_known(&self, offence: &Offence, fact: usize) -> bool {
        let part = offence.parts.iter().find(|part| part.fact == Some(fact));
        let later = |since: Date| self.date.is_some_and(|date| date < since);
        self.before(fact).is_none() && !part.is_some_and(|part| later(part.since))
    }

    /// The fact that a presumption made true.
    pub(crate) fn presumed(&self) -> Option<usize> {
        self.presumed
    }

    /// Whether the case mentions the fact, as true or false.
    pub(crate) fn is_given(&self, fact: usize) -> bool {
        self.given[fact].is_some()
    }

    fn claimed(&self, fact: usize) -> bool {
        self.given[fact] == Some(true)
    }

    /// Flags of facts that are claimed on a day on which they did not exist.
    pub(crate) fn claimed_too_early(&self) -> impl Iterator<Item = &str> {
        let facts = self.library.facts.iter().enumerate();
        facts.filter_map(|(fact, known)| {
            let flag = known.flag_before.as_deref()?;
            (self.claimed(fact) && self.before(fact) == Some(Before::Absent)).then_some(flag)
        })
    }

    /// Whether a fact is claimed whose wording on that day is not at hand.
    pub(crate) fn claimed_without_wording(&self) -> bool {
        let mut facts = 0..self.given.len();
        self.general && facts.any(|fact| self.claimed(fact) && self.before(fact) == Some(Before::NotLoaded))
    }

    /// What the fact was on that day, when its wording had not begun.
    fn before(&self, fact: usize) -> Option<Before> {
        let (since, before) = self.library.facts[fact].since?;
        (self.date? < since).then_some(before)
    }

    /// Whether anything that is asked about is claimed in the case.
    pub(crate) fn claims_any(&self, asked: &Asked) -> bool {
        asked.facts.iter().any(|fact| self.claimed(*fact))
    }

    /// Whether anything that is asked about is known to be so.
    pub(crate) fn touches(&self, asked: &Asked) -> bool {
        asked.facts.iter().any(|fact| self.values[*fact] == Truth::True)
    }

    /// Whether anything is known of what is asked about.
    pub(crate) fn knows_any(&self, asked: &Asked) -> bool {
        asked.facts.iter().any(|fact| self.values[*fact] != Truth::Unknown)
    }

    /// What excludes an offence and is known of at all: what its own articles say, then what holds for all of its law.
    pub(crate) fn exclusions(&self, offence: &'a Offence) -> impl Iterator<Item = &'a Exclusion> {
        let own = offence
            .exclusions
            .iter()
            .filter(|exclusion| self.knows_any(&exclusion.asked));
        let of_law = |exclusion: &&&Exclusion| exclusion.laws.contains(&offence.instrument);
        own.chain(self.exclusions.iter().filter(of_law).copied())
    }

    /// Name of a fact.
    pub(crate) fn name(&self, fact: usize) -> Arc<str> {
        Arc::clone(&self.library.facts[fact].name)
    }

    /// Article of a fact in a law.
    pub(crate) fn cite(&self, law: &str, fact: usize) -> String {
        self.library.cite(law, fact).to_owned()
    }

    /// Name of an unknown leaf.
    pub(crate) fn leaf(&self, leaf: Leaf<'_>) -> Arc<str> {
        match leaf {
            Leaf::Fact(fact) => Arc::clone(&self.library.facts[fact].name),
            Leaf::Open(question) => question.into(),
        }
    }
}
