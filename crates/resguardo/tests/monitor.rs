//! `resguardo log monitor` and `log compare` against an operator who holds the log's key and shows what he likes.

use crate::service_support as support;
use crate::support::events_of;
use base64ct::{Base64, Encoding as _};

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use resguardo::trust::Trust;
use serde_json::Value;
use support::{LOG_SEED, N, ORIGIN, STEP_S, Ways, World, now};
use tlog::note::KeyKind;
use tlog::tile::{TILE_WIDTH, TileKind, TileName, encode_entries, encode_hashes};
use tlog::tree::Frontier;
use tlog::{Checkpoint, Hash, Note, Policy, SigningNoteKey, cosign, leaf_hash};

/// What the operator shows.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) steps: BTreeMap<u64, Note>,
    pub(crate) statements: HashMap<String, Vec<u8>>,
}

impl Shown {
    /// Adds opaque entries, which only `seed` determines, at a step; its checkpoint is dated `late_s` after the step begins.
    pub(crate) fn add(&mut self, step: u64, opaque: u32, seed: u8, late_s: u64) {
        for number in 0..opaque {
            let mut entry = vec![0; 65];
            entry[1..9].copy_from_slice(&step.to_be_bytes());
            (entry[9], entry[10]) = (number as u8, seed);
            self.entries.push(entry);
        }
        let note = self.note(step * STEP_S + late_s);
        self.steps.insert(step, note);
    }

    fn note(&self, time: u64) -> Note {
        let mut tree = Frontier::default();
        tree.extend(self.entries.iter().map(|entry| leaf_hash(entry)));
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: tree.size(),
            root: tree.root(),
            extensions: Vec::new(),
        };
        let text = checkpoint.to_text();
        let note = Note::new(text.clone()).unwrap().with(log_key().sign(&text));
        note.with(cosign::cosign(&cosigner_key(3), &text, time))
    }

    pub(crate) fn last(&self) -> u64 {
        *self.steps.keys().next_back().unwrap()
    }

    pub(crate) fn answer(&self, path: &str) -> Option<Vec<u8>> {
        let text = |note: &Note| note.to_string().into_bytes();
        if path == "/log/checkpoint" {
            return self.steps.values().next_back().map(text);
        }
        if let Some(step) = path.strip_prefix("/log/step/") {
            let step: u64 = step.parse().ok()?;
            // A step that was missed shows the checkpoint that stood before.
            let (_, note) = self.steps.range(..=step).next_back()?;
            return (step <= self.last()).then(|| text(note));
        }
        if let Some(name) = path.strip_prefix("/log/").and_then(TileName::parse) {
            let from = (name.index * TILE_WIDTH) as usize;
            let within = from..from + usize::from(name.width);
            let mut hashes: Vec<Hash> = self.entries.iter().map(|entry| leaf_hash(entry)).collect();
            let level = match name.kind {
                TileKind::Entries => return Some(encode_entries(self.entries.get(within)?.iter().map(Vec::as_slice))),
                TileKind::Hash(level) => level,
            };
            for _ in 0..level {
                let full = hashes.chunks_exact(TILE_WIDTH as usize);
                hashes = full
                    .map(|tile| tile.iter().copied().collect::<Frontier>().root())
                    .collect();
            }
            return Some(encode_hashes(hashes.get(within)?));
        }
        self.statements.get(path.strip_prefix("/api/v1/public/")?).cloned()
    }
}

fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &LOG_SEED).unwrap()
}

fn cosigner_key(seed: u8) -> SigningNoteKey {
    let name = if seed == 3 { "cosigner.example" } else { "other.example" };
    SigningNoteKey::from_seed(name, KeyKind::CosignatureV1, &[seed; 32]).unwrap()
}

/// An operator, what he shows, and a folder with the root of trust.
pub(crate) struct Operator {
    shown: Arc<Mutex<Shown>>,
    folder: tempfile::TempDir,
}

impl Operator {
    /// The beginning of a real log, some steps ago, whose council names two cosigners of which one suffices.
    pub(crate) async fn begun(steps_ago: u64) -> (Self, Shown) {
        let world = World::before_council(Ways::default()).await;
        let mut council = world.council();
        let keys = [
            (world.cosigner.key.clone(), Some(world.cosigner.url.clone())),
            (cosigner_key(9).verifier(), Some("http://127.0.0.1:9".to_owned())),
        ];
        council.policy = Policy::to_text_k_of_n(&log_key().verifier(), None, &keys, 1);
        let seats: Vec<_> = (1..=5).map(support::seat).collect();
        let keys: Vec<_> = seats.iter().map(protocol::keys::MemberKeys::signing).collect();
        let mut founding = world.founding();
        founding.council = protocol::Envelope::sign(&council, &keys);
        world.service.publish_council(&founding).await.unwrap();
        assert_eq!(world.next_step().await, service::StepOutcome::Published);
        let mut shown = Shown {
            entries: world.entries().await,
            ..Shown::default()
        };
        for entry in shown.entries.iter().filter(|entry| entry.len() == 33) {
            let digest = base16ct::lower::encode_string(&entry[1..]);
            let statement = world.get(&format!("/api/v1/public/{digest}")).await.ok();
            shown.statements.insert(digest, statement.body);
        }
        shown.add(now() / STEP_S - steps_ago, 0, 0, 0);

        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let root = world.root();
        Trust { root, base_url }.save(&folder.path().join("root.json")).unwrap();
        let operator = Self {
            shown: Arc::new(Mutex::new(shown.clone())),
            folder,
        };
        let answers = Arc::clone(&operator.shown);
        let answer = move |request: Request| async move { answer(&answers, request.uri().path()) };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        (operator, shown)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Shows something else from now on.
    pub(crate) fn show(&self, shown: &Shown) {
        *self.shown.lock().unwrap() = shown.clone();
    }

    /// Runs a verb; its exit status and events.
    async fn run(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        events_of(self.folder.path(), arguments).await
    }

    /// One look: its exit status and the alarms with what they say.
    async fn look(&self, state: &str) -> (i32, Vec<Value>) {
        let (exit, events) = self
            .run(&["log", "monitor", "--state", state, "--atom", "feed.xml"])
            .await;
        let alarms = events.iter().filter(|event| event["event"] == "alarm");
        (exit, alarms.map(|event| event["alarm"].clone()).collect())
    }
}

fn answer(shown: &Mutex<Shown>, path: &str) -> Response {
    match shown.lock().unwrap().answer(path) {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn codes(alarms: &[Value]) -> Vec<&str> {
    alarms.iter().filter_map(|alarm| alarm["code"].as_str()).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

const AWAY: &str = "cosigners-away";

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_does_wrong_is_told_with_what_proves_it() {
    let (operator, begun) = Operator::begun(6).await;
    let first = begun.last();

    // Nothing is wrong but a cosigner that is not needed; the four statements of the beginning are told once.
    let mut good = begun.clone();
    good.add(first + 1, N, 0, 0);
    good.add(first + 5, N, 0, 0);
    operator.show(&good);
    let (exit, events) = operator.run(&["log", "monitor", "--state", "seen"]).await;
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    let statements = named("statement");
    assert_eq!(statements.len(), 4, "{events:?}");
    assert_eq!(statements[0]["statement"]["name"], "council");
    assert_eq!(statements[0]["statement"]["signed_by"].as_array().unwrap().len(), 5);
    let alarms: Vec<Value> = named("alarm").iter().map(|event| event["alarm"].clone()).collect();
    assert_eq!((exit, codes(&alarms)), (4, vec!["stood-still", AWAY]), "{events:?}");
    assert_eq!(
        (&alarms[0]["first"], &alarms[0]["last"]),
        (&(first + 2).into(), &(first + 4).into())
    );
    assert_eq!(alarms[1]["names"], serde_json::json!(["other.example"]));
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!((exit, codes(&alarms)), (4, vec![AWAY]), "what stood still is told once");
    assert!(
        read(&operator.path("feed.xml")).matches("<entry>").count() >= 6,
        "the feed keeps what was seen"
    );

    // More than the pace, in the step that comes next.
    let mut fast = good.clone();
    fast.add(first + 6, N + 1, 0, 0);
    fast.add(first + 7, N, 0, 0);
    operator.show(&fast);
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!((exit, codes(&alarms)), (1, vec!["pace", AWAY]));
    assert_eq!((&alarms[0]["opaque"], &alarms[0]["wanted"]), (&5.into(), &4.into()));

    // Fewer entries than before.
    operator.show(&good);
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!((exit, codes(&alarms)), (1, vec!["rollback"]));
    let proof = |name: &str| Note::parse(read(&operator.path(&format!("seen/proof.{name}"))).as_bytes()).unwrap();
    let size = |note: &Note| Checkpoint::parse(note.text()).unwrap().size;
    assert_eq!(size(&proof("seen")), size(&proof("shown")) + 9);
    for note in [proof("seen"), proof("shown")] {
        note.verify(&log_key().verifier()).unwrap();
    }

    // Other entries than before, as many and more.
    for more in 0..2 {
        let mut other = good.clone();
        other.add(first + 6, N + 1, 1, 0);
        other.add(first + 7, N, 1, 0);
        for step in 0..more {
            other.add(first + 8 + step, N, 1, 0);
        }
        operator.show(&other);
        let (exit, alarms) = operator.look("seen").await;
        assert_eq!((exit, codes(&alarms)), (1, vec!["fork"]), "{more}");
        std::fs::write(
            operator.path("theirs"),
            other.steps.values().next_back().unwrap().to_string(),
        )
        .unwrap();
    }
    let feed = read(&operator.path("feed.xml"));
    assert!(feed.contains("does not begin with"), "{feed}");

    // Tiles that do not lead to the checkpoint prove nothing but that it cannot be verified.
    let mut torn = fast.clone();
    torn.add(first + 8, N, 0, 0);
    torn.entries.last_mut().unwrap()[40] ^= 1;
    operator.show(&torn);
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!((exit, codes(&alarms)), (1, vec!["not-verifiable"]));

    // The log as it was: what was seen was not forgotten, and nothing is wrong any more.
    operator.show(&fast);
    assert_eq!(operator.look("seen").await.0, 4);

    // Another monitor was shown another log: their checkpoints tell.
    std::fs::write(
        operator.path("ours"),
        good.steps.values().next_back().unwrap().to_string(),
    )
    .unwrap();
    let compare = ["log", "compare", "ours", "--state", "seen"];
    assert_eq!(operator.run(&compare).await.0, 0, "a beginning of what was read");
    let mut split = good.clone();
    split.add(first + 6, N + 1, 1, 0);
    std::fs::write(
        operator.path("theirs"),
        split.steps.values().next_back().unwrap().to_string(),
    )
    .unwrap();
    let (exit, events) = operator
        .run(&["log", "compare", "ours", "theirs", "--state", "seen"])
        .await;
    let error = events.last().unwrap();
    assert_eq!((exit, &error["code"]), (1, &"log-breach".into()), "{events:?}");
    let forged = read(&operator.path("theirs")).replacen(&format!("\n{}\n", split.entries.len()), "\n7\n", 1);
    std::fs::write(operator.path("forged"), forged).unwrap();
    let (exit, events) = operator.run(&["log", "compare", "forged", "--state", "seen"]).await;
    assert_eq!(
        (exit, &events.last().unwrap()["code"]),
        (1, &"log-not-verifiable".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_that_are_late_unsigned_or_gone_are_told() {
    let (operator, begun) = Operator::begun(6).await;
    let first = begun.last();
    let mut good = begun.clone();
    for step in first + 1..=first + 3 {
        good.add(step, N, 0, 0);
    }
    operator.show(&good);
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!(
        (exit, codes(&alarms)),
        (4, vec!["late", AWAY]),
        "three steps are due since"
    );

    // Each by itself, from what was seen until now. A later step shows that it stays so.
    let with = |spoil: &dyn Fn(&mut Shown)| {
        let mut shown = good.clone();
        shown.add(first + 4, N, 0, 0);
        shown.add(first + 5, N, 0, 0);
        shown.add(first + 6, N, 0, 0);
        spoil(&mut shown);
        shown
    };
    let unsigned = |note: &Note| {
        Note::new(note.text().to_owned())
            .unwrap()
            .with(log_key().sign(note.text()))
    };
    let step = first + 4;
    let cases: [(&str, Shown); 3] = [
        (
            "not-cosigned",
            with(&|shown| {
                let note = unsigned(&shown.steps[&step]);
                shown.steps.insert(step, note);
            }),
        ),
        (
            "dated",
            with(&|shown| {
                let text = shown.steps[&step].text().to_owned();
                let note = Note::new(text.clone()).unwrap().with(log_key().sign(&text));
                let time = (step + 1) * STEP_S + 301;
                shown
                    .steps
                    .insert(step, note.with(cosign::cosign(&cosigner_key(3), &text, time)));
            }),
        ),
        (
            "other-tree",
            with(&|shown| {
                let mut other = good.clone();
                other.add(step, N, 1, 0);
                shown.steps.insert(step, other.steps[&step].clone());
            }),
        ),
    ];
    for (number, (code, shown)) in cases.iter().enumerate() {
        let state = format!("seen-{number}");
        operator.show(&good);
        operator.look(&state).await;
        operator.show(shown);
        let (exit, alarms) = operator.look(&state).await;
        assert_eq!((exit, alarms[0]["code"].as_str()), (1, Some(*code)), "{alarms:?}");
        assert_eq!(alarms[0]["step"], step);
    }

    // A statement that nobody shows does not count, and is told.
    let mut withheld = good.clone();
    withheld.entries.push([&[1][..], &[8; 32]].concat());
    withheld.add(first + 4, N, 0, 0);
    operator.show(&withheld);
    let (exit, alarms) = operator.look("seen").await;
    assert_eq!(
        (exit, alarms[0]["code"].as_str()),
        (1, Some("not-counted")),
        "{alarms:?}"
    );
}

/// A promise as `seal --receipt` keeps it.
fn promise(entry: &[u8], deadline: u64, key: &SigningNoteKey) -> String {
    let promise = tlog::promise::Promise {
        origin: ORIGIN.to_owned(),
        entry: protocol::Digest::of(entry).0,
        deadline,
    };
    let kept = client::KeptPromise {
        v: protocol::ids::Version,
        entry: entry.to_vec(),
        promise: promise.sign(key).to_string(),
    };
    serde_json::to_string(&kept).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_promise_is_proof_for_anybody_and_a_kept_one_for_nobody() {
    let (operator, begun) = Operator::begun(6).await;
    let first = begun.last();
    let entry = [&[0][..], &[7; 64]].concat();
    let deadline = (first + 1) * STEP_S + 1;
    std::fs::write(operator.path("r.promise"), promise(&entry, deadline, &log_key())).unwrap();
    let make = ["complain", "make", "r.promise", "--force"];
    let code = |events: &[Value]| events.last().unwrap()["code"].as_str().map(str::to_owned);

    let mut due = begun.clone();
    due.add(first + 1, N, 0, 0);
    operator.show(&due);
    let (exit, events) = operator.run(&make).await;
    assert_eq!((exit, code(&events).as_deref()), (4, Some("not-due")), "{events:?}");
    let mut kept = begun.clone();
    kept.entries.push(entry.clone());
    kept.add(first + 1, N - 1, 0, 0);
    kept.add(first + 2, N, 0, 0);
    operator.show(&kept);
    let (exit, events) = operator.run(&make).await;
    assert_eq!(
        (exit, code(&events).as_deref()),
        (3, Some("promise-kept")),
        "{events:?}"
    );
    assert!(!operator.path("r.complaint").exists());

    // It never came, and it came too late.
    let mut never = due.clone();
    never.add(first + 2, N, 0, 0);
    let mut late = never.clone();
    late.entries.push(entry.clone());
    late.add(first + 3, N - 1, 0, 0);
    for shown in [never, late] {
        operator.show(&shown);
        let (exit, events) = operator.run(&make).await;
        assert_eq!(exit, 0, "{events:?}");
        // Who checks it needs no network.
        operator.show(&Shown::default());
        let (exit, events) = operator.run(&["complain", "verify", "r.complaint"]).await;
        operator.show(&shown);
        assert_eq!(
            (exit, &events.last().unwrap()["size"]),
            (0, &(begun.entries.len() + 8).into()),
            "{events:?}"
        );
    }

    // What a full disk does not take is said.
    for verb in ["complain make r.promise --force", "complain verify r.complaint"] {
        let script = format!("{} {verb} > /dev/full", env!("CARGO_BIN_EXE_resguardo"));
        let mut shell = Command::new("sh");
        shell.current_dir(operator.folder.path()).args(["-c", &script]);
        let status = tokio::task::spawn_blocking(move || shell.status().unwrap())
            .await
            .unwrap();
        assert_eq!(status.code(), Some(6), "{verb}");
    }

    // Whatever of it is changed proves nothing.
    let whole: Value = serde_json::from_str(&read(&operator.path("r.complaint"))).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changed = |path: &str, change: &dyn Fn(&str) -> String| {
        let mut complaint = whole.clone();
        let place = complaint.pointer_mut(path).unwrap();
        *place = change(&text(place)).into();
        complaint
    };
    let other_key = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    let resigned = |deadline, key: &SigningNoteKey| {
        let mut complaint = whole.clone();
        complaint["kept"] = serde_json::from_str(&promise(&entry, deadline, key)).unwrap();
        complaint
    };
    let without_cosigner = |note: &str| note.lines().take(5).map(|line| format!("{line}\n")).collect::<String>();
    let of_other_entry = Base64::encode_string(&[&[0][..], &[6; 64]].concat());
    for (number, complaint) in [
        changed("/leaves", &|leaves| leaves.replacen(&leaves[..4], "AAAA", 1)),
        changed("/checkpoint", &without_cosigner),
        changed("/kept/entry", &|_| of_other_entry.clone()),
        changed("/public/0/1", &|envelope| {
            envelope.replacen("\"payload\":\"", "\"payload\":\"AAAA", 1)
        }),
        resigned(deadline, &other_key),
        resigned(deadline + 30 * STEP_S, &log_key()),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(operator.path("changed"), complaint.to_string()).unwrap();
        let (exit, events) = operator.run(&["complain", "verify", "changed"]).await;
        assert_eq!(
            (exit, code(&events).as_deref()),
            (1, Some("complaint")),
            "{number}: {events:?}"
        );
    }
    std::fs::write(operator.path("r.promise"), promise(&entry, deadline, &other_key)).unwrap();
    operator.show(&due);
    let (exit, events) = operator.run(&make).await;
    assert_eq!(
        (exit, code(&events).as_deref()),
        (1, Some("not-a-promise")),
        "{events:?}"
    );
}

/// The files of a folder, served as a static host does.
pub(crate) async fn host(folder: PathBuf) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |request: Request| {
        let file = folder.join(request.uri().path().trim_start_matches('/'));
        async move {
            match std::fs::read(file) {
                Ok(bytes) => bytes.into_response(),
                Err(_) => StatusCode::NOT_FOUND.into_response(),
            }
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_on_a_static_host_is_verified_like_the_log_itself() {
    let (operator, begun) = Operator::begun(100).await;
    let first = begun.last();
    let copy = ["log", "monitor", "--state", "seen", "--mirror", "copy"];
    let url = host(operator.path("copy")).await;
    let verify = ["log", "verify", &url, "--root", "root.json"];
    let of_files = ["log", "verify", "copy", "--root", "root.json"];
    let mut shown = begun.clone();
    // Before and beyond the first full tile, with steps that were missed.
    for (step, to) in [(first + 1, first + 40), (first + 50, first + 90)] {
        (step..=to).for_each(|step| shown.add(step, N, 0, 0));
        operator.show(&shown);
        let (exit, events) = operator.run(&copy).await;
        let lags = &events.last().unwrap()["code"];
        assert_eq!((exit, lags), (4, &"log-lags".into()), "{events:?}");
        for verify in [&verify, &of_files] {
            let (exit, events) = operator.run(verify).await;
            assert_eq!(
                (exit, &events.last().unwrap()["size"]),
                (0, &shown.entries.len().into()),
                "{events:?}"
            );
        }
    }
    assert!(shown.entries.len() as u64 > TILE_WIDTH);
    // Its files are read, and nothing that the service would answer.
    for (tile, code) in [("entries/000", "log-not-verifiable"), ("0/000", "log-not-verifiable")] {
        let path = operator.path(&format!("copy/log/tile/{tile}"));
        let kept = std::fs::read(&path).unwrap();
        let mut changed = kept.clone();
        changed[100] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let (exit, events) = operator.run(&of_files).await;
        assert_eq!((exit, &events.last().unwrap()["code"]), (1, &code.into()), "{events:?}");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(operator.run(&of_files).await.0, 1, "{tile} is missing");
        std::fs::write(&path, kept).unwrap();
    }
    assert!(
        !operator.path("copy/log/tile/0/000.p").exists(),
        "what is whole needs no part"
    );

    // What breaks a rule is not copied, and a copy of another history is not gone on with.
    let copied = read(&operator.path("copy/log/checkpoint"));
    let mut other = begun.clone();
    (first + 1..=first + 99).for_each(|step| other.add(step, N, 1, 0));
    operator.show(&other);
    assert_eq!(operator.run(&copy).await.0, 1);
    assert_eq!(read(&operator.path("copy/log/checkpoint")), copied);
    let anew = ["log", "monitor", "--state", "anew", "--mirror", "copy"];
    let (exit, events) = operator.run(&anew).await;
    assert_eq!(
        (exit, &events.last().unwrap()["code"]),
        (4, &"state-of-another".into()),
        "{events:?}"
    );
    assert_eq!(read(&operator.path("copy/log/checkpoint")), copied);
}
