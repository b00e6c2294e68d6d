//! `resguardo report`: reports for a court from what `open` has written, on this machine alone.

use crate::args::{PaperSize, Report, ReportForm};
use crate::console::Console;
use crate::content::{ACCOUNT, RECORD};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use reports::{Kind, Paper, Record, Told};
use serde_json::json;
use std::path::Path;

/// Largest file of facts, record or words in bytes.
const SIZE_MAX: u64 = 16 * 1024 * 1024;

pub(super) fn run(args: &Report, console: &Console) -> Outcome<()> {
    let kind = Kind::from_name(&args.kind).ok_or_else(|| Failure::bug(format!("a report `{}`", args.kind)))?;
    let record = record(&args.folder)?;
    let told = match &args.facts {
        Some(path) => told(path)?,
        None if kind == Kind::Assessment => {
            return Err(Failure::usage("an assessment needs the facts that it assesses")
                .why("`--facts` names a file with date, entity, forum, facts and passages")
                .remedy("docs/guides/lawyer.md shows one"));
        }
        None => Told::default(),
    };
    passages(&args.folder, &told, console)?;
    let report = reports::make(kind, super::law::library()?, &told, Some(&record));
    let paper = match args.paper {
        PaperSize::Letter => Paper::Letter,
        PaperSize::A4 => Paper::A4,
    };
    let (ending, bytes) = match args.format {
        ReportForm::Html => ("html", reports::page(&report, paper).into_bytes()),
        ReportForm::Docx => (
            "docx",
            reports::docx(&report, paper).map_err(|error| Failure::bug(error.to_string()))?,
        ),
    };
    let path = match &args.out {
        Some(path) => path.clone(),
        None => args.folder.join(format!("{}.{ending}", kind.name())),
    };
    disk::write(&path, &bytes, Access::Private)?;
    let gaps = report.gaps();
    let human = format!("✓ {}: {} gaps are marked in it", path.display(), gaps.len());
    let value =
        json!({ "report": kind.name(), "path": path, "bytes": bytes.len(), "sha256": report.digest(), "gaps": gaps });
    console.result(&human, value);
    Ok(())
}

fn record(folder: &Path) -> Outcome<Record> {
    let path = folder.join(RECORD);
    let Some(bytes) = disk::read_if_there(&path, SIZE_MAX)? else {
        return Err(Failure::new(
            Exit::NotFound,
            "no-record",
            format!("{} holds no {RECORD}", folder.display()),
        )
        .why("reports are made from the folder that `resguardo open` has written")
        .remedy("give that folder"));
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(
            Exit::Check,
            "record",
            format!("{} is none of this program", path.display()),
        )
        .why(error)
        .remedy("open the testimony again with this version, under a new request")
    })
}

fn told(path: &Path) -> Outcome<Told> {
    let bytes = disk::read(path, SIZE_MAX)?;
    let text = String::from_utf8_lossy(&bytes);
    Told::from_json(&text).map_err(|error| {
        Failure::usage(format!("{} holds no facts", path.display()))
            .why(error)
            .remedy("one JSON object as `law assess` takes it, with `passages` beside the facts")
    })
}

/// A passage that does not stand in her words is said: the report would show it as hers.
fn passages(folder: &Path, told: &Told, console: &Console) -> Outcome<()> {
    if told.passages.is_empty() {
        return Ok(());
    }
    let words = disk::read_if_there(&folder.join(ACCOUNT), SIZE_MAX)?.unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    for (fact, passages) in &told.passages {
        for passage in passages.iter().filter(|passage| !words.contains(passage.as_str())) {
            let short: String = passage.chars().take(40).collect();
            console.warn(&format!(
                "«{short}…», the passage for {fact}, does not stand so in {ACCOUNT}"
            ));
        }
    }
    Ok(())
}
