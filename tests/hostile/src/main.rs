//! `hostile [NAME…]`: the attacks in their large size, or in their small one with `--small`; one line of JSON each.
//! Run by `cargo xtask attack`.
#![expect(clippy::print_stdout, reason = "the lines are the result")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_small = arguments.iter().any(|argument| argument == "--small");
    let names: Vec<&String> = arguments.iter().filter(|argument| *argument != "--small").collect();
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").context("run by `cargo xtask attack`")?);
    let mut all_hold = true;
    for attack in hostile::ATTACKS {
        if !names.is_empty() && !names.iter().any(|name| *name == attack.name) {
            continue;
        }
        eprintln!("{}: {}", attack.name, attack.tried);
        let size = if is_small { attack.small } else { attack.large };
        let (text, holds) = match (attack.run)(&binary, size) {
            Ok(figure) => (figure.text, figure.holds),
            Err(error) => (format!("the attack could not be made: {error:#}"), false),
        };
        all_hold &= holds;
        let line = json!({
            "name": attack.name, "tried": attack.tried, "must": attack.must, "figure": text, "holds": holds,
        });
        println!("{line}");
    }
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
