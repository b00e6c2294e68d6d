//! The page's work in Chromium beside the same work natively.

use std::process::Command;

use anyhow::Result;

use super::machine;
use crate::sh::{call, cargo, output, root, target};
use crate::{demo, say, setup, wasm};

/// The section of docs/performance.md.
pub const HEADING: &str = "## In the browser, beside the same work natively";

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

/// This part alone; with `is_kept` it takes its old place in docs/performance.md.
pub fn run(is_kept: bool) -> Result<()> {
    let section = section()?;
    say!("{section}");
    if !is_kept {
        return Ok(());
    }
    let path = root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path)?;
    Ok(std::fs::write(&path, replaced(&text, &section))?)
}

/// The text with the section in the place of the old one, or at its end.
fn replaced(text: &str, section: &str) -> String {
    let section = section.trim_end();
    let (before, old) = match text.split_once(HEADING) {
        Some(parts) => parts,
        None => return format!("{}\n\n{section}\n", text.trim_end()),
    };
    let after = old.split_once("\n## ").map(|(_, after)| format!("\n## {after}"));
    format!("{before}{section}\n{}", after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_its_old_place() {
        let section = format!("{HEADING}\nnew");
        let old = format!("# P\n\n{HEADING}\nold\n\n## Other\nkept\n");
        let new = format!("# P\n\n{section}\n\n## Other\nkept\n");
        assert_eq!(replaced(&old, &section), new);
        assert_eq!(replaced("# P\n", &section), format!("# P\n\n{section}\n"));
        let last = format!("# P\n\n{HEADING}\nold\n");
        assert_eq!(replaced(&last, &section), format!("# P\n\n{section}\n"));
    }
}
