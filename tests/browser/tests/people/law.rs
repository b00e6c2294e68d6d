//! The law beside an opened testimony: what a passage shows, what follows, and the reports made from it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use browser::Person;
use serde_json::json;

/// Another passage of what she wrote, for another fact.
const OTHER: &str = "junto al río";

/// Marks words in what she wrote, as a finger does.
fn mark(reader: &Person<'_>, words: &str) -> Result<()> {
    let script = "const text = document.querySelector('.opened .testimony').firstChild;
        const at = text.data.indexOf(arguments[0]);
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + arguments[0].length);
        const selection = document.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);";
    reader.run(script, &[json!(words)])?;
    reader.until("the passage, as marked", || {
        Ok(reader.text(".law-passage")?.contains(words).then_some(()))
    })
}

fn tick(reader: &Person<'_>, search: &str, fact: &str) -> Result<()> {
    reader.run("document.querySelector('[id^=\"law-search-\"]').value = ''", &[])?;
    reader.write(r#"[id^="law-search-"]"#, search)?;
    reader.click(&format!(r#"[data-fact="{fact}"] .law-press button"#))?;
    reader.wait_for(&format!(r#"[data-ticked="{fact}"]"#)).map(drop)
}

/// What the page itself has asked for so far, beside what it makes of its own bytes.
const ASKED: &str =
    "return performance.getEntriesByType('resource').filter(entry => !entry.name.startsWith('blob:')).length";

/// The kinds of calls that went to the service since somebody listened: method and path, without digests and numbers.
fn calls(reader: &Person<'_>) -> Result<BTreeSet<String>> {
    let heard = reader.wire.heard();
    let text = String::from_utf8_lossy(&heard);
    let mut calls = BTreeSet::new();
    for line in text.lines().filter_map(|line| line.strip_suffix(" HTTP/1.1")) {
        let (method, path) = line.rsplit_once(' ').context("a call")?;
        // Where one call follows another without a line between them, its method is the last word before the path.
        let method = method
            .rsplit(|letter: char| !letter.is_ascii_uppercase())
            .next()
            .unwrap_or_default();
        let named = path.split(['/', '?', '=', '&']).filter(|part| !part.is_empty());
        let kind: Vec<&str> = named
            .filter(|part| !part.contains(|letter: char| letter.is_ascii_digit()) || *part == "v1")
            .collect();
        calls.insert(format!("{method} {}", kind.join(" ")));
    }
    Ok(calls)
}

/// While `assessing`, the page asks for nothing, and all that its worker sends are the calls with which it looks for
/// what is new, as it does when nobody touches it.
fn sends_nothing(reader: &Person<'_>, assessing: impl FnOnce() -> Result<()>) -> Result<()> {
    reader.wire.listen();
    for _ in 0..3 {
        reader.click("#desk-refresh")?;
        std::thread::sleep(std::time::Duration::from_millis(1200));
    }
    let looks = reader.until("a look on the wire", || {
        let looks = calls(reader)?;
        Ok(looks.contains("GET log checkpoint").then_some(looks))
    })?;
    ensure!(
        looks.iter().all(|call| call.starts_with("GET ")),
        "a look sends nothing: {looks:?}"
    );
    let before = reader.run(ASKED, &[])?;
    reader.wire.listen();
    assessing()?;
    ensure!(reader.run(ASKED, &[])? == before, "the page asked for something");
    let sent = calls(reader)?;
    ensure!(
        sent.is_subset(&looks),
        "while she assessed it sent {sent:?}, and {looks:?} before"
    );
    Ok(())
}

/// She assesses what the testimony shows, and makes reports of it in her own page.
pub fn assess(reader: &Person<'_>, code: &str, passage: &str) -> Result<()> {
    reader.click(r#"[id^="law-begin-"]"#)?;
    reader.wait_for(".law-answer table")?;
    reader.run("document.querySelector('.law').scrollIntoView()", &[])?;
    reader.examine("mesa-law")?;
    let date = "const field = document.querySelector('[id^=\"law-first-\"]');
        field.value = '2019-05-10';
        field.dispatchEvent(new Event('change'));";
    sends_nothing(reader, || {
        reader.run(date, &[])?;
        weigh(reader, code, passage)
    })?;
    invents_nothing(reader)?;
    speed(reader)
}

/// The passages that a ticked fact shows.
fn shown(reader: &Person<'_>, fact: &str) -> Result<serde_json::Value> {
    let script = "return [...document.querySelectorAll(`[data-ticked=\"${arguments[0]}\"] q`)].map(q => q.textContent)";
    reader.run(script, &[json!(fact)])
}

/// Ticks what the passages show, each for its own fact, reads what follows, takes one back, and makes reports.
fn weigh(reader: &Person<'_>, code: &str, passage: &str) -> Result<()> {
    mark(reader, passage)?;
    tick(reader, "captar", "act_recruit")?;
    ensure!(
        !reader.text(".law-passage")?.contains(passage),
        "the next fact begins without a passage"
    );
    tick(reader, "dolosa", "act_intentional")?;
    mark(reader, OTHER)?;
    tick(reader, "engaño", "means_deception")?;
    for (fact, passages) in [
        ("act_recruit", json!([passage])),
        ("act_intentional", json!([])),
        ("means_deception", json!([OTHER])),
    ] {
        ensure!(
            shown(reader, fact)? == passages,
            "{fact} shows {}",
            shown(reader, fact)?
        );
    }
    tick(reader, "fin esclavitud", "purpose_slavery")?;
    // What people say finds the fact first.
    reader.run("document.querySelector('[id^=\"law-search-\"]').value = ''", &[])?;
    reader.write(r#"[id^="law-search-"]"#, "me quitaron la credencial")?;
    let first = "return document.querySelector('.law-found [data-fact]').dataset.fact";
    ensure!(reader.run(first, &[])? == "means_legal_or_migration_threat");
    let prose = reader.text(".law-prose")?;
    for words in [
        "Hechos del 10 de mayo de 2019",
        "Lo que se señala reúne sus elementos",
        "alguien captó a la víctima",
        &format!("según el pasaje «{passage}»"),
    ] {
        ensure!(prose.contains(words), "no «{words}» in {prose}");
    }
    let answer = reader.text(".law-answer")?;
    for words in [
        "Art. 10.",
        "de 5 a 15 años de prisión",
        passage,
        "[FALTA: entidad federativa]",
        code,
    ] {
        ensure!(answer.contains(words), "no «{words}» in {answer}");
    }
    reader.run("document.querySelector('.law-answer').scrollIntoView()", &[])?;
    reader.examine("mesa-law-answer")?;
    reader.click(r#"[id^="law-undo-act_intentional"]"#)?;
    reader.until("the offence, no longer proven", || {
        Ok((!reader.text(".law-answer")?.contains("de 5 a 15 años de prisión")).then_some(()))
    })?;
    reader.click(r#"[id^="law-custody-"]"#)?;
    let page = String::from_utf8(reader.saved_file(&format!("{code}.custody.html"))?)?;
    ensure!(
        page.contains("@page { size: letter") && page.contains("7. Continuidad y trazabilidad") && page.contains(code)
    );
    ensure!(
        page.contains("guarda una parte de la llave"),
        "who held what comes from the log that this page followed"
    );
    frame(reader, code)?;
    reader.run("document.querySelector('[id^=\"law-form-\"]').value = 'docx'", &[])?;
    reader.click(r#"[id^="law-measures-"]"#)?;
    ensure!(reader.saved_file(&format!("{code}.measures.docx"))?.starts_with(b"PK"));
    Ok(())
}

/// What the reader gives for the heading stands in a filing; what she leaves empty is a gap.
fn frame(reader: &Person<'_>, code: &str) -> Result<()> {
    reader.click(".law-frame summary")?;
    for (name, value) in [
        ("authority", "del Primer Distrito en Tlaxcala"),
        ("capacity", "asesora <jurídica>"),
        ("address", "Calle Uno 1"),
    ] {
        reader.write(&format!(r#"[id^="law-frame-{name}-"]"#), value)?;
    }
    reader.click(r#"[id^="law-evidence-"]"#)?;
    let page = String::from_utf8(reader.saved_file(&format!("{code}.evidence.html"))?)?;
    for words in [
        "del Primer Distrito en Tlaxcala",
        "asesora &lt;jurídica&gt;",
        "Calle Uno 1",
    ] {
        ensure!(page.contains(words), "no «{words}» in {page}");
    }
    ensure!(
        !page.contains("juzgado y sede") && page.contains("FALTA: lugar"),
        "{page}"
    );
    Ok(())
}

/// The module itself refuses what does not stand in her words, with its place, in every report.
fn invents_nothing(reader: &Person<'_>) -> Result<()> {
    let script = "const done = arguments[arguments.length - 1];
        (async () => {
            const folder = document.querySelector('script[src$=\"mesa.js\"]').src.replace('mesa.js', '');
            const law = await import(`${folder}counsel.js`);
            const told = JSON.stringify({ facts: { act_recruit: true }, passages: { act_recruit: 'nunca lo dije' } });
            const account = document.querySelector('.opened .testimony').textContent;
            const refused = (make) => { try { make(); return 'made'; } catch (why) { return String(why); } };
            done([refused(() => law.assess(told, '', account)), ...['assessment', 'evidence', 'custody', 'measures']
                .map(kind => refused(() => law.report(kind, told, '', account, '', 'html', 'a4')))]);
        })();";
    let told = reader.run_later(script, &[])?;
    let all = told.as_array().context("an answer for each")?;
    ensure!(
        all.len() == 5
            && all
                .iter()
                .all(|why| *why == "el pasaje 1 de «captar», «nunca lo dije», no está en el relato"),
        "{told}"
    );
    Ok(())
}

/// Assessments a second in this browser, told: no test fails for being slow.
fn speed(reader: &Person<'_>) -> Result<()> {
    let script = "const done = arguments[arguments.length - 1];
        (async () => {
            const folder = document.querySelector('script[src$=\"mesa.js\"]').src.replace('mesa.js', '');
            const law = await import(`${folder}counsel.js`);
            const told = JSON.stringify({ date: '2019-05-10', entity: 'MX-TLA', forum: 'local', facts: {
                act_intentional: true, act_recruit: true, purpose_sexual_exploitation: true,
                agg_two_or_more_countries: true, agg_directs_or_finances_others: true } });
            law.repeat(told, 1000);
            const begun = performance.now();
            const proven = law.repeat(told, 20000);
            done([proven, 20000 / (performance.now() - begun) * 1000]);
        })();";
    let told = reader.run_later(script, &[])?;
    ensure!(told[0] == 20_000, "each proves the one offence: {told}");
    eprintln!(
        "{:.0} assessments a second in Chromium",
        told[1].as_f64().unwrap_or_default()
    );
    Ok(())
}
