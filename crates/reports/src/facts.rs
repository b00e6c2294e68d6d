//! What the reader takes as proven, and the passage that shows it: the file that `--facts` names, and what the desk keeps.

use std::collections::{BTreeMap, BTreeSet};

use law::{Case, Library};
use serde::Deserialize;

use crate::clean::clean;

/// Facts with their passages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The question to the law.
    pub case: Case,
    /// For a fact, the passages of the testimony that show it.
    pub passages: BTreeMap<String, Vec<String>>,
}

/// Why a file cannot be read as facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// No question to the law.
    #[error(transparent)]
    Case(#[from] law::CaseError),
    /// Passages of another form.
    #[error("`passages` gives a fact its passage, or a list of them: {0}")]
    Passages(serde_json::Error),
}

/// Beside what a case reads of the same text, and refuses there.
#[derive(Deserialize)]
struct Wire {
    #[serde(default, deserialize_with = "law::once_each")]
    passages: BTreeMap<String, Passages>,
}

/// A passage that is not in the testimony: the fact that it is for, and which of its passages, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invented {
    /// Name of the fact.
    pub fact: String,
    /// From 1.
    pub number: usize,
    /// How it begins.
    pub begins: String,
}

impl std::fmt::Display for Invented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "passage {} for {}, «{}»", self.number, self.fact, self.begins)
    }
}

/// Most letters that are shown of a passage.
const SHOWN: usize = 40;

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

    /// Facts and facts of passages that no law asks about: a misspelt one would be left out of what is answered.
    #[must_use]
    pub fn unknown_facts(&self, library: &Library) -> Vec<&str> {
        let names = self.case.facts.keys().chain(self.passages.keys());
        let unknown = names.filter(|name| !library.index.contains_key(*name));
        let unknown: BTreeSet<&str> = unknown.map(String::as_str).collect();
        unknown.into_iter().collect()
    }

    /// Passages that stand in none of these texts: a report would show them as her words. Line ends and the number of
    /// blanks between words are passed over, for a passage is copied from one line into another.
    #[must_use]
    pub fn not_in(&self, texts: &[impl AsRef<str>]) -> Vec<Invented> {
        let texts: Vec<String> = texts.iter().map(|text| on_one_line(text.as_ref())).collect();
        let stands = |passage: &str| {
            let passage = on_one_line(passage);
            !passage.is_empty() && texts.iter().any(|text| text.contains(&passage))
        };
        let mut invented = Vec::new();
        for (fact, passages) in &self.passages {
            let own = passages.iter().enumerate().filter(|(_, passage)| !stands(passage));
            invented.extend(own.map(|(index, passage)| Invented {
                fact: fact.clone(),
                number: index + 1,
                begins: clean(&passage.chars().take(SHOWN).collect::<String>()),
            }));
        }
        invented
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(passages: &str) -> Result<Told, String> {
        Told::from_json(&format!(r#"{{"facts":{{}},"passages":{passages}}}"#)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_passage_stands_in_her_words_or_is_named() {
        let words = ["Me dijeron que\r\nno saliera,  y\u{a0}no salí.", "Otra respuesta"];
        for passage in [
            "que no saliera, y no salí",
            "me dijeron\\n\\tque",
            "Otra",
            "no\\u00a0sal\\u00ed.",
        ] {
            let passage = passage.replace("me dijeron", "Me dijeron");
            let told = told(&format!(r#"{{"act_recruit":"{passage}"}}"#)).unwrap();
            assert_eq!(told.not_in(&words), [], "{passage}");
        }
        for passage in ["que saliera", "ME DIJERON", "salí. Otra", "", " \\n "] {
            let told = told(&format!(r#"{{"act_recruit":["Otra","{passage}"]}}"#)).unwrap();
            let invented = told.not_in(&words);
            assert_eq!((invented.len(), invented[0].number), (1, 2), "{passage:?}");
            assert!(
                invented[0].to_string().starts_with("passage 2 for act_recruit"),
                "{passage:?}"
            );
        }
    }

    #[test]
    fn a_fact_whose_passages_are_given_twice_is_told() {
        for (passages, name) in [
            (r#"{"a":"x","a":"y"}"#, "`a` stands twice"),
            (r#"{"a":["x"],"\u0061":[]}"#, "`a` stands twice"),
            (r#"{"a":"x"},"passages":{}"#, "`passages`"),
        ] {
            let error = told(passages).unwrap_err();
            assert!(error.contains(name), "{passages}: {error}");
        }
    }
}
