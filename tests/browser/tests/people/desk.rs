//! The desk, as a custodian or a reader works at it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Stage};

/// Chooses the key file of `name`.
pub fn choose(person: &Person<'_>, stage: &Stage, name: &str) -> Result<()> {
    let folder = stage.service.borrow().folder().to_owned();
    person.choose("#desk-file", &[&folder.join(format!("{name}.key"))])
}

/// Opens the desk with the key of `name`.
pub fn unlock(person: &Person<'_>, stage: &Stage, language: &str, name: &str) -> Result<()> {
    person.open(&format!("/{language}/mesa/"))?;
    choose(person, stage, name)?;
    let folder = stage.service.borrow().folder().to_owned();
    let pass = std::fs::read_to_string(folder.join(format!("{name}.pass")))?;
    person.write("#desk-pass", pass.trim())?;
    person.click("#desk-open")?;
    person.wait_for("#desk-work").map(drop)
}

/// Waits for a row of the queue, looking again as a person would.
pub fn row(person: &Person<'_>, task: &str) -> Result<String> {
    let selector = format!(r#"#desk-queue li[data-task="{task}"][data-state="open"]"#);
    person.until(&format!("the task {task}"), || {
        if person.sees(&selector)? {
            return Ok(Some(selector.clone()));
        }
        person.click("#desk-refresh")?;
        std::thread::sleep(std::time::Duration::from_millis(400));
        Ok(None)
    })
}

/// Presses what a row offers and reads the sheet that comes up.
pub fn press(person: &Person<'_>, task: &str) -> Result<String> {
    let row = row(person, task)?;
    person.click(&format!("{row} button"))?;
    person.text("#sheet-text")
}

/// Waits until the sheet that is up says this of what becomes public.
pub fn says_public(person: &Person<'_>, part: &str) -> Result<()> {
    person.until(&format!("«{part}» in what becomes public"), || {
        if !person.sees("#sheet-public")? {
            return Ok(None);
        }
        let lines = person.texts("#sheet-public li")?;
        Ok(lines.iter().any(|line| line.contains(part)).then_some(()))
    })
}

/// Saves what the sheet that is up wants saved before it can be signed, if anything.
pub fn keep(person: &Person<'_>) -> Result<()> {
    if person.sees("#sheet-keep")? {
        person.click("#sheet-keep")?;
    }
    person.wait_for("#sheet-sign").map(drop)
}

/// Signs the sheet that is up, and waits until it is done. Where something is saved first, it is saved.
pub fn sign(person: &Person<'_>) -> Result<()> {
    keep(person)?;
    person.click("#sheet-sign")?;
    person.until("the sheet to close", || {
        if person.sees("#sheet-failure")? {
            anyhow::bail!("the sheet says: {}", person.text("#sheet-failure")?);
        }
        let is_open = "return document.getElementById('desk-dialog').open";
        Ok((person.run(is_open, &[])? == false).then_some(()))
    })
}

/// Opens what was released; while the page says that the acts it stands on wait for their step, it is tried again.
pub fn open(person: &Person<'_>) -> Result<()> {
    person.until("the sheet to close", || {
        person.click("#sheet-sign")?;
        let busy = "return document.getElementById('desk-dialog').hasAttribute('aria-busy')";
        person.until("an answer", || Ok((person.run(busy, &[])? == false).then_some(())))?;
        if !person.sees("#sheet-sign")? {
            return Ok(Some(()));
        }
        let code = person.run(
            "return document.getElementById('sheet-failure').dataset.code ?? ''",
            &[],
        )?;
        let code = code.as_str().unwrap_or_default();
        ensure!(
            ["acts-missing", "too-few-releases"].contains(&code),
            "the sheet says: {code}"
        );
        person.click("#sheet-cancel")?;
        press(person, "open")?;
        Ok(None)
    })
}

/// Presses a row's button and signs its sheet, which must speak of the case.
pub fn act(person: &Person<'_>, task: &str, code: &str) -> Result<()> {
    let text = press(person, task)?;
    ensure!(text.contains(code), "the sheet of {task} names no case: {text}");
    sign(person)
}

/// The digest of the only request on the screen.
pub fn request(person: &Person<'_>) -> Result<String> {
    let script = "return document.querySelector('[data-request]')?.dataset.request ?? ''";
    let digest = person.run(script, &[])?;
    let digest = digest.as_str().context("a request")?.to_owned();
    ensure!(digest.len() == 64, "a request's digest: {digest:?}");
    Ok(digest)
}

/// Fails if a connection carried both calls that bear the member's signature and others, or if any call bore a cookie.
pub fn is_parted(person: &Person<'_>) -> Result<()> {
    let calls = person.wire.calls();
    let mut connections: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
    for (connection, call) in &calls {
        ensure!(!call.has_cookie, "a cookie goes to {}", call.path);
        connections.entry(*connection).or_default()[usize::from(call.is_signed)] += 1;
    }
    let files = calls.iter().filter(|(_, call)| call.path.starts_with("/api/v1/blobs/"));
    let (files, signed) = (files.count(), calls.iter().filter(|(_, call)| call.is_signed).count());
    ensure!(files > 0 && signed > 0, "{files} files fetched, {signed} signed calls");
    let mixed: Vec<&[usize; 2]> = connections.values().filter(|counts| !counts.contains(&0)).collect();
    eprintln!(
        "{} connections, {signed} signed calls, {files} files fetched",
        connections.len()
    );
    ensure!(mixed.is_empty(), "connections with [unsigned, signed] calls: {mixed:?}");
    Ok(())
}
