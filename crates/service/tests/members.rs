//! What members of the council may do: acts, records, cells, deliveries, deletions.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::http::{DeliveryItem, EntryHex, WORK_HEADER, WorkOffer, work_header};
use protocol::problem::Problem;
use serde::Deserialize;
use service::{Limits, Pace};
use support::{Act, Answer, Filing, Ways, World, random, records_form};

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
    let page = world.get("/api/v1/drop/0/-/0").await.ok();
    assert_eq!(page.header("content-type"), Some("application/octet-stream"));
    assert_eq!(Digest::of(&page.body), act.form.records[0].digest);
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
        refused(&|act| act.form.records[0].bucket = "0".to_owned()).await,
        Problem::Form
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

#[tokio::test]
async fn seats_get_their_share_files_with_the_next_delivery_and_only_what_is_in_the_log() {
    let pace = Pace {
        n: 4,
        step_s: 600,
        delivery_s: 1_200,
    };
    let world = World::with(Ways {
        pace,
        ..Ways::default()
    })
    .await;
    while world.now() % 1_200 != 0 {
        world.next_step().await;
    }
    let mut filings = Vec::new();
    for _ in 0..4 {
        let filing = Filing::worked(&world).await;
        filing.file(&world).await;
        filings.push(filing);
    }
    let delivered = async |number: u8, path: &str| {
        world.pass(1);
        let answer = world.signed_get(number, path, 0).await.ok();
        let next: u64 = answer.header("resguardo-next").unwrap().parse().unwrap();
        (serde_json::from_slice::<Vec<DeliveryItem>>(&answer.body).unwrap(), next)
    };
    world.next_step().await;
    assert_eq!(delivered(1, "/api/v1/member/delivery").await.0, [], "not yet");
    world.next_step().await;
    let in_log = world.entries().await;
    for number in 1..=5 {
        let (items, _) = delivered(number, "/api/v1/member/delivery").await;
        assert_eq!(items.len(), 4);
        for item in items {
            let filing = filings.iter().find(|filing| filing.id() == item.id).unwrap();
            assert!(in_log.iter().any(|entry| entry == filing.form.entry.as_bytes()));
            assert_eq!(item.header, filing.form.header.digest);
            assert_eq!(item.share, filing.form.shares[usize::from(number) - 1].digest);
        }
    }
    let late = Filing::worked(&world).await;
    let mut waiting = Filing::new();
    waiting.form.soon = false;
    waiting.work(&world).await;
    late.file(&world).await;
    waiting.file(&world).await;
    world.next_step().await;
    world.next_step().await;
    let (_, next) = delivered(1, "/api/v1/member/delivery").await;
    let (fresh, end) = delivered(1, "/api/v1/member/delivery?from=4").await;
    assert_eq!(next, end);
    let ids: Vec<Digest> = fresh.iter().map(|item| item.id).collect();
    assert!(ids.contains(&late.id()));
    let entries = world.entries().await;
    let is_in_log = entries.iter().any(|entry| entry == waiting.form.entry.as_bytes());
    assert_eq!(
        ids.contains(&waiting.id()),
        is_in_log,
        "a seat finds in the log what it is given"
    );
    assert_eq!(delivered(1, &format!("/api/v1/member/delivery?from={end}")).await.0, []);
    assert_eq!(
        world.signed_get(6, "/api/v1/member/delivery", 0).await.problem(),
        Problem::Forbidden,
        "a reader"
    );
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
    let limits = Limits {
        office_cells: 130,
        office_cells_per_member: 2,
        ..Limits::default()
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
    world.pass(86_400);
    assert_eq!(bits().await, world.ways.work.base, "tomorrow is another day");
    by_stranger().await.ok();
}

#[tokio::test]
async fn pages_hold_64_places_in_order_and_expired_records_are_cut_out() {
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
    let act = {
        let mut act = Act::new();
        act.form.records[0].keep = 0;
        act
    };
    act.post(&world, 2, 0).await.ok();
    all.push(act.form.records[0].digest);
    let summary = world.get("/api/v1/drop/0/-").await.ok();
    assert_eq!(summary.text(), r#"{"pages":2,"places":97}"#);
    let digests = async |page: u64| -> Vec<Digest> {
        let answer = world.get(&format!("/api/v1/drop/0/-/{page}")).await.ok();
        assert_eq!(answer.header("resguardo-pages"), Some("2"));
        answer.body.chunks(3_707).map(Digest::of).collect()
    };
    assert_eq!(digests(0).await, all[..64]);
    assert_eq!(digests(1).await, all[64..]);
    for path in [
        "/api/v1/drop/0/-/2",
        "/api/v1/drop/0/-/00",
        "/api/v1/drop/0/8/0",
        "/api/v1/drop/33/-/0",
        "/api/v1/drop/3/9/0",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    let list = world.signed_get(4, "/api/v1/member/drop?from=90", 0).await.ok();
    assert_eq!(serde_json::from_slice::<Vec<Digest>>(&list.body).unwrap(), all[90..]);
    assert_eq!(list.header("resguardo-next"), Some("97"));
    world.pass(32 * 86_400);
    assert_eq!(digests(0).await, []);
    assert_eq!(digests(1).await, all[96..], "a K-file stays as long as the log");
    world.get(&format!("/api/v1/blobs/{}", all[0])).await.ok();
    world.service.forget().await.unwrap();
    assert_eq!(
        world.get(&format!("/api/v1/blobs/{}", all[0])).await.status,
        404,
        "its bytes go too"
    );
    world.get(&format!("/api/v1/blobs/{}", all[96])).await.ok();
    assert_eq!(digests(1).await, all[96..]);
}

#[tokio::test]
async fn a_member_writes_so_many_records_a_day() {
    let limits = Limits {
        records_per_day: 33,
        ..Limits::default()
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
        .map(|digest| serde_json::json!({"bucket": "-", "digest": digest}))
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

    let act = Act::new();
    act.post(&world, 2, 0).await.ok();
    let record = act.form.records[0].digest;
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
    assert_eq!(
        world.get("/api/v1/drop/0/-/0").await.ok().body.len(),
        2 * 3_707,
        "the two greetings are left"
    );
    delete(&world, 2, &[], &[record]).await.ok();
}
