//! A browser in which no script runs, as Tor Browser is at «Safest»: by keyboard she reads what the other way means, writes, checks,
//! changes, and files once; the seats hold it, and who opens it is told that the server sealed it.

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;

use crate::declarant::Kept;
use crate::filing::{NAME, TEXT, her_words_lead_back, keeps_nothing};
use crate::keyboard::{TABS_MAX, enter};
use crate::returning::is_held;

/// The lawyer's number, after five seats.
const LAWYER: &str = "6";

/// Looks at a page as every other is looked at. axe is a script; the page has none that it could let run.
fn looked_at(she: &Person<'_>, name: &str) -> Result<()> {
    let scripts = she.run("return document.scripts.length", &[])?;
    ensure!(scripts == 0, "{name} has {scripts} scripts");
    she.set_scripts(true)?;
    she.examine(&format!("sin-scripts-{name}"))?;
    she.set_scripts(false)
}

fn writes(she: &Person<'_>, selector: &str, text: &str) -> Result<()> {
    she.wait_for(selector)?;
    she.tab_to(selector, TABS_MAX)?;
    she.type_here(text)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_without_scripts_by_keyboard() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "unscripted", "es-MX,es", Size::PHONE)?;
        she.set_scripts(false)?;
        she.open("/es/nuevo")?;
        enter(&she, "#to-plain")?;
        she.wait_for("#plain-begin")?;
        ensure!(she.text("#plain-disclosure")?.contains("también ve tus ocho palabras"));
        looked_at(&she, "antes")?;
        enter(&she, "#plain-begin")?;

        she.wait_for("#account")?;
        let words = she.texts("#plain-words li")?;
        ensure!(words.len() == 8, "{words:?}");
        looked_at(&she, "escribir")?;
        // Nothing written yet: it is told, and the words stay.
        enter(&she, "#plain-check")?;
        she.wait_for("#plain-trouble")?;
        ensure!(she.texts("#plain-words li")? == words);
        looked_at(&she, "vacio")?;
        writes(&she, "#account", TEXT)?;
        // In danger: it does not wait for hours.
        writes(&she, "#danger", " ")?;
        writes(&she, "#identity", NAME)?;
        enter(&she, "#plain-check")?;

        she.wait_for("#plain-seal")?;
        ensure!(she.text("#check-account")? == TEXT && she.texts("#plain-words li")? == words);
        looked_at(&she, "revisar")?;
        enter(&she, "#plain-change")?;
        writes(&she, "#language", "tseltal")?;
        enter(&she, "#plain-check")?;
        enter(&she, "#plain-seal")?;

        she.wait_for("#receipt-code")?;
        let code = she.text("#receipt-code")?;
        let code = code.split_whitespace().last().context("a code")?.to_owned();
        ensure!(she.texts("#plain-words li")? == words);
        looked_at(&she, "guardado")?;
        keeps_nothing(&she)?;
        she.is_quiet(&["422 (Unprocessable"])?;

        let kept = Kept {
            words,
            code,
            decoy: Vec::new(),
        };
        her_words_lead_back(&she, stage, &kept)?;
        is_opened(&she, stage, &kept.code)
    })
}

/// The seats hold it and release it; who opens it reads what she wrote, and that the server sealed it.
fn is_opened(she: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    let desk = |name: &str, verb: &[&str]| stage.service.borrow().desk(name, verb);
    is_held(she, stage, code, &SEATS)?;
    she.until("the referral", || {
        Ok(desk(SEATS[0], &["refer", code, "--reader", LAWYER]).ok())
    })?;
    let asking = ["request", code, "--purpose", "inquiry", "--basis", "art. 20"];
    let asked = she.until("the request", || Ok(desk("lawyer", &asking).ok()))?;
    let request = asked.iter().find_map(|event| event["request"].as_str());
    let request = request.context("a request")?.to_owned();
    for verb in ["grant", "release"] {
        for name in &SEATS[..3] {
            she.until(&format!("{name} to {verb}"), || Ok(desk(name, &[verb, &request]).ok()))?;
        }
    }
    let open = ["open", &request, "--out", "opened", "--at-once"];
    let told = she.until("the opening", || Ok(desk("lawyer", &open).ok()))?;
    let remark = told.iter().find(|event| event["event"] == "remark");
    let said = remark.and_then(|remark| remark["text"].as_str()).unwrap_or_default();
    ensure!(said.contains("the service sealed it"), "{told:?}");
    let account = std::fs::read_to_string(stage.service.borrow().folder().join("opened/account.txt"))?;
    ensure!(account == TEXT, "{account}");
    Ok(())
}
