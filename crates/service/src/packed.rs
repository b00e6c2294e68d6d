//! Answers as brotli where the browser takes it: pages are read on slow networks. Nothing that is answered so holds a
//! secret beside something that a stranger chose.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;

/// Below this it is not worth it.
const PACKED_MIN: usize = 512;
/// Strong enough for what is packed for each answer: about 1 ms for a page.
const QUALITY: i32 = 5;
/// For what is packed once: a tenth less on the line, for a fraction of a second.
const QUALITY_ONCE: i32 = 11;
/// How far back it looks, as a power of two: farther than a page is long, and no more memory than that.
const WINDOW_ONCE: i32 = 18;

/// Whether the browser takes brotli.
pub(crate) fn is_taken(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|part| {
        let mut fields = part.split(';').map(str::trim);
        fields.next() == Some("br") && fields.next() != Some("q=0")
    })
}

/// Says that a body is brotli.
pub(crate) fn as_packed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Bytes as the answer, packed where that is taken.
pub(crate) fn answer(headers: &HeaderMap, bytes: Vec<u8>) -> Response {
    if bytes.len() < PACKED_MIN || !is_taken(headers) {
        return bytes.into_response();
    }
    match pack(&bytes, QUALITY, BrotliEncoderParams::default().lgwin) {
        Some(packed) => as_packed(packed.into_response()),
        None => bytes.into_response(),
    }
}

/// Bytes as brotli, for what is the same until the next build or council.
pub(crate) fn pack_once(bytes: &[u8]) -> Option<Vec<u8>> {
    pack(bytes, QUALITY_ONCE, WINDOW_ONCE)
}

fn pack(bytes: &[u8], quality: i32, lgwin: i32) -> Option<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality,
        lgwin,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::with_capacity(bytes.len() / 3);
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params).ok()?;
    Some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_given_only_to_those_who_take_it() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            headers
        };
        let page = vec![b'a'; 4_096];
        for (header, is_packed) in [
            ("gzip, br", true),
            ("br;q=0.5", true),
            ("br;q=0", false),
            ("gzip", false),
        ] {
            let answer = answer(&with(header), page.clone());
            let encoding = answer.headers().get(axum::http::header::CONTENT_ENCODING);
            assert_eq!(encoding.is_some(), is_packed, "{header}");
        }
    }
}
