//! Words that scripts say: every id that a script, a template or a view names is there, and every word is named.

use std::collections::BTreeSet;
use std::path::PathBuf;

use pages::{Language, Strings};

/// A page whose script has its words.
struct Spoken {
    /// Scripts and templates of the page begin with one of these.
    files: &'static [&'static str],
    /// Its ids begin with one of these.
    words: &'static [&'static str],
    /// How ids are named, each up to the first letter of the id.
    calls: &'static [&'static str],
    /// What begins with one of these is put together from a code of the protocol.
    families: &'static [&'static str],
    /// Fewest ids that are found.
    least: usize,
}

const PAGES: [Spoken; 2] = [
    Spoken {
        files: &["mesa", "registro"],
        words: &["desk-", "record-"],
        calls: &["t(\"", "get(\"", "=> \""],
        families: &[
            "desk-adds-",
            "desk-aid-",
            "desk-asks-",
            "desk-attention-",
            "desk-count-",
            "desk-deed-",
            "desk-docket-",
            "desk-template-",
            "desk-twin-",
            "desk-check-",
            "desk-cell-",
            "desk-err-",
            "desk-law-",
            "desk-next-",
            "desk-opened-",
            "desk-outcome-",
            "desk-public-",
            "desk-reason-",
            "desk-sign-",
            "desk-status-",
            "desk-step-",
            "desk-task-",
            "desk-unopened-",
            "desk-use-",
            "desk-words-",
        ],
        least: 100,
    },
    Spoken {
        files: &["volver", "words"],
        words: &["return-", "inbox-", "act-", "add-", "ask-", "withdraw-"],
        calls: &["say(\"", "get(\"", "=> \"", "? \"", ": \"", "return \"", "id = \""],
        families: &[
            "act-aid-",
            "act-decision-",
            "act-finding-",
            "act-lapse-",
            "ask-status-",
            "inbox-do-",
            "inbox-part-",
            "inbox-parts-",
            "inbox-sent-",
        ],
        least: 60,
    },
];

impl Spoken {
    fn source(&self) -> String {
        let web = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web");
        let mut all = [include_str!("../src/registro.rs"), include_str!("../src/volver.rs")].concat();
        for folder in ["scripts", "pages", "pages/parts"] {
            for entry in std::fs::read_dir(web.join(folder)).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                if self.files.iter().any(|file| name.starts_with(file)) {
                    all.push_str(&std::fs::read_to_string(&path).expect("a text"));
                }
            }
        }
        all
    }
}

#[test]
fn every_word_that_is_named_is_there_in_both_languages() {
    for page in PAGES {
        let source = page.source();
        for language in Language::ALL {
            let ids: BTreeSet<&str> = Strings::ids(language).collect();
            let mut count = 0;
            for (call, word) in page
                .calls
                .iter()
                .flat_map(|call| page.words.iter().map(move |word| (call, word)))
            {
                let named = format!("{call}{word}");
                for (at, _) in source.match_indices(&named) {
                    let id = source[at + call.len()..].split('"').next().expect("an id");
                    assert!(ids.contains(id), "{language:?} has no {id}");
                    count += 1;
                }
            }
            assert!(count > page.least, "the ids are found at all: {count}");
        }
    }
}

#[test]
fn every_word_is_named_somewhere() {
    for page in PAGES {
        let source = page.source();
        let is_of_page = |id: &&str| page.words.iter().any(|word| id.starts_with(word));
        for id in Strings::ids(Language::Spanish).filter(is_of_page) {
            let is_named = source.contains(&format!("\"{id}\""));
            let is_family = page
                .families
                .iter()
                .any(|family| id.starts_with(family) && source.contains(&format!("`{family}${{")));
            assert!(is_named || is_family, "{id} is named nowhere");
        }
    }
}
