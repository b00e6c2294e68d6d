//! A browser without WebAssembly and without a compiler for its scripts, as Tor Browser is at "Safer": her page seals in plain
//! JavaScript, says how long that takes, and what it seals is what the module would.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;

use crate::declarant::{self, Telling};
use crate::filing::{NAME, TEXT, her_words_lead_back, photo};

/// A derivation of keys takes minutes here, and longer beside other work.
const PATIENCE: usize = 5;

/// Waits several times as long as for anything else.
fn patiently(wait: impl Fn() -> Result<()>) -> Result<()> {
    (1..PATIENCE).find_map(|_| wait().ok()).map_or_else(wait, Ok)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_without_webassembly_and_without_a_compiler() -> Result<()> {
    Stage::play(|stage| {
        let (photo, _) = photo(stage.folder())?;
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![photo],
            lapse: None,
        };
        let without = ["--js-flags=--jitless"];
        let she = Person::arrive_with(stage, "safer", "es-MX,es", Size::PHONE, &without)?;
        let kept = declarant::file(&she, "es", &telling, &mut |step| match step {
            "before" => {
                let has = she.run("return typeof WebAssembly", &[])?;
                ensure!(has == "undefined", "WebAssembly is off: {has}");
                Ok(())
            }
            // What is there in WebAssembly alone is not offered.
            "account" => Ok(ensure!(!she.sees("#later-open")?)),
            "check" => she.wait_for("#check-slow").map(drop),
            "seal" => {
                she.wait_for("#slow-bar")?;
                patiently(|| she.wait_for("#step-words h1").map(drop))
            }
            _ => Ok(()),
        })?;
        she.is_quiet(&[])?;
        her_words_lead_back(&she, stage, &kept)?;
        let told = stage
            .service
            .borrow()
            .desk(SEATS[0], &["shares", "check", "--keep", "all"])?;
        let share = told.iter().find(|event| event["code"] == kept.code.as_str());
        ensure!(share.is_some_and(|share| share["verdict"] == "holds"), "{told:?}");
        Ok(())
    })
}
