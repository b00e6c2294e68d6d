//! What SQLite's errors mean to the ledger.

use crate::error::Error;

/// Extended SQLite code of a write that the system refused for a reason other than ENOSPC.
pub(crate) const IOERR_WRITE: i32 = 778;

impl From<rusqlite::Error> for Error {
    /// Keeps the code only: the text of a database error may hold what was being stored.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        match error.sqlite_error() {
            Some(code) if code.code == DiskFull => Self::Full,
            Some(code) if matches!(code.code, DatabaseCorrupt | NotADatabase) => {
                Self::Damaged(format!("database, code {}", code.extended_code))
            }
            Some(code) => Self::Storage(format!("database, code {}", code.extended_code)),
            None => Self::Damaged("database: a row has an unexpected form".into()),
        }
    }
}
