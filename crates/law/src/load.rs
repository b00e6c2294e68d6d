//! From the text of law files to a [`Library`]; all faults at once, each with line and column.

mod offences;
mod parts;
mod speech;
mod trees;
mod wordings;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use crate::fact::{Before, Fact};
use crate::library::{Instrument, Library, Status};
use crate::read::{LawFileFault, Source, Table, place};
use crate::search::Index;

/// One law file: its path, for messages, and its content.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Path.
    pub path: &'a str,
    /// Content.
    pub text: &'a str,
}

/// What was there before a wording.
pub(crate) const BEFORE: &[(&str, Before)] = &[("absent", Before::Absent), ("not_loaded", Before::NotLoaded)];

/// What stands, in a skeleton of law files, before the words that say what goes there.
pub const TO_FILL: &str = "RELLENE: ";

/// Every place of a law file or an official text that is still to be filled.
pub fn unfilled(file: &File<'_>) -> Vec<LawFileFault> {
    let places = file.text.match_indices(TO_FILL);
    let fault = |(at, _): (usize, &str)| {
        let (line, column) = place(file.text, at);
        let says = &file.text[at + TO_FILL.len()..];
        let end = says.find(['"', '\n']).unwrap_or(says.len());
        LawFileFault {
            file: file.path.to_owned(),
            line,
            column,
            what: format!("to be filled: {}", says[..end].trim()),
        }
    };
    places.map(fault).collect()
}

/// Loads law files. The order of the files is of no effect; within a file a tree stands before its use.
///
/// # Errors
/// Every fault of every file, in order; while a place is to be filled, those places and no other.
pub fn load(files: &[File<'_>]) -> Result<Library, Vec<LawFileFault>> {
    let mut files = files.to_vec();
    files.sort_by_key(|file| file.path);
    let unfilled: Vec<_> = files.iter().flat_map(unfilled).collect();
    if !unfilled.is_empty() {
        return Err(unfilled);
    }
    let faults = RefCell::new(Vec::new());
    let sources: Vec<_> = files
        .iter()
        .map(|file| Source {
            file: file.path,
            text: file.text,
            faults: &faults,
        })
        .collect();
    let parsed: Vec<_> = sources.iter().map(|source| parse(source)).collect();
    let roots: Vec<_> = sources
        .iter()
        .zip(&parsed)
        .filter_map(|(source, table)| Some(Table::new(source, table.as_ref()?, 0..0)))
        .collect();
    let library = read(&roots);
    roots.iter().for_each(Table::done);
    let mut found = faults.take();
    found.sort();
    found.dedup();
    if found.is_empty() { Ok(library) } else { Err(found) }
}

fn parse<'a>(source: &'a Source<'a>) -> Option<DeTable<'a>> {
    match DeTable::parse(source.text) {
        Ok(table) => Some(table.into_inner()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            source.fault(at, error.message().to_owned());
            None
        }
    }
}

/// Names that stand for a tree while a library is read.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) trees: BTreeMap<String, crate::Tree>,
    pub(crate) offences: BTreeMap<String, crate::Tree>,
}

fn read(roots: &[Table<'_>]) -> Library {
    let mut library = Library::default();
    let mut names = Names::default();
    for root in roots {
        for table in root.tables("fact") {
            fact(&table, &mut library);
        }
        parts::instruments(root, &mut library);
    }
    for root in roots {
        for table in root.tables("fact") {
            let from = trees::field_opt(&table, "from", &library, &names);
            if let (Some(from), Some(&fact)) = (from, library.index.get(&table.text("id"))) {
                library.facts[fact].from = Some(from);
                library.derived.push(fact);
            }
        }
    }
    library.changes.sort_by_key(|change| change.since);
    for root in roots {
        for table in root.tables("tree") {
            let id = table.text("id");
            if let Some(tree) = trees::field(&table, "tree", &library, &names) {
                names.trees.insert(id, tree);
            }
            table.done();
        }
    }
    for root in roots {
        parts::cites(root, &mut library);
    }
    for root in roots {
        offences::offences(root, &mut library, &mut names);
    }
    let code = |law: &Instrument| law.forum == "federal" && law.status == Status::Loaded;
    let offences = library.offences.iter().enumerate();
    let in_code = offences.filter(|(_, offence)| library.instrument(&offence.instrument).is_some_and(code));
    library.in_codes = in_code.map(|(number, _)| number).collect();
    for root in roots {
        offences::aggravations(root, &mut library, &names);
        offences::exclusions(root, &mut library, &names);
        parts::rules(root, &mut library, &names);
        parts::measures(root, &mut library, &names);
        parts::entities(root, &mut library);
        parts::examples(root, &mut library);
        speech::speech(root, &mut library);
    }
    for root in roots {
        parts::listed(root, &mut library);
    }
    parts::flag_codes(roots, &library);
    index(&mut library);
    library.search = Index::new(&library.facts, &library.speech);
    library
}

/// Gathers once what would otherwise be searched for in each assessment.
fn index(library: &mut Library) {
    let offences = library.offences.iter().map(|offence| &offence.id);
    let ids: BTreeSet<_> = offences
        .chain(library.fractions.iter().map(|fraction| &fraction.id))
        .collect();
    library.ids = ids.into_iter().map(|id| id.as_str().into()).collect();
    let rank = |id: &str| library.ids.partition_point(|name| **name < *id);
    for offence in &mut library.offences {
        let rank = rank(&offence.id);
        let earlier = offence.earlier.iter_mut();
        earlier.for_each(|wording| wording.rank = rank);
        offence.rank = rank;
    }
    for fraction in &mut library.fractions {
        let rank = rank(&fraction.id);
        let earlier = fraction.earlier.iter_mut();
        earlier.for_each(|wording| wording.rank = rank);
        fraction.rank = rank;
    }
    for law in &mut library.instruments {
        let own = |instrument: &String| *instrument == law.id;
        let offences = library.offences.iter().enumerate();
        law.offences = offences
            .filter(|(_, it)| own(&it.instrument))
            .map(|(number, _)| number)
            .collect();
        let fractions = library.fractions.iter().enumerate();
        law.fractions = fractions
            .filter(|(_, it)| own(&it.instrument))
            .map(|(number, _)| number)
            .collect();
    }
}

fn fact(table: &Table<'_>, library: &mut Library) {
    let since = table.date_opt("since");
    let before = table.choice("before", BEFORE);
    if since.is_some() != before.is_some() {
        let what = "`since` and `before` belong together: what was there before that day?";
        table.fault(what);
    }
    let id = table.text("id");
    let fact = Fact {
        name: id.as_str().into(),
        id,
        es: table.text("es"),
        cite: table.text("cite"),
        text: table.text_opt("text"),
        note: table.text_opt("note"),
        since: since.zip(before),
        earlier: wordings::earlier_words(table, since),
        from: None,
        flag_before: table.text_opt("flag_before"),
    };
    table.get("from");
    let number = library.facts.len();
    let mut ids = vec![(fact.id.clone(), table.at())];
    ids.extend(table.texts("aliases"));
    for (id, at) in ids {
        if library.index.insert(id.clone(), number).is_some() {
            table.source.fault(at, format!("the fact `{id}` is there twice"));
        }
    }
    if fact.since.is_some() {
        library.dated.push(number);
    }
    library.facts.push(fact);
    table.done();
}
