//! Her side (§4, §9): where her filings stand, from the eight words alone, and what she sends.
//!
//! The service must not learn whether the words are right. What is fetched for words of which the log holds nothing is
//! what is fetched for those of one filing: the log, and the bucket of the first case.

use std::collections::HashSet;
use std::rc::Rc;

use casework::clock::{NOT_YET_S, NoLogTime};
use casework::view::{self, CaseAnswer, NotVerifiable};
use casework::{Case, CaseError, InvalidLog, LogTime};
use protocol::drop::{Assembler, Stored, open_new};
use protocol::http::Quota;
use protocol::ids::PublicKey;
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::slot::CaseSalt;
use protocol::{CaseId, Digest, Envelope};

use crate::bucket::Buckets;
use crate::failure::{Failure, Local, Outcome};
use crate::log::Log;
use crate::random::Random;
use crate::store::Store;
use crate::wire::Wire;

mod acts;
mod adding;
mod codes;
mod messages;
mod sent;
mod show;
mod who;

pub use adding::PromisedAddition;
use messages::Inbox;
pub use messages::MessageView;
use sent::Letter;
pub use sent::{HerAct, Sent, SentState};
pub use show::{ActView, Can, DeclarantView, FilingView, Parts, RequestView};
pub use who::Who;

/// Whoever has the eight words.
pub struct Declarant {
    wire: Wire,
    log: Box<Log>,
    store: Rc<dyn Store>,
    random: Random,
    /// The readings of the words; the first until the log shows a filing of another.
    roots: Vec<PhraseRoot>,
    buckets: Buckets,
    /// Case c at place c: those that were filed, and in any case the first.
    cases: Vec<Own>,
    /// Cases of other words that were moved to these.
    moved: Vec<Own>,
    letters: Vec<Letter>,
    unverifiable: Option<Failure>,
    promised: Vec<PromisedAddition>,
    /// Upload codes that are good no more.
    spent: HashSet<Quota>,
}

/// One case of the phrase.
struct Own {
    keys: CaseKeys,
    tried: HashSet<Digest>,
    assembler: Assembler,
    statements: Vec<Envelope>,
    inbox: Inbox,
    case: Result<Case, CaseError>,
}

impl Declarant {
    /// Before the log was read. `roots`: one for each reading of the words. `store` keeps what she sent and does not see
    /// in her list yet, sealed to her inbox key.
    pub fn new(mut log: Box<Log>, roots: Vec<PhraseRoot>, wire: Wire, store: Rc<dyn Store>, random: Random) -> Self {
        log.by_pace();
        Self {
            wire,
            log,
            store,
            random,
            roots,
            buckets: Buckets::default(),
            cases: Vec::new(),
            moved: Vec::new(),
            letters: Vec::new(),
            unverifiable: None,
            promised: Vec::new(),
            spent: HashSet::new(),
        }
    }

    /// Reads from a month or a third of one on, as [`crate::Since`] gives its moment: what was filed before is not found. The
    /// service learns which; everybody who names the same, with whatever words, makes the same calls (§9.1).
    pub fn read_from(&mut self, moment: u64) {
        self.log.begin_at(moment);
    }

    /// Her line to the service.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Why the log cannot be relied on, where reading it said so: the fourth answer of §4.
    pub fn unverifiable(&self) -> Option<&Failure> {
        self.unverifiable.as_ref()
    }

    /// How often a record was tried with a key since the words were opened: the work of a look, which must not tell either
    /// whether they are right.
    pub fn tried(&self) -> usize {
        self.all().map(|own| own.tried.len() + own.inbox.tried()).sum()
    }

    /// A case that can be followed.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.followed().find(|case| case.id() == *id)
    }

    /// The filing of these words to which a case says that it adds.
    fn parent_of(&self, case: &Case) -> Option<CaseId> {
        let parent = case.facts().parent?;
        self.case(&parent).map(Case::id)
    }

    /// The cases that can be followed.
    pub fn followed(&self) -> impl Iterator<Item = &Case> {
        self.all().filter_map(|own| own.case.as_ref().ok())
    }

    /// Cases of these words, then those that were moved to them.
    fn all(&self) -> impl Iterator<Item = &Own> {
        self.cases.iter().chain(&self.moved)
    }

    /// Reads the log, her buckets and her cases, and sends again what does not show in time.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`]; the network; the store. A log that does not verify is no error here but an answer.
    pub async fn refresh(&mut self) -> Outcome<()> {
        self.unverifiable = None;
        match self.read().await {
            Err(failure) if failure.code == Local::LogNotVerifiable => {
                self.unverifiable = Some(failure);
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn read(&mut self) -> Outcome<()> {
        let wire = self.wire.clone();
        self.log.refresh(&wire).await?;
        self.find_cases();
        self.buckets.renew();
        read_cases(&mut self.cases, &mut self.log, &mut self.buckets, &wire).await?;
        self.find_moved();
        read_cases(&mut self.moved, &mut self.log, &mut self.buckets, &wire).await?;
        self.load_letters()?;
        self.settle().await
    }

    /// Takes the cases that were moved to these words. They are read as those of the words that filed them: what came to that
    /// inbox before shows too, and what comes there again after somebody moved it back.
    fn find_moved(&mut self) {
        let Some(first) = self.cases.first() else { return };
        for keys in first.inbox.moved() {
            if !self.cases.iter().chain(&self.moved).any(|own| own.keys.id == keys.id) {
                self.moved.push(Own::new(keys.copy()));
            }
        }
    }

    /// Looks for the filings of the phrase: slot 0 of c = 0 upward, until one is absent (§4).
    fn find_cases(&mut self) {
        let slots = self.log.fold().slots();
        let is_filed = |root: &PhraseRoot| slots.is_taken(&root.case(0).case_salt, 0);
        if let Some(place) = self.roots.iter().position(is_filed).filter(|place| *place > 0) {
            self.roots.swap(0, place);
            self.cases.clear();
            self.moved.clear();
            self.letters.clear();
        }
        let Some(root) = self.roots.first() else { return };
        for c in self.cases.len().. {
            let keys = root.case(u32::try_from(c).unwrap_or(u32::MAX));
            if c > 0 && !slots.is_taken(&keys.case_salt, 0) {
                break;
            }
            self.cases.push(Own::new(keys));
        }
    }

    /// One of the four answers for a case; of one that is not filed the third or the fourth.
    fn answer(&self, own: &Own) -> CaseAnswer {
        if let Some(answer) = self.not_verifiable() {
            return answer;
        }
        let moment: Result<LogTime, NoLogTime> = match self.log.present() {
            Ok(present) => present.map(|(moment, _)| moment),
            Err(_) => Err(NoLogTime::NoCouncil),
        };
        let read = Ok::<(), InvalidLog>(());
        let (fold, salt, case) = (self.log.fold(), &own.keys.case_salt, own.case.as_ref());
        view::answer(&moment, read, fold, salt, case, None)
    }

    /// The fourth answer, where reading the log gave it.
    fn not_verifiable(&self) -> Option<CaseAnswer> {
        let reason = NotVerifiable::Invalid;
        self.unverifiable.as_ref().map(|_| CaseAnswer::NotVerifiable { reason })
    }

    /// By when any filing that does not show yet is in the log: 24 h from now (§6.4).
    fn not_yet_until(&self) -> u64 {
        let latest = self.log.latest().map_or(0, |(_, trusted)| trusted.time());
        let now = self.wire.now().max(latest);
        now.saturating_add(NOT_YET_S)
    }
}

/// Reads the bucket of each case, and follows it.
async fn read_cases(cases: &mut [Own], log: &mut Log, buckets: &mut Buckets, wire: &Wire) -> Outcome<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let salts = cases.iter().map(|own| copy(&own.keys.case_salt)).collect();
    log.watch(wire, salts).await?;
    for own in cases {
        let recipient = own.keys.inbox.recipient();
        let records = buckets.records(wire, log, &recipient, None).await?;
        own.take(&records);
        own.inbox.take(&own.keys, &records, log.registry());
        own.follow(log);
    }
    Ok(())
}

impl Own {
    fn new(keys: CaseKeys) -> Self {
        Self {
            keys,
            tried: HashSet::new(),
            assembler: Assembler::default(),
            statements: Vec::new(),
            inbox: Inbox::default(),
            case: Err(CaseError::NotFiled),
        }
    }

    fn key(&self) -> PublicKey {
        PublicKey(self.keys.signing.verifying_key().to_bytes())
    }

    /// Tries the records that are new with K.
    fn take(&mut self, records: &[Stored]) {
        for (_, record) in open_new(&self.keys.case_salt.k(), records, &mut self.tried) {
            if let Some((statement, twin)) = self.assembler.push(record) {
                self.statements.push(statement);
                self.statements.extend(twin);
            }
        }
    }

    /// Follows the case from acks alone.
    fn follow(&mut self, log: &Log) {
        let (salt, fold) = (copy(&self.keys.case_salt), log.fold());
        self.case = Case::from_acks(salt, self.keys.id, self.key(), fold, &self.statements);
        if let Ok(case) = &mut self.case {
            case.follow(fold, &self.statements);
        }
    }
}

fn copy(salt: &CaseSalt) -> CaseSalt {
    CaseSalt::new(*salt.expose())
}
