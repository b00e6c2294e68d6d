//! She listens instead of reading: by touch, at each step; and nothing plays on where she has gone.

use anyhow::{Context as _, Result, ensure};
use browser::{Needle, Person, Size, Stage, search};
use serde_json::{Value, json};

/// What is heard of a screen: a player as it stands.
fn player(she: &Person<'_>, screen: &str) -> Result<Value> {
    let script = "const player = document.querySelector(`audio[src$=\"/es-${arguments[0]}.opus\"]`);
        return {at: player.currentTime, ready: player.readyState, stopped: player.paused, long: player.duration};";
    she.run(script, &[json!(screen)])
}

/// Touches the player's own button, at its beginning.
fn touch(she: &Person<'_>, screen: &str) -> Result<()> {
    let script = "const player = document.querySelector(`audio[src$=\"/es-${arguments[0]}.opus\"]`);
        player.scrollIntoView({block: 'center'});
        const box = player.getBoundingClientRect();
        return [Math.round(box.left + 27), Math.round(box.top + box.height / 2)];";
    let place = she.run(script, &[json!(screen)])?;
    let touch = json!([{"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": [
        {"type": "pointerMove", "duration": 0, "x": place[0], "y": place[1]},
        {"type": "pointerDown", "button": 0}, {"type": "pause", "duration": 60}, {"type": "pointerUp", "button": 0},
    ]}]);
    she.perform(touch)
}

/// Waits until more than half a second of it was heard.
fn hears(she: &Person<'_>, screen: &str) -> Result<()> {
    she.until(&format!("the sound of {screen}"), || {
        let player = player(she, screen)?;
        let is_heard =
            player["at"].as_f64() > Some(0.5) && player["ready"].as_u64() > Some(1) && player["stopped"] == false;
        Ok(is_heard.then_some(()))
    })
}

/// Recordings that the page has fetched.
fn fetched(she: &Person<'_>) -> Result<u64> {
    let script = "return performance.getEntriesByType('resource').filter(({name}) => name.endsWith('.opus')).length";
    she.run(script, &[])?.as_u64().context("a number")
}

fn is_stopped(she: &Person<'_>, screen: &str) -> Result<bool> {
    Ok(player(she, screen)?["stopped"] == true)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_listens_and_it_stops_where_she_goes_on() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "listens", "es", Size::PHONE)?;
        she.open("/es/")?;
        she.examine("landing-listen")?;
        she.open("/es/nuevo")?;
        she.wait_for("#before-next")?;
        she.examine("nuevo-before-listen")?;
        ensure!(fetched(&she)? == 0, "nothing is fetched before she asks for it");
        touch(&she, "before")?;
        hears(&she, "before")?;
        she.picture("nuevo-before-listening")?;
        // She goes to another place in it.
        she.run(
            "document.querySelector('audio[src$=\"/es-before.opus\"]').currentTime = 20",
            &[],
        )?;
        she.until("twenty seconds on", || {
            Ok((player(&she, "before")?["at"].as_f64() > Some(20.3)).then_some(()))
        })?;
        // One voice at a time.
        touch(&she, "before-2")?;
        hears(&she, "before-2")?;
        ensure!(is_stopped(&she, "before")?, "two voices at once");
        she.click("#before-next")?;
        ensure!(is_stopped(&she, "before-2")?, "it plays on at the next step");
        she.wait_for("#who-state.done")?;
        she.examine("nuevo-who-listen")?;
        touch(&she, "who")?;
        hears(&she, "who")?;
        // Somebody comes, and she hides the page.
        she.run(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});
             document.dispatchEvent(new Event('visibilitychange'));
             delete document.hidden",
            &[],
        )?;
        ensure!(is_stopped(&she, "who")?, "it plays on in a page that is hidden");
        touch(&she, "who")?;
        she.until("the sound again", || Ok((!is_stopped(&she, "who")?).then_some(())))?;
        let press = "const player = document.querySelector('audio[src$=\"/es-who.opus\"]');
            const wasHeard = !player.paused;
            document.getElementById('exit').click();
            return wasHeard && player.paused;";
        ensure!(she.run(press, &[])? == true, "it plays on after the exit");
        she.is_quiet(&["Clear-Site-Data"])?;
        let found = search(&she.leave(), &[Needle::text("the head of a recording", "OpusHead")])?;
        ensure!(found.is_empty(), "left in the profile: {found:?}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn what_cannot_be_heard_is_said_and_she_goes_on() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "cannot-listen", "es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        she.wait_for("#before-next")?;
        she.set_online(false)?;
        touch(&she, "before")?;
        she.until("what is said", || {
            let said = she.texts("#step-before .listen [role=alert]")?;
            Ok(said
                .iter()
                .any(|said| said.contains("Ahora no se puede oír"))
                .then_some(()))
        })?;
        she.examine("nuevo-listen-offline")?;
        she.set_online(true)?;
        touch(&she, "before")?;
        hears(&she, "before")?;
        ensure!(!she.sees("#step-before .listen [role=alert]")?, "it says so no longer");
        she.click("#before-next")?;
        she.wait_for("#step-who h1")?;
        Ok(())
    })
}

/// By keyboard, on a wide screen, and without scripts: the players are the browser's own.
#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_listens_by_keyboard_and_without_scripts() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "listens-by-keyboard", "es", Size::DESK)?;
        she.set_scripts(false)?;
        for (page, screen) in [
            ("/es/nuevo", "no-scripts"),
            ("/es/volver", "return-no-scripts"),
            ("/es/", "landing"),
        ] {
            she.open(page)?;
            let player = format!("audio[src$='/es-{screen}.opus']");
            ensure!(she.sees(&player)?, "{page} has no player");
            she.picture(&format!("{screen}-listen"))?;
            she.tab_to(&player, 20)?;
            she.type_here(" ")?;
            hears(&she, screen)?;
        }
        Ok(())
    })
}
