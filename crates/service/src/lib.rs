//! The operator's HTTP interface (docs/protocol.md §5.7, §6.1–§6.5, §9.1–§9.3, §15.8; «§» in this crate means that
//! document): filings, the log at a constant pace, records in buckets, office cells, deliveries to seats.
//!
//! The operator is blind. It checks sizes, digests, work, the form of entries and, for members of the council, a
//! transport signature; whatever is sealed it cannot read, and nothing here tries to. What must survive a crash is in
//! the ledger; what stands here in memory can be rebuilt from it.
//!
//! Logs name routes and failures, never an address, a path with an id, or a browser string, and single requests only at
//! debug level: a line has a time, and the operator keeps none finer than a day (§1). So it is with what is stored.

mod actos;
mod acts;
mod allowance;
mod app;
mod assets;
mod blobs;
mod body;
mod budget;
mod capacity;
mod cells;
mod config;
mod connections;
mod cosigners;
mod deberes;
mod delivery;
mod depth;
mod drafts;
mod drop;
mod filings;
mod fixed;
mod form;
mod founding;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod headers;
mod health;
mod ley;
mod limits;
mod log;
mod member;
mod memory;
mod office;
mod pace;
mod packed;
mod places;
mod plain;
mod problem;
mod projection;
mod public;
mod publication;
mod query;
mod quota;
mod random;
mod recent;
mod records;
mod registro;
mod replays;
mod retention;
mod router;
mod saves;
mod service;
mod signature;
mod site;
mod stated;
mod telemetry;
mod uploads;
mod well;
mod work;

pub use assets::of_this_build;
pub use config::{ConfigError, Help, HelpLine, PaceConfig, ServiceConfig, ServiceLimits, Site, TimeSource, WorkBits};
pub use founding::{Founding, FoundingError};
pub use pace::StepOutcome;
pub use service::{RunError, Service, serve};
