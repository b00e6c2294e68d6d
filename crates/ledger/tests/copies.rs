//! Check, copy, bring back, rebuild.

use crate::support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ledger::sqlite::backup::{copy_of, restore};
use ledger::sqlite::fsck::{fsck, head};
use ledger::sqlite::rebuild::rebuild;
use ledger::{Error, Ledger, sqlite};
use rusqlite::Connection;
use support::{act, assert_sound, assert_whole, extend, options, read_note, step};

/// A store with 12 acts, two published steps and a pending one.
async fn filled(folder: &Path) -> Ledger {
    let ledger = sqlite::open(&options(folder)).unwrap();
    for number in 0..12 {
        ledger.submit(act(number)).await.unwrap();
    }
    step(&ledger, 5, 4).unwrap();
    step(&ledger, 7, 300).unwrap();
    ledger.submit(act(12)).await.unwrap();
    extend(&ledger, 8, 4).unwrap();
    ledger
}

/// What an earlier copy left unfinished goes; what somebody else has put there stays, and the copy says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_removes_nothing_that_is_not_an_unfinished_copy() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = filled(from.path()).await;
    let draft = to.path().join("copy.partial");
    let make = async || {
        let (running, target) = (ledger.clone(), to.path().join("copy"));
        tokio::task::spawn_blocking(move || copy_of(&running, &target))
            .await
            .unwrap()
    };
    for other in ["notes.txt", "blobs/../thesis"] {
        std::fs::create_dir_all(draft.join("blobs")).unwrap();
        std::fs::write(draft.join(other), "mine").unwrap();
        let refused = make().await;
        assert!(
            matches!(&refused, Err(Error::Storage(why)) if why.contains("copy.partial")),
            "{refused:?}"
        );
        assert_eq!(std::fs::read(draft.join(other)).unwrap(), b"mine");
        std::fs::remove_dir_all(&draft).unwrap();
    }
    std::fs::write(&draft, "a file").unwrap();
    assert!(make().await.is_err());
    assert_eq!(std::fs::read(&draft).unwrap(), b"a file");
    std::fs::remove_file(&draft).unwrap();
    std::os::unix::fs::symlink(from.path(), &draft).unwrap();
    assert!(make().await.is_err());
    assert!(from.path().join("store/ledger.sqlite").exists());
    std::fs::remove_file(&draft).unwrap();
    std::fs::create_dir_all(draft.join("packs")).unwrap();
    std::fs::write(draft.join("ledger.sqlite"), "torn").unwrap();
    make().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_running_store_comes_back_whole() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = filled(from.path()).await;
    ledger.give_up(act(3).blobs[1].0).await.unwrap();
    let writing = {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            for number in 100..160 {
                ledger.submit(act(number)).await.unwrap();
            }
        })
    };
    let copy = to.path().join("copy");
    let (running, target) = (ledger.clone(), copy.clone());
    tokio::task::spawn_blocking(move || copy_of(&running, &target))
        .await
        .unwrap()
        .unwrap();
    writing.await.unwrap();
    assert!(matches!(copy_of(&ledger, &copy), Err(Error::Storage(_))), "it exists");
    assert!(!to.path().join("copy.partial").exists());
    assert_eq!(fsck(&copy).unwrap().faults, Vec::<String>::new());

    let pending = read_note(&ledger.pending().unwrap().unwrap().1);
    restore(&copy, &to.path().join("store"), Some(pending)).unwrap();
    let restored = sqlite::open(&options(to.path())).unwrap();
    assert_eq!(restored.pending().unwrap(), ledger.pending().unwrap());
    for number in (0..13).filter(|number| *number != 3) {
        assert_whole(&restored, &act(number));
    }
    drop(restored);
    assert_sound(to.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_would_roll_the_log_back_is_refused() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = filled(from.path()).await;
    let copy = to.path().join("copy");
    copy_of(&ledger, &copy).unwrap();
    let (size, root) = read_note(&ledger.pending().unwrap().unwrap().1);
    let old = ledger.snapshot().unwrap();
    ledger
        .publish(8, old.size, size, &ledger.pending().unwrap().unwrap().1)
        .unwrap();
    let later = read_note(&step(&ledger, 9, 4).unwrap());
    let target = to.path().join("store");
    let refused = restore(&copy, &target, Some(later));
    assert!(matches!(refused, Err(Error::RollsBack { size: found, floor }) if found == size && floor == later.0));
    let refused = restore(&copy, &target, Some((size, tlog::Hash([1; 32]))));
    assert!(
        matches!(refused, Err(Error::RollsBack { .. })),
        "another history of the same size"
    );
    assert!(!target.exists());
    restore(&copy, &target, Some((size, root))).unwrap();
    assert!(
        matches!(restore(&copy, &target, None), Err(Error::Storage(_))),
        "the target exists"
    );
    assert_eq!(head(&target).unwrap(), (size, root));
    assert!(matches!(head(&from.path().join("store")), Err(Error::Busy(_))));
}

/// Changes a closed store's database behind the ledger's back.
fn tamper(folder: &Path, sql: &str) {
    let db = Connection::open(folder.join("store/ledger.sqlite")).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
}

async fn finds(fault: &str, sql: &str) {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()).await);
    assert_sound(folder.path());
    tamper(folder.path(), sql);
    let faults = fsck(&folder.path().join("store")).unwrap().faults;
    assert!(faults.iter().any(|found| found.contains(fault)), "{sql}: {faults:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_finds_what_is_wrong() {
    finds(
        "root is not that of",
        "UPDATE leaf SET bytes = x'00' WHERE position = 3",
    )
    .await;
    finds("tile 0 of level 0", "UPDATE tile SET hashes = zeroblob(8192)").await;
    finds(
        "full tiles are stored",
        "INSERT INTO tile VALUES (1, 0, zeroblob(8192))",
    )
    .await;
    finds("is missing", "DELETE FROM leaf WHERE position = 300").await;
    finds("not a checkpoint", "UPDATE checkpoint SET note = x'00' WHERE kind = 1").await;
    finds(
        "another size",
        "UPDATE checkpoint SET note = (SELECT note FROM step LIMIT 1) WHERE kind = 1",
    )
    .await;
    finds("last signed checkpoint", "DELETE FROM checkpoint WHERE kind = 1").await;
    finds("lead up to it", "UPDATE step SET first = 8, last = 8 WHERE first = 7").await;
    finds("lost an entry", "UPDATE act SET keys = zeroblob(32)").await;
    finds(
        "not what its digest says",
        "UPDATE blob SET start = start + 1 WHERE start = 13",
    )
    .await;
    finds("beyond the end", "UPDATE pack SET size = size - 1").await;
    finds("lost blob", "DELETE FROM blob WHERE start = 13").await;
    finds("wrong number of blobs", "UPDATE pack SET live = 2").await;
    finds("a list item lost blob", "UPDATE item SET blob = zeroblob(32)").await;
    finds(
        "nothing holds blob",
        "DELETE FROM name WHERE digest = (SELECT digest FROM blob LIMIT 1)",
    )
    .await;
    finds(
        "nobody promised",
        "DELETE FROM act WHERE form = (SELECT min(form) FROM act)",
    )
    .await;
    finds(
        "several forms name",
        "INSERT INTO name SELECT digest, zeroblob(32), 1 FROM name LIMIT 1",
    )
    .await;
    finds("list items", "UPDATE list SET next = 1").await;
    finds(
        "both placed and waiting",
        "INSERT INTO waiting SELECT 0, 0, 7, key, bytes, NULL, 0 FROM leaf LIMIT 1",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_finds_lost_and_changed_files() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = filled(folder.path()).await;
    let path = |number: u64| {
        let name = base16ct::lower::encode_string(&act(number).blobs[1].0);
        folder.path().join("store/blobs").join(&name[..2]).join(name)
    };
    std::fs::remove_file(path(1)).unwrap();
    std::fs::write(path(2), b"other").unwrap();
    let pack = folder.path().join("store/packs/1");
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[14] ^= 1;
    std::fs::write(pack, bytes).unwrap();
    ledger.give_up(act(3).blobs[1].0).await.unwrap();
    drop(ledger);
    let report = fsck(&folder.path().join("store")).unwrap();
    let faults = report.faults;
    assert_eq!(report.given_up, 1, "given up is not lost");
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains("lost blob")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_derived_is_made_anew_and_the_truth_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()).await);
    let store = folder.path().join("store");
    tamper(folder.path(), "DELETE FROM tile");
    assert!(!fsck(&store).unwrap().faults.is_empty());
    let size = rebuild(&store).unwrap();
    assert_eq!(assert_sound(folder.path()).size, size);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    (0..13).for_each(|number| assert_whole(&ledger, &act(number)));
    drop(ledger);
    tamper(folder.path(), "UPDATE leaf SET bytes = x'00' WHERE position = 3");
    assert!(matches!(rebuild(&store), Err(Error::Damaged(_))));
    tamper(folder.path(), "DELETE FROM leaf WHERE position = 310");
    assert!(
        matches!(sqlite::open(&options(folder.path())), Err(Error::Damaged(_))),
        "a second history"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_and_no_newer_format() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = filled(folder.path()).await;
    let store = folder.path().join("store");
    assert!(matches!(sqlite::open(&options(folder.path())), Err(Error::Busy(_))));
    assert!(matches!(fsck(&store), Err(Error::Busy(_))));
    assert!(matches!(rebuild(&store), Err(Error::Busy(_))));
    ledger.close().await;
    assert_sound(folder.path());
    std::fs::write(store.join("format"), "2\n").unwrap();
    assert!(matches!(
        sqlite::open(&options(folder.path())),
        Err(Error::Newer { found: 2, known: 1 })
    ));
    assert!(matches!(fsck(&store), Err(Error::Newer { .. })));
    std::fs::write(store.join("format"), "x").unwrap();
    assert!(matches!(sqlite::open(&options(folder.path())), Err(Error::Damaged(_))));
    assert!(matches!(fsck(&folder.path().join("nothing")), Err(Error::Damaged(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_its_owners_only() {
    fn walk(path: &Path) {
        let metadata = std::fs::symlink_metadata(path).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.permissions().mode() & 0o777, expected, "{}", path.display());
        if metadata.is_dir() {
            std::fs::read_dir(path)
                .unwrap()
                .for_each(|file| walk(&file.unwrap().path()));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let ledger = filled(folder.path()).await;
    ledger.uploads().put(&[1; 32], 0, b"part", None, 100).unwrap();
    walk(&folder.path().join("store"));
    copy_of(&ledger, &folder.path().join("copy")).unwrap();
    walk(&folder.path().join("copy"));
}
