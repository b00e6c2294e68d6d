//! Why a testimony cannot be sealed or filed. A code for each, which the page turns into a sentence; never content, never a
//! secret.

use protocol::MemberNumber;
use protocol::seal::SealError;

/// What was refused. [`SealingError::code`] is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The root of trust in the page cannot be read.
    #[error("the page carries no root of trust")]
    RootOfTrust,
    /// A public statement, its proof or the checkpoint does not verify.
    #[error("a public statement is not proven by the log")]
    Unproven,
    /// No council counts: not the one of the root, or not signed as it must be.
    #[error("no council counts")]
    Council,
    /// The newest checkpoint is older than what this page has seen or than the page itself, or the council's keys have ended.
    #[error("the council cannot be proven to be today's")]
    Old,
    /// The newest checkpoint is ahead of this device and of the service.
    #[error("the log is dated in the future")]
    Future,
    /// No greeting counts, without which nothing is sealed.
    #[error("the log has no greeting")]
    Greeting,
    /// 64 MiB could not be had.
    #[error("not enough memory for the eight words")]
    Memory,
    /// Fewer seats would hold a share than must.
    #[error("at least {need} institutions must keep a part")]
    Seats {
        /// How many must.
        need: usize,
    },
    /// A seat is left out that is not of the council.
    #[error("the council has no seat {0}")]
    Stranger(MemberNumber),
    /// More than a filing holds: 64 MiB, 21 files, 256 KiB of text.
    #[error("more than a testimony holds: 64 MiB, 21 files, 256 KiB of text")]
    TooMuch,
    /// A file gave other bytes than it was said to have.
    #[error("a file changed while it was sealed")]
    FileChanged,
    /// Calls in an order that makes no sense: a bug of the caller.
    #[error("called out of order")]
    Order,
    /// The promise is not by this log, not for this entry, or for too late.
    #[error("the promise does not verify")]
    Promise,
    /// The server's offer of work cannot be read.
    #[error("the offer of work cannot be read")]
    Work,
}

impl SealingError {
    /// The code that the page's strings are found by.
    pub fn code(self) -> &'static str {
        match self {
            Self::RootOfTrust => "root",
            Self::Unproven => "unproven",
            Self::Council => "council",
            Self::Old => "old",
            Self::Future => "future",
            Self::Greeting => "greeting",
            Self::Memory => "memory",
            Self::Seats { .. } | Self::Stranger(_) => "seats",
            Self::TooMuch => "too-much",
            Self::FileChanged => "file-changed",
            Self::Order => "order",
            Self::Promise => "promise",
            Self::Work => "work",
        }
    }
}

impl From<SealError> for SealingError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Council(_) => Self::Council,
            SealError::Stale => Self::Old,
            SealError::Seats { need } => Self::Seats { need },
            SealError::Objects | SealError::Document { .. } | SealError::Header => Self::TooMuch,
            SealError::Greeting => Self::Greeting,
            SealError::Compartment(_) | SealError::Core(_) => Self::Order,
        }
    }
}
