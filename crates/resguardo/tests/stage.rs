//! A service whose clock the test moves, with one filing, and desks whose clocks go with it.

use crate::service_support as support;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use casework::Asking;
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::slot::Entry;
use protocol::statement::Compartment;
use protocol::{CaseId, Digest, Envelope};
use resguardo::console::Console;
use resguardo::declarant::DeclarantLine;
use resguardo::declare::{self, ToSeal};
use resguardo::desk::{Desk, Reader, Seat};
use resguardo::failure::CliError;
use resguardo::follow::Follow;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use sealing::{Choices, TestimonyInput};
use support::{LOG_SEED, ORIGIN, Ways, World, now, seat};
use tempfile::TempDir;
use tlog::SigningNoteKey;
use tlog::note::KeyKind;
use tlog::promise::Promise;
use tokio::runtime::Runtime;

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// What it should.
    Honest,
    /// It gives no answer to who asks it to delete.
    DeletesNothing,
    /// It signs a promise for each public statement, and puts none into the log.
    PromisesAlone,
}

/// A promise for a day, which nobody keeps.
async fn promised(request: Request, now: u64) -> Response {
    let bytes = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let statement = Envelope::parse(&bytes).unwrap();
    let promise = Promise {
        origin: ORIGIN.to_owned(),
        entry: Digest::of(&Entry::Public(statement.digest()).to_bytes()).0,
        deadline: now + 86_400,
    };
    let key = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &LOG_SEED).unwrap();
    promise.sign(&key).to_string().into_response()
}

/// A service whose clock the test moves; the desks' clocks go with it.
pub struct Stage {
    pub runtime: Runtime,
    pub world: World,
    pub trust: Trust,
    pub desks: TempDir,
    /// What its operator does.
    operator: Arc<Mutex<Operator>>,
    pub phrase: Phrase,
    pub case: CaseKeys,
    /// Share files and objects of her filing.
    pub files: Vec<Digest>,
    /// Bytes of what must be gone: share files, `case_salt`, K.
    pub secrets: Vec<Vec<u8>>,
}

impl Stage {
    /// Begun so many days ago, with a filing, about which she chose so.
    pub fn filed(days_ago: u64, choices: Choices) -> Self {
        let runtime = Runtime::new().unwrap();
        let world = runtime.block_on(async {
            let mut world = World::before_council(Ways::default()).await;
            world.clock.fetch_sub(days_ago * 86_400, Ordering::SeqCst);
            world.restart().await;
            world.service.publish_council(&world.founding()).await.unwrap();
            world.next_step().await;
            world
        });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let operator = Arc::new(Mutex::new(Operator::Honest));
        let (does, clock) = (Arc::clone(&operator), Arc::clone(&world.clock));
        let router = world
            .service
            .router()
            .layer(from_fn(move |request: Request, next: Next| {
                let (does, now) = (*does.lock().unwrap(), clock.load(Ordering::SeqCst));
                async move {
                    match (does, request.uri().path()) {
                        (Operator::DeletesNothing, path) if path.ends_with("/member/delete") => {
                            StatusCode::BAD_GATEWAY.into_response()
                        }
                        (Operator::PromisesAlone, "/api/v1/public") => promised(request, now).await,
                        _ => next.run(request).await,
                    }
                }
            }));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let trust = Trust {
            root: world.root(),
            base_url,
        };
        let phrase = Phrase::draw(&mut resguardo::random::system());
        let case = declare::derive(&phrase, trust.origin()).unwrap().case(0);
        let mut stage = Self {
            runtime,
            world,
            trust,
            desks: tempfile::tempdir().unwrap(),
            operator,
            phrase,
            case,
            files: Vec::new(),
            secrets: Vec::new(),
        };
        stage.file(choices);
        stage
    }

    /// What its operator does from now on.
    pub fn operator(&self, does: Operator) {
        *self.operator.lock().unwrap() = does;
    }

    /// Files under her words, with evidence.
    fn file(&mut self, choices: Choices) {
        let (silent, folder) = (Console::silent(), tempfile::tempdir().unwrap());
        let evidence = folder.path().join("photo.jpg");
        std::fs::write(&evidence, vec![7; 300_000]).unwrap();
        let mut follow = Follow::open(self.trust.clone(), self.remote(), None, &silent).unwrap();
        follow.refresh(&silent).unwrap();
        let to_seal = ToSeal {
            input: TestimonyInput::parse(r#"{"account":"What happened.\n","soon":true}"#).unwrap(),
            evidence: vec![evidence],
            choices,
            ..ToSeal::default()
        };
        let sealed = tempfile::tempdir().unwrap();
        let package = declare::seal_into(&follow, &self.case, (&to_seal, 0), sealed.path(), &silent).unwrap();
        let form = package.form().unwrap();
        let shares = form.shares.iter().map(|share| share.digest);
        self.files = shares.chain(form.objects.iter().map(|object| object.digest)).collect();
        package.send(&follow, &silent).unwrap();
        let shares = form.shares.iter().map(|share| self.blob(&share.digest).1);
        let salt = &self.case.case_salt;
        self.secrets = shares.collect();
        self.secrets.extend([salt.expose().to_vec(), salt.k().seed().to_vec()]);
        self.step(3);
        self.publish();
    }

    pub fn root(&self) -> PhraseRoot {
        declare::derive(&self.phrase, self.trust.origin()).unwrap()
    }

    pub fn id(&self) -> CaseId {
        self.case.id
    }

    pub fn remote(&self) -> Remote {
        let skew = self.world.now() as i64 - now() as i64;
        Remote::new(&self.trust.base_url).unwrap().with_clock_skew(skew)
    }

    pub fn step(&self, count: usize) {
        for _ in 0..count {
            self.runtime.block_on(self.world.next_step());
        }
    }

    pub fn publish(&self) {
        self.runtime.block_on(self.world.publish());
    }

    pub fn folder(&self, number: u8) -> PathBuf {
        self.desks.path().join(number.to_string())
    }

    pub fn desk(&self, number: u8) -> Desk {
        let random = client::Random::default();
        let (trust, folder) = (self.trust.clone(), self.folder(number));
        Desk::open_with(trust, self.remote(), random, seat(number), &folder, &Console::silent()).unwrap()
    }

    pub fn seat(&self, number: u8) -> Seat {
        self.desk(number).seat().unwrap()
    }

    pub fn reader(&self) -> Reader {
        self.desk(6).reader().unwrap()
    }

    pub fn erase(&self, number: u8) -> Result<Option<Digest>, CliError> {
        let filed = self.seat(number).run(async |seat| seat.erase(&self.id()).await)?;
        Ok(filed.map(|filed| filed.statement))
    }

    pub fn hers(&self) -> DeclarantLine {
        let silent = Console::silent();
        let mut hers =
            DeclarantLine::open_with(self.trust.clone(), self.remote(), vec![self.root()], None, &silent).unwrap();
        hers.refresh(&silent).unwrap();
        hers
    }

    pub fn blob(&self, digest: &Digest) -> (u16, Vec<u8>) {
        let path = format!("/api/v1/blobs/{digest}");
        let answer = self.runtime.block_on(self.world.get(&path));
        (answer.status, answer.body)
    }

    /// The first file below a folder that holds any of the bytes that must be gone.
    pub fn kept(&self, folder: &Path) -> Option<PathBuf> {
        let mut open = vec![folder.to_owned()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|item| item.unwrap().path()));
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let holds = |secret: &Vec<u8>| bytes.windows(secret.len()).any(|window| window == secret.as_slice());
            if self.secrets.iter().any(holds) {
                return Some(path);
            }
        }
        None
    }

    /// The folder of a seat holds nothing of the case, and a new start and a look at the deliveries bring nothing back.
    #[track_caller]
    pub fn holds_nothing(&self, number: u8) {
        let mut desk = self.seat(number);
        let looked = desk.run(async |seat| seat.read_deliveries().await);
        looked.unwrap();
        assert!(desk.member().cases().next().is_none(), "{number}");
        assert!(desk.office().erased().contains(&self.id()));
        drop(desk);
        assert_eq!(self.kept(&self.folder(number)), None, "seat {number}");
        assert!(!self.folder(number).join("cases").join(self.id().to_hex()).exists());
        assert_eq!(self.erase(number).unwrap(), None, "again it is done");
    }
}

/// What a reader asks for: the account, for an investigation.
pub fn asking() -> Asking {
    Asking {
        compartments: vec![Compartment::Account],
        purpose: "investigation".to_owned(),
        for_use: None,
        basis: "art. 1".to_owned(),
        urgent: false,
    }
}
