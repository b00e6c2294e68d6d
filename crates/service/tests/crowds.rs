//! Many at once, clients that hang up, and bytes that nobody meant.

use crate::support;

use std::sync::Arc;
use std::task::Poll;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use protocol::problem::Problem;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use service::WorkBits;
use support::{Act, Filing, Ways, World};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

async fn free() -> Arc<World> {
    let work = WorkBits { base: 0, max: 0 };
    Arc::new(
        World::with(Ways {
            work,
            ..Ways::default()
        })
        .await,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_form_posted_by_many_at_once_is_one_filing() {
    let world = free().await;
    let filing = Filing::new();
    let mut posting = JoinSet::new();
    for _ in 0..16 {
        let (world, filing) = (Arc::clone(&world), filing.clone());
        posting.spawn(async move {
            world.pass(1);
            filing.post(&world).await.ok().body
        });
    }
    let promises = posting.join_all().await;
    assert!(
        promises.iter().all(|promise| promise == &promises[0]),
        "one promise for all"
    );
    world.next_step().await;
    let entries = world.entries().await;
    assert_eq!(
        entries
            .iter()
            .filter(|entry| *entry == filing.form.entry.as_bytes())
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_filings_for_one_slot_one_gets_it() {
    let world = free().await;
    let slot = Filing::new().slot();
    let mut posting = JoinSet::new();
    for _ in 0..8 {
        let world = Arc::clone(&world);
        posting.spawn(async move {
            let mut filing = Filing::new();
            filing.form.entry.0[1..33].copy_from_slice(&slot);
            let answer = filing.post(&world).await;
            if answer.status != 200 {
                assert_eq!(answer.problem(), Problem::SlotTaken);
            }
            answer.status == 200
        });
    }
    let taken = posting.join_all().await;
    assert_eq!(taken.iter().filter(|is_taken| **is_taken).count(), 1);
}

async fn metric(world: &World, name: &str) -> u64 {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = world.service.admin_router().oneshot(request).await.unwrap();
    let text = String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().parse::<f64>().unwrap() as u64
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_place_reserved() {
    let world = free().await;
    let filings: Vec<Filing> = (0..4).map(|_| Filing::new()).collect();
    for filing in &filings {
        let mut call = Box::pin(world.call(filing.request()));
        let is_answered = std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
        assert!(!is_answered, "the client was to hang up before the answer");
    }
    for filing in &filings {
        filing.file(&world).await;
    }
    assert_eq!(metric(&world, "resguardo_waiting_filings").await, 4);
    assert_eq!(metric(&world, "resguardo_acks_to_come").await, 20);
}

#[tokio::test]
async fn whatever_bytes_come_the_answer_is_a_refusal_and_no_fault() {
    let world = free().await;
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let mut below = |bound: usize| rng.next_u64() as usize % bound;
    let filing = Filing::new();
    let (parts, body) = filing.request().into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap();
    let (mut refused, head) = (0, 3_000);
    for _ in 0..400 {
        let mut bytes = whole.to_vec();
        match below(3) {
            0 => bytes.truncate(below(whole.len())),
            1 => bytes[below(head)] = below(256) as u8,
            _ => drop(bytes.splice(below(head)..head + below(head), [below(256) as u8])),
        }
        let mut request = Request::post("/api/v1/filings").body(Body::from(bytes)).unwrap();
        *request.headers_mut() = parts.headers.clone();
        let answer = world.call(request).await;
        if answer.status != 200 {
            assert!((400..500).contains(&answer.status), "{}", answer.status);
            answer.problem();
            refused += 1;
        }
    }
    assert!(refused > 350, "{refused}");
    for header in ["", "1", "1 2 3", "99999999999 1 AAAA", "1 18446744073709551616 AA=="] {
        let mut request = Act::new().request(&world, 1, 0);
        request
            .headers_mut()
            .insert(protocol::http::SIGNATURE_HEADER, header.parse().unwrap());
        assert_eq!(world.call(request).await.problem(), Problem::Signature, "{header}");
    }
}
