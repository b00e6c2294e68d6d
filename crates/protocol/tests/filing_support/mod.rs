//! A council, a greeting and a case of fixed keys, for tests, vectors and benches of a whole filing.
#![allow(dead_code, reason = "each test uses its part")]

pub mod forge;
pub mod refusals;

use base64ct::{Base64, Encoding as _};
use protocol::age::{Identity, Recipient};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::seal::{CompartmentKey, SealError, SealRequest, Sealed, seal};
use protocol::share::file::Flags;
use protocol::statement::{
    AccessPolicy, Compartment, Council, CouncilMember, DocketChoice, Greeting, ObjectKind, Opening, OperatorParty,
    SealedBy, WithdrawChoice,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce, Origin};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

pub const ORIGIN: &str = "demo.example/log";
pub const DAY: &str = "2026-11-24";
pub const FLAGS: Flags = Flags {
    danger: false,
    interpreter: true,
};

pub fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).unwrap()
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Everything public of one epoch, and the secrets of its members: seats from 1, then one reader.
pub struct World {
    pub origin: Origin,
    pub seats: Vec<MemberKeys>,
    pub reader: MemberKeys,
    pub operator: MemberKeys,
    pub council: Council,
    pub council_envelope: Envelope,
    pub greeting: Envelope,
}

impl World {
    /// `n` seats; seat i has the seed of 32 bytes i, the reader 0x80, the operator 0x90.
    pub fn new(n: u16, account: u8, identity: u8) -> Self {
        let origin = Origin::new(ORIGIN).unwrap();
        let seats: Vec<MemberKeys> = (1..=n)
            .map(|i| MemberKeys::from_seed(&[i.to_be_bytes()[1]; 32]))
            .collect();
        let reader = MemberKeys::from_seed(&[0x80; 32]);
        let operator = MemberKeys::from_seed(&[0x90; 32]);
        let members = (1..=n).zip(&seats).map(|(i, keys)| member(i, "seat", keys)).collect();
        let council = Council {
            v: Version,
            origin: origin.clone(),
            nonce: Nonce([0xc0; 32]),
            time: 1_795_000_000,
            epoch: 1,
            previous: None,
            objection_s: 259_200,
            urgent_s: 7_200,
            seats: members,
            readers: vec![member(n + 1, "reader", &reader)],
            account,
            identity,
            policy: policy_text(&operator),
            operator: OperatorParty {
                institution: "operator".into(),
                key: operator.public(),
            },
            mirrors: vec![],
            bench: None,
            matcher: None,
            counsel: None,
            nodes: None,
            concentrated: false,
            urgent: false,
        };
        council.validate().unwrap();
        let signers: Vec<_> = seats.iter().map(MemberKeys::signing).collect();
        let council_envelope = Envelope::sign(&council, &signers);
        let greeting = Greeting {
            v: Version,
            origin: origin.clone(),
            nonce: Nonce([0x9e; 32]),
            time: 1_795_000_001,
            texts: [("es".to_owned(), "Este buzón es suyo.".to_owned())].into(),
        };
        let greeting = Envelope::sign(&greeting, &[operator.signing()]);
        Self {
            origin,
            seats,
            reader,
            operator,
            council,
            council_envelope,
            greeting,
        }
    }

    /// D(council).
    pub fn digest(&self) -> Digest {
        self.council_envelope.digest()
    }

    pub fn keys(&self, seat: MemberNumber) -> &MemberKeys {
        &self.seats[usize::from(seat.get()) - 1]
    }

    pub fn xs(&self) -> Vec<MemberNumber> {
        self.council.seats.iter().map(|seat| seat.x).collect()
    }

    /// What a testimony is sealed with, with the neutral choices of stage A (§15.9).
    pub fn request<'a>(&'a self, seats: &'a [MemberNumber]) -> SealRequest<'a> {
        SealRequest {
            origin: &self.origin,
            council: &self.council,
            council_digest: self.digest(),
            seats,
            day: Day::parse(DAY).unwrap(),
            policy: neutral_policy(),
            flags: FLAGS,
            sealed_by: SealedBy::Cli,
            parent: None,
            greeting: &self.greeting,
            second_inbox: None,
        }
    }

    /// A council that differs by `edit`, with its envelope signed by all seats.
    pub fn council_with(&self, edit: impl FnOnce(&mut Council)) -> (Council, Envelope) {
        let mut council = self.council.clone();
        edit(&mut council);
        let signers: Vec<_> = self.seats.iter().map(MemberKeys::signing).collect();
        let envelope = Envelope::sign(&council, &signers);
        (council, envelope)
    }
}

fn member(i: u16, role: &str, keys: &MemberKeys) -> CouncilMember {
    CouncilMember {
        x: x(i),
        institution: format!("{role} {i}"),
        controller: format!("controller {i}"),
        jurisdiction: "mx".into(),
        recipient: keys.identity().recipient(),
        key: keys.public(),
        keys_until: Day::parse("2027-06-30").unwrap(),
    }
}

/// A policy in the form of C2SP `tlog-policy`: the operator's log, one cosigner, quorum of one.
fn policy_text(operator: &MemberKeys) -> String {
    let cosigner = MemberKeys::from_seed(&[0xa0; 32]);
    format!(
        "log {}\nwitness cosigner {}\nquorum cosigner\n",
        verifier_key(ORIGIN, 0x01, &operator.public().0),
        verifier_key("cosigner.example", 0x04, &cosigner.public().0)
    )
}

/// C2SP `signed-note`: `name+hash+base64(type ‖ key)`, hash = first 4 bytes of SHA-256(name ‖ LF ‖ type ‖ key).
fn verifier_key(name: &str, kind: u8, key: &[u8; 32]) -> String {
    let id = Digest::of_parts(&[name.as_bytes(), b"\n", &[kind], key]).to_hex();
    let encoded = Base64::encode_string(&[&[kind], &key[..]].concat());
    format!("{name}+{}+{encoded}", &id[..8])
}

pub fn neutral_policy() -> AccessPolicy {
    AccessPolicy {
        open: Opening::OnRequest,
        lapse_days: None,
        t_lapse: None,
        ask_me_after: None,
        allowed: Vec::new(),
        withdraw: WithdrawChoice::After,
        inbox_days: 180,
        docket: DocketChoice::CountsOnly,
    }
}

/// Case 0 of root 32 × 0x11 (§15.3).
pub fn case() -> CaseKeys {
    case_of(0)
}

/// Case `c` of that root.
pub fn case_of(c: u32) -> CaseKeys {
    PhraseRoot::from_bytes([0x11; 32]).case(c)
}

pub const ACCOUNT: &[u8] = br#"{"v":1,"text":"what happened","answers":{},"files":[]}"#;
pub const IDENTITY: &[u8] = br#"{"v":1,"text":"who she is","answers":{},"files":[]}"#;

/// Account and identity, each with its document, dealt to `seats`.
pub fn compartments(
    world: &World,
    case: &CaseKeys,
    seats: &[MemberNumber],
    rng: &mut ChaCha20Rng,
) -> Vec<CompartmentKey> {
    compartments_under(Opening::OnRequest, world, case, seats, rng)
}

/// As [`compartments`], with P in their keys where `open` asks for it.
pub fn compartments_under(
    open: Opening,
    world: &World,
    case: &CaseKeys,
    seats: &[MemberNumber],
    rng: &mut ChaCha20Rng,
) -> Vec<CompartmentKey> {
    let documents = [(Compartment::Account, ACCOUNT), (Compartment::Identity, IDENTITY)];
    let seal_one = |(name, json): (Compartment, &[u8])| {
        let threshold = world.council.threshold(name).unwrap();
        let mut compartment = CompartmentKey::draw(name, threshold, open, case, seats, rng);
        compartment.set_document(json, rng).unwrap();
        compartment
    };
    documents.map(seal_one).into()
}

/// A filing of two documents and one piece of evidence, which is returned too.
pub fn sealed(world: &World, seats: &[MemberNumber], seed: u64) -> Result<(Sealed, Vec<u8>), SealError> {
    let (case, mut rng) = (case(), rng(seed));
    let mut compartments = compartments(world, &case, seats, &mut rng);
    let evidence = compartments[0].seal_evidence(&photograph(), ObjectKind::Evidence, &mut rng);
    let sealed = seal(&world.request(seats), &case, compartments, &mut rng)?;
    Ok((sealed, evidence))
}

/// 70,001 bytes that begin like a JPEG.
pub fn photograph() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..70_001u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    bytes[..4].copy_from_slice(&[0xff, 0xd8, 0xff, 0xe0]);
    bytes
}

/// A recipient nobody keeps the key of.
pub fn stranger() -> Recipient {
    Identity::from_seed([0xee; 32]).recipient()
}
