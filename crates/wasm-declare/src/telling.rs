//! What she tells, as the page hands it over, and the documents it becomes (§19 «Document»).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use testimony::{Document, EvidenceFile};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Refused;

/// Her words and choices.
#[derive(Default, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Telling {
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
    /// The next step of the log rather than a random one within 12 h.
    #[serde(default)]
    pub soon: bool,
}

impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telling(…)")
    }
}

impl Telling {
    /// Reads what the page hands over.
    ///
    /// # Errors
    /// [`Refused::Order`]: the page's fault.
    pub fn parse(json: &str) -> Result<Self, Refused> {
        serde_json::from_str(json).map_err(|_| Refused::Order)
    }

    /// The document of the account.
    pub(crate) fn account_document(&self, files: Vec<EvidenceFile>) -> Result<Vec<u8>, Refused> {
        let mut answers = BTreeMap::new();
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
    pub(crate) fn identity_document(&self) -> Result<Option<Vec<u8>>, Refused> {
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
fn document(mut document: Document) -> Result<Vec<u8>, Refused> {
    let json = document.to_json().map_err(|_| Refused::TooMuch);
    document.text.zeroize();
    json
}
