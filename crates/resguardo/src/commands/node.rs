//! `resguardo node cosign` and `node mirror`: a cosigner, and a mirror, on a machine of its own (§6.5).

use super::serve::{listen, log_to_stderr, runtime, stop_signal};
use crate::args::{Cosign, Node, NodeArgs};
use crate::clock;
use crate::config::log_seed;
use crate::console::{Console, Tone};
use crate::failure::{CliCode, CliError, Outcome};
use crate::keyfile::{self, Card, Role};
use crate::language::t;
use axum::Router;
use cosigner::{Cosigner, CosignerError};
use protocol::keys::MemberKeys;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tlog::note::KeyKind;
use tlog::{SigningNoteKey, VerifierKey};
use zeroize::Zeroizing;

mod mirror;

pub(super) fn run(node: &Node, console: &Console) -> Outcome<()> {
    match node {
        Node::Cosign(args) => cosign(args, console),
        Node::Mirror(args) => mirror::run(args, console),
    }
}

fn cosign(args: &Cosign, console: &Console) -> Outcome<()> {
    let Some((key, vkey)) = signing_key(Role::Cosigner, &args.name, &args.node, console)? else {
        return Ok(());
    };
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
    let cosigner = Arc::new(
        Cosigner::open(&args.state, key, logs)
            .map_err(|error| kept_elsewhere(t!("the cosigner does not start"), &error))?,
    );
    let human = t!("cosigning on http://{}", args.listen);
    let value = json!({ "listen": args.listen, "vkey": vkey });
    let started = || console.line(Tone::Plain, &human, "cosigning", value);
    let router = cosigner.router(clock::now);
    runtime()?.block_on(serve_until_stopped(
        args.listen,
        router,
        args.node.until_stdin_closes,
        started,
    ))?;
    console.result(t!("stopped"), json!({ "stopped": true }));
    Ok(())
}

/// The key that a node signs with, and its verifier key; `None` where that was to be shown and nothing else.
fn signing_key(
    role: Role,
    name: &str,
    args: &NodeArgs,
    console: &Console,
) -> Outcome<Option<(SigningNoteKey, String)>> {
    let keys = keyfile::load(&args.key.key, &args.key.source(), console)?;
    is_for(role, &args.key.key, &keys, console)?;
    let key = named(name, args.ml_dsa, &keys)?;
    let vkey = key.verifier().to_string();
    if args.show_vkey {
        console.result(&vkey, json!({ "vkey": vkey }));
        return Ok(None);
    }
    Ok(Some((key, vkey)))
}

/// Refuses a key whose card says that it is for something else: one seed is for one role, so that one loss is one loss.
fn is_for(role: Role, key: &Path, keys: &MemberKeys, console: &Console) -> Outcome<()> {
    let path = key.with_extension("card");
    if !path.exists() {
        console.warn(&t!(
            "there is no {}, so nothing says that this key is a {}'s",
            path.display(),
            role.name()
        ));
        return Ok(());
    }
    let card = Card::load(&path)?;
    if card.key != keys.public() || card.role == role {
        return Ok(());
    }
    let (its, wanted) = (card.role.name(), role.name());
    let what = t!("{} is the key of a {}, not of a {}", key.display(), its, wanted);
    Err(CliError::new(CliCode::WrongRole, what)
        .why(t!(
            "a key is for one role, so that one loss is one loss; its card says which"
        ))
        .remedy(t!(
            "make a key for it: `resguardo key new --role {} --institution NAME {}`",
            role.word(),
            role.word()
        )))
}

/// The key that signs under a name: the key file's own, or one of ML-DSA-44 that is derived from it.
fn named(name: &str, ml_dsa: bool, keys: &MemberKeys) -> Outcome<SigningNoteKey> {
    let seed = log_seed(keys);
    let key = match ml_dsa {
        false => SigningNoteKey::from_seed(name, KeyKind::CosignatureV1, &seed),
        true => {
            let digest = Sha256::new()
                .chain_update(b"resguardo/v1/ml-dsa-44\0")
                .chain_update(*seed);
            SigningNoteKey::from_seed(name, KeyKind::MlDsa44, &Zeroizing::new(digest.finalize().into()))
        }
    };
    key.ok_or_else(|| {
        CliError::usage(t!("`{}` cannot name a cosigner", name))
            .why(t!("a name holds no space and no plus sign"))
            .remedy(t!("--name cosigner.example"))
    })
}

/// Connections at once: the operator's, and clients that ask for themselves.
const CONNECTIONS: usize = 256;

async fn serve_until_stopped(
    address: SocketAddr,
    router: Router,
    until_stdin_closes: bool,
    started: impl FnOnce(),
) -> Outcome<()> {
    let listener = listen(address).await?;
    started();
    let stop = async move {
        tokio::select! {
            () = stop_signal() => {}
            () = stdin_closes(), if until_stdin_closes => {}
        }
    };
    service::serve(listener, router, CONNECTIONS, stop).await;
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

fn kept_elsewhere(what: &str, error: &CosignerError) -> CliError {
    let code = match error {
        CosignerError::Key | CosignerError::LogKey(_) | CosignerError::OwnKey(_) => CliCode::CosignerKey,
        CosignerError::Memory(_) => CliCode::CosignerMemory,
    };
    CliError::new(code, what).why(error).remedy(t!(
        "a cosigner never starts from nothing where it has signed before: restore its folder"
    ))
}
