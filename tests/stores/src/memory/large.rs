//! Large blobs and uploads in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Memory, guard};
use crate::Digest;
use ledger::Error;
use ledger::store::{Blobs, Content};

#[derive(Default)]
pub(super) struct Large {
    blobs: BTreeMap<Digest, Arc<[u8]>>,
    /// Bytes, and when they grew.
    uploads: BTreeMap<Digest, (Vec<u8>, u64)>,
}

/// What a blob or an upload held when it was opened.
struct Bytes(Arc<[u8]>);

impl Content for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, at: u64, limit: usize) -> Result<Vec<u8>, Error> {
        let rest = usize::try_from(at)
            .ok()
            .and_then(|at| self.0.get(at..))
            .unwrap_or_default();
        Ok(rest[..rest.len().min(limit)].to_vec())
    }
}

impl Blobs for Memory {
    fn size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        let large = guard(&self.large);
        Ok(large.blobs.get(digest).map(|bytes| bytes.len() as u64))
    }

    fn open(&self, digest: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        let blob = guard(&self.large).blobs.get(digest).cloned();
        Ok(blob.map(|blob| Box::new(Bytes(blob)) as Box<dyn Content>))
    }

    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        guard(&self.large).blobs.insert(*digest, bytes.into());
        Ok(())
    }

    fn remove(&self, digest: &Digest) -> Result<(), Error> {
        guard(&self.large).blobs.remove(digest);
        Ok(())
    }

    fn upload_size(&self, name: &Digest) -> Result<Option<u64>, Error> {
        let large = guard(&self.large);
        Ok(large.uploads.get(name).map(|(bytes, _)| bytes.len() as u64))
    }

    fn open_upload(&self, name: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        let large = guard(&self.large);
        let bytes = large.uploads.get(name).map(|(bytes, _)| bytes.as_slice().into());
        Ok(bytes.map(|bytes| Box::new(Bytes(bytes)) as Box<dyn Content>))
    }

    fn append(&self, name: &Digest, at: u64, chunk: &[u8]) -> Result<(), Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut large = guard(&self.large);
        let (bytes, grew_at) = large.uploads.entry(*name).or_default();
        if bytes.len() as u64 != at {
            return Err(Error::Storage("a chunk does not begin where its upload ends".into()));
        }
        bytes.extend_from_slice(chunk);
        *grew_at = now.map_or(0, |since| since.as_secs());
        Ok(())
    }

    fn adopt(&self, name: &Digest, digest: &Digest) -> Result<(), Error> {
        let mut large = guard(&self.large);
        if let Some((bytes, _)) = large.uploads.remove(name) {
            large.blobs.insert(*digest, bytes.into());
        }
        Ok(())
    }

    fn drop_upload(&self, name: &Digest) -> Result<(), Error> {
        guard(&self.large).uploads.remove(name);
        Ok(())
    }

    fn uploads(&self) -> Result<Vec<Digest>, Error> {
        Ok(guard(&self.large).uploads.keys().copied().collect())
    }

    fn grew_at(&self, name: &Digest) -> Result<Option<u64>, Error> {
        Ok(guard(&self.large).uploads.get(name).map(|(_, grew_at)| *grew_at))
    }
}
