//! `resguardo seal` and `send`: a testimony sealed, filed, promised, and its receipt.

mod wait;
pub(super) mod words;

pub(super) use wait::take_receipt;

use crate::args::{ConsentMode, CopiesMode, DocketMode, Seal, Send, Withdraw};
use crate::clock;
use crate::console::Console;
use crate::declarant::DeclarantLine;
use crate::declare::{self, Copies, ToSeal};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::follow::Follow;
use crate::language::{of_error, t};
use crate::output::{Output, Plan};
use crate::package::{Package, PromisedFiling, Unsent};
use crate::remote::Remote;
use client::KeptPromise;
use protocol::http::Quota;
use protocol::ids::Version;
use protocol::phrase::PhraseRoot;
use protocol::problem::Problem;
use protocol::statement::{ConsentChoice, DocketChoice, WithdrawChoice};
use protocol::text::is_hidden;
use protocol::{CaseId, Digest, MemberNumber};
use sealing::{Choices, First, TestimonyInput};
use serde_json::{Value, json};
use std::path::Path;
use words::ToGive;
use zeroize::Zeroizing;

/// Largest text in bytes; its document also holds the names of its files.
const TEXT_MAX: u64 = testimony::DOCUMENT_MAX as u64;

pub(super) fn run(args: &Seal, console: &Console) -> Outcome<()> {
    if let Some(package) = &args.send {
        let args = Send {
            package: package.clone(),
            root: args.root.clone(),
            receipt: args.receipt.clone(),
            force: args.force,
        };
        return send(&args, console);
    }
    let outputs = outputs(args)?;
    let mut to_seal = to_seal(args)?;
    words::check(
        args.words.phrase.source().is_given(),
        args.words.phrase_out.is_some(),
        console,
    )?;
    let mut follow = begin(&args.root, console)?;
    warn_of_identifiers(&to_seal.input.answers, console);
    warn_of_concentration(&follow, console);
    if to_seal.first.is_none() && args.parent.is_none() {
        to_seal.choices.docket = docket(args.docket, &follow, console);
    }
    let (root, second, new) = words::root(args, outputs.words, outputs.decoy, &follow, console)?;
    to_seal.second = second;
    if let Some(number) = args.parent {
        let (first, codes) = first(&follow, &root, number, console)?;
        to_seal.first = Some(first);
        to_seal.codes = codes;
    }
    match &args.package {
        Some(folder) => write_package(&follow, &root, &to_seal, folder, &new, console),
        None => {
            let (case, promised) = seal_and_send(&follow, &root, &to_seal, &new, console)?;
            finish(&mut follow, Some(case), &promised, outputs.receipt.as_ref(), console)
        }
    }
}

pub(super) fn send(args: &Send, console: &Console) -> Outcome<()> {
    let mut plan = Plan::reading([args.package.as_path(), args.root.root.as_path()]).forced(args.force);
    let receipt = args
        .receipt
        .as_deref()
        .map(|path| ReceiptTo::plan(&mut plan, path))
        .transpose()?;
    let package = Package::load(&args.package)?;
    let mut follow = begin(&args.root, console)?;
    let promised = package.send(&follow, console)?;
    finish(&mut follow, None, &promised, receipt.as_ref(), console)
}

/// Where the receipt goes, and the promise until it is there: without it nobody could prove that the filing was promised.
struct ReceiptTo {
    receipt: Output,
    /// None where the receipt goes into a device or a pipe.
    promise: Option<Output>,
}

impl ReceiptTo {
    fn plan(plan: &mut Plan, path: &Path) -> Outcome<Self> {
        let receipt = plan.file(path)?;
        let promise = (!receipt.is_stream()).then(|| plan.file(&wait::promise_path(path)));
        Ok(Self {
            receipt,
            promise: promise.transpose()?,
        })
    }

    fn keep(&self, promised: &PromisedFiling) -> Outcome<()> {
        let Some(output) = &self.promise else { return Ok(()) };
        let kept = KeptPromise {
            v: Version,
            entry: promised.entry.to_vec(),
            promise: String::from_utf8_lossy(&promised.note).into_owned(),
        };
        let bytes = serde_json::to_vec_pretty(&kept).map_err(|error| CliError::bug(error.to_string()))?;
        output.write(&bytes, Access::Private)
    }

    fn forget_promise(&self) {
        if let Some(output) = &self.promise {
            let _ = std::fs::remove_file(output.path());
        }
    }
}

/// Where new words and the receipt go.
struct Outputs {
    words: Option<Output>,
    decoy: Option<Output>,
    receipt: Option<ReceiptTo>,
}

fn outputs(args: &Seal) -> Outcome<Outputs> {
    let texts = [&args.account, &args.identity, &args.answers].into_iter().flatten();
    let inputs = texts
        .chain(&args.files)
        .chain([&args.root.root])
        .map(std::path::PathBuf::as_path);
    let mut plan = Plan::reading(inputs.chain(args.words.phrase.inputs()));
    if let Some(folder) = &args.package {
        plan.folder(folder)?;
    }
    // Words are never replaced: they may be those of another testimony.
    let words = args.words.phrase_out.as_deref().map(|path| plan.file(path)).transpose();
    let words = words.map_err(|failure| match failure {
        there if there.is(CliCode::Exists) => there.within(
            t!("these may be the words of another testimony"),
            t!("choose another name; to hold this testimony under the same words, use --phrase-file"),
        ),
        other => other,
    })?;
    let decoy = args.decoy_out.as_deref().map(|path| plan.file(path)).transpose()?;
    let mut plan = plan.forced(args.force);
    let receipt = args
        .receipt
        .as_deref()
        .map(|path| ReceiptTo::plan(&mut plan, path))
        .transpose()?;
    Ok(Outputs { words, decoy, receipt })
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

/// The filing to which this one adds, as its seats show it, and the upload codes that they sent.
fn first(follow: &Follow, root: &PhraseRoot, number: u32, console: &Console) -> Outcome<(First, Vec<Quota>)> {
    let case = root.case(number);
    if !follow.log().fold().slots().is_taken(&case.case_salt, 0) {
        let what = t!("the log holds no filing {} of these words", number);
        return Err(CliError::new(CliCode::NoEntry, what)
            .why(t!("only to what is in the log something can be added"))
            .remedy(t!(
                "nothing was sealed; `resguardo inbox` lists the filings of these words, the first has number 0"
            )));
    }
    let mut hers = DeclarantLine::from_roots(follow.trust().clone(), vec![root.copy()], None, console)?;
    hers.refresh(console)?;
    let first = hers.declarant().first(&case.id).map_err(|failure| match failure.code {
        client::Code::Local(client::Local::CaseUnknown) => CliError::new(
            CliCode::Withheld,
            t!("what was chosen for that filing is not known yet"),
        )
        .why(t!("too few seats show what was filed"))
        .remedy(t!(
            "nothing was sealed; the seats have 72 hours, come back after `resguardo inbox` says «held»"
        )),
        _ => CliError::from(failure),
    })?;
    Ok((first, hers.declarant().upload_codes(&case.id)))
}

fn to_seal(args: &Seal) -> Outcome<ToSeal> {
    let text = |path: &Path| -> Outcome<Zeroizing<String>> {
        let text = disk::text(path, TEXT_MAX).map_err(|failure| match failure {
            large if large.is(CliCode::FileTooLarge) => too_long(path),
            binary if binary.is(CliCode::NotText) => binary.also(t!("give photographs and papers as evidence instead")),
            other => other,
        })?;
        if text.chars().all(|c| c.is_whitespace() || is_hidden(c)) {
            return Err(CliError::usage(t!("{} holds no words", path.display()))
                .why(t!("it is empty or blank, and what is filed so can never be filled in"))
                .remedy(t!(
                    "check that it is the file you mean, and that it was saved; nothing was sealed"
                )));
        }
        Ok(text)
    };
    let account = args.account.as_deref().ok_or_else(|| {
        CliError::usage(t!("there is no account"))
            .why(t!("every testimony has one"))
            .remedy(t!("give --account FILE"))
    })?;
    let mut leave_out = Vec::new();
    for x in &args.leave_out {
        leave_out.push(MemberNumber::new(*x).ok_or_else(|| {
            CliError::usage(t!("there is no seat 0"))
                .why(t!("seats are numbered from 1"))
                .remedy(t!("`resguardo council show` lists them"))
        })?);
    }
    let mut allowed = args.allow.clone();
    allowed.sort_unstable();
    allowed.dedup();
    let identity = args.identity.as_deref().map(text).transpose()?;
    Ok(ToSeal {
        input: TestimonyInput {
            account: text(account)?.to_string(),
            identity: identity.map(|text| text.to_string()).unwrap_or_default(),
            language: args.speaks.clone().unwrap_or_default(),
            danger: args.danger,
            interpreter: args.interpreter,
            answers: args.answers.as_deref().map(answers).transpose()?.unwrap_or_default(),
            soon: args.soon,
        },
        evidence: args.files.clone(),
        copies: match args.copies {
            CopiesMode::Beside => Copies::Beside,
            CopiesMode::Only => Copies::Only,
            CopiesMode::None => Copies::None,
        },
        choices: Choices {
            left_out: leave_out,
            consent: consent(args)?,
            allowed,
            ask_me_after: args.ask_me_after,
            withdraw: match args.withdraw {
                Withdraw::After => WithdrawChoice::After,
                Withdraw::InPerson => WithdrawChoice::InPerson,
            },
            inbox_days: args.inbox_days.parse().unwrap_or(180),
            docket: DocketChoice::CountsOnly,
        },
        first: None,
        codes: Vec::new(),
        second: None,
    })
}

/// Her choice of the docket; where she made none, acts become public once the council has opened it (§10.1). She is told.
fn docket(chosen: Option<DocketMode>, follow: &Follow, console: &Console) -> DocketChoice {
    let is_open = follow.log().registry().docket_open().is_some();
    match (chosen, is_open) {
        (Some(DocketMode::CountsOnly), _) | (None, false) => DocketChoice::CountsOnly,
        (Some(DocketMode::Normal), _) | (None, true) => {
            console.note(t!(
                "of what is done on this testimony becomes public, weeks later: which institution asked, in which week, who \
                 granted or refused, whether it was opened and what came of it; never yours or the testimony's name, number or \
                 text. `--docket counts-only` keeps it to numbers"
            ));
            DocketChoice::Normal
        }
    }
}

/// Answers of the form from a file: a JSON object by field, as it is sealed.
fn answers(path: &Path) -> Outcome<String> {
    let text = disk::text(path, TEXT_MAX)?;
    let fields = serde_json::from_str(&text).map_err(|error| {
        CliError::usage(t!("{} holds no answers", path.display()))
            .why(t!(
                "it is no JSON object, by field: line {}, column {}",
                error.line(),
                error.column()
            ))
            .remedy(t!("write it as in `{}`; nothing was sealed", r#"{"age_band": "9-17"}"#))
    })?;
    testimony::check(&fields).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| of_error(&fault.to_string())).collect();
        CliError::usage(t!("{} does not fit the form", path.display()))
            .why(faults.join("; "))
            .remedy(t!("correct these answers, or leave them out; nothing was sealed"))
    })?;
    Ok(text.to_string())
}

/// Says which identifiers are only kept as they were written: a digit may be missing.
fn warn_of_identifiers(answers: &str, console: &Console) {
    let Ok(fields) = serde_json::from_str(answers) else {
        return;
    };
    for (place, named) in testimony::named(&fields).iter().enumerate() {
        if let Err(why) = named.identifier() {
            console.warn(&t!(
                "identifier {} of who hurt you is kept as it is written, for it has no normal form: {}",
                place + 1,
                of_error(&why.to_string())
            ));
        }
    }
}

/// Days of silence under lapse where none are given (§8.4).
const LAPSE_DAYS: u32 = 365;

/// Her choice of who opens it.
fn consent(args: &Seal) -> Outcome<ConsentChoice> {
    let days = args.lapse_days.as_deref().and_then(|days| days.parse().ok());
    match (args.consent, days) {
        (None, None) => Ok(ConsentChoice::NotAsked),
        (Some(ConsentMode::Strict), None) => Ok(ConsentChoice::Strict),
        (Some(ConsentMode::Lapse), days) => Ok(ConsentChoice::Lapse {
            days: days.unwrap_or(LAPSE_DAYS),
        }),
        (_, Some(_)) => Err(CliError::usage(t!("--lapse-days says nothing without --consent lapse"))
            .why(t!("only there it opens without her after long silence"))
            .remedy(t!(
                "give --consent lapse, or leave --lapse-days out; nothing was sealed"
            ))),
    }
}

/// A text that is too long is a wrong use, as evidence that is.
fn too_long(path: &Path) -> CliError {
    CliError::usage(t!("{} is too long for a text", path.display()))
        .why(t!(
            "a text holds {} bytes: as many plain letters, and half as many with accents on each",
            TEXT_MAX
        ))
        .remedy(t!(
            "shorten it, give the rest as evidence, or file it in parts; nothing was filed"
        ))
}

/// One sentence when a single authority can open an account alone.
fn warn_of_concentration(follow: &Follow, console: &Console) {
    let Some(council) = follow.log().registry().current() else {
        return;
    };
    if let Some((controller, seats)) = super::council::concentration(council) {
        console.warn(&t!(
            "{} controls {} of the {} seats, enough to open an account alone; --leave-out keeps shares from \
             seats that you name",
            controller,
            seats,
            council.seats.len()
        ));
    }
}

fn write_package(
    follow: &Follow,
    root: &PhraseRoot,
    to_seal: &ToSeal,
    folder: &Path,
    new: &ToGive,
    console: &Console,
) -> Outcome<()> {
    let (_, case) = declare::free_case(follow, root, 0);
    let package = declare::seal_into(follow, &case, (to_seal, 0), folder, console)?;
    if let Err(failure) = new.give(console) {
        package.discard()?;
        return Err(failure);
    }
    let code = case.id.code();
    let human = t!(
        "{}\nsealed as {}; nothing is filed before it is sent: `resguardo send {}`",
        folder.display(),
        code,
        folder.display()
    );
    let entry = Digest::of(&package.form()?.entry.0);
    console.result(
        &human,
        json!({ "package": disk::absolute(folder), "code": code, "entry_sha256": entry }),
    );
    Ok(())
}

/// Seals and sends. New words are given when all is sealed and nothing is sent yet, and taken back when nothing was filed.
fn seal_and_send(
    follow: &Follow,
    root: &PhraseRoot,
    to_seal: &ToSeal,
    new: &ToGive,
    console: &Console,
) -> Outcome<(CaseId, PromisedFiling)> {
    let mut given = false;
    let unsent = match send_first_free(follow, root, to_seal, console, &mut || match given {
        false => new.give(console).inspect(|()| given = true),
        true => Ok(()),
    }) {
        Ok(sent) => return Ok(sent),
        Err(unsent) => unsent,
    };
    if unsent.is_maybe_filed {
        return Err(maybe_filed(unsent.failure, new.file()));
    }
    if given {
        new.take_back(console);
    }
    Err(unsent.failure)
}

/// It was on its way: she keeps the words and looks, before she files it a second time.
fn maybe_filed(failure: CliError, words: Option<&Path>) -> CliError {
    let with = words.map_or_else(
        || t!("the eight words").to_owned(),
        |path| t!("--phrase-file {}", path.display()),
    );
    let remedy = t!(
        "keep the words; look with `resguardo inbox` and {} within the day, and only if nothing is there, seal it again \
         with the same words",
        with
    );
    failure.within(t!("it may be filed all the same"), remedy)
}

/// Seals for the first case number that is free and sends it; on a conflict seals again for the next.
fn send_first_free(
    follow: &Follow,
    root: &PhraseRoot,
    to_seal: &ToSeal,
    console: &Console,
    sealed: &mut dyn FnMut() -> Outcome<()>,
) -> Result<(CaseId, PromisedFiling), Unsent> {
    let (mut from, mut refused) = (0, 0);
    loop {
        let (c, case) = declare::free_case(follow, root, from);
        let folder = tempfile::tempdir().map_err(|error| {
            CliError::new(CliCode::File, t!("no temporary folder"))
                .why(error)
                .remedy(t!("check the free space; nothing was filed"))
        })?;
        let package = declare::seal_into(follow, &case, (to_seal, refused), folder.path(), console)?;
        sealed()?;
        match package.send(follow, console) {
            Ok(promised) => return Ok((case.id, promised)),
            Err(unsent) if unsent.failure.is(Problem::SlotTaken) => from = c + 1,
            Err(unsent) if unsent.failure.is(Problem::Quota) && refused + 1 < to_seal.codes.len() => refused += 1,
            Err(unsent) => return Err(unsent),
        }
    }
}

fn finish(
    follow: &mut Follow,
    case: Option<CaseId>,
    promised: &PromisedFiling,
    receipt: Option<&ReceiptTo>,
    console: &Console,
) -> Outcome<()> {
    let mut value =
        json!({ "entry_sha256": Digest::of(&promised.entry), "deadline": clock::rfc3339(promised.deadline) });
    let mut human = t!(
        "✓ filed: promised for the log by {}",
        clock::readable(promised.deadline)
    );
    if let Some(case) = case {
        human.push_str(&t!("\n  case code {}, a name, not a key", case.code()));
        value["code"] = json!(case.code());
    }
    if let Some(output) = receipt {
        let path = output.receipt.path();
        console.note(&human);
        let stands = |failure: CliError| {
            match failure.exit() {
            Exit::Storage | Exit::Usage => failure.also(
                t!("the filing stands, do not file it again; take the receipt with `resguardo inbox --receipt` and another name"),
            ),
            _ => failure,
        }
        };
        output.keep(promised).map_err(stands)?;
        let index = wait::for_entry(follow, promised, path, console)?;
        let taken = take_receipt(follow.remote(), follow.trust(), index, &promised.entry, &output.receipt);
        taken.map_err(stands)?;
        output.forget_promise();
        value["receipt"] = json!(disk::absolute(path));
        value["index"] = Value::from(index);
        human = t!("✓ in the log as entry {}; the receipt is {}", index, path.display());
    }
    console.result(&human, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Verb};
    use clap::Parser as _;

    /// What stands in the command line is what is sealed, as on her page.
    #[test]
    fn every_argument_is_in_what_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let (account, identity) = (folder.path().join("account.txt"), folder.path().join("identity.txt"));
        std::fs::write(&account, "What happened.").unwrap();
        std::fs::write(&identity, "Nobody.").unwrap();
        let form = folder.path().join("answers.json");
        std::fs::write(&form, r#"{"age_band": "9-17"}"#).unwrap();
        let words = [
            "resguardo",
            "seal",
            "photo.jpg",
            "--copies",
            "only",
            "--danger",
            "--interpreter",
            "--soon",
            "--speaks",
            "tu'un savi",
            "--consent",
            "lapse",
            "--lapse-days",
            "180",
            "--ask-me-after",
            "3",
            "--inbox-days",
            "30",
            "--withdraw",
            "in-person",
            "--root",
            "root.json",
        ];
        let lists = ["--allow", "research", "support", "--leave-out", "4", "--account"];
        let line = words
            .map(std::ffi::OsStr::new)
            .into_iter()
            .chain(lists.map(std::ffi::OsStr::new));
        let line = line.chain([account.as_os_str(), "--identity".as_ref(), identity.as_os_str()]);
        let line = line.chain(["--answers".as_ref(), form.as_os_str()]);
        let Verb::Seal(args) = Cli::parse_from(line).verb else {
            panic!("another command");
        };
        let to_seal = to_seal(&args).unwrap();
        let TestimonyInput {
            account,
            identity,
            language,
            danger,
            interpreter,
            answers,
            soon,
        } = &to_seal.input;
        assert_eq!(answers, r#"{"age_band": "9-17"}"#);
        assert_eq!(
            [account, identity, language],
            ["What happened.", "Nobody.", "tu'un savi"]
        );
        assert_eq!([*danger, *interpreter, *soon], [true; 3]);
        let choices = Choices {
            left_out: vec![MemberNumber::new(4).unwrap()],
            consent: ConsentChoice::Lapse { days: 180 },
            allowed: vec![protocol::statement::Use::Support, protocol::statement::Use::Research],
            ask_me_after: Some(3),
            withdraw: WithdrawChoice::InPerson,
            inbox_days: 30,
            docket: DocketChoice::CountsOnly,
        };
        assert_eq!(to_seal.choices, choices);
        assert_eq!(to_seal.copies, Copies::Only);
        assert_eq!(to_seal.evidence, [Path::new("photo.jpg")]);
    }
}
