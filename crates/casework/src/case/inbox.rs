//! Where messages to her go (§9.3): into the inbox of the header, or of the words to which she has moved it.

use protocol::Digest;
use protocol::age::Recipient;
use protocol::ids::PublicKey;
use serde::Serialize;

use crate::slots::Found;

/// A change of her inbox, in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InboxState {
    /// Her counter.
    pub n: u32,
    /// Records to her.
    #[serde(skip)]
    pub recipient: Recipient,
    /// The key of the new inbox.
    pub key: PublicKey,
    /// D of her statement.
    pub statement: Digest,
    /// Where, and when.
    pub found: Found,
}

impl InboxState {
    /// Of several the highest `n` counts, then the last in the log: whoever has her words and takes the highest number there
    /// is does not keep her from moving it again.
    pub(super) fn rank(&self) -> (u32, u64) {
        (self.n, self.found.index)
    }
}
