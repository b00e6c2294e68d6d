//! A client's own view of the log: every entry read from the tiles, every checkpoint verified against the policy in force,
//! folded, and kept in a [`Store`] where there is one.
//!
//! The service is believed in nothing. Waiting times run from the first checkpoint that includes an entry (§8.3). That one
//! is looked for where it matters: for public statements, and for the acts on cases that are watched.

use std::collections::{BTreeMap, HashMap};

use casework::clock::UNKNOWN_TIME;
use casework::{Chronology, Clock, Fold, Registry, RootOfTrust};
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::Pace;
use protocol::{Digest, Envelope};
use tlog::policy::Trusted;
use tlog::verify::{Follower, ReadError};
use tlog::{Note, Policy, leaf_hash};

use crate::failure::{Failure, Local, Outcome};
use crate::steps::{Steps, claimed};
use crate::store::Store;
use crate::tiles::{self, Tiles};
use crate::wire::Wire;

mod begin;
mod kept;
mod paced;
mod present;
mod public;
mod times;

pub use begin::{Begins, Since};
pub use present::CosignersSaid;
pub use public::Statement;

use kept::{Kept, Seen};
use times::Leaves;

/// Pauses before the log is read again where a cosigner has signed more than is shown: it may be about to be published.
const PUBLISHED_SOON_S: [u64; 3] = [1, 3, 6];

/// How the times of entries that are not public are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    /// That of the checkpoint which an entry was read with.
    AsRead,
    /// That of the first checkpoint that includes it, looked up for the acts on watched cases.
    Exact,
    /// As its index and the pace say, by the same calls for whichever cases are watched.
    ByPace,
}

/// The log, followed.
pub struct Log {
    root: RootOfTrust,
    fold: Fold,
    follower: Follower,
    latest: Option<(Note, Trusted)>,
    leaves: Leaves,
    steps: Steps,
    watched: Vec<CaseSalt>,
    times: Times,
    /// The moment from which it is read, where not from its beginning.
    from: Option<u64>,
    begins: Option<Begins>,
    /// Indices of public entries.
    public: Vec<u64>,
    /// Times of steps' checkpoints that were verified.
    marks: BTreeMap<u64, u64>,
    /// What is known of the present beside this device's clock.
    clock: Clock,
    /// When the checkpoints were that this client has seen.
    chronology: Chronology,
    /// Whether the cosigners may be asked themselves.
    asks: bool,
    asked: CosignersSaid,
    /// The latest checkpoint as the cosigners signed it again, where they were asked.
    cosigned_again: Option<(Note, Trusted)>,
    store: Option<Box<dyn Store + Send>>,
    seen: Option<Seen>,
    unsaved: Vec<Kept>,
    rewrite: bool,
    read_anew: Option<Failure>,
}

impl Log {
    /// From the root of trust; nothing is kept.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] for a root that cannot be used.
    pub fn new(root: RootOfTrust) -> Outcome<Self> {
        let fold = Fold::new(&root).map_err(Failure::log)?;
        Ok(Self {
            root,
            fold,
            follower: Follower::new(),
            latest: None,
            leaves: Leaves::default(),
            steps: Steps::default(),
            watched: Vec::new(),
            times: Times::Exact,
            from: None,
            begins: None,
            public: Vec::new(),
            marks: BTreeMap::new(),
            clock: Clock::default(),
            chronology: Chronology::default(),
            asks: false,
            asked: CosignersSaid::Not,
            cosigned_again: None,
            store: None,
            seen: None,
            unsaved: Vec::new(),
            rewrite: false,
            read_anew: None,
        })
    }

    /// In a program that was built at a time, POSIX seconds.
    #[must_use]
    pub fn built(mut self, built: u64) -> Self {
        self.clock.built = built;
        self
    }

    /// Takes each entry at the time of the checkpoint that it was read with: enough to seal, to find an entry, to take a
    /// proof, and far fewer checkpoints are fetched.
    #[must_use]
    pub fn as_read(mut self) -> Self {
        self.times = Times::AsRead;
        self
    }

    /// Looks up the times of acts by calls that are the same whichever cases are watched.
    pub(crate) fn by_pace(&mut self) {
        self.times = Times::ByPace;
    }

    /// Asks the policy's cosigners themselves where the newest checkpoint is too old by this device's clock (§3).
    #[must_use]
    pub fn asking_cosigners(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Continues from a store, and keeps there what is read.
    ///
    /// # Errors
    /// [`Local::StateOfAnother`] when the store is of another log, [`Local::StateDamaged`] when it has lost what it says it has seen; the
    /// store; the network for a public statement that is not there any more.
    pub async fn kept_in(mut self, store: Box<dyn Store + Send>, wire: &Wire) -> Outcome<Self> {
        self.store = Some(store);
        self.resume(wire).await?;
        Ok(self)
    }

    /// Why the entries that were kept are read anew, where they are.
    pub fn read_anew(&self) -> Option<&Failure> {
        self.read_anew.as_ref()
    }

    /// Reads what is new, up to the latest checkpoint, and times the acts on watched cases.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] when anything does not verify or history changed; the network; the store.
    pub async fn refresh(&mut self, wire: &Wire) -> Outcome<()> {
        let mut pauses = PUBLISHED_SOON_S.iter();
        loop {
            self.read_new(wire).await?;
            match (self.asked, pauses.next()) {
                (CosignersSaid::Withheld { .. }, Some(pause)) => wire.pause(*pause).await,
                _ => return Ok(()),
            }
        }
    }

    async fn read_new(&mut self, wire: &Wire) -> Outcome<()> {
        let (bytes, date) = wire.dated("/log/checkpoint").await?;
        let note = Note::parse(&bytes).map_err(Failure::log)?;
        let size = claimed(&note)?.size;
        let known = self.size();
        if size < known || self.seen.as_ref().is_some_and(|seen| size < seen.size()) {
            return Err(fork());
        }
        if size > known {
            self.begin(wire, &note).await?;
            self.read_on(wire, &note).await?;
        }
        let trusted = self.check(&note)?;
        self.follower
            .advance(&trusted, |_| Err::<Vec<u8>, _>(()))
            .map_err(|_| fork())?;
        if self.seen.is_some() {
            return Err(fork());
        }
        self.chronology.saw(size, trusted.time()).map_err(Failure::log)?;
        self.look_at_clock(wire, &trusted, date);
        self.latest = Some((note, trusted));
        self.remember()?;
        self.time_watched(wire).await?;
        self.ask(wire).await
    }

    /// Goes to a checkpoint by way of those that are the first to include a public statement: each is checked against the
    /// council that is known by then.
    async fn read_on(&mut self, wire: &Wire, latest: &Note) -> Outcome<()> {
        let (known, end) = (self.size(), claimed(latest)?.size);
        let mut tiles = Tiles::fetch(wire, known, end).await?;
        let public = tiles.public(known, end)?;
        let digests: Vec<Digest> = public.iter().map(|(_, digest)| *digest).collect();
        let mut statements = self.public_statements(wire, &digests).await?;
        let is_direct = self.times == Times::AsRead && self.check(latest).is_ok();
        if !public.is_empty() && !is_direct {
            self.look_for_steps(wire, latest).await?;
            for (index, _) in public {
                wire.progress(index - known, end - known);
                if index < self.size() {
                    continue;
                }
                let Some((step, note)) = self.steps.first_beyond(wire, index).await? else {
                    break;
                };
                let size = claimed(&note)?.size;
                if size > end {
                    break;
                }
                let trusted = self.check(&note)?;
                self.chronology
                    .saw_step(step, self.steps.step_s(), size, trusted.time())
                    .map_err(Failure::log)?;
                self.advance(wire, &trusted, &mut tiles, &mut statements).await?;
            }
        }
        if self.size() < end {
            let trusted = self.check(latest)?;
            self.advance(wire, &trusted, &mut tiles, &mut statements).await?;
        }
        Ok(())
    }

    /// Finds where the steps lie. Their length is read from the pace statement, at first unverified: it only says where
    /// checkpoints lie, and each of them is verified.
    async fn look_for_steps(&mut self, wire: &Wire, latest: &Note) -> Outcome<()> {
        let pace = match self.fold.registry().pace() {
            Some(pace) => Some(pace.clone()),
            None => self.pace_hint(wire, claimed(latest)?.size).await?,
        };
        let (step_s, n) = pace.map_or((1, 1), |pace| (pace.step_s, pace.n));
        let latest_at = self.check(latest).map_or_else(|_| wire.now(), |trusted| trusted.time());
        self.steps = std::mem::take(&mut self.steps).lasting(u64::from(step_s.max(1)), u64::from(n.max(1)));
        self.steps.look_to(wire, latest_at).await
    }

    /// The pace as the log's second entry states it, unverified.
    async fn pace_hint(&self, wire: &Wire, end: u64) -> Outcome<Option<Pace>> {
        // A static host need not have the narrow tile any more.
        let second = match tiles::entry(wire, 2, 1).await {
            Err(failure) if failure.code == Local::LogNotVerifiable => tiles::entry(wire, end, 1).await?,
            other => other?,
        };
        let Some(Entry::Public(digest)) = Entry::parse(&second) else {
            return Ok(None);
        };
        let statement = self.public_statements(wire, &[digest]).await?.remove(&digest);
        Ok(statement.and_then(|envelope| envelope.unverified::<Pace>().ok()))
    }

    /// Takes the entries up to a checkpoint, which is the first with each public statement among them.
    async fn advance(
        &mut self,
        wire: &Wire,
        to: &Trusted,
        tiles: &mut Tiles,
        statements: &mut HashMap<Digest, Envelope>,
    ) -> Outcome<()> {
        let mut read = self.follower.advance(to, |name| tiles.cut(name).ok_or(()));
        if matches!(read, Err(ReadError::Fetch(()))) {
            // They do not lead there: with all of them it shows whether history is another than before.
            *tiles = Tiles::fetch(wire, 0, to.checkpoint().size).await?;
            read = self.follower.advance(to, |name| tiles.cut(name).ok_or(()));
        }
        let entries = read.map_err(|error| match error {
            ReadError::Fork => fork(),
            ReadError::Fetch(()) => Failure::log("a bundle of entries is malformed"),
            ReadError::Tile(_) => Failure::log(error),
        })?;
        for bytes in entries {
            if let Some(seen) = &mut self.seen
                && seen.take(&bytes).map_err(|_| fork())?
            {
                self.seen = None;
            }
            let (statement, included_at) = match Entry::parse(&bytes) {
                Some(Entry::Public(digest)) => (statements.get(&digest).cloned(), to.time()),
                _ if self.times == Times::AsRead => (None, to.time()),
                _ => (None, UNKNOWN_TIME),
            };
            self.fold_in(&bytes, included_at, statement)?;
            if self.store.is_some() {
                self.unsaved.push(Kept { bytes, included_at });
            }
        }
        Ok(())
    }

    /// Folds one entry, with the statement that it stands for if it is a public one.
    fn fold_in(&mut self, bytes: &[u8], included_at: u64, statement: Option<Envelope>) -> Outcome<()> {
        self.fold
            .push(bytes, included_at, |_| statement)
            .map_err(Failure::log)?;
        self.leaves.push(leaf_hash(bytes));
        if let Some(Entry::Public(_)) = Entry::parse(bytes) {
            self.public.push(self.fold.size() - 1);
        }
        Ok(())
    }

    /// The envelopes of public statements, from the store or the service, without those that nobody shows.
    async fn public_statements(&self, wire: &Wire, digests: &[Digest]) -> Outcome<HashMap<Digest, Envelope>> {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for digest in digests {
            match self.kept_statement(digest)? {
                Some(envelope) => drop(found.insert(*digest, envelope)),
                None => missing.push(*digest),
            }
        }
        for batch in missing.chunks(crate::wire::BATCH) {
            let paths = batch.iter().map(|digest| format!("/api/v1/public/{digest}")).collect();
            for (digest, bytes) in batch.iter().zip(wire.several(paths).await?) {
                let envelope = bytes.and_then(|bytes| Envelope::parse(&bytes).ok());
                if let Some(envelope) = envelope.filter(|envelope| envelope.digest() == *digest) {
                    self.keep_statement(digest, &envelope)?;
                    found.insert(*digest, envelope);
                }
            }
        }
        Ok(found)
    }

    /// Entries that were read.
    fn size(&self) -> u64 {
        self.follower.frontier().size()
    }

    /// Everything read.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Councils and the operator's statements.
    pub fn registry(&self) -> &Registry {
        self.fold.registry()
    }

    /// The root of trust.
    pub fn root(&self) -> &RootOfTrust {
        &self.root
    }

    /// The latest checkpoint.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`] before the first.
    pub fn latest(&self) -> Outcome<&(Note, Trusted)> {
        self.latest.as_ref().ok_or_else(|| Failure::new(Local::NoCheckpoint))
    }

    /// Checks a checkpoint that may be older than the newest, against the policy of the council that was in force by then,
    /// or of the one before it: what a later council's cosigners sign says nothing of earlier times.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] when it satisfies neither.
    pub fn check_at(&self, note: &Note) -> Outcome<Trusted> {
        check_by(self.registry(), &self.root, note)
    }

    fn check(&self, note: &Note) -> Outcome<Trusted> {
        check(&self.policy()?, note, &self.root)
    }

    fn policy(&self) -> Outcome<Policy> {
        match self.registry().current() {
            Some(council) => Ok(council.policy().clone()),
            None => self.root_policy(),
        }
    }

    fn root_policy(&self) -> Outcome<Policy> {
        self.root.policy().map_err(Failure::log)
    }
}

/// See [`Log::check_at`].
pub(crate) fn check_by(registry: &Registry, root: &RootOfTrust, note: &Note) -> Outcome<Trusted> {
    let size = claimed(note)?.size;
    let councils = registry.councils().iter().rev();
    let by_then = councils.filter(|council| council.index() < size).take(2);
    let checked = by_then.map(|council| check(council.policy(), note, root));
    let of_root = || root.policy().map_err(Failure::log);
    let mut checked = checked.chain([of_root().and_then(|policy| check(&policy, note, root))]);
    let none = || Failure::log("no policy accepts a checkpoint");
    checked.find(Result::is_ok).unwrap_or_else(|| Err(none()))
}

fn check(policy: &Policy, note: &Note, root: &RootOfTrust) -> Outcome<Trusted> {
    policy.check(note, root.origin.as_str()).map_err(Failure::log)
}

fn fork() -> Failure {
    Failure::log("its history is shorter than, or different from, what was read before: a fork")
}
