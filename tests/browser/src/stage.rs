//! What a test needs around its people: a service with a council, a driver, a folder for what is kept.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use deployment::{Deployment, Options};
use tempfile::TempDir;

use crate::Driver;

/// A running service with a council of five, and the means to look at it.
pub struct Stage {
    /// The service, its council's keys, and the command line for the seats that no browser plays.
    pub service: RefCell<Deployment>,
    pub(crate) driver: Driver,
    pub(crate) chromium: PathBuf,
    pub(crate) axe: String,
    pub(crate) screenshots: PathBuf,
    folder: TempDir,
}

impl Stage {
    /// Starts service and driver. The programs come from the environment, which `cargo xtask test browser` sets.
    pub fn set() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = Options {
            pace: 16,
            step_s: 1,
            work_bits: 4,
        };
        let screenshots = path("RESGUARDO_SCREENSHOTS")?;
        std::fs::create_dir_all(&screenshots)?;
        Ok(Self {
            service: Deployment::make(&path("RESGUARDO_BIN")?, &folder.path().join("service"), options)?.into(),
            driver: Driver::start(&path("RESGUARDO_CHROMEDRIVER")?)?,
            chromium: path("RESGUARDO_CHROMIUM")?,
            axe: std::fs::read_to_string(path("RESGUARDO_AXE")?)?,
            screenshots,
            folder,
        })
    }

    /// Where profiles and files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn path(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set: run `cargo xtask test browser`"))
}
