//! Names of files come from her device and may be anything: what they may be on the reader's disk.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Longest name in bytes, so that a number and a suffix still fit into the 255 of common file systems.
pub const FILE_NAME_MAX: usize = 180;
const EXTENSION_MAX: usize = 16;

/// A name for a file of this name that is safe to create in an empty folder of its own on any common system, and
/// not yet in `taken`, to which it is added as [`folded`], for some systems tell neither case nor composition apart.
///
/// No path separator, control or invisible direction character, no leading dot, no trailing dot or space, none
/// of the device names of Windows; at most [`FILE_NAME_MAX`] bytes; the extension is kept. A second file of the
/// same name gets a number: `photo.jpg`, `photo (2).jpg`.
pub fn safe_file_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, extension) = split(if clean.is_empty() { "file" } else { clean });
    let stem = match is_device(stem) {
        true => format!("_{stem}"),
        false => stem.to_owned(),
    };
    (1u32..)
        .map(|n| numbered(&stem, extension, n))
        .find(|candidate| taken.insert(folded(candidate)))
        .unwrap_or_default()
}

/// What two names have in common that some file system takes for one: decomposed, without case. Upper case comes first, so
/// that «ß» and «SS» are the same, as in Unicode's full case folding.
#[must_use]
pub fn folded(name: &str) -> String {
    let upper = |c: char| c.to_uppercase();
    let lower: String = name.nfd().flat_map(upper).flat_map(char::to_lowercase).collect();
    lower.nfd().collect()
}

/// A name of at most `max` bytes (at least 32): the stem is shortened, between characters, and the extension stays.
#[must_use]
pub fn shortened(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    cut(stem, max.saturating_sub(extension.len())).to_owned() + extension
}

fn numbered(stem: &str, extension: &str, n: u32) -> String {
    let number = if n == 1 { String::new() } else { format!(" ({n})") };
    let room = FILE_NAME_MAX - extension.len() - number.len();
    let stem = cut(stem, room).trim_end_matches(['.', ' ']);
    format!("{stem}{number}{extension}")
}

/// Stem and extension with its dot. What is too long or too odd to be an extension belongs to the stem.
fn split(name: &str) -> (&str, &str) {
    let looks_right = |extension: &str| {
        (1..EXTENSION_MAX).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match name.rfind('.') {
        Some(dot) if dot > 0 && looks_right(&name[dot + 1..]) => name.split_at(dot),
        _ => (name, ""),
    }
}

/// At most `room` bytes, cut between characters.
fn cut(text: &str, room: usize) -> &str {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Neither separator nor wildcard nor quote of any common system, no control, no line or paragraph separator, no
/// character that is invisible or turns the direction of writing (`annexe\u{202e}gpj.exe`).
fn is_plain(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !invisible && !"/\\:*?\"<>|".contains(c)
}

/// Device names of Windows are reserved with any extension: `con.txt` is the console.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim_end().to_ascii_lowercase();
    let numbered = |prefix| {
        let number = first.strip_prefix(prefix).unwrap_or_default();
        matches!(
            number,
            "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
        )
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&first.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(name: &str) -> String {
        safe_file_name(name, &mut BTreeSet::new())
    }

    #[test]
    fn plain_names_stay() {
        for name in [
            "foto.jpg",
            "Declaración final.pdf",
            "a",
            "audio.2026-11-24.m4a",
            "证据.png",
        ] {
            assert_eq!(safe(name), name);
        }
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for (name, expected) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..\\..\\x.exe", "_.._x.exe"),
            ("/etc/shadow", "_etc_shadow"),
            ("C:\\nul", "C__nul"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            (" . . ", "file"),
            (".bashrc", "bashrc"),
            ("...hidden.txt", "hidden.txt"),
            ("name. ", "name"),
            ("a\0b\nc\u{7f}", "a_b_c_"),
            ("what?*<>|\".txt", "what______.txt"),
            ("annexe\u{202e}gpj.exe", "annexe_gpj.exe"),
            ("\u{feff}\u{200b}", "__"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn device_names() {
        for (name, expected) in [
            ("con", "_con"),
            ("CON.txt", "_CON.txt"),
            ("Aux.tar.gz", "_Aux.tar.gz"),
            ("lpt1", "_lpt1"),
            ("COM¹.log", "_COM¹.log"),
            ("nul .txt", "_nul.txt"),
            ("console.txt", "console.txt"),
            ("com10", "com10"),
            ("com", "com"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = safe(&format!("{}.jpeg", "ñ".repeat(300)));
        assert!(long.len() <= FILE_NAME_MAX && long.len() > FILE_NAME_MAX - 2);
        assert!(long.ends_with("ñ.jpeg"));
        assert_eq!(safe(&format!("a.{}", "x".repeat(400))).len(), FILE_NAME_MAX);
        let mut taken = BTreeSet::new();
        for n in 1..=12 {
            let name = safe_file_name(&"z".repeat(400), &mut taken);
            assert!(name.len() <= FILE_NAME_MAX, "number {n}");
        }
        assert_eq!(taken.len(), 12);
    }

    #[test]
    fn collisions_are_numbered() {
        let mut taken = BTreeSet::new();
        let mut next = |name| safe_file_name(name, &mut taken);
        assert_eq!(next("foto.jpg"), "foto.jpg");
        assert_eq!(next("foto.jpg"), "foto (2).jpg");
        assert_eq!(next("FOTO.JPG"), "FOTO (3).JPG");
        assert_eq!(next("foto (2).jpg"), "foto (2) (2).jpg");
        assert_eq!(next("fo/to"), "fo_to");
        assert_eq!(next("fo\\to"), "fo_to (2)");
    }

    #[test]
    fn names_that_some_disk_takes_for_one_are_numbered() {
        for (one, other) in [
            ("declaración.jpg", "declaracio\u{301}n.jpg"),
            ("DECLARACIÓN.JPG", "declaracio\u{301}n.jpg"),
            ("straße.txt", "STRASSE.txt"),
            ("ﬁn.txt", "FIN.txt"),
            ("Ångström", "\u{212b}ngström"),
            ("ΣΑΣ.txt", "σας.txt"),
        ] {
            let mut taken = BTreeSet::new();
            safe_file_name(one, &mut taken);
            assert!(safe_file_name(other, &mut taken).contains("(2)"), "{one} and {other}");
        }
        let mut taken = BTreeSet::new();
        safe_file_name("papa.txt", &mut taken);
        assert_eq!(
            safe_file_name("papá.txt", &mut taken),
            "papá.txt",
            "an accent is not a case"
        );
    }

    #[test]
    fn a_shortened_name_keeps_its_ending() {
        for long in ["ñ".repeat(300) + ".jpeg", "a.b ".repeat(200) + ".JPEG"] {
            let short = shortened(&long, 255);
            assert!((250..=255).contains(&short.len()), "{}", short.len());
            assert!(short.to_lowercase().ends_with(".jpeg") && long.starts_with(&short[..240]));
        }
        assert_eq!(shortened(&"x".repeat(300), 255).len(), 255);
        assert_eq!(shortened(&format!("a.{}", "x".repeat(400)), 255).len(), 255);
        assert_eq!(shortened("foto.jpg", 255), "foto.jpg");
    }

    #[test]
    fn every_character_is_safe_alone_and_inside() {
        for c in '\0'..=char::MAX {
            for name in [c.to_string(), format!("a{c}b.txt")] {
                let safe = safe(&name);
                let plain = safe.chars().all(|c| !c.is_control() && !"/\\:*?\"<>|".contains(c));
                assert!(
                    plain && !safe.is_empty() && !safe.starts_with('.') && safe.len() <= FILE_NAME_MAX,
                    "{name:?}"
                );
            }
        }
    }
}
