//! The fold of the public statements as this server serves them: who is in the council, at what pace the log grows.
//!
//! Derived from the ledger alone and rebuilt at every start. Readers take an immutable [`View`]; one task replaces it
//! after a checkpoint that includes new statements was published.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::body::Bytes;
use casework::docket::{Committed, Dockets};
use casework::duty::Duties;
use casework::registry::CouncilRecord;
use casework::{Registry, RootOfTrust};
use ledger::Ledger;
use protocol::ids::Version;
use protocol::slot::twin_slot;
use protocol::statement::{BucketDepth, Council, DocketId, Pace as PaceStatement, Payload as _, Site, Twin, TwinAct};
use protocol::{Digest, Envelope, MemberNumber, Origin};
use tlog::{Checkpoint, Note, Policy, VerifierKey};

use crate::capacity::Rate;
use crate::config::PaceConfig;
use crate::limits::HORIZON_S;

/// The list of public statements in the ledger, in order of arrival: D ‖ SHA-256 of the envelope.
pub(crate) const STATEMENTS_LIST: &str = "public";

/// A public statement.
#[derive(Clone, Debug)]
struct Statement {
    envelope: Envelope,
    bytes: Bytes,
    /// Index of its entry and checkpoint time of its inclusion, once it is in a published checkpoint.
    place: Option<(u64, u64)>,
    /// Whether that time is kept in the ledger.
    is_kept: bool,
}

/// What the public statements say, as of the last published checkpoint.
#[derive(Clone, Debug)]
pub(crate) struct View {
    registry: Option<Registry>,
    /// Policy of the first council while it waits for its checkpoint: who must cosign that.
    founding: Option<Policy>,
    root: Option<RootOfTrust>,
    statements: HashMap<Digest, Statement>,
    by_name: BTreeMap<String, Vec<Digest>>,
    /// Docket twins by docket, author and number: of several the first that came.
    twins: BTreeMap<(DocketId, MemberNumber, u32), Digest>,
    /// Dockets of which the request is published.
    dockets: HashSet<DocketId>,
    /// The duty reports, read when there are new ones.
    duties: Arc<Duties>,
    /// The twins in a published checkpoint, read when there are new statements.
    published: Arc<Dockets>,
    /// The entries that commit to them.
    committed: HashMap<Digest, Committed>,
    /// The last `site` that the operator stated, in the log or on its way there.
    site: Option<Site>,
    pace: PaceConfig,
}

impl View {
    /// The root of trust, once a council was published.
    pub fn root(&self) -> Option<&RootOfTrust> {
        self.root.as_ref()
    }

    /// The current council: the newest one in a published checkpoint.
    pub fn council(&self) -> Option<&CouncilRecord> {
        self.registry.as_ref().and_then(Registry::current)
    }

    /// All councils in a published checkpoint, oldest first.
    pub fn councils(&self) -> &[CouncilRecord] {
        self.registry.as_ref().map_or(&[], Registry::councils)
    }

    /// The fold itself.
    pub fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    /// The duty reports.
    pub fn duties(&self) -> &Duties {
        &self.duties
    }

    /// The docket, as far as it is published.
    pub fn dockets(&self) -> &Arc<Dockets> {
        &self.published
    }

    /// A docket twin that was taken.
    pub fn twin(&self, docket: &DocketId, x: MemberNumber, n: u32) -> Option<Digest> {
        self.twins.get(&(*docket, x, n)).copied()
    }

    /// Whether the twin of a docket's request was taken.
    pub fn shows_request(&self, docket: &DocketId) -> bool {
        self.dockets.contains(docket)
    }

    /// Who must cosign the next checkpoint.
    pub fn policy(&self) -> Option<&Policy> {
        self.council().map(CouncilRecord::policy).or(self.founding.as_ref())
    }

    /// Whether a bucket of this depth is taken.
    pub fn takes_depth(&self, depth: u8, now: u64) -> bool {
        let registry = self.registry.as_ref();
        registry.map_or(depth == 0, |registry| registry.takes_depth(depth, now))
    }

    /// The pace in force at a time: the statement's, before any the configured one.
    pub fn pace(&self, now: u64) -> PaceConfig {
        let stated = self.registry.as_ref().and_then(|registry| registry.pace_at(now));
        stated.map_or(self.pace, |pace| PaceConfig {
            n: pace.n,
            step_s: pace.step_s,
            delivery_s: pace.delivery_s,
        })
    }

    /// N at the steps to come, as of `now`.
    pub fn rate(&self, now: u64) -> Rate {
        let step_s = u64::from(self.pace(now).step_s.max(1));
        let next_time = (now / step_s + 1) * step_s;
        let n_at = |time| u64::from(self.pace(time).n);
        // The next step includes a statement that waits; the step after is the first that goes by it, if it is a rise.
        let announced = self.announced().map_or(0, |pace| u64::from(pace.n));
        Rate {
            next: n_at(next_time),
            then: n_at(next_time + step_s).min(n_at(next_time + HORIZON_S)).max(announced),
            step_s,
        }
    }

    /// The statement `pace` that waits for a checkpoint, the greatest of several.
    pub fn announced(&self) -> Option<PaceStatement> {
        let waiting = self.statements.values().filter(|statement| statement.place.is_none());
        waiting
            .filter_map(|statement| statement.envelope.unverified::<PaceStatement>().ok())
            .max_by_key(|pace| pace.n)
    }

    /// The deepest drop that waits for a checkpoint; 0 without one.
    pub fn announced_depth(&self) -> u8 {
        let waiting = self.statements.values().filter(|statement| statement.place.is_none());
        let depths = waiting.filter_map(|statement| statement.envelope.unverified::<BucketDepth>().ok());
        depths.map(|drop| drop.b).max().unwrap_or(0)
    }

    /// The last `site` that was stated, in the log or on its way there.
    pub fn newest_site(&self) -> Option<&Site> {
        self.site.as_ref()
    }

    /// The envelope of a statement, as it arrived.
    pub fn envelope(&self, digest: &Digest) -> Option<Bytes> {
        self.statements.get(digest).map(|statement| statement.bytes.clone())
    }

    /// Index of a statement's entry, once it is in a published checkpoint.
    pub fn index(&self, digest: &Digest) -> Option<u64> {
        Some(self.statements.get(digest)?.place?.0)
    }

    /// Checkpoint time of a statement's inclusion, once it is in a published checkpoint.
    pub fn included_at(&self, digest: &Digest) -> Option<u64> {
        Some(self.statements.get(digest)?.place?.1)
    }

    /// Statements in a published checkpoint whose time of inclusion is not kept yet, with that time.
    pub fn unkept(&self) -> Vec<(Digest, u64)> {
        let unkept = self.statements.iter().filter(|(_, statement)| !statement.is_kept);
        unkept
            .filter_map(|(digest, statement)| Some((*digest, statement.place?.1)))
            .collect()
    }

    /// The statements in a published checkpoint, index and digest, in log order.
    pub fn placed(&self) -> Vec<(u64, Digest)> {
        let placed = self.statements.iter();
        let mut placed: Vec<(u64, Digest)> = placed
            .filter_map(|(digest, statement)| Some((statement.place?.0, *digest)))
            .collect();
        placed.sort_unstable();
        placed
    }

    /// Digests of the statements of one name, in log order.
    pub fn named(&self, name: &str) -> &[Digest] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Holds the present [`View`].
pub(crate) struct Projection {
    origin: Origin,
    log_key: VerifierKey,
    /// Guards the view itself; held only to clone or replace the pointer.
    view: RwLock<Arc<View>>,
    /// Held by whoever makes the next view, so that no two begin with the same one.
    writing: Mutex<()>,
}

impl Projection {
    /// Reads all public statements from the ledger. Blocks.
    ///
    /// # Errors
    /// Storage; `Damaged` when a statement's envelope is missing or unreadable.
    pub fn open(
        ledger: &Ledger,
        origin: &Origin,
        log_key: &VerifierKey,
        pace: PaceConfig,
    ) -> Result<Self, ledger::Error> {
        let view = View {
            registry: None,
            founding: None,
            root: None,
            statements: HashMap::new(),
            by_name: BTreeMap::new(),
            twins: BTreeMap::new(),
            dockets: HashSet::new(),
            duties: Arc::default(),
            published: Arc::default(),
            committed: HashMap::new(),
            site: None,
            pace,
        };
        let projection = Self {
            origin: origin.clone(),
            log_key: log_key.clone(),
            view: RwLock::new(Arc::new(view)),
            writing: Mutex::new(()),
        };
        projection.refresh(ledger)?;
        Ok(projection)
    }

    /// The present view.
    pub fn view(&self) -> Arc<View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up statements that came since, and those that the last published checkpoint includes for the first time.
    /// Blocks.
    ///
    /// # Errors
    /// Storage.
    pub fn refresh(&self, ledger: &Ledger) -> Result<(), ledger::Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut view = (*self.view()).clone();
        let mut is_changed = false;
        for (digest, file) in statement_list(ledger)? {
            if !view.statements.contains_key(&digest) {
                is_changed = true;
                let statement = load(ledger, &digest, &file)?;
                if view.root.is_none() {
                    self.found(&mut view, &digest, &statement.envelope)?;
                }
                view.take_twin(&digest, &statement.envelope);
                // Nobody but the operator brings one in, and the list is in order of arrival.
                view.site = statement.envelope.unverified().ok().or(view.site.take());
                view.statements.insert(digest, statement);
            }
        }
        let size = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        let mut placed = Vec::new();
        for (digest, statement) in &view.statements {
            if statement.place.is_none() {
                let position = ledger.position(&digest.0)?.filter(|index| *index < size);
                placed.extend(position.map(|index| (index, *digest)));
            }
        }
        placed.sort_unstable();
        for (index, digest) in placed {
            is_changed = true;
            let kept = included(ledger, &digest)?;
            let included_at = kept.unwrap_or_else(|| self.checkpoint_time(&view, ledger));
            view.include(index, digest, included_at, kept.is_some());
        }
        if let Some(registry) = view.registry.as_ref().filter(|_| is_changed) {
            view.duties = Arc::new(Duties::of(registry));
        }
        if is_changed {
            self.read_dockets(&mut view, ledger)?;
        }
        if is_changed {
            self.replace(view);
        }
        Ok(())
    }

    /// The time of a statement's inclusion is kept now.
    pub fn keep(&self, digest: &Digest) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut view = (*self.view()).clone();
        if let Some(statement) = view.statements.get_mut(digest) {
            statement.is_kept = true;
        }
        self.replace(view);
    }

    fn replace(&self, view: View) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }

    /// Time of the last published checkpoint (§3), POSIX seconds; 0 before the first.
    pub fn checkpoint_time(&self, view: &View, ledger: &Ledger) -> u64 {
        let time = || {
            let note = Note::parse(&ledger.snapshot()?.checkpoint).ok()?;
            Some(view.policy()?.check(&note, self.origin.as_str()).ok()?.time())
        };
        time().unwrap_or(0)
    }

    /// Reads the published twins. When an act was is looked up once.
    fn read_dockets(&self, view: &mut View, ledger: &Ledger) -> Result<(), ledger::Error> {
        let Some(registry) = &view.registry else { return Ok(()) };
        let size = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        let newest = self.checkpoint_time(view, ledger);
        let step_s = view.rate(newest).step_s;
        let mut found = Vec::new();
        let twins = view.named(Twin::NAME).iter();
        for digest in twins.filter(|digest| !view.committed.contains_key(digest)) {
            let index = ledger.position(&twin_slot(*digest))?.filter(|index| *index < size);
            if let Some(index) = index {
                let at = included_in(ledger, registry, index, newest / step_s)?.unwrap_or(newest);
                found.push((*digest, Committed { index, at }));
            }
        }
        view.committed.extend(found);
        view.published = Arc::new(Dockets::of(registry, |digest| view.committed.get(&digest).copied()));
        Ok(())
    }

    /// The first statement is the council that the root of trust names.
    fn found(&self, view: &mut View, digest: &Digest, envelope: &Envelope) -> Result<(), ledger::Error> {
        let damaged = |what: String| ledger::Error::Damaged(format!("the first public statement: {what}"));
        let council: Council = envelope.unverified().map_err(|error| damaged(error.to_string()))?;
        let root = RootOfTrust {
            v: Version,
            origin: self.origin.clone(),
            log_key: self.log_key.to_string(),
            policy: council.policy,
            council: *digest,
        };
        view.registry = Some(Registry::new(&root).map_err(|error| damaged(error.to_string()))?);
        view.founding = Some(root.policy().map_err(|error| damaged(error.to_string()))?);
        view.root = Some(root);
        Ok(())
    }
}

impl View {
    /// What was taken was checked.
    fn take_twin(&mut self, digest: &Digest, envelope: &Envelope) {
        let Ok(twin) = envelope.unverified::<Twin>() else {
            return;
        };
        if twin.act == TwinAct::Request {
            self.dockets.insert(twin.docket);
        }
        self.twins.entry((twin.docket, twin.seat, twin.n)).or_insert(*digest);
    }

    fn include(&mut self, index: u64, digest: Digest, included_at: u64, is_kept: bool) {
        let Some(statement) = self.statements.get_mut(&digest) else {
            return;
        };
        statement.place = Some((index, included_at));
        statement.is_kept = is_kept;
        if let Some(name) = statement.envelope.name() {
            self.by_name.entry(name.to_owned()).or_default().push(digest);
        }
        let Some(registry) = &mut self.registry else { return };
        if let Err(refusal) = registry.apply(index, &statement.envelope, included_at) {
            tracing::error!(reason = %refusal, "a public statement of this log does not count");
        }
        if registry.current().is_some() {
            self.founding = None;
        }
    }
}

/// All public statements, in order of arrival: D and SHA-256 of the envelope.
fn statement_list(ledger: &Ledger) -> Result<Vec<(Digest, Digest)>, ledger::Error> {
    let mut statements = Vec::new();
    let mut from = 0;
    loop {
        let items = ledger.list(STATEMENTS_LIST, from, 256, 0)?;
        let Some(last) = items.last() else {
            return Ok(statements);
        };
        from = last.seq + 1;
        for item in &items {
            let (digest, file) = item
                .bytes
                .split_first_chunk::<32>()
                .and_then(|(digest, file)| Some((Digest(*digest), Digest(file.try_into().ok()?))))
                .ok_or_else(|| ledger::Error::Damaged("an item of the list of public statements".to_owned()))?;
            statements.push((digest, file));
        }
    }
}

fn load(ledger: &Ledger, digest: &Digest, file: &Digest) -> Result<Statement, ledger::Error> {
    let damaged = || ledger::Error::Damaged("the envelope of a public statement".to_owned());
    let bytes = blob_bytes(ledger, file)?.ok_or_else(damaged)?;
    let envelope = Envelope::parse(&bytes).map_err(|_| damaged())?;
    if envelope.digest() != *digest {
        return Err(damaged());
    }
    Ok(Statement {
        envelope,
        bytes: bytes.into(),
        place: None,
        is_kept: false,
    })
}

/// Time of the first checkpoint that includes an entry; `None` where no step's up to `last` does.
fn included_in(ledger: &Ledger, registry: &Registry, index: u64, last: u64) -> Result<Option<u64>, ledger::Error> {
    let at_step = |step: u64| {
        let note = ledger.step(step)?.and_then(|bytes| Note::parse(&bytes).ok());
        Ok::<_, ledger::Error>(note.and_then(|note| Some((Checkpoint::parse(note.text())?.size, note))))
    };
    let (mut low, mut high, mut found) = (0, last.saturating_add(1), None);
    while low < high {
        let middle = low + (high - low) / 2;
        match at_step(middle)? {
            Some((size, note)) if size > index => (high, found) = (middle, Some(note)),
            // Before the first step there is none.
            _ => low = middle + 1,
        }
    }
    let Some(note) = found else { return Ok(None) };
    let mut councils = registry.councils().iter().rev();
    let time = councils.find_map(|council| council.policy().check(&note, registry.origin().as_str()).ok());
    Ok(time.map(|trusted| trusted.time()))
}

/// A blob, whole. Blocks.
///
/// # Errors
/// Storage.
pub(crate) fn blob_bytes(ledger: &Ledger, digest: &Digest) -> Result<Option<Vec<u8>>, ledger::Error> {
    ledger.blob(&digest.0)?.map(ledger::ledger::Blob::read).transpose()
}

/// Under which name the checkpoint time of a statement's inclusion is kept.
pub(crate) fn included_value(digest: &Digest) -> String {
    format!("included/{digest}")
}

fn included(ledger: &Ledger, digest: &Digest) -> Result<Option<u64>, ledger::Error> {
    let bytes = ledger.value(&included_value(digest))?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
}
