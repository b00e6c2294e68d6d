//! The service is killed at random moments while filings come in; nothing that was promised is lost, and the log
//! never has a second history.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deployment::{Declarant, Deployment, Options, Prepared};
use rand_core::{Rng as _, UnwrapErr};
use support::Reader;

const CLIENTS: usize = 4;
/// Filings sealed for each round: more than are posted before the kill, as a rule.
const FILINGS: usize = 60;

/// What the declarants know: their filings and the promises they were given.
#[derive(Default)]
struct Promised {
    filings: Mutex<Vec<(Arc<Prepared>, Vec<u8>)>>,
}

fn random_ms(below: u32) -> Duration {
    Duration::from_millis(u64::from(UnwrapErr(getrandom::SysRng).next_u32() % below))
}

fn post(base_url: &str, filing: &Prepared) -> Option<Vec<u8>> {
    let (status, body) = support::post(base_url, filing)?;
    match status {
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
        pace: 128,
        step_s: 1,
        work_bits: 0,
    };
    let mut deployment = Deployment::make(&binary, folder.path(), options).expect("a deployment");
    let declarant = Declarant::draw(&deployment).expect("a phrase");
    let (mut log, case) = (Reader::new(&deployment), AtomicU32::new(0));
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
        std::thread::sleep(random_ms(50));
        deployment.kill().expect("killed");
        cut += u32::from(!filings.lock().expect("free").is_empty());
        fsck(&deployment, round);
        deployment.start().expect("starts again");
        std::thread::sleep(random_ms(50));
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().expect("a client saw something wrong");
        }
        log.read(&deployment);
        check_promises(&deployment, &promised, 40);
        eprintln!(
            "round {round}: {} promised, log of {}",
            promised.filings.lock().expect("free").len(),
            log.entries.len()
        );
    }

    let count = check_promises(&deployment, &promised, usize::MAX);
    assert!(count > 0, "filings were promised");
    assert!(cut > rounds / 3, "only {cut} kills fell into the load");
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        log.read(&deployment);
        let held = promised.filings.lock().expect("free");
        let mut times: HashMap<&[u8], usize> = HashMap::new();
        log.entries
            .iter()
            .for_each(|entry| *times.entry(entry).or_default() += 1);
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

/// The last `most` promised filings: posted again they get the same promise, and each blob is there, whole.
fn check_promises(deployment: &Deployment, promised: &Promised, most: usize) -> usize {
    let held = promised.filings.lock().expect("free");
    for (filing, promise) in held.iter().rev().take(most) {
        support::check_promise(deployment, filing, promise);
    }
    held.len()
}
