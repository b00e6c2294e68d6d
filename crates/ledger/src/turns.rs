//! Entries that wait, and the turns of their owners: round-robin, so that nobody's entries wait for more than a round of
//! the others', however many these have (docs/protocol.md §6.3).

use std::collections::HashMap;

use crate::batch::{Batch, draw};
use crate::error::Error;
use crate::store::Change;
use crate::submission::NewEntry;

impl Batch {
    /// Puts entries among those that wait, under a number drawn at random, so that it does not tell what came first;
    /// public ones under the next, for the log begins with four in their order.
    pub(crate) fn put_entries(&mut self, entries: &[NewEntry]) -> Result<(), Error> {
        let mut turns: HashMap<u16, u64> = HashMap::new();
        for entry in entries {
            let turn = match entry.owner {
                None => 0,
                Some(owner) => match turns.get(&owner) {
                    Some(turn) => *turn,
                    None => {
                        let count = entries.iter().filter(|entry| entry.owner == Some(owner)).count();
                        let turn = self.take_turns(owner, count as u64)?;
                        turns.insert(owner, turn);
                        turn
                    }
                },
            };
            let number = if entry.class < 2 { Some(draw()?) } else { None };
            self.apply(Change::Wait { entry, number, turn })?;
            self.waited(entry.class.min(2), entry.step, 1);
        }
        Ok(())
    }

    /// The turn of an owner's next entries: the one that is being served, unless it had that already. All entries of one
    /// act get the same and use up one each. Whoever comes after a time without entries gains nothing from it.
    fn take_turns(&mut self, owner: u16, count: u64) -> Result<u64, Error> {
        let served = self.read().served_turn()?;
        let turn = self
            .read()
            .last_turn(owner)?
            .map_or(served, |last| served.max(last + 1));
        let last = turn + count - 1;
        self.apply(Change::Turn { owner, last })?;
        Ok(turn)
    }
}
