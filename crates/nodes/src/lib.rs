//! The machines beside the operator's, each with a router and a small durable state of its own. None knows another,
//! and none knows the operator's ledger. Here: the [`cosigner`] (docs/protocol.md §6.5).

pub mod cosigner;
