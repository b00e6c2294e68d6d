//! A valid example of every statement of stages A and C, with fixed keys and nonces. Seeds are bytes repeated, so that a
//! reader of the vectors can make them.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses its part")]

pub mod broken;
pub mod declarant;
pub mod duty;
pub mod forms;
pub mod twin;

pub use declarant::*;
pub use duty::*;

use base64ct::{Base64, Encoding as _};
use curve25519_dalek::{RistrettoPoint, Scalar};
use ed25519_dalek::{Signer, SigningKey};
use protocol::age::Identity;
use protocol::envelope::{Envelope, EnvelopeError};
use protocol::ids::{CaseId, Day, MemberNumber, Nonce, Origin, PublicKey, Version};
use protocol::keys::MemberKeys;
use protocol::share::deal::Commitment;
use protocol::statement::*;
use protocol::{Digest, age};
use std::collections::BTreeMap;

/// 2026-11-24, midnight UTC.
pub const TIME: u64 = 1_795_478_400;

pub fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).unwrap()
}

/// Keys of member `n` (seat, reader or other party): seed n repeated; the operator has seed 0xee repeated.
pub fn member(n: u8) -> MemberKeys {
    MemberKeys::from_seed(&[n; 32])
}

pub fn operator() -> MemberKeys {
    member(0xee)
}

/// Her inbox's signing key.
pub fn hers() -> SigningKey {
    SigningKey::from_bytes(&[0x1b; 32])
}

pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

pub fn recipient(n: u8) -> age::Recipient {
    Identity::from_seed([n; 32]).recipient()
}

pub fn origin() -> Origin {
    Origin::new("demo.example/log").unwrap()
}

pub fn case() -> CaseId {
    CaseId([0x44; 16])
}

pub fn day() -> Day {
    Day::of(TIME)
}

pub fn nonce(n: u8) -> Nonce {
    Nonce([n; 32])
}

/// A digest that stands for a file or statement not shown here.
pub fn d(n: u8) -> Digest {
    Digest([n; 32])
}

fn seat(n: u8, kind: &str) -> CouncilMember {
    let keys = member(n);
    CouncilMember {
        x: x(n.into()),
        institution: format!("{kind} {n}"),
        controller: format!("Controller {n}"),
        jurisdiction: "MX".to_owned(),
        recipient: keys.identity().recipient(),
        key: keys.public(),
        keys_until: Day::parse("2027-11-24").unwrap(),
    }
}

pub fn party(n: u8) -> Party {
    let keys = member(n);
    Party {
        x: x(n.into()),
        institution: format!("Party {n}"),
        recipient: keys.identity().recipient(),
        key: keys.public(),
    }
}

/// A verifier key of a signed note: name, key id and `kind ‖ key`.
fn vkey(name: &str, kind: u8, key: PublicKey) -> String {
    let id = Digest::of_parts(&[name.as_bytes(), b"\n", &[kind], key.as_bytes()]).to_hex();
    let key = Base64::encode_string(&[&[kind][..], key.as_bytes()].concat());
    format!("{name}+{}+{key}", &id[..8])
}

/// A `tlog-policy` with one log (seed 0xe0) and one cosigner (seed 0xe1), which the quorum asks for.
pub fn policy() -> String {
    let log = vkey("demo.example/log", 1, member(0xe0).public());
    let cosigner = vkey("cosigner.example", 4, member(0xe1).public());
    format!("log {log}\nwitness cosigner {cosigner}\nquorum cosigner\n")
}

/// Five seats, thresholds 3 and 4, two readers (11, 12), one mirror (21).
pub fn council() -> Council {
    Council {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc0),
        time: TIME,
        epoch: 1,
        previous: None,
        objection_s: 120,
        urgent_s: 30,
        seats: (1..=5).map(|n| seat(n, "Seat")).collect(),
        readers: (11..=12).map(|n| seat(n, "Reader")).collect(),
        account: 3,
        identity: 4,
        policy: policy(),
        operator: OperatorParty {
            institution: "Operator".to_owned(),
            key: operator().public(),
        },
        mirrors: vec![Mirror {
            x: x(21),
            institution: "Mirror 21".to_owned(),
            key: member(21).public(),
        }],
        bench: None,
        matcher: None,
        counsel: None,
        nodes: None,
        concentrated: false,
        urgent: false,
    }
}

pub fn pace() -> Pace {
    Pace {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc1),
        time: TIME,
        n: 4,
        step_s: 600,
        delivery_s: 86_400,
    }
}

pub fn depth() -> BucketDepth {
    BucketDepth {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc2),
        time: TIME,
        b: 0,
    }
}

pub fn greeting() -> Greeting {
    let texts = [
        ("es", "Recibimos tu testimonio."),
        ("en", "We have your testimony."),
        ("es-mx", "Aquí estamos."),
    ];
    let texts: BTreeMap<String, String> = texts.map(|(tag, text)| (tag.to_owned(), text.to_owned())).into();
    Greeting {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc3),
        time: TIME,
        texts,
    }
}

/// A list of two files: the landing in Spanish and the style sheet.
pub fn site_list() -> SiteList {
    let file = |path: &str, n, size| SiteFile {
        path: path.to_owned(),
        digest: d(n),
        size,
    };
    SiteList::new(vec![file("/es/", 0xf3, 4_096), file("/a/00/style.css", 0xf4, 20_480)]).unwrap()
}

pub fn site() -> Site {
    let list = site_list().to_bytes();
    Site {
        v: Version,
        origin: origin(),
        nonce: nonce(0xe4),
        time: TIME,
        files: SiteListRef {
            digest: Digest::of(&list),
            size: list.len() as u64,
        },
        built: Some(TIME - 86_400),
        onion: Some(format!("http://{}.onion", "a2".repeat(28))),
        nojs_clearnet: false,
    }
}

pub fn object(n: u8, size: u64, kind: ObjectKind) -> ObjectRef {
    ObjectRef {
        digest: d(n),
        size,
        kind,
    }
}

/// n·B: a point, though of no dealing.
pub fn commitment(n: u8) -> Commitment {
    Commitment(RistrettoPoint::mul_base(&Scalar::from(n)).compress().to_bytes())
}

fn compartment(name: Compartment, threshold: u8, objects: Vec<ObjectRef>) -> CompartmentHeader {
    let number = u8::from(name);
    CompartmentHeader {
        name,
        threshold,
        recipient: recipient(0xa0 + number),
        commitments: (0..threshold).map(|j| commitment(0x10 * number + j)).collect(),
        objects,
    }
}

/// A filing that this one adds to; its proof is no signature.
pub fn parent(case: CaseId) -> Parent {
    Parent {
        case,
        proof: Proof([0x5e; 64]),
    }
}

/// Account with evidence and copy, and identity; on request, as stage A writes it.
pub fn core() -> Core {
    Core {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc4),
        day: day(),
        case: case(),
        council: d(0xd0),
        sealed_by: SealedBy::Browser,
        parent: None,
        inbox: Inbox {
            recipient: recipient(0xab),
            key: public(&hers()),
        },
        handle: None,
        compartments: vec![
            compartment(
                Compartment::Account,
                3,
                vec![
                    object(0xe1, 18_043, ObjectKind::Document),
                    object(0xe2, 67_195, ObjectKind::Evidence),
                    object(0xe3, 67_195, ObjectKind::Copy),
                    object(0xe4, 102_027, ObjectKind::Evidence),
                ],
            ),
            compartment(
                Compartment::Identity,
                4,
                vec![object(0xe5, 18_043, ObjectKind::Document)],
            ),
        ],
        policy: AccessPolicy {
            open: Opening::OnRequest,
            lapse_days: None,
            t_lapse: None,
            ask_me_after: None,
            allowed: vec![Use::Support, Use::Authority],
            withdraw: WithdrawChoice::After,
            inbox_days: 180,
            docket: DocketChoice::CountsOnly,
        },
    }
}

/// Consent with lapse.
pub fn core_with_lapse() -> Core {
    let mut core = core();
    core.compartments.push(compartment(
        Compartment::Consent,
        4,
        vec![object(0xe6, 1_787, ObjectKind::Document)],
    ));
    core.policy.open = Opening::WithMyConsent;
    core.policy.lapse_days = Some(365);
    core.policy.t_lapse = Some(4);
    core
}

pub fn testimony() -> Testimony {
    let shares = (1..=5)
        .map(|n| ShareRef {
            x: x(n.into()),
            digest: d(0xb0 + n),
            size: 1_979,
        })
        .collect();
    Testimony {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc5),
        day: day(),
        case: case(),
        core: d(0xd1),
        shares,
        match_request: None,
    }
}

pub fn ack() -> Ack {
    Ack {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc6),
        time: TIME,
        case: case(),
        testimony: d(0xd2),
        match_request: None,
        seats: (1..=5).map(x).collect(),
        policy: core().policy,
        parent: None,
        x: x(2),
        holds: Holds::Document,
        danger: false,
    }
}

pub fn reject() -> Reject {
    let (check, got) = (Check::Commitment, Some(d(0xb2)));
    Reject {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc7),
        time: TIME,
        entry: d(0xd3),
        x: x(2),
        check,
        got,
    }
}

pub fn request() -> Request {
    Request {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc8),
        time: TIME,
        case: case(),
        compartments: vec![Compartment::Account, Compartment::Identity],
        reader: x(11),
        purpose: "protection of the declarant".to_owned(),
        for_use: Some(Use::Support),
        basis: "art. 63, general law".to_owned(),
        recipient: recipient(0xac),
        urgent: false,
        decide_by: TIME + 1_209_600,
        twin: None,
    }
}

pub fn referral() -> Referral {
    Referral {
        v: Version,
        origin: origin(),
        nonce: nonce(0xc9),
        time: TIME,
        case: case(),
        x: x(2),
        reader: x(11),
        seats: (1..=5).map(x).collect(),
    }
}

pub fn decision() -> Decision {
    Decision {
        v: Version,
        origin: origin(),
        nonce: nonce(0xca),
        time: TIME,
        case: case(),
        request: d(0xd4),
        x: x(2),
        grants: vec![Compartment::Account],
        refuses: vec![Compartment::Identity],
        reason: Some(Reason::NoBasis),
        twin: None,
    }
}

pub fn objection() -> Objection {
    Objection {
        v: Version,
        origin: origin(),
        nonce: nonce(0xcb),
        time: TIME,
        case: case(),
        request: d(0xd4),
        by: x(3),
        n: None,
        twin: None,
    }
}

pub fn release() -> Release {
    let file = |name, n| ReleasedFile {
        name,
        digest: d(n),
        size: 1_851,
    };
    Release {
        v: Version,
        origin: origin(),
        nonce: nonce(0xcd),
        time: TIME,
        case: case(),
        request: d(0xd4),
        x: x(2),
        header: d(0xd5),
        grants: vec![1_204, 1_207, 1_210, 1_219],
        objections: vec![1_212],
        consent: vec![1_215],
        files: vec![file(Compartment::Account, 0xf1), file(Compartment::Identity, 0xf2)],
    }
}

pub fn opened() -> Opened {
    Opened {
        v: Version,
        origin: origin(),
        nonce: nonce(0xce),
        time: TIME,
        case: case(),
        request: d(0xd4),
        outcome: OpeningOutcome::Opened,
        twin: None,
    }
}

pub fn finding() -> Finding {
    Finding {
        v: Version,
        origin: origin(),
        nonce: nonce(0xcf),
        time: TIME,
        case: case(),
        request: d(0xd4),
        outcome: OpeningOutcome::Investigated,
        twin: None,
    }
}

pub fn aid() -> Aid {
    Aid {
        v: Version,
        origin: origin(),
        nonce: nonce(0xd0),
        time: TIME,
        case: case(),
        request: d(0xd4),
        measure: "shelter".to_owned(),
        provider: "Refugio A".to_owned(),
        status: AidStatus::Offered,
        due: Day::parse("2026-12-24"),
    }
}

/// An envelope of any payload, as a stranger's program could write it.
pub fn signed(name: &str, payload: &str, key: &SigningKey) -> Envelope {
    let kind = payload_type(name);
    let sig = Base64::encode_string(&key.sign(&protocol::envelope::pae(&kind, payload.as_bytes())).to_bytes());
    let payload = Base64::encode_string(payload.as_bytes());
    let text = format!(r#"{{"payload":"{payload}","payloadType":"{kind}","signatures":[{{"sig":"{sig}"}}]}}"#);
    Envelope::parse(text.as_bytes()).unwrap()
}

/// One change to a statement.
pub type Change<P> = fn(&mut P);

/// Every change makes the statement refused, by the rule named, by the careful writer and by the reader.
pub fn refuses<P: Payload + Clone + PartialEq + std::fmt::Debug>(valid: &P, changes: &[(&str, Change<P>)]) {
    accepts(valid);
    for (rule, change) in changes {
        let mut changed = valid.clone();
        change(&mut changed);
        assert_ne!(&changed, valid, "{}: «{rule}» changes nothing", P::NAME);
        match changed.check() {
            Err(said) => assert!(said.contains(rule), "{}: expected «{rule}», got «{said}»", P::NAME),
            Ok(()) => panic!("{}: «{rule}» is accepted", P::NAME),
        }
        let envelope = Envelope::sign(&changed, &[&hers()]);
        let read = Envelope::parse(envelope.bytes())
            .unwrap()
            .verify::<P>(&[public(&hers())]);
        assert!(matches!(read, Err(EnvelopeError::Rule(_))), "{}: {rule}", P::NAME);
        assert!(matches!(
            Envelope::try_sign(&changed, &[&hers()]),
            Err(EnvelopeError::Rule(_))
        ));
    }
}

pub fn accepts<P: Payload + PartialEq + std::fmt::Debug>(valid: &P) {
    let envelope = Envelope::try_sign(valid, &[&hers()]).unwrap();
    let read = Envelope::parse(envelope.bytes())
        .unwrap()
        .verify::<P>(&[public(&hers())])
        .unwrap();
    assert_eq!(&*read, valid);
}
