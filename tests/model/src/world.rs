//! A council, a log that begins, and a testimony sealed and filed in it; and what is signed by whom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use casework::{Case, Clock, Fold, Latest, LogTime, RootOfTrust};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::open::{Header, open_header_file, verify_header};
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::seal::{CompartmentKey, SealRequest, seal};
use protocol::share::file::Flags;
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::{
    AccessPolicy, BucketDepth, Compartment, ConsentChoice, Council, CouncilMember, Greeting, Holds, OperatorParty,
    Pace, Payload, SealedBy,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce, Origin};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use tlog::checkpoint::Checkpoint;
use tlog::hash::Hash;
use tlog::note::{KeyKind, Note, SigningNoteKey};

use crate::act::{Act, Lists, Parts};

const ORIGIN: &str = "log.example";
/// When the log begins, POSIX seconds.
const T0: u64 = 1_800_000_000;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const OBJECTION_S: u64 = 72 * HOUR;
const READER: u16 = 11;
const OPERATOR: u16 = 90;

/// Instants at which something happens, in seconds from an hour after the filing: each is the last or the first second of a
/// time of §8.3 for a request made at the first, or of a lapse (§8.4): since the filing, or since what she says at the third.
pub const INSTANTS: [u64; 15] = [
    0,
    OBJECTION_S,
    14 * DAY,
    14 * DAY + OBJECTION_S,
    28 * DAY,
    28 * DAY + OBJECTION_S,
    ENDS - 52 * HOUR,
    ENDS - 28 * HOUR,
    ENDS - 4 * HOUR,
    ENDS + 1,
    SILENT - HOUR,
    14 * DAY + SILENT,
    SILENT - HOUR + INQUIRY,
    SILENT - HOUR + INQUIRY + OBJECTION_S,
    14 * DAY + SILENT + INQUIRY,
];
/// `lapse_days`.
const LAPSE_DAYS: u32 = 180;
/// Silence before an inquiry.
pub const SILENT: u64 = LAPSE_DAYS as u64 * DAY;
/// From the inquiry to the first decision on a lapse.
pub const INQUIRY: u64 = 30 * DAY;
/// When whoever asks without her asks: the first moment at which a lapse may stand.
const LAPSED_AT: u8 = 12;
/// `ends_at` from the request's time.
const ENDS: u64 = 41 * DAY;

/// The time of an instant, POSIX seconds.
pub fn time(instant: u8) -> u64 {
    T0 + HOUR + INSTANTS[usize::from(instant)]
}

/// When the testimony was filed, POSIX seconds.
pub const FILED: u64 = T0;

/// Who is asked before seats open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nobody.
    Nobody,
    /// She, and nobody opens without her.
    Her,
    /// She, or after a lapse t_lapse seats: the request is one that asks without her.
    Lapse,
}

/// The council and the case that everything is about.
pub struct World {
    /// Seats dealt to: 1 to `seats`.
    pub seats: u16,
    /// Seats that open the account.
    pub account: u8,
    /// Seats that open the identity, where it is asked for beside the account.
    pub identity: Option<u8>,
    /// Seats that a lapse needs.
    pub lapse: u8,
    /// Who is asked first.
    pub asks: Asks,
    fold: Fold,
    keys: CaseKeys,
    header: Header,
    header_file: Digest,
    filing: Digest,
    /// Every seat has acknowledged its share.
    pub acks: Vec<Envelope>,
    /// The request that reader 11 makes.
    pub request: Digest,
    /// Envelopes by what they say. Guards itself.
    signed: Mutex<HashMap<(Act, u8, u8, Lists), Envelope>>,
    /// Moments by size, instant of the log and instant of the device. Guards itself.
    moments: Mutex<HashMap<(u64, u8, u8), Arc<LogTime>>>,
}

fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).expect("a number of a member")
}

fn keys(number: u16) -> MemberKeys {
    MemberKeys::from_seed(&[u8::try_from(number).expect("small"); 32])
}

fn origin() -> Origin {
    Origin::new(ORIGIN).expect("an origin")
}

fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[91; 32]).expect("a key")
}

fn cosigner() -> SigningNoteKey {
    SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[92; 32]).expect("a key")
}

fn sign<P: Payload>(payload: &P, by: &[u16]) -> Envelope {
    let keys: Vec<MemberKeys> = by.iter().map(|number| keys(*number)).collect();
    Envelope::sign(payload, &keys.iter().map(MemberKeys::signing).collect::<Vec<_>>())
}

fn policy() -> String {
    tlog::policy::Policy::to_text_k_of_n(&log_key().verifier(), None, &[(cosigner().verifier(), None)], 1)
}

fn member(number: u16) -> CouncilMember {
    let keys = keys(number);
    CouncilMember {
        x: x(number),
        institution: format!("institution {number}"),
        controller: format!("controller {number}"),
        jurisdiction: "mx".into(),
        recipient: keys.identity().recipient(),
        key: keys.public(),
        keys_until: Day::of(T0 + 300 * DAY),
    }
}

fn council(seats: u16, account: u8, identity: u8) -> Council {
    Council {
        v: Version,
        origin: origin(),
        nonce: Nonce([1; 32]),
        time: T0 - 100,
        epoch: 1,
        previous: None,
        objection_s: OBJECTION_S,
        urgent_s: 2 * HOUR,
        seats: (1..=seats).map(member).collect(),
        readers: vec![member(READER)],
        account,
        identity,
        policy: policy(),
        operator: OperatorParty {
            institution: "operator".into(),
            key: keys(OPERATOR).public(),
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

/// The four statements that every log begins with.
fn beginning(council: &Council) -> [Envelope; 4] {
    let all: Vec<u16> = council.seats.iter().map(|seat| seat.x.get()).collect();
    let pace = Pace {
        v: Version,
        origin: origin(),
        nonce: Nonce([4; 32]),
        time: T0,
        n: 4,
        step_s: 600,
        delivery_s: 86_400,
    };
    let drop = BucketDepth {
        v: Version,
        origin: origin(),
        nonce: Nonce([5; 32]),
        time: T0,
        b: 0,
    };
    let greeting = Greeting {
        v: Version,
        origin: origin(),
        nonce: Nonce([3; 32]),
        time: T0,
        texts: [("es".to_owned(), "Este buzón es suyo.".to_owned())].into(),
    };
    [
        sign(council, &all),
        sign(&pace, &[OPERATOR]),
        sign(&drop, &[OPERATOR]),
        sign(&greeting, &[OPERATOR]),
    ]
}

impl World {
    /// A council of `seats`, of which `account` open the account, and `identity`, where it is asked for too, the identity; one
    /// testimony dealt to all of them, in the log, that opens only with her consent, after a lapse, or without.
    pub fn new(seats: u16, (account, identity): (u8, Option<u8>), asks: Asks) -> Self {
        let council = council(seats, account, identity.unwrap_or(account));
        let beginning = beginning(&council);
        let root = RootOfTrust {
            v: Version,
            origin: origin(),
            log_key: log_key().verifier().to_string(),
            policy: policy(),
            council: beginning[0].digest(),
        };
        let mut fold = Fold::new(&root).expect("a root");
        for envelope in &beginning {
            let entry = Entry::Public(envelope.digest()).to_bytes();
            fold.push(&entry, T0, |_| Some(envelope.clone())).expect("a beginning");
        }
        let keys = PhraseRoot::from_bytes([0x11; 32]).case(0);
        let rng = &mut ChaCha20Rng::seed_from_u64(7);
        let dealt: Vec<MemberNumber> = (1..=seats).map(x).collect();
        let choice = match asks {
            Asks::Nobody => ConsentChoice::NotAsked,
            Asks::Her => ConsentChoice::Strict,
            Asks::Lapse => ConsentChoice::Lapse { days: LAPSE_DAYS },
        };
        let policy = AccessPolicy::new(choice, &council, dealt.len());
        let lapse = policy.t_lapse.unwrap_or(0);
        let thresholds = [(Compartment::Account, Some(account)), (Compartment::Identity, identity)];
        let thresholds = thresholds.into_iter().filter_map(|(name, t)| Some((name, t?)));
        let compartments = thresholds.map(|(name, t)| {
            let mut compartment = CompartmentKey::draw(name, t, policy.open, &keys, &dealt, rng);
            let document = br#"{"v":1,"text":"","answers":{},"files":[]}"#;
            compartment.set_document(document, rng).expect("a document");
            compartment
        });
        let compartments = compartments.collect();
        let request = SealRequest {
            origin: &origin(),
            council: &council,
            council_digest: beginning[0].digest(),
            seats: &dealt,
            day: Day::of(T0),
            policy,
            flags: Flags::default(),
            sealed_by: SealedBy::Cli,
            parent: None,
            greeting: &beginning[3],
            second_inbox: None,
        };
        let sealed = seal(&request, &keys, compartments, rng).expect("sealed");
        fold.push(&sealed.entry.to_bytes(), T0, |_| None).expect("filed");
        let header = open_header_file(&keys.case_salt.k(), &sealed.header)
            .and_then(|(core, testimony)| verify_header(core, testimony))
            .expect("a header");
        let mut world = Self {
            seats,
            account,
            identity,
            lapse,
            asks,
            fold,
            keys,
            header,
            header_file: Digest::of(&sealed.header),
            filing: Digest::of(&sealed.entry.to_bytes()),
            acks: Vec::new(),
            request: Digest([0; 32]),
            signed: Mutex::default(),
            moments: Mutex::default(),
        };
        world.acknowledge();
        let asked_at = world.asked_at();
        world.request = world.statement(Act::Request, asked_at, 0, &Lists::default()).digest();
        world
    }

    /// Each seat acknowledges its share at once, in slot 1 and on.
    fn acknowledge(&mut self) {
        let case = self.case(&self.fold);
        for seat in 1..=self.seats {
            let head = casework::CommonFields {
                origin: origin(),
                nonce: Nonce(Digest::of(format!("ack {seat}").as_bytes()).0),
                time: T0,
            };
            let ack = sign(&head.ack(&case, x(seat), Holds::Share, false), &[seat]);
            let entry = self.keys.case_salt.entry(u32::from(seat), ack.digest(), None);
            self.fold.push(&entry.to_bytes(), T0, |_| None).expect("an entry");
            self.acks.push(ack);
        }
    }

    /// The instant at which the reader asks.
    pub fn asked_at(&self) -> u8 {
        match self.asks {
            Asks::Nobody | Asks::Her => 0,
            Asks::Lapse => LAPSED_AT,
        }
    }

    /// What the reader asks for.
    pub fn compartments(&self) -> Vec<Compartment> {
        let identity = self.identity.map(|_| Compartment::Identity);
        let consent = (self.asks == Asks::Lapse).then_some(Compartment::Consent);
        [Some(Compartment::Account), identity, consent]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What seats may grant or hand over of it.
    pub fn parts(&self) -> &'static [Parts] {
        const APART: [Parts; 3] = [Parts::All, Parts::Account, Parts::Identity];
        if self.identity.is_some() { &APART } else { &APART[..1] }
    }

    /// Which parts these compartments are.
    pub fn parts_of(&self, compartments: &[Compartment]) -> Parts {
        let has = |name| compartments.contains(&name);
        match (has(Compartment::Account), has(Compartment::Identity)) {
            (true, false) if self.identity.is_some() => Parts::Account,
            (false, true) => Parts::Identity,
            _ => Parts::All,
        }
    }

    /// How many seats open a compartment.
    pub fn threshold(&self, name: Compartment) -> u8 {
        match name {
            Compartment::Identity => self.identity.unwrap_or(self.account),
            Compartment::Consent => self.lapse,
            _ => self.account,
        }
    }

    /// Entries before the first act.
    pub fn filed(&self) -> u64 {
        self.fold.size()
    }

    fn salt(&self) -> CaseSalt {
        CaseSalt::new(*self.keys.case_salt.expose())
    }

    /// What the author of an act signs. `copy` tells statements apart that say the same at the same instant.
    pub fn statement(&self, act: Act, made: u8, copy: u8, lists: &Lists) -> Envelope {
        let key = (act, made, copy, lists.clone());
        let mut signed = self.signed.lock().expect("no panic while held");
        if let Some(envelope) = signed.get(&key) {
            return envelope.clone();
        }
        let nonce = Nonce(Digest::of(format!("{act:?} {made} {copy}").as_bytes()).0);
        let case = self.case(&self.fold);
        let envelope = act.sign(
            casework::CommonFields {
                origin: origin(),
                nonce,
                time: time(made),
            },
            &case,
            &self.keys,
            self,
            lists,
        );
        signed.insert(key, envelope.clone());
        envelope
    }

    /// Signed by the member of that number.
    pub fn sign<P: Payload>(payload: &P, by: u16) -> Envelope {
        sign(payload, &[by])
    }

    /// SHA-256 of the slot-0 K-file.
    pub fn header_file(&self) -> Digest {
        self.header_file
    }

    /// SHA-256 of the filing's entry: what a `reject` names.
    pub fn filing(&self) -> Digest {
        self.filing
    }

    /// The number of the one reader.
    pub fn reader() -> MemberNumber {
        x(READER)
    }

    /// The log before the first act.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// A log with one act more: slot, D(statement), instant of inclusion.
    pub fn longer(&self, log: &Fold, k: u32, digest: Digest, at: u8) -> Fold {
        let mut fold = log.clone();
        let entry = self.keys.case_salt.entry(k, digest, None).to_bytes();
        fold.push(&entry, time(at), |_| None).expect("an entry");
        fold
    }

    /// The case before any act.
    pub fn case(&self, fold: &Fold) -> Case {
        Case::new(self.salt(), &self.header, self.header_file, fold).expect("a case")
    }

    /// A seat of that number, with the key that it holds.
    pub fn seat(number: u16) -> casework::release::ReleasingSeat {
        casework::release::ReleasingSeat {
            x: x(number),
            key: keys(number).public(),
        }
    }

    /// The newest checkpoint at an instant of the log, as a device sees it whose clock shows another; the operator's agrees
    /// with the log.
    pub fn moment(&self, size: u64, instant: u8, device: u8) -> Arc<LogTime> {
        let mut moments = self.moments.lock().expect("no panic while held");
        let moment = moments.entry((size, instant, device)).or_insert_with(|| {
            let checkpoint = Checkpoint {
                origin: ORIGIN.into(),
                size,
                root: Hash([7; 32]),
                extensions: vec![],
            };
            let text = checkpoint.to_text();
            let cosignature = tlog::cosign::cosign(&cosigner(), &text, time(instant));
            let note = Note::new(text.clone()).expect("a note");
            let note = note.with(log_key().sign(&text)).with(cosignature);
            let clock = Clock {
                operator: time(instant),
                ..Clock::of_device(time(device))
            };
            let latest = Latest {
                checkpoint: &note,
                clock,
            };
            Arc::new(latest.check(self.fold.registry()).expect("a moment"))
        });
        Arc::clone(moment)
    }
}
