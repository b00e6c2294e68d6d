//! The network goes away at every step, and the service dies once: nothing is lost, and it is filed once.

use std::cell::Cell;

use anyhow::{Context as _, Result, ensure};
use browser::{Key, Person, Size, Stage};
use deployment::SEATS;
use serde_json::Value;

use crate::declarant::{self, Telling};
use crate::filing::{NAME, TEXT, photo};

/// A file of the size of a short film, which is sent in several parts.
const FILM_BYTES: u32 = 6_000_000;

/// Where the field that she writes in stands on the screen.
const FIELD: &str = "return document.getElementById('account').getBoundingClientRect().top";

/// A share that was delivered after the step that logs its filing.
fn is_judged(event: &Value) -> bool {
    event["event"] == "share" && event["verdict"] != "early"
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn nothing_is_lost_when_the_network_goes() -> Result<()> {
    Stage::play(|stage| {
        let (photo, _) = photo(stage.folder())?;
        let film = stage.folder().join("lo-que-grabé.mp4");
        let bytes: Vec<u8> = (0..FILM_BYTES)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        std::fs::write(&film, bytes)?;
        let telling = Telling {
            text: TEXT,
            name: NAME,
            files: vec![photo, film],
            lapse: None,
        };
        let she = Person::arrive(stage, "cut-off", "es-MX,es", Size::PHONE)?;
        let has_died = Cell::new(false);
        let kept = declarant::file(&she, "es", &telling, &mut |step| match step {
            "who" | "receipt" => Ok(()),
            // While she writes: a strip says so, every step goes on, and it comes back.
            "before" | "account" | "questions" | "evidence" | "person" | "identity" => {
                let field = || she.run(FIELD, &[])?.as_f64().context("a place");
                let before = field()?;
                she.set_online(false)?;
                she.wait_for("#net")?;
                if step == "account" {
                    // A page is scrolled by whole pixels.
                    let after = field()?;
                    ensure!(
                        (before - after).abs() <= 1.0,
                        "her text moved from {before} to {after} under her finger"
                    );
                    she.examine("nuevo-offline")?;
                }
                she.try_again()
            }
            // The wire breaks when a part of the film has gone; then the service is killed and comes again.
            "check" => {
                she.wire.cut_after(2_000_000);
                Ok(())
            }
            "seal" => {
                she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
                she.wait_for("#net")?;
                she.examine("nuevo-paused")?;
                stage.service.borrow_mut().kill()?;
                has_died.set(true);
                stage.service.borrow_mut().start()?;
                she.try_again()
            }
            // She has her words while it is sent, also when the wire breaks once more.
            _ => {
                she.set_online(false)?;
                she.wait_for("#words-sending")?;
                she.try_again()
            }
        })?;
        ensure!(has_died.get(), "the service died on the way");
        let service = stage.service.borrow();
        let mut shares = Vec::new();
        she.until("the delivery", || {
            let told = service.desk(SEATS[0], &["shares", "check", "--keep", "all"])?;
            shares.extend(told.into_iter().filter(is_judged));
            Ok((!shares.is_empty()).then_some(()))
        })?;
        std::thread::sleep(std::time::Duration::from_secs(3));
        let again = service.desk(SEATS[0], &["shares", "check", "--keep", "all"])?;
        shares.extend(again.into_iter().filter(is_judged));
        ensure!(shares.len() == 1, "it was filed once: {shares:?}");
        ensure!(
            shares[0]["code"] == kept.code.as_str() && shares[0]["verdict"] == "holds",
            "{shares:?}"
        );
        Ok(())
    })
}

/// What her page fetches before it can seal: its worker, a script of that, its module in two files.
const BEFORE_SHE_SEALS: [&str; 4] = ["/worker.js", "/sealing.js", "/declare.js", "/declare_bg.wasm"];

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn the_page_begins_although_the_network_goes_while_it_is_fetched() -> Result<()> {
    Stage::play(|stage| {
        for name in BEFORE_SHE_SEALS {
            let visitor = format!("without{}", name.replace(['/', '.'], "-"));
            let she = Person::arrive(stage, &visitor, "es-MX,es", Size::PHONE)?;
            she.wire.cut_at_file(name);
            she.open("/es/nuevo")?;
            she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
            she.wait_for("#net")?;
            she.try_again()?;
            she.click("#before-next")?;
            she.wait_for("#who-state.done")?;
            ensure!(!she.sees("#trouble")?, "{name}: nothing is wrong");
        }
        // Her inbox hears what she wrote before its script was there.
        let she = Person::arrive(stage, "returns", "es-MX,es", Size::PHONE)?;
        she.wire.cut_at_file("/volver-worker.js");
        she.open("/es/volver")?;
        she.until("the wire to break", || Ok(she.wire.is_cut().then_some(())))?;
        she.write("#word-1", "abrir marco zzzz")?;
        she.press(Key::Tab)?;
        she.try_again()?;
        she.until("the help at the third word", || {
            Ok(she.texts("#word-3-error")?.concat().contains("zzzz").then_some(()))
        })
    })
}
