//! The pages to read: both languages, both screens, with scripts and without, under a policy that holds.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::json;

/// Every page that can be read without doing anything, by the name of its picture.
const PAGES: &[(&str, &str)] = &[
    ("landing", ""),
    ("quienes", "quienes"),
    ("huellas", "huellas"),
    ("nuevo-begin", "nuevo"),
    ("sin-scripts", "sin-scripts"),
    ("galeria", "galeria"),
    ("registro", "registro/"),
    ("registro-deberes", "registro/deberes"),
    ("registro-actos", "registro/actos"),
    ("ley", "ley"),
    ("ley-asistencia", "ley/asistencia"),
    ("mesa", "mesa/"),
    ("missing", "no-hay-tal-cosa"),
];

/// A string that runs would change the title; the page's own policy must stop it.
const RUN_A_STRING: &str = "setTimeout(\"document.title = 'a string ran'\")";

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn every_page_in_both_languages() -> Result<()> {
    Stage::play(|stage| {
        for (tag, languages) in [("es", "es-MX,es"), ("en", "en-GB,en")] {
            let person = Person::arrive(stage, &format!("reading-{tag}"), languages, Size::PHONE)?;
            person.open("/")?;
            ensure!(
                person.run("return document.documentElement.lang", &[])? == tag,
                "the browser's language"
            );
            for (name, path) in PAGES {
                person.open(&format!("/{tag}/{path}"))?;
                ensure!(person.run("return document.documentElement.lang", &[])? == tag);
                ensure!(person.run("return document.querySelectorAll('h1').length > 0", &[])? == true);
                if *name == "nuevo-begin" {
                    person.wait_for("#before-next")?;
                }
                person.examine(&format!("{name}-{tag}"))?;
                has_policy(&person, name)?;
            }
            person.is_quiet(&["404 (Not Found)", "unsafe-eval"])?;
            let kept = person.keeps(&person.wire.url)?;
            ensure!(kept.is_empty(), "the browser keeps {kept:?}");
        }
        Ok(())
    })
}

/// A string as code is stopped by the page's policy, and nothing came from elsewhere.
fn has_policy(person: &Person<'_>, name: &str) -> Result<()> {
    let before = person.title()?;
    person.run(RUN_A_STRING, &[])?;
    std::thread::sleep(std::time::Duration::from_millis(150));
    ensure!(person.title()? == before, "{name}: a string ran");
    let said = person.console()?;
    ensure!(
        said.iter().any(|line| line.contains("unsafe-eval")),
        "{name}: the browser tells of it: {said:?}"
    );
    let foreign = "return performance.getEntriesByType('resource').map(entry => entry.name)
        .filter(name => !name.startsWith(location.origin + '/') && !name.startsWith('blob:'))";
    ensure!(
        person.run(foreign, &[])? == json!([]),
        "{name}: something came from elsewhere"
    );
    ensure!(person.run("return document.cookie", &[])? == "", "{name}: a cookie");
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn without_scripts_the_pages_can_be_read() -> Result<()> {
    Stage::play(|stage| {
        let person = Person::arrive(stage, "no-scripts", "es-MX,es", Size::PHONE)?;
        person.set_scripts(false)?;
        for (name, path) in PAGES {
            person.open(&format!("/es/{path}"))?;
            let text = person.text("main")?;
            ensure!(
                text.split_whitespace().count() > 10,
                "{name} says nothing without scripts: {text}"
            );
            person.picture(&format!("{name}-no-scripts"))?;
        }
        person.open("/es/nuevo")?;
        person.wait_for("#no-scripts h1")?;
        ensure!(
            !person.sees("#account")?,
            "nothing can be written that could not be sealed"
        );
        Ok(())
    })
}
