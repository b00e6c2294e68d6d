//! A testimony from the filing to its releases, with the verbs that people use; and what a bought seat files on it with a
//! client of its own.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use protocol::drop::seal_act;
use protocol::http::EntryHex;
use protocol::ids::Version;
use protocol::phrase::Phrase;
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, Decision, Objection, Payload, Reason};
use protocol::{CaseId, Digest, Envelope, Nonce};
use rand_core::UnwrapErr;
use serde_json::Value;

use crate::junk;
use crate::stage::{Member, PATIENCE, Stage, now, until};

/// A case whose salt the attack has, as any seat and any reader with a release has it.
pub struct Case {
    /// `R-XXXX-XXXX`.
    pub code: String,
    id: CaseId,
    salt: CaseSalt,
}

impl Case {
    /// She files; nobody has acknowledged yet.
    pub fn file(stage: &Stage) -> Result<Self> {
        std::fs::write(stage.path("account.txt"), "What happened.\n")?;
        let words = stage.path("words.txt");
        if words.exists() {
            std::fs::remove_file(&words)?;
        }
        stage.deployment.verb(&[
            "seal",
            "--account",
            "account.txt",
            "--soon",
            "--phrase-out",
            "words.txt",
        ])?;
        let text = std::fs::read_to_string(words)?;
        let phrases = Phrase::read(text.trim()).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let root = phrases
            .first()
            .context("a phrase")?
            .root(&stage.origin)
            .context("64 MiB")?;
        let keys = root.case(0);
        Ok(Self {
            code: keys.id.code(),
            id: keys.id,
            salt: CaseSalt::new(*keys.case_salt.expose()),
        })
    }

    /// These seats check their delivery and acknowledge it.
    pub fn acknowledge(&self, stage: &Stage, names: &[&str]) -> Result<()> {
        for name in names {
            until("a delivery", || {
                let events = stage.desk(name, &["shares", "check"])?;
                Ok(events.iter().any(|event| event["verdict"] == "holds").then_some(()))
            })?;
        }
        Ok(())
    }

    /// The reader is told and asks; gives D(request), once a seat has filed it.
    pub fn ask(&self, stage: &Stage) -> Result<Digest> {
        again(stage, "shelter", &["refer", &self.code, "--reader", "6"])?;
        let asking = ["request", &self.code, "--purpose", "inquiry", "--basis", "art. 3"];
        let events = again(stage, "lawyer", &asking)?;
        let request = events.iter().find_map(|event| event["request"].as_str());
        let request = Digest::from_hex(request.context("a request")?).context("a digest")?;
        let hex = request.to_hex();
        until("the request at a seat", || {
            // A seat takes the request from its cell and files it; one step later the case shows it.
            let events = stage.desk("shelter", &["queue"])?;
            Ok(events
                .iter()
                .any(|event| event["event"] == "task" && event["request"] == hex.as_str())
                .then_some(()))
        })?;
        Ok(request)
    }

    /// Slots that are taken in the log, ascending.
    pub fn taken(&self, stage: &Stage) -> Result<Vec<u32>> {
        let entries = stage.entries()?;
        let is_there = |k: &u32| {
            let slot = self.salt.slot(*k);
            entries.iter().any(|entry| entry.get(1..33) == Some(&slot[..]))
        };
        Ok((0..256).filter(is_there).collect())
    }

    /// The lowest free slot, and the highest one taken.
    pub fn bounds(&self, stage: &Stage) -> Result<(u32, u32)> {
        let taken = self.taken(stage)?;
        let free = (0..).find(|k| !taken.contains(k)).context("a free slot")?;
        Ok((free, taken.last().copied().unwrap_or(0)))
    }

    /// The bytes of an entry in slot `k` that commits to nothing.
    pub fn junk_entry(&self, k: u32) -> EntryHex {
        let mut entry = junk::entry();
        entry.0[1..33].copy_from_slice(&self.salt.slot(k));
        entry
    }

    /// A bought seat's decision.
    pub fn decision(&self, stage: &Stage, by: &Member, request: Digest, is_grant: bool) -> Envelope {
        let account = vec![Compartment::Account];
        let (grants, refuses, reason) = match is_grant {
            true => (account, vec![], None),
            false => (vec![], account, Some(Reason::Policy)),
        };
        let payload = Decision {
            v: Version,
            origin: stage.origin.clone(),
            nonce: Nonce::draw(&mut UnwrapErr(getrandom::SysRng)),
            time: now(),
            case: self.id,
            request,
            x: by.x,
            grants,
            refuses,
            reason,
            twin: None,
        };
        signed(&payload, by)
    }

    /// A bought seat's objection.
    pub fn objection(&self, stage: &Stage, by: &Member, request: Digest) -> Envelope {
        let payload = Objection {
            v: Version,
            origin: stage.origin.clone(),
            nonce: Nonce::draw(&mut UnwrapErr(getrandom::SysRng)),
            time: now(),
            case: self.id,
            request,
            by: by.x,
            n: None,
            twin: None,
        };
        signed(&payload, by)
    }

    /// Files an act in a slot of the attacker's choice or, while promised acts have it, in the next; with its record or with
    /// one that holds nothing. Waits until it is in the log.
    pub fn act_in(&self, stage: &Stage, by: &Member, k: u32, act: &Envelope, is_shown: bool) -> Result<u64> {
        for k in k..k + 16 {
            let entry = self.salt.entry(k, act.digest(), None).to_bytes();
            let form = EntryHex(entry.as_slice().try_into()?);
            // Each act carries a record; nobody sees that this one holds nothing.
            let files = if is_shown {
                self.records(act)?
            } else {
                junk::records(1, 0).1
            };
            let named: Vec<_> = files.iter().map(|bytes| junk::record(bytes, 0)).collect();
            let answer = junk::post_act(stage, by, form, &named, &files)?;
            if answer.status != 409 {
                answer.ok()?;
                return stage.included(&entry);
            }
        }
        bail!("no slot from {k} on")
    }

    /// Shows the record of an act that was filed without it.
    pub fn show(&self, stage: &Stage, by: &Member, act: &Envelope) -> Result<()> {
        let files = self.records(act)?;
        let named: Vec<_> = files.iter().map(|bytes| junk::record(bytes, 0)).collect();
        junk::post_records(stage, by, &named, &files)?.ok()?;
        Ok(())
    }

    fn records(&self, act: &Envelope) -> Result<Vec<Vec<u8>>> {
        let rng = &mut UnwrapErr(getrandom::SysRng);
        Ok(seal_act(&self.salt.k().recipient(), act, None, rng)?)
    }
}

fn signed<P: Payload>(payload: &P, by: &Member) -> Envelope {
    Envelope::sign(payload, &[by.keys.signing()])
}

/// Runs a verb until it succeeds: much of what people do waits for the next step.
pub fn again(stage: &Stage, name: &str, arguments: &[&str]) -> Result<Vec<Value>> {
    let since = Instant::now();
    loop {
        match stage.desk(name, arguments) {
            Ok(events) => return Ok(events),
            Err(error) if since.elapsed() > PATIENCE => bail!("{name}: {error:#}"),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(300)),
        }
    }
}
