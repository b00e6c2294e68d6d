//! A service that stood still for weeks: the whole log is checked without a request for each step that was missed.

use crate::service_support as support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use resguardo::console::Console;
use resguardo::follow::Follow;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use service::{Service, StepOutcome};
use support::{CosignerServer, STEP_S, Ways, World, config, now, open_ledger};

/// Steps before and after the service stood still, and those that it missed.
const STEPS: u64 = 6;
const MISSED: u64 = 200_000;

/// The log's clock; the cosigner signs with it.
static CLOCK: AtomicU64 = AtomicU64::new(0);
/// Checkpoints of steps that were asked for.
static ASKED: AtomicU64 = AtomicU64::new(0);

async fn stood_still() -> World {
    let ways = Ways::default();
    let begin = (now() / STEP_S - MISSED - 2 * STEPS - 1) * STEP_S;
    CLOCK.store(begin, Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(begin));
    let cosigner = CosignerServer::start_at(|| CLOCK.load(Ordering::SeqCst)).await;
    let service = Service::with_ledger(config(folder.path(), &clock, ways), open_ledger(folder.path())).unwrap();
    let router = service.router();
    let world = World {
        folder,
        clock,
        cosigner_skew: Arc::default(),
        cosigner,
        service,
        router,
        ways,
    };
    world.service.publish_council(&world.founding()).await.unwrap();
    for step in 0..2 * STEPS {
        if step == STEPS {
            world.clock.fetch_add(MISSED * STEP_S, Ordering::SeqCst);
        }
        CLOCK.store((world.step() + 1) * STEP_S, Ordering::SeqCst);
        assert_eq!(world.next_step().await, StepOutcome::Published);
    }
    world
}

async fn count(request: Request, next: Next) -> Response {
    let is_step = request.uri().path().starts_with("/log/step/");
    ASKED.fetch_add(u64::from(is_step), Ordering::SeqCst);
    next.run(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_steps_are_checked_without_asking_for_each() {
    let world = stood_still().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.service.router().layer(from_fn(count));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let trust = Trust {
        root: world.root(),
        base_url,
    };
    let done = tokio::task::spawn_blocking(move || {
        let remote = Remote::new(&trust.base_url).unwrap();
        let mut follow = Follow::open(trust.clone(), remote, None, &Console::silent()).unwrap();
        follow.refresh(&Console::silent()).unwrap();
        ASKED.store(0, Ordering::SeqCst);
        let audit = follow.audit(&Console::silent()).unwrap();
        assert_eq!(audit.steps.faults, []);
        assert_eq!(
            audit.steps.checkpoints,
            2 * STEPS,
            "each that differs from the one before"
        );
        assert!(audit.steps.missed() >= MISSED - 1, "{:?}", audit.steps);
        let asked = ASKED.load(Ordering::SeqCst);
        assert!(asked < 400, "{asked} of {MISSED} steps were asked for");
    });
    done.await.unwrap();
}
