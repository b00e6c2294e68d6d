//! What a seat does at its desk besides opening: danger, messages, declining.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;

use crate::desk;
use crate::returning::stage_until;

/// Waits until the rows of a task are so many, looking again as a person would.
fn rows(person: &Person<'_>, what: &str, is: impl Fn(&[String]) -> bool) -> Result<()> {
    let selector = "#desk-queue li";
    person.until(what, || {
        let all = person.run(
            "return [...document.querySelectorAll('#desk-queue li')].map((row) => row.dataset.task)",
            &[],
        )?;
        let tasks: Vec<String> = all
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|task| Some(task.as_str()?.to_owned()))
            .collect();
        if is(&tasks) {
            return Ok(Some(()));
        }
        ensure!(person.sees("#desk-work")?, "the desk is open: {selector}");
        person.click("#desk-refresh")?;
        std::thread::sleep(std::time::Duration::from_millis(400));
        Ok(None)
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_seat_acts_on_danger_writes_to_her_and_declines() -> Result<()> {
    Stage::play(|stage| {
        let folder = stage.service.borrow().folder().to_owned();
        std::fs::write(folder.join("account.txt"), "Lo que pasó.\n")?;
        let seal = ["seal", "--account", "account.txt", "--soon", "--danger"];
        let out = ["--phrase-out", "words.txt"];
        stage.service.borrow().verb(&[&seal[..], &out].concat())?;
        for name in &SEATS[1..] {
            stage_until(stage, "a delivery", name)?;
        }
        let seat = Person::arrive(stage, "custodian", "es-MX,es", Size::PHONE)?;
        desk::unlock(&seat, stage, "es", SEATS[0])?;
        desk::row(&seat, "danger")?;
        let red = "const row = document.querySelector('#desk-queue li');
            return row.dataset.task === 'danger' && getComputedStyle(row).borderInlineStartWidth === '4px'";
        ensure!(seat.run(red, &[])? == true, "danger stands first, and is marked");
        seat.examine("mesa-danger")?;
        desk::press(&seat, "danger")?;
        seat.run("document.getElementById('field-what').value = 'called'", &[])?;
        seat.examine("mesa-attend")?;
        desk::sign(&seat)?;
        rows(&seat, "the danger, attended", |tasks| {
            !tasks.iter().any(|task| task == "danger") && tasks.iter().any(|task| task == "ack")
        })?;
        desk::press(&seat, "ack")?;
        desk::sign(&seat)?;
        let other = Person::arrive(stage, "other", "en", Size::PHONE)?;
        desk::unlock(&other, stage, "en", SEATS[1])?;
        let told = desk::row(&other, "attended")?;
        ensure!(
            other.text(&told)?.contains("told, by voice, people who can act"),
            "what another did"
        );
        desk::press(&other, "attended")?;
        desk::sign(&other)?;
        rows(&seat, "the contradiction", |tasks| {
            tasks.first().is_some_and(|task| task == "danger")
        })?;
        ensure!(
            seat.text("#desk-queue li")?.contains("asiento 2"),
            "who contradicts is named"
        );
        writes(&seat, stage)?;
        declines(&seat)?;
        for person in [seat, other] {
            person.is_quiet(&[])?;
        }
        Ok(())
    })
}

/// A text that asks for a meeting is not sent at once; one that is ready is, and she reads it.
fn writes(seat: &Person<'_>, stage: &Stage) -> Result<()> {
    seat.click(".case summary")?;
    seat.click(r#".case [id^="write-"]"#)?;
    seat.write("#field-text", "¿Podemos vernos el martes?")?;
    seat.click("#sheet-sign")?;
    seat.wait_for("#sheet-failure")?;
    ensure!(
        seat.text("#sheet-failure")?.contains("verse o ir a un lugar"),
        "what it asks for"
    );
    ensure!(seat.text("#sheet-sign")? == "Enviarlo así", "it may be sent so");
    seat.examine("mesa-asks")?;
    let choose = "const it = document.getElementById('field-text-template');
        it.value = '0'; it.dispatchEvent(new Event('change', { bubbles: true }))";
    seat.run(choose, &[])?;
    ensure!(
        seat.text("#sheet-sign")? != "Enviarlo así",
        "another text is asked about anew"
    );
    seat.examine("mesa-write")?;
    desk::sign(seat)?;
    seat.until("the message in her inbox", || {
        let said = stage
            .service
            .borrow()
            .verb(&["inbox", "--phrase-file", "words.txt", "--json"])?;
        ensure!(!said.contains("Podemos vernos"), "what was not sent is not there");
        Ok(said.contains("Recibimos tu testimonio").then_some(()))
    })
}

fn declines(seat: &Person<'_>) -> Result<()> {
    seat.click(r#".case [id^="decline-"]"#)?;
    seat.examine("mesa-decline")?;
    desk::sign(seat)?;
    seat.until("the declining", || {
        seat.click("#desk-refresh")?;
        Ok((!seat.sees(r#".case [id^="decline-"]"#)?).then_some(()))
    })
}
