//! A browser that cannot seal is told so, by what it cannot do and not by its name.

use anyhow::{Result, ensure};
use browser::{Person, Size, Stage};

/// What an older browser lacks, and a script that takes it away.
const LACKS: &[(&str, &str)] = &[
    ("webassembly", "delete window.WebAssembly"),
    (
        // As every browser that compiles modules, but none with instructions of later years.
        "instructions",
        "const compile = WebAssembly.compile;
         WebAssembly.compile = bytes => bytes.length > 8 ? Promise.reject(new WebAssembly.CompileError()) : compile(bytes)",
    ),
    (
        // Firefox 113 and older read no type of a worker.
        "module-workers",
        "window.Worker = class { constructor(url) { new URL(url) } }",
    ),
];

#[test]
#[ignore = "needs Chromium: cargo xtask test browser"]
fn a_browser_that_cannot_seal_is_told_before_she_writes() -> Result<()> {
    Stage::play(|stage| {
        for (name, script) in LACKS {
            let she = Person::arrive(stage, &format!("lacks-{name}"), "es-MX,es", Size::PHONE)?;
            she.set_older(script)?;
            for tag in ["es", "en"] {
                she.open(&format!("/{tag}/nuevo"))?;
                she.wait_for("#no-wasm h1")?;
                ensure!(
                    !she.sees("#way")?,
                    "{name}: nothing can be written that could not be sealed"
                );
                ensure!(!she.sees("#no-scripts")?, "{name}: its scripts are on");
                she.examine(&format!("nuevo-no-module-{tag}"))?;
            }
        }
        Ok(())
    })
}
