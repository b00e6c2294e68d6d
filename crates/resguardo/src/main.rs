//! `resguardo`: parses the command line, runs a verb, ends with its exit status.

use clap::Parser as _;
use clap::error::ErrorKind;
use resguardo::args::{Cli, misuse};
use resguardo::commands;
use resguardo::console::Console;
use resguardo::failure::{Exit, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => {
            let console = Console::new(cli.manners.json, cli.manners.quiet, cli.manners.no_color);
            match std::panic::catch_unwind(|| commands::run(cli.verb, &console)) {
                Ok(Ok(())) => ExitCode::SUCCESS,
                Ok(Err(failure)) => end(&failure, &console),
                Err(_) => end(&Failure::bug("the program stopped where it must not"), &console),
            }
        }
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !asks_for("--json") => error.exit(),
            _ => {
                let console = Console::new(asks_for("--json"), false, asks_for("--no-color"));
                end(&misuse(&error), &console)
            }
        },
    }
}

/// Whether a flag stands on a command line that does not parse.
fn asks_for(flag: &str) -> bool {
    std::env::args_os()
        .take_while(|word| word != "--")
        .any(|word| word == flag)
}

fn end(failure: &Failure, console: &Console) -> ExitCode {
    console.failure(failure);
    let exit: Exit = failure.exit;
    ExitCode::from(exit as u8)
}
