//! What `resguardo doctor` says of cosigners, which it asks themselves: real ones over loopback, each in another state.

use crate::service_support as support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use cosigner::Cosigner;
use serde_json::Value;
use service::StepOutcome;
use support::{LOG_SEED, ORIGIN, STEP_S, Ways, World, now};
use tlog::note::KeyKind;
use tlog::witness::AddCheckpoint;
use tlog::{Checkpoint, Note, SigningNoteKey};
use tower::ServiceExt as _;

/// Seconds by which the clock that the world's cosigner has is ahead.
const AHEAD_S: i64 = 200;

/// Runs `doctor --root`; gives its exit status and what it says of cosigners: state and text.
fn doctor(root: &Path) -> (i32, Vec<(String, String)>) {
    let arguments = ["doctor", "--json", "--root"];
    let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(arguments)
        .arg(root)
        .output();
    let run = run.unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let checks = events.filter(|event| event["check"] == "cosigner").map(|check| {
        let [state, text] = ["state", "text"].map(|name| check[name].as_str().unwrap().to_owned());
        (state, text)
    });
    (run.status.code().unwrap(), checks.collect())
}

fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &LOG_SEED).unwrap()
}

/// A real cosigner with a state of its own, in which it has signed this checkpoint, if any.
async fn cosigner(folder: &Path, seed: u8, signed: Option<&Checkpoint>) -> Router {
    let key = SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[seed; 32]).unwrap();
    let cosigner = Cosigner::open(folder, key, vec![log_key().verifier()]).unwrap();
    let router = Arc::new(cosigner).router(now);
    if let Some(checkpoint) = signed {
        let text = checkpoint.to_text();
        let request = AddCheckpoint {
            old_size: 0,
            proof: Vec::new(),
            checkpoint: Note::new(text.clone()).unwrap().with(log_key().sign(&text)),
        };
        let request = Request::post("/add-checkpoint")
            .body(Body::from(request.to_text()))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    router
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_each_cosigner_answers() {
    let mut world = World::before_council(Ways::default()).await;
    let step = now() / STEP_S;
    world.clock.store((step - 1) * STEP_S, Ordering::SeqCst);
    world.service.publish_council(&world.founding()).await.unwrap();
    for at in [step - 1, step] {
        world.clock.store(at * STEP_S, Ordering::SeqCst);
        assert_eq!(world.service.step(at).await.unwrap(), StepOutcome::Published);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut root = serde_json::to_value(world.root()).unwrap();
    root["base_url"] = base_url.into();
    let file = world.folder.path().join("root.json");
    std::fs::write(&file, root.to_string()).unwrap();
    world.clock.store(now(), Ordering::SeqCst);
    let shown: Checkpoint = world.checkpoint().await.1;

    let ask = async || {
        let file = file.clone();
        tokio::task::spawn_blocking(move || doctor(&file)).await.unwrap()
    };
    let expect = async |exit: i32, state: &str, says: &str| {
        let (code, checks) = ask().await;
        let [(found, text)] = &checks[..] else {
            panic!("{checks:?}")
        };
        assert!(
            text.starts_with("cosigner.example") || text.contains(" of cosigner.example "),
            "{text}"
        );
        assert!(
            (code, found.as_str()) == (exit, state) && text.contains(says),
            "{says}: {code} {found} {text}"
        );
    };
    expect(0, "ok", "signs, and its clock agrees").await;
    world.cosigner_skew.store(AHEAD_S, Ordering::SeqCst);
    expect(1, "failed", "ahead of this machine's").await;

    let state = |name: &str| world.folder.path().join(name);
    let larger = Checkpoint {
        size: shown.size + 4,
        ..shown.clone()
    };
    let mut other = shown.clone();
    other.root.0[0] ^= 1;
    for (name, seed, signed, exit, found, says) in [
        (
            "same",
            3,
            Some(&shown),
            0,
            "ok",
            "signs, and its clock agrees".to_owned(),
        ),
        ("fresh", 3, None, 0, "look", "has signed 0 entries only".to_owned()),
        (
            "larger",
            3,
            Some(&larger),
            0,
            "look",
            format!("has signed {} entries, more", larger.size),
        ),
        ("forked", 3, Some(&other), 1, "failed", "two histories".to_owned()),
        (
            "key",
            4,
            Some(&shown),
            0,
            "look",
            "its answer is not a cosignature".to_owned(),
        ),
    ] {
        world.cosigner.replace(cosigner(&state(name), seed, signed).await);
        expect(exit, found, &says).await;
    }
    world.cosigner.silence(true);
    expect(0, "look", "it answers 503").await;
    world.cosigner.end().await;
    expect(0, "look", "it does not answer").await;
}
