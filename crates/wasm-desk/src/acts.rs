//! Acts as the page asks for them. A statement is made and checked against the log first, shown, and only then sent as it
//! was shown.

use casework::Filed;
use client::{
    Failure, Local, MadePublic, Outcome, Reader, Rejection, RoutineStep, Seat, SignedAct, SignedRequest, ToCome,
};
use protocol::statement::Holds;
use protocol::{CaseId, Digest, Envelope};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::opening::{Opened, ShownCompartment, open};
use crate::routine::{self, StepDone};

mod name;

pub use name::{ReaderAct, SeatAct};

/// How long statements that were shown can be sent as they were shown; afterwards their time is too old.
const SHOWN_MAX_S: u64 = 600;

/// What came of an act.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Done {
    /// Nothing to tell.
    Nothing(()),
    /// It is promised.
    Filed(Filed),
    /// A request was sent.
    Asked {
        /// Which.
        request: Digest,
    },
    /// A testimony was opened.
    Opened(Box<Opened>),
    /// Several, each of which is one of these.
    Several(Vec<Done>),
    /// What the daily routine did.
    Routine(Vec<StepDone>),
}

/// A statement of a seat before it is sent.
pub enum SeatDraft {
    /// For a slot of a case.
    Slot(SignedAct),
    /// For an office cell to the other seats.
    Reject(Rejection),
}

/// A statement of a reader before it is sent.
pub enum ReaderDraft {
    /// For a slot of a case.
    Slot(SignedAct),
    /// For an office cell to the seats that hold the case.
    Ask(Box<SignedRequest>),
}

/// What the page does at an office, whichever it is.
pub trait Office {
    /// Its acts.
    type Act: DeserializeOwned + Clone + PartialEq;
    /// Its statements before they are sent.
    type SignedAct;

    /// The statements that an act would send; none for one that signs none of its own at once.
    fn drafts(&self, act: &Self::Act) -> Outcome<Vec<Self::SignedAct>>;
    /// What an act makes public; nothing of one that signs no statement of its own.
    fn made_public(&self, act: &Self::Act) -> Outcome<Vec<MadePublic>>;
    /// The statement of a draft.
    fn statement(draft: &Self::SignedAct) -> &Envelope;
    /// The draft, where it is for a slot.
    fn slot(draft: &Self::SignedAct) -> Option<&SignedAct>;
    /// What must be handed out before it is sent.
    fn to_save(_: &Self::SignedAct) -> Option<&[u8]> {
        None
    }
    /// What came of an act, from what came of each of its statements.
    fn done(_: &Self::Act, mut each: Vec<Done>) -> Done {
        each.pop().unwrap_or(Done::Nothing(()))
    }
    /// Sends one.
    async fn send(&mut self, draft: &Self::SignedAct) -> Outcome<Done>;
    /// Does an act that signs no statement of its own at once.
    async fn perform(
        &mut self,
        act: &Self::Act,
        file: &[u8],
        opened: &mut Vec<ShownCompartment>,
        is_fresh: bool,
    ) -> Outcome<Done>;
    /// Reads everything that is new. `is_fresh`: the log was read just now.
    async fn read(&mut self, is_fresh: bool) -> Outcome<()>;
    /// What both offices have.
    fn member(&self) -> &client::Member;
}

impl Office for Seat {
    type Act = SeatAct;
    type SignedAct = SeatDraft;

    fn drafts(&self, act: &SeatAct) -> Outcome<Vec<SeatDraft>> {
        let one = match act {
            SeatAct::Ack { cases } => {
                let acks = cases.iter().map(|case| self.ack(case, Holds::Share));
                // A browser keeps nothing, so it says `share` and never more.
                return acks.map(|ack| ack.map(SeatDraft::Slot)).collect();
            }
            SeatAct::Reject { id } => return Ok(vec![SeatDraft::Reject(self.reject(id)?)]),
            SeatAct::Refer { case, reader } => self.refer(case, *reader)?,
            SeatAct::Attend { case, what, hours } => self.attend(case, *what, *hours)?,
            SeatAct::Decide {
                case,
                request,
                grants,
                reason,
            } => self.decide(case, request, grants, *reason)?,
            SeatAct::Object { case, request } => self.object(case, request)?,
            SeatAct::Release { case, request } => self.release(case, request)?.0,
            SeatAct::Lapse { case, step } => self.lapse(case, *step)?,
            SeatAct::Decline { case } => self.decline(case)?,
            SeatAct::Refresh
            | SeatAct::Take
            | SeatAct::Routine
            | SeatAct::Write { .. }
            | SeatAct::Answer { .. }
            | SeatAct::PutAway { .. }
            | SeatAct::Erase { .. } => return Ok(Vec::new()),
        };
        Ok(vec![SeatDraft::Slot(one)])
    }

    fn made_public(&self, act: &SeatAct) -> Outcome<Vec<MadePublic>> {
        let member = Seat::member(self);
        match act {
            SeatAct::Erase { case } => Ok(vec![member.will_make_public(case, ToCome::Erasing)?]),
            SeatAct::Write { .. } => Ok(vec![MadePublic::MESSAGE]),
            SeatAct::Answer { .. } => Ok(vec![MadePublic::ANSWER]),
            // What it publishes it lists.
            SeatAct::Routine => {
                let acks = self
                    .routine()?
                    .into_iter()
                    .filter(|step| matches!(step, RoutineStep::Ack { .. }));
                Ok(acks.take(1).map(|_| MadePublic::ACK).collect())
            }
            _ => drafted(self, act),
        }
    }

    fn statement(draft: &SeatDraft) -> &Envelope {
        match draft {
            SeatDraft::Slot(draft) => draft.statement(),
            SeatDraft::Reject(rejection) => rejection.statement(),
        }
    }

    fn slot(draft: &SeatDraft) -> Option<&SignedAct> {
        match draft {
            SeatDraft::Slot(draft) => Some(draft),
            SeatDraft::Reject(_) => None,
        }
    }

    fn done(act: &SeatAct, mut each: Vec<Done>) -> Done {
        match act {
            SeatAct::Ack { .. } => Done::Several(each),
            _ => each.pop().unwrap_or(Done::Nothing(())),
        }
    }

    async fn send(&mut self, draft: &SeatDraft) -> Outcome<Done> {
        match draft {
            SeatDraft::Slot(draft) => self.file(draft).await.map(Done::Filed),
            SeatDraft::Reject(rejection) => self.tell(rejection).await.map(Done::Nothing),
        }
    }

    async fn perform(
        &mut self,
        act: &SeatAct,
        _: &[u8],
        _: &mut Vec<ShownCompartment>,
        is_fresh: bool,
    ) -> Outcome<Done> {
        match act {
            SeatAct::Take => {
                let taken = self.take_office().await?;
                let filed = taken.into_iter().map(|taken| Done::Filed(taken.filed));
                return Ok(Done::Several(filed.collect()));
            }
            SeatAct::Write {
                case,
                text,
                even_so,
                with_code,
            } => {
                self.write(case, text, *even_so, *with_code).await?;
                return Ok(Done::Nothing(()));
            }
            SeatAct::Answer { ask, text, even_so } => {
                self.answer(ask, text, *even_so).await?;
                return Ok(Done::Nothing(()));
            }
            SeatAct::PutAway { ask } => return self.put_away(ask).await.map(Done::Nothing),
            SeatAct::Erase { case } => {
                let filed = self.erase(case).await?;
                return Ok(filed.map_or(Done::Nothing(()), Done::Filed));
            }
            SeatAct::Routine => return routine::perform(self).await.map(Done::Routine),
            _ => {}
        }
        match is_fresh {
            true => Ok(Done::Nothing(())),
            false => self.read(false).await.map(Done::Nothing),
        }
    }

    async fn read(&mut self, is_fresh: bool) -> Outcome<()> {
        match is_fresh {
            true => self.update().await?,
            false => self.refresh().await?,
        }
        self.read_deliveries().await?;
        self.read_cells().await?;
        // What it warns of shows in the view.
        self.take_warnings();
        Ok(())
    }

    fn member(&self) -> &client::Member {
        Seat::member(self)
    }
}

impl Office for Reader {
    type Act = ReaderAct;
    type SignedAct = ReaderDraft;

    fn drafts(&self, act: &ReaderAct) -> Outcome<Vec<ReaderDraft>> {
        let one = match act {
            ReaderAct::Request { case, asking } => {
                let question = self.request(case, asking.clone())?;
                return Ok(vec![ReaderDraft::Ask(Box::new(question))]);
            }
            ReaderAct::Finding { case, request, outcome } => self.finding(case, request, *outcome)?,
            ReaderAct::Aid { case, request, aiding } => self.aid(case, request, aiding.clone())?,
            ReaderAct::Refresh
            | ReaderAct::Load
            | ReaderAct::Routine
            | ReaderAct::Fetch { .. }
            | ReaderAct::Open { .. } => return Ok(Vec::new()),
        };
        Ok(vec![ReaderDraft::Slot(one)])
    }

    fn made_public(&self, act: &ReaderAct) -> Outcome<Vec<MadePublic>> {
        let member = Reader::member(self);
        let (case, to_come) = match act {
            // It is said while the rest of the sheet is still empty.
            ReaderAct::Request { case, asking } => (case, ToCome::Request { urgent: asking.urgent }),
            ReaderAct::Open { case, request, .. } => match self.requests().get(request) {
                None => return Ok(Vec::new()),
                Some(own) => {
                    let (urgent, decide_by) = (own.request.urgent, own.request.decide_by);
                    (case, ToCome::Opening { urgent, decide_by })
                }
            },
            _ => return drafted(self, act),
        };
        Ok(vec![member.will_make_public(case, to_come)?])
    }

    fn statement(draft: &ReaderDraft) -> &Envelope {
        match draft {
            ReaderDraft::Slot(draft) => draft.statement(),
            ReaderDraft::Ask(question) => question.statement(),
        }
    }

    fn slot(draft: &ReaderDraft) -> Option<&SignedAct> {
        match draft {
            ReaderDraft::Slot(draft) => Some(draft),
            ReaderDraft::Ask(_) => None,
        }
    }

    fn to_save(draft: &ReaderDraft) -> Option<&[u8]> {
        match draft {
            ReaderDraft::Slot(_) => None,
            ReaderDraft::Ask(question) => Some(question.file()),
        }
    }

    async fn send(&mut self, draft: &ReaderDraft) -> Outcome<Done> {
        match draft {
            ReaderDraft::Slot(draft) => self.file(draft).await.map(Done::Filed),
            ReaderDraft::Ask(question) => {
                let request = self.ask(question).await?;
                Ok(Done::Asked { request })
            }
        }
    }

    async fn perform(
        &mut self,
        act: &ReaderAct,
        file: &[u8],
        opened: &mut Vec<ShownCompartment>,
        is_fresh: bool,
    ) -> Outcome<Done> {
        match act {
            ReaderAct::Fetch { case, request } => return self.fetch_sealed(case, request).await.map(Done::Nothing),
            ReaderAct::Open { case, request, even_so } => {
                let opened = open(self, opened, case, request, *even_so).await?;
                return Ok(Done::Opened(Box::new(opened)));
            }
            ReaderAct::Load => self.load(file).await?,
            ReaderAct::Routine => return routine::perform_of_reader(self).await.map(Done::Routine),
            _ if is_fresh => return Ok(Done::Nothing(())),
            _ => {}
        }
        self.read(false).await.map(Done::Nothing)
    }

    async fn read(&mut self, is_fresh: bool) -> Outcome<()> {
        match is_fresh {
            true => self.update().await?,
            false => self.refresh().await?,
        }
        self.read_releases().await?;
        self.take_warnings();
        Ok(())
    }

    fn member(&self) -> &client::Member {
        Reader::member(self)
    }
}

/// What the statements of an act make public.
fn drafted<O: Office>(office: &O, act: &O::Act) -> Outcome<Vec<MadePublic>> {
    let drafts = office.drafts(act)?;
    let of = |draft: &O::SignedAct| {
        let case = O::slot(draft).map_or(CaseId([0; CaseId::LEN]), |act| *act.case());
        office.member().made_public(&case, O::statement(draft))
    };
    let mut all: Vec<MadePublic> = drafts.iter().map(of).collect();
    // Of several acknowledgements it is the same.
    all.dedup();
    Ok(all)
}

/// What was shown before it is sent.
struct Preview<O: Office> {
    act: O::Act,
    at: u64,
    drafts: Vec<O::SignedAct>,
}

/// A page at an office.
pub struct At<O: Office> {
    /// The office.
    pub office: O,
    /// Compartments that are open in this page.
    pub opened: Vec<ShownCompartment>,
    preview: Option<Preview<O>>,
    /// The request whose file was handed out.
    handed_out: Option<Digest>,
}

impl<O: Office> At<O> {
    /// Nothing was shown yet.
    pub fn new(office: O) -> Self {
        Self {
            office,
            opened: Vec::new(),
            preview: None,
            handed_out: None,
        }
    }

    /// The statements that an act would send, one for each line, as the exact bytes that are signed. The same act then
    /// sends these.
    ///
    /// # Errors
    /// The rule that does not allow the act; [`Local::NoStatement`] for an act that signs none of its own at once.
    pub fn preview(&mut self, act: &str) -> Outcome<String> {
        let act = parse::<O::Act>(act)?;
        let drafts = self.office.drafts(&act)?;
        if drafts.is_empty() {
            return Err(Failure::new(Local::NoStatement));
        }
        let line = |draft| String::from_utf8_lossy(O::statement(draft).payload()).into_owned();
        let lines: Vec<String> = drafts.iter().map(line).collect();
        let at = self.office.member().wire().now();
        self.preview = Some(Preview { act, at, drafts });
        Ok(lines.join("\n"))
    }

    /// What an act makes public, as JSON.
    ///
    /// # Errors
    /// The rule that does not allow the act.
    pub fn made_public(&self, act: &str) -> Outcome<String> {
        let shown = self.office.made_public(&parse::<O::Act>(act)?)?;
        serde_json::to_string(&shown).map_err(|error| Failure::bug(&error.to_string()))
    }

    /// Does an act. Makes its statements anew, and with that checks it anew; sends those that were shown, if any were. What
    /// was sent without an answer counts as shown: it goes out again as it was, so that it is filed once, and is done if
    /// the log has it by now. A request is sent only as it was shown, and once its file was handed out.
    ///
    /// # Errors
    /// What the act may say.
    pub async fn perform(&mut self, act: &str, file: &[u8], is_fresh: bool) -> Outcome<Done> {
        let act = parse::<O::Act>(act)?;
        let is_same = |shown: &&Preview<O>| shown.act == act;
        if let Some(shown) = self.preview.as_ref().filter(is_same)
            && shown.drafts.iter().all(|draft| self.stands(draft))
        {
            let each = shown.drafts.iter().map(|_| Done::Nothing(())).collect();
            self.preview = None;
            return Ok(O::done(&act, each));
        }
        let fresh = self.office.drafts(&act)?;
        if fresh.is_empty() {
            return self.office.perform(&act, file, &mut self.opened, is_fresh).await;
        }
        let now = self.office.member().wire().now();
        let shown = self.preview.take();
        let shown = shown.filter(|shown| shown.act == act && now <= shown.at + SHOWN_MAX_S);
        let is_saved =
            |draft: &O::SignedAct| O::to_save(draft).is_none() || self.handed_out == Some(O::statement(draft).digest());
        if !shown
            .as_ref()
            .map_or(&fresh, |shown| &shown.drafts)
            .iter()
            .all(is_saved)
        {
            self.preview = shown;
            return Err(Failure::new(Local::KeyNotSaved));
        }
        let (at, drafts) = shown.map_or((now, fresh), |shown| (shown.at, shown.drafts));
        let mut each = Vec::new();
        for draft in &drafts {
            match self.office.send(draft).await {
                Ok(done) => each.push(done),
                Err(failure) => {
                    self.preview = Some(Preview { act, at, drafts });
                    return Err(failure);
                }
            }
        }
        Ok(O::done(&act, each))
    }

    fn stands(&self, draft: &O::SignedAct) -> bool {
        O::slot(draft).is_some_and(|draft| {
            let member = self.office.member();
            member.is_logged(draft.case(), &draft.statement().digest())
        })
    }

    /// The request that was shown and is not sent.
    pub fn drafted_request(&self) -> Option<Digest> {
        let draft = self.preview.as_ref()?.drafts.first()?;
        O::to_save(draft).map(|_| O::statement(draft).digest())
    }

    /// The file of the request that was shown; from now on it may be sent.
    pub fn hand_out(&mut self, request: &Digest) -> Option<Vec<u8>> {
        let mut drafts = self.preview.as_ref()?.drafts.iter();
        let draft = drafts.find(|draft| O::statement(draft).digest() == *request)?;
        let file = O::to_save(draft)?.to_vec();
        self.handed_out = Some(*request);
        Some(file)
    }
}

fn parse<A: DeserializeOwned>(act: &str) -> Outcome<A> {
    serde_json::from_str(act).map_err(|error| Failure::bug(&error.to_string()))
}
