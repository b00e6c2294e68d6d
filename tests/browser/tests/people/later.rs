//! She saves for another day, by keyboard, her phone dies, and she goes on elsewhere with her eight words.

use anyhow::{Result, ensure};
use browser::{Key, Needle, Person, Stage, search};
use deployment::SEATS;
use protocol::phrase::{Language, Phrase};
use rand_core::UnwrapErr;
use serde_json::{Value, json};

use crate::filing::{NAME, TEXT, keeps_nothing};
use crate::keyboard::{TABS_MAX, enter};
use crate::returning::{looks_until, open};
use crate::spoken;

/// Written after the words, and saved by going on.
const MORE: &str = " No me dejaban salir.";

/// What the page says of the last save.
fn saved(she: &Person<'_>) -> Result<String> {
    Ok(she.texts("#later-saved")?.concat())
}

/// Waits until everything that is written is saved.
fn is_saved(she: &Person<'_>) -> Result<()> {
    she.until("what she wrote to be saved", || {
        Ok(saved(she)?.starts_with("Guardado a las").then_some(()))
    })
}

fn type_into(she: &Person<'_>, selector: &str, text: &str) -> Result<()> {
    she.wait_for(selector)?;
    she.tab_to(selector, TABS_MAX)?;
    she.type_here(text)
}

fn give_identity(she: &Person<'_>) -> Result<()> {
    she.tab_to("[name=identity]:checked", TABS_MAX)?;
    she.press(Key::Down)
}

/// Writes her account, and asks for her words.
fn begins(she: &Person<'_>) -> Result<Vec<String>> {
    she.open(&spoken::page("nuevo"))?;
    enter(she, "#before-next")?;
    she.wait_for("#who-state.done")?;
    she.tab_to("#open-consent", TABS_MAX)?;
    she.press(Key::Down)?;
    // Nothing is published of single acts unless she says so.
    let each_act = "return document.getElementById('each-act').checked";
    ensure!(she.run(each_act, &[])? == false, "she has not chosen it");
    she.tab_to("#each-act", TABS_MAX)?;
    she.press(Key::Space)?;
    spoken::examine(she, "nuevo-choose-each-act")?;
    ensure!(!she.sees("#later-open")?, "there is nothing to save yet");
    enter(she, "#who-next")?;
    type_into(she, "#account", TEXT)?;
    enter(she, "#later-open")?;
    she.wait_for("#later-save")?;
    spoken::examine(she, "nuevo-later")?;
    enter(she, "#later-save")?;
    she.wait_for("#step-words h1")?;
    spoken::examine(she, "nuevo-later-words")?;
    let words = she.texts("#words li")?;
    ensure!(words.len() == 8, "eight words: {}", words.len());
    let said = she.text("#step-words")?;
    ensure!(
        !said.contains("sellaste") && !said.contains("sealed"),
        "nothing is sealed yet: {said}"
    );
    ensure!(
        she.texts("#step-of")?.concat().is_empty(),
        "a draft is no step of the way"
    );
    enter(she, "#confirm-skip")?;
    she.wait_for("#later-leave")?;
    ensure!(
        she.text("#later-state")?.contains(&spoken::says("later-done")),
        "it is saved, and she may leave"
    );
    spoken::examine(she, "nuevo-later-saved")?;
    enter(she, "#later-back")?;
    she.wait_for("#step-account h1")?;
    Ok(words)
}

/// Opens what was saved with these words.
fn comes_back(she: &Person<'_>, words: &str) -> Result<()> {
    she.open(&spoken::page("nuevo"))?;
    enter(she, "#resume-open")?;
    type_into(she, "#word-1", words)?;
    enter(she, "#words-open")
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_saves_for_another_day_and_goes_on_on_another_phone() -> Result<()> {
    Stage::play(|stage| {
        let she = spoken::arrive(stage, "she-begins")?;
        let words = begins(&she)?;
        type_into(&she, "#account", MORE)?;
        // The network goes: she goes on, and it is saved when it is back.
        she.set_online(false)?;
        enter(&she, "#account-next")?;
        enter(&she, "#questions-next")?;
        she.wait_for("#step-evidence h1")?;
        she.until("that it is not saved yet", || {
            Ok(saved(&she)?.contains(&spoken::says("later-not-yet")).then_some(()))
        })?;
        spoken::examine(&she, "nuevo-later-offline")?;
        she.try_again()?;
        is_saved(&she)?;
        enter(&she, "#evidence-next")?;
        names(&she)?;
        enter(&she, "#person-next")?;
        she.wait_for("#step-identity h1")?;
        is_saved(&she)?;
        give_identity(&she)?;
        type_into(&she, "#name", NAME)?;
        keeps_nothing(&she)?;
        // Her phone dies before she goes on: of what she told, this step alone is lost.
        let profile = she.leave();
        let of_words: Vec<&str> = words.iter().map(String::as_str).collect();
        let needles = [
            Needle::text("her text", "trabajo en una fonda de Tapachula"),
            Needle::text("her name", NAME),
            Needle::words("her words", &of_words),
        ];
        let found = search(&profile, &needles)?;
        ensure!(found.is_empty(), "left in the profile: {found:?}");

        let she = spoken::arrive(stage, "she-goes-on")?;
        let others = Phrase::draw(&mut UnwrapErr(getrandom::SysRng)).words(Language::Spanish);
        comes_back(&she, &others)?;
        she.until("that there is nothing", || {
            let told = she.texts("#words-error")?.concat();
            Ok(told.contains(&spoken::says("later-none")).then_some(()))
        })?;
        spoken::examine(&she, "nuevo-resume-none")?;
        comes_back(&she, &words.join(" "))?;
        she.wait_for("#step-before h1")?;
        ensure!(
            saved(&she)?.contains(&spoken::says("later-opened")),
            "when it was saved"
        );
        ensure!(!she.sees(".languages")?, "another language would lose what was opened");
        spoken::examine(&she, "nuevo-resumed")?;
        // Another page with the same words stays where this one began.
        let older = spoken::arrive(stage, "older")?;
        comes_back(&older, &words.join(" "))?;
        older.wait_for("#step-before h1")?;
        goes_on(&she)?;
        enter(&older, "#before-next")?;
        enter(&older, "#identity-next")?;
        older.until("that another has saved", || {
            Ok(saved(&older)?.contains(&spoken::says("later-elsewhere")).then_some(()))
        })?;
        spoken::examine(&older, "nuevo-later-elsewhere")?;
        older.is_quiet(&["Failed to load resource"])?;
        older.leave();
        // A page that is loaded anew asks for her words, and has everything.
        comes_back(&she, &words.join(" "))?;
        enter(&she, "#before-next")?;
        she.wait_for("#step-check h1")?;
        let name = she.run("return document.getElementById('name').value", &[])?;
        ensure!(name == NAME, "what the older page had did not replace it: {name}");
        ensure!(
            she.sees("#check-each-act")? && !she.sees("#check-numbers")?,
            "before she seals she reads what she chose"
        );
        // She knows her words already: none are shown again.
        enter(&she, "#seal-now")?;
        she.wait_for("#step-receipt h1")?;
        let line = she.text("#receipt-code")?;
        leads_back(&she, stage, &words, &line)?;
        // Her inbox says what she chose, once enough seats have looked at their parts.
        for seat in SEATS {
            is_public(&she, stage, seat, &line, "normal")?;
        }
        she.open(&spoken::page("volver"))?;
        she.wait_for("#word-1")?;
        open(&she, &words.join(" "))?;
        she.wait_for(".filing")?;
        looks_until(&she, "what she chose", || {
            let all = she.run("return document.getElementById('inbox').textContent", &[])?;
            let is_said = |all: &str| all.contains(&spoken::says("inbox-policy-each"));
            Ok(all.as_str().is_some_and(is_said))
        })?;
        she.is_quiet(&[])
    })
}

/// She names a plate and a number that has none of the forms, by keyboard, and is told at each how it is read.
fn names(she: &Person<'_>) -> Result<()> {
    she.wait_for("#step-person h1")?;
    enter(she, "#person-add [data-kind=plate]")?;
    ensure!(she.is_on(".person select")?, "the focus is where she goes on");
    she.type_here("Pue")?;
    she.press(Key::Tab)?;
    she.type_here("twa 12-34")?;
    she.press(Key::Tab)?;
    told(she, 1, "TWA1234 (Puebla)")?;
    // One that she takes away again leaves nothing.
    enter(she, "#person-add [data-kind=email]")?;
    she.type_here("alguien@correo.example")?;
    enter(she, ".person:last-child button")?;
    ensure!(
        she.is_on(".person:last-child button")?,
        "the focus is on what is beside it"
    );
    enter(she, "#person-add [data-kind=phone]")?;
    she.type_here("55 12")?;
    she.press(Key::Tab)?;
    told(she, 2, &spoken::says("person-kept"))?;
    told(she, 2, &spoken::says("identifier-phone-mexican"))?;
    type_into(she, "#offender-description", "Le dicen El Güero")?;
    spoken::examine(she, "nuevo-person-keyboard")
}

/// Waits for what the page says of a row, from 1.
fn told(she: &Person<'_>, row: usize, part: &str) -> Result<()> {
    she.until(part, || {
        let rows = she.texts(".person .person-told")?;
        Ok(rows.get(row - 1).is_some_and(|told| told.contains(part)).then_some(()))
    })
}

/// Where she was, everything that was saved is there, and she tells the rest.
fn goes_on(she: &Person<'_>) -> Result<()> {
    enter(she, "#before-next")?;
    she.wait_for("#step-identity h1")?;
    // Whether a draft names somebody, no call says: what reads it comes with the step that everybody comes to.
    let calls = she.wire.calls();
    ensure!(
        !calls.iter().any(|(_, call)| call.path.contains("/identifiers")),
        "{calls:?}"
    );
    let script = "const is = (id) => document.getElementById(id);
        return [is('open-request').checked, is('each-act').checked, is('identity-give').checked, is('account').value]";
    let found = she.run(script, &[])?;
    ensure!(found == json!([true, true, false, format!("{TEXT}{MORE}")]), "{found}");
    give_identity(she)?;
    type_into(she, "#name", NAME)?;
    enter(she, "#identity-next")?;
    she.wait_for("#step-check h1")?;
    let is_read = || {
        Ok(she
            .texts("#check-person dd")?
            .concat()
            .contains("Puebla)")
            .then_some(()))
    };
    she.until("how the plate is read", is_read)?;
    let named = she.texts("#check-person dd")?.join("\n");
    for part in ["twa 12-34", "TWA1234 (Puebla)", "55 12", "Le dicen El Güero"] {
        ensure!(named.contains(part), "{part} in {named}");
    }
    ensure!(!named.contains("alguien@correo.example"), "{named}");
    is_saved(she)
}

/// What a seat reads of her choice of what is published, in the testimony whose code a line says.
pub fn is_public(she: &Person<'_>, stage: &Stage, seat: &str, line: &str, docket: &str) -> Result<()> {
    let share = she.until("the share of a seat", || {
        let told = stage.service.borrow().desk(seat, &["shares", "check"])?;
        let is_hers = |event: &Value| event["code"].as_str().is_some_and(|code| line.contains(code));
        Ok(told.into_iter().find(is_hers))
    })?;
    ensure!(share["docket"] == docket, "{share}");
    Ok(())
}

/// The words of the draft lead to the filing, and the draft is gone.
fn leads_back(she: &Person<'_>, stage: &Stage, words: &[String], line: &str) -> Result<()> {
    let service = stage.service.borrow();
    std::fs::write(service.folder().join("later.txt"), words.join(" "))?;
    let verb = |arguments: &[&str]| service.verb(arguments);
    she.until("her case behind her words", || {
        let told = verb(&["inbox", "--phrase-file", "later.txt"]).unwrap_or_default();
        let code = told.split_whitespace().find(|part| part.starts_with("R-"));
        Ok(code.filter(|code| line.contains(code)).map(drop))
    })?;
    let gone = verb(&["draft", "open", "--phrase-file", "later.txt", "--out", "gone.txt"]);
    ensure!(gone.is_err(), "the draft is erased when it is filed");
    she.is_quiet(&[])
}
