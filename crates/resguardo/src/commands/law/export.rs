//! The law and cases in forms that other programs read: JSON Schema, Akoma Ntoso, situations of OpenFisca.

use super::{each_case, library};
use crate::args::{LawExport, SchemaOf};
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::language::{of_error, t};
use law::Status;
use serde_json::json;
use std::path::Path;

/// Prints the form of what is asked, or of what is answered.
pub(super) fn schema(of: SchemaOf, console: &Console) -> Outcome<()> {
    let schema = match of {
        SchemaOf::Case => law::case_schema(library()?),
        SchemaOf::Answer => law::answer_schema(),
    };
    console.result(&format!("{schema:#}"), json!({ "schema": schema }));
    Ok(())
}

pub(super) fn export(args: &LawExport, console: &Console) -> Outcome<()> {
    if let Some(folder) = &args.akn {
        akn(folder, console)?;
    }
    let Some(cases) = &args.openfisca else { return Ok(()) };
    let library = library()?;
    each_case(library, cases, console, &|case| {
        let situation = law::openfisca(library, case);
        situation.map_or_else(
            || Err(t!("a situation of OpenFisca needs a date").to_owned()),
            |situation| Ok(situation.to_string()),
        )
    })
}

/// A document for each law of which any text is at hand; none when one of them is there.
fn akn(folder: &Path, console: &Console) -> Outcome<()> {
    let library = library()?;
    let loaded = library.instruments.iter().filter(|law| law.status != Status::NotLoaded);
    let mut documents = Vec::new();
    for law in loaded {
        let path = folder.join(format!("{}.xml", law.id));
        if path.symlink_metadata().is_ok() {
            return Err(disk::exists(&path));
        }
        let document = law::akn(library, law, law_data::official(law))
            .map_err(|error| CliError::bug(of_error(&error.to_string())))?;
        documents.push((path, document));
    }
    disk::folder(folder)?;
    for (path, document) in &documents {
        disk::create(path, document.as_bytes(), Access::Public)?;
    }
    let names: Vec<_> = documents.iter().map(|(path, _)| path.display().to_string()).collect();
    console.result(
        &t!("✓ {} laws in {}", names.len(), folder.display()),
        json!({ "files": names }),
    );
    Ok(())
}
