//! What she tells, and the documents it becomes (§19 «Document»).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use testimony::{Document, EvidenceFile};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::SealingError;

/// Her words and choices.
#[derive(Default, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct TestimonyInput {
    /// What happened. May be empty where there is evidence.
    pub account: String,
    /// Who she is; empty: no identity is sealed.
    #[serde(default)]
    pub identity: String,
    /// What language she speaks, as she wrote it; empty: not said.
    #[serde(default)]
    pub language: String,
    /// Someone is in danger now.
    #[serde(default)]
    pub danger: bool,
    /// Interpreter wanted.
    #[serde(default)]
    pub interpreter: bool,
    /// Answers of the form by field, as a JSON object; empty: none. Who fills it in checks it ([`testimony::check`]).
    #[serde(default)]
    pub answers: String,
    /// The next step of the log rather than a random one within 12 h.
    #[serde(default)]
    pub soon: bool,
}

impl std::fmt::Debug for TestimonyInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestimonyInput(…)")
    }
}

impl TestimonyInput {
    /// Reads what the page hands over as JSON.
    ///
    /// # Errors
    /// [`SealingError::Order`]: the page's fault.
    pub fn parse(json: &str) -> Result<Self, SealingError> {
        serde_json::from_str(json).map_err(|_| SealingError::Order)
    }

    /// The document of the account.
    pub(crate) fn account_document(&self, files: Vec<EvidenceFile>) -> Result<Vec<u8>, SealingError> {
        let mut answers: BTreeMap<String, Value> = match self.answers.as_str() {
            "" => BTreeMap::new(),
            json => serde_json::from_str(json).map_err(|_| SealingError::Order)?,
        };
        let mut answer = |field: &str, value: Value| answers.insert(field.to_owned(), value);
        if self.danger {
            answer("still_danger", Value::from(true));
        }
        if self.interpreter {
            answer("interpreter_needed", Value::from(true));
        }
        if !self.language.is_empty() {
            answer("languages", Value::from(vec![self.language.clone()]));
        }
        document(Document {
            text: self.account.clone(),
            answers,
            files,
        })
    }

    /// The document of the identity, if she gives one.
    pub(crate) fn identity_document(&self) -> Result<Option<Vec<u8>>, SealingError> {
        if self.identity.is_empty() {
            return Ok(None);
        }
        let text = self.identity.clone();
        document(Document {
            text,
            ..Document::default()
        })
        .map(Some)
    }
}

/// Writes a document, and erases what it was written from.
fn document(mut document: Document) -> Result<Vec<u8>, SealingError> {
    let json = document.to_json().map_err(|_| SealingError::TooMuch);
    document.text.zeroize();
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_form_stand_beside_what_she_ticked() {
        let json = r#"{"account":"a","danger":true,"answers":"{\"acts\":[\"recruit\"],\"age_band\":\"9-17\"}"}"#;
        let input = TestimonyInput::parse(json).unwrap();
        let document: Value = serde_json::from_slice(&input.account_document(Vec::new()).unwrap()).unwrap();
        let answers = &document["answers"];
        assert_eq!(answers["acts"], serde_json::json!(["recruit"]));
        assert_eq!(answers["age_band"], "9-17");
        assert_eq!(answers["still_danger"], true);
        for broken in [r#"{"account":"a","answers":"[1]"}"#, r#"{"account":"a","answers":"{"}"#] {
            let input = TestimonyInput::parse(broken).unwrap();
            assert!(input.account_document(Vec::new()).is_err(), "{broken}");
        }
    }

    /// Some lines that name eight, as long as they may be, fill the same document as some lines that name nobody.
    #[test]
    fn naming_eight_changes_no_size() {
        let sealed_bytes = |answers: Value| {
            let input = serde_json::json!({ "account": "Me llevaron.", "answers": answers.to_string() });
            let input = TestimonyInput::parse(&input.to_string()).unwrap();
            let document = input.account_document(Vec::new()).unwrap();
            protocol::age::pad::document_size(document.len()).unwrap()
        };
        let one =
            serde_json::json!({ "kind": "handle", "of": "instagram", "text": "a".repeat(testimony::NAMED_TEXT_MAX) });
        let named = serde_json::json!({ "identifiers": vec![one; testimony::NAMED_MAX],
            "offender_description": "ñ".repeat(testimony::DESCRIPTION_MAX) });
        assert_eq!(sealed_bytes(named), sealed_bytes(serde_json::json!({})));
    }

    #[test]
    fn flags_and_language_stand_in_the_document() {
        let json = r#"{"account":"a","danger":true,"interpreter":true,"language":"tu'un savi"}"#;
        let document = TestimonyInput::parse(json)
            .unwrap()
            .account_document(Vec::new())
            .unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let answers = &document["answers"];
        assert_eq!(answers["still_danger"], true);
        assert_eq!(answers["interpreter_needed"], true);
        assert_eq!(answers["languages"][0], "tu'un savi");
        let plain = TestimonyInput::parse(r#"{"account":"a"}"#).unwrap();
        let plain: Value = serde_json::from_slice(&plain.account_document(Vec::new()).unwrap()).unwrap();
        assert!(plain["answers"].as_object().is_none_or(serde_json::Map::is_empty));
        assert!(TestimonyInput::default().identity_document().unwrap().is_none());
    }
}
