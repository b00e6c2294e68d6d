//! What a transport signature is worth (§15.8): by a member, over one call, within five minutes, once.

use crate::support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::http::{SIGNATURE_HEADER, SignedCall, TransportSignature};
use protocol::problem::Problem;
use support::{Act, Answer, ORIGIN, World, random, records_form, seat, x};

const CELL: usize = 16_079;

/// Posts an act whose signature header is changed.
async fn with_header(world: &World, act: &Act, change: impl FnOnce(String) -> Option<String>) -> Answer {
    let mut request = act.request(world, 1, 0);
    let headers = request.headers_mut();
    let value = headers.remove(SIGNATURE_HEADER).unwrap().to_str().unwrap().to_owned();
    if let Some(value) = change(value) {
        headers.insert(SIGNATURE_HEADER, value.parse().unwrap());
    }
    world.call(request).await
}

#[tokio::test]
async fn a_signature_is_by_a_member_over_this_call() {
    let world = World::new().await;
    let act = Act::new();
    assert_eq!(
        with_header(&world, &act, |_| None).await.problem(),
        Problem::Signature,
        "missing"
    );
    assert_eq!(
        with_header(&world, &act, |_| Some("1 x".into())).await.problem(),
        Problem::Signature,
        "malformed"
    );
    let other = |value: String| Some(value.replacen("1 ", "2 ", 1));
    assert_eq!(
        with_header(&world, &act, other).await.problem(),
        Problem::Signature,
        "another member"
    );
    let nobody = |value: String| Some(value.replacen("1 ", "9 ", 1));
    assert_eq!(
        with_header(&world, &act, nobody).await.problem(),
        Problem::Signature,
        "nobody"
    );
    for (origin, status) in [("other.example/log", 401), (ORIGIN, 200)] {
        let call = SignedCall {
            origin,
            method: "GET",
            path: "/api/v1/member/office",
            body: &Digest::of(b""),
        };
        let signature = TransportSignature::sign(x(1), seat(1).signing(), &call, world.now());
        let request = Request::get(call.path).header(SIGNATURE_HEADER, signature.to_header());
        let answer = world.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "for the log {origin}");
    }
    let mut forged = act.request(&world, 1, 0);
    *forged.body_mut() = Body::from(vec![0; 100]);
    assert_eq!(world.call(forged).await.problem(), Problem::Signature, "another body");
    let path = world.signed(1, "GET", "/api/v1/member/office", "text/plain", Vec::new(), 0);
    let mut elsewhere = Request::get("/api/v1/member/office?from=1")
        .body(Body::empty())
        .unwrap();
    *elsewhere.headers_mut() = path.headers().clone();
    assert_eq!(
        world.call(elsewhere).await.problem(),
        Problem::Signature,
        "another query"
    );
}

#[tokio::test]
async fn a_clock_may_be_five_minutes_off() {
    let world = World::new().await;
    let act = Act::new();
    for skew in [-3_600, -301, 301, 3_600] {
        let answer = act.post(&world, 1, skew).await;
        assert_eq!((answer.status, answer.problem()), (401, Problem::Clock), "{skew}");
        assert!(
            answer.detail().contains(&world.now().to_string()),
            "the server's time is told"
        );
    }
    act.post(&world, 1, 300).await.ok();
    act.post(&world, 1, -300).await.ok();
}

#[tokio::test]
async fn a_signature_is_good_once() {
    let world = World::new().await;
    let act = Act::new();
    act.post(&world, 1, 0).await.ok();
    assert_eq!(act.post(&world, 1, 0).await.problem(), Problem::Replay);
    let (kind, body, _) = records_form(1);
    let records = || world.signed(1, "POST", "/api/v1/records", &kind, body.clone(), 0);
    world.call(records()).await.ok();
    assert_eq!(world.call(records()).await.problem(), Problem::Replay);
    world.signed_get(1, "/api/v1/member/office", 0).await.ok();
    assert_eq!(
        world.signed_get(1, "/api/v1/member/office", 0).await.problem(),
        Problem::Replay
    );
    let cell = random(CELL);
    let other_cell = random(CELL);
    let post_cell = |bytes: &[u8]| {
        world.signed(
            1,
            "POST",
            "/api/v1/office",
            "application/octet-stream",
            bytes.to_vec(),
            0,
        )
    };
    let (first, again) = (post_cell(&cell), post_cell(&cell));
    world.call(first).await.ok();
    assert_eq!(world.call(again).await.problem(), Problem::Replay);
    world.call(post_cell(&other_cell)).await.ok();
}

#[tokio::test]
async fn a_restart_forgets_no_signature() {
    let mut world = World::new().await;
    world.pass(1);
    let deletion = br#"{"v":1,"origin":"demo.example/log","files":[],"records":[]}"#.to_vec();
    let delete = |world: &World| {
        world.signed(
            1,
            "POST",
            "/api/v1/member/delete",
            "application/json",
            deletion.clone(),
            -1,
        )
    };
    world.call(delete(&world)).await.ok();
    let kept = delete(&world);
    // Each of them stores something, and is sent again word for word.
    let acted = Act::new();
    let act = || acted.request(&world, 1, -1);
    let (kind, body, _) = records_form(1);
    let records = || world.signed(1, "POST", "/api/v1/records", &kind, body.clone(), -1);
    let cell = random(CELL);
    let office = || {
        world.signed(
            1,
            "POST",
            "/api/v1/office",
            "application/octet-stream",
            cell.clone(),
            -1,
        )
    };
    let promise = world.call(act()).await.ok().body;
    world.call(records()).await.ok();
    world.call(office()).await.ok();
    let stored = [("act", act()), ("records", records()), ("office", office())];
    let anew = acted.request(&world, 1, 0);
    let read = world.signed(1, "GET", "/api/v1/member/office", "text/plain", Vec::new(), -1);
    world.restart().await;
    assert_eq!(
        world.call(kept).await.problem(),
        Problem::Replay,
        "a restart does not forget"
    );
    for (name, replayed) in stored {
        let answer = world.call(replayed).await;
        assert_eq!((answer.status, answer.problem()), (409, Problem::Replay), "{name}");
    }
    assert_eq!(
        world.call(anew).await.ok().body,
        promise,
        "signed anew, the same act gets its promise"
    );
    assert_eq!(
        world.call(read).await.problem(),
        Problem::Replay,
        "nor does it for calls that store nothing"
    );
}
