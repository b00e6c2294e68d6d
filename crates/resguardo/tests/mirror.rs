//! `resguardo node mirror`: beside a real service, killed again and again, and against an operator who shows what he likes.

use crate::monitor::{Operator, host};
use crate::service_support::N;
use crate::support::{PROGRAM, Running, World, run_in};

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tlog::tile::{TILE_WIDTH, TileKind, TileName, decode_entries};
use tlog::{Checkpoint, Note, VerifierKey, cosign};

/// Longest wait for a mirror.
const PATIENCE: Duration = Duration::from_secs(120);
const KEY: [&str; 4] = ["--key", "mirror.key", "--passphrase-file", "mirror.pass"];

/// An answer: status, media type, caching, body.
type Answer = (u16, String, String, Vec<u8>);

/// A mirror's process in a folder that holds `root.json`, and its address.
struct Mirror {
    process: Option<Running>,
    url: String,
    arguments: Vec<String>,
}

impl Mirror {
    /// With a key of its own, and more arguments.
    fn new(folder: &Path, more: &[&str]) -> Self {
        let key = [
            "key",
            "new",
            "--role",
            "mirror",
            "--institution",
            "Archive",
            "--low-work",
        ];
        run_in(
            folder,
            &[&key[..], &["--passphrase-out", "mirror.pass", "mirror"]].concat(),
        )
        .ok();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listen = free.to_string();
        let fixed = [
            "node",
            "mirror",
            "--name",
            "mirror.test",
            "--state",
            "mirror-state",
            "--every",
            "1",
        ];
        let place = ["--listen", &listen];
        let arguments = fixed.iter().chain(&place).chain(&KEY).chain(more);
        Self {
            process: None,
            url: format!("http://{listen}"),
            arguments: arguments.map(ToString::to_string).collect(),
        }
    }

    fn start(&mut self, folder: &Path) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("mirror.log"))
            .unwrap();
        let mut command = Command::new(PROGRAM);
        command.current_dir(folder).args(&self.arguments).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.process = Some(Running(command.spawn().unwrap()));
    }

    /// Ends it as a power cut does: nothing is asked of it.
    fn kill(&mut self) {
        self.process = None;
    }

    fn get(&self, path: &str) -> Option<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let answer = agent.get(format!("{}{path}", self.url)).call().ok()?;
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
                .to_owned()
        };
        let (media_type, caching) = (header("content-type"), header("cache-control"));
        let status = answer.status().as_u16();
        Some((status, media_type, caching, answer.into_body().read_to_vec().ok()?))
    }

    /// The checkpoint that it serves.
    fn checkpoint(&self) -> Option<(Note, u64)> {
        let (status, media_type, caching, body) = self.get("/log/checkpoint")?;
        if status != 200 {
            return None;
        }
        assert_eq!(
            (media_type.as_str(), caching.as_str()),
            ("text/plain; charset=utf-8", "no-cache")
        );
        let note = Note::parse(&body).unwrap();
        let size = Checkpoint::parse(note.text()).unwrap().size;
        Some((note, size))
    }

    fn until<T>(&self, folder: &Path, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            let log = || std::fs::read_to_string(folder.join("mirror.log")).unwrap_or_default();
            assert!(since.elapsed() < PATIENCE, "{what}: {}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits for a checkpoint of more than `size` entries; gives how many it has.
    fn beyond(&self, folder: &Path, size: u64) -> u64 {
        let larger = || self.checkpoint().map(|(_, shown)| shown).filter(|shown| *shown > size);
        self.until(folder, "the mirror does not grow", larger)
    }

    fn vkey(&self, folder: &Path) -> VerifierKey {
        let arguments: Vec<&str> = self
            .arguments
            .iter()
            .map(String::as_str)
            .chain(["--show-vkey"])
            .collect();
        VerifierKey::parse(run_in(folder, &arguments).ok().stdout.trim()).unwrap()
    }

    /// Most memory that the process had resident, in KiB.
    fn memory_kib(&self) -> u64 {
        let id = self.process.as_ref().unwrap().0.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

fn verified(folder: &Path, url: &str) -> Value {
    run_in(folder, &["log", "verify", url, "--root", "root.json", "--json"])
        .ok()
        .event("result")
}

#[test]
fn a_mirror_grows_with_the_log_through_every_kill_and_a_restore_asks_it() {
    let mut world = World::start();
    let folder = world.folder.path().to_owned();
    let mut mirror = Mirror::new(&folder, &["--ml-dsa"]);
    let vkey = mirror.vkey(&folder);
    run_in(&folder, &["backup", "operator/store", "early"]).ok();
    let mut size = 0;
    for pause_ms in [0, 40, 170, 310, 700, 1_300] {
        mirror.start(&folder);
        // What was served before the kill is served after it, or more.
        let (note, shown) = mirror.until(&folder, "no checkpoint", || mirror.checkpoint());
        assert!(shown >= size, "{shown} after {size}");
        assert!(cosign::verify(&note, &vkey).is_ok(), "{note}");
        std::thread::sleep(Duration::from_millis(pause_ms));
        size = mirror.checkpoint().map_or(shown, |(_, shown)| shown);
        mirror.kill();
    }
    mirror.start(&folder);
    mirror.beyond(&folder, size);
    assert!(verified(&folder, &mirror.url)["size"].as_u64().unwrap() > size);
    // 30 MiB in the release build; this one carries its symbols and checks.
    assert!(mirror.memory_kib() < 60 * 1024, "{} KiB", mirror.memory_kib());
    let plain = tokio::runtime::Runtime::new().unwrap();
    let copied = plain.block_on(host(folder.join("mirror-state/copy")));
    assert!(
        verified(&folder, &copied)["size"].as_u64().unwrap() > size,
        "a plain copy of the files verifies"
    );

    // What the site serves is named by a list that stands apart; the copy has it, under its digest.
    let list = mirror.until(&folder, "no list of what the site serves", || {
        let mut lists = std::fs::read_dir(folder.join("mirror-state/copy/api/v1/blobs")).ok()?;
        lists.find_map(|list| Some(list.ok()?.path()))
    });
    let digest = protocol::Digest::of(&std::fs::read(&list).unwrap());
    assert!(
        list.ends_with(digest.to_hex()),
        "{} holds what it names",
        list.display()
    );
    let path = format!("/api/v1/blobs/{digest}");
    let served = mirror.get(&path).unwrap();
    assert_eq!(
        (served.0, served.2.as_str()),
        (200, "public, max-age=31536000, immutable")
    );
    assert_eq!(protocol::Digest::of(&served.3), digest);
    let unknown = format!("/api/v1/blobs/{}", "0".repeat(64));
    assert_eq!(mirror.get(&unknown).unwrap().0, 404);
    assert_eq!(mirror.get("/api/v1/blobs/..%2F..%2F..%2Fseen").unwrap().0, 404);

    // What the service serves is compared with the log that a mirror holds.
    let site = ["verify-site", "--root", "root.json", "--json", "--log", &mirror.url];
    assert!(run_in(&folder, &site).ok().event("result")["files"].as_u64().unwrap() > 20);

    // The key is for a mirror and for nothing else.
    let log = std::fs::read_to_string(folder.join("operator/log.vkey")).unwrap();
    let cosign = [
        "node",
        "cosign",
        "--name",
        "a.test",
        "--log",
        log.trim(),
        "--state",
        "c",
        "--json",
    ];
    run_in(&folder, &[&cosign[..], &KEY].concat()).failed(7, "wrong-role");

    // A copy that is behind the mirror would give the log a second history; one that is not is restored.
    world.service = None;
    let last = mirror.beyond(&folder, size);
    std::fs::rename(folder.join("operator/store"), folder.join("lost")).unwrap();
    let restore = ["--root", "root.json", "--mirror", &mirror.url, "--json"];
    let early = [&["restore", "early", "operator/store"], &restore[..]].concat();
    let refused = run_in(&folder, &early);
    assert_eq!(refused.event("error")["code"], "rolls-back", "{}", refused.stdout);
    assert!(!folder.join("operator/store").exists());
    run_in(&folder, &["backup", "lost", "late"]).ok();
    let late = [&["restore", "late", "operator/store"], &restore[..]].concat();
    assert!(run_in(&folder, &late).ok().event("result")["size"].as_u64().unwrap() >= last);

    // A mirror that has lost what it signed does not begin anew.
    mirror.kill();
    std::fs::remove_file(folder.join("mirror-state/seen")).unwrap();
    let arguments: Vec<&str> = mirror.arguments.iter().map(String::as_str).chain(["--json"]).collect();
    run_in(&folder, &arguments).failed(6, "cosigner-memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_serves_neither_less_than_before_nor_another_history() {
    let (operator, begun) = Operator::begun(100).await;
    let folder = operator.path("");
    let first = begun.last();
    let mut good = begun.clone();
    (first + 1..=first + 90).for_each(|step| good.add(step, N, 0, 0));
    let size = good.entries.len() as u64;
    assert!(size > TILE_WIDTH);
    operator.show(&good);
    let looked = tokio::task::spawn_blocking(move || {
        let mut mirror = Mirror::new(&folder, &[]);
        mirror.start(&folder);
        mirror.beyond(&folder, size - 1);
        mirror
    });
    let mut mirror = looked.await.unwrap();

    // The same bytes as the log's, under the same names, a narrower tile cut from the widest.
    let get = |mirror: &Mirror, path: &str| tokio::task::block_in_place(|| mirror.get(path)).unwrap();
    let tile = |kind, index, width| TileName { kind, index, width };
    let partial = (size - TILE_WIDTH) as u16;
    for name in [
        tile(TileKind::Entries, 0, 256),
        tile(TileKind::Entries, 0, 17),
        tile(TileKind::Entries, 1, partial),
        tile(TileKind::Entries, 1, partial - 1),
        tile(TileKind::Hash(0), 0, 256),
        tile(TileKind::Hash(0), 1, 3),
        tile(TileKind::Hash(1), 0, 1),
    ] {
        let path = format!("/log/{}", name.path());
        let (status, media_type, caching, body) = get(&mirror, &path);
        assert_eq!(
            (status, media_type.as_str()),
            (200, "application/octet-stream"),
            "{path}"
        );
        assert_eq!(caching, "public, max-age=31536000, immutable");
        assert_eq!(Some(body), good.answer(&path), "{path}");
    }
    for beyond in [
        tile(TileKind::Entries, 1, partial + 1),
        tile(TileKind::Entries, 2, 1),
        tile(TileKind::Hash(1), 0, 2),
    ] {
        assert_eq!(
            get(&mirror, &format!("/log/{}", beyond.path())).0,
            404,
            "{}",
            beyond.path()
        );
    }
    for path in [
        "/log/tile/0/../../seen",
        "/log/step/01",
        "/log/step/../checkpoint",
        "/api/v1/public/..",
        "/seen",
        "/",
    ] {
        assert_eq!(get(&mirror, path).0, 404, "{path}");
    }
    let (status, media_type, _, body) = get(&mirror, &format!("/log/step/{}", first + 7));
    assert_eq!((status, media_type.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(body, good.steps[&(first + 7)].to_string().into_bytes());
    let (digest, envelope) = good.statements.iter().next().unwrap();
    let (status, media_type, _, body) = get(&mirror, &format!("/api/v1/public/{digest}"));
    assert_eq!(
        (status, media_type.as_str(), &body),
        (200, "application/json", envelope)
    );

    // Less than before, another history (as long, and longer), tiles that lead nowhere, a checkpoint that nobody cosigned:
    // what was served is served, and what the log has signed against itself is kept.
    let served = tokio::task::block_in_place(|| mirror.checkpoint()).unwrap().0;
    let mut other = begun.clone();
    (first + 1..=first + 90).for_each(|step| other.add(step, N, 1, 0));
    let mut longer = other.clone();
    longer.add(first + 91, N, 1, 0);
    let mut torn = good.clone();
    torn.add(first + 91, N, 0, 0);
    torn.entries.last_mut().unwrap()[40] ^= 1;
    let mut lone = good.clone();
    lone.add(first + 91, N, 0, 0);
    let note = &lone.steps[&(first + 91)];
    let alone = Note::new(note.text().to_owned())
        .unwrap()
        .with(note.signatures()[0].clone());
    lone.steps.insert(first + 91, alone);
    let proof = operator.path("mirror-state/proof.shown");
    for (what, shown, is_proof) in [
        ("less", &begun, true),
        ("another", &other, true),
        ("another, longer", &longer, true),
        ("torn", &torn, false),
        ("nobody's", &lone, false),
    ] {
        let _ = std::fs::remove_file(&proof);
        let told = std::fs::read_to_string(operator.path("mirror.log")).unwrap().len();
        operator.show(shown);
        let log = || std::fs::read_to_string(operator.path("mirror.log")).unwrap();
        let stands = || match is_proof {
            true => proof.exists().then_some(()),
            false => log()[told..].contains("stands where it was").then_some(()),
        };
        tokio::task::block_in_place(|| mirror.until(&operator.path(""), what, stands));
        let now = tokio::task::block_in_place(|| mirror.checkpoint()).unwrap().0;
        assert_eq!(now, served, "{what}");
        assert_eq!(proof.exists(), is_proof, "{what}: {}", &log()[told..]);
        // The honest log again, one step longer each time it is needed to see that the mirror goes on.
        operator.show(&good);
        tokio::task::block_in_place(|| {
            mirror.kill();
            mirror.start(&operator.path(""));
            let again = mirror.until(&operator.path(""), what, || mirror.checkpoint()).0;
            assert_eq!(again.text(), served.text(), "{what}");
        });
    }

    // Its copy is lost: until it holds again what it signed, nothing is served; a shorter log does not do.
    tokio::task::block_in_place(|| mirror.kill());
    std::fs::remove_dir_all(operator.path("mirror-state/copy")).unwrap();
    let mut short = begun.clone();
    (first + 1..=first + 50).for_each(|step| short.add(step, N, 0, 0));
    operator.show(&short);
    let told = std::fs::read_to_string(operator.path("mirror.log")).unwrap().len();
    tokio::task::block_in_place(|| {
        mirror.start(&operator.path(""));
        let log = || std::fs::read_to_string(operator.path("mirror.log")).unwrap();
        let stands = || log()[told..].contains("stands where it was").then_some(());
        mirror.until(&operator.path(""), "short", stands);
        assert_eq!(mirror.get("/log/checkpoint").unwrap().0, 404);
        operator.show(&good);
        mirror.beyond(&operator.path(""), size - 1);
    });
    let (_, _, _, bundle) = get(&mirror, "/log/tile/entries/000");
    assert_eq!(decode_entries(&bundle).unwrap().len(), 256);
}
