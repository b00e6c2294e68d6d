//! The facts of a case on a date: given, presumed, absent or without a wording.

use std::sync::Arc;

use jiff::civil::Date;

use crate::case::Case;
use crate::fact::{Before, FactSet};
use crate::library::Library;
use crate::offence::{Asked, Exclusion, Offence};
use crate::truth::{Leaf, Tree, Truth};

/// Values of all facts of a library.
pub(crate) struct Facts<'a> {
    library: &'a Library,
    date: Option<Date>,
    given: Vec<Option<bool>>,
    values: Vec<Truth>,
    /// Facts that the case claims.
    claimed: FactSet,
    /// Facts that are known, as true or false.
    known: FactSet,
    /// Facts that are known to be so.
    holding: FactSet,
    presumed: Option<usize>,
    general: bool,
    /// Exclusions of whole laws of which anything is known.
    exclusions: Vec<&'a Exclusion>,
    /// Names in the case that no law asks about.
    pub(crate) unlisted: Vec<&'a str>,
}

impl<'a> Facts<'a> {
    /// `general`: whether the law with the presumptions governs.
    pub(crate) fn new(library: &'a Library, case: &'a Case, date: Option<Date>, general: bool) -> Self {
        let mut facts = Self {
            library,
            date,
            given: vec![None; library.facts.len()],
            values: vec![Truth::Unknown; library.facts.len()],
            claimed: FactSet::default(),
            known: FactSet::default(),
            holding: FactSet::default(),
            presumed: None,
            general,
            exclusions: Vec::new(),
            unlisted: Vec::new(),
        };
        for (name, value) in &case.facts {
            match library.index.get(name) {
                Some(&fact) => {
                    facts.given[fact] = Some(*value);
                    facts.values[fact] = Truth::from(*value);
                    if *value {
                        facts.claimed.insert(fact);
                    }
                }
                None => facts.unlisted.push(name),
            }
        }
        for &fact in &library.dated {
            match facts.before(fact) {
                Some(Before::Absent) => facts.values[fact] = Truth::False,
                Some(Before::NotLoaded) => facts.values[fact] = Truth::Unknown,
                None => {}
            }
        }
        facts.follow();
        if general && facts.presume() {
            facts.follow();
        }
        for (fact, value) in facts.values.iter().enumerate() {
            match value {
                Truth::Unknown => {}
                Truth::False => facts.known.insert(fact),
                Truth::True => {
                    facts.known.insert(fact);
                    facts.holding.insert(fact);
                }
            }
        }
        let known = |exclusion: &&Exclusion| facts.knows_any(&exclusion.asked);
        facts.exclusions = library.exclusions.iter().filter(known).collect();
        facts
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
        if offence.parts.is_empty() {
            return self.values[fact];
        }
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
    pub(crate) fn says_nothing(&self, asked: &Asked) -> bool {
        !asked.names.is_empty() && !self.knows_any(asked)
    }

    /// The same of the elements of an offence, some of whose parts have a wording of their own.
    pub(crate) fn says_nothing_of(&self, offence: &Offence) -> bool {
        let unknown = |fact: &usize| self.value_in(offence, *fact) == Truth::Unknown;
        self.says_nothing(&offence.asked) && (offence.parts.is_empty() || offence.asked.facts.iter().all(unknown))
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
        self.library.dated.iter().filter_map(|&fact| {
            let flag = self.library.facts[fact].flag_before.as_deref()?;
            (self.claimed(fact) && self.before(fact) == Some(Before::Absent)).then_some(flag)
        })
    }

    /// Whether a fact is claimed whose wording on that day is not at hand.
    pub(crate) fn claimed_without_wording(&self) -> bool {
        let mut facts = self.library.dated.iter();
        self.general && facts.any(|&fact| self.claimed(fact) && self.before(fact) == Some(Before::NotLoaded))
    }

    /// What the fact was on that day, when its wording had not begun.
    fn before(&self, fact: usize) -> Option<Before> {
        let (since, before) = self.library.facts[fact].since?;
        (self.date? < since).then_some(before)
    }

    /// Whether anything that is asked about is claimed in the case.
    pub(crate) fn claims_any(&self, asked: &Asked) -> bool {
        self.claimed.meets(&asked.set)
    }

    /// Whether anything that is asked about is known to be so.
    pub(crate) fn touches(&self, asked: &Asked) -> bool {
        self.holding.meets(&asked.set)
    }

    /// Whether anything is known of what is asked about.
    pub(crate) fn knows_any(&self, asked: &Asked) -> bool {
        self.known.meets(&asked.set)
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
