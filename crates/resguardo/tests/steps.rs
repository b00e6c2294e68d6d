//! What it costs to follow a log of many steps: its tiles and some dozens of checkpoints, never one request a step.

use crate::service_support as support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use casework::clock::UNKNOWN_TIME;
use protocol::http::EntryHex;
use protocol::slot::CaseSalt;
use resguardo::console::Console;
use resguardo::follow::Follow;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use service::{Service, StepOutcome};
use support::{Act, CosignerServer, Filing, STEP_S, Ways, World, config, now, open_ledger};
use tlog::Note;

/// Steps of the log.
const STEPS: u64 = 300;
/// Steps at which the case gets an entry: the filing may be placed some steps later.
const FILED: u64 = 90;
const ACTED: u64 = 230;
/// Step at which every member acts twice: the service states a greater pace.
const RAISED: u64 = 120;

/// The log's clock; the cosigner signs with it.
static CLOCK: AtomicU64 = AtomicU64::new(0);
/// Checkpoints of steps that were asked for.
static ASKED: AtomicU64 = AtomicU64::new(0);
/// Whether the newest checkpoint is served with cosignatures that nobody accepts.
static SPOILED: AtomicBool = AtomicBool::new(false);

fn salt() -> CaseSalt {
    CaseSalt::new([9; 32])
}

/// An entry in a slot of the case.
fn entry(k: u32) -> EntryHex {
    let mut bytes = [0; 65];
    bytes[1..33].copy_from_slice(&salt().slot(k));
    bytes[33] = 1;
    EntryHex(bytes)
}

/// A service whose log has gone through all its steps, up to the present.
async fn long_log() -> World {
    let ways = Ways::default();
    let begin = (now() / STEP_S - STEPS - 1) * STEP_S;
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
    for step in 0..STEPS {
        if step == FILED {
            let mut filing = Filing::new();
            filing.form.entry = entry(0);
            filing.work(&world).await;
            world.call(filing.request()).await.ok();
        }
        if step == RAISED {
            for act in 0..12 {
                Act::new().post(&world, 1 + act % 6, 0).await.ok();
            }
        }
        if step == ACTED {
            let mut act = Act::new();
            act.form.entry = entry(1);
            act.post(&world, 1, 0).await.ok();
        }
        CLOCK.store((world.step() + 1) * STEP_S, Ordering::SeqCst);
        assert_eq!(world.next_step().await, StepOutcome::Published);
    }
    world
}

async fn count(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    ASKED.fetch_add(u64::from(path.starts_with("/log/step/")), Ordering::SeqCst);
    let response = next.run(request).await;
    if path != "/log/checkpoint" || !SPOILED.load(Ordering::SeqCst) {
        return response;
    }
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let note = Note::parse(&bytes).unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    // All signatures but the log's own.
    let log = text.lines().find(|line| line.starts_with("— ")).unwrap();
    format!("{}\n{log}\n", note.text()).into_response()
}

/// Size and time of each step's checkpoint, all of them read: what the client must come to with far fewer.
fn truth(trust: &Trust, remote: &Remote) -> Vec<(u64, u64)> {
    let policy = trust.root.policy().unwrap();
    let last = now() / STEP_S + 1;
    let line = ServiceLine::over(remote.clone());
    let step = |step: u64| {
        line.run(line.wire().several(vec![format!("/log/step/{step}")]))
            .unwrap()
    };
    let notes = (last - STEPS - 4..=last).flat_map(step).flatten();
    let read = notes.map(|note| {
        let trusted = policy.check(&Note::parse(&note).unwrap(), support::ORIGIN).unwrap();
        (trusted.checkpoint().size, trusted.time())
    });
    read.collect()
}

fn first(truth: &[(u64, u64)], index: u64) -> u64 {
    truth.iter().find(|(size, _)| *size > index).unwrap().1
}

/// What a client knows of the case, and how many steps it asked for.
fn follow(trust: &Trust, folder: &Path, truth: &[(u64, u64)]) -> u64 {
    ASKED.store(0, Ordering::SeqCst);
    let remote = Remote::new(&trust.base_url).unwrap();
    let mut follow = Follow::open(trust.clone(), remote, Some(folder), &Console::silent()).unwrap();
    follow.refresh(&Console::silent()).unwrap();
    let known = |follow: &Follow| follow.log().fold().slots().all(&salt());
    follow.watch(&salt()).unwrap();
    let acts = known(&follow);
    assert_eq!(acts.iter().map(|act| act.k).collect::<Vec<_>>(), [0, 1]);
    for act in acts {
        assert_eq!(act.included_at, first(truth, act.index), "slot {}", act.k);
    }
    let council = follow.log().registry().current().unwrap();
    assert_eq!(council.included_at(), first(truth, 0), "and so is the council timed");
    ASKED.load(Ordering::SeqCst)
}

/// Goes on after a reading that ended halfway, and compares the times.
fn walk(trust: &Trust, truth: &[(u64, u64)]) {
    let remote = Remote::new(&trust.base_url).unwrap();
    let mut follow = Follow::open(trust.clone(), remote, None, &Console::silent()).unwrap();
    SPOILED.store(true, Ordering::SeqCst);
    let refused = follow.refresh(&Console::silent()).unwrap_err();
    assert_eq!(refused.code.name(), "log-not-verifiable", "{refused}");
    SPOILED.store(false, Ordering::SeqCst);
    follow.refresh(&Console::silent()).unwrap();
    assert_eq!(follow.log().fold().size(), truth.last().unwrap().0);
    follow.watch(&salt()).unwrap();
    for act in follow.log().fold().slots().all(&salt()) {
        assert_ne!(act.included_at, UNKNOWN_TIME);
        assert_eq!(act.included_at, first(truth, act.index), "slot {}", act.k);
    }
}

/// `log verify` counts N at every step, before and after it rose.
fn verify(trust: &Trust) {
    let remote = Remote::new(&trust.base_url).unwrap();
    let mut follow = Follow::open(trust.clone(), remote, None, &Console::silent()).unwrap();
    follow.refresh(&Console::silent()).unwrap();
    let audit = follow.audit(&Console::silent()).unwrap();
    assert_eq!(audit.steps.faults, []);
    assert_eq!(audit.skipped, Vec::<String>::new());
    assert_eq!(audit.pace, 16, "in force now");
    assert!(
        audit.public > 4 && audit.opaque > 16 * (STEPS - RAISED - 4),
        "{audit:?}"
    );
}

/// `log proof` needs no step at all.
fn proof(trust: &Trust, folder: &Path) {
    let root = folder.join("root.json");
    trust.save(&root).unwrap();
    ASKED.store(0, Ordering::SeqCst);
    let proof = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["log", "proof", "700", "--root"])
        .arg(root)
        .output()
        .unwrap();
    assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stderr));
    assert_eq!(ASKED.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_followed_with_few_checkpoints_and_exact_times() {
    let world = long_log().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.service.router().layer(from_fn(count));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let trust = Trust {
        root: world.root(),
        base_url,
    };
    let folder = world.folder.path().join("client");
    let done = tokio::task::spawn_blocking(move || {
        let truth = truth(&trust, &Remote::new(&trust.base_url).unwrap());
        assert!(truth.len() as u64 > STEPS - 2, "{} steps", truth.len());
        let at_first = follow(&trust, &folder, &truth);
        assert!(at_first < 60, "{at_first} of {STEPS} steps were asked for");
        let again = follow(&trust, &folder, &truth);
        assert!(again < 4, "{again} steps were asked for again");
        walk(&trust, &truth);
        verify(&trust);
        proof(&trust, &folder);
    });
    done.await.unwrap();
}
