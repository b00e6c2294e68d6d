//! Parts of sentences, in one language.

use jiff::civil::Date;

use crate::answer::{Answer, Because};
use crate::case::Days;
use crate::cite::{Cite, cites};
use crate::library::Library;
use crate::offence::{Offence, PenaltyShown};
use crate::prose::Passages;
use crate::ratio::Ratio;
use crate::speech::Tongue;

/// Most characters of a passage that are read out.
const PASSAGE_MAX: usize = 160;

/// Months in Spanish, January first.
pub const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Who speaks: the law, the passages, the language.
pub(super) struct Voice<'a> {
    pub(super) library: &'a Library,
    pub(super) passages: &'a Passages,
    pub(super) tongue: Tongue,
}

impl Voice<'_> {
    /// «artículo 42, fracción VII», with the name of its law where one is given.
    pub(super) fn article(&self, art: &str, law: Option<&str>) -> String {
        let cite = cites(art).into_iter().next();
        let law = law
            .map(str::to_owned)
            .or_else(|| cite.as_ref().and_then(|cite| cite.law.clone()));
        let art = cite.map_or_else(
            || format!("{} {art}", self.tongue.pick("artículo", "article")),
            |cite| cite.spoken(self.tongue, true),
        );
        match law {
            Some(law) if art.contains(',') => format!("{art}, {}", self.of_law(&law)),
            Some(law) => format!("{art} {}", self.of_law(&law)),
            None => art,
        }
    }

    /// «de la Ley General», «del Código Penal Federal».
    fn of_law(&self, id: &str) -> String {
        let name = self.library.law_name(id, self.tongue);
        match self.tongue {
            Tongue::Es => name
                .strip_prefix("el ")
                .map_or_else(|| format!("de {name}"), |name| format!("del {name}")),
            Tongue::En => format!("of {name}"),
        }
    }

    /// Which law governs, and how much of it is at hand.
    pub(super) fn law(&self, answer: &Answer) -> String {
        let Some(id) = answer.applicable_law.as_deref() else {
            let none = "No puede elegirse la ley aplicable, o no está cargada.";
            return self
                .tongue
                .pick(none, "The law that governs cannot be chosen, or is not loaded.")
                .to_owned();
        };
        let name = match self.library.entity(id) {
            Some(entity) => match self.tongue {
                Tongue::Es => format!("la ley de {}", entity.name_es()),
                Tongue::En => format!("the law of {}", entity.name),
            },
            None => self.library.law_name(id, self.tongue).to_owned(),
        };
        let hand = match (answer.law_status, self.tongue) {
            ("loaded", Tongue::Es) => "su texto está cargado",
            ("loaded", Tongue::En) => "its text is loaded",
            ("partial", Tongue::Es) => "su texto está cargado sólo en parte",
            ("partial", Tongue::En) => "its text is loaded in part only",
            (_, Tongue::Es) => "su texto no está cargado y de él nada se calcula",
            (_, Tongue::En) => "its text is not loaded and nothing is computed from it",
        };
        match self.tongue {
            Tongue::Es => format!("Rige {name}; {hand}."),
            Tongue::En => format!("{} governs; {hand}.", capital(&name)),
        }
    }

    /// «del 10 de mayo de 2019»; two days with «al».
    pub(super) fn days(&self, days: Days) -> String {
        let (first, last) = (self.date(days.first), self.date(days.last));
        match (days.first == days.last, self.tongue) {
            (true, Tongue::Es) => format!("del {first}"),
            (true, Tongue::En) => format!("of {first}"),
            (false, Tongue::Es) => format!("del {first} al {last}"),
            (false, Tongue::En) => format!("from {first} to {last}"),
        }
    }

    fn date(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        match self.tongue {
            Tongue::Es => format!("{} de {} de {}", date.day(), MONTHS[month], date.year()),
            Tongue::En => format!("{} {} {}", date.day(), MONTHS_EN[month], date.year()),
        }
    }

    /// A fact as a clause.
    pub(super) fn plain(&self, fact: usize) -> String {
        self.library.clause(fact, self.tongue).to_owned()
    }

    /// A fact with its place in the article of the offence, or the article of its law where it is another.
    pub(super) fn cited(&self, fact: usize, offence: &Offence) -> String {
        self.at(fact, self.library.cite(&offence.instrument, fact), &offence.art)
    }

    fn at(&self, fact: usize, cite: &str, art: &str) -> String {
        let clause = self.library.clause(fact, self.tongue);
        match self.place(cite, art) {
            Some(place) => format!("{clause} ({place})"),
            None => clause.to_owned(),
        }
    }

    fn place(&self, cite: &str, art: &str) -> Option<String> {
        let (cite, same) = own_cite(cite, art)?;
        if same {
            return Some(cite.spoken(self.tongue, false)).filter(|place| !place.is_empty());
        }
        let place = cite.spoken(self.tongue, true);
        Some(match &cite.law {
            Some(law) if place.contains(',') => format!("{place}, {}", self.of_law(law)),
            Some(law) => format!("{place} {}", self.of_law(law)),
            None => place,
        })
    }

    /// A fact with its place in the article of the offence, and with the passage that shows it.
    pub(super) fn shown(&self, fact: usize, offence: &Offence) -> String {
        self.by_passage(fact, self.cited(fact, offence))
    }

    fn by_passage(&self, fact: usize, clause: String) -> String {
        let passages = self.passages.get(&self.library.facts[fact].id);
        let quoted: Vec<_> = passages
            .into_iter()
            .flatten()
            .map(|words| format!("«{}»", cut(words)))
            .collect();
        if quoted.is_empty() {
            return clause;
        }
        format!(
            "{clause}, {} {}",
            self.tongue.pick("según el pasaje", "by the passage"),
            quoted.join(", ")
        )
    }

    /// A fact that decides: stated, or denied; with its place where an article is given.
    pub(super) fn because(&self, because: &Because, art: Option<&str>) -> String {
        let Some(&fact) = self.library.index.get(&*because.fact) else {
            return because.fact.to_string();
        };
        let clause = art.map_or_else(|| self.plain(fact), |art| self.at(fact, &because.cite, art));
        let clause = self.by_passage(fact, clause);
        if because.value { clause } else { self.denied(&clause) }
    }

    /// What is still to be shown, or to be denied.
    pub(super) fn wanted(&self, name: &str, value: bool, offence: &Offence) -> String {
        let clause = self
            .library
            .index
            .get(name)
            .map_or_else(|| name.to_owned(), |fact| self.cited(*fact, offence));
        if value { clause } else { self.denied(&clause) }
    }

    fn denied(&self, clause: &str) -> String {
        format!("{} {clause}", self.tongue.pick("no es cierto esto:", "this is not so:"))
    }

    /// All of these.
    pub(super) fn list(&self, parts: Vec<String>) -> String {
        joined(parts, self.tongue.pick("y", "and"), self.tongue.pick("que ", "that "))
    }

    /// All of these, as one of several ways.
    pub(super) fn together(&self, parts: Vec<String>) -> String {
        parts.join(self.tongue.pick(", y además ", ", and also "))
    }

    /// Any of these.
    pub(super) fn either(&self, parts: Vec<String>) -> String {
        joined(parts, self.tongue.pick("o", "or"), "")
    }

    /// «de 5 a 15 años de prisión y de 1,000 a 20,000 días multa».
    pub(super) fn range(&self, shown: PenaltyShown) -> String {
        let [a, b] = [shown.years.min, shown.years.max].map(number);
        let fine = shown.fine_days.map(|days| [days.min, days.max].map(number));
        match (self.tongue, fine) {
            (Tongue::Es, Some([c, d])) => format!("de {a} a {b} años de prisión y de {c} a {d} días multa"),
            (Tongue::Es, None) => format!("de {a} a {b} años de prisión; el texto no señala multa"),
            (Tongue::En, Some([c, d])) => format!("{a} to {b} years of prison and {c} to {d} days of fine"),
            (Tongue::En, None) => format!("{a} to {b} years of prison; the text states no fine"),
        }
    }

    /// A part of a penalty.
    pub(super) fn part(&self, ratio: Ratio) -> String {
        match (ratio.to_string().as_str(), self.tongue) {
            ("1/2", Tongue::Es) => "una mitad".to_owned(),
            ("1/2", Tongue::En) => "one half".to_owned(),
            ("1/3", Tongue::Es) => "un tercio".to_owned(),
            ("1/3", Tongue::En) => "one third".to_owned(),
            ("2/3", Tongue::Es) => "dos terceras partes".to_owned(),
            ("2/3", Tongue::En) => "two thirds".to_owned(),
            (other, _) => other.to_owned(),
        }
    }
}

/// `20,000`, `22.5`; at most two decimals.
fn number(number: Ratio) -> String {
    let (whole, rest) = (number.hundredths() / 100, number.hundredths() % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    match (rest, rest % 10) {
        (0, _) => {}
        (_, 0) => text.push_str(&format!(".{}", rest / 10)),
        _ => text.push_str(&format!(".{rest:02}")),
    }
    text
}

/// `a; and b`, each after the first with `each` before it.
fn joined(parts: Vec<String>, last: &str, each: &str) -> String {
    let count = parts.len();
    let mut text = String::new();
    for (n, part) in parts.into_iter().enumerate() {
        match n {
            0 => text.push_str(&part),
            _ if n + 1 == count => text.push_str(&format!("; {last} {each}{part}")),
            _ => text.push_str(&format!("; {each}{part}")),
        }
    }
    text
}

/// A passage in one line; of a long one the beginning.
fn cut(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= PASSAGE_MAX {
        return line;
    }
    let begin: String = line.chars().take(PASSAGE_MAX).collect();
    let whole = begin.rsplit_once(' ').map_or(begin.as_str(), |(whole, _)| whole);
    format!("{whole} [...]")
}

/// With a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The first article that a citation names within an offence: its own before all others.
fn own_cite(cite: &str, art: &str) -> Option<(Cite, bool)> {
    let own = cites(art).into_iter().next();
    let all = cites(cite);
    let same = |one: &&Cite| own.as_ref().is_some_and(|own| own.art == one.art);
    let found = all.iter().find(same).map(|one| (one.clone(), true));
    found.or_else(|| all.into_iter().next().map(|one| (one, false)))
}
