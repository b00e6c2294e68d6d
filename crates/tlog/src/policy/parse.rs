//! The lines of a policy file.

use std::collections::{HashMap, HashSet};

use super::{Policy, Voice};
use crate::cosign::is_cosigners;
use crate::decimal;
use crate::note::{KeyKind, VerifierKey};

/// Longest policy that is read, in bytes.
const TEXT_SIZE_MAX: usize = 64 * 1024;
/// Name that stands for no cosignature.
const NONE: &str = "none";

/// Why a policy is refused, with its line from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy line {line}: {reason}")]
pub struct PolicyError {
    /// From 1.
    pub line: usize,
    /// Which rule.
    pub reason: &'static str,
}

/// What the lines so far have said.
#[derive(Default)]
struct Reading<'a> {
    logs: Vec<(VerifierKey, Option<String>)>,
    voices: Vec<Voice>,
    names: HashMap<&'a str, usize>,
    /// Voices that are a member of some group.
    taken: HashSet<usize>,
    /// `Some(None)` for `quorum none`.
    quorum: Option<Option<usize>>,
}

pub(super) fn parse(text: &str) -> Result<Policy, PolicyError> {
    if text.len() > TEXT_SIZE_MAX {
        return Err(PolicyError {
            line: 1,
            reason: "the policy is longer than 64 KiB",
        });
    }
    let mut reading = Reading::default();
    let mut line = 0;
    for terminated in text.split_inclusive('\n') {
        line += 1;
        let refused = |reason| PolicyError { line, reason };
        let content = terminated
            .strip_suffix('\n')
            .ok_or(refused("the last line lacks its newline"))?;
        reading.line(content).map_err(refused)?;
    }
    let quorum = reading.quorum.ok_or(PolicyError {
        line: line.max(1),
        reason: "there is no quorum line",
    })?;
    Ok(Policy {
        logs: reading.logs,
        voices: reading.voices,
        quorum,
    })
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), &'static str> {
        if line.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f) {
            return Err("a control character");
        }
        // Only spaces and tabs separate; other Unicode spaces belong to the names.
        let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.set_quorum(name),
            ["log" | "witness" | "group" | "quorum", ..] => Err("wrong number of items"),
            _ => Err("unknown keyword"),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), &'static str> {
        let key = key_of_kind(key, |kind| kind == KeyKind::Ed25519)?;
        if self.logs.iter().any(|(other, _)| other.key() == key.key()) {
            return Err("the same log key twice");
        }
        self.logs.push((key, url.map(str::to_owned)));
        Ok(())
    }

    fn witness(&mut self, name: &'a str, key: &str, url: Option<&str>) -> Result<(), &'static str> {
        let key = key_of_kind(key, is_cosigners)?;
        let is_same = |voice: &Voice| matches!(voice, Voice::Witness { key: other, .. } if other.key() == key.key());
        if self.voices.iter().any(is_same) {
            return Err("the same witness key twice");
        }
        self.define(
            name,
            Voice::Witness {
                key,
                url: url.map(str::to_owned),
            },
        )
    }

    fn group(&mut self, name: &'a str, threshold: &str, members: &[&str]) -> Result<(), &'static str> {
        if members.is_empty() {
            return Err("a group without members");
        }
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len(),
            k => decimal::parse(k)
                .and_then(|k| usize::try_from(k).ok())
                .filter(|k| (1..=members.len()).contains(k))
                .ok_or("the threshold is not all, any or a number from 1 to the number of members")?,
        };
        let mut positions = Vec::with_capacity(members.len());
        for member in members {
            let position = *self.names.get(member).ok_or("a member that no earlier line defines")?;
            if !self.taken.insert(position) {
                return Err("a name is a member twice");
            }
            positions.push(position);
        }
        self.define(
            name,
            Voice::Group {
                threshold,
                members: positions,
            },
        )
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), &'static str> {
        if self.quorum.is_some() {
            return Err("a second quorum line");
        }
        self.quorum = Some(match name {
            NONE => None,
            _ => Some(*self.names.get(name).ok_or("a quorum that no earlier line defines")?),
        });
        Ok(())
    }

    fn define(&mut self, name: &'a str, voice: Voice) -> Result<(), &'static str> {
        if name == NONE {
            return Err("the name none is reserved");
        }
        if self.names.insert(name, self.voices.len()).is_some() {
            return Err("a name is defined twice");
        }
        self.voices.push(voice);
        Ok(())
    }
}

fn key_of_kind(text: &str, is_right: impl Fn(KeyKind) -> bool) -> Result<VerifierKey, &'static str> {
    let key = VerifierKey::parse(text).ok_or("not a verifier key of a known type")?;
    if is_right(key.kind()) {
        Ok(key)
    } else {
        Err("a verifier key of the wrong type")
    }
}
