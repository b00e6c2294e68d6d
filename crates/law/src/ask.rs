//! Which question to put next, and why: the unknown facts that settle the most.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::assess::assess;
use crate::case::{Case, Days};
use crate::cite::cites;
use crate::facts::Facts;
use crate::library::Library;
use crate::offence::Worded as _;
use crate::speech::Tongue;

/// Offences that a reason names; the others are counted.
const NAMED: usize = 3;

/// An unknown fact, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Number in [`Library::facts`].
    pub fact: usize,
    /// Offences whose elements ask for it.
    pub offences: BTreeSet<String>,
    /// Those of them whose elements it would complete, alone, if it were so.
    pub completes: BTreeSet<String>,
}

/// Unknown facts, those first that serve the most undetermined offences of which something is known already; all
/// undetermined offences when nothing is known of any.
pub fn ask(library: &Library, case: &Case) -> Vec<OpenQuestion> {
    let answer = assess(library, case);
    let answers = if answer.parts.is_empty() {
        vec![answer]
    } else {
        answer.parts
    };
    let facts = Facts::new(library, case, case.days.map(|days| days.last), false);
    let mut found: BTreeMap<&str, OpenQuestion> = BTreeMap::new();
    for answer in answers {
        let touched = |id: &Arc<str>| answer.change.contains_key(id);
        let some = answer.undetermined.keys().any(touched);
        for (id, missing) in answer.undetermined.iter() {
            let Some(offence) = library.offence(id).filter(|_| !some || touched(id)) else {
                continue;
            };
            let day = answer.date.as_deref().and_then(Days::parse).map(|days| days.first);
            let offence = day.and_then(|day| offence.on(day)).unwrap_or(offence);
            let known = |name: &Arc<str>| library.index.get(&**name).copied();
            for fact in missing.iter().filter_map(known) {
                if !facts.can_be_known(offence, fact) {
                    continue;
                }
                let name = library.facts[fact].id.as_str();
                let question = found.entry(name).or_insert_with(|| OpenQuestion {
                    fact,
                    offences: BTreeSet::new(),
                    completes: BTreeSet::new(),
                });
                question.offences.insert(id.to_string());
                let alone = |set: &BTreeMap<Arc<str>, bool>| set.len() == 1 && set.get(name) == Some(&true);
                if answer.change.get(id).is_some_and(|sets| sets.iter().any(alone)) {
                    question.completes.insert(id.to_string());
                }
            }
        }
    }
    let mut questions: Vec<_> = found.into_values().collect();
    questions.sort_by_key(|question| std::cmp::Reverse(question.offences.len()));
    questions
}

/// As [`ask`]: the name of each fact, and of how many offences.
pub fn questions(library: &Library, case: &Case) -> Vec<(String, usize)> {
    let name = |question: OpenQuestion| (library.facts[question.fact].id.clone(), question.offences.len());
    ask(library, case).into_iter().map(name).collect()
}

impl OpenQuestion {
    /// The question in plain words.
    pub fn said(&self, library: &Library, tongue: Tongue) -> String {
        let clause = library.clause(self.fact, tongue);
        match tongue {
            Tongue::Es => format!("¿Es cierto que {clause}?"),
            Tongue::En => format!("Is it true that {clause}?"),
        }
    }

    /// Where the fact stands in the law of the first offence that [`OpenQuestion::why`] names.
    pub fn cite<'a>(&self, library: &'a Library) -> &'a str {
        let law = self.named().find_map(|id| library.offence(id));
        library.cite(law.map_or("", |offence| &offence.instrument), self.fact)
    }

    /// The offences that it would complete; where it completes none, those of which it is an element.
    fn named(&self) -> impl Iterator<Item = &String> {
        let complete = !self.completes.is_empty();
        if complete { &self.completes } else { &self.offences }.iter()
    }

    /// Why it is asked: what it would complete, or of what it is an element.
    pub fn why(&self, library: &Library, tongue: Tongue) -> String {
        let complete = !self.completes.is_empty();
        let of = self.named().filter_map(|id| library.offence(id));
        let mut named: Vec<String> = of
            .take(NAMED)
            .map(|offence| {
                let cite = cites(&offence.art).first().map(|cite| cite.spoken(tongue, true));
                let art = cite.unwrap_or_else(|| offence.art.clone());
                format!("{art} ({})", library.offence_name(offence, tongue))
            })
            .collect();
        if let Some(more) = self.named().count().checked_sub(NAMED).filter(|more| *more > 0) {
            named.push(match tongue {
                Tongue::Es => format!("y {more} más"),
                Tongue::En => format!("and {more} more"),
            });
        }
        let reason = match (complete, tongue) {
            (true, Tongue::Es) => "Se pregunta porque es lo único que falta para reunir los elementos de",
            (true, Tongue::En) => "Asked because it is all that is missing of",
            (false, Tongue::Es) => "Se pregunta porque es un elemento de",
            (false, Tongue::En) => "Asked because it is an element of",
        };
        format!("{reason}: {}.", named.join("; "))
    }
}
