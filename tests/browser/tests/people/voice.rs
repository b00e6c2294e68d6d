//! She tells it with her voice: recorded in the page, heard, erased, sealed; and nothing of it stays in the browser.

use anyhow::{Result, ensure};
use browser::{Needle, Person, Size, Stage, search};
use serde_json::json;

use crate::declarant;
use crate::filing::keeps_nothing;

/// Whether the browser lets a page use the microphone, as if she had answered its question.
fn answer_the_browser(she: &Person<'_>, setting: &str) -> Result<()> {
    let permission = json!({"permission": {"name": "microphone"}, "setting": setting});
    she.devtools("Browser.setPermission", &permission).map(drop)
}

fn to_account<'a>(stage: &'a Stage, name: &str) -> Result<Person<'a>> {
    let she = Person::arrive(stage, name, "es", Size::PHONE)?;
    she.open("/es/nuevo")?;
    she.click("#before-next")?;
    she.wait_for("#who-state.done")?;
    she.click("#who-next")?;
    she.wait_for("#voice-start")?;
    Ok(she)
}

/// Waits until the clock of the recording shows this second or a later one.
fn record_to(she: &Person<'_>, second: u64) -> Result<()> {
    she.until("the clock of the recording", || {
        Ok((clock(she)? >= second).then_some(()))
    })
}

fn clock(she: &Person<'_>) -> Result<u64> {
    let text = she.text("#voice-time")?;
    let numbers: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    ensure!(numbers.len() == 2, "minutes and seconds: {text:?}");
    Ok(numbers[0] * 60 + numbers[1])
}

/// How long a recording is that the browser decodes to its end, in seconds.
fn heard(she: &Person<'_>) -> Result<f64> {
    let script = "const told = arguments[arguments.length - 1];
        const audio = document.querySelector('#voice-list audio');
        audio.addEventListener('ended', () => told(audio.currentTime));
        audio.addEventListener('error', () => told(-1));
        audio.playbackRate = 4;
        audio.play().catch(() => told(-2))";
    she.run_later(script, &[])?
        .as_f64()
        .ok_or_else(|| anyhow::anyhow!("no time"))
}

/// Whether the page still holds a microphone.
fn holds_microphone(she: &Person<'_>) -> Result<bool> {
    Ok(she.run(
        "return (window.tracks ?? []).some((track) => track.readyState === 'live')",
        &[],
    )? == true)
}

/// Remembers each microphone that the page is given.
const WATCH: &str = "const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.tracks = [];
    navigator.mediaDevices.getUserMedia = async (wish) => {
        const stream = await ask(wish);
        window.tracks.push(...stream.getTracks());
        return stream;
    }";

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_says_it_and_writes_nothing() -> Result<()> {
    Stage::play(|stage| {
        let she = to_account(stage, "speaks")?;
        answer_the_browser(&she, "granted")?;
        she.run(WATCH, &[])?;
        she.click("#voice-start")?;
        record_to(&she, 2)?;
        ensure!(she.is_on("#voice-pause")?, "the next button has the focus");
        she.click("#voice-pause")?;
        let paused = clock(&she)?;
        she.examine("nuevo-voice-paused")?;
        ensure!(clock(&she)? == paused, "the clock stands while it is paused");
        she.click("#voice-pause")?;
        record_to(&she, paused + 1)?;
        // Somebody comes, and she hides the page: it does not record them.
        she.run(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});
             document.dispatchEvent(new Event('visibilitychange'));
             delete document.hidden;
             document.dispatchEvent(new Event('visibilitychange'))",
            &[],
        )?;
        she.click("#cover-show")?;
        let hidden = clock(&she)?;
        ensure!(!she.text("#voice-error")?.is_empty(), "it says why it is paused");
        she.click("#voice-pause")?;
        record_to(&she, hidden + 1)?;
        she.click("#voice-stop")?;
        she.wait_for("#voice-list audio")?;
        ensure!(!holds_microphone(&she)?, "the microphone is let go");
        ensure!(she.is_on("#voice-start")?, "the focus is not lost with the button");
        let length = heard(&she)?;
        ensure!(length > 2.5, "{length} s are heard of what was recorded");
        ensure!(she.sees("#language")?, "who speaks is asked in what language");
        she.write("#language", "tu'un savi")?;
        she.examine("nuevo-voice-recorded")?;
        // A second one, erased; a third that she is still saying when she goes on.
        she.click("#voice-start")?;
        record_to(&she, 1)?;
        she.click("#voice-stop")?;
        she.until("two recordings", || {
            Ok((she.texts("#voice-list .voice-name")?.len() == 2).then_some(()))
        })?;
        she.click("#voice-list li:last-child .voice-erase")?;
        ensure!(she.texts("#voice-list .voice-name")?.len() == 1);
        she.click("#voice-start")?;
        record_to(&she, 1)?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        she.wait_for("#step-evidence h1")?;
        ensure!(!holds_microphone(&she)?, "the microphone is let go");
        ensure!(she.texts("#file-list .file-name")? == ["Grabación 1.webm", "Grabación 3.webm"]);
        // A recording carries nothing beside the voice: it goes as it is, also where only copies go.
        she.click("#copies-only")?;
        she.until("what is said of recordings", || {
            let states = she.texts("#file-list .file-state")?;
            Ok(states
                .iter()
                .all(|state| state.contains("la grabaste aquí"))
                .then_some(()))
        })?;
        she.click("#file-list li:last-child .file-remove")?;
        she.click("#step-evidence [data-next]")?;
        she.click("#person-next")?;
        she.click("#identity-next")?;
        she.wait_for("#step-check h1")?;
        ensure!(she.texts("#check-files li")?.len() == 1);
        let kept = declarant::seal(&she, &mut |_| Ok(()))?;
        ensure!(kept.words.len() == 8);
        she.is_quiet(&[])?;
        keeps_nothing(&she)?;
        let needles = [
            Needle::text("the head of a recording", "OpusHead"),
            Needle::text("a recording's name", "Grabación 1"),
        ];
        let found = search(&she.leave(), &needles)?;
        ensure!(found.is_empty(), "left in the profile: {found:?}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn without_a_microphone_she_chooses_a_file_or_writes() -> Result<()> {
    Stage::play(|stage| {
        let she = to_account(stage, "not-allowed")?;
        answer_the_browser(&she, "denied")?;
        she.click("#voice-start")?;
        she.until("why it does not record", || {
            Ok(she.text("#voice-error")?.contains("micrófono").then_some(()))
        })?;
        ensure!(she.sees("#voice-start")? && !she.sees("#voice-stop")?);
        she.examine("nuevo-voice-denied")?;
        let audio = stage.folder().join("nota.ogg");
        std::fs::write(&audio, b"OggS and what follows")?;
        she.click("#voice details summary")?;
        she.choose("#voice-file", &[&audio])?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        she.wait_for("#step-evidence h1")?;
        ensure!(she.texts("#file-list .file-name")? == ["nota.ogg"]);
        Ok(())
    })
}

/// She leaves in the middle of a sentence: the microphone is let go at once.
#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn leaving_lets_the_microphone_go() -> Result<()> {
    Stage::play(|stage| {
        let she = to_account(stage, "leaves-speaking")?;
        answer_the_browser(&she, "granted")?;
        she.run(WATCH, &[])?;
        she.click("#voice-start")?;
        record_to(&she, 1)?;
        ensure!(holds_microphone(&she)?, "it records");
        she.run("window.dispatchEvent(new Event('resguardo:leave'))", &[])?;
        ensure!(!holds_microphone(&she)?, "the microphone is let go");
        ensure!(she.texts("#voice-list .voice-name")?.is_empty(), "nothing is kept");
        Ok(())
    })
}
