//! `resguardo demo`: every role on this machine, with keys in files as people would have them, and a tour that runs by
//! itself. Everything lies in one folder and goes on at the next start.

mod machine;
mod report;
mod setup;
mod tour;
mod wait;

use crate::args::Demo;
use crate::clock::Stopwatch;
use crate::console::{Console, Tone};
use crate::disk;
use crate::failure::{Exit, Failure, Outcome};
use machine::Machine;
use report::Ready;
use serde_json::json;
use setup::Place;
use std::path::Path;

/// Marks a folder as a demo's, so that `--fresh` empties nothing else.
const MARK: &str = "demo.json";

/// Sets up or continues, starts everything, runs the tour, and stays up unless told otherwise.
///
/// # Errors
/// Exit 5 for a taken port, exit 130 when stopped during the tour, and whatever the tour fails with.
pub fn run(args: &Demo, console: &Console) -> Outcome<()> {
    let watch = Stopwatch::start();
    let folder = disk::absolute(&args.folder);
    if args.fresh {
        empty(&folder)?;
    }
    let place = Place::prepare(&folder, args.port)?;
    machine::check_ports(place.port)?;
    let machine = Machine::start(&place, console)?;
    report::addresses(&place, watch.ms(), console);
    let toured = tour::run(&place, &machine, console);
    let outcome = match toured {
        Ok(ready) => finish(args, &place, &machine, &ready, console),
        Err(failure) => Err(failure),
    };
    machine.stop();
    outcome
}

fn finish(args: &Demo, place: &Place, machine: &Machine, ready: &Ready, console: &Console) -> Outcome<()> {
    report::table(ready, console);
    if let Some(path) = &args.ready_file {
        ready.save(path)?;
    }
    if args.once {
        console.result("✓ the tour is done", json!({ "ready": ready.to_json() }));
        return Ok(());
    }
    report::by_hand(place, ready, console);
    console.line(
        Tone::Plain,
        "Ctrl-C ends everything; the next `resguardo demo` goes on here.",
        "up",
        json!({}),
    );
    machine.wait_for_end()?;
    console.result("stopped; the next start goes on", json!({ "ready": ready.to_json() }));
    Ok(())
}

/// Empties a demo's folder, and no other.
fn empty(folder: &Path) -> Outcome<()> {
    let names = disk::names(folder)?;
    if names.is_empty() {
        return Ok(());
    }
    if !names.iter().any(|name| name == MARK) {
        return Err(Failure::new(
            Exit::Usage,
            "not-a-demo",
            format!("{} holds no demo, so it is not emptied", folder.display()),
        )
        .why("there is no demo.json in it")
        .remedy("give --folder with a folder that a demo made, or an empty one"));
    }
    std::fs::remove_dir_all(folder).map_err(|error| Failure::file("empty", folder, &error))
}
