//! An answer as sentences that can be read aloud: for each conclusion its article, the fact and the passage that meet each
//! element, what is missing, what would defeat it. It says what was stated («se señala»), never that it is proven to a court.

mod told;
mod voice;

pub use voice::MONTHS;

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::{Answer, DerivationReason};
use crate::case::{Case, Forum};
use crate::library::Library;
use crate::offence::{Fraction, Offence, Worded as _};
use crate::prose::told::Told;
use crate::prose::voice::Voice;
use crate::speech::Tongue;

/// For a fact, by its name, the passages that show it. Whoever gives them has checked that they stand in the testimony.
pub type Passages = BTreeMap<String, Vec<String>>;

/// What is said of one thing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Paragraph {
    /// Offence or fraction; or `law`, `others`, `nothing`, `exclusions`, `flags`.
    pub about: String,
    /// Sentences.
    pub text: String,
}

/// Says an answer of this case: first the law that governs, then each offence that is met, each fraction that holds, each
/// offence that lacks facts, each that is ruled out although something of it is stated; then what excludes, and warnings.
/// Offences of which nothing is stated but what aggravates others (her age) are named in one sentence. Of conduct that the
/// law divides, each part in turn.
pub fn prose(library: &Library, case: &Case, answer: &Answer, passages: &Passages, tongue: Tongue) -> Vec<Paragraph> {
    let voice = Voice {
        library,
        passages,
        tongue,
    };
    let mut said = Vec::new();
    if answer.parts.is_empty() {
        part(&voice, case, answer, &mut said);
    } else {
        for one in &answer.parts {
            part(&voice, case, one, &mut said);
        }
        let of_parts = |flag: &String| !answer.parts.iter().any(|part| part.flags.contains(flag));
        let flags: BTreeSet<_> = answer.flags.iter().filter(|flag| of_parts(flag)).cloned().collect();
        warnings(&voice, &flags, &answer.reasons, &mut said);
    }
    said
}

fn part(voice: &Voice<'_>, case: &Case, answer: &Answer, said: &mut Vec<Paragraph>) {
    let mut say = |about: &str, text: String| {
        said.push(Paragraph {
            about: about.to_owned(),
            text,
        });
    };
    say("law", governing(voice, case, answer));
    let library = voice.library;
    let (mut silent, mut others) = (true, Vec::new());
    let day = answer.date.as_deref().and_then(crate::Days::parse);
    let wording = |offence: &'_ Offence| day.and_then(|days| offence.on(days.first)).cloned();
    for offence in &library.offences {
        let offence = &wording(offence).unwrap_or_else(|| offence.clone());
        let told = Told {
            voice,
            case,
            answer,
            offence,
        };
        let text = if answer.proven.contains(&offence.id) {
            told.met()
        } else if answer.change.contains_key(offence.id.as_str()) && !told.is_claimed() {
            others.push(voice.article(&offence.art, None));
            continue;
        } else if answer.change.contains_key(offence.id.as_str()) {
            told.lacking()
        } else if answer.contradicted.contains(&offence.id) && told.is_claimed() {
            told.ruled_out()
        } else if let Some(secondary) = answer.secondary.get(&offence.id) {
            told.secondary(secondary)
        } else {
            continue;
        };
        silent = false;
        say(&offence.id, text);
    }
    for id in &answer.aggravations {
        let fraction = library.fractions.iter().find(|fraction| fraction.id == *id);
        if let Some(fraction) = fraction {
            say(id, aggravation(voice, fraction, answer));
        }
    }
    if !others.is_empty() {
        let others = voice.either(others);
        let text = match voice.tongue {
            Tongue::Es => format!(
                "Lo que se señala de la víctima toca también otros delitos, sin que de ellos se señale conducta: {others}."
            ),
            Tongue::En => {
                format!("What is stated of the victim touches other offences too, of which no act is stated: {others}.")
            }
        };
        say("others", text);
        silent = false;
    }
    if silent {
        let text = voice.tongue.pick(
            "Con lo que se señala no puede decirse nada de ningún delito de la ley cargada.",
            "Of what is stated nothing can be said of any offence of the law that is loaded.",
        );
        say("nothing", text.to_owned());
    }
    if let Some(text) = general_exclusions(voice, answer) {
        say("exclusions", text);
    }
    warnings(voice, &answer.flags, &answer.reasons, said);
}

/// Days, place, forum, the law that governs and how much of it is at hand; how many measures are owed.
fn governing(voice: &Voice<'_>, case: &Case, answer: &Answer) -> String {
    let tongue = voice.tongue;
    let mut text = match answer.date.as_deref().and_then(crate::Days::parse) {
        None => {
            let none = "Sin fecha no puede elegirse la ley: hace falta saber cuándo ocurrió.";
            tongue
                .pick(none, "Without a date no law can be chosen: when did it happen?")
                .to_owned()
        }
        Some(days) => {
            let place = case.entity.as_deref().and_then(|code| voice.library.entity(code));
            let place = place.map(|entity| tongue.pick(entity.name_es(), entity.name.as_str()));
            let forum = match case.forum {
                Forum::Local => tongue.pick("fuero local", "local forum"),
                Forum::Federal => tongue.pick("fuero federal", "federal forum"),
                Forum::Unknown => tongue.pick("sin que se sepa el fuero", "the forum is not known"),
            };
            let place = place.map_or_else(String::new, |place| format!(", {place}"));
            let begin = tongue.pick("Hechos", "Conduct");
            format!("{begin} {}{place}, {forum}. {}", voice.days(days), voice.law(answer))
        }
    };
    let owed = answer.assistance.len();
    if owed > 0 {
        text.push_str(&match tongue {
            Tongue::Es => format!(" Sea cual sea el delito, se deben {owed} medidas de asistencia y protección."),
            Tongue::En => format!(" Whatever the offence, {owed} measures of assistance and protection are owed."),
        });
    }
    text
}

fn aggravation(voice: &Voice<'_>, fraction: &Fraction, answer: &Answer) -> String {
    let because = reasons_of(answer, &fraction.id).flat_map(|reason| &reason.because);
    let facts = voice.list(because.map(|one| voice.because(one, None)).collect());
    let art = voice.article(&fraction.art, None);
    match voice.tongue {
        Tongue::Es => format!("Agravante del {art}: se señala que {facts}."),
        Tongue::En => format!("Aggravation of {art}: it is stated that {facts}."),
    }
}

fn reasons_of<'a>(answer: &'a Answer, id: &'a str) -> impl Iterator<Item = &'a DerivationReason> {
    answer.reasons.iter().filter(move |reason| reason.about == id)
}

/// The exclusions that hold for every offence of the law, said once.
fn general_exclusions(voice: &Voice<'_>, answer: &Answer) -> Option<String> {
    let library = voice.library;
    let open = |fact: &usize| {
        let name = library.facts[*fact].id.as_str();
        answer.exclusions_to_check.values().any(|open| open.contains(name))
    };
    let mut facts = BTreeSet::new();
    library
        .exclusions
        .iter()
        .for_each(|exclusion| exclusion.tree.facts(&mut facts));
    facts.retain(open);
    let clauses: Vec<_> = facts.iter().map(|fact| voice.plain(*fact)).collect();
    let first = facts
        .first()
        .and_then(|fact| crate::cite::cites(&library.facts[*fact].cite).into_iter().next())?;
    let art = voice.article(&first.art, first.law.as_deref());
    Some(match voice.tongue {
        Tongue::Es => format!(
            "Nadie ha planteado una exclusión del delito ({art}), y quien juzga la revisa de oficio. Cualquiera de éstas lo \
             desvirtuaría: {}.",
            voice.either(clauses)
        ),
        Tongue::En => format!(
            "Nobody has raised an exclusion of the offence ({art}), and whoever judges looks into it of their own motion. Any \
             of these would defeat it: {}.",
            voice.either(clauses)
        ),
    })
}

fn warnings(voice: &Voice<'_>, flags: &BTreeSet<String>, reasons: &[DerivationReason], said: &mut Vec<Paragraph>) {
    let one = |code: &String| {
        let flag = voice.library.flags.iter().find(|flag| flag.code == *code);
        let text = flag.map_or(code.as_str(), |flag| {
            voice.tongue.pick(flag.es.as_str(), flag.when.as_str())
        });
        let because = reasons.iter().filter(|reason| reason.about == *code);
        let facts: Vec<_> = because
            .flat_map(|reason| &reason.because)
            .map(|one| voice.because(one, Some("")))
            .collect();
        if facts.is_empty() {
            return text.to_owned();
        }
        format!(
            "{text} ({} {})",
            voice.tongue.pick("se señala que", "it is stated that"),
            voice.list(facts)
        )
    };
    let texts: Vec<_> = flags.iter().map(one).collect();
    if !texts.is_empty() {
        let begin = voice.tongue.pick("Advertencias", "Warnings");
        said.push(Paragraph {
            about: "flags".to_owned(),
            text: format!("{begin}: {}.", texts.join("; ")),
        });
    }
}
