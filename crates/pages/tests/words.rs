//! The words: every language has the same messages, attributes and variables; every id that a template or a page names
//! exists; no message is there for nothing; her screens keep to plain words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

type Messages = BTreeMap<String, BTreeSet<String>>;

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web")
}

/// Files of a folder and those below, by extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn variables(pattern: &Pattern<String>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            expression_variables(expression, found);
        }
    }
}

fn expression_variables(expression: &Expression<String>, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => inline_variables(inline, found),
        Expression::Select { selector, variants } => {
            inline_variables(selector, found);
            for variant in variants {
                variables(&variant.value, found);
            }
        }
    }
}

fn inline_variables(inline: &InlineExpression<String>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => expression_variables(expression, found),
        InlineExpression::FunctionReference {
            arguments: CallArguments { positional, .. },
            ..
        } => positional.iter().for_each(|argument| inline_variables(argument, found)),
        _ => {}
    }
}

/// `id` or `id.attribute` to its variables, over all files of a language. Fails on what does not parse or stands twice.
fn messages(tag: &str) -> Messages {
    let mut all = Messages::new();
    for file in files(&web().join("locales"), "ftl") {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if name.split('.').next() != Some(tag) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a locale");
        let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name;
            let mut patterns: Vec<(String, Pattern<String>)> =
                message.value.map(|value| (id.clone(), value)).into_iter().collect();
            for attribute in message.attributes {
                patterns.push((format!("{id}.{}", attribute.id.name), attribute.value));
            }
            for (id, pattern) in patterns {
                let mut found = BTreeSet::new();
                variables(&pattern, &mut found);
                let twice = all.insert(id.clone(), found);
                assert!(twice.is_none(), "{name}: {id} stands twice");
            }
        }
    }
    all
}

/// All text that may name an id: templates, the pages' Rust, the scripts.
fn users() -> Vec<(String, String)> {
    let mut users = Vec::new();
    for (folder, extension) in [(web(), "html"), (web().join("../crates/pages/src"), "rs")] {
        for file in files(&folder, extension) {
            users.push((
                file.display().to_string(),
                std::fs::read_to_string(&file).expect("a user"),
            ));
        }
    }
    users
}

/// The ids of `.get("id")` and of the pages' own `fill("id")`.
fn named(text: &str) -> Vec<&str> {
    let calls = [".get(\"", "fill(\"", "say(\""];
    let after = calls.iter().flat_map(|call| text.split(call).skip(1));
    after
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| !id.contains(['{', '}', ' ']) && !id.is_empty())
        .collect()
}

#[test]
fn the_languages_have_the_same_messages_attributes_and_variables() {
    let (spanish, english) = (messages("es"), messages("en"));
    assert!(spanish.len() > 100, "{} messages", spanish.len());
    for (id, variables) in &spanish {
        assert_eq!(Some(variables), english.get(id), "{id}");
    }
    for id in english.keys() {
        assert!(spanish.contains_key(id), "{id} is English only");
    }
}

#[test]
fn every_id_that_a_template_names_exists() {
    let known = messages("es");
    let mut count = 0;
    for (file, text) in users() {
        if file.ends_with("strings.rs") || !file.ends_with(".html") {
            continue;
        }
        for id in named(&text) {
            count += 1;
            assert!(known.contains_key(id), "{file} names {id}");
        }
    }
    assert!(count > 40, "{count} ids were found in templates");
}

#[test]
fn no_message_is_there_for_nothing() {
    let users = users();
    let is_used = |id: &str| {
        let quoted = format!("\"{id}\"");
        users.iter().any(|(_, text)| text.contains(&quoted))
    };
    // Scripts of the desk and of her inbox take their words all at once, by these prefixes: `script_words.rs`.
    let passed = [
        "desk-",
        "return-",
        "inbox-",
        "act-",
        "add-",
        "ask-",
        "withdraw-",
        "use-",
        // Questions, by field and code: a test of `nuevo.rs`.
        "q-",
        // States and services, by code: likewise.
        "state-",
        "service-",
    ];
    let is_passed = |id: &str| passed.iter().any(|prefix| id.starts_with(prefix));
    let unused: Vec<String> = messages("es")
        .into_keys()
        .filter(|id| !is_used(id) && !is_passed(id))
        .collect();
    assert!(unused.is_empty(), "{} unused: {}", unused.len(), unused.join(" "));
}

/// Words of law or cryptography, and words that label her, have no place on her screens.
#[test]
fn her_screens_use_plain_words() {
    let banned = [
        (
            "es",
            [
                "víctima",
                "testimonio",
                "custodi",
                "cifrad",
                "criptogr",
                "compartimento",
                "quórum",
            ],
        ),
        (
            "en",
            [
                "victim",
                "testimony",
                "custodian",
                "encrypt",
                "cryptogr",
                "compartment",
                "quorum",
            ],
        ),
    ];
    for (tag, words) in banned {
        for file in files(&web().join("locales"), "ftl") {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let is_hers = name.split('.').next() == Some(tag) && !name.contains("desk") && !name.contains("law");
            if !is_hers {
                continue;
            }
            let text = std::fs::read_to_string(&file).expect("a locale");
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let words_of_line = line.split_once('=').map_or(line, |(_, words)| words).to_lowercase();
                for word in words {
                    assert!(!words_of_line.contains(word), "{name}: {word} in {line:?}");
                }
                assert!(!words_of_line.contains('!'), "{name}: an exclamation mark in {line:?}");
            }
        }
    }
}
