//! What would change an answer: the smallest sets of unknown facts that would complete an offence.

use crate::truth::{Tree, Truth};

/// Sets kept at each step; more than are shown, so that combining parts does not lose a small one.
const KEPT: usize = 16;
/// Sets shown for an offence.
const SHOWN: usize = 5;

/// A set: facts, in order, and the value that is wanted of each.
type Set = Vec<(usize, bool)>;

/// At most five smallest sets of facts, unknown so far, that would give the tree the value true. Smallest first.
/// `can` says of which facts anything can be known: none, where the wording of the day is not at hand.
pub(crate) fn smallest(tree: &Tree, of: &dyn Fn(usize) -> Truth, can: &dyn Fn(usize) -> bool) -> Vec<Set> {
    let mut sets = wanted(tree, true, of, can);
    sets.truncate(SHOWN);
    sets
}

fn wanted(tree: &Tree, value: bool, of: &dyn Fn(usize) -> Truth, can: &dyn Fn(usize) -> bool) -> Vec<Set> {
    match tree.value(of) {
        Truth::Unknown => {}
        known if known == Truth::from(value) => return vec![Set::new()],
        _ => return Vec::new(),
    }
    match (tree, value) {
        (Tree::Fact(fact), _) if can(*fact) => vec![vec![(*fact, value)]],
        (Tree::Not(part), _) => wanted(part, !value, of, can),
        (Tree::Fact(_) | Tree::Open(_), _) => Vec::new(),
        (Tree::All(parts), true) | (Tree::Any(parts), false) => {
            let mut sets = vec![Set::new()];
            for part in parts {
                let more = wanted(part, value, of, can);
                if more.first().is_some_and(Vec::is_empty) {
                    continue; // it has the value already
                }
                let joined = sets
                    .iter()
                    .flat_map(|set| more.iter().filter_map(|other| join(set, other)));
                sets = fewest(joined.collect());
            }
            sets
        }
        (Tree::Any(parts), true) | (Tree::All(parts), false) => {
            fewest(parts.iter().flat_map(|part| wanted(part, value, of, can)).collect())
        }
    }
}

/// Both sets; nothing when they want opposite values of a fact.
fn join(a: &Set, b: &Set) -> Option<Set> {
    let mut both = Vec::with_capacity(a.len() + b.len());
    both.extend_from_slice(a);
    for &(fact, value) in b {
        match both.binary_search_by_key(&fact, |(fact, _)| *fact) {
            Ok(at) if both[at].1 != value => return None,
            Ok(_) => {}
            Err(at) => both.insert(at, (fact, value)),
        }
    }
    Some(both)
}

/// The smallest sets, none of which holds another.
fn fewest(mut sets: Vec<Set>) -> Vec<Set> {
    sets.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    let mut kept: Vec<Set> = Vec::with_capacity(sets.len().min(KEPT));
    for set in sets {
        if !kept.iter().any(|other| other.iter().all(|fact| set.contains(fact))) {
            kept.push(set);
        }
        if kept.len() == KEPT {
            break;
        }
    }
    kept
}
