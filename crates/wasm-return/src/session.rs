//! What the page's scripts call: one act at a time, each as JSON, turn by turn until it is done.

use std::rc::Rc;

use casework::RootOfTrust;
use client::wire::{Acts, HttpAnswer, Progress, Turn, Wire};
use client::{Declarant, Failure, Log, MemoryStore, Outcome, Random, Since};
use protocol::http::Quota;
use protocol::phrase::{Language, Phrase};
use protocol::problem::Problem;
use protocol::{CaseId, Digest};
use sealing::{SealTarget, TestimonySealer};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// What she does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReturnCommand {
    /// Reads what is new, and sends again what is due.
    Refresh,
    /// Objects to a request.
    Object {
        /// The request.
        request: Digest,
    },
    /// Says yes or no to a request, where her consent is part of the key.
    Consent {
        /// The request.
        request: Digest,
        /// Which.
        yes: bool,
    },
    /// Withdraws a filing, or takes that back.
    Withdraw {
        /// The filing.
        case: CaseId,
        /// Which.
        yes: bool,
    },
    /// Says that she is there.
    Alive {
        /// The filing.
        case: CaseId,
    },
    /// Writes to the seats of a filing.
    Say {
        /// The filing.
        case: CaseId,
        /// What.
        text: String,
    },
    /// Asks the seats something without a filing.
    Ask {
        /// What.
        text: String,
    },
    /// Has messages, and her filings, under the words that were drawn last.
    NewWords,
}

/// One phrase at its inbox, from the words until the page is left. Nothing is kept between two visits.
pub struct Session {
    root: RootOfTrust,
    built: u64,
    random: Random,
    wire: Wire,
    acts: Acts<Box<Declarant>, Value>,
    /// What is being added: to which filing, as which, and with which upload code.
    adding: Option<(CaseId, CaseId, Option<Quota>)>,
    /// Words that were drawn and nothing is under yet.
    drawn: Option<Phrase>,
}

impl Session {
    /// With the root of trust that the page carries, and when the page was built (POSIX seconds; 0 where nobody says).
    ///
    /// # Errors
    /// [`client::Local::LogNotVerifiable`] when the root cannot be read.
    pub fn new(root: &[u8], built: u64) -> Outcome<Self> {
        Ok(Self {
            root: RootOfTrust::parse(root).map_err(Failure::log)?,
            built,
            random: Random::default(),
            wire: Wire::default(),
            acts: Acts::default(),
            adding: None,
            drawn: None,
        })
    }

    /// Derives what the words open; `since`, as [`Since`] reads it: the log is read from then on, else all of it. Takes as long as Argon2id does, and again for each list in which they can be read. What
    /// the service has of them is not known yet, and nothing was asked. False where this device has no 64 MiB to spare.
    ///
    /// # Errors
    /// [`client::Local::Internal`] for words that [`client::words::unread`] refuses; as [`Self::new`], when the root's policy cannot be read.
    pub fn open(&mut self, words: &str, since: &str) -> Outcome<bool> {
        let phrases = Phrase::read(words).map_err(|error| Failure::bug(&error.to_string()))?;
        let roots: Option<Vec<_>> = phrases.iter().map(|phrase| phrase.root(&self.root.origin)).collect();
        let Some(roots) = roots else {
            return Ok(false);
        };
        self.drawn = None;
        let log = Box::new(Log::new(self.root.clone())?.built(self.built));
        let (wire, store) = (self.wire.clone(), Rc::new(MemoryStore::default()));
        let mut declarant = Declarant::new(log, roots, wire, store, self.random.clone());
        if let Some(since) = Since::parse(since) {
            declarant.read_from(since.moment());
        }
        self.acts.put(Box::new(declarant));
        Ok(true)
    }

    /// Draws eight words, Spanish and English, for her to write down before they are opened or [`ReturnCommand::NewWords`] is done.
    pub fn draw(&mut self) -> [Zeroizing<String>; 2] {
        let phrase = self.drawn.insert(Phrase::draw(&mut self.random.clone()));
        [Language::Spanish, Language::English].map(|language| phrase.words(language))
    }

    /// Begins an act. New words are derived first, which takes as long as Argon2id does.
    ///
    /// # Errors
    /// [`client::Local::Busy`] while another is under way; [`client::Local::Locked`] before the words;
    /// [`client::Local::Internal`] for new words that were not drawn, or where this device has no 64 MiB to spare.
    pub fn begin(&mut self, act: &str) -> Outcome<()> {
        let act: ReturnCommand = serde_json::from_str(act).map_err(|error| Failure::bug(&error.to_string()))?;
        let drawn = self.drawn.as_ref().filter(|_| act == ReturnCommand::NewWords);
        let root = drawn.and_then(|phrase| phrase.root(&self.root.origin));
        self.acts.begin(&self.wire, |mut declarant| async move {
            let done = match (act, root) {
                (ReturnCommand::NewWords, Some(root)) => match declarant.move_all(&root.case(0)).await {
                    (sent, None) => value(&sent),
                    (_, Some(failure)) => Err(failure),
                },
                (ReturnCommand::NewWords, None) => Err(Failure::bug("no new words")),
                (act, _) => perform(&mut declarant, act).await,
            };
            (declarant, done)
        })
    }

    /// Goes on with the answers to the last calls; gives new calls, or `{done, view}`: what came of the act, and all there is
    /// to show.
    ///
    /// # Errors
    /// What the act may say; then nothing changed, and [`Self::view`] shows what there was. [`client::Local::Internal`] when none is
    /// under way.
    pub fn turn(&mut self, now: u64, answers: Vec<HttpAnswer>) -> Outcome<Turn<Value>> {
        match self.acts.turn(now, answers)? {
            Turn::Calls(calls) => Ok(Turn::Calls(calls)),
            Turn::Done(done) => Ok(Turn::Done(json!({ "done": done, "view": self.view()? }))),
        }
    }

    /// All there is to show, while no act is under way.
    ///
    /// # Errors
    /// [`client::Local::Locked`] before the words.
    pub fn view(&self) -> Outcome<Value> {
        value(&self.acts.get()?.view())
    }

    /// Begins a filing that adds to `first`, with the choices of that one; `skip`: how many free cases the service has called
    /// taken. `is_large`: with the next upload code that a seat sent her (§5.2).
    ///
    /// # Errors
    /// [`client::Local::Locked`]; [`Problem::Quota`] where no code is left; as [`Declarant::first`].
    pub fn add(&mut self, first: &CaseId, skip: usize, is_large: bool) -> Outcome<TestimonySealer> {
        let declarant = self.acts.get()?;
        let code = match is_large {
            true => Some(
                *declarant
                    .upload_codes(first)
                    .first()
                    .ok_or_else(|| Failure::new(Problem::Quota))?,
            ),
            false => None,
        };
        let (found, keys, log) = (declarant.first(first)?, declarant.free_case(skip)?, declarant.log());
        let target = SealTarget::of(log.root(), log.registry(), declarant.council()?);
        let target = target.map_err(|error| Failure::bug(error.code()))?;
        self.adding = Some((*first, keys.id, code));
        let mut sealer = TestimonySealer::adding(target, keys, &found, &mut self.random.clone());
        code.into_iter().for_each(|code| sealer.enlarge(code));
        Ok(sealer)
    }

    /// What is being added is promised for the log until then, POSIX seconds.
    pub fn added(&mut self, until: u64) {
        self.code_is_spent();
        if let (Ok(declarant), Some((first, case, _))) = (self.acts.get_mut(), self.adding.take()) {
            declarant.added(first, case, until);
        }
    }

    /// The service does not take the upload code, or took it: the next filing uses another.
    pub fn code_is_spent(&mut self) {
        let code = self.adding.and_then(|(.., code)| code);
        if let (Ok(declarant), Some(code)) = (self.acts.get_mut(), code) {
            declarant.spend(code);
        }
    }

    /// How far the act is, where it says so.
    pub fn progress(&self) -> Option<Progress> {
        self.acts.progress()
    }
}

async fn perform(declarant: &mut Declarant, act: ReturnCommand) -> Outcome<Value> {
    let sent = match act {
        ReturnCommand::Refresh => {
            declarant.refresh().await?;
            return Ok(Value::Null);
        }
        ReturnCommand::Object { request } => declarant.object(&request).await?,
        ReturnCommand::Consent { request, yes } => declarant.consent(&request, yes).await?,
        ReturnCommand::Withdraw { case, yes } => declarant.withdraw(&case, yes).await?,
        ReturnCommand::Alive { case } => declarant.alive(&case).await?,
        ReturnCommand::Say { case, text } => declarant.say(&case, &text).await?,
        ReturnCommand::Ask { text } => declarant.ask(&text).await?,
        ReturnCommand::NewWords => return Err(Failure::bug("new words without their keys")),
    };
    value(&sent)
}

fn value(of: &impl serde::Serialize) -> Outcome<Value> {
    serde_json::to_value(of).map_err(|error| Failure::bug(&error.to_string()))
}
