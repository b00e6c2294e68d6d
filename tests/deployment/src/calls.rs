//! Calls as one who sits on the wire reads them: the heads in the bytes of a connection.

/// One call, as its head shows it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Path with its query.
    pub path: String,
    /// Whether it carries a member's signature.
    pub is_signed: bool,
    /// Whether it carries a cookie.
    pub has_cookie: bool,
}

/// Finds the calls in what a client sends over one connection (HTTP/1.1).
#[derive(Default)]
pub struct Calls {
    bytes: Vec<u8>,
    /// Bytes of a body that are still to come.
    body: usize,
}

impl Calls {
    /// Takes the next bytes; gives the calls whose head ends in them.
    ///
    /// # Panics
    /// For a body in chunks, which no client of ours sends.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Call> {
        let skipped = self.body.min(bytes.len());
        self.body -= skipped;
        self.bytes.extend_from_slice(&bytes[skipped..]);
        let mut calls = Vec::new();
        while let Some(end) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
            let field = |wanted: &str| {
                let mut fields = head.lines().filter_map(|line| line.split_once(':'));
                fields.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then(|| value.trim()))
            };
            assert!(field("transfer-encoding").is_none(), "{head}");
            let length = field("content-length")
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            calls.push(Call {
                path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
                is_signed: field(protocol::http::SIGNATURE_HEADER).is_some(),
                has_cookie: field("cookie").is_some(),
            });
            let rest = self.bytes.split_off(end + 4);
            let skipped = rest.len().min(length);
            self.bytes = rest[skipped..].to_vec();
            self.body = length - skipped;
        }
        calls
    }
}
