//! `site`: what the service serves (§14.1). The statement names the digest of a list; the list has path, digest and size of
//! every file. So everybody who follows the log reads a few hundred bytes, and whoever verifies the site reads the list.

use serde::{Deserialize, Serialize};

use super::Rule;
use super::rules::{ascends, hold};
use crate::digest::Digest;
use crate::ids::Version;
use crate::json::{self, JsonError};

/// Most files that a list has.
pub const SITE_FILES_MAX: usize = 768;
/// Longest list in bytes.
pub const SITE_LIST_MAX: usize = 256 * 1024;
/// Longest path in bytes.
const PATH_MAX: usize = 200;
/// Largest file in bytes.
pub const SITE_FILE_MAX: u64 = 16 * 1024 * 1024;

/// The list of a `site`, by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteListRef {
    /// SHA-256.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
}

/// A file as every browser gets it, unpacked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFile {
    /// From the service's origin on.
    pub path: String,
    /// SHA-256.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
}

/// What a `site` names: every file that is the same bytes for everybody, ascending by path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteList {
    /// 1.
    pub v: Version,
    /// The files.
    pub files: Vec<SiteFile>,
}

impl SiteList {
    /// Of these files, in whatever order they come.
    ///
    /// # Errors
    /// Which rule they break.
    pub fn new(mut files: Vec<SiteFile>) -> Result<Self, &'static str> {
        files.sort_unstable_by(|one, next| one.path.cmp(&next.path));
        let list = Self { v: Version, files };
        list.check().map(|()| list)
    }

    /// Reads a list; its digest is for the caller to compare.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub fn read(bytes: &[u8]) -> Result<Self, SiteListError> {
        let list: Self = json::read(bytes, SITE_LIST_MAX)?;
        list.check().map_err(SiteListError::Rule)?;
        Ok(list)
    }

    /// As it is served.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::write(self)
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&SiteFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    fn check(&self) -> Rule {
        hold(
            (1..=SITE_FILES_MAX).contains(&self.files.len()),
            "a site has 1 to 768 files",
        )?;
        hold(
            self.files.iter().all(|file| is_path(&file.path)),
            "a path begins with one slash and has at most 200 visible characters of ASCII, no query and no fragment",
        )?;
        hold(
            self.files.iter().all(|file| file.size <= SITE_FILE_MAX),
            "a file of a site has at most 16 MiB",
        )?;
        hold(
            ascends(self.files.iter().map(|file| file.path.as_str())),
            "files ascend by path without repetition",
        )
    }
}

/// Why a list of a `site` cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteListError {
    /// Not JSON of this protocol.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A rule of its own.
    #[error("the list breaks a rule of its own: {0}")]
    Rule(&'static str),
}

fn is_path(path: &str) -> bool {
    path.len() <= PATH_MAX
        && path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'?' | b'#'))
}

/// Whether a text is the address of an onion service, version 3: `http://`, 56 characters of base32, `.onion`.
pub fn is_onion(address: &str) -> bool {
    let name = address
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix(".onion"));
    name.is_some_and(|name| name.len() == 56 && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')))
}

statement!(
    time,
    /// What the service serves (§14.1).
    Site = "site" {
        /// The list of its files, which is served under its digest.
        files: SiteListRef,
        /// When the build was made, POSIX seconds, where it says so.
        #[serde(deserialize_with = "crate::json::present")]
        built: Option<u64>,
        /// The address of its onion service.
        #[serde(deserialize_with = "crate::json::present")]
        onion: Option<String>,
        /// Whether the server seals what somebody writes without scripts on the clear web (§14.4).
        nojs_clearnet: bool,
    } keeps Self::rules
);

impl Site {
    /// Whether another says the same: whatever it says but nonce and time.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |site: &Self| (site.files, site.built, site.onion.clone(), site.nojs_clearnet);
        self.origin == other.origin && said(self) == said(other)
    }

    fn rules(&self) -> Rule {
        hold(
            (1..=SITE_LIST_MAX as u64).contains(&self.files.size),
            "the list of a site has at most 262,144 bytes",
        )?;
        hold(
            self.onion.as_deref().is_none_or(is_onion),
            "onion is http://, 56 characters of base32, .onion",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> SiteFile {
        SiteFile {
            path: path.to_owned(),
            digest: Digest([7; 32]),
            size: 1,
        }
    }

    #[test]
    fn a_list_is_sorted_found_in_and_read_back() {
        let list = SiteList::new(vec![file("/es/"), file("/a/b.js"), file("/en/")]).expect("a list");
        let paths: Vec<&str> = list.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["/a/b.js", "/en/", "/es/"]);
        assert_eq!(list.file("/en/"), Some(&file("/en/")));
        assert_eq!(list.file("/e"), None);
        assert_eq!(SiteList::read(&list.to_bytes()), Ok(list));
    }

    #[test]
    fn each_rule_of_a_list_is_kept_alone() {
        let long = format!("/{}", "x".repeat(PATH_MAX - 1));
        let full: Vec<SiteFile> = (0..SITE_FILES_MAX)
            .map(|at| SiteFile {
                size: SITE_FILE_MAX,
                ..file(&format!("/{at:0>199}"))
            })
            .collect();
        let whole = SiteList::new(full.clone()).expect("the most");
        assert!(whole.to_bytes().len() <= SITE_LIST_MAX);
        assert!(SiteList::new(vec![file(&long)]).is_ok());
        let one_more = [full, vec![file("/z")]].concat();
        let mut large = file("/");
        large.size = SITE_FILE_MAX + 1;
        for (files, rule) in [
            (vec![], "1 to 768 files"),
            (one_more, "1 to 768 files"),
            (vec![file(&format!("{long}x"))], "a path begins"),
            (vec![file("")], "a path begins"),
            (vec![file("es/")], "a path begins"),
            (vec![file("//host/")], "a path begins"),
            (vec![file("/a b")], "a path begins"),
            (vec![file("/ñ")], "a path begins"),
            (vec![file("/?x")], "a path begins"),
            (vec![file("/#x")], "a path begins"),
            (vec![file("/\"")], "a path begins"),
            (vec![large], "16 MiB"),
            (vec![file("/"), file("/")], "ascend"),
        ] {
            let said = SiteList::new(files.clone()).expect_err(rule);
            assert!(said.contains(rule), "{said}");
            let read = SiteList::read(&SiteList { v: Version, files }.to_bytes());
            assert_eq!(read, Err(SiteListError::Rule(said)));
        }
        let backwards = SiteList {
            v: Version,
            files: vec![file("/b"), file("/a")],
        };
        assert!(matches!(
            SiteList::read(&backwards.to_bytes()),
            Err(SiteListError::Rule(rule)) if rule.contains("ascend")
        ));
    }
}
