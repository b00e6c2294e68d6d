//! Bodies, bounded in size, in memory together, and in time by the connection that they come on.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use protocol::problem::Problem;

use crate::limits::{BODY_FIRST, PIECE};
use crate::memory::{Held, Memory};
use crate::problem::Refusal;

/// A body that came whole. While it is worked on, `held` is to be kept: its copies count too.
pub(crate) struct Whole {
    /// What came.
    pub bytes: Bytes,
    /// The room that it takes.
    pub held: Held,
}

/// Reads a body of at most `max` bytes, `copies` of which are in memory while it is worked on. A length announced above
/// that is refused before reading. Room is taken when bytes come, not before.
///
/// # Errors
/// `too-large`; `capacity` when memory is full of bodies that come no slower; `malformed` when it ends early.
pub(crate) async fn read(
    memory: &Memory,
    headers: &HeaderMap,
    body: Body,
    max: usize,
    copies: usize,
) -> Result<Whole, Refusal> {
    let announced = announced(headers);
    if announced.is_some_and(|length| length > max as u64) {
        return Err(too_large(max));
    }
    let most = announced.map_or(max, |length| length as usize);
    let mut stream = body.into_data_stream();
    let (mut whole, mut held) = (Vec::new(), memory.hold());
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|_| Refusal::malformed("The body ended early. Nothing was stored; send it again."))?;
        let length = whole.len() + chunk.len();
        if length > max {
            return Err(too_large(max));
        }
        if length > whole.capacity() {
            // At most doubled, so that what is taken stays within twice of what came.
            let room = length.max((2 * whole.capacity()).max(BODY_FIRST).min(most));
            memory.take(&mut held, copies * (room - whole.capacity())).await?;
            whole.reserve_exact(room - whole.len());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Whole {
        bytes: whole.into(),
        held,
    })
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// An answer of many bytes, for which room was taken before it was made: sent piece by piece, so that the room is free
/// again when the last piece goes, and not before.
pub(crate) fn answer(bytes: Vec<u8>, held: Held) -> Response {
    let length = bytes.len();
    let pieces = futures_util::stream::unfold((bytes, 0, held), |(bytes, at, held)| async move {
        let end = bytes.len().min(at + PIECE);
        let piece = Bytes::copy_from_slice(bytes.get(at..end).filter(|piece| !piece.is_empty())?);
        Some((Ok::<_, std::convert::Infallible>(piece), (bytes, end, held)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
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
        let memory = Memory::new(100);
        let read = read(&memory, &HeaderMap::new(), Body::from_stream(stream), max, 2).await;
        let held = 100 - memory.free();
        assert!(
            read.as_ref()
                .map_or(held == 0, |whole| (2 * whole.bytes.len()..=2 * max).contains(&held))
        );
        read.map(|whole| whole.bytes).map_err(|refusal| refusal.problem)
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
        let memory = Memory::new(100);
        let refused = read(&memory, &headers, Body::empty(), 5, 1).await.err();
        assert_eq!(refused.map(|refused| refused.problem), Some(Problem::TooLarge));
        assert_eq!(memory.free(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn without_room_a_body_is_refused_and_what_it_held_is_free() {
        let memory = Memory::new(10);
        let body = || Body::from(vec![7; 6]);
        let Ok(first) = read(&memory, &HeaderMap::new(), body(), 6, 1).await else {
            panic!("there is room")
        };
        let refused = read(&memory, &HeaderMap::new(), body(), 6, 1).await.err();
        assert_eq!(refused.map(|refused| refused.problem), Some(Problem::Capacity));
        drop(first);
        assert!(read(&memory, &HeaderMap::new(), body(), 6, 1).await.is_ok());
        assert_eq!(memory.free(), 10);
    }

    #[tokio::test]
    async fn a_large_answer_keeps_its_room_until_it_is_sent() {
        let memory = Memory::new(100_000);
        let mut held = memory.hold();
        assert!(memory.take(&mut held, 100_000).await.is_ok());
        let bytes: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
        let response = answer(bytes.clone(), held);
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "100000");
        let mut stream = response.into_body().into_data_stream();
        let first = stream.next().await.expect("a piece").expect("no error");
        assert_eq!((first.len(), memory.free()), (PIECE, 0));
        let rest: Vec<Bytes> = stream.map(|piece| piece.expect("no error")).collect().await;
        assert_eq!([&[first], rest.as_slice()].concat().concat(), bytes);
        assert_eq!(memory.free(), 100_000);
    }
}
