//! `resguardo council`: from cards to the council that a log begins with.

use crate::args::{Council as Args, CouncilDraft, CouncilPublish, CouncilShow, CouncilSign};
use crate::clock;
use crate::config::{self, Config};
use crate::console::{Console, Tone};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::keyfile::{self, Card, Role};
use crate::language::t;
use crate::output::Plan;
use crate::random;
use crate::remote::Remote;
use crate::trust::Trust;
use casework::RootOfTrust;
use protocol::ids::{MemberNumber, Nonce, PublicKey, Version};
use protocol::phrase::{Language, fingerprint_words};
use protocol::statement::{Council, CouncilError, CouncilMember, OperatorParty};
use protocol::{Digest, Envelope};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tlog::{Policy, VerifierKey};

/// Largest envelope in bytes.
const ENVELOPE_MAX: u64 = 128 * 1024;

pub(super) fn run(args: &Args, console: &Console) -> Outcome<()> {
    match args {
        Args::Draft(args) => draft(args, console),
        Args::Sign(args) => sign(args, console),
        Args::Publish(args) => publish(args, console),
        Args::Show(args) => show(args, console),
    }
}

fn draft(args: &CouncilDraft, console: &Console) -> Outcome<()> {
    let file = config::sought(args.config.file.as_deref())?;
    let inputs = args.seats.iter().chain(&args.readers).chain([&file]);
    let out = Plan::reading(inputs.map(PathBuf::as_path))
        .forced(args.force)
        .file(&args.out)?;
    let config = Config::load(&file)?;
    let seats = members(&args.seats, Role::Seat, 1)?;
    let readers = members(&args.readers, Role::Reader, 1 + seats.len())?;
    let mut council = Council {
        v: Version,
        origin: config.origin.clone(),
        nonce: Nonce::draw(&mut random::system()),
        time: clock::now(),
        epoch: 1,
        previous: None,
        objection_s: args.objection_s,
        urgent_s: args.urgent_s,
        seats,
        readers,
        account: args.account,
        identity: args.identity,
        policy: policy(&config, &args.cosigners, args.quorum)?,
        operator: OperatorParty {
            institution: config.institution.clone(),
            key: operator_key(&config)?,
        },
        mirrors: Vec::new(),
        bench: None,
        matcher: None,
        counsel: None,
        nodes: None,
        concentrated: false,
        urgent: false,
    };
    if let Err(CouncilError::Concentrated { .. }) = council.validate()
        && args.concentrated
    {
        council.concentrated = true;
    }
    council.validate().map_err(|error| bad_council(&error))?;
    council.draw_nonce(&mut random::system());
    let envelope = Envelope::sign(&council, &[]);
    out.write(envelope.bytes(), Access::Public)?;
    let words = Fingerprint::of(envelope.digest());
    warn_concentrated(&council, console);
    let human = t!("{}\nread these words aloud on a call: {}", args.out.display(), words);
    console.result(
        &human,
        json!({ "draft": args.out, "digest": envelope.digest(), "fingerprint": words }),
    );
    Ok(())
}

/// Members from cards, numbered from `first` on.
fn members(cards: &[PathBuf], role: Role, first: usize) -> Outcome<Vec<CouncilMember>> {
    let mut members = Vec::new();
    for (number, path) in (first..).zip(cards) {
        let card = Card::load(path)?;
        if card.role != role {
            return Err(
                CliError::usage(t!("{} is the card of a {}", path.display(), card.role.name()))
                    .why(t!("a {} is expected here", role.name()))
                    .remedy(t!("give seats first, and readers after --readers")),
            );
        }
        let x = u16::try_from(number).ok().and_then(MemberNumber::new).ok_or_else(|| {
            CliError::usage(t!("there are too many members"))
                .why(t!("a council holds few"))
                .remedy(t!("give fewer cards"))
        })?;
        members.push(CouncilMember {
            x,
            institution: card.institution,
            controller: card.controller,
            jurisdiction: card.jurisdiction,
            recipient: card.recipient,
            key: card.key,
            keys_until: card.keys_until,
        });
    }
    Ok(members)
}

/// Each cosigner is written `VKEY URL`.
fn policy(config: &Config, cosigners: &[String], quorum: Option<usize>) -> Outcome<String> {
    let text = disk::read(&config.path(Path::new("log.vkey")), 4096)?;
    let log = VerifierKey::parse(String::from_utf8_lossy(&text).trim()).ok_or_else(|| {
        CliError::new(
            CliCode::LogVkey,
            t!("log.vkey beside the configuration is not a verifier key"),
        )
        .why(t!("one is NAME+HASH+KEY"))
        .remedy(t!("put the file back that `resguardo init` wrote"))
    })?;
    let mut witnesses = Vec::new();
    for cosigner in cosigners {
        let (vkey, url) = cosigner.split_once(char::is_whitespace).unwrap_or((cosigner, ""));
        let key = VerifierKey::parse(vkey).ok_or_else(|| {
            CliError::usage(t!("`{}` is not a verifier key", vkey))
                .why(t!("one is NAME+HASH+KEY"))
                .remedy(t!(
                    "give what `resguardo node cosign --show-vkey` prints, a space, and the cosigner's address"
                ))
        })?;
        let url = url.trim();
        witnesses.push((key, (!url.is_empty()).then(|| url.to_owned())));
    }
    if witnesses.iter().all(|(_, url)| url.is_none()) {
        return Err(CliError::usage(t!("there is no cosigner with an address"))
            .why(t!("the time of every checkpoint comes from its cosigners"))
            .remedy(t!("--cosigners \"VKEY URL\"")));
    }
    let k = quorum.unwrap_or(witnesses.len() / 2 + 1);
    if !(1..=witnesses.len()).contains(&k) {
        return Err(
            CliError::usage(t!("a quorum of {} of {} cosigners cannot be", k, witnesses.len()))
                .why(t!("it is at least 1 and at most all of them"))
                .remedy(t!("choose another --quorum")),
        );
    }
    Ok(Policy::to_text_k_of_n(&log, Some(&config.base_url), &witnesses, k))
}

fn operator_key(config: &Config) -> Outcome<PublicKey> {
    let text = disk::read(&config.path(Path::new("operator.pub")), 4096)?;
    PublicKey::from_hex(String::from_utf8_lossy(&text).trim()).ok_or_else(|| {
        CliError::new(
            CliCode::OperatorKey,
            t!("operator.pub beside the configuration is not a key"),
        )
        .why(t!("it is not 64 hexadecimal digits"))
        .remedy(t!("put the file back that `resguardo init` wrote"))
    })
}

fn sign(args: &CouncilSign, console: &Console) -> Outcome<()> {
    let draft = load(&args.draft)?;
    let council = read(&draft)?;
    let inputs = args.key.inputs().chain([args.draft.as_path()]);
    let mut plan = Plan::reading(inputs).forced(args.force);
    let named = args.out.as_deref().map(|path| plan.file(path)).transpose()?;
    let keys = keyfile::load(&args.key.key, &args.key.source(), console)?;
    let seat = council
        .seats
        .iter()
        .find(|seat| seat.key == keys.public())
        .ok_or_else(|| {
            CliError::new(client::Local::NotOfCouncil, t!("this key is of no seat of the draft"))
                .why(t!("no seat of the draft has its public key"))
                .remedy(t!("give the key file whose card went into the draft"))
        })?;
    let out = match named {
        Some(out) => out,
        None => plan.file(&args.draft.with_extension(format!("{}.json", seat.x)))?,
    };
    warn_concentrated(&council, console);
    let signed = draft.with_signature(keys.signing());
    out.write(signed.bytes(), Access::Public)?;
    let out = out.path();
    let words = Fingerprint::of(draft.digest());
    let human = t!(
        "{}\nsigned as seat {}; the words must be: {}",
        out.display(),
        seat.x,
        words
    );
    console.result(
        &human,
        json!({ "signed": out, "seat": seat.x, "digest": draft.digest(), "fingerprint": words }),
    );
    Ok(())
}

fn publish(args: &CouncilPublish, console: &Console) -> Outcome<()> {
    let file = config::sought(args.config.file.as_deref())?;
    let config = Config::load(&file)?;
    let inputs = args.signed.iter().chain([&args.draft, &file]);
    let mut plan = Plan::reading(inputs.map(PathBuf::as_path)).forced(args.force);
    let outputs = [plan.file(&config.path(&config.council))?, plan.file(&args.root)?];
    let mut envelope = load(&args.draft)?;
    for path in &args.signed {
        envelope = envelope.merge(&load(path)?).map_err(|error| {
            CliError::new(CliCode::OtherDraft, t!("{} signs another council", path.display()))
                .why(error)
                .remedy(t!(
                    "give what the seat signs of this draft: `resguardo council sign DRAFT`; nothing was published"
                ))
        })?;
    }
    let council = read(&envelope)?;
    let unsigned: Vec<String> = council
        .seats
        .iter()
        .filter(|seat| !envelope.is_signed_by(&seat.key))
        .map(|seat| format!("{} ({})", seat.x, seat.institution))
        .collect();
    if !unsigned.is_empty() {
        return Err(
            CliError::new(CliCode::SignaturesMissing, t!("not every seat has signed the council"))
                .why(t!("missing: {}", unsigned.join(", ")))
                .remedy(t!(
                    "the first council is signed by all its seats: `resguardo council sign`"
                )),
        );
    }
    let root = RootOfTrust {
        v: Version,
        origin: config.origin.clone(),
        log_key: log_key_of(&config)?,
        policy: council.policy.clone(),
        council: envelope.digest(),
    };
    RootOfTrust::parse(json!(root).to_string().as_bytes()).map_err(|error| {
        CliError::new(CliCode::Root, t!("this does not make a root of trust"))
            .why(error)
            .remedy(t!(
                "compare log.vkey and the configuration with the draft; nothing was written"
            ))
    })?;
    let trust = Trust {
        root,
        base_url: config.base_url.clone(),
    };
    let [council_out, root_out] = &outputs;
    council_out.write(envelope.bytes(), Access::Public)?;
    root_out
        .write(&trust.to_text()?, Access::Public)
        .inspect_err(|_| council_out.take_back())?;
    let words = Fingerprint::of(envelope.digest());
    let human = t!(
        "{}\nprint these words on paper: {}\nthe log begins with this council at the next start of `resguardo serve`",
        args.root.display(),
        words
    );
    console.result(
        &human,
        json!({ "root": args.root, "digest": envelope.digest(), "fingerprint": words }),
    );
    Ok(())
}

fn log_key_of(config: &Config) -> Outcome<String> {
    let text = disk::read(&config.path(Path::new("log.vkey")), 4096)?;
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

fn show(args: &CouncilShow, console: &Console) -> Outcome<()> {
    let envelope = match &args.council {
        Some(path) => load(path)?,
        None => current(args, console)?,
    };
    let council = read(&envelope)?;
    let words = Fingerprint::of(envelope.digest());
    warn_concentrated(&council, console);
    let mut human = t!(
        "council {} of {}\n  fingerprint  {}\n  an account opens with {}, an identity with {} of {} seats\n",
        council.epoch,
        council.origin,
        words,
        council.account,
        council.identity,
        council.seats.len()
    );
    for seat in &council.seats {
        let mark = if envelope.is_signed_by(&seat.key) {
            t!("signed")
        } else {
            t!("not signed")
        };
        human.push_str(&t!(
            "  seat {}   {} ({}), under {}, {}\n",
            format_args!("{:<2}", seat.x),
            seat.institution,
            seat.jurisdiction,
            seat.controller,
            mark
        ));
    }
    for reader in &council.readers {
        human.push_str(&t!(
            "  reader {} {} ({}), under {}\n",
            format_args!("{:<2}", reader.x),
            reader.institution,
            reader.jurisdiction,
            reader.controller
        ));
    }
    human.push_str(&t!(
        "  objection time {}, urgent {}",
        clock::span(council.objection_s),
        clock::span(council.urgent_s)
    ));
    console.result(
        &human,
        json!({ "digest": envelope.digest(), "fingerprint": words, "council": council }),
    );
    Ok(())
}

/// Says in red that one authority can open alone.
fn warn_concentrated(council: &Council, console: &Console) {
    if let Some((controller, seats)) = concentration(council) {
        let human = t!(
            "✗ concentrated: {} can order {} of {} seats, and {} open an account: it can open alone",
            controller,
            seats,
            council.seats.len(),
            council.account
        );
        let value = json!({ "controller": controller, "seats": seats, "account": council.account });
        console.line(Tone::Bad, &human, "concentrated", value);
    }
}

/// The authority that can order enough seats to open an account, and how many it can.
pub(super) fn concentration(council: &Council) -> Option<(&str, usize)> {
    let controllers = council.seats.iter().map(|seat| seat.controller.as_str());
    most(controllers).filter(|(_, seats)| *seats >= usize::from(council.account))
}

/// What stands there most often, and how often.
fn most<'a>(names: impl Iterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count)
}

/// The newest council that the log shows.
fn current(args: &CouncilShow, console: &Console) -> Outcome<Envelope> {
    let trust = super::trust(&args.root)?;
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open_as_read(trust, remote, console)?;
    follow.refresh(console)?;
    let record = follow.log().registry().current();
    record
        .map(|record| record.envelope().clone())
        .ok_or_else(crate::line::no_council)
}

fn load(path: &Path) -> Outcome<Envelope> {
    let bytes = disk::read(path, ENVELOPE_MAX)?;
    Envelope::parse(disk::unmarked(&bytes)).map_err(|error| {
        CliError::new(CliCode::NotAnEnvelope, t!("{} is not a council", path.display()))
            .why(error)
            .remedy(t!("give what `resguardo council draft`, `sign` or `publish` wrote"))
    })
}

fn read(envelope: &Envelope) -> Outcome<Council> {
    let council: Council = envelope.unverified().map_err(|error| {
        CliError::new(CliCode::NotACouncil, t!("the statement is not a council"))
            .why(error)
            .remedy(t!("give what `resguardo council draft`, `sign` or `publish` wrote"))
    })?;
    council.validate().map_err(|error| bad_council(&error))?;
    Ok(council)
}

fn bad_council(error: &CouncilError) -> CliError {
    let remedy = match error {
        CouncilError::Concentrated { .. } => {
            t!("choose seats under other orders, or give --concentrated, which the page then says")
        }
        CouncilError::Times => t!("outside a demo the objection time is at least 3 days, the urgent one 2 hours"),
        _ => t!("change the seats, readers or thresholds"),
    };
    CliError::new(CliCode::BadCouncil, t!("such a council must not be"))
        .why(error)
        .remedy(remedy)
}

/// The eight words of a council, in both lists, as every list of the same council shows them.
#[derive(Serialize)]
pub(super) struct Fingerprint {
    /// In Spanish.
    es: String,
    /// In English.
    en: String,
}

impl Fingerprint {
    /// Of the council with this digest.
    pub fn of(digest: Digest) -> Self {
        let bits = Council::fingerprint(digest);
        Self {
            es: fingerprint_words(&bits, Language::Spanish),
            en: fingerprint_words(&bits, Language::English),
        }
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (in English: {})", self.es, self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_is_counted_wherever_it_stands() {
        let seats = ["state", "university", "state", "bar", "state"];
        assert_eq!(most(seats.into_iter()), Some(("state", 3)));
        assert_eq!(most([].into_iter()), None);
    }
}
