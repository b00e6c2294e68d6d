//! docket
