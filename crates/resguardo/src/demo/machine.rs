//! What runs: the service in this process, the cosigner in one of its own, or, where the demo moves its clock, in this one. Both
//! end with this process, however it ends.

use super::setup::{COSIGNER, Place};
use crate::clock::{self, Stopwatch};
use crate::commands::{backup, serve};
use crate::config;
use crate::console::Console;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use cosigner::Cosigner;
use service::{RunError, Service, TimeSource};
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tlog::note::KeyKind;
use tlog::{SigningNoteKey, VerifierKey};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long the cosigner may take to start.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often something is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(150);

/// A demo in the past begins so long ago: five weeks.
const BEGINS_S: i64 = 35 * 86_400;

/// The running demo.
pub(super) struct Machine {
    runtime: Runtime,
    /// Ends the service; only [`Machine::stop`] does, so that whoever still talks to it is done.
    stop: watch::Sender<bool>,
    /// The user has asked to stop.
    asked: watch::Receiver<bool>,
    service: JoinHandle<Result<(), RunError>>,
    cosigner: Option<CosignerProcess>,
}

/// The child process; killed and waited for when dropped.
struct CosignerProcess(Child);

impl Drop for CosignerProcess {
    fn drop(&mut self) {
        // Its standard input closes first, upon which it ends by itself.
        drop(self.0.stdin.take());
        let watch = Stopwatch::start();
        while watch.elapsed() < Duration::from_secs(2) {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tells a taken port before anything is started.
pub(super) fn check_ports(first: u16) -> Outcome<()> {
    for port in first..first + 3 {
        if let Err(error) = TcpListener::bind(address(port)) {
            return Err(CliError::new(CliCode::PortTaken, t!("port {} is taken", port))
                .why(error)
                .remedy(t!(
                    "end the other program, or give another --folder with --port NUMBER; nothing was changed"
                )));
        }
    }
    Ok(())
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Machine {
    /// Starts cosigner and service; returns when both listen. `is_past`: both go by a clock that [`Machine::move_clock`] moves,
    /// and that begins weeks ago.
    pub fn start(place: &Place, is_past: bool, console: &Console) -> Outcome<Self> {
        log_to_file(place)?;
        let runtime = serve::runtime()?;
        let moved = is_past.then(|| clock::move_by(-BEGINS_S));
        let cosigner = match is_past {
            true => {
                cosign_here(place, &runtime)?;
                None
            }
            false => Some(start_cosigner(place)?),
        };
        let (stop, (ask, asked)) = (watch::Sender::new(false), watch::channel(false));
        let (config, keys) = place.config()?;
        let service = runtime.block_on(async {
            let listener = serve::listen(config.listen).await?;
            let admin = serve::listen(config.admin).await?;
            let mut given = config.service(&keys);
            if let Some(moved) = moved {
                given.clock = TimeSource::Moved(moved);
            }
            let opening = tokio::task::spawn_blocking(move || Service::open(given)).await;
            let service = opening.map_err(|_| CliError::bug("the service panicked while opening"))?;
            let service = service.map_err(|error| serve::run_failure(&error))?;
            serve::found(&service, &config).await?;
            tokio::spawn(backup::answer_requests(
                service.ledger().clone(),
                config.path(&config.store),
            ));
            let mut end = stop.subscribe();
            let shutdown = async move {
                let _ = end.wait_for(|end| *end).await;
            };
            Ok::<_, CliError>(tokio::spawn(service.run(listener, Some(admin), shutdown)))
        })?;
        let signal = {
            let _inside = runtime.enter();
            serve::stop_signal()
        };
        runtime.spawn(async move {
            signal.await;
            ask.send_replace(true);
        });
        if place.is_new {
            console.note(&t!("made {}", place.folder.display()));
        }
        Ok(Self {
            runtime,
            stop,
            asked,
            service,
            cosigner,
        })
    }

    /// Moves the clock of everything here to so many seconds before now, in a machine that began in the past.
    pub fn move_clock(&self, before_now_s: i64) {
        if self.cosigner.is_none() {
            clock::move_by(-before_now_s);
        }
    }

    /// Fails once the user has asked to stop, or when the service has ended by itself.
    ///
    /// # Errors
    /// Exit 130 or 6.
    pub fn check(&self) -> Outcome<()> {
        if *self.asked.borrow() {
            return Err(CliError::new(CliCode::Stopped, t!("stopped before the tour was done"))
                .why(t!("it was asked to stop"))
                .remedy(t!("`resguardo demo` goes on in the same folder, with a new tour")));
        }
        if self.service.is_finished() {
            return Err(CliError::new(CliCode::ServiceEnded, t!("the service has ended"))
                .why(t!("it ended by itself"))
                .remedy(t!("see service.log in the demo's folder, then start again")));
        }
        Ok(())
    }

    /// Waits until the user asks to stop.
    ///
    /// # Errors
    /// Exit 6 when the service ends by itself.
    pub fn wait_for_end(&self) -> Outcome<()> {
        loop {
            match self.check() {
                Ok(()) => std::thread::sleep(LOOK),
                Err(failure) if failure.is(CliCode::Stopped) => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Ends the service, then the cosigner.
    pub fn stop(self) {
        self.stop.send_replace(true);
        let service = self.service;
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(Duration::from_secs(20), service).await;
        });
        drop(self.cosigner);
        self.runtime.shutdown_timeout(Duration::from_secs(2));
    }
}

/// A cosigner in this process, which goes by its clock.
fn cosign_here(place: &Place, runtime: &Runtime) -> Outcome<()> {
    let seed = config::log_seed(&place.load("cosigner")?);
    let key = SigningNoteKey::from_seed(COSIGNER, KeyKind::CosignatureV1, &seed);
    let (key, log) = key
        .zip(VerifierKey::parse(&place.log_vkey()?))
        .ok_or_else(|| CliError::bug("the demo's cosigner has no key"))?;
    let cosigner = Cosigner::open(&place.folder.join("cosigner"), key, vec![log]);
    let cosigner = cosigner.map_err(|error| {
        CliError::new(CliCode::Cosigner, t!("the cosigner does not start"))
            .why(error)
            .remedy(t!("see {}", place.folder.display()))
    })?;
    let router = Arc::new(cosigner).router(clock::now);
    let listener = runtime.block_on(serve::listen(address(place.port + 2)))?;
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

/// Starts the cosigner as a process of this same program and waits until it listens.
fn start_cosigner(place: &Place) -> Outcome<CosignerProcess> {
    let program = std::env::current_exe().map_err(|error| {
        CliError::new(CliCode::Program, t!("this program does not find itself"))
            .why(error)
            .remedy(t!("start it by its full path"))
    })?;
    let log = place.folder.join("cosigner.log");
    let stderr = File::create(&log).map_err(|error| CliError::file("write", &log, &error))?;
    let port = place.port + 2;
    let mut command = Command::new(program);
    command.args(["node", "cosign", "--quiet", "--until-stdin-closes", "--name", COSIGNER]);
    command.args(["--log", &place.log_vkey()?, "--listen", &address(port).to_string()]);
    command.arg("--state").arg(place.folder.join("cosigner"));
    command.arg("--key").arg(place.key("cosigner"));
    command.arg("--passphrase-file").arg(place.passphrase("cosigner"));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(stderr);
    // Ctrl-C is for this process, which ends the cosigner last: the service's last step still needs it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(|error| {
        CliError::new(CliCode::Program, t!("the cosigner cannot be started"))
            .why(error)
            .remedy(t!("close other programs and start it again"))
    })?;
    let mut cosigner = CosignerProcess(child);
    let watch = Stopwatch::start();
    while TcpStream::connect(address(port)).is_err() {
        let ended = matches!(cosigner.0.try_wait(), Ok(Some(_)));
        if ended || watch.elapsed() > PATIENCE {
            return Err(CliError::new(CliCode::Cosigner, t!("the cosigner does not start"))
                .why(if ended {
                    t!("it has ended")
                } else {
                    t!("it does not answer")
                })
                .remedy(t!("see {}", log.display())));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(cosigner)
}

/// The service's log goes into the folder, so that the terminal shows the tour.
fn log_to_file(place: &Place) -> Outcome<()> {
    let path = place.folder.join("service.log");
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(|error| CliError::file("write", &path, &error))?;
    let _ = tracing_subscriber::fmt()
        .json()
        .with_writer(std::sync::Mutex::new(file))
        .try_init();
    Ok(())
}
