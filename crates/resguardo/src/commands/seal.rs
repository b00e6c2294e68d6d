//! `resguardo seal` and `send`: a testimony sealed, filed, promised, and its receipt.

use crate::args::{Seal, Send, Withdraw};
use crate::clock;
use crate::console::Console;
use crate::declare::{self, Telling};
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::follow::Follow;
use crate::package::{Package, Promised};
use crate::phrase;
use crate::promise;
use crate::random;
use crate::remote::Remote;
use protocol::phrase::{Language, Phrase, Root};
use protocol::share::file::Flags;
use protocol::slot::Entry;
use protocol::statement::WithdrawChoice;
use protocol::{CaseId, Digest, X};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Largest text in bytes.
const TEXT_MAX: u64 = 256 * 1024;
/// How often the log is asked whether the entry is in it.
const LOOK: Duration = Duration::from_millis(250);

pub(super) fn run(args: &Seal, console: &Console) -> Outcome<()> {
    if let Some(package) = &args.send {
        let args = Send {
            package: package.clone(),
            root: args.root.clone(),
            receipt: args.receipt.clone(),
        };
        return send(&args, console);
    }
    let telling = telling(args)?;
    let mut follow = begin(&args.root, console)?;
    let root = root(args, &follow, console)?;
    match &args.package {
        Some(folder) => write_package(&follow, &root, &telling, folder, console),
        None => {
            let (case, promised) = seal_and_send(&follow, &root, &telling, console)?;
            finish(&mut follow, Some(case), &promised, args.receipt.as_deref(), console)
        }
    }
}

pub(super) fn send(args: &Send, console: &Console) -> Outcome<()> {
    let package = Package::load(&args.package)?;
    let mut follow = begin(&args.root, console)?;
    let promised = package.send(follow.remote(), follow.trust(), console)?;
    finish(&mut follow, None, &promised, args.receipt.as_deref(), console)
}

fn begin(root: &crate::args::RootArgs, console: &Console) -> Outcome<Follow> {
    let trust = super::trust(root)?;
    super::warn_of_demo(&trust, console);
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open_as_read(trust, remote, console)?;
    follow.refresh(console)?;
    follow.warn_of_clock(console);
    Ok(follow)
}

fn telling(args: &Seal) -> Outcome<Telling> {
    let text = |path: &Path| -> Outcome<Zeroizing<String>> {
        let bytes = Zeroizing::new(disk::read(path, TEXT_MAX)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::usage(format!("{} is not text in UTF-8", path.display()))
                .why("an account and an identity are text")
                .remedy("save it as plain text, or give it as evidence")
        })?;
        Ok(Zeroizing::new(text.to_owned()))
    };
    let account = args.account.as_deref().ok_or_else(|| {
        Failure::usage("there is no account")
            .why("every testimony has one")
            .remedy("give --account FILE")
    })?;
    let mut leave_out = Vec::new();
    for x in &args.leave_out {
        leave_out.push(X::new(*x).ok_or_else(|| {
            Failure::usage("there is no seat 0")
                .why("seats are numbered from 1")
                .remedy("`resguardo council show` lists them")
        })?);
    }
    Ok(Telling {
        account: text(account)?,
        identity: args.identity.as_deref().map(text).transpose()?,
        evidence: args.files.clone(),
        flags: Flags {
            danger: args.danger,
            interpreter: args.interpreter,
        },
        leave_out,
        soon: args.soon,
        inbox_days: args.inbox_days.parse().unwrap_or(180),
        withdraw: match args.withdraw {
            Withdraw::After => WithdrawChoice::After,
            Withdraw::InPerson => WithdrawChoice::InPerson,
        },
        parent: args.parent,
    })
}

/// Root of the words that were given, or of new ones, which are shown before anything is filed (G5).
fn root(args: &Seal, follow: &Follow, console: &Console) -> Outcome<Root> {
    let origin = follow.trust().origin();
    if args.phrase.source().is_given() {
        let text = args.phrase.source().read(console, "The eight words", "phrase")?;
        return phrase::root_of(&text, follow);
    }
    if args.phrase_out.is_none() && !console.can_ask() {
        return Err(Failure::usage("the eight words cannot be shown: this is no terminal")
            .why("without the words nobody finds the way back to the testimony")
            .remedy("give --phrase-out FILE to have them written, or --phrase-file to use words you have"));
    }
    let phrase = Phrase::draw(&mut random::system());
    let words = phrase.words(Language::English);
    match &args.phrase_out {
        Some(path) => disk::create(path, format!("{}\n", words.as_str()).as_bytes(), Access::Private)?,
        None => confirm(&words, console)?,
    }
    declare::derive(&phrase, origin)
}

/// Shows the words and has one of them typed, so that they were written down.
fn confirm(words: &str, console: &Console) -> Outcome<()> {
    console.secret("These eight words are the only way back to this testimony. Write them on paper:");
    console.secret(&format!("\n    {words}\n"));
    let number = usize::from(random::bytes::<1>()[0] % 8);
    let wanted = words.split_whitespace().nth(number).unwrap_or_default();
    let asked = format!("Type word {} to go on: ", number + 1);
    let typed = rpassword::prompt_password(asked).map_err(|error| {
        Failure::new(Exit::Key, "prompt", "the answer could not be read")
            .why(error)
            .remedy("nothing was sealed or sent; run it again in a terminal")
    })?;
    if typed.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Failure::new(Exit::Key, "words-not-kept", "that is another word")
        .why("whoever has not written the words down loses the way back")
        .remedy("nothing was sealed or sent; write the words down and run it again"))
}

fn write_package(follow: &Follow, root: &Root, telling: &Telling, folder: &Path, console: &Console) -> Outcome<()> {
    let (_, case) = declare::free_case(follow, root, 0);
    let package = declare::seal_into(follow, root, &case, telling, folder, console)?;
    let code = case.id.code();
    let human = format!(
        "{}\nsealed as {code}; nothing is filed before it is sent: `resguardo send {}`",
        folder.display(),
        folder.display()
    );
    let entry = Digest::of(&package.form()?.entry.0);
    console.result(
        &human,
        json!({ "package": disk::absolute(folder), "code": code, "entry_sha256": entry }),
    );
    Ok(())
}

/// Seals for the first case number that is free and sends it; on a conflict seals again for the next.
pub(crate) fn seal_and_send(
    follow: &Follow,
    root: &Root,
    telling: &Telling,
    console: &Console,
) -> Outcome<(CaseId, Promised)> {
    let mut from = 0;
    loop {
        let (c, case) = declare::free_case(follow, root, from);
        let folder = tempfile::tempdir().map_err(|error| {
            Failure::new(Exit::Storage, "file", "there is no temporary folder")
                .why(error)
                .remedy("nothing was sent; check the free space, or set TMPDIR")
        })?;
        let package = declare::seal_into(follow, root, &case, telling, folder.path(), console)?;
        match package.send(follow.remote(), follow.trust(), console) {
            Ok(promised) => return Ok((case.id, promised)),
            Err(failure) if failure.code == "slot-taken" => from = c + 1,
            Err(failure) => return Err(failure),
        }
    }
}

fn finish(
    follow: &mut Follow,
    case: Option<CaseId>,
    promised: &Promised,
    receipt: Option<&Path>,
    console: &Console,
) -> Outcome<()> {
    let mut value =
        json!({ "entry_sha256": Digest::of(&promised.entry), "deadline": clock::rfc3339(promised.deadline) });
    let mut human = format!(
        "✓ filed: promised for the log by {}",
        clock::readable(promised.deadline)
    );
    if let Some(case) = case {
        human.push_str(&format!("\n  case code {}, a name, not a key", case.code()));
        value["code"] = json!(case.code());
    }
    if let Some(path) = receipt {
        console.note(&human);
        let index = wait_for_entry(follow, &promised.entry, promised.deadline, console)?;
        take_receipt(follow, index, &promised.entry, path)?;
        value["receipt"] = json!(disk::absolute(path));
        value["index"] = Value::from(index);
        human = format!("✓ in the log as entry {index}; the receipt is {}", path.display());
    }
    console.result(&human, value);
    Ok(())
}

/// Waits until an entry is in a cosigned checkpoint; gives its index.
pub(crate) fn wait_for_entry(follow: &mut Follow, entry: &[u8; 65], deadline: u64, console: &Console) -> Outcome<u64> {
    console.note("waiting for the log; Ctrl-C ends the waiting, the filing stands");
    loop {
        follow.refresh(&Console::silent())?;
        if follow.fold().slots().holds(entry) {
            return index_of(follow, entry);
        }
        if follow.latest()?.1.time() > deadline {
            return Err(Failure::new(
                Exit::Check,
                "promise-broken",
                "the promise's deadline has passed and the entry is not there",
            )
            .why("the service has signed that it would be")
            .remedy("keep the promise: it is proof against the operator; tell the council"));
        }
        std::thread::sleep(LOOK);
    }
}

/// The index of an entry that the log holds.
fn index_of(follow: &Follow, entry: &[u8; 65]) -> Outcome<u64> {
    let parsed = Entry::parse(entry).ok_or_else(|| Failure::bug("an entry that is none"))?;
    follow.index_of(&parsed).ok_or_else(|| {
        Failure::new(Exit::NotFound, "not-in-log", "the entry is not in the log")
            .why("no checkpoint so far holds it")
            .remedy("wait for the next step and run it again")
    })
}

/// Takes the receipt of an entry and writes it.
pub(crate) fn take_receipt(follow: &Follow, index: u64, entry: &[u8; 65], path: &Path) -> Outcome<()> {
    let receipt = promise::receipt(follow.remote(), follow.trust(), index, entry)?;
    disk::write(path, receipt.to_text().as_bytes(), Access::Private)
}
