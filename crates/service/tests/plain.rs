//! The form without scripts, from its first page to the document that seats open (§14.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use protocol::age;
use protocol::http::DeliveryItem;
use protocol::open::{Header, open_header_file, unpad_document, verify_header};
use protocol::share::compartment::identity;
use protocol::share::file::ShareFile;
use protocol::share::{Commitments, combine};
use protocol::statement::{Compartment, Opening, SealedBy};
use service::ServiceLimits;
use testimony::{Document, Read};

use crate::support::{Answer, Ways, World, seat};

const ONION: &str = "http://a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2.onion";
const PATH: &str = "/es/sin-scripts";
const ACCOUNT: &str = "Fue en marzo.\n\nHabía un letrero azul y decía «<b>&amp;</b>».";
const WHO: &str = "Nombre: nadie";

async fn declared() -> World {
    let ways = Ways {
        nojs_clearnet: true,
        ..Ways::default()
    };
    World::with(ways).await
}

fn request(path: &str, parts: &[(&str, &[u8])]) -> axum::http::request::Builder {
    let length: usize = parts.iter().map(|(_, value)| value.len()).sum();
    assert!(length < 1 << 24);
    Request::post(path).header("content-type", "multipart/form-data; boundary=--x")
}

fn body(parts: &[(&str, &[u8])]) -> Body {
    let mut body = Vec::new();
    for (name, value) in parts {
        let head = format!("----x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"----x--\r\n");
    body.into()
}

async fn post(world: &World, parts: &[(&str, &[u8])]) -> Answer {
    world.call(request(PATH, parts).body(body(parts)).unwrap()).await
}

/// Presses a button with what stands in the form.
async fn press(world: &World, step: &str, form: &BTreeMap<String, String>) -> Answer {
    let fields = form.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    post(
        world,
        &[("step", step.as_bytes())]
            .into_iter()
            .chain(fields)
            .collect::<Vec<_>>(),
    )
    .await
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (code, letter) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        text = text.replace(code, letter);
    }
    text
}

/// What a browser would post of the form in an answer, as it would post it.
fn form(answer: &Answer) -> BTreeMap<String, String> {
    let html = answer.text();
    let html = html
        .split("<form")
        .nth(1)
        .and_then(|rest| rest.split("</form>").next())
        .unwrap();
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(unescaped(rest.split('"').next().unwrap()))
    };
    let mut form = BTreeMap::new();
    for tag in html.split("<input").skip(1) {
        let tag = tag.split('>').next().unwrap();
        let is_box = tag.contains("type=\"checkbox\"");
        if !is_box || tag.contains(" checked") {
            form.insert(
                attribute(tag, "name").unwrap(),
                attribute(tag, "value").unwrap_or_default(),
            );
        }
    }
    for area in html.split("<textarea").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap();
        let text = rest.split("</textarea>").next().unwrap();
        // The first line's end belongs to the markup; browsers send the others as two bytes.
        let text = unescaped(text.strip_prefix('\n').unwrap()).replace('\n', "\r\n");
        form.insert(attribute(tag, "name").unwrap(), text);
    }
    form
}

/// The form with an account, ready to be checked.
async fn begun(world: &World, account: &str) -> BTreeMap<String, String> {
    let answer = post(world, &[("step", b"begin")]).await;
    assert_eq!(answer.status, 200);
    let mut form = form(&answer);
    assert_eq!(form["words"].split(' ').count(), 8);
    form.insert("account".to_owned(), account.to_owned());
    form
}

fn of_id<'a>(html: &'a str, id: &str) -> &'a str {
    let rest = html
        .split(&format!("id=\"{id}\""))
        .nth(1)
        .unwrap_or_else(|| panic!("{id} in {html}"));
    rest.split_once('>').unwrap().1.split("</").next().unwrap()
}

/// What waits for a seat.
async fn delivered(world: &World, number: u8) -> Vec<DeliveryItem> {
    world.pass(1);
    let answer = world.signed_get(number, "/api/v1/member/delivery", 0).await.ok();
    serde_json::from_slice(&answer.body).unwrap()
}

/// What seats 1 to `threshold` open together of the only filing.
async fn opened(world: &World, name: Compartment) -> (Header, Vec<Vec<u8>>) {
    let mut shares = Vec::new();
    let mut header = None;
    for number in 1..=5 {
        let items = delivered(world, number).await;
        let [item] = items.as_slice() else {
            panic!("{} filings", items.len())
        };
        let blob = async |digest| world.get(&format!("/api/v1/blobs/{digest}")).await.ok().body;
        let plain = age::open(seat(number).identity(), &blob(item.share).await).unwrap();
        let file = ShareFile::parse(&plain).unwrap();
        assert!(file.flags.danger && file.flags.interpreter);
        shares.push((file.x, file.share(name).unwrap().clone()));
        let (core, testimony) = open_header_file(&file.case_salt.k(), &blob(item.header).await).unwrap();
        header = Some(verify_header(core, testimony).unwrap());
    }
    let header = header.unwrap();
    let compartment = header.core.compartment(name).unwrap();
    shares.truncate(usize::from(compartment.threshold));
    let commitments = Commitments::decode(&compartment.commitments).unwrap();
    let (secret, bad) = combine(&commitments, &shares).unwrap();
    assert!(bad.is_empty());
    let key = identity(&secret, None, &header.core.case, name);
    let mut plain = Vec::new();
    for object in &compartment.objects {
        let sealed = world.get(&format!("/api/v1/blobs/{}", object.digest)).await.ok().body;
        plain.push(age::open(&key, &sealed).unwrap().to_vec());
    }
    (header, plain)
}

fn document(plain: &[u8]) -> Document {
    match testimony::read(unpad_document(plain).0) {
        Read::Document(document) => document,
        _ => panic!("no document"),
    }
}

#[tokio::test]
async fn its_first_page_says_what_it_means_before_any_field_and_runs_no_script() {
    let world = declared().await;
    let markup = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md")).unwrap();
    let stated = markup
        .split("Before any field: *\"")
        .nth(1)
        .unwrap()
        .split("\"*")
        .next()
        .unwrap();
    for path in [PATH, "/en/sin-scripts"] {
        let answer = world.get(path).await.ok();
        let html = answer.text();
        let places = ["911", "id=\"plain-disclosure\"", "id=\"plain-begin\""].map(|what| html.find(what).unwrap());
        assert!(places.is_sorted(), "{path}: the help line, what it means, the way in");
        for field in ["<script", "<textarea", "<input", "<select"] {
            assert!(!html.contains(field), "{path} has {field}");
        }
        let keys = ["tecla Mayús", "press Shift", "Shift key"];
        assert!(
            keys.iter().all(|key| !html.contains(key)),
            "{path}: keys lead out by a script only"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("script-src 'none'") && policy.contains("form-action 'self'"),
            "{policy}"
        );
    }
    assert_eq!(of_id(world.get(PATH).await.text(), "plain-disclosure"), stated);
    // Her ordinary way leads to it where no script runs.
    let way = world.get("/es/nuevo").await;
    assert!(!way.text().contains("id=\"way\"") || way.text().contains("id=\"to-plain\" href=\"/es/sin-scripts\""));
}

#[tokio::test]
async fn it_is_offered_over_the_onion_address_and_elsewhere_only_where_that_is_declared() {
    let over = async |world: &World, host: &str| {
        let parts: &[(&str, &[u8])] = &[("step", b"begin")];
        let request = request(PATH, parts).header("host", host);
        world.call(request.body(body(parts)).unwrap()).await
    };
    let host = ONION.strip_prefix("http://").unwrap();
    let nowhere = World::new().await;
    let page = nowhere.get(PATH).await.ok();
    assert!(page.text().contains("id=\"plain-none\"") && !page.text().contains("<form"));
    assert!(page.text().contains("911"), "the help line stands there too");
    for name in [host, "resguardo.example"] {
        let refused = over(&nowhere, name).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("id=\"plain-stopped\"") && refused.text().contains("/es/nuevo"));
    }

    let onion = World::with(Ways {
        onion: Some(ONION),
        ..Ways::default()
    });
    let onion = onion.await;
    let page = onion.get(PATH).await.ok();
    assert!(page.text().contains(&format!("href=\"{ONION}/es/sin-scripts\"")));
    for (name, status) in [
        (host, 200),
        (&*format!("{}:80", host.to_uppercase()), 200),
        ("resguardo.example", 403),
        (&*format!("{host}.example"), 403),
        (&*format!("x{host}"), 403),
    ] {
        assert_eq!(over(&onion, name).await.status, status, "{name}");
    }

    assert_eq!(over(&declared().await, "resguardo.example").await.status, 200);
    let unanswered = World::with(Ways {
        help: || service::Help::Unanswered,
        nojs_clearnet: true,
        ..Ways::default()
    });
    let closed = over(&unanswered.await, "resguardo.example").await;
    assert_eq!(closed.status, 503, "nobody said whom she can call");
}

#[tokio::test]
async fn what_she_writes_is_sealed_by_the_server_filed_once_and_opened_by_its_thresholds() {
    let world = declared().await;
    let mut form_of_hers = begun(&world, &ACCOUNT.replace('\n', "\r\n")).await;
    for (name, value) in [
        ("identity", WHO),
        ("language", "tseltal"),
        ("danger", "yes"),
        ("interpreter", "yes"),
    ] {
        form_of_hers.insert(name.to_owned(), value.to_owned());
    }
    // Check, change, check: nothing is lost between them.
    let check = press(&world, "check", &form_of_hers).await.ok();
    assert_eq!(form(&check), form_of_hers);
    let write = press(&world, "write", &form(&check)).await.ok();
    assert_eq!(form(&write), form_of_hers);
    assert!(!check.text().contains("<b>"), "what she wrote is text");
    let done = press(&world, "file", &form(&press(&world, "check", &form(&write)).await))
        .await
        .ok();
    let code = of_id(done.text(), "receipt-code").to_owned();
    let promise = unescaped(of_id(done.text(), "plain-promise"));
    assert!(!done.text().contains("id=\"plain-filed-before\""));
    assert!(
        form_of_hers["words"]
            .split(' ')
            .all(|word| done.text().contains(&format!("<li>{word}</li>")))
    );

    // Sent again, also with other text: the same receipt, and nothing more in the log.
    form_of_hers.insert("account".to_owned(), "otra cosa".to_owned());
    let again = press(&world, "file", &form_of_hers).await.ok();
    assert!(again.text().contains("id=\"plain-filed-before\""));
    assert_eq!(of_id(again.text(), "receipt-code"), code);
    assert_eq!(unescaped(of_id(again.text(), "plain-promise")), promise);
    world.next_step().await;

    let (header, plain) = opened(&world, Compartment::Account).await;
    assert_eq!(header.core.sealed_by, SealedBy::Server);
    assert_eq!(header.core.policy.open, Opening::OnRequest);
    assert!(code.contains(&header.core.case.code()));
    let document_of_hers = document(&plain[0]);
    assert_eq!(document_of_hers.text, ACCOUNT);
    assert_eq!(document_of_hers.answers["languages"][0], "tseltal");
    assert_eq!(document_of_hers.answers["still_danger"], true);
    let (_, plain) = opened(&world, Compartment::Identity).await;
    assert_eq!(document(&plain[0]).text, WHO);
}

#[tokio::test]
async fn each_thing_that_stands_in_the_way_is_told_and_what_she_wrote_stays() {
    let world = declared().await;
    let whole = begun(&world, "un letrero azul").await;
    let with = |name: &str, value: &str| {
        let mut form = whole.clone();
        form.insert(name.to_owned(), value.to_owned());
        form
    };
    let long = "a".repeat(256 << 10);
    let words = whole["words"].clone();
    let swapped: Vec<&str> = words.split(' ').rev().collect();
    for step in ["check", "file"] {
        for (form_of_hers, status, told) in [
            (with("account", " \n "), 422, "No hay nada escrito"),
            (with("account", &format!("{long}b")), 413, "Es más de lo que cabe"),
            (with("words", "abrir marco"), 422, "Estas son otras"),
            (with("words", &swapped.join(" ")), 422, "Estas son otras"),
        ] {
            let answer = press(&world, step, &form_of_hers).await;
            assert_eq!(answer.status, status, "{step}: {told}");
            assert!(of_id(answer.text(), "plain-trouble").contains(told) || answer.text().contains(told));
            let kept = form(&answer);
            assert_eq!(kept["account"], form_of_hers["account"].replace('\n', "\r\n"), "{told}");
            if told == "Estas son otras" {
                assert_ne!(kept["words"], words);
                assert_eq!(press(&world, "check", &kept).await.status, 200, "the others are good");
            } else {
                assert_eq!(kept["words"], words);
            }
        }
        let latin: &[(&str, &[u8])] = &[
            ("step", step.as_bytes()),
            ("words", words.as_bytes()),
            ("account", b"ma\xf1ana"),
        ];
        let garbled = post(&world, latin).await;
        assert_eq!(garbled.status, 422);
        assert_eq!(form(&garbled)["account"], "ma\u{fffd}ana");
    }
    let unread = press(&world, "file", &with("account", &"a".repeat(700 << 10))).await;
    assert_eq!(unread.status, 413, "it was not read");
    assert!(unread.text().contains("id=\"plain-stopped\"") && unread.text().contains("No se guardó nada"));
    for parts in [
        &[("step", b"begin" as &[u8]), ("step", b"begin")][..],
        &[("nombre", b"x")],
        &[],
    ] {
        assert_eq!(post(&world, parts).await.status, 400);
    }
    world.next_step().await;
    assert!(delivered(&world, 1).await.is_empty(), "nothing of all that was filed");
}

/// Whoever uses it does no work, so that what floods it closes it alone.
#[tokio::test]
async fn its_quota_closes_it_and_nothing_else_and_keeps_nothing() {
    let world = declared().await;
    let mut filed = 0;
    let refused = loop {
        let form_of_hers = begun(&world, "un letrero azul").await;
        let answer = press(&world, "file", &form_of_hers).await;
        match answer.status {
            200 => filed += 1,
            _ => break (answer, form_of_hers),
        }
        assert!(filed < 1_000);
    };
    assert_eq!(refused.0.status, 503);
    assert!(refused.0.text().contains("ya no cabe más por esta página"));
    assert_eq!(form(&refused.0)["account"], "un letrero azul");
    assert_eq!(form(&refused.0)["words"], refused.1["words"]);
    crate::support::Filing::worked(&world).await.file(&world).await;
    world.pass(43_200);
    assert_eq!(
        press(&world, "file", &refused.1).await.status,
        200,
        "twelve hours later"
    );
}

/// No answer is kept, none is another's, and their lengths are few.
#[tokio::test]
async fn no_answer_stays_anywhere_or_tells_by_its_length() {
    let world = declared().await;
    let forms = [begun(&world, "uno").await, begun(&world, &"dos ".repeat(500)).await];
    assert_ne!(forms[0]["words"], forms[1]["words"]);
    let mut lengths = Vec::new();
    for form_of_hers in &forms {
        for step in ["write", "check", "file"] {
            let answer = press(&world, step, form_of_hers).await.ok();
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            for name in ["set-cookie", "content-encoding", "etag", "location"] {
                assert_eq!(answer.header(name), None, "{step}");
            }
            assert!(!answer.text().contains("<script"), "{step}");
            assert!(
                !answer.text().contains("hreflang"),
                "{step}: a link would leave behind what she wrote"
            );
            lengths.push(answer.body.len());
        }
    }
    assert_eq!(lengths[..3], lengths[3..]);
    assert!(
        lengths.iter().all(|length| [1 << 14, 1 << 16].contains(length)),
        "{lengths:?}"
    );
    let page = world.get(PATH).await;
    assert!(forms.iter().all(|form| !page.text().contains(&form["words"])));
}

/// Two derive at once; the others wait for their turn, and each gets her own receipt.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_wait_for_their_turn() {
    let ways = Ways {
        nojs_clearnet: true,
        limits: ServiceLimits {
            memory: 256 << 20,
            ..ServiceLimits::default()
        },
        ..Ways::default()
    };
    let world = Arc::new(World::with(ways).await);
    let mut forms = Vec::new();
    for number in 0..4 {
        forms.push(begun(&world, &format!("relato {number}")).await);
    }
    // One of them twice at the same moment.
    forms.push(forms[0].clone());
    let posted = forms.iter().map(|form_of_hers| press(&world, "file", form_of_hers));
    let answers = futures_util::future::join_all(posted).await;
    let codes: Vec<&str> = answers
        .iter()
        .map(|answer| of_id(answer.text(), "receipt-code"))
        .collect();
    assert_eq!(codes[0], codes[4]);
    assert_eq!(std::collections::BTreeSet::from_iter(&codes).len(), 4);
}
