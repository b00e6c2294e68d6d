//! `resguardo demo`: every role on this machine, with keys in files as people would have them, and a tour that runs by
//! itself. Everything lies in one folder and goes on at the next start.

mod machine;
mod report;
mod setup;
mod tour;
mod wait;

use crate::args::{Demo, Scene};
use crate::clock::Stopwatch;
use crate::console::{Console, Tone};
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::output::{Output, Plan};
use machine::Machine;
use report::Ready;
use serde_json::json;
use setup::Place;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Marks a folder as a demo's, so that `--fresh` empties nothing else.
const MARK: &str = "demo.json";

/// Sets up or continues, starts everything, runs the tour, and stays up unless told otherwise.
///
/// # Errors
/// Exit 5 for a taken port, exit 130 when stopped during the tour, and whatever the tour fails with.
pub fn run(args: &Demo, console: &Console) -> Outcome<()> {
    let watch = Stopwatch::start();
    let folder = disk::absolute(&args.folder);
    if let Some(path) = &args.ready_file {
        let folder_is_to_come = !folder.exists() && disk::absolute(path).parent() == Some(&folder);
        if !folder_is_to_come {
            let _ = ready_file(path)?;
        }
    }
    // In this order a start that fails changes nothing: who holds the folder, which ports, only then what is in it.
    let _lock = lock(&folder)?;
    if args.fresh {
        may_empty(&folder)?;
    }
    machine::check_ports(Place::port(&folder, args.port, args.fresh)?)?;
    if args.fresh {
        empty(&folder)?;
    }
    let place = Place::prepare(&folder, args.port)?;
    let is_past = args.scene == Scene::Stall;
    if is_past && !place.is_new {
        return Err(CliError::usage(t!(
            "this scene begins weeks ago, before the demo in {}",
            folder.display()
        ))
        .why(t!("a log never goes back"))
        .remedy(t!("give --fresh, or another --folder with --port NUMBER")));
    }
    let machine = Machine::start(&place, is_past, console)?;
    report::addresses(&place, watch.ms(), console);
    let toured = tour::run(&place, &machine, args.scene, console);
    let outcome = match toured {
        Ok(ready) => finish(args, &place, &machine, &ready, console),
        Err(failure) => Err(failure),
    };
    machine.stop();
    outcome
}

fn finish(args: &Demo, place: &Place, machine: &Machine, ready: &Ready, console: &Console) -> Outcome<()> {
    report::table(ready, console);
    report::come_back(ready, console);
    if let Some(path) = &args.ready_file {
        ready_file(path)?.write(format!("{}\n", ready.to_json()).as_bytes(), disk::Access::Private)?;
    }
    if args.once {
        console.result(t!("✓ the tour is done"), json!({ "ready": ready.to_json() }));
        return Ok(());
    }
    report::by_hand(place, ready, console);
    console.line(
        Tone::Plain,
        t!("Ctrl-C ends everything; the next `resguardo demo` goes on here."),
        "up",
        json!({}),
    );
    machine.wait_for_end()?;
    console.result(
        t!("stopped; the next start goes on"),
        json!({ "ready": ready.to_json() }),
    );
    Ok(())
}

/// Keeps a folder for one demo. The lock lies beside the folder, so that emptying the folder does not lose it.
fn lock(folder: &Path) -> Outcome<File> {
    let mut name = folder.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    if let Some(parent) = path.parent() {
        disk::folder(parent)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| CliError::file("lock", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(
            CliError::new(CliCode::DemoRunning, t!("a demo is running in {}", folder.display()))
                .why(t!("one folder is for one demo at a time; nothing in it was changed"))
                .remedy(t!(
                    "use it as it is, end it with Ctrl-C first, or give another --folder with --port NUMBER"
                )),
        ),
    }
}

/// The file is written after the tour; where it cannot be, that is told before. One of an earlier demo may go.
fn ready_file(path: &Path) -> Outcome<Output> {
    let is_earlier = || {
        let bytes = disk::read(path, 1 << 20).ok()?;
        let ready: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        ready.get("base_url").and(ready.get("testimony_out")).map(drop)
    };
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    Plan::default().forced(is_file && is_earlier().is_some()).file(path)
}

/// Whether a folder is a demo's, or empty: no other is ever emptied.
fn may_empty(folder: &Path) -> Outcome<()> {
    let names = disk::names(folder)?;
    if names.is_empty() || names.iter().any(|name| name == MARK || name == setup::PARTIAL) {
        return Ok(());
    }
    let what = t!("{} holds no demo, so it is not emptied", folder.display());
    Err(CliError::new(CliCode::NotADemo, what)
        .why(t!("there is no demo.json in it"))
        .remedy(t!("give --folder with a folder that a demo made, or an empty one")))
}

fn empty(folder: &Path) -> Outcome<()> {
    if !folder.exists() {
        return Ok(());
    }
    // Cut off half-way, the next start knows that the rest may go.
    disk::write(&folder.join(setup::PARTIAL), b"", disk::Access::Public)?;
    std::fs::remove_dir_all(folder).map_err(|error| CliError::file("empty", folder, &error))
}
