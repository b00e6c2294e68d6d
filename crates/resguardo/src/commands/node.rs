//! `resguardo node cosign`: a cosigner on a machine of its own (§6.5).

use super::serve::{listen, log_to_stderr, runtime, stop_signal};
use crate::args::{Cosign, Node};
use crate::clock;
use crate::config::log_seed;
use crate::console::{Console, Tone};
use crate::failure::{CliCode, CliError, Outcome};
use crate::keyfile::{self, Card, Role};
use crate::language::t;
use cosigner::{Cosigner, CosignerError};
use protocol::keys::MemberKeys;
use serde_json::json;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use tlog::note::KeyKind;
use tlog::{SigningNoteKey, VerifierKey};

pub(super) fn run(node: &Node, console: &Console) -> Outcome<()> {
    let Node::Cosign(args) = node;
    let keys = keyfile::load(&args.key.key, &args.key.source(), console)?;
    is_for_cosigning(&args.key.key, &keys, console)?;
    let key = SigningNoteKey::from_seed(&args.name, KeyKind::CosignatureV1, &log_seed(&keys)).ok_or_else(|| {
        CliError::usage(t!("`{}` cannot name a cosigner", args.name))
            .why(t!("a name holds no space and no plus sign"))
            .remedy(t!("--name cosigner.example"))
    })?;
    let vkey = key.verifier().to_string();
    if args.show_vkey {
        console.result(&vkey, json!({ "vkey": vkey }));
        return Ok(());
    }
    let mut logs = Vec::new();
    for text in &args.log {
        let log = VerifierKey::parse(text.trim()).ok_or_else(|| {
            CliError::usage(t!("`{}` is not a verifier key", text))
                .why(t!("one is NAME+HASH+KEY"))
                .remedy(t!("give the line of the operator's log.vkey"))
        })?;
        logs.push(log);
    }
    log_to_stderr();
    let cosigner = Arc::new(Cosigner::open(&args.state, key, logs).map_err(|error| cosigner_failure(&error))?);
    runtime()?.block_on(serve(args, cosigner, &vkey, console))?;
    console.result(t!("stopped"), json!({ "stopped": true }));
    Ok(())
}

/// Refuses a key whose card says that it is for something else: one seed is for one role, so that one loss is one loss.
fn is_for_cosigning(key: &Path, keys: &MemberKeys, console: &Console) -> Outcome<()> {
    let path = key.with_extension("card");
    if !path.exists() {
        console.warn(&t!(
            "there is no {}, so nothing says that this key is a cosigner's",
            path.display()
        ));
        return Ok(());
    }
    let card = Card::load(&path)?;
    if card.key != keys.public() || card.role == Role::Cosigner {
        return Ok(());
    }
    let role = card.role.name();
    let what = t!("{} is the key of a {}, not of a cosigner", key.display(), role);
    Err(CliError::new(CliCode::WrongRole, what)
        .why(t!(
            "a key is for one role, so that one loss is one loss; its card says which"
        ))
        .remedy(t!(
            "make a key for it: `resguardo key new --role cosigner --institution NAME cosigner`"
        )))
}

/// Connections at once: the operator's, and clients that ask for themselves.
const CONNECTIONS: usize = 256;

async fn serve(args: &Cosign, cosigner: Arc<Cosigner>, vkey: &str, console: &Console) -> Outcome<()> {
    let listener = listen(args.listen).await?;
    let human = t!("cosigning on http://{}", args.listen);
    console.line(
        Tone::Plain,
        &human,
        "cosigning",
        json!({ "listen": args.listen, "vkey": vkey }),
    );
    let until_stdin_closes = args.until_stdin_closes;
    let stop = async move {
        tokio::select! {
            () = stop_signal() => {}
            () = stdin_closes(), if until_stdin_closes => {}
        }
    };
    service::serve(listener, cosigner.router(clock::now), CONNECTIONS, stop).await;
    Ok(())
}

/// Ends when whoever started this process is gone: its end of the pipe closes with it.
async fn stdin_closes() {
    let (closed, wait) = tokio::sync::oneshot::channel();
    // A thread and no task: reading a pipe cannot be cancelled, and must not hold up the end of the runtime.
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut bytes = [0u8; 64];
        while matches!(stdin.read(&mut bytes), Ok(count) if count > 0) {}
        let _ = closed.send(());
    });
    let _ = wait.await;
}

fn cosigner_failure(error: &CosignerError) -> CliError {
    let code = match error {
        CosignerError::Key | CosignerError::LogKey(_) | CosignerError::OwnKey(_) => CliCode::CosignerKey,
        CosignerError::Memory(_) => CliCode::CosignerMemory,
    };
    CliError::new(code, t!("the cosigner does not start"))
        .why(error)
        .remedy(t!(
            "a cosigner never starts from nothing where it has signed before: restore its folder"
        ))
}
