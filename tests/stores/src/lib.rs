//! Backends of the ledger for tests: one in memory, beside which the others are held, and two that fail where they are
//! told to, over any backend ([`faulty`]) and over SQLite's disk ([`disk`]).

pub mod disk;
pub mod faulty;
pub mod memory;

/// SHA-256 of a blob, or another key of 32 bytes.
type Digest = [u8; 32];
