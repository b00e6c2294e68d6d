//! Files too large to ride in a form: sent in chunks, and after a break gone on with where the service says that it stands
//! (§5.7, §15.8).

use std::io::{Read, Seek, SeekFrom};

use protocol::Digest;
use protocol::http::{ChunkSize, QUOTA_HEADER, Quota, WORK_HEADER, Work, work_header};
use protocol::problem::Problem;

use crate::failure::{Failure, Local, Outcome};
use crate::random;
use crate::wire::{HttpCall, Purpose, Wire};
use crate::work::{self, WORKS_MAX};

/// How often in a row an upload finds out anew where it stands before it gives up.
const RESUMES_MAX: u32 = 20;

/// Uploads a file of `size` bytes and has the service confirm its digest. `pace`: how much is sent at once, as learned on
/// the way to this service. `code`: an upload code, without which a file has 64 MiB at most. `seen` is told how many bytes went.
///
/// # Errors
/// [`Local::DigestDiffers`] when the service holds other bytes, [`Local::Upload`] when it does not advance,
/// [`Local::Store`] when the file cannot be read; what the service says; the network.
pub async fn upload<R: Read + Seek>(
    wire: &Wire,
    pace: &mut ChunkSize,
    mut file: R,
    size: u64,
    (digest, code): (&Digest, Option<&Quota>),
    seen: &mut dyn FnMut(u64),
) -> Outcome<()> {
    let name = Digest(random::bytes());
    let path = format!("/api/v1/uploads/{}", name.to_hex());
    let (mut at, mut resumes) = (0, 0);
    let (mut done, mut works) = (None, 0);
    loop {
        let chunk = read_chunk(&mut file, at, size, pace.bytes())?;
        let count = chunk.len() as u64;
        let answer = wire.one(put(&path, at, chunk, size, (done.as_ref(), code))).await;
        let failure = match (answer.status, answer.problem()) {
            (204, _) => {
                at += count;
                seen(count);
                resumes = 0;
                pace.taken(answer.took_ms);
                continue;
            }
            (200, _) => {
                let held = Digest::from_hex(String::from_utf8_lossy(&answer.body).trim());
                let is_same = held.as_ref() == Some(digest);
                return is_same.then_some(()).ok_or_else(|| Failure::new(Local::DigestDiffers));
            }
            // The service's own refusal says that the file is too large; any other, that something on the way takes less at
            // once.
            (413, problem) if problem != Some(Problem::TooLarge) => match pace.refused(count) {
                true => continue,
                false => return Err(answer.failure()),
            },
            (_, Some(Problem::Work)) if works < WORKS_MAX => {
                // Many uploads begin: this one is begun with work over its name.
                works += 1;
                let offer = work::offer(wire, Some("upload")).await?;
                done = Some(work::work(wire, &offer, &Digest::of(&name.0)).await);
                continue;
            }
            (_, Some(Problem::Offset)) => Failure::new(Local::Upload),
            _ => match answer.failure() {
                away if away.code.is_unanswered() && away.code != Local::UnexpectedAnswer => away,
                refused => return Err(refused),
            },
        };
        if resumes == RESUMES_MAX {
            return Err(failure);
        }
        resumes += 1;
        pace.broke();
        // The last byte is sent once more where all are there: its answer is the digest.
        at = offset(wire, &path).await?.min(size.saturating_sub(1));
    }
}

fn put(path: &str, at: u64, chunk: Vec<u8>, size: u64, (work, code): (Option<&Work>, Option<&Quota>)) -> HttpCall {
    let end = at + chunk.len() as u64;
    let total = if end == size { size.to_string() } else { "*".to_owned() };
    let range = format!("bytes {at}-{}/{total}", end.saturating_sub(1));
    let mut call = HttpCall::post(path, "application/octet-stream".to_owned(), chunk);
    call.method = "PUT";
    call.headers.push(("Content-Range", range));
    call.headers.extend(work.map(|work| (WORK_HEADER, work_header(work))));
    call.headers.extend(code.map(|code| (QUOTA_HEADER, code.to_hex())));
    call
}

/// Where an upload stands.
async fn offset(wire: &Wire, path: &str) -> Outcome<u64> {
    let call = HttpCall {
        method: "HEAD",
        ..HttpCall::get_for(Purpose::Posting, path)
    };
    wire.taken(call)
        .await?
        .offset
        .ok_or_else(|| Failure::new(Local::UnexpectedAnswer))
}

fn read_chunk<R: Read + Seek>(file: &mut R, at: u64, size: u64, max: u64) -> Outcome<Vec<u8>> {
    let mut chunk = Vec::new();
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.by_ref().take(max.min(size - at)).read_to_end(&mut chunk))
        .map_err(|error| Failure::new(Local::Store).why(error))?;
    if chunk.is_empty() && size > at {
        return Err(Failure::new(Local::Store).why("a sealed file became shorter while it was sent"));
    }
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_with_the_file() {
        let mut file = std::io::Cursor::new(vec![7u8; 1000]);
        assert_eq!(read_chunk(&mut file, 900, 1000, 500).expect("read").len(), 100);
        let shorter = read_chunk(&mut file, 1000, 1200, 500).expect_err("shorter");
        assert_eq!(shorter.code, Local::Store);
    }
}
