//! A reading that begins at a checkpoint instead of the log's beginning (§9.1).
//!
//! The entries before it are not read. Of the public statements among them the service gives a list, and each must be
//! included in a cosigned checkpoint under the policy in force by then. What the list leaves out shows in the checkpoints of
//! the days before: each step adds N opaque entries or none, so that they add up only with every public entry known.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;

use casework::Fold;
use casework::clock::DAY_S;
use protocol::slot::Entry;
use protocol::{Day, Digest, Month};
use tlog::proof::{HashReader, inclusion, verify_inclusion};
use tlog::tile::{TILE_WIDTH, TileKind, TileName, decode_hashes};
use tlog::tree::Frontier;
use tlog::verify::Follower;
use tlog::{Checkpoint, Hash, Note, leaf_hash};

use super::times::Leaves;
use super::{Log, fork};
use crate::failure::{Failure, Outcome};
use crate::steps::claimed;
use crate::tiles;
use crate::wire::{BATCH, Wire};

const NO_BEGINNING: &str = "its list of public statements has not the four that it begins with";

/// Where a reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begins {
    /// The first entry that is read.
    pub index: u64,
    /// The moment that was asked for, POSIX seconds.
    pub time: u64,
}

/// The days with which the three parts of a month begin.
const PARTS: [&str; 3] = ["01", "11", "21"];

/// When she says that she filed: in a month, or in a third of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(Day);

impl Since {
    /// Reads `2026-11`, or the day with which a third of it begins: `2026-11-01`, `2026-11-11`, `2026-11-21`.
    pub fn parse(text: &str) -> Option<Self> {
        let day = match text.rsplit_once('-') {
            Some((month, day)) if Month::parse(month).is_some() && PARTS.contains(&day) => Day::parse(text)?,
            _ => Day::of(Month::parse(text)?.start()),
        };
        Some(Self(day))
    }

    /// The moment from which the log is read, POSIX seconds: a day before the first second, for a day begins at another one
    /// in every country. The same for everybody who names that month, or that third.
    pub fn moment(self) -> u64 {
        self.0.start().saturating_sub(DAY_S)
    }
}

impl Log {
    /// Reads from a moment on, POSIX seconds, where the log was not read before: from the checkpoint of the step that ends
    /// there. A log that begins later is read from its beginning.
    pub(crate) fn begin_at(&mut self, time: u64) {
        self.from = Some(time);
    }

    /// Where the reading begins; `None` where it began at the log's beginning.
    pub fn begins(&self) -> Option<Begins> {
        self.begins
    }

    /// Goes to the checkpoint where the reading begins.
    pub(super) async fn begin(&mut self, wire: &Wire, latest: &Note) -> Outcome<()> {
        let Some(time) = self.from.filter(|_| self.size() == 0 && self.store.is_none()) else {
            return Ok(());
        };
        // A reading that was broken off begins anew.
        self.fold = Fold::new(&self.root).map_err(Failure::log)?;
        self.public.clear();
        let end = claimed(latest)?.size;
        self.look_for_steps(wire, latest).await?;
        let Some(note) = self.steps.note(wire, time / self.steps.step_s().max(1)).await? else {
            self.from = None;
            return Ok(());
        };
        let index = claimed(&note)?.size;
        if index > end {
            return Err(fork());
        }
        self.fetch_grid(wire).await?;
        let mut nodes = Nodes::of(end);
        let listed = self.list(wire, index).await?;
        // What all of them need, in one turn.
        nodes
            .ask(wire, |nodes| {
                let proofs = listed.iter().map(|(at, _)| inclusion(*at, index, nodes));
                proofs.collect::<Result<Vec<_>, _>>()?;
                Frontier::read(index, nodes)
            })
            .await?;
        let digests: Vec<Digest> = listed.iter().map(|(_, digest)| *digest).collect();
        let mut statements = self.public_statements(wire, &digests).await?;
        for (at, digest) in listed {
            let first = self.steps.first_beyond(wire, at).await?;
            let (step, first) = first.ok_or_else(|| Failure::log("no step includes a public statement"))?;
            let trusted = self.check(&first)?;
            let (size, root) = (trusted.checkpoint().size, trusted.checkpoint().root);
            if size > end {
                return Err(fork());
            }
            self.chronology
                .saw_step(step, self.steps.step_s(), size, trusted.time())
                .map_err(Failure::log)?;
            let entry = Entry::Public(digest).to_bytes();
            let proof = nodes.ask(wire, |nodes| inclusion(at, size, nodes)).await?;
            verify_inclusion(leaf_hash(&entry), at, size, &proof.unwrap_or_default(), root).map_err(Failure::log)?;
            self.fold.pass_to(at);
            if self.fold.size() != at {
                return Err(Failure::log(NO_BEGINNING));
            }
            self.fold
                .push(&entry, trusted.time(), |_| statements.remove(&digest))
                .map_err(Failure::log)?;
            self.public.push(at);
        }
        let trusted = self.check(&note)?;
        let frontier = nodes.ask(wire, |nodes| Frontier::read(index, nodes)).await?;
        if frontier.root() != trusted.checkpoint().root {
            return Err(fork());
        }
        self.chronology.saw(index, trusted.time()).map_err(Failure::log)?;
        self.fold.pass_to(index);
        if self.fold.size() != index {
            return Err(Failure::log(NO_BEGINNING));
        }
        self.follower = Follower::resume(frontier.clone());
        self.leaves = Leaves::after(frontier);
        self.begins = Some(Begins { index, time });
        Ok(())
    }

    /// The public entries before `end` as the service lists them: index and digest, ascending.
    async fn list(&self, wire: &Wire, end: u64) -> Outcome<Vec<(u64, Digest)>> {
        let bytes = wire.bytes("/api/v1/public/index").await?;
        let listed: Vec<(u64, Digest)> =
            serde_json::from_slice(&bytes).map_err(|_| Failure::log("its list of public statements is malformed"))?;
        if !listed.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(Failure::log("its list of public statements is in no order"));
        }
        Ok(listed.into_iter().take_while(|(index, _)| *index < end).collect())
    }

    /// The root of the first `size` entries, by the tiles that are shown; `None` where these do not lead to the checkpoint
    /// that is shown.
    ///
    /// # Errors
    /// The network; [`crate::Local::LogNotVerifiable`] for a tile that is malformed.
    pub(crate) async fn root_shown(&self, wire: &Wire, shown: &Checkpoint, size: u64) -> Outcome<Option<Hash>> {
        let mut nodes = Nodes::of(shown.size);
        let asked = nodes.ask(wire, |nodes| {
            let (whole, beginning) = (Frontier::read(shown.size, nodes)?, Frontier::read(size, nodes)?);
            Ok((whole.root(), beginning.root()))
        });
        let (whole, beginning) = asked.await?;
        Ok((whole == shown.root).then_some(beginning))
    }

    /// Whether the checkpoints of the steps before the beginning add up: each step that is known adds N opaque entries to
    /// those before, or none, and public ones that were listed.
    ///
    /// # Errors
    /// [`crate::Local::LogNotVerifiable`] when they do not.
    pub(super) fn check_before(&self) -> Outcome<()> {
        let Some(begins) = self.begins else { return Ok(()) };
        let sizes = self.steps.sizes();
        let mut made_in = sizes.first().map_or(0, |(step, _)| *step);
        for pair in sizes.windows(2) {
            let ((from, size), (to, beyond)) = (pair[0], pair[1]);
            if beyond > begins.index {
                break;
            }
            if beyond == size {
                continue;
            }
            // One that waited for its cosigners has the N of any step since the one before (§6.3).
            let adds_up = match to - from {
                1 => {
                    let opaque = self.opaque(size, beyond);
                    (made_in + 1..=to).any(|step| self.entries_of(step, size) == opaque)
                }
                _ => self.is_regular((from, size), (to, beyond)),
            };
            if !adds_up {
                return Err(Failure::log("its list of public statements leaves something out"));
            }
            made_in = to;
        }
        Ok(())
    }
}

/// Nodes of a tree from its hash tiles. Nothing is believed: what is made of them is compared with a cosigned root.
struct Nodes {
    size: u64,
    tiles: HashMap<(u8, u64), Vec<Hash>>,
}

/// The nodes, for one question: which tiles it needs that are not there.
struct Asked<'a> {
    tiles: &'a HashMap<(u8, u64), Vec<Hash>>,
    missing: RefCell<BTreeSet<(u8, u64)>>,
}

impl Nodes {
    /// Of a tree that has so many leaves.
    fn of(size: u64) -> Self {
        Self {
            size,
            tiles: HashMap::new(),
        }
    }

    /// Answers a question about nodes, for which it fetches the tiles.
    ///
    /// # Errors
    /// As for every tile.
    async fn ask<T>(&mut self, wire: &Wire, question: impl Fn(&Asked<'_>) -> Result<T, Infallible>) -> Outcome<T> {
        loop {
            let asked = Asked {
                tiles: &self.tiles,
                missing: RefCell::default(),
            };
            let Ok(answer) = question(&asked);
            let missing = asked.missing.into_inner();
            if missing.is_empty() {
                return Ok(answer);
            }
            let names: Vec<TileName> = missing.iter().map(|place| self.name(*place)).collect();
            let mut fetched = Vec::with_capacity(names.len());
            for batch in names.chunks(BATCH) {
                fetched.extend(tiles::fetch(wire, batch).await?);
            }
            for (place, bytes) in missing.into_iter().zip(fetched) {
                let hashes = decode_hashes(&bytes).ok_or_else(|| Failure::log("a tile of hashes is malformed"))?;
                self.tiles.insert(place, hashes);
            }
        }
    }

    /// The widest tile of that place.
    fn name(&self, (level, index): (u8, u64)) -> TileName {
        let hashes = self.size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        TileName {
            kind: TileKind::Hash(level),
            index,
            width: hashes.saturating_sub(index * TILE_WIDTH).clamp(1, TILE_WIDTH) as u16,
        }
    }
}

impl HashReader for Asked<'_> {
    type Error = Infallible;

    /// What a tile has not, or is not there yet, is zero: it leads to no root.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let (tile, within) = (level / 8, level % 8);
        let first = index << within;
        let place = (tile, first / TILE_WIDTH);
        let start = (first % TILE_WIDTH) as usize;
        let Some(hashes) = self.tiles.get(&place) else {
            self.missing.borrow_mut().insert(place);
            return Ok(Hash([0; 32]));
        };
        let subtree = hashes.get(start..start + (1 << within));
        let subtree = subtree.map(|hashes| hashes.iter().copied().collect::<Frontier>().root());
        Ok(subtree.unwrap_or(Hash([0; 32])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_or_a_third_of_it_is_read_from_a_day_before() {
        let moment = |text: &str| Since::parse(text).map(Since::moment);
        let november = Month::parse("2026-11").expect("a month").start();
        assert_eq!(moment("2026-11"), Some(november - DAY_S));
        assert_eq!(
            moment("2026-11-01"),
            moment("2026-11"),
            "its first third begins with it"
        );
        assert_eq!(moment("2026-11-11"), Some(november + 9 * DAY_S));
        assert_eq!(moment("2026-11-21"), Some(november + 19 * DAY_S));
        assert_eq!(moment("1970-01"), Some(0));
        for bad in [
            "",
            "2026",
            "2026-11-02",
            "2026-11-31",
            "2026-13-01",
            "2026-11-1",
            "2026-11-11-01",
            "-11",
            "2026-11-",
        ] {
            assert_eq!(Since::parse(bad), None, "{bad}");
        }
    }
}
