//! Facts that laws ask about, and what stood before the present wording of one.

use std::sync::Arc;

use jiff::civil::Date;

use crate::truth::Tree;

/// What a part was before its present wording began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It did not exist.
    Absent,
    /// It had another wording, which is not at hand.
    NotLoaded,
}

/// The words of a part on the days before its present wording.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// First day.
    pub since: Date,
    /// Last day.
    pub until: Date,
    /// Words of the law.
    pub text: String,
    /// Decree that gave them.
    pub decree: String,
}

/// A fact that a law may ask about.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Name in cases and trees.
    pub id: String,
    /// The same, as answers share it: an answer names hundreds.
    pub(crate) name: Arc<str>,
    /// Label in Spanish.
    pub es: String,
    /// Article and fraction.
    pub cite: String,
    /// Words of the law.
    pub text: Option<String>,
    /// Remark.
    pub note: Option<String>,
    /// First day of its wording, and what was before.
    pub since: Option<(Date, Before)>,
    /// Earlier words for it, newest first: the fact is the same, what the law called it was not.
    pub earlier: Vec<Earlier>,
    /// What the fact follows from, when a case does not state it.
    pub(crate) from: Option<Tree>,
    /// Flag when it is claimed on a day on which it did not exist.
    pub(crate) flag_before: Option<String>,
}

/// Facts by their numbers, a bit each: whether two sets have one in common is a few instructions.
#[derive(Clone, Debug, Default)]
pub(crate) struct FactSet(Vec<u64>);

impl FactSet {
    pub(crate) fn insert(&mut self, fact: usize) {
        let word = fact / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (fact % 64);
    }

    /// Whether a fact is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

impl FromIterator<usize> for FactSet {
    fn from_iter<I: IntoIterator<Item = usize>>(facts: I) -> Self {
        let mut set = Self::default();
        facts.into_iter().for_each(|fact| set.insert(fact));
        set
    }
}
