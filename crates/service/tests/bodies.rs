//! What docs/vectors/http.json says of forms and bodies, asked of the service; where a list ends; the same call
//! twice (§15.8).

use crate::support;
use base64ct::{Base64, Encoding as _};

use axum::body::Body;
use axum::http::Request;
use protocol::problem::Problem;
use serde_json::Value;
use support::{Answer, World, random};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../docs/vectors/http.json")).unwrap()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

async fn post(world: &World, posted: &Value) -> Answer {
    let text = |name: &str| posted[name].as_str().unwrap();
    let body = Base64::decode_vec(text("body")).unwrap();
    let call = world.signed(1, "POST", text("path"), text("content_type"), body, 0);
    world.call(call).await
}

#[tokio::test]
async fn bodies_are_taken_and_refused_as_the_vectors_say() {
    let (world, vectors) = (World::new().await, vectors());
    for refused in vectors["refused_bodies"].as_array().unwrap() {
        let answer = post(&world, refused).await;
        assert_eq!(answer.status, 422, "{}", refused["why"]);
    }
    for (posted, status) in vectors["posted"].as_array().unwrap().iter().zip([200, 204]) {
        assert_eq!(post(&world, posted).await.status, status, "{}", posted["path"]);
    }
}

/// The service runs the very checks that made the vectors: it refuses the same forms, for the same rule.
#[tokio::test]
async fn filings_are_refused_for_the_rule_that_the_vectors_name() {
    let (world, vectors) = (World::new().await, vectors());
    let file = async |form: &Value| {
        let request = Request::post("/api/v1/filings").header("content-type", "application/json");
        let body = Body::from(form.as_str().unwrap().to_owned());
        world.call(request.body(body).unwrap()).await
    };
    let refused = vectors["refused_filings"].as_array().unwrap();
    assert!(refused.len() >= 6);
    for refused in refused {
        let (why, answer) = (refused["why"].as_str().unwrap(), file(&refused["form"]).await);
        assert_eq!((answer.status, answer.problem()), (422, Problem::Form), "{why}");
        assert!(answer.detail().contains(why), "{why}: {}", answer.detail());
    }
    let good = file(&vectors["filing"]).await;
    assert_ne!(good.problem(), Problem::Form, "{}", good.detail());
}

#[tokio::test]
async fn a_list_ends_where_its_position_does_not_move() {
    let world = World::new().await;
    let next = |answer: &Answer| answer.header("resguardo-next").unwrap().parse::<u64>().unwrap();
    let empty = world.signed_get(1, "/api/v1/member/office?from=0", 0).await;
    assert_eq!((json(&empty), next(&empty)), (serde_json::json!([]), 0));
    let cell = world.signed(
        1,
        "POST",
        "/api/v1/office",
        "application/octet-stream",
        random(16_079),
        0,
    );
    world.call(cell).await.ok();
    let one = world.signed_get(1, "/api/v1/member/office?from=0", 1).await;
    let end = next(&one);
    assert_eq!(json(&one).as_array().map(Vec::len), Some(1));
    assert!(end > 0);
    let path = format!("/api/v1/member/office?from={end}");
    let ended = world.signed_get(1, &path, 0).await;
    assert_eq!((json(&ended), next(&ended)), (serde_json::json!([]), end));
}

#[tokio::test]
async fn the_same_get_twice_in_a_second_is_a_replay_and_another_second_is_not() {
    let world = World::new().await;
    let path = "/api/v1/member/office?from=0";
    world.signed_get(1, path, 0).await.ok();
    let again = world.signed_get(1, path, 0).await;
    assert_eq!((again.status, again.problem()), (409, Problem::Replay));
    world.signed_get(1, path, 7).await.ok();
}
