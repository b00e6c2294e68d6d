//! `resguardo init`: an operator's folder with configuration, log key and operator key.

use super::key::{give_passphrase, shown_or_written};
use super::line;
use crate::args::Init;
use crate::config::{self, Config};
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::keyfile;
use crate::language::t;
use crate::output::{Output, Plan};
use crate::random;
use protocol::Origin;
use protocol::keys::MemberKeys;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Zero bits asked of a filing, idle and under load.
const WORK_BITS: (u8, u8) = (18, 20);
/// Records a member may write a day.
const RECORDS_PER_DAY: u32 = 200;
/// The most entries a step that the service raises its pace to.
const PACE_MAX: u32 = 256;

pub(super) fn run(args: &Init, console: &Console) -> Outcome<()> {
    let config = draft(args)?;
    shown_or_written(args.passphrase_out.as_deref(), console)?;
    if args.low_work && !config.origin.is_demo() {
        return Err(
            CliError::usage(t!("--low-work is only for an origin that begins with `demo.`"))
                .why(t!("it makes the passphrase easy to guess"))
                .remedy(t!("leave it out")),
        );
    }
    let mut plan = Plan::default();
    plan.folder(&args.folder)?;
    let passphrase_out = args.passphrase_out.as_deref().map(|path| plan.file(path)).transpose()?;
    let vkey = make(&config, args, passphrase_out.as_ref(), console)?;
    let help = match config.closed() {
        Some(_) => t!("name a help line in it (`[help]`, or `[no_help]` and why), "),
        None => "",
    };
    let human = t!(
        "{}\nlog key: {}\nnext: {}collect the seats' cards, then `resguardo council draft`",
        args.folder.join("resguardo.toml").display(),
        vkey,
        help
    );
    console.result(
        &human,
        json!({ "folder": disk::absolute(&args.folder), "log_vkey": vkey, "origin": config.origin }),
    );
    Ok(())
}

fn draft(args: &Init) -> Outcome<Config> {
    let origin = Origin::new(&args.origin).ok_or_else(|| {
        CliError::usage(t!("`{}` cannot be a log's name", args.origin))
            .why(t!(
                "1 to 128 characters of a-z, 0-9, dot, hyphen and slash, not beginning with `resguardo-`"
            ))
            .remedy(t!("choose it well: it can never be changed"))
    })?;
    let address = |text: &str| -> Outcome<SocketAddr> {
        text.parse().map_err(|error| {
            CliError::usage(t!("`{}` is not an address to listen on", text))
                .why(error)
                .remedy(t!("give IP:PORT"))
        })
    };
    line("--institution", &args.institution)?;
    if let Some(why) = &args.no_help_line {
        line("--no-help-line", why)?;
    }
    if !args.pace.is_power_of_two() || args.pace < 4 {
        return Err(CliError::usage(t!("a pace of {} cannot be", args.pace))
            .why(t!("a step holds a power of two of entries, at least 4"))
            .remedy(t!("--pace 4, 8, 16, …")));
    }
    crate::remote::Remote::new(&args.base_url)?;
    Ok(Config {
        origin,
        institution: args.institution.clone(),
        base_url: args.base_url.trim_end_matches('/').to_owned(),
        listen: address(&args.listen)?,
        admin: address(&args.admin)?,
        store: PathBuf::from("store"),
        log_key: PathBuf::from("log.key"),
        operator_key: PathBuf::from("operator.key"),
        council: PathBuf::from("council.json"),
        pace: args.pace,
        pace_max: args.pace.max(PACE_MAX),
        step_s: args.step_s,
        delivery_s: args.delivery_s,
        work_bits: WORK_BITS.0,
        work_bits_max: WORK_BITS.1,
        records_per_day: RECORDS_PER_DAY,
        limits: Default::default(),
        greeting: config::default_greeting(),
        neutral: None,
        onion: None,
        nojs_clearnet: false,
        help: None,
        no_help: args
            .no_help_line
            .as_ref()
            .map(|why| ["es", "en"].map(|tag| (tag.to_owned(), why.clone())).into()),
        folder: disk::absolute(&args.folder),
    })
}

fn make(config: &Config, args: &Init, passphrase_out: Option<&Output>, console: &Console) -> Outcome<String> {
    disk::private_folder(&args.folder)?;
    let (log, operator) = (
        MemberKeys::draw(&mut random::system()),
        MemberKeys::draw(&mut random::system()),
    );
    let vkey = config::log_vkey(&config.origin, &log)?.to_string();
    let passphrase = keyfile::draw_passphrase(args.words.language());
    give_passphrase(passphrase_out, &passphrase, console)?;
    let work = if args.low_work {
        keyfile::WORK_DEMO
    } else {
        keyfile::WORK
    };
    keyfile::save(&args.folder.join(&config.log_key), &log, &passphrase, work)?;
    keyfile::save(&args.folder.join(&config.operator_key), &operator, &passphrase, work)?;
    disk::create(
        &args.folder.join("log.vkey"),
        format!("{vkey}\n").as_bytes(),
        Access::Public,
    )?;
    disk::create(
        &args.folder.join("operator.pub"),
        format!("{}\n", operator.public()).as_bytes(),
        Access::Public,
    )?;
    disk::create(
        &args.folder.join("resguardo.toml"),
        config.to_text()?.as_bytes(),
        Access::Public,
    )?;
    Ok(vkey)
}
