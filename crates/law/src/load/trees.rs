//! Trees of facts: `"fact"`, `"named tree"`, `{ all = […] }`, `{ any = […] }`, `{ not = … }`, `{ offence = "…" }`,
//! `{ open = "…" }`.

use crate::library::Library;
use crate::load::Names;
use crate::read::{Source, Table, Value};
use crate::truth::Tree;

/// Deepest nesting of a tree.
const DEPTH_MAX: usize = 16;

/// The tree in a field that must be there.
pub(super) fn field(table: &Table<'_>, key: &str, library: &Library, names: &Names) -> Option<Tree> {
    let Some(value) = table.get(key) else {
        table.fault(format!("`{key}` is missing"));
        return None;
    };
    tree(table.source, value, library, names, 0)
}

/// The tree in a field, if it is there.
pub(super) fn field_opt(table: &Table<'_>, key: &str, library: &Library, names: &Names) -> Option<Tree> {
    tree(table.source, table.get(key)?, library, names, 0)
}

/// The trees of a list; none when it is not there.
pub(super) fn list(table: &Table<'_>, key: &str, library: &Library, names: &Names) -> Vec<Tree> {
    let parts = table.array(key).iter();
    parts
        .filter_map(|part| tree(table.source, part, library, names, 0))
        .collect()
}

fn tree(source: &Source<'_>, value: &Value<'_>, library: &Library, names: &Names, depth: usize) -> Option<Tree> {
    let at = value.span().start;
    if depth > DEPTH_MAX {
        source.fault(at, format!("nested deeper than {DEPTH_MAX}"));
        return None;
    }
    if let Some(name) = value.get_ref().as_str() {
        return named(source, at, name, library, names);
    }
    let entries = value.get_ref().as_table().map(|table| table.iter().collect::<Vec<_>>());
    let Some([(key, inner)]) = entries.as_deref() else {
        source.fault(
            at,
            "a tree is a fact in quotes or one of { all = [ ] }, { any = [ ] }, { not = … }, { offence = \"…\" }, { open = \"…\" }",
        );
        return None;
    };
    let text = || inner.get_ref().as_str();
    match (key.get_ref().as_ref(), text()) {
        ("all", None) => parts(source, inner, library, names, depth).map(Tree::All),
        ("any", None) => parts(source, inner, library, names, depth).map(Tree::Any),
        ("not", _) => tree(source, inner, library, names, depth + 1).map(|part| Tree::Not(Box::new(part))),
        ("offence", Some(id)) => {
            let known = names.offences.get(id).cloned();
            if known.is_none() {
                source.fault(inner.span().start, format!("no offence `{id}` stands before this one"));
            }
            known
        }
        ("open", Some(question)) => Some(Tree::Open(question.to_owned())),
        (other, _) => {
            source.fault(
                key.span().start,
                format!("`{other}` is not a way to combine facts; use all, any, not, offence or open"),
            );
            None
        }
    }
}

fn named(source: &Source<'_>, at: usize, name: &str, library: &Library, names: &Names) -> Option<Tree> {
    if let Some(fact) = library.index.get(name) {
        return Some(Tree::Fact(*fact));
    }
    let known = names.trees.get(name).cloned();
    if known.is_none() {
        source.fault(
            at,
            format!(
                "`{name}` is neither a fact nor a tree that stands before{}",
                nearest(name, library)
            ),
        );
    }
    known
}

fn parts(source: &Source<'_>, value: &Value<'_>, library: &Library, names: &Names, depth: usize) -> Option<Vec<Tree>> {
    let Some(array) = value.get_ref().as_array().filter(|array| !array.is_empty()) else {
        source.fault(
            value.span().start,
            "`all` and `any` need a list in [ ] with at least one part",
        );
        return None;
    };
    let read: Vec<_> = array
        .iter()
        .map(|part| tree(source, part, library, names, depth + 1))
        .collect();
    read.into_iter().collect()
}

/// A fact with a name so near that it may be meant.
fn nearest(name: &str, library: &Library) -> String {
    let near = library.index.keys().map(|id| (distance(name, id), id)).min();
    match near {
        Some((steps, id)) if steps <= 3 => format!("; is `{id}` meant?"),
        _ => String::new(),
    }
}

/// Letters to change, add or leave out between two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<_> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
