//! `resguardo node mirror`: a copy of a log on a machine of its own, served to everybody (§6.5).

use super::{kept_elsewhere, serve_until_stopped, signing_key};
use crate::args::MirrorArgs;
use crate::clock;
use crate::commands::serve::{log_to_stderr, runtime};
use crate::console::{Console, Tone};
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::follow;
use crate::keyfile::Role;
use crate::language::t;
use crate::line::{Folder, ServiceLine, Trouble};
use crate::remote::Remote;
use crate::trust::Trust;
use client::{Failure, Local, Mirror};
use cosigner::{Mirror as Signer, MirrorRefusal};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tlog::Note;

pub(super) fn run(args: &MirrorArgs, console: &Console) -> Outcome<()> {
    let Some((key, vkey)) = signing_key(Role::Mirror, &args.name, &args.node, console)? else {
        return Ok(());
    };
    let trust = Trust::load(&args.root.root)?;
    let remote = Remote::new(args.from.as_deref().unwrap_or(&trust.base_url))?;
    log_to_stderr();
    let signer = Arc::new(
        Signer::open(&args.state, key).map_err(|error| kept_elsewhere(t!("the mirror does not start"), &error))?,
    );
    let mut round = Round::begin(args, trust, remote, Arc::clone(&signer), console)?;
    let every = Duration::from_secs(args.every.max(1));
    let (stop, stopped) = channel();
    let served = runtime()?.block_on(async {
        let router = Arc::clone(&signer).router();
        let human = t!("mirroring on http://{}", args.listen);
        let value = json!({ "listen": args.listen, "vkey": vkey, "size": round.mirror.size() });
        let started = || console.line(Tone::Plain, &human, "mirroring", value);
        let serving = serve_until_stopped(args.listen, router, args.node.until_stdin_closes, started);
        // A thread of its own: what an act fetches it waits for.
        let following = std::thread::spawn(move || round.go_on(every, &stopped));
        let served = serving.await;
        drop(stop);
        (served, following)
    });
    let (served, following) = served;
    drop(following.join());
    served?;
    console.result(t!("stopped"), json!({ "stopped": true }));
    Ok(())
}

/// What a round needs.
struct Round {
    trust: Trust,
    remote: Remote,
    state: PathBuf,
    signer: Arc<Signer>,
    mirror: Mirror,
    /// What could not be done at the last round: it is told once.
    told: Option<String>,
}

impl Round {
    /// Reads the copy, and shows it unless the mirror has signed more.
    fn begin(args: &MirrorArgs, trust: Trust, remote: Remote, signer: Arc<Signer>, console: &Console) -> Outcome<Self> {
        let trouble = Trouble::default();
        let store = Folder::public(signer.copy(), trouble.clone());
        let line = ServiceLine::new(remote.clone(), trouble, console);
        let mirror = line
            .run(async { Mirror::open(trust.root.clone(), &store) })
            .map_err(|failure| {
                failure.also(t!(
                    "remove the folder `copy`, and only that, to copy the log anew; what was signed stays known"
                ))
            })?;
        let round = Self {
            trust,
            remote,
            state: args.state.clone(),
            signer,
            mirror,
            told: None,
        };
        if let Some(bytes) = disk::read_if_there(&round.signer.copy().join(client::COPIED_CHECKPOINT), NOTE_MAX)? {
            let note = follow::parse_note(&bytes)?;
            if let Err(refusal) = round
                .signer
                .show(&note, |size| round.mirror.root_at(size, &store).ok().flatten())
            {
                console.warn(&t!(
                    "nothing is served until the copy holds all that was signed: {}",
                    refusal
                ));
            }
        }
        Ok(round)
    }

    /// A round at each interval, until it is told to stop.
    fn go_on(&mut self, every: Duration, stopped: &Receiver<()>) {
        loop {
            match self.once() {
                Ok(()) => self.told = None,
                Err(failure) => {
                    let text = failure.to_string();
                    if self.told.as_ref() != Some(&text) {
                        tracing::warn!(%failure, "the mirror stands where it was");
                    }
                    self.told = Some(text);
                }
            }
            if !matches!(stopped.recv_timeout(every), Err(RecvTimeoutError::Timeout)) {
                return;
            }
        }
    }

    /// Brings the copy up to the log's checkpoint, signs that it is there, and shows it.
    fn once(&mut self) -> Outcome<()> {
        let trouble = Trouble::default();
        let store = Folder::public(self.signer.copy(), trouble.clone());
        let line = ServiceLine::new(self.remote.clone(), trouble, &Console::silent());
        let wire = line.wire().clone();
        let note = follow::parse_note(&line.run(wire.bytes("/log/checkpoint"))?)?;
        let signer = Arc::clone(&self.signer);
        let sign = |mirror: &Mirror, note: &Note| {
            let root_at = |size| mirror.root_at(size, &store).ok().flatten();
            signer
                .sign(note, clock::now(), root_at)
                .map_err(|refusal| not_signed(&refusal))
        };
        let before = self.mirror.size();
        if let Err(failure) = line.run(self.mirror.follow(&wire, &store, &note, sign)) {
            if failure.is(Local::StateOfAnother) {
                self.keep_proof(&note)?;
            }
            return Err(failure);
        }
        let path = self.signer.copy().join(client::COPIED_CHECKPOINT);
        let copied = follow::parse_note(&disk::read(&path, NOTE_MAX)?)?;
        let root_at = |size| self.mirror.root_at(size, &store).ok().flatten();
        self.signer
            .show(&copied, root_at)
            .map_err(|refusal| CliError::from(not_signed(&refusal)))?;
        if self.mirror.size() > before {
            tracing::debug!(size = self.mirror.size(), "the copy has grown");
        }
        Ok(())
    }

    /// Keeps the two checkpoints that contradict each other, or of which the later is smaller.
    fn keep_proof(&self, shown: &Note) -> Outcome<()> {
        let seen = disk::read(&self.signer.copy().join(client::COPIED_CHECKPOINT), NOTE_MAX)?;
        for (name, note) in [("proof.seen", seen), ("proof.shown", shown.to_string().into_bytes())] {
            disk::write(&self.state.join(name), &note, Access::Private)?;
        }
        let origin = self.trust.origin();
        tracing::error!(%origin, "the log does not go on from what was copied: publish proof.seen and proof.shown");
        Ok(())
    }
}

/// Largest checkpoint in bytes.
const NOTE_MAX: u64 = tlog::note::NOTE_SIZE_MAX as u64;

fn not_signed(refusal: &MirrorRefusal) -> Failure {
    match refusal {
        MirrorRefusal::Smaller(_) | MirrorRefusal::Fork(_) => Failure::new(Local::StateOfAnother).why(refusal),
        MirrorRefusal::Form => Failure::log(refusal),
        MirrorRefusal::Clock | MirrorRefusal::Memory(_) => Failure::new(Local::Store).why(refusal),
    }
}
