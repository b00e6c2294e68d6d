//! The daily routine at the desk: what it would do is shown, one press does it, and what is left for a person is said. While
//! the page is looked away from, its title bears a mark where something came.

use anyhow::{Context as _, Result, ensure};
use browser::{Person, Size, Stage};
use deployment::SEATS;

use crate::desk;

/// Three filings are dealt to the seat, one after another, by people at the command line.
fn file(stage: &Stage, number: u32) -> Result<()> {
    let service = stage.service.borrow();
    std::fs::write(service.folder().join("account.txt"), "Lo que pasó.\n")?;
    let words = format!("words-{number}.txt");
    let seal = ["seal", "--account", "account.txt", "--soon", "--phrase-out", &words];
    service.verb(&seal).map(drop)
}

/// Presses the button until the list holds as many steps of a kind as there should be; the sheet is then up.
fn press(custodian: &Person<'_>, of: &str, n: usize) -> Result<Vec<String>> {
    custodian.until(&format!("{n} steps: {of}"), || {
        custodian.click("#desk-routine")?;
        // Where there is nothing to do, no sheet comes up.
        let ready = "return !document.getElementById('desk-routine').hasAttribute('aria-busy')";
        custodian.until("the list", || Ok((custodian.run(ready, &[])? == true).then_some(())))?;
        if !custodian.sees("#sheet-lines")? {
            std::thread::sleep(std::time::Duration::from_millis(300));
            return Ok(None);
        }
        let lines = custodian.texts("#sheet-lines li")?;
        if lines.iter().filter(|line| line.contains(of)).count() == n {
            return Ok(Some(lines));
        }
        custodian.click("#sheet-cancel")?;
        Ok(None)
    })
}

/// Whether the title bears the mark.
fn is_marked(custodian: &Person<'_>) -> Result<bool> {
    Ok(custodian.title()?.starts_with('●'))
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn the_days_routine_is_shown_then_done_with_one_press() -> Result<()> {
    Stage::play(|stage| {
        for number in 0..2 {
            file(stage, number)?;
        }
        let custodian = Person::arrive(stage, "routine", "es-MX,es", Size::PHONE)?;
        desk::unlock(&custodian, stage, "es", SEATS[0])?;
        let lines = press(&custodian, "Confirmar que tiene su parte", 2)?;
        ensure!(lines.len() == 2, "{lines:?}");
        custodian.examine("mesa-routine-sheet")?;
        // Put aside, nothing was done.
        custodian.click("#sheet-cancel")?;
        ensure!(!custodian.sees("#desk-routine-done")?, "nothing was signed");
        press(&custodian, "Confirmar que tiene su parte", 2)?;
        desk::sign(&custodian)?;
        custodian.wait_for("#desk-routine-done")?;
        let done = custodian.texts(r#"#desk-routine-done [data-step="ack"]"#)?;
        ensure!(
            done.len() == 2 && done.iter().all(|line| line.starts_with('✓')),
            "{done:?}"
        );
        ensure!(!custodian.sees(r#"[data-step="failed"]"#)?, "all was done");
        custodian.examine("mesa-routine-done")?;

        // Once the acts are in the log there is nothing more to do, and each stands there once.
        custodian.until("a day without routine", || {
            custodian.click("#desk-routine")?;
            let status = custodian.text("#desk-status")?;
            Ok(status.contains("no hay nada de rutina").then_some(()))
        })?;
        let seat = "const rows = [...document.querySelectorAll('.case .seats li:first-child')];
            return rows.length === 2 && rows.every((row) => row.textContent.includes('tiene su parte'))";
        custodian.until("both held", || {
            custodian.click("#desk-refresh")?;
            Ok((custodian.run(seat, &[])? == true).then_some(()))
        })?;

        comes_while_nobody_looks(&custodian, stage)?;
        custodian.is_quiet(&[])
    })
}

/// A filing comes while another window has the focus: the title says that something is there, and no more.
fn comes_while_nobody_looks(custodian: &Person<'_>, stage: &Stage) -> Result<()> {
    ensure!(!is_marked(custodian)?, "what was there is nothing new");
    let away =
        "Object.defineProperty(document, 'hasFocus', { value: () => window.looks ?? false, configurable: true })";
    custodian.run(away, &[])?;
    file(stage, 2)?;
    custodian.until("the mark", || Ok(is_marked(custodian)?.then_some(())))?;
    let title = custodian.title()?;
    let plain = title.trim_start_matches("● ");
    ensure!(
        !plain.contains(|c: char| c.is_ascii_digit()),
        "the title says more than that: {title}"
    );
    let status = custodian.text("#desk-status")?;
    ensure!(status.contains("algo nuevo"), "it is announced: {status}");
    custodian.run("window.looks = true; window.dispatchEvent(new Event('focus'))", &[])?;
    ensure!(!is_marked(custodian)?, "whoever looks has seen it");
    // It was not taken by itself: at the desk a person presses.
    let row = desk::row(custodian, "ack").context("the new part")?;
    custodian.wait_for(&row).map(drop)
}
