//! Searching what a browser left on the disk.

use base64ct::{Base64, Encoding as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use memchr::memmem;

/// How near two words must stand to be found together, in bytes.
const NEAR_BYTES: usize = 96;
/// Neighbours that must stand together. Two stand near each other by chance: a browser's settings are full of words of four letters.
const NEIGHBOURS: usize = 3;

/// Something that must not be found, in every form in which a browser writes such a thing.
pub struct Needle {
    name: String,
    forms: Vec<Form>,
}

enum Form {
    Bytes(Vec<u8>),
    /// Pieces near each other, in this order.
    Near(Vec<Vec<u8>>),
}

/// A needle, and the file that holds it.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The needle's name.
    pub name: String,
    /// Below the profile's folder.
    pub file: PathBuf,
}

impl Needle {
    /// A text: UTF-8, UTF-16, in an address, in base64.
    pub fn text(name: &str, text: &str) -> Self {
        let in_address: String = text
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        let mut forms = vec![
            Form::Bytes(text.into()),
            Form::Bytes(utf16(text)),
            Form::Bytes(in_address.into()),
        ];
        forms.extend(base64(text.as_bytes()));
        Self {
            name: name.to_owned(),
            forms,
        }
    }

    /// Bytes of a file, as they are and in base64: pieces of 32 bytes from its beginning, its middle and its end.
    pub fn file(name: &str, bytes: &[u8]) -> Self {
        let last = bytes.len().saturating_sub(32);
        let pieces = [last / 4, last / 2, last * 3 / 4, last].map(|at| &bytes[at..]);
        let forms = pieces
            .into_iter()
            .map(|piece| &piece[..piece.len().min(32)])
            .flat_map(|piece| std::iter::once(Form::Bytes(piece.to_vec())).chain(base64(piece)))
            .collect();
        Self {
            name: name.to_owned(),
            forms,
        }
    }

    /// Words that stand in every dictionary: found where [`NEIGHBOURS`] stand near each other.
    pub fn words(name: &str, words: &[&str]) -> Self {
        let forms = words.windows(NEIGHBOURS).flat_map(|near| {
            let as_utf8 = near.iter().map(|word| word.as_bytes().to_vec()).collect();
            [
                Form::Near(as_utf8),
                Form::Near(near.iter().map(|word| utf16(word)).collect()),
            ]
        });
        Self {
            name: name.to_owned(),
            forms: forms.collect(),
        }
    }

    fn is_in(&self, hay: &[u8]) -> bool {
        self.forms.iter().any(|form| match form {
            Form::Bytes(bytes) => memmem::find(hay, bytes).is_some(),
            Form::Near(pieces) => pieces.split_first().is_some_and(|(first, rest)| {
                memmem::find_iter(hay, first).any(|at| are_near(&hay[at + first.len()..], rest))
            }),
        })
    }
}

/// Whether the pieces follow, each near the one before it.
fn are_near(hay: &[u8], pieces: &[Vec<u8>]) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return true;
    };
    let within = &hay[..hay.len().min(NEAR_BYTES)];
    memmem::find_iter(within, piece).any(|at| are_near(&hay[at + piece.len()..], rest))
}

/// Searches every file and every file's name below `folder`.
pub fn search(folder: &Path, needles: &[Needle]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
                continue;
            }
            let mut hay = path.to_string_lossy().into_owned().into_bytes();
            hay.push(0);
            // The browser's locks are links to nowhere.
            hay.extend(std::fs::read(&path).unwrap_or_default());
            let below = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            found.extend(needles.iter().filter(|needle| needle.is_in(&hay)).map(|needle| Found {
                name: needle.name.clone(),
                file: below.clone(),
            }));
        }
    }
    Ok(found)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The three ways in which base64 can write a piece of something longer, without the characters at the edges.
fn base64(bytes: &[u8]) -> Vec<Form> {
    (0..3)
        .filter_map(|offset| bytes.get(offset..))
        .map(|rest| &rest[..rest.len() / 3 * 3])
        .filter(|rest| rest.len() >= 9)
        .map(|rest| Form::Bytes(Base64::encode_string(rest).into_bytes()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let below = folder.path().join("Default/Cache");
        std::fs::create_dir_all(&below)?;
        let photo: Vec<u8> = (0..500u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let forms: [(&str, Vec<u8>); 8] = [
            ("utf8", "…la casa de Ñandú…".into()),
            ("utf16", utf16("x la casa de Ñandú x")),
            ("address", "q=la%20casa%20de%20%C3%91and%C3%BA&".into()),
            (
                "base64",
                Base64::encode_string("zz la casa de Ñandú zz".as_bytes()).into(),
            ),
            ("photo", photo[100..].into()),
            ("words", r#"["vaso","luna","mar"]"#.into()),
            ("words16", utf16("vaso luna mar")),
            ("nothing", "la casa de enfrente, mar, luna, vaso, luna".into()),
        ];
        for (name, bytes) in &forms {
            std::fs::write(below.join(name), bytes)?;
        }
        let needles = [
            Needle::text("text", "la casa de Ñandú"),
            Needle::file("photo", &photo),
            Needle::words("words", &["vaso", "luna", "mar", "sol"]),
        ];
        let mut found: Vec<_> = search(folder.path(), &needles)?
            .into_iter()
            .map(|found| {
                (
                    found.file.file_name().map(|name| name.to_string_lossy().into_owned()),
                    found.name,
                )
            })
            .collect();
        found.sort();
        let expected = [
            ("address", "text"),
            ("base64", "text"),
            ("photo", "photo"),
            ("utf16", "text"),
        ];
        let expected = expected
            .into_iter()
            .chain([("utf8", "text"), ("words", "words"), ("words16", "words")]);
        let expected: Vec<_> = expected
            .map(|(file, name)| (Some(file.to_owned()), name.to_owned()))
            .collect();
        assert_eq!(found, expected);
        Ok(())
    }
}
