//! Every number and connective of the law files matters: each is changed in turn, and a case or a property must tell.

use crate::law_files::{library, load, texts};
use law::Worded as _;
use law::{Answer, Case, Library};
use serde_json::{Map, Value, json};

/// The first thing that is wrong with a library, by its cases and by what must be so of any.
fn fault(library: &Library) -> Option<String> {
    let properties = [dates, early_law, protection];
    properties.iter().find_map(|property| property(library)).or_else(|| {
        library
            .examples
            .iter()
            .find_map(|example| law::run(library, example).into_iter().next())
    })
}

fn answer(library: &Library, date: &str, facts: &[&str]) -> Answer {
    let fact = |name: &&str| (name.trim_start_matches('!').to_owned(), json!(!name.starts_with('!')));
    let facts: Map<String, Value> = facts.iter().map(fact).collect();
    let case = json!({ "date": date, "forum": "federal", "facts": facts });
    law::assess(library, &Case::from_json(&case.to_string()).unwrap())
}

/// Days fit together: publication and force, text and source, one wording and the next, duty and law.
fn dates(library: &Library) -> Option<String> {
    let starts: Vec<_> = library.changes.iter().map(|change| change.since).collect();
    for law in &library.instruments {
        if let Some(text) = law.text_as_of
            && !law.source.contains(&text.strftime("%d-%m-%Y").to_string())
        {
            return Some(format!("{}: the source is not of {text}", law.id));
        }
        let published = |day| {
            let decree = |change: &&law::WordingChange| change.since == day;
            library.changes.iter().find(decree).and_then(|change| change.published)
        };
        if let (Some(since), Some(day), false) = (law.since, law.published, law.forum == "local")
            && published(since) != Some(day)
        {
            return Some(format!("{}: no decree of {day} begins on {since}", law.id));
        }
        if law.forum == "local" && law.published.is_some() && law.status == law::Status::NotLoaded {
            if law.published != law.since {
                return Some(format!("{}: dated by its publication", law.id));
            }
        } else if let Some(since) = law.since
            && !starts.contains(&since)
        {
            return Some(format!("{}: nothing changes on {since}", law.id));
        }
        if let Some(until) = law.until {
            let next = until.tomorrow().unwrap();
            let follows = library.instruments.iter().any(|other| other.since == Some(next));
            if !follows {
                return Some(format!("{}: no law follows on {next}", law.id));
            }
        }
    }
    let facts = library.facts.iter().filter_map(|fact| Some(fact.since?.0));
    let parts = library
        .offences
        .iter()
        .flat_map(|offence| offence.parts.iter().map(|part| part.since));
    let offences = library.offences.iter().flat_map(law::Offence::wordings);
    let offences = offences
        .flat_map(|wording| [Some(wording.since), next(wording.until)])
        .flatten();
    let items = library.items.iter().filter_map(|item| item.since);
    let ends = library.items.iter().filter_map(|item| item.until?.tomorrow().ok());
    let fractions = library.fractions.iter().flat_map(law::Fraction::wordings);
    let fractions = fractions
        .flat_map(|wording| [Some(wording.since), next(wording.until)])
        .flatten();
    let rules = library
        .rules
        .iter()
        .flat_map(|rule| [rule.since, next(rule.until)])
        .flatten();
    let readings = library.readings.iter();
    let readings = readings
        .flat_map(|reading| [reading.since, next(reading.until)])
        .flatten();
    let words = library.facts.iter().flat_map(|fact| &fact.earlier);
    let words = words
        .flat_map(|words| [Some(words.since), next(Some(words.until))])
        .flatten();
    let mut all = facts
        .chain(parts)
        .chain(offences)
        .chain(items)
        .chain(ends)
        .chain(words)
        .chain(rules)
        .chain(readings)
        .chain(fractions);
    if let Some(day) = all.find(|day| !starts.contains(day)) {
        return Some(format!("nothing changes on {day}"));
    }
    for change in &library.changes {
        let begins = change.text.as_deref().and_then(|text| begins(text, change.published));
        let untold = change.source.contains("not at hand") && change.text.is_none();
        if begins != Some(change.since) && !untold {
            return Some(format!("{}: its decree begins on {begins:?}", change.since));
        }
        let published = change.published.map(|day| day.strftime("%d-%m-%Y").to_string());
        if published.is_some_and(|day| !change.source.contains(&day)) {
            return Some(format!("{}: `{}` is of another day", change.since, change.source));
        }
    }
    // A day in the index is that of another source, named with the entity.
    for listed in &library.listed {
        let known = library.entity(&listed.entity).map(|entity| &entity.notes);
        let told = |day: jiff::civil::Date| {
            known.is_some_and(|known| known.values().any(|note| note.contains(&day.to_string())))
        };
        if listed.published.is_some_and(|day| !told(day)) {
            return Some(format!("{}: no source is of {:?}", listed.title, listed.published));
        }
    }
    let bound = library.measures.iter().filter(|measure| measure.entity.is_some());
    bound.into_iter().find_map(|measure| {
        let law = |law: &law::Instrument| {
            law.entity == measure.entity && law.since == measure.since && law.until == measure.until
        };
        let known = library.instruments.iter().any(law);
        (!known).then(|| format!("{}: no law of its place has its days", measure.shown.id))
    })
}

fn next(until: Option<jiff::civil::Date>) -> Option<jiff::civil::Date> {
    until?.tomorrow().ok()
}

/// The first day of a decree, by its own transitory article.
fn begins(text: &str, published: Option<jiff::civil::Date>) -> Option<jiff::civil::Date> {
    use jiff::ToSpan as _;
    if text.contains("sesenta días de su publicación") {
        return published?.checked_add(60.days()).ok();
    }
    if text.contains("día siguiente") {
        return published?.tomorrow().ok();
    }
    text.contains("primero de enero de dos mil siete")
        .then(|| jiff::civil::date(2007, 1, 1))
}

/// The law of 2007: every act, means and form alone; each needed; its ranges; its open question.
fn early_law(library: &Library) -> Option<String> {
    let found = |facts: &[&str]| answer(library, "2010-01-01", facts).secondary.get("lpstp5").cloned();
    let some = |prefix: &str| {
        let facts = library.facts.iter().map(|fact| fact.id.as_str());
        facts.filter(|id| id.starts_with(prefix)).collect::<Vec<_>>()
    };
    let (acts, means, forms) = (some("lpstp5_act_"), some("lpstp5_means_"), some("lpstp5_form_"));
    if (acts.len(), means.len(), forms.len()) != (8, 4, 6) {
        return Some("eight acts, four means, six forms".to_owned());
    }
    let result = |facts: &[&str]| found(facts).map(|found| found.result);
    for number in 0..8 {
        let (act, by, form) = (acts[number], means[number % 4], forms[number % 6]);
        let base = [act, by, form];
        if result(&base) != Some("met") {
            return Some(format!("{base:?} is not met"));
        }
        let without = |left: &str| base.iter().copied().filter(|fact| *fact != left).collect::<Vec<_>>();
        if base.iter().any(|left| result(&without(left)) == Some("met")) {
            return Some(format!("less than {base:?} is met"));
        }
    }
    let base = [acts[0], means[0], forms[0]];
    let ranges = [
        (vec![], ["6", "12"], Some(["500", "1500"])),
        (vec!["victim_minor"], ["9", "18"], None),
        (vec!["victim_cannot_understand"], ["9", "18"], None),
        (vec!["agg_author_public_official"], ["6", "18"], Some(["500", "2250"])),
    ];
    for (more, years, fine) in ranges {
        let found = found(&[&base[..], &more].concat())?;
        let fine = fine.map(|fine| fine.map(str::to_owned));
        if found.years != Some(years.map(str::to_owned)) || found.fine_days != fine {
            return Some(format!("{more:?}: {:?}, {:?}", found.years, found.fine_days));
        }
    }
    let denied: Vec<_> = means.iter().map(|by| format!("!{by}")).collect();
    let mut none: Vec<_> = denied.iter().map(String::as_str).collect();
    none.extend([acts[0], forms[0]]);
    for (who, wanted) in [
        (["victim_minor", "!victim_cannot_understand"], "undetermined"),
        (["!victim_minor", "victim_cannot_understand"], "undetermined"),
        (["!victim_minor", "!victim_cannot_understand"], "not_met"),
    ] {
        if result(&[&none[..], &who].concat()) != Some(wanted) {
            return Some(format!("without means, {who:?} is not {wanted}"));
        }
    }
    None
}

/// Measures whose condition has alternatives: each alone is enough; and those for nationals alone.
fn protection(library: &Library) -> Option<String> {
    for (fact, measure) in [
        ("victim_minor", "children_dif"),
        ("victim_age_undetermined_or_doubted", "children_dif"),
        ("victim_minor", "anticipated_evidence_minor"),
        ("victim_age_undetermined_or_doubted", "anticipated_evidence_minor"),
        ("victim_foreign", "translator"),
        ("victim_indigenous_or_afromexican", "translator"),
        ("victim_foreign", "cnpp_interpreter"),
        ("victim_indigenous_or_afromexican", "cnpp_interpreter"),
    ] {
        let answer = answer(library, "2019-05-10", &[fact]);
        if !answer.assistance.iter().any(|owed| owed.id == measure) {
            return Some(format!("`{fact}` does not give `{measure}`"));
        }
    }
    let foreigner = answer(library, "2019-05-10", &["victim_foreign"]);
    let nationals = |measure: &str| ["consular", "accept_nationals"].contains(&measure);
    let wrong = foreigner.assistance.iter().find(|owed| nationals(&owed.id));
    wrong.map(|owed| format!("a foreigner is owed `{}`, which is for nationals", owed.id))
}

/// Every mutant of a line of a law file: one number, date, fraction or connective changed.
fn mutants(line: &str) -> Vec<String> {
    let Some((key, value)) = line.split_once(" = ").filter(|_| !line.trim_start().starts_with('#')) else {
        return tree_mutants(line);
    };
    let key = key.trim();
    if ["years", "fine_days", "cap", "add_years"].contains(&key) && !value.starts_with('"') {
        return numbers(line);
    }
    if ["up_to", "factor", "increase", "floor"].contains(&key) && value.contains('/') {
        return vec![line.replacen('/', "/1", 1)];
    }
    if let Ok(day) = value.parse::<jiff::civil::Date>() {
        let other = |day: jiff::civil::Date| line.replace(value, &day.to_string());
        return vec![other(day.tomorrow().unwrap()), other(day.yesterday().unwrap())];
    }
    tree_mutants(line)
}

/// Each whole number in a line, one more.
fn numbers(line: &str) -> Vec<String> {
    let mut mutants = Vec::new();
    let mut start = None;
    for (at, character) in line.char_indices() {
        match (character.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let number: u64 = line[from..at].parse().unwrap();
                mutants.push(format!("{}{}{}", &line[..from], number + 1, &line[at..]));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        mutants.push(format!("{}{}", &line[..from], line[from..].parse::<u64>().unwrap() + 1));
    }
    mutants
}

/// Each `all`, `any` and `not` of a line changed.
fn tree_mutants(line: &str) -> Vec<String> {
    let mut mutants = Vec::new();
    for (from, to) in [("{ all = [", "{ any = ["), ("{ any = [", "{ all = [")] {
        for (at, _) in line.match_indices(from) {
            mutants.push(format!("{}{to}{}", &line[..at], &line[at + from.len()..]));
        }
    }
    if let Some((before, rest)) = line.split_once("{ not = ")
        && let Some((inner, after)) = rest.split_once(" }")
    {
        mutants.push(format!("{before}{inner}{after}"));
    }
    mutants
}

#[test]
fn the_law_files_hold_by_all_their_cases_and_properties() {
    let wrong: Vec<_> = library()
        .examples
        .iter()
        .flat_map(|one| law::run(library(), one))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(fault(library()), None);
    let covered = law::coverage(library());
    let missing: Vec<_> = library()
        .offences
        .iter()
        .filter(|offence| !offence.secondary && !covered.contains_key(&offence.id))
        .collect();
    assert!(missing.is_empty(), "no case proves {missing:?}");
}

#[test]
fn a_changed_number_or_connective_is_noticed() {
    let (mut count, mut survivors) = (0, Vec::new());
    for (number, (path, text)) in texts()
        .iter()
        .enumerate()
        .filter(|(_, (path, _))| !path.contains("cases/"))
    {
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for mutant in mutants(line) {
                count += 1;
                let mut changed = lines.clone();
                changed[at] = &mutant;
                let mut files = texts().to_vec();
                files[number].1 = changed.join("\n");
                if load(&files).is_ok_and(|library| fault(&library).is_none()) {
                    survivors.push(format!("{path}:{}: {line}  →  {mutant}", at + 1));
                }
            }
        }
    }
    assert!(
        count > 400,
        "only {count} mutants: the files are no longer read as they are written"
    );
    assert!(
        survivors.is_empty(),
        "{} of {count} unnoticed:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
}
