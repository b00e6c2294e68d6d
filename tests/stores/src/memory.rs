//! A backend in memory, for tests: the contract of [`ledger::store`] in its plainest form, beside which the others are
//! held. What is committed lives as long as the value and its clones, so that a ledger may be stopped and started on
//! it again.

mod large;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tlog::Hash;

use ledger::Error;
use ledger::store::{Change, CheckpointKind, Picked, Queue, Steps, Store, StoreReader, StoreWriter, StoredCheckpoint};
use ledger::{Item, ListEntry, Stay};

use crate::Digest;
use large::Large;

/// See the module.
#[derive(Clone, Default)]
pub struct Memory {
    /// Guards what is committed.
    rows: Arc<Mutex<Rows>>,
    /// Guards large blobs and uploads.
    large: Arc<Mutex<Large>>,
}

/// What transactions change.
#[derive(Clone, Default)]
struct Rows {
    forms: BTreeMap<Digest, Vec<u8>>,
    /// By blob and form; `None` is given up.
    names: BTreeMap<(Digest, Digest), Option<Stay>>,
    keys: BTreeMap<Digest, u64>,
    tree: Vec<(Digest, Vec<u8>)>,
    /// By class, step and number.
    waiting: BTreeMap<(u8, u64, u64), Waiting>,
    turns: BTreeMap<u16, u64>,
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
    checkpoints: [Option<StoredCheckpoint>; 2],
    steps: Vec<Steps>,
    blobs: BTreeMap<Digest, Vec<u8>>,
    let_go: BTreeSet<Digest>,
    /// By name: blob, size, and since when it is old.
    uploads: BTreeMap<Digest, (Digest, u64, u64)>,
    lists: BTreeMap<String, List>,
    values: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone)]
struct Waiting {
    key: Digest,
    bytes: Vec<u8>,
    owner: Option<u16>,
    turn: u64,
}

#[derive(Clone, Default)]
struct List {
    next: u64,
    items: BTreeMap<u64, Item>,
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listed(seq: u64, item: &Item) -> ListEntry {
    ListEntry {
        seq,
        bytes: item.bytes.clone(),
        expires: item.expires,
        blob: item.blob,
        owner: item.owner,
    }
}

impl Rows {
    fn items(&self) -> impl Iterator<Item = (String, ListEntry)> {
        self.lists.iter().flat_map(|(name, list)| {
            let items = list.items.iter();
            items.map(|(seq, item)| (name.clone(), listed(*seq, item)))
        })
    }

    fn owned(&self) -> impl Iterator<Item = u16> {
        self.waiting.values().filter_map(|entry| entry.owner)
    }
}

impl StoreReader for Rows {
    fn answer(&self, form: &Digest) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.forms.get(form).cloned())
    }

    fn is_used(&self, key: &Digest) -> Result<bool, Error> {
        Ok(self.keys.contains_key(key))
    }

    fn has_expired_keys(&self, now: u64) -> Result<bool, Error> {
        Ok(self.keys.values().any(|expires| *expires <= now))
    }

    fn size(&self) -> Result<u64, Error> {
        Ok(self.tree.len() as u64)
    }

    fn entries(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>, Error> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(self.tree.len());
        let range = place(first)..place(first.saturating_add(count));
        Ok(self.tree[range].iter().map(|(_, bytes)| bytes.clone()).collect())
    }

    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Error> {
        Ok(self.tiles.get(&(level, index)).cloned())
    }

    fn position(&self, key: &Digest) -> Result<Option<u64>, Error> {
        let position = self.tree.iter().position(|(other, _)| other == key);
        Ok(position.map(|position| position as u64))
    }

    fn is_taken(&self, key: &Digest) -> Result<bool, Error> {
        Ok(self.position(key)?.is_some() || self.waiting.values().any(|entry| entry.key == *key))
    }

    fn checkpoint(&self, kind: CheckpointKind) -> Result<Option<StoredCheckpoint>, Error> {
        Ok(self.checkpoints[kind as usize].clone())
    }

    fn steps(&self, step: u64) -> Result<Option<Steps>, Error> {
        Ok(self.steps.iter().rfind(|steps| steps.first <= step).cloned())
    }

    fn waiting(&self) -> Result<Vec<Queue>, Error> {
        let mut counts: BTreeMap<(u8, u64), u64> = BTreeMap::new();
        for (class, step, _) in self.waiting.keys() {
            *counts.entry((*class, *step)).or_default() += 1;
        }
        let queue = |((class, step), count)| Queue { class, step, count };
        Ok(counts.into_iter().map(queue).collect())
    }

    fn waiting_by_owner(&self) -> Result<Vec<(u16, u64)>, Error> {
        let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
        self.owned().for_each(|owner| *counts.entry(owner).or_default() += 1);
        Ok(counts.into_iter().collect())
    }

    fn due(&self, class: u8, step: u64, limit: usize) -> Result<Vec<Picked>, Error> {
        let had: BTreeMap<u16, u64> = self.waiting_by_owner()?.into_iter().collect();
        let mut due: Vec<_> = self
            .waiting
            .iter()
            .filter(|((of, from, _), _)| *of == class && *from <= step)
            .map(|(place, entry)| {
                let waiting = entry.owner.and_then(|owner| had.get(&owner));
                ((entry.turn, place.1, waiting, place.2), place, entry)
            })
            .collect();
        due.sort_by_key(|(order, ..)| *order);
        let picked = due.into_iter().take(limit).map(|(_, place, entry)| Picked {
            waited: Some(*place),
            key: entry.key,
            bytes: entry.bytes.clone(),
        });
        Ok(picked.collect())
    }

    fn served_turn(&self) -> Result<u64, Error> {
        let waiting = self.waiting.values().filter(|entry| entry.owner.is_some());
        let least = waiting.map(|entry| entry.turn).min();
        Ok(least.or_else(|| self.turns.values().copied().max()).unwrap_or(1))
    }

    fn last_turn(&self, owner: u16) -> Result<Option<u64>, Error> {
        Ok(self.turns.get(&owner).copied())
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.blobs.get(digest).cloned())
    }

    fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        Ok(self.blobs.get(digest).map(|bytes| bytes.len() as u64))
    }

    fn stay(&self, digest: &Digest) -> Result<Option<Stay>, Error> {
        let mut names = self.names.iter().filter(|((blob, _), _)| blob == digest);
        Ok(names.find_map(|(_, stay)| *stay))
    }

    fn is_listed(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.items().any(|(_, item)| item.blob == Some(*digest)))
    }

    fn is_uploaded(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.uploads.values().any(|(blob, ..)| blob == digest))
    }

    fn upload(&self, name: &Digest) -> Result<Option<(Digest, u64)>, Error> {
        Ok(self.uploads.get(name).map(|(blob, size, _)| (*blob, *size)))
    }

    fn old_uploads(&self, before: u64) -> Result<Vec<(Digest, Digest)>, Error> {
        let old = self
            .uploads
            .iter()
            .filter(|(_, (.., since))| (1..=before).contains(since));
        Ok(old.map(|(name, (blob, ..))| (*name, *blob)).collect())
    }

    fn let_go(&self) -> Result<Vec<Digest>, Error> {
        Ok(self.let_go.iter().copied().collect())
    }

    fn item(&self, list: &str, seq: u64) -> Result<Option<ListEntry>, Error> {
        let item = self.lists.get(list).and_then(|list| list.items.get(&seq));
        Ok(item.map(|item| listed(seq, item)))
    }

    fn list(&self, list: &str, from: u64, limit: usize, now: u64) -> Result<Vec<ListEntry>, Error> {
        let items = self
            .lists
            .get(list)
            .into_iter()
            .flat_map(|list| list.items.range(from..));
        let live = items.filter(|(_, item)| item.expires.is_none_or(|expires| expires > now));
        Ok(live.take(limit).map(|(seq, item)| listed(*seq, item)).collect())
    }

    fn list_len(&self, list: &str) -> Result<u64, Error> {
        Ok(self.lists.get(list).map_or(0, |list| list.next))
    }

    fn items_naming(&self, blob: &Digest) -> Result<Vec<(String, ListEntry)>, Error> {
        Ok(self.items().filter(|(_, item)| item.blob == Some(*blob)).collect())
    }

    fn expired_items(&self, now: u64, limit: usize) -> Result<Vec<(String, ListEntry)>, Error> {
        let expired = self
            .items()
            .filter(|(_, item)| item.expires.is_some_and(|expires| expires <= now));
        Ok(expired.take(limit).collect())
    }

    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.values.get(name).cloned())
    }
}

/// Rows as the open transaction has changed them.
struct MemoryWriter {
    /// Guards what is committed.
    committed: Arc<Mutex<Rows>>,
    rows: Rows,
}

impl MemoryWriter {
    fn wait(&mut self, change: Change<'_>) {
        let Change::Wait { entry, number, turn } = change else {
            return;
        };
        let class = entry.class.min(2);
        let of_class = self.rows.waiting.keys().filter(|(of, ..)| *of == class);
        let number = number.unwrap_or_else(|| of_class.map(|(.., number)| number + 1).max().unwrap_or(1));
        let waiting = Waiting {
            key: entry.key,
            bytes: entry.bytes.clone(),
            owner: entry.owner,
            turn,
        };
        self.rows.waiting.insert((class, entry.step, number), waiting);
    }

    fn publish(&mut self, old_size: u64, checkpoint: &StoredCheckpoint) -> Result<(), Error> {
        let [published, pending] = &mut self.rows.checkpoints;
        if published.as_ref().map_or(0, |published| published.size) != old_size {
            return Err(Error::Moved);
        }
        (*published, *pending) = (Some(checkpoint.clone()), None);
        Ok(())
    }
}

impl StoreWriter for MemoryWriter {
    fn begin(&mut self) -> Result<(), Error> {
        self.rollback()
    }

    fn read(&self) -> &dyn StoreReader {
        &self.rows
    }

    fn apply(&mut self, change: Change<'_>) -> Result<(), Error> {
        let rows = &mut self.rows;
        match change {
            Change::Use { key, expires } => {
                rows.keys.insert(*key, expires);
            }
            Change::ForgetKeys { now, limit } => {
                let expired = rows.keys.iter().filter(|(_, expires)| **expires <= now);
                let expired: Vec<Digest> = expired.map(|(key, _)| *key).take(limit).collect();
                rows.keys.retain(|key, _| !expired.contains(key));
            }
            Change::Wait { .. } => self.wait(change),
            Change::Turn { owner, last } => {
                rows.turns.insert(owner, last);
            }
            Change::Place { position, entry } => {
                let has_waited = entry.waited.is_none_or(|place| rows.waiting.remove(&place).is_some());
                if !has_waited || position != rows.tree.len() as u64 {
                    return Err(Error::Damaged("an entry did not wait, or has another's place".into()));
                }
                rows.tree.push((entry.key, entry.bytes.clone()));
            }
            Change::Tile { level, index, hashes } => {
                rows.tiles.insert((level, index), hashes.to_vec());
            }
            Change::Pend(checkpoint) => rows.checkpoints[CheckpointKind::Pending as usize] = Some(checkpoint.clone()),
            Change::Publish { old_size, checkpoint } => return self.publish(old_size, checkpoint),
            Change::Step { step, checkpoint } => {
                if let Some(before) = rows.steps.last_mut() {
                    before.last = step.saturating_sub(1);
                }
                rows.steps.push(Steps {
                    first: step,
                    last: step,
                    note: checkpoint.note.to_vec(),
                });
            }
            Change::Answer { form, answer, .. } => {
                rows.forms.insert(*form, answer.to_vec());
            }
            Change::Name { form, blob, stay } => {
                rows.names.insert((*blob, *form), Some(stay));
            }
            Change::GiveUp(digest) => {
                let names = rows.names.iter_mut().filter(|((blob, _), _)| blob == digest);
                let until = names.filter(|(_, stay)| **stay == Some(Stay::UntilGivenUp));
                until.for_each(|(_, stay)| *stay = None);
            }
            Change::Blob { digest, bytes } => {
                rows.blobs.insert(*digest, bytes.to_vec());
            }
            Change::DropBlob(digest) => {
                rows.blobs.remove(digest);
            }
            Change::Overwritten => {}
            Change::LetGo(digest) => {
                rows.let_go.insert(*digest);
            }
            Change::Removed(digest) => {
                rows.let_go.remove(digest);
            }
            Change::Item { item, seq } => {
                let list = rows.lists.entry(item.list.clone()).or_default();
                let seq = seq.unwrap_or(list.next);
                if seq == list.next {
                    list.next += 1;
                }
                list.items.insert(seq, item.clone());
            }
            Change::DropItem { list, seq } => {
                if let Some(list) = rows.lists.get_mut(list) {
                    list.items.remove(&seq);
                }
            }
            Change::Upload { name, digest, size } => {
                rows.uploads.insert(*name, (*digest, size, 0));
            }
            Change::NoteUploads { now } => {
                let unmet = rows.uploads.values_mut().filter(|(.., since)| *since == 0);
                unmet.for_each(|(.., since)| *since = now);
            }
            Change::DropUpload(name) => {
                rows.uploads.remove(name);
            }
            Change::Value { name, value } => {
                rows.values.insert(name.to_owned(), value.to_vec());
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        *guard(&self.committed) = self.rows.clone();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.rows = guard(&self.committed).clone();
        Ok(())
    }

    fn maintain(&mut self, _all: bool) -> Result<(), Error> {
        Ok(())
    }
}

impl Store for Memory {
    fn writer(&self) -> Result<Box<dyn StoreWriter>, Error> {
        let committed = Arc::clone(&self.rows);
        let rows = guard(&committed).clone();
        Ok(Box::new(MemoryWriter { committed, rows }))
    }

    fn read(&self, question: &mut dyn FnMut(&dyn StoreReader) -> Result<(), Error>) -> Result<(), Error> {
        question(&*guard(&self.rows))
    }

    fn overwrite(&self) -> Result<bool, Error> {
        Ok(false)
    }

    fn release(&self) -> Result<(), Error> {
        Ok(())
    }

    fn copy(&self, _to: &str) -> Result<(), Error> {
        Err(Error::Storage("a store in memory is not copied".into()))
    }

    fn fsyncs(&self) -> u64 {
        0
    }

    fn close(&self) {}
}
