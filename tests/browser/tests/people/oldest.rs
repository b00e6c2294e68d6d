//! The oldest Chromium that README promises, itself: it files, and asks before what she wrote is lost with a reload.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use browser::{Plain, Stage};
use serde_json::json;

use crate::filing::{TEXT, photo};

fn to_her_account(she: &Plain, base: &str, language: &str) -> Result<()> {
    she.open(&format!("{base}/{language}/nuevo"))?;
    she.click("#before-next")?;
    she.until("document.querySelector('#who-state.done') !== null")?;
    she.click("#who-next")?;
    she.write("#account", TEXT)
}

/// A profile of its own.
fn browser(stage: &Stage, program: &Path, name: &str) -> Result<Plain> {
    let profile = stage.folder().join("profiles").join(name);
    std::fs::create_dir_all(&profile)?;
    Plain::start(program, &profile)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn reload_asks_in_the_oldest_and_in_the_newest_browser() -> Result<()> {
    Stage::play(|stage| {
        let base = stage.service.borrow().base_url.clone();
        for (name, program) in [("oldest", stage.oldest()?), ("newest", stage.chromium.clone())] {
            let she = browser(stage, &program, name)?;
            let version = she.version()?;
            for language in ["es", "en"] {
                to_her_account(&she, &base, language)?;
                ensure!(she.asks_before_reload()?, "{version} reloads unasked, and all is gone");
                let kept = she.run("document.getElementById('account').value")?;
                ensure!(kept == TEXT, "{version}: {kept}");
                she.run("document.getElementById('account').value = ''")?;
            }
            // Nothing written, nothing asked.
            ensure!(
                !she.asks_before_reload()?,
                "{version} asks though nothing would be lost"
            );
            // What the desk asks by: the same script, told that something is unsaved.
            she.open(&format!("{base}/es/mesa/"))?;
            she.until("document.getElementById('desk-key')?.hidden === false")?;
            she.click("h1")?;
            let module = "new URL('stay.js', document.querySelector('script[src*=\"mesa.js\"]').src).href";
            she.run(&format!(
                "import({module}).then((stay) => stay.askBeforeLeaving(() => true))"
            ))?;
            ensure!(she.asks_before_reload()?, "{version}: the desk reloads unasked");
        }
        Ok(())
    })
}

/// Every script that asks does so by the one function that all browsers hear.
#[test]
fn only_one_script_asks_before_a_page_is_left() -> Result<()> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/scripts");
    let mut asking = Vec::new();
    for file in std::fs::read_dir(scripts)? {
        let path = file?.path();
        let source = std::fs::read_to_string(&path)?;
        let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
        if source.contains("beforeunload") {
            asking.push(name);
        }
    }
    ensure!(asking == ["stay.js"], "{asking:?}");
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_with_the_oldest_browser() -> Result<()> {
    Stage::play(|stage| {
        let (photo, _) = photo(stage.folder())?;
        let base = stage.service.borrow().base_url.clone();
        let she = browser(stage, &stage.oldest()?, "files-with-the-oldest")?;
        to_her_account(&she, &base, "es")?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        she.until("document.getElementById('step-evidence').hidden === false")?;
        she.choose("#files", &[&photo])?;
        she.until("document.querySelectorAll('#file-list li').length === 1")?;
        for press in ["#evidence-next", "#person-next", "#identity-next", "#seal-now"] {
            she.click(press)?;
        }
        she.until("document.getElementById('step-words').hidden === false")?;
        let words = she.run("document.querySelectorAll('#words li').length")?;
        ensure!(words == json!(8), "{words}");
        she.click("#confirm-skip")?;
        she.until("document.getElementById('step-receipt').hidden === false")?;
        let code = she.run("document.getElementById('receipt-code').textContent")?;
        ensure!(code.as_str().is_some_and(|code| code.contains("R-")), "{code}");
        Ok(())
    })
}
