//! The command line and the page leave the same bytes for the same acts: the same statements, records and cells, given the
//! same randomness and clock. Nothing that is compared reaches the service; the verbs then do each act for real.

use crate::support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use casework::{Aiding, Asking};
use client::wire::Turn;
use client::{Outcome, Random};
use protocol::statement::{AidStatus, Compartment, Holds, OpeningOutcome};
use protocol::{CaseId, Digest, MemberNumber};
use rand_core::{TryCryptoRng, TryRng};
use resguardo::ask::SecretSource;
use resguardo::console::Console;
use resguardo::desk::{At, Desk, Office, Reader, Seat};
use resguardo::keyfile;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{SEATS, World};
use wasm_desk::Session;

/// A source that gives the same bytes again from each [`Self::begin`] on. Clones are the same source.
#[derive(Clone, Default)]
struct Seeded(Rc<RefCell<u64>>);

impl Seeded {
    fn begin(&self) {
        *self.0.borrow_mut() = 0;
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| number as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for piece in to.chunks_mut(32) {
            let mut count = self.0.borrow_mut();
            piece.copy_from_slice(&Sha256::digest(count.to_be_bytes())[..piece.len()]);
            *count += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// Stands before the service: what is fetched goes through, what is posted is kept and refused.
struct Gate {
    address: String,
    posted: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Gate {
    fn before(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let posted: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || carry(client, service, &kept));
            }
        });
        Self { address, posted }
    }

    /// What was posted since the last look, each without the boundary that its form was drawn.
    fn taken(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }
}

/// One connection, request after request.
fn carry(mut client: TcpStream, service: SocketAddr, posted: &Mutex<Vec<Vec<u8>>>) {
    while let Some((head, body)) = request(&mut client) {
        if head.starts_with(b"POST ") {
            posted.lock().unwrap().push(body);
            let body = r#"{"type":"urn:resguardo:problem:disk-full","title":"kept","status":507,"code":"disk-full","detail":""}"#;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 507 Kept\r\nContent-Type: application/problem+json\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            if client.write_all(answer.as_bytes()).is_err() {
                return;
            }
            continue;
        }
        let mut server = TcpStream::connect(service).unwrap();
        let text = String::from_utf8_lossy(&head).replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(text.as_bytes()).unwrap();
        let _ = std::io::copy(&mut server, &mut client);
        break;
    }
    let _ = client.shutdown(Shutdown::Both);
}

/// The next request: its head with the empty line, and its body.
fn request(client: &mut TcpStream) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let end = all.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if all.len() >= end + length.unwrap_or(0) {
                let body = all.split_off(end);
                return Some((all, body));
            }
        }
        let count = client.read(&mut piece).ok().filter(|count| *count > 0)?;
        all.extend_from_slice(&piece[..count]);
    }
}

/// A form's boundary says nothing; the rest of what is posted does.
fn without_boundary(body: &[u8]) -> Vec<u8> {
    let Some(line) = body.strip_prefix(b"--").and_then(|rest| rest.get(..64)) else {
        return body.to_vec();
    };
    let boundary = String::from_utf8(line.to_vec()).unwrap();
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    text.replace(&boundary, "").chars().map(|c| c as u8).collect()
}

struct Stage {
    world: World,
    gate: Gate,
    seed: Seeded,
    compared: RefCell<Vec<&'static str>>,
}

impl Stage {
    /// A desk of the command line in a folder that is empty as a page is, and a page. Both draw from the seed, and both
    /// clocks stand at the same second.
    fn desks(&self, name: &str, folder: &Path) -> (Desk, Page<'_>) {
        // Between the two readings of the log nothing may come in: the slots that are free would not be the same.
        after_a_step(self);
        let source = SecretSource {
            file: Some(self.world.path(&format!("{name}.pass"))),
            fd: None,
        };
        let keys = || keyfile::load(&self.world.path(&format!("{name}.key")), &source, &Console::silent()).unwrap();
        let remote = Remote::new(&self.gate.address)
            .unwrap()
            .with_clock_at(resguardo::clock::now());
        let now = remote.now();
        let trust = Trust::load(&self.world.path("root.json")).unwrap();
        let root = serde_json::to_vec(&trust.root).unwrap();
        let random = Random::new(self.seed.clone());
        let desk = Desk::open_with(
            trust,
            remote.clone(),
            random.clone(),
            keys(),
            folder,
            &Console::silent(),
        );
        let mut session = Session::new(&root).unwrap().drawing_from(random);
        session.unlock_with(keys()).unwrap();
        let mut page = Page {
            stage: self,
            session,
            remote,
            now,
        };
        page.act(&json!({ "act": "refresh" }), &[]).unwrap();
        (desk.unwrap(), page)
    }

    /// Does an act at a desk, which the gate refuses; gives what was posted.
    fn by_verb<M: Office>(&self, desk: &mut At<M>, act: impl AsyncFnOnce(&mut M) -> Outcome<()>) -> Vec<u8> {
        self.gate.taken();
        self.seed.begin();
        let refused = desk.run(act).expect_err("the gate refuses");
        assert_eq!(refused.code.name(), "disk-full");
        self.posted()
    }

    fn posted(&self) -> Vec<u8> {
        let posted = self.gate.taken();
        let [body] = posted.as_slice() else {
            panic!("one form was posted, not {}", posted.len());
        };
        without_boundary(body)
    }

    fn is_same(&self, what: &'static str, by_verb: &[u8], by_page: &[u8]) {
        assert!(by_verb.len() > 3_000, "{what} carries a record: {}", by_verb.len());
        assert!(by_verb == by_page, "{what} is not the same by verb and by page");
        self.compared.borrow_mut().push(what);
    }
}

/// A page whose clock stands still.
struct Page<'a> {
    stage: &'a Stage,
    session: Session,
    remote: Remote,
    now: u64,
}

impl Page<'_> {
    fn act(&mut self, act: &Value, file: &[u8]) -> Outcome<Value> {
        self.session.begin(&act.to_string(), file)?;
        let mut answers = Vec::new();
        loop {
            match self.session.turn(self.now, answers)? {
                Turn::Done(done) => return Ok(done),
                Turn::Calls(calls) => {
                    let carried = calls.iter().map(|call| self.remote.carry(call).unwrap().0);
                    answers = carried.collect();
                }
            }
        }
    }

    /// Does an act, which the gate refuses; gives what was posted.
    fn does(&mut self, act: &Value) -> Vec<u8> {
        self.stage.gate.taken();
        let refused = self.act(act, &[]).expect_err("the gate refuses");
        assert_eq!(refused.code.name(), "disk-full", "{act}: {refused:?}");
        self.stage.posted()
    }
}

/// What a seat does, by verb and by page.
fn seat_act(stage: &Stage, what: &'static str, act: &Value, verb: impl AsyncFn(&mut client::Seat) -> Outcome<()>) {
    let folder = tempfile::tempdir().unwrap();
    let (desk, mut page) = stage.desks(SEATS[0], folder.path());
    let mut seat: Seat = desk.seat().unwrap();
    seat.run(async |seat| seat.read_deliveries().await).unwrap();
    let by_verb = stage.by_verb(&mut seat, async |seat| verb(seat).await);
    // Drawn from what comes next in the seed, the same act is other bytes: it is the seed that makes them the same.
    let refused = seat.run(async |seat| verb(seat).await).expect_err("the gate refuses");
    assert_eq!(refused.code.name(), "disk-full");
    assert!(stage.posted() != by_verb, "{what} does not depend on the seed");
    stage.seed.begin();
    stage.is_same(what, &by_verb, &page.does(act));
}

/// What a reader does, by verb and by page, once both have the files that an earlier visit gave.
fn reader_act(
    stage: &Stage,
    what: &'static str,
    act: &Value,
    files: &[&[u8]],
    verb: impl AsyncFn(&mut client::Reader) -> Outcome<()>,
) {
    let folder = tempfile::tempdir().unwrap();
    let (desk, mut page) = stage.desks("lawyer", folder.path());
    let mut reader: Reader = desk.reader().unwrap();
    for file in files {
        reader.run(async |reader| reader.load(file).await).unwrap();
        page.act(&json!({ "act": "load" }), file).unwrap();
    }
    reader.run(async |reader| reader.refresh().await).unwrap();
    let by_verb = stage.by_verb(&mut reader, async |reader| verb(reader).await);
    stage.seed.begin();
    if act["act"] == "request" {
        page.session.preview(&act.to_string()).unwrap();
        let drafted = page.session.drafted_request().unwrap();
        assert!(page.session.request_file(&drafted).is_some());
    }
    stage.is_same(what, &by_verb, &page.does(act));
}

#[test]
fn verbs_and_page_leave_the_same_bytes() {
    let world = World::start();
    let gate = Gate::before(SocketAddr::from(([127, 0, 0, 1], world.ports[0])));
    let stage = Stage {
        world,
        gate,
        seed: Seeded::default(),
        compared: RefCell::default(),
    };
    stage.world.file("phrase.txt", &["--receipt", "r"]);
    // Another seat acknowledges first: from then on the filing is in the log.
    let code = stage.world.acknowledge(&SEATS[1..3], "share");
    let case = case_of(&stage, SEATS[1]);
    let (id, reader) = (json!(case), MemberNumber::new(6).unwrap());

    seat_act(&stage, "ack", &json!({ "act": "ack", "cases": [id] }), async |seat| {
        let draft = seat.ack(&case, Holds::Share)?;
        seat.file(&draft).await.map(drop)
    });
    stage.world.acknowledge(&SEATS[..1], "share");
    let refer = json!({ "act": "refer", "case": id, "reader": 6 });
    seat_act(&stage, "referral", &refer, async |seat| {
        let draft = seat.refer(&case, reader)?;
        seat.file(&draft).await.map(drop)
    });
    stage.world.desk(SEATS[1], &["refer", &code, "--reader", "6"]).ok();

    let asking = Asking {
        compartments: vec![Compartment::Account],
        purpose: "inquiry".to_owned(),
        for_use: None,
        basis: "art. 1".to_owned(),
        urgent: false,
    };
    let as_json = json!({ "compartments": [1], "purpose": "inquiry", "basis": "art. 1", "urgent": false });
    let act = json!({ "act": "request", "case": id, "asking": as_json });
    reader_act(&stage, "request", &act, &[], async |reader| {
        let question = reader.request(&case, asking.clone())?;
        // The page makes it twice: once to show it, once to check it anew. What was shown is sent.
        reader.request(&case, asking.clone())?;
        reader.ask(&question).await.map(drop)
    });
    let asked = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    let asked = stage.world.desk("lawyer", &asked).ok().event("result");
    let name = asked["request"].as_str().unwrap().to_owned();
    let request = Digest::from_hex(&name).unwrap();
    stage.world.until("the request in the log", || {
        let queue = stage.world.desk(SEATS[0], &["queue"]).ok();
        let mut events = queue.events().into_iter();
        events.find(|event| event["task"] == "decide").map(drop)
    });

    let grant = json!({ "act": "decide", "case": id, "request": request, "grants": [1], "reason": null });
    seat_act(&stage, "decision", &grant, async |seat| {
        let draft = seat.decide(&case, &request, &[Compartment::Account], None)?;
        seat.file(&draft).await.map(drop)
    });
    let object = json!({ "act": "object", "case": id, "request": request });
    seat_act(&stage, "objection", &object, async |seat| {
        let draft = seat.object(&case, &request)?;
        seat.file(&draft).await.map(drop)
    });
    for seat in &SEATS[..3] {
        stage.world.desk(seat, &["grant", &name]).ok();
    }
    for seat in &SEATS[1..3] {
        stage.world.until("a release", || {
            (stage.world.desk(seat, &["release", &name]).code == 0).then_some(())
        });
    }
    let release = json!({ "act": "release", "case": id, "request": request });
    seat_act(&stage, "release", &release, async |seat| {
        let (draft, _) = seat.release(&case, &request)?;
        seat.file(&draft).await.map(drop)
    });
    stage.world.until("the third release", || {
        (stage.world.desk(SEATS[0], &["release", &name]).code == 0).then_some(())
    });

    let kept = stage.world.path(&format!("lawyer.state/requests/{case}/{name}.age"));
    let file = std::fs::read(kept).unwrap();
    stage.world.until("every release in the log", || {
        let run = stage.world.desk("lawyer", &["queue"]).ok();
        let released = run.events().into_iter().find(|event| event["released_by"].is_array())?;
        (released["released_by"].as_array()?.len() == 3).then_some(())
    });
    let open = json!({ "act": "open", "case": id, "request": request, "even_so": false });
    reader_act(&stage, "opened", &open, &[&file], async |reader| {
        let opening = reader.try_open(&case, &request, false).await?;
        let draft = reader.opened(&case, &request, opening.outcome, false)?;
        reader.file(&draft.expect("not filed yet")).await.map(drop)
    });
    stage
        .world
        .desk("lawyer", &["open", &name, "--out", "opened", "--at-once"])
        .ok();

    let file = case_file(&stage, &case);
    let finding = json!({ "act": "finding", "case": id, "request": request, "outcome": "protected" });
    reader_act(&stage, "finding", &finding, &[&file], async |reader| {
        let draft = reader.finding(&case, &request, OpeningOutcome::Protected)?;
        reader.file(&draft).await.map(drop)
    });
    let aiding = Aiding {
        measure: "legal_advice".to_owned(),
        provider: "a shelter".to_owned(),
        status: AidStatus::Offered,
        due: None,
    };
    let as_json = json!({ "measure": "legal_advice", "provider": "a shelter", "status": "offered", "due": null });
    let aid = json!({ "act": "aid", "case": id, "request": request, "aiding": as_json });
    reader_act(&stage, "aid", &aid, &[&file], async |reader| {
        let draft = reader.aid(&case, &request, aiding.clone())?;
        reader.file(&draft).await.map(drop)
    });
    let all = [
        "ack",
        "referral",
        "request",
        "decision",
        "objection",
        "release",
        "opened",
        "finding",
        "aid",
    ];
    assert_eq!(*stage.compared.borrow(), all);
}

/// The only case that a seat keeps.
fn case_of(stage: &Stage, seat: &str) -> CaseId {
    let mut kept = std::fs::read_dir(stage.world.path(&format!("{seat}.state/cases"))).unwrap();
    CaseId::from_hex(kept.next().unwrap().unwrap().file_name().to_str().unwrap()).unwrap()
}

/// Waits until everything that was promised so far is in the log.
fn after_a_step(stage: &Stage) {
    let size = || {
        let run = stage.world.run(&["log", "verify", "--json"]).ok();
        run.event("result")["size"].as_u64().unwrap()
    };
    for _ in 0..2 {
        let before = size();
        stage.world.until("a step", || (size() > before).then_some(()));
    }
}

/// The file that stands for an opened case, as a page gives it.
fn case_file(stage: &Stage, case: &CaseId) -> Vec<u8> {
    let source = SecretSource {
        file: Some(stage.world.path("lawyer.pass")),
        fd: None,
    };
    let keys = keyfile::load(&stage.world.path("lawyer.key"), &source, &Console::silent()).unwrap();
    let trust = Trust::load(&stage.world.path("root.json")).unwrap();
    let state = stage.world.path("lawyer.state");
    let reader = Desk::open(trust, keys, &state, &Console::silent())
        .unwrap()
        .reader()
        .unwrap();
    reader.office().case_file(case).unwrap()
}
