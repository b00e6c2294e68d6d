//! What `resguardo watch` is made of: when it looks and when it tells ([`slots`]), what it has announced ([`notice`]), and by
//! which way ([`hook`], [`mail`]). The verb in [`crate::commands`] joins them.
//!
//! Whoever sees that a notice goes out must not learn from its time when something arrived. So a notice goes out only at
//! moments that were drawn before, and says the same every time.

pub mod hook;
pub mod mail;
pub mod notice;
pub mod settings;
pub mod slots;
