//! The whole story: she files with her consent required and one institution left out, comes back with eight words in another
//! browser, reads a message, adds a photograph, consents, and sees what came of it. At each step the line breaks when the
//! service has heard her, and the service is killed before she is told.

use anyhow::{Result, ensure};
use browser::{Needle, Person, Stage, search};
use deployment::SEVEN_SEATS;
use serde_json::json;

use crate::declarant::{self, Kept, Telling};
use crate::filing::{NAME, TEXT, keeps_nothing, photo};
use crate::returning::{is_asked_for, is_held, looks_until, open, press, says, seat_takes};
use crate::spoken;

/// The seat that she leaves out, by its place.
const LEFT_OUT: usize = 2;
/// The lawyer's number, after seven seats.
const LAWYER: &str = "8";
/// What a seat asks her, for the lawyer.
const QUESTION: &str = "La abogada pregunta si recuerda el color del letrero.";
const ADDED: &str = "El letrero era azul, con una sirena pintada.";

fn holders() -> Vec<&'static str> {
    let seats = SEVEN_SEATS.iter().enumerate();
    seats
        .filter(|(place, _)| *place != LEFT_OUT)
        .map(|(_, name)| *name)
        .collect()
}

/// She does something. The service has it when the line breaks, is killed, and starts again: she presses nothing but «now».
fn broken(she: &Person<'_>, stage: &Stage, act: impl FnOnce() -> Result<()>) -> Result<()> {
    she.wire.cut_at_answer();
    act()?;
    she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
    let mut service = stage.service.borrow_mut();
    service.kill()?;
    service.start()?;
    drop(service);
    she.wait_for("#net")?;
    she.try_again()
}

/// She files on her own phone; nothing of it stays there.
fn files(stage: &Stage) -> Result<Kept> {
    let (path, _) = photo(stage.folder())?;
    let telling = Telling {
        text: TEXT,
        name: NAME,
        files: vec![path],
        lapse: Some("365"),
    };
    let she = spoken::arrive(stage, "story-home")?;
    let kept = declarant::file(&she, spoken::tag(), &telling, &mut |step| match step {
        "who" => {
            she.click(&format!(r#"#who-leave-list input[value="{}"]"#, LEFT_OUT + 1))?;
            // Support, and to share it with an authority.
            for place in ["1", "2"] {
                she.click(&format!(r#"#who-share input[value="{place}"]"#))?;
            }
            spoken::examine(&she, "nuevo-choose-uses")?;
            she.run("scrollTo(0, 0)", &[]).map(drop)
        }
        "check" => {
            let support = spoken::says("use-support");
            let support = support.split(':').next().unwrap_or_default();
            ensure!(she.text("#check-share")?.contains(support));
            she.wire.cut_at_answer();
            Ok(())
        }
        "words" => {
            she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
            let mut service = stage.service.borrow_mut();
            service.kill()?;
            service.start()?;
            drop(service);
            she.try_again()
        }
        _ => Ok(()),
    })?;
    keeps_nothing(&she)?;
    is_clean(she, &kept)?;
    Ok(kept)
}

/// Nothing that she wrote, read or was given lies in the profile of her browser on the disk.
fn is_clean(she: Person<'_>, kept: &Kept) -> Result<()> {
    let words: Vec<&str> = kept.words.iter().map(String::as_str).collect();
    let needles = [
        Needle::text("her text", "trabajo en una fonda de Tapachula"),
        Needle::text("her name", NAME),
        Needle::text("her code", &kept.code),
        Needle::words("her words", &words),
        Needle::text("what she read", "el color del letrero"),
        Needle::text("what she added", "una sirena pintada"),
        Needle::text("the photograph's name", "frente-de-la-fonda"),
    ];
    let found = search(&she.leave(), &needles)?;
    ensure!(found.is_empty(), "left in the profile: {found:?}");
    Ok(())
}

/// How many of the lines of what happened hold a text.
fn lines(she: &Person<'_>, text: &str) -> Result<usize> {
    let all = she.texts(".acts > li")?;
    Ok(all.iter().filter(|line| line.contains(text)).count())
}

/// She adds a text and a photograph; they show once, under the first.
fn adds(she: &Person<'_>, stage: &Stage, kept: &Kept) -> Result<()> {
    let (path, _) = photo(stage.folder())?;
    press(she, &format!("#add-{}", kept.code))?;
    she.wait_for("#step-add h1")?;
    she.click("#add-seal")?;
    ensure!(!she.text("#add-error")?.is_empty(), "an empty one is not sealed");
    she.write("#add-text", ADDED)?;
    she.choose("#files", &[&path])?;
    she.until("the photograph in the list", || {
        Ok((she.texts("#file-list .file-name")?.len() == 1).then_some(()))
    })?;
    spoken::examine(she, "volver-add")?;
    broken(she, stage, || press(she, "#add-seal"))?;
    she.wait_for(".promised")?;
    ensure!(
        she.text(".promised")?.contains(&spoken::says("inbox-added-promised")),
        "by when it is in the log"
    );
    let left = she.run("return document.getElementById('add-text').value", &[])?;
    ensure!(left == "", "what is promised is gone from the page");
    spoken::examine(she, "volver-added")?;
    let code = she.run("return document.querySelector('.promised').dataset.promised", &[])?;
    let code = code.as_str().unwrap_or_default().to_owned();
    let seats = holders();
    is_held(she, stage, &code, &seats)?;
    looks_until(she, "what she added, under the first", || {
        she.sees(&format!(r#".filing .filing[data-code="{code}"][data-answer="held"]"#))
    })?;
    let nested = she.run("return document.querySelectorAll('.filing .filing').length", &[])?;
    ensure!(nested == 1, "it stands once: {nested}");
    ensure!(!she.sees(".promised")?, "what is in the log is not waited for");
    // At the desk it stands under the first too, proven; the seat that was left out is given nothing.
    let desk = |name: &str, verb: &[&str]| stage.service.borrow().desk(name, verb);
    let told = desk(seats[1], &["queue"])?;
    let parent = told.iter().find(|event| event["event"] == "parent");
    ensure!(
        parent.is_some_and(|event| event["code"] == code && event["adds"] == "proven"),
        "{told:?}"
    );
    let told = desk(SEVEN_SEATS[LEFT_OUT], &["shares", "check"])?;
    ensure!(!told.iter().any(|event| event["event"] == "share"), "{told:?}");
    Ok(())
}

/// She consents; seats grant and release, the reader opens and says what was done: all of it shows in her list, once.
fn consents(she: &Person<'_>, stage: &Stage) -> Result<()> {
    let seats = holders();
    let request = she.run("return document.querySelector('.ask').dataset.request", &[])?;
    let request = request.as_str().unwrap_or_default().to_owned();
    ensure!(
        she.text(".ask")?.contains(&spoken::says("ask-outside")),
        "a request outside what she allowed says so"
    );
    she.run("scrollTo(0, 0)", &[])?;
    spoken::examine(she, "volver-asked-outside")?;
    press(she, r#".ask [id^="yes-"]"#)?;
    she.wait_for("#act-yes")?;
    broken(she, stage, || she.click("#act-yes"))?;
    she.wait_for(r#"[data-sent="consent"]"#)?;
    seat_takes(she, stage, "her consent", || {
        Ok(lines(she, &spoken::says("act-consent-yes"))? == 1)
    })?;
    let desk = |name: &str, verb: &[&str]| stage.service.borrow().desk(name, verb);
    let each = |verb: &str, names: &[&str]| -> Result<()> {
        for name in names {
            she.until(&format!("{name} to {verb}"), || Ok(desk(name, &[verb, &request]).ok()))?;
        }
        Ok(())
    };
    each("grant", &seats[..3])?;
    looks_until(she, "three decisions", || {
        Ok(lines(she, &spoken::says("act-decision-grant"))? == 3)
    })?;
    each("release", &seats[..3])?;
    let open = ["open", &request, "--out", "opened", "--at-once"];
    she.until("the opening", || Ok(desk("lawyer", &open).ok()))?;
    let finding = ["finding", &request, "--outcome", "protected"];
    she.until("the finding", || Ok(desk("lawyer", &finding).ok()))?;
    let account = std::fs::read_to_string(stage.service.borrow().folder().join("opened/account.txt"))?;
    ensure!(account.contains(TEXT), "{account}");
    looks_until(she, "the finding", || {
        Ok(lines(she, &spoken::says("act-finding-protected"))? == 1)
    })?;
    ensure!(lines(she, &spoken::says("act-release"))? == 3 && lines(she, &spoken::says("act-opened"))? == 1);
    ensure!(
        lines(she, &spoken::says("act-consent-yes"))? == 1,
        "her consent stands once"
    );
    for moment in she.texts(".acts time")? {
        ensure!(
            spoken::tag() != "es" || moment.split(" de ").count() == 3,
            "a day, a month in words and a year: {moment}"
        );
    }
    she.run("document.querySelector('.acts').scrollIntoView()", &[])?;
    spoken::examine(she, "volver-opened")
}

/// She withdraws another filing of the same words, and takes that back.
fn withdraws(she: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    let is_first = |what: &str| format!(r#"[id="{what}-{code}"]"#);
    for (button, line) in [
        ("withdraw", spoken::says("act-withdraw-yes")),
        ("take-back", spoken::says("act-withdraw-no")),
    ] {
        press(she, &is_first(button))?;
        she.wait_for("#act-yes")?;
        broken(she, stage, || she.click("#act-yes"))?;
        seat_takes(she, stage, &line, || Ok(lines(she, &line)? == 1))?;
    }
    ensure!(!says(she)?.contains(&spoken::says("withdraw-pending")), "it stays");
    Ok(())
}

/// She has all of it under other words, written down before anything is sent; with them she finds it in a new document.
fn moves(she: &Person<'_>, stage: &Stage, code: &str) -> Result<()> {
    press(she, &format!(r#"[id="new-words-{code}"]"#))?;
    she.wait_for(".new-words li")?;
    spoken::examine(she, "volver-new-words")?;
    let words = she.texts(".new-words li")?;
    ensure!(words.len() == 8, "{words:?}");
    broken(she, stage, || she.click("#act-yes"))?;
    she.wait_for(r#"[data-sent="inbox-change"]"#)?;
    ensure!(!she.sees(".new-words")?, "the words are shown once");
    seat_takes(she, stage, "the change", || she.sees("[data-elsewhere]"))?;
    she.open(&spoken::page("volver"))?;
    she.wait_for("#word-1")?;
    open(she, &words.join(" "))?;
    she.wait_for(".filing")?;
    looks_until(she, "the filing under the new words", || {
        she.sees(&format!(r#".filing[data-code="{code}"][data-answer="held"]"#))
    })?;
    ensure!(
        !she.sees(&format!(r#".filing[data-code="{code}"] [data-elsewhere]"#))?,
        "messages come here"
    );
    spoken::examine(she, "volver-moved")
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_comes_back_adds_consents_and_sees_what_came_of_it() -> Result<()> {
    Stage::play_before(&SEVEN_SEATS, |stage| {
        let kept = files(stage)?;
        let (words, seats) = (kept.words.join(" "), holders());
        // Another filing of the same words, at a helper's.
        let folder = stage.service.borrow().folder().to_owned();
        std::fs::write(folder.join("phrase.txt"), &words)?;
        std::fs::write(folder.join("account.txt"), "Otra cosa.")?;
        std::fs::write(folder.join("question.txt"), QUESTION)?;
        let she = spoken::arrive(stage, "story-away")?;
        she.open(&spoken::page("volver"))?;
        she.wait_for("#word-1")?;
        let entries = she.run("return history.length", &[])?;
        open(&she, &words)?;
        she.wait_for(".filing")?;
        is_asked_for(&she, stage, &kept.code, &seats, LAWYER)?;
        stage
            .service
            .borrow()
            .desk(seats[0], &["message", &kept.code, "--text", "question.txt"])?;
        looks_until(&she, "the question", || Ok(says(&she)?.contains(QUESTION)))?;
        adds(&she, stage, &kept)?;
        consents(&she, stage)?;
        let seal = [
            "seal",
            "--account",
            "account.txt",
            "--soon",
            "--phrase-file",
            "phrase.txt",
        ];
        stage.service.borrow().verb(&seal)?;
        looks_until(&she, "the other filing", || {
            Ok(she.run("return document.querySelectorAll('#inbox > .filing').length", &[])? == json!(2))
        })?;
        let other = "return [...document.querySelectorAll('#inbox > .filing')].at(-1).dataset.code";
        let other = she.run(other, &[])?.as_str().unwrap_or_default().to_owned();
        is_held(&she, stage, &other, &seats[..3])?;
        looks_until(&she, "that it is held", || {
            she.sees(&format!(r#".filing[data-code="{other}"][data-answer="held"]"#))
        })?;
        withdraws(&she, stage, &other)?;
        let after = she.run("return history.length", &[])?;
        ensure!(entries == after, "one entry in the history: {entries}, then {after}");
        moves(&she, stage, &other)?;
        she.is_quiet(&["ERR_", "Failed to load resource"])?;
        keeps_nothing(&she)?;
        is_clean(she, &kept)
    })
}
