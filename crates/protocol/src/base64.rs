//! Base64 in its one canonical writing: the library's own reader also takes several padded texts in a row.

use data_encoding::BASE64_NOPAD;

/// Reads standard base64 with padding at the end, and nowhere else, to a multiple of four characters.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    let is_padded = text.len() == bare.len().next_multiple_of(4);
    is_padded.then(|| BASE64_NOPAD.decode(bare.as_bytes()).ok())?
}

#[cfg(test)]
mod tests {
    use super::decode;
    use data_encoding::BASE64;

    #[test]
    fn padding_stands_at_the_end_only() {
        for bytes in [&b""[..], b"a", b"ab", b"abc", b"abcd"] {
            assert_eq!(decode(&BASE64.encode(bytes)).as_deref(), Some(bytes));
        }
        for bad in [
            "YQ", "YQ=", "YQ===", "YQ==YQ==", "YQ==YWJj", "YWI=YQ==", "=", "====", "YWJj====", "YR==", "YWI=\n",
            "YW I=", "Y", "Y===", "_w==",
        ] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
