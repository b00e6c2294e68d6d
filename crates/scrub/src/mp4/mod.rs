//! Films and sound in boxes: MP4, MOV, M4A, 3GP. Tracks of pictures and of sound stay, each with the boxes of a list, and of
//! the media data the bytes that their samples hold; the rest goes, with the tracks that a camera writes beside them.
//!
//! The copy is laid out anew: brands, index, media data, then fragments. Only indexes are read.

mod entries;
mod fragments;
mod index;
mod samples;

use std::ops::Range;

use crate::NoCopy;
use crate::boxes::{Kind, made, only, top};
use crate::kept::{Kept, brands};
use crate::plan::{Plan, Source, fetch};

pub(crate) use entries::{colours, sets};
use index::Film;

/// Bytes of indexes, of all of a file: those of a film of five hours are some 15 MiB.
const INDEX_MAX: u64 = 24 << 20;
/// Brands that many programs write.
const BRANDS: [&Kind; 22] = [
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1",
    b"qt  ", b"M4A ", b"M4V ", b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"dash", b"hvc1", b"av01",
];

pub(crate) fn plan(source: &mut dyn Source) -> Result<Plan, NoCopy> {
    let top = top(source)?;
    let mut room = INDEX_MAX;
    let mut read = |range: &Range<u64>| {
        let bytes = fetch(source, range.clone(), room)?;
        room -= bytes.len() as u64;
        Ok(bytes)
    };
    let brands = match top.iter().find(|found| found.kind == *b"ftyp") {
        Some(found) => brands(&read(&found.body)?, &BRANDS, b"isom")?,
        // QuickTime before there were brands.
        None => made(*b"ftyp", b"qt  \0\0\0\0qt  "),
    };
    let data: Vec<Range<u64>> = top
        .iter()
        .filter(|found| found.kind == *b"mdat")
        .map(|found| found.body.clone())
        .collect();
    let mut indexes = top.iter().filter(|found| found.kind == *b"moov");
    let (Some(index), None) = (indexes.next(), indexes.next()) else {
        return Err(NoCopy::Damaged);
    };
    let index = read(&index.body)?;
    let film = Film::read(&index)?;
    let kept = Kept::new(film.chunks()?, &data)?;
    // As long as it will be, for its length says where the data begins.
    let length = film.write(&Ok)?.len();
    let begin = (brands.len() + length + kept.header().len()) as u64;
    let mut plan = Plan::default();
    plan.make(brands);
    plan.make(film.write(&|at| Ok(begin + kept.place(at)?))?);
    kept.put(&mut plan);
    // Each byte is of one sample: fragments that hold the same ones over and over would make a copy without end.
    let all: u64 = data.iter().map(|data| data.end - data.start).sum();
    let mut held = kept.size();
    for found in top.iter().filter(|found| found.kind == *b"moof") {
        let body = read(&found.body)?;
        held = held.saturating_add(fragments::put(&film, found.whole.start, &body, &data, &mut plan)?);
        if held > all {
            return Err(NoCopy::Damaged);
        }
    }
    Ok(plan)
}

/// A box that there must be one of.
fn inner<'a>(bytes: &'a [u8], kind: &Kind) -> Result<&'a [u8], NoCopy> {
    only(&crate::boxes::boxes(bytes)?, kind)
}
