//! The browser's random source, as the pure rooms want it handed in.

use rand_core::UnwrapErr;

/// The system's random source (in a browser `crypto.getRandomValues`). Should it fail, the page stops.
pub(crate) fn system() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
