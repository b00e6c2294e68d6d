//! Duty reports on a running service (§10.2): counted, shown, filed once, and watched by anybody.

use crate::service_support as support;
use crate::support::events_of as run;

use std::process::Command;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use casework::duty::due;
use protocol::ids::Version;
use protocol::problem::Problem;
use protocol::statement::{Count, Duty, DutyRow, PublicCount, commit_counts};
use protocol::{Envelope, Month, Nonce, Origin};
use resguardo::keyfile;
use resguardo::trust::Trust;
use serde_json::{Value, json};
use service::{PaceConfig, StepOutcome};
use support::{Answer, ORIGIN, Ways, World, now, seat, x};

const STEP_S: u64 = 3_600;
const DAY: u64 = 86_400;

/// A report of a seat in which nothing happened; `saw` of one other member.
fn report(number: u8, month: Month, saw: Option<(u16, Count, PublicCount)>) -> Duty {
    let row = |member: u16| {
        let names = match member {
            6 => Count::READER,
            own if own == u16::from(number) => Count::OWN,
            _ => Count::SEAT,
        };
        DutyRow::zeros(x(member), names)
    };
    let exact: Vec<DutyRow<u32>> = (1..=6).map(row).collect();
    let mut rows: Vec<DutyRow<PublicCount>> = exact.iter().map(DutyRow::in_buckets).collect();
    if let Some((member, count, bucket)) = saw {
        let row = rows.iter_mut().find(|row| row.x == x(member)).unwrap();
        row.counts.insert(count, bucket);
    }
    Duty {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce(support::random(32).try_into().unwrap()),
        time: month.end(),
        x: x(number.into()),
        month,
        rows,
        commit: commit_counts(&Nonce(support::random(32).try_into().unwrap()), &exact),
    }
}

fn signed(duty: &Duty, number: u8) -> Envelope {
    Envelope::sign(duty, &[seat(number).signing()])
}

async fn post(world: &World, statement: &Envelope) -> Answer {
    let request = Request::post("/api/v1/public").header("content-type", "application/json");
    let body = Body::from(statement.bytes().to_vec());
    world.call(request.body(body).unwrap()).await
}

/// Takes the step in which a time lies.
async fn step_at(world: &World, time: u64) {
    world.clock.store(time, Ordering::SeqCst);
    let progress = world.service.step(time / STEP_S).await.unwrap();
    assert_eq!(progress, StepOutcome::Published);
}

/// The month before the last: its reports are due.
fn reported() -> Month {
    let last = Month::of(now()).previous().unwrap();
    last.previous().unwrap()
}

/// A log that begins on the second day of a month.
async fn begun(month: Month) -> World {
    let ways = Ways::default();
    let pace = PaceConfig {
        step_s: STEP_S as u32,
        ..ways.pace
    };
    let mut world = World::before_council(Ways { pace, ..ways }).await;
    world.clock.store(month.start() + DAY, Ordering::SeqCst);
    // A service takes no signature from before it began.
    world.restart().await;
    world.service.publish_council(&world.founding()).await.unwrap();
    step_at(&world, month.start() + DAY).await;
    world
}

async fn placed(world: &World) -> Vec<(u64, String)> {
    let index = world.get("/api/v1/public/index").await.ok();
    serde_json::from_slice(&index.body).unwrap()
}

#[tokio::test]
async fn the_service_takes_one_report_of_a_seat_on_a_month() {
    let month = reported();
    let world = begun(month).await;
    let first = signed(&report(2, month, None), 2);
    assert_eq!(
        post(&world, &first).await.problem(),
        Problem::Form,
        "the month is not over"
    );
    // Over by the service's clock, and not by the log's.
    world.clock.store(month.end() + 1, Ordering::SeqCst);
    assert_eq!(post(&world, &first).await.problem(), Problem::Form);
    step_at(&world, month.end() + DAY).await;
    let promise = post(&world, &first).await.ok().body;
    assert_eq!(
        post(&world, &first).await.ok().body,
        promise,
        "from whoever has it, as often as they like"
    );
    let other = signed(&report(2, month, Some((3, Count::AcksLate, PublicCount::Few))), 2);
    assert_eq!(post(&world, &other).await.problem(), Problem::Changed);
    for (refused, why) in [
        (signed(&report(3, month, None), 2), "for another seat's number"),
        (
            signed(&report(3, Month::of(world.now()), None), 3),
            "the month is not over",
        ),
        (signed(&report(3, month.previous().unwrap(), None), 3), "before the log"),
        (
            signed(
                &Duty {
                    origin: Origin::new("demo.other/log").unwrap(),
                    ..report(3, month, None)
                },
                3,
            ),
            "another log",
        ),
        (world.founding().council, "no duty report"),
    ] {
        let answer = post(&world, &refused).await;
        assert_eq!(answer.problem(), Problem::Form, "{why}");
        assert!(answer.detail().contains("Nothing was stored"), "{why}");
    }
    let garbage = Request::post("/api/v1/public").body(Body::from("{}")).unwrap();
    assert_eq!(world.call(garbage).await.problem(), Problem::Form);
    assert_eq!(placed(&world).await.len(), 4, "it waits for the step");
    step_at(&world, month.end() + DAY + STEP_S).await;
    let placed = placed(&world).await;
    assert_eq!(placed.len(), 5);
    assert_eq!(placed[4].1, first.digest().to_hex());
    let shown = world.get(&format!("/api/v1/public/{}", first.digest())).await.ok();
    assert_eq!(shown.body, first.bytes());
    world
        .get(&format!("/api/v1/public/{}/proof", first.digest()))
        .await
        .ok();
}

fn event<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events
        .iter()
        .find(|event| event["event"] == name)
        .unwrap_or_else(|| panic!("{events:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_reports_once_and_a_monitor_names_who_is_silent_late_or_contradicted() {
    let month = reported();
    let world = begun(month).await;
    step_at(&world, month.end() + DAY).await;
    let saw = signed(
        &report(2, month, Some((3, Count::DecisionsOverdue, PublicCount::Few))),
        2,
    );
    post(&world, &saw).await.ok();
    post(&world, &signed(&report(3, month, None), 3)).await.ok();
    step_at(&world, month.end() + 2 * DAY).await;
    step_at(&world, now() - STEP_S).await;
    world.clock.store(now(), Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let root = world.root();
    Trust { root, base_url }.save(&path.join("root.json")).unwrap();
    keyfile::save(&path.join("seat.key"), &seat(1), "uno dos tres", 1).unwrap();
    std::fs::write(path.join("pass"), "uno dos tres\n").unwrap();
    let of_month = month.to_string();
    let verb = [
        "duty",
        "report",
        "--key",
        "seat.key",
        "--passphrase-file",
        "pass",
        "--month",
    ];
    let report = async |more: &[&str]| run(path, &[&verb[..], more].concat()).await;

    let (exit, events) = report(&[&of_month]).await;
    let shown = event(&events, "result");
    assert_eq!((exit, &shown["is_filed"]), (0, &json!(false)), "{events:?}");
    let members = events.iter().filter(|event| event["event"] == "member");
    let counted: Vec<(u64, usize)> = members
        .map(|event| (event["x"].as_u64().unwrap(), event["public"].as_object().unwrap().len()))
        .collect();
    assert_eq!(counted, [(1, 9), (2, 6), (3, 6), (4, 6), (5, 6), (6, 1)]);
    assert_eq!(placed(&world).await.len(), 6, "shown, not filed");

    let into_full = format!(
        "exec {} {} {of_month} --yes > /dev/full",
        env!("CARGO_BIN_EXE_resguardo"),
        verb.join(" ")
    );
    let full = Command::new("sh")
        .args(["-c", &into_full])
        .current_dir(path)
        .output()
        .unwrap();
    assert_eq!(
        full.status.code(),
        Some(6),
        "filed, and what it printed was lost: {full:?}"
    );
    let (exit, events) = report(&[&of_month, "--yes"]).await;
    assert_eq!(
        (exit, &event(&events, "result")["is_filed"]),
        (0, &json!(true)),
        "{events:?}"
    );
    let deadline = event(&events, "result")["deadline"].clone();
    let (_, events) = report(&[&of_month, "--yes"]).await;
    assert_eq!(event(&events, "result")["deadline"], deadline, "the same report again");
    assert!(path.join(format!("seat.state/duty/{of_month}.promise")).exists());
    let now_month = Month::of(now()).to_string();
    let (exit, events) = report(&[&now_month, "--yes"]).await;
    assert_eq!(
        (exit, &event(&events, "error")["code"]),
        (2, &json!("statement-rule")),
        "{events:?}"
    );
    step_at(&world, now()).await;
    let (exit, events) = report(&[&of_month, "--yes"]).await;
    let filed = event(&events, "result");
    assert_eq!(
        (exit, &filed["deadline"]),
        (0, &Value::Null),
        "it stands in the log: {events:?}"
    );
    assert_eq!(placed(&world).await.len(), 7);

    let (exit, events) = run(path, &["log", "monitor", "--state", "watch"]).await;
    assert_ne!(exit, 0);
    let alarms = events.iter().filter(|event| event["alarm"]["code"] == "duty");
    let found: Vec<Value> = alarms
        .clone()
        .map(|event| event["alarm"]["finding"].clone())
        .filter(|finding| finding["month"] == json!(month))
        .collect();
    let late = found.iter().find(|finding| finding["finding"] == "late").unwrap();
    assert!(late["included_at"].as_u64().unwrap() > due(month));
    let mut others: Vec<Value> = found
        .iter()
        .filter(|finding| finding["finding"] != "late")
        .cloned()
        .collect();
    others.sort_by_key(|finding| finding["x"].as_u64());
    let contradiction = json!({ "finding": "contradiction", "month": month, "x": 3, "count": "decisions_overdue",
        "says": "0", "by": 2, "saw": "1-4" });
    let missing = |number: u8| json!({ "finding": "missing", "month": month, "x": number });
    assert_eq!(
        (late["x"].as_u64(), others),
        (Some(1), vec![contradiction, missing(4), missing(5)])
    );
    let texts: Vec<&str> = alarms.map(|event| event["text"].as_str().unwrap()).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.contains("Institution 4") && text.contains(&of_month)),
        "{texts:?}"
    );
    // A second look does not tell again what was due long ago, but for the newest month.
    let (_, events) = run(path, &["log", "monitor", "--state", "watch"]).await;
    let again = events.iter().filter(|event| event["alarm"]["code"] == "duty");
    let newest = Month::of(now() - 8 * DAY).previous().unwrap();
    let latest = Month::of(now()).previous().unwrap();
    assert!(
        again
            .map(|event| &event["alarm"]["finding"]["month"])
            .all(|of| *of == json!(newest) || *of == json!(latest))
    );

    let (exit, events) = run(path, &["log", "verify"]).await;
    assert_eq!(exit, 0, "the log itself is in order: {events:?}");
    let told = events.iter().filter(|event| event["event"] == "duty").count();
    assert!(told >= 4, "{events:?}");
}

#[tokio::test]
async fn a_stranger_reads_on_one_page_which_institution_owes_what_since_when() {
    let month = reported();
    let world = begun(month).await;
    let page = world.get("/es/registro/deberes").await.ok();
    assert!(
        page.text().contains("Ningún informe dice que se deba algo"),
        "{}",
        page.text()
    );
    step_at(&world, month.end() + DAY).await;
    let saw = signed(
        &report(2, month, Some((3, Count::DecisionsOverdue, PublicCount::Some))),
        2,
    );
    post(&world, &saw).await.ok();
    post(&world, &signed(&report(3, month, None), 3)).await.ok();
    step_at(&world, due(month) - STEP_S).await;
    let page = world.get("/es/registro/deberes").await.ok();
    assert!(
        page.text().contains("todavía no informa") && !page.text().contains("no informó."),
        "before it is due"
    );
    step_at(&world, due(month)).await;
    let page = world.get("/es/registro/deberes").await.ok();
    let html = page.text();
    let owed = html.split("id=\"duty-findings-h\"").next().unwrap();
    let line = owed
        .split("<tr ")
        .find(|line| line.contains("3 · Institution 3"))
        .unwrap();
    assert!(
        line.contains("5–9") && line.contains("Solicitudes que no decidió a tiempo"),
        "{line}"
    );
    let link = format!("owed-3-decisions_overdue-{month}");
    assert!(
        line.contains(&format!("id=\"{link}\"")) && line.contains(&format!("href=\"#{link}\"")),
        "{line}"
    );
    for silent in [1, 4, 5] {
        assert!(
            owed.contains(&format!("id=\"owed-{silent}-report-{month}\"")),
            "{silent}"
        );
    }
    assert!(
        html.contains("El asiento 2 vio 5–9") && html.contains("ella misma dice menos"),
        "{html}"
    );
    assert!(!html.contains("<script"), "it is read without a script");

    let csv = world.get("/registro/deberes.csv").await.ok();
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let row = format!("{month},3,\"Institution 3\",seat,filed,decisions_overdue,0,0,5,9");
    assert!(csv.text().lines().any(|line| line == row), "{}", csv.text());
    let json = world.get("/registro/deberes.json").await.ok();
    let json: Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(
        json["owed"][0]["institution"], "Institution 3",
        "the largest first: {}",
        json["owed"]
    );
    assert_eq!(json["owed"].as_array().unwrap().len(), 4);
    assert_eq!(json["findings"].as_array().unwrap().len(), 4);
    for tag in ["es", "en"] {
        let feed = world.get(&format!("/{tag}/registro/deberes.atom")).await.ok();
        assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        assert_eq!(feed.text().matches("<entry>").count(), 4, "{}", feed.text());
    }
    // The record names the reports among the public statements, and leads here.
    let record = world.get("/es/registro/").await.ok();
    assert!(
        record.text().contains("/es/registro/deberes") && record.text().contains("Informe de deberes de un asiento")
    );
}
