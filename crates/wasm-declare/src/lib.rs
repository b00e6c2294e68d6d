//! What the declarant's page needs of the core (§3, §4, §5), as calls that a browser's worker can make.
//!
//! In scope: to check the council, draw the eight words, seal, search the work, and check the promise. Out of scope:
//! whatever opens anything. Nothing here reads or stores; what comes in was fetched by the page, what goes out is
//! ciphertext or hers to see. `face` is the same in the shape that JavaScript calls; all of it also runs natively, so
//! that it is tested without a browser.

pub mod evidence;
#[cfg(target_arch = "wasm32")]
pub mod face;
pub mod filing;
pub mod refused;
pub mod telling;
pub mod trust;

pub use evidence::EvidenceSealer;
pub use filing::{Choices, Draft, Keys, Posting, Target, UploadWork};
pub use refused::Refused;
pub use telling::Telling;
pub use trust::{Clocks, Shown, TrustedCouncil};
