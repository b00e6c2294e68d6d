//! What she sent and does not see among the acts yet (§9.3): kept before it is sent, sent again by itself until it shows.

use casework::DeclarantAct;
use casework::case::Body;
use protocol::ids::MemberNumber;
use protocol::statement::{Ask, Consent, InboxChange, Payload as _, Withdraw};
use protocol::{CaseId, Digest, Envelope, age};
use serde::{Deserialize, Serialize};

use super::Declarant;
use crate::failure::{Failure, Local, Outcome};
use crate::office::cell;
use crate::wire::HttpCall;
use crate::work;

/// Within so many seconds what she sent shows among the acts, or it is sent again (§9.3): 48 h.
const SHOWS_S: u64 = 48 * 3600;
/// Folder of the store.
const SENT: &str = "sent";
/// Digits of a bucket hash that name a phrase's file in it.
const NAME_DIGITS: usize = 16;

/// What she sent, as she is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// On which case.
    pub case: CaseId,
    /// What it is.
    #[serde(flatten)]
    pub act: HerAct,
    /// D of its statement.
    pub statement: Digest,
    /// Where it is.
    pub state: SentState,
    /// When it shows among the acts at the latest, POSIX seconds; `None` while it is not sent.
    pub by: Option<u64>,
    /// How often it was sent.
    pub times: u32,
}

/// Where something is that she sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SentState {
    /// Nobody has taken it from her: it goes out at the next reading.
    Unsent,
    /// The service has it; a seat files it.
    Sent,
    /// It did not show in time, and was sent again.
    Overdue,
}

/// What she does, in the words of its statement: nobody does the same twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HerAct {
    /// The statement's name.
    pub name: String,
    /// The request that it is about.
    pub about: Option<Digest>,
    /// `yes`, `no`, a text, or the key of another inbox.
    pub says: Option<String>,
}

/// What she sent, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    case: CaseId,
    pub(super) act: HerAct,
    /// Her counter.
    pub(super) n: u32,
    /// The envelope's bytes: the same each time, so that it is filed once.
    statement: Vec<u8>,
    /// The seats that can read it.
    to: Vec<MemberNumber>,
    /// Time of the log when it was sent last.
    sent_at: Option<u64>,
    times: u32,
}

impl HerAct {
    pub(super) fn new(name: &str, about: Option<Digest>, says: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            about,
            says,
        }
    }

    /// One of which the highest counter counts.
    fn is_answer(&self) -> bool {
        [Consent::NAME, Withdraw::NAME, InboxChange::NAME].contains(&self.name.as_str())
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        (&self.name, &self.about) == (&other.name, &other.about)
    }
}

impl Letter {
    pub(super) fn new(case: CaseId, act: HerAct, n: u32, statement: &Envelope, to: Vec<MemberNumber>) -> Self {
        Self {
            case,
            act,
            n,
            statement: statement.bytes().to_vec(),
            to,
            sent_at: None,
            times: 0,
        }
    }

    fn is_due(&self, now: u64) -> bool {
        self.sent_at.is_none_or(|sent_at| now > sent_at.saturating_add(SHOWS_S))
    }

    fn digest(&self) -> Option<Digest> {
        Envelope::parse(&self.statement)
            .ok()
            .map(|statement| statement.digest())
    }

    fn told(&self) -> Option<Sent> {
        Some(Sent {
            case: self.case,
            act: self.act.clone(),
            statement: self.digest()?,
            state: match (self.sent_at, self.times) {
                (None, _) => SentState::Unsent,
                (Some(_), 0 | 1) => SentState::Sent,
                (Some(_), _) => SentState::Overdue,
            },
            by: self.sent_at.map(|sent_at| sent_at.saturating_add(SHOWS_S)),
            times: self.times,
        })
    }
}

impl Declarant {
    /// What she sent on a case and does not see among its acts yet.
    pub(super) fn sent_on(&self, case: &CaseId) -> Vec<Sent> {
        let on = self.letters.iter().filter(|letter| letter.case == *case);
        on.filter_map(Letter::told).collect()
    }

    /// How many messages came to the inbox of words without a filing.
    pub(super) fn answered(&self) -> u32 {
        let count = self.cases.first().map_or(0, |own| own.inbox.count());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// What she asked without a filing, and nobody has answered yet.
    pub(super) fn asked(&self) -> Vec<Sent> {
        let asked = self.letters.iter().filter(|letter| letter.act.name == Ask::NAME);
        asked.filter_map(Letter::told).collect()
    }

    /// Her counters on a case that are taken by what does not show yet.
    pub(super) fn counters_sent(&self, case: &CaseId) -> impl Iterator<Item = u32> {
        let on = self.letters.iter().filter(|letter| letter.case == *case);
        on.map(|letter| letter.n)
    }

    /// The same act as the last one about the same, if it does not show yet.
    pub(super) fn sent_before(&self, case: &CaseId, act: &HerAct) -> Option<Sent> {
        let mut on = self.letters.iter().filter(|letter| letter.case == *case);
        let last = on.rfind(|letter| letter.act.is_about_the_same(act))?;
        (last.act == *act).then(|| last.told()).flatten()
    }

    /// Whether the last that she sent about the same says otherwise, and does not show yet.
    pub(super) fn is_answered_otherwise(&self, case: &CaseId, act: &HerAct) -> bool {
        let mut on = self.letters.iter().filter(|letter| letter.case == *case);
        on.rfind(|letter| letter.act.is_about_the_same(act))
            .is_some_and(|last| last.act != *act)
    }

    /// Keeps a statement, then posts it to its seats; what was sent before is not sent twice. What nobody answered goes out at
    /// the next reading.
    ///
    /// # Errors
    /// The service's refusal, and then nothing is kept; the network; the store.
    pub(super) async fn send(&mut self, letter: Letter) -> Outcome<Sent> {
        if let Some(sent) = self.sent_before(&letter.case, &letter.act) {
            return Ok(sent);
        }
        self.letters.push(letter);
        self.save_letters()?;
        let place = self.letters.len() - 1;
        match self.post(place).await {
            Ok(()) => {}
            Err(failure) => {
                if !failure.code.is_unanswered() {
                    self.letters.remove(place);
                    self.save_letters()?;
                }
                return Err(failure);
            }
        }
        let told = self.letters.get(place).and_then(Letter::told);
        told.ok_or_else(|| Failure::bug("a letter that went away"))
    }

    /// Forgets what shows among the acts, and sends the rest again where it is time.
    pub(super) async fn settle(&mut self) -> Outcome<()> {
        let before = self.letters.len();
        let mut letters = std::mem::take(&mut self.letters);
        letters.retain(|letter| !self.is_settled(letter));
        self.letters = letters;
        if self.letters.len() != before {
            self.save_letters()?;
        }
        let now = self.log.latest()?.1.time();
        for place in 0..self.letters.len() {
            if self.letters.get(place).is_some_and(|letter| letter.is_due(now)) {
                // What is not taken now stays, and is sent at a later reading.
                match self.post(place).await {
                    Err(failure) if failure.code == Local::Store => return Err(failure),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// It shows among the acts; or a later answer of hers to the same does, beside which no seat files it. A question without
    /// a filing shows nowhere: there are as many answers as questions.
    fn is_settled(&self, letter: &Letter) -> bool {
        if letter.act.name == Ask::NAME {
            return self.answered() >= letter.n;
        }
        let Some(digest) = letter.digest() else { return true };
        let Some(case) = self.case(&letter.case) else {
            return false;
        };
        let overtakes = |hers: &DeclarantAct| {
            let is_the_same = hers.name() == letter.act.name && hers.request() == letter.act.about;
            letter.act.is_answer() && is_the_same && hers.n() > letter.n
        };
        case.acts()
            .any(|act| act.statement == Some(digest) || matches!(&act.body, Some(Body::Hers(hers)) if overtakes(hers)))
    }

    /// Posts a letter in a cell of its own: cells of one statement are not alike.
    async fn post(&mut self, place: usize) -> Outcome<()> {
        let Some(letter) = self.letters.get(place) else {
            return Ok(());
        };
        let statement =
            Envelope::parse(&letter.statement).map_err(|_| Failure::bug("a letter that is not an envelope"))?;
        let to = letter.to.clone();
        self.post_cell(&statement, |x| to.contains(&x)).await?;
        let now = self.log.latest()?.1.time();
        if let Some(letter) = self.letters.get_mut(place) {
            letter.sent_at = Some(now);
            letter.times = letter.times.saturating_add(1);
        }
        self.save_letters()
    }

    /// Posts a statement of hers to those seats of the council that `readable` names; all cells look alike.
    pub(super) async fn post_cell(&self, statement: &Envelope, readable: impl Fn(MemberNumber) -> bool) -> Outcome<()> {
        let council = self.log.registry().current();
        let council = council.ok_or_else(|| Failure::new(Local::NoCouncil))?;
        let cell = cell(&council.seats, (statement, None), readable, &mut self.random.clone())?;
        let posted = Digest::of(&cell);
        let call = HttpCall::post("/api/v1/office", "application/octet-stream".to_owned(), cell);
        work::post(&self.wire, &call, "office", &posted).await.map(drop)
    }

    /// The file that keeps what was sent with these words: named by what says nothing of them to whoever lacks her inbox key.
    fn letters_file(&self) -> Option<String> {
        let own = self.cases.first()?;
        let name = protocol::drop::bucket_hash(&own.keys.inbox.recipient()).to_hex();
        Some(format!("{SENT}/{}.age", name.get(..NAME_DIGITS)?))
    }

    /// Loads what was kept, once. What does not open is not ours.
    pub(super) fn load_letters(&mut self) -> Outcome<()> {
        let (Some(name), Some(own)) = (self.letters_file(), self.cases.first()) else {
            return Ok(());
        };
        if !self.letters.is_empty() {
            return Ok(());
        }
        let file = self.store.read(&name)?;
        let plain = file.and_then(|file| age::open(&own.keys.inbox, &file).ok());
        let list = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        self.letters = list.unwrap_or_default();
        Ok(())
    }

    fn save_letters(&self) -> Outcome<()> {
        let (Some(name), Some(own)) = (self.letters_file(), self.cases.first()) else {
            return Ok(());
        };
        if self.letters.is_empty() {
            return self.store.remove(&name);
        }
        let plain = serde_json::to_vec(&self.letters).map_err(|_| Failure::bug("a list that cannot be written"))?;
        let sealed = age::seal(&[&own.keys.inbox.recipient()], &plain, &mut self.random.clone());
        self.store.write(&name, &sealed)
    }
}
