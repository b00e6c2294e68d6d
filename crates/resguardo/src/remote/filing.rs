//! Filing: work, chunked uploads that resume, and the form that comes last (§5.7, §15.8).

use super::{API, Call, Purpose, Remote, refusal};
use crate::clock::Stopwatch;
use crate::failure::{CliCode, CliError, Exit, Outcome};
use protocol::http::{self, FilingForm, WORK_HEADER, Work, WorkOffer, work_header, work_search};
use protocol::problem::Problem;
use protocol::{Digest, json};
use std::io::{Read, Seek, SeekFrom};
use ureq::http::Method;

/// Counters tried between two signs of life.
const TRIES: u64 = 1 << 16;
/// How often work is done anew for one posting, because more is asked by the time that it is done.
const WORKS_MAX: u32 = 5;
/// How often in a row an upload finds out anew where it stands before it gives up.
const RESUMES_MAX: u32 = 20;

/// A file that rides in a form, under its digest.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> Part<'a> {
    /// Names bytes by their digest.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            digest: Digest::of(bytes),
            bytes,
        }
    }
}

/// A form with its files and a boundary of their own: content type and body.
pub fn multipart(name: &str, form: &[u8], parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let files = parts.iter().map(|part| (part.digest, part.bytes));
    http::multipart(&Digest(crate::random::bytes()).to_hex(), name, form, files)
}

/// Does the work that an offer asks for over `posted`. `alive` is called now and then.
pub fn work(offer: &WorkOffer, posted: &Digest, alive: &mut dyn FnMut()) -> Work {
    let mut start = 0;
    loop {
        if let Some(counter) = work_search(&offer.nonce, posted, offer.bits, start, TRIES) {
            return Work {
                nonce: offer.nonce,
                counter,
            };
        }
        start += TRIES;
        alive();
    }
}

impl Remote {
    /// Posts a filing form with the files that ride in it; gives the promise's note.
    ///
    /// # Errors
    /// Codes `slot-taken`, `work`, `blobs-missing`, …; network.
    pub fn post_filing(&self, form: &FilingForm, parts: &[Part<'_>]) -> Outcome<Vec<u8>> {
        let (content_type, body) = multipart("filing", &json::write(form), parts);
        self.bytes(&Call::post(&format!("{API}/filings"), content_type, &body))
    }

    /// Uploads a file of `size` bytes in chunks and has the service confirm its digest. Interrupted, it goes on where
    /// the service says it stands. `seen` is told how many bytes went.
    ///
    /// # Errors
    /// Exit 1 when the service holds other bytes, 2 over a limit; network.
    pub fn upload<R: Read + Seek>(
        &self,
        mut file: R,
        size: u64,
        digest: &Digest,
        seen: &mut dyn FnMut(u64),
    ) -> Outcome<()> {
        let name = Digest(crate::random::bytes());
        let path = format!("{API}/uploads/{}", name.to_hex());
        let (mut at, mut resumes) = (0, 0);
        let (mut done, mut works) = (None, 0);
        loop {
            let mut pace = self.chunk_size();
            let chunk = read_chunk(&mut file, at, size, pace.bytes())?;
            let watch = Stopwatch::start();
            let outcome = self.put_chunk(&path, at, &chunk, size, done.as_ref());
            match outcome {
                Ok(Put::Taken) => {
                    at += chunk.len() as u64;
                    seen(chunk.len() as u64);
                    resumes = 0;
                    pace.taken(u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX));
                    self.set_chunk_size(pace);
                    continue;
                }
                Ok(Put::Done(held)) if held == *digest => return Ok(()),
                Ok(Put::Done(_)) => return Err(other_digest()),
                Ok(Put::TooLarge(refusal)) => {
                    // A proxy on the way takes less at once than the service.
                    if !pace.refused(chunk.len() as u64) {
                        return Err(refusal);
                    }
                    self.set_chunk_size(pace);
                    continue;
                }
                Err(failure) if failure.is(Problem::Work) && works < WORKS_MAX => {
                    // Many uploads begin: this one is begun with work over its name.
                    works += 1;
                    done = Some(work(&self.work_offer_for("upload")?, &Digest::of(&name.0), &mut || ()));
                    continue;
                }
                Err(failure) if failure.exit() != Exit::Network => return Err(failure),
                Err(failure) if resumes == RESUMES_MAX => return Err(failure),
                Ok(Put::Elsewhere) if resumes == RESUMES_MAX => {
                    return Err(CliError::new(CliCode::Upload, "the upload does not advance")
                        .why("the service gives the same position again and again")
                        .remedy("nothing was filed; run it again, and it goes on where it stopped"));
                }
                Ok(Put::Elsewhere) | Err(_) => {}
            }
            resumes += 1;
            pace.broke();
            self.set_chunk_size(pace);
            // The last byte is sent once more where all are there: its answer is the digest.
            at = self.upload_offset(&path)?.min(size.saturating_sub(1));
        }
    }

    fn put_chunk(&self, path: &str, at: u64, chunk: &[u8], size: u64, work: Option<&Work>) -> Outcome<Put> {
        let end = at + chunk.len() as u64;
        let total = if end == size { size.to_string() } else { "*".to_owned() };
        let mut headers = vec![
            ("Content-Type", "application/octet-stream".to_owned()),
            ("Content-Range", format!("bytes {at}-{}/{total}", end.saturating_sub(1))),
        ];
        headers.extend(work.map(|work| (WORK_HEADER, work_header(work))));
        let call = Call {
            purpose: Purpose::Posting,
            method: Method::PUT,
            path,
            headers,
            body: chunk,
        };
        let answer = self.send(&call)?;
        match answer.status {
            204 => Ok(Put::Taken),
            200 => {
                let text = String::from_utf8_lossy(&answer.body);
                Digest::from_hex(text.trim()).map(Put::Done).ok_or_else(other_digest)
            }
            // The service's own refusal says that the file is too large; any other, that the chunk is.
            413 if refusal::problem(&answer) != Some(Problem::TooLarge) => {
                Ok(Put::TooLarge(self.refused(&call, &answer)))
            }
            409 if refusal::problem(&answer) == Some(Problem::Offset) => Ok(Put::Elsewhere),
            _ => Err(self.refused(&call, &answer)),
        }
    }

    fn upload_offset(&self, path: &str) -> Outcome<u64> {
        let call = Call {
            method: Method::HEAD,
            ..Call::get(Purpose::Posting, path)
        };
        let answer = self.send(&call)?;
        let offset = answer
            .headers
            .get("Upload-Offset")
            .and_then(|value| value.to_str().ok());
        offset
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.refused(&call, &answer))
    }
}

/// What came of a chunk.
enum Put {
    Taken,
    Done(Digest),
    Elsewhere,
    TooLarge(CliError),
}

fn read_chunk<R: Read + Seek>(file: &mut R, at: u64, size: u64, max: u64) -> Outcome<Vec<u8>> {
    let mut chunk = Vec::new();
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.by_ref().take(max.min(size - at)).read_to_end(&mut chunk))
        .map_err(|error| {
            CliError::new(CliCode::File, "a sealed file cannot be read again")
                .why(error)
                .remedy("nothing was filed; check the disk and run it again")
        })?;
    if chunk.is_empty() && size > at {
        return Err(
            CliError::new(CliCode::File, "a sealed file became shorter while it was sent")
                .why("another program wrote to it")
                .remedy("nothing was filed; run it again"),
        );
    }
    Ok(chunk)
}

fn other_digest() -> CliError {
    CliError::new(
        client::Local::DigestDiffers,
        "the service holds other bytes than were sent",
    )
    .why("its digest differs")
    .remedy("nothing was filed; run it again, and tell the operator if it happens twice")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_with_the_file() {
        let mut file = std::io::Cursor::new(vec![7u8; 1000]);
        assert_eq!(read_chunk(&mut file, 900, 1000, 500).expect("read").len(), 100);
        assert_eq!(
            read_chunk(&mut file, 1000, 1200, 500).expect_err("shorter").exit(),
            Exit::Storage
        );
    }
}
