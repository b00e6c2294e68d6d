//! From her phone to the opened document and the report on it: three people in profiles of their own, the other seats
//! at the command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use browser::{Needle, Person, Size, Stage, search};
use deployment::SEATS;

use crate::declarant::{self, Telling};
use crate::desk;
use crate::filing::{NAME, PHOTO, TEXT, keeps_nothing, photo};
use crate::law;

/// The longest that the reader's page may be deaf to her while it opens, in milliseconds, on an idle machine.
const DEAF_MAX_MS: f64 = 500.0;
/// A busy machine lets everybody wait: for each millisecond that this process waits too long, the page may be deaf for
/// this many more.
const DEAF_PER_MS: f64 = 20.0;
/// On any machine, a page that is deaf for a smaller part than this of what it does has not done it on its main thread.
const DEAF_PART: f64 = 0.3;
/// Comments of the longest length that make her photograph one of several megabytes.
const COMMENTS: u32 = 96;

/// Her photograph, as large as a telephone takes it: comments that differ stand before what is drawn.
fn large_photo(stage: &Stage) -> Result<(PathBuf, Vec<u8>)> {
    let (path, small) = photo(stage.folder())?;
    let (begin, rest) = small.split_at(2);
    let mut large = begin.to_vec();
    let mut state = 1u32;
    for _ in 0..COMMENTS {
        large.extend_from_slice(&[0xff, 0xfe, 0xff, 0xff]);
        large.extend((0..0xfffd).map(|_| {
            // Numbers that nothing can pack (Marsaglia's xorshift).
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as u8
        }));
    }
    large.extend_from_slice(rest);
    std::fs::write(&path, &large)?;
    Ok((path, large))
}

/// How long this machine lets a process wait beyond what it asked for, in milliseconds: the longest until it is stopped.
struct Waits(Arc<AtomicBool>, JoinHandle<f64>);

impl Waits {
    fn measure() -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let stop = ended.clone();
        let measuring = std::thread::spawn(move || {
            let asked = Duration::from_millis(10);
            let mut longest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let since = Instant::now();
                std::thread::sleep(asked);
                longest = longest.max(since.elapsed().saturating_sub(asked));
            }
            longest.as_secs_f64() * 1e3
        });
        Self(ended, measuring)
    }

    fn longest(self) -> f64 {
        self.0.store(true, Ordering::Relaxed);
        self.1.join().unwrap_or_default()
    }
}

/// Begins to measure how long the page is deaf: a clock in it that should tick all the time.
fn listen(person: &Person<'_>) -> Result<Waits> {
    let clock =
        "window.deaf = 0; let last = window.listeningSince = performance.now(); clearInterval(window.listening);
        window.listening = setInterval(() => {
            const now = performance.now();
            window.deaf = Math.max(window.deaf, now - last);
            last = now;
        }, 10);";
    person.run(clock, &[])?;
    Ok(Waits::measure())
}

/// Fails if the page was deaf for too long since [`listen`].
fn was_never_deaf(person: &Person<'_>, waits: Waits, doing: &str) -> Result<()> {
    let script = "clearInterval(window.listening); return [window.deaf, performance.now() - window.listeningSince]";
    let told = person.run(script, &[])?;
    let (deaf, whole) = (
        told[0].as_f64().unwrap_or(f64::MAX),
        told[1].as_f64().unwrap_or_default(),
    );
    let waited = waits.longest();
    eprintln!("deaf while {doing}: {deaf:.0} of {whole:.0} ms at once; this process waited {waited:.0} ms too long");
    let most = (DEAF_MAX_MS + DEAF_PER_MS * waited).max(DEAF_PART * whole);
    ensure!(
        deaf < most,
        "the page was deaf for {deaf:.0} ms while {doing}, {most:.0} at most"
    );
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_files_and_a_reader_opens() -> Result<()> {
    Stage::play(|stage| {
        let (path, photo) = large_photo(stage)?;
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![path],
            lapse: None,
        };
        let she = Person::arrive(stage, "she", "es-MX,es", Size::PHONE)?;
        let kept = declarant::file(&she, "es", &telling, &mut |step| answer(&she, step))?;
        drop(she);
        let custodian = Person::arrive(stage, "custodian", "es-MX,es", Size::PHONE)?;
        acknowledge(&custodian, stage, &kept.code)?;
        let reader = Person::arrive(stage, "reader", "es-MX,es", Size::PHONE)?;
        let request = ask(&reader, stage, &kept.code)?;
        decide(&custodian, stage, &request)?;
        release(&custodian, stage, &kept.code, &request)?;
        open(&reader, &kept.code, &photo)?;
        law::assess(&reader, &kept.code, "Me dijeron que era")?;
        protects(&reader, &kept.code)?;
        report(&reader, &kept.code)?;
        lock(&reader, stage, &kept.code)?;
        record(&custodian)?;
        for person in [custodian, reader] {
            desk::is_parted(&person)?;
            person.is_quiet(&[])?;
            keeps_nothing(&person)?;
            // The photograph's name stands in the list of what the reader saved; what it shows and what she wrote do not.
            is_clean(&person.leave(), &photo)?;
        }
        Ok(())
    })
}

fn is_clean(profile: &Path, photo: &[u8]) -> Result<()> {
    let needles = [
        Needle::text("her text", "trabajo en una fonda de Tapachula"),
        Needle::text("her name", NAME),
        Needle::text("a secret key", "AGE-SECRET-KEY-"),
        Needle::file("her photograph", photo),
    ];
    let found = search(profile, &needles)?;
    ensure!(found.is_empty(), "left in the profile: {found:?}");
    Ok(())
}

/// The keys of the queue: / looks for something, ? tells the keys.
fn looks_for(custodian: &Person<'_>) -> Result<()> {
    custodian.type_here("?")?;
    ensure!(custodian.sees("#desk-keys[open] dl")?, "? tells the keys");
    custodian.type_here("/")?;
    ensure!(custodian.is_on("#desk-filter")?, "/ leads to the search");
    custodian.type_here("nada de esto")?;
    custodian.wait_for("#desk-filter-none")?;
    ensure!(!custodian.sees("#desk-queue li")?, "what does not hold it is not shown");
    custodian.examine("mesa-search")?;
    let empty =
        "const it = document.getElementById('desk-filter'); it.value = ''; it.dispatchEvent(new Event('input'))";
    custodian.run(empty, &[])?;
    ensure!(custodian.sees("#desk-queue li")?, "the queue is back");
    Ok(())
}

/// One seat at its desk, four at the command line; then the seat tells the reader of the case.
fn acknowledge(custodian: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    custodian.open("/es/mesa/")?;
    custodian.wait_for("#desk-key h2")?;
    custodian.examine("mesa-key")?;
    desk::choose(custodian, stage, SEATS[0])?;
    custodian.write("#desk-pass", "otras palabras que no son")?;
    custodian.click("#desk-open")?;
    custodian.wait_for("#desk-failure")?;
    custodian.examine("mesa-wrong")?;
    desk::unlock(custodian, stage, "es", SEATS[0])?;
    desk::row(custodian, "ack")?;
    custodian.examine("mesa-queue")?;
    looks_for(custodian)?;
    desk::press(custodian, "ack")?;
    desk::says_public(custodian, "solo entradas cerradas")?;
    desk::says_public(custodian, "Nunca: de qué testimonio se trata")?;
    custodian.examine("mesa-sheet")?;
    custodian.click("#sheet-exact summary")?;
    let statement = custodian.until("the statement", || {
        let text = custodian.text("#sheet-statement")?;
        Ok((!text.is_empty()).then_some(text))
    })?;
    ensure!(statement.contains(r#""holds": "share""#), "{statement}");
    custodian.examine("mesa-statement")?;
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
    // Nobody who could read it knows: that is the next step.
    desk::row(custodian, "refer")?;
    custodian.click(&format!("{case} summary"))?;
    custodian.examine("mesa-case")?;
    custodian.click(&format!(r#"{case} [id^="refer-"]"#))?;
    custodian.examine("mesa-refer")?;
    desk::sign(custodian)?;
    // A seat may still be silent; once all have spoken no term is running.
    custodian.wait_for("#desk-queue-empty")?;
    let told = custodian.text("#desk-queue-empty")?;
    let says_term = told.contains(code) && told.contains("confirman su parte hasta el");
    ensure!(
        says_term || told.contains("próximo paso del registro, hacia el"),
        "the empty queue says when something comes: {told}"
    );
    Ok(())
}

/// The reader asks, and saves the key of the request.
fn ask(reader: &Person<'_>, stage: &Stage, code: &str) -> Result<String> {
    desk::unlock(reader, stage, "es", "lawyer")?;
    let sheet = desk::press(reader, "referred")?;
    ensure!(sheet.contains(code), "{sheet}");
    // Said before anything is written, and anew with what is filled in.
    desk::says_public(reader, "solo si ella eligió que se publique cada acto")?;
    reader.click("#field-urgent-yes")?;
    desk::says_public(reader, "que la solicitud es urgente")?;
    reader.click("#field-urgent-yes")?;
    reader.write("#field-purpose", "Carpeta de investigación")?;
    reader.write("#field-basis", "Artículo 20 constitucional")?;
    reader.examine("mesa-request")?;
    reader.wire.listen();
    reader.click("#sheet-keep")?;
    reader.wait_for("#sheet-sign")?;
    let saved = || Ok(std::fs::read_dir(reader.saved())?.next());
    let file = reader.until("the file of the request", saved)??;
    reader.examine("mesa-keep")?;
    let sent = String::from_utf8_lossy(&reader.wire.heard()).into_owned();
    ensure!(
        !sent.contains("POST "),
        "nothing is asked before the key is saved: {sent}"
    );
    desk::sign(reader)?;
    let request = desk::request(reader)?;
    let name = format!("{}.request.age", &request[..8]);
    ensure!(file.file_name() == name.as_str(), "{file:?} is not {name}");
    // As long as the page is open, it can be saved again.
    std::fs::remove_file(file.path())?;
    reader.click(&format!("#save-request-{request}"))?;
    reader.saved_file(&name)?;
    Ok(request)
}

/// The seat files the request that came in its cell, and grants it; two more grant at the command line.
fn decide(custodian: &Person<'_>, stage: &Stage, request: &str) -> Result<()> {
    desk::press(custodian, "cell")?;
    desk::sign(custodian)?;
    let row = desk::row(custodian, "decide")?;
    custodian.click(&format!("{row} button"))?;
    custodian.wait_for(&format!("#request-{request}"))?;
    custodian.examine("mesa-decide")?;
    custodian.click(&format!("#grant-{request}"))?;
    desk::says_public(custodian, "ella eligió que se publiquen solo números")?;
    custodian.examine("mesa-grant")?;
    desk::sign(custodian)?;
    // Pressed before its time, it says why.
    let now = format!("#now-{request}");
    custodian.until("the release to press", || {
        custodian.click("#desk-refresh")?;
        Ok(custodian.sees(&now)?.then_some(()))
    })?;
    custodian.click(&now)?;
    custodian.click("#sheet-sign")?;
    custodian.wait_for("#sheet-failure")?;
    custodian.examine("mesa-early")?;
    custodian.click("#sheet-cancel")?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the request at {name}"), || {
            Ok(stage.service.borrow().desk(name, &["grant", request]).ok())
        })?;
    }
    Ok(())
}

/// When nobody has objected, three release.
fn release(custodian: &Person<'_>, stage: &Stage, code: &str, request: &str) -> Result<()> {
    desk::act(custodian, "release", code)?;
    for name in &SEATS[1..3] {
        custodian.until(&format!("the release of {name}"), || {
            Ok(stage.service.borrow().desk(name, &["release", request]).ok())
        })?;
    }
    custodian.until("the releases in the case", || {
        custodian.click("#desk-refresh")?;
        let status = format!(r#"#request-{request}[data-status="released"]"#);
        Ok(custodian.sees(&status)?.then_some(()))
    })?;
    custodian.examine("mesa-released")
}

/// The reader opens: the text as she wrote it, the photograph byte for byte, and nothing of her identity.
fn open(reader: &Person<'_>, code: &str, photo: &[u8]) -> Result<()> {
    desk::press(reader, "open")?;
    reader.examine("mesa-open")?;
    let waits = listen(reader)?;
    desk::open(reader)?;
    reader.wait_for("article.opened")?;
    was_never_deaf(reader, waits, "it opens")?;
    ensure!(reader.text(".opened h2")?.contains(code));
    ensure!(reader.text(".opened .testimony")? == TEXT, "the text as she wrote it");
    let answers = reader.texts(".opened dd")?.concat();
    ensure!(
        answers.contains("trabajo forzado") && !answers.contains("porno"),
        "what she answered: {answers}"
    );
    for part in [
        "como lo escribió: 044 55 1234 5678",
        "nadie en correo",
        "Le dicen El Güero",
    ] {
        ensure!(answers.contains(part), "whom she named: {part} in {answers}");
    }
    let normal = reader.until("how each is read", || {
        let normal = reader.texts(".opened .identified dd")?;
        Ok((normal.len() == 3).then_some(normal))
    })?;
    ensure!(
        normal[..2] == ["+525512345678", "facebook:elguero"] && normal[2].contains("sin forma única"),
        "{normal:?}"
    );
    ensure!(
        !reader.texts("#desk-page")?.concat().contains(NAME),
        "her name stays closed"
    );
    reader.examine("mesa-opened")?;
    // The copy without what her telephone wrote is drawn at once.
    let (stem, ending) = PHOTO.rsplit_once('.').context("an ending")?;
    let copy = format!("{stem}.copy.{ending}");
    let image = "const image = document.querySelector('.opened img'); return image?.complete && image.naturalWidth";
    reader.until(
        "the copy, drawn",
        || Ok((reader.run(image, &[])? == 1280).then_some(())),
    )?;
    reader.click(&format!(r#".opened-file[data-file="{copy}"] a[download]"#))?;
    let scrubbed = scrub::scrubbed(photo)?;
    ensure!(
        reader.saved_file(&copy)? == scrubbed && scrubbed.len() < photo.len() / 10,
        "the copy without comments"
    );
    // The original is behind a step that says what its custody asks for.
    ensure!(
        !reader.sees(&format!(r#"[data-file="{PHOTO}"]"#))?,
        "the original is not drawn by itself"
    );
    let waits = listen(reader)?;
    reader.click(&format!(r#"[data-original="{PHOTO}"] summary"#))?;
    let image =
        "const image = document.querySelector('.opened-original img'); return image?.complete && image.naturalWidth";
    reader.until("the photograph, drawn", || {
        Ok((reader.run(image, &[])? == 1280).then_some(()))
    })?;
    was_never_deaf(reader, waits, "it draws the photograph")?;
    reader.run("document.querySelector('.opened-original').scrollIntoView()", &[])?;
    reader.examine("mesa-original")?;
    reader.click(&format!(r#".opened-file[data-file="{PHOTO}"] a[download]"#))?;
    ensure!(reader.saved_file(PHOTO)? == photo, "the photograph byte for byte");
    // Looked away from, it is covered.
    reader.run("window.dispatchEvent(new Event('blur'))", &[])?;
    ensure!(!reader.sees(".opened .testimony")?, "it is covered");
    reader.run("document.querySelector('.opened').scrollIntoView()", &[])?;
    reader.examine("mesa-covered")?;
    reader.click(r#"[id^="uncover-"]"#)?;
    reader.wait_for(".opened .testimony").map(drop)
}

/// The request for protection lists whom she named, as she wrote it and as it is read.
fn protects(reader: &Person<'_>, code: &str) -> Result<()> {
    reader.run("document.querySelector('[id^=\"law-form-\"]').value = 'html'", &[])?;
    reader.click(r#"[id^="law-measures-"]"#)?;
    let page = String::from_utf8(reader.saved_file(&format!("{code}.measures.html"))?)?;
    for part in [
        "044 55 1234 5678",
        "+525512345678",
        "facebook:elguero",
        "nadie en correo",
        "no tiene: está incompleto",
    ] {
        ensure!(page.contains(part), "no «{part}» in {page}");
    }
    Ok(())
}

/// What she tells beside her account, at each step.
fn answer(she: &Person<'_>, step: &str) -> Result<()> {
    match step {
        "questions" => questions(she),
        "person" => person(she),
        "check" => {
            let named = she.texts("#check-person dt, #check-person dd")?.join("\n");
            for part in [
                "Cuenta de redes",
                "facebook.com/el.guero",
                "elguero (Facebook",
                "nadie en correo",
                "El Güero",
            ] {
                ensure!(named.contains(part), "{part} in {named}");
            }
            ensure!(!named.contains("961"), "what she took away is gone: {named}");
            she.run(
                "document.getElementById('check-person').scrollIntoView({ block: 'center' })",
                &[],
            )?;
            she.examine("nuevo-check-person")
        }
        _ => Ok(()),
    }
}

/// She writes four identifiers by touch, one of which is none, and takes one away: each is said as she leaves the field, and
/// none keeps her.
fn person(she: &Person<'_>) -> Result<()> {
    // What reads them is fetched by everybody who comes here, and nothing after it: whether she names anybody, no call says.
    let calls = || she.wire.calls().len();
    she.until("what reads identifiers", || {
        let calls = she.wire.calls();
        let fetched = calls
            .iter()
            .filter(|(_, call)| call.path.contains("/identifiers"))
            .count();
        Ok((fetched == 2).then_some(()))
    })?;
    let before = calls();
    she.examine("nuevo-person-empty")?;
    let write = |kind: &str, text: &str, told: &str| {
        she.click(&format!("#person-add [data-kind={kind}]"))?;
        she.write(".person:last-child input", text)?;
        she.click("#step-person h1")?;
        she.until(told, || {
            let last = she.texts(".person:last-child .person-told")?.concat();
            Ok(last.contains(told).then_some(()))
        })
    };
    write("phone", "044 55 1234 5678", "Así se entiende: +52 55 1234 5678")?;
    write("phone", "+52 1 961 555 0101", "Así se entiende: +52 961 555 0101")?;
    write(
        "handle",
        "https://www.facebook.com/el.guero?ref=x",
        "Así se entiende: elguero (Facebook o Messenger)",
    )?;
    write(
        "email",
        "nadie en correo",
        "Se guarda como lo escribiste. Un correo lleva una arroba",
    )?;
    she.click(".person:nth-child(2) button")?;
    ensure!(she.texts(".person")?.len() == 3);
    // Eight and no more; rows without a text are none.
    for _ in 3..8 {
        she.click("#person-add [data-kind=plate]")?;
    }
    ensure!(she.sees("#person-max")?, "she is told that eight are all");
    let buttons = "return [...document.querySelectorAll('#person-add button')].every((button) => button.disabled)";
    ensure!(she.run(buttons, &[])? == true, "a ninth can be added");
    she.run("document.querySelector('#person-rows').scrollIntoView()", &[])?;
    she.examine("nuevo-person-eight")?;
    for _ in 3..8 {
        she.click(".person:last-child button")?;
    }
    ensure!(!she.sees("#person-max")? && she.texts(".person")?.len() == 3);
    she.write("#offender-description", "Le dicen El Güero")?;
    she.run("document.querySelector('#person-rows').scrollIntoView()", &[])?;
    she.examine("nuevo-person")?;
    ensure!(
        calls() == before,
        "she names somebody, and the service is called: {:?}",
        she.wire.calls()
    );
    Ok(())
}

/// She answers two of the questions beside her account, one of which is asked for what she said to the other.
fn questions(she: &Person<'_>) -> Result<()> {
    she.click("[data-group=what] summary")?;
    ensure!(!she.sees("#q-labour_sector legend")?, "it follows an answer");
    she.click("#q-exploitation [value=forced_labour]")?;
    she.click("#q-labour_sector [value=I]")?;
    ensure!(she.text("[data-group=what] [data-count]")? == "(2 respuestas)");
    // Of the answer that is taken back, nothing that followed it is sent.
    she.click("#q-exploitation [value=sexual]")?;
    she.click("#q-sexual_form [value=pornography]")?;
    she.click("#q-exploitation [value=sexual]")?;
    she.examine("nuevo-questions-answered")
}

/// The reader says what was done, and what assistance she is offered.
fn report(reader: &Person<'_>, code: &str) -> Result<()> {
    desk::press(reader, "finding")?;
    reader.examine("mesa-finding")?;
    desk::sign(reader)?;
    reader.until("the finding in the log", || {
        reader.click("#desk-refresh")?;
        let status = format!(r#".case[data-code="{code}"] [data-status="reported"]"#);
        Ok(reader.sees(&status)?.then_some(()))
    })?;
    reader.click(r#"[id^="assist-"]"#)?;
    // By its name in the law, in words.
    reader.run("document.getElementById('field-measure').value = 'legal_advice'", &[])?;
    reader.write("#field-provider", "Refugio de ejemplo")?;
    reader.examine("mesa-assist")?;
    desk::sign(reader)?;
    reader.until("the assistance in the log", || {
        reader.click("#desk-refresh")?;
        let told = reader.texts(&format!(r#".case[data-code="{code}"]"#))?.concat();
        Ok(told.contains("Refugio de ejemplo: ofrecida").then_some(()))
    })?;
    reader.examine("mesa-reported")
}

/// Has long waiting times end sixty times sooner.
const SOON: &str = "const begin = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => begin(act, ms >= 60000 ? ms / 60 : ms, ...rest);";

/// Locked, the page holds nothing any more but the sealed file of the case, until it is saved. With that file she goes on
/// in another visit, which locks itself when nobody touches it.
fn lock(reader: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    reader.click("#desk-lock")?;
    is_locked(reader, code)?;
    reader.examine("mesa-locked-unsaved")?;
    reader.click(r#"[id^="save-case-"]"#)?;
    reader.saved_file(&format!("{code}.case.age"))?;
    ensure!(
        !reader.sees("[id^='unsaved-']")?,
        "what was saved is not offered any more"
    );
    reader.examine("mesa-locked")?;
    reader.set_older(SOON)?;
    desk::unlock(reader, stage, "es", "lawyer")?;
    reader.click("#desk-files-part summary")?;
    reader.choose("#desk-files", &[&reader.saved().join(format!("{code}.case.age"))])?;
    reader.wait_for(&format!(r#".case[data-code="{code}"] [data-status="reported"]"#))?;
    reader.wait_for("#desk-idle")?;
    is_locked(reader, code)
}

fn is_locked(reader: &Person<'_>, code: &str) -> Result<()> {
    reader.wait_for("#desk-file")?;
    ensure!(reader.texts("#desk-page")?.concat().contains("bloqueada"));
    let left = reader.run("return document.documentElement.outerHTML", &[])?;
    let left = left.as_str().unwrap_or_default();
    ensure!(!left.contains("Tapachula") && !left.contains(code), "left in the page");
    Ok(())
}

fn record(anybody: &Person<'_>) -> Result<()> {
    anybody.open("/es/registro/")?;
    anybody.wait_for("#record-size")?;
    anybody.examine("registro")
}
