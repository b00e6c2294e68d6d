//! Sizes and times that the protocol or this implementation fixes.

use protocol::age::sealed_len;
use protocol::drop::CELL_LEN;
pub(crate) use protocol::drop::RECORD_FILE_LEN;
pub(crate) use protocol::http::{DELETES_MAX, FORM_BODY_MAX, FORM_FILES_MAX, FORM_JSON_MAX, INLINE_MAX};

/// Largest chunk of an upload in bytes.
pub(crate) const CHUNK_MAX: usize = 4 << 20;
/// Chunks that are written at once, each by a thread of its own.
pub(crate) const CHUNKS_AT_ONCE: usize = 16;
/// Uploads that begin in an hour without work.
pub(crate) const UPLOADS_FREE: u64 = 64;
/// Office cells of a day whose work is that of an idle service; each doubling beyond costs one bit more.
pub(crate) const CELLS_QUIET: u64 = 64;
/// Least that an upload takes off the budget in bytes: it has a file of its own, and clients begin with no less.
pub(crate) const UPLOAD_MIN: u64 = 64 << 10;
/// A promise is kept within this many seconds (§6.4).
pub(crate) const PROMISE_S: u64 = 86_400;
/// Within this many seconds everything that waits must fit (§6.3).
pub(crate) const HORIZON_S: u64 = 43_200;
/// Office cells are kept this many days.
pub(crate) const CELL_KEEP_DAYS: u32 = 30;
/// Upload codes are good this many days.
pub(crate) const QUOTA_KEEP_DAYS: u32 = 30;
/// Drafts are kept this many days.
pub(crate) const DRAFT_KEEP_DAYS: u32 = 7;
/// How often each draft of a day may be saved, on average.
pub(crate) const DRAFT_SAVES: u64 = 16;
/// Seconds of a day.
pub(crate) const DAY_S: u64 = 86_400;
/// Longest time for the head of a request in seconds, and for the next one to begin.
pub(crate) const HEAD_S: u64 = 10;
/// Longest silence within a body in seconds.
pub(crate) const SILENCE_S: u64 = 60;
/// Lowest rate of a body in bytes per second: what comes more slowly uses up the silence that is allowed.
pub(crate) const RATE_MIN: u64 = 512;
/// Largest head of a request, and most bytes that a connection reads or writes ahead.
pub(crate) const CONNECTION_BUFFER: usize = 16 << 10;
/// Files kept free for the store and the cosigners when connections are counted.
pub(crate) const FILES_BESIDE: usize = 256;
/// What is still being sent after a refusal is read and dropped, at most for this many seconds and bytes.
pub(crate) const LINGER_S: u64 = 15;
/// See [`LINGER_S`].
pub(crate) const LINGER_BYTES: usize = 64 << 20;
/// Room taken for the first bytes of a body.
pub(crate) const BODY_FIRST: usize = 8 << 10;
/// Piece of a large answer in bytes.
pub(crate) const PIECE: usize = 16 << 10;
/// How many times a form is in memory while it is worked on: as it came, its parts, and what is stored.
pub(crate) const FORM_COPIES: usize = 3;
/// Largest body of the form without scripts: the account and who she is, 256 KiB each, and what stands around them.
pub(crate) const PLAIN_BODY_MAX: usize = 640 << 10;
/// Longest text in it: of a document.
pub(crate) const PLAIN_TEXT_MAX: usize = 256 << 10;
/// How many times it is in memory while it is worked on: as it came, its fields, the documents, what is sealed and stored, and the
/// answer, in which it stands twice and a letter may take six bytes.
pub(crate) const PLAIN_COPIES: usize = 16;
/// Requests that are under way at a stop get this many seconds.
pub(crate) const STOP_S: u64 = 30;

/// Length of an office cell for a council of `seats` seats (§9.3).
pub(crate) const fn cell_len(seats: usize) -> usize {
    sealed_len(CELL_LEN, seats)
}

const _: () = assert!(RECORD_FILE_LEN == 3_707);
const _: () = assert!(cell_len(5) == 16_079);
