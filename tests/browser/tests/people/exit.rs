//! The way out: at once, whatever she has written, with or without a network.

use anyhow::{Result, ensure};
use browser::{Needle, Person, Size, Stage, search};

use crate::filing::TEXT;

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn she_leaves_at_once_and_offline() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "exit", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        // Until the institutions are there, the button moves.
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        she.click("#who-next")?;
        she.write("#account", TEXT)?;
        she.set_online(false)?;
        // Read in the task of the press itself: nothing of hers waits for another one, or for the network.
        let press = "const start = performance.now(); document.getElementById('exit').click();
        return {took: performance.now() - start, text: document.body.innerText, title: document.title};";
        let left = she.run(press, &[])?;
        eprintln!("gone {} ms after the press", left["took"]);
        let text = left["text"].as_str().unwrap_or_default();
        ensure!(
            !text.is_empty() && !text.contains("Tapachula"),
            "neutral content: {text}"
        );
        let title = left["title"].as_str().unwrap_or_default();
        ensure!(
            !title.contains("Resguardo") && !text.contains("Resguardo"),
            "{title}: {text}"
        );
        she.set_online(true)?;
        she.until("the way out", || {
            Ok(she.address()?.starts_with("https://").then_some(()))
        })?;
        for _ in 0..3 {
            // The error page of the browser may refuse to be scripted: then it shows nothing of hers either.
            let _ = she.run("history.back()", &[]);
            std::thread::sleep(std::time::Duration::from_millis(200));
            let text = she
                .run("return document.body?.innerText ?? ''", &[])
                .unwrap_or_default();
            ensure!(
                !text.to_string().contains("Tapachula"),
                "Back shows what she wrote: {text}"
            );
        }
        let profile = she.leave();
        let found = search(&profile, &[Needle::text("her text", "fonda de Tapachula")])?;
        ensure!(found.is_empty(), "left in the profile: {found:?}");
        Ok(())
    })
}
