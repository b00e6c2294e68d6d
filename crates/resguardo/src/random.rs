//! The system's random source, as the pure rooms want it handed in.

use rand_core::{Rng as _, UnwrapErr};

/// The system's random source. Should it fail, the process stops: without randomness nothing may be sealed.
pub fn system() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Fills `bytes`.
pub fn fill(bytes: &mut [u8]) {
    system().fill_bytes(bytes);
}

/// Draws `N` bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}
