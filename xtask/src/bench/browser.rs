//! The page's work in Chromium beside the same work natively.

use std::process::Command;

use anyhow::Result;

use super::machine;
use crate::sh::{call, cargo, output, root, target};
use crate::{demo, setup, wasm};

/// The section of docs/performance.md.
const HEADING: &str = "## In the browser, beside the same work natively";

/// Measures; gives the section.
pub fn section() -> Result<String> {
    let browser = setup::browser()?;
    wasm::build()?;
    let program = demo::build()?;
    call(cargo().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "browser",
        "--bin",
        "measure",
    ]))?;
    let screenshots = target().join("measured");
    let mut measure = Command::new(target().join("release/measure"));
    measure
        .current_dir(root())
        .env("RESGUARDO_BIN", program)
        .env("RESGUARDO_CHROMIUM", &browser.chromium)
        .env("RESGUARDO_CHROMEDRIVER", &browser.driver)
        .env("RESGUARDO_AXE", &browser.axe)
        .env("RESGUARDO_SCREENSHOTS", &screenshots);
    let table = output(&mut measure)?;
    let chromium = output(Command::new(&browser.chromium).arg("--version"))?;
    let chromium = chromium.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(format!("{HEADING}\n{}, {chromium}.\n\n{table}", machine()?))
}
