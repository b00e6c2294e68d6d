//! Who can open it, and when: she chooses by keyboard, reads what each choice costs, and what she chose is what is sealed.

use anyhow::{Result, ensure};
use browser::{Key, Person, Size, Stage};
use deployment::SEVEN_SEATS;

use crate::declarant;
use crate::filing::TEXT;

/// More Tabs than the step has places.
const TABS_MAX: usize = 40;
/// The seat that she leaves out, by its place and number.
const LEFT_OUT: usize = 2;

fn checked(she: &Person<'_>, name: &str) -> Result<String> {
    let script = format!("return document.querySelector('[name={name}]:checked').value");
    Ok(she.run(&script, &[])?.as_str().unwrap_or_default().to_owned())
}

/// The Tab that leads to what a selector finds, then a key.
fn press_on(she: &Person<'_>, selector: &str, key: Key) -> Result<()> {
    she.tab_to(selector, TABS_MAX)?;
    she.press(key)
}

fn institution(place: usize) -> String {
    format!(r#"#who-leave-list input[value="{}"]"#, place + 1)
}

/// From what is chosen beforehand to strict consent, with one institution left out.
fn choose(she: &Person<'_>, tag: &str) -> Result<()> {
    she.open(&format!("/{tag}/nuevo"))?;
    she.click("#before-next")?;
    she.wait_for("#who-state.done")?;
    ensure!(checked(she, "open")? == "consent" && checked(she, "lapse")? == "365");
    let cost = || she.text("#who-lapse-cost");
    ensure!(cost()?.contains('3') && cost()?.contains('6'), "{}", cost()?);
    she.examine(&format!("nuevo-choose-{tag}"))?;

    // Three are too many: she is told, and stays.
    for place in [LEFT_OUT, 4, 5] {
        press_on(she, &institution(place), Key::Space)?;
    }
    press_on(she, "#who-next", Key::Enter)?;
    let error = she.text("#who-leave-error")?;
    ensure!(error.contains('5') && error.contains('2'), "{error}");
    ensure!(she.sees("#step-who h1")?, "she goes on with too few institutions");
    she.examine(&format!("nuevo-choose-too-many-{tag}"))?;
    for place in [4, 5] {
        press_on(she, &institution(place), Key::Space)?;
    }
    ensure!(
        cost()?.contains('3') && cost()?.contains('5'),
        "of six, five: {}",
        cost()?
    );

    // On request: nothing is asked about a time that does not matter then.
    press_on(she, "#open-consent", Key::Down)?;
    ensure!(checked(she, "open")? == "request" && !she.sees("#who-lapse")?);
    ensure!(she.text("#open-request-hint")?.contains('3'));
    she.examine(&format!("nuevo-choose-request-{tag}"))?;
    she.press(Key::Down)?;
    ensure!(checked(she, "open")? == "consent" && she.sees("#who-lapse")?);

    // Never without her.
    press_on(she, r#"[name=lapse][value="365"]"#, Key::Down)?;
    ensure!(checked(she, "lapse")? == "730");
    she.press(Key::Down)?;
    ensure!(checked(she, "lapse")? == "0");
    she.examine(&format!("nuevo-choose-strict-{tag}"))?;
    press_on(she, "#who-next", Key::Enter)?;
    she.wait_for("#account").map(drop)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_chooses_by_keyboard_who_can_open_it_and_when() -> Result<()> {
    Stage::play_before(&SEVEN_SEATS, |stage| {
        for (tag, languages, strict) in [
            ("es", "es-MX,es", "Que nunca se abra"),
            ("en", "en-GB,en", "Never open it"),
        ] {
            let she = Person::arrive(stage, &format!("chooses-who-{tag}"), languages, Size::PHONE)?;
            choose(&she, tag)?;
            she.write("#account", TEXT)?;
            she.click("#account-next")?;
            she.click("#questions-next")?;
            she.click("#evidence-next")?;
            she.click("#person-next")?;
            she.click("#identity-next")?;
            she.wait_for("#step-check h1")?;
            ensure!(
                she.text("#check-lapse")?.contains(strict),
                "{}",
                she.text("#check-lapse")?
            );
            ensure!(
                she.sees("#check-numbers")? && !she.sees("#check-each-act")?,
                "numbers alone, for she marked nothing"
            );
            ensure!(she.text("#check-left-out")?.contains("Fiscalía de ejemplo"));
            she.examine(&format!("nuevo-check-strict-{tag}"))?;
            let kept = declarant::seal(&she, &mut |_| Ok(()))?;
            she.is_quiet(&[])?;
            is_dealt(&she, stage, &kept.code)?;
        }
        Ok(())
    })
}

/// All seats but the one left out hold a share of it; that one is given nothing.
fn is_dealt(she: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    for (place, name) in SEVEN_SEATS.iter().enumerate().filter(|(place, _)| *place != LEFT_OUT) {
        she.until(&format!("the share of seat {}", place + 1), || {
            let told = stage.service.borrow().desk(name, &["shares", "check"])?;
            let is_it = told
                .iter()
                .any(|event| event["code"] == code && event["verdict"] == "holds" && event["docket"] == "counts-only");
            Ok(is_it.then_some(()))
        })?;
    }
    let told = stage
        .service
        .borrow()
        .desk(SEVEN_SEATS[LEFT_OUT], &["shares", "check"])?;
    ensure!(!told.iter().any(|event| event["event"] == "share"), "{told:?}");
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_council_of_five_offers_to_leave_nobody_out() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "of-five", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        ensure!(
            !she.sees("#who-leave")?,
            "with four for an identity nobody can be left out of five"
        );
        ensure!(she.sees("#who-when")? && she.sees("#who-lapse")?);
        she.is_quiet(&[])
    })
}
