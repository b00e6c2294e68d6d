//! The project's own commands: `cargo xtask` alone lists them. Heavy tools are packages of their own, so that this one
//! builds in seconds.

mod assurance;
mod attack;
mod bench;
mod cycles;
mod demo;
mod dist;
mod documents;
mod edges;
mod fuzz;
mod pictures;
mod programs;
mod setup;
mod sh;
mod test;
mod tidy;
mod voices;
mod wasm;

use std::process::ExitCode;

const LIST: &str = "\
cargo xtask <command>

  demo [--scene tour|back|fork|stall] [--once] [--fresh] [--json] [--ready-file PATH]
             all set-up, then a council of five on this machine, the tour or another scene, and the addresses
  test [LAYER]
             all set-up, then every layer: tidy lint wasm unit vectors crash proxy papers fuzz hostile demo interop browser
             (with a LAYER, that one alone)
  check      the fast part: format, lints, tidy, unit tests
  tidy       the rules of the code: dependencies, sizes, sections, licences, bans
  wasm       the modules for the browser into web/dist, with their sizes against the budgets
  dist [--check] [--in FOLDER] [--jobs N]
             what an operator installs, built from the commit into target/dist; --check builds it in two folders and by two
             users and compares every byte; dist --help says more
  voices [LANGUAGE/SCREEN FILE]
             what she can listen to, said by espeak-ng where a text is new; or takes a recording of a person (docs/guides/voices.md)
  vectors    writes docs/vectors/ anew, reproducible to the byte
  pictures   plays her stories in English too, and puts the pictures that README.md shows into docs/images/
  crash [N]  kills the service N times (200) at random moments under load and checks the store each time
  fuzz [TARGET] [SECONDS] [--keep]
             libFuzzer on every parser of foreign bytes, 600 s each, or on one; --keep puts what it found beyond the
             seeds, minimized, into tests/fuzz/corpus
  attack [NAME...] [--write]
             attacks a running deployment, each in its large size; --write puts the figures into docs/reliability.md
  reader [STATEMENTS]
             a reader of the log that shares no code with us reads one of so many (5,000) and finds each change of it
  large      files nearly 2 GiB of zeros with an upload code, by the program and over loopback
  safer      files in plain JavaScript with no compiler for scripts, as Tor Browser has none at its level Safer
  model      tries every order of acts on a case up to the larger bound (docs/soundness.md)
  bench [browser|look|openfisca|reads]
             measures and prints, or one part alone: the page in Chromium, her look, the law beside OpenFisca, what everybody
             reads with a log of a million entries; --write puts the result into docs/performance.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if std::env::var_os(fuzz::WRAPPED).is_some() {
        return match fuzz::compile(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let result = match command {
        "demo" => demo::run(rest),
        "test" => test::run(rest.first().map(String::as_str)),
        "check" => test::check(),
        "tidy" => tidy::run(),
        "wasm" => wasm::run(),
        "vectors" => test::bless_vectors(),
        "voices" => voices::run(rest),
        "pictures" => pictures::run(),
        "crash" => test::crash(rest.first().and_then(|n| n.parse().ok()).unwrap_or(200)),
        "attack" => attack::run(rest),
        "fuzz" => fuzz::run(rest),
        "dist" => dist::run(rest),
        "large" => test::large(),
        "reader" => test::reader(rest.first().and_then(|n| n.parse().ok()).unwrap_or(5_000)),
        "model" => test::model(),
        "safer" => test::safer(),
        "bench" => bench::run(rest),
        "help" | "--help" | "-h" => {
            say!("{LIST}");
            Ok(())
        }
        other => Err(anyhow::anyhow!(
            "there is no command {other:?}; `cargo xtask` lists them"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
