//! `resguardo`: parses the command line, runs a verb, ends with its exit status.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use resguardo::args::{Cli, Verb, misuse};
use resguardo::commands;
use resguardo::console::Console;
use resguardo::failure::CliError;
use resguardo::remote::{self, Network, PROXY_VARIABLE};
use resguardo::{help, language};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(language) = language::asked_for(std::env::args_os()) {
        language::set(language);
    }
    match parse() {
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

/// The command line, described in the language of this run.
fn parse() -> Result<Cli, clap::Error> {
    let mut command = help::localised(Cli::command());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
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
        Some(_) if runs_here => Err(remote::takes_no_proxy()),
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
