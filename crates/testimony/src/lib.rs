//! What is inside the seal: the document that a testimony is (docs/protocol.md §19 «Document»).
//!
//! Pure: no file, socket, thread, clock or random source. Knows nothing of keys or of the log. Names of files
//! are data here; [`safe_file_name`] is for whoever writes them to a disk.

mod digest;
mod document;
mod facts;
mod file_name;
mod intake;
mod named;
mod syntax;

pub use digest::FileDigest;
pub use document::{DOCUMENT_MAX, Document, EvidenceFile, FILES_MAX, Read, WriteError, read};
pub use facts::facts;
pub use file_name::{FILE_NAME_MAX, folded, safe_file_name, shortened};
pub use identifiers::{Identifier, IdentifierError, Kind, Service, State};
pub use intake::{
    AnswerFault, AnswerKind, Answered, BilingualText, DESCRIPTION_MAX, Field, Question, check, fields, in_words,
    questions,
};
pub use named::{NAMED_MAX, NAMED_TEXT_MAX, Named, named};
pub use serde_json::Value;
pub use syntax::SyntaxError;
