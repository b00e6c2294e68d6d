//! Single acts on a running service (§10.3): the page, its files, the command and the monitor say the same of who owes what.

use crate::service_support as support;
use crate::support::events_of as run;

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use protocol::http::EntryHex;
use protocol::ids::Version;
use protocol::slot::Entry;
use protocol::statement::{DocketId, DocketOpen, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Day, Envelope, Nonce, Origin};
use resguardo::trust::Trust;
use serde_json::{Value, json};
use service::{PaceConfig, StepOutcome};
use support::{Act, Answer, ORIGIN, Ways, World, now, random, seat, x};

const STEP_S: u64 = 3_600;
const DAY: u64 = 86_400;
const READER: u8 = 6;

fn nonce() -> Nonce {
    Nonce(random(32).try_into().unwrap())
}

fn twin(docket: u8, number: u8, act: TwinAct, at: u64) -> Twin {
    let week = Week::of(at);
    Twin {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: nonce(),
        time: week.start(),
        docket: DocketId([docket; 16]),
        n: 0,
        act,
        seat: x(number.into()),
        urgent: false,
        week,
        due: (act == TwinAct::Request).then(|| Day::of(at + 14 * DAY)),
        outcome: (act == TwinAct::Decision).then_some(TwinOutcome::Granted),
        prev: None,
    }
}

async fn post(world: &World, statement: &Envelope) -> Answer {
    let request = Request::post("/api/v1/public").header("content-type", "application/json");
    let body = Body::from(statement.bytes().to_vec());
    world.call(request.body(body).unwrap()).await
}

async fn step_at(world: &World, time: u64) {
    world.clock.store(time, Ordering::SeqCst);
    let progress = world.service.step(time / STEP_S).await.unwrap();
    assert_eq!(progress, StepOutcome::Published);
}

/// Signs a twin; a member files an act that nobody else can read, and commits to it.
async fn commit(world: &World, twin: &Twin) -> Envelope {
    let number = u8::try_from(twin.seat.get()).unwrap();
    let envelope = Envelope::sign(twin, &[seat(number).signing()]);
    let entry: [u8; 65] = Entry::twin(envelope.digest(), &mut client::random::system())
        .to_bytes()
        .try_into()
        .unwrap();
    let mut act = Act::new();
    act.form.twin_entry = Some(EntryHex(entry));
    // The form names a slot that is free, whatever was drawn before.
    act.form.insist = true;
    act.post(world, number, 0).await.ok();
    envelope
}

/// A log that began on a Tuesday noon, 10 weeks ago: requests of reader 6, of which the first is granted by seat 2 alone, too
/// few; of the other four each is granted by seats 1, 2 and 3 in a day, and never opened.
struct Begun {
    world: World,
    begin: u64,
    twins: Vec<Envelope>,
}

async fn begun() -> Begun {
    let ways = Ways::default();
    let pace = PaceConfig {
        step_s: STEP_S as u32,
        n: 64,
        ..ways.pace
    };
    let mut world = World::before_council(Ways { pace, ..ways }).await;
    let begin = Week::of(now() - 70 * DAY).start() + DAY + DAY / 2;
    world.clock.store(begin, Ordering::SeqCst);
    world.restart().await;
    world.service.publish_council(&world.founding()).await.unwrap();
    step_at(&world, begin).await;
    let open = DocketOpen {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: nonce(),
        time: begin,
    };
    let keys = [1, 2, 3].map(seat);
    let open = Envelope::sign(&open, &keys.each_ref().map(|keys| keys.signing()));
    post(&world, &open).await.ok();
    let mut twins = Vec::new();
    for docket in 1..=5 {
        twins.push(commit(&world, &twin(docket, READER, TwinAct::Request, begin)).await);
    }
    for hour in 1..=8 {
        step_at(&world, begin + hour * STEP_S).await;
    }
    let next = begin + DAY;
    step_at(&world, next).await;
    twins.push(commit(&world, &twin(1, 2, TwinAct::Decision, next)).await);
    for docket in 2..=5 {
        for number in [1, 2, 3] {
            twins.push(commit(&world, &twin(docket, number, TwinAct::Decision, next)).await);
        }
    }
    for hour in 1..=8 {
        step_at(&world, next + hour * STEP_S).await;
    }
    Begun { world, begin, twins }
}

fn hex(docket: u8) -> String {
    DocketId([docket; 16]).to_string()
}

/// Everything is published, and the log goes on to now.
async fn published() -> Begun {
    let begun = begun().await;
    let (world, begin) = (&begun.world, begun.begin);
    step_at(world, Week::of(begin + 14 * DAY).end() + 1).await;
    for twin in &begun.twins {
        post(world, twin).await.ok();
    }
    step_at(world, world.now() + STEP_S).await;
    step_at(world, now() - 7 * STEP_S).await;
    begun
}

#[tokio::test]
async fn a_stranger_reads_which_institution_owes_which_answer_since_when() {
    let begun = begun().await;
    let (world, begin) = (&begun.world, begun.begin);
    let before = world.get("/es/registro/actos").await.ok();
    assert!(
        before.text().contains("No hay ningún acto publicado"),
        "{}",
        before.text()
    );
    let monday = Week::of(begin + 14 * DAY).end();
    step_at(world, monday + 1).await;
    for twin in &begun.twins {
        post(world, twin).await.ok();
    }
    assert!(
        !world.get("/es/registro/actos").await.ok().text().contains(&hex(1)),
        "it waits for the step"
    );
    step_at(world, monday + STEP_S).await;
    let page = world.get("/es/registro/actos").await.ok();
    let html = page.text();
    let owed = html.split("acts-institutions-h").next().unwrap();
    let line = owed.split("<tr ").find(|line| line.contains(&hex(1))).unwrap();
    // Seats 1, 3, 4 and 5 have not answered; the day and what it is are said.
    for said in [
        "1 · Institution 1",
        "3 · Institution 3",
        "5 · Institution 5",
        "Responder a la solicitud",
    ] {
        assert!(line.contains(said), "{said}: {line}");
    }
    assert!(!line.contains("2 · Institution 2"), "it has answered: {line}");
    assert!(line.contains(&Day::of(begin + 14 * DAY).to_string()), "{line}");
    // The opening of the others was due a week after the objection time: the reader, or a seat that keeps its part.
    let line = owed.split("<tr ").find(|line| line.contains(&hex(2))).unwrap();
    assert!(
        line.contains("6 · ") && line.contains("Abrir lo que se concedió"),
        "{line}"
    );
    assert!(line.contains("1, 2, 3"), "{line}");
    // What has been owed longest comes first.
    let places = [2, 1].map(|docket| owed.find(&hex(docket)).unwrap());
    assert!(places[0] < places[1]);
    // Five acts of the reader are counted, four of seat 1 are not.
    let institutions = html.split("acts-institutions-h").nth(2).unwrap();
    let row = |start: &str| {
        let rows = institutions.split("<tr>");
        rows.clone()
            .find(|row| row.contains(start))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(row("6 · ").contains("Pidió leer: 5"), "{institutions}");
    assert!(row("1 · Institution 1").contains("menos de cinco") && row("2 · Institution 2").contains("Concedió: 5"));
    assert!(html.contains("<svg") && !html.contains("<script") && !html.contains(">acts-"));

    let one = world.get(&format!("/en/registro/acto/{}", hex(1))).await.ok();
    assert!(
        one.text().contains("overdue") && one.text().contains("4 · Institution 4"),
        "{}",
        one.text()
    );
    for path in [
        format!("/es/registro/acto/{}", hex(9)),
        "/es/registro/acto/7".to_owned(),
    ] {
        assert_eq!(world.get(&path).await.status, 404);
    }
    for path in [
        "/registro/acto/7/acto.csv".to_owned(),
        format!("/registro/acto/{}/acto.json", hex(9)),
    ] {
        assert_eq!(world.get(&path).await.status, 404);
    }
    let csv = world.get("/registro/actos.csv").await.ok();
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.text().lines().count(), 6, "{}", csv.text());
    let csv = world.get(&format!("/registro/acto/{}/acto.csv", hex(1))).await.ok();
    assert_eq!(csv.text().lines().count(), 2, "{}", csv.text());
    let feed = world.get("/en/registro/actos.atom").await.ok();
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert_eq!(feed.text().matches("<entry>").count(), 5, "{}", feed.text());
    let feed = world.get(&format!("/es/registro/acto/{}/acto.atom", hex(1))).await.ok();
    assert_eq!(feed.text().matches("<entry>").count(), 1, "{}", feed.text());
    for page in ["registro/", "registro/deberes"] {
        let leads = world.get(&format!("/es/{page}")).await.ok();
        assert!(leads.text().contains("/es/registro/actos"), "{page}");
    }
}

/// What came too late is answered, and was late for ever; its page stays where it was.
#[tokio::test]
async fn an_answer_takes_it_from_the_list_and_nothing_erases_it() {
    let begun = begun().await;
    let (world, begin) = (&begun.world, begun.begin);
    let late = begin + 16 * DAY;
    step_at(world, late).await;
    let mut twins = begun.twins.clone();
    for number in [1, 3, 4, 5] {
        twins.push(commit(world, &twin(1, number, TwinAct::Decision, late)).await);
    }
    step_at(world, late + STEP_S).await;
    step_at(world, Week::of(late).end() + 1).await;
    for twin in &twins {
        post(world, twin).await.ok();
    }
    step_at(world, world.now() + STEP_S).await;
    let json = world.get("/registro/actos.json").await.ok();
    let json: Value = serde_json::from_slice(&json.body).unwrap();
    let owed = json["owed"].as_array().unwrap();
    assert!(owed.iter().all(|owed| owed["docket"] != json!(hex(1))), "{owed:?}");
    let dockets = json["dockets"].as_array().unwrap();
    let answered = dockets.iter().find(|docket| docket["docket"] == json!(hex(1))).unwrap();
    assert_eq!(
        (&answered["status"], &answered["was_late"]),
        (&json!("lapsed"), &json!(true))
    );
    let page = world.get(&format!("/es/registro/acto/{}", hex(1))).await.ok();
    assert!(page.text().contains("algo llegó tarde"), "{}", page.text());
}

/// The page rests on nothing that the log does not hold: a service that is restarted shows the very same.
#[tokio::test]
async fn a_restarted_service_shows_the_same() {
    let mut begun = published().await;
    let json = |answer: Answer| serde_json::from_slice::<Value>(&answer.body).unwrap();
    let before = json(begun.world.get("/registro/actos.json").await.ok());
    begun.world.restart().await;
    assert_eq!(json(begun.world.get("/registro/actos.json").await.ok()), before);
}

fn alarms(events: &[Value], code: &str) -> Vec<Value> {
    let alarms = events.iter().filter(|event| event["alarm"]["code"] == code);
    alarms.map(|event| event["alarm"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_computes_the_same_from_the_log_and_a_monitor_raises_it() {
    let begun = published().await;
    let world = &begun.world;
    // Seat 2 said once that it granted, and once that it refused, with one number.
    let at = begun.begin + DAY;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let root = world.root();
    Trust { root, base_url }.save(&path.join("root.json")).unwrap();

    let shown = world.get("/registro/actos.json").await.ok();
    let shown: Value = serde_json::from_slice(&shown.body).unwrap();
    let of_page: Vec<Value> = shown["owed"].as_array().unwrap().clone();
    assert_eq!(of_page.len(), 5);
    let (exit, events) = run(path, &["docket", "verify"]).await;
    assert_eq!(exit, 1, "{events:?}");
    let error = events.iter().find(|event| event["event"] == "error").unwrap();
    assert_eq!(error["code"], "duties-owed", "{error}");
    let told = alarms(&events, "overdue");
    let same = |page: &Value, told: &Value| {
        let members = |value: &Value| -> Vec<Value> {
            let members = value.as_array().unwrap().iter();
            members
                .map(|member| json!([member["x"], member["institution"]]))
                .collect()
        };
        ["docket", "stage", "by"].iter().all(|name| page[name] == told[name])
            && members(&page["owe"]) == members(&told["owe"])
            && members(&page["perhaps"]) == members(&told["perhaps"])
    };
    assert_eq!(told.len(), of_page.len());
    for (page, told) in of_page.iter().zip(&told) {
        assert!(same(page, told), "{page} {told}");
    }
    let dockets = events.iter().filter(|event| event["event"] == "docket");
    let statuses: Vec<&Value> = dockets.map(|event| &event["docket"]["status"]).collect();
    assert_eq!(statuses.len(), 5);
    assert!(statuses.iter().all(|status| **status == json!("overdue")));
    let in_log = shown["dockets"].as_array().unwrap();
    for docket in events.iter().filter(|event| event["event"] == "docket") {
        assert!(
            in_log.contains(&docket["docket"]),
            "acts, weeks and days as on the page: {docket}"
        );
    }

    let (exit, events) = run(path, &["log", "monitor", "--state", "watch", "--mirror", "copy"]).await;
    assert_ne!(exit, 0);
    assert_eq!(alarms(&events, "overdue"), told, "{events:?}");
    assert_eq!(alarms(&events, "docket"), Vec::<Value>::new());

    // From a copy of the log, with a root of trust whose service nobody reaches: the same requests, and the same fault.
    let nowhere = path.join("nowhere.json");
    let root = world.root();
    let base_url = "http://127.0.0.1:9".to_owned();
    Trust { root, base_url }.save(&nowhere).unwrap();
    let offline = ["docket", "verify", "copy", "--root", "nowhere.json"];
    let (exit, events) = run(path, &offline).await;
    assert_eq!(exit, 1, "{events:?}");
    assert_eq!(alarms(&events, "overdue"), told, "{events:?}");

    let refused = Twin {
        outcome: Some(TwinOutcome::Policy),
        ..twin(1, 2, TwinAct::Decision, at)
    };
    let second = commit(world, &refused).await;
    step_at(world, now() - 5 * STEP_S).await;
    post(world, &second).await.ok();
    step_at(world, now() - 3 * STEP_S).await;
    let (_, events) = run(path, &["log", "monitor", "--state", "watch"]).await;
    let contradictions = alarms(&events, "docket");
    let faults: Vec<&Value> = contradictions.iter().map(|alarm| &alarm["fault"]["fault"]).collect();
    assert!(faults.contains(&&json!("two-twins")), "{events:?}");
    assert!(
        contradictions
            .iter()
            .all(|alarm| alarm["institution"] == "Institution 2"),
        "{contradictions:?}"
    );
    let (exit, events) = run(path, &["docket", "verify"]).await;
    assert_eq!((exit, alarms(&events, "docket")), (1, contradictions), "{events:?}");
}
