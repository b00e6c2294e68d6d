//! Copies without metadata of files on this machine. A film is never in memory whole: its copy is read piece by piece out of
//! the file.

use scrub::{NoCopy, Piece, Plan, Source, plan};
use std::fs::File;
use std::io::{Error, Read, Seek as _, SeekFrom};
use std::path::Path;

/// A file as `scrub` reads it.
struct OnDisk {
    file: File,
    size: u64,
}

impl Source for OnDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> bool {
        self.file.seek(SeekFrom::Start(at)).is_ok() && self.file.read_exact(into).is_ok()
    }
}

/// How the copy of a file of `size` bytes is put together.
///
/// # Errors
/// [`NoCopy`].
pub fn plan_of(path: &Path, size: u64) -> Result<Plan, NoCopy> {
    let file = File::open(path).map_err(|_| NoCopy::Unreadable)?;
    plan(&mut OnDisk { file, size })
}

/// A copy, read out of its file.
pub struct CopyReader<'a> {
    source: File,
    pieces: std::slice::Iter<'a, Piece>,
    now: Option<&'a Piece>,
    /// Bytes of the present piece that were read.
    done: u64,
}

impl<'a> CopyReader<'a> {
    /// Begins.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, plan: &'a Plan) -> Result<Self, Error> {
        Ok(Self {
            source: File::open(path)?,
            pieces: plan.pieces().iter(),
            now: None,
            done: 0,
        })
    }
}

impl Read for CopyReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Error> {
        let piece = loop {
            match self.now {
                Some(piece) if self.done < piece.size() => break piece,
                _ => {
                    self.done = 0;
                    self.now = self.pieces.next();
                    if self.now.is_none() {
                        return Ok(0);
                    }
                }
            }
        };
        let left = piece.size() - self.done;
        let count = usize::try_from(left).unwrap_or(into.len()).min(into.len());
        let into = &mut into[..count];
        match piece {
            Piece::Made(bytes) => {
                let from = usize::try_from(self.done).map_err(Error::other)?;
                into.copy_from_slice(&bytes[from..from + count]);
            }
            Piece::Kept(range) => {
                self.source.seek(SeekFrom::Start(range.start + self.done))?;
                self.source.read_exact(into)?;
            }
        }
        self.done += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read piece by piece, in reads of any length, is what the plan says.
    #[test]
    fn a_copy_read_in_pieces_is_the_copy() {
        let photo = include_bytes!("../assets/demo.jpg");
        // A film in fragments, so that pieces are made and kept in turn.
        let film = scrub_film();
        for file in [&photo[..], &film] {
            let place = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(place.path(), file).unwrap();
            let plan = plan_of(place.path(), file.len() as u64).unwrap();
            let whole = scrub::scrubbed(file).unwrap();
            assert_eq!(plan.size(), whole.len() as u64);
            for step in [1, 7, 4096] {
                let mut reader = CopyReader::open(place.path(), &plan).unwrap();
                let (mut read, mut room) = (Vec::new(), vec![0; step]);
                loop {
                    let count = reader.read(&mut room).unwrap();
                    if count == 0 {
                        break;
                    }
                    read.extend_from_slice(&room[..count]);
                }
                assert_eq!(read, whole);
            }
        }
        assert_eq!(plan_of(Path::new("/nowhere/at/all"), 1), Err(NoCopy::Unreadable));
    }

    fn scrub_film() -> Vec<u8> {
        include_bytes!("../../scrub/tests/films/fragments.mp4").to_vec()
    }
}
