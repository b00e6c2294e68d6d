//! What the reader takes as proven, and the passage that shows it: the file that `--facts` names, and what the desk keeps.

use std::collections::BTreeMap;

use law::Case;
use serde::Deserialize;

/// Facts with their passages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The question to the law.
    pub case: Case,
    /// For a fact, the passages of the testimony that show it.
    pub passages: BTreeMap<String, Vec<String>>,
}

/// Why a file is none of facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// No question to the law.
    #[error(transparent)]
    Case(#[from] law::CaseError),
    /// Passages of another form.
    #[error("`passages` gives a fact its passage, or a list of them: {0}")]
    Passages(serde_json::Error),
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    passages: BTreeMap<String, Passages>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Passages {
    One(String),
    Several(Vec<String>),
}

impl Told {
    /// Reads a question as `law assess` takes it, with `passages` beside it: `{fact: "words" | ["words", …]}`.
    ///
    /// # Errors
    /// [`FactsError`].
    pub fn from_json(text: &str) -> Result<Self, FactsError> {
        let case = Case::from_json(text)?;
        let wire: Wire = serde_json::from_str(text).map_err(FactsError::Passages)?;
        let passages = wire.passages.into_iter().map(|(fact, passages)| {
            let passages = match passages {
                Passages::One(passage) => vec![passage],
                Passages::Several(passages) => passages,
            };
            (fact, passages)
        });
        Ok(Self {
            case,
            passages: passages.collect(),
        })
    }
}
