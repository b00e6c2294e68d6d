//! What differs from seat to seat although it should be one for all (§5.4, §9.1).

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use protocol::age;
use protocol::drop::BucketName;
use protocol::http::EntryHex;
use protocol::open::open_header_file;
use protocol::phrase::{CaseKeys, Phrase};
use protocol::seal::HEADER_FILE_LEN;
use protocol::share::file::{Flags, ShareFile};
use protocol::statement::Testimony;
use protocol::{Digest, Envelope, json};
use rand_core::UnwrapErr;

use crate::Figure;
use crate::junk::Filing;
use crate::stage::{Stage, Ways, until};

/// A client that says danger to the first seat, nothing to the second, and to the third that an interpreter is wanted.
pub(super) fn differing_flags(binary: &Path, _size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let (mut filing, keys) = sealed(&stage)?;
    let told = [
        ("ombudsman", (true, false)),
        ("shelter", (false, false)),
        ("prosecutor", (false, true)),
    ];
    for (name, (danger, interpreter)) in told {
        tell(&stage, &mut filing, name, Flags { danger, interpreter })?;
    }
    sign_again(&mut filing, &keys)?;
    let refused = in_a_deeper_bucket(&stage, &mut filing)?;
    filing.post(&stage)?.ok()?;

    // The second and the third acknowledge first: nothing that they hold says danger.
    let others = ["shelter", "prosecutor"];
    let mut before = 0;
    for name in others {
        acknowledge(&stage, name)?;
        before += usize::from(is_in_danger(&stage, name)?);
    }
    acknowledge(&stage, "ombudsman")?;
    let mut after = 0;
    for (name, _) in told {
        until(
            "the danger in a queue",
            || Ok(is_in_danger(&stage, name)?.then_some(())),
        )?;
        after += 1;
    }
    Ok(Figure::new(
        (before, after, refused) == (0, 3, 422),
        format!(
            "of {} seats that were not told, {before} knew before the one that was had acknowledged; then the danger stands in {after} \
             of 3 queues; greetings for a depth that is not in force are refused ({refused})",
            others.len()
        ),
    ))
}

/// A testimony as the program seals it, with the keys of its words.
fn sealed(stage: &Stage) -> Result<(Filing, CaseKeys)> {
    std::fs::write(stage.path("account.txt"), "What happened.\n")?;
    let seal = ["seal", "--account", "account.txt", "--soon", "--package", "package"];
    stage
        .deployment
        .verb(&[&seal[..], &["--phrase-out", "words.txt"]].concat())?;
    let words = std::fs::read_to_string(stage.path("words.txt"))?;
    let phrases = Phrase::read(words.trim()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let root = phrases.first().context("a phrase")?.root(&stage.origin);
    let form = std::fs::read(stage.path("package/filing.json"))?;
    let mut filing = Filing {
        form: json::read(&form, form.len())?,
        files: Vec::new(),
    };
    for file in std::fs::read_dir(stage.path("package"))? {
        let bytes = std::fs::read(file?.path())?;
        if bytes != form {
            filing.files.push((Digest::of(&bytes), bytes));
        }
    }
    Ok((filing, root.context("64 MiB")?.case(0)))
}

/// Puts other flags into a seat's share file.
fn tell(stage: &Stage, filing: &mut Filing, name: &str, flags: Flags) -> Result<()> {
    let seat = stage.member(name)?;
    let share = filing.form.shares.iter_mut().find(|share| share.x == seat.x);
    let share = share.context("a share")?;
    let (digest, bytes) = filing
        .files
        .iter_mut()
        .find(|(digest, _)| *digest == share.digest)
        .context("its file")?;
    let mut file = ShareFile::parse(&age::open(seat.keys.identity(), bytes)?).context("a share file")?;
    file.flags = flags;
    *bytes = age::seal(&[&seat.keys.identity().recipient()], &file.to_bytes(), &mut rng());
    *digest = Digest::of(bytes);
    share.digest = *digest;
    Ok(())
}

/// Signs the testimony anew over the files that there are now.
fn sign_again(filing: &mut Filing, keys: &CaseKeys) -> Result<()> {
    let k = keys.case_salt.k();
    let header = filing.form.header.digest;
    let (digest, bytes) = filing
        .files
        .iter_mut()
        .find(|(digest, _)| *digest == header)
        .context("the header")?;
    let (core, testimony) = open_header_file(&k, bytes)?;
    let mut testimony: Testimony = testimony.unverified()?;
    testimony.shares.clone_from(&filing.form.shares);
    let testimony = Envelope::sign(&testimony, &[&keys.signing]);
    let mut plain = vec![1];
    for envelope in [&core, &testimony] {
        plain.extend(u32::try_from(envelope.bytes().len())?.to_be_bytes());
        plain.extend(envelope.bytes());
    }
    plain.resize(HEADER_FILE_LEN, 0);
    *bytes = age::seal(&[&k.recipient()], &plain, &mut rng());
    *digest = Digest::of(bytes);
    filing.form.header.digest = *digest;
    filing.form.entry = EntryHex(
        keys.case_salt
            .entry(0, testimony.digest(), None)
            .to_bytes()
            .as_slice()
            .try_into()?,
    );
    Ok(())
}

/// What the service says to the same with greetings for a depth that is not in force.
fn in_a_deeper_bucket(stage: &Stage, filing: &mut Filing) -> Result<u16> {
    let greetings = filing.form.greetings.clone();
    for greeting in &mut filing.form.greetings {
        greeting.bucket = BucketName::of(&greeting.digest, 1);
    }
    let status = filing.post(stage)?.status;
    filing.form.greetings = greetings;
    Ok(status)
}

fn acknowledge(stage: &Stage, name: &str) -> Result<()> {
    until("a delivery", || {
        let events = stage.desk(name, &["shares", "check"])?;
        let holds = events.iter().any(|event| event["verdict"] == "holds");
        ensure!(
            holds
                || events
                    .iter()
                    .all(|event| event["event"] != "share" || event["verdict"] == "early"),
            "{events:?}"
        );
        Ok(holds.then_some(()))
    })
}

/// Whether its queue says that somebody is in danger.
fn is_in_danger(stage: &Stage, name: &str) -> Result<bool> {
    let events = stage.desk(name, &["queue"])?;
    Ok(events.iter().any(|event| event["task"] == "danger"))
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
