//! Opens what we sealed with an implementation that is not ours (npm `age-encryption`), and the other way round; has
//! our log and its receipts read by scripts that share no code with us (docs/interop.md).
//! Run by `cargo xtask test interop`, which installs what the tests need.
