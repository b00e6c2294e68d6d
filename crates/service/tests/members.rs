//! What members of the council may do: acts, records, cells, deliveries, deletions.

use crate::support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::http::{DeliveryItem, EntryHex, WORK_HEADER, WorkOffer, work_header};
use protocol::problem::Problem;
use serde::Deserialize;
use service::{PaceConfig, ServiceLimits};
use support::{Act, Answer, Filing, Ways, World, bucket, posting_again, random, records_form};

const CELL: usize = 16_079;

#[derive(Debug, Deserialize)]
struct Deleted {
    deleted: Vec<Digest>,
    noted: Vec<Digest>,
}

#[tokio::test]
async fn an_act_gets_a_promise_its_slot_and_a_place_in_the_bucket() {
    let world = World::new().await;
    let act = Act::new();
    let promise = act.post(&world, 2, 0).await.ok().body;
    assert_eq!(
        act.post(&world, 2, 1).await.ok().body,
        promise,
        "the same form, signed anew"
    );
    assert_eq!(
        act.post(&world, 3, 0).await.problem(),
        Problem::SlotTaken,
        "another author"
    );
    let mut other = Act::new();
    other.form.entry = act.form.entry;
    assert_eq!(other.post(&world, 2, 0).await.problem(), Problem::SlotTaken);
    world.next_step().await;
    assert!(
        world
            .entries()
            .await
            .iter()
            .any(|entry| entry == act.form.entry.as_bytes())
    );
    let record = act.form.records[0].digest;
    let page = world.signed_get(4, "/api/v1/member/drop/0/-/0", 0).await.ok();
    assert_eq!(page.header("content-type"), Some("application/octet-stream"));
    assert_eq!(Digest::of(&page.body), record, "members read it at once");
    let is_public = async || {
        let records = world.public_records().await;
        records.iter().any(|bytes| Digest::of(bytes) == record)
    };
    assert!(!is_public().await);
    world.publish().await;
    assert!(is_public().await);
    let page = world.signed_get(4, "/api/v1/member/drop/0/-/0", 0).await.ok();
    assert_eq!(page.body, b"", "it is in one place only");
}

#[tokio::test]
async fn an_act_that_insists_is_taken_whatever_is_in_its_slot() {
    let world = World::new().await;
    let junk = Act::new();
    junk.post(&world, 3, 0).await.ok();
    let mut act = Act::new();
    act.form.entry.0[1..33].copy_from_slice(&junk.form.entry.slot());
    assert_eq!(act.post(&world, 2, 0).await.problem(), Problem::SlotTaken);
    act.form.insist = true;
    let promise = act.post(&world, 2, 0).await.ok().body;
    assert_eq!(act.post(&world, 2, 1).await.ok().body, promise, "the same form again");
    let mut same = Act::new();
    same.form.insist = true;
    same.form.entry = act.form.entry;
    assert_eq!(
        same.post(&world, 3, 0).await.problem(),
        Problem::SlotTaken,
        "the very same entry is in the log once"
    );
    world.next_step().await;
    let entries = world.entries().await;
    for posted in [&junk, &act] {
        let is_there = |entry: &&Vec<u8>| entry.as_slice() == posted.form.entry.as_bytes();
        assert_eq!(entries.iter().filter(is_there).count(), 1);
    }
    // Filings have no such word: whoever takes slot 0 keeps it.
    let mut filing = Filing::new();
    filing.form.entry.0[1..33].copy_from_slice(&junk.form.entry.slot());
    filing.work(&world).await;
    assert_eq!(filing.post(&world).await.problem(), Problem::SlotTaken);
}

#[tokio::test]
async fn each_rule_of_an_act_refuses_alone() {
    let world = World::new().await;
    let refused = async |change: &dyn Fn(&mut Act)| {
        let mut act = Act::new();
        change(&mut act);
        act.post(&world, 1, 0).await.problem()
    };
    assert_eq!(
        refused(&|act| act.form.origin = protocol::Origin::new("demo.x/log").unwrap()).await,
        Problem::Form
    );
    assert_eq!(refused(&|act| act.form.entry.0[0] = 1).await, Problem::Form);
    assert_eq!(
        refused(&|act| act.form.twin_entry = Some(act.form.entry)).await,
        Problem::Form
    );
    assert_eq!(refused(&|act| act.form.records.clear()).await, Problem::Form);
    assert_eq!(refused(&|act| act.form.records[0].keep = 7).await, Problem::Form);
    assert_eq!(
        refused(&|act| act.form.records[0].keep = 30).await,
        Problem::Form,
        "an act without a record that stays"
    );
    assert_eq!(
        refused(&|act| act.form.records[0].bucket = bucket("4/0")).await,
        Problem::Bucket
    );
    assert_eq!(refused(&|act| act.files.clear()).await, Problem::BlobsMissing);
    let short = |act: &mut Act| {
        let bytes = random(3_706);
        act.form.records[0].digest = Digest::of(&bytes);
        act.files = [(Digest::of(&bytes), bytes)].into();
    };
    assert_eq!(refused(&short).await, Problem::Form);
    let twin = EntryHex(std::array::from_fn(|i| u8::from(i > 0) * 7));
    let mut act = Act::new();
    act.form.twin_entry = Some(twin);
    act.post(&world, 1, 0).await.ok();
    world.next_step().await;
    assert!(world.entries().await.iter().any(|entry| entry == twin.as_bytes()));
}

/// What a seat was delivered.
async fn delivered(world: &World, number: u8, from: u64) -> (Vec<DeliveryItem>, u64) {
    world.pass(1);
    let path = format!("/api/v1/member/delivery?from={from}");
    let answer = world.signed_get(number, &path, 0).await.ok();
    let next: u64 = answer.header("resguardo-next").unwrap().parse().unwrap();
    (serde_json::from_slice(&answer.body).unwrap(), next)
}

fn twenty_minutes() -> Ways {
    let pace = PaceConfig {
        n: 4,
        step_s: 600,
        delivery_s: 1_200,
    };
    Ways {
        pace,
        ..Ways::default()
    }
}

/// Somebody may be in danger: every seat gets it with the step that logs it, and the next delivery is not awaited.
#[tokio::test]
async fn seats_get_what_was_filed_soon_with_the_next_step() {
    // A day until the next delivery.
    let world = World::new().await;
    while world.now() % 86_400 != 0 {
        world.next_step().await;
    }
    let mut filings = Vec::new();
    for _ in 0..3 {
        let filing = Filing::worked(&world).await;
        filing.file(&world).await;
        filings.push(filing);
    }
    let none = delivered(&world, 1, 0).await.0;
    assert_eq!(none, [], "a seat finds in the log what it is given");
    // A step has room for some of them.
    for _ in 0..8 {
        world.next_step().await;
        let in_log = world.entries().await;
        let logged = filings
            .iter()
            .filter(|filing| in_log.iter().any(|entry| entry == filing.form.entry.as_bytes()));
        assert_eq!(delivered(&world, 1, 0).await.0.len(), logged.count());
    }
    let in_log = world.entries().await;
    for number in 1..=5 {
        let (items, _) = delivered(&world, number, 0).await;
        assert_eq!(items.len(), 3);
        for item in items {
            let filing = filings.iter().find(|filing| filing.id() == item.id).unwrap();
            assert!(in_log.iter().any(|entry| entry == filing.form.entry.as_bytes()));
            assert_eq!(item.header, filing.form.header.digest);
            assert_eq!(item.share, filing.form.shares[usize::from(number) - 1].digest);
        }
    }
    assert_eq!(
        world.signed_get(6, "/api/v1/member/delivery", 0).await.problem(),
        Problem::Forbidden,
        "a reader"
    );
}

#[tokio::test]
async fn seats_get_the_others_with_a_delivery_and_only_what_is_in_the_log() {
    let world = World::with(twenty_minutes()).await;
    let mut filings = Vec::new();
    for _ in 0..4 {
        let mut filing = Filing::new();
        filing.form.soon = false;
        filing.work(&world).await;
        filing.file(&world).await;
        filings.push(filing);
    }
    let mut before: Vec<DeliveryItem> = Vec::new();
    // Twelve hours are 72 steps; a delivery comes with every second one.
    for _ in 0..76 {
        let period = world.now() / 1_200;
        world.next_step().await;
        let (items, next) = delivered(&world, 1, 0).await;
        if world.now() / 1_200 == period {
            assert_eq!(items, before, "between two deliveries nothing comes");
        }
        let in_log = world.entries().await;
        for item in &items {
            let filing = filings.iter().find(|filing| filing.id() == item.id).unwrap();
            assert!(in_log.iter().any(|entry| entry == filing.form.entry.as_bytes()));
        }
        assert_eq!(delivered(&world, 1, next).await.0, []);
        before = items;
    }
    assert_eq!(before.len(), 4);
}

#[tokio::test]
async fn cells_come_with_work_or_a_signature_and_are_handed_over_accordingly() {
    let world = World::new().await;
    let cells = async || {
        world.pass(1);
        let answer = world.signed_get(2, "/api/v1/member/office", 0).await.ok();
        serde_json::from_slice::<Vec<Digest>>(&answer.body).unwrap()
    };
    let post = async |cell: &[u8], work: Option<String>| {
        let mut request = Request::post("/api/v1/office").body(Body::from(cell.to_vec())).unwrap();
        if let Some(work) = work {
            request.headers_mut().insert(WORK_HEADER, work.parse().unwrap());
        }
        world.call(request).await
    };
    let hers = random(CELL);
    assert_eq!(post(&hers, None).await.problem(), Problem::Work);
    let work = work_header(&world.work(&Digest::of(&hers)).await);
    assert_eq!(post(&hers, Some(work.clone())).await.ok().status, 204);
    assert_eq!(post(&hers, Some(work)).await.ok().status, 204, "the same cell again");
    let short = random(CELL - 1);
    let work = work_header(&world.work(&Digest::of(&short)).await);
    assert_eq!(post(&short, Some(work)).await.problem(), Problem::Form);
    assert_eq!(post(&random(60_000), None).await.problem(), Problem::TooLarge);

    let readers = random(CELL);
    let signed = world.signed(
        6,
        "POST",
        "/api/v1/office",
        "application/octet-stream",
        readers.clone(),
        0,
    );
    world.call(signed).await.ok();
    assert_eq!(cells().await, [Digest::of(&readers)], "members' cells at once");
    world.pass(86_400);
    world.next_step().await;
    assert_eq!(
        cells().await,
        [Digest::of(&readers), Digest::of(&hers)],
        "hers with the delivery"
    );
    assert_eq!(
        world
            .get(&format!("/api/v1/blobs/{}", Digest::of(&hers)))
            .await
            .ok()
            .body,
        hers
    );
    assert_eq!(
        world.signed_get(6, "/api/v1/member/office", 0).await.problem(),
        Problem::Forbidden
    );
}

#[tokio::test]
async fn cells_are_capped_by_member_and_for_strangers_and_work_grows_with_their_number() {
    let limits = ServiceLimits {
        office_cells: 260,
        office_cells_per_member: 2,
        ..ServiceLimits::default()
    };
    let world = World::with(Ways {
        limits,
        ..Ways::default()
    })
    .await;
    let kind = "application/octet-stream";
    let by_member = async |number: u8| {
        world
            .call(world.signed(number, "POST", "/api/v1/office", kind, random(CELL), 0))
            .await
    };
    by_member(6).await.ok();
    by_member(6).await.ok();
    let refused = by_member(6).await;
    assert_eq!((refused.status, refused.problem()), (429, Problem::Allowance));
    by_member(1).await.ok();

    let by_stranger = async || {
        let cell = random(CELL);
        let work = work_header(&world.work_for("office", &Digest::of(&cell)).await);
        let request = Request::post("/api/v1/office").header(WORK_HEADER, work);
        world.call(request.body(Body::from(cell)).unwrap()).await
    };
    let bits = async || {
        let offer = world.get("/api/v1/work?for=office").await.ok();
        serde_json::from_slice::<WorkOffer>(&offer.body).unwrap().bits
    };
    for _ in 0..128 {
        by_stranger().await.ok();
    }
    assert_eq!(bits().await, world.ways.work.base + 1);
    by_stranger().await.ok();
    by_stranger().await.ok();
    let refused = by_stranger().await;
    assert_eq!((refused.status, refused.problem()), (503, Problem::Capacity));
    by_member(2).await.ok();
    world.pass(3_600);
    by_stranger().await.ok();
    world.pass(86_400);
    assert_eq!(bits().await, world.ways.work.base, "the burst is forgotten");
    by_stranger().await.ok();
}

#[tokio::test]
async fn records_are_published_once_a_day_shuffled_in_eights_and_expired_ones_are_cut_out() {
    let world = World::new().await;
    let mut all = Vec::new();
    for skew in 0..3 {
        let (kind, body, digests) = records_form(32);
        world
            .call(world.signed(1, "POST", "/api/v1/records", &kind, body, skew))
            .await
            .ok();
        all.extend(digests);
    }
    let act = Act::new();
    act.post(&world, 2, 0).await.ok();
    let lasting = act.form.records[0].digest;
    all.push(lasting);
    assert_eq!(
        world.get("/api/v1/drop/0/-").await.ok().text(),
        r#"{"pages":1,"places":8}"#,
        "the first publication, with nothing in it"
    );
    let mut unpublished = Vec::new();
    for (page, count) in [(0, 64), (1, 33)] {
        world.pass(1);
        let path = format!("/api/v1/member/drop/0/-/{page}");
        let answer = world.signed_get(6, &path, 0).await.ok();
        assert_eq!(answer.header("resguardo-pages"), Some("2"));
        assert_eq!(answer.body.len(), count * 3_707);
        unpublished.extend(answer.body.chunks(3_707).map(Digest::of));
    }
    assert_eq!(world.signed_get(6, "/api/v1/member/drop/0/-/2", 0).await.status, 404);
    assert_eq!(
        world.get("/api/v1/member/drop/0/-/0").await.problem(),
        Problem::Signature
    );
    assert_ne!(unpublished, all, "in no order");
    unpublished.sort_unstable();
    all.sort_unstable();
    assert_eq!(unpublished, all);

    world.publish().await;
    let summary = world.get("/api/v1/drop/0/-").await.ok();
    assert_eq!(summary.text(), r#"{"pages":2,"places":112}"#, "97 records, 7 dummies");
    let public: Vec<Digest> = world
        .public_records()
        .await
        .iter()
        .map(|bytes| Digest::of(bytes))
        .collect();
    assert_eq!(public.len(), 112);
    let real: Vec<Digest> = public.iter().copied().filter(|digest| all.contains(digest)).collect();
    assert_eq!(real.len(), 97);
    assert_ne!(real, all, "shuffled");
    assert!(
        public[104..].iter().any(|digest| all.contains(digest)),
        "dummies stand between"
    );
    for path in [
        "/api/v1/drop/0/-/2",
        "/api/v1/drop/0/-/00",
        "/api/v1/drop/0/8/0",
        "/api/v1/drop/33/-/0",
        "/api/v1/drop/3/9/0",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    world.next_step().await;
    assert_eq!(
        world.get("/api/v1/drop/0/-").await.ok().text(),
        summary.text(),
        "once a day"
    );
    let expired = *all.iter().find(|digest| **digest != lasting).unwrap();
    world.pass(32 * 86_400);
    let left = world.public_records().await;
    assert!(left.iter().any(|bytes| Digest::of(bytes) == lasting));
    assert!(
        left.iter()
            .all(|bytes| Digest::of(bytes) == lasting || !all.contains(&Digest::of(bytes)))
    );
    world.service.forget().await.unwrap();
    assert_eq!(
        world.get(&format!("/api/v1/blobs/{expired}")).await.status,
        404,
        "its bytes go too"
    );
    world.get(&format!("/api/v1/blobs/{lasting}")).await.ok();
}

#[tokio::test]
async fn nobody_sees_a_filing_come_before_the_next_publication() {
    let world = World::new().await;
    let public = async || {
        (
            world.get("/api/v1/drop/0/-").await.ok().body,
            world.public_records().await,
            world.signed_get(6, "/api/v1/member/drop/0/-/0", 0).await.ok().body,
        )
    };
    let before = public().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    world.pass(1);
    assert_eq!(public().await, before, "neither the public nor a member");
    world.next_step().await;
    assert_eq!(public().await, before, "nor when its entry is in the log");
    let places = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
    world.publish().await;
    let with = public().await;
    assert_eq!(places(&with.0), r#"{"pages":1,"places":16}"#);
    let greetings: Vec<Digest> = filing.form.greetings.iter().map(|greeting| greeting.digest).collect();
    let found = with
        .1
        .iter()
        .filter(|bytes| greetings.contains(&Digest::of(bytes)))
        .count();
    assert_eq!(found, 2);
    // A day without a filing looks the same: eight records more.
    world.publish().await;
    assert_eq!(places(&public().await.0), r#"{"pages":1,"places":24}"#);
}

#[tokio::test]
async fn a_stop_between_publication_and_its_note_publishes_nothing_twice() {
    let mut world = World::new().await;
    let act = Act::new();
    act.post(&world, 2, 0).await.ok();
    world.publish().await;
    let places = world.get("/api/v1/drop/0/-").await.ok().body;
    // As if the process had died before it noted the period.
    world
        .service
        .ledger()
        .set_value("delivered".into(), vec![0; 8])
        .await
        .unwrap();
    world.restart().await;
    world.next_step().await;
    assert_eq!(world.get("/api/v1/drop/0/-").await.ok().body, places);
}

#[tokio::test]
async fn a_member_writes_so_many_records_a_day() {
    let limits = ServiceLimits {
        records_per_day: 33,
        ..ServiceLimits::default()
    };
    let mut world = World::with(Ways {
        limits,
        ..Ways::default()
    })
    .await;
    let post = async |world: &World, number: u8, count: usize, skew: i64| {
        let (kind, body, _) = records_form(count);
        world
            .call(world.signed(number, "POST", "/api/v1/records", &kind, body, skew))
            .await
    };
    post(&world, 1, 32, 0).await.ok();
    let answer = post(&world, 1, 2, 0).await;
    assert_eq!((answer.status, answer.problem()), (429, Problem::Allowance));
    post(&world, 2, 2, 0).await.ok();
    Act::new().post(&world, 1, 0).await.ok();
    world.restart().await;
    assert_eq!(
        post(&world, 1, 1, 0).await.problem(),
        Problem::Allowance,
        "a restart does not forget"
    );
    assert_eq!(post(&world, 1, 33, 1).await.problem(), Problem::Form, "32 at once");
    world.pass(86_400);
    post(&world, 1, 32, 0).await.ok();
}

async fn delete(world: &World, number: u8, files: &[Digest], records: &[Digest]) -> Answer {
    let records: Vec<_> = records
        .iter()
        .map(|digest| serde_json::json!({"bucket": "0/-", "digest": digest}))
        .collect();
    let form = serde_json::json!({"v": 1, "origin": support::ORIGIN, "files": files, "records": records});
    world.pass(1);
    let body = serde_json::to_vec(&form).unwrap();
    world
        .call(world.signed(number, "POST", "/api/v1/member/delete", "application/json", body, 0))
        .await
}

#[tokio::test]
async fn a_file_goes_when_t_account_seats_ask_and_a_record_when_its_author_does() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let (object, share) = (filing.form.objects[0].digest, filing.form.shares[0].digest);
    let gone = async |digest: &Digest| world.get(&format!("/api/v1/blobs/{digest}")).await.status == 404;
    for (number, is_gone) in [(1, false), (1, false), (2, false), (3, true)] {
        let answer: Deleted = serde_json::from_slice(&delete(&world, number, &[object], &[]).await.ok().body).unwrap();
        assert_eq!(
            (answer.deleted.contains(&object), answer.noted.contains(&object)),
            (is_gone, !is_gone)
        );
        assert_eq!(gone(&object).await, is_gone);
    }
    assert!(!gone(&share).await);
    assert_eq!(
        delete(&world, 6, &[share], &[]).await.problem(),
        Problem::Forbidden,
        "a reader"
    );
    let absent: Deleted = serde_json::from_slice(&delete(&world, 1, &[object], &[]).await.ok().body).unwrap();
    assert_eq!(absent.deleted, [object], "asking twice is harmless");
    let council: Vec<Digest> =
        serde_json::from_slice(&world.get("/api/v1/public/index/council").await.ok().body).unwrap();
    let envelope = world.get(&format!("/api/v1/public/{}", council[0])).await.ok().body;
    for kept in [
        filing.form.header.digest,
        filing.form.greetings[0].digest,
        Digest::of(&envelope),
    ] {
        assert_eq!(delete(&world, 1, &[kept], &[]).await.problem(), Problem::Forbidden);
    }

    let (kind, body, digests) = records_form(1);
    let post = world.signed(2, "POST", "/api/v1/records", &kind, body, 1);
    world.call(post).await.ok();
    let record = digests[0];
    assert_eq!(
        delete(&world, 3, &[], &[record]).await.problem(),
        Problem::Forbidden,
        "not the author"
    );
    let greeting = filing.form.greetings[0].digest;
    assert_eq!(
        delete(&world, 3, &[], &[greeting]).await.problem(),
        Problem::Forbidden,
        "a filing's"
    );
    let answer: Deleted = serde_json::from_slice(&delete(&world, 2, &[], &[record]).await.ok().body).unwrap();
    assert_eq!(answer.deleted, [record]);
    assert!(gone(&record).await);
    delete(&world, 2, &[], &[record]).await.ok();
    assert!(!gone(&greeting).await);
}

#[tokio::test]
async fn the_record_of_an_act_stays_whoever_asks() {
    let world = World::new().await;
    let act = Act::new();
    act.post(&world, 6, 0).await.ok();
    let record = act.form.records[0].digest;
    let is_here = async || world.get(&format!("/api/v1/blobs/{record}")).await.status == 200;
    for published in [false, true] {
        for number in [6, 2] {
            let answer = delete(&world, number, &[], &[record]).await;
            assert_eq!((answer.status, answer.problem()), (403, Problem::Forbidden));
            assert_eq!(
                answer.detail().contains("as long as the log"),
                number == 6,
                "{}",
                answer.detail()
            );
            assert!(is_here().await);
        }
        // Nor by posting it once more, to be deleted as one's own.
        let (kind, body, _) = posting_again(&[act.files[&record].clone(), random(3_707)]);
        let post = world.signed(2, "POST", "/api/v1/records", &kind, body, 1);
        world.call(post).await.ok();
        delete(&world, 2, &[], &[record]).await.ok();
        assert!(is_here().await);
        let copies = world.public_records().await;
        let copies = copies.iter().filter(|bytes| Digest::of(bytes) == record).count();
        assert_eq!(copies, usize::from(published));
        world.publish().await;
    }
    for number in 1..=5 {
        assert_eq!(
            delete(&world, number, &[record], &[]).await.problem(),
            Problem::Forbidden,
            "it is not an object"
        );
    }
    assert!(is_here().await);
}

#[tokio::test]
async fn a_reader_who_posts_public_records_again_and_deletes_them_takes_nothing_away() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    for (number, skew) in [(1, 0), (2, 0), (3, 0)] {
        let (kind, body, _) = records_form(9);
        let post = world.signed(number, "POST", "/api/v1/records", &kind, body, skew);
        world.call(post).await.ok();
    }
    let act = Act::new();
    act.post(&world, 4, 0).await.ok();
    world.publish().await;
    let public = world.public_records().await;
    assert_eq!(public.len(), 8 + 32, "27 records, a K-file, two greetings, two dummies");
    let mut own = Vec::new();
    for records in [&public[8..40], &public[..8]] {
        let (kind, body, digests) = posting_again(records);
        world.pass(1);
        let post = world.signed(6, "POST", "/api/v1/records", &kind, body, 0);
        world.call(post).await.ok();
        delete(&world, 6, &[], &digests).await.ok();
        assert_eq!(world.public_records().await, public, "nobody's record is gone");
        // Others of them once more, to become public under the reader's name.
        let (kind, body, again) = posting_again(&records[1..]);
        own.extend(again);
        world.pass(1);
        let post = world.signed(6, "POST", "/api/v1/records", &kind, body, 0);
        world.call(post).await.ok();
    }
    world.publish().await;
    assert_eq!(world.public_records().await.len(), 80);
    delete(&world, 6, &[], &own).await.ok();
    let left = world.public_records().await;
    assert_eq!(left[..40], public, "its own places are cut out, and no other");
    assert_eq!(left.len(), 42, "two dummies were published with them");
    for record in &public {
        assert_eq!(
            delete(&world, 6, &[], &[Digest::of(record)]).await.problem(),
            Problem::Forbidden,
            "the rest is not its own"
        );
    }
}

#[tokio::test]
async fn a_form_cannot_name_the_files_of_another_filing_to_have_them_deleted_or_kept() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let (object, share) = (filing.form.objects[0].digest, filing.form.shares[0].digest);
    let is_here = async |digest: &Digest| world.get(&format!("/api/v1/blobs/{digest}")).await.status == 200;
    let mut all = Filing::new();
    all.form = protocol::http::FilingForm {
        entry: all.form.entry,
        ..filing.form.clone()
    };
    let mut one = Filing::new();
    one.form.objects.push(filing.form.objects[0].clone());
    one.form.objects.sort_by_key(|object| object.digest);
    let mut disguised = Filing::new();
    disguised.form.objects.push(protocol::http::BlobRef {
        digest: share,
        size: 1_979,
    });
    disguised.form.objects.sort_by_key(|object| object.digest);
    for foreign in [&mut all, &mut one, &mut disguised] {
        foreign.files.extend(filing.files.clone());
        let named: Vec<Digest> = foreign.form.objects.iter().map(|object| object.digest).collect();
        let rides = foreign.form.header.digest == filing.form.header.digest;
        foreign.files.retain(|digest, _| {
            rides && filing.files.contains_key(digest)
                || !rides && (named.contains(digest) || !filing.files.contains_key(digest))
        });
        foreign.work(&world).await;
        let answer = foreign.post(&world).await;
        assert_eq!((answer.status, answer.problem()), (422, Problem::Form));
        assert!(
            answer.detail().contains("part of another filing"),
            "{}",
            answer.detail()
        );
    }
    assert!(is_here(&object).await && is_here(&share).await);
    for number in 1..=3 {
        delete(&world, number, &[object], &[]).await.ok();
    }
    assert!(!is_here(&object).await && is_here(&share).await);
    // What was given up may be filed anew, and then needs three seats anew.
    let mut again = Filing::new();
    again.form.objects.push(filing.form.objects[0].clone());
    again.form.objects.sort_by_key(|object| object.digest);
    again.files.insert(object, filing.files[&object].clone());
    again.work(&world).await;
    again.file(&world).await;
    for number in 1..=2 {
        delete(&world, number, &[object], &[]).await.ok();
        assert!(is_here(&object).await);
    }
}
