//! A reader of the log that shares no code with us finds no fault in a log of many acts, and finds every change of it:
//! `read_log.mjs`, over HTTP at the service and at a mirror that signs by ML-DSA-44, and in a copy of the mirror's files.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deployment::{Declarant, SEATS, free_ports};
use hostile::junk;
use hostile::stage::{Stage, Ways, until};
use serde_json::{Value, json};
use tempfile::TempDir;
use tlog::note::KeyKind;
use tlog::{Checkpoint, Hash, Note, SigningNoteKey};

const WHY: &str = "run by `cargo xtask test interop`";
/// Entries a step.
const PACE: u32 = 256;
/// Acts with a record of one member: the service takes 200 records a day.
const ACTS_A_DAY: usize = 150;
/// Who file at once.
const FILERS: usize = 2;
/// How long a refused act waits.
const PAUSE: Duration = Duration::from_millis(200);

/// What the reader says: what it read, or the fault that it found.
fn read(source: &str, root: &Path, more: &[&str]) -> Result<Value, String> {
    let folder = PathBuf::from(std::env::var_os("RESGUARDO_INTEROP").expect(WHY));
    let mut command = Command::new(std::env::var_os("RESGUARDO_NODE").expect(WHY));
    command.current_dir(folder).args(["read_log.mjs", source]).arg(root);
    let output = command.args(more).output().expect("node starts");
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).expect("JSON"));
    }
    assert_eq!(output.status.code(), Some(1));
    Err(String::from_utf8(output.stderr).expect("text"))
}

/// A copy of a log in files.
struct Copy {
    folder: TempDir,
    root: PathBuf,
    more: Vec<String>,
}

impl Copy {
    fn read(&self) -> Result<Value, String> {
        let more: Vec<&str> = self.more.iter().map(String::as_str).collect();
        read(self.folder.path().to_str().expect("text"), &self.root, &more)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file of the copy")
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    /// With one file changed, or without it, the reader names the fault. The file is then as it was.
    fn is_noticed(&self, name: &str, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>, fault: &str) {
        let before = self.bytes(name);
        match change(before.clone()) {
            Some(changed) => {
                assert_ne!(changed, before, "{name}: nothing was changed");
                self.put(name, &changed);
            }
            None => fs::remove_file(self.path(name)).expect("removed"),
        }
        let said = self.read().expect_err(fault);
        assert!(said.contains(fault), "{name}: {fault}: {said}");
        self.put(name, &before);
    }
}

fn flipped(at: usize) -> impl Fn(Vec<u8>) -> Option<Vec<u8>> {
    move |mut bytes| {
        bytes[at] ^= 1;
        Some(bytes)
    }
}

/// The line that begins so, without which or with another character near its end.
fn line(begin: &str, is_kept: bool) -> impl Fn(Vec<u8>) -> Option<Vec<u8>> {
    move |bytes| {
        let text = String::from_utf8(bytes).expect("text");
        let lines = text.split_inclusive('\n').filter_map(|line| {
            let at = line.len().checked_sub(8).filter(|_| line.starts_with(begin));
            let Some(at) = at else { return Some(line.to_owned()) };
            let other = if &line[at..=at] == "A" { "B" } else { "A" };
            is_kept.then(|| format!("{}{other}{}", &line[..at], &line[at + 1..]))
        });
        Some(lines.collect::<String>().into_bytes())
    }
}

/// Files so many statements at once: acts of every member as far as it may write in a day, and sealed testimonies. Gives an
/// entry of the last ones.
fn fill(stage: &Stage, statements: usize) -> Vec<u8> {
    let declarant = Declarant::draw(&stage.deployment).expect("a phrase");
    let acts = (statements / 2).min(ACTS_A_DAY * (SEATS.len() + 1));
    let left = [AtomicUsize::new(acts), AtomicUsize::new(statements - acts)];
    let take = |left: &AtomicUsize| {
        let took = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        took.ok()
    };
    let act = |name: &str| {
        let (member, mut last) = (stage.member(name).expect("a member"), None);
        while take(&left[0]).is_some() {
            // One whose share of the queue is used up waits for the next steps.
            last = loop {
                let (answer, entry, _) = junk::act(stage, &member).expect("an act");
                if answer.is_ok() {
                    break Some(entry.as_bytes().to_vec());
                }
                assert_eq!(answer.status, 503, "{}", String::from_utf8_lossy(&answer.body));
                std::thread::sleep(PAUSE);
            };
        }
        last
    };
    let file = || {
        let mut last = None;
        while let Some(c) = take(&left[1]) {
            let c = u32::try_from(c).expect("a case");
            let filing = declarant.prepare(c, &stage.deployment).expect("sealed");
            let answer = stage.post("/api/v1/filings", &filing.content_type, &[], &filing.body);
            answer.ok().expect("taken");
            last = Some(filing.entry);
        }
        last
    };
    std::thread::scope(|scope| {
        let members = SEATS.iter().chain(&["lawyer"]);
        let mut threads: Vec<_> = members.map(|name| scope.spawn(|| act(name))).collect();
        threads.extend((0..FILERS).map(|_| scope.spawn(file)));
        let mut last = threads.into_iter().filter_map(|thread| thread.join().expect("filed"));
        last.next_back().expect("a statement")
    })
}

/// A mirror with a key of ML-DSA-44. Dropped, it ends.
struct Mirror {
    process: Child,
    url: String,
    vkey: String,
}

impl Mirror {
    fn start(stage: &Stage, binary: &Path) -> Self {
        let key = [
            "key",
            "new",
            "--low-work",
            "--role",
            "mirror",
            "--institution",
            "Archive",
        ];
        let out = ["--passphrase-out", "mirror.pass", "mirror"];
        stage.deployment.verb(&[&key[..], &out].concat()).expect("a key");
        let [port] = free_ports().expect("a port");
        let listen = format!("127.0.0.1:{port}");
        let arguments = [
            &["node", "mirror", "--name", "mirror.test", "--state", "mirror-state"][..],
            &["--every", "1", "--ml-dsa", "--listen", &listen],
            &["--key", "mirror.key", "--passphrase-file", "mirror.pass"],
        ]
        .concat();
        let vkey = stage.deployment.verb(&[&arguments[..], &["--show-vkey"]].concat());
        let log = fs::File::create(stage.path("mirror.log")).expect("a log");
        let mut command = Command::new(binary);
        command.current_dir(stage.deployment.folder()).args(&arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Self {
            process: command.spawn().expect("the mirror starts"),
            url: format!("http://{listen}"),
            vkey: vkey.expect("a key").trim().to_owned(),
        }
    }

    fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let mut answer = ureq::get(format!("{}/{path}", self.url)).call()?;
        Ok(answer.body_mut().read_to_vec()?)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn a_reader_of_its_own_finds_no_fault_in_a_log_and_every_change_of_it() {
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").expect(WHY));
    let statements: usize = std::env::var("RESGUARDO_STATEMENTS")
        .expect(WHY)
        .parse()
        .expect("a number");
    let ways = Ways {
        pace: PACE,
        step_s: 1,
        work_bits: 0,
    };
    let mut stage = Stage::set(&binary, ways).expect("a deployment");
    let mirror = Mirror::start(&stage, &binary);
    let last = fill(&stage, statements);
    stage.included(&last).expect("the last one is in the log");
    // Nothing grows any more while it is read.
    stage.deployment.stop_cosigner().expect("stopped");
    let (_, trusted) = stage.checkpoint().expect("a checkpoint");
    let size = trusted.checkpoint().size;
    assert!(size > statements as u64, "{size} entries");

    let root = stage.path("root.json");
    let receipts = "64";
    let said = read(
        &stage.deployment.base_url,
        &root,
        &["--step-s", "1", "--receipts", receipts],
    )
    .expect("no fault");
    assert_eq!((&said["size"], &said["receipts"]), (&json!(size), &json!(64)), "{said}");
    let steps = said["steps"].as_u64().expect("steps");
    assert!(steps >= size / u64::from(PACE), "{said}");
    eprintln!("the reader found no fault: {said}");

    // Of the mirror: cosignatures of both kinds, and both are asked for.
    until("the mirror has it all", || {
        let note = mirror
            .get("log/checkpoint")
            .ok()
            .and_then(|note| Note::parse(&note).ok());
        let shown = note.and_then(|note| Checkpoint::parse(note.text()));
        Ok(shown.filter(|shown| shown.size == size))
    })
    .expect("a mirror");
    let trust: Value = serde_json::from_slice(&fs::read(&root).expect("a root")).expect("JSON");
    let own = trust["policy"].as_str().expect("a policy");
    let (parties, quorum) = own.trim_end().rsplit_once('\n').expect("lines");
    let quorum = quorum.strip_prefix("quorum ").expect("the last line");
    let both = format!(
        "{parties}\nwitness mirror {}\ngroup both all {quorum} mirror\nquorum both\n",
        mirror.vkey
    );
    let policy = stage.path("both.policy");
    fs::write(&policy, both).expect("written");
    let policy = ["--policy", policy.to_str().expect("text")];
    let said = read(&mirror.url, &root, &[&policy[..], &["--step-s", "1"]].concat()).expect_err("steps");
    assert!(said.contains("no quorum"), "no mirror signs the steps: {said}");
    let said = read(&mirror.url, &root, &policy).expect("no fault");
    let by = said["by"].as_array().expect("names");
    assert!(by.len() == 2 && by.contains(&json!("mirror")), "{said}");

    let copy = Copy {
        folder: tempfile::tempdir().expect("a folder"),
        root,
        more: policy.map(str::to_owned).to_vec(),
    };
    let files = stage.path("mirror-state/copy/log");
    let copied = Command::new("cp").arg("-r").arg(files).arg(copy.path("log")).status();
    assert!(copied.expect("cp").success());
    copy.put("log/checkpoint", &mirror.get("log/checkpoint").expect("a checkpoint"));
    every_change_of_the_tiles_is_noticed(&copy, size);

    // Receipts carry the service's note, which the mirror has not signed.
    let copy = Copy {
        more: vec!["--receipts".to_owned(), "2".to_owned()],
        ..copy
    };
    for index in [0, size - 1] {
        let path = format!("log/proof/{index}");
        copy.put(&path, &stage.deployment.get(&format!("/{path}")).expect("a receipt"));
    }
    every_change_of_a_receipt_is_noticed(&copy);
}

fn every_change_of_the_tiles_is_noticed(copy: &Copy, size: u64) {
    let said = copy.read().expect("no fault");
    assert_eq!(said["size"], json!(size), "{said}");
    let (full, part) = (size / 256, size % 256);
    let entries = format!("log/tile/entries/{full:03}.p/{part}");
    assert!(full > 2 && part > 0, "a log of {size} has no partial tile");
    copy.is_noticed(
        "log/tile/entries/000",
        flipped(200),
        "entry 4: its hash in the tiles is another",
    );
    copy.is_noticed("log/tile/entries/001", flipped(1), "log/tile/entries/001");
    copy.is_noticed(&entries, |bytes| Some(bytes[..bytes.len() - 67].to_vec()), &entries);
    copy.is_noticed(
        "log/tile/0/002",
        flipped(31),
        "entry 512: its hash in the tiles is another",
    );
    copy.is_noticed(
        &format!("log/tile/0/{full:03}.p/{part}"),
        flipped(0),
        "its hash in the tiles is another",
    );
    copy.is_noticed(
        &format!("log/tile/1/000.p/{full}"),
        flipped(32),
        "level 1, hash 1: the tiles below lead to another",
    );
    copy.is_noticed("log/tile/entries/001", |_| None, "log/tile/entries/001: missing");
    let checkpoint = "log/checkpoint";
    copy.is_noticed(
        checkpoint,
        line("— demo.test/log ", true),
        "a wrong signature by the log",
    );
    copy.is_noticed(checkpoint, line("— demo.test/log ", false), "not signed by the log");
    copy.is_noticed(
        checkpoint,
        line("— cosigner.test ", true),
        "a wrong cosignature by cosigner.test",
    );
    copy.is_noticed(checkpoint, line("— cosigner.test ", false), "no quorum has cosigned it");
    copy.is_noticed(
        checkpoint,
        line("— mirror.test ", true),
        "a wrong cosignature by mirror.test",
    );
    copy.is_noticed(checkpoint, line("— mirror.test ", false), "no quorum has cosigned it");
    copy.read().expect("all of it is as it was");
}

fn every_change_of_a_receipt_is_noticed(copy: &Copy) {
    copy.read().expect("no fault");
    let path = "log/proof/0";
    let receipt = String::from_utf8(copy.bytes(path)).expect("text");
    let siblings: Vec<&str> = receipt.lines().skip(2).take_while(|line| !line.is_empty()).collect();
    assert!(siblings.len() > 2);
    let lead = format!("{path}: does not lead to its checkpoint");
    for sibling in [siblings[0], siblings[siblings.len() - 1]] {
        copy.is_noticed(path, line(sibling, true), &lead);
    }
    copy.is_noticed(path, line(siblings[1], false), path);
    let other = |_| Some(receipt.replace("index 0\n", "index 1\n").into_bytes());
    copy.is_noticed(path, other, "of another entry");
    copy.is_noticed(path, line("— cosigner.test ", false), "no quorum has cosigned it");
    copy.is_noticed(
        path,
        line("— cosigner.test ", true),
        "a wrong cosignature by cosigner.test",
    );
    copy.read().expect("all of it is as it was");
}

/// With the keys of docs/vectors/log.json: log and cosigner sign what they like.
#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn a_checkpoint_of_another_history_is_found_though_log_and_cosigner_have_signed_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/log.json");
    let vectors: Value = serde_json::from_slice(&fs::read(path).expect("vectors")).expect("JSON");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = Copy {
        root: folder.path().join("root.json"),
        folder,
        more: vec!["--step-s".to_owned(), "1000".to_owned()],
    };
    let trust = json!({ "origin": vectors["origin"], "log_key": vectors["log_vkey"], "policy": vectors["policy"] });
    copy.put("root.json", trust.to_string().as_bytes());
    for tile in vectors["tiles"].as_array().expect("tiles") {
        let bytes = base16ct::lower::decode_vec(tile["hex"].as_str().expect("hex").as_bytes()).expect("hex");
        copy.put(&format!("log/{}", tile["path"].as_str().expect("a path")), &bytes);
    }
    let checkpoints = vectors["checkpoints"].as_array().expect("checkpoints");
    let newest = checkpoints.last().expect("one");
    copy.put("log/checkpoint", newest["note"].as_str().expect("a note").as_bytes());
    let first = newest["time"].as_u64().expect("a time") / 1000 - checkpoints.len() as u64;
    let path = |at: usize| format!("log/step/{}", first + 1 + at as u64);
    for (at, checkpoint) in checkpoints.iter().enumerate() {
        copy.put(&path(at), checkpoint["note"].as_str().expect("a note").as_bytes());
    }
    assert_eq!(copy.read().expect("no fault")["steps"], json!(checkpoints.len()));

    let key = |name, kind, byte| SigningNoteKey::from_seed(name, kind, &[byte; 32]).expect("a name");
    let origin = vectors["origin"].as_str().expect("a name");
    let text = Checkpoint {
        origin: origin.to_owned(),
        size: 8,
        root: Hash([7; 32]),
        extensions: vec![],
    }
    .to_text();
    let time = checkpoints[1]["time"].as_u64().expect("a time");
    let cosigner = key("cosigner.example", KeyKind::CosignatureV1, 0x22);
    let signed = [
        key(origin, KeyKind::Ed25519, 0x11).sign(&text),
        tlog::cosign::cosign(&cosigner, &text, time),
    ];
    let forged = signed.into_iter().fold(Note::new(text).expect("a text"), Note::with);
    copy.is_noticed(
        &path(1),
        |_| Some(forged.to_string().into_bytes()),
        "of another history",
    );
    copy.is_noticed(&path(0), |_| Some(copy.bytes(&path(2))), "larger than a later step");
}
