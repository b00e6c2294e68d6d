//! Uploads in chunks, deletion, expiry.

use crate::support;

use std::time::{SystemTime, UNIX_EPOCH};

use ledger::upload::Chunk;
use ledger::{Accepted, Error, GivenUp, Refused, Submission, sqlite};
use support::{Blobs, act, assert_sound, blob, digest, options};

const NAME: [u8; 32] = [3; 32];

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_it_was_and_repeats_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let whole: Vec<u8> = (0..10_000_u32).flat_map(u32::to_be_bytes).collect();
    let (name, size) = (digest(&whole), whole.len() as u64);
    let open = || sqlite::open(&options(folder.path())).unwrap();
    let ledger = open();
    let uploads = ledger.uploads();
    assert_eq!(uploads.offset(&NAME).unwrap(), 0);
    assert_eq!(
        uploads.put(&NAME, 5, &whole[5..10], None, size).unwrap(),
        Chunk::Offset(0)
    );
    assert_eq!(
        uploads.put(&NAME, 0, &whole[..1_000], None, size).unwrap(),
        Chunk::Taken(1_000)
    );
    assert_eq!(
        uploads.put(&NAME, 0, &whole[..1_000], None, size).unwrap(),
        Chunk::Taken(1_000)
    );
    assert_eq!(
        uploads.put(&NAME, 1_000, &whole[1_000..], None, size - 1).unwrap(),
        Chunk::TooLarge
    );
    assert_eq!(
        uploads.put(&NAME, 999, &whole[999..2_000], None, size).unwrap(),
        Chunk::Offset(1_000)
    );
    drop((uploads, ledger));

    let ledger = open();
    let uploads = ledger.uploads();
    assert_eq!(uploads.offset(&NAME).unwrap(), 1_000);
    assert_eq!(
        uploads.put(&NAME, 1_000, &whole[1_000..20_000], None, size).unwrap(),
        Chunk::Taken(20_000)
    );
    assert_eq!(
        uploads
            .put(&NAME, 20_000, &whole[20_000..], Some(size + 1), size + 1)
            .unwrap(),
        Chunk::Offset(20_000)
    );
    assert_eq!(ledger.blob_size(&name).unwrap(), None, "not before it is whole");
    assert_eq!(
        uploads.put(&NAME, 20_000, &whole[20_000..], Some(size), size).unwrap(),
        Chunk::Done(name, size)
    );
    for _ in 0..2 {
        let again = uploads.put(&NAME, 20_000, &whole[20_000..], Some(size), size).unwrap();
        assert_eq!(again, Chunk::Done(name, size));
    }
    drop((uploads, ledger));

    let ledger = open();
    let uploads = ledger.uploads();
    assert_eq!(uploads.offset(&NAME).unwrap(), size);
    assert_eq!(
        uploads.put(&NAME, 20_000, &whole[20_000..], Some(size), size).unwrap(),
        Chunk::Done(name, size)
    );
    assert_eq!(uploads.put(&NAME, 0, b"x", None, size).unwrap(), Chunk::Offset(size));
    assert_eq!(blob(&ledger, &name), Some(whole));
    assert!(ledger.named_blob(&name).unwrap().is_none(), "nobody names it yet");
    assert_eq!(ledger.submit(act(1).naming(name)).await.unwrap(), Accepted::New);
    assert!(ledger.named_blob(&name).unwrap().is_some());

    assert_eq!(ledger.give_up(name).await.unwrap(), GivenUp::Done);
    assert_eq!(ledger.give_up(name).await.unwrap(), GivenUp::Unnamed);
    assert!(ledger.named_blob(&name).unwrap().is_none());
    assert_eq!(uploads.offset(&NAME).unwrap(), size, "the upload holds it two days");
    ledger.expire(1_000).await.unwrap();
    ledger.expire(1_000 + 172_800).await.unwrap();
    assert_eq!(ledger.blob_size(&name).unwrap(), None);
    assert_eq!(uploads.offset(&NAME).unwrap(), 0, "the name is free again");
    drop((uploads, ledger));
    assert_sound(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    let secrets = [
        b"first secret ".repeat(9),
        b"second secret".repeat(9),
        b"third secret ".repeat(9),
    ];
    let blobs: Vec<_> = secrets.iter().map(|secret| (digest(secret), secret.clone())).collect();
    ledger.submit(act(1).with_blobs(secrets.clone())).await.unwrap();
    let found = |secret: &[u8]| {
        ["ledger.sqlite", "ledger.sqlite-wal", "packs/1"].iter().any(|name| {
            let bytes = std::fs::read(folder.path().join("store").join(name)).unwrap_or_default();
            bytes.windows(secret.len()).any(|window| window == secret)
        })
    };
    assert!(secrets.iter().all(|secret| found(secret)));
    assert_eq!(ledger.give_up(blobs[1].0).await.unwrap(), GivenUp::Done);
    assert!(!found(&secrets[1]));
    assert_eq!(blob(&ledger, &blobs[1].0), None);
    assert_eq!(blob(&ledger, &blobs[2].0), Some(secrets[2].clone()));
    for place in [0, 2] {
        assert_eq!(ledger.give_up(blobs[place].0).await.unwrap(), GivenUp::Done);
    }
    assert!(!secrets.iter().any(|secret| found(secret)));
    drop(ledger);
    assert_sound(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_is_gone_and_positions_are_not_given_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    for number in 0..6 {
        ledger.submit(act(number)).await.unwrap();
    }
    ledger.expire(49).await.unwrap();
    assert_eq!(ledger.list("office", 0, 100, 0).unwrap().len(), 6);
    ledger.expire(50).await.unwrap();
    let seqs: Vec<u64> = ledger
        .list("office", 0, 100, 0)
        .unwrap()
        .iter()
        .map(|item| item.seq)
        .collect();
    assert_eq!(seqs, [1, 3, 5]);
    let again = Submission {
        form: None,
        entries: vec![],
        ..act(1)
    };
    assert!(ledger.submit(again.clone()).await.is_err(), "used until 100");
    ledger.expire(100).await.unwrap();
    assert_eq!(ledger.submit(again).await.unwrap(), Accepted::New);
    let removal = Submission {
        removes: vec![("office".into(), 6)],
        ..Submission::default()
    };
    assert_eq!(ledger.submit(removal.clone()).await.unwrap(), Accepted::New);
    assert!(matches!(
        ledger.submit(removal).await,
        Err(Error::Refused(Refused::Changed))
    ));
    assert_eq!(ledger.list_len("office").unwrap(), 7);
    drop(ledger);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    ledger.submit(act(7)).await.unwrap();
    let page = ledger.list("office", 3, 2, 0).unwrap();
    assert_eq!(page.iter().map(|item| item.seq).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(ledger.list("office", 6, 9, 0).unwrap()[0].seq, 7);
    ledger.set_value("delivered".into(), vec![9]).await.unwrap();
    assert_eq!(ledger.value("delivered").unwrap(), Some(vec![9]));
    assert_eq!(ledger.value("other").unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_nobody_goes_on_with_or_names_goes_after_two_days() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    let uploads = ledger.uploads();
    uploads.put(&NAME, 0, b"part", None, 100).unwrap();
    let done = |name: [u8; 32], bytes: &[u8]| {
        let size = bytes.len() as u64;
        let Chunk::Done(digest, _) = uploads.put(&name, 0, bytes, Some(size), 100).unwrap() else {
            panic!("not done")
        };
        digest
    };
    let (whole, named) = (done([4; 32], b"whole"), done([5; 32], b"named"));
    let act_that_names = |number| act(number).naming(named);
    ledger.submit(act_that_names(1)).await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    ledger.expire(now + 160_000).await.unwrap();
    assert_eq!(uploads.offset(&NAME).unwrap(), 4);
    ledger.expire(now + 172_800 + 86_401).await.unwrap();
    assert_eq!(uploads.offset(&NAME).unwrap(), 0);
    assert_eq!(uploads.offset(&[4; 32]).unwrap(), 5);
    ledger.expire(now + 160_000 + 172_800).await.unwrap();
    assert_eq!(uploads.offset(&[4; 32]).unwrap(), 0);
    assert_eq!(ledger.blob_size(&whole).unwrap(), None, "nobody named it");
    assert_eq!(ledger.blob_size(&named).unwrap(), Some(5), "an act names it");
    assert_eq!(uploads.put(&NAME, 0, b"anew", None, 100).unwrap(), Chunk::Taken(4));

    // Filed a second time from another upload, it stays too, for ever.
    assert_eq!(done([6; 32], b"named"), named);
    for later in [400_000, 900_000, 90_000_000] {
        ledger.expire(now + later).await.unwrap();
        assert_eq!(ledger.blob_size(&named).unwrap(), Some(5));
    }
    let second = ledger.submit(act_that_names(2)).await;
    assert!(matches!(second, Err(Error::Refused(Refused::Named(blobs))) if blobs == [named]));
    drop((uploads, ledger));
    assert_sound(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_upload_stays_while_another_of_the_same_is_young_and_with_an_act_that_comes_late() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    let uploads = ledger.uploads();
    let bytes = b"the same bytes";
    let put = |name| uploads.put(&[name; 32], 0, bytes, Some(14), 100).unwrap();
    put(4);
    ledger.expire(1_000).await.unwrap();
    let Chunk::Done(same, _) = put(5) else {
        panic!("not done")
    };
    ledger.expire(1_000 + 172_800).await.unwrap();
    assert_eq!(uploads.offset(&[4; 32]).unwrap(), 0, "the older one is forgotten");
    assert_eq!(ledger.blob_size(&same).unwrap(), Some(14), "the younger one holds it");
    ledger.submit(act(1).naming(same)).await.unwrap();
    ledger.expire(1_000 + 2 * 172_800).await.unwrap();
    assert_eq!(ledger.blob_size(&same).unwrap(), Some(14), "named at the last moment");

    let Chunk::Done(gone, _) = uploads.put(&[6; 32], 0, b"left behind", Some(11), 100).unwrap() else {
        panic!("not done")
    };
    ledger.expire(1_000_000).await.unwrap();
    ledger.expire(1_000_000 + 172_800).await.unwrap();
    let too_late = act(2).naming(gone);
    let refused = ledger.submit(too_late.clone()).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Refused(Refused::Missing(missing)) if *missing == [gone]),
        "{refused}"
    );
    uploads.put(&[7; 32], 0, b"left behind", Some(11), 100).unwrap();
    assert_eq!(
        ledger.submit(too_late).await.unwrap(),
        Accepted::New,
        "sent again it is taken"
    );
    drop((uploads, ledger));
    assert_sound(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pack_is_followed_by_another_and_goes_with_its_last_blob() {
    let folder = tempfile::tempdir().unwrap();
    let pack = |number: u64| folder.path().join("store/packs").join(number.to_string());
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    ledger.submit(act(1)).await.unwrap();
    drop(ledger);
    // As if it had grown to its limit; the file is sparse.
    let limit = 256 << 20;
    std::fs::OpenOptions::new()
        .write(true)
        .open(pack(1))
        .unwrap()
        .set_len(limit)
        .unwrap();
    let db = rusqlite::Connection::open(folder.path().join("store/ledger.sqlite")).unwrap();
    db.execute("UPDATE pack SET size = ?1", [i64::try_from(limit).unwrap()])
        .unwrap();
    drop(db);
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    ledger.submit(act(2)).await.unwrap();
    ledger.submit(act(3)).await.unwrap();
    assert_eq!(
        std::fs::read(pack(2)).unwrap(),
        [act(2).blobs[0].1.clone(), act(3).blobs[0].1.clone()].concat()
    );
    assert_eq!(blob(&ledger, &act(1).blobs[0].0), Some(act(1).blobs[0].1.clone()));
    ledger.expire(0).await.unwrap();
    assert!(pack(1).exists());
    ledger.give_up(act(1).blobs[0].0).await.unwrap();
    ledger.give_up(act(2).blobs[0].0).await.unwrap();
    ledger.give_up(act(3).blobs[0].0).await.unwrap();
    ledger.expire(0).await.unwrap();
    assert!(!pack(1).exists());
    assert!(
        std::fs::read(pack(2)).unwrap().iter().all(|byte| *byte == 0),
        "the last one stays, overwritten"
    );
    ledger.submit(act(4)).await.unwrap();
    drop(ledger);
    assert_sound(folder.path());
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    assert_eq!(blob(&ledger, &act(4).blobs[0].0), Some(act(4).blobs[0].1.clone()));
}
