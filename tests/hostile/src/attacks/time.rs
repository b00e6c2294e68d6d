//! Who says what time it is (§3, §8.3).

use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use protocol::keys::MemberKeys;
use tlog::note::KeyKind;
use tlog::policy::Policy;
use tlog::witness::AddCheckpoint;
use tlog::{Note, SigningNoteKey, cosign};

use crate::Figure;
use crate::relay::{Lies, Relay};
use crate::stage::{Stage, Ways, now, until};

const HOUR_S: u64 = 3_600;
/// How far ahead a bought cosigner dates.
const AHEAD_S: u64 = 72 * HOUR_S;
/// How far anybody may be ahead.
const ALLOWED_S: u64 = 300;

fn cosigner_key(keys: &MemberKeys) -> Result<SigningNoteKey> {
    let seed = keys.signing().to_bytes();
    SigningNoteKey::from_seed("cosigner.test", KeyKind::CosignatureV1, &seed).context("a cosigner's key")
}

/// A cosigner that signs whatever it is asked, dated `ahead` seconds from now.
fn bought_cosigner(address: &str, key: SigningNoteKey, ahead: u64) -> Result<()> {
    let listener = until("the cosigner's port", || Ok(TcpListener::bind(address).ok()))?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let Ok(copy) = stream.try_clone() else { continue };
            let Some(body) = posted(&mut BufReader::new(copy)) else {
                continue;
            };
            let Some(request) = AddCheckpoint::parse(&body) else {
                continue;
            };
            let line = format!("{}\n", cosign::cosign(&key, request.checkpoint.text(), now() + ahead));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                line.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), line.as_bytes()].concat());
        }
    });
    Ok(())
}

/// The body of one POST.
fn posted(reader: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// Checkpoints published within `size` steps while the only cosigner dates ahead.
pub(super) fn cosigner_ahead(binary: &Path, size: usize) -> Result<Figure> {
    let mut stage = Stage::set(binary, Ways::default())?;
    let key = cosigner_key(&stage.keys("cosigner")?)?;
    let witnesses = Policy::parse(&stage.council.policy)?.witnesses();
    let url = witnesses[0].1.clone().context("the cosigner's address")?;
    stage.deployment.stop_cosigner()?;
    bought_cosigner(url.trim_start_matches("http://"), key, AHEAD_S)?;
    let (mut furthest, log_before) = (0, stage.deployment.log().len());
    for _ in 0..size * 4 {
        std::thread::sleep(Duration::from_millis(250));
        let (_, trusted) = stage.checkpoint()?;
        furthest = furthest.max(trusted.time().saturating_sub(now()));
    }
    let log = stage.deployment.log();
    let is_told = log[log_before..].contains("ahead");
    let said = if is_told {
        "the operator is told"
    } else {
        "the operator is not told"
    };
    Ok(Figure::new(
        furthest <= ALLOWED_S && is_told,
        format!("published checkpoints are up to {furthest} s ahead; {said}"),
    ))
}

/// The present checkpoint, cosigned again with another time.
fn dated(stage: &Stage, time: u64) -> Result<Note> {
    let (note, _) = stage.checkpoint()?;
    let key = cosigner_key(&stage.keys("cosigner")?)?;
    let log = note.signatures().iter().find(|line| line.name == stage.origin.as_str());
    let log = log.context("the log's signature")?.clone();
    let text = note.text().to_owned();
    let cosignature = cosign::cosign(&key, &text, time);
    Ok(Note::new(text).context("a note")?.with(log).with(cosignature))
}

/// A seat asks what waits for it, over an operator who shows that checkpoint.
pub(super) fn clock_forward(binary: &Path, _: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let ahead = dated(&stage, now() + AHEAD_S)?;
    let lies = Lies {
        bodies: vec![("/log/checkpoint".to_owned(), ahead.to_string().into_bytes())],
        date: None,
    };
    let root = Relay::start(&stage, lies)?.root(&stage)?;
    let root = root.to_string_lossy();
    Ok(match stage.desk("ombudsman", &["queue", "--root", &root]) {
        Ok(events) => {
            let time = events
                .iter()
                .find_map(|event| event["time"].as_u64())
                .context("its time")?;
            let moved = time.saturating_sub(now());
            Figure::new(moved <= ALLOWED_S, format!("the seat's clock is moved by {moved} s"))
        }
        // With `--json` the reason is on standard output: once more, in words.
        Err(_) => {
            let key = deployment::key_arguments("ombudsman");
            let key: Vec<&str> = key.iter().map(String::as_str).collect();
            let told = stage.deployment.verb(&[&["queue", "--root", &root], &key[..]].concat());
            refused(&told.err().context("refused only with --json")?, "future")
        }
    })
}

/// She seals over an operator who shows an old checkpoint and says that it is that time.
pub(super) fn old_checkpoint(binary: &Path, _: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let back = now() - 30 * HOUR_S;
    let old = dated(&stage, back)?;
    let size = stage.size()?;
    until("more of the log", || Ok((stage.size()? > size).then_some(())))?;
    let lies = Lies {
        bodies: vec![("/log/checkpoint".to_owned(), old.to_string().into_bytes())],
        date: Some(i64::try_from(back)?),
    };
    let root = Relay::start(&stage, lies)?.root(&stage)?;
    let root = root.to_string_lossy();
    std::fs::write(stage.path("account.txt"), "What happened.\n")?;
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "words.txt",
        "--soon",
        "--root",
        &root,
    ];
    Ok(match stage.deployment.verb(&seal) {
        Ok(_) => Figure::new(false, "a checkpoint 30 h old is sealed under, with a warning"),
        Err(error) => refused(&error, "withheld"),
    })
}

/// A refusal counts when it says why: a verb that fails for another reason shows nothing.
fn refused(error: &anyhow::Error, why: &str) -> Figure {
    let said = format!("{error:#}");
    let what = said.lines().find_map(|line| line.trim().strip_prefix("What: "));
    Figure::new(said.contains(why), format!("refused: {}", what.unwrap_or(&said).trim()))
}
