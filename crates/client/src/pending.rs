//! Acts that are promised and not in the log yet: done twice within a step, an act gives the same promise again instead
//! of being filed twice. An act whose answer never came goes out again as it was.

use std::collections::BTreeSet;

use casework::case::{ActRefusal, Standing};
use casework::slots::Drawn;
use casework::{Act, Filed};
use protocol::{CaseId, Digest, Envelope, age};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::act::{HERS, Pending, SignedAct, SignedStatement, Unanswered, describe};
use crate::failure::{Code, Failure, Local, Outcome};
use crate::member::Member;

/// Acts that wait for their step, under this member's own key.
const PENDING: &str = "pending.age";
/// Acts that were sent without an answer, under this member's own key.
const UNANSWERED: &str = "unanswered.age";
/// After so many seconds no promise can stand for an act that is not in the log (§6.4).
const DEADLINE_S: u64 = 24 * 3600;

impl Member {
    /// The same act as it was sent before, if nobody has answered it.
    pub(crate) fn sent_before(&self, case: &CaseId, statement: &Envelope) -> Option<SignedAct> {
        let act = describe(statement);
        let mut sent = self.unanswered.iter();
        let sent = sent.find(|sent| sent.case == *case && sent.act == act)?;
        Some(SignedAct {
            case: *case,
            statement: Envelope::parse(&sent.statement).ok()?,
            records: sent.records.clone(),
            twin_entry: sent.twin_entry.clone(),
        })
    }

    /// Whether another act of this member on the same request is under way: its twin comes first in the docket (§10.1).
    pub(crate) fn is_before_in_docket(&self, case: &CaseId, statement: &Envelope) -> Outcome<()> {
        let act = describe(statement);
        let pending = self.pending.iter().map(|it| (it.case, &it.act));
        let mut under_way = pending.chain(self.unanswered.iter().map(|it| (it.case, &it.act)));
        match under_way.find(|(of, other)| of == case && !other.is_same(&act) && other.shares_docket(&act)) {
            Some((_, other)) => Err(Failure::new(Local::Pending).about("says", other.name.clone())),
            None => Ok(()),
        }
    }

    /// The same act as it stands in the log without its twin: filed again with that one, it counts.
    pub(crate) fn logged_without_twin(&self, case: &CaseId, statement: &Envelope) -> Option<SignedStatement> {
        let (held, act) = (self.cases.get(case)?, describe(statement));
        let waits = |logged: &&Act| logged.standing == Standing::Refused(ActRefusal::TwinNotLogged);
        let mut waiting = held.case.acts().filter(waits);
        waiting.find_map(|logged| {
            let statement = held.statement(&logged.statement?)?;
            let twin = held.statement(&logged.body.as_ref()?.twin()?)?.clone();
            (describe(statement) == act).then(|| SignedStatement {
                statement: statement.clone(),
                twin: Some(twin),
            })
        })
    }

    /// Keeps an act before it is sent.
    pub(crate) fn keep_unanswered(&mut self, draft: &SignedAct) -> Outcome<()> {
        let bytes = draft.statement.bytes();
        if self.unanswered.iter().any(|sent| sent.statement == bytes) {
            return Ok(());
        }
        self.unanswered.push(Unanswered {
            case: draft.case,
            act: describe(&draft.statement),
            sent_at: self.wire.now(),
            statement: bytes.to_vec(),
            records: draft.records.clone(),
            twin_entry: draft.twin_entry.clone(),
            drawn: None,
        });
        self.save(UNANSWERED, &self.unanswered)
    }

    /// The slot in which a statement was sent last, if nobody has answered.
    pub(crate) fn sent_in(&self, statement: &Envelope) -> Option<Drawn> {
        let mut sent = self.unanswered.iter();
        sent.find(|sent| sent.statement == statement.bytes())?.drawn
    }

    /// Keeps the slot in which a statement is about to be sent: sent again, it is the same form.
    pub(crate) fn keep_sent_in(&mut self, statement: &Envelope, drawn: Drawn) -> Outcome<()> {
        for sent in &mut self.unanswered {
            if sent.statement == statement.bytes() {
                sent.drawn = Some(drawn);
            }
        }
        self.save(UNANSWERED, &self.unanswered)
    }

    /// Forgets an act that was answered.
    pub(crate) fn forget_unanswered(&mut self, statement: &Envelope) -> Outcome<()> {
        self.unanswered.retain(|sent| sent.statement != statement.bytes());
        self.save(UNANSWERED, &self.unanswered)
    }

    /// Forgets a case, and what was sent on it; the promises stay until they are due.
    pub(crate) fn forget_case(&mut self, case: &CaseId) -> Outcome<()> {
        self.cases.remove(case);
        self.unanswered.retain(|sent| sent.case != *case);
        self.save(UNANSWERED, &self.unanswered)
    }

    /// The promise of the same act, if it waits for its step.
    ///
    /// # Errors
    /// [`Local::Pending`] when an act that says otherwise waits: of two, the first counts.
    pub(crate) fn promised(&self, case: &CaseId, statement: &Envelope) -> Outcome<Option<Filed>> {
        let act = describe(statement);
        let mut pending = self.pending.iter();
        match pending.find(|pending| pending.case == *case && pending.act.is_same(&act)) {
            None => Ok(None),
            Some(pending) if pending.act.says == act.says => Ok(Some(pending.filed)),
            Some(pending) => Err(Failure::new(Local::Pending).about("says", pending.act.says.clone())),
        }
    }

    /// A refusal, with what waits for its step on the same request: an act that is only promised does not count yet.
    pub(crate) fn with_promised(&self, case: &CaseId, request: &Digest, refused: Failure) -> Failure {
        let name = request.to_hex();
        let waiting = self
            .pending
            .iter()
            .filter(|pending| pending.case == *case && pending.act.about.starts_with(&name));
        let waiting: Vec<&str> = waiting.map(|pending| pending.act.name.as_str()).collect();
        if waiting.is_empty() || !matches!(refused.code, Code::Rule(_)) {
            return refused;
        }
        refused.about("promised", waiting.join(", "))
    }

    /// Remembers an act that was promised.
    pub(crate) fn remember(&mut self, case: &CaseId, statement: &Envelope, filed: Filed) -> Outcome<()> {
        self.pending.push(Pending {
            case: *case,
            act: describe(statement),
            filed,
        });
        self.save(PENDING, &self.pending)
    }

    /// Slots of the acts on a case that wait.
    pub(crate) fn pending_slots(&self, case: &CaseId) -> BTreeSet<u32> {
        let pending = self.pending.iter().filter(|pending| pending.case == *case);
        pending.map(|pending| pending.filed.k).collect()
    }

    /// How many statements of hers on a case wait.
    pub(crate) fn pending_of_hers(&self, case: &CaseId) -> usize {
        let pending = self.pending.iter().filter(|pending| pending.case == *case);
        pending.filter(|pending| pending.act.is(HERS, "")).count()
    }

    /// Whether a statement on a case is in the log.
    pub fn is_logged(&self, case: &CaseId, statement: &Digest) -> bool {
        let held = self.cases.get(case);
        held.is_some_and(|held| held.stands(statement))
    }

    /// Forgets what is in the log by now, what was promised and not kept by its deadline, and what was sent too long ago.
    pub(crate) fn settle(&mut self) -> Outcome<()> {
        let (now, device) = (self.log.latest()?.1.time(), self.wire.now());
        let (mut pending, mut unanswered) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.unanswered));
        let (promised, sent) = (pending.len(), unanswered.len());
        pending.retain(|act| act.filed.deadline >= now && !self.is_logged(&act.case, &act.filed.statement));
        unanswered.retain(|sent| {
            let digest = Envelope::parse(&sent.statement).map(|statement| statement.digest());
            let is_logged = digest.is_ok_and(|digest| self.is_logged(&sent.case, &digest));
            device <= sent.sent_at.saturating_add(DEADLINE_S) && !is_logged
        });
        (self.pending, self.unanswered) = (pending, unanswered);
        if self.pending.len() != promised {
            self.save(PENDING, &self.pending)?;
        }
        if self.unanswered.len() != sent {
            self.save(UNANSWERED, &self.unanswered)?;
        }
        Ok(())
    }

    /// Loads both lists.
    pub(crate) fn load_acts(&mut self) -> Outcome<()> {
        (self.pending, self.unanswered) = (self.load(PENDING)?, self.load(UNANSWERED)?);
        Ok(())
    }

    /// A list that does not open is of another key or damaged; the worst that follows is an act filed twice.
    fn load<T: DeserializeOwned>(&self, name: &str) -> Outcome<Vec<T>> {
        let file = self.store.read(name)?;
        let plain = file.and_then(|file| age::open(self.keys.identity(), &file).ok());
        let list = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        Ok(list.unwrap_or_default())
    }

    fn save<T: Serialize>(&self, name: &str, list: &[T]) -> Outcome<()> {
        let plain = serde_json::to_vec(list).map_err(|_| Failure::bug("a list that cannot be written"))?;
        self.keep_sealed(name, &plain)
    }

    /// Keeps something under this member's own key.
    pub(crate) fn keep_sealed(&self, name: &str, plain: &[u8]) -> Outcome<()> {
        self.store.write(name, &self.seal_to_self(plain))
    }

    /// Seals something to this member's own key.
    pub(crate) fn seal_to_self(&self, plain: &[u8]) -> Vec<u8> {
        age::seal(&[&self.keys.identity().recipient()], plain, &mut self.random.clone())
    }
}
