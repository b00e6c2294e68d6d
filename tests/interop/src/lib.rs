//! Opens what we sealed with an implementation that is not ours (npm `age-encryption`), and the other way round.
//! Run by `cargo xtask test interop`, which installs what the tests need.
