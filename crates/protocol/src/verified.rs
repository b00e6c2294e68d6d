//! `Verified<T>`: a payload whose envelope's signatures were checked. Only [`crate::envelope`] makes one.

use crate::digest::Digest;

/// A payload that came out of an envelope whose required signatures verify (§0), with that statement's
/// digest `D`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    payload: T,
    digest: Digest,
}

impl<T> Verified<T> {
    pub(crate) fn new(payload: T, digest: Digest) -> Self {
        Self { payload, digest }
    }

    /// `D(X)`, SHA-256 of the pre-authentication encoding (§0).
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The payload, by value.
    pub fn into_inner(self) -> T {
        self.payload
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.payload
    }
}
