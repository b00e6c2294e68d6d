//! What her look costs: the real service on a clock of its own takes filings and acknowledgements for months, and the real
//! client looks with eight words.
#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a simulation stops at the first surprise"
)]

#[path = "../../../crates/service/tests/support/mod.rs"]
mod support;

use std::rc::Rc;

use axum::body::Body;
use axum::http::Request;
use client::monitor::{Alarm, MonitorState};
use client::wire::{HttpAnswer, HttpCall, RunningAct, Turn, Wire};
use client::{Declarant, DeclarantView, Log, MemoryStore, Outcome, Random};
use ledger::{Item, NewEntry, Submission};
use protocol::drop::{BucketName, bucket_hash, seal_act};
use protocol::http::{ActForm, EntryHex, RecordRef, RecordsForm, Work, WorkNonce};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::seal::{CompartmentKey, Posting, SealRequest, Sealed, seal};
use protocol::share::file::Flags;
use protocol::statement::{
    AccessPolicy, Ack, BucketDepth, Compartment, ConsentChoice, Holds, Message, Opening, Payload, SealedBy,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce, Origin};
use service::{PaceConfig, ServiceLimits, StepOutcome, WorkBits};
use support::{Act, Filing, OPERATOR_SEED, ORIGIN, Ways, World, multipart, random, seat, x};

/// Seats of the council, all dealt to.
const SEATS: u8 = 5;
/// Bytes a second of the link that is computed with.
pub const LINK_BYTES_S: f64 = 50_000.0;
/// Seconds from a question to the first byte of its answer on that link.
pub const ROUND_TRIP_S: f64 = 0.2;
/// Calls that her page makes at once.
const LANES: usize = 8;

/// A service on a clock of its own.
pub struct Sim {
    world: World,
    step_s: u64,
    depth: u8,
}

/// One visit, with what it cost.
pub struct Visit {
    /// What she is shown.
    pub view: DeclarantView,
    /// Calls, in order.
    pub calls: Vec<String>,
    /// How often a record was tried with a key.
    pub tried: usize,
    /// Bytes that came with each, its head included.
    pub sizes: Vec<usize>,
    /// Seconds on a link of [`LINK_BYTES_S`].
    pub seconds: f64,
}

impl Visit {
    /// Bytes that came with the calls whose path holds this, heads included.
    pub fn bytes_of(&self, part: &str) -> usize {
        let calls = self.calls.iter().zip(&self.sizes);
        calls
            .filter(|(path, _)| path.contains(part))
            .map(|(_, size)| size)
            .sum()
    }

    /// All bytes that came.
    pub fn bytes(&self) -> usize {
        self.sizes.iter().sum()
    }
}

/// What becomes of a call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is answered.
    Whole,
    /// It does not arrive.
    Cut,
    /// It arrives, and the answer does not.
    AnswerLost,
}

/// Her client, from visit to visit of one page: what it knows is not lost between them.
pub struct Returning<'a> {
    sim: &'a Sim,
    wire: Wire,
    declarant: Declarant,
}

impl Returning<'_> {
    /// Does something of hers; `line`: what becomes of what she posts. Gives what came of it, and how often she posted to the
    /// office.
    pub async fn does<T>(
        &mut self,
        line: Line,
        act: impl AsyncFnOnce(&mut Declarant) -> Outcome<T>,
    ) -> (Outcome<T>, usize) {
        let mut posted = 0;
        let mut running = RunningAct::new(self.wire.clone(), act(&mut self.declarant));
        let mut answers = Vec::new();
        loop {
            let calls = match running.turn(self.sim.now(), std::mem::take(&mut answers)) {
                Turn::Done(outcome) => return (outcome, posted),
                Turn::Calls(calls) => calls,
            };
            for call in calls {
                let is_posted = call.method == "POST";
                posted += usize::from(is_posted && call.path == "/api/v1/office");
                answers.push(match line {
                    Line::Cut if is_posted => HttpAnswer::default(),
                    _ => self.sim.carry(&call, &|_, body| body).await.0,
                });
                if is_posted && line == Line::AnswerLost {
                    answers.pop();
                    answers.push(HttpAnswer::default());
                }
            }
        }
    }

    /// What she is shown.
    pub fn view(&self) -> DeclarantView {
        self.declarant.view()
    }
}

/// A monitor, from look to look.
pub struct Watching {
    log: Log,
    memory: MonitorState,
}

/// A filing of hers, and the day's work of the seats on it.
pub struct Hers {
    /// What her words give.
    pub keys: CaseKeys,
    sealed: Sealed,
}

impl Sim {
    /// A log that has begun, with steps of so many seconds.
    pub async fn begin(step_s: u32) -> Self {
        let ways = Ways {
            work: WorkBits { base: 0, max: 0 },
            pace: PaceConfig {
                n: 4,
                step_s,
                delivery_s: 86_400,
            },
            limits: ServiceLimits {
                records_per_day: u32::MAX,
                ..ServiceLimits::default()
            },
            keys_days: 400,
            ..Ways::default()
        };
        Self {
            world: World::with(ways).await,
            step_s: u64::from(step_s),
            depth: 0,
        }
    }

    /// POSIX seconds by the simulated clock.
    pub fn now(&self) -> u64 {
        self.world.now()
    }

    /// Takes the next step.
    pub async fn step(&self) {
        assert_eq!(self.world.next_step().await, StepOutcome::Published);
    }

    /// Lets the service miss so many steps.
    pub fn sleep(&self, steps: u64) {
        self.world.pass(steps * self.step_s);
    }

    /// Takes the steps of so many days.
    pub async fn days(&self, days: u64) {
        for _ in 0..days * 86_400 / self.step_s {
            self.step().await;
        }
    }

    /// Steps of a day.
    pub fn steps_a_day(&self) -> u64 {
        86_400 / self.step_s
    }

    /// What anybody fetches.
    pub async fn get(&self, path: &str) -> Vec<u8> {
        self.world.get(path).await.ok().body
    }

    /// The public statements as the service lists them.
    pub async fn listed(&self) -> Vec<(u64, Digest)> {
        serde_json::from_slice(&self.get("/api/v1/public/index").await).unwrap()
    }

    /// Entries of the log.
    pub async fn size(&self) -> u64 {
        self.world.checkpoint().await.1.size
    }

    /// The operator states the depth of the buckets; the next step includes it.
    pub async fn state_depth(&mut self, b: u8) {
        let statement = BucketDepth {
            v: Version,
            origin: origin(),
            nonce: Nonce(random(32).try_into().unwrap()),
            time: self.now(),
            b,
        };
        self.state(&statement).await;
        self.step().await;
        self.depth = b;
    }

    /// From now on everybody files and acts as whoever has read of no deeper bucket than this.
    pub fn as_at_depth(&mut self, b: u8) {
        self.depth = b;
    }

    /// A public statement of the operator's.
    pub async fn state<P: Payload>(&self, payload: &P) {
        let operator = MemberKeys::from_seed(&OPERATOR_SEED);
        let statement = Envelope::sign(payload, &[operator.signing()]);
        let (digest, file) = (statement.digest(), Digest::of(statement.bytes()));
        let submission = Submission {
            form: Some(digest.0),
            entries: vec![NewEntry {
                bytes: protocol::slot::Entry::Public(digest).to_bytes(),
                key: digest.0,
                step: 0,
                class: 2,
                owner: None,
            }],
            blobs: vec![(file.0, statement.bytes().to_vec())],
            items: vec![Item {
                list: "public".to_owned(),
                bytes: [digest.0, file.0].concat(),
                blob: Some(file.0),
                ..Item::default()
            }],
            ..Submission::default()
        };
        self.world.service.ledger().submit(submission).await.unwrap();
    }

    /// Somebody files; the operator is blind, so that random bytes are as good as a sealed testimony.
    pub async fn other_files(&self) {
        let mut filing = Filing::new();
        filing.form.soon = false;
        for greeting in &mut filing.form.greetings {
            greeting.bucket = self.some_bucket();
        }
        filing.file(&self.world).await;
    }

    /// A seat acknowledges somebody's filing.
    pub async fn other_acknowledged(&self, number: u8) {
        let mut act = Act::new();
        for record in &mut act.form.records {
            record.bucket = self.some_bucket();
        }
        act.post(&self.world, number, 0).await.ok();
    }

    fn some_bucket(&self) -> BucketName {
        BucketName::of(&Digest(random(32).try_into().unwrap()), self.depth)
    }

    /// She files.
    pub async fn files(&self, root: &PhraseRoot) -> Hers {
        self.files_as(root, 0).await
    }

    /// She files as the case of that number.
    pub async fn files_as(&self, root: &PhraseRoot, c: u32) -> Hers {
        let keys = root.case(c);
        let council = self.world.council();
        let view = self.world.service.root().unwrap();
        let envelope = self.world.get(&format!("/api/v1/public/{}", view.council)).await.ok();
        let envelope = Envelope::parse(&envelope.body).unwrap();
        let greeting: Vec<Digest> =
            serde_json::from_slice(&self.world.get("/api/v1/public/index/greeting").await.ok().body).unwrap();
        let greeting = self.world.get(&format!("/api/v1/public/{}", greeting[0])).await.ok();
        let greeting = Envelope::parse(&greeting.body).unwrap();
        let seats: Vec<MemberNumber> = council.seats.iter().map(|seat| seat.x).collect();
        let rng = &mut Random::default();
        let mut account = CompartmentKey::draw(
            Compartment::Account,
            council.account,
            Opening::OnRequest,
            &keys,
            &seats,
            rng,
        );
        let document = br#"{"v":1,"text":"of a simulation","answers":{},"files":[]}"#;
        account.set_document(document, rng).unwrap();
        let request = SealRequest {
            origin: &origin(),
            council: &council,
            council_digest: envelope.digest(),
            seats: &seats,
            day: Day::of(self.now()),
            policy: AccessPolicy::new(ConsentChoice::NotAsked, &council, seats.len()),
            flags: Flags::default(),
            sealed_by: SealedBy::Cli,
            parent: None,
            greeting: &greeting,
            second_inbox: None,
        };
        let sealed = seal(&request, &keys, vec![account], rng).unwrap();
        let posting = Posting {
            b: self.depth,
            keep: 180,
            soon: false,
            quota: None,
            work: Work {
                nonce: WorkNonce([0; 16]),
                counter: 0,
            },
        };
        let form = sealed.filing_form(&origin(), posting);
        let (kind, body) = multipart("filing", &protocol::json::write(&form), sealed.blobs());
        let call = Request::post("/api/v1/filings").header("content-type", kind);
        self.world.call(call.body(Body::from(body)).unwrap()).await.ok();
        Hers { keys, sealed }
    }

    /// Every seat acknowledges her share.
    pub async fn acknowledge(&self, hers: &Hers) {
        let hash = bucket_hash(&hers.keys.inbox.recipient());
        for number in 1..=SEATS {
            self.acknowledged(hers, number, BucketName::of(&hash, self.depth)).await;
        }
    }

    /// A seat acknowledges her share, with the record in a bucket of its choice.
    pub async fn acknowledged(&self, hers: &Hers, number: u8, bucket: BucketName) {
        let (keys, sealed) = (&hers.keys, &hers.sealed);
        let (_, testimony) = protocol::open::open_header_file(&keys.case_salt.k(), &sealed.header).unwrap();
        let policy = AccessPolicy::new(ConsentChoice::NotAsked, &self.world.council(), usize::from(SEATS));
        let ack = Ack {
            v: Version,
            origin: origin(),
            nonce: Nonce(random(32).try_into().unwrap()),
            time: self.now(),
            case: keys.id,
            testimony: testimony.digest(),
            match_request: None,
            seats: (1..=u16::from(SEATS)).map(x).collect(),
            policy,
            danger: false,
            parent: None,
            x: x(u16::from(number)),
            holds: Holds::Share,
        };
        let statement = Envelope::sign(&ack, &[seat(number).signing()]);
        let entry = keys
            .case_salt
            .entry(u32::from(number), statement.digest(), None)
            .to_bytes();
        let records = seal_act(
            &keys.case_salt.k().recipient(),
            &statement,
            None,
            &mut Random::default(),
        )
        .unwrap();
        let refs = records.iter().map(|record| RecordRef {
            bucket,
            keep: 0,
            digest: Digest::of(record),
        });
        let act = Act {
            form: ActForm {
                v: Version,
                origin: origin(),
                entry: EntryHex(entry.try_into().unwrap()),
                twin_entry: None,
                insist: false,
                records: refs.collect(),
            },
            files: records
                .into_iter()
                .map(|record| (Digest::of(&record), record))
                .collect(),
        };
        act.post(&self.world, number, 0).await.ok();
    }

    /// A page with eight words in it.
    pub fn returning(&self, root: PhraseRoot) -> Returning<'_> {
        let wire = Wire::default();
        let log = Box::new(Log::new(self.world.root()).unwrap());
        let store = Rc::new(MemoryStore::default());
        Returning {
            sim: self,
            declarant: Declarant::new(log, vec![root], wire.clone(), store, Random::default()),
            wire,
        }
    }

    /// A seat answers a question without a filing, to the first inbox of these words.
    pub async fn answers(&self, number: u8, root: &PhraseRoot, text: &str) {
        let message = Message {
            v: Version,
            origin: origin(),
            nonce: Nonce(random(32).try_into().unwrap()),
            day: Day::of(self.now()),
            case: None,
            x: u16::from(number),
            n: 1,
            text: text.to_owned(),
            quota: None,
        };
        let inbox = root.case(0).inbox.recipient();
        let statement = Envelope::sign(&message, &[seat(number).signing()]);
        let records = seal_act(&inbox, &statement, None, &mut Random::default()).unwrap();
        let form = RecordsForm {
            v: Version,
            origin: origin(),
            records: records
                .iter()
                .map(|record| RecordRef {
                    bucket: BucketName::of(&bucket_hash(&inbox), self.depth),
                    keep: 180,
                    digest: Digest::of(record),
                })
                .collect(),
        };
        let files = records.iter().map(|record| (Digest::of(record), record.as_slice()));
        let (kind, body) = multipart("records", &protocol::json::write(&form), files);
        let call = self.world.signed(number, "POST", "/api/v1/records", &kind, body, 0);
        self.world.call(call).await.ok();
    }

    /// Somebody looks with eight words, from a moment on or from the log's beginning.
    pub async fn look(&self, root: PhraseRoot, from: Option<u64>) -> Visit {
        self.look_through(root, from, &|_, body| body).await.unwrap()
    }

    /// As [`Self::look`], through a service that alters what it answers.
    ///
    /// # Errors
    /// What her client says.
    pub async fn look_through(
        &self,
        root: PhraseRoot,
        from: Option<u64>,
        alter: &dyn Fn(&str, Vec<u8>) -> Vec<u8>,
    ) -> Outcome<Visit> {
        let wire = Wire::default();
        let log = Box::new(Log::new(self.world.root())?);
        let store = Rc::new(MemoryStore::default());
        let mut declarant = Declarant::new(log, vec![root], wire.clone(), store, Random::default());
        if let Some(from) = from {
            declarant.read_from(from);
        }
        let (mut calls, mut sizes, mut seconds) = (Vec::new(), Vec::new(), 0.0);
        {
            let mut running = RunningAct::new(wire, declarant.refresh());
            let mut answers = Vec::new();
            loop {
                match running.turn(self.now(), std::mem::take(&mut answers)) {
                    Turn::Done(outcome) => break outcome?,
                    Turn::Calls(made) => {
                        let mut bytes = 0;
                        let waves = made.len().div_ceil(LANES);
                        for call in made {
                            assert_eq!(call.method, "GET", "a look posts nothing");
                            let (answer, size) = self.carry(&call, alter).await;
                            bytes += size;
                            calls.push(call.path);
                            sizes.push(size);
                            answers.push(answer);
                        }
                        let sent = bytes as f64 / LINK_BYTES_S;
                        seconds += ROUND_TRIP_S + sent.max((waves - 1) as f64 * ROUND_TRIP_S);
                    }
                }
            }
        }
        if let Some(failure) = declarant.unverifiable() {
            return Err(failure.clone());
        }
        Ok(Visit {
            view: declarant.view(),
            tried: declarant.tried(),
            calls,
            sizes,
            seconds,
        })
    }

    /// A monitor before its first look.
    pub fn watching(&self) -> Watching {
        Watching {
            log: Log::new(self.world.root()).unwrap(),
            memory: MonitorState::default(),
        }
    }

    /// A monitor looks: its calls, and the bytes that came, heads included.
    pub async fn watch(&self, watching: &mut Watching) -> (usize, usize) {
        let wire = Wire::default();
        let act = client::monitor::look(&mut watching.log, &wire, &watching.memory);
        let mut running = RunningAct::new(wire.clone(), act);
        let (mut calls, mut bytes, mut answers) = (0, 0, Vec::new());
        let look = loop {
            match running.turn(self.now(), std::mem::take(&mut answers)) {
                Turn::Done(outcome) => break outcome.unwrap(),
                Turn::Calls(made) => {
                    for call in made {
                        let (answer, size) = self.carry(&call, &|_, body| body).await;
                        (calls, bytes) = (calls + 1, bytes + size);
                        answers.push(answer);
                    }
                }
            }
        };
        drop(running);
        // No seat reports on its duties here.
        assert!(!look.alarms.iter().any(Alarm::is_breach), "{:?}", look.alarms);
        watching.memory = look.memory;
        (calls, bytes)
    }

    /// Makes a call; gives its answer, and how many bytes came.
    async fn carry(&self, call: &HttpCall, alter: &dyn Fn(&str, Vec<u8>) -> Vec<u8>) -> (HttpAnswer, usize) {
        let asked = Request::builder().method(call.method).uri(&call.path);
        let asked = call
            .headers
            .iter()
            .fold(asked, |asked, (name, value)| asked.header(*name, value));
        let answer = self
            .world
            .call(asked.body(Body::from(call.body.clone())).unwrap())
            .await;
        let heads = answer.headers.iter();
        let head: usize = heads.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let size = answer.body.len() + head + "HTTP/1.1 200 OK\r\n\r\n".len();
        let answer = HttpAnswer {
            status: answer.status,
            date: Some(self.now()),
            body: alter(&call.path, answer.body),
            ..HttpAnswer::default()
        };
        (answer, size)
    }
}

fn origin() -> Origin {
    Origin::new(ORIGIN).unwrap()
}
