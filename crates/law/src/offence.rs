//! Offences and what makes their penalties grow, each in every wording at hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::fact::{Before, Fact, FactSet};
use crate::ratio::Ratio;
use crate::truth::{Leaf, Tree, Truth};

/// What has had several wordings.
pub trait Worded: Sized {
    /// First and last day of this wording; no last day while it is in force.
    fn span(&self) -> (Date, Option<Date>);

    /// Wordings before this one, whole, newest first.
    fn earlier(&self) -> &[Self];

    /// Every wording, newest first.
    fn wordings<'a>(&'a self) -> impl Iterator<Item = &'a Self>
    where
        Self: 'a,
    {
        std::iter::once(self).chain(self.earlier())
    }

    /// The wording in force on a day.
    fn on(&self, day: Date) -> Option<&Self> {
        self.wordings().find(|one| {
            let (since, until) = one.span();
            since <= day && until.is_none_or(|until| day <= until)
        })
    }

    /// First day of the oldest wording.
    fn first_day(&self) -> Date {
        self.earlier().last().unwrap_or(self).span().0
    }
}

/// From, to; both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Lower limit.
    pub min: Ratio,
    /// Upper limit.
    pub max: Ratio,
}

impl Range {
    /// Upper limit times `factor`, lower limit unchanged: how «hasta» grows a penalty.
    #[must_use]
    pub fn up_to(self, factor: Ratio) -> Self {
        Self {
            max: self.max.times(factor),
            ..self
        }
    }
}

/// Numbers of a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenaltyShown {
    /// Prison, years.
    pub years: Range,
    /// Fine, days; nothing where the law states none.
    pub fine_days: Option<Range>,
}

/// What the law gives for an offence.
#[derive(Clone, Debug)]
pub struct Penalty {
    /// Prison, years.
    pub years: Range,
    /// Fine, days; nothing where the law states none.
    pub fine_days: Option<Range>,
    /// Words of the law.
    pub text: String,
    /// What a source says of it, in Spanish, where `text` is not.
    pub es: Option<String>,
}

/// A part of an offence with a wording of its own.
#[derive(Clone, Debug)]
pub struct OffencePart {
    /// Fraction or paragraph.
    pub part: String,
    /// The fact that stands for it.
    pub fact: Option<usize>,
    /// First day of its wording.
    pub since: Date,
    /// What was before.
    pub before: Before,
}

/// Another penalty of the same offence under a condition.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Article.
    pub art: String,
    /// Condition.
    pub tree: Tree,
    /// Prison in years instead of the base.
    pub years: Option<Range>,
    /// Added part of the penalty.
    pub increase: Option<Ratio>,
    /// What the source says.
    pub text: String,
    /// The same in Spanish.
    pub es: Option<String>,
}

/// What a tree asks about, gathered once: of most trees nothing is known in any one case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Facts, in order.
    pub(crate) facts: Vec<usize>,
    /// The same.
    pub(crate) set: FactSet,
    /// Their names, and those of open questions.
    pub(crate) names: Arc<BTreeSet<Arc<str>>>,
}

impl Asked {
    pub(crate) fn of(tree: &Tree, facts: &[Fact]) -> Self {
        let (mut asked, mut leaves) = (BTreeSet::new(), Vec::new());
        tree.facts(&mut asked);
        tree.missing(&|_| Truth::Unknown, &mut leaves);
        let name = |leaf: Leaf<'_>| match leaf {
            Leaf::Fact(fact) => Arc::clone(&facts[fact].name),
            Leaf::Open(question) => question.into(),
        };
        Self {
            set: asked.iter().copied().collect(),
            facts: asked.into_iter().collect(),
            names: Arc::new(leaves.into_iter().map(name).collect()),
        }
    }
}

/// What excludes an offence whose elements are met. Nobody has to deny it: it counts when it is known to be so.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Condition.
    pub tree: Tree,
    /// Article and fraction.
    pub art: String,
    /// Laws for whose offences it holds; of an offence's own articles: its law.
    pub laws: Vec<String>,
    /// What it asks about.
    pub(crate) asked: Asked,
}

/// An offence.
#[derive(Clone, Debug)]
pub struct Offence {
    /// Name.
    pub id: String,
    /// Rank of the name among those of all offences and fractions.
    pub(crate) rank: usize,
    /// Its law.
    pub instrument: String,
    /// Article.
    pub art: String,
    /// Label in Spanish.
    pub es: String,
    /// Elements: all that must be proven (CPF 15-II).
    pub elements: Tree,
    /// What its own articles take out of it: exceptions, of which nothing needs to be known (CPF 15, 17).
    pub exclusions: Vec<Exclusion>,
    /// What the elements ask about.
    pub(crate) asked: Asked,
    /// The offence of which it is the qualified form.
    pub supersedes: Option<String>,
    /// First day of this wording.
    pub since: Date,
    /// Last day, of a wording that another follows or that was repealed.
    pub until: Option<Date>,
    /// What was before the oldest wording.
    pub before: Option<Before>,
    /// Decree that gave this wording.
    pub decree: Option<String>,
    /// Words that tell this wording from the next.
    pub text: Option<String>,
    /// Wordings before this one, whole, newest first.
    pub earlier: Vec<Offence>,
    /// Penalty.
    pub penalty: Penalty,
    /// Parts with their own wording.
    pub parts: Vec<OffencePart>,
    /// Penalties under conditions.
    pub variants: Vec<Variant>,
    /// Rests on secondary sources as a whole: stands apart from what is proven.
    pub secondary: bool,
    /// Remark on how the text was read.
    pub note: Option<String>,
    /// The same in Spanish.
    pub note_es: Option<String>,
    /// With what it adds up.
    pub cumulates: Option<String>,
    /// What is ordered besides.
    pub also: Option<String>,
}

impl Worded for Offence {
    fn span(&self) -> (Date, Option<Date>) {
        (self.since, self.until)
    }

    fn earlier(&self) -> &[Self] {
        &self.earlier
    }
}

/// A rule by which penalties grow.
#[derive(Clone, Debug)]
pub struct Increase {
    /// Name.
    pub id: String,
    /// Its law.
    pub instrument: String,
    /// Article.
    pub art: String,
    /// At most this part more.
    pub up_to: Ratio,
    /// Years of prison that are added instead, from and to.
    pub add_years: Option<Range>,
    /// Words of the law.
    pub text: String,
}

/// One circumstance of an increase.
#[derive(Clone, Debug)]
pub struct Fraction {
    /// Name.
    pub id: String,
    /// Rank of the name among those of all offences and fractions.
    pub(crate) rank: usize,
    /// Article and fraction.
    pub art: String,
    /// Its law.
    pub instrument: String,
    /// Which [`Increase`].
    pub increase: String,
    /// Condition.
    pub tree: Tree,
    /// What the tree asks about.
    pub(crate) asked: Asked,
    /// Offences that it does not touch.
    pub not_for: Vec<String>,
    /// Offences whose element or reason it repeats.
    pub double_count: Vec<String>,
    /// First day of this wording.
    pub since: Date,
    /// Last day, of a wording that another follows or that was repealed.
    pub until: Option<Date>,
    /// What was before the oldest wording.
    pub before: Option<Before>,
    /// Decree that gave this wording.
    pub decree: Option<String>,
    /// Words of the law.
    pub text: Option<String>,
    /// Wordings before this one, whole, newest first.
    pub earlier: Vec<Fraction>,
}

impl Worded for Fraction {
    fn span(&self) -> (Date, Option<Date>) {
        (self.since, self.until)
    }

    fn earlier(&self) -> &[Self] {
        &self.earlier
    }
}
