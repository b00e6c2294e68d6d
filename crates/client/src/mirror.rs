//! A copy of the log as files that any static host can serve (§6.1): tiles, checkpoints of steps, public statements.
//!
//! The copy is made of the entry tiles alone; the hash tiles are computed. Full tiles are written as they come, so memory
//! does not grow with the log. The newest checkpoint is written last, once all that it leads to is there and verified:
//! whoever reads the copy while it grows finds all of it, and a crash leaves the copy as it was before.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use casework::{Registry, RootOfTrust};
use protocol::slot::Entry;
use protocol::statement::{Site, SiteListRef};
use protocol::{Digest, Envelope};
use tlog::edge::{self, Edge};
use tlog::policy::Trusted;
use tlog::proof::HashReader;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};
use tlog::tree::Frontier;
use tlog::{Hash, Note, leaf_hash};

use crate::failure::{Failure, Local, Outcome};
use crate::log::check_by;
use crate::steps::{Steps, claimed};
use crate::store::Store;
use crate::tiles::{self, entry_tile};
use crate::wire::{BATCH, Wire};

/// Where the newest checkpoint is.
pub const CHECKPOINT: &str = "log/checkpoint";
/// Where files are that statements name by their digest.
const BLOBS: &str = "api/v1/blobs";
/// Statements that are fetched at once; each may be large.
const STATEMENTS: usize = 8;
/// Statements that nobody showed so far and that are asked for again at each round.
const ASKED_AGAIN: usize = 64;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Entries that the copy had before.
    pub before: u64,
    /// Entries that it has now.
    pub size: u64,
}

/// A copy of a log in a [`Store`], as far as it is verified.
pub struct Mirror {
    root: RootOfTrust,
    read: Read,
    latest: Option<Trusted>,
    /// How often it was brought up to a checkpoint: what is withheld is asked for in turn.
    round: usize,
}

/// What was read of the log.
#[derive(Clone)]
struct Read {
    registry: Registry,
    edge: Edge,
    /// Entries of the entry tile that is not full yet.
    tail: Vec<Vec<u8>>,
    /// Public statements that nobody has shown.
    withheld: Vec<Digest>,
}

/// Why a part of the log was not taken.
enum Untaken {
    /// The network, or the store.
    Failed(Failure),
    /// It does not go on from what was read before.
    Other,
}

impl Mirror {
    /// The copy in a store, every entry of which is read and checked against its checkpoint; empty where there is none.
    ///
    /// # Errors
    /// [`Local::StateOfAnother`] when it is of another log, [`Local::StateDamaged`] when entries are missing or do not lead to
    /// its checkpoint; the store.
    pub fn open(root: RootOfTrust, store: &dyn Store) -> Outcome<Self> {
        let mut mirror = Self {
            read: Read::new(&root)?,
            root,
            latest: None,
            round: 0,
        };
        let Some(bytes) = store.read(CHECKPOINT)? else {
            return Ok(mirror);
        };
        let damaged = |why: &str| Failure::new(Local::StateDamaged).why(why);
        let note = Note::parse(&bytes).map_err(|_| damaged("the copy's checkpoint is not a note"))?;
        let size = claimed(&note)?.size;
        for index in 0..size.div_ceil(TILE_WIDTH) {
            let name = entry_tile(index, size);
            let tile = store
                .read(&path(&name))?
                .ok_or_else(|| damaged("a tile of the copy is missing"))?;
            let mut public = Vec::new();
            mirror
                .read
                .take(&name, &tile, &mut public, None)
                .map_err(|_| damaged("a tile of the copy is damaged"))?;
            for (index, digest) in public {
                let envelope = store.read(&statement(&digest))?;
                mirror.read.know(index, digest, envelope.as_deref(), 0);
            }
        }
        let trusted = mirror.check(&note).map_err(|_| Failure::new(Local::StateOfAnother))?;
        if trusted.checkpoint().root != mirror.read.edge.root() {
            return Err(damaged("the copy's entries do not lead to its checkpoint"));
        }
        mirror.latest = Some(trusted);
        Ok(mirror)
    }

    /// Entries that it holds.
    pub fn size(&self) -> u64 {
        self.read.edge.size()
    }

    /// Its newest checkpoint.
    pub fn latest(&self) -> Option<&Trusted> {
        self.latest.as_ref()
    }

    /// The root of its first `size` entries; `None` for more than it holds.
    ///
    /// # Errors
    /// The store.
    pub fn root_at(&self, size: u64, store: &dyn Store) -> Outcome<Option<Hash>> {
        self.read.root_at(size, &Tiles::of(store))
    }

    /// Brings the copy up to a checkpoint. `sign` is asked, once all that the checkpoint leads to is written and verified,
    /// for what is written as the copy's checkpoint: the note itself, or with a signature more.
    ///
    /// # Errors
    /// [`Local::StateOfAnother`] when the checkpoint is trusted and its log does not begin with what was copied: the log has
    /// been rolled back or forked, or this is another's copy; [`Local::LogNotVerifiable`] for all else that does not verify; the
    /// network, the store, `sign`. The copy then stands at its checkpoint as before.
    pub async fn follow(
        &mut self,
        wire: &Wire,
        store: &dyn Store,
        note: &Note,
        sign: impl FnOnce(&Self, &Note) -> Outcome<Note>,
    ) -> Outcome<Mirrored> {
        let (before, shown) = (self.size(), claimed(note)?);
        // Nothing is read for a checkpoint that the log has not even signed.
        note.verify(self.read.registry.log_key()).map_err(Failure::log)?;
        if shown.size < before {
            self.check(note)?;
            return Err(Failure::new(Local::StateOfAnother));
        }
        let mut next = self.read.clone();
        let mut reached = next.advance(wire, Some(store), shown.size).await;
        if reached.is_ok() && next.edge.root() != shown.root {
            reached = Err(Untaken::Other);
        }
        match reached {
            Ok(()) => {}
            Err(Untaken::Failed(failure)) => return Err(failure),
            Err(Untaken::Other) => return Err(self.contradiction(wire, note).await),
        }
        let before_it = std::mem::replace(&mut self.read, next);
        let done = self.complete(wire, store, note, before, sign).await;
        if done.is_err() {
            self.read = before_it;
        }
        done
    }

    /// Whether the log shows another history, or just nothing that verifies: told apart by reading all of it.
    async fn contradiction(&self, wire: &Wire, note: &Note) -> Failure {
        let shown = match (claimed(note), Read::new(&self.root)) {
            (Ok(shown), Ok(mut whole)) => match whole.advance(wire, None, shown.size).await {
                Ok(()) => (whole.edge.root() == shown.root).then(|| check_by(&whole.registry, &self.root, note)),
                Err(Untaken::Failed(failure)) if failure.code != Local::LogNotVerifiable => return failure,
                Err(_) => None,
            },
            _ => None,
        };
        match shown {
            Some(Ok(_)) => Failure::new(Local::StateOfAnother),
            _ => Failure::log("its entries do not lead to its checkpoint"),
        }
    }

    /// Checks the checkpoint, writes what is not full and the checkpoints of the steps, and at last the checkpoint.
    async fn complete(
        &mut self,
        wire: &Wire,
        store: &dyn Store,
        note: &Note,
        before: u64,
        sign: impl FnOnce(&Self, &Note) -> Outcome<Note>,
    ) -> Outcome<Mirrored> {
        let trusted = self.check(note)?;
        if self.size() > before {
            for (name, bytes) in self.read.unfinished() {
                store.write(&path(&name), &bytes)?;
            }
        }
        self.round = self.round.wrapping_add(1);
        self.ask_again(wire, store).await?;
        self.lists(wire, store).await?;
        self.steps(wire, store, trusted.time()).await?;
        if self.latest.as_ref() != Some(&trusted) {
            let signed = sign(self, note)?;
            store.write(CHECKPOINT, signed.to_string().as_bytes())?;
            self.latest = Some(trusted);
        }
        Ok(Mirrored {
            before,
            size: self.size(),
        })
    }

    fn check(&self, note: &Note) -> Outcome<Trusted> {
        check_by(&self.read.registry, &self.root, note)
    }

    /// Asks for the statements that nobody has shown; as public statements they may yet be.
    async fn ask_again(&mut self, wire: &Wire, store: &dyn Store) -> Outcome<()> {
        let asked = in_turn(&self.read.withheld, self.round, ASKED_AGAIN);
        let shown = statements(wire, Some(store), &asked).await?;
        self.read.withheld.retain(|digest| !shown.contains_key(digest));
        Ok(())
    }

    /// Copies the lists of what the site serves that statements `site` name (§14), some at each round. The log is whole without
    /// them: one that is withheld is asked for again, and keeps nothing else from being copied.
    async fn lists(&self, wire: &Wire, store: &dyn Store) -> Outcome<()> {
        let copied: BTreeSet<String> = store.names(BLOBS)?.into_iter().collect();
        let stated = self.read.registry.statements().filter_map(|(_, shown)| shown.ok());
        let named = stated.filter_map(|statement| Some(statement.unverified::<Site>().ok()?.files));
        let missing: Vec<SiteListRef> = named.filter(|list| !copied.contains(&list.digest.to_hex())).collect();
        let asked = in_turn(&missing, self.round, STATEMENTS);
        let paths: Vec<String> = asked.iter().map(|list| format!("{BLOBS}/{}", list.digest)).collect();
        let answers = wire
            .several(paths.iter().map(|path| format!("/{path}")).collect())
            .await;
        for ((list, path), bytes) in asked.iter().zip(&paths).zip(answers.unwrap_or_default()) {
            let is_it = |bytes: &Vec<u8>| bytes.len() as u64 == list.size && Digest::of(bytes) == list.digest;
            if let Some(bytes) = bytes.filter(is_it) {
                store.write(path, &bytes)?;
            }
        }
        Ok(())
    }

    /// Copies the checkpoints of the steps that are not there yet, those that were missed under each number of theirs.
    async fn steps(&self, wire: &Wire, store: &dyn Store, latest_at: u64) -> Outcome<()> {
        let mut steps = Steps::of(self.read.registry.pace());
        steps.look_to(wire, latest_at).await?;
        let names = store.names("log/step")?;
        let copied = names.iter().filter_map(|name| name.parse::<u64>().ok()).max();
        let first = match copied {
            // What the newest one shows may have changed since.
            Some(copied) => Some(copied),
            None => steps.find_first(wire).await?,
        };
        let (Some(first), Some(last)) = (first, steps.last()) else {
            return Err(Failure::log("no step has a checkpoint"));
        };
        let tiles = Tiles::of(store);
        for from in (first..=last).step_by(BATCH) {
            let batch = from..=last.min(from + BATCH as u64 - 1);
            steps.fetch(wire, batch.clone()).await?;
            for step in batch {
                let Some(note) = steps.note(wire, step).await? else {
                    continue;
                };
                let shown = self.check(&note)?.checkpoint().clone();
                match self.read.root_at(shown.size, &tiles)? {
                    Some(root) if root == shown.root => {
                        store.write(&format!("log/step/{step}"), note.to_string().as_bytes())?;
                    }
                    // The log went on meanwhile.
                    None => return Ok(()),
                    Some(_) => {
                        return Err(Failure::log(format!(
                            "the checkpoint of step {step} is of another tree"
                        )));
                    }
                }
            }
            steps.forget_before(from);
        }
        Ok(())
    }
}

impl Read {
    fn new(root: &RootOfTrust) -> Outcome<Self> {
        Ok(Self {
            registry: Registry::new(root).map_err(Failure::log)?,
            edge: Edge::default(),
            tail: Vec::new(),
            withheld: Vec::new(),
        })
    }

    /// Reads on to a size, some tiles at a time, with the public statements among them.
    async fn advance(&mut self, wire: &Wire, store: Option<&dyn Store>, size: u64) -> Result<(), Untaken> {
        let begun = self.edge.size();
        while self.edge.size() < size {
            let from = self.edge.size();
            wire.progress(from - begun, size - begun);
            let names: Vec<TileName> = (from / TILE_WIDTH..size.div_ceil(TILE_WIDTH))
                .take(BATCH)
                .map(|index| entry_tile(index, size))
                .collect();
            let mut public = Vec::new();
            for (name, bytes) in names.iter().zip(tiles::fetch(wire, &names).await?) {
                self.take(name, &bytes, &mut public, store)?;
            }
            for some in public.chunks(STATEMENTS) {
                let digests: Vec<Digest> = some.iter().map(|(_, digest)| *digest).collect();
                let shown = statements(wire, store, &digests).await?;
                for (index, digest) in some {
                    self.know(*index, *digest, shown.get(digest).map(Vec::as_slice), wire.now());
                }
            }
        }
        Ok(())
    }

    /// Takes the entries of a tile that were not read before; what it completes is written.
    fn take(
        &mut self,
        name: &TileName,
        bytes: &[u8],
        public: &mut Vec<(u64, Digest)>,
        store: Option<&dyn Store>,
    ) -> Result<(), Untaken> {
        let malformed = || Failure::log("a bundle of entries is malformed");
        let entries = tile::decode_entries(bytes).ok_or_else(malformed)?;
        let entries = entries.get(..usize::from(name.width)).ok_or_else(malformed)?;
        let (known, new) = entries.split_at_checked(self.tail.len()).ok_or(Untaken::Other)?;
        if known != self.tail {
            return Err(Untaken::Other);
        }
        let mut full = Vec::new();
        for entry in new {
            // Nothing but the two forms of §6.1 is served in our name.
            match Entry::parse(entry) {
                Some(Entry::Public(digest)) => public.push((self.edge.size(), digest)),
                Some(Entry::Opaque { .. }) => {}
                None => return Err(Failure::log(format!("entry {} has no form of this log", self.edge.size())).into()),
            }
            self.edge.append(leaf_hash(entry), &mut full);
            self.tail.push(entry.to_vec());
        }
        if (self.tail.len() as u64) < TILE_WIDTH {
            return Ok(());
        }
        let bundle = tile::encode_entries(self.tail.iter().map(Vec::as_slice));
        self.tail.clear();
        let Some(store) = store else { return Ok(()) };
        let hashes = full.iter().map(|full| (full.name(), tile::encode_hashes(&full.hashes)));
        for (name, bytes) in hashes.chain([(*name, bundle)]) {
            store.write(&path(&name), &bytes)?;
            // Those that were narrower are cut from it by nobody who reads up to the newest checkpoint.
            store.remove(&format!("{}.p", path(&name)))?;
        }
        Ok(())
    }

    /// Takes the public statement at an index, or that nobody shows it.
    fn know(&mut self, index: u64, digest: Digest, envelope: Option<&[u8]>, included_at: u64) {
        match envelope.and_then(|bytes| Envelope::parse(bytes).ok()) {
            // A refusal is recorded inside: it changes nothing else.
            Some(envelope) => drop(self.registry.apply(index, &envelope, included_at)),
            None => {
                self.registry.withheld(index, digest);
                self.withheld.push(digest);
            }
        }
    }

    /// The tiles that are not full, as they are written.
    fn unfinished(&self) -> Vec<(TileName, Vec<u8>)> {
        let hashes = self
            .edge
            .unfinished()
            .map(|(name, hashes)| (name, tile::encode_hashes(hashes)));
        let entries = (!self.tail.is_empty()).then(|| {
            let bundle = tile::encode_entries(self.tail.iter().map(Vec::as_slice));
            (entry_tile(self.edge.tile_index(0), self.edge.size()), bundle)
        });
        hashes.chain(entries).collect()
    }

    fn root_at(&self, size: u64, tiles: &Tiles<'_>) -> Outcome<Option<Hash>> {
        if size > self.edge.size() {
            return Ok(None);
        }
        let nodes = Nodes { read: self, tiles };
        Ok(Some(Frontier::read(size, &nodes)?.root()))
    }
}

/// Full hash tiles of the copy, of each level the one that was read last.
struct Tiles<'a> {
    store: &'a dyn Store,
    last: RefCell<HashMap<u8, (u64, Vec<Hash>)>>,
}

impl<'a> Tiles<'a> {
    fn of(store: &'a dyn Store) -> Self {
        Self {
            store,
            last: RefCell::default(),
        }
    }
}

/// The nodes of the tree that was read.
struct Nodes<'a> {
    read: &'a Read,
    tiles: &'a Tiles<'a>,
}

impl HashReader for Nodes<'_> {
    type Error = Failure;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Failure> {
        let missing = || Failure::new(Local::StateDamaged).why("a tile of the copy is missing");
        let node: Outcome<_> = edge::node(level, index, |level, index| {
            if self.read.edge.tile_index(level) == index {
                return Ok(self.read.edge.level(level).to_vec());
            }
            let mut last = self.tiles.last.borrow_mut();
            if let Some((_, hashes)) = last.get(&level).filter(|(at, _)| *at == index) {
                return Ok(hashes.clone());
            }
            let name = TileName {
                kind: TileKind::Hash(level),
                index,
                width: TILE_WIDTH as u16,
            };
            let bytes = self.tiles.store.read(&path(&name))?;
            let hashes = bytes
                .and_then(|bytes| tile::decode_hashes(&bytes))
                .ok_or_else(missing)?;
            last.insert(level, (index, hashes.clone()));
            Ok(hashes)
        });
        node?.ok_or_else(missing)
    }
}

/// Public statements that are shown, by their digests; they are written where they are copied.
async fn statements(wire: &Wire, store: Option<&dyn Store>, digests: &[Digest]) -> Outcome<HashMap<Digest, Vec<u8>>> {
    let mut shown = HashMap::new();
    for some in digests.chunks(STATEMENTS) {
        let paths = some.iter().map(|digest| format!("/{}", statement(digest))).collect();
        for (digest, bytes) in some.iter().zip(wire.several(paths).await?) {
            let Some(bytes) = bytes else { continue };
            if Envelope::parse(&bytes).is_ok_and(|envelope| envelope.digest() == *digest) {
                if let Some(store) = store {
                    store.write(&statement(digest), &bytes)?;
                }
                shown.insert(*digest, bytes);
            }
        }
    }
    Ok(shown)
}

/// So many of what is missing, from another place in each round: whoever withholds some cannot keep the rest from being asked for.
fn in_turn<T: Clone>(missing: &[T], round: usize, most: usize) -> Vec<T> {
    let count = missing.len().min(most);
    let first = round.wrapping_mul(most).checked_rem(missing.len()).unwrap_or(0);
    missing.iter().cycle().skip(first).take(count).cloned().collect()
}

fn path(name: &TileName) -> String {
    format!("log/{}", name.path())
}

fn statement(digest: &Digest) -> String {
    format!("api/v1/public/{digest}")
}

impl From<Failure> for Untaken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::in_turn;

    #[test]
    fn whoever_withholds_some_cannot_keep_the_rest_from_being_asked_for() {
        let mut missing: Vec<u32> = (0..20).collect();
        // The first eight are never given.
        for round in 1..=4 {
            let asked = in_turn(&missing, round, 8);
            assert_eq!(asked.len(), missing.len().min(8));
            missing.retain(|number| *number < 8 || !asked.contains(number));
        }
        assert_eq!(missing, (0..8).collect::<Vec<_>>());
        assert_eq!(in_turn(&missing, 7, 8), missing, "all of them, each once");
        assert!(in_turn::<u32>(&[], 7, 8).is_empty());
    }
}
