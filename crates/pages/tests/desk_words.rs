//! The desk's and the record's words: every id that a script or template names is there, and every word is named.

use std::collections::BTreeSet;
use std::path::PathBuf;

use pages::{Language, Strings};

/// What begins with one of these is put together from a code of the protocol.
const FAMILIES: [&str; 13] = [
    "desk-aid-",
    "desk-check-",
    "desk-cell-",
    "desk-err-",
    "desk-law-",
    "desk-next-",
    "desk-opened-",
    "desk-outcome-",
    "desk-reason-",
    "desk-sign-",
    "desk-status-",
    "desk-task-",
    "desk-unopened-",
];

fn sources() -> String {
    let web = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let mut all = include_str!("../src/registro.rs").to_owned();
    for folder in ["scripts", "pages"] {
        for entry in std::fs::read_dir(web.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with("mesa") || name.starts_with("registro") {
                all.push_str(&std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    all
}

#[test]
fn every_word_that_is_named_is_there_in_both_languages() {
    let source = sources();
    for language in Language::ALL {
        let ids: BTreeSet<&str> = Strings::ids(language).collect();
        // t("…") of scripts, get("…") of templates, and the ids of registro.rs.
        let calls = ["t(\"desk-", "get(\"desk-", "get(\"record-", "=> \"record-"];
        let mut count = 0;
        for call in calls {
            let quote = &call[call.find('"').expect("a quote")..];
            let after = source
                .match_indices(call)
                .map(|(at, _)| &source[at + call.len() - quote.len()..]);
            for rest in after {
                let id = rest[1..].split('"').next().expect("an id");
                assert!(ids.contains(id), "{language:?} has no {id}");
                count += 1;
            }
        }
        assert!(count > 100, "the ids are found at all: {count}");
    }
}

#[test]
fn every_word_is_named_somewhere() {
    let source = sources();
    for id in Strings::ids(Language::Spanish).filter(|id| id.starts_with("desk-") || id.starts_with("record-")) {
        let is_named = source.contains(&format!("\"{id}\""));
        let is_family = FAMILIES
            .iter()
            .any(|family| id.starts_with(family) && source.contains(&format!("`{family}${{")));
        assert!(is_named || is_family, "{id} is named nowhere");
    }
}
