//! Filings that were made wrong in exactly one place, so that exactly one check of §7 fails.

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use protocol::age::{self, Identity, Recipient};
use protocol::envelope::pae;
use protocol::ids::{PublicKey, Version};
use protocol::phrase::CaseKeys;
use protocol::seal::HEADER_FILE_LEN;
use protocol::share::check::{AcceptedShare, Delivery, Rejected, check};
use protocol::share::file::ShareFile;
use protocol::share::{Dealing, deal};
use protocol::slot::CaseSalt;
use protocol::statement::{
    Check, Compartment, CompartmentHeader, Core, Council, Inbox, ObjectKind, ObjectRef, Payload as _, SealedBy,
    ShareRef, Testimony,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Nonce};
use rand_chacha::ChaCha20Rng;

use super::{DAY, FLAGS, World, case, neutral_policy, rng, x};

/// The seat that is delivered to. Not seat 1, at which exchanged commitments would pass (§19).
pub const TARGET: u16 = 2;

/// What is changed on the way, each at its place; what follows is made from the changed value.
pub struct Edits {
    /// Before core is signed.
    pub core: fn(&mut Core),
    /// The payload of core, before it is signed.
    pub core_payload: fn(&mut Vec<u8>),
    /// Who signs core.
    pub core_key: fn(&CaseKeys) -> SigningKey,
    /// The target's share file as a value.
    pub share: fn(&mut ShareFile),
    /// Its plaintext.
    pub share_plain: fn(&mut Vec<u8>),
    /// To whom it is sealed.
    pub share_to: fn(&World) -> Vec<Recipient>,
    /// Before testimony is signed.
    pub testimony: fn(&mut Testimony),
    /// Who signs testimony.
    pub testimony_key: fn(&CaseKeys) -> SigningKey,
    /// Plaintext of the slot-0 K-file.
    pub header_plain: fn(&mut Vec<u8>),
    /// The key it is sealed to, and the salt of the entry.
    pub salt: fn(&CaseKeys) -> CaseSalt,
    /// What the seat takes for the council.
    pub council: fn(&mut Council),
    /// On the way to the seat.
    pub delivered: fn(&mut Case, &World),
}

impl Default for Edits {
    fn default() -> Self {
        Self {
            core: |_| {},
            core_payload: |_| {},
            core_key: |case| case.signing.clone(),
            share: |_| {},
            share_plain: |_| {},
            share_to: |world| vec![world.keys(x(TARGET)).identity().recipient()],
            testimony: |_| {},
            testimony_key: |case| case.signing.clone(),
            header_plain: |_| {},
            salt: |case| CaseSalt::new(*case.case_salt.expose()),
            council: |_| {},
            delivered: |_, _| {},
        }
    }
}

/// One delivery to the target seat, and what it must be answered with.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    /// The seat's own number and seed.
    pub x: MemberNumber,
    pub seed: [u8; 32],
    /// As delivered.
    pub id: Digest,
    pub share: Option<Vec<u8>>,
    pub header: Option<Vec<u8>>,
    /// The only council that the seat knows.
    pub council: Envelope,
    /// Opaque entries of cosigned checkpoints.
    pub log: Vec<Vec<u8>>,
    /// `None` for the delivery that is right.
    pub refused: Option<Check>,
}

impl Case {
    /// The `got` that §19 asks for.
    pub fn expected(&self) -> Option<Rejected> {
        let check = self.refused?;
        let got = match check {
            Check::Salt => self.header.as_ref(),
            _ => self.share.as_ref(),
        };
        Some(Rejected {
            check,
            got: got.map(|file| Digest::of(file)),
        })
    }

    /// Runs the checks as the seat's software does.
    pub fn run(&self) -> Result<AcceptedShare, Rejected> {
        let keys = protocol::keys::MemberKeys::from_seed(&self.seed);
        let delivery = Delivery {
            id: self.id,
            share: self.share.as_deref(),
            header: self.header.as_deref(),
        };
        let council: Council = serde_json::from_slice(self.council.payload()).unwrap();
        let known = self.council.digest();
        let council_of = |digest: &Digest| (*digest == known).then(|| council.clone());
        check(self.x, &keys, &delivery, &council_of, &|entry| {
            self.log.iter().any(|known| known == entry)
        })
    }
}

/// Makes a filing with the given changes and delivers it to the target seat.
pub fn forge(world: &World, name: &'static str, refused: Option<Check>, edits: &Edits) -> Case {
    let (case, mut rng) = (case(), rng(0x7e57));
    let (_, council) = world.council_with(edits.council);
    let dealings: Vec<(Compartment, Dealing)> = [Compartment::Account, Compartment::Identity]
        .map(|name| {
            (
                name,
                deal(world.council.threshold(name).unwrap(), &world.xs(), &mut rng),
            )
        })
        .into();
    let mut core = core_of(world, &case, council.digest(), &dealings);
    (edits.core)(&mut core);
    let mut payload = Envelope::sign(&core, &[]).payload().to_vec();
    (edits.core_payload)(&mut payload);
    let (core_digest, core) = sign_payload(Core::NAME, &payload, &(edits.core_key)(&case));

    let files: Vec<(MemberNumber, Vec<u8>)> = world
        .xs()
        .into_iter()
        .map(|x| (x, share_file(world, &case, &dealings, core_digest, x, edits, &mut rng)))
        .collect();
    let share_ref = |(x, file): &(MemberNumber, Vec<u8>)| ShareRef {
        x: *x,
        digest: Digest::of(file),
        size: file.len() as u64,
    };
    let mut testimony = Testimony {
        v: Version,
        origin: world.origin.clone(),
        nonce: Nonce([0x7e; 32]),
        day: Day::parse(DAY).unwrap(),
        case: case.id,
        core: core_digest,
        shares: files.iter().map(share_ref).collect(),
        match_request: None,
    };
    (edits.testimony)(&mut testimony);
    let aux = testimony.match_request;
    let testimony = Envelope::sign(&testimony, &[&(edits.testimony_key)(&case)]);

    let salt = (edits.salt)(&case);
    let entry = salt.entry(0, testimony.digest(), aux).to_bytes();
    let mut header = header_plain(&core, testimony.bytes());
    (edits.header_plain)(&mut header);
    let mut delivered = Case {
        name,
        x: x(TARGET),
        seed: *world.keys(x(TARGET)).seed(),
        id: Digest::of(&entry),
        share: files
            .into_iter()
            .find(|(seat, _)| *seat == x(TARGET))
            .map(|(_, file)| file),
        header: Some(age::seal(&[&salt.k().recipient()], &header, &mut rng)),
        council,
        log: vec![vec![0; 65], entry],
        refused,
    };
    (edits.delivered)(&mut delivered, world);
    delivered
}

fn core_of(world: &World, case: &CaseKeys, council: Digest, dealings: &[(Compartment, Dealing)]) -> Core {
    let part = |(name, dealing): &(Compartment, Dealing)| CompartmentHeader {
        name: *name,
        threshold: world.council.threshold(*name).unwrap(),
        recipient: Identity::from_seed([u8::from(*name) + 0xd0; 32]).recipient(),
        commitments: dealing.commitments.clone(),
        objects: vec![ObjectRef {
            digest: Digest([u8::from(*name); 32]),
            size: 18_043,
            kind: ObjectKind::Document,
        }],
    };
    Core {
        v: Version,
        origin: world.origin.clone(),
        nonce: Nonce([0xc0; 32]),
        day: Day::parse(DAY).unwrap(),
        case: case.id,
        council,
        sealed_by: SealedBy::Cli,
        parent: None,
        inbox: Inbox {
            recipient: case.inbox.recipient(),
            key: PublicKey(case.signing.verifying_key().to_bytes()),
        },
        handle: None,
        compartments: dealings.iter().map(part).collect(),
        policy: neutral_policy(),
    }
}

fn share_file(
    world: &World,
    case: &CaseKeys,
    dealings: &[(Compartment, Dealing)],
    core: Digest,
    seat: MemberNumber,
    edits: &Edits,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let of_seat = |dealing: &Dealing| dealing.shares.iter().find(|(x, _)| *x == seat).unwrap().1.clone();
    let mut file = ShareFile {
        core,
        x: seat,
        case_salt: CaseSalt::new(*case.case_salt.expose()),
        shares: dealings
            .iter()
            .map(|(name, dealing)| (*name, of_seat(dealing)))
            .collect(),
        flags: FLAGS,
    };
    if seat != x(TARGET) {
        return age::seal(&[&world.keys(seat).identity().recipient()], &file.to_bytes(), rng);
    }
    (edits.share)(&mut file);
    let mut plain = file.to_bytes().to_vec();
    (edits.share_plain)(&mut plain);
    let recipients = (edits.share_to)(world);
    age::seal(&recipients.iter().collect::<Vec<_>>(), &plain, rng)
}

/// D and envelope of a payload that no reader need accept.
fn sign_payload(name: &str, payload: &[u8], key: &SigningKey) -> (Digest, Vec<u8>) {
    let payload_type = format!("application/vnd.resguardo.{name}.v1+json");
    let message = pae(&payload_type, payload);
    let signature = Base64::encode_string(&key.sign(&message).to_bytes());
    let envelope = serde_json::json!({
        "payload": Base64::encode_string(payload),
        "payloadType": payload_type,
        "signatures": [{ "sig": signature }],
    });
    (Digest::of(&message), serde_json::to_vec(&envelope).unwrap())
}

fn header_plain(core: &[u8], testimony: &[u8]) -> Vec<u8> {
    let mut plain = vec![1];
    for envelope in [core, testimony] {
        plain.extend_from_slice(&u32::try_from(envelope.len()).unwrap().to_be_bytes());
        plain.extend_from_slice(envelope);
    }
    plain.resize(HEADER_FILE_LEN, 0);
    plain
}
