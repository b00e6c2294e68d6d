//! Opening what was released: everything is checked, `opened` is filed, and only then is content shown (§8.1).

use casework::open::{BadShare, Breach, Combined, Released, may_still_open};
use casework::{Filed, Office, Why, admit};
use protocol::ids::MemberNumber;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, Outcome as Found};
use protocol::{CaseId, Digest};
use serde::Serialize;
use serde_json::Value;
use testimony::EvidenceFile;
use zeroize::Zeroizing;

use crate::content::{self, Unopened};
use crate::desk::Desk;
use crate::failure::{Failure, Outcome};

/// A file of an opened compartment.
pub(crate) struct ShownFile {
    pub name: String,
    pub media_type: String,
    pub is_copy: bool,
    /// Whether size and SHA-256 are those that the document tells.
    pub is_as_told: bool,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// An opened compartment. It is shown by the page and gone with it.
pub(crate) struct Shown {
    pub case: CaseId,
    pub request: Digest,
    pub name: Compartment,
    pub text: Zeroizing<String>,
    pub answers: Value,
    /// What the document tells of each piece of evidence.
    pub told: Vec<EvidenceFile>,
    pub files: Vec<ShownFile>,
    /// Codes of what was not as it should be.
    pub remarks: Vec<&'static str>,
    /// Objects that are not there or do not open.
    pub unopened: Vec<Unopened>,
    /// Seats that have signed for a bad share.
    pub bad: Vec<MemberNumber>,
}

/// What opening gave, beside the content.
#[derive(Debug, Serialize)]
pub struct Opened {
    /// Acts that should stand in the log and do not.
    pub breaches: Vec<Breach>,
    /// Compartments that stay closed, with release files at hand and needed.
    pub closed: Vec<(Compartment, usize, u8)>,
    /// Good shares of a key that is not the one in the header.
    pub useless: Vec<Compartment>,
    /// Bad shares, with the seats that signed for them.
    pub bad: Vec<BadShare>,
    /// Bad files that no seat has signed for: they say nothing of any seat.
    pub unsigned: usize,
    /// Objects that did not come or do not open.
    unopened: usize,
    /// The act `opened`, unless the log has one already, or lacks the request.
    pub filed: Option<Filed>,
}

impl Desk {
    /// Recovers the keys of what was released for a request and checks everything; fetches the sealed objects, unsigned;
    /// files `opened`, signed; only then opens the content. What does not come is named, and the request's key is kept
    /// until everything is there.
    ///
    /// `even_so`: go on although acts are missing from the log; the content is then evidence of a breach.
    ///
    /// # Errors
    /// `nothing-released`, `too-few-releases`, `acts-missing`, `header`, `no-header`; `objects-missing` when no object
    /// came, and nothing was filed; the network.
    pub async fn open_request(&mut self, id: &CaseId, request: &Digest, even_so: bool) -> Outcome<Opened> {
        self.require(Office::Reader)?;
        self.log.moment()?;
        if self.released(request)?.files.is_empty() {
            return Err(Failure::new("nothing-released"));
        }
        let (combined, outcome) = self.learn_case(id, request).await?;
        let breaches = self.released(request)?.breaches(self.held(id)?, request);
        if !breaches.is_empty() && !even_so {
            let list = serde_json::to_string(&breaches).unwrap_or_default();
            return Err(Failure::new("acts-missing").why(list));
        }
        let fetched = content::fetch(self, id, &combined.unlocked).await?;
        if !fetched.is_empty() && fetched.values().all(Result::is_err) {
            return Err(Failure::new("objects-missing"));
        }
        let filed = self.file_opened(id, request, outcome, even_so).await?;
        let mut unopened = 0;
        let mut may_pass = false;
        for unlocked in &combined.unlocked {
            let bad = combined.bad.iter().filter(|bad| bad.name == unlocked.name);
            let bad = bad.map(|bad| bad.x).collect();
            let shown = content::open(self, id, request, unlocked, bad, &fetched)?;
            unopened += shown.unopened.len();
            may_pass |= shown.unopened.iter().any(|unopened| unopened.why.may_pass());
            self.shown
                .retain(|known| (known.request, known.name) != (*request, unlocked.name));
            self.shown.push(shown);
        }
        let case = &self.held(id)?.case;
        let waits = |(name, ..): &(Compartment, usize, u8)| may_still_open(case, request, *name);
        let is_complete = !may_pass && !combined.closed.iter().any(waits);
        if is_complete && !combined.unlocked.is_empty() {
            self.requests.remove(request);
        }
        Ok(Opened {
            breaches,
            closed: combined.closed,
            useless: combined.useless,
            bad: combined.bad,
            unsigned: combined.unsigned,
            unopened,
            filed,
        })
    }

    fn released(&self, request: &Digest) -> Outcome<&Released> {
        let own = self.requests.get(request);
        own.map(|own| &own.released).ok_or_else(|| Failure::new("request-key"))
    }

    /// From `case_salt` in a release file to the header, every act and the keys. Headers are tried in turn until one opens
    /// something, for one seat can name a bad one.
    async fn learn_case(&mut self, id: &CaseId, request: &Digest) -> Outcome<(Combined, Found)> {
        if self.cases.contains_key(id) {
            return self.try_case(id, request).await;
        }
        let mut last = None;
        for digest in self.released(request)?.headers(id, request, self.log.registry()) {
            let header = match self.wire.blob(&digest).await {
                Ok(header) => header,
                Err(failure) if failure.code == "digest-differs" => None,
                Err(failure) => return Err(failure),
            };
            let released = self.released(request)?;
            let found = header.and_then(|header| Some((released.salt_of(id, &header)?, header)));
            let Some((salt, header)) = found else { continue };
            let wire = self.wire.clone();
            self.log.watch(&wire, vec![CaseSalt::new(*salt.expose())]).await?;
            match self.hold(salt, Flags::default(), &header) {
                Ok(held) => drop(self.cases.insert(*id, held)),
                Err(failure) => {
                    last = Some(failure);
                    continue;
                }
            }
            match self.try_case(id, request).await {
                Err(failure) if ["header", "too-few-releases"].contains(&failure.code.as_str()) => {
                    self.cases.remove(id);
                    last.get_or_insert(failure);
                }
                other => return other,
            }
        }
        Err(last.unwrap_or_else(|| Failure::new("no-header")))
    }

    /// What the releases give with the header at hand.
    async fn try_case(&mut self, id: &CaseId, request: &Digest) -> Outcome<(Combined, Found)> {
        let statements = self.released(request)?.statements.clone();
        if let Some(held) = self.cases.get_mut(id) {
            for statement in statements {
                held.take_statement(statement);
            }
        }
        self.read_case_buckets().await?;
        let combined = self.released(request)?.combine(self.held(id)?, request);
        let combined = combined.map_err(|error| Failure::new("header").why(error))?;
        let outcome = combined.outcome().ok_or_else(|| Failure::new("too-few-releases"))?;
        Ok((combined, outcome))
    }

    /// Files `opened`. When the log lacks what it would stand on, and the reader goes on even so, nothing is filed.
    async fn file_opened(
        &mut self,
        id: &CaseId,
        request: &Digest,
        outcome: Found,
        even_so: bool,
    ) -> Outcome<Option<Filed>> {
        let (held, x) = (self.held(id)?, self.x()?);
        match admit::opened(&held.case, request, x, self.log.registry()) {
            Ok(()) => {}
            Err(no) if matches!(no.why, Why::Done { .. }) => return Ok(None),
            Err(_) if even_so => return Ok(None),
            Err(no) => return Err(Failure::not_now(&no)),
        }
        // Sent without an answer, it goes out again as it was.
        let sent = self.requests.get_mut(request).and_then(|own| own.opened.take());
        let (statement, records) = match sent.filter(|(said, ..)| *said == outcome) {
            Some((_, statement, records)) => (statement, records),
            None => {
                let opened = self.head().opened(&self.held(id)?.case, request, outcome);
                let statement = self.sign(&opened)?;
                let records = self.records(id, &statement, None)?;
                (statement, records)
            }
        };
        let filed = self.file_act(id, &statement, &records).await;
        if filed.is_err()
            && let Some(own) = self.requests.get_mut(request)
        {
            own.opened = Some((outcome, statement, records));
        }
        filed.map(Some)
    }
}
