//! A state's law without Rust: docs/guides/state.md is followed as it stands, in both languages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Run, run_in};

/// The folder of the worked example, below `laws/mx`.
const EXAMPLE: &str = "chihuahua";

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The law files of the repository without those that the example writes anew.
fn laws() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let laws = folder.path().join("laws/mx");
    copy(&project("laws/mx"), &laws);
    fs::remove_dir_all(laws.join("chihuahua-2006")).unwrap();
    folder
}

/// The files that a guide prints: ```` ```toml instrument.toml ````.
fn printed(guide: &str) -> BTreeMap<String, String> {
    let blocks = guide.split("\n```").skip(1).step_by(2);
    let named = blocks.filter_map(|block| {
        let (head, text) = block.split_once('\n')?;
        let (_, name) = head.split_once(' ')?;
        Some((name.to_owned(), format!("{text}\n")))
    });
    named.collect()
}

/// Keys of a file's lines, in order.
fn keys(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect()
}

fn new(folder: &Path) -> Run {
    run_in(
        folder,
        &["law", "new", "MX-CHH", &format!("laws/mx/{EXAMPLE}"), "--json"],
    )
}

#[test]
fn a_state_is_added_as_the_guide_says() {
    let guides =
        ["docs/guides/state.es.md", "docs/guides/state.md"].map(|path| fs::read_to_string(project(path)).unwrap());
    assert_eq!(
        printed(&guides[0]),
        printed(&guides[1]),
        "both languages print the same files"
    );
    let folder = laws();
    let state = folder.path().join("laws/mx").join(EXAMPLE);
    let made = new(folder.path()).ok().event("result");
    let check = || run_in(folder.path(), &["law", "check", "laws/mx", "--json"]);
    // Unfilled: each place is named, and nothing else is blamed.
    let unfilled = check();
    let places: Vec<_> = unfilled
        .events()
        .into_iter()
        .filter(|event| event["event"] == "fault")
        .collect();
    unfilled.failed(1, "law-files");
    let names: Vec<_> = made["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let mut wanted: Vec<(String, u64)> = Vec::new();
    for name in &names {
        let text = fs::read_to_string(state.join(name)).unwrap();
        let places = text
            .lines()
            .zip(1..)
            .flat_map(|(line, number)| line.matches("RELLENE: ").map(move |_| number));
        wanted.extend(places.map(|number| (format!("laws/mx/{EXAMPLE}/{name}"), number)));
    }
    let mut named: Vec<_> = places
        .iter()
        .map(|place| {
            (
                place["file"].as_str().unwrap().to_owned(),
                place["line"].as_u64().unwrap(),
            )
        })
        .collect();
    wanted.sort();
    named.sort();
    assert_eq!(named, wanted);
    assert_eq!(made["to_fill"], wanted.len());
    assert!(
        places
            .iter()
            .all(|place| place["what"].as_str().unwrap().starts_with("to be filled: ")),
        "{places:#?}"
    );
    // Filled as the guide prints it: every key of the skeleton, and no place left.
    let files = printed(&guides[0]);
    assert!(names.iter().all(|name| files.contains_key(name)), "{names:?}");
    for name in names {
        let (skeleton, text) = (fs::read_to_string(state.join(&name)).unwrap(), &files[&name]);
        let filled = keys(text);
        assert!(keys(&skeleton).iter().all(|key| filled.contains(key)), "{name}");
        assert!(!text.contains("RELLENE"), "{name}");
        fs::write(state.join(&name), text).unwrap();
    }
    check().ok();
    // The case and the answer that the guide prints.
    fs::write(folder.path().join("caso.jsonl"), &files["caso.jsonl"]).unwrap();
    let with = [
        "law",
        "assess",
        "caso.jsonl",
        "--laws",
        "laws/mx",
        "--only",
        "applicable_law,proven,sentence",
        "--json",
    ];
    let answered = run_in(folder.path(), &with).ok();
    let answer: serde_json::Value = serde_json::from_str(&answered.stdout).unwrap();
    let wanted: serde_json::Value = serde_json::from_str(&files["respuesta.json"]).unwrap();
    assert_eq!(answer, wanted);
    // A word of the law that is changed is refused.
    let offences = files["offences.toml"].replace("de dos a diez años", "de tres a diez años");
    assert_ne!(offences, files["offences.toml"]);
    fs::write(state.join("offences.toml"), offences).unwrap();
    check().failed(1, "law-files");
}

#[test]
fn a_skeleton_is_written_for_an_entity_and_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |entity: &str, dir: &str| run_in(folder.path(), &["law", "new", entity, dir, "--json"]);
    let unknown = run("MX-XXX", "x").failed(2, "usage");
    assert!(unknown["why"].as_str().unwrap().contains("MX-TLA"), "{unknown}");
    assert!(!folder.path().join("x").exists());
    run("MX-TLA", "tlx").ok();
    let read = || fs::read_to_string(folder.path().join("tlx/instrument.toml")).unwrap();
    let written = read();
    assert!(
        written.contains("MX-TLA-2006") && written.contains("o551964.doc"),
        "{written}"
    );
    // One file that is there is enough: nothing of the others is written.
    for kept in ["tlx/instrument.toml", "tlx/text.txt"] {
        let other = if kept.ends_with("toml") {
            "tlx/text.txt"
        } else {
            "tlx/instrument.toml"
        };
        fs::write(folder.path().join(kept), "mine").unwrap();
        let _ = fs::remove_file(folder.path().join(other));
        run("MX-TLA", "tlx").failed(2, "exists");
        assert_eq!(fs::read_to_string(folder.path().join(kept)).unwrap(), "mine");
        assert!(!folder.path().join(other).exists());
        fs::remove_file(folder.path().join(kept)).unwrap();
    }
}

/// The index names 108 instruments of entities that exist, each once, with an address; and `law sources` shows them.
#[test]
fn the_index_of_state_instruments_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let sources = run_in(folder.path(), &["law", "sources", "--json"])
        .ok()
        .event("result");
    let entities = sources["entities"].as_array().unwrap();
    let listed = |entity: &serde_json::Value| entity["listed"].as_array().unwrap().len();
    assert_eq!((entities.len(), entities.iter().map(listed).sum::<usize>()), (32, 108));
    let of = |id: &str| entities.iter().find(|entity| entity["id"] == id).unwrap();
    for (id, count) in [("MX-MOR", 16), ("MX-CHH", 3), ("MX-ZAC", 1), ("MX-DUR", 0)] {
        assert_eq!(listed(of(id)), count, "{id}");
    }
    let text = run_in(folder.path(), &["law", "sources", "--lang", "es"]).ok().stdout;
    for words in [
        "Ley para la Prevención de la Trata de Personas para el Estado de Tlaxcala (Periódico Oficial extraordinario, núm. 96, 2009-12-04)",
        "Código Penal para el Estado Libre y Soberano de Tlaxcala (sin periódico ni día en el índice)",
        "http://compilacion.ordenjuridico.gob.mx/obtenerdoc.php?path=/Documentos/ESTADO/TLAXCALA/o551964.doc&nombreclave=o551964.doc",
    ] {
        assert!(text.contains(words), "{words}");
    }
}
