//! A browser without WebAssembly and without a compiler for its scripts, as Tor Browser is at "Safer": her page seals in plain
//! JavaScript, says how long that takes, and what it seals is what the module would.

use std::time::Duration;

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;

use crate::declarant::{self, Telling};
use crate::filing::{NAME, TEXT, her_words_lead_back, photo};

/// The keys take minutes here, and longer beside other work.
const PATIENCE: Duration = Duration::from_secs(900);

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_without_webassembly() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "plain", "es-MX,es", Size::PHONE)?;
        she.set_older("delete window.WebAssembly")?;
        she_files(&she, stage)
    })
}

#[test]
#[ignore = "needs Chromium and minutes: cargo xtask safer"]
fn she_files_with_no_compiler_for_scripts() -> Result<()> {
    Stage::play(|stage| {
        // It takes WebAssembly away too, in workers as well.
        let without = ["--js-flags=--jitless"];
        let she = Person::arrive_with(stage, "safer", "es-MX,es", Size::PHONE, &without)?;
        she_files(&she, stage)
    })
}

fn she_files(she: &Person<'_>, stage: &Stage) -> Result<()> {
    let (photo, _) = photo(stage.folder())?;
    let telling = Telling {
        text: TEXT,
        name: NAME,
        files: vec![photo],
        lapse: None,
    };
    let kept = declarant::file(she, "es", &telling, &mut |step| match step {
        "before" => {
            let has = she.run("return typeof WebAssembly", &[])?;
            ensure!(has == "undefined", "WebAssembly is off: {has}");
            Ok(())
        }
        "who" => {
            she.click("#each-act")?;
            she.run("scrollTo(0, 0)", &[]).map(drop)
        }
        // What is there in WebAssembly alone is not offered.
        "account" => {
            ensure!(!she.sees("#later-open")?, "her draft needs WebAssembly");
            Ok(())
        }
        // What reads identifiers is no plain JavaScript: what she writes is kept, and she is told that it is.
        "person" => {
            she.click("#person-add [data-kind=phone]")?;
            she.write(".person input", "55 1234 5678")?;
            she.click("#step-person h1")?;
            she.until("that it is kept", || {
                let told = she.texts(".person-told")?.concat();
                Ok((told == "Se guarda como lo escribiste.").then_some(()))
            })
        }
        "check" => {
            ensure!(she.texts("#check-person dd")?.concat().contains("55 1234 5678"));
            she.wait_for("#check-slow").map(drop)
        }
        "seal" => {
            let are_there = || Ok(she.sees("#step-words h1")?.then_some(()));
            she.until_within(PATIENCE, "her words", are_there)
        }
        _ => Ok(()),
    })?;
    let fetched = she.wire.calls();
    let is_plain = !fetched.iter().any(|(_, call)| call.path.ends_with(".wasm"));
    ensure!(is_plain, "it sealed in plain JavaScript");
    she.is_quiet(&[])?;
    her_words_lead_back(she, stage, &kept)?;
    let told = stage
        .service
        .borrow()
        .desk(SEATS[0], &["shares", "check", "--keep", "all"])?;
    let share = told.iter().find(|event| event["code"] == kept.code.as_str());
    ensure!(share.is_some_and(|share| share["verdict"] == "holds"), "{told:?}");
    ensure!(share.is_some_and(|share| share["docket"] == "normal"), "{told:?}");
    Ok(())
}
