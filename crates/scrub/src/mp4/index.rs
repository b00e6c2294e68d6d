use std::ops::Range;

use super::{entries, inner, samples};
use crate::NoCopy;
use crate::boxes::{Box, Kind, blanked, boxes, kind_at, made, maybe, only, part, table, u32_at};

/// «Undetermined», in the five bits a letter of ISO 639-2: the language is the telephone's.
const UND: [u8; 2] = [0x55, 0xc4];
/// One place of data: this file.
const HERE: &[u8] = b"\0\0\0\0\0\0\0\x01\0\0\0\x0curl \0\0\0\x01";
/// Groups of samples that say where playing may begin; others say what a camera saw.
const GROUPS: [&Kind; 5] = [b"roll", b"prol", b"rap ", b"sync", b"tele"];

/// Tracks of a film: a camera writes some ten.
const TRACKS_MAX: usize = 64;

/// What the index of a film says of a track.
pub(crate) struct Track<'a> {
    pub(crate) id: u32,
    /// Pictures or sound; of others only the sizes of samples are known.
    is_kept: bool,
    trak: &'a [u8],
    media: &'a [u8],
}

pub(crate) struct Film<'a> {
    header: &'a [u8],
    tracks: Vec<Track<'a>>,
    /// Of each track in fragments: how large a sample is where nothing else is said.
    extends: Vec<(u32, &'a [u8])>,
    whole: Option<&'a [u8]>,
}

impl<'a> Film<'a> {
    pub(crate) fn read(index: &'a [u8]) -> Result<Self, NoCopy> {
        let found = boxes(index)?;
        let mut tracks = Vec::new();
        for trak in found.iter().filter(|found| found.kind == *b"trak") {
            tracks.push(Track::read(trak.body)?);
        }
        if !tracks.iter().any(|track| track.is_kept) {
            return Err(NoCopy::Unknown);
        }
        if tracks.len() > TRACKS_MAX {
            return Err(NoCopy::Large);
        }
        let (mut extends, mut whole) = (Vec::new(), None);
        if let Some(mvex) = maybe(&found, b"mvex") {
            let inside = boxes(mvex)?;
            whole = maybe(&inside, b"mehd");
            for trex in inside.iter().filter(|found| found.kind == *b"trex") {
                extends.push((u32_at(trex.body, 4)?, part(trex.body, 0..24)?));
                if extends.len() > TRACKS_MAX {
                    return Err(NoCopy::Large);
                }
            }
        }
        Ok(Self {
            header: only(&found, b"mvhd")?,
            tracks,
            extends,
            whole,
        })
    }

    /// Where the samples of what stays are.
    pub(crate) fn chunks(&self) -> Result<Vec<Range<u64>>, NoCopy> {
        let mut chunks = Vec::new();
        for track in self.kept() {
            samples::chunks(inner(inner(track.media, b"minf")?, b"stbl")?, &mut chunks)?;
        }
        Ok(chunks)
    }

    fn kept(&self) -> impl Iterator<Item = &Track<'a>> {
        self.tracks.iter().filter(|track| track.is_kept)
    }

    pub(crate) fn keeps(&self, id: u32) -> bool {
        self.kept().any(|track| track.id == id)
    }

    /// How large a sample of a track in fragments is where they do not say.
    pub(crate) fn sample_size(&self, id: u32) -> u32 {
        let trex = self.extends.iter().find(|(track, _)| *track == id);
        trex.and_then(|(_, trex)| u32_at(trex, 16).ok()).unwrap_or(0)
    }

    /// The index of what stays; `place` says where a byte of the file then stands.
    pub(crate) fn write(&self, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
        let mut body = made(*b"mvhd", &timeless(self.header, 100, 112)?);
        // Of a preview and a selection that somebody made.
        let end = body.len();
        blanked(&mut body, end - 28..end - 4);
        for track in self.kept() {
            body.extend(track.write(place)?);
        }
        let kept: Vec<_> = self.extends.iter().filter(|(id, _)| self.keeps(*id)).collect();
        if !kept.is_empty() {
            let mut extends = Vec::new();
            if let Some(whole) = self.whole {
                extends.extend(made(*b"mehd", by_version(whole, 8, 12)?));
            }
            for (_, trex) in kept {
                extends.extend(made(*b"trex", trex));
            }
            body.extend(made(*b"mvex", &extends));
        }
        Ok(made(*b"moov", &body))
    }
}

impl<'a> Track<'a> {
    fn read(trak: &'a [u8]) -> Result<Self, NoCopy> {
        let found = boxes(trak)?;
        let header = only(&found, b"tkhd")?;
        let id = u32_at(header, if is_long(header) { 20 } else { 12 })?;
        let media = only(&found, b"mdia")?;
        let handler = kind_at(inner(media, b"hdlr")?, 8)?;
        Ok(Self {
            id,
            is_kept: [b"vide", b"soun"].contains(&&handler),
            trak,
            media,
        })
    }

    fn write(&self, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
        let found = boxes(self.trak)?;
        let mut body = made(*b"tkhd", &timeless(only(&found, b"tkhd")?, 84, 96)?);
        let edits = maybe(&found, b"edts").map(boxes).transpose()?;
        if let Some(list) = edits.and_then(|edits| maybe(&edits, b"elst")) {
            let list = table(list, 8, if is_long(list) { 20 } else { 12 })?;
            body.extend(made(*b"edts", &made(*b"elst", list)));
        }
        body.extend(made(*b"mdia", &self.media(place)?));
        Ok(made(*b"trak", &body))
    }

    fn media(&self, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
        let found = boxes(self.media)?;
        let mut header = timeless(only(&found, b"mdhd")?, 24, 36)?;
        if let Some((_, [high, low, _, _])) = header.split_last_chunk_mut::<4>() {
            [*high, *low] = UND;
        }
        let mut body = made(*b"mdhd", &header);
        let handler = only(&found, b"hdlr")?;
        // What QuickTime calls a handler of media; its name is the camera's.
        let of = Some(part(handler, 4..8)?).filter(|of| of == b"mhlr").unwrap_or(&[0; 4]);
        body.extend(made(*b"hdlr", &[&[0; 4], of, part(handler, 8..12)?, &[0; 13]].concat()));
        body.extend(made(*b"minf", &self.information(only(&found, b"minf")?, place)?));
        Ok(body)
    }

    fn information(&self, minf: &[u8], place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
        let found = boxes(minf)?;
        let mut body = Vec::new();
        for (kind, length) in [(b"vmhd", 12), (b"smhd", 8)] {
            if let Some(header) = maybe(&found, kind) {
                body.extend(made(*kind, part(header, 0..length)?));
            }
        }
        is_here(inner(only(&found, b"dinf")?, b"dref")?)?;
        body.extend(made(*b"dinf", &made(*b"dref", HERE)));
        let mut tables = Vec::new();
        for found in boxes(only(&found, b"stbl")?)? {
            tables.extend(sample_table(found, place)?);
        }
        body.extend(made(*b"stbl", &tables));
        Ok(body)
    }
}

/// What may stay of the table of samples.
fn sample_table(found: Box<'_>, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
    let body = found.body;
    let kept = match &found.kind {
        b"stsd" => return Ok(made(found.kind, &entries::cleaned(body)?)),
        b"stco" | b"co64" => return Ok(made(found.kind, &samples::moved(found, place)?)),
        b"stts" | b"ctts" => table(body, 8, 8)?,
        b"stss" | b"stps" => table(body, 8, 4)?,
        b"stsc" => table(body, 8, 12)?,
        b"stsz" => samples::sizes(body)?.0,
        b"stz2" => samples::small_sizes(body)?.0,
        b"cslg" => by_version(body, 24, 44)?,
        b"sdtp" => body,
        b"sgpd" | b"sbgp" => return Ok(group(found).unwrap_or_default()),
        _ => return Ok(Vec::new()),
    };
    Ok(made(found.kind, kept))
}

/// A list of groups of samples that says where playing may begin.
pub(crate) fn group(found: Box<'_>) -> Option<Vec<u8>> {
    let kind = kind_at(found.body, 4).ok()?;
    GROUPS.contains(&&kind).then(|| found.bytes())
}

/// A box of media data must be of this file.
fn is_here(references: &[u8]) -> Result<(), NoCopy> {
    for reference in boxes(part(references, 8..references.len())?)? {
        if u32_at(reference.body, 0)? & 1 == 0 {
            return Err(NoCopy::Unknown);
        }
    }
    Ok(())
}

/// Whether times and lengths in it have eight bytes.
fn is_long(body: &[u8]) -> bool {
    body.first() == Some(&1)
}

/// A box of one of two lengths, by its version.
fn by_version(body: &[u8], short: usize, long: usize) -> Result<&[u8], NoCopy> {
    part(body, 0..if is_long(body) { long } else { short })
}

/// A header of one of two lengths, without the times at which it was made and changed.
fn timeless(body: &[u8], short: usize, long: usize) -> Result<Vec<u8>, NoCopy> {
    let mut header = by_version(body, short, long)?.to_vec();
    let end = if is_long(body) { 20 } else { 12 };
    blanked(&mut header, 4..end);
    Ok(header)
}
