//! A browser that cannot seal is told so, by what it cannot do and not by its name. One without WebAssembly can.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};

/// Firefox 113 and older read no type of a worker.
const NO_MODULE_WORKERS: &str = "window.Worker = class { constructor(url) { new URL(url) } }";

/// What a browser lacks that seals in plain JavaScript, and a script that takes it away.
const WITHOUT: &[(&str, &str)] = &[
    ("webassembly", "delete window.WebAssembly"),
    (
        // As every browser that compiles modules, but none with instructions of later years.
        "instructions",
        "const compile = WebAssembly.compile;
         WebAssembly.compile = bytes => bytes.length > 8 ? Promise.reject(new WebAssembly.CompileError()) : compile(bytes)",
    ),
];

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_browser_that_cannot_seal_is_told_before_she_writes() -> Result<()> {
    Stage::play(|stage| {
        let she = Person::arrive(stage, "no-module-workers", "es-MX,es", Size::PHONE)?;
        she.set_older(NO_MODULE_WORKERS)?;
        for tag in ["es", "en"] {
            she.open(&format!("/{tag}/nuevo"))?;
            she.wait_for("#no-wasm h1")?;
            ensure!(!she.sees("#way")?, "nothing can be written that could not be sealed");
            ensure!(!she.sees("#no-scripts")?, "its scripts are on");
            she.examine(&format!("nuevo-no-module-{tag}"))?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_browser_without_webassembly_proves_the_council_in_plain_javascript() -> Result<()> {
    Stage::play(|stage| {
        for (name, script) in WITHOUT {
            let she = Person::arrive(stage, &format!("lacks-{name}"), "es-MX,es", Size::PHONE)?;
            she.set_older(script)?;
            she.open("/es/nuevo")?;
            she.click("#before-next")?;
            she.wait_for("#who-state.done")?;
            let plain = she
                .wire
                .calls()
                .iter()
                .any(|(_, call)| call.path.ends_with("/declare_plain.js"));
            ensure!(plain, "{name}: it fetched what its browser can run");
            // Her inbox reads more than plain JavaScript could in time: it says that it cannot.
            she.open("/es/volver")?;
            she.wait_for("#no-wasm h1")?;
        }
        Ok(())
    })
}
