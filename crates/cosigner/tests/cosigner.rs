//! The cosigner over real HTTP: what it signs, what it refuses, and what survives a crash.

#[path = "../../tlog/tests/common/mod.rs"]
mod common;
#[path = "../../tlog/tests/common/keys.rs"]
mod keys;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use common::Log;
use cosigner::{Cosigner, CosignerError, MemoryError};
use keys::{ORIGIN, checkpoint, log_key, witness_key};
use tlog::note::{KeyKind, NoteSignature};
use tlog::proof::consistency;
use tlog::witness::{AddCheckpoint, REQUEST_SIZE_MAX};
use tlog::{Note, SigningNoteKey, cosign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NOW: u64 = 1_764_000_000;

fn now() -> u64 {
    NOW
}

fn open(folder: &Path) -> Result<Cosigner, CosignerError> {
    Cosigner::open(folder, witness_key(1), vec![log_key().verifier()])
}

/// A cosigner that listens, and the task that serves it.
struct Running {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
    cosigner: Arc<Cosigner>,
}

/// An answer: status, media type, body.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    media_type: String,
    body: String,
}

impl Running {
    async fn start(folder: &Path) -> Self {
        Self::serve(open(folder).expect("opens"), now).await
    }

    async fn serve(cosigner: Cosigner, now: fn() -> u64) -> Self {
        let cosigner = Arc::new(cosigner);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let router = Arc::clone(&cosigner).router(now);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Self {
            address,
            task,
            cosigner,
        }
    }

    /// Ends the server and releases the folder.
    async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
        // Connections live a moment longer than the listener.
        while Arc::strong_count(&self.cosigner) > 1 {
            tokio::task::yield_now().await;
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.expect("connects");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: cosigner\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("sends");
        // A server that refuses a body for its size may close before it is all sent.
        let _ = stream.write_all(body).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let media_type = head
            .lines()
            .find_map(|line| line.strip_prefix("content-type: "))
            .unwrap_or_default();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        Answer {
            status,
            media_type: media_type.to_owned(),
            body: body.to_owned(),
        }
    }

    async fn add(&self, request: &AddCheckpoint) -> Answer {
        self.ask("POST", "/add-checkpoint", request.to_text().as_bytes()).await
    }
}

fn request(log: &Log, old: u64) -> AddCheckpoint {
    let proof = consistency(old, log.size(), log).expect("in memory").expect("in range");
    AddCheckpoint {
        old_size: old,
        proof,
        checkpoint: checkpoint(log.size(), log.root()),
    }
}

/// Another log of the same name after `common` entries.
fn fork(common: u64, size: u64) -> Log {
    let mut log = Log::of(common);
    (common..size).for_each(|_| log.push(b"another entry"));
    log
}

/// Asserts that the answer is a cosignature by witness 1 on the note, at the time of the clock.
fn assert_cosigned(answer: &Answer, note: &Note) {
    assert_eq!(
        (answer.status, answer.media_type.as_str()),
        (200, "text/plain; charset=utf-8"),
        "{answer:?}"
    );
    let lines = NoteSignature::parse_lines(&answer.body).expect("signature lines");
    let note = lines.into_iter().fold(note.clone(), Note::with);
    assert_eq!(cosign::verify(&note, &witness_key(1).verifier()), Ok(NOW));
}

fn assert_conflict(answer: &Answer, size: u64) {
    let expected = Answer {
        status: 409,
        media_type: "text/x.tlog.size".to_owned(),
        body: format!("{size}\n"),
    };
    assert_eq!(*answer, expected);
}

#[tokio::test]
async fn a_growing_log_is_cosigned() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    let mut old = 0;
    for size in [0, 1, 5, 5, 8, 300] {
        let log = Log::of(size);
        let request = request(&log, old);
        assert_cosigned(&running.add(&request).await, &request.checkpoint);
        assert_eq!(
            running.cosigner.seen(ORIGIN).map(|seen| (seen.size, seen.root)),
            Some((size, log.root()))
        );
        old = size;
    }
}

#[tokio::test]
async fn every_refusal_has_the_status_of_the_specification() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    let (small, log) = (Log::of(5), Log::of(9));
    assert_conflict(&running.add(&request(&log, 5)).await, 0);
    assert_eq!(running.add(&request(&small, 0)).await.status, 200);
    assert_conflict(&running.add(&request(&log, 0)).await, 5);
    assert_conflict(&running.add(&request(&log, 7)).await, 5);
    assert_conflict(&running.add(&request(&Log::of(4), 4)).await, 5);

    let good = request(&log, 5);
    let wrong_proof = AddCheckpoint {
        proof: good.proof.iter().rev().copied().collect(),
        ..good.clone()
    };
    let no_proof = AddCheckpoint {
        proof: Vec::new(),
        ..good.clone()
    };
    for refused in [wrong_proof, no_proof, request(&fork(3, 9), 5), request(&fork(3, 5), 5)] {
        assert_eq!(running.add(&refused).await.status, 422);
    }

    let above = AddCheckpoint {
        old_size: 10,
        ..good.clone()
    };
    assert_eq!(running.add(&above).await.status, 400);
    let text = good.to_text();
    for malformed in [
        "".to_owned(),
        text.replace("old", "new"),
        text.replace("\n9\n", "\n09\n"),
        text.replace('\n', "\r\n"),
    ] {
        assert_eq!(
            running
                .ask("POST", "/add-checkpoint", malformed.as_bytes())
                .await
                .status,
            400,
            "{malformed:?}"
        );
    }
    assert_eq!(running.ask("POST", "/add-checkpoint", &[0xff; 100]).await.status, 400);
    assert_eq!(
        running
            .ask("POST", "/add-checkpoint", &vec![b'x'; REQUEST_SIZE_MAX + 1])
            .await
            .status,
        413
    );

    let stranger = SigningNoteKey::from_seed("example.com/other", KeyKind::Ed25519, &[3; 32]).expect("a name");
    let foreign = Note::new(good.checkpoint.text().replace(ORIGIN, "example.com/other")).expect("a text");
    let foreign = foreign.clone().with(stranger.sign(foreign.text()));
    assert_eq!(
        running
            .add(&AddCheckpoint {
                checkpoint: foreign,
                ..good.clone()
            })
            .await
            .status,
        404
    );
    let unsigned = Note::new(good.checkpoint.text().to_owned()).expect("a text");
    let by_stranger = unsigned.clone().with(stranger.sign(unsigned.text()));
    assert_eq!(
        running
            .add(&AddCheckpoint {
                checkpoint: by_stranger,
                ..good.clone()
            })
            .await
            .status,
        403
    );
    let mut line = good.checkpoint.signatures()[0].clone();
    line.signature[0] ^= 1;
    for bad in [unsigned.with(line.clone()), good.checkpoint.clone().with(line)] {
        assert_eq!(
            running
                .add(&AddCheckpoint {
                    checkpoint: bad,
                    ..good.clone()
                })
                .await
                .status,
            403
        );
    }

    assert_eq!(running.ask("GET", "/add-checkpoint", b"").await.status, 405);
    assert_eq!(running.ask("GET", "/", b"").await.status, 404);
    assert_eq!(running.ask("POST", "/sign-subtree", b"").await.status, 404);
    // None of it has moved anything.
    assert_cosigned(&running.add(&good).await, &good.checkpoint);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_forks_at_once_one_is_cosigned() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Arc::new(Running::start(folder.path()).await);
    let base = Log::of(10);
    assert_eq!(running.add(&request(&base, 0)).await.status, 200);
    let tasks: Vec<_> = (0..24_u8)
        .map(|i| {
            let mut log = base.clone();
            log.push(&[i]);
            let running = Arc::clone(&running);
            tokio::spawn(async move { running.add(&request(&log, 10)).await })
        })
        .collect();
    let mut cosigned = 0;
    for task in tasks {
        let answer = task.await.expect("ends");
        if answer.status == 200 {
            cosigned += 1;
        } else {
            assert_conflict(&answer, 11);
        }
    }
    assert_eq!(cosigned, 1);
}

#[tokio::test]
async fn a_restart_remembers() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    let log = Log::of(7);
    assert_eq!(running.add(&request(&log, 0)).await.status, 200);
    running.stop().await;
    let running = Running::start(folder.path()).await;
    assert_conflict(&running.add(&request(&log, 0)).await, 7);
    assert_eq!(running.add(&request(&fork(6, 7), 7)).await.status, 422);
    assert_eq!(running.add(&request(&fork(6, 9), 7)).await.status, 422);
    assert_eq!(running.add(&request(&Log::of(9), 7)).await.status, 200);
}

/// The tree is on disk and the answer is lost: the log asks again with the size it knows, hears the newer one, and
/// gets its cosignature with that.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    let (small, log) = (Log::of(4), Log::of(6));
    assert_eq!(running.add(&request(&small, 0)).await.status, 200);
    let lost = running.add(&request(&log, 4)).await;
    drop(lost);
    running.stop().await;
    let running = Running::start(folder.path()).await;
    assert_conflict(&running.add(&request(&log, 4)).await, 6);
    let again = request(&log, 6);
    assert_cosigned(&running.add(&again).await, &again.checkpoint);
    assert_eq!(running.add(&request(&Log::of(20), 6)).await.status, 200);
}

#[tokio::test]
async fn a_torn_new_file_means_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 200);
    running.stop().await;
    fs::write(folder.path().join("seen.new"), "resguardo-cosigner/v1\nexample.com/lo").expect("writes");
    let running = Running::start(folder.path()).await;
    assert_eq!(running.cosigner.seen(ORIGIN).map(|seen| seen.size), Some(4));
    assert_eq!(running.add(&request(&Log::of(6), 4)).await.status, 200);
    running.stop().await;
    assert_eq!(
        open(folder.path()).expect("opens").seen(ORIGIN).map(|seen| seen.size),
        Some(6)
    );
}

#[tokio::test]
async fn a_damaged_or_missing_memory_never_starts_from_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let seen = folder.path().join("seen");
    let running = Running::start(folder.path()).await;
    assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 200);
    running.stop().await;
    let good = fs::read(&seen).expect("reads");
    for damaged in [&good[..good.len() / 2], b"", b"{}"] {
        fs::write(&seen, damaged).expect("writes");
        let error = open(folder.path()).expect_err("damaged");
        assert!(
            matches!(&error, CosignerError::Memory(MemoryError::Damaged(path)) if *path == seen),
            "{error}"
        );
        assert_eq!(fs::read(&seen).expect("reads"), damaged, "it is left as it was found");
    }
    fs::remove_file(&seen).expect("removes");
    let error = open(folder.path()).expect_err("missing");
    assert!(
        matches!(error, CosignerError::Memory(MemoryError::Missing(_))),
        "{error}"
    );
    fs::write(&seen, good).expect("restores");
    assert_eq!(
        open(folder.path()).expect("opens").seen(ORIGIN).map(|seen| seen.size),
        Some(4)
    );
}

#[tokio::test]
async fn nothing_is_signed_that_is_not_on_disk() {
    let parent = tempfile::tempdir().expect("a folder");
    let (folder, away) = (parent.path().join("cosigner"), parent.path().join("away"));
    let running = Running::start(&folder).await;
    assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 200);
    fs::rename(&folder, &away).expect("moves");
    let answer = running.add(&request(&Log::of(6), 4)).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, ""));
    fs::rename(&away, &folder).expect("moves back");
    assert_eq!(running.add(&request(&Log::of(6), 4)).await.status, 200);
}

/// `/dev/full` fails every write as a disk without room does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_cosigner_signs_again_by_itself_after_a_full_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 200);
    let beside = folder.path().join("seen.new");
    std::os::unix::fs::symlink("/dev/full", &beside).expect("a full disk");
    for _ in 0..2 {
        let refused = running.add(&request(&Log::of(6), 4)).await;
        assert_eq!((refused.status, refused.body.as_str()), (503, ""));
        let held = running.cosigner.seen(ORIGIN).map(|seen| seen.size);
        assert_eq!(held, Some(4), "what was not signed is not remembered");
    }
    // What is durable already needs no room.
    assert_eq!(running.add(&request(&Log::of(4), 4)).await.status, 200);
    fs::remove_file(&beside).expect("room again");
    let log = Log::of(6);
    let answer = running.add(&request(&log, 4)).await;
    assert_cosigned(&answer, &checkpoint(log.size(), log.root()));
    running.stop().await;
    let held = open(folder.path()).expect("opens").seen(ORIGIN).map(|seen| seen.size);
    assert_eq!(held, Some(6), "and it is on disk");
}

#[tokio::test]
async fn a_clock_without_a_time_signs_and_remembers_nothing() {
    for clock in [(|| 0) as fn() -> u64, || u64::MAX, || 1 << 63] {
        let folder = tempfile::tempdir().expect("a folder");
        let running = Running::serve(open(folder.path()).expect("opens"), clock).await;
        assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 500);
        running.stop().await;
        assert_eq!(open(folder.path()).expect("opens").seen(ORIGIN), None);
    }
}

#[test]
fn a_second_cosigner_on_the_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).expect("opens");
    let error = open(folder.path()).expect_err("in use");
    assert!(matches!(error, CosignerError::Memory(MemoryError::InUse(_))), "{error}");
    drop(first);
    assert!(open(folder.path()).is_ok());
}

#[test]
fn keys_of_the_wrong_kind_are_refused() {
    let parent = tempfile::tempdir().expect("a folder");
    let open = |key, logs| Cosigner::open(&parent.path().join("never made"), key, logs).expect_err("refused");
    assert!(matches!(open(log_key(), Vec::new()), CosignerError::Key));
    assert!(matches!(
        open(witness_key(1), vec![witness_key(2).verifier()]),
        CosignerError::LogKey(_)
    ));
    let same = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[101; 32]).expect("a name");
    assert!(matches!(
        open(witness_key(1), vec![same.verifier()]),
        CosignerError::OwnKey(_)
    ));
    assert!(!parent.path().join("never made").exists());
}

#[tokio::test]
async fn a_log_that_comes_back_is_still_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path()).await;
    assert_eq!(running.add(&request(&Log::of(4), 0)).await.status, 200);
    running.stop().await;
    let running = Running::serve(
        Cosigner::open(folder.path(), witness_key(1), Vec::new()).expect("opens"),
        now,
    )
    .await;
    assert_eq!(running.add(&request(&Log::of(6), 4)).await.status, 404);
    running.stop().await;
    let running = Running::start(folder.path()).await;
    assert_conflict(&running.add(&request(&fork(0, 6), 0)).await, 4);
}
