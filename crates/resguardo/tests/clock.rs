//! Who is believed about the time (§3): against a service and a cosigner that lie together, and with a clock that is wrong.

use crate::service_support as support;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use client::wire::{HttpAnswer, HttpCall, Turn};
use resguardo::console::Console;
use resguardo::failure::CliError;
use resguardo::follow::{Follow, clock_warning};
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use serde_json::{Value, json};
use service::StepOutcome;
use support::{STEP_S, Ways, World, now, seat};
use tlog::note::KeyKind;
use tlog::{Checkpoint, Note, SigningNoteKey, cosign};
use wasm_desk::Session;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// How a service lies, together with its cosigner.
#[derive(Default)]
struct Lies {
    /// `Date` of every answer.
    date: Option<u64>,
    /// The checkpoint that is shown as the newest one.
    replay: Option<Note>,
    /// The time at which a checkpoint of so many entries is cosigned.
    dated: Option<Dated>,
}

type Dated = Arc<dyn Fn(u64) -> Option<u64> + Send + Sync>;
type Lying = Arc<Mutex<Lies>>;

/// A service before a layer that lies.
struct Stage {
    world: World,
    lies: Lying,
    trust: Trust,
    /// The last of the three steps.
    last: u64,
}

impl Stage {
    /// A log of three steps, the last of which lies `age_s` back; service and cosigner have the right time.
    async fn new(age_s: u64) -> Self {
        let world = World::before_council(Ways::default()).await;
        let last = (now() - age_s) / STEP_S;
        world.clock.store((last - 2) * STEP_S, Ordering::SeqCst);
        world.service.publish_council(&world.founding()).await.unwrap();
        for at in last - 2..=last {
            world.clock.store(at * STEP_S, Ordering::SeqCst);
            let progress = world.service.step(at).await.unwrap();
            assert_eq!(progress, StepOutcome::Published);
        }
        Self::serve(world, last).await
    }

    async fn serve(world: World, last: u64) -> Self {
        let lies = Lying::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let lying = Arc::clone(&lies);
        let router = world.service.router();
        let router = router.layer(from_fn(move |request, next| lie(Arc::clone(&lying), request, next)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let trust = Trust {
            root: world.root(),
            base_url,
        };
        world.clock.store(now(), Ordering::SeqCst);
        Self {
            world,
            lies,
            trust,
            last,
        }
    }

    /// From now on service and cosigner date the checkpoint of `size` entries at `time`.
    fn date(&self, size: u64, time: u64) {
        self.lies.lock().unwrap().dated = Some(Arc::new(move |of| (of == size).then_some(time)));
    }

    /// Something that blocks, beside the service.
    async fn blocking<T: Send + 'static>(&self, act: impl FnOnce(Trust) -> T + Send + 'static) -> T {
        let trust = self.trust.clone();
        tokio::task::spawn_blocking(move || act(trust)).await.unwrap()
    }

    /// Reads the log with a clock that is wrong by `skew_s`.
    async fn follow(&self, skew_s: i64) -> Result<Follow, CliError> {
        self.blocking(move |trust| follow(trust, None, skew_s)).await
    }
}

fn follow(trust: Trust, folder: Option<&Path>, skew_s: i64) -> Result<Follow, CliError> {
    let remote = Remote::new(&trust.base_url)?.with_clock_skew(skew_s);
    let mut follow = Follow::open(trust, remote, folder, &Console::silent())?;
    follow.refresh(&Console::silent())?;
    Ok(follow)
}

async fn lie(lies: Lying, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let (date, replay, dated) = {
        let lies = lies.lock().unwrap();
        (lies.date, lies.replay.clone(), lies.dated.clone())
    };
    if path == "/log/checkpoint" || path.starts_with("/log/step/") && response.status() == 200 {
        let note = Note::parse(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap();
        let shown = replay.filter(|_| path == "/log/checkpoint").unwrap_or(note);
        let size = Checkpoint::parse(shown.text()).unwrap().size;
        let time = dated.and_then(|dated| dated(size));
        response = time
            .map_or(shown.clone(), |time| cosigned_at(&shown, time))
            .to_string()
            .into_response();
    }
    if let Some(date) = date {
        let date = HeaderValue::from_str(&http_date(date)).unwrap();
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn http_date(at: u64) -> String {
    let at = jiff::Timestamp::from_second(at.cast_signed()).unwrap();
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap()
}

/// The same tree, cosigned at another time.
fn cosigned_at(note: &Note, time: u64) -> Note {
    let log = note
        .signatures()
        .iter()
        .find(|line| line.name == support::ORIGIN)
        .unwrap();
    let key = SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[3; 32]).unwrap();
    let bare = Note::new(note.text().to_owned()).unwrap().with(log.clone());
    let cosignature = cosign::cosign(&key, bare.text(), time);
    bare.with(cosignature)
}

fn refused<T>(outcome: Result<T, impl Into<CliError>>) -> String {
    outcome
        .err()
        .map(|failure| failure.into().code.name().into_owned())
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_alone_only_warns() {
    let stage = Stage::new(0).await;
    for (skew_s, warns) in [
        (0, false),
        (-(HOUR as i64), true),
        (-3 * DAY as i64, true),
        (HOUR as i64, false),
        (3 * DAY as i64, true),
    ] {
        let follow = stage.follow(skew_s).await.unwrap();
        let moment = follow
            .log()
            .moment()
            .unwrap_or_else(|failure| panic!("{skew_s}: {failure:?}"));
        assert_eq!(moment, follow.log().moment_of_any_age().unwrap().0, "{skew_s}");
        assert!(moment.time().abs_diff(now()) < 2 * STEP_S, "{skew_s}");
        let warning = clock_warning(follow.log());
        assert_eq!(warning.is_some(), warns, "{skew_s}: {warning:?}");
    }
}

/// 72 h ahead: without this rule every waiting time is over at once.
#[tokio::test(flavor = "multi_thread")]
async fn service_and_cosigner_together_do_not_move_a_right_clock() {
    let stage = Stage::new(0).await;
    stage.date(16, now() + 3 * DAY);
    let future = "checkpoint-from-future";
    let follow = stage.follow(0).await.unwrap();
    assert_eq!(refused(follow.log().moment()), future);
    assert_eq!(refused(follow.log().moment_of_any_age()), future, "nor to seal");
    // What is from the future does not push the present on: the truth is still fresh afterwards.
    assert_eq!(follow.log().clock().seen, 0);
    // The page.
    let session = stage.blocking(|trust| open(trust, 1, 0).1.unwrap_err()).await;
    assert_eq!(session, future);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_checkpoint_with_a_forged_date_is_refused() {
    let stage = Stage::new(30 * HOUR).await;
    let (old, checkpoint) = stage.world.checkpoint().await;
    let dated = stage
        .world
        .root()
        .policy()
        .unwrap()
        .check(&old, support::ORIGIN)
        .unwrap()
        .time();
    // The cosigner does not answer, or the operator has no way to it.
    stage.world.cosigner.silence(true);
    stage.lies.lock().unwrap().date = Some(dated + 60);
    let follow = stage.follow(0).await.unwrap();
    assert_eq!(refused(follow.log().moment()), "checkpoint-too-old");
    assert_eq!(
        follow.log().moment_of_any_age().unwrap().0.size(),
        checkpoint.size,
        "she seals, with a warning"
    );
    let warning = clock_warning(follow.log()).unwrap();
    assert!(
        warning.contains("the log ends 30 h ago") && warning.contains("withheld"),
        "{warning}"
    );

    // It holds the same tree: the log has only stopped, and this device's clock says so.
    stage.world.cosigner.silence(false);
    let follow = stage.follow(0).await.unwrap();
    assert_eq!(follow.log().moment().unwrap().size(), checkpoint.size);
    assert!(
        follow.log().moment().unwrap().time().abs_diff(now()) < 60,
        "as the cosigner dates it now"
    );

    // It has signed more, which the service does not show.
    stage.world.next_step().await;
    stage.lies.lock().unwrap().replay = Some(old);
    let follow = stage.follow(0).await.unwrap();
    let of_any_age = follow.log().moment_of_any_age().map(|(moment, _)| moment);
    for outcome in [follow.log().moment(), of_any_age] {
        let failure = CliError::from(outcome.unwrap_err());
        assert!(failure.is(client::Local::CheckpointWithheld), "{failure}");
        assert!(failure.why.contains("of 20 entries, the service shows 16"), "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_refuses_a_replayed_checkpoint_with_a_forged_date() {
    let stage = Stage::new(30 * HOUR).await;
    stage.lies.lock().unwrap().date = Some(now() - 30 * HOUR);
    stage
        .blocking(|trust| {
            let (mut seat, view) = open(trust.clone(), 1, 0);
            assert_eq!(
                view.unwrap()["log"]["clock"]["freshness"],
                "too-old",
                "the page says so"
            );
            let vote = |grants: &[u8], reason: Value| {
                json!({ "act": "decide", "case": "44444444444444444444444444444444", "request": "d4".repeat(32),
                    "grants": grants, "reason": reason })
            };
            let code = |outcome: Result<Value, String>| outcome.unwrap_err();
            assert_eq!(
                code(act(&trust, &mut seat, &vote(&[1], Value::Null), 0)),
                "checkpoint-too-old"
            );
            let refusal = code(act(&trust, &mut seat, &vote(&[], json!("other")), 0));
            assert_ne!(refusal, "checkpoint-too-old", "to refuse harms nobody");
            let (mut reader, _) = open(trust.clone(), 6, 0);
            let opening = json!({ "act": "open", "case": "44444444444444444444444444444444",
                "request": "d4".repeat(32), "even_so": false });
            assert_eq!(code(act(&trust, &mut reader, &opening, 0)), "checkpoint-too-old");
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_times_go_back_is_not_verifiable() {
    let stage = Stage::new(0).await;
    // The newest one before the first.
    stage.date(16, (stage.last - 2) * STEP_S - 1);
    let failure = stage.follow(0).await.err().unwrap();
    assert!(failure.is(client::Local::LogNotVerifiable), "{failure}");
    assert!(failure.why.contains("times never go back"), "{failure}");
    let page = stage.blocking(|trust| open(trust, 1, 0).1.unwrap_err()).await;
    assert_eq!(page, "log-not-verifiable");

    // The first one after the second, though each in its step: who looks at every step sees it.
    stage.date(8, (stage.last - 1) * STEP_S + 299);
    let audit = stage
        .blocking(|trust| follow(trust, None, 0).unwrap().audit(&Console::silent()))
        .await;
    let (step, time) = (stage.last - 1, (stage.last - 1) * STEP_S);
    assert_eq!(
        audit.unwrap().steps.faults,
        [client::audit::StepFault::Dated { step, time }]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_dated_after_or_before_itself_is_not_verifiable() {
    let stage = Stage::new(0).await;
    let begin = (stage.last - 2) * STEP_S;
    for (time, way) in [
        (begin + STEP_S + 301, "after its end"),
        (begin - 301, "before its beginning"),
        (begin - 4 * DAY, "before its beginning"),
    ] {
        stage.date(8, time);
        let failure = stage.follow(0).await.err().unwrap();
        assert!(failure.is(client::Local::LogNotVerifiable), "{failure}");
        assert!(failure.why.contains(way), "{failure}");
        let page = stage.blocking(|trust| open(trust, 1, 0).1.unwrap_err()).await;
        assert_eq!(page, "log-not-verifiable", "{way}");
    }
    stage.date(8, begin + STEP_S + 300);
    stage.follow(0).await.unwrap();
}

/// A desk of member `number` that has looked once; what it shows.
fn open(trust: Trust, number: u8, skew_s: i64) -> (Session, Result<Value, String>) {
    let root = serde_json::to_vec(&trust.root).unwrap();
    let mut session = Session::new(&root).unwrap();
    session.unlock_with(seat(number)).unwrap();
    let view = act(&trust, &mut session, &json!({ "act": "refresh" }), skew_s);
    (session, view)
}

/// Does an act as the page's scripts do; gives the view, or the failure's code.
fn act(trust: &Trust, session: &mut Session, act: &Value, skew_s: i64) -> Result<Value, String> {
    let code = |failure: client::Failure| failure.code.name().into_owned();
    session.begin(&act.to_string(), &[]).map_err(code)?;
    let mut answers = Vec::new();
    loop {
        let device = now().saturating_add_signed(skew_s);
        match session.turn(device, std::mem::take(&mut answers)).map_err(code)? {
            Turn::Calls(calls) => answers = calls.iter().map(|call| fetch(trust, call)).collect(),
            Turn::Done(mut done) => return Ok(done["view"].take()),
        }
    }
}

fn fetch(trust: &Trust, call: &HttpCall) -> HttpAnswer {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let url = format!("{}{}", trust.base_url, call.path);
    let mut request = ureq::http::Request::builder().method(call.method).uri(url);
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    let mut response = match call.method {
        "GET" => config.new_agent().run(request.body(()).unwrap()).unwrap(),
        _ => config.new_agent().run(request.body(&call.body[..]).unwrap()).unwrap(),
    };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = header("date").and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    HttpAnswer {
        status: response.status().as_u16(),
        next: header("resguardo-next").and_then(|text| text.parse().ok()),
        date: date.map(|date| date.timestamp().as_second() as u64),
        body: response.body_mut().read_to_vec().unwrap(),
        ..HttpAnswer::default()
    }
}
