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

    /// The value; adds every unknown leaf in a branch that is still open, in the order of the tree. Nothing when the tree
    /// has a value.
    pub fn missing<'a>(&'a self, of: &dyn Fn(usize) -> Truth, into: &mut Vec<Leaf<'a>>) -> Truth {
        let before = into.len();
        let value = match self {
            Self::Fact(fact) => {
                into.push(Leaf::Fact(*fact));
                of(*fact)
            }
            Self::Open(question) => {
                into.push(Leaf::Open(question));
                Truth::Unknown
            }
            Self::Not(part) => part.missing(of, into).negated(),
            Self::All(parts) => parts
                .iter()
                .fold(Truth::True, |value, part| value.min(part.missing(of, into))),
            Self::Any(parts) => parts
                .iter()
                .fold(Truth::False, |value, part| value.max(part.missing(of, into))),
        };
        if value != Truth::Unknown {
            into.truncate(before);
        }
        value
    }

    /// The facts that decide the value: those without which it would be unknown. Nothing when it is unknown.
    pub fn because(&self, of: &dyn Fn(usize) -> Truth) -> Vec<usize> {
        let (mut all, mut once) = (Vec::new(), Vec::new());
        self.gather_because(of, &mut all);
        for fact in all {
            if !once.contains(&fact) {
                once.push(fact);
            }
        }
        once
    }

    /// The value; adds the facts that decide it.
    fn gather_because(&self, of: &dyn Fn(usize) -> Truth, into: &mut Vec<usize>) -> Truth {
        let before = into.len();
        let value = match self {
            Self::Fact(fact) => {
                into.push(*fact);
                of(*fact)
            }
            Self::Open(_) => Truth::Unknown,
            Self::Not(part) => part.gather_because(of, into).negated(),
            Self::All(parts) => gather_parts(parts, Truth::False, of, into),
            Self::Any(parts) => gather_parts(parts, Truth::True, of, into),
        };
        if value == Truth::Unknown {
            into.truncate(before);
        }
        value
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

/// The value of parts of which the first with the value `one` decides alone; else all decide together.
fn gather_parts(parts: &[Tree], one: Truth, of: &dyn Fn(usize) -> Truth, into: &mut Vec<usize>) -> Truth {
    let before = into.len();
    let mut value = one.negated();
    for part in parts {
        let own = into.len();
        let found = part.gather_because(of, into);
        if found == one {
            into.drain(before..own);
            return one;
        }
        if found == Truth::Unknown {
            value = found;
        }
    }
    value
}
