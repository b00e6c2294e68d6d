//! Bodies, bounded in size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use protocol::problem::Problem;

use crate::limits::{BODY_IDLE_S, BODY_TOTAL_S};
use crate::problem::Refusal;

/// Reads a body of at most `max` bytes. A length announced above that is refused before reading.
///
/// # Errors
/// `too-large`; 408 when it stops coming; `malformed` when it ends early.
pub(crate) async fn read(headers: &HeaderMap, body: Body, max: usize) -> Result<Bytes, Refusal> {
    let announced = announced(headers);
    if announced.is_some_and(|length| length > max as u64) {
        return Err(too_large(max));
    }
    let reading = collect(body, max, announced.unwrap_or(0) as usize);
    match tokio::time::timeout(Duration::from_secs(BODY_TOTAL_S), reading).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::too_slow()),
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(body: Body, max: usize, expected: usize) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut first: Option<Bytes> = None;
    let mut joined: Vec<u8> = Vec::new();
    let mut length = 0;
    loop {
        let next = tokio::time::timeout(Duration::from_secs(BODY_IDLE_S), stream.next()).await;
        let Some(chunk) = next.map_err(|_| Refusal::too_slow())? else {
            break;
        };
        let chunk =
            chunk.map_err(|_| Refusal::malformed("The body ended early. Nothing was stored; send it again."))?;
        length += chunk.len();
        if length > max {
            return Err(too_large(max));
        }
        match first.take() {
            None if joined.is_empty() => first = Some(chunk),
            None => joined.extend_from_slice(&chunk),
            Some(before) => {
                joined.reserve(expected.max(length));
                joined.extend_from_slice(&before);
                joined.extend_from_slice(&chunk);
            }
        }
    }
    Ok(first.unwrap_or_else(|| joined.into()))
}

fn too_large(max: usize) -> Refusal {
    Refusal::new(
        Problem::TooLarge,
        format!("At most {max} bytes are taken here. Nothing was stored."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    async fn read_chunks(chunks: &[&'static [u8]], max: usize) -> Result<Bytes, Problem> {
        let stream =
            futures_util::stream::iter(chunks.to_vec()).map(|chunk| Ok::<_, std::io::Error>(Bytes::from_static(chunk)));
        read(&HeaderMap::new(), Body::from_stream(stream), max)
            .await
            .map_err(|refusal| refusal.problem)
    }

    #[tokio::test]
    async fn chunks_are_joined_up_to_the_limit_and_not_one_byte_further() {
        assert_eq!(
            read_chunks(&[b"ab", b"cd", b"e"], 5).await,
            Ok(Bytes::from_static(b"abcde"))
        );
        assert_eq!(read_chunks(&[b"ab", b"cd", b"e"], 4).await, Err(Problem::TooLarge));
        assert_eq!(read_chunks(&[], 0).await, Ok(Bytes::new()));
    }

    #[tokio::test]
    async fn an_announced_length_above_the_limit_is_refused_unread() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("6"));
        let refused = read(&headers, Body::empty(), 5).await.expect_err("too large");
        assert_eq!(refused.problem, Problem::TooLarge);
    }
}
