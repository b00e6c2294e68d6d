//! From a root of trust and what the service shows to a council that may be sealed to, or a refusal (§3).

use casework::admit;
use casework::clock::{Clock, Freshness, LogTime, freshness};
use casework::registry::{CouncilRecord, Registry};
use casework::{Chronology, RootOfTrust};
use protocol::phrase::{Language, fingerprint_words};
use protocol::slot::Entry;
use protocol::statement::Council;
use protocol::{Envelope, MemberNumber, Origin};
use serde::{Deserialize, Serialize};
use tlog::Note;
use tlog::policy::{Policy, Trusted};
use tlog::receipt::Receipt;

use crate::{SealTarget, SealingError};

/// A public statement as the service shows it: `/public/<hex>` and `/public/<hex>/proof`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenStatement {
    /// The envelope, as it came.
    pub envelope: String,
    /// `tlog-proof@v1`.
    pub proof: String,
}

/// What the page knows of the time, in POSIX seconds; 0 where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// This device.
    pub device: u64,
    /// When the page was built.
    pub built: u64,
    /// `Date` of the service's answer. It excuses a device that is behind, and nothing else (§3).
    pub served: u64,
    /// The newest checkpoint time of this visit.
    pub seen: u64,
}

/// Whether the device's clock agrees with log and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClock {
    /// It does.
    Right,
    /// It is behind; her page says so and goes on, for a wrong clock must not push her to an unsealed path (§3).
    Behind,
    /// By it the log is more than 26 h old: it is ahead, or what is new in the log is withheld. A page cannot ask the
    /// cosigners which; it says so and goes on, for the same reason.
    Ahead,
}

/// The newest council shown, found in the log under a fresh checkpoint that its own policy accepts.
#[derive(Clone, Debug)]
pub struct TrustedCouncil {
    root: RootOfTrust,
    registry: Registry,
    moment: LogTime,
    clock: DeviceClock,
}

impl TrustedCouncil {
    /// Checks everything of §3 that a client checks before it seals.
    ///
    /// `statements`: `council`, `drop` and `greeting` as the service lists them, in any order; others are read along.
    ///
    /// # Errors
    /// [`SealingError`]; then nothing may be sealed.
    pub fn check(
        root: &[u8],
        statements: &[ProvenStatement],
        checkpoint: &[u8],
        clocks: Clocks,
    ) -> Result<Self, SealingError> {
        let root = RootOfTrust::parse(root).map_err(|_| SealingError::RootOfTrust)?;
        let mut registry = Registry::new(&root).map_err(|_| SealingError::RootOfTrust)?;
        let mut proven: Vec<(Envelope, Receipt)> = Vec::with_capacity(statements.len());
        for statement in statements {
            let (envelope, receipt) = read(statement)?;
            let at = proven.partition_point(|(_, earlier)| earlier.index <= receipt.index);
            proven.insert(at, (envelope, receipt));
        }
        let mut times = Chronology::default();
        let mut saw = |trusted: &Trusted| {
            let seen = times.saw(trusted.checkpoint().size, trusted.time());
            seen.map_err(|_| SealingError::Unproven)
        };
        for (envelope, receipt) in &proven {
            let entry = Entry::Public(envelope.digest()).to_bytes();
            let trusted = receipt
                .verify(&entry, &policy(&root, &registry)?, root.origin.as_str())
                .map_err(|_| SealingError::Unproven)?;
            saw(&trusted)?;
            // One that breaks a rule is skipped, as by every reader of the log; the registry keeps the reason.
            let _ = registry.apply(receipt.index, envelope, trusted.time());
        }
        let council = registry.current().ok_or(SealingError::Council)?;
        let note = Note::parse(checkpoint).map_err(|_| SealingError::Unproven)?;
        let trusted = council
            .policy()
            .check(&note, root.origin.as_str())
            .map_err(|_| SealingError::Unproven)?;
        saw(&trusted)?;
        let (moment, clock) = moment(&trusted, clocks)?;
        admit::filing(&registry, &moment).map_err(|_| SealingError::Old)?;
        registry.greeting().ok_or(SealingError::Greeting)?;
        Ok(Self {
            root,
            registry,
            moment,
            clock,
        })
    }

    /// The council.
    ///
    /// # Errors
    /// Never [`SealingError::Old`] while the value is as it was made; asked again rather than assumed.
    pub fn record(&self) -> Result<&CouncilRecord, SealingError> {
        admit::filing(&self.registry, &self.moment).map_err(|_| SealingError::Old)
    }

    /// What is sealed to it.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn target(&self) -> Result<SealTarget, SealingError> {
        SealTarget::of(&self.root, &self.registry, self.record()?)
    }

    /// Time of the newest checkpoint, POSIX seconds: what [`Clocks::seen`] wants at the next check.
    pub fn time(&self) -> u64 {
        self.moment.time()
    }

    /// The root of trust.
    pub fn root(&self) -> &RootOfTrust {
        &self.root
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.root.origin
    }

    /// What her page shows of it.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn members(&self) -> Result<CouncilView, SealingError> {
        let record = self.record()?;
        let council: &Council = record;
        let bits = Council::fingerprint(record.digest());
        let seats = council.seats.len();
        let may_leave_out = seats.saturating_sub(usize::from(council.identity) + 1);
        Ok(CouncilView {
            seats: council
                .seats
                .iter()
                .map(|seat| SeatShown {
                    x: seat.x,
                    institution: seat.institution.clone(),
                    jurisdiction: seat.jurisdiction.clone(),
                })
                .collect(),
            account: council.account,
            identity: council.identity,
            may_leave_out,
            lapse: (0..=may_leave_out)
                .map(|out| council.lapse_threshold(seats - out))
                .collect(),
            concentrated: council.concentrated,
            demo: self.root.origin.is_demo(),
            clock: self.clock,
            fingerprint: FingerprintWords {
                es: fingerprint_words(&bits, Language::Spanish),
                en: fingerprint_words(&bits, Language::English),
            },
        })
    }
}

/// One institution that keeps a part of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatShown {
    /// Its number.
    pub x: MemberNumber,
    /// Its name.
    pub institution: String,
    /// Where.
    pub jurisdiction: String,
}

/// The council's fingerprint in words (§3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FingerprintWords {
    /// Spanish list.
    pub es: String,
    /// English list.
    pub en: String,
}

/// What her page shows of a council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CouncilView {
    /// Ascending by x.
    pub seats: Vec<SeatShown>,
    /// How many open the account.
    pub account: u8,
    /// How many open the identity.
    pub identity: u8,
    /// How many she may leave out (§5.5).
    pub may_leave_out: usize,
    /// How many may open it without her under lapse, by how many are left out (§8.4).
    pub lapse: Vec<u8>,
    /// One authority can order enough of them.
    pub concentrated: bool,
    /// Waiting times are shortened: nothing here is for real use.
    pub demo: bool,
    /// This device's clock.
    pub clock: DeviceClock,
    /// To compare by telephone.
    pub fingerprint: FingerprintWords,
}

fn read(shown: &ProvenStatement) -> Result<(Envelope, Receipt), SealingError> {
    let envelope = Envelope::parse(shown.envelope.as_bytes()).map_err(|_| SealingError::Unproven)?;
    let receipt = Receipt::parse(shown.proof.as_bytes()).map_err(|_| SealingError::Unproven)?;
    Ok((envelope, receipt))
}

/// The policy under which the next statement must be proven: of the newest council so far, or of the root.
fn policy(root: &RootOfTrust, registry: &Registry) -> Result<Policy, SealingError> {
    match registry.current() {
        Some(council) => Ok(council.policy().clone()),
        None => root.policy().map_err(|_| SealingError::RootOfTrust),
    }
}

/// The present in the log's time. Where only this device's clock makes the checkpoint old, the page goes on; one that is
/// older than the page, or than what this visit has seen, is refused whatever any clock says.
fn moment(trusted: &tlog::policy::Trusted, clocks: Clocks) -> Result<(LogTime, DeviceClock), SealingError> {
    let clock = Clock {
        device: clocks.device,
        built: clocks.built,
        seen: clocks.seen,
        operator: clocks.served,
    };
    let (moment, fits) = LogTime::of_any_age(trusted, clock).map_err(|_| SealingError::Future)?;
    let without_device = freshness(trusted.time(), Clock { device: 0, ..clock });
    match (fits, without_device) {
        (_, Freshness::TooOld { .. }) => Err(SealingError::Old),
        (Freshness::TooOld { .. }, _) => Ok((moment, DeviceClock::Ahead)),
        (Freshness::ClockBehind { .. }, _) => Ok((moment, DeviceClock::Behind)),
        (Freshness::Fresh | Freshness::FromFuture { .. }, _) => Ok((moment, DeviceClock::Right)),
    }
}
