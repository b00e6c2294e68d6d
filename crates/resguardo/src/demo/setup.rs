//! The demo's folder: operator, council of five seats, one reader, one cosigner, each with its key file.

use super::MARK;
use crate::config::{self, Config};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::keyfile::{self, Card, Role};
use crate::language::{said, t};
use crate::random;
use crate::trust::Trust;
use casework::RootOfTrust;
use protocol::ids::{MemberNumber, Nonce, Version};
use protocol::keys::MemberKeys;
use protocol::phrase::Language;
use protocol::statement::{Council, CouncilMember, OperatorParty};
use protocol::{Day, Envelope, Origin};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use tlog::note::KeyKind;
use tlog::{Policy, SigningNoteKey, VerifierKey};

/// The log's name. Anything that begins with `demo.` keeps nothing secret, and says so.
const ORIGIN: &str = "demo.resguardo/log";
/// Name of the cosigner's key.
pub(super) const COSIGNER: &str = "cosigner.demo.resguardo";
/// First port, unless given.
const PORT: u16 = 8620;
/// Length of a step in seconds.
pub(super) const STEP_S: u32 = 2;
/// Seconds between two deliveries to seats, and between two publications of records.
const DELIVERY_S: u32 = 4;
/// Objection time in seconds.
pub(super) const OBJECTION_S: u64 = 4;
/// Entries a step.
const PACE: u32 = 4;
/// Zero bits asked of a filing.
const WORK_BITS: u8 = 12;
/// Seats that open an account, and an identity.
const THRESHOLDS: (u8, u8) = (3, 4);
/// The five seats: file name, institution.
const SEATS: [(&str, &str); 5] = [
    ("seat-1", "Ombudsman of the demo"),
    ("seat-2", "Shelter of the demo"),
    ("seat-3", "University of the demo"),
    ("seat-4", "Consulate of the demo"),
    ("seat-5", "Bar association of the demo"),
];
/// The reader.
const READER: (&str, &str) = ("reader-6", "Prosecutor of the demo");
/// How long the demo's keys are good.
const KEYS_S: u64 = 3650 * 86_400;

/// Where the demo lies, and on which ports.
pub(super) struct Place {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// First of three ports.
    pub port: u16,
    /// Whether it was made just now.
    pub is_new: bool,
}

/// What is remembered in the folder.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    demo: u32,
    port: u16,
}

/// Stands in a folder while it is made.
pub(super) const PARTIAL: &str = "demo.partial";
/// Version of the folder's layout.
const LAYOUT: u32 = 1;

impl Place {
    /// The first port that a start in this folder takes; nothing is changed.
    pub fn port(folder: &Path, port: Option<u16>, fresh: bool) -> Outcome<u16> {
        let port = match disk::read_if_there(&folder.join(MARK), 4096)? {
            Some(bytes) if !fresh => Self::resume(folder, &bytes, port)?.port,
            _ => port.unwrap_or(PORT),
        };
        if port > u16::MAX - 2 {
            return Err(CliError::usage(t!("port {} is too high", port))
                .why(t!("three ports from --port on are needed"))
                .remedy(t!("give one below 65534")));
        }
        Ok(port)
    }

    /// Makes the folder, or continues in it.
    pub fn prepare(folder: &Path, port: Option<u16>) -> Outcome<Self> {
        if let Some(bytes) = disk::read_if_there(&folder.join(MARK), 4096)? {
            return Self::resume(folder, &bytes, port);
        }
        if folder.join(PARTIAL).exists() {
            // A start that was cut off while it made the folder.
            std::fs::remove_dir_all(folder).map_err(|error| CliError::file("empty", folder, &error))?;
        }
        if !disk::names(folder)?.is_empty() {
            return Err(
                CliError::new(CliCode::NotADemo, t!("{} holds something else", folder.display()))
                    .why(t!(
                        "a demo makes its folder anew, and continues only in one that it made"
                    ))
                    .remedy(t!("give --folder with an empty or new folder")),
            );
        }
        let place = Self {
            folder: folder.to_owned(),
            port: port.unwrap_or(PORT),
            is_new: true,
        };
        place.make()?;
        Ok(place)
    }

    fn resume(folder: &Path, mark: &[u8], port: Option<u16>) -> Outcome<Self> {
        let mark: Mark = serde_json::from_slice(mark).map_err(|_| {
            CliError::new(CliCode::DemoDamaged, t!("{} cannot be continued", folder.display()))
                .why(t!("its demo.json is damaged"))
                .remedy(t!("start anew with --fresh"))
        })?;
        if mark.demo > LAYOUT {
            return Err(CliError::new(CliCode::DemoNewer, t!("a newer program made this demo"))
                .why(t!("its layout is {}, this program knows {}", mark.demo, LAYOUT))
                .remedy(t!("use that program, another --folder, or start anew with --fresh")));
        }
        match port {
            Some(port) if port != mark.port => {
                let what = t!("this demo's council names its cosigner at port {}", mark.port + 2);
                Err(CliError::usage(what)
                    .why(t!("a council never changes, and names the addresses of its cosigners"))
                    .remedy(t!("start it without --port, or anew with --fresh --port {}", port)))
            }
            _ => Ok(Self {
                folder: folder.to_owned(),
                port: mark.port,
                is_new: false,
            }),
        }
    }

    /// Address of the service.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Address of the cosigner.
    pub fn cosigner_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port + 2)
    }

    /// Folder of the keys.
    pub fn keys_dir(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// A key file by its holder's name.
    pub fn key(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.key"))
    }

    /// The passphrase file beside it.
    pub fn passphrase(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.passphrase"))
    }

    /// Folder of a member's state.
    pub fn state(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.state"))
    }

    /// Folder of the operator.
    pub fn operator(&self) -> PathBuf {
        self.folder.join("operator")
    }

    /// Root of trust.
    pub fn root(&self) -> PathBuf {
        self.folder.join("root.json")
    }

    /// The council's envelope.
    pub fn council(&self) -> PathBuf {
        self.operator().join("council.json")
    }

    /// Names of the seats' files, in the order of their numbers.
    pub fn seats() -> impl Iterator<Item = &'static str> {
        SEATS.iter().map(|(name, _)| *name)
    }

    /// Name of the reader's files.
    pub fn reader() -> &'static str {
        READER.0
    }

    /// Opens a key file with the passphrase beside it.
    pub fn load(&self, name: &str) -> Outcome<MemberKeys> {
        let file = disk::read(&self.key(name), 16 * 1024)?;
        let passphrase = disk::read(&self.passphrase(name), 4096)?;
        let passphrase = String::from_utf8_lossy(&passphrase);
        keyfile::open(&self.key(name), &file, passphrase.trim())
    }

    /// The log's verifier key.
    pub fn log_vkey(&self) -> Outcome<String> {
        let text = disk::read(&self.operator().join("log.vkey"), 4096)?;
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }

    /// The cosigner's verifier key.
    pub fn cosigner_vkey(&self) -> Outcome<String> {
        let text = disk::read(&self.keys_dir().join("cosigner.vkey"), 4096)?;
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }

    fn make(&self) -> Outcome<()> {
        disk::private_folder(&self.folder)?;
        disk::write(&self.folder.join(PARTIAL), b"", Access::Public)?;
        disk::private_folder(&self.keys_dir())?;
        disk::private_folder(&self.operator())?;
        let origin = Origin::new(ORIGIN).ok_or_else(|| CliError::bug("the demo's origin"))?;
        let mut members = Vec::new();
        for (x, (name, institution)) in (1..).zip(SEATS) {
            members.push(self.member(x, name, institution, Role::Seat)?);
        }
        let reader = self.member(6, READER.0, READER.1, Role::Reader)?;
        let cosigner = self.make_key("cosigner", t!("Cosigner of the demo"), Role::Cosigner)?;
        let (log, operator) = (
            self.make_key("log", t!("Log of the demo"), Role::Operator)?,
            MemberKeys::draw(&mut random::system()),
        );
        self.save_key("operator", &operator)?;
        let vkey = config::log_vkey(&origin, &log)?;
        let council = self.council_of(&origin, &vkey, &cosigner, &operator, &members, reader)?;
        disk::write(&self.council(), council.bytes(), Access::Public)?;
        self.write_operator(&origin, &vkey)?;
        let root = RootOfTrust {
            v: Version,
            origin,
            log_key: vkey.to_string(),
            policy: council
                .unverified::<Council>()
                .map_err(|_| CliError::bug("the demo's council"))?
                .policy,
            council: council.digest(),
        };
        Trust {
            root,
            base_url: self.base_url(),
        }
        .save(&self.root())?;
        disk::write(&self.keys_dir().join("README"), README.as_bytes(), Access::Public)?;
        let mark = json!(Mark {
            demo: LAYOUT,
            port: self.port
        })
        .to_string();
        disk::write(&self.folder.join(MARK), mark.as_bytes(), Access::Public)?;
        let partial = self.folder.join(PARTIAL);
        std::fs::remove_file(&partial).map_err(|error| CliError::file("remove", &partial, &error))
    }

    fn member(&self, x: u16, name: &str, institution: &str, role: Role) -> Outcome<(CouncilMember, MemberKeys)> {
        let keys = self.make_key(name, institution, role)?;
        let card = Card::load(&self.keys_dir().join(format!("{name}.card")))?;
        let x = MemberNumber::new(x).ok_or_else(|| CliError::bug("a member numbered 0"))?;
        let member = CouncilMember {
            x,
            institution: card.institution,
            controller: card.controller,
            jurisdiction: card.jurisdiction,
            recipient: card.recipient,
            key: card.key,
            keys_until: card.keys_until,
        };
        Ok((member, keys))
    }

    /// Draws a key and writes its file, its passphrase and its card.
    fn make_key(&self, name: &str, institution: &str, role: Role) -> Outcome<MemberKeys> {
        let keys = MemberKeys::draw(&mut random::system());
        self.save_key(name, &keys)?;
        let card = Card {
            v: Version,
            role,
            institution: said(institution).to_owned(),
            controller: said(institution).to_owned(),
            jurisdiction: "Demo".to_owned(),
            recipient: keys.identity().recipient(),
            key: keys.public(),
            keys_until: Day::of(crate::clock::now() + KEYS_S),
        };
        card.save(&self.keys_dir().join(format!("{name}.card")))?;
        Ok(keys)
    }

    fn save_key(&self, name: &str, keys: &MemberKeys) -> Outcome<()> {
        let passphrase = keyfile::draw_passphrase(Language::Spanish);
        disk::create(
            &self.passphrase(name),
            format!("{}\n", passphrase.as_str()).as_bytes(),
            Access::Private,
        )?;
        keyfile::save(&self.key(name), keys, &passphrase, keyfile::WORK_DEMO)
    }

    fn council_of(
        &self,
        origin: &Origin,
        log: &VerifierKey,
        cosigner: &MemberKeys,
        operator: &MemberKeys,
        seats: &[(CouncilMember, MemberKeys)],
        (reader, _): (CouncilMember, MemberKeys),
    ) -> Outcome<Envelope> {
        let cosigner = SigningNoteKey::from_seed(COSIGNER, KeyKind::CosignatureV1, &config::log_seed(cosigner))
            .ok_or_else(|| CliError::bug("the demo's cosigner"))?
            .verifier();
        let vkey = format!("{cosigner}\n");
        disk::write(&self.keys_dir().join("cosigner.vkey"), vkey.as_bytes(), Access::Public)?;
        let witnesses = [(cosigner, Some(self.cosigner_url()))];
        let mut council = Council {
            v: Version,
            origin: origin.clone(),
            nonce: Nonce::draw(&mut random::system()),
            time: crate::clock::now(),
            epoch: 1,
            previous: None,
            objection_s: OBJECTION_S,
            urgent_s: u64::from(STEP_S),
            seats: seats.iter().map(|(member, _)| member.clone()).collect(),
            readers: vec![reader],
            account: THRESHOLDS.0,
            identity: THRESHOLDS.1,
            policy: Policy::to_text_k_of_n(log, Some(&self.base_url()), &witnesses, 1),
            operator: OperatorParty {
                institution: t!("Operator of the demo").to_owned(),
                key: operator.public(),
            },
            mirrors: Vec::new(),
            bench: None,
            matcher: None,
            counsel: None,
            nodes: None,
            concentrated: false,
            urgent: false,
        };
        council.draw_nonce(&mut random::system());
        council
            .validate()
            .map_err(|error| CliError::bug(format!("the demo's council breaks a rule: {error}")))?;
        let signers: Vec<_> = seats.iter().map(|(_, keys)| keys.signing()).collect();
        Ok(Envelope::sign(&council, &signers))
    }

    fn write_operator(&self, origin: &Origin, vkey: &VerifierKey) -> Outcome<()> {
        let address = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let config = Config {
            origin: origin.clone(),
            institution: t!("Operator of the demo").to_owned(),
            base_url: self.base_url(),
            listen: address(self.port),
            admin: address(self.port + 1),
            store: PathBuf::from("store"),
            log_key: PathBuf::from("../keys/log.key"),
            operator_key: PathBuf::from("../keys/operator.key"),
            council: PathBuf::from("council.json"),
            pace: PACE,
            pace_max: PACE,
            step_s: STEP_S,
            delivery_s: DELIVERY_S,
            work_bits: WORK_BITS,
            work_bits_max: WORK_BITS,
            records_per_day: 1_000_000,
            limits: Default::default(),
            greeting: config::default_greeting(),
            neutral: None,
            onion: None,
            // All of a demo is on this machine.
            nojs_clearnet: true,
            help: None,
            no_help: Some(
                [
                    ("es", "Esto es una demostración: aquí no atiende nadie."),
                    ("en", "This is a demo: nobody answers here."),
                ]
                .map(|(tag, why)| (tag.to_owned(), why.to_owned()))
                .into(),
            ),
            folder: self.operator(),
        };
        disk::write(
            &self.operator().join("log.vkey"),
            format!("{vkey}\n").as_bytes(),
            Access::Public,
        )?;
        disk::write(
            &self.operator().join("resguardo.toml"),
            config.to_text()?.as_bytes(),
            Access::Public,
        )
    }

    /// The operator's configuration and keys.
    pub fn config(&self) -> Outcome<(Config, config::OperatorKeys)> {
        let config = Config::load(&self.operator().join("resguardo.toml"))?;
        let keys = config::OperatorKeys {
            log: self.load("log")?,
            operator: self.load("operator")?,
        };
        Ok((config, keys))
    }
}

const README: &str = "Keys of a demo: they keep nothing secret.\n\n\
Each NAME.key is a real key file under a passphrase, as a seat, a reader or a cosigner would have it. Two things are\n\
weak on purpose, so that everything can be tried by hand: the passphrase lies beside it in NAME.passphrase, and the\n\
work factor of the key file is 2^4 instead of 2^18. NAME.card is the public half, NAME.state what its holder keeps.\n";
