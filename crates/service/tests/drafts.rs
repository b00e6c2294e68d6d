//! Drafts (§9.5): one size whatever is there, replaced only by the words, never over a newer one, gone after seven days.

use crate::support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::draft::{DRAFT_FILE_LEN, DRAFT_HEADER, Draft, DraftKeys};
use protocol::http::{WORK_HEADER, work_header};
use protocol::phrase::PhraseRoot;
use protocol::problem::Problem;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use service::{ServiceLimits, WorkBits};
use support::{Answer, Ways, World, random};

fn keys(root: u8) -> DraftKeys {
    DraftKeys::derive(&PhraseRoot::from_bytes([root; 32]).case(0).draft)
}

fn path(keys: &DraftKeys) -> String {
    format!("/api/v1/drafts/{}", keys.name())
}

/// A draft that says `text`, sealed anew each time.
fn sealed(keys: &DraftKeys, text: &str) -> Vec<u8> {
    let draft = Draft::new(1, [("account".to_owned(), text.to_owned())].into());
    let seed = random(32).try_into().unwrap();
    keys.seal(&draft, &mut ChaCha20Rng::from_seed(seed)).unwrap()
}

async fn fetch(world: &World, keys: &DraftKeys) -> Vec<u8> {
    world.get(&path(keys)).await.ok().body
}

/// What opens of what stands there.
async fn account(world: &World, keys: &DraftKeys) -> Option<String> {
    Some(keys.open(&fetch(world, keys).await)?.fields["account"].clone())
}

async fn post(world: &World, path: &str, header: &str, body: &[u8]) -> Answer {
    let work = world.work_for("draft", &Digest::of(body)).await;
    let request = Request::post(path)
        .header(DRAFT_HEADER, header)
        .header(WORK_HEADER, work_header(&work));
    world.call(request.body(Body::from(body.to_vec())).unwrap()).await
}

async fn save(world: &World, keys: &DraftKeys, file: &[u8], replaces: Option<&[u8]>) -> Answer {
    let replaces = replaces.map(Digest::of);
    post(world, &path(keys), &keys.header(replaces.as_ref()), file).await
}

#[tokio::test]
async fn a_draft_is_replaced_step_by_step_and_survives_a_restart() {
    let mut world = World::new().await;
    let keys = keys(1);
    let [first, second] = ["one", "one two"].map(|text| sealed(&keys, text));
    save(&world, &keys, &first, None).await.ok();
    assert_eq!(account(&world, &keys).await.as_deref(), Some("one"));
    save(&world, &keys, &first, None).await.ok();
    save(&world, &keys, &second, Some(&first)).await.ok();
    world.restart().await;
    assert_eq!(account(&world, &keys).await.as_deref(), Some("one two"));
    // The answer was lost, and it comes again: nothing is stored twice, and no work is asked anew.
    let again = Request::post(path(&keys)).header(DRAFT_HEADER, keys.header(Some(&Digest::of(&first))).as_str());
    world.call(again.body(Body::from(second)).unwrap()).await.ok();
    assert_eq!(
        world.service.ledger().list_len("draft/00").unwrap(),
        0,
        "no order of arrival is kept"
    );
}

#[tokio::test]
async fn an_older_tab_does_not_write_over_what_another_has_saved() {
    let world = World::new().await;
    let keys = keys(1);
    let files: Vec<Vec<u8>> = ["one", "two", "three"].map(|text| sealed(&keys, text)).into();
    save(&world, &keys, &files[0], None).await.ok();
    save(&world, &keys, &files[1], Some(&files[0])).await.ok();
    for replaces in [None, Some(files[0].as_slice()), Some(files[2].as_slice())] {
        let late = save(&world, &keys, &files[2], replaces).await;
        assert_eq!((late.status, late.problem()), (409, Problem::Changed));
    }
    assert_eq!(account(&world, &keys).await.as_deref(), Some("two"));
}

#[tokio::test]
async fn what_stands_nowhere_looks_like_a_draft_and_the_name_replaces_nothing() {
    let world = World::new().await;
    let (own, other) = (keys(1), keys(2));
    save(&world, &own, &sealed(&own, "mine"), None).await.ok();
    let (there, none) = (world.get(&path(&own)).await.ok(), world.get(&path(&other)).await.ok());
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (there.status, there.body.len(), names(&there)),
        (none.status, none.body.len(), names(&none))
    );
    assert_eq!(none.body.len(), DRAFT_FILE_LEN);
    assert_eq!(none.body, fetch(&world, &other).await, "asked twice, it is no other");
    assert_eq!(other.open(&none.body), None);
    // Whoever has the name, from a log of the service's proxy, has not the key.
    let standing = there.body;
    for (header, problem) in [
        (
            other.header(Some(&Digest::of(&standing))).to_string(),
            Problem::Forbidden,
        ),
        (format!("{} -", own.name()), Problem::Forbidden),
        (own.name().to_hex(), Problem::Malformed),
        (String::new(), Problem::Malformed),
    ] {
        for body in [sealed(&own, "forged"), Vec::new()] {
            let refused = post(&world, &path(&own), &header, &body).await;
            assert_eq!(refused.problem(), problem, "{header}");
            assert!(!refused.detail().contains(&own.name().to_hex()));
        }
    }
    assert_eq!(fetch(&world, &own).await, standing);
}

#[tokio::test]
async fn a_draft_goes_when_it_is_erased_and_after_seven_days() {
    let world = World::new().await;
    let (own, other) = (keys(1), keys(2));
    for keys in [&own, &other] {
        save(&world, keys, &sealed(keys, "words"), None).await.ok();
    }
    let digest = Digest::of(&fetch(&world, &own).await);
    post(&world, &path(&own), &own.header(None), &[]).await.ok();
    assert_eq!(account(&world, &own).await, None);
    assert_eq!(
        world.service.ledger().blob_size(&digest.0).unwrap(),
        None,
        "its bytes are gone"
    );
    post(&world, &path(&own), &own.header(None), &[]).await.ok();
    let standing = Digest::of(&fetch(&world, &other).await);
    world.pass(7 * 86_400);
    assert_eq!(account(&world, &other).await.as_deref(), Some("words"));
    world.pass(86_400);
    assert_eq!(account(&world, &other).await, None);
    world.service.ledger().expire(world.now()).await.unwrap();
    assert_eq!(world.service.ledger().blob_size(&standing.0).unwrap(), None);
    save(&world, &other, &sealed(&other, "again"), None).await.ok();
}

#[tokio::test]
async fn sizes_work_and_numbers_are_bounded() {
    let ways = Ways {
        work: WorkBits { base: 6, max: 8 },
        limits: ServiceLimits {
            drafts: 8,
            ..ServiceLimits::default()
        },
        ..Ways::default()
    };
    let world = World::with(ways).await;
    let own = keys(1);
    let file = sealed(&own, "words");
    for bad in [&file[1..], &[7][..]] {
        assert_eq!(save(&world, &own, bad, None).await.problem(), Problem::Form);
    }
    let long = [&file[..], &[0]].concat();
    assert_eq!(save(&world, &own, &long, None).await.problem(), Problem::TooLarge);
    let free = Request::post(path(&own)).header(DRAFT_HEADER, own.header(None).as_str());
    let refused = world.call(free.body(Body::from(file.clone())).unwrap()).await;
    assert_eq!((refused.status, refused.problem()), (428, Problem::Work));
    for bad in ["/api/v1/drafts/ab", "/api/v1/drafts/-"] {
        assert_eq!(world.get(bad).await.problem(), Problem::Malformed);
    }
    save(&world, &own, &file, None).await.ok();
    for number in 2..=4 {
        let keys = keys(number);
        save(&world, &keys, &sealed(&keys, "x"), None).await.ok();
    }
    let keys = keys(5);
    let full = save(&world, &keys, &sealed(&keys, "x"), None).await;
    assert_eq!((full.status, full.problem()), (503, Problem::Capacity));
    let next = sealed(&own, "words, and more");
    save(&world, &own, &next, Some(&file)).await.ok();
    let erased = post(&world, &path(&own), &own.header(None), &[]).await;
    assert_eq!(erased.status, 204, "what is full can be emptied");
}

/// A stranger who makes many names with one first byte makes nobody's draft unreadable.
#[tokio::test]
async fn names_that_lie_in_one_list_are_kept_apart() {
    let world = World::new().await;
    let all: Vec<DraftKeys> = (0..=255).map(keys).collect();
    let crowd: Vec<&DraftKeys> = all.iter().filter(|keys| keys.name().0[0] % 64 == 0).collect();
    assert!(crowd.len() > 1);
    for (number, keys) in crowd.iter().enumerate() {
        save(&world, keys, &sealed(keys, &number.to_string()), None).await.ok();
    }
    for (number, keys) in crowd.iter().enumerate() {
        assert_eq!(account(&world, keys).await, Some(number.to_string()));
    }
}
