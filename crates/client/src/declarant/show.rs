//! What she is shown: typed, in no human language.

use casework::case::{Act, Body, ErasureState, LapseState, Standing, Withdrawal};
use casework::view::{self, CaseAnswer, CaseInbox, RequestLine};
use casework::{Case, Registry, RequestState, RequestStatus};
use protocol::statement::AccessPolicy;
use protocol::{CaseId, Digest, MemberNumber};
use serde::Serialize;

use super::adding::PromisedAddition;
use super::messages::MessageView;
use super::sent::Sent;
use super::who::Who;
use super::{Declarant, Own};

/// Everything that the eight words show.
#[derive(Clone, Debug, Serialize)]
pub struct DeclarantView {
    /// The log's time, POSIX seconds; `None` before its first checkpoint.
    pub time: Option<u64>,
    /// From when on the log was read, POSIX seconds; `None` where from its beginning. What was filed before does not show.
    pub since: Option<u64>,
    /// Waiting times are shortened: nothing here is for real use.
    pub is_demo: bool,
    /// When what others do shows next, and the seconds between two such times.
    pub next_publication: Option<u64>,
    /// As above.
    pub publication_s: Option<u64>,
    /// What is said where no filing shows: no entry yet, or a log that cannot be relied on.
    pub answer: Option<CaseAnswer>,
    /// With «no entry»: by when what was filed within 24 h is in the log at the latest.
    pub by: Option<u64>,
    /// The filings of the phrase, in their order.
    pub filings: Vec<FilingView>,
    /// Messages to words that hold no filing.
    pub messages: Vec<MessageView>,
    /// What she asked without a filing, and nobody has answered yet.
    pub asked: Vec<Sent>,
}

/// One filing.
#[derive(Clone, Debug, Serialize)]
pub struct FilingView {
    /// Case id.
    pub case: CaseId,
    /// Its code, for people.
    pub code: String,
    /// The filing of these words to which it adds.
    pub parent: Option<CaseId>,
    /// One of the four.
    pub answer: CaseAnswer,
    /// While too few seats show it: when to look again.
    pub look_again_at: Option<u64>,
    /// Last second at which a seat's acknowledgement is in time.
    pub acks_by: u64,
    /// Who holds a part, as acknowledged in the log. `None` while too few seats show what they hold.
    pub parts: Option<Parts>,
    /// All acts, in the order of the log, gaps and refused ones included.
    pub acts: Vec<ActView>,
    /// The requests, in the order of the log.
    pub requests: Vec<RequestView>,
    /// Messages to her, by day.
    pub messages: Vec<MessageView>,
    /// Since when messages go to other words than these, POSIX seconds.
    pub messages_elsewhere: Option<u64>,
    /// Her choices, as the seats that acknowledge have them from the header.
    pub policy: Option<AccessPolicy>,
    /// Her withdrawal, if it stands, with its end.
    pub withdrawal: Option<Withdrawal>,
    /// What is destroyed.
    pub erasure: Option<ErasureState>,
    /// Whether it is destroyed for good: too few parts are left.
    pub is_erased: bool,
    /// Where a lapse stands, where she chose one.
    pub lapse: Option<LapseState>,
    /// Readers that could have read it, and since when, POSIX seconds: that cannot be recalled.
    pub readers: Vec<(Who, u64)>,
    /// What she can do beside answering a request.
    pub can: Vec<Can>,
    /// What she added in this session and is not in the log yet.
    pub promised: Vec<PromisedAddition>,
    /// What she sent and does not see among the acts yet.
    pub sent: Vec<Sent>,
}

/// The parts of a filing.
#[derive(Clone, Debug, Serialize)]
pub struct Parts {
    /// Members dealt to.
    pub of: Vec<Who>,
    /// Those that hold a good part, and say so.
    pub hold: Vec<MemberNumber>,
    /// Those that are late with saying so.
    pub late: Vec<MemberNumber>,
    /// How many suffice to open the account.
    pub need: u8,
}

/// An act.
#[derive(Clone, Debug, Serialize)]
pub struct ActView {
    /// Its index in the log.
    pub index: u64,
    /// When the log included it, POSIX seconds.
    pub at: u64,
    /// Who wrote it.
    pub who: Who,
    /// D of its statement, unless it is a gap.
    pub statement: Option<Digest>,
    /// Whether it counts, and why not.
    #[serde(flatten)]
    pub standing: Standing,
    /// What it says.
    pub body: Option<Body>,
}

/// A request, and what she can answer.
#[derive(Clone, Debug, Serialize)]
pub struct RequestView {
    /// All of it.
    #[serde(flatten)]
    pub state: RequestState,
    /// Where it stands.
    #[serde(flatten)]
    pub status: RequestStatus,
    /// Who asks.
    pub reader: Who,
    /// Whether she allowed beforehand what it says that it is for.
    pub is_allowed: bool,
    /// Whether it opens only with her consent.
    pub asks_her: bool,
    /// Her answer that counts.
    pub consent: Option<bool>,
    /// What she can answer now.
    pub can: Vec<Can>,
}

/// What she can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Can {
    /// Consent to a request.
    ConsentYes,
    /// Say no to a request, or take consent back.
    ConsentNo,
    /// Object to a request.
    Object,
    /// Withdraw the testimony.
    Withdraw,
    /// Take the withdrawal back.
    TakeBack,
    /// Give a sign of life.
    Alive,
    /// Write to the seats.
    Say,
    /// Add to the testimony.
    Add,
    /// Add up to 2 GiB to it, with an upload code that a seat sent.
    AddLarge,
    /// Have it, and messages, under other words.
    NewWords,
}

impl Declarant {
    /// Everything that the words show, as far as was read.
    pub fn view(&self) -> DeclarantView {
        let time = self.log.latest().ok().map(|(_, trusted)| trusted.time());
        let next = time.and_then(|time| next_publication(self.log.registry(), time));
        let filed = self.all().filter(|own| self.is_filed(own));
        let filings: Vec<FilingView> = filed.map(|own| self.filing(own, time.unwrap_or(0))).collect();
        let none = filings.is_empty();
        let answer = self.not_verifiable().filter(|_| none);
        let answer = answer.or_else(|| self.cases.first().filter(|_| none).map(|own| self.answer(own)));
        let by = matches!(answer, Some(CaseAnswer::NoEntry { .. })).then(|| self.not_yet_until());
        let unfiled = self.cases.first().filter(|_| none);
        let messages = unfiled.map(|own| self.messages(own));
        DeclarantView {
            time,
            since: self.log.begins().map(|begins| begins.time),
            is_demo: self.log.root().origin.is_demo(),
            next_publication: next.map(|(at, _)| at),
            publication_s: next.map(|(_, every)| every),
            answer,
            by,
            filings,
            messages: messages.unwrap_or_default(),
            asked: self.asked(),
        }
    }

    pub(super) fn is_filed(&self, own: &Own) -> bool {
        self.log.fold().slots().is_taken(&own.keys.case_salt, 0)
    }

    fn filing(&self, own: &Own, at: u64) -> FilingView {
        let registry = self.log.registry();
        let answer = self.answer(own);
        let case = own.case.as_ref().ok();
        let included_at = match &answer {
            CaseAnswer::Held { filed } | CaseAnswer::Withheld { filed, .. } => filed.included_at,
            _ => case.map_or(at, |case| case.filed().included_at),
        };
        let look_again_at = matches!(answer, CaseAnswer::Withheld { .. })
            .then(|| next_publication(registry, at))
            .flatten();
        let inbox = case.map(|case| view::inbox(answer.clone(), case, at));
        let inbox = inbox.as_ref();
        FilingView {
            case: own.keys.id,
            code: own.keys.id.code(),
            parent: self.first_of(own),
            look_again_at: look_again_at.map(|(next, _)| next),
            acks_by: included_at.saturating_add(casework::clock::ACK_S),
            parts: case.zip(inbox).map(|(case, inbox)| parts(case, inbox, registry)),
            acts: case.map_or_else(Vec::new, |case| case.acts().map(|act| shown(act, registry)).collect()),
            requests: case
                .zip(inbox)
                .map_or_else(Vec::new, |(case, inbox)| self.requests(case, inbox)),
            messages: self.messages(own),
            messages_elsewhere: case.and_then(|case| self.elsewhere(own, case)),
            policy: case.map(|case| case.facts().policy.clone()),
            withdrawal: inbox.and_then(|inbox| inbox.withdrawal),
            erasure: inbox.map(|inbox| inbox.erasure.clone()),
            is_erased: inbox.is_some_and(|inbox| inbox.is_erased),
            lapse: inbox.and_then(|inbox| inbox.lapse.cloned()),
            readers: inbox.map_or_else(Vec::new, |inbox| readers(inbox, registry)),
            can: case.map_or_else(Vec::new, |case| self.acts(case)),
            promised: self.promised_to(&own.keys.id),
            sent: self.sent_on(&own.keys.id),
            answer,
        }
    }

    /// Since when messages on a case go to other words.
    fn elsewhere(&self, own: &Own, case: &Case) -> Option<u64> {
        // Of a case that was moved here its own inbox is that of other words, though these read it too.
        let own = Some(own).filter(|own| self.cases.iter().any(|case| case.keys.id == own.keys.id));
        let mine = [own, self.cases.first()].into_iter().flatten();
        let mine: Vec<_> = mine.map(|own| own.keys.inbox.recipient()).collect();
        case.messages_elsewhere(&mine).map(|found| found.included_at)
    }

    /// Messages on a case, by day and counter: those in its own inbox, and those that go to these words since it was moved.
    pub(super) fn messages(&self, own: &Own) -> Vec<MessageView> {
        let (registry, id) = (self.log.registry(), own.keys.id);
        let mut all = Vec::new();
        own.inbox
            .put(registry, &|case| case.is_none_or(|case| case == id), &mut all);
        if let Some(first) = self.cases.first().filter(|first| first.keys.id != id) {
            first.inbox.put(registry, &|case| case == Some(id), &mut all);
        }
        all
    }

    fn requests(&self, case: &Case, inbox: &CaseInbox<'_>) -> Vec<RequestView> {
        let shown = |line: &RequestLine<'_>| RequestView {
            reader: Who::member(line.state.request.reader, self.log.registry()),
            is_allowed: case.facts().policy.allows(line.state.request.for_use),
            asks_her: line.asks_her,
            consent: line.consent,
            can: self.answers(case, &line.state.digest),
            status: line.status,
            state: line.state.clone(),
        };
        inbox.requests.iter().map(shown).collect()
    }
}

/// When the seats are next given what waits for them, and what they did shows to her: POSIX seconds, and the seconds
/// between two.
fn next_publication(registry: &Registry, at: u64) -> Option<(u64, u64)> {
    let every = u64::from(registry.pace_at(at)?.delivery_s).max(1);
    Some(((at / every + 1) * every, every))
}

fn parts(case: &Case, inbox: &CaseInbox<'_>, registry: &Registry) -> Parts {
    let facts = case.facts();
    Parts {
        of: facts.dealt.iter().map(|x| Who::member(*x, registry)).collect(),
        hold: inbox.acks.iter().map(|(x, ..)| *x).collect(),
        late: inbox.late_acks.clone(),
        need: facts.account,
    }
}

fn readers(inbox: &CaseInbox<'_>, registry: &Registry) -> Vec<(Who, u64)> {
    let readers = inbox.readers.iter();
    readers.map(|(x, since)| (Who::member(*x, registry), *since)).collect()
}

fn shown(act: &Act, registry: &Registry) -> ActView {
    ActView {
        index: act.found.index,
        at: act.found.included_at,
        who: match (act.author, &act.body) {
            (Some(x), _) => Who::member(x, registry),
            (None, Some(_)) => Who::She,
            (None, None) => Who::Unknown,
        },
        statement: act.statement,
        standing: act.standing.clone(),
        body: act.body.clone(),
    }
}
