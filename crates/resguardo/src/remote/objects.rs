//! Large stored files, straight to where they are kept.

use super::{Answer, Purpose, Remote, refusal};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use client::wire::HttpCall;
use protocol::Digest;
use std::io::{Read as _, Write};

impl Remote {
    /// Streams a stored file of `size` bytes into `to` and checks its digest.
    ///
    /// # Errors
    /// Exit 3 when it is gone, 1 when other bytes came; what was written is then worthless.
    pub fn blob_to(&self, digest: &Digest, size: u64, to: &mut dyn Write, seen: &mut dyn FnMut(u64)) -> Outcome<()> {
        use sha2::{Digest as _, Sha256};
        let call = HttpCall::get_for(Purpose::Objects, format!("/api/v1/blobs/{digest}"));
        let response = self.response(&call)?;
        let (parts, body) = response.into_parts();
        if parts.status.as_u16() != 200 {
            let answer = Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: Vec::new(),
            };
            return Err(refusal::failure(&call.path, &answer, self.now()));
        }
        let failed = |error: std::io::Error| {
            CliError::new(CliCode::Transfer, t!("a file came only in part"))
                .why(error)
                .remedy(t!("run it again"))
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
}

fn other_bytes(digest: &Digest) -> CliError {
    CliError::new(
        client::Local::DigestDiffers,
        t!("the service gave other bytes than the file {}", digest),
    )
    .why(t!("their digest differs"))
    .remedy(t!(
        "try once more; if it happens again, tell the council: the file was altered or lost"
    ))
}
