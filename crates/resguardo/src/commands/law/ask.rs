//! The questions whose answers settle the most: all at once, or one by one.

use super::words::of;
use super::{SIZE_MAX, case, explain, lines, no_case, prose};
use crate::args::{LawAsk, Tongue};
use crate::console::{Console, Tone};
use crate::disk;
use crate::failure::Outcome;
use crate::language::t;
use law::{Case, Days, Library, OpenQuestion};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) fn ask(args: &LawAsk, console: &Console) -> Outcome<()> {
    let (library, tongue) = (super::of(&args.laws, console)?, Tongue::of_law());
    let Some(facts) = &args.facts else {
        let asked = json!({ "date": args.date, "entity": args.entity }).to_string();
        let case = case(library, 1, &Ok(asked)).map_err(|error| no_case(&error))?;
        return interview(library, case, args.most, console);
    };
    for case in cases(library, facts, args)? {
        let questions = law::ask(library, &case);
        if questions.is_empty() {
            console.note(of(tongue, "done"));
        }
        for question in questions.iter().take(args.most) {
            put(library, question, tongue, console);
        }
        prose::tell(library, &case, console);
    }
    Ok(())
}

/// A question with its reason.
fn put(library: &Library, question: &OpenQuestion, tongue: Tongue, console: &Console) {
    let (fact, data) = (&library.facts[question.fact], tongue.of_data());
    let (said, why) = (question.said(library, data), question.why(library, data));
    let cite = question.cite(library);
    let human = format!("{said} ({}) [{}]\n  {why}", explain::cited(cite, tongue), fact.id);
    let value = json!({ "fact": fact.id, "question": said, "why": why, "offences": question.offences.len(),
        "completes": question.completes, "es": fact.es, "cite": cite });
    console.line(Tone::Plain, &human, "question", value);
}

/// What somebody answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    Known(bool),
    Unknown,
    End,
}

impl Reply {
    /// Reads it, in either language; nothing when it is none of these.
    fn read(text: &str) -> Option<Self> {
        Some(match text.trim().trim_end_matches('.').to_lowercase().as_str() {
            "s" | "si" | "sí" | "y" | "yes" => Self::Known(true),
            "n" | "no" => Self::Known(false),
            "" | "?" => Self::Unknown,
            "fin" | "end" => Self::End,
            _ => return None,
        })
    }
}

/// Puts one question after another, as what is answered makes it useful; then says what is met and what is missing.
fn interview(library: &Library, mut case: Case, most: usize, console: &Console) -> Outcome<()> {
    let tongue = Tongue::of_law();
    let mut replies = disk::lines(std::io::stdin().lock(), Path::new("-"), SIZE_MAX);
    let mut next =
        || -> Outcome<Option<String>> { Ok(replies.next().transpose()?.map(|(_, line)| line.unwrap_or_default())) };
    while case.days.is_none() {
        let (when, why) = (of(tongue, "when"), of(tongue, "when_why"));
        let value = json!({ "question": when, "why": why });
        console.line(Tone::Plain, &format!("{when}\n  {why}"), "question", value);
        let Some(line) = next()?.filter(|line| !line.trim().is_empty()) else {
            break;
        };
        case.days = Days::parse(line.trim());
    }
    console.note(of(tongue, "answer_with"));
    let (mut left, mut unknown) = (most, BTreeSet::new());
    while left > 0 {
        let questions = law::ask(library, &case);
        let Some(question) = questions.iter().find(|question| !unknown.contains(&question.fact)) else {
            console.note(of(tongue, "done"));
            break;
        };
        put(library, question, tongue, console);
        let reply = loop {
            let Some(line) = next()? else { break Reply::End };
            match Reply::read(&line) {
                Some(reply) => break reply,
                None => console.note(of(tongue, "answer_with")),
            }
        };
        match reply {
            Reply::End => break,
            Reply::Unknown => drop(unknown.insert(question.fact)),
            Reply::Known(value) => drop(case.facts.insert(library.facts[question.fact].id.clone(), value)),
        }
        left -= 1;
    }
    prose::tell(library, &case, console);
    Ok(())
}

/// The cases of a file, or the one of a list of facts.
fn cases(library: &Library, facts: &str, args: &LawAsk) -> Outcome<Vec<Case>> {
    let path = Path::new(facts);
    let mut cases = Vec::new();
    if facts == "-" || path.is_file() {
        for line in lines(path)? {
            let (number, line) = line?;
            if !line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
                cases.push(case(library, number, &line).map_err(|error| no_case(&error))?);
            }
        }
        return Ok(cases);
    }
    let facts = facts.split(',').map(str::trim).filter(|fact| !fact.is_empty());
    let mut known = serde_json::Map::new();
    for fact in facts {
        let name = fact.trim_start_matches('!');
        if known.insert(name.to_owned(), json!(!fact.starts_with('!'))).is_some() {
            return Err(no_case(&t!("the fact `{}` stands twice", name)));
        }
    }
    let text = json!({ "date": args.date, "entity": args.entity, "facts": known }).to_string();
    cases.push(case(library, 1, &Ok(text)).map_err(|error| no_case(&error))?);
    Ok(cases)
}
