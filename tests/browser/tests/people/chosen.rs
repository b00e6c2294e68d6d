//! Files that she chooses or drops: each keeps its place and what is wrong with it until she removes it.

use std::path::Path;

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::json;

use crate::declarant;
use crate::filing::{TEXT, photo};

fn to_evidence<'a>(stage: &'a Stage, name: &str, language: &str, size: Size) -> Result<Person<'a>> {
    let she = Person::arrive(stage, name, language, size)?;
    she.open(&format!("/{language}/nuevo"))?;
    she.click("#before-next")?;
    she.wait_for("#who-state.done")?;
    she.click("#who-next")?;
    she.write("#account", TEXT)?;
    she.click("#account-next")?;
    she.click("#questions-next")?;
    she.wait_for("#step-evidence h1")?;
    Ok(she)
}

/// What each row says, by name.
fn rows(she: &Person<'_>) -> Result<Vec<(String, String)>> {
    let names = she.texts("#file-list .file-name")?;
    Ok(names.into_iter().zip(she.texts("#file-list .file-state")?).collect())
}

/// Waits until the file of a name says something else than that it is ready.
fn fault(she: &Person<'_>, name: &str) -> Result<String> {
    she.until(&format!("what is wrong with {name}"), || {
        let marked = she.texts("#file-list [data-fault] .file-name")?;
        let row = rows(she)?
            .into_iter()
            .find(|(row, _)| row == name && marked.contains(row));
        Ok(row.map(|(_, state)| state))
    })
}

fn remove(she: &Person<'_>, name: &str) -> Result<()> {
    let script = "for (const row of document.querySelectorAll('#file-list li'))
        if (row.querySelector('.file-name').textContent === arguments[0]) row.querySelector('.file-remove').click()";
    she.run(script, &[json!(name)]).map(drop)
}

/// Drops files from outside the browser, as a person does who drags them from a folder.
fn drop_files(she: &Person<'_>, files: &[&Path]) -> Result<()> {
    for kind in ["dragEnter", "dragOver", "drop"] {
        let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
        she.devtools(
            "Input.dispatchDragEvent",
            &json!({"type": kind, "x": 200, "y": 300, "data": data}),
        )?;
    }
    Ok(())
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn every_file_keeps_its_place_and_its_fault() -> Result<()> {
    Stage::play(|stage| {
        let (photo, _) = photo(stage.folder())?;
        let make = |name: &str, bytes: u64| -> Result<_> {
            let path = stage.folder().join(name);
            std::fs::File::create(&path)?.set_len(bytes)?;
            Ok(path)
        };
        for (tag, size) in [("es", Size::PHONE), ("en", Size::DESK)] {
            let she = to_evidence(stage, &format!("chooses-{tag}"), tag, size)?;
            let empty = make("vacía.jpg", 0)?;
            let changes = make("cambia.txt", 40)?;
            let vanishes = make("se-va.txt", 40)?;
            let large = make("enorme.mp4", 70 << 20)?;
            she.choose("#files", &[&empty, &changes, &vanishes, &large])?;
            let told = fault(&she, "vacía.jpg")?;
            fault(&she, "enorme.mp4")?;
            // The next choice takes nothing away from what was said of the first.
            she.choose("#files", &[&photo])?;
            she.until("five rows", || Ok((rows(&she)?.len() == 5).then_some(())))?;
            ensure!(fault(&she, "vacía.jpg")? == told, "its sentence is gone");
            std::fs::write(&changes, "other words, and of another length")?;
            std::fs::remove_file(&vanishes)?;
            she.click("#evidence-next")?;
            let changed = fault(&she, "cambia.txt")?;
            ensure!(changed != told && changed == fault(&she, "se-va.txt")?, "{changed}");
            ensure!(she.sees("#step-evidence h1")?, "she goes on without a word");
            ensure!(!she.text("#files-error")?.is_empty() && she.is_on(".file[data-fault] .file-remove")?);
            she.examine(&format!("nuevo-evidence-faults-{tag}"))?;
            for name in ["vacía.jpg", "cambia.txt", "se-va.txt"] {
                remove(&she, name)?;
                ensure!(she.sees("#step-evidence h1")? && fault(&she, "enorme.mp4").is_ok());
            }
            remove(&she, "enorme.mp4")?;
            she.click("#evidence-next")?;
            she.click("#person-next")?;
            she.wait_for("#step-identity h1")?;
            // It changes after she went on: said before anything is sealed.
            std::fs::write(&photo, "not the photograph any more")?;
            she.click("#identity-next")?;
            she.click("#seal-now")?;
            she.wait_for("#step-evidence h1")?;
            ensure!(fault(&she, crate::filing::PHOTO)? == changed);
            remove(&she, crate::filing::PHOTO)?;
            crate::filing::photo(stage.folder())?;
        }
        Ok(())
    })
}

/// Beside each file stands, before anything is sent, what becomes of the data that it carries.
#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn each_file_says_whether_its_data_can_be_removed() -> Result<()> {
    Stage::play(|stage| {
        let she = to_evidence(stage, "copies", "es", Size::PHONE)?;
        let [photo, film, sound, paper] =
            ["foto.jpg", "video.mp4", "voz.m4a", "carta.pdf"].map(|name| stage.folder().join(name));
        std::fs::write(&photo, include_bytes!("../../../../crates/resguardo/assets/demo.jpg"))?;
        let film_bytes = include_bytes!("../../../../crates/scrub/tests/films/fragments.mp4");
        std::fs::write(&film, film_bytes)?;
        std::fs::write(&sound, include_bytes!("../../../../crates/scrub/tests/films/sound.m4a"))?;
        std::fs::write(&paper, "%PDF-1.7")?;
        she.choose("#files", &[&photo, &film, &sound, &paper])?;
        let states = |sentences: [&str; 4]| {
            she.until("what becomes of each", || {
                let said = she.texts("#file-list .file-state")?;
                let fit = said
                    .iter()
                    .zip(sentences)
                    .all(|(said, sentence)| said.contains(sentence));
                Ok((said.len() == 4 && fit).then_some(()))
            })
        };
        let (both, only) = ("con una copia sin lugar", "va solo la copia");
        states([both, both, both, "va con todo"])?;
        she.examine("nuevo-copias-es")?;
        she.click("#copies-only")?;
        states([only, only, only, "Quítalo, o desmarca"])?;
        she.examine("nuevo-solo-copias-es")?;
        she.click("#evidence-next")?;
        ensure!(
            she.text("#files-error")?.contains("Quita los archivos marcados"),
            "it waits"
        );
        she.click("#copies-only")?;
        states([both, both, both, "va con todo"])
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn the_limit_that_is_met_is_named() -> Result<()> {
    Stage::play(|stage| {
        let she = to_evidence(stage, "limits", "es", Size::PHONE)?;
        let mut many = Vec::new();
        for n in 0..25 {
            let path = stage.folder().join(format!("foto-{n}.jpg"));
            std::fs::write(&path, [n])?;
            many.push(path);
        }
        she.choose("#files", &many.iter().map(|path| path.as_path()).collect::<Vec<_>>())?;
        let error = she.until("how many fit", || {
            Ok(Some(she.text("#files-error")?).filter(|text| !text.is_empty()))
        })?;
        ensure!(error.contains("21 archivos") && error.contains("Quita 4"), "{error}");
        for n in 0..25 {
            remove(&she, &format!("foto-{n}.jpg"))?;
        }
        let halves = ["a.mp4", "b.mp4"].map(|name| stage.folder().join(name));
        for half in &halves {
            std::fs::File::create(half)?.set_len(40 << 20)?;
        }
        she.choose("#files", &[&halves[0], &halves[1]])?;
        let error = she.until("how much fits", || {
            Ok(Some(she.text("#files-error")?).filter(|text| !text.is_empty()))
        })?;
        ensure!(error.contains("MB") && !error.contains("archivos"), "{error}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_dropped_file_is_taken_and_never_opened() -> Result<()> {
    Stage::play(|stage| {
        let (photo, _) = photo(stage.folder())?;
        let page = stage.folder().join("página.html");
        std::fs::write(&page, "<h1>instead of hers</h1>")?;
        let she = to_evidence(stage, "drops", "es", Size::DESK)?;
        drop_files(&she, &[&photo, &page])?;
        she.until("two rows", || Ok((rows(&she)?.len() == 2).then_some(())))?;
        for step in ["#back", "#back"] {
            she.click(step)?;
            drop_files(&she, &[&page])?;
            ensure!(she.address()?.ends_with("/es/nuevo"), "{}", she.address()?);
        }
        ensure!(she.run("return document.getElementById('account').value", &[])? == TEXT);
        ensure!(rows(&she)?.len() == 2, "where no file is asked for none is taken");
        // At the desk the key is taken; it never leaves the page for the file.
        she.open("/es/mesa/")?;
        she.wait_for("#desk-key")?;
        drop_files(&she, &[&page])?;
        let name = "return document.getElementById('desk-file').files[0]?.name ?? ''";
        she.until("the dropped key", || {
            Ok((she.run(name, &[])? == "página.html").then_some(()))
        })?;
        ensure!(she.address()?.ends_with("/es/mesa/"));
        she.write("#desk-pass", "one two three")?;
        she.click("#desk-open")?;
        ensure!(!she.text("#desk-failure")?.is_empty());
        // Files that cannot be a key, or be read, are named.
        let empty = stage.folder().join("vacía.key");
        std::fs::write(&empty, "")?;
        let changes = stage.folder().join("cambia.key");
        std::fs::write(&changes, "one")?;
        for (path, then) in [(&empty, None), (&changes, Some("longer than before"))] {
            she.choose("#desk-file", &[path])?;
            if let Some(text) = then {
                std::fs::write(path, text)?;
            }
            she.write("#desk-pass", "one two three")?;
            she.click("#desk-open")?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            she.until("its name", || {
                Ok(she.text("#desk-failure")?.contains(&name).then_some(()))
            })?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn what_she_writes_is_counted_in_letters() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "counts", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        she.click("#who-next")?;
        let set =
            "const field = document.getElementById(arguments[0]); field.value = arguments[1].repeat(arguments[2]);
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        let cut = "const field = document.getElementById('account');
            field.value = Array.from(field.value).slice(0, -arguments[0]).join('');
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        for (letter, times) in [
            ("a", 262_144),
            ("ñ", 140_000),
            ("\n", 140_000),
            ("👩", 70_000),
            ("\"", 135_000),
        ] {
            she.run(set, &[json!("account"), json!(letter), json!(times)])?;
            she.click("#account-next")?;
            let error = she.text("#account-letters")?;
            let over: usize = error.chars().filter(char::is_ascii_digit).collect::<String>().parse()?;
            ensure!(
                she.is_on("#account")? && over > 0 && over < times && !error.contains("archivos"),
                "{error}"
            );
            she.run(cut, &[json!(over)])?;
            let left = she.text("#account-letters")?;
            ensure!(left != error, "after {over} fewer it fits: {left}");
        }
        she.click("#account-next")?;
        she.wait_for("#step-questions h1")?;
        she.click("#back")?;
        // A language of many letters, and an identity, each by its own limit.
        she.run(set, &[json!("account"), json!("a"), json!(20)])?;
        she.run("document.querySelector('[name=interpreter]').click()", &[])?;
        she.run(set, &[json!("language"), json!("náhuatl "), json!(60)])?;
        she.click("#account-next")?;
        ensure!(she.is_on("#language")? && !she.text("#language-letters")?.is_empty());
        she.run(set, &[json!("language"), json!("náhuatl "), json!(2)])?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        she.click("#evidence-next")?;
        she.click("#person-next")?;
        she.click("#identity-give")?;
        she.run(set, &[json!("reach"), json!("á"), json!(140_000)])?;
        she.click("#identity-next")?;
        ensure!(she.is_on("#reach")?, "the field that is too long");
        she.examine("nuevo-identity-long")?;
        // Spaces that nobody sees are no account.
        she.run(set, &[json!("reach"), json!("á"), json!(3)])?;
        she.click("#identity-next")?;
        for blank in [" \n", "\u{200b}\u{2060}", "\u{3164}", "\u{a0}\u{feff}"] {
            she.run(set, &[json!("account"), json!(blank), json!(4)])?;
            she.click("#seal-now")?;
            ensure!(!she.text("#check-error")?.is_empty(), "{blank:?} was sealed");
            she.run("document.getElementById('check-error').textContent = ''", &[])?;
        }
        she.run(set, &[json!("account"), json!("Sí. "), json!(1)])?;
        declarant::seal(&she, &mut |_| Ok(())).map(drop)
    })
}
