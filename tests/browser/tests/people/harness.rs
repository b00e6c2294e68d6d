//! The means of the other tests: each must be able to fail.

use anyhow::{Result, ensure};
use browser::{LEFT, Needle, Person, Size, Stage, bait, search};
use serde_json::json;

/// Whether the service answers through a wire.
fn http(url: &str) -> bool {
    ureq::get(format!("{url}/healthz")).call().is_ok()
}

/// What went to the service since somebody listened.
fn heard(person: &Person<'_>) -> String {
    String::from_utf8_lossy(&person.wire.heard()).into_owned()
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_page_that_misbehaves_is_seen() -> Result<()> {
    Stage::play(|stage| {
        let person = Person::arrive(stage, "bait", "es-MX,es", Size::PHONE)?;
        person.open_url(&bait()?)?;
        let axe = format!("{:#}", person.is_accessible("bait").expect_err("axe finds something"));
        for rule in ["image-alt", "label", "color-contrast", "html-has-lang"] {
            ensure!(axe.contains(rule), "axe does not tell {rule}: {axe}");
        }
        person.examine("bait")?;
        let faults = stage.take_faults().concat();
        for fault in ["px wide", "image-alt", "axe on bait-dark", "bait, with large text"] {
            ensure!(
                faults.contains(fault),
                "the examination does not tell {fault}: {faults}"
            );
        }
        let noise = person
            .is_quiet(&[])
            .expect_err("the console said something")
            .to_string();
        ensure!(noise.contains("the bait complains"), "{noise}");
        ensure!(person.title()? == "a string ran", "without a policy a string runs");
        ensure!(
            !person.keeps(&person.address()?)?.is_empty(),
            "a cookie and an item are kept"
        );
        let profile = person.leave();
        let found = search(&profile, &[Needle::text("left", LEFT)])?;
        ensure!(!found.is_empty(), "the profile on the disk holds what the page stored");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn the_screen_the_network_and_the_scripts_are_hers() -> Result<()> {
    Stage::play(|stage| {
        let person = Person::arrive(stage, "means", "es-MX,es", Size::DESK)?;
        person.open("/")?;
        let screen = person.run("return [innerWidth, innerHeight, navigator.language]", &[])?;
        ensure!(screen == json!([1280, 800, "es-MX"]), "{screen}");
        let ask = || http(&person.wire.url);
        ensure!(ask(), "the wire joins");
        person.wire.listen();
        ensure!(
            ask() && heard(&person).contains("GET /healthz "),
            "what passes is heard"
        );
        ensure!(ask() && heard(&person).is_empty(), "and only while somebody listens");
        person.set_online(false)?;
        ensure!(!ask() && person.wire.is_cut(), "the wire is cut");
        ensure!(person.run("return navigator.onLine", &[])? == false);
        person.set_online(true)?;
        ensure!(ask(), "the wire joins again");
        ensure!(person.run("return navigator.onLine", &[])? == true);
        person.wire.cut_after(1);
        ensure!(!ask() && person.wire.is_cut(), "the wire is cut by what passed");
        person.set_scripts(false)?;
        person.open_url(&bait()?)?;
        ensure!(person.title()? == "bait", "no script of the page ran");
        ensure!(person.text("p")? == "pale", "the page can be read");
        Ok(())
    })
}
