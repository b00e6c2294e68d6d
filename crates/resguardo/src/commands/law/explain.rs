//! The law as it is loaded, for people: an article, and the sources.

use super::words::of;
use crate::args::Tongue;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use jiff::civil::Date;
use law::{Before, CommonRule, Fact, Fraction, Library, Listed, Offence, Reference, Status, Tree, Worded};
use reports::words;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Everything that is loaded under each of these articles or ids, with the official text of a whole article.
pub(super) fn articles(library: &Library, named: &[String], tongue: Tongue) -> Outcome<String> {
    let texts: Outcome<Vec<_>> = named.iter().map(|text| article(library, text, tongue)).collect();
    Ok(texts?.join("\n"))
}

/// A number without its law is an article of the General Law; where that has none such, of any other.
fn article(library: &Library, named: &str, tongue: Tongue) -> Outcome<String> {
    let asked = Reference::read(library, named);
    let general = library
        .instruments
        .iter()
        .find(|law| law.forum == "any")
        .map(|law| law.id.as_str());
    let laws: Vec<&str> = match (&asked.law, general) {
        (Some(law), _) => vec![law],
        (None, Some(general)) => {
            let others = library.instruments.iter().map(|law| law.id.as_str());
            std::iter::once(general)
                .chain(others.filter(|law| *law != general))
                .collect()
        }
        (None, None) => Vec::new(),
    };
    let text = Page::of_id(library, asked.art.trim(), tongue);
    let mut texts = text.into_iter().chain(
        laws.into_iter()
            .filter_map(|law| Page::of(library, law, &asked.art, tongue)),
    );
    texts.next().ok_or_else(|| {
        CliError::new(CliCode::NotLoaded, t!("`{}` is not among what is loaded", named))
            .why(t!("this program carries the instruments that it can answer from"))
            .remedy(t!("see `resguardo law sources`"))
    })
}

/// What is said of one article, or of one id.
struct Page<'a> {
    library: &'a Library,
    tongue: Tongue,
    text: String,
}

impl<'a> Page<'a> {
    /// What has this id, whatever its law.
    fn of_id(library: &'a Library, id: &str, tongue: Tongue) -> Option<String> {
        Self::gather(library, tongue, |_, own, _| own == id, None)
    }

    /// What stands under an article of a law, and the article itself.
    fn of(library: &'a Library, law: &str, art: &str, tongue: Tongue) -> Option<String> {
        if art.is_empty() {
            return None;
        }
        let under = |of: &str, _: &str, found: &str| {
            of == law
                && (found == art
                    || found.starts_with(&format!("{art} "))
                    || found.starts_with(&format!("{art}-"))
                    || found.starts_with(&format!("{art},")))
        };
        Self::gather(library, tongue, under, Some((law, art)))
    }

    /// Everything of which `fits` says so: given its law, id and article.
    fn gather(
        library: &'a Library,
        tongue: Tongue,
        fits: impl Fn(&str, &str, &str) -> bool,
        whole: Option<(&str, &str)>,
    ) -> Option<String> {
        let mut page = Self {
            library,
            tongue,
            text: String::new(),
        };
        for one in library
            .offences
            .iter()
            .filter(|one| fits(&one.instrument, &one.id, &one.art))
        {
            page.offence(one);
        }
        for fraction in &library.fractions {
            let law = library
                .increase(&fraction.increase)
                .map_or("", |increase| increase.instrument.as_str());
            if fits(law, &fraction.id, &fraction.art) {
                page.fraction(law, fraction);
            }
        }
        for increase in library
            .increases
            .iter()
            .filter(|one| fits(&one.instrument, &one.id, &one.art))
        {
            let _ = writeln!(page.text, "art. {}: «{}»", increase.art, increase.text);
        }
        for rule in &library.rules {
            // A rule may stand in another law than the one that it is a rule of, and in several articles.
            let cites = law::cites(rule.art.as_deref().unwrap_or_default());
            let law = |cite: &law::Cite| cite.law.clone().unwrap_or_else(|| rule.instrument.clone());
            let stands = cites.iter().any(|cite| fits(&law(cite), &rule.id, &short(cite)));
            if stands || fits("", &rule.id, "") {
                page.rule(rule);
            }
        }
        for measure in library.measures.iter().map(|owed| &owed.shown) {
            if fits(&measure.law, &measure.id, &measure.article) {
                let line = format!(
                    "{} · {} {}: {}; {}",
                    measure.id,
                    measure.law,
                    page.spanish(words::term, &measure.article),
                    match tongue {
                        Tongue::Es => words::label(&measure.measure),
                        Tongue::En => measure.measure.clone(),
                    },
                    page.spanish(words::term, &measure.deadline)
                );
                page.line(0, &line);
            }
        }
        let nothing_else = page.text.is_empty();
        for fact in &library.facts {
            let cites = law::cites(&fact.cite);
            let stands = cites.iter().any(|cite| {
                let law = cite.law.as_deref().unwrap_or("LGPSEDMTP");
                fits(law, &fact.id, &short(cite))
            });
            if fits("", &fact.id, "") || nothing_else && stands {
                page.fact(fact);
            }
        }
        if let Some((law, art)) = whole {
            page.official(law, art);
        }
        (!page.text.is_empty()).then_some(page.text)
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.text, "{}{text}", "  ".repeat(depth));
    }

    /// In Spanish what the data has in English, where that is asked for.
    fn spanish<'b>(&self, spanish: impl Fn(&'b str) -> &'b str, said: &'b str) -> &'b str {
        match self.tongue {
            Tongue::Es => spanish(said),
            Tongue::En => said,
        }
    }

    fn iri(&mut self, law: &str, art: &str, since: Option<Date>) {
        if let Some(iri) = self.library.iri(law, art, since) {
            self.line(1, &iri);
        }
    }

    fn offence(&mut self, offence: &Offence) {
        let (library, tongue) = (self.library, self.tongue);
        let law = library
            .instrument(&offence.instrument)
            .map_or("", |law| law.name.as_str());
        let name = library.offence_name(offence, tongue.of_data());
        let _ = writeln!(self.text, "{} · art. {} · {name}", offence.id, offence.art);
        self.line(1, law);
        if offence.secondary {
            self.line(1, of(tongue, "secondary"));
        }
        for (n, one) in offence.wordings().enumerate() {
            if n > 0 {
                self.line(1, &format!("{}:", of(tongue, "earlier")));
            }
            held(
                one.since,
                one.until,
                one.decree.as_deref(),
                one.text.as_deref(),
                tongue,
                &mut self.text,
            );
            self.iri(&one.instrument, &one.art, Some(one.since));
            self.line(1, &format!("{}:", of(tongue, "elements")));
            tree(library, &one.instrument, &one.elements, tongue, 2, &mut self.text);
            if !one.exclusions.is_empty() {
                self.line(1, &format!("{}:", of(tongue, "excluded_by")));
            }
            for exclusion in &one.exclusions {
                tree(library, &one.instrument, &exclusion.tree, tongue, 2, &mut self.text);
            }
            self.penalty(one);
        }
        for part in &offence.parts {
            let name = part
                .fact
                .map_or(part.part.as_str(), |fact| library.clause(fact, tongue.of_data()));
            let _ = write!(self.text, "  {name}:");
            held(part.since, None::<&str>, None, None, tongue, &mut self.text);
            before(Some(part.before), tongue, &mut self.text);
        }
        before(offence.before, tongue, &mut self.text);
        let note = tongue.of_data().pick(
            offence.note_es.as_ref().or(offence.note.as_ref()),
            offence.note.as_ref(),
        );
        for note in [note, offence.cumulates.as_ref(), offence.also.as_ref()]
            .into_iter()
            .flatten()
        {
            self.line(1, &format!("{}: {note}", of(tongue, "note")));
        }
    }

    fn penalty(&mut self, offence: &Offence) {
        let (penalty, tongue) = (&offence.penalty, self.tongue);
        let (years, fine_days) = (penalty.years, penalty.fine_days);
        let range = super::words::range(law::PenaltyShown { years, fine_days }, tongue);
        self.line(1, &format!("{}: {range}", of(tongue, "penalty")));
        let words = self
            .spanish(|text| penalty.es.as_deref().unwrap_or(text), &penalty.text)
            .to_owned();
        self.line(2, &format!("«{words}»"));
    }

    fn fraction(&mut self, law: &str, fraction: &Fraction) {
        let _ = writeln!(self.text, "{} · art. {}", fraction.id, fraction.art);
        for one in fraction.wordings() {
            held(
                one.since,
                one.until,
                one.decree.as_deref(),
                one.text.as_deref(),
                self.tongue,
                &mut self.text,
            );
            self.iri(law, &one.art, Some(one.since));
            tree(self.library, law, &one.tree, self.tongue, 1, &mut self.text);
        }
        before(fraction.before, self.tongue, &mut self.text);
    }

    fn rule(&mut self, rule: &CommonRule) {
        let art = rule.art.as_deref().unwrap_or("—");
        let _ = writeln!(self.text, "{} · art. {art}", rule.id);
        if let Some(text) = &rule.text {
            self.line(1, &format!("«{text}»"));
        }
        self.iri(&rule.instrument, art, rule.since);
        for name in rule.notes.keys().filter(|name| !name.ends_with("_es")) {
            if let Some(note) = Library::note(&rule.notes, name, self.tongue.of_data()) {
                let _ = writeln!(self.text, "  {}: {note}", of(self.tongue, "note"));
            }
        }
    }

    fn fact(&mut self, fact: &Fact) {
        let number = self.library.index.get(&fact.id).copied().unwrap_or_default();
        let clause = self.library.clause(number, self.tongue.of_data());
        self.line(
            0,
            &format!("{} · {}: {}", fact.id, cited(&fact.cite, self.tongue), fact.es),
        );
        self.line(1, clause);
        if let Some(said) = &fact.text {
            self.line(1, &format!("«{said}»"));
        }
        for one in &fact.earlier {
            let until = Some(one.until);
            held(
                one.since,
                until,
                Some(&one.decree),
                Some(&one.text),
                self.tongue,
                &mut self.text,
            );
        }
    }

    /// The article as the official text has it; nothing where the text does not hold it, or holds several wordings of it.
    fn official(&mut self, law: &str, art: &str) {
        let Some(instrument) = self.library.instrument(law) else {
            return;
        };
        let Some(text) = law_data::official(instrument) else {
            return;
        };
        let articles = law::articles(text);
        let mut same = articles.iter().filter(|article| article.number == art);
        let (Some(article), None) = (same.next(), same.next()) else {
            return;
        };
        let day = instrument
            .text_as_of
            .map(|day| format!(" ({} {day})", of(self.tongue, "text_of")))
            .unwrap_or_default();
        self.line(
            0,
            &format!("{} · {} {art}{day}", instrument.name, of(self.tongue, "article")),
        );
        self.iri(law, art, None);
        for paragraph in article.paragraphs.iter().chain(&article.notes) {
            self.line(1, paragraph);
        }
    }
}

/// `23-II`, `24 p3`: as law files write it.
fn short(cite: &law::Cite) -> String {
    let mut text = cite.art.clone();
    for part in [&cite.fraction, &cite.item].into_iter().flatten() {
        let _ = write!(text, "-{part}");
    }
    if let Some((first, _)) = cite.paragraphs {
        let _ = write!(text, " p{first}");
    }
    text
}

/// From when to when a wording held, by which decree, and the words that tell it from the next.
fn held(
    since: impl std::fmt::Display,
    until: Option<impl std::fmt::Display>,
    decree: Option<&str>,
    words: Option<&str>,
    tongue: Tongue,
    text: &mut String,
) {
    let _ = write!(text, "  {} {since}", of(tongue, "since"));
    if let Some(until) = until {
        let _ = write!(text, " {} {until}", of(tongue, "and_until"));
    }
    if let Some(decree) = decree {
        let _ = write!(text, " ({decree})");
    }
    text.push('\n');
    if let Some(words) = words {
        let _ = writeln!(text, "    «{words}»");
    }
}

/// What was there before the oldest wording.
fn before(before: Option<Before>, tongue: Tongue, text: &mut String) {
    let before = before.map(|before| match before {
        Before::Absent => of(tongue, "absent"),
        Before::NotLoaded => of(tongue, "not_loaded"),
    });
    if let Some(word) = before {
        let _ = writeln!(text, "  {}: {word}", of(tongue, "before"));
    }
}

fn tree(library: &Library, law: &str, node: &Tree, tongue: Tongue, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match node {
        Tree::Fact(fact) => {
            let (label, cite) = (label(library, *fact, tongue), library.cite(law, *fact));
            let id = &library.facts[*fact].id;
            let _ = writeln!(text, "{indent}– {label} [{id}] ({})", cited(cite, tongue));
        }
        Tree::All(parts) if parts.len() == 1 => tree(library, law, &parts[0], tongue, depth, text),
        Tree::All(parts) | Tree::Any(parts) => {
            let word = if matches!(node, Tree::All(_)) { "all" } else { "any" };
            let _ = writeln!(text, "{indent}{}:", of(tongue, word));
            for part in parts {
                tree(library, law, part, tongue, depth + 1, text);
            }
        }
        Tree::Not(part) => {
            let _ = writeln!(text, "{indent}{}:", of(tongue, "not"));
            tree(library, law, part, tongue, depth + 1, text);
        }
        Tree::Open(question) => {
            let _ = writeln!(text, "{indent}{} [{question}]", of(tongue, "open"));
        }
    }
}

/// A fact in few words: in Spanish its label, in English its clause.
pub(super) fn label(library: &Library, fact: usize, tongue: Tongue) -> &str {
    match tongue {
        Tongue::Es => &library.facts[fact].es,
        Tongue::En => library.clause(fact, law::Tongue::En),
    }
}

/// A citation; what the data note of its source in English, in Spanish.
pub(super) fn cited(cite: &str, tongue: Tongue) -> String {
    match tongue {
        Tongue::Es => cite.replace("(secondary source)", "(fuente secundaria)"),
        Tongue::En => cite.to_owned(),
    }
}

/// What is loaded, from where, of which date; what is not.
pub(super) fn sources(library: &Library, tongue: Tongue) -> String {
    let mut text = String::new();
    for law in &library.instruments {
        let _ = writeln!(text, "{} · {}", law.id, law.name);
        let day = |date: Option<_>| date.map_or_else(|| "—".to_owned(), |date: jiff::civil::Date| date.to_string());
        let _ = writeln!(
            text,
            "  {}; {} {} {}; {} {}",
            of(tongue, status(law.status)),
            day(law.since),
            of(tongue, "and_until"),
            day(law.until),
            of(tongue, "text_of"),
            day(law.text_as_of)
        );
        let source = match tongue {
            Tongue::Es => law.source_es.as_ref().unwrap_or(&law.source),
            Tongue::En => &law.source,
        };
        let _ = writeln!(text, "  {}: {source}", of(tongue, "source"));
        if let Some(iri) = law.iri() {
            let _ = writeln!(text, "  {iri}");
        }
    }
    let _ = writeln!(text, "{}:", of(tongue, "entities"));
    for entity in &library.entities {
        let note = |key: &str| match Library::note(&entity.notes, key, tongue.of_data()) {
            None | Some("unknown") => of(tongue, "unknown_law"),
            Some(note) => note,
        };
        let name = match tongue {
            Tongue::Es => entity.name_es(),
            Tongue::En => &entity.name,
        };
        let _ = writeln!(
            text,
            "  {} {name}: {} | {}",
            entity.id,
            note("pre_law"),
            note("post_law")
        );
        for law in library.loaded_of(entity) {
            let _ = writeln!(text, "    {}: {} · {}", of(tongue, "loaded"), law.id, law.name);
        }
        for listed in library.listed_of(entity) {
            let day = listed.published.map(|day| day.to_string());
            let parts: Vec<_> = listed.gazette.iter().chain(&day).map(String::as_str).collect();
            let published = match parts.join(", ") {
                none if none.is_empty() => of(tongue, "no_gazette").to_owned(),
                published => published,
            };
            let _ = writeln!(text, "    {}: {} ({published})", of(tongue, "listed"), listed.title);
            let _ = writeln!(text, "      {}", listed.address);
        }
    }
    text
}

/// The same for programs.
pub(super) fn sources_json(library: &Library) -> Value {
    let laws = library.instruments.iter().map(|law| {
        json!({ "id": law.id, "iri": law.iri(), "name": law.name, "status": status(law.status), "forum": law.forum,
            "since": law.since.map(|date| date.to_string()), "until": law.until.map(|date| date.to_string()),
            "text_as_of": law.text_as_of.map(|date| date.to_string()), "source": law.source })
    });
    let entities = library.entities.iter();
    let loaded = |entity| library.loaded_of(entity).map(|law| law.id.as_str()).collect::<Vec<_>>();
    let listed = |entity| library.listed_of(entity).map(listed_json).collect::<Vec<_>>();
    let entities = entities.map(|entity| {
        json!({ "id": entity.id, "name": entity.name, "loaded": loaded(entity), "listed": listed(entity), "known": entity.notes })
    });
    json!({ "laws": laws.collect::<Vec<_>>(), "entities": entities.collect::<Vec<_>>() })
}

fn listed_json(listed: &Listed) -> Value {
    json!({ "title": listed.title, "record": listed.record, "gazette": listed.gazette,
        "published": listed.published.map(|day| day.to_string()), "address": listed.address })
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Loaded => "loaded",
        Status::Partial => "partial",
        Status::NotLoaded => "not_loaded",
    }
}
