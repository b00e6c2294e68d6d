//! The service behind real sockets: headers, metrics, keeping time, stopping.

use crate::support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use casework::RootOfTrust;
use protocol::Digest;
use protocol::problem::Problem;
use service::{PaceConfig, RunError, Service, TimeSource};
use support::{Ways, World, config};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A service that runs by the system's clock.
struct Running {
    address: SocketAddr,
    admin: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RunError>>,
}

async fn run(service: Service) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let admin_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, admin) = (listener.local_addr().unwrap(), admin_listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(service.run(listener, Some(admin_listener), async {
        let _ = stopped.await;
    }));
    Running {
        address,
        admin,
        stop,
        task,
    }
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let url = format!("http://{address}{path}");
    tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let mut response = config.new_agent().get(&url).call().unwrap();
        (
            response.status().as_u16(),
            response.body_mut().read_to_string().unwrap(),
        )
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_and_refusals_are_problems() {
    let world = World::new().await;
    let request = |method: &str, path: &str| Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    for (method, path, status) in [
        ("GET", "/log/checkpoint", 200),
        ("HEAD", "/log/checkpoint", 200),
        ("GET", "/healthz", 200),
        ("GET", "/api/v1/work", 200),
        ("GET", "/", 200),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/metrics", 404),
        ("GET", "/api/v1/docket/1/1/1", 404),
        ("POST", "/api/v1/member/nowhere", 404),
        ("GET", "/api/v1/filings", 405),
        ("POST", "/log/checkpoint", 405),
        ("DELETE", "/api/v1/blobs/00", 405),
    ] {
        let answer = world.call(request(method, path)).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'")
        );
        assert!(answer.header("set-cookie").is_none());
        // Outside the interface a refusal is a page for people.
        if status >= 400 && path != "/metrics" {
            let expected = if status == 404 {
                Problem::NotFound
            } else {
                Problem::Malformed
            };
            assert_eq!(answer.problem(), expected);
        }
    }
}

/// A service with a step of one second, its folder, and its world's council.
struct Quick {
    world: World,
    folder: TempDir,
}

impl Quick {
    async fn new() -> Self {
        let pace = PaceConfig {
            n: 4,
            step_s: 1,
            delivery_s: 1,
        };
        let world = World::before_council(Ways {
            pace,
            ..Ways::default()
        })
        .await;
        // The service runs by the system's clock, and takes no cosignature of another time.
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let skew = i64::try_from(now - world.clock.load(Ordering::SeqCst)).unwrap();
        world.cosigner_skew.store(skew, Ordering::SeqCst);
        let folder = tempfile::tempdir().unwrap();
        Self { world, folder }
    }

    fn open(&self) -> Result<Service, RunError> {
        let mut config = config(self.folder.path(), &self.world.clock, self.world.ways);
        config.clock = TimeSource::System;
        Service::open(config)
    }
}

/// Size of the checkpoint that is served, once there is one.
async fn size(running: &Running, root: &RootOfTrust) -> Option<u64> {
    let (status, text) = get(running.address, "/log/checkpoint").await;
    if status != 200 {
        return None;
    }
    let note = tlog::Note::parse(text.as_bytes()).unwrap();
    let trusted = root.policy().unwrap().check(&note, support::ORIGIN).expect("cosigned");
    Some(trusted.checkpoint().size)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_time_by_itself_and_shows_its_counters_to_the_operator_only() {
    let quick = Quick::new().await;
    let service = quick.open().unwrap();
    assert!(
        matches!(quick.open(), Err(RunError::Ledger(ledger::Error::Busy(_)))),
        "one process a folder"
    );
    let root = service.publish_council(&quick.world.founding()).await.unwrap();
    let running = run(service).await;
    let mut sizes = Vec::new();
    for _ in 0..100 {
        sizes.extend(size(&running, &root).await);
        sizes.dedup();
        if sizes.len() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let core = rlimit::getrlimit(rlimit::Resource::CORE).unwrap();
    assert_eq!(core, (0, 0), "no dump of its memory is written");
    assert!(sizes.len() >= 3, "{sizes:?}");
    // N entries a step, and once the statement of what is served.
    let beyond: Vec<u64> = sizes.windows(2).map(|pair| (pair[1] - pair[0]) % 4).collect();
    assert!(beyond.iter().sum::<u64>() <= 1, "{sizes:?}");

    let (status, metrics) = get(running.admin, "/metrics").await;
    assert_eq!(status, 200);
    for name in [
        "resguardo_tree_size",
        "resguardo_ledger_fsyncs_total",
        "resguardo_answers_total{route=\"/log/checkpoint\"",
        "resguardo_answer_seconds_bucket{route=\"/log/checkpoint\"",
    ] {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    assert_eq!(get(running.admin, "/healthz").await.0, 200);
    assert_eq!(
        get(running.admin, "/api/v1/work").await.0,
        404,
        "nothing else on that address"
    );
    running.stop.send(()).unwrap();
    running.task.await.unwrap().unwrap();
    let service = quick.open().expect("the folder is free again");
    assert!(service.ledger().snapshot().unwrap().size >= *sizes.last().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_nobody_in_and_finishes_what_is_under_way() {
    let quick = Quick::new().await;
    let service = quick.open().unwrap();
    service.publish_council(&quick.world.founding()).await.unwrap();
    let running = run(service).await;
    let mut slow = TcpStream::connect(running.address).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let name = Digest([5; 32]);
    let head = format!(
        "PUT /api/v1/uploads/{name} HTTP/1.1\r\nHost: x\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\nhello"
    );
    slow.write_all(head.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        TcpStream::connect(running.address).is_err(),
        "nobody is let in any more"
    );
    slow.write_all(b"world").unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        slow.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = answer.await.unwrap().unwrap();
    let digest = Digest::of(b"helloworld");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with(&digest.to_hex()),
        "{answer}"
    );
    assert!(answer.to_lowercase().contains("\ndate: "));
    let stopped = tokio::time::timeout(Duration::from_secs(20), running.task).await;
    stopped.expect("in time").unwrap().unwrap();
    let service = quick.open().expect("the folder is free again");
    assert_eq!(service.ledger().blob_size(&digest.0).unwrap(), Some(10));
}
