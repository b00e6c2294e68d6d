//! A council of six seats and two readers, a log in memory, and testimonies really sealed and filed in it.
//!
//! Six seats, so that one can be left out: t_account 3, t_identity 4, dealt to seats 1 to 5. Reader 11 is of no seat's
//! institution; reader 12 has the controller of seat 6, and is barred where seat 6 is left out.

use std::collections::HashMap;

use casework::case::ActRefusal;
use casework::{Case, Clock, Fold, Latest, LogTime, RootOfTrust};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::{BucketDepth, Council, CouncilMember, Greeting, OperatorParty, Pace, Payload};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce, Origin};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use tlog::checkpoint::Checkpoint;
use tlog::hash::Hash;
use tlog::note::{KeyKind, Note, SigningNoteKey};

mod acts;
mod filing;
mod hers;

pub use acts::{Vote, Wish, relied_on};
pub use filing::{Filing, Forge};
pub use hers::by_her;

pub const ORIGIN: &str = "log.example";
/// When the log begins, POSIX seconds.
pub const T0: u64 = 1_800_000_000;
pub const OBJECTION_S: u64 = 259_200;
pub const URGENT_S: u64 = 7_200;
pub const HOUR: u64 = 3_600;
pub const DAY: u64 = 86_400;
/// The reader nobody bars, and the one barred with seat 6.
pub const READER: u16 = 11;
pub const BARRED: u16 = 12;

pub fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).unwrap()
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn keys(number: u16) -> MemberKeys {
    MemberKeys::from_seed(&[u8::try_from(number).unwrap(); 32])
}

pub fn operator() -> MemberKeys {
    keys(90)
}

fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[91; 32]).unwrap()
}

fn cosigner() -> SigningNoteKey {
    SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[92; 32]).unwrap()
}

pub fn policy_text() -> String {
    let witness = (cosigner().verifier(), None);
    tlog::policy::Policy::to_text_k_of_n(&log_key().verifier(), None, &[witness], 1)
}

pub fn member(number: u16) -> CouncilMember {
    let keys = keys(number);
    let controller = if number == BARRED { 6 } else { number };
    CouncilMember {
        x: x(number),
        institution: format!("institution {number}"),
        controller: format!("controller {controller}"),
        jurisdiction: "mx".into(),
        recipient: keys.identity().recipient(),
        key: keys.public(),
        keys_until: Day::of(T0 + 300 * DAY),
    }
}

pub fn council() -> Council {
    Council {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce([1; 32]),
        time: T0 - 100,
        epoch: 1,
        previous: None,
        objection_s: OBJECTION_S,
        urgent_s: URGENT_S,
        seats: (1..=6).map(member).collect(),
        readers: vec![member(READER), member(BARRED)],
        account: 3,
        identity: 4,
        policy: policy_text(),
        operator: OperatorParty {
            institution: "operator".into(),
            key: operator().public(),
        },
        mirrors: vec![],
        bench: None,
        matcher: None,
        counsel: None,
        nodes: None,
        concentrated: false,
        urgent: false,
    }
}

/// Signed by these members.
pub fn sign<P: Payload>(payload: &P, numbers: &[u16]) -> Envelope {
    let keys: Vec<MemberKeys> = numbers.iter().map(|number| keys(*number)).collect();
    Envelope::sign(payload, &keys.iter().map(MemberKeys::signing).collect::<Vec<_>>())
}

/// Council epoch 2: one edit of epoch 1, with everybody's signature who could be asked.
pub fn successor(edit: impl FnOnce(&mut Council)) -> Council {
    let mut next = council();
    next.epoch = 2;
    next.nonce = Nonce([2; 32]);
    next.previous = Some(sign(&council(), &[1, 2, 3, 4, 5, 6]).digest());
    edit(&mut next);
    next
}

pub fn pace(n: u32) -> Pace {
    let origin = Origin::new(ORIGIN).unwrap();
    Pace {
        v: Version,
        origin,
        nonce: Nonce([n as u8; 32]),
        time: T0,
        n,
        step_s: 600,
        delivery_s: 86_400,
    }
}

pub fn drop_to(b: u8) -> BucketDepth {
    BucketDepth {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce([b; 32]),
        time: T0,
        b,
    }
}

pub fn greeting(text: &str) -> Greeting {
    let texts = [("es".to_owned(), text.to_owned())].into();
    Greeting {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce([3; 32]),
        time: T0,
        texts,
    }
}

pub fn by_operator<P: Payload>(payload: &P) -> Envelope {
    Envelope::sign(payload, &[operator().signing()])
}

/// The four statements that every log begins with.
pub fn beginning() -> Vec<Envelope> {
    vec![
        sign(&council(), &[1, 2, 3, 4, 5, 6]),
        by_operator(&pace(4)),
        by_operator(&drop_to(0)),
        by_operator(&greeting("Este buzón es suyo.")),
    ]
}

pub fn root() -> RootOfTrust {
    RootOfTrust {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        log_key: log_key().verifier().to_string(),
        policy: policy_text(),
        council: beginning()[0].digest(),
    }
}

/// A log in memory, with its clock: what is appended is included at `now`.
pub struct Log {
    pub fold: Fold,
    pub now: u64,
    /// By how much the members' clocks differ from the log's: below 0 they are behind, or the log is dated ahead.
    pub skew_s: i64,
    pub envelopes: HashMap<Digest, Envelope>,
    pub statements: Vec<Envelope>,
    pub entries: Vec<(Vec<u8>, u64)>,
    drawn: u64,
}

impl Log {
    /// With the four public entries.
    pub fn new() -> Self {
        let mut log = Self {
            fold: Fold::new(&root()).unwrap(),
            now: T0,
            skew_s: 0,
            envelopes: HashMap::new(),
            statements: vec![],
            entries: vec![],
            drawn: 0,
        };
        for envelope in beginning() {
            log.publish(&envelope);
        }
        log
    }

    /// Appends any entry; its index.
    pub fn append(&mut self, entry: &Entry) -> u64 {
        let bytes = entry.to_bytes();
        let envelopes = &self.envelopes;
        self.fold
            .push(&bytes, self.now, |digest| envelopes.get(digest).cloned())
            .unwrap();
        self.entries.push((bytes, self.now));
        self.fold.size() - 1
    }

    pub fn publish(&mut self, envelope: &Envelope) -> u64 {
        self.envelopes.insert(envelope.digest(), envelope.clone());
        self.append(&Entry::Public(envelope.digest()))
    }

    /// The act goes into the lowest free slot, so that tests can name it.
    pub fn act(&mut self, filing: &Filing, envelope: &Envelope) -> Digest {
        let k = self.next_slot(filing);
        self.act_in(filing, k, envelope)
    }

    pub fn next_slot(&self, filing: &Filing) -> u32 {
        let is_free = |k: &u32| !self.fold.slots().is_taken(&filing.salt(), *k);
        (1..).find(is_free).unwrap()
    }

    pub fn act_in(&mut self, filing: &Filing, k: u32, envelope: &Envelope) -> Digest {
        self.statements.push(envelope.clone());
        self.append(&filing.salt().entry(k, envelope.digest(), None));
        envelope.digest()
    }

    pub fn padding(&mut self) {
        self.drawn += 1;
        let entry = Entry::padding(&mut rng(1_000_000 + self.drawn));
        self.append(&entry);
    }

    /// The log's clock goes on, and something is appended there, so that the time shows.
    pub fn wait_until(&mut self, time: u64) {
        self.now = time;
        self.padding();
    }

    /// The newest checkpoint, cosigned at `now`.
    pub fn note(&self) -> Note {
        checkpoint_note(self.fold.size(), self.now)
    }

    /// What the members' clocks show.
    pub fn device(&self) -> u64 {
        self.now.saturating_add_signed(self.skew_s)
    }

    /// As a member sees it whose clock shows [`Self::device`], the operator's clock agreeing with the log.
    pub fn moment(&self) -> LogTime {
        let note = self.note();
        let clock = Clock {
            operator: self.now,
            ..Clock::of_device(self.device())
        };
        Latest {
            checkpoint: &note,
            clock,
        }
        .check(self.fold.registry())
        .unwrap()
    }

    /// The case, as whoever has the header and all statements reads it.
    pub fn case(&self, filing: &Filing) -> Case {
        let mut case = self.bare_case(filing);
        case.follow(&self.fold, &self.statements);
        case
    }

    /// Before any act.
    pub fn bare_case(&self, filing: &Filing) -> Case {
        Case::new(filing.salt(), filing.header(), filing.header_file(), &self.fold).unwrap()
    }

    /// Why the newest act of a filing does not count.
    pub fn refusal(&self, filing: &Filing) -> Option<ActRefusal> {
        let case = self.case(filing);
        let act = case.acts().last().unwrap();
        match &act.standing {
            casework::case::Standing::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        }
    }
}

pub fn checkpoint_note(size: u64, time: u64) -> Note {
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: Hash([7; 32]),
        extensions: vec![],
    };
    let text = checkpoint.to_text();
    let cosignature = tlog::cosign::cosign(&cosigner(), &text, time);
    Note::new(text.clone())
        .unwrap()
        .with(log_key().sign(&text))
        .with(cosignature)
}

pub fn salt_of(salt: &CaseSalt) -> CaseSalt {
    CaseSalt::new(*salt.expose())
}
