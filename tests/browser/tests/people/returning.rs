//! She comes back with her eight words in another browser: what she sees, what she sends, and what nobody can tell.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use browser::{Key, Needle, Person, Size, Stage, search};
use deployment::SEATS;
use protocol::phrase::{Language, Phrase};
use rand_core::UnwrapErr;
use serde_json::json;

use crate::declarant::{self, Kept, Telling};
use crate::desk;
use crate::filing::{NAME, TEXT, keeps_nothing, photo};
use crate::keyboard::enter;
use crate::spoken;

/// Has long waiting times end sixty times sooner.
const SOON: &str = "const begin = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => begin(act, ms >= 60000 ? ms / 60 : ms, ...rest);";

/// Her objection in the list of what happened.
const OBJECTED: &str = "return [...document.querySelectorAll('.acts > li')]
    .filter(line => line.innerText.includes(arguments[0])).length";

/// Files on one phone, which she then gives away.
fn file(stage: &Stage, name: &str) -> Result<Kept> {
    file_with(stage, name, &mut |_, _| Ok(()))
}

/// As [`file`]; `at` is called at each step.
fn file_with(stage: &Stage, name: &str, at: &mut dyn FnMut(&Person<'_>, &str) -> Result<()>) -> Result<Kept> {
    let (path, _) = photo(stage.folder())?;
    let telling = Telling {
        text: TEXT,
        name: NAME,
        files: vec![path],
        lapse: None,
    };
    let she = spoken::arrive(stage, name)?;
    let kept = declarant::file(&she, spoken::tag(), &telling, &mut |step| at(&she, step))?;
    ensure!(she.sees("#receipt-return")?, "the receipt leads to her inbox");
    Ok(kept)
}

/// Words that somebody could have, and with which nothing was filed.
fn others_words() -> String {
    let phrase = Phrase::draw(&mut UnwrapErr(getrandom::SysRng));
    phrase.words(Language::Spanish).to_string()
}

/// Types the words, all into the first field: each moves to its own.
pub fn open(she: &Person<'_>, words: &str) -> Result<()> {
    she.write("#word-1", words)?;
    she.click("#words-open")
}

/// Looks again until the page shows it.
pub fn looks_until(she: &Person<'_>, what: &str, mut is_there: impl FnMut() -> Result<bool>) -> Result<()> {
    she.until(what, || {
        if is_there()? {
            return Ok(Some(()));
        }
        press(she, "#inbox-refresh")?;
        std::thread::sleep(std::time::Duration::from_millis(700));
        Ok(None)
    })
}

/// Scrolls to a place of the long page, clear of the exit's bar, and presses it.
pub fn press(she: &Person<'_>, selector: &str) -> Result<()> {
    she.wait_for(selector)?;
    she.run(
        "document.querySelector(arguments[0]).scrollIntoView({block: 'center'})",
        &[json!(selector)],
    )?;
    she.click(selector)
}

/// What the inbox says.
pub fn says(she: &Person<'_>) -> Result<String> {
    Ok(she.texts("#inbox")?.concat())
}

/// A seat at the command line takes what came, until `is_done`.
pub fn seat_takes(
    she: &Person<'_>,
    stage: &Stage,
    what: &str,
    mut is_done: impl FnMut() -> Result<bool>,
) -> Result<()> {
    looks_until(she, what, || {
        stage.service.borrow().desk(SEATS[0], &["queue"])?;
        is_done()
    })
}

/// These seats check their parts of a filing.
pub fn is_held(she: &Person<'_>, stage: &Stage, code: &str, seats: &[&str]) -> Result<()> {
    for name in seats {
        she.until(&format!("the share of {name}"), || {
            let told = stage.service.borrow().desk(name, &["shares", "check"])?;
            let mut checked = told.iter().filter(|event| event["code"] == code);
            Ok(checked.any(|event| event["verdict"] == "holds").then_some(()))
        })?;
    }
    Ok(())
}

/// The seats check their parts, one tells the reader, and the reader asks.
pub fn is_asked_for(she: &Person<'_>, stage: &Stage, code: &str, seats: &[&str], reader: &str) -> Result<()> {
    let desk = |name: &str, verb: &[&str]| stage.service.borrow().desk(name, verb);
    is_held(she, stage, code, seats)?;
    let all = format!("{0} de {0} instituciones", seats.len());
    looks_until(she, &format!("«{all}»"), || Ok(says(she)?.contains(&all)))?;
    ensure!(
        she.sees(r#".filing[data-answer="held"]"#)? && says(she)?.contains(code),
        "held, under the code of her receipt"
    );
    she.until("the referral", || {
        Ok(desk(SEATS[0], &["refer", code, "--reader", reader]).ok())
    })?;
    she.until("the request", || {
        let asking = [
            "request",
            code,
            "--purpose",
            "Carpeta de investigación",
            "--basis",
            "Artículo 20",
        ];
        Ok(desk("lawyer", &asking).ok())
    })?;
    seat_takes(she, stage, "the request", || {
        she.sees(r#".ask[data-status="deciding"]"#)
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_comes_back_on_another_phone_and_objects() -> Result<()> {
    Stage::play(|stage| {
        let kept = file(stage, "she-first")?;
        let words = kept.words.join(" ");
        let she = spoken::arrive(stage, "she-again")?;
        she.open(&spoken::page(""))?;
        she.click(&format!(r#"a[href$="{}"]"#, spoken::page("volver")))?;
        she.wait_for("#word-1")?;
        let entries = she.run("return history.length", &[])?;
        spoken::examine(&she, "volver-words")?;
        she.write("#word-1", &words)?;
        let known = she.text("#step-words")?;
        ensure!(
            ["return-unknown-plain", "return-unknown-word"]
                .iter()
                .all(|id| !known.contains(&spoken::says(id))),
            "each word is known"
        );
        // The network goes while she waits: nothing is asked of her again.
        she.click("#words-open")?;
        she.set_online(false)?;
        she.wait_for("#net")?;
        spoken::examine(&she, "volver-offline")?;
        she.try_again()?;
        she.wait_for(".filing")?;
        let typed = she.run(
            "return [...document.querySelectorAll('[data-word]')].map(it => it.value).join('')",
            &[],
        )?;
        ensure!(typed == "", "her words are gone from the page");
        is_asked_for(&she, stage, &kept.code, &SEATS, "6")?;
        spoken::examine(&she, "volver-asked")?;
        object(&she, stage)?;
        let after = she.run("return history.length", &[])?;
        ensure!(entries == after, "one entry in the history: {entries}, then {after}");
        she.is_quiet(&["ERR_", "Failed to load resource"])?;
        keeps_nothing(&she)?;
        closes_when_nobody_is_there(&she, &words, &kept.code)?;
        is_clean(she, &kept)
    })
}

/// She objects. The line breaks when the service has her objection and before it says so: it is sent again, and stands once.
fn object(she: &Person<'_>, stage: &Stage) -> Result<()> {
    press(she, r#"[id^="object-"]"#)?;
    she.wait_for("#act-yes")?;
    spoken::examine(she, "volver-object")?;
    she.wire.cut_at_answer();
    she.click("#act-yes")?;
    she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
    she.wait_for("#net")?;
    she.try_again()?;
    she.wait_for(r#"[data-sent="objection"]"#)?;
    ensure!(says(she)?.contains(&spoken::says("inbox-sent")), "by when it shows");
    spoken::examine(she, "volver-sent")?;
    seat_takes(she, stage, "her objection", || {
        Ok(she.run(OBJECTED, &[json!(spoken::says("act-declarant-objection"))])? == 1)
    })?;
    ensure!(!she.sees(r#"[data-sent="objection"]"#)?, "what shows is not waited for");
    ensure!(!she.sees(r#"[id^="object-"]"#)?, "she has objected");
    she.run("document.querySelector('.acts').scrollIntoView()", &[])?;
    spoken::examine(she, "volver-acts")?;
    // A second cell of hers came to the seats; nothing is filed twice.
    for name in SEATS {
        stage.service.borrow().desk(name, &["queue"])?;
    }
    std::thread::sleep(std::time::Duration::from_secs(3));
    press(she, "#inbox-refresh")?;
    looks_until(she, "an answer", || {
        Ok(!she.text("#inbox-looked")?.contains(&spoken::says("inbox-refreshing")))
    })?;
    ensure!(
        she.run(OBJECTED, &[json!(spoken::says("act-declarant-objection"))])? == 1,
        "her objection stands once"
    );
    Ok(())
}

/// Nobody touches the page: it asks, then closes, and nothing of the inbox is left in it.
fn closes_when_nobody_is_there(she: &Person<'_>, words: &str, code: &str) -> Result<()> {
    she.set_older(SOON)?;
    she.open(&spoken::page("volver"))?;
    // She names the month, the newest of those on offer: of a log that is younger all is read.
    let month = "const { options } = document.getElementById('month'); options[1].selected = true;
        return [options.length, options[1].value]";
    let named = she.run(month, &[])?;
    ensure!(
        named[0] == 25 && named[1].as_str().is_some_and(|it| it.len() == 7),
        "{named}"
    );
    open(she, words)?;
    she.wait_for(".filing")?;
    ensure!(she.texts("#inbox-since")?.is_empty(), "nothing was left out");
    she.wait_for("#idle")?;
    she.wait_for("#closed-idle")?;
    spoken::examine(she, "volver-closed")?;
    let left = she.run("return document.documentElement.outerHTML", &[])?;
    ensure!(
        !left.as_str().unwrap_or_default().contains(code),
        "nothing of the inbox is left"
    );
    Ok(())
}

fn is_clean(she: Person<'_>, kept: &Kept) -> Result<()> {
    let words: Vec<&str> = kept.words.iter().map(String::as_str).collect();
    let needles = [
        Needle::words("her words", &words),
        Needle::text("her code", &kept.code),
        Needle::text("what was asked", "Carpeta de investigación"),
    ];
    let found = search(&she.leave(), &needles)?;
    ensure!(found.is_empty(), "left in the profile: {found:?}");
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_word_is_helped_where_it_stands() -> Result<()> {
    Stage::play(|stage| {
        for (tag, languages) in [("es", "es-MX,es"), ("en", "en-GB,en")] {
            let she = Person::arrive(stage, &format!("slips-{tag}"), languages, Size::PHONE)?;
            she.open(&format!("/{tag}/volver"))?;
            // Fewer than eight: which word is unknown is said at it all the same.
            she.write("#word-1", "ABRI marco emcargo zzzz")?;
            she.press(Key::Tab)?;
            let at = |place: usize| she.texts(&format!("#word-{place}-error"));
            she.until("the help at the third and fourth word", || {
                Ok((at(3)?.concat().contains("encargo") && at(4)?.concat().contains("zzzz")).then_some(()))
            })?;
            ensure!(
                at(1)?.concat().is_empty() && at(2)?.concat().is_empty(),
                "four letters suffice"
            );
            she.examine(&format!("volver-unknown-{tag}"))?;
            she.click("#word-3-error button")?;
            let value = she.run("return document.getElementById('word-3').value", &[])?;
            ensure!(value == "encargo" && at(3)?.concat().is_empty(), "{value}");
            she.click("#words-open")?;
            ensure!(she.text("#words-error")?.contains('4'), "how many she wrote");
            // Pasted as one text, numbered and in capitals, wherever it lands.
            let paste = "const field = document.getElementById('word-2'), clipboardData = new DataTransfer();
                clipboardData.setData('text', arguments[0]); field.focus();
                field.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}))";
            let numbered = "1. Abrir 2. marco\n3. encargo – lluvia, atar; porcion AGUDO cojin";
            she.run(paste, &[json!(numbered)])?;
            let fields = "return [...document.querySelectorAll('[data-word]')].map(field => field.value)";
            let written = she.run(fields, &[])?;
            let each = [
                "Abrir", "marco", "encargo", "lluvia", "atar", "porcion", "AGUDO", "cojin",
            ];
            ensure!(written == json!(each), "each in its place: {written}");
            // Two that changed places are told from words that are unknown.
            she.run(paste, &[json!("marco abrir encargo lluvia atar porcion agudo cojin")])?;
            she.click("#words-open")?;
            let order = if tag == "es" { "otro orden" } else { "another order" };
            ensure!(she.text("#words-error")?.contains(order), "the checksum's sentence");
            she.examine(&format!("volver-checksum-{tag}"))?;
            she.is_quiet(&[])?;
        }
        Ok(())
    })
}

/// What was asked of the service, without what grows with the log.
fn asked(she: &Person<'_>) -> BTreeSet<String> {
    let calls = she.wire.calls().into_iter().map(|(_, call)| call.path);
    let calls = calls.filter(|path| path.starts_with("/api/") || path.starts_with("/log/"));
    let plain = |path: String| -> String {
        let whole = path.split(".p/").next().unwrap_or_default().to_owned();
        whole
            .split('/')
            .map(
                |part| match part.chars().all(|letter| letter.is_ascii_hexdigit() || letter == 'x') {
                    true => "#",
                    false => part,
                },
            )
            .collect::<Vec<_>>()
            .join("/")
    };
    calls.map(plain).collect()
}

/// Opens the inbox of some words in a browser of its own; gives what it says, without its digits, and what was asked.
fn visit(stage: &Stage, name: &str, words: &str) -> Result<(String, BTreeSet<String>)> {
    let she = spoken::arrive(stage, name)?;
    she.open(&spoken::page("volver"))?;
    open(&she, words)?;
    she.wait_for(".filing")?;
    let text = says(&she)?.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let asked = asked(&she);
    ensure!(!asked.is_empty(), "something is asked");
    if name == "nobody" {
        spoken::examine(&she, "volver-none")?;
    }
    she.is_quiet(&[])?;
    Ok((text, asked))
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn words_that_lead_nowhere_all_look_the_same() -> Result<()> {
    Stage::play(|stage| {
        let kept = file_with(stage, "she-files", &mut |she, step| match step {
            "check" => {
                press(she, "#decoy")?;
                spoken::examine(she, "nuevo-check-decoy")
            }
            "decoy" => spoken::examine(she, "nuevo-decoy"),
            _ => Ok(()),
        })?;
        ensure!(kept.decoy.len() == 8 && kept.decoy != kept.words, "eight other words");
        let (none, none_asked) = visit(stage, "nobody", &others_words())?;
        let (other, other_asked) = visit(stage, "decoy", &kept.decoy.join(" "))?;
        ensure!(none == other, "{none}\n{other}");
        ensure!(none.contains(&spoken::says("inbox-none-h")), "{none}");
        ensure!(none_asked == other_asked, "{none_asked:?}\n{other_asked:?}");
        // Nor can the service tell the right words by what is asked.
        let (hers, hers_asked) = visit(stage, "she-herself", &kept.words.join(" "))?;
        ensure!(
            hers.contains(
                &kept
                    .code
                    .chars()
                    .filter(|letter| !letter.is_ascii_digit())
                    .collect::<String>()
            )
        );
        ensure!(none_asked == hers_asked, "{none_asked:?}\n{hers_asked:?}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_comes_back_by_keyboard() -> Result<()> {
    Stage::play(|stage| {
        let kept = file(stage, "she-filed")?;
        let she = Person::arrive(stage, "keys", "en", Size::PHONE)?;
        she.open("/en/")?;
        enter(&she, r#"a[href$="/en/volver"]"#)?;
        she.wait_for("#word-1")?;
        ensure!(she.tab_to("#exit", 3)? <= 2, "the exit is at most two Tabs away");
        she.tab_to("#word-1", 20)?;
        // Enter goes on to the next word, and opens after the last.
        for word in &kept.words {
            she.type_here(word)?;
            she.press(Key::Enter)?;
        }
        she.wait_for(".filing")?;
        ensure!(she.is_on("#step-inbox h1")?, "the focus is on the heading of the inbox");
        she.examine("volver-inbox-en")?;
        enter(&she, "#inbox-refresh")?;
        she.until("an answer", || {
            Ok((!she.text("#inbox-looked")?.is_empty()).then_some(()))
        })?;
        ensure!(she.is_on("#inbox-refresh")?, "the focus stays where it was");
        enter(&she, "#inbox-close")?;
        she.until("the way out", || {
            Ok(she.address()?.starts_with("https://").then_some(()))
        })
    })
}

/// Presses a button by keyboard, writes what its step asks for, and confirms.
fn send(she: &Person<'_>, button: &str, text: Option<&str>, sent: &str) -> Result<()> {
    enter(she, &format!(r#"[id^="{button}-R"]"#))?;
    she.wait_for("#act-yes")?;
    ensure!(she.is_on("#step-act h1")?, "the focus is on what she is about to do");
    she.examine(&format!("volver-{button}-en"))?;
    if let Some(text) = text {
        she.tab_to("#act-text", 10)?;
        she.type_here(text)?;
    }
    enter(she, "#act-yes")?;
    she.wait_for(&format!(r#"[data-sent="{sent}"]"#)).map(drop)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn what_she_sends_by_keyboard_shows_in_her_list() -> Result<()> {
    Stage::play(|stage| {
        let kept = file(stage, "she-wrote")?;
        for name in SEATS {
            stage_until(stage, &format!("the share of {name}"), name)?;
        }
        let she = Person::arrive(stage, "writes", "en", Size::PHONE)?;
        she.open("/en/volver")?;
        open(&she, &kept.words.join(" "))?;
        looks_until(&she, "that five of five hold their part", || {
            Ok(says(&she)?.contains("5 of 5 institutions"))
        })?;
        send(&she, "alive", None, "alive")?;
        send(&she, "say", Some("I am safe now."), "message")?;
        send(&she, "withdraw", None, "withdraw")?;
        she.examine("volver-waits-en")?;
        let lines = [
            "You let them know that you are still here.",
            "You sent a message.",
            "You asked to take it back.",
        ];
        seat_takes(&she, stage, "all that she sent", || {
            let told = says(&she)?;
            Ok(lines.iter().all(|line| told.contains(line)))
        })?;
        ensure!(says(&she)?.contains("It is erased after"), "when it is erased");
        send(&she, "take-back", None, "withdraw")?;
        seat_takes(&she, stage, "that it stays", || {
            Ok(says(&she)?.contains("You asked not to take it back any more."))
        })?;
        ensure!(!says(&she)?.contains("It is erased after"), "it stays");
        she.examine("volver-stays-en")?;
        she.is_quiet(&[])
    })
}

/// A seat at the command line acknowledges its part.
pub fn stage_until(stage: &Stage, what: &str, name: &str) -> Result<()> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    loop {
        let told = stage.service.borrow().desk(name, &["shares", "check"])?;
        if told.iter().any(|event| event["verdict"] == "holds") {
            return Ok(());
        }
        ensure!(std::time::Instant::now() < deadline, "{what} does not come");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_is_asked_and_consents_and_takes_it_back() -> Result<()> {
    Stage::play(|stage| {
        let folder = stage.service.borrow().folder().to_owned();
        std::fs::write(folder.join("account.txt"), TEXT)?;
        let seal = ["seal", "--account", "account.txt", "--soon", "--consent", "strict"];
        let out = ["--phrase-out", "words.txt"];
        stage.service.borrow().verb(&[&seal[..], &out].concat())?;
        let words = std::fs::read_to_string(folder.join("words.txt"))?;
        let she = spoken::arrive(stage, "asked")?;
        she.open(&spoken::page("volver"))?;
        open(&she, words.trim())?;
        looks_until(&she, "her filing", || she.sees(".filing[data-code]"))?;
        let code = she.run("return document.querySelector('.filing').dataset.code", &[])?;
        is_asked_for(&she, stage, code.as_str().context("a code")?, &SEATS, "6")?;
        ensure!(
            says(&she)?.contains(&spoken::says("ask-consent-h"))
                && says(&she)?.contains(&spoken::says("ask-consent-until")),
            "she is asked"
        );
        she.run("scrollTo(0, 0)", &[])?;
        spoken::examine(&she, "volver-consent-asked")?;
        press(&she, r#".ask [id^="yes-"]"#)?;
        she.wait_for("#act-yes")?;
        spoken::examine(&she, "volver-consent")?;
        she.click("#act-yes")?;
        she.wait_for(r#"[data-sent="consent"]"#)?;
        seat_takes(&she, stage, "her consent", || {
            Ok(says(&she)?.contains(&spoken::says("act-consent-yes")))
        })?;
        ensure!(!she.sees(r#".ask [id^="yes-"]"#)?, "she has said yes");
        press(&she, r#".ask [id^="no-"]"#)?;
        let what = if spoken::tag() == "es" { "no se abre" } else { "opened" };
        ensure!(she.text("#step-act")?.contains(what), "what it does");
        she.click("#act-yes")?;
        seat_takes(&she, stage, "that she took it back", || {
            Ok(says(&she)?.contains(&spoken::says("act-consent-no")))
        })?;
        she.wait_for(r#".ask [id^="yes-"]"#)?;
        she.is_quiet(&[])
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn without_scripts_it_says_what_to_do_and_takes_no_words() -> Result<()> {
    Stage::play(|stage| {
        for (tag, languages) in [("es", "es-MX,es"), ("en", "en-GB,en")] {
            let she = Person::arrive(stage, &format!("plain-{tag}"), languages, Size::PHONE)?;
            she.set_scripts(false)?;
            she.open(&format!("/{tag}/volver"))?;
            she.wait_for("#no-scripts h1")?;
            let fields = she.run(
                "return document.querySelectorAll('input:not([hidden] input)').length",
                &[],
            )?;
            ensure!(fields == 0, "no field takes words: {fields}");
            she.picture(&format!("volver-plain-{tag}"))?;
        }
        Ok(())
    })
    .context("scripts off")
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_asks_without_a_filing_and_reads_the_answer() -> Result<()> {
    Stage::play(|stage| {
        let she = spoken::arrive(stage, "asks")?;
        she.open(&spoken::page("volver"))?;
        enter(&she, "#question-open")?;
        she.wait_for("#question-draw")?;
        spoken::examine(&she, "volver-question")?;
        enter(&she, "#question-draw")?;
        she.wait_for("#step-question-words h1")?;
        spoken::examine(&she, "volver-question-words")?;
        let words = she.texts("#question-words li")?;
        ensure!(words.len() == 8, "eight words: {}", words.len());
        enter(&she, "#question-go")?;
        enter(&she, "#ask-free")?;
        she.wait_for("#act-yes")?;
        spoken::examine(&she, "volver-ask")?;
        she.tab_to("#act-text", 10)?;
        she.type_here("¿Quién puede leer lo que escriba?")?;
        enter(&she, "#act-yes")?;
        she.wait_for(".asked")?;
        ensure!(she.is_on(".asked")?, "the focus is on what was sent");
        spoken::examine(&she, "volver-asked-question")?;
        keeps_nothing(&she)?;
        let profile = she.leave();
        let of_words: Vec<&str> = words.iter().map(String::as_str).collect();
        let needles = [
            Needle::text("her question", "leer lo que escriba"),
            Needle::words("her words", &of_words),
        ];
        let found = search(&profile, &needles)?;
        ensure!(found.is_empty(), "left in the profile: {found:?}");

        let again = spoken::arrive(stage, "reads")?;
        for (name, press) in [(SEATS[0], "put-away"), (SEATS[1], "answer")] {
            let seat = spoken::arrive(stage, name)?;
            desk::unlock(&seat, stage, "es", name)?;
            let row = desk::row(&seat, "question")?;
            ensure!(
                seat.text(&row)?.contains("leer lo que escriba"),
                "the question is read first"
            );
            seat.examine("mesa-question")?;
            seat.click(&format!(r#"{row} [id^="{press}-"]"#))?;
            if press == "answer" {
                ensure!(seat.text("#sheet-lines")?.contains("leer lo que escriba"));
                seat.write("#field-text", "Nadie, si no lo sellas.")?;
                seat.examine("mesa-answer")?;
            }
            desk::sign(&seat)?;
            seat.until("the question to go", || Ok((!seat.sees(&row)?).then_some(())))?;
            seat.is_quiet(&[])?;
        }
        again.open(&spoken::page("volver"))?;
        open(&again, &words.join(" "))?;
        again.wait_for(".filing")?;
        looks_until(&again, "the answer", || {
            Ok(says(&again)?.contains("Nadie, si no lo sellas."))
        })?;
        spoken::examine(&again, "volver-answered")?;
        again.is_quiet(&[])
    })
}

/// More than a filing holds without an upload code.
const LARGE: u64 = 66 << 20;

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn with_a_code_in_a_message_she_adds_large_files() -> Result<()> {
    Stage::play(|stage| {
        let kept = file(stage, "she-first")?;
        let video = stage.folder().join("video.mp4");
        std::fs::File::create(&video)?.set_len(LARGE)?;
        let she = spoken::arrive(stage, "she-adds-large")?;
        she.open(&spoken::page("volver"))?;
        open(&she, &kept.words.join(" "))?;
        is_held(&she, stage, &kept.code, &SEATS[..3])?;
        looks_until(&she, "her filing, held", || she.sees(r#".filing[data-answer="held"]"#))?;
        let adds = || -> Result<()> {
            press(&she, &format!("#add-{}", kept.code))?;
            she.wait_for("#step-add h1")?;
            she.choose("#files", &[&video])
        };
        adds()?;
        she.until("that it does not fit", || {
            let state = she.texts("#file-list .file-state")?.concat();
            Ok(state.contains(&spoken::says("evidence-too-large")).then_some(()))
        })?;
        ensure!(!she.sees("#add-may-be-large")? && !she.sees("#add-is-large")?);
        she.click("#file-list .file-remove")?;
        press(&she, "#add-back")?;
        let message = ["message", &kept.code, "--template", "large"];
        stage.service.borrow().desk(SEATS[0], &message)?;
        looks_until(&she, "the message with its code", || {
            Ok(says(&she)?.contains(&spoken::says("inbox-code")))
        })?;
        adds()?;
        she.wait_for("#add-is-large")?;
        ensure!(she.sees("#add-may-be-large")?, "what the code allows is said");
        spoken::examine(&she, "volver-add-large")?;
        press(&she, "#add-seal")?;
        she.wait_for(".promised")?;
        // The code is used: it is offered no more in this visit.
        press(&she, &format!("#add-{}", kept.code))?;
        she.wait_for("#step-add h1")?;
        ensure!(!she.sees("#add-may-be-large")?);
        keeps_nothing(&she)
    })
}
