//! The desk of the page (`wasm-desk`), native, against the real service, cosigner and verbs: scripts' part is played here by
//! a loop that does every call over a socket. Browser and command line work on the same cases side by side.

use crate::support;

use client::wire::{HttpAnswer, HttpCall, Turn};
use client::{Failure, Local};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use support::World;
use wasm_desk::Session;

/// A share file as it is stored (§15.6).
const SHARE_FILE_LEN: usize = 1979;
/// The header and a short document are smaller, every piece of evidence is larger.
const DOCUMENT_MAX: usize = 60_000;

/// A browser window with a desk page in it.
pub struct Page<'a> {
    world: &'a World,
    session: Session,
    pub view: Value,
    /// Everything that was sent, for looking at afterwards.
    sent: RefCell<Vec<HttpCall>>,
    /// Whether the service spoils every share file that this page fetches.
    is_lied_to: bool,
    /// Whether the service withholds every large file.
    is_kept_short: bool,
    /// Whether the wire breaks after everything that it posts, before the answer.
    is_deaf: bool,
}

impl<'a> Page<'a> {
    pub fn open(world: &'a World, name: &str) -> Self {
        Self::open_where(world, name, false)
    }

    /// A page to which the service lies from its first look on: a delivery may be there already.
    fn open_where(world: &'a World, name: &str, is_lied_to: bool) -> Self {
        let mut root: Value = serde_json::from_slice(&std::fs::read(world.path("root.json")).unwrap()).unwrap();
        root.as_object_mut().unwrap().remove("base_url");
        let mut session = Session::new(root.to_string().as_bytes()).unwrap();
        let key = std::fs::read(world.path(&format!("{name}.key"))).unwrap();
        let wrong = session.unlock(&key, "not the words").unwrap_err();
        assert_eq!(wrong, Failure::new(Local::WrongPassphrase));
        let words = std::fs::read_to_string(world.path(&format!("{name}.pass"))).unwrap();
        session.unlock(&key, words.trim_end()).unwrap();
        let mut page = Self {
            world,
            session,
            view: Value::Null,
            sent: RefCell::default(),
            is_lied_to,
            is_kept_short: false,
            is_deaf: false,
        };
        page.refresh();
        page
    }

    fn fetch(&self, call: &HttpCall) -> HttpAnswer {
        self.sent.borrow_mut().push(call.clone());
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let mut request =
            ureq::http::Request::builder()
                .method(call.method)
                .uri(format!("{}{}", self.world.base(), call.path));
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let agent = config.new_agent();
        let response = match call.method {
            "GET" => agent.run(request.body(()).unwrap()),
            _ => agent.run(request.body(&call.body[..]).unwrap()),
        };
        let Ok(mut response) = response else {
            return HttpAnswer::default();
        };
        if self.is_deaf && call.method == "POST" {
            return HttpAnswer::default();
        }
        let next = response
            .headers()
            .get("resguardo-next")
            .and_then(|value| value.to_str().ok());
        let next = next.and_then(|text| text.parse().ok());
        let date = response.headers().get("date").and_then(|value| value.to_str().ok());
        let date = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        let date = date.map(|date| date.timestamp().as_second() as u64);
        let mut body = response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
        if self.is_lied_to && call.path.contains("/blobs/") && body.len() == SHARE_FILE_LEN {
            body[SHARE_FILE_LEN / 2] ^= 1;
        }
        if self.is_kept_short && call.path.contains("/blobs/") && body.len() > DOCUMENT_MAX {
            return HttpAnswer {
                status: 404,
                ..HttpAnswer::default()
            };
        }
        HttpAnswer {
            status: response.status().as_u16(),
            next,
            date,
            body,
            ..HttpAnswer::default()
        }
    }

    fn act(&mut self, act: &Value, file: &[u8]) -> Result<Value, Failure> {
        self.session.begin(&act.to_string(), file)?;
        let mut answers = Vec::new();
        loop {
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
            match self.session.turn(now, std::mem::take(&mut answers))? {
                Turn::Calls(calls) => answers = calls.iter().map(|call| self.fetch(call)).collect(),
                Turn::Done(mut done) => {
                    self.view = done["view"].take();
                    return Ok(done["done"].take());
                }
            }
        }
    }

    /// How many calls carried something.
    fn posts(&self) -> usize {
        self.sent.borrow().iter().filter(|call| call.method == "POST").count()
    }

    #[track_caller]
    fn does(&mut self, act: &Value) -> Value {
        self.act(act, &[])
            .unwrap_or_else(|failure| panic!("{act}: {failure:?}"))
    }

    /// An act whose answer is lost, and again: what went to a slot is the same form, so it is filed once.
    #[track_caller]
    fn does_unanswered(&mut self, act: &Value) -> Value {
        let before = self.sent.borrow().len();
        self.is_deaf = true;
        assert_eq!(self.act(act, &[]).unwrap_err().code.name(), "unreachable", "{act}");
        self.is_deaf = false;
        let done = self.does(act);
        self.has_repeated(before);
        done
    }

    /// What was posted first since then was posted again as it was, unless the log had it by then; another form follows
    /// only where the slot was taken.
    #[track_caller]
    fn has_repeated(&self, before: usize) {
        let sent = self.sent.borrow();
        let mut forms = sent[before..].iter().filter_map(form);
        if let Some(first) = forms.next() {
            assert!(forms.next().is_none_or(|second| second == first));
        }
    }

    fn refresh(&mut self) {
        self.does(&json!({ "act": "refresh" }));
    }

    /// Reads on until there is something.
    #[track_caller]
    fn until<T>(&mut self, what: &str, mut look: impl FnMut(&Value) -> Option<T>) -> T {
        let since = std::time::Instant::now();
        loop {
            if let Some(found) = look(&self.view) {
                return found;
            }
            assert!(since.elapsed().as_secs() < 60, "{what} did not come: {:#}", self.view);
            // A member's call has one signature a second (§15.8): looking oftener would use up the seconds to come.
            std::thread::sleep(std::time::Duration::from_secs(1));
            self.refresh();
        }
    }
}

/// The form of an act that was posted.
fn form(call: &HttpCall) -> Option<&[u8]> {
    let body = std::str::from_utf8(call.body.get(..call.body.windows(4).position(|at| at == b"\r\n--")?)?).ok()?;
    let (_, form) = body.split_once("\r\n\r\n").filter(|_| call.path == "/api/v1/acts")?;
    Some(form.as_bytes())
}

fn first(list: &Value, fits: impl Fn(&Value) -> bool) -> Option<&Value> {
    list.as_array()?.iter().find(|value| fits(value))
}

fn task<'v>(view: &'v Value, name: &str) -> Option<&'v Value> {
    first(&view["tasks"], |task| {
        task["task"] == name && task["sent"] != json!(true)
    })
}

/// A page as a browser without scripts gets it.
fn page(world: &World, path: &str) -> (u16, String, String) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let request = config
        .new_agent()
        .get(format!("{}{path}", world.base()))
        .header("accept", "text/html");
    let mut response = request.call().unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    (
        response.status().as_u16(),
        policy,
        response.body_mut().read_to_string().unwrap(),
    )
}

#[test]
fn the_record_and_the_desk_are_read_without_scripts() {
    let world = World::start();
    let council = world.run(&["council", "show", "--json"]).ok().event("result");
    let lists = ["es", "en"].map(|tag| council["fingerprint"][tag].as_str().unwrap());
    for language in ["es", "en"] {
        let (status, policy, record) = page(&world, &format!("/{language}/registro/"));
        assert_eq!(status, 200);
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        assert!(
            record.contains("cosigner.test") && record.contains("ombudsman"),
            "{record}"
        );
        assert!(
            !record.contains("{$") && !record.contains(">record-"),
            "all words are there: {record}"
        );
        assert!(!record.contains("<script"), "the record needs none");
        let digest = council["digest"].as_str().unwrap();
        assert!(record.contains(&format!("/api/v1/public/{digest}")));
        let (status, _, desk) = page(&world, &format!("/{language}/mesa/"));
        assert_eq!(status, 200);
        let (shown, carried) = desk.split_once("<template").unwrap();
        assert!(
            !shown.contains("{$") && !shown.contains(">desk-") && shown.contains("resguardo queue"),
            "{shown}"
        );
        assert!(carried.contains("data-id=\"desk-err-dead\"") && shown.contains("data-root=\"{"));
    }
    for path in ["/en/registro/", "/es/registro/", "/es/quienes"] {
        let (_, _, shown) = page(&world, path);
        for word in lists.iter().flat_map(|words| words.split_whitespace()) {
            assert!(shown.contains(&format!("<li>{word}</li>")), "{word} on {path}");
        }
    }
    assert_eq!(page(&world, "/xx/registro/").0, 404);
}

#[test]
fn a_case_from_delivery_to_finding_in_the_page() {
    let world = World::start();
    let text = "What happened, with an ñ and a name: Nadie Ninguna.\n";
    std::fs::write(world.path("account.txt"), text).unwrap();
    let photo = include_bytes!("../assets/demo.jpg");
    std::fs::write(world.path("photo.jpg"), photo).unwrap();
    std::fs::write(world.path("identity.txt"), "Who she is.\n").unwrap();
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--identity",
        "identity.txt",
        "photo.jpg",
        "--soon",
        "--danger",
        "--json",
    ];
    world.run(&[&seal[..], &["--phrase-out", "phrase.txt"]].concat()).ok();

    let mut seats: Vec<Page<'_>> = ["ombudsman", "shelter"].map(|name| Page::open(&world, name)).into();
    let mut reader = Page::open(&world, "lawyer");
    let mut fourth = Page::open_where(&world, "consulate", true);
    let case = acknowledge(&mut seats);
    attend(&mut seats, &case);
    reject(&mut fourth, &mut seats[0]);
    world.until("the third seat's share", || {
        (world.desk("university", &["shares", "check"]).code == 0).then_some(())
    });
    stranger(&world);
    let request = ask(&mut seats, &mut reader, &case);
    decide(&world, &mut seats, &case, &request);
    release(&world, &mut seats, &case, &request);
    open(&mut reader, &case, &request, text, photo);
    finding(&mut reader, &case, &request);
    refuse_and_object(&mut seats, &mut reader, &case);
    write_to_her(&world, &mut seats, &case);
    endings(&mut seats[0], &case);
    // Nothing that the pages were given to show outside the opened document holds a word of it, and nothing sent does.
    for page in seats.iter().chain([&reader]) {
        assert!(!page.view.to_string().contains("Nadie"));
        let sent = page.sent.borrow();
        assert!(
            sent.iter()
                .all(|call| !call.body.windows(5).any(|bytes| bytes == b"Nadie"))
        );
    }
}

/// The checks are made at sight; the ack is one act, and a second one is refused or the same.
fn acknowledge(seats: &mut [Page<'_>]) -> String {
    let mut case = String::new();
    for seat in seats {
        case = seat.until("a delivery", |view| {
            let ack = task(view, "ack")?;
            assert_eq!(ack["danger"], true, "the flag of the share shows");
            assert_eq!(view["tasks"][0]["task"], "danger", "it stands first");
            Some(ack["case"].as_str()?.to_owned())
        });
        let ack = json!({ "act": "ack", "cases": [case] });
        let shown: Value = serde_json::from_str(&seat.session.preview(&ack.to_string()).unwrap()).unwrap();
        assert_eq!((&shown["case"], &shown["holds"]), (&json!(case), &json!("share")));
        let filed = seat.does_unanswered(&ack);
        let again = seat.does(&ack);
        assert_eq!(filed[0]["entry"], again[0]["entry"], "the same promise while it waits");
        seat.until("the ack in the log", |view| {
            let held = first(&view["cases"], |held| held["id"] == case.as_str())?;
            (held["may_ack"] == false).then_some(())
        });
        assert_eq!(seat.act(&ack, &[]).unwrap_err().code.name(), "done");
    }
    case
}

/// What a seat did about danger, and another that contradicts; at last that one says that it is over.
fn attend(seats: &mut [Page<'_>], case: &str) {
    let [first, second] = seats else {
        unreachable!("two seats")
    };
    let attend =
        |what: &str, hours: Option<u32>| json!({ "act": "attend", "case": case, "what": what, "hours": hours });
    assert_eq!(
        first.act(&attend("called", None), &[]).unwrap_err().code.name(),
        "statement-rule"
    );
    assert_eq!(
        first.act(&attend("called", Some(169)), &[]).unwrap_err().code.name(),
        "statement-rule"
    );
    first.does(&attend("called", Some(24)));
    assert_eq!(first.view["tasks"][0]["sent"], true, "it waits for its step");
    let said = second.until("what the first did", |view| task(view, "attended").cloned());
    assert_eq!(
        (&said["what"], &said["x"]),
        (&json!("called"), &first.view["member"]["x"])
    );
    let may = &second.view["cases"][0]["attend"];
    assert_eq!(may, &json!(["wrote", "called", "safe", "no-danger", "stands"]));
    second.does(&attend("stands", None));
    let x = second.view["member"]["x"].clone();
    second.until("its own word in the log", |view| {
        (view["tasks"][0]["contradicted_by"] == json!([x])).then_some(())
    });
    first.until("the contradiction", |view| {
        let danger = &view["tasks"][0];
        (danger["task"] == "danger" && danger["contradicted_by"] == json!([x])).then_some(())
    });
    second.does(&attend("safe", None));
    first.until("that it is over", |view| {
        (task(view, "attended")?["what"] == "safe").then_some(())
    });
    assert_eq!(first.view["cases"][0]["attention"]["danger"], "over");
}

/// A message that asks for something is sent when its author says so once more; what is written in another visit of the same
/// day, which remembers nothing of the first, is shown to her as well.
fn write_to_her(world: &World, seats: &mut [Page<'_>], case: &str) {
    let write = |text: &str, even_so: bool| json!({ "act": "write", "case": case, "text": text, "even_so": even_so, "with_code": false });
    let asking = "¿Podemos vernos? Lleve dinero.";
    let refused = seats[0].act(&write(asking, false), &[]).unwrap_err();
    assert_eq!(refused.code.name(), "asks-her");
    assert_eq!(refused.about["asks"], json!(["meeting", "money"]));
    assert_eq!(
        seats[0].act(&write("", false), &[]).unwrap_err().code.name(),
        "statement-rule"
    );
    seats[0].does(&write(asking, true));
    seats[0].does(&write(client::TEMPLATES[0].text.trim_end(), false));
    let mut again = Page::open(world, "ombudsman");
    again.until("the case in another visit", |view| {
        first(&view["cases"], |held| held["id"] == case && held["may_write"] == true).map(drop)
    });
    again.does(&write("Otra visita.", false));
    world.until("all three in her inbox", || {
        let hers = world.run(&["inbox", "--phrase-file", "phrase.txt"]).ok().stdout;
        let said = [asking, "Recibimos tu testimonio", "Otra visita."];
        said.iter().all(|text| hers.contains(text)).then_some(())
    });
}

/// A step of a lapse and destroying where nothing allows it; declining, once.
fn endings(seat: &mut Page<'_>, case: &str) {
    for (act, code) in [
        (json!({ "act": "lapse", "case": case, "step": "inquiry" }), "no-lapse"),
        (json!({ "act": "lapse", "case": case, "step": "decide" }), "no-lapse"),
        (json!({ "act": "erase", "case": case }), "nothing-to-erase"),
    ] {
        assert_eq!(seat.act(&act, &[]).unwrap_err().code.name(), code, "{act}");
    }
    let decline = json!({ "act": "decline", "case": case });
    let shown: Value = serde_json::from_str(&seat.session.preview(&decline.to_string()).unwrap()).unwrap();
    assert_eq!(shown["reason"], "spam");
    seat.does_unanswered(&decline);
    seat.until("the declining in the log", |view| {
        let held = first(&view["cases"], |held| held["id"] == case)?;
        (held["may_decline"] == false).then_some(())
    });
}

/// A share that does not open is rejected, not passed over: the seat that holds the case files it.
fn reject(lied_to: &mut Page<'_>, other: &mut Page<'_>) {
    let delivery = lied_to.until("a delivery", |view| {
        let item = first(&view["deliveries"], |item| item["state"] == "failed")?;
        assert_eq!(item["check"], "age", "the first check that fails is named");
        Some(item["id"].clone())
    });
    let act = json!({ "act": "reject", "id": delivery });
    lied_to.does(&act);
    assert_eq!(lied_to.view["deliveries"][0]["state"], "told");
    assert_eq!(lied_to.act(&act, &[]).unwrap_err().code.name(), "no-such-delivery");
    other.until("the cell of the rejection", |view| {
        first(&view["cells"], |cell| cell["name"] == "reject").map(drop)
    });
    other.does(&json!({ "act": "take" }));
    other.until("the rejection in the log", |view| {
        let rejected = task(view, "rejected")?;
        assert_eq!(rejected["check"], "age");
        Some(())
    });
}

/// A key that is of nobody in the council reads the log and gets no further.
fn stranger(world: &World) {
    let mut root: Value = serde_json::from_slice(&std::fs::read(world.path("root.json")).unwrap()).unwrap();
    root.as_object_mut().unwrap().remove("base_url");
    let session = Session::new(root.to_string().as_bytes()).unwrap();
    let mut page = Page {
        world,
        session,
        view: Value::Null,
        sent: RefCell::default(),
        is_lied_to: false,
        is_kept_short: false,
        is_deaf: false,
    };
    let key = std::fs::read(world.path("stranger.key")).unwrap();
    let words = std::fs::read_to_string(world.path("stranger.pass")).unwrap();
    page.session.unlock(&key, words.trim_end()).unwrap();
    let refused = page.act(&json!({ "act": "refresh" }), &[]).unwrap_err();
    assert_eq!(refused.code.name(), "not-of-council");
    assert!(
        page.sent
            .borrow()
            .iter()
            .all(|call| call.method == "GET" && call.headers.is_empty())
    );
}

fn ask(seats: &mut [Page<'_>], reader: &mut Page<'_>, case: &str) -> String {
    let lawyer = seats[0].view["readers"][0]["x"].clone();
    seats[0].does(&json!({ "act": "refer", "case": case, "reader": lawyer }));
    reader.until("the referral", |view| {
        first(&view["referred"], |told| told["id"] == case).map(drop)
    });
    request(&mut seats[1], reader, case, &[1], false)
}

/// Nothing is asked before the key that opens what is released was handed out. Gives the statement and its digest.
fn saved_first(reader: &mut Page<'_>, act: &Value) -> (String, String) {
    let posts = reader.posts();
    let unsaved = reader.act(act, &[]).unwrap_err();
    assert_eq!(unsaved.code.name(), "key-not-saved", "nothing was shown");
    let shown = reader.session.preview(&act.to_string()).unwrap();
    let unsaved = reader.act(act, &[]).unwrap_err();
    assert_eq!(
        unsaved.code.name(),
        "key-not-saved",
        "it was shown, and its file not handed out"
    );
    let drafted = reader.session.drafted_request().unwrap();
    assert!(reader.session.request_file(&drafted).is_some());
    assert_eq!(reader.posts(), posts, "nothing was sent so far");
    (shown, drafted.to_hex())
}

/// Asks, with a look at the statement first: what is sent is what was shown. A seat takes it from its cell.
fn request(seat: &mut Page<'_>, reader: &mut Page<'_>, case: &str, parts: &[u8], is_opened: bool) -> String {
    let asking = json!({ "compartments": parts, "purpose": "protection", "basis": "art. 1", "urgent": false });
    let act = json!({ "act": "request", "case": case, "asking": asking });
    let empty = json!({ "compartments": parts, "purpose": "", "basis": "art. 1", "urgent": false });
    let without = json!({ "act": "request", "case": case, "asking": empty });
    let refused = reader.session.preview(&without.to_string()).unwrap_err();
    assert_eq!(refused.code.name(), "statement-rule", "a purpose must be there");
    // What it makes public is said while the sheet is still empty: of a case that was opened the reader knows her choice.
    let public = made_public(reader, &without);
    assert_eq!(public[0]["at_once"], "nothing");
    let docket = &public[0]["docket"];
    match is_opened {
        true => assert_eq!(*docket, json!({ "shows": "not-chosen" })),
        false => assert_eq!(
            (&docket["act"], &docket["is_chosen"]),
            (&json!("request"), &json!(false))
        ),
    }
    assert_eq!(
        reader.act(&json!({ "act": "routine" }), &[]).unwrap(),
        json!([]),
        "nothing of the docket is due"
    );
    let (shown, drafted) = saved_first(reader, &act);
    let done = reader.does_unanswered(&act);
    assert_eq!(
        done["request"], drafted,
        "the key that was saved is that of the request that was sent"
    );
    let request = done["request"].as_str().unwrap().to_owned();
    seat.until("the cell", |view| {
        first(&view["cells"], |cell| cell["name"] == "request").map(drop)
    });
    let taken = seat.does(&json!({ "act": "take" }));
    assert_eq!(taken.as_array().map(Vec::len), Some(1));
    assert_eq!(taken[0]["statement"], request.as_str());
    let pae = protocol::envelope::pae("application/vnd.resguardo.request.v1+json", shown.as_bytes());
    assert_eq!(
        protocol::Digest::of(&pae).to_hex(),
        request,
        "it was sent as it was shown"
    );
    request
}

/// Of a second request, one seat refuses with a reason that the reader is told, and one objects: it waits 14 days.
fn refuse_and_object(seats: &mut [Page<'_>], reader: &mut Page<'_>, case: &str) {
    let request = request(&mut seats[1], reader, case, &[1, 2], true);
    let line = |view: &Value| {
        let held = first(&view["cases"], |held| held["id"] == case)?.clone();
        first(&held["requests"], |line| line["digest"] == request.as_str()).cloned()
    };
    for seat in seats.iter_mut() {
        seat.until("the second request", line);
    }
    let decide = |grants: &[u8], reason: Value| json!({ "act": "decide", "case": case, "request": request, "grants": grants, "reason": reason });
    let refused = |seat: &mut Page<'_>, act: Value| {
        seat.session
            .preview(&act.to_string())
            .unwrap_err()
            .code
            .name()
            .into_owned()
    };
    assert_eq!(
        refused(&mut seats[1], decide(&[], Value::Null)),
        "statement-rule",
        "a refusal has a reason"
    );
    assert_eq!(
        refused(&mut seats[1], decide(&[1], Value::Null)),
        "statement-rule",
        "of a part too"
    );
    assert_eq!(
        refused(&mut seats[1], decide(&[1, 2], json!("other"))),
        "statement-rule",
        "a grant of all has none"
    );
    assert_eq!(refused(&mut seats[1], decide(&[1, 4], json!("other"))), "not-asked");
    seats[0].does(&decide(&[1], json!("no-basis")));
    let object = json!({ "act": "object", "case": case, "request": request });
    seats[1].does_unanswered(&object);
    seats[1].does(&decide(&[], json!("policy")));
    reader.until("both answers, with their reasons", |view| {
        let told = first(&view["referred"], |told| told["id"] == case)?;
        let line = first(&told["requests"], |line| line["digest"] == request.as_str())?;
        first(&line["decisions"], |told| {
            told["grants"] == json!([1]) && told["refuses"] == json!([2]) && told["reason"] == "no-basis"
        })?;
        first(&line["decisions"], |told| {
            told["grants"] == json!([]) && told["refuses"] == json!([1, 2]) && told["reason"] == "policy"
        })?;
        let closed =
            |name: u8| first(&line["compartments"], |part| part["name"] == name).map(|part| &part["is_closed"]);
        assert_eq!(
            closed(1),
            Some(&json!(false)),
            "four seats are left, and three open the account"
        );
        assert_eq!(
            closed(2),
            Some(&json!(true)),
            "three seats are left, and four open the identity"
        );
        Some(())
    });
    let objected = seats[0].until("the objection", |view| {
        line(view).filter(|line| line["objected"] == true)
    });
    let grants = objected["decide_by"].as_u64().unwrap() - objected["logged_at"].as_u64().unwrap();
    assert!(grants >= 14 * 86_400, "grants count for 14 days from it: {grants} s");
    let part = |at: usize, field: &str| objected["compartments"][at][field].clone();
    assert_eq!(part(0, "need"), 4, "one grant more than the three of an account");
    assert_eq!((part(0, "grants"), part(1, "grants")), (json!(1), json!(0)));
    // With the objection the account needs four, too: one of five has refused, and one holds no share.
    assert_eq!((part(0, "is_closed"), part(1, "is_closed")), (json!(true), json!(true)));
}

/// What a page says that an act makes public; nothing is sent.
fn made_public(page: &mut Page<'_>, act: &Value) -> Value {
    serde_json::from_str(&page.session.made_public(&act.to_string()).unwrap()).unwrap()
}

/// Two grants by page, one by command line; pressed too early, a release says from when.
fn decide(world: &World, seats: &mut [Page<'_>], case: &str, request: &str) {
    for seat in seats.iter_mut() {
        seat.until("the request", |view| {
            let decide = task(view, "decide")?;
            assert_eq!(decide["request"], request);
            Some(())
        });
        let early = json!({ "act": "release", "case": case, "request": request });
        assert_eq!(seat.act(&early, &[]).unwrap_err().code.name(), "too-few-grants");
        let grant = json!({ "act": "decide", "case": case, "request": request, "grants": [1], "reason": null });
        let shown = json!([{ "at_once": "closed", "counted": "decided", "if_late": "decisions_overdue",
            "docket": { "shows": "not-chosen" } }]);
        assert_eq!(made_public(seat, &grant), shown);
        let erase = made_public(seat, &json!({ "act": "erase", "case": case }));
        assert_eq!(erase[0]["if_late"], "erased_overdue", "{erase}");
        assert_eq!(made_public(seat, &json!({ "act": "routine" })), json!([]));
        for (act, at_once, if_late) in [
            (
                json!({ "act": "write", "case": case, "text": "", "even_so": false, "with_code": false }),
                "record",
                json!("messages_late"),
            ),
            (
                json!({ "act": "answer", "ask": request, "text": "", "even_so": false }),
                "record",
                Value::Null,
            ),
            (json!({ "act": "decline", "case": case }), "closed", Value::Null),
        ] {
            let public = made_public(seat, &act);
            assert_eq!(
                (&public[0]["at_once"], &public[0]["if_late"]),
                (&json!(at_once), &if_late),
                "{act}"
            );
            assert_eq!(
                (&public[0]["counted"], &public[0]["docket"]),
                (&Value::Null, &json!({ "shows": "no-twin" })),
                "{act}"
            );
        }
        seat.does_unanswered(
            &json!({ "act": "decide", "case": case, "request": request, "grants": [1], "reason": null }),
        );
        let other = json!({ "act": "decide", "case": case, "request": request, "grants": [], "reason": "other" });
        assert_eq!(
            seat.act(&other, &[]).unwrap_err().code.name(),
            "pending",
            "of two, the first counts"
        );
    }
    world.until("the third grant", || {
        (world.desk("university", &["grant", request]).code == 0).then_some(())
    });
}

fn release(world: &World, seats: &mut [Page<'_>], case: &str, request: &str) {
    for seat in seats.iter_mut() {
        seat.until("the end of the waiting time", |view| task(view, "release").map(drop));
        seat.does_unanswered(&json!({ "act": "release", "case": case, "request": request }));
    }
    world.until("the third release", || {
        (world.desk("university", &["release", request]).code == 0).then_some(())
    });
}

fn files(calls: &[HttpCall]) -> impl Iterator<Item = &str> {
    let paths = calls.iter().map(|call| call.path.as_str());
    paths.filter(|path| path.contains("/blobs/"))
}

/// Fetches what will be opened: no call of that bears the reader's name. Gives how many calls were made by then.
fn fetch_apart(page: &mut Page<'_>, case: &str, request: &str) -> usize {
    assert!(is_to_fetch(page, case, request));
    let before = page.sent.borrow().len();
    page.does(&json!({ "act": "fetch", "case": case, "request": request }));
    assert!(!is_to_fetch(page, case, request));
    let sent = page.sent.borrow();
    let is_signed = |call: &HttpCall| call.headers.iter().any(|(name, _)| *name == "Resguardo-Sig");
    assert!(!sent[before..].iter().any(is_signed));
    assert!(
        files(&sent[before..]).count() >= 3,
        "the header, the document and an original"
    );
    sent.len()
}

fn is_to_fetch(page: &Page<'_>, case: &str, request: &str) -> bool {
    let told = first(&page.view["referred"], |told| told["id"] == case).unwrap();
    first(&told["requests"], |line| line["digest"] == request).unwrap()["to_fetch"] == true
}

/// Every file was fetched before anything was signed for in this visit.
fn files_before_acts(page: &Page<'_>) {
    let sent = page.sent.borrow();
    let first = sent.iter().position(|call| call.path == "/api/v1/acts").unwrap();
    assert!(
        files(&sent[..first]).count() >= 3,
        "the header, the document and an original"
    );
}

/// The reader comes back in another visit, with the file that the first one gave.
fn open(reader: &mut Page<'_>, case: &str, request: &str, text: &str, photo: &[u8]) {
    let digest = protocol::Digest::from_hex(request).unwrap();
    let file = reader.session.request_file(&digest).unwrap();
    let mut second = Page::open(reader.world, "lawyer");
    let open = json!({ "act": "open", "case": case, "request": request, "even_so": false });
    assert_eq!(
        second.act(&open, &[]).unwrap_err().code.name(),
        "request-key",
        "the key is nowhere but in the file"
    );
    assert_eq!(
        second
            .act(&json!({ "act": "load" }), b"no file of ours")
            .unwrap_err()
            .code
            .name(),
        "not-a-desk-file"
    );
    second.act(&json!({ "act": "load" }), &file).unwrap();
    second.until("all releases", |view| {
        let told = first(&view["referred"], |told| told["id"] == case)?;
        let line = first(&told["requests"], |line| line["digest"] == request)?;
        let all = line["compartments"][0]["released"].as_u64()? >= 3;
        (line["may_open"] == true && all).then_some(())
    });
    second.is_kept_short = true;
    let fetched = fetch_apart(&mut second, case, request);
    second.is_deaf = true;
    let opened = loop {
        match second.act(&open, &[]) {
            Ok(opened) => break opened,
            Err(failure) if failure.code == Local::Unreachable => second.is_deaf = false,
            // A release is there before its step of the log: the page says so and waits.
            Err(failure) => assert!(
                ["acts-missing", "too-few-releases"].contains(&&*failure.code.name()),
                "{failure:?}"
            ),
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        second.refresh();
    };
    second.has_repeated(0);
    files_before_acts(&second);
    // Only what did not come is asked for beside the signed act.
    let sent = second.sent.borrow();
    let again: BTreeSet<&str> = files(&sent[fetched..]).collect();
    assert_eq!(again.len(), 2, "{again:?}");
    drop(sent);
    // What was withheld is named; the words are there, and the key stays.
    assert_eq!(opened["unopened"], 2, "the original and its copy");
    assert_eq!(second.view["opened"][0]["unopened"], 2);
    let shown = json!(second.session.shown(0).unwrap());
    assert_eq!((&shown["text"], &shown["files"]), (&json!(text), &json!([])));
    let why = |unopened: &Value| (unopened["kind"].clone(), unopened["why"].clone());
    let named: Vec<_> = shown["unopened"].as_array().unwrap().iter().map(why).collect();
    assert_eq!(named, ["evidence", "copy"].map(|kind| (json!(kind), json!("missing"))));
    second.is_kept_short = false;
    let opened = second.does(&open);
    assert_eq!(opened["unopened"], 0);
    assert!(opened["closed"].as_array().unwrap().is_empty());
    let shown = json!(second.session.shown(0).unwrap());
    assert_eq!(shown["text"], text);
    assert_eq!(shown["remarks"], json!([]));
    assert_eq!(shown["bad"], json!([]));
    let places: Vec<usize> = (0..shown["files"].as_array().unwrap().len()).collect();
    let original = places
        .iter()
        .find(|place| shown["files"][**place]["is_copy"] == false)
        .unwrap();
    assert_eq!(shown["files"][*original]["is_as_told"], true);
    assert_eq!(second.session.shown_file(0, *original), Some(photo));
    let copy = places
        .iter()
        .find(|place| shown["files"][**place]["is_copy"] == true)
        .unwrap();
    let copied = scrub::scrubbed(photo).unwrap();
    assert_eq!(second.session.shown_file(0, *copy), Some(&*copied));
    // The key is destroyed with the opening.
    assert_eq!(second.act(&open, &[]).unwrap_err().code.name(), "opened-already");
    *reader = second;
}

/// In a third visit, the case's file is enough to report what was done.
fn finding(reader: &mut Page<'_>, case: &str, request: &str) {
    let file = reader
        .session
        .case_file(&serde_json::from_value(json!(case)).unwrap())
        .unwrap();
    let mut third = Page::open(reader.world, "lawyer");
    third.act(&json!({ "act": "load" }), &file).unwrap();
    third.until("the finding that is due", |view| task(view, "finding").map(drop));
    let aiding =
        json!({ "measure": "legal_advice", "provider": "a shelter", "status": "offered", "due": "2000-01-01" });
    third.does(&json!({ "act": "aid", "case": case, "request": request, "aiding": aiding }));
    third.until("the assistance that is overdue", |view| {
        let aid = task(view, "aid")?;
        assert_eq!(
            (&aid["is_overdue"], &aid["provider"]),
            (&json!(true), &json!("a shelter"))
        );
        Some(())
    });
    let aiding = json!({ "measure": "legal_advice", "provider": "a shelter", "status": "delivered", "due": null });
    third.does(&json!({ "act": "aid", "case": case, "request": request, "aiding": aiding }));
    third.until("the assistance, delivered", |view| {
        task(view, "aid").is_none().then_some(())
    });
    let finding = json!({ "act": "finding", "case": case, "request": request, "outcome": "protected" });
    third.is_deaf = true;
    assert_eq!(third.act(&finding, &[]).unwrap_err().code.name(), "unreachable");
    third.is_deaf = false;
    third.until("the finding in the log", |view| {
        let held = first(&view["cases"], |held| held["id"] == case)?;
        let line = first(&held["requests"], |line| line["digest"] == request)?;
        (line["findings"] == json!(["protected"])).then_some(())
    });
    assert!(third.does(&finding).is_null(), "unanswered and in the log, it is done");
    // A new login, with nothing but the key: its own statements say what became of the case, and nothing waits on it.
    let mut fourth = Page::open(reader.world, "lawyer");
    fourth.until("what the reader said itself", |view| {
        let told = first(&view["referred"], |told| told["id"] == case)?;
        let said = first(&told["said"], |said| said["request"] == request)?;
        (said["opened"] == "opened" && said["findings"] == json!(["protected"])).then_some(())
    });
    assert!(first(&fourth.view["cases"], |held| held["id"] == case).is_none());
    assert_eq!(fourth.view["waiting"], json!([]), "a finished case waits for nobody");
}

/// A share that was dealt with a wrong `case_salt` is no early one: as soon as the filing is in the log, the page and the
/// command line say which check fails.
#[test]
fn a_wrong_salt_is_said_as_soon_as_the_filing_is_in_the_log() {
    let world = World::start();
    std::fs::write(world.path("account.txt"), "What happened.\n").unwrap();
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--soon",
        "--phrase-out",
        "phrase.txt",
    ];
    world.run(&[&seal[..], &["--package", "package"]].concat()).ok();
    deal_wrongly(&world, "shelter", 2);
    world.run(&["send", "package"]).ok();
    let mut page = Page::open(&world, "shelter");
    let item = page.until("the delivery, with a verdict", |view| {
        let item = first(&view["deliveries"], |_| true)?.clone();
        (item["state"] != "early").then_some(item)
    });
    assert_eq!((&item["state"], &item["check"]), (&json!("failed"), &json!("salt")));
    // The routine of both says what it would do, and to list it does nothing.
    let step = json!([{ "step": "reject", "delivery": item["id"], "check": "salt", "code": null }]);
    assert_eq!(page.view["routine"], step);
    let listed = world.desk("shelter", &["routine", "--list"]).ok();
    assert_eq!(listed.event("step")["check"], "salt");
    assert!(listed.events().iter().all(|event| event["event"] != "done"));
    let run = world.desk("shelter", &["shares", "check"]);
    assert_eq!(run.event("share")["check"], "salt");
    run.failed(1, "shares-rejected");
    let again = world.desk("shelter", &["routine"]).ok();
    assert_eq!(again.event("result")["done"], 0, "told once");
    world.acknowledge(&["ombudsman"], "share");
}

/// Changes the salt in the share file of a seat, as a hostile client deals it.
fn deal_wrongly(world: &World, name: &str, x: u64) {
    use protocol::share::ShareFile;
    let source = resguardo::ask::SecretSource {
        file: Some(world.path(&format!("{name}.pass"))),
        fd: None,
    };
    let console = resguardo::console::Console::silent();
    let keys = resguardo::keyfile::load(&world.path(&format!("{name}.key")), &source, &console).unwrap();
    let path = world.path("package/filing.json");
    let mut form: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let shares = form["shares"].as_array_mut().unwrap();
    let share = shares.iter_mut().find(|share| share["x"] == x).unwrap();
    let file = |digest: &str| world.path(&format!("package/{digest}"));
    let sealed = std::fs::read(file(share["digest"].as_str().unwrap())).unwrap();
    let plain = protocol::age::open(keys.identity(), &sealed).unwrap();
    let wrong = ShareFile {
        case_salt: protocol::slot::CaseSalt::new([7; 32]),
        ..ShareFile::parse(&plain).unwrap()
    };
    let recipient = keys.identity().recipient();
    let sealed = protocol::age::seal(&[&recipient], &wrong.to_bytes(), &mut resguardo::random::system());
    let digest = protocol::Digest::of(&sealed).to_hex();
    std::fs::write(file(&digest), &sealed).unwrap();
    share["digest"] = json!(digest);
    std::fs::write(&path, form.to_string()).unwrap();
}
