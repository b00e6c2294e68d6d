//! What the law answers; its fields are those of `resguardo law assess --json`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};

use crate::library::Measure;
use crate::offence::{PenaltyShown, Range};
use crate::ratio::Ratio;
use crate::undetermined::Undetermined;

/// The answer to a case, or to one part of it when the law changed during the conduct.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "exchange", schemars(deny_unknown_fields))]
pub struct Answer {
    /// The days that this answers for.
    pub date: Option<String>,
    /// The law that governs trafficking on that date and place; nothing when none can be chosen or named.
    pub applicable_law: Option<String>,
    /// `loaded`, `partial`, `not_loaded`, `unknown`.
    pub law_status: &'static str,
    /// Offences whose elements are all met.
    pub proven: BTreeSet<String>,
    /// Offences that cannot be met.
    pub contradicted: BTreeSet<String>,
    /// Offences and fractions that hang on unknown facts, and which.
    #[cfg_attr(feature = "exchange", schemars(with = "BTreeMap<Arc<str>, BTreeSet<Arc<str>>>"))]
    pub undetermined: Undetermined,
    /// For each proven offence, the unknown facts of its exclusions: nobody raised them, and whoever judges inquires
    /// into them of his own motion (CPF 17).
    pub exclusions_to_check: BTreeMap<String, BTreeSet<Arc<str>>>,
    /// Offences and fractions that did not exist on that date.
    pub not_in_force: BTreeSet<String>,
    /// Offences and fractions whose wording on that date is not at hand.
    pub wording_not_loaded: BTreeSet<String>,
    /// Fractions that hold.
    pub aggravations: BTreeSet<String>,
    /// What the law gives for proven offences that are not superseded.
    pub sentence: BTreeMap<String, Sentence>,
    /// Codes of `laws/mx/flags.toml`.
    pub flags: BTreeSet<String>,
    /// What is owed.
    pub assistance: Vec<Arc<Measure>>,
    /// What would be owed if a fact that is unknown held.
    pub assistance_if: Vec<Arc<Measure>>,
    /// Answers that rest on secondary sources alone; never part of the above.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secondary: BTreeMap<String, Secondary>,
    /// What would change this: for undetermined offences of which something is known, at most five smallest sets of
    /// facts that would complete them.
    pub change: BTreeMap<Arc<str>, Vec<BTreeMap<Arc<str>, bool>>>,
    /// Why, down to the fraction.
    pub reasons: Vec<DerivationReason>,
    /// One answer for each part of the conduct, when the law changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Answer>,
}

/// The field that holds answers of their own.
const PARTS: &str = "parts";

/// Writes the fields whose names are kept, in order; those that an answer leaves out when empty are left out.
macro_rules! fields {
    ($($field:ident $(if $present:expr)?),* $(,)?) => {
        impl Answer {
            /// Names of the fields, in order.
            pub const FIELDS: &[&str] = &[$(stringify!($field),)* PARTS];
        }

        impl Serialize for Fields<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(if (self.keep)(stringify!($field)) $(&& $present(self.answer))? {
                    map.serialize_entry(stringify!($field), &self.answer.$field)?;
                })*
                if (self.keep)(PARTS) && !self.answer.parts.is_empty() {
                    let parts: Vec<_> = self.answer.parts.iter().map(|part| part.some(self.keep)).collect();
                    map.serialize_entry(PARTS, &parts)?;
                }
                map.end()
            }
        }
    };
}

fields! {
    date, applicable_law, law_status, proven, contradicted, undetermined, exclusions_to_check, not_in_force,
    wording_not_loaded, aggravations, sentence, flags, assistance, assistance_if,
    secondary if |answer: &Answer| !answer.secondary.is_empty(),
    change, reasons,
}

/// Some fields of an answer: as [`Answer`] is written, without the others.
pub struct Fields<'a> {
    answer: &'a Answer,
    keep: &'a dyn Fn(&str) -> bool,
}

impl Answer {
    /// The fields whose names are kept, of the answer and of its parts.
    pub fn some<'a>(&'a self, keep: &'a dyn Fn(&str) -> bool) -> Fields<'a> {
        Fields { answer: self, keep }
    }
}

/// A penalty with everything that makes it grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The range; where arts. 42 and 43 meet, both increases on the base.
    pub shown: PenaltyShown,
    /// Where they meet: one increase after the other.
    pub compounded: Option<PenaltyShown>,
    /// The base, each aggravation, the attempt, in this order.
    pub steps: Vec<PenaltyStep>,
}

/// One line of how a penalty came about. Displayed as the interface writes it; pages say it in their own language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PenaltyStep {
    /// What the offence's own article gives.
    Base {
        /// Article.
        art: String,
        /// Its range.
        shown: PenaltyShown,
    },
    /// A fraction under which the upper limit grows.
    Grows {
        /// Article and fraction.
        art: String,
        /// Fraction.
        id: String,
        /// By at most this part.
        up_to: Ratio,
    },
    /// A fraction under which years are added.
    Adds {
        /// Article and fraction.
        art: String,
        /// Fraction.
        id: String,
        /// Years, from and to.
        years: Range,
    },
    /// An attempt: at most this part of the maximum.
    Attempt {
        /// Article.
        art: String,
        /// Which part.
        factor: Ratio,
        /// Whether the law settles its lower limit.
        floor: Floor,
    },
    /// The longest prison that the law of that day allows.
    Cap {
        /// Article.
        art: String,
        /// Years.
        years: Ratio,
    },
}

/// The lower limit of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// Not settled by the texts at hand (CPF 63, first or third paragraph).
    Open,
    /// The minimum of the offence: it was grave by law (CPF 63 p3; CFPP 194).
    Minimum,
    /// This part of the minimum.
    Part(Ratio),
}

impl std::fmt::Display for PenaltyStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Base { art, shown } => {
                write!(f, "art. {art}: {} to {} years, ", shown.years.min, shown.years.max)?;
                match shown.fine_days {
                    Some(days) => write!(f, "{} to {} days of fine", days.min, days.max),
                    None => f.write_str("no fine stated"),
                }
            }
            Self::Grows { art, id, up_to } => write!(f, "art. {art} ({id}): up to {up_to} more"),
            Self::Adds { art, id, years } => {
                write!(f, "art. {art} ({id}): {} to {} years more", years.min, years.max)
            }
            Self::Attempt { art, factor, floor } => match floor {
                Floor::Open => write!(
                    f,
                    "attempt (art. {art}; CPF 12, 63): at most {factor} of the maximum; lower limit open"
                ),
                Floor::Minimum => write!(
                    f,
                    "attempt (art. {art}; CPF 12, 63 p3; CFPP 194): at most {factor} of the maximum; lower limit the minimum"
                ),
                Floor::Part(part) => write!(
                    f,
                    "attempt (art. {art}): from {part} of the minimum to {factor} of the maximum"
                ),
            },
            Self::Cap { art, years } => write!(f, "{art}: prison of at most {years} years"),
        }
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        numbers(&mut map, self.shown)?;
        if let Some(compounded) = self.compounded {
            map.serialize_entry("compounded", &compounded)?;
        }
        let lines: Vec<String> = self.steps.iter().map(ToString::to_string).collect();
        map.serialize_entry("lines", &lines)?;
        map.end()
    }
}

impl Serialize for PenaltyShown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        numbers(&mut map, *self)?;
        map.end()
    }
}

fn numbers<M: serde::ser::SerializeMap>(map: &mut M, shown: PenaltyShown) -> Result<(), M::Error> {
    map.serialize_entry("years", &pair(shown.years).map(Rounded))?;
    map.serialize_entry("fine_days", &shown.fine_days.map(|days| pair(days).map(Rounded)))?;
    let exact = |range: Range| pair(range).map(|number| number.to_string());
    let exact = BTreeMap::from([
        ("years", Some(exact(shown.years))),
        ("fine_days", shown.fine_days.map(exact)),
    ]);
    map.serialize_entry("exact", &exact)
}

fn pair(range: Range) -> [Ratio; 2] {
    [range.min, range.max]
}

/// A JSON number of at most two decimals.
pub(crate) struct Rounded(pub(crate) Ratio);

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hundredths = self.0.hundredths();
        if hundredths % 100 == 0 {
            return serializer.serialize_i64(hundredths / 100);
        }
        // Below 2^53 by far: the nearest double prints as these two decimals.
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        serializer.serialize_f64(text.parse().unwrap_or_default())
    }
}

/// An answer from secondary sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "exchange", schemars(deny_unknown_fields))]
pub struct Secondary {
    /// `met`, `not_met` or `undetermined`.
    pub result: &'static str,
    /// Unknown facts and open questions.
    pub undetermined: BTreeSet<Arc<str>>,
    /// Prison in years, as the sources cite it.
    pub years: Option<[String; 2]>,
    /// Fine in days, as cited; nothing where it is unknown.
    pub fine_days: Option<[String; 2]>,
    /// What the sources say of the penalty.
    pub penalty: Vec<String>,
    /// The facts that decide.
    pub because: Vec<Because>,
}

/// A fact that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "exchange", schemars(deny_unknown_fields))]
pub struct Because {
    /// Fact.
    pub fact: Arc<str>,
    /// Its value in the case.
    pub value: bool,
    /// Article and fraction.
    pub cite: String,
}

/// A step of the derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "exchange", schemars(deny_unknown_fields))]
pub struct DerivationReason {
    /// Offence, fraction, rule, flag or `applicable_law`.
    pub about: String,
    /// Result, or what is said of it.
    pub says: String,
    /// Article, or source of a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// The facts that decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Because>,
}
