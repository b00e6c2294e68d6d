//! Entries that wait, and the turns of their owners: round-robin, so that nobody's entries wait for more than a round of
//! the others', however many these have (docs/protocol.md §6.3).

use std::collections::HashMap;

use rusqlite::params;

use crate::error::Error;
use crate::submission::Entry;
use crate::writer::{Writer, signed};

impl Writer {
    /// Puts entries among those that wait.
    pub(crate) fn put_entries(&mut self, entries: &[Entry]) -> Result<(), Error> {
        let mut turns: HashMap<u16, i64> = HashMap::new();
        for entry in entries {
            let turn = match entry.owner {
                None => 0,
                Some(owner) => match turns.get(&owner) {
                    Some(turn) => *turn,
                    None => {
                        let count = entries.iter().filter(|entry| entry.owner == Some(owner)).count();
                        let turn = self.take_turns(owner, count as i64)?;
                        turns.insert(owner, turn);
                        turn
                    }
                },
            };
            let class = entry.class.min(2);
            let id = self.number(class)?;
            self.run(
                "INSERT INTO waiting (class, step, id, key, bytes, owner, turn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    class,
                    signed(entry.step),
                    id,
                    entry.key.as_slice(),
                    entry.bytes.as_slice(),
                    entry.owner,
                    turn
                ],
            )?;
            self.change(class, entry.step, 1);
        }
        Ok(())
    }

    /// The turn of an owner's next entries: the one that is being served, unless it had that already. All entries of one
    /// act get the same and use up one each. Whoever comes after a time without entries gains nothing from it.
    fn take_turns(&mut self, owner: u16, count: i64) -> Result<i64, Error> {
        let served = "SELECT coalesce((SELECT min(turn) FROM waiting WHERE owner IS NOT NULL), max(last), 1) FROM turn";
        let served = self.one::<i64>(served, [])?.unwrap_or(1);
        let last = self.one::<i64>("SELECT last FROM turn WHERE owner = ?1", [owner])?;
        let turn = last.map_or(served, |last| served.max(last + 1));
        let sql = "INSERT INTO turn (owner, last) VALUES (?1, ?2) ON CONFLICT (owner) DO UPDATE SET last = ?2";
        self.run(sql, params![owner, turn + count - 1])?;
        Ok(turn)
    }
}
