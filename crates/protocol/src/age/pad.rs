//! Padding: Padmé sizes for evidence, steps for documents (§5.2).

/// Sizes to which a document is filled with spaces, in bytes.
pub const DOCUMENT_SIZES: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];
/// Least padded size of evidence, in bytes.
pub const EVIDENCE_MIN: u64 = 65_536;

/// Padmé: `len` rounded up to a multiple of 2^z, z = E − (⌊log2 E⌋ + 1), E = ⌊log2 len⌋ (§5.2.4).
pub fn padme(_len: u64) -> u64 {
    todo!()
}

/// Padded size of evidence of `len` bytes: max(65,536, Padmé).
pub fn evidence_size(_len: u64) -> u64 {
    todo!()
}

/// Padded size of a document of `len` bytes; `None` above 256 KiB.
pub fn document_size(_len: usize) -> Option<usize> {
    todo!()
}
