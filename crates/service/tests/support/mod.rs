//! A whole service in one process: a real ledger in a folder of its own, a council of five seats and a reader, a real
//! cosigner behind a real socket, and a clock that the test moves.

#![allow(unused_imports, reason = "each test binary uses a part of it")]
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod filing;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use casework::RootOfTrust;
use cosigner::Cosigner;
use ledger::Ledger;
use ledger::sqlite::{self, Options};
use protocol::http::{SIGNATURE_HEADER, SignedCall, TransportSignature, Work, WorkOffer, work_search};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::problem::{Problem, ProblemBody};
use protocol::statement::{Council, CouncilMember, OperatorParty};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce, Origin};
use service::{Founding, Help, PaceConfig, Service, ServiceConfig, ServiceLimits, StepOutcome, TimeSource, WorkBits};
use tempfile::TempDir;
use tlog::note::KeyKind;
use tlog::{Checkpoint, Note, Policy, SigningNoteKey, VerifierKey};
use tower::ServiceExt as _;
use zeroize::Zeroizing;

pub use filing::{Act, Filing, bucket, multipart, posting_again, random, records_form};

pub const ORIGIN: &str = "demo.example/log";
pub const LOG_SEED: [u8; 32] = [1; 32];
pub const OPERATOR_SEED: [u8; 32] = [2; 32];
pub const STEP_S: u64 = 600;
pub const N: u32 = 4;

pub fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).unwrap()
}

pub fn seat(number: u8) -> MemberKeys {
    MemberKeys::from_seed(&[100 + number; 32])
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The last noon (UTC). A service begins then, so that no test meets the day's publication by the hour it runs at.
fn noon() -> u64 {
    (now() - 43_200) / 86_400 * 86_400 + 43_200
}

/// A cosigner on a socket of its own. It can be silenced, replaced, and ended.
pub struct CosignerServer {
    pub key: VerifierKey,
    pub url: String,
    is_silent: Arc<std::sync::atomic::AtomicBool>,
    /// What answers.
    behind: Arc<std::sync::Mutex<Router>>,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

impl CosignerServer {
    /// On a clock of the test's own.
    pub async fn start_at(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[3; 32]).unwrap();
        let verifier = key.verifier();
        let log = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &LOG_SEED)
            .unwrap()
            .verifier();
        let cosigner = Arc::new(Cosigner::open(&folder.path().join("cosigner"), key, vec![log]).unwrap());
        let is_silent = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let behind = Arc::new(std::sync::Mutex::new(cosigner.router(now)));
        let (silent, answering) = (Arc::clone(&is_silent), Arc::clone(&behind));
        let router = Router::new().fallback(move |request: axum::extract::Request| {
            let router = answering.lock().unwrap().clone();
            let is_silent = silent.load(Ordering::SeqCst);
            async move {
                if is_silent {
                    return axum::response::IntoResponse::into_response(StatusCode::SERVICE_UNAVAILABLE);
                }
                router.oneshot(request).await.unwrap()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            key: verifier,
            url,
            is_silent,
            behind,
            serving,
            _folder: folder,
        }
    }

    /// Lets another cosigner answer at this address.
    pub fn replace(&self, router: Router) {
        *self.behind.lock().unwrap() = router;
    }

    /// Ends it: nobody listens at its address any more.
    pub async fn end(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    pub fn silence(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::SeqCst);
    }
}

/// What a call answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The machine code of a refusal, with the form of every refusal checked.
    pub fn problem(&self) -> Problem {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let body: ProblemBody = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body.status, self.status);
        assert_eq!(body.kind, format!("urn:resguardo:problem:{}", body.code.code()));
        assert!(!body.detail.is_empty() && !body.title.is_empty());
        body.code
    }

    pub fn detail(&self) -> String {
        serde_json::from_slice::<ProblemBody>(&self.body).unwrap().detail
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(
            (200..300).contains(&self.status),
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

/// How a world differs from the ordinary.
#[derive(Clone, Copy)]
pub struct Ways {
    pub work: WorkBits,
    pub pace: PaceConfig,
    pub limits: ServiceLimits,
    /// Last day of the seats' keys, counted in days from today.
    pub keys_days: u64,
    /// Whom the pages say she can call.
    pub help: fn() -> Help,
    /// Address of the onion service.
    pub onion: Option<&'static str>,
    /// Whether the form without scripts is offered on the clear web.
    pub nojs_clearnet: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            work: WorkBits { base: 4, max: 6 },
            pace: PaceConfig {
                n: N,
                step_s: STEP_S as u32,
                delivery_s: 86_400,
            },
            limits: ServiceLimits::default(),
            keys_days: 400,
            help: || Help::None([("es".to_owned(), "Es una prueba.".to_owned())].into()),
            onion: None,
            nojs_clearnet: false,
        }
    }
}

pub struct World {
    pub folder: TempDir,
    pub clock: Arc<AtomicU64>,
    /// How far the cosigner's clock is from the world's, in seconds.
    pub cosigner_skew: Arc<AtomicI64>,
    pub cosigner: CosignerServer,
    pub service: Service,
    pub router: Router,
    pub ways: Ways,
}

impl World {
    /// A service whose log has begun.
    pub async fn new() -> Self {
        Self::with(Ways::default()).await
    }

    pub async fn with(ways: Ways) -> Self {
        Self::with_ledger(ways, open_ledger).await
    }

    pub async fn with_ledger(ways: Ways, ledger: impl FnOnce(&Path) -> Ledger) -> Self {
        let world = Self::before_council_on(ways, ledger).await;
        world.service.publish_council(&world.founding()).await.unwrap();
        assert_eq!(world.next_step().await, StepOutcome::Published);
        world
    }

    /// A service on an empty folder.
    pub async fn before_council(ways: Ways) -> Self {
        Self::before_council_on(ways, open_ledger).await
    }

    async fn before_council_on(ways: Ways, ledger: impl FnOnce(&Path) -> Ledger) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicU64::new(noon()));
        let cosigner_skew = Arc::new(AtomicI64::new(0));
        let (world, skew) = (Arc::clone(&clock), Arc::clone(&cosigner_skew));
        let cosigner_now = move || {
            let now = world.load(Ordering::SeqCst);
            now.saturating_add_signed(skew.load(Ordering::SeqCst))
        };
        let cosigner = CosignerServer::start_at(cosigner_now).await;
        let service = open(folder.path(), &clock, ways, ledger(folder.path()));
        let router = service.router();
        Self {
            folder,
            clock,
            cosigner_skew,
            cosigner,
            service,
            router,
            ways,
        }
    }

    pub fn council(&self) -> Council {
        let log = SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &LOG_SEED)
            .unwrap()
            .verifier();
        let cosigners = [(self.cosigner.key.clone(), Some(self.cosigner.url.clone()))];
        let member = |number: u16| {
            let keys = seat(number as u8);
            CouncilMember {
                x: x(number),
                institution: format!("Institution {number}"),
                controller: format!("Controller {number}"),
                jurisdiction: "MX".to_owned(),
                recipient: keys.identity().recipient(),
                key: keys.public(),
                keys_until: Day::of(self.now() + self.ways.keys_days * 86_400),
            }
        };
        Council {
            v: Version,
            origin: Origin::new(ORIGIN).unwrap(),
            nonce: Nonce([7; 32]),
            time: self.now(),
            epoch: 1,
            previous: None,
            objection_s: 4,
            urgent_s: 2,
            seats: (1..=5).map(member).collect(),
            readers: vec![member(6)],
            account: 3,
            identity: 4,
            policy: Policy::to_text_k_of_n(&log, None, &cosigners, 1),
            operator: OperatorParty {
                institution: "Operator".to_owned(),
                key: MemberKeys::from_seed(&OPERATOR_SEED).public(),
            },
            mirrors: Vec::new(),
            bench: None,
            matcher: None,
            counsel: None,
            nodes: None,
            concentrated: false,
            urgent: false,
        }
    }

    pub fn founding(&self) -> Founding {
        let seats: Vec<MemberKeys> = (1..=5).map(seat).collect();
        let keys: Vec<_> = seats.iter().map(MemberKeys::signing).collect();
        Founding {
            council: Envelope::sign(&self.council(), &keys),
            greeting: [("en".to_owned(), "You are not alone.".to_owned())].into(),
        }
    }

    pub fn root(&self) -> RootOfTrust {
        self.service.root().unwrap()
    }

    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn step(&self) -> u64 {
        self.now() / u64::from(self.ways.pace.step_s)
    }

    /// Moves the clock to the next step and takes it.
    pub async fn next_step(&self) -> StepOutcome {
        let step_s = u64::from(self.ways.pace.step_s);
        self.clock.store((self.step() + 1) * step_s, Ordering::SeqCst);
        self.service.step(self.step()).await.unwrap()
    }

    /// Stops the service cleanly and opens it anew on the same folder.
    pub async fn restart(&mut self) {
        self.restart_on(open_ledger).await;
    }

    pub async fn restart_on(&mut self, ledger: impl FnOnce(&Path) -> Ledger) {
        self.service.ledger().close().await;
        // The folder's lock goes with the last handle.
        let vacant = tempfile::tempdir().unwrap();
        self.service = open(vacant.path(), &self.clock, self.ways, open_ledger(vacant.path()));
        self.router = Router::new();
        self.service = open(self.folder.path(), &self.clock, self.ways, ledger(self.folder.path()));
        self.router = self.service.router();
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The note that everybody trusts now.
    pub async fn checkpoint(&self) -> (Note, Checkpoint) {
        let note = Note::parse(&self.get("/log/checkpoint").await.ok().body).unwrap();
        let trusted = self.root().policy().unwrap().check(&note, ORIGIN).unwrap();
        let checkpoint = trusted.checkpoint().clone();
        (note, checkpoint)
    }

    /// All entries under the present checkpoint, from the tiles and checked against it.
    pub async fn entries(&self) -> Vec<Vec<u8>> {
        let (note, checkpoint) = self.checkpoint().await;
        let trusted = self.root().policy().unwrap().check(&note, ORIGIN).unwrap();
        let mut tiles = std::collections::HashMap::new();
        for name in tlog::tile::tiles_of(checkpoint.size) {
            tiles.insert(name.path(), self.get(&format!("/log/{}", name.path())).await.ok().body);
        }
        let fetch = |name: &tlog::tile::TileName| tiles.get(&name.path()).cloned().ok_or(());
        tlog::verify::check_hash_tiles(checkpoint.size, checkpoint.root, fetch).unwrap();
        tlog::verify::Follower::new().advance(&trusted, fetch).unwrap()
    }

    pub async fn work(&self, posted: &Digest) -> Work {
        self.work_at("/api/v1/work", posted).await
    }

    /// Work for an `upload` or an `office` cell.
    pub async fn work_for(&self, what: &str, posted: &Digest) -> Work {
        self.work_at(&format!("/api/v1/work?for={what}"), posted).await
    }

    async fn work_at(&self, path: &str, posted: &Digest) -> Work {
        let offer: WorkOffer = serde_json::from_slice(&self.get(path).await.ok().body).unwrap();
        let counter = work_search(&offer.nonce, posted, offer.bits, 0, 1 << 24).unwrap();
        Work {
            nonce: offer.nonce,
            counter,
        }
    }

    /// A call signed by member `number` at the world's time plus `skew`.
    pub fn signed(&self, number: u8, method: &str, path: &str, kind: &str, body: Vec<u8>, skew: i64) -> Request<Body> {
        let time = self.now().saturating_add_signed(skew);
        let keys = seat(number);
        let digest = Digest::of(&body);
        let call = SignedCall {
            origin: ORIGIN,
            method,
            path,
            body: &digest,
        };
        let signature = TransportSignature::sign(x(u16::from(number)), keys.signing(), &call, time);
        Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header(SIGNATURE_HEADER, signature.to_header())
            .body(Body::from(body))
            .unwrap()
    }

    /// Goes to the next day, in whose first step records become public and deliveries are made.
    pub async fn publish(&self) {
        self.pass(86_400);
        self.next_step().await;
    }

    /// All public records of the one bucket.
    pub async fn public_records(&self) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        for page in 0.. {
            let answer = self.get(&format!("/api/v1/drop/0/-/{page}")).await;
            if answer.status == 404 {
                break;
            }
            records.extend(answer.ok().body.chunks(3_707).map(<[u8]>::to_vec));
        }
        records
    }

    pub async fn signed_get(&self, number: u8, path: &str, skew: i64) -> Answer {
        self.call(self.signed(number, "GET", path, "text/plain", Vec::new(), skew))
            .await
    }
}

pub fn open_ledger(folder: &Path) -> Ledger {
    sqlite::open(&Options {
        folder: folder.join("store"),
        inline_max: 263_851,
    })
    .unwrap()
}

fn open(folder: &Path, clock: &Arc<AtomicU64>, ways: Ways, ledger: Ledger) -> Service {
    Service::with_ledger(config(folder, clock, ways), ledger).unwrap()
}

pub fn config(folder: &Path, clock: &Arc<AtomicU64>, ways: Ways) -> ServiceConfig {
    ServiceConfig {
        origin: Origin::new(ORIGIN).unwrap(),
        folder: folder.join("store"),
        log_seed: Zeroizing::new(LOG_SEED),
        operator_seed: Zeroizing::new(OPERATOR_SEED),
        work: ways.work,
        pace: ways.pace,
        limits: ways.limits,
        site: service::Site {
            help: (ways.help)(),
            onion: ways.onion.map(ToOwned::to_owned),
            nojs_clearnet: ways.nojs_clearnet,
            ..service::Site::default()
        },
        clock: TimeSource::Set(Arc::clone(clock)),
    }
}
