//! The mirror (docs/protocol.md §6.5): serves a copy of a log as the log itself does, and signs that it holds it.
//!
//! Who keeps the copy up to date fetches and verifies it; this serves what it was told is complete, and never less than
//! that. As a cosigner's, its memory is on disk before it signs: what it has signed once it goes on from, or stands still.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};
use tlog::witness::Seen;
use tlog::{Checkpoint, Hash, Note, SigningNoteKey, VerifierKey, cosign};

use crate::CosignerError;
use crate::memory::{Memory, MemoryError};

/// What never changes under its name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is asked for anew each time.
const ANEW: &str = "no-cache";
const TEXT: &str = "text/plain; charset=utf-8";

/// A mirror of one log.
#[derive(Debug)]
pub struct Mirror {
    key: SigningNoteKey,
    copy: PathBuf,
    memory: Mutex<Memory>,
    shown: RwLock<Option<Arc<Shown>>>,
}

/// The checkpoint that is served, and how far it reaches.
#[derive(Debug)]
struct Shown {
    size: u64,
    note: String,
}

/// Why a mirror does not sign or show a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum MirrorRefusal {
    /// Not a checkpoint.
    #[error("not a checkpoint")]
    Form,
    /// It has signed a larger tree.
    #[error("the tree is smaller than the one of {0} entries that this mirror has signed")]
    Smaller(u64),
    /// The tree that it has signed is no part of this one.
    #[error("the tree does not begin with the {0} entries that this mirror has signed")]
    Fork(u64),
    /// The clock shows no time that a cosignature can carry.
    #[error("the clock does not show a time that a cosignature can carry")]
    Clock,
    /// What was signed cannot be kept.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Mirror {
    /// Opens the folder, which is made if it does not exist, and locks it until the mirror is dropped. The copy is in
    /// [`Self::copy`]; nothing is served before [`Self::show`].
    ///
    /// # Errors
    /// [`CosignerError`]. A memory that is damaged or missing is an error: a mirror that forgets could sign a fork.
    pub fn open(folder: &Path, key: SigningNoteKey) -> Result<Self, CosignerError> {
        if !cosign::is_cosigners(key.kind()) {
            return Err(CosignerError::Key);
        }
        Ok(Self {
            key,
            copy: folder.join("copy"),
            memory: Mutex::new(Memory::open(folder)?),
            shown: RwLock::new(None),
        })
    }

    /// The folder of the copy, laid out as the log's paths.
    pub fn copy(&self) -> &Path {
        &self.copy
    }

    /// The key that policies and councils name.
    pub fn verifier(&self) -> VerifierKey {
        self.key.verifier()
    }

    /// Adds this mirror's cosignature to a checkpoint, all of whose tree is durably in the copy. `root_at` gives the root of
    /// the copy's first entries.
    ///
    /// # Errors
    /// [`MirrorRefusal`].
    pub fn sign(
        &self,
        note: &Note,
        time: u64,
        root_at: impl FnOnce(u64) -> Option<Hash>,
    ) -> Result<Note, MirrorRefusal> {
        let checkpoint = Checkpoint::parse(note.text()).ok_or(MirrorRefusal::Form)?;
        if time == 0 || i64::try_from(time).is_err() {
            return Err(MirrorRefusal::Clock);
        }
        // Each write replaces the whole file, so a thread that panicked in between has left nothing half done.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = memory.seen(&checkpoint.origin) {
            follows(seen, &checkpoint, root_at)?;
        }
        let tree = Seen {
            size: checkpoint.size,
            root: checkpoint.root,
        };
        memory.remember(&checkpoint.origin, tree)?;
        Ok(note.clone().with(cosign::cosign(&self.key, note.text(), time)))
    }

    /// Serves this checkpoint, which is the copy's, from now on.
    ///
    /// # Errors
    /// [`MirrorRefusal::Smaller`] while the copy is behind what was signed: then nothing is served.
    pub fn show(&self, note: &Note, root_at: impl FnOnce(u64) -> Option<Hash>) -> Result<(), MirrorRefusal> {
        let checkpoint = Checkpoint::parse(note.text()).ok_or(MirrorRefusal::Form)?;
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = memory.seen(&checkpoint.origin) {
            follows(seen, &checkpoint, root_at)?;
        }
        let shown = Shown {
            size: checkpoint.size,
            note: note.to_string(),
        };
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(shown));
        Ok(())
    }

    /// The router.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/log/checkpoint", get(checkpoint))
            .route("/log/tile/{*name}", get(tile))
            .route("/log/step/{step}", get(step))
            .route("/api/v1/public/{digest}", get(statement))
            .route("/api/v1/blobs/{digest}", get(blob))
            .with_state(self)
    }

    fn shown(&self) -> Option<Arc<Shown>> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The tile of this name in the tree that is shown, cut from the widest one of its index.
    fn tile(&self, name: &TileName) -> io::Result<Option<Vec<u8>>> {
        let size = self.shown().map_or(0, |shown| shown.size);
        let count = match name.kind {
            TileKind::Entries => size,
            TileKind::Hash(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        };
        let first = name.index.saturating_mul(TILE_WIDTH);
        let width = count.saturating_sub(first).min(TILE_WIDTH);
        if u64::from(name.width) > width {
            return Ok(None);
        }
        let widest = TileName {
            width: width as u16,
            ..*name
        };
        let bytes = match self.read(&format!("log/{}", widest.path()))? {
            // It has been completed meanwhile.
            None => self.read(&format!(
                "log/{}",
                TileName {
                    width: TILE_WIDTH as u16,
                    ..*name
                }
                .path()
            ))?,
            found => found,
        };
        Ok(bytes.and_then(|bytes| cut(name, bytes)))
    }

    /// The checkpoint of a step, as far as it lies in the tree that is shown.
    fn step(&self, step: u64) -> io::Result<Option<Vec<u8>>> {
        let size = self.shown().map_or(0, |shown| shown.size);
        let is_within = |bytes: &[u8]| {
            let note = Note::parse(bytes).ok();
            let checkpoint = note.and_then(|note| Checkpoint::parse(note.text()));
            checkpoint.is_some_and(|checkpoint| checkpoint.size <= size)
        };
        Ok(self.read(&format!("log/step/{step}"))?.filter(|bytes| is_within(bytes)))
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.copy.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a tree goes on from the one that was signed.
fn follows(seen: Seen, to: &Checkpoint, root_at: impl FnOnce(u64) -> Option<Hash>) -> Result<(), MirrorRefusal> {
    if to.size < seen.size {
        return Err(MirrorRefusal::Smaller(seen.size));
    }
    let root = if to.size == seen.size {
        Some(to.root)
    } else {
        root_at(seen.size)
    };
    if root == Some(seen.root) {
        Ok(())
    } else {
        Err(MirrorRefusal::Fork(seen.size))
    }
}

/// The first entries or hashes of a tile.
fn cut(name: &TileName, bytes: Vec<u8>) -> Option<Vec<u8>> {
    let width = usize::from(name.width);
    match name.kind {
        TileKind::Hash(_) => bytes.get(..32 * width).map(<[u8]>::to_vec),
        TileKind::Entries => {
            let entries = tile::decode_entries(&bytes)?;
            Some(tile::encode_entries(entries.get(..width)?.iter().copied()))
        }
    }
}

async fn checkpoint(State(mirror): State<Arc<Mirror>>) -> Response {
    let shown = mirror.shown().map(|shown| shown.note.clone().into_bytes());
    answer(Ok(shown), TEXT, ANEW)
}

async fn tile(State(mirror): State<Arc<Mirror>>, UrlPath(name): UrlPath<String>) -> Response {
    let Some(name) = TileName::parse(&format!("tile/{name}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    read(move || mirror.tile(&name), "application/octet-stream", FOR_EVER).await
}

async fn step(State(mirror): State<Arc<Mirror>>, UrlPath(step): UrlPath<String>) -> Response {
    // Only the one writing of a number is a path.
    let Some(step) = step.parse::<u64>().ok().filter(|number| number.to_string() == step) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    read(move || mirror.step(step), TEXT, ANEW).await
}

async fn statement(mirror: State<Arc<Mirror>>, UrlPath(digest): UrlPath<String>) -> Response {
    by_digest(mirror, "public", &digest).await
}

/// A list of what the site serves, which a statement names by its digest.
async fn blob(mirror: State<Arc<Mirror>>, UrlPath(digest): UrlPath<String>) -> Response {
    by_digest(mirror, "blobs", &digest).await
}

async fn by_digest(State(mirror): State<Arc<Mirror>>, folder: &str, digest: &str) -> Response {
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        return StatusCode::NOT_FOUND.into_response();
    }
    let name = format!("api/v1/{folder}/{digest}");
    read(move || mirror.read(&name), "application/json", FOR_EVER).await
}

/// Reads on a thread that may wait for the disk.
async fn read(
    read: impl FnOnce() -> io::Result<Option<Vec<u8>>> + Send + 'static,
    media_type: &'static str,
    caching: &'static str,
) -> Response {
    match tokio::task::spawn_blocking(read).await {
        Ok(found) => answer(found, media_type, caching),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn answer(found: io::Result<Option<Vec<u8>>>, media_type: &'static str, caching: &'static str) -> Response {
    const NO_SNIFF: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
    match found {
        Ok(Some(bytes)) => {
            let fields = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, caching),
                (NO_SNIFF, "nosniff"),
            ];
            (fields, bytes).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, ANEW)]).into_response(),
        Err(error) => {
            tracing::error!(%error, "the copy cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
