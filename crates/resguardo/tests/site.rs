//! `resguardo verify-site` and `log monitor --site` (§14.2) against a service that shows some of its visitors something else.

use crate::service_support as support;
use crate::support::events_of;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use resguardo::trust::Trust;
use serde_json::Value;
use service::{Help, PaceConfig};
use support::{STEP_S, Ways, World, now};
use tower::ServiceExt as _;

/// What an answer becomes on its way: by the path and headers of the call.
type Change = Box<dyn Fn(&str, &HeaderMap, &mut HeaderMap, &mut Vec<u8>) -> Option<StatusCode> + Send>;

/// A service whose answers somebody changes, and a folder with the root of trust.
struct Site {
    world: World,
    /// What answers.
    behind: Arc<Mutex<Router>>,
    change: Arc<Mutex<Change>>,
    folder: tempfile::TempDir,
}

impl Site {
    /// Whose log has the first `site`.
    async fn stated(step_s: u64) -> Self {
        let pace = PaceConfig {
            step_s: step_s as u32,
            ..Ways::default().pace
        };
        let world = World::before_council(Ways {
            pace,
            ..Ways::default()
        })
        .await;
        world
            .clock
            .store(now() / step_s * step_s - 10 * step_s, Ordering::SeqCst);
        world.service.publish_council(&world.founding()).await.unwrap();
        world.next_step().await;
        let behind = Arc::new(Mutex::new(world.router.clone()));
        let change: Arc<Mutex<Change>> = Arc::new(Mutex::new(Box::new(|_, _, _, _| None)));
        let (router, changing) = (Arc::clone(&behind), Arc::clone(&change));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let front = Router::new().fallback(move |request: Request<Body>| {
            let (router, changing) = (router.lock().unwrap().clone(), Arc::clone(&changing));
            async move { answer(router, &changing, request).await }
        });
        tokio::spawn(async move { axum::serve(listener, front).await });
        let folder = tempfile::tempdir().unwrap();
        let root = world.root();
        Trust { root, base_url }.save(&folder.path().join("root.json")).unwrap();
        let site = Self {
            world,
            behind,
            change,
            folder,
        };
        site.state().await;
        site
    }

    /// Has what is served stated and logged.
    async fn state(&self) {
        self.world.service.state_site().await.unwrap();
        self.world.next_step().await;
    }

    /// Starts the service anew with something else on its pages.
    async fn alter(&mut self, help: fn() -> Help) {
        self.world.ways.help = help;
        self.world.restart().await;
        *self.behind.lock().unwrap() = self.world.router.clone();
    }

    fn change(
        &self,
        change: impl Fn(&str, &HeaderMap, &mut HeaderMap, &mut Vec<u8>) -> Option<StatusCode> + Send + 'static,
    ) {
        *self.change.lock().unwrap() = Box::new(change);
    }

    async fn verify(&self, more: &[&str]) -> (i32, String, Vec<Value>) {
        let (exit, events) = events_of(self.folder.path(), &[&["verify-site"], more].concat()).await;
        let code = events.last().unwrap()["code"].as_str().unwrap_or_default().to_owned();
        let faults = events.iter().filter(|event| event["event"] == "fault");
        (exit, code, faults.map(|event| event["fault"].clone()).collect())
    }

    /// One look of a monitor: exit status, code, and the alarms on the site.
    async fn monitor(&self) -> (i32, String, Vec<Value>) {
        let (exit, events) = events_of(self.folder.path(), &["log", "monitor", "--site", "--state", "seen"]).await;
        let code = events.last().unwrap()["code"].as_str().unwrap_or_default().to_owned();
        let alarms = events.iter().filter(|event| event["event"] == "alarm");
        let alarms = alarms.map(|event| event["alarm"].clone());
        (exit, code, alarms.filter(|alarm| alarm["code"] == "site").collect())
    }
}

/// The service's own answer, which somebody changes; unpacked, so that bytes can be changed.
async fn answer(router: Router, change: &Mutex<Change>, mut request: Request<Body>) -> Response<Body> {
    let (path, asked) = (request.uri().path().to_owned(), request.headers().clone());
    request.headers_mut().remove("accept-encoding");
    let (mut parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let mut bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    if let Some(status) = (change.lock().unwrap())(&path, &asked, &mut parts.headers, &mut bytes) {
        parts.status = status;
    }
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(bytes))
}

fn other_help() -> Help {
    Help::None([("es".to_owned(), "Otra razón.".to_owned())].into())
}

fn third_help() -> Help {
    Help::None([("es".to_owned(), "Una tercera.".to_owned())].into())
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_serves_what_it_states_verifies() {
    let site = Site::stated(STEP_S).await;
    let (exit, events) = events_of(site.folder.path(), &["verify-site"]).await;
    let result = events.last().unwrap();
    assert_eq!(exit, 0, "{events:?}");
    assert!(
        result["files"].as_u64().unwrap() > 60 && result["live"].as_u64().unwrap() >= 2,
        "{result}"
    );
    let build = events.iter().find(|event| event["event"] == "build").unwrap();
    assert_eq!(
        build["files"], build["ours"],
        "the test serves this program's own build"
    );
    assert_eq!(site.monitor().await.2, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_shown_to_one_visitor_alone_is_named_with_its_path() {
    let site = Site::stated(STEP_S).await;
    let no_wait = ["--no-wait", "--keep", "kept"];

    // A byte of the page that seals, for browsers alone: another program gets what was stated.
    site.change(|path, asked, _, body| {
        let is_browser = asked
            .get("user-agent")
            .is_some_and(|agent| agent.to_str().unwrap().starts_with("Mozilla/5.0"));
        if path == "/es/nuevo" && is_browser && asked.contains_key("sec-fetch-mode") {
            body[100] ^= 1;
        }
        None
    });
    let honest = site.world.get("/es/nuevo").await.body;
    let (exit, code, faults) = site.verify(&no_wait).await;
    assert_eq!(
        (exit, code.as_str(), faults.len()),
        (4, "site-changing", 1),
        "{faults:?}"
    );
    assert_eq!(
        (&faults[0]["fault"], &faults[0]["path"]),
        (&"changed".into(), &"/es/nuevo".into())
    );
    assert_eq!(faults[0]["stated"], protocol::Digest::of(&honest).to_hex());
    let served = faults[0]["served"].as_str().unwrap();
    let kept = std::fs::read(site.folder.path().join("kept").join(format!("site.{served}"))).unwrap();
    assert_eq!(
        (kept[100] ^ 1, kept.len()),
        (honest[100], honest.len()),
        "what was served is kept"
    );

    // A byte of a script: this program has a copy of what was stated, and says where it differs.
    site.change(|path, _, _, body| {
        if path.ends_with("/exit.js") {
            body[7] ^= 1;
        }
        None
    });
    let (exit, _, faults) = site.verify(&no_wait).await;
    assert_eq!((exit, &faults[0]["at"]), (4, &7.into()), "{faults:?}");
    assert!(faults[0]["path"].as_str().unwrap().ends_with("/exit.js"));

    // At the address that people type, in one language alone.
    site.change(|path, asked, _, body| {
        let is_english = asked
            .get("accept-language")
            .is_some_and(|value| value.to_str().unwrap().starts_with("en"));
        if path == "/" && is_english {
            body.push(b' ');
        }
        None
    });
    let (_, _, faults) = site.verify(&no_wait).await;
    assert_eq!((faults.len(), &faults[0]["path"]), (1, &"/".into()), "{faults:?}");

    // What is stated and gone, and what nobody stated.
    site.change(|path, _, _, _| path.ends_with("/style.css").then_some(StatusCode::NOT_FOUND));
    let (_, _, faults) = site.verify(&no_wait).await;
    assert_eq!(
        (faults.len(), &faults[0]["fault"], &faults[0]["status"]),
        (1, &"missing".into(), &404.into())
    );
    site.change(|path, _, _, body| match path {
        "/en/registro/" => {
            body.extend(b"<script src=\"/more.js\"></script>");
            None
        }
        "/more.js" => Some(StatusCode::OK),
        _ => None,
    });
    let (_, _, faults) = site.verify(&no_wait).await;
    assert_eq!(
        (faults.len(), &faults[0]["fault"], &faults[0]["path"], &faults[0]["by"]),
        (1, &"extra".into(), &"/more.js".into(), &"/en/registro/".into()),
        "{faults:?}"
    );

    // No statement says anything of headers: they are wrong at once.
    for (page, header, value) in [
        (
            "/es/nuevo",
            "content-security-policy",
            "default-src 'none'; script-src 'self' 'unsafe-inline'",
        ),
        ("/es/registro/", "content-security-policy", "default-src 'self'"),
        ("/es/", "set-cookie", "who=she"),
        ("/en/volver", "cross-origin-opener-policy", "unsafe-none"),
    ] {
        site.change(move |path, _, headers, _| {
            if path == page {
                set(headers, header, value);
            }
            None
        });
        let (exit, code, faults) = site.verify(&[]).await;
        assert_eq!(
            (exit, code.as_str()),
            (1, "site-differs"),
            "{page} {header}: {faults:?}"
        );
        assert!(
            faults
                .iter()
                .all(|fault| fault["fault"] == "header" && fault["header"] == header),
            "{faults:?}"
        );
        assert!(faults.iter().any(|fault| fault["path"] == page), "{faults:?}");
    }

    // The list that the statement names is withheld.
    site.change(|path, _, _, _| path.starts_with("/api/v1/blobs/").then_some(StatusCode::NOT_FOUND));
    let (exit, code, _) = site.verify(&[]).await;
    assert_eq!((exit, code.as_str()), (1, "log-not-verifiable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_served_for_a_moment_is_told_though_all_is_well_later() {
    let mut site = Site::stated(STEP_S).await;
    let first = site.world.get("/es/nuevo").await.body;
    assert_eq!(site.monitor().await.2, Vec::<Value>::new());

    // A change that was just made waits for its statement, and is then explained.
    site.alter(other_help).await;
    let (exit, code, alarms) = site.monitor().await;
    assert_eq!((exit, code.as_str()), (4, "log-lags"), "{alarms:?}");
    assert!(
        !alarms.is_empty() && alarms.iter().all(|alarm| alarm["waits"] == true),
        "{alarms:?}"
    );
    site.state().await;
    assert_eq!(site.monitor().await.2, Vec::<Value>::new());

    // One visitor is shown the page as it was: it is named by an earlier statement, not by the one that counts.
    let earlier = first.clone();
    site.change(move |path, _, _, body| {
        if path == "/es/nuevo" {
            body.clone_from(&earlier);
        }
        None
    });
    let (exit, _, alarms) = site.monitor().await;
    assert_eq!(
        (exit, alarms.len(), &alarms[0]["waits"]),
        (4, 1, &true.into()),
        "{alarms:?}"
    );
    assert!(alarms[0]["fault"]["before"].is_u64(), "it was rolled back: {alarms:?}");
    // Afterwards everybody is shown what is stated, and another change is stated: that explains nothing.
    site.change(|_, _, _, _| None);
    site.alter(third_help).await;
    site.state().await;
    let (exit, code, alarms) = site.monitor().await;
    assert_eq!((exit, code.as_str()), (1, "site-differs"), "{alarms:?}");
    assert_eq!((alarms.len(), &alarms[0]["fault"]["path"]), (1, &"/es/nuevo".into()));
    assert_eq!(alarms[0]["waits"], false);
    let served = alarms[0]["fault"]["served"].as_str().unwrap();
    let kept = std::fs::read(site.folder.path().join("seen").join(format!("site.{served}"))).unwrap();
    assert_eq!(kept, first, "what was served is kept");
    assert_eq!(site.monitor().await.2, Vec::<Value>::new(), "it was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_just_made_is_waited_for() {
    let mut site = Site::stated(1).await;
    site.alter(other_help).await;
    let folder = site.folder.path().to_owned();
    let verify = tokio::spawn(async move { events_of(&folder, &["verify-site"]).await });
    // It is stated once somebody has looked.
    tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    site.state().await;
    let (exit, events) = verify.await.unwrap();
    assert_eq!(exit, 0, "{events:?}");
    let has_waited = events.iter().any(|event| {
        event["event"] == "note"
            && event["text"]
                .as_str()
                .is_some_and(|text| text.contains("waiting for it"))
    });
    assert!(has_waited, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_a_site_says_so() {
    let site = Site::stated(STEP_S).await;
    // As a service of an older program: the statement is not there.
    let world = World::before_council(Ways::default()).await;
    world
        .clock
        .store(now() / STEP_S * STEP_S - 10 * STEP_S, Ordering::SeqCst);
    world.service.publish_council(&world.founding()).await.unwrap();
    world.next_step().await;
    *site.behind.lock().unwrap() = world.router.clone();
    let base_url = Trust::load(&site.folder.path().join("root.json")).unwrap().base_url;
    let root = world.root();
    Trust { root, base_url }
        .save(&site.folder.path().join("root.json"))
        .unwrap();
    let (exit, code, _) = site.verify(&[]).await;
    assert_eq!((exit, code.as_str()), (3, "no-site"));
}
