//! Exit statuses, and which one an act's code has.

use casework::Why;
use client::{Code, Local};
use protocol::problem::Problem;

/// Exit statuses of the program; each says whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A check failed: proof, signature, share or content differs. Investigate.
    Check = 1,
    /// Wrong use of the command.
    Usage = 2,
    /// Not found, or not in the log. Maybe later.
    NotFound = 3,
    /// Not allowed now: policy, objection time, quorum.
    NotNow = 4,
    /// Network or peer away; nothing lost.
    Network = 5,
    /// Storage: space, permission, corruption.
    Storage = 6,
    /// Key, passphrase or phrase.
    Key = 7,
    /// Our bug.
    Bug = 70,
    /// Stopped by the user.
    Stopped = 130,
}

/// That of what an act failed with.
pub(super) fn of_act(code: &Code) -> Exit {
    match code {
        Code::Service(problem) => of_problem(*problem),
        Code::Rule(no) => of_rule(&no.why),
        Code::Local(local) => of_local(*local),
    }
}

fn of_problem(problem: Problem) -> Exit {
    match problem {
        Problem::Form | Problem::DigestMismatch => Exit::Check,
        Problem::TooLarge => Exit::Usage,
        Problem::NotFound => Exit::NotFound,
        Problem::Clock
        | Problem::Forbidden
        | Problem::Council
        | Problem::Allowance
        | Problem::Quota
        | Problem::Bucket
        | Problem::SlotTaken
        | Problem::Changed => Exit::NotNow,
        Problem::Replay | Problem::Offset | Problem::BlobsMissing | Problem::Work | Problem::Capacity => Exit::Network,
        Problem::Storage | Problem::DiskFull => Exit::Storage,
        Problem::Signature => Exit::Key,
        Problem::Malformed | Problem::Internal => Exit::Bug,
    }
}

fn of_rule(why: &Why) -> Exit {
    match why {
        Why::Untrusted | Why::CheckpointFromFuture { .. } => Exit::Check,
        Why::OtherKey { .. } | Why::NotOfCouncil { .. } => Exit::Key,
        Why::NoRequest => Exit::NotFound,
        _ => Exit::NotNow,
    }
}

fn of_local(local: Local) -> Exit {
    match local {
        Local::Unreachable | Local::Server | Local::Upload => Exit::Network,
        Local::UnexpectedAnswer
        | Local::DigestDiffers
        | Local::LogNotVerifiable
        | Local::CheckpointFromFuture
        | Local::CheckpointWithheld
        | Local::NoCouncil
        | Local::Header
        | Local::OfficeCell
        | Local::NoSlot
        | Local::Promise
        | Local::PromiseBroken => Exit::Check,
        Local::NoCheckpoint
        | Local::CaseUnknown
        | Local::NoHeader
        | Local::NoSuchAsk
        | Local::NoSuchDelivery
        | Local::NotReferred
        | Local::ObjectsMissing => Exit::NotFound,
        Local::CheckpointTooOld
        | Local::StateOfAnother
        | Local::Pending
        | Local::TooFewSeats
        | Local::Opened
        | Local::NothingReleased
        | Local::TooFewReleases
        | Local::PartMissing
        | Local::ActsMissing => Exit::NotNow,
        Local::NotOfCouncil
        | Local::WrongPassphrase
        | Local::NotAKeyFile
        | Local::NotADeskFile
        | Local::KeyReplaced
        | Local::KeyRenewed
        | Local::OfficeChanged
        | Local::RequestKey => Exit::Key,
        Local::StateDamaged | Local::ShareUnusable | Local::Store => Exit::Storage,
        Local::NoSuchReader
        | Local::NotAsked
        | Local::StatementRule
        | Local::StatementTooLong
        | Local::DraftTooLong
        | Local::AsksHer
        | Local::Filed => Exit::Usage,
        Local::KeyNotSaved | Local::NoStatement | Local::Busy | Local::Locked | Local::Internal => Exit::Bug,
    }
}
