//! She files on her phone, in both languages: every step is looked at, and nothing of it stays on the phone.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use browser::{Needle, Person, Size, Stage, search};

use crate::declarant::{self, Kept, Telling};

/// What she writes, and nobody else could have.
pub const TEXT: &str = "Me dijeron que era un trabajo en una fonda de Tapachula, junto al río Coatán.";
/// Her name, which only her identity holds.
pub const NAME: &str = "Xóchitl Imaginada";
/// The photograph's name on her phone.
pub const PHOTO: &str = "frente-de-la-fonda.jpg";

/// The demo's photograph under her name for it.
pub fn photo(folder: &Path) -> Result<(PathBuf, Vec<u8>)> {
    let bytes = include_bytes!("../../../../crates/resguardo/assets/demo.jpg").to_vec();
    let path = folder.join(PHOTO);
    std::fs::write(&path, &bytes)?;
    Ok((path, bytes))
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_and_nothing_stays() -> Result<()> {
    Stage::play(|stage| {
        let (path, photo) = photo(stage.folder())?;
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![path],
            lapse: None,
        };
        for (tag, languages) in [("es", "es-MX,es"), ("en", "en-GB,en")] {
            let she = Person::arrive(stage, &format!("she-{tag}"), languages, Size::PHONE)?;
            let kept = declarant::file(&she, tag, &telling, &mut |step| {
                she.examine(&format!("nuevo-{step}-{tag}"))
            })?;
            she.is_quiet(&[])?;
            keeps_nothing(&she)?;
            if tag == "es" {
                her_words_lead_back(&she, stage, &kept)?;
            }
            is_clean(&she.leave(), &kept, &photo)?;
        }
        Ok(())
    })
}

/// The browser itself says that it keeps no cookie, no storage and no cache of the origin.
pub fn keeps_nothing(person: &Person<'_>) -> Result<()> {
    let kept = person.keeps(&person.wire.url)?;
    ensure!(kept.is_empty(), "the browser keeps {kept:?}");
    Ok(())
}

/// Nothing that she wrote, chose or was given lies in her profile on the disk.
fn is_clean(profile: &Path, kept: &Kept, photo: &[u8]) -> Result<()> {
    let words: Vec<&str> = kept.words.iter().map(String::as_str).collect();
    let needles = [
        Needle::text("her text", "trabajo en una fonda de Tapachula"),
        Needle::text("her name", NAME),
        Needle::text("the photograph's name", "frente-de-la-fonda"),
        Needle::text("her code", &kept.code),
        Needle::words("her words", &words),
        Needle::file("her photograph", photo),
    ];
    let found = search(profile, &needles)?;
    ensure!(found.is_empty(), "left in the profile: {found:?}");
    Ok(())
}

/// The words that the page showed are the ones that lead to her filing.
pub fn her_words_lead_back(anybody: &Person<'_>, stage: &Stage, kept: &Kept) -> Result<()> {
    let service = stage.service.borrow();
    std::fs::write(service.folder().join("phrase.txt"), kept.words.join(" "))?;
    anybody.until("her case behind her words", || {
        // Until a step of the log has taken it up, the answer is that there is nothing.
        let told = service
            .verb(&["inbox", "--phrase-file", "phrase.txt"])
            .unwrap_or_default();
        Ok(told.contains(&kept.code).then_some(()))
    })
}
