//! `Secret<T>`: a value that cannot be shown, copied or written by accident, and is erased when dropped.

use zeroize::Zeroize;

/// Wraps a secret: no `Debug` of its content, no `Clone`, no `Serialize`; zeroized on drop.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in. The caller's own copies, if any, are the caller's to erase.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the arithmetic that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
