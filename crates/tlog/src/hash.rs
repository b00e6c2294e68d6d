//! RFC 6962 §2.1 hashes.

/// A node of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// `SHA-256(0x00 ‖ entry)`.
pub fn leaf_hash(_entry: &[u8]) -> Hash {
    todo!()
}
/// `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(_left: &Hash, _right: &Hash) -> Hash {
    todo!()
}
/// Root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    todo!()
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}
