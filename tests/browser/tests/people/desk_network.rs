//! The network goes away at every step of the desk, and the service dies once: an act that was cut off is done by
//! pressing once more, and the log has it once.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;
use serde_json::Value;

use crate::declarant::{self, Kept, Telling};
use crate::desk;
use crate::filing::{NAME, TEXT, photo};

/// How an act is cut off.
#[derive(Clone, Copy)]
enum Cut {
    /// It never reaches the service.
    Before,
    /// The service has it, and its answer is lost.
    Answer,
    /// The service dies before it comes, and starts again.
    Killed,
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn acts_that_were_cut_off_are_done_once() -> Result<()> {
    Stage::play(|stage| {
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![photo(stage.folder())?.0],
            lapse: None,
        };
        let she = Person::arrive(stage, "she-tells", "es-MX,es", Size::PHONE)?;
        let kept = declarant::file(&she, "es", &telling, &mut |_| Ok(()))?;
        drop(she);
        let custodian = Person::arrive(stage, "cut-custodian", "es-MX,es", Size::PHONE)?;
        let reader = Person::arrive(stage, "cut-reader", "es-MX,es", Size::PHONE)?;
        unlock(&custodian, stage)?;
        acknowledge(&custodian, stage, &kept.code)?;
        let request = ask(&reader, stage)?;
        decide(&custodian, stage, &request)?;
        release(&custodian, stage, &request)?;
        open(&reader, &kept.code)?;
        finish(&reader, stage, &kept.code)?;
        filed_once(stage, &kept)?;
        desk::is_parted(&custodian)?;
        desk::is_parted(&reader)
    })
}

/// Signs the sheet that is up, is cut off, is told so, and signs again.
fn sign(person: &Person<'_>, stage: &Stage, cut: Cut) -> Result<()> {
    match cut {
        Cut::Before => person.set_online(false)?,
        Cut::Answer => person.wire.cut_at_answer(),
        Cut::Killed => stage.service.borrow_mut().kill()?,
    }
    person.click("#sheet-sign")?;
    person.wait_for("#sheet-failure")?;
    let code = "return document.getElementById('sheet-failure').dataset.code";
    ensure!(
        person.run(code, &[])? == "unreachable",
        "{}",
        person.text("#sheet-failure")?
    );
    match cut {
        Cut::Before => {}
        Cut::Answer => ensure!(person.wire.is_cut(), "the answer was lost"),
        Cut::Killed => stage.service.borrow_mut().start()?,
    }
    person.set_online(true)?;
    desk::sign(person)
}

/// Without a network a key opens nothing, and the page says why; the key and the words need not be given anew.
fn unlock(custodian: &Person<'_>, stage: &Stage) -> Result<()> {
    custodian.open("/es/mesa/")?;
    desk::choose(custodian, stage, SEATS[0])?;
    let pass = stage.service.borrow().folder().join(format!("{}.pass", SEATS[0]));
    custodian.write("#desk-pass", std::fs::read_to_string(pass)?.trim())?;
    custodian.set_online(false)?;
    custodian.click("#desk-open")?;
    custodian.wait_for("#desk-failure")?;
    let code = custodian.run("return document.getElementById('desk-failure').dataset.code", &[])?;
    ensure!(code == "unreachable", "{code}");
    custodian.examine("mesa-offline-key")?;
    custodian.set_online(true)?;
    custodian.click("#desk-open")?;
    custodian.wait_for("#desk-work").map(drop)
}

/// A look that is cut off says so, and what was read before stays.
fn look(custodian: &Person<'_>, selector: &str) -> Result<()> {
    custodian.set_online(false)?;
    custodian.click("#desk-refresh")?;
    custodian.wait_for("#desk-failure")?;
    ensure!(custodian.sees(selector)?, "what was read stays");
    custodian.examine("mesa-offline")?;
    custodian.set_online(true)?;
    custodian.click("#desk-refresh")?;
    custodian.until("the page to be told that all is well", || {
        Ok((!custodian.sees("#desk-failure")?).then_some(()))
    })
}

fn acknowledge(custodian: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    let row = desk::row(custodian, "ack")?;
    look(custodian, &row)?;
    desk::press(custodian, "ack")?;
    sign(custodian, stage, Cut::Answer)?;
    for name in &SEATS[1..] {
        custodian.until(&format!("the share of {name}"), || {
            let told = stage.service.borrow().desk(name, &["shares", "check"])?;
            Ok(told.iter().any(|event| event["verdict"] == "holds").then_some(()))
        })?;
    }
    let case = format!(r#".case[data-code="{code}"]"#);
    custodian.until("the case, held by all", || {
        custodian.click("#desk-refresh")?;
        Ok((!custodian.texts(&format!("{case} .stamp.ok"))?.is_empty()).then_some(()))
    })?;
    custodian.click(&format!("{case} summary"))?;
    custodian.click(&format!(r#"{case} [id^="refer-"]"#))?;
    sign(custodian, stage, Cut::Before)
}

/// The request, and its key with it, is the one that was sent before its answer was lost.
fn ask(reader: &Person<'_>, stage: &Stage) -> Result<String> {
    desk::unlock(reader, stage, "es", "lawyer")?;
    desk::press(reader, "referred")?;
    reader.write("#field-purpose", "Carpeta de investigación")?;
    reader.write("#field-basis", "Artículo 20 constitucional")?;
    desk::keep(reader)?;
    sign(reader, stage, Cut::Answer)?;
    reader.click(r#"[id^="save-request-"]"#)?;
    desk::request(reader)
}

fn decide(custodian: &Person<'_>, stage: &Stage, request: &str) -> Result<()> {
    desk::press(custodian, "cell")?;
    sign(custodian, stage, Cut::Before)?;
    let row = desk::row(custodian, "decide")?;
    custodian.click(&format!("{row} button"))?;
    custodian.click(&format!("#grant-{request}"))?;
    sign(custodian, stage, Cut::Answer)?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the request at {name}"), || {
            Ok(stage.service.borrow().desk(name, &["grant", request]).ok())
        })?;
    }
    Ok(())
}

fn release(custodian: &Person<'_>, stage: &Stage, request: &str) -> Result<()> {
    desk::press(custodian, "release")?;
    sign(custodian, stage, Cut::Killed)?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the release of {name}"), || {
            Ok(stage.service.borrow().desk(name, &["release", request]).ok())
        })?;
    }
    custodian.until("the releases in the case", || {
        custodian.click("#desk-refresh")?;
        let status = format!(r#"#request-{request}[data-status="released"]"#);
        Ok(custodian.sees(&status)?.then_some(()))
    })
}

/// Opening reads, files and reads again: it is cut off before, and where the answer to `opened` comes.
fn open(reader: &Person<'_>, code: &str) -> Result<()> {
    for cut in [Cut::Before, Cut::Answer] {
        reader.until("an opening that is cut off", || {
            desk::press(reader, "open")?;
            match cut {
                Cut::Before => reader.set_online(false)?,
                _ => reader.wire.cut_at_answer(),
            }
            reader.click("#sheet-sign")?;
            reader.wait_for("#sheet-failure")?;
            let failed = "return document.getElementById('sheet-failure').dataset.code";
            let failed = reader.run(failed, &[])?;
            reader.set_online(true)?;
            reader.click("#sheet-cancel")?;
            // Until the releases are in the log it is not cut off but told to wait.
            Ok((failed == "unreachable").then_some(()))
        })?;
    }
    desk::press(reader, "open")?;
    desk::open(reader)?;
    reader.wait_for("article.opened")?;
    ensure!(reader.text(".opened h2")?.contains(code));
    ensure!(reader.text(".opened .testimony")? == TEXT, "the text as she wrote it");
    Ok(())
}

fn finish(reader: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    desk::press(reader, "finding")?;
    sign(reader, stage, Cut::Answer)?;
    reader.until("the finding in the log", || {
        reader.click("#desk-refresh")?;
        let status = format!(r#".case[data-code="{code}"] [data-status="reported"]"#);
        Ok(reader.sees(&status)?.then_some(()))
    })
}

/// What her words lead to: every act, by its name, as often as somebody did it.
fn filed_once(stage: &Stage, kept: &Kept) -> Result<()> {
    let service = stage.service.borrow();
    std::fs::write(service.folder().join("phrase.txt"), kept.words.join(" "))?;
    let told = service.verb(&["inbox", "--phrase-file", "phrase.txt", "--json"])?;
    let filing = told.lines().find_map(|line| {
        let event: Value = serde_json::from_str(line).ok()?;
        (event["event"] == "filing").then_some(event)
    });
    let filing = filing.context("her filing")?;
    let mut counted = BTreeMap::new();
    for act in filing["acts"].as_array().context("acts")? {
        *counted
            .entry(act["body"]["act"].as_str().context("an act")?)
            .or_insert(0) += 1;
    }
    let once = [
        ("ack", SEATS.len()),
        ("decision", 3),
        ("finding", 1),
        ("opened", 1),
        ("referral", 1),
        ("release", 3),
        ("request", 1),
    ];
    ensure!(counted == BTreeMap::from(once), "{counted:?}");
    Ok(())
}
