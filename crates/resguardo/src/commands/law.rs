//! `resguardo law`: facts in; elements proven, contradicted, missing out. The law files of `laws/` are in the binary.

mod ask;
mod check;
mod explain;
mod export;
mod new;
mod prose;
mod table;
mod words;

use crate::args::{Law, LawAssess, LawFiles, LawSearch, Tongue};
use crate::console::{Console, Tone, escaped};
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::{of_error, t};
use law::{Case, Library};
use protocol::text::visible;
use serde_json::json;
use std::path::Path;
use std::sync::OnceLock;

/// Largest law file or line of cases, in bytes.
const SIZE_MAX: u64 = 16 * 1024 * 1024;

pub(super) fn run(args: &Law, console: &Console) -> Outcome<()> {
    match args {
        Law::Assess(args) => assess(args, console),
        Law::Explain(args) => {
            let text = explain::articles(library()?, &args.art, Tongue::of_law())?;
            console.result(&text, json!({ "text": text }));
            Ok(())
        }
        Law::Sources => {
            let library = library()?;
            let text = explain::sources(library, Tongue::of_law());
            console.result(&text, explain::sources_json(library));
            Ok(())
        }
        Law::Check(args) => check::check(args, console),
        Law::New(args) => new::new(args, console),
        Law::Ask(args) => ask::ask(args, console),
        Law::Schema(args) => export::schema(args.of, console),
        Law::Export(args) => export::export(args, console),
        Law::Search(args) => search(args, console),
    }
}

/// The law files that this program was built with; their official texts are beside them, for reading.
///
/// # Errors
/// A bug: they are checked when the program is built.
pub(crate) fn library() -> Outcome<&'static Library> {
    law_data::library().map_err(|faults| CliError::bug(t!("the law files have {} faults", faults.len())))
}

/// The law files that answer: those of a folder, which are checked, or those of this program.
fn of(files: &LawFiles, console: &Console) -> Outcome<&'static Library> {
    static GIVEN: OnceLock<Library> = OnceLock::new();
    let Some(folder) = &files.laws else { return library() };
    let given = check::read(folder, console)?.library;
    Ok(GIVEN.get_or_init(|| given))
}

/// One answer a line; a line that is no case gets an object with `error`, and the command fails at the end.
fn assess(args: &LawAssess, console: &Console) -> Outcome<()> {
    let library = of(&args.laws, console)?;
    let keep = |field: &str| {
        let named = |fields: &[String]| fields.iter().any(|one| one == field);
        !named(&args.without) && (args.only.is_empty() || named(&args.only))
    };
    each_case(library, &args.file, console, &|case| {
        let mut answer = law::assess(library, case);
        if args.prose {
            return Ok(prose::of_case(library, case, &answer, console.is_json()));
        }
        if console.is_json() {
            return serde_json::to_string(&answer.some(&keep)).map_err(|error| error.to_string());
        }
        without(&mut answer, &keep);
        Ok(table::answer(library, case, &answer, Tongue::of_law()))
    })
}

/// Writes what each case of a file gives, one after the other; a line that is no case, or that gives nothing, is refused by
/// its number, and the others are answered.
fn each_case(
    library: &Library,
    path: &Path,
    console: &Console,
    answer: &dyn Fn(&Case) -> Result<String, String>,
) -> Outcome<()> {
    let (lines, mut bad, mut unread) = (lines(path)?, Vec::new(), None);
    console.stream(|out| {
        for line in lines {
            let (number, line) = match line {
                Ok(line) => line,
                Err(failure) => {
                    unread = Some(failure);
                    break;
                }
            };
            if line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
                continue;
            }
            let given = case(library, number, &line)
                .and_then(|case| answer(&case).map_err(|why| t!("line {}: {}", number, why)));
            let text = given.unwrap_or_else(|error| {
                bad.push(number);
                if console.is_json() {
                    escaped(&json!({ "error": error }).to_string())
                } else {
                    visible(&error, &[])
                }
            });
            writeln!(out, "{text}")?;
        }
        Ok(())
    });
    if let Some(failure) = unread {
        return Err(failure);
    }
    if bad.is_empty() {
        return Ok(());
    }
    let numbers: Vec<_> = bad.iter().map(ToString::to_string).collect();
    Err(CliError::usage(t!("not a case: line {}", numbers.join(", ")))
        .why(t!("each answer in the output says what is wrong with its line"))
        .remedy(t!("correct these lines; the other cases were answered")))
}

/// Empties what a table shall not show.
fn without(answer: &mut law::Answer, keep: &dyn Fn(&str) -> bool) {
    if !keep("assistance") {
        answer.assistance.clear();
    }
    if !keep("assistance_if") {
        answer.assistance_if.clear();
    }
}

/// A case whose facts the law asks about; otherwise what is wrong with its line.
fn case(library: &Library, number: usize, line: &disk::TextLine) -> Result<Case, String> {
    let wrong = |what: String| {
        t!(
            "line {}: {}",
            number,
            of_error(&what.replace(" at line 1 column ", ", column "))
        )
    };
    let line = line
        .as_ref()
        .map_err(|at| wrong(t!("not a case: byte {} is no UTF-8", at + 1)))?;
    let case = Case::from_json(line).map_err(|error| wrong(error.to_string()))?;
    match case.facts.keys().find(|name| !library.index.contains_key(*name)) {
        None => Ok(case),
        Some(name) => Err(wrong(t!("not a case: no law asks about the fact `{}`", name))),
    }
}

fn no_case(error: &dyn std::fmt::Display) -> CliError {
    CliError::usage(t!("this is not a case"))
        .why(error)
        .remedy(t!("correct it; nothing was answered"))
}

/// Lines of a file, each with its number from 1.
type Lines<'a> = Box<dyn Iterator<Item = Outcome<(usize, disk::TextLine)>> + 'a>;

fn lines(path: &Path) -> Outcome<Lines<'_>> {
    if path == Path::new("-") {
        return Ok(Box::new(disk::lines(std::io::stdin().lock(), path, SIZE_MAX)));
    }
    let file = std::fs::File::open(path).map_err(|error| CliError::file("read", path, &error))?;
    Ok(Box::new(disk::lines(std::io::BufReader::new(file), path, SIZE_MAX)))
}

/// Facts by what people say.
fn search(args: &LawSearch, console: &Console) -> Outcome<()> {
    let (library, words, tongue) = (of(&args.laws, console)?, args.words.join(" "), Tongue::of_law());
    let found = law::search(library, &words);
    if found.is_empty() {
        return Err(
            CliError::new(CliCode::NotLoaded, t!("nothing that is loaded is said so"))
                .why(t!(
                    "it was sought in labels, articles and words of daily speech, in Spanish and English"
                ))
                .remedy(t!("say it in other words, or fewer")),
        );
    }
    for fact in found.into_iter().take(args.most) {
        let known = &library.facts[fact];
        let (clause, cite) = (
            library.clause(fact, tongue.of_data()),
            explain::cited(&known.cite, tongue),
        );
        let human = format!("{clause} ({cite}) [{}]", known.id);
        let value = json!({ "fact": known.id, "clause": clause, "es": known.es, "cite": known.cite });
        console.line(Tone::Plain, &human, "found", value);
    }
    Ok(())
}
