//! One filing: from the eight words to the promise (§4, §5.7, §6.4).

use casework::RootOfTrust;
use casework::clock::SKEW_S;
use casework::registry::{CouncilRecord, Registry};
use protocol::age::Recipient;
use protocol::http::{FilingForm, Work, WorkNonce, WorkOffer, multipart, work_header, work_search};
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::seal::{self, CompartmentKey, SealError, SealRequest};
use protocol::share::file::Flags;
use protocol::statement::{AccessPolicy, Compartment, ConsentChoice, Council, Parent, SealedBy, Use};
use protocol::{CaseId, Day, Digest, Envelope, MemberNumber, Origin};
use rand_core::CryptoRng;
use tlog::Note;
use tlog::note::VerifierKey;
use tlog::promise::Promise;
use zeroize::Zeroizing;

use crate::evidence::{EvidenceSealer, FileInfo, SealedEvidence, fits};
use crate::{Refused, Telling, TrustedCouncil};

/// A promise is for at most this long (§6.4), plus what clocks may differ.
const PROMISE_MAX_S: u64 = 24 * 3_600 + SKEW_S;

/// What the eight words give: 64 MiB and about a second of work (§4).
pub struct Keys(PhraseRoot);

impl Keys {
    /// Argon2id.
    ///
    /// # Errors
    /// [`Refused::Memory`].
    pub fn derive(phrase: &Phrase, origin: &Origin) -> Result<Self, Refused> {
        phrase.root(origin).map(Self).ok_or(Refused::Memory)
    }
}

/// What a testimony is sealed to: a council that was found in the log, and what the log says beside it.
#[derive(Clone, Debug)]
pub struct Target {
    origin: Origin,
    log_key: VerifierKey,
    council: Council,
    council_digest: Digest,
    greeting: Envelope,
    depth: u8,
}

impl Target {
    /// The council `record`, with what `registry` holds of the same log.
    ///
    /// # Errors
    /// [`Refused::Greeting`] before the first greeting; [`Refused::RootOfTrust`].
    pub fn of(root: &RootOfTrust, registry: &Registry, record: &CouncilRecord) -> Result<Self, Refused> {
        let council: &Council = record;
        Ok(Self {
            origin: root.origin.clone(),
            log_key: root.log_key().map_err(|_| Refused::RootOfTrust)?,
            council: council.clone(),
            council_digest: record.digest(),
            greeting: registry.greeting().ok_or(Refused::Greeting)?.clone(),
            depth: registry.drop_depth(),
        })
    }
}

/// What she chooses before she seals.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Seats that get no part.
    pub left_out: Vec<MemberNumber>,
    /// Who opens it.
    pub consent: ConsentChoice,
    /// What it may be used for, ascending.
    pub allowed: Vec<Use>,
    /// She wishes to be asked only once so many accounts name the same person.
    pub ask_me_after: Option<u32>,
}

/// A testimony while it is being sealed. Dropped, it leaves nothing.
pub struct Draft {
    to: Target,
    case: CaseKeys,
    parent: Option<Parent>,
    seats: Vec<MemberNumber>,
    policy: AccessPolicy,
    account: CompartmentKey,
    evidence: Vec<SealedEvidence>,
    sizes: Vec<u64>,
    second: Option<Recipient>,
}

impl Draft {
    /// Begins case `c` of the words, dealt to all seats but those left out, opened as she chose.
    ///
    /// # Errors
    /// [`Refused::Seats`] when too few are left, or one is not of the council.
    pub fn begin(
        council: &TrustedCouncil,
        keys: &Keys,
        c: u32,
        choices: Choices,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Refused> {
        let to = council.target()?;
        let (record, left_out) = (&to.council, choices.left_out);
        let known = left_out.iter().all(|x| record.seat(*x).is_some());
        let seats: Vec<MemberNumber> = record
            .seats
            .iter()
            .map(|seat| seat.x)
            .filter(|x| !left_out.contains(x))
            .collect();
        if !known || seats.len() < usize::from(record.identity) + 1 {
            return Err(Refused::Seats);
        }
        let policy = AccessPolicy {
            allowed: choices.allowed,
            ask_me_after: choices.ask_me_after,
            ..AccessPolicy::new(choices.consent, record, seats.len())
        };
        Ok(Self::of(to, keys.0.case(c), None, seats, policy, rng))
    }

    /// Begins a case, dealt to `seats` of the council, perhaps one that adds to another.
    pub fn of(
        to: Target,
        case: CaseKeys,
        parent: Option<Parent>,
        seats: Vec<MemberNumber>,
        policy: AccessPolicy,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let (name, threshold) = (Compartment::Account, to.council.account);
        let account = CompartmentKey::draw(name, threshold, policy.open, &case, &seats, rng);
        Self {
            to,
            case,
            parent,
            seats,
            policy,
            account,
            evidence: Vec::new(),
            sizes: Vec::new(),
            second: None,
        }
    }

    /// The second greeting goes to the inbox of other words instead of to a key that nobody keeps (§9.2); nothing that is posted
    /// tells which.
    pub fn greet(&mut self, second: &Keys) {
        self.second = Some(second.0.case(0).inbox.recipient());
    }

    /// Begins a file; `out` gets the first bytes of its ciphertext. A file that cannot be finished is simply begun anew.
    ///
    /// # Errors
    /// [`Refused::TooMuch`] when it does not fit beside those that are sealed.
    pub fn begin_evidence(
        &self,
        info: FileInfo,
        out: &mut Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> Result<EvidenceSealer, Refused> {
        let sizes: Vec<u64> = self.sizes.iter().copied().chain([info.size]).collect();
        if !fits(&sizes) {
            return Err(Refused::TooMuch);
        }
        Ok(EvidenceSealer::new(self.account.recipient(), info, out, rng))
    }

    /// Takes a file that is sealed and uploaded.
    pub fn add_evidence(&mut self, sealed: SealedEvidence) {
        self.sizes.push(sealed.file.size);
        self.evidence.push(sealed);
    }

    /// Seals it all. What is left opens nothing (§5.6).
    ///
    /// # Errors
    /// [`Refused::TooMuch`] for text beyond 256 KiB, [`Refused::Old`] for a council whose last day has passed.
    pub fn seal(mut self, telling: &Telling, device: u64, rng: &mut impl CryptoRng) -> Result<Posting, Refused> {
        let council = &self.to.council;
        let mut files = Vec::with_capacity(self.evidence.len());
        for sealed in std::mem::take(&mut self.evidence) {
            self.account.add_evidence(sealed.object);
            files.push(sealed.file);
        }
        let document = Zeroizing::new(telling.account_document(files)?);
        self.account.set_document(&document, rng).map_err(refuse)?;
        let mut compartments = vec![self.account];
        if let Some(document) = telling.identity_document()?.map(Zeroizing::new) {
            let (name, threshold, open) = (Compartment::Identity, council.identity, self.policy.open);
            let mut identity = CompartmentKey::draw(name, threshold, open, &self.case, &self.seats, rng);
            identity.set_document(&document, rng).map_err(refuse)?;
            compartments.push(identity);
        }
        let keep = self.policy.inbox_days;
        let request = SealRequest {
            origin: &self.to.origin,
            council,
            council_digest: self.to.council_digest,
            seats: &self.seats,
            day: Day::of(device),
            policy: self.policy,
            flags: Flags {
                danger: telling.danger,
                interpreter: telling.interpreter,
            },
            sealed_by: SealedBy::Browser,
            parent: self.parent,
            greeting: &self.to.greeting,
            second_inbox: self.second.as_ref(),
        };
        let sealed = seal::seal(&request, &self.case, compartments, rng).map_err(refuse)?;
        let form = sealed.filing_form(
            &self.to.origin,
            seal::Posting {
                b: self.to.depth,
                keep,
                soon: telling.soon,
                quota: None,
                work: Work {
                    nonce: WorkNonce([0; WorkNonce::LEN]),
                    counter: 0,
                },
            },
        );
        let blobs = sealed.blobs().map(|(digest, bytes)| (digest, bytes.to_vec())).collect();
        let mut boundary = [0; 16];
        rng.fill_bytes(&mut boundary);
        Ok(Posting {
            log_key: self.to.log_key,
            entry: sealed.entry.to_bytes(),
            case: sealed.case,
            form,
            blobs,
            boundary: Digest::of(&boundary).to_hex(),
            offer: None,
        })
    }
}

fn refuse(error: SealError) -> Refused {
    match error {
        SealError::Council(_) => Refused::Council,
        SealError::Stale => Refused::Old,
        SealError::Seats { .. } => Refused::Seats,
        SealError::Objects | SealError::Document { .. } | SealError::Header => Refused::TooMuch,
        SealError::Greeting => Refused::Greeting,
        SealError::Compartment(_) | SealError::Core(_) => Refused::Order,
    }
}

/// The work that the service asks for before it begins an upload, when many begin (§15.8).
pub struct UploadWork {
    offer: WorkOffer,
    posted: Digest,
    header: String,
}

impl UploadWork {
    /// From the answer of `GET /work?for=upload` and the upload's name.
    ///
    /// # Errors
    /// [`Refused::Work`].
    pub fn begin(json: &str, name: &[u8]) -> Result<Self, Refused> {
        Ok(Self {
            offer: serde_json::from_str(json).map_err(|_| Refused::Work)?,
            posted: Digest::of(name),
            header: String::new(),
        })
    }

    /// Searches from counter `start`, at most `tries`; true when it is found.
    pub fn search(&mut self, start: u64, tries: u64) -> bool {
        let (nonce, bits) = (self.offer.nonce, self.offer.bits);
        let Some(counter) = work_search(&nonce, &self.posted, bits, start, tries) else {
            return false;
        };
        self.header = work_header(&Work { nonce, counter });
        true
    }

    /// What was found, as the header `Resguardo-Work` has it; empty before.
    pub fn header(&self) -> &str {
        &self.header
    }
}

/// A sealed filing that is to be posted until a promise comes back: the same form gets the same promise (§5.7).
pub struct Posting {
    log_key: VerifierKey,
    entry: Vec<u8>,
    case: CaseId,
    form: FilingForm,
    blobs: Vec<(Digest, Vec<u8>)>,
    boundary: String,
    offer: Option<WorkOffer>,
}

impl Posting {
    /// Takes the answer of `GET /work`.
    ///
    /// # Errors
    /// [`Refused::Work`].
    pub fn offer(&mut self, json: &str) -> Result<(), Refused> {
        let offer = serde_json::from_str(json).map_err(|_| Refused::Work)?;
        self.offer = Some(offer);
        Ok(())
    }

    /// Searches from counter `start`, at most `tries`; true when it is found and stands in the form (§15.8).
    ///
    /// # Errors
    /// [`Refused::Order`] without an offer.
    pub fn search(&mut self, start: u64, tries: u64) -> Result<bool, Refused> {
        let offer = self.offer.as_ref().ok_or(Refused::Order)?;
        let found = work_search(&offer.nonce, &Digest::of(&self.entry), offer.bits, start, tries);
        if let Some(counter) = found {
            self.form.work = Work {
                nonce: offer.nonce,
                counter,
            };
        }
        Ok(found.is_some())
    }

    /// The body of `POST /filings`: the form, then the small blobs (§19).
    pub fn body(&self) -> Vec<u8> {
        let files = self.blobs.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        multipart(&self.boundary, "filing", &protocol::json::write(&self.form), files).1
    }

    /// Its `Content-Type`.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Checks the promise; nothing counts as filed before (§5.7). Gives its deadline in POSIX seconds.
    ///
    /// `now` is the later of this device's clock and the service's: a device that is behind must not refuse a promise.
    ///
    /// # Errors
    /// [`Refused::Promise`].
    pub fn promised(&self, note: &[u8], now: u64) -> Result<u64, Refused> {
        let note = Note::parse(note).map_err(|_| Refused::Promise)?;
        let promise = Promise::verify(&note, &self.log_key).map_err(|_| Refused::Promise)?;
        let is_ours = promise.entry == Digest::of(&self.entry).0;
        let is_near = promise.deadline <= now.saturating_add(PROMISE_MAX_S);
        (is_ours && is_near).then_some(promise.deadline).ok_or(Refused::Promise)
    }

    /// The case code, `R-XXXX-XXXX`: a name, not a key (§4).
    pub fn code(&self) -> String {
        self.case.code()
    }

    /// The entry, 65 bytes.
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }
}
