//! `/{l}/ley`: the law as it is loaded, to be read: which texts there are and which not, each offence with its elements,
//! range, date and source, and the assistance that is owed. The words of the law stay in Spanish in every language.

use askama::Template;
use jiff::civil::Date;
use law::{Before, CommonRule, Entity, Fraction, Increase, Instrument, Library, Offence, Status, Tree};

use crate::{Frame, Language};

/// `web/pages/ley.html`: what is loaded, and what is not.
#[derive(Template)]
#[template(path = "pages/ley.html")]
pub struct Law<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The law files of this build.
    pub library: &'a Library,
}

impl Law<'_> {
    fn texts(&self) -> impl Iterator<Item = &Instrument> {
        self.library
            .instruments
            .iter()
            .filter(|law| law.status != Status::NotLoaded)
    }

    fn named(&self) -> impl Iterator<Item = &Instrument> {
        self.library
            .instruments
            .iter()
            .filter(|law| law.status == Status::NotLoaded)
    }

    /// What is known of an entity's own law, in the page's language where it can be.
    fn known(&self, entity: &Entity, period: &str) -> String {
        let known = match self.frame.language {
            Language::Spanish => entity.note_es(period),
            Language::English => entity.notes.get(period).map(String::as_str),
        };
        match known {
            Some(known) if known != "unknown" => known.to_owned(),
            _ => self.frame.t.get("law-unknown"),
        }
    }

    /// The entities whose own law is loaded.
    fn states(&self) -> String {
        let loaded = |entity: &&Entity| self.library.loaded_of(entity).next().is_some();
        let states = self.library.entities.iter().filter(loaded);
        let names: Vec<_> = states.map(|entity| self.entity_name(entity)).collect();
        names.join(", ")
    }

    fn entity_name<'e>(&self, entity: &'e Entity) -> &'e str {
        match self.frame.language {
            Language::Spanish => entity.name_es(),
            Language::English => &entity.name,
        }
    }

    fn source<'e>(&self, law: &'e Instrument) -> &'e str {
        source(self.frame.language, law)
    }
}

/// `web/pages/ley-texto.html`: one text.
#[derive(Template)]
#[template(path = "pages/ley-texto.html")]
pub struct LawText<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The law files of this build.
    pub library: &'a Library,
    /// Which.
    pub law: &'a Instrument,
}

impl LawText<'_> {
    fn offences(&self) -> impl Iterator<Item = &Offence> {
        self.library
            .offences
            .iter()
            .filter(|offence| offence.instrument == self.law.id)
    }

    fn increases(&self) -> impl Iterator<Item = &Increase> {
        self.library
            .increases
            .iter()
            .filter(|increase| increase.instrument == self.law.id)
    }

    /// What an increase adds.
    fn growth(&self, increase: &Increase) -> String {
        match increase.add_years {
            Some(years) => {
                let message = self.frame.t.with("years_min", years.min.to_string());
                message.with("years_max", years.max.to_string()).get("law-more-years")
            }
            None => self
                .frame
                .t
                .with("part", increase.up_to.to_string())
                .get("law-increase"),
        }
    }

    fn fractions<'b>(&'b self, increase: &'b Increase) -> impl Iterator<Item = &'b Fraction> {
        self.library
            .fractions
            .iter()
            .filter(|fraction| fraction.increase == increase.id)
    }

    /// Rules that say something in the words of the law.
    fn rules(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_it = |rule: &&CommonRule| rule.instrument == self.law.id;
        let rules = self.library.rules.iter().filter(of_it);
        rules.filter_map(|rule| Some((rule.art.as_deref()?, rule.text.as_deref()?)))
    }

    /// A tree as lines of a nested list.
    fn lines(&self, tree: &Tree) -> Vec<Line> {
        let mut lines = Vec::new();
        self.line(tree, &mut lines);
        lines
    }

    fn line(&self, tree: &Tree, lines: &mut Vec<Line>) {
        match tree {
            Tree::Fact(fact) => {
                let cite = self.library.cite(&self.law.id, *fact).to_owned();
                let fact = &self.library.facts[*fact];
                lines.push(Line::Fact {
                    es: fact.es.clone(),
                    cite,
                    since: fact.since.map(|(since, before)| (since, self.before(before))),
                });
            }
            Tree::All(parts) | Tree::Any(parts) if parts.len() == 1 => self.line(&parts[0], lines),
            Tree::All(parts) | Tree::Any(parts) => {
                let id = if matches!(tree, Tree::All(_)) {
                    "law-all"
                } else {
                    "law-any"
                };
                lines.push(Line::Open(self.frame.t.get(id)));
                parts.iter().for_each(|part| self.line(part, lines));
                lines.push(Line::Close);
            }
            Tree::Not(part) => {
                lines.push(Line::Open(self.frame.t.get("law-not")));
                self.line(part, lines);
                lines.push(Line::Close);
            }
            Tree::Open(_) => lines.push(Line::Question(self.frame.t.get("law-open"))),
        }
    }

    fn before(&self, before: Before) -> String {
        self.frame.t.get(match before {
            Before::Absent => "law-before-absent",
            Before::NotLoaded => "law-before-not-loaded",
        })
    }

    /// From when to when an earlier wording held, and by which decree.
    fn held(&self, since: Date, until: Option<Date>, decree: Option<&str>) -> String {
        let message = self.frame.t.with("since", since.to_string());
        let message = message
            .with("until", day(&until))
            .with("decree", decree.unwrap_or("—").to_owned());
        message.get("law-held")
    }

    /// Since when a wording holds, until when if it has ended, and what was before.
    fn wording(&self, since: Date, until: Option<Date>, before: Option<Before>) -> String {
        let dated = |id: &str, date: Date| self.frame.t.with("date", date.to_string()).get(id);
        let ended = until.map(|until| dated("law-ended", until));
        let before = before.map(|before| self.before(before));
        let parts = [Some(dated("law-since", since)), ended, before];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn penalty(&self, offence: &Offence) -> String {
        let years = offence.penalty.years;
        let message = self.frame.t.with("years_min", years.min.to_string());
        let message = message.with("years_max", years.max.to_string());
        let Some(days) = offence.penalty.fine_days else {
            return message.get("law-penalty-no-fine");
        };
        let message = message.with("fine_min", days.min.to_string());
        message.with("fine_max", days.max.to_string()).get("law-penalty")
    }

    /// What the text, or a source, says of the penalty: in Spanish.
    fn penalty_text<'o>(&self, offence: &'o Offence) -> &'o str {
        offence.penalty.es.as_deref().unwrap_or(&offence.penalty.text)
    }

    fn note<'o>(&self, offence: &'o Offence) -> Option<&'o str> {
        match self.frame.language {
            Language::Spanish => offence.note_es.as_deref(),
            Language::English => offence.note.as_deref(),
        }
    }

    fn source(&self) -> &str {
        source(self.frame.language, self.law)
    }
}

/// `web/pages/ley-asistencia.html`: what is owed.
#[derive(Template)]
#[template(path = "pages/ley-asistencia.html")]
pub struct LawAid<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The law files of this build.
    pub library: &'a Library,
}

impl LawAid<'_> {
    /// A term as the law states it; what the data have for «none» in the page's language.
    fn term(&self, term: &str) -> String {
        match term {
            "no stated deadline" => self.frame.t.get("law-no-deadline"),
            "unknown" => self.frame.t.get("law-unknown"),
            "-" => "—".to_owned(),
            stated => stated.replace("(page)", &self.frame.t.get("law-page-source")),
        }
    }
}

/// A line of a tree.
enum Line {
    /// Begins a list.
    Open(String),
    /// Ends it.
    Close,
    /// A fact that the law asks for.
    Fact {
        es: String,
        cite: String,
        since: Option<(Date, String)>,
    },
    /// A question that the texts leave open.
    Question(String),
}

/// The path of a text: its id in small letters.
#[must_use]
pub fn slug(law: &Instrument) -> String {
    format!("ley/{}", law.id.to_ascii_lowercase())
}

fn source(language: Language, law: &Instrument) -> &str {
    match language {
        Language::Spanish => law.source_es.as_deref().unwrap_or(&law.source),
        Language::English => &law.source,
    }
}

/// From when to when a text is in force.
pub(crate) fn force(frame: &Frame<'_>, law: &Instrument) -> String {
    let message = frame.t.with("since", day(&law.since));
    match law.until {
        Some(until) => message.with("until", until.to_string()).get("law-force"),
        None => message.get("law-force-open"),
    }
}

/// A day, or a dash.
pub(crate) fn day(date: &Option<Date>) -> String {
    date.map_or_else(|| "—".to_owned(), |date| date.to_string())
}
