//! Padding: Padmé sizes for evidence, steps for documents (§5.2).

/// Sizes to which a document is filled with spaces, in bytes.
pub const DOCUMENT_SIZES: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];
/// Least padded size of evidence, in bytes.
pub const EVIDENCE_MIN: u64 = 65_536;

/// Padmé: `len` rounded up to a multiple of 2^z, z = E − (⌊log2 E⌋ + 1), E = ⌊log2 len⌋ (§5.2).
///
/// Lengths of 0 and 1 stay as they are. Saturates at `u64::MAX`, far beyond any file.
pub fn padme(len: u64) -> u64 {
    let Some(e) = len.checked_ilog2() else { return 0 };
    let Some(log_e) = e.checked_ilog2() else { return len };
    let step = 1u64 << (e - (log_e + 1));
    len.checked_next_multiple_of(step).unwrap_or(u64::MAX)
}

/// Padded size of evidence of `len` bytes: max(65,536, Padmé).
pub fn evidence_size(len: u64) -> u64 {
    padme(len).max(EVIDENCE_MIN)
}

/// Padded size of a document of `len` bytes; `None` above 256 KiB.
pub fn document_size(len: usize) -> Option<usize> {
    DOCUMENT_SIZES.into_iter().find(|size| len <= *size)
}
