//! Sealing a testimony, what is posted of it, and the promise that comes back (§3–§6.4): the same for her page and the command line.
//!
//! [`SealTarget`] is a council that was found in the log; [`TestimonySealer`] takes evidence as a stream and seals the documents;
//! [`SealedFiling`] is ciphertext only, with the form that names it. Nothing here reads, stores or opens anything.

mod council;
mod error;
mod evidence;
mod filing;
mod input;
pub mod promise;

use casework::RootOfTrust;
use casework::registry::{CouncilRecord, Registry};
use protocol::age::Recipient;
use protocol::http::{FILING_LARGE_MAX, FILING_MAX, Quota, Work, WorkNonce};
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::seal::{self, CompartmentKey, SealRequest};
use protocol::share::file::Flags;
use protocol::statement::{
    AccessPolicy, Compartment, ConsentChoice, Council, DocketChoice, Parent, SealedBy, Use, WithdrawChoice,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Origin};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use council::{Clocks, CouncilView, DeviceClock, FingerprintWords, ProvenStatement, SeatShown, TrustedCouncil};
pub use error::SealingError;
pub use evidence::{EvidenceSealer, FileInfo, SealedEvidence, fits, sealed_size};
pub use filing::{SealedFiling, UploadWork};
pub use input::TestimonyInput;

/// The work of a form that was not sent yet.
pub const NO_WORK: Work = Work {
    nonce: WorkNonce([0; WorkNonce::LEN]),
    counter: 0,
};

/// What the eight words give: Argon2id, 64 MiB and about a second of work (§4).
///
/// # Errors
/// [`SealingError::Memory`].
pub fn phrase_root(phrase: &Phrase, origin: &Origin) -> Result<PhraseRoot, SealingError> {
    phrase.root(origin).ok_or(SealingError::Memory)
}

/// What a testimony is sealed to: a council that was found in the log, and what the log says beside it.
#[derive(Clone, Debug)]
pub struct SealTarget {
    root: RootOfTrust,
    council: Council,
    council_digest: Digest,
    greeting: Envelope,
    depth: u8,
}

impl SealTarget {
    /// The council `record`, with what `registry` holds of the same log.
    ///
    /// # Errors
    /// [`SealingError::Greeting`] before the first greeting.
    pub fn of(root: &RootOfTrust, registry: &Registry, record: &CouncilRecord) -> Result<Self, SealingError> {
        let council: &Council = record;
        Ok(Self {
            root: root.clone(),
            council: council.clone(),
            council_digest: record.digest(),
            greeting: registry.greeting().ok_or(SealingError::Greeting)?.clone(),
            depth: registry.drop_depth(),
        })
    }
}

/// What she chooses before she seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Seats that get no part.
    pub left_out: Vec<MemberNumber>,
    /// Who opens it.
    pub consent: ConsentChoice,
    /// What it may be used for, ascending.
    pub allowed: Vec<Use>,
    /// She wishes to be asked only once so many accounts name the same person.
    pub ask_me_after: Option<u32>,
    /// How it can be withdrawn.
    pub withdraw: WithdrawChoice,
    /// Days for which messages to her are kept: 30, 180 or 400.
    pub inbox_days: u32,
    /// Whether what is done on it shows in the public docket (§10.1).
    pub docket: DocketChoice,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            left_out: Vec::new(),
            consent: ConsentChoice::default(),
            allowed: Vec::new(),
            ask_me_after: None,
            withdraw: WithdrawChoice::After,
            inbox_days: 180,
            docket: DocketChoice::CountsOnly,
        }
    }
}

/// A filing to which another is added.
pub struct First {
    keys: CaseKeys,
    seats: Vec<MemberNumber>,
    policy: AccessPolicy,
}

impl First {
    /// The filing of `keys`. `seats`: those of the current council to which what is added is dealt. `policy`: her choices, which
    /// hold for what she adds.
    pub fn new(keys: CaseKeys, seats: Vec<MemberNumber>, policy: AccessPolicy) -> Self {
        Self { keys, seats, policy }
    }

    /// That the filing of `adds` adds to this one.
    fn parent(&self, adds: &CaseKeys) -> Parent {
        Parent::new(&self.keys, adds)
    }
}

impl std::fmt::Debug for First {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("First").field(&self.keys.id).finish()
    }
}

/// A testimony while it is being sealed. Dropped, it leaves nothing.
pub struct TestimonySealer {
    to: SealTarget,
    case: CaseKeys,
    parent: Option<Parent>,
    seats: Vec<MemberNumber>,
    policy: AccessPolicy,
    account: CompartmentKey,
    evidence: Vec<SealedEvidence>,
    second: Option<Recipient>,
    code: Option<Quota>,
}

impl TestimonySealer {
    /// Begins a case, dealt to all seats of the council but those left out, opened as she chose.
    ///
    /// # Errors
    /// [`SealingError::Stranger`] when a seat left out is not of the council, [`SealingError::Seats`] when too few are left.
    pub fn begin(
        to: SealTarget,
        case: CaseKeys,
        choices: Choices,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealingError> {
        let (council, left_out) = (&to.council, choices.left_out);
        if let Some(stranger) = left_out.iter().find(|x| council.seat(**x).is_none()) {
            return Err(SealingError::Stranger(*stranger));
        }
        let dealt = council
            .seats
            .iter()
            .map(|seat| seat.x)
            .filter(|x| !left_out.contains(x));
        let seats: Vec<MemberNumber> = dealt.collect();
        let need = usize::from(council.identity) + 1;
        if seats.len() < need {
            return Err(SealingError::Seats { need });
        }
        let policy = AccessPolicy {
            allowed: choices.allowed,
            ask_me_after: choices.ask_me_after,
            withdraw: choices.withdraw,
            inbox_days: choices.inbox_days,
            docket: choices.docket,
            ..AccessPolicy::new(choices.consent, council, seats.len())
        };
        Ok(Self::of(to, case, None, seats, policy, rng))
    }

    /// Begins a case that adds to another, whose choices and seats hold for it too.
    pub fn adding(to: SealTarget, case: CaseKeys, first: &First, rng: &mut impl CryptoRng) -> Self {
        let (parent, seats, policy) = (first.parent(&case), first.seats.clone(), first.policy.clone());
        Self::of(to, case, Some(parent), seats, policy, rng)
    }

    fn of(
        to: SealTarget,
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
            second: None,
            code: None,
        }
    }

    /// It may be larger, with an upload code that a seat gave (§5.2).
    pub fn enlarge(&mut self, code: Quota) {
        self.code = Some(code);
    }

    /// The upload code, which its uploads show.
    pub fn code(&self) -> Option<&Quota> {
        self.code.as_ref()
    }

    /// The second greeting goes to the inbox of other words instead of to a key that nobody keeps (§9.2); nothing that is posted
    /// tells which.
    pub fn greet(&mut self, second: Recipient) {
        self.second = Some(second);
    }

    /// Begins a file; `out` gets the first bytes of its ciphertext. A file that cannot be finished is simply begun anew.
    ///
    /// # Errors
    /// [`SealingError::TooMuch`] when it does not fit beside those that are sealed.
    pub fn begin_evidence(
        &self,
        info: FileInfo,
        out: &mut Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> Result<EvidenceSealer, SealingError> {
        let sealed = self.evidence.iter().flat_map(SealedEvidence::sizes);
        let sizes: Vec<u64> = sealed.chain([info.size]).collect();
        let max = if self.code.is_some() {
            FILING_LARGE_MAX
        } else {
            FILING_MAX
        };
        if !fits(&sizes, max) {
            return Err(SealingError::TooMuch);
        }
        Ok(EvidenceSealer::new(self.account.recipient(), info, out, rng))
    }

    /// Takes a file whose ciphertext is kept: uploaded, or in a package.
    pub fn add_evidence(&mut self, sealed: SealedEvidence) {
        self.evidence.push(sealed);
    }

    /// Takes the copy without metadata of the file that was taken last, sealed as a file of its own.
    ///
    /// # Errors
    /// [`SealingError::Order`] before any file.
    pub fn add_copy(&mut self, copy: SealedEvidence) -> Result<(), SealingError> {
        let last = self.evidence.last_mut().ok_or(SealingError::Order)?;
        last.set_copy(copy);
        Ok(())
    }

    /// Seals it all. What is left opens nothing (§5.6). `device`: the time by this device, POSIX seconds; only its day is used.
    ///
    /// # Errors
    /// [`SealingError::TooMuch`] for text beyond 256 KiB, [`SealingError::Old`] for a council whose last day has passed.
    pub fn seal(
        mut self,
        input: &TestimonyInput,
        device: u64,
        sealed_by: SealedBy,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedFiling, SealingError> {
        let (origin, council) = (&self.to.root.origin, &self.to.council);
        let mut files = Vec::with_capacity(self.evidence.len());
        for sealed in self.evidence {
            self.account.add_evidence(sealed.object);
            if let Some(copy) = sealed.copy {
                self.account.add_evidence(copy);
            }
            files.push(sealed.file);
        }
        let document = Zeroizing::new(input.account_document(files)?);
        self.account.set_document(&document, rng)?;
        let mut compartments = vec![self.account];
        if let Some(document) = input.identity_document()?.map(Zeroizing::new) {
            let (name, threshold, open) = (Compartment::Identity, council.identity, self.policy.open);
            let mut identity = CompartmentKey::draw(name, threshold, open, &self.case, &self.seats, rng);
            identity.set_document(&document, rng)?;
            compartments.push(identity);
        }
        let keep = self.policy.inbox_days;
        let request = SealRequest {
            origin,
            council,
            council_digest: self.to.council_digest,
            seats: &self.seats,
            day: Day::of(device),
            policy: self.policy,
            flags: Flags {
                danger: input.danger,
                interpreter: input.interpreter,
            },
            sealed_by,
            parent: self.parent,
            greeting: &self.to.greeting,
            second_inbox: self.second.as_ref(),
        };
        let sealed = seal::seal(&request, &self.case, compartments, rng)?;
        let posting = seal::Posting {
            b: self.to.depth,
            keep,
            soon: input.soon,
            quota: self.code,
            work: NO_WORK,
        };
        let form = sealed.filing_form(origin, posting);
        let mut boundary = [0; 16];
        rng.fill_bytes(&mut boundary);
        Ok(SealedFiling::new(self.to.root, sealed, form, &boundary))
    }
}
