//! What went wrong, for people (what, why, do) and for programs (code, exit status; `resguardo --help` lists
//! them).
//!
//! A failure never holds a secret, a phrase or plaintext: its texts are shown and may be copied into reports.

use std::borrow::Cow;

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

/// One failure: what happened, why, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Stable, kebab-case.
    pub code: Cow<'static, str>,
    /// Exit status.
    pub exit: Exit,
    /// What happened.
    pub what: Box<str>,
    /// The reason.
    pub why: Box<str>,
    /// What to do next, and whether anything was lost.
    pub remedy: Box<str>,
    /// When trying again makes sense, RFC 3339 in UTC.
    pub retry_after: Option<Box<str>>,
}

/// Result of everything in this crate that can fail.
pub type Outcome<T> = Result<T, Failure>;

/// What happened; it becomes a [`Failure`] once it says why and what to do.
#[derive(Debug)]
#[must_use = "a failure also says why, and what to do"]
pub struct Happened {
    code: Cow<'static, str>,
    exit: Exit,
    what: Box<str>,
}

/// What happened and why; it becomes a [`Failure`] once it says what to do.
#[derive(Debug)]
#[must_use = "a failure also says what to do"]
pub struct Explained {
    happened: Happened,
    why: Box<str>,
}

impl Happened {
    /// The reason.
    pub fn why(self, why: impl std::fmt::Display) -> Explained {
        Explained {
            happened: self,
            why: why.to_string().into(),
        }
    }
}

impl Explained {
    /// What to do next, and whether anything was lost.
    pub fn remedy(self, remedy: impl Into<String>) -> Failure {
        let Happened { code, exit, what } = self.happened;
        Failure {
            code,
            exit,
            what,
            why: self.why,
            remedy: remedy.into().into(),
            retry_after: None,
        }
    }
}

impl Failure {
    /// Begins a failure with what happened. It is incomplete before [`Happened::why`] and [`Explained::remedy`]: nobody is
    /// left with an error that does not say how to go on.
    #[expect(clippy::new_ret_no_self, reason = "the two missing parts are asked for by the type")]
    pub fn new(exit: Exit, code: impl Into<Cow<'static, str>>, what: impl Into<String>) -> Happened {
        Happened {
            code: code.into(),
            exit,
            what: what.into().into_boxed_str(),
        }
    }

    /// With another reason.
    #[must_use]
    pub fn why(mut self, why: impl std::fmt::Display) -> Self {
        self.why = why.to_string().into();
        self
    }

    /// With another way to go on.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into().into();
        self
    }

    /// Adds when to try again (POSIX seconds).
    #[must_use]
    pub fn retry_at(mut self, time: u64) -> Self {
        self.retry_after = Some(crate::clock::rfc3339(time).into());
        self
    }

    /// A wrong use of the command.
    pub fn usage(what: impl Into<String>) -> Happened {
        Self::new(Exit::Usage, "usage", what)
    }

    /// A file or folder that cannot be read or written.
    pub fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let what = format!("cannot {doing} {}", path.display());
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::new(Exit::NotFound, "file-not-found", what)
                .why("there is nothing at this path")
                .remedy("check the path and the folder from which you run it");
        }
        Self::new(Exit::Storage, "file", what)
            .why(error)
            .remedy("check the permissions and the free space, then run it again")
    }

    /// A state that our own code should have excluded.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(Exit::Bug, "bug", what)
            .why("this program's own code should have excluded it")
            .remedy("please report this line; it holds no secret")
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_not_found_and_another_trouble_is_storage() {
        let path = std::path::Path::new("x.key");
        let missing = Failure::file("read", path, &std::io::Error::from(std::io::ErrorKind::NotFound));
        let denied = Failure::file(
            "read",
            path,
            &std::io::Error::from(std::io::ErrorKind::PermissionDenied),
        );
        assert_eq!((missing.exit as u8, denied.exit as u8), (3, 6));
        assert!(missing.what.contains("x.key") && !missing.remedy.is_empty());
    }
}
