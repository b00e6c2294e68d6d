//! `cargo xtask pictures`: her stories in English beside the Spanish of the browser tests, and what README.md and the guides
//! show, as the tests last saw it.

use anyhow::{Context as _, Result, ensure};

use crate::say;
use crate::sh::{root, target};
use crate::test;

/// Heaviest picture in bytes: whoever reads the repository may have a slow network too.
const BYTES_MAX: usize = 120_000;

/// Plays her stories in English, which leaves a picture of each state in target/screenshots; then copies what is shown into
/// docs/images/.
pub fn run() -> Result<()> {
    test::in_english()?;
    let folder = target().join("screenshots/shown");
    let images = root().join("docs/images");
    std::fs::create_dir_all(&images)?;
    let pictures = std::fs::read_dir(&folder).context("no pictures yet: cargo xtask test browser makes them")?;
    for picture in pictures {
        let picture = picture?;
        let name = picture.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(picture.path())?;
        ensure!(bytes.len() <= BYTES_MAX, "{name} has {} bytes", bytes.len());
        std::fs::write(images.join(&name), &bytes)?;
        say!("docs/images/{name}: {} bytes", bytes.len());
    }
    Ok(())
}
