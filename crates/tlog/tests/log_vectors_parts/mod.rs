//! More of log.json than the small log itself.

pub mod cosigning;
pub mod forms;
