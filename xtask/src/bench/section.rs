//! One section of docs/performance.md, measured by itself.

use anyhow::{Context as _, Result};

use crate::say;
use crate::sh::root;

/// Shows a section, which begins with its heading; with `is_kept` it takes its old place in docs/performance.md.
pub fn keep(section: &str, is_kept: bool) -> Result<()> {
    say!("{section}");
    if !is_kept {
        return Ok(());
    }
    let path = root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path)?;
    Ok(std::fs::write(
        &path,
        replaced(&text, section).context("a section begins with its heading")?,
    )?)
}

/// The text with the section in the place of the old one, or at its end; `None` for a section without a heading.
fn replaced(text: &str, section: &str) -> Option<String> {
    let section = section.trim_end();
    let heading = section.lines().next().filter(|line| line.starts_with("## "))?;
    let Some((before, old)) = text.split_once(heading) else {
        return Some(format!("{}\n\n{section}\n", text.trim_end()));
    };
    let after = old.split_once("\n## ").map(|(_, after)| format!("\n## {after}"));
    Some(format!("{before}{section}\n{}", after.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_its_old_place() {
        let heading = "## In the middle";
        let section = format!("{heading}\nnew");
        let old = format!("# P\n\n{heading}\nold\n\n## Other\nkept\n");
        let new = format!("# P\n\n{section}\n\n## Other\nkept\n");
        assert_eq!(replaced(&old, &section), Some(new));
        assert_eq!(replaced("# P\n", &section), Some(format!("# P\n\n{section}\n")));
        let last = format!("# P\n\n{heading}\nold\n");
        assert_eq!(replaced(&last, &section), Some(format!("# P\n\n{section}\n")));
        assert_eq!(replaced("# P\n", "no heading"), None);
    }
}
