//! Tree, proofs and tiles against the published reference tree, RFC 6962's own definition, and themselves.

use crate::common;

use common::{Log, mth};
use proptest::prelude::*;
use serde::Deserialize;
use tlog::proof::{ProofError, consistency, inclusion, root, verify_consistency, verify_inclusion};
use tlog::tile::{self, TileKind, TileName};
use tlog::tree::Frontier;
use tlog::{Hash, leaf_hash};

#[derive(Deserialize)]
struct Vectors {
    leaves: Vec<String>,
    roots: Vec<String>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

#[derive(Deserialize)]
struct Inclusion {
    index: u64,
    size: u64,
    proof: Vec<String>,
}

#[derive(Deserialize)]
struct Consistency {
    old: u64,
    size: u64,
    proof: Vec<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/rfc6962.json")).expect("vectors")
}

fn hash(hex: &str) -> Hash {
    Hash(
        base16ct::lower::decode_vec(hex.as_bytes())
            .expect("hex")
            .try_into()
            .expect("32 bytes"),
    )
}

fn hashes(hex: &[String]) -> Vec<Hash> {
    hex.iter().map(|h| hash(h)).collect()
}

fn prefix(log: &Log, size: u64) -> Hash {
    root(size, log).expect("in memory")
}

#[test]
fn the_reference_tree_has_its_published_roots() {
    let vectors = vectors();
    let (mut log, mut frontier) = (Log::default(), Frontier::default());
    assert_eq!(frontier.root(), hash(&vectors.roots[0]));
    assert_eq!(vectors.leaves.len() + 1, vectors.roots.len());
    for (leaf, expected) in vectors.leaves.iter().zip(&vectors.roots[1..]) {
        let entry = base16ct::lower::decode_vec(leaf.as_bytes()).expect("hex");
        log.push(&entry);
        frontier.append(leaf_hash(&entry));
        assert_eq!(frontier.root(), hash(expected));
        assert_eq!(log.root(), hash(expected));
    }
}

#[test]
fn the_reference_tree_has_its_published_proofs() {
    let vectors = vectors();
    let mut log = Log::default();
    vectors
        .leaves
        .iter()
        .for_each(|leaf| log.push(&base16ct::lower::decode_vec(leaf.as_bytes()).expect("hex")));
    let roots = hashes(&vectors.roots);
    for Inclusion { index, size, proof } in &vectors.inclusion {
        let expected = hashes(proof);
        assert_eq!(
            inclusion(*index, *size, &log),
            Ok(Some(expected.clone())),
            "{index} in {size}"
        );
        let leaf = leaf_hash(&log.entries[*index as usize]);
        assert_eq!(
            verify_inclusion(leaf, *index, *size, &expected, roots[*size as usize]),
            Ok(())
        );
    }
    for Consistency { old, size, proof } in &vectors.consistency {
        let expected = hashes(proof);
        assert_eq!(
            consistency(*old, *size, &log),
            Ok(Some(expected.clone())),
            "{old} to {size}"
        );
        let (old_root, new_root) = (roots[*old as usize], roots[*size as usize]);
        assert_eq!(verify_consistency(*old, old_root, *size, new_root, &expected), Ok(()));
    }
}

#[test]
fn every_small_tree_agrees_with_the_definition() {
    let log = Log::of(70);
    let mut frontier = Frontier::default();
    for size in 0..=log.size() {
        let expected = mth(&log.entries[..size as usize]);
        assert_eq!(frontier.root(), expected);
        assert_eq!(prefix(&log, size), expected);
        assert_eq!(
            Frontier::from_parts(size, frontier.nodes().to_vec()),
            Some(frontier.clone())
        );
        let mut one_more = frontier.nodes().to_vec();
        one_more.push(expected);
        assert_eq!(Frontier::from_parts(size, one_more), None);
        for index in 0..size {
            let proof = inclusion(index, size, &log).expect("in memory").expect("in range");
            let leaf = leaf_hash(&log.entries[index as usize]);
            assert_eq!(verify_inclusion(leaf, index, size, &proof, expected), Ok(()));
        }
        for old in 0..=size {
            let proof = consistency(old, size, &log).expect("in memory").expect("in range");
            assert_eq!(
                verify_consistency(old, prefix(&log, old), size, expected, &proof),
                Ok(()),
                "{old} to {size}"
            );
        }
        if let Some(entry) = log.entries.get(size as usize) {
            frontier.append(leaf_hash(entry));
        }
    }
}

#[test]
fn impossible_ranges_are_refused() {
    let log = Log::of(5);
    let any = log.root();
    assert_eq!(inclusion(5, 5, &log), Ok(None));
    assert_eq!(consistency(6, 5, &log), Ok(None));
    assert_eq!(verify_inclusion(any, 5, 5, &[], any), Err(ProofError::Range));
    assert_eq!(verify_inclusion(any, 0, 0, &[], any), Err(ProofError::Range));
    assert_eq!(verify_consistency(6, any, 5, any, &[]), Err(ProofError::Range));
    assert_eq!(
        verify_consistency(0, any, 5, any, &[]),
        Err(ProofError::Mismatch),
        "the empty tree has one root"
    );
    assert_eq!(
        verify_consistency(0, tlog::hash::empty_root(), 5, any, &[any]),
        Err(ProofError::Mismatch)
    );
    assert_eq!(verify_consistency(3, any, 5, any, &[]), Err(ProofError::Mismatch));
    assert_eq!(Frontier::from_parts(1 << 63, vec![any]), None);
    // Sizes at the very end of the range must not overflow.
    let proof = vec![any; 64];
    assert_eq!(
        verify_inclusion(any, u64::MAX - 1, u64::MAX, &proof, any),
        Err(ProofError::Mismatch)
    );
    assert_eq!(
        verify_consistency(u64::MAX - 1, any, u64::MAX, any, &proof),
        Err(ProofError::Mismatch)
    );
}

#[test]
fn tile_paths_are_those_of_the_specification() {
    let name = |kind, index, width| TileName { kind, index, width };
    for (path, tile) in [
        ("tile/0/x001/x234/067", name(TileKind::Hash(0), 1_234_067, 256)),
        ("tile/0/x001/067", name(TileKind::Hash(0), 1067, 256)),
        ("tile/63/000.p/1", name(TileKind::Hash(63), 0, 1)),
        ("tile/entries/000.p/3", name(TileKind::Entries, 0, 3)),
        ("tile/entries/999.p/255", name(TileKind::Entries, 999, 255)),
        ("tile/entries/x001/000", name(TileKind::Entries, 1000, 256)),
    ] {
        assert_eq!(tile.path(), path);
        assert_eq!(TileName::parse(path), Some(tile));
    }
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x000",
        "tile/0/001/000",
        "tile/0/+01",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/1/1",
        "tile/Entries/000",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/000 ",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/xx01/000",
    ] {
        assert_eq!(TileName::parse(path), None, "{path:?}");
    }
    assert_eq!(
        TileName::parse(&name(TileKind::Entries, u64::MAX, 256).path()).map(|n| n.index),
        Some(u64::MAX)
    );
}

#[test]
fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
    let tiles = tile::tiles_of(70_000);
    let count = |kind, full: bool| {
        tiles
            .iter()
            .filter(|tile| tile.kind == kind && (tile.width == 256) == full)
            .map(|t| t.width)
            .collect::<Vec<_>>()
    };
    assert_eq!(count(TileKind::Hash(0), true).len(), 273);
    assert_eq!(count(TileKind::Hash(0), false), [112]);
    assert_eq!(count(TileKind::Hash(1), true).len(), 1);
    assert_eq!(count(TileKind::Hash(1), false), [17]);
    assert_eq!(count(TileKind::Hash(2), true).len(), 0);
    assert_eq!(count(TileKind::Hash(2), false), [1]);
    assert_eq!(count(TileKind::Entries, true).len(), 273);
    assert_eq!(count(TileKind::Entries, false), [112]);
    assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1 + 273 + 1);
    assert_eq!(tile::tiles_of(0), []);
    assert_eq!(
        tile::tiles_of(256).iter().map(TileName::path).collect::<Vec<_>>(),
        ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    );
}

#[test]
fn bundles_are_split_as_they_were_joined() {
    let largest = vec![7; tile::ENTRY_SIZE_MAX];
    let entries: Vec<&[u8]> = vec![b"", b"a", &largest];
    let bundle = tile::encode_entries(entries.iter().copied());
    assert_eq!(&bundle[..5], &[0, 0, 0, 1, b'a']);
    assert_eq!(tile::decode_entries(&bundle), Some(entries));
    assert_eq!(tile::decode_entries(&bundle[..bundle.len() - 1]), None);
    assert_eq!(tile::decode_entries(&[0]), None);
    assert_eq!(tile::decode_entries(&[0; 512]).map(|e| e.len()), Some(256));
    assert_eq!(
        tile::decode_entries(&[0; 514]),
        None,
        "a bundle holds 256 entries at most"
    );
    assert_eq!(tile::decode_hashes(&[0; 33]), None);
    assert_eq!(tile::decode_hashes(&[0; 257 * 32]), None);
    let hashes = vec![leaf_hash(b"a"), leaf_hash(b"b")];
    assert_eq!(tile::decode_hashes(&tile::encode_hashes(&hashes)), Some(hashes));
}

#[test]
#[should_panic = "at most 65,535 bytes"]
fn an_entry_too_long_for_a_bundle_is_a_bug() {
    let entry = vec![0; tile::ENTRY_SIZE_MAX + 1];
    tile::encode_entries([&entry[..]]);
}

/// Flips one bit of one hash.
fn flip(proof: &mut [Hash], bit: usize) {
    let bit = bit % (proof.len() * 256);
    proof[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn inclusion_holds_for_its_index_only(size in 1..600_u64, at: prop::sample::Index, other: prop::sample::Index, bit: usize) {
        let log = Log::of(size);
        let (index, root) = (at.index(size as usize) as u64, log.root());
        let leaf = leaf_hash(&log.entries[index as usize]);
        let mut proof = inclusion(index, size, &log).expect("in memory").expect("in range");
        prop_assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
        let elsewhere = other.index(size as usize) as u64;
        prop_assert_eq!(verify_inclusion(leaf, elsewhere, size, &proof, root).is_ok(), elsewhere == index);
        // The root of a tree is an inner node of none so large that every path in it is longer.
        let deeper = size.next_power_of_two() * 2;
        prop_assert!(verify_inclusion(leaf, index, deeper, &proof, root).is_err());
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(verify_inclusion(leaf, index, size, &longer, root).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_inclusion(leaf, index, size, &proof[1..], root).is_err());
            prop_assert!(verify_inclusion(leaf, index, size, &proof[..proof.len() - 1], root).is_err());
            flip(&mut proof, bit);
            prop_assert!(verify_inclusion(leaf, index, size, &proof, root).is_err());
        }
    }

    #[test]
    fn consistency_holds_for_its_trees_only(size in 1..600_u64, at: prop::sample::Index, bit: usize) {
        let log = Log::of(size);
        let (old, root) = (at.index(size as usize + 1) as u64, log.root());
        let old_root = prefix(&log, old);
        let mut proof = consistency(old, size, &log).expect("in memory").expect("in range");
        prop_assert!(proof.len() <= 63);
        prop_assert_eq!(verify_consistency(old, old_root, size, root, &proof), Ok(()));
        let mut wrong = [old_root];
        flip(&mut wrong, bit);
        prop_assert!(verify_consistency(old, wrong[0], size, root, &proof).is_err());
        wrong = [root];
        flip(&mut wrong, bit);
        // From the empty tree everything is consistent, so that no proof binds the new root.
        prop_assert_eq!(verify_consistency(old, old_root, size, wrong[0], &proof).is_ok(), old == 0);
        let deeper = size.next_power_of_two() * 2;
        prop_assert_eq!(verify_consistency(old, old_root, deeper, root, &proof).is_ok(), old == 0);
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(verify_consistency(old, old_root, size, root, &longer).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_consistency(old, old_root, size, root, &proof[1..]).is_err());
            flip(&mut proof, bit);
            prop_assert!(verify_consistency(old, old_root, size, root, &proof).is_err());
        }
    }

    #[test]
    fn a_written_path_reads_back(level in 0..64_u8, entries: bool, index: u64, shift in 0..64_u32, width in 1..=256_u16) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hash(level) };
        let tile = TileName { kind, index: index >> shift, width };
        prop_assert_eq!(TileName::parse(&tile.path()), Some(tile));
    }

    #[test]
    fn a_path_that_reads_is_the_canonical_one(path in "tile/([0-9]{1,2}|entries)(/x?[0-9]{1,4}){1,3}(\\.p/[0-9]{1,3})?") {
        if let Some(tile) = TileName::parse(&path) {
            prop_assert_eq!(tile.path(), path);
        }
    }

    #[test]
    fn growing_in_parts_makes_the_same_tiles(old in 0..200_000_u64, more in 0..200_000_u64) {
        let size = old + more;
        let mut grown: std::collections::HashSet<TileName> = tile::tiles_of(old).into_iter().collect();
        let added = tile::new_tiles(old, size);
        prop_assert!(added.iter().all(|tile| grown.insert(*tile)), "no tile is made twice");
        prop_assert!(tile::tiles_of(size).iter().all(|tile| grown.contains(tile)));
    }

    #[test]
    fn no_bundle_makes_the_reader_fail(bytes: Vec<u8>) {
        if let Some(entries) = tile::decode_entries(&bytes) {
            prop_assert_eq!(tile::encode_entries(entries), bytes);
        }
    }
}
