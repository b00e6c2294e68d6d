//! What a test needs around its people: a service with a council, a driver, a folder for what is kept.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use deployment::{Deployment, Options, SEATS};
use tempfile::TempDir;

use crate::Driver;
use crate::memory::Watch;

/// A running service with a council of five, and the means to look at it.
pub struct Stage {
    /// The service, its council's keys, and the command line for the seats that no browser plays.
    pub service: RefCell<Deployment>,
    pub(crate) driver: Driver,
    /// The browser that people use.
    pub chromium: PathBuf,
    pub(crate) axe: String,
    pub(crate) screenshots: PathBuf,
    pub(crate) faults: RefCell<Vec<String>>,
    folder: TempDir,
}

impl Stage {
    /// Starts service and driver, lets the test play, and fails for what failed in it or for any fault in the pages
    /// that was found on the way, so that one run tells them all. The programs come from the environment, which
    /// `cargo xtask test browser` sets.
    pub fn play(test: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        Self::play_before(&SEATS, test)
    }

    /// As [`Self::play`], before a council of these seats.
    pub fn play_before(seats: &[&str], test: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let stage = Self::set(seats)?;
        let played = test(&stage);
        let faults = stage.take_faults();
        match played {
            Ok(()) => ensure!(faults.is_empty(), "faults in the pages:\n{}", faults.join("\n")),
            Err(failure) if faults.is_empty() => return Err(failure),
            Err(failure) => bail!("{failure:#}\nand faults in the pages:\n{}", faults.join("\n")),
        }
        Ok(())
    }

    fn set(seats: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = Options {
            pace: 16,
            step_s: 1,
            work_bits: 4,
        };
        let screenshots = path("RESGUARDO_SCREENSHOTS")?;
        std::fs::create_dir_all(&screenshots)?;
        Ok(Self {
            service: Deployment::make_with(seats, &path("RESGUARDO_BIN")?, &folder.path().join("service"), options)?
                .into(),
            driver: Driver::start(&path("RESGUARDO_CHROMEDRIVER")?)?,
            chromium: path("RESGUARDO_CHROMIUM")?,
            axe: std::fs::read_to_string(path("RESGUARDO_AXE")?)?,
            screenshots,
            faults: RefCell::default(),
            folder,
        })
    }

    /// The oldest browser that README promises.
    pub fn oldest(&self) -> Result<PathBuf> {
        path("RESGUARDO_CHROMIUM_OLDEST")
    }

    /// What was found in the pages so far; afterwards nothing is left of it to fail the test.
    pub fn take_faults(&self) -> Vec<String> {
        self.faults.take()
    }

    /// Watches the memory of the browsers' pages.
    pub fn watch_memory(&self) -> Watch {
        Watch::begin(self.driver.pid())
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
