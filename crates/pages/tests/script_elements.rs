//! Elements that scripts find by their id: each is on a page, and of the kind that `web/elements.d.ts` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Tags and the kinds of their elements.
const KINDS: [(&str, &str); 11] = [
    ("a", "HTMLAnchorElement"),
    ("button", "HTMLButtonElement"),
    ("details", "HTMLDetailsElement"),
    ("dialog", "HTMLDialogElement"),
    ("fieldset", "HTMLFieldSetElement"),
    ("form", "HTMLFormElement"),
    ("input", "HTMLInputElement"),
    ("progress", "HTMLProgressElement"),
    ("select", "HTMLSelectElement"),
    ("template", "HTMLTemplateElement"),
    ("textarea", "HTMLTextAreaElement"),
];

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web")
}

/// The text of all files below a folder that end so.
fn all(folder: &Path, ending: &str) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text.push_str(&all(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            text.push_str(&std::fs::read_to_string(path).expect("a text"));
        }
    }
    text
}

/// Ids of the pages, each with the tags that bear it.
fn on_pages() -> BTreeMap<String, BTreeSet<String>> {
    let html = ["pages", "components"]
        .map(|folder| all(&web().join(folder), ".html"))
        .concat()
        + &all(&web(), "layout.html");
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for tag in html.split('<').skip(1) {
        let Some((_, id)) = tag.split_once(" id=\"") else {
            continue;
        };
        let id = id.split('"').next().unwrap_or_default();
        let name = tag.split([' ', '\n', '>']).next().unwrap_or_default();
        found.entry(id.to_owned()).or_default().insert(name.to_owned());
    }
    found
}

#[test]
fn every_element_is_of_the_kind_that_scripts_take_it_for() {
    let (pages, table) = (
        on_pages(),
        std::fs::read_to_string(web().join("elements.d.ts")).expect("the table"),
    );
    let told = table
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(';')?.split_once(": "));
    let told: Vec<_> = told.map(|(id, kind)| (id.trim_matches('"'), kind)).collect();
    assert!(told.len() > 20, "{told:?}");
    for (id, kind) in told {
        let (tag, _) = KINDS.iter().find(|(_, known)| *known == kind).expect(kind);
        let tags = pages.get(id).unwrap_or_else(|| panic!("no page has {id}"));
        assert_eq!(tags.iter().collect::<Vec<_>>(), [tag], "{id} is a {kind}");
    }
}

#[test]
fn every_id_that_a_script_names_is_on_a_page() {
    let (pages, scripts) = (on_pages(), all(&web().join("scripts"), ".js"));
    let calls = ["el(\"", "by(\""]
        .into_iter()
        .flat_map(|call| scripts.match_indices(call));
    let named: BTreeSet<&str> = calls
        .filter(|(at, _)| !scripts[..*at].ends_with(char::is_alphanumeric))
        .filter_map(|(at, call)| scripts[at + call.len()..].split('"').next())
        .collect();
    assert!(named.len() > 100, "{named:?}");
    for id in named {
        assert!(pages.contains_key(id), "no page has {id}");
    }
}
