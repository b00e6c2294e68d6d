//! Whether a service serves what the newest `site` of its log names (§14.1, §14.2).
//!
//! Nothing that is fetched is believed: every file is compared with its digest, and its headers with what §14 says of each.
//! Who fetches is the caller: as a browser would, for a service that tells them apart shows each what it likes.

use std::collections::{BTreeMap, BTreeSet};

use casework::Registry;
use casework::site::{Sites, StatedSite};
use protocol::Digest;
use protocol::served::{self, LANGUAGES, PAGES, POLICY_HEADER};
use protocol::statement::{Site, SiteFile, SiteList};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome};
use crate::wire::Wire;

/// Pages that change with the log and are looked at in one visit.
const LIVE_MAX: usize = 32;
/// Names that pages and scripts load beyond what is stated, of which is asked whether they are served.
const LOADED_MAX: usize = 256;
/// Bytes served in place of what was stated that are kept in memory: a service could answer with any.
const KEPT_MAX: usize = 64 * 1024 * 1024;
/// Seconds beyond two steps until a change must be in the log (§6.3, §14.1).
const LATE_S: u64 = 300;

/// Something that is served otherwise than the log says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum SiteFault {
    /// Other bytes than stated.
    Changed {
        /// Where.
        path: String,
        /// SHA-256 of what was stated.
        stated: Digest,
        /// SHA-256 of what was served.
        served: Digest,
        /// The first byte that differs, counted from 0; `None` where no copy of what was stated is at hand.
        at: Option<u64>,
        /// The entry of an earlier `site` that names what was served: it was rolled back.
        before: Option<u64>,
    },
    /// Stated, and not served.
    Missing {
        /// Where.
        path: String,
        /// The status of the answer.
        status: u16,
    },
    /// Loaded by a page or script, and not stated.
    Extra {
        /// Where.
        path: String,
        /// Who loads it.
        by: String,
    },
    /// Every site has this page, and it is not stated.
    Unstated {
        /// Where.
        path: String,
    },
    /// A header that is missing, weaker than it must be, or not allowed.
    Header {
        /// Where.
        path: String,
        /// Its name, in small letters.
        header: String,
        /// What was served; `None` where it is missing.
        served: Option<String>,
    },
}

impl SiteFault {
    /// Whether a statement that is on its way into the log can explain it: no statement says anything of headers.
    fn can_be_explained(&self) -> bool {
        !matches!(self, Self::Header { .. })
    }

    /// Whether what was found is as a later `site` says.
    fn is_explained_by(&self, list: &SiteList) -> bool {
        match self {
            Self::Changed { path, served, .. } => {
                let names = |path: &str| list.file(path).is_some_and(|file| file.digest == *served);
                names(path) || (path == "/" && LANGUAGES.iter().any(|language| names(&landing(language))))
            }
            Self::Missing { path, .. } => list.file(path).is_none(),
            Self::Extra { path, .. } | Self::Unstated { path } => list.file(path).is_some(),
            Self::Header { .. } => false,
        }
    }
}

/// A file as it was served, unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServedFile {
    /// The status.
    pub status: u16,
    /// Headers: name in small letters, value.
    pub headers: Vec<(String, String)>,
    /// What a browser makes of the body.
    pub body: Vec<u8>,
}

impl ServedFile {
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.headers.iter().filter(move |(of, _)| of == name);
        all.map(|(_, value)| value.as_str())
    }
}

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteCall<'a> {
    /// From the service's origin on.
    pub path: &'a str,
    /// The language that the browser asks for.
    pub language: &'a str,
}

/// What one visit has shown.
#[derive(Clone, Debug, Default)]
pub struct Visited {
    /// What is otherwise than stated, in the order of paths.
    pub faults: Vec<SiteFault>,
    /// The bytes that were served in place of what was stated, by path: those that came first, 64 MiB in all.
    pub changed: BTreeMap<String, Vec<u8>>,
    /// Files that were compared.
    pub files: usize,
    /// Pages that change with the log, of which the headers and what they load were looked at.
    pub live: usize,
}

/// The newest `site` of a log; `None` where its operator has stated none.
pub fn newest(registry: &Registry) -> Option<StatedSite> {
    Sites::of(registry).newest().cloned()
}

/// The list of a `site`, from the service that stated it.
///
/// # Errors
/// [`crate::Local::LogNotVerifiable`] where it is withheld or breaks a rule; the network.
pub async fn list(wire: &Wire, site: &Site) -> Outcome<SiteList> {
    let bytes = wire.blob(&site.files.digest).await?;
    let bytes = bytes.ok_or_else(|| Failure::log("the list of what the site serves is withheld"))?;
    if bytes.len() as u64 != site.files.size {
        return Err(Failure::log("the list of what the site serves has another size"));
    }
    SiteList::read(&bytes).map_err(Failure::log)
}

/// Fetches every file of a list, the pages that these lead to, and whatever else they load.
///
/// # Errors
/// Whatever the fetch fails with.
pub fn visit<E>(list: &SiteList, mut fetch: impl FnMut(&SiteCall<'_>) -> Result<ServedFile, E>) -> Result<Visited, E> {
    let mut visited = Visited::default();
    let mut loaded: BTreeMap<String, String> = BTreeMap::new();
    let mut linked: BTreeSet<String> = BTreeSet::new();
    for language in LANGUAGES {
        for page in PAGES {
            let path = format!("/{language}/{page}");
            if list.file(&path).is_none() {
                visited.faults.push(SiteFault::Unstated { path });
            }
        }
        // The address that people type shows the landing in their language.
        if let Some(file) = list.file(&landing(language)) {
            let file = SiteFile {
                path: "/".to_owned(),
                ..file.clone()
            };
            let served = fetch(&SiteCall { path: "/", language })?;
            visited.compare(&file, served);
        }
    }
    for file in &list.files {
        let served = fetch(&SiteCall {
            path: &file.path,
            language: language_of(&file.path),
        })?;
        if served.status == 200 {
            for path in loads(&file.path, &served.body) {
                loaded.entry(path).or_insert_with(|| file.path.clone());
            }
            linked.extend(links(&file.path, &served.body));
        }
        visited.compare(file, served);
    }
    linked.retain(|path| path != "/" && list.file(path).is_none());
    for path in linked.into_iter().take(LIVE_MAX) {
        let language = language_of(&path);
        let served = fetch(&SiteCall { path: &path, language })?;
        if served.status != 200 {
            continue;
        }
        visited.live += 1;
        let kind = served.header("content-type").next().unwrap_or_default().to_owned();
        visited.faults.extend(headers(&path, &kind, &served));
        if kind.starts_with("text/html") {
            for load in loads(&path, &served.body) {
                loaded.entry(load).or_insert_with(|| path.clone());
            }
        }
    }
    loaded.retain(|path, _| list.file(path).is_none());
    for (path, by) in loaded.into_iter().take(LOADED_MAX) {
        let is_elsewhere = !path.starts_with('/') || path.starts_with("//");
        // What nobody serves is loaded by nobody.
        let is_extra = is_elsewhere || {
            let language = language_of(&path);
            fetch(&SiteCall { path: &path, language })?.status == 200
        };
        if is_extra {
            visited.faults.push(SiteFault::Extra { path, by });
        }
    }
    visited.faults.sort();
    visited.faults.dedup();
    Ok(visited)
}

impl Visited {
    fn compare(&mut self, file: &SiteFile, served: ServedFile) {
        self.files += 1;
        let path = file.path.clone();
        if served.status != 200 {
            let status = served.status;
            return self.faults.push(SiteFault::Missing { path, status });
        }
        self.faults.extend(headers(&path, served::media_type(&path), &served));
        let digest = Digest::of(&served.body);
        if digest == file.digest {
            return;
        }
        self.faults.push(SiteFault::Changed {
            path: path.clone(),
            stated: file.digest,
            served: digest,
            at: None,
            before: None,
        });
        let kept: usize = self.changed.values().map(Vec::len).sum();
        if kept + served.body.len() <= KEPT_MAX {
            self.changed.insert(path, served.body);
        }
    }
}

/// The headers that are wrong (§14): media type, policy, how long it is kept, those that every answer has, and those that none has.
fn headers(path: &str, media_type: &str, served: &ServedFile) -> Vec<SiteFault> {
    let fault = |header: &str, served: Option<String>| SiteFault::Header {
        path: path.to_owned(),
        header: header.to_owned(),
        served,
    };
    let mut faults = Vec::new();
    let own = [
        ("content-type", media_type),
        (served::PERMISSIONS_HEADER, served::permissions(path)),
    ];
    let wanted = served::ALWAYS.into_iter().chain(own);
    for (name, value) in wanted {
        let given: Vec<&str> = served.header(name).collect();
        if given != [value] {
            faults.push(fault(name, (!given.is_empty()).then(|| given.join(", "))));
        }
    }
    let kept: Vec<&str> = served.header(served::KEPT_HEADER).collect();
    if !matches!(kept[..], [said] if served::may_be_kept(path, said)) {
        faults.push(fault(served::KEPT_HEADER, (!kept.is_empty()).then(|| kept.join(", "))));
    }
    // Of several policies a browser keeps all.
    let policies: Vec<&str> = served
        .header(POLICY_HEADER)
        .flat_map(|value| value.split(','))
        .collect();
    let wanted = served::policy(media_type);
    if !policies.iter().any(|policy| served::is_as_strict(policy, wanted)) {
        faults.push(fault(POLICY_HEADER, (!policies.is_empty()).then(|| policies.join(","))));
    }
    for name in served::NEVER {
        let given: Vec<&str> = served.header(name).collect();
        if !given.is_empty() {
            faults.push(fault(name, Some(given.join(", "))));
        }
    }
    faults
}

/// The offset of the first byte in which what was served differs from a copy of what was stated.
pub fn first_difference(served: &[u8], stated: &[u8]) -> u64 {
    let same = served.iter().zip(stated).take_while(|(one, other)| one == other);
    same.count() as u64
}

fn landing(language: &str) -> String {
    format!("/{language}/")
}

fn language_of(path: &str) -> &'static str {
    let of = |language: &&&str| path.starts_with(&landing(language));
    LANGUAGES.iter().find(of).copied().unwrap_or(LANGUAGES[0])
}

/// What a page or script loads by itself, as far as its text shows: whatever a page names in the folder of assets or by
/// `src`, and whatever a script names as a file beside itself.
fn loads(path: &str, body: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(body);
    match served::media_type(path) {
        kind if kind.starts_with("text/html") => {
            let pairs = attributes(&text);
            let loaded = pairs.filter(|(name, value)| *name == "src" || value.starts_with("/a/"));
            loaded.map(|(_, value)| value.to_owned()).collect()
        }
        kind if kind.starts_with("text/javascript") => {
            let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
            let texts = text.split(['"', '\'', '`']);
            let names = texts
                .map(|text| text.strip_prefix("./").unwrap_or(text))
                .filter(|name| is_file(name));
            names.map(|name| format!("{folder}{name}")).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// A name of a file that scripts load.
fn is_file(name: &str) -> bool {
    let has_ending = [".js", ".wasm", ".css"].iter().any(|ending| name.ends_with(ending));
    has_ending
        && name.len() < 100
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Where a page leads on the same site, but for the exit, which leads away.
fn links(path: &str, body: &[u8]) -> BTreeSet<String> {
    if !served::media_type(path).starts_with("text/html") {
        return BTreeSet::new();
    }
    let text = String::from_utf8_lossy(body);
    let targets = attributes(&text)
        .filter(|(name, _)| *name == "href")
        .map(|(_, value)| value);
    let targets = targets.filter_map(|value| value.split('#').next());
    let is_page = |target: &&str| {
        target.starts_with('/')
            && !target.starts_with("//")
            && !target.starts_with("/a/")
            && !target.ends_with("/salir")
            && !target.contains('?')
    };
    targets.filter(is_page).map(str::to_owned).collect()
}

/// Attributes with their values, as our pages write them.
fn attributes(html: &str) -> impl Iterator<Item = (&str, &str)> {
    html.split("=\"")
        .zip(html.split("=\"").skip(1))
        .filter_map(|(before, after)| {
            let name = before.rsplit([' ', '\n', '\t', '"']).next()?;
            Some((name, after.split('"').next()?))
        })
}

/// Faults that a statement may yet explain, for a change is in the log with one of the next steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unexplained {
    /// The entry of the newest `site` when they were found.
    pub index: u64,
    /// When it must be in the log, POSIX seconds.
    pub until: u64,
    /// What was found.
    pub faults: Vec<SiteFault>,
}

/// What is to be said of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteVerdict {
    /// Nothing in the log explains these, and nothing will.
    pub certain: Vec<SiteFault>,
    /// These wait for a statement; to be kept until the next visit.
    pub waiting: Option<Unexplained>,
}

/// Judges a visit at `now` under the `site` at entry `newest`. `before`: what waited since the visit before; `since`: the
/// lists of the sites that the log has had since. What is served for a moment must be named by a statement too: it stays a
/// fault, whatever is served later.
pub fn settle(
    before: Option<Unexplained>,
    since: &[SiteList],
    newest: u64,
    now: u64,
    step_s: u64,
    faults: Vec<SiteFault>,
) -> SiteVerdict {
    let (mut waiting, mut certain): (Vec<_>, Vec<_>) = faults.into_iter().partition(SiteFault::can_be_explained);
    let mut until = now.saturating_add(2 * step_s + LATE_S);
    if let Some(before) = before {
        if before.index == newest {
            until = before.until;
            waiting.extend(before.faults);
        } else {
            let is_explained = |fault: &SiteFault| since.iter().any(|list| fault.is_explained_by(list));
            certain.extend(before.faults.into_iter().filter(|fault| !is_explained(fault)));
        }
    }
    if now > until {
        certain.extend(waiting.iter().cloned());
    }
    for list in [&mut waiting, &mut certain] {
        list.sort();
        list.dedup();
    }
    SiteVerdict {
        waiting: (!waiting.is_empty()).then_some(Unexplained {
            index: newest,
            until,
            faults: waiting,
        }),
        certain,
    }
}

#[cfg(test)]
mod tests;
