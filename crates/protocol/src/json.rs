//! Strict JSON (§0, §19): UTF-8 without BOM, no duplicate names, integers only with |n| < 2^53, depth ≤ 16.

/// Why text is not JSON of this protocol.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than allowed.
    #[error("longer than {max} bytes")]
    Size {
        /// Limit in bytes.
        max: usize,
    },
    /// Syntax, duplicate name, number or depth. Position only, never content.
    #[error("not JSON of this protocol at line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What rule is broken.
        reason: &'static str,
    },
    /// Well-formed, but not the fields that were expected.
    #[error("not the fields expected here: {0}")]
    Fields(String),
}

/// Deserialise helper for fields that are `T|null` and always present (§15.9):
/// `#[serde(deserialize_with = "crate::json::present")]`.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer)
}

/// Checks the syntax rules only.
///
/// # Errors
/// [`JsonError::Size`], [`JsonError::Syntax`].
pub fn check(_bytes: &[u8], _max: usize) -> Result<(), JsonError> {
    todo!()
}

/// Checks the syntax rules, then reads a `T` (which refuses unknown fields by its own attribute).
///
/// # Errors
/// [`JsonError`].
pub fn read<T: serde::de::DeserializeOwned>(_bytes: &[u8], _max: usize) -> Result<T, JsonError> {
    todo!()
}

/// Writes compact JSON.
pub fn write<T: serde::Serialize>(_value: &T) -> Vec<u8> {
    todo!()
}
