//! ReleasedCase what was released: everything is checked, `opened` is filed, and only then is content shown (§8.1).
//!
//! The caller goes through the stages in this order: [`Reader::try_open`]; fetch the sealed objects, unsigned;
//! [`Reader::opened`] and file it; open the objects ([`crate::content`]); [`Reader::finish`].

use casework::open::{Breach, Combined, PartSource, may_still_open};
use casework::{FollowedCase, Why, admit};
use protocol::age;
use protocol::share::consent::read_lapse_document;
use protocol::share::file::Flags;
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, Core, ObjectRef, Opened, OpeningOutcome, Payload as _};
use protocol::{CaseId, Digest, Secret};
use reports::{Answers, CaseRecord, OpenedText, RecordSource};

use crate::act::SignedAct;
use crate::content::{OpenedContent, in_memory};
use crate::failure::{Code, Failure, Local, Outcome};
use crate::reader::Reader;

/// What the releases give, before anything is fetched, filed or shown.
pub struct ReleasedCase {
    /// Acts that should stand in the log and do not.
    pub breaches: Vec<Breach>,
    /// What the shares give.
    pub combined: Combined,
    /// What the act `opened` says.
    pub outcome: OpeningOutcome,
    /// Release files that were refused.
    pub foreign: usize,
}

impl Reader {
    /// Recovers the keys of what was released for a request and checks everything. Nothing is filed and nothing of the
    /// content is fetched.
    ///
    /// `even_so`: go on although acts are missing from the log; the content is then evidence of a breach.
    ///
    /// # Errors
    /// [`Local::Opened`], [`Local::RequestKey`], [`Local::NothingReleased`], [`Local::TooFewReleases`], [`Local::PartMissing`],
    /// [`Local::ActsMissing`], [`Local::Header`], [`Local::NoHeader`]; the network.
    pub async fn try_open(&mut self, id: &CaseId, request: &Digest, even_so: bool) -> Outcome<ReleasedCase> {
        self.member.log.moment()?;
        self.refuse_reopening(id, request)?;
        self.read_releases().await?;
        if self.own(request)?.released.files.is_empty() {
            return Err(Failure::new(Local::NothingReleased));
        }
        let (combined, outcome) = self.learn_case(id, request).await?;
        let released = &self.own(request)?.released;
        let breaches = released.breaches(self.member.case(id)?, request);
        if !breaches.is_empty() && !even_so {
            let list = serde_json::to_value(&breaches).unwrap_or_default();
            return Err(Failure::new(Local::ActsMissing).about("breaches", list));
        }
        Ok(ReleasedCase {
            breaches,
            combined,
            outcome,
            foreign: released.foreign,
        })
    }

    fn own(&self, request: &Digest) -> Outcome<&crate::reader::OwnRequest> {
        self.requests
            .get(request)
            .ok_or_else(|| Failure::new(Local::RequestKey))
    }

    /// What was opened once, and whose key was destroyed, is not opened again.
    fn refuse_reopening(&self, id: &CaseId, request: &Digest) -> Outcome<()> {
        if self.requests.contains_key(request) {
            return Ok(());
        }
        let state = self.member.cases.get(id).and_then(|held| held.case.request(request));
        let state = state.filter(|state| state.request.reader == self.member.x);
        let opened_at = state.and_then(|state| Some(state.opened.as_ref()?.found.included_at));
        let mut pending = self.member.pending.iter();
        let is_promised = pending.any(|pending| pending.act.is(Opened::NAME, &request.to_hex()));
        match opened_at {
            Some(at) => Err(Failure::new(Local::Opened).about("opened_at", at)),
            None if is_promised => Err(Failure::new(Local::Opened)),
            None => Err(Failure::new(Local::RequestKey)),
        }
    }

    /// Fetches the header and the sealed objects of what was released for a request, as far as they come, and keeps them for
    /// the opening. No call of it bears the reader's name, so that it can be apart in time from all that do (§17). Nothing
    /// is filed, and nothing opened.
    ///
    /// # Errors
    /// [`Local::RequestKey`], [`Local::TooFewReleases`], [`Local::Header`], [`Local::NoHeader`]; the network.
    pub async fn fetch_sealed(&mut self, id: &CaseId, request: &Digest) -> Outcome<()> {
        let wire = self.member.wire.clone();
        let mut last = Failure::new(Local::NoHeader);
        for digest in self.headers(id, request)? {
            let Some((salt, header)) = self.header(id, request, &digest).await? else {
                continue;
            };
            let mut held = match self.member.follow(salt, Flags::default(), &header).await {
                Err(failure) if failure.code == Local::Header => {
                    last = failure;
                    continue;
                }
                other => other?,
            };
            let released = &self.own(request)?.released;
            let statements = released.statements.iter().cloned();
            statements.for_each(|statement| held.take_statement(statement));
            // Her consent may stand in her bucket, which is read later: what opens with P is fetched all the same.
            let names: Vec<Compartment> = match released.combine(&held, request, &[]) {
                Ok(combined) => {
                    let unlocked = combined.unlocked.iter().map(|unlocked| unlocked.name);
                    let lapse = released.lapse_key(&held, request).map(|_| Compartment::Consent);
                    unlocked.chain(combined.lacking_part).chain(lapse).collect()
                }
                Err(error) => {
                    last = Failure::new(Local::Header).why(error);
                    continue;
                }
            };
            if names.is_empty() {
                last = Failure::new(Local::TooFewReleases);
                continue;
            }
            wire.keep(digest, header);
            for object in in_memory(objects(&held.core, names)) {
                if let Ok(Some(file)) = wire.blob(&object.digest).await {
                    wire.keep(object.digest, file);
                }
            }
            if let Some(own) = self.requests.get_mut(request) {
                own.is_fetched = true;
            }
            return Ok(());
        }
        Err(last)
    }

    /// Digests of the headers that releases for a request name.
    fn headers(&self, id: &CaseId, request: &Digest) -> Outcome<Vec<Digest>> {
        let released = &self.own(request)?.released;
        Ok(released.headers(id, request, self.member.log.registry()))
    }

    /// A header by its digest, with the `case_salt` of a release file that opens it; `None` where there is none.
    async fn header(&self, id: &CaseId, request: &Digest, digest: &Digest) -> Outcome<Option<(CaseSalt, Vec<u8>)>> {
        let header = match self.member.wire.blob(digest).await {
            Err(failure) if failure.code == Local::DigestDiffers => None,
            other => other?,
        };
        let released = &self.own(request)?.released;
        Ok(header.and_then(|header| Some((released.salt_of(id, &header)?, header))))
    }

    /// From `case_salt` in a release file to the header, every act and the keys. Headers are tried in turn until one opens
    /// something, for one seat can name a bad one; only that one is kept.
    async fn learn_case(&mut self, id: &CaseId, request: &Digest) -> Outcome<(Combined, OpeningOutcome)> {
        if self.member.cases.contains_key(id) {
            return self.try_case(id, request).await;
        }
        let mut last = None;
        for digest in self.headers(id, request)? {
            let Some((salt, header)) = self.header(id, request, &digest).await? else {
                continue;
            };
            match self.member.follow(salt, Flags::default(), &header).await {
                Ok(held) => drop(self.member.cases.insert(*id, held)),
                Err(failure) if failure.code == Local::Header => {
                    last = Some(failure);
                    continue;
                }
                Err(failure) => return Err(failure),
            }
            match self.try_case(id, request).await {
                Ok(found) => {
                    self.keep_case(id, &header)?;
                    return Ok(found);
                }
                Err(failure)
                    if matches!(
                        failure.code,
                        Code::Local(Local::Header | Local::TooFewReleases | Local::PartMissing)
                    ) =>
                {
                    self.member.cases.remove(id);
                    last.get_or_insert(failure);
                }
                Err(failure) => {
                    self.member.cases.remove(id);
                    return Err(failure);
                }
            }
        }
        Err(last.unwrap_or_else(|| Failure::new(Local::NoHeader)))
    }

    /// What the releases give with the header at hand.
    async fn try_case(&mut self, id: &CaseId, request: &Digest) -> Outcome<(Combined, OpeningOutcome)> {
        let statements = self.own(request)?.released.statements.clone();
        if let Some(held) = self.member.cases.get_mut(id) {
            for statement in statements {
                held.take_statement(statement);
            }
        }
        self.member.read_case_buckets().await?;
        let parts = self.parts(self.member.case(id)?, request).await?;
        let released = &self.own(request)?.released;
        let combined = released.combine(self.member.case(id)?, request, &parts);
        let combined = combined.map_err(|error| Failure::new(Local::Header).why(error))?;
        let outcome = combined.outcome().ok_or_else(|| {
            let closed = serde_json::to_value(&combined.closed).unwrap_or_default();
            let bad = serde_json::to_value(&combined.bad).unwrap_or_default();
            let code = if combined.lacking_part.is_empty() {
                Local::TooFewReleases
            } else {
                Local::PartMissing
            };
            let failure = Failure::new(code).about("closed", closed);
            failure.about("bad", bad).about("unsigned", combined.unsigned)
        })?;
        Ok((combined, outcome))
    }

    /// P, wherever it is to be had: from her consent to this request, or from a release of compartment 3 (§8.4). The document
    /// of that compartment is fetched as every object is, without the reader's name.
    async fn parts(&self, held: &FollowedCase, request: &Digest) -> Outcome<Vec<(PartSource, Secret<[u8; 32]>)>> {
        let own = self.own(request)?;
        let of_her = held.parts(request, &own.identity).into_iter();
        let mut parts: Vec<_> = of_her.map(|part| (PartSource::Consent, part)).collect();
        let Some(key) = own.released.lapse_key(held, request) else {
            return Ok(parts);
        };
        for object in objects(&held.core, [Compartment::Consent]) {
            let wire = &self.member.wire;
            let Some(file) = wire.blob(&object.digest).await? else {
                continue;
            };
            let part = age::open(&key, &file)
                .ok()
                .and_then(|plain| read_lapse_document(&plain));
            parts.extend(part.map(|part| (PartSource::Lapse, part)));
            // Opened again, it need not be fetched again.
            wire.keep(object.digest, file);
        }
        Ok(parts)
    }

    /// The sealed objects of the compartments that opened.
    ///
    /// # Errors
    /// [`Local::CaseUnknown`].
    pub fn objects(&self, id: &CaseId, opening: &ReleasedCase) -> Outcome<Vec<ObjectRef>> {
        let core = &self.member.case(id)?.core;
        let unlocked = opening.combined.unlocked.iter().map(|unlocked| unlocked.name);
        Ok(objects(core, unlocked).cloned().collect())
    }

    /// The act `opened`, before anything is shown. `None` where the log has it already, or lacks what it would stand on and
    /// the reader goes on even so.
    ///
    /// # Errors
    /// A rule of the log.
    pub fn opened(
        &self,
        id: &CaseId,
        request: &Digest,
        outcome: OpeningOutcome,
        even_so: bool,
    ) -> Outcome<Option<SignedAct>> {
        let (member, held) = (&self.member, self.member.case(id)?);
        match admit::opened(&held.case, request, member.x, member.log.registry()) {
            Ok(()) => {}
            Err(no) if matches!(no.why, Why::Done { .. }) => return Ok(None),
            Err(_) if even_so => return Ok(None),
            Err(no) => return Err(Failure::not_now(no)),
        }
        let opened = member.head().opened(&held.case, request, outcome);
        self.copied(id, member.sign(&opened)?).map(Some)
    }

    /// Destroys the request's key once everything that was asked for is opened (§8.1); gives whether it did. `may_pass`:
    /// some object may come or open another time.
    ///
    /// # Errors
    /// The store.
    pub fn finish(&mut self, id: &CaseId, request: &Digest, opening: &ReleasedCase, may_pass: bool) -> Outcome<bool> {
        let case = &self.member.case(id)?.case;
        let waits = |(name, ..): &(Compartment, usize, u8)| may_still_open(case, request, *name);
        let Combined {
            unlocked,
            lacking_part,
            closed,
            ..
        } = &opening.combined;
        if may_pass || unlocked.is_empty() || !lacking_part.is_empty() || closed.iter().any(waits) {
            return Ok(false);
        }
        self.forget_request(id, request)?;
        Ok(true)
    }

    /// What reports on an opened request are made from: acts and digests, none of her words. `contents`: what was opened.
    ///
    /// # Errors
    /// [`Local::CaseUnknown`]; [`Local::NoCheckpoint`].
    pub fn record(
        &self,
        id: &CaseId,
        request: &Digest,
        contents: &[(Compartment, &OpenedContent)],
    ) -> Outcome<CaseRecord> {
        static NO_ANSWERS: Answers = Answers::new();
        let (member, held) = (&self.member, self.member.case(id)?);
        let trusted = &member.log.latest()?.1;
        let documents: Vec<OpenedText<'_>> = contents
            .iter()
            .filter_map(|(name, content)| {
                let document = content.document.as_ref();
                Some(OpenedText {
                    name: *name,
                    text: content.text.as_ref()?,
                    answers: document.map_or(&NO_ANSWERS, |document| &document.answers),
                    files: document.map(|document| document.files.as_slice()).unwrap_or_default(),
                })
            })
            .collect();
        let remarks = contents.iter().flat_map(|(_, content)| {
            let unopened = content.unopened.iter().map(ToString::to_string);
            content.remarks.iter().map(ToString::to_string).chain(unopened)
        });
        Ok(CaseRecord::of(RecordSource {
            case: &held.case,
            core: &held.core,
            registry: member.log.registry(),
            request: *request,
            read_to: (trusted.time(), trusted.checkpoint().size),
            documents: &documents,
            remarks: remarks.collect(),
        }))
    }
}

/// The sealed objects of compartments.
fn objects<'a>(
    core: &'a Core,
    names: impl IntoIterator<Item = Compartment> + 'a,
) -> impl Iterator<Item = &'a ObjectRef> {
    let compartments = names.into_iter().filter_map(|name| core.compartment(name));
    compartments.flat_map(|compartment| &compartment.objects)
}
