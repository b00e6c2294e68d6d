//! `resguardo key`: key files and cards.

use super::line;
use crate::args::{Key, KeyCheck, KeyNew, KeyShow};
use crate::clock;
use crate::console::Console;
use crate::disk::Access;
use crate::failure::{CliCode, CliError, Outcome};
use crate::keyfile::{self, Card};
use crate::language::t;
use crate::output::{Output, Plan};
use crate::random;
use protocol::Day;
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use serde_json::json;
use std::path::{Path, PathBuf};

/// How long a new key is for, unless said otherwise.
const YEAR_S: u64 = 365 * 86_400;

pub(super) fn run(key: &Key, console: &Console) -> Outcome<()> {
    match key {
        Key::New(args) => new(args, console),
        Key::Show(args) => show(args, console),
        Key::Check(args) => check(args, console),
    }
}

fn new(args: &KeyNew, console: &Console) -> Outcome<()> {
    shown_or_written(args.passphrase_out.as_deref(), console)?;
    line("--institution", &args.institution)?;
    line("--controller", args.controller.as_ref().unwrap_or(&args.institution))?;
    line("--jurisdiction", &args.jurisdiction)?;
    let (key_path, card_path) = (with_suffix(&args.name, "key"), with_suffix(&args.name, "card"));
    let mut plan = Plan::default();
    let outputs = [plan.file(&key_path)?, plan.file(&card_path)?];
    let passphrase_out = args.passphrase_out.as_deref().map(|path| plan.file(path)).transpose()?;
    let until = match &args.until {
        Some(day) => Day::parse(day).ok_or_else(|| {
            CliError::usage(t!("`{}` is not a day", day))
                .why(t!("a day is written YYYY-MM-DD"))
                .remedy(t!("--until 2027-12-31"))
        })?,
        None => Day::of(clock::now() + YEAR_S),
    };
    let keys = MemberKeys::draw(&mut random::system());
    let card = Card {
        v: Version,
        role: args.role,
        institution: args.institution.clone(),
        controller: args.controller.clone().unwrap_or_else(|| args.institution.clone()),
        jurisdiction: args.jurisdiction.clone(),
        recipient: keys.identity().recipient(),
        key: keys.public(),
        keys_until: until,
    };
    let passphrase = keyfile::draw_passphrase(args.words.language());
    let work = if args.low_work {
        keyfile::WORK_DEMO
    } else {
        keyfile::WORK
    };
    let file = keyfile::seal(&keys, &passphrase, work);
    let [key, public] = &outputs;
    let write = || {
        key.write(&file, Access::Private)?;
        public.write(&card.to_text()?, Access::Public)?;
        give_passphrase(passphrase_out.as_ref(), &passphrase, console)
    };
    write().inspect_err(|_| outputs.iter().for_each(Output::take_back))?;
    let human = t!(
        "{}  keep it, and a copy in another place\n{}  give it to the operator",
        key_path.display(),
        card_path.display()
    );
    let value = json!({ "key_file": key_path, "card": card_path, "public_key": card.key, "role": card.role });
    console.result(&human, value);
    Ok(())
}

/// Refuses before anything is made where nobody would learn the passphrase.
pub(super) fn shown_or_written(to: Option<&Path>, console: &Console) -> Outcome<()> {
    if to.is_some() || console.can_show() {
        return Ok(());
    }
    Err(CliError::usage(t!(
        "the passphrase cannot be shown: this is not a terminal, or --json is given"
    ))
    .why(t!("a passphrase that nobody has seen opens nothing"))
    .remedy(t!("give --passphrase-out FILE to have it written")))
}

/// Shows a new passphrase, or writes it where it was asked for.
pub(super) fn give_passphrase(to: Option<&Output>, passphrase: &str, console: &Console) -> Outcome<()> {
    match to {
        Some(output) => output.write(format!("{passphrase}\n").as_bytes(), Access::Private),
        None => {
            console.secret(&t!("Passphrase, shown once: {}", passphrase));
            console.secret(t!("Write it on paper. Without it the key file opens nothing."));
            Ok(())
        }
    }
}

fn show(args: &KeyShow, console: &Console) -> Outcome<()> {
    let card = Card::load(&args.card)?;
    let human = t!(
        "{}  {}\n  controller    {}\n  jurisdiction  {}\n  until         {}\n  key           {}\n  recipient     {}…",
        card.role.name(),
        card.institution,
        card.controller,
        card.jurisdiction,
        card.keys_until,
        card.key,
        card.recipient.to_string().chars().take(24).collect::<String>()
    );
    console.result(&human, json!({ "card": card }));
    Ok(())
}

fn check(args: &KeyCheck, console: &Console) -> Outcome<()> {
    let keys = keyfile::load(&args.key.key, &args.key.source(), console)?;
    let path = args.card.clone().unwrap_or_else(|| args.key.key.with_extension("card"));
    let card = Card::load(&path)?;
    if card.key != keys.public() || card.recipient != keys.identity().recipient() {
        return Err(CliError::new(
            CliCode::CardDiffers,
            t!("{} is the card of another key", path.display()),
        )
        .why(t!("its public key differs"))
        .remedy(t!("give --card with the card that was written with this key")));
    }
    console.result(
        t!("✓ the key file opens, and its card fits"),
        json!({ "public_key": card.key, "role": card.role }),
    );
    Ok(())
}

/// `NAME.suffix`, also where NAME holds dots.
fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut text = name.as_os_str().to_owned();
    text.push(".");
    text.push(suffix);
    PathBuf::from(text)
}
