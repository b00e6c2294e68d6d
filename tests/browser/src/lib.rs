//! Chromium, driven as a person drives it: by what is on the screen, with real keys and touches, in a profile of her
//! own that is searched afterwards. Run by `cargo xtask test browser`, which installs what it needs.
//!
//! The driver is Debian's chromedriver, spoken to directly: WebDriver is a few JSON calls, and the same session passes
//! on commands of the DevTools protocol (screen of a phone, network cut), which WebDriver itself does not know.

mod audit;
mod bait;
mod browser;
mod driver;
mod files;
mod memory;
mod person;
mod plain;
mod profile;
mod stage;
mod wire;

pub use bait::{LEFT, bait};
pub use browser::Size;
pub use driver::Driver;
pub use files::{File, serve};
pub use memory::Watch;
pub use person::{Key, Person};
pub use plain::Plain;
pub use profile::{Found, Needle, search};
pub use stage::Stage;
