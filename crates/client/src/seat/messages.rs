//! What a seat writes to her (§9.4), and to whoever asks without a filing (§9.2): records to an inbox, and no acts.

use std::collections::HashSet;

use casework::clock::DAY_S;
use casework::proposed;
use protocol::age::{self, Recipient};
use protocol::drop::{Assembler, open_new};
use protocol::http::{Quota, QuotaForm, RecordRef, RecordsForm};
use protocol::ids::{Day, Version};
use protocol::statement::{Ask, Handled, Handling, Message};
use protocol::text::{Asks, asks};
use protocol::{CaseId, Digest, Envelope};
use rand_core::Rng as _;
use serde::Serialize;

use super::Seat;
use crate::failure::{Failure, Local, Outcome};
use crate::filing::KEEP_OWN;
use crate::member::folder;
use crate::wire::HttpCall;
use crate::work::{self, Part};

/// Messages of this seat, by their number, in the folder of a case.
const MESSAGES: &str = "messages";
/// The same of inboxes without a filing, in a folder for each.
const ANSWERS: &str = "answers";
/// Room for the counters of a day's messages.
pub(super) const MESSAGES_A_DAY: u32 = 1 << 16;
/// Days for which an answer to a question without a filing stands in her bucket.
const ANSWER_DAYS: u32 = 180;
/// Questions without a filing that are held at once: those that came first, so that a flood of new ones hides none.
pub(crate) const ASKS_MAX: usize = 512;
/// Digits of an inbox key that are shown.
const KEY_DIGITS: usize = 8;

/// A question without a filing that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AskView {
    /// D of its statement.
    pub statement: Digest,
    /// The day that she wrote into it.
    pub day: Day,
    /// Which of hers it is, as she counts.
    pub n: u32,
    /// The first digits of her inbox key: two with the same are of one person.
    pub inbox: String,
    /// What she asks.
    pub text: String,
}

/// A record to post.
struct Sealed {
    record: RecordRef,
    bytes: Vec<u8>,
}

/// An inbox that this seat writes to, and where it keeps what it wrote.
struct To {
    folder: String,
    case: Option<CaseId>,
    inbox: Recipient,
    keep: u32,
    /// The change that moved messages on the case there: the seat that filed it may have kept it from her new words.
    change: Option<Envelope>,
    /// The question that it answers.
    ask: Option<Digest>,
    /// Whether an upload code goes with it.
    with_code: bool,
}

impl Seat {
    /// Writes to her: a record to her inbox, and no act (§9.4). It is kept before it is sent: the same text again, while
    /// nobody has answered, is the same message. `even_so`: although it asks for what nobody should ask her for.
    /// `with_code`: an upload code goes with it, by which something that she adds may have 2 GiB (§5.2).
    ///
    /// # Errors
    /// [`Local::AsksHer`], with the kinds; [`Local::StatementRule`]; what the service says; the network; the store.
    pub async fn write(&mut self, id: &CaseId, text: &str, even_so: bool, with_code: bool) -> Outcome<Digest> {
        let held = self.member.case(id)?;
        let to = To {
            folder: messages_of(id),
            case: Some(*id),
            inbox: held.messages_to().clone(),
            keep: held.core.policy.inbox_days,
            change: held.moved().cloned(),
            ask: None,
            with_code,
        };
        self.write_to(&to, text, even_so).await
    }

    /// Answers a question without a filing, to the inbox that it names; the other seats do not see it. As [`Self::write`].
    ///
    /// # Errors
    /// [`Local::NoSuchAsk`]; as [`Self::write`].
    pub async fn answer(&mut self, ask: &Digest, text: &str, even_so: bool) -> Outcome<Digest> {
        let mut waiting = self.cells.values().filter(|statement| statement.digest() == *ask);
        let asked = waiting.find_map(|statement| self.ask(statement));
        let asked = asked.ok_or_else(|| Failure::new(Local::NoSuchAsk))?;
        let to = To {
            folder: format!("{ANSWERS}/{}", asked.inbox.key.to_hex()),
            case: None,
            inbox: asked.inbox.recipient,
            keep: ANSWER_DAYS,
            change: None,
            ask: Some(*ask),
            with_code: false,
        };
        let answer = self.write_to(&to, text, even_so).await?;
        self.shows_no_more(ask)?;
        Ok(answer)
    }

    /// Shows a question no more, sent again or not, here or at another login: another seat answers it, or it is none.
    ///
    /// # Errors
    /// [`Local::NoSuchAsk`]; what the service says; the network; the store.
    pub async fn put_away(&mut self, ask: &Digest) -> Outcome<()> {
        if !self.cells.values().any(|statement| statement.digest() == *ask) {
            return Err(Failure::new(Local::NoSuchAsk));
        }
        let files = self.to_self(*ask, Handling::PutAway)?;
        self.post(&files).await?;
        self.shows_no_more(ask)
    }

    /// Questions that records in this seat's own bucket say it has handled, at whatever login.
    ///
    /// # Errors
    /// The network.
    pub(crate) async fn handled(&mut self) -> Outcome<&HashSet<Digest>> {
        let own = self.member.keys.identity().recipient();
        let records = self.member.records_of(&own).await?;
        let (key, registry) = (self.member.keys.public(), self.member.log.registry());
        for (_, record) in open_new(self.member.keys.identity(), &records, &mut self.own_tried) {
            // One record holds it whole.
            let statement = Assembler::default().push(record);
            let handled = statement.and_then(|(statement, _)| proposed::handled(&statement, &key, registry));
            self.handled.extend(handled.map(|handled| handled.ask));
        }
        Ok(&self.handled)
    }

    /// What this seat did with a question, for its own bucket.
    fn to_self(&self, ask: Digest, what: Handling) -> Outcome<Vec<Sealed>> {
        let head = self.member.head();
        let handled = Handled {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            time: head.time,
            x: self.member.x,
            ask,
            what,
        };
        let statement = self.member.sign(&handled)?;
        self.sealed_to(&self.member.keys.identity().recipient(), KEEP_OWN, &statement)
    }

    /// The records of a statement to a recipient.
    fn sealed_to(&self, to: &Recipient, keep: u32, statement: &Envelope) -> Outcome<Vec<Sealed>> {
        let bucket = self.member.log.registry().bucket(to);
        let files = self.member.sealed(to, statement)?.into_iter();
        let sealed = files.map(|bytes| Sealed {
            record: RecordRef {
                bucket,
                keep,
                digest: Digest::of(&bytes),
            },
            bytes,
        });
        Ok(sealed.collect())
    }

    fn draw_code(&self) -> Quota {
        let mut code = Quota([0; Quota::LEN]);
        self.member.random.clone().fill_bytes(&mut code.0);
        code
    }

    /// Tells the service the digest of an upload code; told again, nothing changes.
    async fn tell_code(&mut self, code: &Quota) -> Outcome<()> {
        let form = QuotaForm {
            v: Version,
            origin: self.member.log.root().origin.clone(),
            quota: code.digest(),
        };
        let call = HttpCall::post(
            "/api/v1/member/quota",
            "application/json".to_owned(),
            protocol::json::write(&form),
        );
        self.member.signed(call).await.map(drop)
    }

    /// Posts records that belong to no act.
    async fn post(&mut self, files: &[Sealed]) -> Outcome<()> {
        let form = RecordsForm {
            v: Version,
            origin: self.member.log.root().origin.clone(),
            records: files.iter().map(|file| file.record.clone()).collect(),
        };
        let parts = files.iter().map(|file| Part {
            digest: file.record.digest,
            bytes: &file.bytes,
        });
        self.member
            .signed(work::form("/api/v1/records", "records", &form, parts))
            .await
            .map(drop)
    }

    fn shows_no_more(&mut self, ask: &Digest) -> Outcome<()> {
        let is_it = |statement: &Envelope| statement.digest() == *ask && self.ask(statement).is_some();
        let cells = self.cells.iter().filter(|(_, statement)| is_it(statement));
        let of_ask: Vec<Digest> = cells.map(|(cell, _)| *cell).collect();
        if of_ask.is_empty() {
            return Err(Failure::new(Local::NoSuchAsk));
        }
        for cell in of_ask {
            self.cells.remove(&cell);
            self.is_read(&cell)?;
        }
        self.is_read(ask)
    }

    /// Questions without a filing that were neither answered here nor put away, by day.
    pub fn asks(&self) -> Vec<AskView> {
        let shown = |statement: &Envelope| {
            let ask = self.ask(statement)?;
            let mut inbox = ask.inbox.key.to_hex();
            inbox.truncate(KEY_DIGITS);
            Some(AskView {
                statement: statement.digest(),
                day: ask.day,
                n: ask.n,
                inbox,
                text: ask.text,
            })
        };
        let mut all: Vec<AskView> = self.cells.values().filter_map(shown).collect();
        all.sort_by_key(|ask| (ask.day, ask.statement));
        all.dedup_by_key(|ask| ask.statement);
        all
    }

    /// The question that a statement is, if it is signed with the key of the inbox that it names.
    pub(crate) fn ask(&self, statement: &Envelope) -> Option<Ask> {
        proposed::ask(statement, self.member.log.registry().origin())
    }

    async fn write_to(&mut self, to: &To, text: &str, even_so: bool) -> Outcome<Digest> {
        let asked: Vec<&str> = asks(text).into_iter().map(Asks::name).collect();
        if !even_so && !asked.is_empty() {
            return Err(Failure::new(Local::AsksHer).about("asks", asked));
        }
        let written = self.written(&to.folder)?;
        let statement = match self.unsent(to, written, text)? {
            Some(statement) => statement,
            None => {
                let today = Day::of(self.member.wire.now());
                let n = written
                    .saturating_add(1)
                    .max(first_of(&today, self.member.random.clone().next_u32()));
                let message = Message {
                    v: Version,
                    origin: self.member.log.root().origin.clone(),
                    nonce: self.member.head().nonce,
                    day: today,
                    case: to.case,
                    x: self.member.x.get(),
                    n,
                    text: text.to_owned(),
                    quota: to.with_code.then(|| self.draw_code()),
                };
                let statement = self.member.sign(&message)?;
                self.member
                    .keep_sealed(&message_name(&to.folder, n), statement.bytes())?;
                statement
            }
        };
        // The service knows the code before she does.
        let code = statement.unverified::<Message>().ok().and_then(|message| message.quota);
        if let Some(code) = code {
            self.tell_code(&code).await?;
        }
        let mut files = Vec::new();
        for said in to.change.iter().chain([&statement]) {
            files.extend(self.sealed_to(&to.inbox, to.keep, said)?);
        }
        if let Some(ask) = to.ask {
            files.extend(self.to_self(ask, Handling::Answered)?);
        }
        self.post(&files).await?;
        let n = self.written(&to.folder)?;
        self.member
            .store
            .write(&format!("{}.sent", message_name(&to.folder, n)), b"")?;
        Ok(statement.digest())
    }

    /// The highest number of what this seat has written there; 0 where it has written nothing.
    pub(super) fn written(&self, folder: &str) -> Outcome<u32> {
        let names = self.member.store.names(folder)?;
        let numbers = names
            .iter()
            .filter_map(|name| name.strip_suffix(".age")?.parse::<u32>().ok());
        Ok(numbers.max().unwrap_or(0))
    }

    /// The newest message, if nobody has answered it and it says the same.
    fn unsent(&self, to: &To, n: u32, text: &str) -> Outcome<Option<Envelope>> {
        let (name, store) = (message_name(&to.folder, n), &self.member.store);
        if n == 0 || store.read(&format!("{name}.sent"))?.is_some() {
            return Ok(None);
        }
        let kept = store
            .read(&name)?
            .and_then(|file| age::open(self.member.keys.identity(), &file).ok());
        let statement = kept.and_then(|bytes| Envelope::parse(&bytes).ok());
        let is_same = |statement: &Envelope| {
            statement
                .unverified::<Message>()
                .is_ok_and(|message| message.text == text && message.quota.is_some() == to.with_code)
        };
        Ok(statement.filter(is_same))
    }
}

/// Where what this seat wrote on a case is kept.
pub(super) fn messages_of(id: &CaseId) -> String {
    format!("{}/{MESSAGES}", folder(id))
}

/// The least counter of a message that is written on a day: a page forgets what it wrote in an earlier visit, and a counter
/// that stood before would not be shown. It tells the day, as the message does, and no time.
fn first_of(day: &Day, drawn: u32) -> u32 {
    let days = u32::try_from(day.start() / DAY_S).unwrap_or(u32::MAX);
    days.saturating_mul(MESSAGES_A_DAY)
        .saturating_add(drawn % (MESSAGES_A_DAY / 2))
}

fn message_name(folder: &str, n: u32) -> String {
    format!("{folder}/{n}.age")
}
