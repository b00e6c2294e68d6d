use std::ops::Range;

use super::index::{Film, group};
use crate::NoCopy;
use crate::boxes::{Box, boxes, made, only, part, u32_at, u64_at};
use crate::kept::Kept;
use crate::plan::Plan;

/// Of a track's header: that it says where its data begins, that it does so from the fragment on.
const BASE: u32 = 1;
const FROM_HERE: u32 = 0x2_0000;
/// Of a run: that it says where it begins; how many bytes each of the fields has that stand for each sample.
const BEGINS: u32 = 1;
const FIRST_FLAGS: u32 = 4;
const SIZE: u32 = 0x200;
const FIELDS: [u32; 4] = [0x100, SIZE, 0x400, 0x800];
/// Samples of a fragment whose size its track says once.
const SAMPLES_MAX: u64 = 1 << 24;

/// A run of samples: its flags, what follows them without the offset, and where its bytes are.
struct Run<'a> {
    flags: u32,
    version: u8,
    count: u32,
    rest: &'a [u8],
    at: Range<u64>,
}

/// A fragment and its media data, of the tracks that stay. Gives how much of these there is.
pub(super) fn put(
    film: &Film<'_>,
    begin: u64,
    body: &[u8],
    data: &[Range<u64>],
    plan: &mut Plan,
) -> Result<u64, NoCopy> {
    let found = boxes(body)?;
    let header = made(*b"mfhd", part(only(&found, b"mfhd")?, 0..8)?);
    // Where the track before ended.
    let mut end = begin;
    let (mut tracks, mut chunks) = (Vec::new(), Vec::new());
    for traf in found.iter().filter(|found| found.kind == *b"traf") {
        let inside = boxes(traf.body)?;
        let track = only(&inside, b"tfhd")?;
        let (flags, id) = (u32_at(track, 0)? & 0xff_ffff, u32_at(track, 4)?);
        let base = match flags {
            flags if flags & BASE != 0 => u64_at(track, 8)?,
            flags if flags & FROM_HERE != 0 => begin,
            _ => end,
        };
        let mut runs = Vec::new();
        end = base;
        for trun in inside.iter().filter(|found| found.kind == *b"trun") {
            let run = run(trun.body, base, end, || size_by_track(track, film, id))?;
            end = run.at.end;
            runs.push(run);
        }
        if film.keeps(id) {
            chunks.extend(runs.iter().map(|run| run.at.clone()));
            tracks.push((inside, runs));
        }
    }
    if tracks.is_empty() {
        return Ok(0);
    }
    let kept = Kept::new(chunks, data)?;
    let write = |length: usize| {
        let place = |at: u64| -> Result<i32, NoCopy> {
            let at = (length + kept.header().len()) as u64 + kept.place(at)?;
            i32::try_from(at).map_err(|_| NoCopy::Large)
        };
        let mut body = header.clone();
        for (inside, runs) in &tracks {
            body.extend(made(*b"traf", &traf(inside, runs, &place)?));
        }
        Ok(made(*b"moof", &body))
    };
    let length = write(0)?.len();
    plan.make(write(length)?);
    kept.put(plan);
    Ok(kept.size())
}

/// What a run says; `size` is that of a sample where it does not say.
fn run(body: &[u8], base: u64, before: u64, size: impl Fn() -> Result<u32, NoCopy>) -> Result<Run<'_>, NoCopy> {
    let (flags, count) = (u32_at(body, 0)? & 0xff_ffff, u32_at(body, 4)?);
    let mut at = 8;
    let mut begin = before;
    if flags & BEGINS != 0 {
        let offset = u32_at(body, at)?.cast_signed();
        begin = base.checked_add_signed(offset.into()).ok_or(NoCopy::Damaged)?;
        at += 4;
    }
    let rest = at;
    if flags & FIRST_FLAGS != 0 {
        at += 4;
    }
    let entry = FIELDS.iter().filter(|field| flags & **field != 0).count() * 4;
    let entries_end = (count as usize)
        .checked_mul(entry)
        .and_then(|length| length.checked_add(at))
        .ok_or(NoCopy::Damaged)?;
    let entries = part(body, at..entries_end)?;
    let length = if flags & SIZE != 0 {
        let place = if flags & FIELDS[0] != 0 { 4 } else { 0 };
        let mut sum = 0u64;
        for entry in entries.chunks_exact(entry) {
            sum += u64::from(u32_at(entry, place)?);
        }
        sum
    } else {
        let count = Some(u64::from(count)).filter(|count| *count <= SAMPLES_MAX);
        count.ok_or(NoCopy::Damaged)? * u64::from(size()?)
    };
    Ok(Run {
        flags,
        version: *body.first().unwrap_or(&0),
        count,
        rest: part(body, rest..entries_end)?,
        at: begin..begin.checked_add(length).ok_or(NoCopy::Damaged)?,
    })
}

/// How large a sample of this track is.
fn size_by_track(header: &[u8], film: &Film<'_>, id: u32) -> Result<u32, NoCopy> {
    let flags = u32_at(header, 0)?;
    if flags & 0x10 == 0 {
        return Ok(film.sample_size(id));
    }
    let before = [(BASE, 8), (0x2, 4), (0x8, 4)];
    let at = 8 + before
        .iter()
        .filter(|(flag, _)| flags & flag != 0)
        .map(|(_, length)| length)
        .sum::<usize>();
    u32_at(header, at)
}

/// A track of a fragment: its header, its time, its runs from the fragment on.
fn traf(inside: &[Box<'_>], runs: &[Run<'_>], place: &dyn Fn(u64) -> Result<i32, NoCopy>) -> Result<Vec<u8>, NoCopy> {
    let header = only(inside, b"tfhd")?;
    let flags = u32_at(header, 0)? & 0x3_003b;
    let after = 8 + if flags & BASE != 0 { 8 } else { 0 };
    let fields = [0x2, 0x8, 0x10, 0x20]
        .iter()
        .filter(|field| flags & **field != 0)
        .count()
        * 4;
    let mut body = made(
        *b"tfhd",
        &[
            &(flags & !BASE | FROM_HERE).to_be_bytes()[..],
            part(header, 4..8)?,
            part(header, after..after + fields)?,
        ]
        .concat(),
    );
    for found in inside {
        match &found.kind {
            b"tfdt" => {
                let length = if found.body.first() == Some(&1) { 12 } else { 8 };
                body.extend(made(*b"tfdt", part(found.body, 0..length)?));
            }
            b"sdtp" => body.extend(found.bytes()),
            b"sgpd" | b"sbgp" => body.extend(group(*found).unwrap_or_default()),
            _ => {}
        }
    }
    for run in runs {
        let place = if run.at.is_empty() { 0 } else { place(run.at.start)? };
        let flags = u32::from(run.version) << 24 | run.flags & 0xf05 | BEGINS;
        body.extend(made(
            *b"trun",
            &[
                &flags.to_be_bytes()[..],
                &run.count.to_be_bytes(),
                &place.to_be_bytes(),
                run.rest,
            ]
            .concat(),
        ));
    }
    Ok(body)
}
