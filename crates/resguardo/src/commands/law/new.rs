//! `law new`: the files of a state's law, with every place to fill.

use super::library;
use crate::args::LawNew;
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use law::{Entity, Library};
use serde_json::json;
use std::fmt::Write as _;

/// Name of each file, and what it holds until it is filled.
const FILES: [(&str, &str); 5] = [
    ("instrument.toml", include_str!("new/instrument.toml")),
    ("vocabulary.toml", include_str!("new/vocabulary.toml")),
    ("offences.toml", include_str!("new/offences.toml")),
    ("cases/cases.toml", include_str!("new/cases/cases.toml")),
    ("text.txt", include_str!("new/text.txt")),
];

/// Writes the files; none when one of them is there.
pub(super) fn new(args: &LawNew, console: &Console) -> Outcome<()> {
    let library = library()?;
    let Some(entity) = library.entity(&args.entity) else {
        let codes: Vec<_> = library.entities.iter().map(|entity| entity.id.as_str()).collect();
        return Err(CliError::usage(t!("there is no entity `{}`", args.entity))
            .why(t!("an entity is named by its code: {}", codes.join(", ")))
            .remedy(t!("see `resguardo law sources`")));
    };
    let dir = args.dir.clone().unwrap_or_else(|| entity.id.to_lowercase().into());
    let paths = FILES.map(|(name, _)| dir.join(name));
    if let Some(there) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(disk::exists(there));
    }
    let mut open = 0;
    for (path, (_, text)) in paths.iter().zip(FILES) {
        let text = filled(text, library, entity);
        open += text.matches(law::TO_FILL).count();
        disk::folder(disk::parent(path))?;
        disk::create(path, text.as_bytes(), Access::Public)?;
    }
    let human = t!(
        "✓ {} files in {}; {} places to fill, each marked {}",
        FILES.len(),
        dir.display(),
        open,
        law::TO_FILL
    );
    console.result(&human, json!({ "files": FILES.map(|(name, _)| name), "to_fill": open }));
    Ok(())
}

/// A file with what is known of the entity.
fn filled(text: &str, library: &Library, entity: &Entity) -> String {
    let prefix = entity.id.rsplit('-').next().unwrap_or_default().to_lowercase();
    let mut index = String::new();
    for listed in library.listed_of(entity) {
        let _ = writeln!(index, "# Del índice: {}\n#   {}", listed.title, listed.address);
    }
    text.replace("{NAME}", entity.name_es())
        .replace("{ENTITY}", &entity.id)
        .replace("{PREFIX}", &prefix)
        .replace("{INDEX}", &index)
}
