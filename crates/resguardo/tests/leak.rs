//! What the operator's machine must not hold: words and names are planted on the way of one testimony, and then looked for
//! in every byte of its folder, of the cosigner's, of both logs, and in the metrics.

use crate::support;
use base64ct::{Base64Unpadded, Encoding as _};

use std::path::Path;

use support::{SEATS, World};

/// Said by her, or by the reader, inside a seal.
const SEALED: [&str; 6] = [
    "zarzamora-lila-4471",
    "nombre-apellido-8812",
    "foto-de-la-casa-9917",
    "pixel-en-la-foto-5523",
    "motivo-del-lector-3391",
    "base-legal-7745",
];
/// Told by a browser with every call.
const TOLD: [(&str, &str); 5] = [
    ("User-Agent", "Navegador-delator/7.7"),
    ("X-Forwarded-For", "192.0.2.77"),
    ("Referer", "https://origen-delator.example/"),
    ("Cookie", "galleta-delatora=1"),
    ("Accept-Language", "nah-delator"),
];

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Whether it stands there as it is, in hex, or in base64 wherever it begins.
fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let base64 = (0..3).map(|before| {
        let text = Base64Unpadded::encode_string(&[&[0; 3][..before], wanted].concat());
        // The first letters depend on what stands before, the last one on what follows.
        let from = (before * 8).div_ceil(6);
        text.as_bytes()[from..text.len() - 1].to_vec()
    });
    let spellings = [wanted.to_vec(), base16ct::lower::encode_string(wanted).into_bytes()];
    spellings
        .into_iter()
        .chain(base64)
        .any(|spelling| memchr::memmem::find(bytes, &spelling).is_some())
}

/// Calls as a browser makes them: what is there, what is not, what is refused.
fn browse(world: &World, entry: &str) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(config);
    let paths = ["es", "api/v1/work", "log/checkpoint", "log/proof/0", "no/such/page"];
    for path in paths
        .iter()
        .map(ToString::to_string)
        .chain([format!("api/v1/blobs/{entry}")])
    {
        let mut call = agent.get(format!("{}/{path}?q={entry}", world.base()));
        for (name, value) in TOLD {
            call = call.header(name, value);
        }
        call.call().unwrap();
    }
    let mut call = agent.put(format!("{}/api/v1/uploads/{entry}", world.base()));
    for (name, value) in TOLD {
        call = call.header(name, value);
    }
    call.header("Content-Range", "bytes 0-3/*").send(&b"abcd"[..]).unwrap();
}

#[test]
fn nothing_that_was_sealed_or_told_by_a_browser_is_found_at_the_operators() {
    let mut world = World::start();
    let [account, identity, photo, pixel, purpose, basis] = SEALED;
    let name = format!("{photo}.jpg");
    std::fs::write(world.path(&name), pixel.repeat(40)).unwrap();
    std::fs::write(world.path("told.txt"), account.repeat(40)).unwrap();
    std::fs::write(world.path("identity.txt"), identity.repeat(40)).unwrap();
    let seal = [
        "seal",
        "--account",
        "told.txt",
        "--identity",
        "identity.txt",
        &name,
        "--soon",
    ];
    let more = ["--phrase-out", "phrase.txt", "--receipt", "r", "--json"];
    let filed = world.run(&[&seal[..], &more].concat()).ok().event("result");
    let code = world.acknowledge(&SEATS, "all");
    world.desk(SEATS[0], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", purpose, "--basis", basis];
    let request = world.desk("lawyer", &asking).ok().event("result")["request"].clone();
    world.until("the request in the log", || {
        let queue = world.desk(SEATS[0], &["queue"]).ok();
        queue.events().into_iter().find(|event| event["task"] == "decide")
    });
    browse(&world, filed["entry_sha256"].as_str().unwrap());
    let metrics = ureq::get(format!("http://127.0.0.1:{}/metrics", world.ports[1]));
    let metrics = metrics.call().unwrap().body_mut().read_to_vec().unwrap();
    world.service = None;
    world.cosigner = None;

    let mut everything = vec![("metrics".to_owned(), metrics)];
    for folder in ["operator", "cosigner-state"] {
        files(&world.path(folder), &mut everything);
    }
    let mut logs = Vec::new();
    for log in ["service.log", "cosigner.log"] {
        logs.push((log.to_owned(), std::fs::read(world.path(log)).unwrap()));
    }
    everything.extend(logs.clone());

    // The search finds what is there.
    let is_in = |name: &str, wanted: &[u8]| {
        let mut of_name = everything.iter().filter(|(path, _)| path.contains(name));
        of_name.any(|(_, bytes)| holds(bytes, wanted))
    };
    assert!(is_in("council.json", SEATS[0].as_bytes()) && is_in("ledger.sqlite", b"demo.test/log"));
    assert!(is_in("service.log", b"api/v1/uploads") && is_in("metrics", b"resguardo_"));

    let phrase = std::fs::read_to_string(world.path("phrase.txt")).unwrap();
    let told = TOLD.iter().map(|(_, value)| *value);
    let planted = SEALED.into_iter().chain(told).chain([phrase.trim(), code.as_str()]);
    for planted in planted {
        for (path, bytes) in &everything {
            assert!(!holds(bytes, planted.as_bytes()), "{planted} in {path}");
        }
    }
    // Digests may stand in the store, where they are its order; beside a time in a log they would be a trace.
    for id in [&filed["entry_sha256"], &request] {
        let id = &id.as_str().unwrap()[..12];
        for (path, bytes) in &logs {
            assert!(!holds(bytes, id.as_bytes()), "{id} in {path}");
        }
    }
}
