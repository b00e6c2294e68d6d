//! How every scene ends: the whole log is checked, and each act on the case counts and has a receipt.

use super::{Declared, Tour, wrong};
use crate::clock::Stopwatch;
use crate::console::{Console, Tone};
use crate::demo::report::Ready;
use crate::disk::{self, Access};
use crate::failure::Outcome;
use crate::language::t;
use crate::promise;
use casework::case::Standing;
use protocol::phrase::Language;
use protocol::{CaseId, Digest};
use serde_json::json;
use std::path::PathBuf;
use zeroize::Zeroizing;

impl Tour<'_> {
    /// What the tour made, once the whole log is checked.
    pub(super) fn ready(
        mut self,
        declared: &Declared,
        request: &Digest,
        identity: Option<Zeroizing<String>>,
    ) -> Outcome<Ready> {
        let receipts = self.check_log(&declared.case)?;
        let phrase = declared.phrase.words(Language::English);
        Ok(Ready {
            base_url: self.place.base_url(),
            log_vkey: self.place.log_vkey()?,
            cosigner_vkeys: vec![self.place.cosigner_vkey()?],
            receipts,
            phrase,
            keys_dir: self.place.keys_dir(),
            council: self.place.council(),
            testimony_in: self.folder.join("testimony_in"),
            testimony_out: identity.is_some().then(|| self.folder.join("testimony_out")),
            objects_dir: identity.is_some().then(|| self.folder.join("objects")),
            identity,
            steps: self.steps,
            phrase_file: self.folder.join("phrase.txt"),
            folder: self.folder,
            code: declared.case.code(),
            request: request.to_hex().chars().take(12).collect(),
        })
    }

    /// The whole log from its tiles; a receipt of every act on the case; each act counts.
    fn check_log(&mut self, case: &CaseId) -> Outcome<Vec<(PathBuf, String)>> {
        let watch = Stopwatch::start();
        self.follow.refresh(&Console::silent())?;
        let audit = self.follow.audit(&Console::silent())?;
        if let Some(fault) = audit.steps.faults.first() {
            return Err(wrong(t!("the log does not verify: {}", crate::commands::fault(fault))));
        }
        let folder = self.folder.join("receipts");
        disk::private_folder(&folder)?;
        // A reader holds nothing of what was not opened; every seat does.
        let seat = self.seats.first().map(|seat| seat.member().case(case));
        let held = self.reader.member().case(case);
        let held = held.or_else(|failure| seat.unwrap_or(Err(failure)))?;
        let facts = held.case.facts();
        let filing = held.case.salt().entry(0, facts.testimony, facts.match_request);
        let mut entries = vec![(held.case.filed().index, "filing".to_owned(), filing)];
        for act in held.case.acts() {
            let (Some(statement), Standing::Counts, Some(body)) = (act.statement, &act.standing, &act.body) else {
                return Err(wrong(t!(
                    "the act in entry {} does not count: {}",
                    act.found.index,
                    format_args!("{:?}", act.standing)
                )));
            };
            let name = serde_json::to_value(body)
                .ok()
                .and_then(|value| value["act"].as_str().map(str::to_owned));
            let entry = held.case.salt().entry(act.found.k, statement, None);
            entries.push((act.found.index, name.unwrap_or_default(), entry));
        }
        let mut receipts = Vec::new();
        for (number, (index, name, entry)) in entries.into_iter().enumerate() {
            let bytes = entry.to_bytes();
            let receipt = promise::receipt(self.follow.remote(), self.follow.trust(), index, &bytes)?;
            let path = folder.join(format!("{number}-{name}.receipt"));
            disk::write(&path, receipt.to_text().as_bytes(), Access::Private)?;
            receipts.push((path, base16ct::lower::encode_string(&bytes)));
        }
        let name = t!("every entry checked");
        self.done(name, &watch);
        let human = t!(
            "    {} entries, {} checkpoints, {} receipts",
            audit.size,
            audit.steps.checkpoints,
            receipts.len()
        );
        let value =
            json!({ "entries": audit.size, "checkpoints": audit.steps.checkpoints, "receipts": receipts.len() });
        self.console.line(Tone::Plain, &human, "log", value);
        Ok(receipts)
    }
}
