//! Opening what was released: everything is checked, `opened` is filed, and only then is content written (§8.1).

use super::Desk;
use super::case::{HEADER, SALT};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use crate::refuse::not_now;
use docket::open::{Breach, Combined, Released};
use docket::{Filed, Held, Office, admit};
use protocol::age;
use protocol::ids::X;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::Outcome as Found;
use protocol::{CaseId, Digest};
use std::collections::BTreeSet;

/// What opening gave, before anything is shown.
pub struct Opened {
    /// Acts that should stand in the log and do not.
    pub breaches: Vec<Breach>,
    /// What the shares give.
    pub combined: Combined,
    /// The act `opened`, unless the log lacks the request.
    pub filed: Option<Filed>,
    /// Release files that were refused.
    pub foreign: usize,
}

impl Desk {
    /// Recovers the keys of what was released for a request, checks everything, and files `opened`. Nothing of the
    /// content is shown here: [`Self::write_content`] does, afterwards.
    ///
    /// `even_so`: go on although acts are missing from the log; the content is then evidence of a breach.
    ///
    /// # Errors
    /// Exit 4 when too little is released, or acts are missing from the log; exit 1 when the header does not verify.
    pub fn open_request(&mut self, id: &CaseId, request: &Digest, even_so: bool) -> Outcome<Opened> {
        self.require(Office::Reader)?;
        self.refuse_reopening(id, request)?;
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
        self.learn_case(id, &released)?;
        let held = self.held(id)?;
        let breaches = released.breaches(held, request);
        if !breaches.is_empty() && !even_so {
            return Err(missing_acts(&breaches));
        }
        let combined = released.combine(held, request).map_err(|error| {
            Failure::new(Exit::Check, "releases", "what was released does not combine")
                .why(error)
                .remedy("tell the council which seats are named; another seat's release may still open it")
        })?;
        let outcome = combined.outcome().ok_or_else(|| too_few(&combined))?;
        let filed = self.file_opened(id, request, outcome, even_so)?;
        Ok(Opened {
            breaches,
            combined,
            filed,
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
    pub fn seats_that_released(&mut self, id: &CaseId, request: &Digest) -> Outcome<BTreeSet<X>> {
        let key = self.request_key(id, request)?;
        let released = self.released(&key, request)?;
        Ok(released.files.iter().map(|file| file.x).collect())
    }

    /// From `case_salt` in a release file to the header and every act; kept under the reader's own key.
    fn learn_case(&mut self, id: &CaseId, released: &Released) -> Outcome<()> {
        if !self.cases.contains_key(id) {
            let (salt, header) = self.find_header(id, released)?;
            let folder = self.case_folder(id);
            disk::private_folder(&folder)?;
            let own = self.keys.identity().recipient();
            let sealed = age::seal(&[&own], salt.expose(), &mut random::system());
            disk::write(&folder.join(SALT), &sealed, Access::Private)?;
            disk::write(&folder.join(HEADER), &header, Access::Private)?;
            let held = self.hold(salt, Flags::default(), &header)?;
            self.cases.insert(*id, held);
        }
        if let Some(held) = self.cases.get_mut(id) {
            for statement in &released.statements {
                held.take_statement(statement.clone());
            }
        }
        self.read_case_buckets()
    }

    /// The slot-0 K-file that a release names and that opens with the salt of a release file.
    fn find_header(&self, id: &CaseId, released: &Released) -> Outcome<(CaseSalt, Vec<u8>)> {
        for digest in released.headers(id) {
            let header = self.follow.remote().blob(&digest)?;
            let opened = header.and_then(|header| Some((released.salt_of(&header)?, header)));
            if let Some(found) = opened {
                return Ok(found);
            }
        }
        Err(
            Failure::new(Exit::NotFound, "no-header", "the header of the case is not to be had")
                .why("no release that came names a file that the service has and that the releases open")
                .remedy("wait for another seat's release, and tell the council"),
        )
    }

    /// Files `opened`. When the log lacks what it would stand on, and the reader goes on even so, nothing is filed.
    fn file_opened(&mut self, id: &CaseId, request: &Digest, outcome: Found, even_so: bool) -> Outcome<Option<Filed>> {
        let held = self.held(id)?;
        match admit::opened(&held.case, request, self.x, self.follow.registry()) {
            Ok(()) => {}
            Err(no) if matches!(no.why, docket::Why::Done { .. }) => return Ok(None),
            Err(_) if even_so => return Ok(None),
            Err(no) => return Err(not_now("open", &no)),
        }
        let opened = self.head().opened(&held.case, request, outcome);
        self.file_act(id, &self.sign(&opened)?, &[]).map(Some)
    }

    /// Destroys the request's key once the content is written (§8.1).
    ///
    /// # Errors
    /// Exit 6.
    pub fn destroy_request_key(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        self.forget_request(id, request)
    }

    /// A case that this reader has opened, for writing its content.
    ///
    /// # Errors
    /// Exit 3.
    pub fn opened_case(&self, id: &CaseId) -> Outcome<&Held> {
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
        Breach::Closed { name } => format!("{} was closed for this request", crate::names::compartment(*name)),
    }
}

fn too_few(combined: &Combined) -> Failure {
    let list: Vec<String> = combined
        .closed
        .iter()
        .map(|(name, have, need)| format!("{}: {have} of {need} seats", crate::names::compartment(*name)))
        .collect();
    Failure::new(Exit::NotNow, "too-few-releases", "too few seats have released")
        .why(list.join("; "))
        .remedy("wait for the other seats; `resguardo queue` says what it waits for")
}
