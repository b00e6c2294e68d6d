//! Where randomness comes from.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use rand_core::{CryptoRng, Rng as _, TryCryptoRng, TryRng, UnwrapErr};

/// The source of a client's keys, nonces, slots and padding: the system's, or in a test any other. Clones draw from the
/// same source.
#[derive(Clone)]
pub struct Random(Rc<RefCell<dyn CryptoRng>>);

impl Random {
    /// From a source of the caller's.
    pub fn new(source: impl CryptoRng + 'static) -> Self {
        Self(Rc::new(RefCell::new(source)))
    }
}

impl Default for Random {
    /// The system's (in a browser `crypto.getRandomValues`). Should it fail, the program stops.
    fn default() -> Self {
        Self::new(system())
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.borrow_mut().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.borrow_mut().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random {}

/// Draws `N` bytes from the system. Should it fail, the program stops.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    system().fill_bytes(&mut bytes);
    bytes
}

/// The system's random source. Should it fail, the program stops: without randomness nothing may be sealed.
pub fn system() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
