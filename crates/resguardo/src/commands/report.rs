//! `resguardo report`: reports for a court from what `open` has written, on this machine alone.

use crate::args::{PaperSize, Report, ReportForm};
use crate::console::Console;
use crate::content::{ACCOUNT, ANSWERS, RECORD};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::output::{Output, Plan};
use law::Library;
use reports::{Answers, CaseRecord, Claim, NormalForm, NotHers, Paper, ReportKind, Told};
use serde_json::json;
use std::path::{Path, PathBuf};
use testimony::Named;

/// Largest file of facts, record or words in bytes.
const SIZE_MAX: u64 = 16 * 1024 * 1024;

pub(super) fn run(args: &Report, console: &Console) -> Outcome<()> {
    let kind = ReportKind::from_name(&args.kind).ok_or_else(|| CliError::bug(format!("a report `{}`", args.kind)))?;
    let output = output(args, kind)?;
    let record = record(&args.folder)?;
    let claim = match &args.facts {
        Some(path) => claim(path)?,
        None if kind == ReportKind::Assessment => {
            return Err(CliError::usage(t!("an assessment needs the facts that it assesses"))
                .why(t!(
                    "`--facts` names a file with date, entity, forum, facts and passages"
                ))
                .remedy(t!("docs/guides/lawyer.md shows one")));
        }
        None => Claim::default(),
    };
    let library = super::law::library()?;
    let told = check(&args.folder, claim, &record, library)?;
    let report = reports::make(kind, library, &told, Some(&record));
    let paper = match args.paper {
        PaperSize::Letter => Paper::Letter,
        PaperSize::A4 => Paper::A4,
    };
    let bytes = match args.format {
        ReportForm::Html => reports::page(&report, paper).into_bytes(),
        ReportForm::Docx => reports::docx(&report, paper).map_err(|error| CliError::bug(error.to_string()))?,
    };
    output.write(&bytes, Access::Private)?;
    let path = output.path();
    let gaps = report.gaps();
    let human = t!("✓ {}: {} gaps are marked in it", path.display(), gaps.len());
    let value =
        json!({ "report": kind.name(), "path": path, "bytes": bytes.len(), "sha256": report.digest(), "gaps": gaps });
    console.result(&human, value);
    Ok(())
}

/// Where the report goes: over an earlier report with `--force`, over nothing else that lies in the folder.
fn output(args: &Report, kind: ReportKind) -> Outcome<Output> {
    let ending = match args.format {
        ReportForm::Html => "html",
        ReportForm::Docx => "docx",
    };
    let reports: Vec<PathBuf> = ReportKind::ALL
        .iter()
        .flat_map(|kind| ["html", "docx"].map(|ending| args.folder.join(format!("{}.{ending}", kind.name()))))
        .collect();
    let opened: Vec<PathBuf> = std::fs::read_dir(&args.folder)
        .map_err(|error| CliError::file("list", &args.folder, &error))?
        .filter_map(|item| item.ok().map(|item| item.path()))
        .filter(|path| !reports.contains(path))
        .collect();
    let inputs = opened.iter().chain(&args.facts).map(PathBuf::as_path);
    let own = args.folder.join(format!("{}.{ending}", kind.name()));
    Plan::reading(inputs)
        .forced(args.force)
        .file(args.out.as_deref().unwrap_or(&own))
}

fn record(folder: &Path) -> Outcome<CaseRecord> {
    let path = folder.join(RECORD);
    let refuse = |why: String| {
        let what = t!("{} was not written by this program", path.display());
        CliError::new(CliCode::Record, what)
            .why(why)
            .remedy(t!("open the testimony again with this version, under a new request"))
    };
    disk::json(&path, SIZE_MAX, refuse).map_err(|failure| match failure {
        missing if missing.is(CliCode::FileNotFound) => {
            CliError::new(CliCode::NoRecord, t!("{} holds no {}", folder.display(), RECORD))
                .why(t!("reports are made from the folder that `resguardo open` has written"))
                .remedy(t!("give that folder"))
        }
        other => other,
    })
}

fn claim(path: &Path) -> Outcome<Claim> {
    let text = disk::text(path, SIZE_MAX)?;
    Claim::from_json(&text).map_err(|error| no_facts(path, &error))
}

fn no_facts(path: &Path, why: &dyn std::fmt::Display) -> CliError {
    CliError::usage(t!("{} holds no facts", path.display()))
        .why(why)
        .remedy(t!(
            "one JSON object as `law assess` takes it, with `passages` beside the facts"
        ))
}

/// Facts that the law asks about, and passages that stand in her words: a report shows them as hers.
fn check(folder: &Path, claim: Claim, record: &CaseRecord, library: &Library) -> Outcome<Told> {
    let unknown = claim.unknown_facts(library);
    if let Some(first) = unknown.first() {
        return Err(CliError::usage(t!("no law asks about the fact `{}`", first))
            .why(t!("names that are not known: {}", unknown.join(", ")))
            .remedy(t!(
                "`resguardo law ask` lists the facts by their names; nothing was written"
            )));
    }
    let account = disk::read_if_there(&folder.join(ACCOUNT), SIZE_MAX)?.unwrap_or_default();
    let answers = disk::read_if_there(&folder.join(ANSWERS), SIZE_MAX)?.unwrap_or_default();
    let answers: Answers = match answers.as_slice() {
        [] => Answers::new(),
        bytes => serde_json::from_slice(bytes).map_err(|_| not_opened(ANSWERS))?,
    };
    let told = claim.against(Some(record), &String::from_utf8_lossy(&account), &answers);
    let read = |_, named: &Named| match named.identifier() {
        Ok(identifier) => NormalForm::Is(identifier.normal().to_owned()),
        Err(_) => NormalForm::None,
    };
    told.map(|told| told.reading(read)).map_err(|why| match why {
        NotHers::Passages(invented) => {
            let list: Vec<String> = invented.iter().map(ToString::to_string).collect();
            let first = list.first().map_or("", String::as_str);
            CliError::new(CliCode::Passage, t!("{} does not stand in {}", first, ACCOUNT))
                .why(t!(
                    "a report shows a passage as her words; not found: {}",
                    list.join("; ")
                ))
                .remedy(t!(
                    "copy each passage from the testimony as it stands there; nothing was written"
                ))
        }
        NotHers::Account => not_opened(ACCOUNT),
        NotHers::Answers => not_opened(ANSWERS),
    })
}

fn not_opened(name: &str) -> CliError {
    CliError::new(CliCode::Passage, t!("{} is not what was opened", name))
        .why(t!("its digest is not the one in {}", RECORD))
        .remedy(t!(
            "put back the file as `open` wrote it, and copy each passage from it; nothing was written"
        ))
}
