//! Opening what was released: everything is checked, `opened` is filed, and only then is content shown (§8.1).

use docket::open::{Breach, Released};
use docket::{Filed, Office, Why, admit};
use protocol::ids::X;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, Outcome as Found};
use protocol::{CaseId, Digest};
use serde::Serialize;
use serde_json::Value;
use testimony::EvidenceFile;
use zeroize::Zeroizing;

use crate::content;
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
    pub bad: Vec<X>,
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
    /// The act `opened`, unless the log has one already, or lacks the request.
    pub filed: Option<Filed>,
}

impl Desk {
    /// Recovers the keys of what was released for a request, checks everything, files `opened`, then fetches and opens
    /// the content and destroys the request's key.
    ///
    /// `even_so`: go on although acts are missing from the log; the content is then evidence of a breach.
    ///
    /// # Errors
    /// `nothing-released`, `too-few-releases`, `acts-missing`, `header`, `releases`; the network.
    pub async fn open_request(&mut self, id: &CaseId, request: &Digest, even_so: bool) -> Outcome<Opened> {
        self.require(Office::Reader)?;
        if self.released(request)?.files.is_empty() {
            return Err(Failure::new("nothing-released"));
        }
        self.learn_case(id, request).await?;
        let (held, released) = (self.held(id)?, self.released(request)?);
        let breaches = released.breaches(held, request);
        if !breaches.is_empty() && !even_so {
            let list = serde_json::to_string(&breaches).unwrap_or_default();
            return Err(Failure::new("acts-missing").why(list));
        }
        let combined = released.combine(held, request);
        let combined = combined.map_err(|error| Failure::new("releases").why(error))?;
        let outcome = combined.outcome().ok_or_else(|| Failure::new("too-few-releases"))?;
        let filed = self.file_opened(id, request, outcome, even_so).await?;
        for unlocked in &combined.unlocked {
            let shown = content::open(self, id, request, unlocked).await?;
            self.shown
                .retain(|known| (known.request, known.name) != (*request, unlocked.name));
            self.shown.push(shown);
        }
        if combined.closed.is_empty() && !combined.unlocked.is_empty() {
            self.requests.remove(request);
        }
        Ok(Opened {
            breaches,
            closed: combined.closed,
            useless: combined.useless,
            filed,
        })
    }

    fn released(&self, request: &Digest) -> Outcome<&Released> {
        let own = self.requests.get(request);
        own.map(|own| &own.released).ok_or_else(|| Failure::new("request-key"))
    }

    /// From `case_salt` in a release file to the header and every act.
    async fn learn_case(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        let released = self.released(request)?;
        let statements = released.statements.clone();
        if !self.cases.contains_key(id) {
            let (salt, header) = self.find_header(id, released).await?;
            let wire = self.wire.clone();
            self.log.watch(&wire, vec![CaseSalt::new(*salt.expose())]).await?;
            let held = self.hold(salt, Flags::default(), &header)?;
            if held.case.id() != *id {
                return Err(Failure::new("header").why("it is of another case"));
            }
            self.cases.insert(*id, held);
        }
        if let Some(held) = self.cases.get_mut(id) {
            for statement in statements {
                held.take_statement(statement);
            }
        }
        self.read_case_buckets().await
    }

    /// The slot-0 K-file that a release names and that opens with the salt of a release file.
    async fn find_header(&self, id: &CaseId, released: &Released) -> Outcome<(CaseSalt, Vec<u8>)> {
        for digest in released.headers(id) {
            let header = self.wire.blob(&digest).await?;
            let opened = header.and_then(|header| Some((released.salt_of(&header)?, header)));
            if let Some(found) = opened {
                return Ok(found);
            }
        }
        Err(Failure::new("no-header"))
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
