//! kill −9 at random moments under load, then `fsck`: the invariant of docs/protocol.md §6.4 holds each time.
//! Run by `cargo xtask test crash` (30 rounds) and `cargo xtask crash N`, which build the binary first.
