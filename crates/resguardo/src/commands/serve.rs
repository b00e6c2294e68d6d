//! `resguardo serve`: the operator's service, until it is told to stop.

use super::backup;
use super::fsck::store_failure;
use crate::args::Serve;
use crate::ask::SecretSource;
use crate::config::Config;
use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use protocol::Envelope;
use serde_json::json;
use service::{Founding, FoundingError, RunError, Service};
use std::net::SocketAddr;
use tokio::net::TcpListener;

pub(super) fn run(args: &Serve, console: &Console) -> Outcome<()> {
    let config = Config::found(args.config.file.as_deref())?;
    if let Some((what, remedy)) = config.closed() {
        console.warn(&format!("{what}; {remedy}"));
    }
    let source = SecretSource {
        file: args.passphrase_file.clone(),
        fd: args.passphrase_fd,
    };
    let keys = config.keys(&source, console)?;
    log_to_stderr();
    runtime()?.block_on(async {
        let (listener, admin) = (listen(config.listen).await?, listen(config.admin).await?);
        let given = config.service(&keys);
        let opening = tokio::task::spawn_blocking(move || Service::open(given)).await;
        let service = opening.map_err(|_| CliError::bug("the service panicked while opening"))?;
        let service = service.map_err(|error| run_failure(&error))?;
        found(&service, &config).await?;
        let work = json!({ "listen": config.listen, "admin": config.admin, "log_vkey": service.log_key().to_string() });
        let human = t!("serving {} on http://{}", config.origin, config.listen);
        console.line(crate::console::Tone::Plain, &human, "serving", work);
        let backups = tokio::spawn(backup::answer_requests(
            service.ledger().clone(),
            config.path(&config.store),
        ));
        let outcome = service.run(listener, Some(admin), stop_signal()).await;
        backups.abort();
        outcome.map_err(|error| run_failure(&error))
    })?;
    console.result(
        t!("stopped; nothing is lost, the next start goes on"),
        json!({ "stopped": true }),
    );
    Ok(())
}

/// Begins the log with the published council, if it has not begun.
pub(crate) async fn found(service: &Service, config: &Config) -> Outcome<()> {
    let path = config.path(&config.council);
    let Some(bytes) = disk::read_if_there(&path, 128 * 1024)? else {
        return Err(CliError::new(
            CliCode::NoCouncilYet,
            t!("there is no council yet, so that nothing can be accepted"),
        )
        .why(t!("{} is missing", path.display()))
        .remedy(t!(
            "`resguardo council draft`, `sign` by every seat, `publish`; then start again"
        )));
    };
    let council = Envelope::parse(&bytes).map_err(|error| {
        CliError::new(CliCode::NotAnEnvelope, t!("{} is not a council", path.display()))
            .why(error)
            .remedy(t!("put the file back that `resguardo council publish` wrote"))
    })?;
    let founding = Founding {
        council,
        greeting: config.greeting.clone(),
    };
    match service.publish_council(&founding).await {
        Ok(_) => Ok(()),
        Err(FoundingError::Ledger(error)) => Err(store_failure(&error)),
        Err(error) => Err(
            CliError::new(CliCode::CouncilRule, t!("the log cannot begin with this council"))
                .why(error)
                .remedy(t!(
                    "compare the council with the operator's keys and the store; nothing was stored"
                )),
        ),
    }
}

/// What the service says, with its exit status.
pub(crate) fn run_failure(error: &RunError) -> CliError {
    match error {
        RunError::Ledger(error) => store_failure(error),
        error => CliError::usage(t!("the configuration cannot be used"))
            .why(error)
            .remedy(t!("correct it; nothing was started")),
    }
}

/// Threads that read and write files at once: each has memory of its own, and a crowd must not raise their number.
const BLOCKING: usize = 64;

/// A runtime for what is asynchronous.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build()
        .map_err(|error| {
            CliError::new(CliCode::Runtime, t!("the program cannot start its threads"))
                .why(error)
                .remedy(t!("close other programs and run it again"))
        })
}

/// Listens, and tells in one line when the port is taken.
pub(crate) async fn listen(address: SocketAddr) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let (code, what) = match error.kind() {
            std::io::ErrorKind::AddrInUse => (
                CliCode::PortTaken,
                t!("port {} of {} is taken", address.port(), address.ip()),
            ),
            _ => (CliCode::Socket, t!("cannot listen on {}", address)),
        };
        CliError::new(code, what)
            .why(&error)
            .remedy(t!("end the other program, or choose another port"))
    })
}

/// Hears of Ctrl-C or a request to terminate.
///
/// # Errors
/// Our bug.
pub(crate) fn stopped() -> Outcome<std::sync::mpsc::Receiver<()>> {
    let runtime = runtime()?;
    let (signalled, stopped) = std::sync::mpsc::channel();
    let signal = {
        let _inside = runtime.enter();
        stop_signal()
    };
    std::thread::spawn(move || {
        runtime.block_on(signal);
        let _ = signalled.send(());
    });
    Ok(stopped)
}

/// Ends with Ctrl-C or a request to terminate. It listens from the call on, inside a runtime, not only once it is
/// awaited: a signal in between is not lost.
pub(crate) fn stop_signal() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let heard = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        async move {
            match heard {
                (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                },
                _ => drop(tokio::signal::ctrl_c().await),
            }
        }
    }
    #[cfg(not(unix))]
    async {
        drop(tokio::signal::ctrl_c().await);
    }
}

/// The service's log: one JSON object a line on standard error, at the level that `RUST_LOG` asks for.
pub(crate) fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .try_init();
}
