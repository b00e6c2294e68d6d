//! What the reader takes as shown, and the passage that shows it: the file that `--facts` names, and what the desk keeps.
//! A passage is a claim until it is found in the testimony; reports are made from what was found alone.

use std::collections::{BTreeMap, BTreeSet};

use law::{Case, Library};
use protocol::statement::Compartment;
use serde::Deserialize;
use serde_json::Value;
use testimony::Named;

use crate::clean::clean;
use crate::frame::Filing;
use crate::record::{Answers, CaseRecord};

/// Facts with passages that nobody has looked for yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The question to the law.
    pub case: Case,
    /// What the petitioner gave for the frame of a filing.
    pub filing: Filing,
    passages: BTreeMap<String, Vec<String>>,
}

/// How an identifier is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NormalForm {
    /// Nobody has read it.
    #[default]
    NotRead,
    /// It has none.
    None,
    /// So.
    Is(String),
}

/// An identifier of whoever hurt her, and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedLine {
    pub(crate) named: Named,
    pub(crate) normal: NormalForm,
}

/// Facts with their passages, each of which stands in the testimony. Made by [`Claim::against`] alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    case: Case,
    filing: Filing,
    passages: BTreeMap<String, Vec<String>>,
    named: Vec<NamedLine>,
}

impl Told {
    /// The question to the law.
    #[must_use]
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// What the petitioner gave for the frame of a filing.
    pub(crate) fn filing(&self) -> &Filing {
        &self.filing
    }

    /// Identifiers of those who hurt her, as she wrote them among her answers.
    pub(crate) fn named(&self) -> &[NamedLine] {
        &self.named
    }

    /// Has `read` give each identifier its normal form, in her order. The code that reads them is larger than the law, so it is not here.
    #[must_use]
    pub fn reading(mut self, read: impl Fn(usize, &Named) -> NormalForm) -> Self {
        for (place, line) in self.named.iter_mut().enumerate() {
            line.normal = read(place, &line.named);
        }
        self
    }

    /// The passages of the testimony that show a fact.
    #[must_use]
    pub fn passages(&self, fact: &str) -> &[String] {
        self.passages.get(fact).map_or(&[], Vec::as_slice)
    }

    /// What is said of a fact.
    pub(crate) fn says(&self, fact: &str) -> Option<bool> {
        self.case.facts.get(fact).copied()
    }
}

/// Why a file cannot be read as facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// No question to the law.
    #[error(transparent)]
    Case(#[from] law::CaseLineError),
    /// What stands beside the question has another form.
    #[error("`passages` gives a fact its passage, or a list of them, and `filing` what its frame says: {0}")]
    Beside(serde_json::Error),
}

/// Beside what a case reads of the same text, and refuses there.
#[derive(Deserialize)]
struct Wire {
    #[serde(default, deserialize_with = "law::once_each")]
    passages: BTreeMap<String, Passages>,
    #[serde(default)]
    filing: Filing,
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

/// Why nothing is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotHers {
    /// These passages stand neither in her words nor in her answers.
    Passages(Vec<Invented>),
    /// The words at hand are not those that were opened: their digest is another than the record's.
    Account,
    /// The same of her answers.
    Answers,
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

impl Claim {
    /// Reads a question as `law assess` takes it, with `passages` beside it: `{fact: "words" | ["words", …]}`.
    ///
    /// # Errors
    /// [`FactsError`].
    pub fn from_json(text: &str) -> Result<Self, FactsError> {
        let case = Case::from_json(text)?;
        let wire: Wire = serde_json::from_str(text).map_err(FactsError::Beside)?;
        let passages = wire.passages.into_iter().map(|(fact, passages)| {
            let passages = match passages {
                Passages::One(passage) => vec![passage],
                Passages::Several(passages) => passages,
            };
            (fact, passages)
        });
        Ok(Self {
            case,
            filing: wire.filing,
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

    /// Whether no passage is given.
    #[must_use]
    pub fn is_without_passages(&self) -> bool {
        self.passages.values().all(Vec::is_empty)
    }

    /// Looks for every passage in the testimony: her words and her answers, which the record names by their digests. Line
    /// ends and the number of blanks between words are passed over, for a passage is copied from one line into another. The
    /// identifiers among her answers are taken as they stand there.
    ///
    /// # Errors
    /// [`NotHers`]: a report would show as hers what is not.
    pub fn against(self, record: Option<&CaseRecord>, account: &str, answers: &Answers) -> Result<Told, NotHers> {
        let is_other = |record: &CaseRecord| record.is_open(Compartment::Account) && !record.holds(account);
        if !self.is_without_passages() && record.is_some_and(is_other) {
            return Err(NotHers::Account);
        }
        let unread = |named| NamedLine {
            named,
            normal: NormalForm::NotRead,
        };
        let named: Vec<NamedLine> = testimony::named(answers).into_iter().map(unread).collect();
        let is_other = |record: &CaseRecord| !answers.is_empty() && !record.holds_answers(answers);
        let is_shown = !self.is_without_passages() || !named.is_empty();
        if is_shown && record.is_some_and(is_other) {
            return Err(NotHers::Answers);
        }
        let mut texts = vec![account];
        answers.values().for_each(|answer| told(answer, &mut texts));
        let texts = texts.into_iter();
        let texts: Vec<String> = texts.map(on_one_line).collect();
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
        let Self { case, filing, passages } = self;
        if invented.is_empty() {
            Ok(Told {
                case,
                filing,
                passages,
                named,
            })
        } else {
            Err(NotHers::Passages(invented))
        }
    }
}

/// Every text in an answer.
fn told<'a>(answer: &'a Value, found: &mut Vec<&'a str>) {
    match answer {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| told(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| told(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(passages: &str) -> Result<Claim, String> {
        Claim::from_json(&format!(r#"{{"facts":{{}},"passages":{passages}}}"#)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_passage_stands_in_her_words_or_is_named() {
        let (words, answers) = (
            "Me dijeron que\r\nno saliera,  y\u{a0}no salí.",
            Answers::from([("otra".to_owned(), serde_json::json!(["Otra respuesta"]))]),
        );
        for passage in [
            "que no saliera, y no salí",
            "me dijeron\\n\\tque",
            "Otra",
            "no\\u00a0sal\\u00ed.",
        ] {
            let passage = passage.replace("me dijeron", "Me dijeron");
            let claim = claim(&format!(r#"{{"act_recruit":"{passage}"}}"#)).unwrap();
            let told = claim.against(None, words, &answers);
            assert_eq!(told.map(|told| told.passages("act_recruit").len()), Ok(1), "{passage}");
        }
        for passage in ["que saliera", "ME DIJERON", "salí. Otra", "", " \\n "] {
            let claim = claim(&format!(r#"{{"act_recruit":["Otra","{passage}"]}}"#)).unwrap();
            let Err(NotHers::Passages(invented)) = claim.against(None, words, &answers) else {
                panic!("{passage:?} is printed");
            };
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
            let error = claim(passages).unwrap_err();
            assert!(error.contains(name), "{passages}: {error}");
        }
    }
}
