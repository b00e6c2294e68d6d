//! `resguardo`: parses the command line, runs a verb, ends with its exit status.

use clap::Parser as _;
use resguardo::args::Cli;
use resguardo::console::Console;
use resguardo::{commands, failure::Exit};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(cli.manners.json, cli.manners.quiet, cli.manners.no_color);
    match std::panic::catch_unwind(|| commands::run(cli.verb, &console)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            console.failure(&failure);
            ExitCode::from(failure.exit as u8)
        }
        Err(_) => ExitCode::from(Exit::Bug as u8),
    }
}
