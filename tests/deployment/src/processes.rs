//! The processes, and the folder they live in.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::founding::{Founding, key_arguments};

/// What can differ between deployments.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Entries a step.
    pub pace: u32,
    /// Seconds a step.
    pub step_s: u32,
    /// Zero bits asked of a filing.
    pub work_bits: u8,
}

/// A deployment in a folder. Dropped, it ends its processes.
pub struct Deployment {
    folder: PathBuf,
    binary: PathBuf,
    cosigner: Option<Child>,
    /// What the cosigner's process is called with.
    cosign: Vec<String>,
    service: Option<Child>,
    /// Address of the service.
    pub base_url: String,
    admin_url: String,
}

/// The seats' names, in the order of their numbers: each has `<name>.key` and `<name>.pass` in the folder.
pub const SEATS: [&str; 5] = ["ombudsman", "shelter", "prosecutor", "consulate", "university"];

/// A council of seven, in which one institution can be left out and more.
pub const SEVEN_SEATS: [&str; 7] = [
    "ombudsman",
    "shelter",
    "prosecutor",
    "consulate",
    "university",
    "bar",
    "clinic",
];

/// How people call the institution of a seat, a reader or a cosigner.
fn institution(name: &str) -> &str {
    match name {
        "ombudsman" => "Defensoría de ejemplo",
        "shelter" => "Refugio de ejemplo",
        "prosecutor" => "Fiscalía de ejemplo",
        "consulate" => "Consulado de ejemplo",
        "university" => "Universidad de ejemplo",
        "bar" => "Barra de ejemplo",
        "clinic" => "Clínica de ejemplo",
        "lawyer" => "Abogacía de ejemplo",
        other => other,
    }
}

impl Deployment {
    /// Makes keys, a council of [`SEATS`] and root of trust in `folder`, and starts cosigner and service.
    pub fn make(binary: &Path, folder: &Path, options: Options) -> Result<Self> {
        Self::make_with(&SEATS, binary, folder, options)
    }

    /// As [`Self::make`], with a council of these seats.
    pub fn make_with(seats: &[&str], binary: &Path, folder: &Path, options: Options) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let ports = free_ports::<3>()?;
        let base_url = format!("http://127.0.0.1:{}", ports[0]);
        let run = |arguments: &[&str]| verb(binary, folder, arguments);
        let founding = Founding {
            folder,
            addresses: ports.map(|port| format!("127.0.0.1:{port}")),
            seats,
            institution,
            step_s: options.step_s,
            pace: options.pace,
            work_bits: options.work_bits,
            waits_s: [4, 2],
        };
        founding.prepare(&[], &run)?;
        let mut made = Self {
            folder: folder.to_owned(),
            binary: binary.to_owned(),
            cosigner: None,
            cosign: founding.cosign()?,
            service: None,
            base_url,
            admin_url: format!("http://127.0.0.1:{}", ports[1]),
        };
        made.start_cosigner()?;
        founding.council(&run)?;
        made.start()?;
        Ok(made)
    }

    /// Starts the service and waits until it answers, has a checkpoint and tells its council, which follows a moment later.
    pub fn start(&mut self) -> Result<()> {
        ensure!(self.service.is_none(), "the service runs already");
        let serve = [
            "serve",
            "--config",
            "operator/resguardo.toml",
            "--passphrase-file",
            "operator.pass",
        ];
        self.service = Some(start(&self.binary, &self.folder, "service.log", &serve)?);
        let deadline = Instant::now() + Duration::from_secs(180);
        while Instant::now() < deadline {
            let councils = self.get("/api/v1/public/index/council");
            let has_council = councils.is_ok_and(|list| list != b"[]");
            if has_council && self.get("/healthz").is_ok() && self.get("/log/checkpoint").is_ok() {
                return Ok(());
            }
            if let Some(status) = self.service.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the service ended: {status}\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the service has no checkpoint after a minute\n{}", self.log())
    }

    /// kill −9.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut service) = self.service.take() {
            service.kill()?;
            service.wait()?;
        }
        Ok(())
    }

    /// Starts the cosigner.
    pub fn start_cosigner(&mut self) -> Result<()> {
        ensure!(self.cosigner.is_none(), "the cosigner runs already");
        let cosign: Vec<&str> = self.cosign.iter().map(String::as_str).collect();
        self.cosigner = Some(start(&self.binary, &self.folder, "cosigner.log", &cosign)?);
        Ok(())
    }

    /// Ends the cosigner: somebody else may then answer at its address.
    pub fn stop_cosigner(&mut self) -> Result<()> {
        if let Some(mut cosigner) = self.cosigner.take() {
            cosigner.kill()?;
            cosigner.wait()?;
        }
        Ok(())
    }

    /// The service's log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("service.log")).unwrap_or_default()
    }

    /// The cosigner's log so far.
    pub fn cosigner_log(&self) -> String {
        std::fs::read_to_string(self.folder.join("cosigner.log")).unwrap_or_default()
    }

    /// Process id of the running cosigner.
    pub fn cosigner_pid(&self) -> Option<u32> {
        self.cosigner.as_ref().map(Child::id)
    }

    /// Process id of the running service.
    pub fn pid(&self) -> Option<u32> {
        self.service.as_ref().map(Child::id)
    }

    /// Where everything lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a verb of the binary in the folder and gives its standard output.
    pub fn verb(&self, arguments: &[&str]) -> Result<String> {
        verb(&self.binary, &self.folder, arguments)
    }

    /// Runs a verb with somebody's key and `--json`; gives the events of its standard output.
    pub fn desk(&self, name: &str, arguments: &[&str]) -> Result<Vec<serde_json::Value>> {
        let key = key_arguments(name);
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        let told = self.verb(&[arguments, &key, &["--json"]].concat())?;
        told.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// The service's metrics.
    pub fn metrics(&self) -> Result<String> {
        Ok(ureq::get(format!("{}/metrics", self.admin_url))
            .call()?
            .body_mut()
            .read_to_string()?)
    }

    /// GET, whole body.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let mut response = ureq::get(format!("{}{path}", self.base_url))
            .call()
            .with_context(|| path.to_owned())?;
        Ok(response.body_mut().with_config().limit(1 << 30).read_to_vec()?)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = self.stop_cosigner();
    }
}

fn verb(binary: &Path, folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    let name = arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    ensure!(
        output.status.success(),
        "`{name}` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn start(binary: &Path, folder: &Path, log: &str, arguments: &[&str]) -> Result<Child> {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(log))?;
    let mut command = Command::new(binary);
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command.spawn()?)
}

/// `N` ports in a row on which nobody listens. They lie below the range from which Linux takes ports for outgoing
/// connections: a port of a call that ended cannot be bound for a minute, and after a test that makes thousands of calls
/// no three in a row are left there.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    const LOWEST: u16 = 10_000;
    const OUTGOING: u16 = 32_768;
    for _ in 0..1000 {
        let mut drawn = [0; 2];
        getrandom::fill(&mut drawn)?;
        let first = LOWEST + u16::from_le_bytes(drawn) % (OUTGOING - LOWEST - u16::try_from(N)?);
        let ports = std::array::from_fn(|place| first.saturating_add(u16::try_from(place).unwrap_or(u16::MAX)));
        let listeners: Result<Vec<_>, _> = ports
            .iter()
            .map(|port| TcpListener::bind(("127.0.0.1", *port)))
            .collect();
        if listeners.is_ok() {
            return Ok(ports);
        }
    }
    anyhow::bail!("no {N} free ports in a row below {OUTGOING}")
}
