//! The service is killed at random moments while filings come in; nothing that was promised is lost, and the log
//! never has a second history.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deployment::{Declarant, Deployment, Options, Prepared};
use protocol::statement::Council;
use protocol::{Digest, Envelope};
use rand_core::{Rng as _, UnwrapErr};
use tlog::policy::Policy;
use tlog::verify::Follower;

const CLIENTS: usize = 4;
/// Filings sealed for each round: more than are posted before the kill, as a rule.
const FILINGS: usize = 120;

/// What the declarants know: their filings and the promises they were given.
#[derive(Default)]
struct Promised {
    filings: Mutex<Vec<(Arc<Prepared>, Vec<u8>)>>,
}

fn random_ms(below: u32) -> Duration {
    Duration::from_millis(u64::from(UnwrapErr(getrandom::SysRng).next_u32() % below))
}

fn post(base_url: &str, filing: &Prepared) -> Option<Vec<u8>> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let request = agent
        .post(format!("{base_url}/api/v1/filings"))
        .header("Content-Type", &filing.content_type);
    let mut response = request.send(&filing.body[..]).ok()?;
    let body = response.body_mut().read_to_vec().ok()?;
    match response.status().as_u16() {
        200 => Some(body),
        503 => None,
        status => panic!(
            "a good filing was answered {status}: {}",
            String::from_utf8_lossy(&body)
        ),
    }
}

/// Posts each filing until it has a promise, as her client would.
fn declarants(
    base_url: String,
    filings: Arc<Mutex<Vec<Arc<Prepared>>>>,
    promised: Arc<Promised>,
    stop: Arc<AtomicBool>,
) {
    let next = || filings.lock().expect("no panic while held").pop();
    while let Some(filing) = next() {
        loop {
            if let Some(promise) = post(&base_url, &filing) {
                promised
                    .filings
                    .lock()
                    .expect("no panic while held")
                    .push((filing, promise));
                break;
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Reads the log as a stranger would and gives all entries; a fork or a smaller tree is a failure.
fn follow(deployment: &Deployment, policy: &Policy, origin: &str, follower: &mut Follower, entries: &mut Vec<Vec<u8>>) {
    let note = tlog::Note::parse(&deployment.get("/log/checkpoint").expect("a checkpoint")).expect("a note");
    let trusted = policy.check(&note, origin).expect("a trusted checkpoint");
    let new = follower
        .advance(&trusted, |tile| deployment.get(&format!("/log/{}", tile.path())))
        .expect("one history");
    entries.extend(new);
}

fn fsck(deployment: &Deployment, round: u32) {
    let said = deployment.verb(&["fsck", "operator/store"]);
    assert!(said.is_ok(), "round {round}: {said:?}\n{}", deployment.log());
}

#[test]
#[ignore = "run by `cargo xtask test crash`"]
fn promises_survive_kill_minus_nine() {
    let rounds: u32 = std::env::var("RESGUARDO_ROUNDS").map_or(30, |n| n.parse().expect("a number of rounds"));
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").expect("run by `cargo xtask test crash`"));
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        pace: 1024,
        step_s: 1,
        work_bits: 0,
    };
    let mut deployment = Deployment::make(&binary, folder.path(), options).expect("a deployment");
    let declarant = Declarant::draw(&deployment).expect("a phrase");
    let (policy, origin) = trust(&deployment);
    let (mut follower, mut entries, case) = (Follower::new(), Vec::new(), AtomicU32::new(0));
    let promised = Arc::new(Promised::default());

    let mut cut = 0;
    for round in 0..rounds {
        let next = || {
            Arc::new(
                declarant
                    .prepare(case.fetch_add(1, Ordering::Relaxed), &deployment)
                    .expect("sealed"),
            )
        };
        let filings = Arc::new(Mutex::new((0..FILINGS).map(|_| next()).collect::<Vec<_>>()));
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (url, filings, promised, stop) = (
                    deployment.base_url.clone(),
                    filings.clone(),
                    promised.clone(),
                    stop.clone(),
                );
                std::thread::spawn(move || declarants(url, filings, promised, stop))
            })
            .collect();
        std::thread::sleep(random_ms(100));
        deployment.kill().expect("killed");
        cut += u32::from(!filings.lock().expect("free").is_empty());
        fsck(&deployment, round);
        deployment.start().expect("starts again");
        std::thread::sleep(random_ms(100));
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client saw something wrong");
        }
        follow(&deployment, &policy, &origin, &mut follower, &mut entries);
        check_promises(&deployment, &promised, 40);
        eprintln!(
            "round {round}: {} promised, log of {}",
            promised.filings.lock().expect("free").len(),
            entries.len()
        );
    }

    let count = check_promises(&deployment, &promised, usize::MAX);
    assert!(count > 0, "filings were promised");
    assert!(cut > rounds / 3, "only {cut} kills fell into the load");
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        follow(&deployment, &policy, &origin, &mut follower, &mut entries);
        let held = promised.filings.lock().expect("free");
        let mut times: HashMap<&[u8], usize> = HashMap::new();
        entries.iter().for_each(|entry| *times.entry(entry).or_default() += 1);
        let missing = held
            .iter()
            .filter(|(filing, _)| !times.contains_key(&filing.entry[..]))
            .count();
        if missing == 0 {
            assert!(times.values().all(|times| *times == 1), "an entry stands twice");
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{missing} of {count} promised entries are not in the log"
        );
        drop(held);
        std::thread::sleep(Duration::from_millis(500));
    }
    deployment.kill().expect("killed");
    fsck(&deployment, rounds);
}

fn trust(deployment: &Deployment) -> (Policy, String) {
    let list = deployment.get("/api/v1/public/index/council").expect("a council");
    let list: Vec<Digest> = serde_json::from_slice(&list).expect("digests");
    let envelope =
        Envelope::parse(&deployment.get(&format!("/api/v1/public/{}", list[0])).expect("stored")).expect("an envelope");
    let council: Council = envelope.unverified().expect("a council");
    (
        Policy::parse(&council.policy).expect("a policy"),
        council.origin.to_string(),
    )
}

/// The last `most` promised filings: posted again they get the same promise, and each blob is there, whole.
fn check_promises(deployment: &Deployment, promised: &Promised, most: usize) -> usize {
    let held = promised.filings.lock().expect("free");
    for (filing, promise) in held.iter().rev().take(most) {
        assert_eq!(
            post(&deployment.base_url, filing).as_ref(),
            Some(promise),
            "the same form, the same promise"
        );
        for digest in &filing.blobs {
            let blob = deployment
                .get(&format!("/api/v1/blobs/{digest}"))
                .expect("a promised blob");
            assert_eq!(Digest::of(&blob), *digest);
        }
    }
    held.len()
}
