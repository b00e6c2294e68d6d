//! Opening what was released: everything is checked, `opened` is filed, and only then is content written (§8.1).

use super::Desk;
use super::case::{HEADER, SALT};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use crate::refuse::not_now;
use casework::open::{BadShare, Breach, Combined, Released};
use casework::{Filed, FollowedCase, Office, admit};
use protocol::age;
use protocol::ids::MemberNumber;
use protocol::share::file::Flags;
use protocol::statement::Outcome as Found;
use protocol::{CaseId, Digest};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The file beside a request's key that says from when on `opened` is filed.
const APART: &str = "apart";
/// The objects that were fetched of a case, sealed.
const OBJECTS: &str = "objects";
/// `opened` is filed up to this many seconds after the objects were fetched, so that the service cannot tell by the time
/// who fetched them (§17).
const APART_S: u64 = 900;
/// The same in a demo.
const DEMO_APART_S: u64 = 1;

/// What the releases give, before anything is fetched, filed or shown.
pub struct Opened {
    /// Acts that should stand in the log and do not.
    pub breaches: Vec<Breach>,
    /// What the shares give.
    pub combined: Combined,
    /// What the act `opened` says.
    pub outcome: Found,
    /// Release files that were refused.
    pub foreign: usize,
}

impl Desk {
    /// Recovers the keys of what was released for a request and checks everything. Nothing is filed and nothing of the
    /// content is fetched: that is [`Self::file_opened`] and [`crate::content`], in the order of §8.1.
    ///
    /// `even_so`: go on although acts are missing from the log; the content is then evidence of a breach.
    ///
    /// # Errors
    /// Exit 4 when too little is released, or acts are missing from the log; exit 3 when no header verifies.
    pub fn open_request(&mut self, id: &CaseId, request: &Digest, even_so: bool) -> Outcome<Opened> {
        self.require(Office::Reader)?;
        self.refuse_reopening(id, request)?;
        self.follow.moment()?;
        let key = self.request_key(id, request)?;
        let released = self.released(&key, request)?;
        if released.files.is_empty() {
            return Err(Failure::new(
                Exit::NotNow,
                "nothing-released",
                "no seat has released anything for this request",
            )
            .why("no release file came to its key")
            .remedy("`resguardo queue` says what it waits for"));
        }
        let (combined, outcome) = self.learn_case(id, request, &released)?;
        let breaches = released.breaches(self.held(id)?, request);
        if !breaches.is_empty() && !even_so {
            return Err(missing_acts(&breaches));
        }
        Ok(Opened {
            breaches,
            combined,
            outcome,
            foreign: released.foreign,
        })
    }

    /// What was opened once, and whose key was destroyed, is not opened again.
    fn refuse_reopening(&self, id: &CaseId, request: &Digest) -> Outcome<()> {
        let state = self.cases.get(id).and_then(|held| held.case.request(request));
        let Some(state) = state else { return Ok(()) };
        if self.has_request(id, request) || state.request.reader != self.x {
            return Ok(());
        }
        let why = match &state.opened {
            Some(opened) => format!("it was opened at {}", crate::clock::readable(opened.found.included_at)),
            None => "it was opened here, which is promised and in the log after the next step".to_owned(),
        };
        Err(Failure::new(
            Exit::NotNow,
            "done",
            "this request was opened, and its key was destroyed",
        )
        .why(why)
        .remedy("use what was written then; to open it once more, make a new request"))
    }

    /// The seats whose release files came to the key of a request that is not opened yet. Whether they suffice, and
    /// stand in the log, is looked at by [`Self::open_request`].
    ///
    /// # Errors
    /// The request's key, network.
    pub fn seats_that_released(&mut self, id: &CaseId, request: &Digest) -> Outcome<BTreeSet<MemberNumber>> {
        let key = self.request_key(id, request)?;
        let released = self.released(&key, request)?;
        Ok(released.named())
    }

    /// From `case_salt` in a release file to the header, every act and the keys. Headers are tried in turn until one opens
    /// something, for one seat can name a bad one; only that one is kept, under the reader's own key.
    fn learn_case(&mut self, id: &CaseId, request: &Digest, released: &Released) -> Outcome<(Combined, Found)> {
        if self.cases.contains_key(id) {
            return self.try_case(id, request, released);
        }
        disk::private_folder(&self.case_folder(id))?;
        let mut last = None;
        for digest in released.headers(id, request, self.follow.registry()) {
            let header = match self.follow.remote().blob(&digest) {
                Ok(header) => header,
                Err(failure) if failure.exit == Exit::Check => None,
                Err(failure) => return Err(failure),
            };
            let Some((header, salt)) = header.and_then(|header| {
                let salt = released.salt_of(id, &header)?;
                Some((header, salt))
            }) else {
                continue;
            };
            let sealed_salt = age::seal(
                &[&self.keys.identity().recipient()],
                salt.expose(),
                &mut random::system(),
            );
            let held = match self.hold(salt, Flags::default(), &header) {
                Ok(held) => held,
                Err(failure) if failure.exit == Exit::Check => {
                    last = Some(failure);
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            self.cases.insert(*id, held);
            match self.try_case(id, request, released) {
                Ok(found) => {
                    self.keep_case(id, &sealed_salt, &header)?;
                    return Ok(found);
                }
                Err(failure) if matches!(failure.exit, Exit::Check | Exit::NotNow) => {
                    self.cases.remove(id);
                    last.get_or_insert(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(last.unwrap_or_else(|| {
            Failure::new(Exit::NotFound, "no-header", "the header of the case is not to be had")
                .why("no release that came names a file that the service has and that verifies as this case's header")
                .remedy("wait for another seat's release, and tell the council")
        }))
    }

    /// Keeps the header of a case that opened, and its salt.
    fn keep_case(&self, id: &CaseId, sealed_salt: &[u8], header: &[u8]) -> Outcome<()> {
        let folder = self.case_folder(id);
        disk::write(&folder.join(SALT), sealed_salt, Access::Private)?;
        disk::write(&folder.join(HEADER), header, Access::Private)
    }

    /// What the releases give with the header at hand.
    fn try_case(&mut self, id: &CaseId, request: &Digest, released: &Released) -> Outcome<(Combined, Found)> {
        if let Some(held) = self.cases.get_mut(id) {
            for statement in &released.statements {
                held.take_statement(statement.clone());
            }
        }
        self.read_case_buckets()?;
        let combined = released.combine(self.held(id)?, request).map_err(|error| {
            Failure::new(Exit::Check, "header", "no shares open a testimony with this header")
                .why(error)
                .remedy("wait for another seat's release, and tell the council")
        })?;
        let outcome = combined.outcome().ok_or_else(|| too_few(&combined))?;
        Ok((combined, outcome))
    }

    /// Where the sealed objects of a case are kept until all are opened.
    pub fn object_store(&self, id: &CaseId) -> PathBuf {
        self.case_folder(id).join(OBJECTS)
    }

    /// From when on `opened` is filed for a request whose objects were fetched: drawn once, POSIX seconds.
    ///
    /// # Errors
    /// Exit 6.
    pub fn opened_from(&self, id: &CaseId, request: &Digest) -> Outcome<u64> {
        let path = self.request_path(id, request).with_extension(APART);
        let drawn = disk::read_if_there(&path, 64)?;
        if let Some(at) = drawn.and_then(|text| String::from_utf8_lossy(&text).trim().parse().ok()) {
            return Ok(at);
        }
        let at = crate::clock::now() + self.draw_apart();
        disk::write(&path, at.to_string().as_bytes(), Access::Private)?;
        Ok(at)
    }

    /// How long a signed and an unsigned call are kept apart, in seconds, drawn anew.
    pub fn draw_apart(&self) -> u64 {
        let is_demo = self.follow.trust().origin().is_demo();
        let window = if is_demo { DEMO_APART_S } else { APART_S };
        u64::from_be_bytes(random::bytes()) % (window + 1)
    }

    /// Whether files are to be fetched for a request right after signed calls of this process, though enough may be
    /// released: then they are kept apart by [`Self::draw_apart`].
    ///
    /// # Errors
    /// The request's key, network.
    pub fn must_fetch_apart(&mut self, id: &CaseId, request: &Digest) -> Outcome<bool> {
        if !self.follow.remote().has_signed() || self.request_path(id, request).with_extension(APART).exists() {
            return Ok(false);
        }
        let need = self.follow.registry().current().map_or(0, |council| council.account);
        Ok(self.seats_that_released(id, request)?.len() >= usize::from(need))
    }

    /// Files `opened`, before anything is shown. When the log lacks what it would stand on, and the reader goes on even
    /// so, nothing is filed.
    ///
    /// # Errors
    /// Exit 4 when it is not allowed now, with the rule; network.
    pub fn file_opened(
        &mut self,
        id: &CaseId,
        request: &Digest,
        outcome: Found,
        even_so: bool,
    ) -> Outcome<Option<Filed>> {
        let held = self.held(id)?;
        match admit::opened(&held.case, request, self.x, self.follow.registry()) {
            Ok(()) => {}
            Err(no) if matches!(no.why, casework::Why::Done { .. }) => return Ok(None),
            Err(_) if even_so => return Ok(None),
            Err(no) => return Err(not_now("open", &no)),
        }
        let opened = self.head().opened(&held.case, request, outcome);
        self.file_act(id, &self.sign(&opened)?, &[]).map(Some)
    }

    /// Destroys the request's key, and what was fetched sealed, once everything that was asked for is written (§8.1).
    ///
    /// # Errors
    /// Exit 6.
    pub fn destroy_request_key(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        self.forget_request(id, request)?;
        let store = self.object_store(id);
        match std::fs::remove_dir_all(&store) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::file("remove the folder", &store, &error))
            }
            _ => Ok(()),
        }
    }

    /// A case that this reader has opened, for writing its content.
    ///
    /// # Errors
    /// Exit 3.
    pub fn opened_case(&self, id: &CaseId) -> Outcome<&FollowedCase> {
        self.held(id)
    }
}

fn missing_acts(breaches: &[Breach]) -> Failure {
    let list: Vec<String> = breaches.iter().map(describe_breach).collect();
    Failure::new(
        Exit::NotNow,
        "acts-missing",
        "acts that must stand in the log are not there",
    )
    .why(list.join("; "))
    .remedy(
        "wait for the next step and run it again; if they stay missing, `--even-so` opens it as evidence of a breach",
    )
}

/// A breach in one line.
pub fn describe_breach(breach: &Breach) -> String {
    match breach {
        Breach::Request => "no valid request is in the log".to_owned(),
        Breach::Grants { name, have, need } => {
            format!(
                "{} has {have} of {need} grants in the log",
                crate::names::compartment(*name)
            )
        }
        Breach::Release { name, x } => {
            format!(
                "seat {x} released {} without a release in the log",
                crate::names::compartment(*name)
            )
        }
        Breach::NotAsked { name } => format!("{} was not asked for", crate::names::compartment(*name)),
    }
}

fn too_few(combined: &Combined) -> Failure {
    let mut list: Vec<String> = combined
        .closed
        .iter()
        .map(|(name, have, need)| format!("{}: {have} of {need} good shares", crate::names::compartment(*name)))
        .collect();
    list.extend(combined.bad.iter().map(describe_bad));
    list.extend(describe_unsigned(combined.unsigned));
    Failure::new(
        Exit::NotNow,
        "too-few-releases",
        "too few seats have released a good share",
    )
    .why(list.join("; "))
    .remedy("wait for the other seats; `resguardo queue` says what it waits for")
}

/// A bad share in one line.
pub fn describe_bad(bad: &BadShare) -> String {
    format!(
        "the share of {} that seat {} has signed for is bad",
        crate::names::compartment(bad.name),
        bad.x
    )
}

/// Bad files that nobody signed for, in one line.
pub fn describe_unsigned(count: usize) -> Option<String> {
    (count > 0).then(|| format!("{count} bad files came that no seat has signed for: they say nothing of any seat"))
}
