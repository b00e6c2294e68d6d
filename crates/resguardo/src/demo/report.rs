//! What the demo tells: addresses, the table of the tour, the ready file, and how to do it all by hand.

use super::setup::{OBJECTION_S, Place};
use crate::console::{Console, Tone};
use crate::language::{said, t};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// One step of the tour and how long it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Its name.
    pub name: &'static str,
    /// Milliseconds.
    pub ms: u64,
}

/// What the tour made. It is a demo: nothing in it is secret.
pub(super) struct Ready {
    pub base_url: String,
    pub log_vkey: String,
    pub cosigner_vkeys: Vec<String>,
    pub receipts: Vec<(PathBuf, String)>,
    pub phrase: Zeroizing<String>,
    pub keys_dir: PathBuf,
    pub council: PathBuf,
    pub testimony_in: PathBuf,
    /// Of a testimony that was opened.
    pub testimony_out: Option<PathBuf>,
    pub identity: Option<Zeroizing<String>>,
    pub objects_dir: Option<PathBuf>,
    pub steps: Vec<Step>,
    /// For the commands by hand.
    pub folder: PathBuf,
    pub code: String,
    pub request: String,
    pub phrase_file: PathBuf,
}

impl Ready {
    /// The object of the ready file.
    pub fn to_json(&self) -> Value {
        let receipts: Vec<Value> = self
            .receipts
            .iter()
            .map(|(path, entry)| json!({ "path": path, "entry": entry }))
            .collect();
        let steps: Vec<Value> = self
            .steps
            .iter()
            .map(|step| json!({ "name": step.name, "ms": step.ms }))
            .collect();
        json!({
            "base_url": self.base_url,
            "log_url": format!("{}/log", self.base_url),
            "log_vkey": self.log_vkey,
            "cosigner_vkeys": self.cosigner_vkeys,
            "receipts": receipts,
            "phrase": self.phrase.as_str(),
            "keys_dir": self.keys_dir,
            "council": self.council,
            "testimony_in": self.testimony_in,
            "testimony_out": self.testimony_out,
            "identity": self.identity.as_ref().map(|text| text.as_str()),
            "objects_dir": self.objects_dir,
            "steps": steps,
        })
    }
}

/// Where everything answers, as soon as it does.
pub(super) fn addresses(place: &Place, ms: u64, console: &Console) {
    let (service, log) = (place.base_url(), format!("{}/log", place.base_url()));
    let metrics = format!("http://127.0.0.1:{}/metrics", place.port + 1);
    let (tell, desk, keys) = (
        format!("{service}/es/nuevo"),
        format!("{service}/es/mesa/"),
        place.keys_dir(),
    );
    let human = t!(
        "demo: anyone can read this, it keeps nothing secret\n  tell      {}\n  desk      {}\n  keys      {}: seat-1.key to seat-5.key, {}.key; the words of each in its .passphrase\n  service   {}\n  log       {}\n  metrics   {}\n  cosigner  {}\n  folder    {}\n  up in {} ms\n",
        tell,
        desk,
        keys.display(),
        Place::reader(),
        service,
        log,
        metrics,
        place.cosigner_url(),
        place.folder.display(),
        ms
    );
    let value = json!({ "tell": tell, "desk": desk, "keys": keys, "base_url": service, "log_url": log, "metrics": metrics,
        "cosigner": place.cosigner_url(), "folder": place.folder, "ms": ms });
    console.line(Tone::Plain, &human, "addresses", value);
}

/// The steps with their milliseconds.
pub(super) fn table(ready: &Ready, console: &Console) {
    let mut human = String::from(t!("\n  step                              ms\n"));
    for step in &ready.steps {
        human.push_str(&format!("  {:<28}{:>8}\n", said(step.name), step.ms));
    }
    let total: u64 = ready.steps.iter().map(|step| step.ms).sum();
    human.push_str(&format!("  {:<28}{total:>8}\n", t!("together")));
    let steps: Vec<Value> = ready
        .steps
        .iter()
        .map(|step| json!({ "name": step.name, "ms": step.ms }))
        .collect();
    console.line(Tone::Plain, &human, "steps", json!({ "steps": steps, "ms": total }));
}

/// Where the words of the tour lead.
pub(super) fn come_back(ready: &Ready, console: &Console) {
    let (address, words) = (format!("{}/es/volver", ready.base_url), ready.phrase.as_str());
    let human = t!("come back at {} with: {}", address, words);
    console.line(
        Tone::Good,
        &human,
        "come-back",
        json!({ "address": address, "phrase": words }),
    );
}

/// The commands to do it all by hand, with the keys of this demo: paths are those of its folder, into which the first
/// line goes.
pub(super) fn by_hand(place: &Place, ready: &Ready, console: &Console) {
    if console.is_json() {
        return;
    }
    let inside = |path: &Path| path.strip_prefix(&place.folder).unwrap_or(path).display().to_string();
    let tour = inside(&ready.folder);
    let desk = |name: &str| {
        let (key, passphrase) = (inside(&place.key(name)), inside(&place.passphrase(name)));
        format!("--key {key} --passphrase-file {passphrase}")
    };
    let (seat, reader) = (desk("seat-1"), desk(Place::reader()));
    let words = inside(&ready.phrase_file);
    let commands = [
        "resguardo log verify".to_owned(),
        format!("resguardo receipt verify {tour}/receipts/0-filing.receipt"),
        format!("resguardo inbox --phrase-file {words}"),
        format!(
            "resguardo seal --account {tour}/testimony_in/account.txt --phrase-out phrase.txt --soon {tour}/testimony_in/photo.jpg"
        ),
        format!("resguardo shares check {seat}        # {}", t!("and seat-2 to seat-5")),
        format!("resguardo queue {seat}"),
        format!("resguardo refer CASE --reader 6 {seat}"),
        format!("resguardo request CASE --purpose \"inquiry\" --basis \"a legal basis\" {reader}"),
        format!(
            "resguardo queue {seat}        # {}",
            t!("a seat takes the request from its office cell and files it")
        ),
        format!("resguardo grant REQUEST {seat}        # {}", t!("three seats")),
        format!(
            "resguardo release REQUEST {seat}        # {}",
            t!("the same three, {} s later", OBJECTION_S)
        ),
        format!("resguardo open REQUEST --out opened {reader}"),
        format!("resguardo finding REQUEST --outcome protected {reader}"),
    ];
    let program = std::env::current_exe().ok();
    let programs = program.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let mut human = t!(
        "Keys lie in {}, each with its passphrase beside it.\nCase of the tour: {}; its request: {}\nBy hand, in another terminal:\n  export PATH=\"{}:$PATH\"; cd \"{}\"\n",
        inside(&place.keys_dir()),
        ready.code,
        ready.request,
        programs.display(),
        place.folder.display()
    );
    for command in commands {
        human.push_str(&format!("  {command}\n"));
    }
    console.line(Tone::Plain, &human, "by-hand", json!({}));
}
