//! Kleene's three values over facts, and why a tree has the value it has.

use std::collections::BTreeSet;

/// What is known of a fact or of a tree of facts. Ordered: false, unknown, true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Known not to be so.
    False,
    /// Nothing known.
    Unknown,
    /// Known to be so.
    True,
}

impl Truth {
    /// The opposite; unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A combination of facts, as a law file states it. Facts are numbers into [`crate::Library::facts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// One fact.
    Fact(usize),
    /// Every part.
    All(Vec<Tree>),
    /// At least one part.
    Any(Vec<Tree>),
    /// The opposite.
    Not(Box<Tree>),
    /// A question that the texts at hand leave open: always unknown.
    Open(String),
}

/// A leaf that is still unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf<'a> {
    /// A fact.
    Fact(usize),
    /// An open question of the law.
    Open(&'a str),
}

impl Tree {
    /// The value, given that of each fact.
    pub fn value(&self, of: &dyn Fn(usize) -> Truth) -> Truth {
        match self {
            Self::Fact(fact) => of(*fact),
            Self::All(parts) => parts.iter().map(|part| part.value(of)).min().unwrap_or(Truth::True),
            Self::Any(parts) => parts.iter().map(|part| part.value(of)).max().unwrap_or(Truth::False),
            Self::Not(part) => part.value(of).negated(),
            Self::Open(_) => Truth::Unknown,
        }
    }

    /// Adds every unknown leaf in a branch that is still open. Nothing when the tree has a value.
    pub fn missing<'a>(&'a self, of: &dyn Fn(usize) -> Truth, into: &mut BTreeSet<Leaf<'a>>) {
        if self.value(of) != Truth::Unknown {
            return;
        }
        match self {
            Self::Fact(fact) => drop(into.insert(Leaf::Fact(*fact))),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.missing(of, into)),
            Self::Not(part) => part.missing(of, into),
            Self::Open(question) => drop(into.insert(Leaf::Open(question))),
        }
    }

    /// Adds the facts that decide the value: those without which it would be unknown. Nothing when it is unknown.
    pub fn because(&self, of: &dyn Fn(usize) -> Truth, into: &mut Vec<usize>) {
        let value = self.value(of);
        if value == Truth::Unknown {
            return;
        }
        match self {
            Self::Fact(fact) => {
                if !into.contains(fact) {
                    into.push(*fact);
                }
            }
            Self::Not(part) => part.because(of, into),
            Self::Open(_) => {}
            Self::All(parts) if value == Truth::True => parts.iter().for_each(|part| part.because(of, into)),
            Self::Any(parts) if value == Truth::False => parts.iter().for_each(|part| part.because(of, into)),
            Self::All(parts) | Self::Any(parts) => {
                if let Some(part) = parts.iter().find(|part| part.value(of) == value) {
                    part.because(of, into);
                }
            }
        }
    }

    /// Every fact it asks about.
    pub fn facts(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::Fact(fact) => drop(into.insert(*fact)),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.facts(into)),
            Self::Not(part) => part.facts(into),
            Self::Open(_) => {}
        }
    }
}
