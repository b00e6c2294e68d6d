//! The elements of an offence as rows: what its article asks for, with its «y» and «o», and where each is told.

use std::collections::{BTreeMap, BTreeSet};

use law::{Known, Library, Offence, Tree, Truth};

use crate::facts::Told;
use crate::model::Span;
use crate::pen::{gap, plain, strong};
use crate::{filing, spanish, words};

/// A row for each element of an offence: element, what is known of it, where it is told, article of its law. `known`: by the
/// number of the fact.
pub(crate) fn rows(
    library: &Library,
    told: &Told,
    known: &BTreeMap<usize, Known>,
    offence: &Offence,
) -> Vec<Vec<Vec<Span>>> {
    let mut trees = Vec::new();
    conjuncts(&offence.elements, &mut trees);
    let law = &offence.instrument;
    trees
        .into_iter()
        .map(|tree| row(library, told, known, law, tree))
        .collect()
}

/// The elements, each of which an offence needs.
fn conjuncts<'a>(tree: &'a Tree, into: &mut Vec<&'a Tree>) {
    match tree {
        Tree::All(parts) => parts.iter().for_each(|part| conjuncts(part, into)),
        Tree::Any(parts) if parts.len() == 1 => conjuncts(&parts[0], into),
        _ => into.push(tree),
    }
}

/// An element with the «y» and «o» of its article.
fn said(library: &Library, tree: &Tree, is_within: bool) -> String {
    let joined = |parts: &[Tree], with: &str| {
        let parts: Vec<_> = parts.iter().map(|part| said(library, part, true)).collect();
        let joined = match parts.split_last() {
            Some((last, [])) => return last.clone(),
            Some((last, rest)) => format!("{} {with} {last}", rest.join(", ")),
            None => String::new(),
        };
        if is_within { format!("({joined})") } else { joined }
    };
    match tree {
        Tree::Fact(fact) => library.facts[*fact].es.clone(),
        Tree::All(parts) => joined(parts, "y"),
        Tree::Any(parts) => joined(parts, "o"),
        Tree::Not(part) => format!("que no: {}", said(library, part, true)),
        Tree::Open(question) => words::missing(library, question),
    }
}

fn row(library: &Library, told: &Told, known: &BTreeMap<usize, Known>, law: &str, tree: &Tree) -> Vec<Vec<Span>> {
    let of = |fact: usize| known.get(&fact).map_or(Truth::Unknown, |known| known.value);
    let mut asked = BTreeSet::new();
    tree.facts(&mut asked);
    let met: Vec<usize> = asked.iter().copied().filter(|fact| of(*fact) == Truth::True).collect();
    let is = |test: fn(&Known) -> bool| asked.iter().filter_map(|fact| known.get(fact)).any(test);
    let shown_by_her = |fact: usize| match of(fact) {
        Truth::True if told.passages(&library.facts[fact].id).is_empty() => Truth::Unknown,
        known => known,
    };
    let state = match tree.value(&of) {
        Truth::True if is(|known| known.presumed && known.value == Truth::True) => strong("presumido (art. 3-X)"),
        // Her own words alone meet it.
        Truth::True if tree.value(&shown_by_her) == Truth::True => strong("señalado en el relato"),
        Truth::True => strong("lo afirma quien valora"),
        Truth::False => strong("descartado"),
        Truth::Unknown if is(|known| !known.loaded) => gap("la redacción de esa fecha no está cargada"),
        Truth::Unknown => gap("sin dato"),
    };
    let mut shown = Vec::new();
    for fact in &met {
        let own = &library.facts[*fact];
        if !shown.is_empty() {
            shown.push(plain("; "));
        }
        if !matches!(tree, Tree::Fact(_)) {
            shown.push(plain(format!("{}: ", own.es)));
        }
        let is_presumed = known.get(fact).is_some_and(|known| known.presumed);
        let missing = if is_presumed {
            "dictamen médico de edad"
        } else {
            "pasaje o prueba que lo muestre"
        };
        shown.extend(filing::quoted(told.passages(&own.id)).unwrap_or_else(|| vec![gap(missing)]));
    }
    if shown.is_empty() {
        shown.push(plain("—"));
    }
    let about = if met.is_empty() {
        asked.into_iter().collect()
    } else {
        met
    };
    let mut cites: Vec<String> = Vec::new();
    for fact in about {
        let cite = spanish::cite(library.cite(law, fact));
        if !cites.contains(&cite) {
            cites.push(cite);
        }
    }
    let cites = match cites.as_slice() {
        [first, _, _, .., last] => format!("{first} a {last}"),
        few => few.join("; "),
    };
    vec![
        vec![plain(said(library, tree, false))],
        vec![state],
        shown,
        vec![plain(cites)],
    ]
}
