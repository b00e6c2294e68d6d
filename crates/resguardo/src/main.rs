//! `resguardo`: parses the command line, runs a verb, ends with its exit status.

use clap::Parser as _;
use clap::error::ErrorKind;
use resguardo::args::{Cli, Verb, misuse};
use resguardo::commands;
use resguardo::console::Console;
use resguardo::failure::CliError;
use resguardo::remote::{Network, PROXY_VARIABLE};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => {
            let console = Console::new(cli.manners.json, cli.manners.quiet, cli.manners.no_color)
                .showing_typed(cli.manners.show_typed);
            let run = || {
                Network::set(network(&cli)?)?;
                commands::run(cli.verb, &console)?;
                console.finish()
            };
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                Ok(Ok(())) => ExitCode::SUCCESS,
                Ok(Err(failure)) => end(&failure, &console),
                Err(_) => end(&CliError::bug("the program stopped where it must not"), &console),
            }
        }
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let console = Console::new(false, false, asks_for("--no-color"));
                console.stream(|_| error.print());
                match console.finish() {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(failure) => end(&failure, &console),
                }
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !asks_for("--json") => error.exit(),
            _ => {
                let console = Console::new(asks_for("--json"), false, asks_for("--no-color"));
                end(&misuse(&error), &console)
            }
        },
    }
}

/// By which way this command reaches services. What runs one here speaks to the machines that its configuration names.
fn network(cli: &Cli) -> Result<Network, CliError> {
    let flag = cli.manners.proxy.clone();
    let address = flag.clone().or_else(|| {
        let variable = std::env::var(PROXY_VARIABLE).ok();
        variable.filter(|value| !value.is_empty())
    });
    let runs_here = matches!(cli.verb, Verb::Serve(_) | Verb::Node(_) | Verb::Demo(_));
    match address {
        None => Ok(Network::default()),
        // All of a demo speaks over loopback.
        Some(_) if matches!(cli.verb, Verb::Demo(_)) && flag.is_none() => Ok(Network::default()),
        Some(_) if runs_here => Err(CliError::usage("this command takes no proxy")
            .why("a service and a cosigner are reached by others; a demo speaks over loopback only")
            .remedy(format!("leave out --proxy and unset {PROXY_VARIABLE}"))),
        Some(address) => Network::by_proxy(&address),
    }
}

/// Whether a flag stands on a command line that does not parse.
fn asks_for(flag: &str) -> bool {
    std::env::args_os()
        .take_while(|word| word != "--")
        .any(|word| word == flag)
}

fn end(failure: &CliError, console: &Console) -> ExitCode {
    console.failure(failure);
    ExitCode::from(failure.exit() as u8)
}
