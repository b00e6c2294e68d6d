//! Nothing moves under her finger: what comes later has its room from the beginning.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};

/// Holds back the first message to the worker, and with it the council, until the test lets it go.
const HOLD: &str = "window.Worker = class extends window.Worker {
    postMessage(message) {
        if (message.do === 'begin' && !window.release) window.release = () => super.postMessage(message);
        else super.postMessage(message);
    }
};";
/// Where the button that goes on stands in the document.
const PLACE: &str = "return document.getElementById('who-next').getBoundingClientRect().top + scrollY";

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn going_on_stays_where_it_is_when_the_council_is_proven() -> Result<()> {
    Stage::play(|stage| {
        for (tag, languages) in [("es", "es-MX,es"), ("en", "en-GB,en")] {
            let she = Person::arrive(stage, &format!("still-{tag}"), languages, Size::PHONE)?;
            she.set_older(HOLD)?;
            for size in [Size::PHONE, Size::DESK] {
                she.resize(size)?;
                she.open(&format!("/{tag}/nuevo"))?;
                she.click("#before-next")?;
                she.wait_for("#who-next")?;
                ensure!(!she.sees("#who-state.done")?, "nothing is called proven yet");
                ensure!(!she.sees("#who-leave input")?, "nor is anything to choose from");
                if size == Size::PHONE {
                    she.examine(&format!("nuevo-unproven-{tag}"))?;
                }
                let before = she.run(PLACE, &[])?;
                she.run("window.release()", &[])?;
                she.wait_for("#who-state.done")?;
                let after = she.run(PLACE, &[])?;
                ensure!(
                    before == after,
                    "it moved from {before} to {after} in {tag} at {}",
                    size.name
                );
            }
            she.is_quiet(&[])?;
        }
        Ok(())
    })
}
