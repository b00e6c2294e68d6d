//! Reading the log and the public statements.

use super::{API, Answer, Call, Purpose, Remote, refusal};
use crate::failure::{CliCode, CliError, Outcome};
use protocol::Digest;
use protocol::http::WorkOffer;
use std::io::{Read as _, Write};

impl Remote {
    /// The proof of one entry, by index.
    ///
    /// # Errors
    /// Network.
    pub fn proof(&self, index: u64) -> Outcome<Option<Vec<u8>>> {
        self.bytes_if_there(Purpose::Log, &format!("/log/proof/{index}"))
    }

    /// A stored file by digest, as the service sends it, unchecked.
    ///
    /// # Errors
    /// Network.
    pub fn blob_as_sent(&self, digest: &Digest) -> Outcome<Option<Vec<u8>>> {
        self.bytes_if_there(Purpose::Objects, &format!("{API}/blobs/{digest}"))
    }

    /// A stored file by digest, checked against it; for files of a few megabytes at most.
    ///
    /// # Errors
    /// Exit 1 when other bytes came; network.
    pub fn blob(&self, digest: &Digest) -> Outcome<Option<Vec<u8>>> {
        match self.blob_as_sent(digest)? {
            Some(bytes) if Digest::of(&bytes) != *digest => Err(other_bytes(digest)),
            other => Ok(other),
        }
    }

    /// Streams a stored file of `size` bytes into `to` and checks its digest.
    ///
    /// # Errors
    /// Exit 3 when it is gone, 1 when other bytes came; what was written is then worthless.
    pub fn blob_to(&self, digest: &Digest, size: u64, to: &mut dyn Write, seen: &mut dyn FnMut(u64)) -> Outcome<()> {
        use sha2::{Digest as _, Sha256};
        let path = format!("{API}/blobs/{digest}");
        let call = Call::get(Purpose::Objects, &path);
        let response = self.response(&call)?;
        let (parts, body) = response.into_parts();
        if parts.status.as_u16() != 200 {
            let answer = Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: Vec::new(),
            };
            return Err(refusal::failure(&path, &answer, self.now()));
        }
        let failed = |error: std::io::Error| {
            CliError::new(CliCode::Transfer, "a file came only in part")
                .why(error)
                .remedy("run it again")
        };
        let mut reader = body.into_reader().take(size + 1);
        let mut hash = Sha256::new();
        let mut chunk = vec![0u8; 256 * 1024];
        loop {
            let count = reader.read(&mut chunk).map_err(failed)?;
            let Some(bytes) = chunk.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            hash.update(bytes);
            to.write_all(bytes).map_err(failed)?;
            seen(count as u64);
        }
        if Digest(hash.finalize().into()) == *digest {
            Ok(())
        } else {
            Err(other_bytes(digest))
        }
    }

    /// A nonce for the hashcash of a filing.
    ///
    /// # Errors
    /// Network.
    pub fn work_offer(&self) -> Outcome<WorkOffer> {
        self.offer(&format!("{API}/work"))
    }

    /// A nonce for the hashcash of an `upload` or of an `office` cell.
    ///
    /// # Errors
    /// Network.
    pub fn work_offer_for(&self, what: &str) -> Outcome<WorkOffer> {
        self.offer(&format!("{API}/work?for={what}"))
    }

    fn offer(&self, path: &str) -> Outcome<WorkOffer> {
        let bytes = self.bytes(&Call::get(Purpose::Posting, path))?;
        serde_json::from_slice(&bytes).map_err(|_| unreadable("an offer of work"))
    }

    /// The server's clock in POSIX seconds, as its answers tell it.
    ///
    /// # Errors
    /// Network.
    pub fn server_time(&self) -> Outcome<Option<u64>> {
        let call = Call::get(Purpose::Log, "/healthz");
        let answer = self.send(&call)?;
        Ok(date_of(&answer))
    }
}

/// The clock of whoever answered.
fn date_of(answer: &Answer) -> Option<u64> {
    let date = answer.headers.get("date").and_then(|value| value.to_str().ok());
    date.and_then(refusal::parse_http_date)
}

fn other_bytes(digest: &Digest) -> CliError {
    CliError::new(
        client::Local::DigestDiffers,
        format!("the service gave other bytes than the file {digest}"),
    )
    .why("their digest differs")
    .remedy("try once more; if it happens again, tell the council: the file was altered or lost")
}

/// An answer that should have been something else.
fn unreadable(what: &str) -> CliError {
    CliError::new(
        client::Local::UnexpectedAnswer,
        format!("the service's answer is not {what}"),
    )
    .why("it is laid out otherwise")
    .remedy("check that the address is that of a Resguardo service of this version")
}
