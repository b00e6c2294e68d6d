//! Her draft (§9.5): opened, saved and erased with the eight words alone. The log has no part in it.

use std::collections::BTreeMap;

use protocol::Digest;
use protocol::draft::{DRAFT_HEADER, Draft, DraftKeys};
use protocol::phrase::PhraseRoot;

use crate::failure::{Failure, Local, Outcome};
use crate::random::Random;
use crate::wire::{HttpCall, Purpose, Wire};
use crate::work;

/// The draft of one phrase.
pub struct Drafts {
    keys: DraftKeys,
    wire: Wire,
    random: Random,
    /// What stands at the service, as far as is known here.
    stands: Option<Digest>,
}

impl Drafts {
    /// Of a new phrase, of which nothing stands yet.
    pub fn new(root: &PhraseRoot, wire: Wire, random: Random) -> Self {
        let keys = DraftKeys::derive(&root.draft(0));
        Self {
            keys,
            wire,
            random,
            stands: None,
        }
    }

    /// Looks for the draft of a phrase that can be read in several ways: gives which of its roots has one, if any. What
    /// stands under words without a draft is bytes of the same size that do not open.
    ///
    /// # Errors
    /// The service's refusal; the network.
    pub async fn find(roots: &[PhraseRoot], wire: &Wire, random: &Random) -> Outcome<Option<(usize, Self, Draft)>> {
        let mut found = None;
        for (place, root) in roots.iter().enumerate() {
            let mut drafts = Self::new(root, wire.clone(), random.clone());
            // All are asked for, whichever it is.
            let draft = drafts.open().await?;
            found = found.or(draft.map(|draft| (place, drafts, draft)));
        }
        Ok(found)
    }

    /// The draft that stands at the service: what is saved next replaces it.
    ///
    /// # Errors
    /// The service's refusal; the network.
    pub async fn open(&mut self) -> Outcome<Option<Draft>> {
        let answer = self
            .wire
            .taken(HttpCall::get_for(Purpose::Posting, self.path()))
            .await?;
        let draft = self.keys.open(&answer.body);
        self.stands = draft.as_ref().map(|_| Digest::of(&answer.body));
        Ok(draft)
    }

    /// Saves all fields in place of what was opened or saved last.
    ///
    /// # Errors
    /// [`Local::DraftTooLong`]; the service's refusal, `changed` when the same words have saved another one meanwhile; the
    /// network. What was saved before then stands.
    pub async fn save(&mut self, fields: BTreeMap<String, String>) -> Outcome<()> {
        let draft = Draft::new(self.wire.now(), fields);
        let sealed = self.keys.seal(&draft, &mut self.random.clone());
        let file = sealed.map_err(|_| Failure::new(Local::DraftTooLong))?;
        let digest = Digest::of(&file);
        work::post(&self.wire, &self.call(file), "draft", &digest).await?;
        self.stands = Some(digest);
        Ok(())
    }

    /// Erases it, whatever stands there.
    ///
    /// # Errors
    /// The service's refusal; the network.
    pub async fn erase(&mut self) -> Outcome<()> {
        self.wire.taken(self.call(Vec::new())).await?;
        self.stands = None;
        Ok(())
    }

    fn path(&self) -> String {
        format!("/api/v1/drafts/{}", self.keys.name())
    }

    fn call(&self, body: Vec<u8>) -> HttpCall {
        let mut call = HttpCall::post(&self.path(), "application/octet-stream".to_owned(), body);
        let header = self.keys.header(self.stands.as_ref());
        call.headers.push((DRAFT_HEADER, header.to_string()));
        call
    }
}
