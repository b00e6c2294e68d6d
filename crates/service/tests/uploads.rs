//! Chunked uploads: resumable, idempotent, bounded.

use crate::support;

use axum::body::Body;
use axum::http::Request;
use protocol::Digest;
use protocol::http::{Work, work_header};
use protocol::problem::Problem;
use service::ServiceLimits;
use support::{Answer, Filing, Ways, World, random};

fn path() -> String {
    format!("/api/v1/uploads/{}", Digest(random(32).try_into().unwrap()))
}

async fn put(world: &World, path: &str, range: &str, bytes: &[u8]) -> Answer {
    let request = Request::put(path)
        .header("content-range", range)
        .body(Body::from(bytes.to_vec()));
    world.call(request.unwrap()).await
}

async fn offset(world: &World, path: &str) -> String {
    let answer = world.call(Request::head(path).body(Body::empty()).unwrap()).await.ok();
    assert!(answer.body.is_empty());
    answer.header("upload-offset").unwrap().to_owned()
}

#[tokio::test]
async fn an_upload_that_was_cut_off_goes_on_where_it_stands() {
    let mut world = World::new().await;
    let (path, file) = (path(), random(1_000_000));
    assert_eq!(offset(&world, &path).await, "0");
    let first = put(&world, &path, "bytes 0-399999/*", &file[..400_000]).await;
    assert_eq!((first.status, first.header("upload-offset")), (204, Some("400000")));
    assert_eq!(
        put(&world, &path, "bytes 0-399999/*", &file[..400_000]).await.status,
        204,
        "again"
    );
    let cut = put(&world, &path, "bytes 400000-799999/*", &file[400_000..500_000]).await;
    assert_eq!((cut.status, cut.problem()), (400, Problem::Malformed));
    world.restart().await;
    assert_eq!(offset(&world, &path).await, "400000");
    let gap = put(&world, &path, "bytes 500000-999999/1000000", &file[500_000..]).await;
    assert_eq!(
        (gap.status, gap.problem(), gap.header("upload-offset")),
        (409, Problem::Offset, Some("400000"))
    );
    let last = put(&world, &path, "bytes 400000-999999/1000000", &file[400_000..])
        .await
        .ok();
    assert_eq!((last.status, last.text()), (200, Digest::of(&file).to_hex().as_str()));
    let again = put(&world, &path, "bytes 400000-999999/1000000", &file[400_000..])
        .await
        .ok();
    assert_eq!(again.text(), Digest::of(&file).to_hex());
    assert_eq!(offset(&world, &path).await, "1000000");
    let blob = format!("/api/v1/blobs/{}", Digest::of(&file));
    assert_eq!(
        world.get(&blob).await.status,
        404,
        "nobody's to read before a form names it"
    );
    let mut filing = Filing::new();
    filing.form.objects.push(protocol::http::BlobRef {
        digest: Digest::of(&file),
        size: 1_000_000,
    });
    filing.form.objects.sort_by_key(|object| object.digest);
    filing.work(&world).await;
    filing.file(&world).await;
    let blob = world.get(&blob).await.ok();
    assert_eq!(blob.header("content-length"), Some("1000000"));
    assert_eq!(blob.body, file);
}

#[tokio::test]
async fn an_unfinished_upload_is_no_file_of_a_filing() {
    let world = World::new().await;
    let (path, file) = (path(), random(300_000));
    put(&world, &path, "bytes 0-199999/*", &file[..200_000]).await.ok();
    let mut filing = Filing::new();
    filing.form.objects.push(protocol::http::BlobRef {
        digest: Digest::of(&file),
        size: 300_000,
    });
    filing.form.objects.sort_by_key(|object| object.digest);
    filing.work(&world).await;
    assert_eq!(filing.problem(&world).await, Problem::BlobsMissing);
    put(&world, &path, "bytes 200000-299999/300000", &file[200_000..])
        .await
        .ok();
    filing.file(&world).await;
}

#[tokio::test]
async fn bounds_and_spellings_are_kept() {
    let world = World::new().await;
    let path = path();
    for range in ["bytes 0-9/11", "bytes 0-9", "0-9/*", "bytes 5-4/*"] {
        assert_eq!(
            put(&world, &path, range, &[0; 10]).await.problem(),
            Problem::Malformed,
            "{range}"
        );
    }
    assert_eq!(
        put(&world, "/api/v1/uploads/abc", "bytes 0-9/*", &[0; 10])
            .await
            .problem(),
        Problem::Malformed
    );
    let limit = 64 << 20;
    let over = put(&world, &path, &format!("bytes {limit}-{limit}/*"), &[0]).await;
    assert_eq!((over.status, over.problem()), (413, Problem::TooLarge));
    let large = vec![0; (4 << 20) + 1];
    let chunk = put(&world, &path, &format!("bytes 0-{}/*", large.len() - 1), &large).await;
    assert_eq!((chunk.status, chunk.problem()), (413, Problem::TooLarge));
    assert_eq!(offset(&world, &path).await, "0");
}

#[tokio::test]
async fn a_file_that_a_filing_names_stays_and_one_that_none_names_goes_after_48_hours() {
    let world = World::new().await;
    let (named, left, left_path) = (random(300_000), random(300_000), path());
    put(&world, &path(), "bytes 0-299999/300000", &named).await.ok();
    put(&world, &left_path, "bytes 0-299999/300000", &left).await.ok();
    let mut filing = Filing::new();
    filing.form.objects.push(protocol::http::BlobRef {
        digest: Digest::of(&named),
        size: 300_000,
    });
    filing.form.objects.sort_by_key(|object| object.digest);
    filing.work(&world).await;
    filing.file(&world).await;
    let is_served = async |file: &[u8]| world.get(&format!("/api/v1/blobs/{}", Digest::of(file))).await.status == 200;
    world.service.forget().await.unwrap();
    assert!(is_served(&named).await && !is_served(&left).await);
    assert_eq!(offset(&world, &left_path).await, "300000", "new ones stay");
    world.pass(172_799);
    world.service.forget().await.unwrap();
    assert_eq!(offset(&world, &left_path).await, "300000", "not yet");
    for days in [1, 400] {
        world.pass(days * 86_400);
        world.service.forget().await.unwrap();
        assert!(is_served(&named).await);
        assert_eq!(offset(&world, &left_path).await, "0");
    }
}

#[tokio::test]
async fn beyond_a_few_an_upload_is_begun_with_work_and_tiny_ones_leave_no_files() {
    let world = World::with(Ways {
        limits: ServiceLimits {
            // Half of them at once: 66.
            uploads: 132,
            ..ServiceLimits::default()
        },
        ..Ways::default()
    })
    .await;
    let mut last = String::new();
    for _ in 0..64 {
        last = path();
        assert_eq!(put(&world, &last, "bytes 0-0/*", b"x").await.status, 204);
    }
    assert_eq!(put(&world, &last, "bytes 1-1/*", b"x").await.status, 204, "it goes on");
    assert_eq!(
        put(&world, &path(), "bytes 0-0/*", b"x").await.status,
        204,
        "one more begins the crowd"
    );
    for _ in 0..400 {
        let refused = put(&world, &path(), "bytes 0-0/*", b"x").await;
        assert_eq!((refused.status, refused.problem()), (428, Problem::Work));
    }
    let files = std::fs::read_dir(world.folder.path().join("store/uploads"))
        .unwrap()
        .count();
    assert_eq!(files, 65);
    let with_work = async |path: &str, work: &Work| {
        let request = Request::put(path)
            .header("content-range", "bytes 0-0/*")
            .header("resguardo-work", work_header(work));
        world.call(request.body(Body::from("x")).unwrap()).await
    };
    let begin = async || {
        let path = path();
        let name = Digest::from_hex(path.rsplit('/').next().unwrap()).unwrap();
        let work = world.work_for("upload", &Digest::of(&name.0)).await;
        (path, work)
    };
    let (first, work) = begin().await;
    assert_eq!(with_work(&path(), &work).await.status, 428, "work is over the name");
    assert_eq!(with_work(&first, &work).await.status, 204);
    let (full, work) = begin().await;
    let refused = with_work(&full, &work).await;
    assert_eq!(
        (refused.status, refused.problem()),
        (503, Problem::Capacity),
        "files are counted"
    );
    // The other half comes over 48 hours: one in an hour, and no more than that.
    world.pass(3_600);
    assert_eq!(put(&world, &path(), "bytes 0-0/*", b"x").await.status, 204);
    assert_eq!(put(&world, &path(), "bytes 0-0/*", b"x").await.status, 503);
    world.pass(48 * 3_600);
    assert_eq!(put(&world, &path(), "bytes 0-0/*", b"x").await.status, 204);
}
