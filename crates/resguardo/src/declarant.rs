//! Her side on the command line: [`client::Declarant`], driven over this program's network, in its words.

use crate::console::Console;
use crate::declare;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::{Follow, clock_warning};
use crate::language::t;
use crate::line::{Folder, ServiceLine, Trouble};
use crate::phrase;
use crate::remote::Remote;
use crate::trust::Trust;
use client::{Declarant, DeclarantView, FilingView, MemoryStore, Random, Store};
use protocol::phrase::{Phrase, PhraseRoot};
use protocol::{CaseId, Digest};
use std::fs::File;
use std::path::Path;
use std::rc::Rc;

/// Whoever has eight words, at this machine.
pub struct DeclarantLine {
    declarant: Declarant,
    line: ServiceLine,
    trust: Trust,
    _lock: Option<File>,
}

impl DeclarantLine {
    /// Derives the keys of the words; nothing is fetched yet. `folder` keeps what is public of the log and, sealed to her
    /// key, what she sent and does not see yet.
    ///
    /// # Errors
    /// Exit 7 for words that are none; exit 6 when this machine cannot allocate; what [`Follow::open`] may say.
    pub fn open(trust: Trust, words: &str, folder: Option<&Path>, console: &Console) -> Outcome<Self> {
        let phrases = Phrase::read(words).map_err(|error| phrase::wrong_words(&error))?;
        let roots = phrases.iter().map(|phrase| declare::derive(phrase, trust.origin()));
        Self::from_roots(trust.clone(), roots.collect::<Outcome<_>>()?, folder, console)
    }

    /// As [`Self::open`], with the roots of the words' readings.
    ///
    /// # Errors
    /// What [`Follow::open`] may say.
    pub fn from_roots(trust: Trust, roots: Vec<PhraseRoot>, folder: Option<&Path>, console: &Console) -> Outcome<Self> {
        let remote = Remote::new(&trust.base_url)?;
        Self::open_with(trust, remote, roots, folder, console)
    }

    /// As [`Self::from_roots`], over a connection that the caller made.
    ///
    /// # Errors
    /// What [`Follow::open`] may say.
    pub fn open_with(
        trust: Trust,
        remote: Remote,
        roots: Vec<PhraseRoot>,
        folder: Option<&Path>,
        console: &Console,
    ) -> Outcome<Self> {
        let follow = Follow::open(trust.clone(), remote.clone(), folder, console)?;
        let (log, trouble, lock) = follow.into_parts();
        let line = ServiceLine::new(remote, trouble.clone(), console);
        let store = store(folder, trouble);
        let wire = line.wire().clone();
        Ok(Self {
            declarant: Declarant::new(Box::new(log), roots, wire, store, Random::default()),
            line,
            trust,
            _lock: lock,
        })
    }

    /// Reads from a moment on; see [`Declarant::read_from`].
    pub fn read_from(&mut self, moment: u64) {
        self.declarant.read_from(moment);
    }

    /// Reads the log, her buckets and her cases, and sends again what does not show in time; then warns of the clock.
    ///
    /// # Errors
    /// Network, storage. A log that does not verify is an answer; see [`Self::unverifiable`].
    pub fn refresh(&mut self, console: &Console) -> Outcome<()> {
        self.run(async |declarant| declarant.refresh().await)?;
        if let Some(text) = clock_warning(self.declarant.log()) {
            console.warn(&text);
        }
        Ok(())
    }

    /// Does something of hers over the network.
    ///
    /// # Errors
    /// What the act may say.
    pub fn run<T>(&mut self, act: impl AsyncFnOnce(&mut Declarant) -> client::Outcome<T>) -> Outcome<T> {
        self.line.run(act(&mut self.declarant))
    }

    /// Everything that the words show.
    pub fn view(&self) -> DeclarantView {
        self.declarant.view()
    }

    /// Why the log cannot be relied on, where reading it said so.
    pub fn unverifiable(&self) -> Option<CliError> {
        self.declarant.unverifiable().cloned().map(CliError::from)
    }

    /// Her side without I/O.
    pub fn declarant(&self) -> &Declarant {
        &self.declarant
    }

    /// The connection.
    pub fn remote(&self) -> &Remote {
        self.line.remote()
    }

    /// The root of trust.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }
}

fn store(folder: Option<&Path>, trouble: Trouble) -> Rc<dyn Store> {
    match folder {
        Some(folder) => Rc::new(Folder::new(folder, trouble)),
        None => Rc::new(MemoryStore::default()),
    }
}

/// The filing with this code or the first digits of its id; without a name the only one.
///
/// # Errors
/// Exit 3 when there is none, exit 2 when several fit.
pub fn filing<'a>(view: &'a DeclarantView, name: Option<&str>) -> Outcome<&'a FilingView> {
    let begins = |id: &CaseId, name: &str| id.to_hex().starts_with(&name.to_lowercase());
    let fits = |filing: &&FilingView| {
        name.is_none_or(|name| filing.code.eq_ignore_ascii_case(name) || begins(&filing.case, name))
    };
    let found: Vec<&FilingView> = view.filings.iter().filter(fits).collect();
    match (found.as_slice(), name) {
        ([only], _) => Ok(only),
        ([], _) => Err(
            CliError::new(CliCode::UnknownName, t!("the log shows no such filing of these words"))
                .why(t!("a filing is named by its code, `R-XXXX-XXXX`"))
                .remedy(t!("`resguardo inbox` lists the filings of these words")),
        ),
        (_, None) => Err(CliError::usage(t!("these words hold several filings"))
            .why(t!("it is not said which is meant"))
            .remedy(t!("name it by its code: `resguardo inbox` lists them"))),
        _ => Err(CliError::usage(t!("several filings begin so"))
            .why(t!("the name is too short"))
            .remedy(t!("give more digits"))),
    }
}

/// The request whose digest begins so.
///
/// # Errors
/// Exit 3 unless there is exactly one.
pub fn request(view: &DeclarantView, begins: &str) -> Outcome<Digest> {
    let name = begins.to_lowercase();
    let all = view.filings.iter().flat_map(|filing| &filing.requests);
    let found: Vec<Digest> = all
        .map(|request| request.state.digest)
        .filter(|digest| digest.to_hex().starts_with(&name))
        .collect();
    match found.as_slice() {
        [only] => Ok(*only),
        _ => {
            let what = t!("{} requests begin with {}", found.len(), name);
            Err(CliError::new(CliCode::UnknownRequest, what)
                .why(t!("a request is named by the first digits of its digest"))
                .remedy(t!("`resguardo inbox` lists the requests")))
        }
    }
}
