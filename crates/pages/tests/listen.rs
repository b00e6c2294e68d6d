//! What she can listen to: every screen is read aloud in every language, by a recording of what stands there now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pages::listen::{Recording, SIZE};
use pages::{Language, Screen, Strings};
use protocol::Digest;

fn audio() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/audio")
}

fn every() -> impl Iterator<Item = (Language, Screen, String)> {
    let of = |language: Language| {
        Screen::ALL.map(|screen| (language, screen, format!("{}/{}", language.tag(), screen.name())))
    };
    Language::ALL.into_iter().flat_map(of)
}

#[test]
fn every_screen_is_said_in_words_that_are_there_and_lack_no_number() {
    let names: BTreeSet<&str> = Screen::ALL.iter().map(|screen| screen.name()).collect();
    assert_eq!(names.len(), Screen::ALL.len());
    for (language, screen, name) in every() {
        let messages = screen.messages();
        assert!(messages.len() > 2, "{name} says next to nothing");
        for id in messages {
            assert_ne!(Strings::of(language).get(&id), id, "{name}");
        }
        let spoken = screen.spoken(language);
        assert!(!spoken.contains(['{', '}', '$']), "{name}: {spoken}");
    }
}

/// Each question stands in one recording of its group. A recording of its own would tell, where a question follows from an answer,
/// what she answered.
#[test]
fn every_question_is_said_with_its_group_and_none_by_itself() {
    let mut said = BTreeSet::new();
    let groups: BTreeSet<&str> = testimony::questions().iter().map(|question| question.group).collect();
    for group in &groups {
        let screens = Screen::of_group(group);
        assert!(!screens.is_empty(), "{group}");
        let of_group: Vec<String> = screens.iter().flat_map(|screen| screen.messages()).collect();
        assert!(of_group.contains(&format!("q-group-{group}")), "{group}");
        for question in testimony::questions()
            .iter()
            .filter(|question| question.group == *group)
        {
            let id = format!("q-{}", question.field.name.replace('_', "-"));
            assert_eq!(of_group.iter().filter(|said| **said == id).count(), 1, "{id}");
            said.insert(id);
        }
    }
    assert_eq!(said.len(), testimony::questions().len());
}

/// The pages of an Ogg file: type, granule position and content of each; nothing where it is none to its last byte.
fn ogg(mut bytes: &[u8]) -> Option<Vec<(u8, u64, &[u8])>> {
    let mut pages = Vec::new();
    while !bytes.is_empty() {
        let rest = bytes.strip_prefix(b"OggS\0")?;
        let (kind, granule) = (*rest.first()?, u64::from_le_bytes(rest.get(1..9)?.try_into().ok()?));
        let laces = usize::from(*bytes.get(26)?);
        let size = bytes
            .get(27..27 + laces)?
            .iter()
            .map(|lace| usize::from(*lace))
            .sum::<usize>();
        let content = bytes.get(27 + laces..27 + laces + size)?;
        pages.push((kind, granule, content));
        bytes = &bytes[27 + laces + size..];
    }
    Some(pages)
}

/// A text that changed, and a screen that came, fail here until `cargo xtask voices` has made what is missing, or somebody has said it.
#[test]
fn every_screen_has_a_recording_of_what_it_says_now_as_long_as_any_other() {
    let mut wrong = Vec::new();
    for (language, screen, name) in every() {
        let Some(recording) = Recording::of(screen, language) else {
            wrong.push(format!("{name} was not recorded"));
            continue;
        };
        if recording.text != Digest::of(screen.spoken(language).as_bytes()) {
            wrong.push(format!("{name}: its text is another than was recorded"));
        }
        let bytes = std::fs::read(audio().join(format!("{name}.opus"))).expect(&name);
        assert_eq!(bytes.len(), SIZE, "{name}");
        assert_eq!(
            recording.file,
            Digest::of(&bytes),
            "{name} is not the file that was listed"
        );
        let pages = ogg(&bytes).expect(&name);
        let (head, last) = (pages[0].2, pages[pages.len() - 1]);
        assert_eq!(head.get(..8), Some(&b"OpusHead"[..]), "{name}");
        assert_eq!(head.get(9), Some(&1), "{name} has one channel");
        assert_eq!(last.0 & 4, 4, "{name} ends in its midst");
        let before = u64::from(u16::from_le_bytes([head[10], head[11]]));
        let seconds = (last.1 - before).div_ceil(48_000);
        assert_eq!(u64::from(recording.seconds), seconds, "{name}");
    }
    assert!(wrong.is_empty(), "cargo xtask voices: {}", wrong.join("; "));
}

#[test]
fn nothing_is_kept_that_no_screen_says() {
    let names: BTreeSet<String> = every().map(|(_, _, name)| name).collect();
    let listed: Vec<&str> = Recording::all().map(|recording| recording.name).collect();
    assert_eq!(
        listed.iter().copied().collect::<BTreeSet<_>>().len(),
        listed.len(),
        "twice"
    );
    let text = std::fs::read_to_string(audio().join("recordings.txt")).expect("the list");
    assert_eq!(listed.len(), text.lines().count(), "a line cannot be read");
    for name in listed {
        assert!(names.contains(name), "{name} is listed");
    }
    for language in Language::ALL {
        for entry in std::fs::read_dir(audio().join(language.tag())).expect("a folder") {
            let file = entry.expect("a file").file_name().to_string_lossy().into_owned();
            let name = format!("{}/{}", language.tag(), file.trim_end_matches(".opus"));
            assert!(names.contains(&name), "{file}");
        }
    }
}

/// Writes what is to be said into the folder that is named, a file for each recording, and the list of their digests: `cargo xtask
/// voices` makes the recordings of them.
#[test]
#[ignore = "writes files: cargo xtask voices"]
fn writes_what_is_to_be_said() {
    let folder = PathBuf::from(std::env::var_os("RESGUARDO_SPOKEN").expect("a folder"));
    let mut list = String::new();
    for (language, screen, name) in every() {
        let spoken = screen.spoken(language);
        let file = folder.join(format!("{name}.txt"));
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, &spoken).expect("written");
        list.push_str(&format!("{name} {}\n", Digest::of(spoken.as_bytes())));
    }
    std::fs::write(folder.join("list.txt"), list).expect("written");
}
