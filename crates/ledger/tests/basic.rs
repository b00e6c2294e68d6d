//! The ledger's promises, one by one.

use crate::support;

use std::sync::Arc;

use ledger::ledger::Blob;
use ledger::sqlite::{self, Options};
use ledger::{Accepted, Error, Item, Ledger, Order, Refused, Stay, Submission};
use support::{act, blob, extend, options, read_note};
use tlog::tile::{TileKind, TileName};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_there_after_opening_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    for number in 0..30 {
        assert_eq!(ledger.submit(act(number)).await.unwrap(), Accepted::New);
    }
    drop(ledger);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    assert_eq!(ledger.waiting().unwrap().by_class, [10, 10, 10]);
    for number in 0..30 {
        let act = act(number);
        assert_eq!(
            ledger.submit(act.clone()).await.unwrap(),
            Accepted::Again(act.answer.clone())
        );
        assert!(ledger.is_taken(&act.entries[0].key).unwrap());
        assert_eq!(blob(&ledger, &act.blobs[0].0), Some(act.blobs[0].1.clone()));
        let Some(Blob::Large(large)) = ledger.blob(&act.blobs[1].0).unwrap() else {
            panic!("it is small")
        };
        assert_eq!(
            (large.read(0, 4_000).unwrap(), large.size()),
            (act.blobs[1].1.clone(), 3_000)
        );
        assert_eq!(large.read(2_999, 10).unwrap(), act.blobs[1].1[2_999..]);
        assert_eq!(large.read(3_000, 10).unwrap(), b"");
        assert_eq!(large.read(u64::MAX, 10).unwrap(), b"");
    }
    assert_eq!(ledger.list("office", 0, 100, 0).unwrap().len(), 30);
    assert_eq!(ledger.list("office", 0, 100, 50).unwrap().len(), 15);
    assert_eq!(ledger.list_len("office").unwrap(), 30);
    ledger.close().await;
    assert!(matches!(ledger.submit(act(99)).await, Err(Error::Storage(_))));
    drop(sqlite::open(&options(folder.path())).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_public_entries_first_and_then_exactly_fill() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    for number in 0..30 {
        ledger.submit(act(number)).await.unwrap();
    }
    assert!(ledger.snapshot().is_none());
    let note = extend(&ledger, 4, 8).unwrap();
    assert_eq!(read_note(&note).0, 8, "nothing was due");
    assert_eq!(extend(&ledger, 5, 8).unwrap(), note, "the pending one again");
    assert!(matches!(ledger.publish(4, 1, 8, b"n"), Err(Error::Moved)));
    ledger.publish(4, 0, 8, b"n4").unwrap();
    assert!(matches!(ledger.publish(4, 0, 8, b"n4"), Err(Error::Moved)));
    extend(&ledger, 7, 8).unwrap();
    assert_eq!(ledger.pending().unwrap().unwrap().0, 8 + 10 + 8);
    assert_eq!(
        ledger
            .tile(&TileName {
                kind: TileKind::Entries,
                index: 0,
                width: 9
            })
            .unwrap(),
        None
    );
    ledger.publish(7, 8, 26, b"n7").unwrap();
    assert_eq!(ledger.waiting().unwrap().by_class, [6, 6, 0]);
    let public = act(2);
    assert_eq!(ledger.position(&public.entries[0].key).unwrap(), Some(8));
    assert_eq!(ledger.entry(8).unwrap().unwrap(), public.entries[0].bytes);
    assert_eq!(ledger.step(3).unwrap(), None);
    assert_eq!(ledger.step(6).unwrap().unwrap(), b"n4", "missed");
    assert_eq!(ledger.step(7).unwrap().unwrap(), b"n7");
    assert_eq!(ledger.step(8).unwrap(), None);
    assert_eq!(ledger.waiting_by_step(0).unwrap(), vec![(5, 6)]);
    let tile = TileName {
        kind: TileKind::Entries,
        index: 0,
        width: 26,
    };
    let bundle = ledger.tile(&tile).unwrap().unwrap();
    let entries = tlog::tile::decode_entries(&bundle).unwrap();
    let mut frontier = tlog::tree::Frontier::default();
    entries.iter().for_each(|entry| frontier.append(tlog::leaf_hash(entry)));
    let root = tlog::proof::root(26, &ledger.nodes()).unwrap();
    assert_eq!(root, frontier.root());
    drop(ledger);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    assert_eq!(ledger.snapshot().unwrap().size, 26);
    assert_eq!(tlog::proof::root(26, &ledger.nodes()).unwrap(), root);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_share_their_commits() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        inline_max: 1 << 20,
        ..options(folder.path())
    };
    let ledger = sqlite::open(&options).unwrap();
    let ledger = Arc::new(ledger);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let ledger = Arc::clone(&ledger);
            tokio::spawn(async move { ledger.submit(act(number)).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), Accepted::New);
    }
    let counters = ledger.counters();
    assert_eq!(counters.submissions, 200);
    assert!(counters.batches < 150, "{counters:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    ledger.submit(act(1)).await.unwrap();
    let refused = |change: fn(&mut Submission), reason: Refused| {
        let ledger = ledger.clone();
        async move {
            let mut bad = act(2);
            change(&mut bad);
            let Err(Error::Refused(found)) = ledger.submit(bad).await else {
                panic!("accepted")
            };
            assert_eq!(found, reason);
            assert!(ledger.answer(&act(2).form.unwrap()).unwrap().is_none());
            assert_eq!(ledger.blob_size(&act(2).blobs[0].0).unwrap(), None);
            assert_eq!(ledger.list_len("office").unwrap(), 1);
        }
    };
    refused(|bad| bad.entries[0].key = act(1).entries[0].key, Refused::Taken).await;
    refused(|bad| bad.entries.push(bad.entries[0].clone()), Refused::Taken).await;
    refused(|bad| bad.once[0].key = act(1).once[0].key, Refused::Used).await;
    refused(|bad| bad.once.push(bad.once[0].clone()), Refused::Used).await;
    let unknown = |bad: &mut Submission| bad.names.push(([7; 32], Stay::Lasting));
    refused(unknown, Refused::Missing(vec![[7; 32]])).await;
    let item = |bad: &mut Submission| bad.items[0].blob = Some([7; 32]);
    refused(item, Refused::Missing(vec![[7; 32]])).await;
    let foreign = act(1).blobs[0].0;
    refused(
        |bad| bad.names.push((act(1).blobs[0].0, Stay::UntilGivenUp)),
        Refused::Named(vec![foreign]),
    )
    .await;
    refused(|bad| bad.removes.push(("office".into(), 9)), Refused::Changed).await;
    refused(|bad| bad.entries[0].bytes = vec![0; 65_536], Refused::Oversize).await;
    refused(|bad| bad.items[0].bytes = vec![0; 1_025], Refused::Oversize).await;
    assert_eq!(ledger.submit(act(2)).await.unwrap(), Accepted::New);
    assert_eq!(ledger.waiting().unwrap().by_class, [0, 1, 1]);
}

/// Three levels of tiles: what is opened anew is the same tree, in any width of any tile.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_tree_is_the_same_after_opening_anew() {
    let folder = support::memory();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    let first = read_note(&support::step(&ledger, 1, 700).unwrap());
    let second = read_note(&support::step(&ledger, 2, 65_536).unwrap());
    let check = |ledger: &Ledger| {
        let nodes = ledger.nodes();
        assert_eq!(tlog::proof::root(second.0, &nodes).unwrap(), second.1);
        let proof = tlog::proof::consistency(first.0, second.0, &nodes).unwrap().unwrap();
        tlog::proof::verify_consistency(first.0, first.1, second.0, second.1, &proof).unwrap();
        for index in [0, 699, 700, 65_535, 65_536, second.0 - 1] {
            let leaf = tlog::leaf_hash(&ledger.entry(index).unwrap().unwrap());
            let proof = tlog::proof::inclusion(index, second.0, &nodes).unwrap().unwrap();
            tlog::proof::verify_inclusion(leaf, index, second.0, &proof, second.1).unwrap();
        }
        let tile = |kind, index, width| ledger.tile(&TileName { kind, index, width }).unwrap();
        let whole = tile(TileKind::Hash(0), 3, 256).unwrap();
        assert_eq!(tile(TileKind::Hash(0), 3, 9).unwrap(), whole[..9 * 32]);
        assert_eq!(tile(TileKind::Hash(1), 0, 256).unwrap().len(), 8_192);
        assert_eq!(tile(TileKind::Hash(2), 0, 1).unwrap().len(), 32);
        assert_eq!(tile(TileKind::Hash(2), 0, 2), None, "beyond the published tree");
        assert_eq!(tile(TileKind::Hash(8), 0, 1), None);
        assert_eq!(tile(TileKind::Hash(0), u64::MAX, 1), None);
        assert_eq!(tile(TileKind::Hash(0), 0, 0), None);
        assert_eq!(tile(TileKind::Hash(0), 0, 257), None);
    };
    check(&ledger);
    drop(ledger);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    check(&ledger);
    let third = read_note(&support::step(&ledger, 3, 4).unwrap());
    let proof = tlog::proof::consistency(second.0, third.0, &ledger.nodes())
        .unwrap()
        .unwrap();
    tlog::proof::verify_consistency(second.0, second.1, third.0, third.1, &proof).unwrap();
}

/// Whoever gets the disk learns the day on which something came, and no order within it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_tells_no_time_of_arrival_and_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    let item = |number: u64| Item {
        list: "waiting".into(),
        bytes: number.to_be_bytes().to_vec(),
        order: Order::Drawn,
        ..Item::default()
    };
    for number in 0..30 {
        let mut act = act(number);
        act.entries[0].class = 0;
        act.items = vec![item(number)];
        ledger.submit(act).await.unwrap();
    }
    ledger.uploads().put(&[1; 32], 0, b"part", None, 100).unwrap();
    let came: Vec<Vec<u8>> = (0..30u64).map(|number| number.to_be_bytes().to_vec()).collect();
    let listed: Vec<Vec<u8>> = ledger
        .list("waiting", 0, 100, 0)
        .unwrap()
        .into_iter()
        .map(|item| item.bytes)
        .collect();
    assert_ne!(listed, came);
    assert_eq!(listed.len(), came.len());
    ledger.close().await;
    let db = rusqlite::Connection::open(folder.path().join("store/ledger.sqlite")).unwrap();
    for table in ["act", "waiting"] {
        let sql = format!(
            "SELECT {} FROM {table}",
            if table == "act" { "answer" } else { "bytes" }
        );
        let mut statement = db.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let kept: Vec<Vec<u8>> = rows.map(Result::unwrap).collect();
        let came: Vec<Vec<u8>> = (0..30).map(|number| act(number).entries[0].bytes.clone()).collect();
        assert_eq!(kept.len(), came.len());
        assert_ne!(kept, came, "{table}");
    }
    drop(db);
    for part in ["blobs", "packs", "uploads"] {
        let mut folders = vec![folder.path().join("store").join(part)];
        while let Some(path) = folders.pop() {
            for file in std::fs::read_dir(path).unwrap() {
                let file = file.unwrap();
                if file.path().is_dir() {
                    folders.push(file.path());
                    continue;
                }
                let metadata = file.metadata().unwrap();
                for time in [metadata.modified().unwrap(), metadata.accessed().unwrap()] {
                    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap();
                    assert!(
                        since.as_secs().is_multiple_of(86_400) && since.subsec_nanos() == 0,
                        "{part}"
                    );
                }
            }
        }
    }
}
