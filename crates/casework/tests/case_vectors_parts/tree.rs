//! The tree over a list of entries, its checkpoints, tiles and proofs.

use std::convert::Infallible;

use tlog::note::{KeyKind, Note, SigningNoteKey};
use tlog::proof::{self, HashReader};
use tlog::receipt::Receipt;
use tlog::tile::{TileKind, TileName, encode_entries, encode_hashes, tiles_of};
use tlog::{Checkpoint, Hash, leaf_hash, node_hash};

use super::hex;
use crate::support::{ORIGIN, policy_text};

/// Ed25519 seeds of the log and its cosigner.
pub const SEEDS: [u8; 2] = [91, 92];

pub struct Tree<'a>(pub &'a [Vec<u8>]);

impl HashReader for Tree<'_> {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let Some(below) = level.checked_sub(1) else {
            return Ok(leaf_hash(&self.0[usize::try_from(index).unwrap()]));
        };
        Ok(node_hash(
            &self.node(below, 2 * index)?,
            &self.node(below, 2 * index + 1)?,
        ))
    }
}

impl Tree<'_> {
    pub fn root(&self, size: u64) -> Hash {
        let Ok(root) = proof::root(size, self);
        root
    }

    /// The checkpoint of the first `size` entries, cosigned at `time`.
    pub fn note(&self, size: u64, time: u64) -> Note {
        note(size, self.root(size), time)
    }

    /// Every tile of the tree of all entries: path and bytes.
    pub fn tiles(&self) -> Vec<serde_json::Value> {
        let tile = |name: &TileName| {
            let places = name.index * 256..name.index * 256 + u64::from(name.width);
            match name.kind {
                TileKind::Entries => encode_entries(places.map(|i| &self.0[usize::try_from(i).unwrap()][..])),
                TileKind::Hash(level) => {
                    let hash = |i| {
                        let Ok(hash) = self.node(8 * level, i);
                        hash
                    };
                    encode_hashes(&places.map(hash).collect::<Vec<_>>())
                }
            }
        };
        tiles_of(self.0.len() as u64)
            .iter()
            .map(|name| serde_json::json!({ "path": format!("/log/{}", name.path()), "hex": hex(tile(name)) }))
            .collect()
    }

    /// The receipt of an entry against the tree of all entries.
    pub fn receipt(&self, index: u64, time: u64) -> Receipt {
        let size = self.0.len() as u64;
        let Ok(proof) = proof::inclusion(index, size, self);
        Receipt {
            extra: Some(self.0[usize::try_from(index).unwrap()].clone()),
            index,
            proof: proof.unwrap(),
            checkpoint: self.note(size, time),
        }
    }
}

/// A checkpoint signed by the log and its cosigner.
pub fn note(size: u64, root: Hash, time: u64) -> Note {
    let log = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[SEEDS[0]; 32]).unwrap();
    let cosigner = SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[SEEDS[1]; 32]).unwrap();
    assert!(policy_text().contains(&log.verifier().to_string()));
    assert!(policy_text().contains(&cosigner.verifier().to_string()));
    let text = Checkpoint {
        origin: ORIGIN.into(),
        size,
        root,
        extensions: vec![],
    }
    .to_text();
    let cosignature = tlog::cosign::cosign(&cosigner, &text, time);
    Note::new(text.clone()).unwrap().with(log.sign(&text)).with(cosignature)
}
