//! A copy of the log in a folder, as [`client::Mirror`] writes it, in place of a service: its files are the answers.

use crate::disk;
use crate::failure::Outcome;
use client::wire::{HttpAnswer, HttpCall};
use std::path::{Component, Path};

/// Largest file in bytes.
const FILE_MAX: u64 = super::ANSWER_MAX;

/// What the folder has under the path of a call; everything else is not there.
///
/// # Errors
/// Exit 6 for a file that is there and cannot be read.
pub(super) fn answer(folder: &Path, call: &HttpCall, now: u64) -> Outcome<HttpAnswer> {
    let path = Path::new(call.path.trim_start_matches('/'));
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_)));
    let found = match call.method {
        "GET" if is_within => disk::read_if_there(&folder.join(path), FILE_MAX)?,
        _ => None,
    };
    Ok(HttpAnswer {
        status: if found.is_some() { 200 } else { 404 },
        date: Some(now),
        body: found.unwrap_or_default(),
        ..HttpAnswer::default()
    })
}
