//! How a service is set up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::Origin;
use zeroize::Zeroizing;

/// Everything that a service is told at its start.
///
/// The cosigners are not here: their addresses stand in the policy of the council.
pub struct ServiceConfig {
    /// The log's name. Never changes.
    pub origin: Origin,
    /// Folder that holds everything.
    pub folder: PathBuf,
    /// Ed25519 seed of the log's key (checkpoints and promises).
    pub log_seed: Zeroizing<[u8; 32]>,
    /// Seed of the operator's own keys (statements `pace`, `drop`, `greeting`, `site`; §19).
    pub operator_seed: Zeroizing<[u8; 32]>,
    /// How much work a posting costs.
    pub work: WorkBits,
    /// Written into the statement `pace` when the first council is published. From then on statements count: N rises
    /// with what waits up to [`ServiceLimits::pace_max`], and falls back to the one given here.
    pub pace: PaceConfig,
    /// ServiceLimits that are the operator's to choose.
    pub limits: ServiceLimits,
    /// What the pages tell and where their exit leads.
    pub site: Site,
    /// What time it is.
    pub clock: TimeSource,
}

/// What the pages tell and where their exit leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Where the exit leads, by language tag: light, never personalised, and reachable over Tor. Each begins with
    /// `https://`.
    pub neutral: BTreeMap<String, String>,
    /// Whom she can call.
    pub help: Help,
    /// The address of its onion service, as the statement `site` names it: `http://`, 56 characters of base32, `.onion`.
    pub onion: Option<String>,
    /// Whether what is written without scripts is sealed here for whoever comes over the clear web too, as the statement `site`
    /// declares (§14.4); over the onion address it always is.
    pub nojs_clearnet: bool,
}

/// Whom a person in danger can call, in the operator's words. Nobody reads at once what is filed here, so that the intake
/// stays closed until the operator has answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Help {
    /// Nothing was said: nothing can be filed.
    #[default]
    Unanswered,
    /// There is none, and why, by language tag: the pages say it.
    None(BTreeMap<String, String>),
    /// A line that the operator has called.
    Line(HelpLine),
}

/// A help line. The pages show it with the day on which it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// Number, as one dials it.
    pub phone: String,
    /// When somebody answers, by language tag.
    pub hours: BTreeMap<String, String>,
    /// The day on which the operator called it, as people write it.
    pub checked: String,
    /// Who runs it, or where the number stands.
    pub source: String,
}

impl Default for Site {
    /// An encyclopedia's article on a dish.
    fn default() -> Self {
        let neutral = [
            ("es", "https://es.wikipedia.org/wiki/Pozole"),
            ("en", "https://en.wikipedia.org/wiki/Pozole"),
        ];
        Self {
            neutral: neutral
                .map(|(tag, address)| (tag.to_owned(), address.to_owned()))
                .into(),
            help: Help::default(),
            onion: None,
            nojs_clearnet: false,
        }
    }
}

/// Zero bits of hashcash (§15.8): `base` when idle, up to `max` under load. With `base` 0 no work is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkBits {
    /// When idle. Default 18.
    pub base: u8,
    /// Under load. Default 20: a million hashes on average, and less than 4.6 times as many in 99 of 100 cases, which
    /// half a million a second find within ten seconds. One core of a server does 12 million with its SHA
    /// instructions and 3 million without, as a browser does; slowed six times, as a cheap phone is, Chromium does 570,000
    /// (docs/performance.md).
    pub max: u8,
}

impl Default for WorkBits {
    fn default() -> Self {
        Self { base: 18, max: 20 }
    }
}

/// Entries a step and lengths of time (§6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceConfig {
    /// N, a power of two of at least 4.
    pub n: u32,
    /// Length of a step in seconds.
    pub step_s: u32,
    /// Seconds between two deliveries to seats.
    pub delivery_s: u32,
}

impl Default for PaceConfig {
    fn default() -> Self {
        Self {
            n: 4,
            step_s: 600,
            delivery_s: 86_400,
        }
    }
}

/// ServiceLimits that are the operator's to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLimits {
    /// The greatest N that the service states by itself: the budget of the log. Only one act with its twin of each member
    /// who waits may ask for more, for at most 4 · (members − 1) rounded up to a power of two (§6.3). At steps of 600 s an N of 256 that
    /// never falls adds 0.9 GB of entries a year; everybody who checks the log reads them.
    pub pace_max: u32,
    /// Records a member may write a day (§9.1).
    pub records_per_day: u32,
    /// Upload codes that a seat may give a day (§5.2): with each, one more filing may have 2 GiB. What they bring is bounded by
    /// [`Self::upload_bytes`] like all that is uploaded.
    pub codes_per_day: u32,
    /// Depth of the buckets (§9.1), stated once the log has the entries for it. At depth b the service publishes 8 · 2^b records
    /// a day at least.
    pub drop_depth: u8,
    /// Connections at once; for more, the slowest is dropped. Each takes up to 48 KiB.
    pub connections: usize,
    /// Bytes of memory for bodies and large answers together. The process takes this, its connections and 64 MiB, and
    /// 128 MiB more while words are derived for the form without scripts.
    pub memory: usize,
    /// Bytes of chunked uploads taken within 48 h, so that nobody fills the disk with files that no filing names. An
    /// upload counts as 64 KiB at least. Half at once, half evenly over the time; so are uploads, cells of strangers and drafts.
    pub upload_bytes: u64,
    /// Chunked uploads begun within 48 h: each takes a file.
    pub uploads: u64,
    /// Office cells taken from strangers a day (§9.3): 16 KiB each, kept for 30 days.
    pub office_cells: u64,
    /// Office cells that a member may write a day.
    pub office_cells_per_member: u64,
    /// Drafts begun a day (§9.5): 32 KiB each, kept for seven days. Each may be saved 16 times, on average.
    pub drafts: u64,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            pace_max: 256,
            records_per_day: 200,
            codes_per_day: 16,
            drop_depth: 0,
            connections: 1_024,
            memory: 96 << 20,
            upload_bytes: 64 << 30,
            uploads: 65_536,
            office_cells: 16_384,
            office_cells_per_member: 64,
            drafts: 8_192,
        }
    }
}

/// Room for one form and for chunks beside it.
const MEMORY_MIN: usize = 16 << 20;

/// Deepest drop that the service keeps: at 2^16 buckets of 8 records a day it publishes 1.9 GB a day.
const DEPTH_MAX: u8 = 16;

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub enum TimeSource {
    /// The system.
    #[default]
    System,
    /// POSIX seconds that somebody else sets: tests, and a demo that moves the clock.
    Set(Arc<AtomicU64>),
    /// The system, moved by so many seconds: a demo that shows what weeks do.
    Moved(Arc<AtomicI64>),
}

impl TimeSource {
    /// POSIX seconds.
    pub fn now(&self) -> u64 {
        self.now_ms() / 1_000
    }

    /// POSIX milliseconds.
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => system_ms(),
            Self::Moved(by_s) => system_ms().saturating_add_signed(by_s.load(Ordering::SeqCst).saturating_mul(1_000)),
            Self::Set(seconds) => seconds.load(Ordering::SeqCst).saturating_mul(1_000),
        }
    }
}

fn system_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// N.
    #[error("n must be a power of two of at least 4")]
    N,
    /// The budget of the log.
    #[error("pace_max must be a power of two")]
    PaceMax,
    /// A length of time is zero or too long.
    #[error("step_s must be 1 to 3,600 seconds, delivery_s 1 to 604,800")]
    Times,
    /// Bits.
    #[error("work bits must ascend and be at most 32")]
    Bits,
    /// Connections.
    #[error("at least 8 connections are needed")]
    Connections,
    /// Memory.
    #[error("at least 16 MiB of memory are needed for bodies")]
    Memory,
    /// So many buckets would take gigabytes a day.
    #[error("drop_depth must be at most 16")]
    Depth,
    /// The onion service.
    #[error("the onion address is http://, 56 characters of base32, .onion")]
    Onion,
    /// Where the exit leads.
    #[error("every language needs a neutral address for the exit, which begins with https:// and has no spaces")]
    Neutral,
}

impl ServiceConfig {
    /// Checks what can be checked before anything is opened.
    ///
    /// # Errors
    /// [`ConfigError`] names the field.
    pub fn check(&self) -> Result<(), ConfigError> {
        let PaceConfig { n, step_s, delivery_s } = self.pace;
        if n < 4 || !n.is_power_of_two() {
            return Err(ConfigError::N);
        }
        if !(1..=3_600).contains(&step_s) || !(1..=604_800).contains(&delivery_s) {
            return Err(ConfigError::Times);
        }
        if !self.limits.pace_max.is_power_of_two() {
            return Err(ConfigError::PaceMax);
        }
        if self.work.base > self.work.max || self.work.max > 32 {
            return Err(ConfigError::Bits);
        }
        if self.limits.connections < 8 {
            return Err(ConfigError::Connections);
        }
        if self.limits.memory < MEMORY_MIN {
            return Err(ConfigError::Memory);
        }
        if self.limits.drop_depth > DEPTH_MAX {
            return Err(ConfigError::Depth);
        }
        let is_neutral = |language: pages::Language| {
            let address = self.site.neutral.get(language.tag());
            address.is_some_and(|address| {
                address.starts_with("https://") && address.bytes().all(|byte| byte.is_ascii_graphic())
            })
        };
        if !pages::Language::ALL.into_iter().all(is_neutral) {
            return Err(ConfigError::Neutral);
        }
        if !self.site.onion.as_deref().is_none_or(protocol::statement::is_onion) {
            return Err(ConfigError::Onion);
        }
        Ok(())
    }
}
