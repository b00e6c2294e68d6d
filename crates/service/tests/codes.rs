//! Upload codes (§5.2): one filing may be larger, with a code that a seat gave.

use crate::support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::http::{BlobRef, QUOTA_HEADER, Quota, QuotaForm};
use protocol::ids::Version;
use protocol::problem::Problem;
use service::ServiceLimits;
use support::{Answer, Filing, Ways, World, random};

const MIB: usize = 1 << 20;
/// More than a filing holds without a code.
const LARGE: usize = 65 * MIB;
/// Seconds after which a code is too old, told at noon.
const OLD_S: u64 = 31 * 86_400;

fn code() -> Quota {
    Quota(random(16).try_into().unwrap())
}

/// A member tells of a code.
async fn told(world: &World, number: u8, code: &Quota) -> Answer {
    let form = QuotaForm {
        v: Version,
        origin: protocol::Origin::new(support::ORIGIN).unwrap(),
        quota: code.digest(),
    };
    world.pass(1);
    let body = protocol::json::write(&form);
    let call = world.signed(number, "POST", "/api/v1/member/quota", "application/json", body, 0);
    world.call(call).await
}

async fn given(world: &World) -> Quota {
    let code = code();
    assert_eq!(told(world, 1, &code).await.ok().status, 204);
    code
}

async fn put(world: &World, path: &str, range: &str, bytes: &[u8], code: Option<&str>) -> Answer {
    let mut request = Request::put(path).header("content-range", range);
    if let Some(code) = code {
        request = request.header(QUOTA_HEADER, code);
    }
    world.call(request.body(Body::from(bytes.to_vec())).unwrap()).await
}

fn path() -> String {
    format!("/api/v1/uploads/{}", Digest(random(32).try_into().unwrap()))
}

/// Uploads a file with a code; gives it as an object.
async fn uploaded(world: &World, code: &Quota, size: usize) -> BlobRef {
    let (path, file, code) = (path(), vec![random(1)[0]; size], code.to_hex());
    for at in (0..size).step_by(4 * MIB) {
        let end = (at + 4 * MIB).min(size);
        let total = if end == size { size.to_string() } else { "*".to_owned() };
        let range = format!("bytes {at}-{}/{total}", end - 1);
        put(world, &path, &range, &file[at..end], Some(&code)).await.ok();
    }
    BlobRef {
        digest: Digest::of(&file),
        size: size as u64,
    }
}

/// A filing with that object beside its document.
async fn filing(world: &World, object: &BlobRef, code: Option<Quota>) -> Filing {
    let mut filing = Filing::new();
    filing.form.objects.push(object.clone());
    filing.form.objects.sort_by_key(|object| object.digest);
    filing.form.quota = code;
    filing.work(world).await;
    filing
}

#[tokio::test]
async fn with_a_code_one_filing_is_larger_and_no_other() {
    let mut world = World::new().await;
    let code = given(&world).await;
    world.restart().await;
    let object = uploaded(&world, &code, LARGE).await;
    let without = filing(&world, &object, None).await;
    assert_eq!(without.problem(&world).await, Problem::TooLarge);
    let unknown = filing(&world, &object, Some(self::code())).await;
    assert_eq!(unknown.problem(&world).await, Problem::Quota);
    let mut broken = filing(&world, &object, Some(code)).await;
    let (gone, bytes) = broken.files.pop_first().unwrap();
    assert_eq!(
        broken.problem(&world).await,
        Problem::BlobsMissing,
        "a refusal uses nothing up"
    );
    broken.files.insert(gone, bytes);
    let first = broken.post(&world).await.ok().body;
    assert_eq!(broken.post(&world).await.ok().body, first, "an answer was lost");
    world.restart().await;
    assert_eq!(broken.post(&world).await.ok().body, first);
    let small = BlobRef {
        digest: Digest::of(&random(9)),
        size: 2_000,
    };
    let second = filing(&world, &small, Some(code)).await;
    assert_eq!(second.problem(&world).await, Problem::Quota, "used");
    let again = put(&world, &path(), "bytes 0-9/*", &[0; 10], Some(&code.to_hex())).await;
    assert_eq!((again.status, again.problem()), (422, Problem::Quota));
    told(&world, 1, &code).await.ok();
    told(&world, 2, &code).await.ok();
    assert_eq!(
        second.problem(&world).await,
        Problem::Quota,
        "told again it is not good again"
    );
}

#[tokio::test]
async fn of_two_filings_with_one_code_at_once_one_is_taken() {
    let world = World::new().await;
    let code = given(&world).await;
    told(&world, 2, &code).await.ok();
    let one = uploaded(&world, &code, 300_000).await;
    let two = uploaded(&world, &code, 300_001).await;
    let (one, two) = (
        filing(&world, &one, Some(code)).await,
        filing(&world, &two, Some(code)).await,
    );
    let (one, two) = tokio::join!(one.post(&world), two.post(&world));
    let (taken, refused) = if one.status == 200 { (one, two) } else { (two, one) };
    taken.ok();
    assert_eq!((refused.status, refused.problem()), (422, Problem::Quota));
}

#[tokio::test]
async fn bounds_with_a_code() {
    let world = World::new().await;
    let code = given(&world).await;
    let hex = code.to_hex();
    let path = path();
    let beyond = put(&world, &path, &format!("bytes {0}-{0}/*", 64 * MIB), &[0], None).await;
    assert_eq!((beyond.status, beyond.problem()), (413, Problem::TooLarge));
    let beyond = put(&world, &path, &format!("bytes {0}-{0}/*", 64 * MIB), &[0], Some(&hex)).await;
    assert_eq!(beyond.problem(), Problem::Offset, "as far as it is sent, it may be");
    let beyond = put(
        &world,
        &path,
        &format!("bytes {0}-{0}/*", 2_048 * MIB),
        &[0],
        Some(&hex),
    )
    .await;
    assert_eq!((beyond.status, beyond.problem()), (413, Problem::TooLarge));
    for (wrong, problem) in [
        (
            hex.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"),
            Problem::Malformed,
        ),
        (hex[2..].to_owned(), Problem::Malformed),
        (self::code().to_hex(), Problem::Quota),
    ] {
        let answer = put(&world, &path, "bytes 0-9/*", &[0; 10], Some(&wrong)).await;
        assert_eq!(answer.problem(), problem, "{wrong}");
    }
    let too_much = BlobRef {
        digest: Digest::of(b"never sent"),
        size: 2_048 * MIB as u64,
    };
    let too_much = filing(&world, &too_much, Some(code)).await;
    assert_eq!(too_much.problem(&world).await, Problem::TooLarge);
}

#[tokio::test]
async fn a_code_is_a_seats_to_give_for_thirty_days_and_so_many_a_day() {
    let limits = ServiceLimits {
        codes_per_day: 2,
        ..ServiceLimits::default()
    };
    let mut world = World::with(Ways {
        limits,
        ..Ways::default()
    })
    .await;
    let (first, second) = (given(&world).await, given(&world).await);
    assert_eq!(told(&world, 6, &code()).await.problem(), Problem::Forbidden, "a reader");
    let unsigned = Request::post("/api/v1/member/quota").body(Body::from("{}")).unwrap();
    assert_eq!(world.call(unsigned).await.problem(), Problem::Signature);
    let third = code();
    let refused = told(&world, 1, &third).await;
    assert_eq!((refused.status, refused.problem()), (429, Problem::Allowance));
    world.restart().await;
    assert_eq!(
        told(&world, 1, &third).await.problem(),
        Problem::Allowance,
        "a restart does not forget"
    );
    told(&world, 1, &first).await.ok();
    told(&world, 2, &third).await.ok();
    world.pass(86_400);
    told(&world, 1, &code()).await.ok();
    let header =
        async |world: &World, code: &Quota| put(world, &path(), "bytes 0-9/*", &[0; 10], Some(&code.to_hex())).await;
    assert_eq!(header(&world, &first).await.status, 204);
    world.pass(OLD_S - 2 * 86_400);
    assert_eq!(header(&world, &second).await.status, 204, "on its last day");
    world.pass(86_400);
    assert_eq!(header(&world, &second).await.problem(), Problem::Quota, "too old");
    told(&world, 1, &second).await.ok();
    assert_eq!(
        header(&world, &second).await.problem(),
        Problem::Quota,
        "told again it stays so"
    );
}
