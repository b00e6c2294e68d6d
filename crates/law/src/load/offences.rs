//! Offences, their wordings, exclusions and aggravations, from tables to their types.

use crate::library::{Library, Reading};
use crate::load::parts::{fact_opt, known, known_list, law_of, plain};
use crate::load::wordings::earlier;
use crate::load::{BEFORE, Names, trees};
use crate::offence::{Asked, Exclusion, Fraction, Increase, Offence, OffencePart, Penalty, Range, Variant};
use crate::ratio::Ratio;
use crate::read::Table;
use crate::truth::Tree;

/// `[[offence]]` and `[[reading]]`.
pub(super) fn offences(root: &Table<'_>, library: &mut Library, names: &mut Names) {
    for table in root.tables("offence") {
        let id = table.text("id");
        let elements = trees::field(&table, "elements", library, names);
        let offence = offence(&table, id, root, elements, library, names);
        table.done();
        if let Some(offence) = offence {
            if library.offence(&offence.id).is_some() {
                table.fault(format!("the offence `{}` is there twice", offence.id));
            }
            names.offences.insert(offence.id.clone(), offence.elements.clone());
            library.offences.push(offence);
        }
    }
    for table in root.tables("reading") {
        let other = trees::field(&table, "other", library, names);
        if let Some(other) = other {
            library.readings.push(Reading {
                flag: table.text("flag"),
                offence: known(&table, "offence", library),
                other,
                since: table.date_opt("since"),
                until: table.date_opt("until"),
            });
        }
        table.done();
    }
}

fn offence(
    table: &Table<'_>,
    id: String,
    root: &Table<'_>,
    elements: Option<Tree>,
    library: &Library,
    names: &Names,
) -> Option<Offence> {
    let penalty = table.tables("penalty").pop();
    if penalty.is_none() {
        table.fault(format!("the offence `{id}` has no [offence.penalty]"));
    }
    let penalty = penalty.map(|penalty| read_penalty(&penalty, library));
    let supersedes = table.get("supersedes").map(|_| known(table, "supersedes", library));
    table.notes(&["means"]);
    for means in table.tables("means_not_needed_if") {
        let _ = (trees::field(&means, "tree", library, names), means.text("text"));
        means.done();
    }
    let parts = table
        .tables("part")
        .iter()
        .map(|part| read_part(part, library))
        .collect();
    let variants = table
        .tables("variant")
        .iter()
        .filter_map(|variant| read_variant(variant, library, names))
        .collect();
    let (es, art) = (table.text("es"), table.text("art"));
    let (since, before) = (table.date("since"), table.choice("before", BEFORE));
    let (until, decree, text) = (
        table.date_opt("until"),
        table.text_opt("decree"),
        table.text_opt("text"),
    );
    let secondary = table.yes("secondary");
    let (note, note_es, cumulates, also) = (
        table.text_opt("note"),
        table.text_opt("note_es"),
        table.text_opt("cumulates"),
        table.text_opt("also"),
    );
    let exclusions = own_exclusions(table, &law_of(root), library, names);
    let elements = elements?;
    let mut offence = Offence {
        rank: 0,
        id,
        instrument: law_of(root),
        art,
        es,
        asked: Asked::of(&elements, &library.facts),
        elements,
        exclusions,
        supersedes,
        since,
        until,
        before,
        decree,
        text,
        earlier: Vec::new(),
        penalty: penalty?,
        parts,
        variants,
        secondary,
        note,
        note_es,
        cumulates,
        also,
    };
    offence.earlier = earlier_offences(table, &offence, library, names);
    Some(offence)
}

/// Wordings of an offence before the present one: each says what differs.
fn earlier_offences(table: &Table<'_>, present: &Offence, library: &Library, names: &Names) -> Vec<Offence> {
    let mut wordings = Vec::new();
    for (table, since, until) in earlier(table, Some(present.since)) {
        let mut wording = Offence {
            since,
            until: Some(until),
            decree: table.text_opt("decree"),
            text: table.text_opt("text"),
            ..present.clone()
        };
        if table.get("elements").is_some()
            && let Some(elements) = trees::field(&table, "elements", library, names)
        {
            wording.asked = Asked::of(&elements, &library.facts);
            wording.elements = elements;
        }
        if table.get("excluded_by").is_some() {
            wording.exclusions = own_exclusions(&table, &present.instrument, library, names);
        }
        if let Some(penalty) = table.tables("penalty").pop() {
            wording.penalty = read_penalty(&penalty, library);
        }
        wording.note = table.text_opt("note").or(wording.note);
        wording.note_es = table.text_opt("note_es").or(wording.note_es);
        wording.also = table.text_opt("also").or(wording.also);
        table.done();
        wordings.push(wording);
    }
    wordings
}

/// `excluded_by`: a list of trees, each of which takes the offence away.
fn own_exclusions(table: &Table<'_>, law: &str, library: &Library, names: &Names) -> Vec<Exclusion> {
    let trees = trees::list(table, "excluded_by", library, names);
    let own = |tree: Tree| {
        let asked = Asked::of(&tree, &library.facts);
        let cites = asked.facts.iter().map(|fact| library.cite(law, *fact));
        let art = cites
            .map(|cite| cite.trim_start_matches("art. "))
            .next()
            .unwrap_or_default();
        Exclusion {
            art: art.to_owned(),
            laws: vec![law.to_owned()],
            asked,
            tree,
        }
    };
    trees.into_iter().map(own).collect()
}

/// `[[exclusion]]`: what excludes every offence of some laws.
pub(super) fn exclusions(root: &Table<'_>, library: &mut Library, names: &Names) {
    for table in root.tables("exclusion") {
        let tree = trees::field(&table, "tree", library, names);
        let exclusion = tree.map(|tree| Exclusion {
            art: table.text("art"),
            laws: plain(&table, "laws"),
            asked: Asked::of(&tree, &library.facts),
            tree,
        });
        table.done();
        library.exclusions.extend(exclusion);
    }
}

fn read_penalty(table: &Table<'_>, library: &Library) -> Penalty {
    let penalty = Penalty {
        years: table.range("years"),
        fine_days: table.range_or_none("fine_days"),
        text: table.text("text"),
        es: table.text_opt("es"),
    };
    if table.get("derived_from").is_some() {
        let base = known(table, "derived_from", library);
        let factor = table.ratio("factor");
        let same =
            |range: Range, base: Range| range.min == base.min.times(factor) && range.max == base.max.times(factor);
        let base = library.offence(&base).map(|offence| &offence.penalty);
        let same_fine = |base: Option<Range>| match (penalty.fine_days, base) {
            (Some(days), Some(base)) => same(days, base),
            (days, base) => days == base,
        };
        if base.is_some_and(|base| !same(penalty.years, base.years) || !same_fine(base.fine_days)) {
            let what = format!("the numbers are not {factor} of those of the offence that they are derived from");
            table.fault(what);
        }
        table.notes(&["rule"]);
    }
    table.done();
    penalty
}

fn read_part(table: &Table<'_>, library: &Library) -> OffencePart {
    let part = OffencePart {
        part: table.text("part"),
        fact: fact_opt(table, "fact", library),
        since: table.date("since"),
        before: table.choice("before", BEFORE).unwrap_or(crate::Before::NotLoaded),
    };
    table.done();
    part
}

fn read_variant(table: &Table<'_>, library: &Library, names: &Names) -> Option<Variant> {
    let tree = trees::field(table, "tree", library, names);
    let (art, text, es) = (table.text("art"), table.text("text"), table.text_opt("es"));
    let (years, increase) = (table.range_opt("years"), table.ratio_opt("increase"));
    table.done();
    Some(Variant {
        art,
        tree: tree?,
        years,
        increase,
        text,
        es,
    })
}

/// `[[increase]]` and `[[fraction]]`.
pub(super) fn aggravations(root: &Table<'_>, library: &mut Library, names: &Names) {
    for table in root.tables("increase") {
        library.increases.push(Increase {
            id: table.text("id"),
            instrument: law_of(root),
            art: table.text("art"),
            up_to: table.ratio_opt("up_to").unwrap_or(Ratio::ZERO),
            add_years: table.range_opt("add_years"),
            text: table.text("text"),
        });
        if table.get("up_to").is_none() == table.get("add_years").is_none() {
            table.fault("an increase has `up_to` or `add_years`");
        }
        table.notes(&["effect", "stacking", "double_count"]);
        table.done();
    }
    for table in root.tables("fraction") {
        let increase = table.text("increase");
        if library.increase(&increase).is_none() {
            table.fault(format!("`{increase}` is not an increase that stands before"));
        }
        let tree = trees::field(&table, "tree", library, names);
        let fraction = tree.map(|tree| Fraction {
            id: table.text("id"),
            rank: 0,
            art: table.text("art"),
            instrument: law_of(root),
            increase,
            asked: Asked::of(&tree, &library.facts),
            tree,
            not_for: known_list(&table, "not_for", library),
            double_count: known_list(&table, "double_count", library),
            since: table.date("since"),
            until: table.date_opt("until"),
            before: table.choice("before", BEFORE),
            decree: table.text_opt("decree"),
            text: table.text_opt("text"),
            earlier: Vec::new(),
        });
        let fraction = fraction.map(|present| {
            let mut wordings = Vec::new();
            for (table, since, until) in earlier(&table, Some(present.since)) {
                let mut wording = Fraction {
                    since,
                    until: Some(until),
                    decree: table.text_opt("decree"),
                    text: table.text_opt("text"),
                    ..present.clone()
                };
                if let Some(tree) = trees::field(&table, "tree", library, names) {
                    wording.asked = Asked::of(&tree, &library.facts);
                    wording.tree = tree;
                }
                table.done();
                wordings.push(wording);
            }
            Fraction {
                earlier: wordings,
                ..present
            }
        });
        table.notes(&["also"]);
        table.done();
        library.fractions.extend(fraction);
    }
}
