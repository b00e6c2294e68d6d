//! What the service writes into its log. A program of its own: only here is there one subscriber for all threads.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use support::{Act, Filing, World};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every line of every library on this thread, until the guard is dropped.
fn everything() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn logs_name_routes_and_never_ids_addresses_or_browsers() {
    let (lines, guard) = everything();
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let act = Act::new();
    act.post(&world, 3, 0).await.ok();
    act.post(&world, 3, 9_999).await.problem();
    world.cosigner.silence(true);
    world.next_step().await;
    world.cosigner.silence(false);
    world.next_step().await;
    let secret = "f00dfeedf00dfeed";
    for path in [
        format!("/api/v1/blobs/{}", filing.id()),
        format!("/{secret}"),
        format!("/api/v1/drop/0/{secret}/0?q={secret}"),
    ] {
        let request = Request::get(path)
            .header("user-agent", "Telltale/1.0")
            .header("x-forwarded-for", "192.0.2.77");
        world.call(request.body(Body::empty()).unwrap()).await;
    }
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    // Lines of libraries below warn level are not ours to keep; the binary's filter leaves them out.
    let ours: Vec<&str> = text.lines().filter(|line| line.contains(" service::")).collect();
    assert!(
        ours.iter()
            .any(|line| line.contains("route=\"/api/v1/blobs/{digest}\"") && line.contains("status=404"))
    );
    assert!(
        ours.iter()
            .any(|line| line.contains("route=\"/api/v1/filings\"") && line.contains("status=200"))
    );
    assert!(ours.iter().any(|line| line.contains("code=\"clock\"")));
    assert!(ours.iter().any(|line| line.contains("no cosignature")));
    for line in &ours {
        let longest_hex = line
            .split(|c: char| !c.is_ascii_hexdigit())
            .filter(|run| run.bytes().any(|byte| byte.is_ascii_digit()))
            .map(str::len)
            .max();
        assert!(longest_hex.unwrap_or(0) < 10, "an id in {line}");
        for planted in ["Telltale", "192.0.2.77", "127.0.0.1", secret] {
            assert!(!line.contains(planted), "{planted} in {line}");
        }
    }
}

/// What she writes without scripts, and her words, are in no line of any library either, whatever becomes of the post.
#[tokio::test]
async fn what_is_written_without_scripts_is_in_no_line() {
    let (lines, guard) = everything();
    let ways = support::Ways {
        nojs_clearnet: true,
        ..support::Ways::default()
    };
    let world = World::with(ways).await;
    let post = async |step: &str, words: &str, account: &str| {
        let parts = [
            ("step", step),
            ("words", words),
            ("account", account),
            ("identity", "Telltale"),
        ];
        let part = |(name, value)| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let body: String = parts.map(part).concat() + "--b--\r\n";
        let request = Request::post("/es/sin-scripts").header("content-type", "multipart/form-data; boundary=b");
        world.call(request.body(Body::from(body)).unwrap()).await
    };
    let begun = post("begin", "", "").await;
    let words = begun.text().split("name=\"words\" value=\"").nth(1).unwrap();
    let words = words.split('"').next().unwrap().to_owned();
    for (step, words, account, status) in [
        ("file", words.as_str(), "un letrero azul", 200),
        ("file", words.as_str(), "un letrero azul", 200),
        ("file", "un letrero azul", "un letrero azul", 422),
        ("file", words.as_str(), "", 422),
        ("letrero", words.as_str(), "un letrero azul", 400),
    ] {
        assert_eq!(post(step, words, account).await.status, status, "{step}");
    }
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("route=\"/{l}/sin-scripts\" status=422"), "the log is on");
    for secret in ["letrero", "Telltale", words.as_str()] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    for line in text.lines() {
        let named = words
            .split(' ')
            .filter(|word| line.split(|c: char| !c.is_alphabetic()).any(|it| it == *word));
        assert!(named.count() < 2, "her words are in the log");
    }
}
