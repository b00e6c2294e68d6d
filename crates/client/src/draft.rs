//! Acts before they are sent: a statement is made and checked against the log first, shown, and only then sent as it
//! was shown (UX §4.1).

use protocol::age::Recipient;
use protocol::ids::MemberNumber;
use protocol::{CaseId, Digest, Envelope};
use serde_json::{Value, json};

use crate::act::Act;
use crate::desk::Desk;
use crate::failure::{Failure, Outcome};
use crate::filing::Kept;
use crate::reader::OwnRequest;

/// How long statements that were shown can be sent as they were shown; afterwards their time is too old.
const SHOWN_MAX_S: u64 = 600;

/// A signed statement with everything that goes along.
pub(crate) struct Draft {
    pub statement: Envelope,
    pub way: Route,
}

/// What was shown before it is sent.
pub(crate) struct ShownDrafts {
    act: Act,
    at: u64,
    drafts: Vec<Draft>,
    /// Whether the file that a request needs was handed out.
    is_handed_out: bool,
}

/// How a statement goes out.
pub(crate) enum Route {
    /// Into a slot of a case, with its records.
    Slot { case: CaseId, records: Vec<Kept> },
    /// In an office cell to the seats that hold the case; this page keeps the request's key.
    Asked {
        seats: Vec<MemberNumber>,
        own: Option<Box<OwnRequest>>,
    },
    /// In an office cell to all other seats: a delivery failed.
    Told { delivery: Digest },
}

impl Desk {
    /// A statement for a slot of a case, with copies for somebody who does not have K.
    pub(crate) fn slot(
        &self,
        case: &CaseId,
        statement: Envelope,
        copies: Option<(Recipient, Vec<Vec<u8>>)>,
    ) -> Outcome<Draft> {
        let records = self.records(case, &statement, copies)?;
        let way = Route::Slot { case: *case, records };
        Ok(Draft { statement, way })
    }

    /// The statements that an act would send, one for each line, as the exact bytes that are signed. The same act then
    /// sends these.
    ///
    /// # Errors
    /// The rule that does not allow the act; `no-statement` for an act that signs none of its own at once.
    pub fn preview(&mut self, act: &Act) -> Outcome<String> {
        let drafts = self.drafts(act)?;
        if drafts.is_empty() {
            return Err(Failure::new("no-statement"));
        }
        let lines: Vec<String> = drafts
            .iter()
            .map(|draft| String::from_utf8_lossy(draft.statement.payload()).into_owned())
            .collect();
        self.shown_drafts = Some(ShownDrafts {
            act: act.clone(),
            at: self.wire.now(),
            drafts,
            is_handed_out: false,
        });
        Ok(lines.join("\n"))
    }

    /// Makes the statements of an act anew, and with that checks it anew; sends those that were shown, if any were. What
    /// was sent without an answer counts as shown: it goes out again as it was, so that it is filed once, and is done if
    /// the log has it by now. A request is sent only as it was shown, and once its file was handed out.
    pub(crate) async fn send(&mut self, act: &Act) -> Outcome<Vec<Value>> {
        let sent = self.shown_drafts.as_ref().filter(|shown| shown.act == *act);
        if sent.is_some_and(|sent| sent.drafts.iter().all(|draft| self.stands(draft))) {
            let done = self.shown_drafts.take().map_or(0, |sent| sent.drafts.len());
            return Ok(vec![Value::Null; done]);
        }
        let fresh = self.drafts(act)?;
        let now = self.wire.now();
        let shown = self.shown_drafts.take();
        let shown = shown.filter(|shown| shown.act == *act && now <= shown.at + SHOWN_MAX_S);
        let is_saved = shown.as_ref().is_some_and(|shown| shown.is_handed_out);
        if matches!(act, Act::Request { .. }) && !is_saved {
            self.shown_drafts = shown;
            return Err(Failure::new("key-not-saved"));
        }
        let mut shown = shown.unwrap_or_else(|| ShownDrafts {
            act: act.clone(),
            at: now,
            drafts: fresh,
            is_handed_out: false,
        });
        let mut done = Vec::new();
        for draft in &mut shown.drafts {
            match self.send_one(draft).await {
                Ok(value) => done.push(value),
                Err(failure) => {
                    self.shown_drafts = Some(shown);
                    return Err(failure);
                }
            }
        }
        Ok(done)
    }

    fn stands(&self, draft: &Draft) -> bool {
        match &draft.way {
            Route::Slot { case, .. } => self.is_logged(case, &draft.statement.digest()),
            Route::Asked { .. } | Route::Told { .. } => false,
        }
    }

    /// The request that was shown and is not sent.
    pub fn drafted_request(&self) -> Option<Digest> {
        let draft = self.shown_drafts.as_ref()?.drafts.first()?;
        matches!(draft.way, Route::Asked { .. }).then(|| draft.statement.digest())
    }

    /// The file of the request that was shown; from now on it may be sent.
    pub(crate) fn hand_out_drafted(&mut self, request: &Digest) -> Option<Vec<u8>> {
        let shown = self.shown_drafts.as_mut()?;
        let draft = shown.drafts.iter().find(|draft| draft.statement.digest() == *request)?;
        let Route::Asked { own, .. } = &draft.way else {
            return None;
        };
        let file = own.as_ref()?.file.clone();
        shown.is_handed_out = true;
        Some(file)
    }

    fn drafts(&self, act: &Act) -> Outcome<Vec<Draft>> {
        let one = match act {
            Act::Ack { cases } => return cases.iter().map(|case| self.ack(case)).collect(),
            Act::Reject { id } => self.reject(id),
            Act::Refer { case, reader } => self.refer(case, *reader),
            Act::Request { case, asking } => self.request(case, asking),
            Act::Decide {
                case,
                request,
                vote,
                reason,
            } => self.decide(case, request, *vote, *reason),
            Act::Object { case, request } => self.object(case, request),
            Act::Release { case, request } => self.release(case, request),
            Act::Finding { case, request, outcome } => self.finding(case, request, *outcome),
            Act::Aid { case, request, aiding } => self.aid(case, request, aiding),
            Act::Refresh | Act::Take | Act::Open { .. } | Act::Load => return Ok(Vec::new()),
        };
        Ok(vec![one?])
    }

    async fn send_one(&mut self, draft: &mut Draft) -> Outcome<Value> {
        let statement = &draft.statement;
        Ok(match &mut draft.way {
            Route::Slot { case, records } => json!(self.file_act(case, statement, records).await?),
            Route::Asked { seats, own } => {
                self.post_cell(statement, |x| seats.contains(&x)).await?;
                if let Some(own) = own.take() {
                    self.requests.insert(statement.digest(), *own);
                }
                json!({ "request": statement.digest() })
            }
            Route::Told { delivery } => {
                let me = self.x()?;
                self.post_cell(statement, |x| x != me).await?;
                self.told(delivery);
                Value::Null
            }
        })
    }
}
