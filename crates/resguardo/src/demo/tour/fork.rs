//! The scene in which the operator takes a filing out of the log: the cosigner refuses to sign that, and what the operator
//! has signed proves it to anybody.

use super::{Declared, Tour, wait, wrong};
use crate::clock::Stopwatch;
use crate::config;
use crate::console::Tone;
use crate::demo::report::Ready;
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::line::ServiceLine;
use client::cosigners::{self, CosignerAnswer};
use client::monitor::Compared;
use protocol::slot::Entry;
use serde_json::json;
use tlog::note::KeyKind;
use tlog::tree::Frontier;
use tlog::{Checkpoint, Note, SigningNoteKey, leaf_hash};

/// File of the checkpoint that the operator should not have signed.
const FORGED: &str = "forged.checkpoint";

impl Tour<'_> {
    pub(super) fn fork(mut self) -> Outcome<Ready> {
        let (declared, request, identity) = self.whole()?;
        let key = self.log_key()?;
        let forged = self.refused_by_the_cosigner(&declared, &key)?;
        self.seen_by_a_monitor(&forged)?;
        self.ready(&declared, &request, Some(identity))
    }

    /// The key that signs the log, which an operator has.
    fn log_key(&self) -> Outcome<SigningNoteKey> {
        let (_, keys) = self.place.config()?;
        let origin = self.follow.trust().origin().as_str();
        SigningNoteKey::from_seed(origin, KeyKind::Ed25519, &config::log_seed(&keys.log))
            .ok_or_else(|| CliError::bug("the log has no name"))
    }

    /// Another entry where the filing stood, and the tree of that signed by the log. Whoever follows the log takes no
    /// checkpoint that too few cosigners have signed, and this one signs no second tree of a size.
    fn refused_by_the_cosigner(&mut self, declared: &Declared, key: &SigningNoteKey) -> Outcome<Note> {
        let watch = Stopwatch::start();
        let entry = Entry::parse(&declared.promised.entry).ok_or_else(|| CliError::bug("a filing without an entry"))?;
        let policy = self.follow.trust().root.policy();
        let policy = policy.map_err(|error| CliError::bug(error.to_string()))?;
        let line = ServiceLine::over(self.follow.remote().clone());
        let (machine, follow) = (self.machine, &mut self.follow);
        let forged = wait(machine, t!("the cosigner's answer"), || {
            follow.refresh(&crate::console::Console::silent())?;
            let Some(place) = follow.log().fold().slots().index_of(&entry) else {
                return Ok(None);
            };
            let forged = without(follow.log(), place, key)?;
            let said = line.run(async { Ok(cosigners::ask(line.wire(), &policy, &forged).await) })?;
            match said.first().map(|(_, said)| said) {
                Some(CosignerAnswer::Forked) => Ok(Some(forged)),
                // A step came between.
                Some(CosignerAnswer::Larger { .. } | CosignerAnswer::Smaller { .. }) => Ok(None),
                other => Err(wrong(t!(
                    "the cosigner must refuse a second history, and says {}",
                    format_args!("{other:?}")
                ))),
            }
        })?;
        self.done(t!("cosigner refuses the forgery"), &watch);
        Ok(forged)
    }

    /// Whoever has read the log and is shown the forged checkpoint has proof of two histories.
    fn seen_by_a_monitor(&mut self, forged: &Note) -> Outcome<()> {
        let watch = Stopwatch::start();
        if self.follow.compare(forged)? != Compared::Split {
            return Err(wrong(t!("a monitor must see that the log has two histories")));
        }
        let path = self.folder.join(FORGED);
        disk::create(&path, forged.to_string().as_bytes(), Access::Public)?;
        self.done(t!("a monitor sees the forgery"), &watch);
        let inside = path.strip_prefix(&self.place.folder).unwrap_or(&path);
        let human = t!(
            "    the operator signed a log without the testimony; with the true one it is proof for anybody:\n    resguardo log compare {} --state monitor",
            inside.display()
        );
        self.console
            .line(Tone::Plain, &human, "forged", json!({ "checkpoint": path }));
        Ok(())
    }
}

/// The checkpoint of the same log with another entry at `place`, signed by the log alone.
fn without(log: &client::Log, place: u64, key: &SigningNoteKey) -> Outcome<Note> {
    let (_, trusted) = log.latest()?;
    let size = trusted.checkpoint().size;
    let other = leaf_hash(&[0; Entry::OPAQUE_LEN]);
    let mut tree = Frontier::default();
    let leaves = (0..size).zip(log.leaves());
    tree.extend(leaves.map(|(index, leaf)| if index == place { other } else { *leaf }));
    let text = Checkpoint {
        origin: key.name().to_owned(),
        size,
        root: tree.root(),
        extensions: Vec::new(),
    }
    .to_text();
    let note = Note::new(text.clone()).ok_or_else(|| CliError::bug("a checkpoint that is no note"))?;
    Ok(note.with(key.sign(&text)))
}
