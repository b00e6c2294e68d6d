//! From her phone to the opened document: three people in profiles of their own, the other seats at the command line.

use anyhow::{Result, ensure};
use browser::{Needle, Person, Size, Stage, search};
use deployment::SEATS;

use crate::declarant::{self, Telling};
use crate::desk;
use crate::filing::{NAME, PHOTO, TEXT, keeps_nothing, photo};

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_and_a_reader_opens() -> Result<()> {
    Stage::play(|stage| {
        let (path, photo) = photo(stage.folder())?;
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![path],
        };
        let she = Person::arrive(stage, "she", "es-MX,es", Size::PHONE)?;
        let kept = declarant::file(&she, "es", &telling, &mut |_| Ok(()))?;
        drop(she);
        let custodian = Person::arrive(stage, "custodian", "es-MX,es", Size::PHONE)?;
        acknowledge(&custodian, stage, &kept.code)?;
        let reader = Person::arrive(stage, "reader", "es-MX,es", Size::PHONE)?;
        let request = ask(&reader, stage, &kept.code)?;
        release(&custodian, stage, &kept.code, &request)?;
        open(&reader, &kept.code, &photo)?;
        for person in [custodian, reader] {
            person.is_quiet(&[])?;
            keeps_nothing(&person)?;
            // The photograph's name stands in the list of what the reader saved; what it shows and what she wrote do not.
            let needles = [
                Needle::text("her text", "trabajo en una fonda de Tapachula"),
                Needle::text("her name", NAME),
                Needle::text("a secret key", "AGE-SECRET-KEY-"),
                Needle::file("her photograph", &photo),
            ];
            let found = search(&person.leave(), &needles)?;
            ensure!(found.is_empty(), "left in the profile: {found:?}");
        }
        Ok(())
    })
}

/// One seat at its desk, four at the command line; then the seat tells the reader of the case.
fn acknowledge(custodian: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    custodian.open("/es/mesa/")?;
    custodian.wait_for("#desk-key h2")?;
    custodian.examine("mesa-key")?;
    desk::unlock(custodian, stage, "es", SEATS[0])?;
    desk::row(custodian, "ack")?;
    custodian.examine("mesa-queue")?;
    desk::press(custodian, "ack")?;
    custodian.examine("mesa-sheet")?;
    desk::sign(custodian)?;
    for name in &SEATS[1..] {
        custodian.until(&format!("the share of {name}"), || {
            let told = stage.service.borrow().desk(name, &["shares", "check"])?;
            Ok(told.iter().any(|event| event["verdict"] == "holds").then_some(()))
        })?;
    }
    custodian.until("the case, held by all", || {
        custodian.click("#desk-refresh")?;
        let holds = custodian.texts(&format!(r#".case[data-code="{code}"] .stamp.ok"#))?;
        Ok((!holds.is_empty()).then_some(()))
    })?;
    let case = format!(r#".case[data-code="{code}"]"#);
    custodian.click(&format!("{case} summary"))?;
    custodian.examine("mesa-case")?;
    custodian.click(&format!(r#"{case} [id^="refer-"]"#))?;
    desk::sign(custodian)
}

fn ask(reader: &Person<'_>, stage: &Stage, code: &str) -> Result<String> {
    desk::unlock(reader, stage, "es", "lawyer")?;
    let sheet = desk::press(reader, "referred")?;
    ensure!(sheet.contains(code), "{sheet}");
    reader.write("#field-purpose", "Carpeta de investigación")?;
    reader.write("#field-basis", "Artículo 20 constitucional")?;
    reader.examine("mesa-request")?;
    desk::sign(reader)?;
    reader.examine("mesa-save")?;
    reader.click(r#"[id^="save-request-"]"#)?;
    reader.until("the file of the request", || {
        Ok(std::fs::read_dir(reader.saved())?.next().map(drop))
    })?;
    reader.until("the request in the log", || {
        reader.click("#desk-refresh")?;
        Ok(reader.sees("[data-request]")?.then_some(()))
    })?;
    desk::request(reader)
}

/// Three seats grant; when nobody has objected, three release.
fn release(custodian: &Person<'_>, stage: &Stage, code: &str, request: &str) -> Result<()> {
    let row = desk::row(custodian, "decide")?;
    custodian.click(&format!("{row} button"))?;
    custodian.wait_for(&format!("#request-{request}"))?;
    custodian.examine("mesa-decide")?;
    custodian.click(&format!("#grant-{request}"))?;
    desk::sign(custodian)?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the request at {name}"), || {
            Ok(stage.service.borrow().desk(name, &["grant", request]).ok())
        })?;
    }
    desk::act(custodian, "release", code)?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the release of {name}"), || {
            Ok(stage.service.borrow().desk(name, &["release", request]).ok())
        })?;
    }
    custodian.examine("mesa-released")
}

/// The reader opens: the text as she wrote it, the photograph byte for byte, and nothing of her identity.
fn open(reader: &Person<'_>, code: &str, photo: &[u8]) -> Result<()> {
    desk::act(reader, "open", code)?;
    reader.wait_for("article.opened")?;
    ensure!(reader.text(".opened .testimony")? == TEXT, "the text as she wrote it");
    ensure!(
        !reader.texts("#desk-page")?.concat().contains(NAME),
        "her name stays closed"
    );
    let image = "const image = document.querySelector('.opened img'); return image.complete && image.naturalWidth";
    reader.until("the photograph, drawn", || {
        Ok((reader.run(image, &[])? == 1280).then_some(()))
    })?;
    reader.examine("mesa-opened")?;
    reader.click(&format!(r#".opened-file[data-file="{PHOTO}"] a[download]"#))?;
    ensure!(reader.saved_file(PHOTO)? == photo, "the photograph byte for byte");
    Ok(())
}
