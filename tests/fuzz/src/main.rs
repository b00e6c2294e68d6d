//! libFuzzer around one target, which `RESGUARDO_FUZZ_TARGET` names; without it the names of all are printed. Seeds are
//! written into the folder `RESGUARDO_FUZZ_SEEDS`.

#![no_main]

use fuzz::{Pool, TARGETS, Target};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

static TARGET: OnceLock<&Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: begin(), |data: &[u8]| drive(data));

fn drive(data: &[u8]) {
    if let Some(target) = TARGET.get() {
        (target.run)(data);
    }
}

fn begin() {
    let Some(name) = std::env::var_os("RESGUARDO_FUZZ_TARGET") else {
        for target in TARGETS {
            let _ = writeln!(std::io::stdout(), "{}", target.name);
        }
        std::process::exit(0);
    };
    let target = TARGETS.iter().find(|target| name == target.name).expect("a target");
    if let Some(folder) = std::env::var_os("RESGUARDO_FUZZ_SEEDS").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).expect("a folder for seeds");
        for (number, seed) in target.accepted(&Pool::read()).iter().enumerate() {
            std::fs::write(folder.join(number.to_string()), seed).expect("seeds can be written");
        }
    }
    TARGET.get_or_init(|| target);
}
