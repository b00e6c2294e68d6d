//! Text of hers and of other people: halves of characters, names that turn around, days and their offset.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};
use serde_json::{Value, json};

use crate::declarant;

/// Runs a function body with a script of the page's as `module`.
fn with_module(person: &Person<'_>, page: &str, module: &str, body: &str, arguments: &[Value]) -> Result<Value> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         const base = document.querySelector('script[src*=\"{page}\"]').src;
         import(new URL('{module}', base)).then((module) => {{ {body} }}).catch((error) => done(String(error)));"
    );
    person.run_later(&script, arguments)
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn halves_of_characters_are_made_whole_and_nothing_else_changes() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "halves", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        let body = "done(JSON.parse(module.json({ a: 'x\\ud83dy', b: ['\\ude00', 'e\\u0301 👩🏽‍⚖️ \\u0000\\u202e\\n'], c: 7, d: null })));";
        let whole = with_module(&she, "nuevo.js", "text.js", body, &[])?;
        let right =
            json!({"a": "x\u{fffd}y", "b": ["\u{fffd}", "e\u{301} 👩🏽\u{200d}⚖️ \0\u{202e}\n"], "c": 7, "d": null});
        ensure!(whole == right, "{whole}");
        // In every field that is sealed, and in the name of a file.
        she.click("#who-next")?;
        let set = "for (const id of ['account', 'language', 'name', 'reach', 'not-safe', 'trusted'])
              document.getElementById(id).value = `roto \\ud83d en ${id} \\ude00`;
            document.querySelector('[name=interpreter]').click();
            const chosen = new DataTransfer();
            chosen.items.add(new File(['bytes'], 'foto\\ud83d.jpg'));
            document.getElementById('files').files = chosen.files;
            document.getElementById('files').dispatchEvent(new Event('change'));";
        she.run(set, &[])?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        she.click("#evidence-next")?;
        she.click("#person-next")?;
        she.click("#identity-give")?;
        she.click("#identity-next")?;
        let kept = declarant::seal(&she, &mut |_| Ok(()))?;
        ensure!(kept.code.starts_with("R-"));
        Ok(())
    })
}

/// What goes to a module as JSON goes through the one function that makes it whole.
#[test]
fn no_script_hands_over_json_of_its_own() -> Result<()> {
    let scripts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/scripts");
    // What is compared, shown, or thrown by a worker, and reaches no module.
    let others = [
        ("text.js", 1),
        ("volver.js", 1),
        ("mesa.js", 1),
        ("mesa-sign.js", 1),
        ("mesa-worker.js", 1),
    ];
    for file in std::fs::read_dir(scripts)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = std::fs::read_to_string(&path)?.matches("JSON.stringify(").count();
        let known = others
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(0, |(_, count)| *count);
        ensure!(found == known, "{name} writes JSON {found} times instead of {known}");
    }
    Ok(())
}

/// What acts on what stands around it: controls, separators, and every `Bidi_Control`.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn names_that_turn_the_text_around_are_shown_as_they_are() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "turned", "es-MX,es", Size::PHONE)?;
        she.open("/es/nuevo")?;
        she.click("#before-next")?;
        she.wait_for("#who-state.done")?;
        // Character by character what the other programs mark.
        let body = "const marked = [];
            for (let code = 0; code < 0x110000; code += 1) {
              if (code >= 0xd800 && code < 0xe000) continue;
              const text = String.fromCodePoint(code);
              const shown = module.visible(text);
              if (shown !== text) marked.push([code, shown]);
            }
            done(marked);";
        let marked = with_module(&she, "nuevo.js", "text.js", body, &[])?;
        let right: Vec<Value> = ('\0'..=char::MAX)
            .filter(|character| is_hidden(*character))
            .map(|character| json!([u32::from(character), format!("⟨U+{:04X}⟩", u32::from(character))]))
            .collect();
        ensure!(marked == json!(right), "{marked}");
        she.click("#who-next")?;
        she.write("#account", "Sí.")?;
        she.click("#account-next")?;
        she.click("#questions-next")?;
        let add = "const chosen = new DataTransfer();
            for (const name of arguments[0]) chosen.items.add(new File(['bytes'], name));
            document.getElementById('files').files = chosen.files;
            document.getElementById('files').dispatchEvent(new Event('change'));";
        let names = [
            "factura\u{202e}gpj.exe",
            "a\nb\u{7}.jpg",
            "\u{2066}x\u{2069}.pdf",
            "שלום.jpg",
        ];
        she.run(add, &[json!(names)])?;
        let shown = she.texts("#file-list .file-name")?;
        let right = [
            "factura⟨U+202E⟩gpj.exe",
            "a⟨U+000A⟩b⟨U+0007⟩.jpg",
            "⟨U+2066⟩x⟨U+2069⟩.pdf",
            "שלום.jpg",
        ];
        ensure!(shown == right, "{shown:?}");
        let isolated = "return [...document.querySelectorAll('#file-list .file-name')]
            .every((name) => getComputedStyle(name).unicodeBidi === 'isolate')";
        ensure!(she.run(isolated, &[])? == true);
        she.click("#evidence-next")?;
        she.click("#person-next")?;
        she.click("#identity-next")?;
        let listed = she.texts("#check-files li")?;
        ensure!(
            listed[0].starts_with(right[0]) && listed[3].starts_with("\u{2068}שלום.jpg\u{2069}, "),
            "{listed:?}"
        );
        // At the desk every text goes through the same.
        she.open("/es/mesa/")?;
        she.wait_for("#desk-key")?;
        let body = "const element = module.h('p', { title: 'a\\u202eb' }, 'c\\u001bd', module.t('desk-opened-image', { name: 'e\\u202ef' }));
            done([element.textContent, element.title, module.t('desk-opened-image', { name: 'שלום' })]);";
        let desk = with_module(&she, "mesa.js", "mesa-words.js", body, &[])?;
        let texts = desk.to_string();
        ensure!(
            texts.contains("c⟨U+001B⟩d") && texts.contains("e⟨U+202E⟩f") && texts.contains("a⟨U+202E⟩b"),
            "{texts}"
        );
        ensure!(texts.contains("\u{2068}שלום\u{2069}"), "{texts}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_day_is_the_devices_and_says_its_offset() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "days", "es-MX,es", Size::PHONE)?;
        for (zone, day, shown) in [
            (
                "America/Mexico_City",
                "2026-03-10T20:00:00-06:00",
                "10 de marzo de 2026 (UTC-6)",
            ),
            (
                "America/Cancun",
                "2026-03-10T21:00:00-05:00",
                "10 de marzo de 2026 (UTC-5)",
            ),
            (
                "America/Tijuana",
                "2026-03-10T19:00:00-07:00",
                "10 de marzo de 2026 (UTC-7)",
            ),
            (
                "Asia/Kathmandu",
                "2026-03-11T07:45:00+05:45",
                "11 de marzo de 2026 (UTC+5:45)",
            ),
            ("UTC", "2026-03-11T02:00:00+00:00", "11 de marzo de 2026 (UTC)"),
        ] {
            she.devtools("Emulation.setTimezoneOverride", &json!({"timezoneId": zone}))?;
            she.open("/es/nuevo")?;
            she.click("#before-next")?;
            she.wait_for("#who-state.done")?;
            let body = "const date = new Date(Date.UTC(2026, 2, 11, 2));
                done([module.localTime(date), module.zoned('es', { dateStyle: 'long' })(date)]);";
            let told = with_module(&she, "nuevo.js", "when.js", body, &[])?;
            ensure!(told[0] == day, "{zone}: {told}");
            let text = told[1].as_str().unwrap_or_default();
            ensure!(
                text == shown || (zone == "UTC" && text.ends_with("UTC")),
                "{zone}: {told}"
            );
            she.open("/es/mesa/")?;
            she.wait_for("#desk-key")?;
            let time = with_module(
                &she,
                "mesa.js",
                "mesa-words.js",
                "done(module.time(Date.UTC(2026, 2, 11, 2) / 1000));",
                &[],
            )?;
            let (_, offset) = shown.rsplit_once(' ').unwrap_or_default();
            ensure!(
                time.as_str().is_some_and(|time| time.ends_with(offset)),
                "{zone}: {time}"
            );
        }
        Ok(())
    })
}
