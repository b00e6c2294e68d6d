//! The operator's configuration, `resguardo.toml`, and the keys beside it.

use crate::ask::SecretSource;
use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::keyfile;
use crate::language::t;
use protocol::Origin;
use protocol::keys::MemberKeys;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tlog::note::KeyKind;
use tlog::{SigningNoteKey, VerifierKey};
use zeroize::Zeroizing;

/// Names the configuration where no option does.
pub const VARIABLE: &str = "RESGUARDO_CONFIG";
/// Where it is looked for else: here, and in the folder that `init` makes.
const USUAL: [&str; 2] = ["resguardo.toml", "operator/resguardo.toml"];
/// Folder of the copies of the store, beside the configuration.
pub const BACKUPS: &str = "backups";

/// Largest configuration in bytes.
const CONFIG_MAX: u64 = 256 * 1024;

/// What stands in the file. Paths are relative to its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log's name; never changes.
    pub origin: Origin,
    /// Operator's institution, as the council names it.
    pub institution: String,
    /// Address under which people reach the service.
    pub base_url: String,
    /// Where the service listens.
    pub listen: SocketAddr,
    /// Where metrics are served.
    pub admin: SocketAddr,
    /// Folder of the store.
    pub store: PathBuf,
    /// Key file of the log.
    pub log_key: PathBuf,
    /// Key file of the operator.
    pub operator_key: PathBuf,
    /// Envelope of the first council, once it is published.
    pub council: PathBuf,
    /// Entries a step: a power of two, at least 4.
    pub pace: u32,
    /// The most that the service raises it to by itself, one act of each member aside: a power of two.
    pub pace_max: u32,
    /// Seconds between two checkpoints.
    pub step_s: u32,
    /// Seconds between two deliveries of shares.
    pub delivery_s: u32,
    /// Zero bits asked of a filing.
    pub work_bits: u8,
    /// Zero bits under load.
    pub work_bits_max: u8,
    /// Records a member may write a day.
    pub records_per_day: u32,
    /// What every new inbox finds: language to text.
    pub greeting: BTreeMap<String, String>,
    /// What one crowd may take; without it the defaults of docs/guides/proxy.md.
    #[serde(default, skip_serializing_if = "Limits::is_default")]
    pub limits: Limits,
    /// Where the exit of the pages leads, by language; without it an encyclopedia's article on a dish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neutral: Option<BTreeMap<String, String>>,
    /// Address of the onion service in front of this one, which the statement `site` then names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onion: Option<String>,
    /// Whether the form without scripts, which the server seals, is offered on the clear web too; the statement `site` declares it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nojs_clearnet: bool,
    /// A help line that the operator has called. Nothing can be filed while neither this nor `no_help` is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Help>,
    /// Why there is no help line, for her: language to text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_help: Option<BTreeMap<String, String>>,
    /// Folder of the file, against which its paths are read.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// What one crowd may take; what is left out has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Connections at once.
    pub connections: Option<usize>,
    /// MiB of bodies and large answers in memory together.
    pub memory_mib: Option<usize>,
    /// GiB of chunked uploads within 48 h.
    pub upload_gib: Option<u64>,
    /// Chunked uploads begun within 48 h.
    pub uploads: Option<u64>,
    /// Office cells taken from strangers a day.
    pub office_cells: Option<u64>,
    /// Office cells that a member may write a day.
    pub office_cells_per_member: Option<u64>,
    /// Upload codes that a seat may give a day.
    pub codes_per_day: Option<u32>,
    /// Depth of the buckets.
    pub drop_depth: Option<u8>,
    /// Drafts begun a day.
    pub drafts: Option<u64>,
}

impl Limits {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// As the service is told.
    fn service(&self, pace_max: u32, records_per_day: u32) -> service::ServiceLimits {
        let default = service::ServiceLimits::default();
        service::ServiceLimits {
            pace_max,
            records_per_day,
            codes_per_day: self.codes_per_day.unwrap_or(default.codes_per_day),
            drop_depth: self.drop_depth.unwrap_or(default.drop_depth),
            connections: self.connections.unwrap_or(default.connections),
            memory: self
                .memory_mib
                .map_or(default.memory, |mib| mib.saturating_mul(1 << 20)),
            upload_bytes: self
                .upload_gib
                .map_or(default.upload_bytes, |gib| gib.saturating_mul(1 << 30)),
            uploads: self.uploads.unwrap_or(default.uploads),
            office_cells: self.office_cells.unwrap_or(default.office_cells),
            office_cells_per_member: self.office_cells_per_member.unwrap_or(default.office_cells_per_member),
            drafts: self.drafts.unwrap_or(default.drafts),
        }
    }
}

/// A help line, as the pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// Number, as one dials it.
    pub phone: String,
    /// The day on which the operator called it, as people write it.
    pub checked: String,
    /// Who runs it, or where the number stands.
    pub source: String,
    /// When somebody answers: language to text.
    pub hours: BTreeMap<String, String>,
}

/// The operator's two keys.
pub struct OperatorKeys {
    /// Signs checkpoints and promises.
    pub log: MemberKeys,
    /// Signs `pace`, `drop`, `greeting` and `site`.
    pub operator: MemberKeys,
}

/// The configuration that a verb goes by: the file that is named, else that of [`VARIABLE`], else the one that stands
/// here or in `operator/`; `None` where none does.
pub fn find(named: Option<&Path>) -> Option<PathBuf> {
    let by_variable = || std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
    named
        .map(Path::to_owned)
        .or_else(|| by_variable().map(PathBuf::from))
        .or_else(|| USUAL.map(PathBuf::from).into_iter().find(|path| path.is_file()))
}

/// As [`find`].
///
/// # Errors
/// Exit 3 when there is none.
pub fn sought(named: Option<&Path>) -> Outcome<PathBuf> {
    find(named).ok_or_else(|| {
        CliError::new(CliCode::FileNotFound, t!("there is no configuration here"))
            .why(t!("neither {} nor {} is in this folder", USUAL[0], USUAL[1]))
            .remedy(t!(
                "run it in the operator's folder, or name the file with --config or {}; `resguardo init` makes one",
                VARIABLE
            ))
    })
}

impl Config {
    /// Finds the file ([`sought`]) and reads it.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when it cannot be read.
    pub fn found(named: Option<&Path>) -> Outcome<Self> {
        Self::load(&sought(named)?)
    }

    /// Folder of the copies of the store.
    pub fn backups(&self) -> PathBuf {
        self.folder.join(BACKUPS)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Exit 3 when it is missing, exit 2 when it cannot be read.
    pub fn load(path: &Path) -> Outcome<Self> {
        let bytes = disk::read(path, CONFIG_MAX)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            CliError::new(CliCode::Config, t!("{} is not a configuration", path.display()))
                .why(error.message())
                .remedy(t!("compare it with one that `resguardo init` writes"))
        })?;
        config.folder = disk::absolute(path).parent().map(Path::to_owned).unwrap_or_default();
        Ok(config)
    }

    /// The file's text.
    ///
    /// # Errors
    /// Exit 70.
    pub fn to_text(&self) -> Outcome<String> {
        toml::to_string_pretty(self).map_err(|_| CliError::bug("a configuration that cannot be written"))
    }

    /// A path of the file, as seen from its folder.
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// Opens both key files, which have one passphrase.
    ///
    /// # Errors
    /// Exit 7.
    pub fn keys(&self, source: &SecretSource, console: &Console) -> Outcome<OperatorKeys> {
        let passphrase = source.read(console, t!("Passphrase of the operator's keys"), "passphrase")?;
        let open = |path: &Path| -> Outcome<MemberKeys> {
            let path = self.path(path);
            let file = disk::read(&path, 16 * 1024)?;
            keyfile::open(&path, &file, &passphrase)
        };
        Ok(OperatorKeys {
            log: open(&self.log_key)?,
            operator: open(&self.operator_key)?,
        })
    }

    /// Whom she can call. Where both are given, the line is shown.
    fn help(&self) -> service::Help {
        match (&self.help, &self.no_help) {
            (Some(help), _) => service::Help::Line(service::HelpLine {
                phone: help.phone.clone(),
                hours: help.hours.clone(),
                checked: help.checked.clone(),
                source: help.source.clone(),
            }),
            (None, Some(why)) => service::Help::None(why.clone()),
            (None, None) => service::Help::Unanswered,
        }
    }

    /// What keeps the intake closed, and what to do; `None` where nothing of the configuration does.
    pub fn closed(&self) -> Option<(&'static str, &'static str)> {
        (self.help() == service::Help::Unanswered).then_some((
            t!("no help line is named: nothing can be filed, so that nobody in danger waits for an answer that comes in days"),
            t!("write `[help]` with a line that you have called (phone, hours, checked, source), or `[no_help]` with the reason, into resguardo.toml, and start again"),
        ))
    }

    /// What the pages tell.
    fn site(&self) -> service::Site {
        let usual = service::Site::default();
        service::Site {
            neutral: self.neutral.clone().unwrap_or(usual.neutral),
            help: self.help(),
            onion: self.onion.clone(),
            nojs_clearnet: self.nojs_clearnet,
        }
    }

    /// As the service takes it.
    pub fn service(&self, keys: &OperatorKeys) -> service::ServiceConfig {
        service::ServiceConfig {
            origin: self.origin.clone(),
            folder: self.path(&self.store),
            log_seed: log_seed(&keys.log),
            operator_seed: Zeroizing::new(*keys.operator.seed()),
            work: service::WorkBits {
                base: self.work_bits,
                max: self.work_bits_max.max(self.work_bits),
            },
            pace: service::PaceConfig {
                n: self.pace,
                step_s: self.step_s,
                delivery_s: self.delivery_s,
            },
            limits: self.limits.service(self.pace_max, self.records_per_day),
            site: self.site(),
            clock: service::TimeSource::System,
        }
    }
}

/// The log's Ed25519 seed: the signing half of its key file.
pub fn log_seed(keys: &MemberKeys) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(keys.signing().to_bytes())
}

/// The log's verifier key.
///
/// # Errors
/// Exit 2 when the origin cannot name a key.
pub fn log_vkey(origin: &Origin, keys: &MemberKeys) -> Outcome<VerifierKey> {
    let key = SigningNoteKey::from_seed(origin.as_str(), KeyKind::Ed25519, &log_seed(keys));
    key.map(|key| key.verifier()).ok_or_else(|| {
        CliError::usage(t!("the origin cannot name the log's key"))
            .why(t!("`{}` holds a space or a plus sign, or nothing", origin))
            .remedy(t!("choose another origin"))
    })
}

/// The greeting of a new operator; it can be changed in the configuration before the first start.
pub fn default_greeting() -> BTreeMap<String, String> {
    let texts = [
        (
            "en",
            "Hello. Your messages will arrive here. There is nothing else for now.",
        ),
        ("es", "Hola. Aquí llegarán sus mensajes. Por ahora no hay nada más."),
    ];
    texts
        .into_iter()
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}
