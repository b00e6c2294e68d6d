//! The statement `site` (§14.1): what is served is what it names, and it is logged when that changes and not else.

use crate::support;

use std::io::Read as _;

use axum::body::Body;
use axum::http::Request;
use protocol::statement::{Site, SiteList};
use protocol::{Digest, Envelope, served};
use service::{Help, StepOutcome};

use support::{Ways, World};

/// The `site` statements in the log, in its order.
async fn stated(world: &World) -> Vec<Site> {
    let digests: Vec<Digest> = serde_json::from_slice(&world.get("/api/v1/public/index/site").await.ok().body).unwrap();
    let mut sites = Vec::new();
    for digest in digests {
        let envelope = world.get(&format!("/api/v1/public/{digest}")).await.ok().body;
        let operator = world.council().operator.key;
        let site = Envelope::parse(&envelope).unwrap().verify::<Site>(&[operator]).unwrap();
        sites.push(site.into_inner());
    }
    sites
}

async fn list(world: &World, site: &Site) -> SiteList {
    let bytes = world
        .get(&format!("/api/v1/blobs/{}", site.files.digest))
        .await
        .ok()
        .body;
    assert_eq!(
        (Digest::of(&bytes), bytes.len() as u64),
        (site.files.digest, site.files.size)
    );
    SiteList::read(&bytes).unwrap()
}

/// A file as it is, and as whoever takes brotli unpacks it.
async fn both(world: &World, path: &str) -> [Vec<u8>; 2] {
    let plain = world.get(path).await.ok().body;
    let request = Request::get(path).header("accept-encoding", "gzip, br");
    let answer = world.call(request.body(Body::empty()).unwrap()).await.ok();
    let mut packed = Vec::new();
    match answer.header("content-encoding") {
        Some("br") => {
            _ = brotli::Decompressor::new(answer.body.as_slice(), 4_096)
                .read_to_end(&mut packed)
                .unwrap()
        }
        _ => packed = answer.body,
    }
    [plain, packed]
}

fn other_help() -> Help {
    Help::None([("es".to_owned(), "Otra razón.".to_owned())].into())
}

#[tokio::test]
async fn everything_that_is_the_same_for_everybody_is_stated_as_it_is_served() {
    let world = World::new().await;
    world.service.state_site().await.unwrap();
    world.next_step().await;
    let [site] = stated(&world).await.try_into().unwrap();
    let list = list(&world, &site).await;
    for file in &list.files {
        for bytes in both(&world, &file.path).await {
            assert_eq!(
                (Digest::of(&bytes), bytes.len() as u64),
                (file.digest, file.size),
                "{}",
                file.path
            );
        }
    }
    for language in served::LANGUAGES {
        let pages = served::PAGES
            .into_iter()
            .chain(["ley", "ley/cpf", "ley/asistencia", "galeria"]);
        for page in pages {
            assert!(
                list.file(&format!("/{language}/{page}")).is_some(),
                "/{language}/{page}"
            );
        }
        assert!(
            !list
                .files
                .iter()
                .any(|file| file.path.starts_with(&format!("/{language}/registro"))),
            "the record changes with the log"
        );
    }
    let scripts = list
        .files
        .iter()
        .filter(|file| file.path.starts_with("/a/") && file.path.ends_with(".js"));
    assert!(scripts.count() > 30);
    let recordings = list.files.iter().filter(|file| file.path.ends_with(".opus"));
    assert_eq!(recordings.count(), 2 * pages::Screen::ALL.len());
    assert!(list.file("/robots.txt").is_some());

    // A page that is kept is the same whatever the log grows by.
    let before = world.get("/es/nuevo").await.body;
    world.next_step().await;
    assert_eq!(world.get("/es/nuevo").await.body, before);
    for file in &list.files {
        if let Some(bytes) = service::of_this_build(&file.digest) {
            assert_eq!(Digest::of(bytes), file.digest);
        } else {
            assert!(!file.path.starts_with("/a/"), "{} is no file of this build", file.path);
        }
    }
}

#[tokio::test]
async fn a_site_is_stated_when_it_changes_and_not_else() {
    let mut world = World::before_council(Ways::default()).await;
    // Nobody is the operator yet.
    world.service.state_site().await.unwrap();
    world.service.publish_council(&world.founding()).await.unwrap();
    world.service.state_site().await.unwrap();
    assert_eq!(world.next_step().await, StepOutcome::Published);
    assert_eq!(stated(&world).await, []);
    // Twice before it is in the log, and by a service that is started anew meanwhile.
    for _ in 0..2 {
        world.service.state_site().await.unwrap();
        world.restart().await;
        world.service.state_site().await.unwrap();
    }
    world.next_step().await;
    assert_eq!(stated(&world).await.len(), 1);
    for _ in 0..2 {
        world.restart().await;
        world.service.state_site().await.unwrap();
        world.next_step().await;
    }
    assert_eq!(stated(&world).await.len(), 1, "nothing has changed");

    // The operator names another reason, and then the first again: each is a change.
    let usual = world.ways.help;
    for help in [other_help as fn() -> Help, usual] {
        world.ways.help = help;
        world.restart().await;
        world.service.state_site().await.unwrap();
        world.next_step().await;
    }
    let sites = stated(&world).await;
    let lists: Vec<Digest> = sites.iter().map(|site| site.files.digest).collect();
    assert_eq!(lists.len(), 3);
    assert!(lists[0] == lists[2] && lists[0] != lists[1]);
    // What was served before stays known.
    assert_ne!(list(&world, &sites[0]).await, list(&world, &sites[1]).await);
}

#[tokio::test]
async fn pages_that_close_with_the_councils_keys_are_stated_anew() {
    let world = World::with(Ways {
        keys_days: 1,
        ..Ways::default()
    })
    .await;
    world.service.state_site().await.unwrap();
    world.next_step().await;
    let open = world.get("/es/").await.body;
    world.pass(2 * 86_400);
    assert_ne!(world.get("/es/").await.body, open, "nothing can be filed any more");
    world.service.state_site().await.unwrap();
    world.next_step().await;
    let sites = stated(&world).await;
    assert_eq!(sites.len(), 2);
    let file = list(&world, &sites[1]).await.file("/es/").unwrap().digest;
    assert_eq!(file, Digest::of(&world.get("/es/").await.body));
}

#[tokio::test]
async fn the_onion_address_is_stated_and_only_an_onion_address_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::default();
    let with = |onion: &str| {
        let mut config = support::config(folder.path(), &clock, Ways::default());
        config.site.onion = Some(onion.to_owned());
        config
    };
    let onion = format!("http://{}.onion", "a2".repeat(28));
    assert_eq!(with(&onion).check(), Ok(()));
    for other in ["https://example.org", "http://a2.onion", &format!("{onion}/")] {
        assert_eq!(with(other).check(), Err(service::ConfigError::Onion), "{other}");
    }
}
