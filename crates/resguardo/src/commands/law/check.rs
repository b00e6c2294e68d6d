//! Law files of a folder: every fault with its place, every quotation, every case.

use super::SIZE_MAX;
use crate::args::LawCheck;
use crate::console::{Console, Tone};
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use law::{File, LawFileFault, Library, Official};
use serde_json::json;
use std::path::Path;

/// Law files without a fault, and how much was read.
pub(super) struct Read {
    pub(super) library: Library,
    files: usize,
    quotations: usize,
    officials: usize,
}

/// Loads a folder; tells every fault, every place to fill, and every quotation that is not in its official text.
pub(super) fn read(folder: &Path, console: &Console) -> Outcome<Read> {
    let (mut texts, mut officials) = (Vec::new(), Vec::new());
    gather(folder, "toml", &mut texts)?;
    gather(folder, "txt", &mut officials)?;
    if texts.is_empty() {
        return Err(CliError::usage(t!("{} holds no law files (*.toml)", folder.display()))
            .why(t!("there is nothing to check"))
            .remedy(t!("give the folder that holds them")));
    }
    let files: Vec<_> = texts.iter().map(|(path, text)| File { path, text }).collect();
    match loaded(&files, &officials) {
        Ok(library) => Ok(Read {
            library,
            files: files.len(),
            quotations: files.iter().map(|file| law::quotations(file).len()).sum(),
            officials: officials.len(),
        }),
        Err(faults) => {
            for fault in &faults {
                let value =
                    json!({ "file": fault.file, "line": fault.line, "column": fault.column, "what": fault.what });
                console.line(Tone::Bad, &fault.to_string(), "fault", value);
            }
            let what = t!("{} faults in {} files", faults.len(), texts.len());
            Err(CliError::new(CliCode::LawFiles, what)
                .why(t!("each is named above"))
                .remedy(t!("correct them and check again")))
        }
    }
}

fn loaded(files: &[File<'_>], officials: &[(String, String)]) -> Result<Library, Vec<LawFileFault>> {
    let texts = officials.iter().map(|(path, text)| File { path, text });
    let mut faults: Vec<_> = texts.flat_map(|text| law::unfilled(&text)).collect();
    let library = law::load(files);
    if library.is_ok() && faults.is_empty() {
        let official = Official::new(officials.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        faults = official.faults(files);
    }
    match library {
        Ok(library) if faults.is_empty() => Ok(library),
        other => Err(other.err().unwrap_or_default().into_iter().chain(faults).collect()),
    }
}

/// Checks a folder, and runs its cases.
pub(super) fn check(args: &LawCheck, console: &Console) -> Outcome<()> {
    let read = read(&args.dir, console)?;
    let library = &read.library;
    let mut wrong = 0;
    for fault in library.examples.iter().flat_map(|example| law::run(library, example)) {
        wrong += 1;
        console.line(Tone::Bad, &fault, "case", json!({ "what": fault }));
    }
    if wrong > 0 {
        return Err(
            CliError::new(CliCode::LawCases, t!("{} statements of cases do not hold", wrong))
                .why(t!("each is named above"))
                .remedy(t!("correct the law files, or the case if it is wrong")),
        );
    }
    let human = t!(
        "✓ {} files: {} facts, {} offences, {} measures; {} quotations stand in {} official texts; {} cases hold",
        read.files,
        library.facts.len(),
        library.offences.len(),
        library.measures.len(),
        read.quotations,
        read.officials,
        library.examples.len()
    );
    let value = json!({ "files": read.files, "facts": library.facts.len(), "offences": library.offences.len(),
        "measures": library.measures.len(), "cases": library.examples.len() });
    console.result(&human, value);
    Ok(())
}

fn gather(folder: &Path, kind: &str, texts: &mut Vec<(String, String)>) -> Outcome<()> {
    let failed = |error: std::io::Error| CliError::file("read", folder, &error);
    let mut entries = std::fs::read_dir(folder)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            gather(&path, kind, texts)?;
        } else if path.extension().is_some_and(|extension| extension == kind) {
            texts.push((path.display().to_string(), disk::text(&path, SIZE_MAX)?.to_string()));
        }
    }
    Ok(())
}
