//! The law as data: facts in; elements proven, contradicted and missing out, each with its source.
//!
//! Pure: law files come as text, an answer goes out as a value; no file, clock or network. Nothing is guessed: what
//! the law files do not hold is `not_loaded` and said in every answer. An aid, not a finding.

mod answer;
mod article;
mod ask;
mod assess;
mod assist;
mod case;
mod change;
mod choose;
mod cite;
mod example;
#[cfg(feature = "exchange")]
mod exchange;
mod fact;
mod facts;
mod flags;
mod iri;
mod library;
mod load;
mod naming;
mod offence;
mod prose;
mod quote;
mod ratio;
mod read;
mod reference;
mod search;
mod sentence;
mod speech;
mod truth;
mod undetermined;

pub use answer::{Answer, Because, DerivationReason, Fields, Floor, PenaltyStep, Secondary, Sentence};
pub use article::{Article, articles};
pub use ask::{OpenQuestion, ask, questions};
pub use assess::{Known, assess, known};
pub use case::{Case, CaseLineError, Days, Forum, Stage, once_each};
pub use cite::{Cite, cites};
pub use example::{coverage, run};
#[cfg(feature = "exchange")]
pub use exchange::{AknError, akn, answer_schema, case_schema, openfisca};
pub use fact::{Before, Earlier, Fact};
pub use library::{
    CommonRule, Entity, Example, Flag, Instrument, Library, Listed, Measure, MeasureOwed, Reading, SourceItem, Status,
    UNLISTED, WordingChange,
};
pub use load::{File, TO_FILL, load, unfilled};
pub use naming::search;
pub use offence::{Exclusion, Fraction, Increase, Offence, OffencePart, Penalty, PenaltyShown, Range, Variant, Worded};
pub use prose::{MONTHS, Paragraph, Passages, prose};
pub use quote::{Official, Quotation, quotations};
pub use ratio::Ratio;
pub use read::LawFileFault;
pub use reference::Reference;
pub use speech::{Bilingual, Speech, Tongue};
pub use truth::{Tree, Truth};
pub use undetermined::{Names, Undetermined};
