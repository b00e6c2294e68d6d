//! Matroska and WebM (RFC 8794, 9559), as browsers record. Tracks of pictures and of sound stay, each with the elements of a list,
//! and of the clusters their blocks; titles, dates, programs, tags, attachments and chapters go.

use std::ops::Range;

use crate::NoCopy;
use crate::boxes::part;
use crate::plan::{Plan, Source, fetch};

const HEADER: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
/// What stands beside these in a segment: seek head, cues, chapters, tags, attachments.
const OTHERS: [u32; 5] = [0x114d_9b74, 0x1c53_bb6b, 0x1043_a770, 0x1254_c367, 0x1941_a469];
const ENTRY: u32 = 0xae;
const NUMBER: u32 = 0xd7;
const UID: u32 = 0x73c5;
const TYPE: u32 = 0x83;
const CODEC: u32 = 0x86;
const PRIVATE: u32 = 0x63a2;
const LANGUAGE: u32 = 0x22_b59c;
const VIDEO: u32 = 0xe0;
const AUDIO: u32 = 0xe1;
const COLOUR: u32 = 0x55b0;
const ENCODINGS: u32 = 0x6d80;
const ENCODING: u32 = 0x6240;
const COMPRESSION: u32 = 0x5034;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
/// Of the header: versions and the kind of document.
const OF_HEADER: [u32; 7] = [0x4286, 0x42f7, 0x42f2, 0x42f3, 0x4282, 0x4287, 0x4285];
/// Of what is said of the whole: the unit of time and the duration.
const OF_INFO: [u32; 2] = [0x2a_d7b1, 0x4489];
/// The programs that made it, which must be there: they say nothing.
const NOBODY: &[u8] = b"\x4d\x80\x80\x57\x41\x80";
/// Of a track, beside those that are looked into: flags, duration of a picture, delay and lead of sound.
const OF_ENTRY: [u32; 8] = [0xb9, 0x88, 0x55aa, 0x9c, 0x23_e383, 0x56aa, 0x56bb, 0x23_4e7a];
const OF_VIDEO: [u32; 14] = [
    0xb0, 0xba, 0x54b0, 0x54ba, 0x54b2, 0x54aa, 0x54bb, 0x54cc, 0x54dd, 0x9a, 0x9d, 0x53b8, 0x53c0, 0x2e_b524,
];
const OF_AUDIO: [u32; 4] = [0xb5, 0x78b5, 0x9f, 0x6264];
const OF_ENCODING: [u32; 3] = [0x5031, 0x5032, 0x5033];
const OF_COMPRESSION: [u32; 2] = [0x4254, 0x4255];
/// Of a cluster: its time. Of a group of blocks: duration, references, what is discarded.
const TIME: u32 = 0xe7;
const OF_GROUP: [u32; 4] = [0x9b, 0xfb, 0x75a2, 0xfa];
/// How pictures and sound are coded.
const CODECS: [&[u8]; 16] = [
    b"V_VP8",
    b"V_VP9",
    b"V_AV1",
    b"V_MPEG4/ISO/AVC",
    b"V_MPEGH/ISO/HEVC",
    b"V_MPEG4/ISO/ASP",
    b"A_OPUS",
    b"A_VORBIS",
    b"A_AAC",
    b"A_FLAC",
    b"A_MPEG/L3",
    b"A_AC3",
    b"A_EAC3",
    b"A_PCM/INT/LIT",
    b"A_PCM/INT/BIG",
    b"A_PCM/FLOAT/IEEE",
];
/// Bytes of what is said of the whole and of the tracks.
const HEAD_MAX: u64 = 1 << 20;
/// Tracks of pictures and sound.
const TRACKS_MAX: usize = 64;
/// Elements of a file; a film of two hours has some 600 000.
const ELEMENTS_MAX: usize = 4 << 20;
/// Pieces of a plan.
const PIECES_MAX: usize = 1 << 19;
/// Read at once, where elements are looked for.
const WINDOW: u64 = 64 << 10;

/// An element of a file: what it is and where what it holds is; `None` where it does not say how long that is.
struct Element {
    id: u32,
    begin: u64,
    body: u64,
    length: Option<u64>,
}

/// A file, read in windows.
struct Windows<'a> {
    source: &'a mut dyn Source,
    at: u64,
    bytes: Vec<u8>,
    elements: usize,
}

impl Windows<'_> {
    /// Up to twelve bytes from here on, or more.
    fn some(&mut self, at: u64, end: u64) -> Result<&[u8], NoCopy> {
        let wanted = end.min(at.saturating_add(16));
        let has = self.at + self.bytes.len() as u64;
        if at < self.at || wanted > has {
            self.bytes = fetch(self.source, at..end.min(at + WINDOW).max(at), WINDOW)?;
            self.at = at;
        }
        let from = usize::try_from(at - self.at).map_err(|_| NoCopy::Damaged)?;
        self.bytes.get(from..).ok_or(NoCopy::Damaged)
    }

    fn element(&mut self, at: u64, end: u64) -> Result<Element, NoCopy> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(NoCopy::Large);
        }
        let bytes = self.some(at, end)?;
        let (id, of_id) = id(bytes)?;
        let (length, of_length) = number(bytes.get(of_id..).ok_or(NoCopy::Damaged)?)?;
        let body = at + (of_id + of_length) as u64;
        if length.is_some_and(|length| body.checked_add(length).is_none_or(|to| to > end)) {
            return Err(NoCopy::Damaged);
        }
        Ok(Element {
            id,
            begin: at,
            body,
            length,
        })
    }

    /// The track of a block, which comes first in it.
    fn track(&mut self, body: Range<u64>) -> Result<u64, NoCopy> {
        number(self.some(body.start, body.end)?)?.0.ok_or(NoCopy::Damaged)
    }
}

/// What an element is, and the bytes that say it.
fn id(bytes: &[u8]) -> Result<(u32, usize), NoCopy> {
    let first = *bytes.first().ok_or(NoCopy::Damaged)?;
    let count = first.leading_zeros() as usize + 1;
    let id = bytes.get(..count).filter(|_| count <= 4).ok_or(NoCopy::Damaged)?;
    Ok((id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte)), count))
}

/// A number of one to eight bytes, and how many; all ones is none.
fn number(bytes: &[u8]) -> Result<(Option<u64>, usize), NoCopy> {
    let first = *bytes.first().ok_or(NoCopy::Damaged)?;
    let count = first.leading_zeros() as usize + 1;
    let bytes = bytes.get(..count).filter(|_| count <= 8).ok_or(NoCopy::Damaged)?;
    let all = bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let mask = (1u64 << (7 * count)) - 1;
    Ok((Some(all & mask).filter(|number| *number != mask), count))
}

fn made(id: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = headed(id, body.len() as u64);
    bytes.extend(body);
    bytes
}

fn headed(id: u32, length: u64) -> Vec<u8> {
    let count = (4 - id.leading_zeros() / 8) as usize;
    let mut bytes = id.to_be_bytes()[4 - count..].to_vec();
    match length {
        0..0x7f => bytes.push(0x80 | length as u8),
        0x7f..0x3fff => bytes.extend((0x4000 | length as u16).to_be_bytes()),
        _ => bytes.extend((1 << 56 | length).to_be_bytes()),
    }
    bytes
}

/// The elements in memory.
fn elements(mut bytes: &[u8]) -> Result<Vec<(u32, &[u8])>, NoCopy> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (id, of_id) = id(bytes)?;
        let (length, of_length) = number(&bytes[of_id..])?;
        let length = length
            .and_then(|length| usize::try_from(length).ok())
            .ok_or(NoCopy::Damaged)?;
        let begin = of_id + of_length;
        let end = begin.checked_add(length).ok_or(NoCopy::Damaged)?;
        found.push((id, part(bytes, begin..end)?));
        bytes = &bytes[end..];
    }
    Ok(found)
}

/// Those of a list.
fn only(bytes: &[u8], allowed: &[u32]) -> Result<Vec<u8>, NoCopy> {
    let mut kept = Vec::new();
    for (id, body) in elements(bytes)? {
        if allowed.contains(&id) {
            kept.extend(made(id, body));
        }
    }
    Ok(kept)
}

pub(crate) fn plan(source: &mut dyn Source) -> Result<Plan, NoCopy> {
    let end = source.size();
    let mut file = Windows {
        source,
        at: 0,
        bytes: Vec::new(),
        elements: 0,
    };
    let header = file.element(0, end)?;
    let length = header.length.filter(|_| header.id == HEADER).ok_or(NoCopy::Damaged)?;
    let segment_at = header.body + length;
    let head = fetch(file.source, header.body..segment_at, HEAD_MAX)?;
    let segment = file.element(segment_at, end)?;
    if segment.id != SEGMENT {
        return Err(NoCopy::Damaged);
    }
    let end = segment.length.map_or(end, |length| segment.body + length);
    let (mut inside, mut kept) = (Plan::default(), None::<Vec<u64>>);
    let mut at = segment.body;
    while at < end {
        let found = file.element(at, end)?;
        if found.id == CLUSTER {
            let tracks = kept.as_deref().ok_or(NoCopy::Damaged)?;
            at = cluster(&mut file, &found, end, tracks, &mut inside)?;
            continue;
        }
        at = found.body + found.length.ok_or(NoCopy::Damaged)?;
        if found.id == INFO {
            let body = fetch(file.source, found.body..at, HEAD_MAX)?;
            inside.make(made(INFO, &[&only(&body, &OF_INFO)?, NOBODY].concat()));
        } else if found.id == TRACKS {
            let body = fetch(file.source, found.body..at, HEAD_MAX)?;
            let (written, numbers) = tracks(&body)?;
            if kept.replace(numbers).is_some() {
                return Err(NoCopy::Damaged);
            }
            inside.make(made(TRACKS, &written));
        }
    }
    if kept.is_none() {
        return Err(NoCopy::Damaged);
    }
    let mut plan = Plan::default();
    plan.make(made(HEADER, &only(&head, &OF_HEADER)?));
    plan.make(headed(SEGMENT, inside.size()));
    plan.append(inside);
    Ok(plan)
}

/// The tracks of pictures and of sound, and their numbers.
fn tracks(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u64>), NoCopy> {
    let (mut written, mut numbers) = (Vec::new(), Vec::new());
    for (_, entry) in elements(bytes)?.into_iter().filter(|(id, _)| *id == ENTRY) {
        let inside = elements(entry)?;
        let find = |wanted| inside.iter().find(|(id, _)| *id == wanted).map(|(_, body)| *body);
        if !matches!(find(TYPE), Some([1 | 2])) {
            continue;
        }
        let number = find(NUMBER)
            .filter(|number| (1..=8).contains(&number.len()))
            .ok_or(NoCopy::Damaged)?;
        if numbers.len() == TRACKS_MAX {
            return Err(NoCopy::Large);
        }
        numbers.push(number.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        let codec = find(CODEC).ok_or(NoCopy::Damaged)?;
        let codec = codec.split(|byte| *byte == 0).next().unwrap_or_default();
        let known = |known: &&[u8]| codec == *known || known == b"A_AAC" && codec.starts_with(b"A_AAC/");
        if !CODECS.iter().any(known) {
            return Err(NoCopy::Unknown);
        }
        let mut kept = Vec::new();
        for (id, body) in &inside {
            kept.extend(match *id {
                // A track is told by its number, not by what was drawn for it.
                UID => made(UID, number),
                NUMBER | TYPE => made(*id, body),
                CODEC => made(CODEC, codec),
                PRIVATE => made(PRIVATE, &private(codec, body)?),
                VIDEO => {
                    let mut video = only(body, &OF_VIDEO)?;
                    for (_, colour) in elements(body)?.into_iter().filter(|(id, _)| *id == COLOUR) {
                        video.extend(made(COLOUR, &colours(colour)?));
                    }
                    made(VIDEO, &video)
                }
                AUDIO => made(AUDIO, &only(body, &OF_AUDIO)?),
                ENCODINGS => made(ENCODINGS, &encodings(body)?),
                id if OF_ENTRY.contains(&id) => made(id, body),
                _ => Vec::new(),
            });
        }
        // Without one it would be English.
        kept.extend(made(LANGUAGE, b"und"));
        written.extend(made(ENTRY, &kept));
    }
    if numbers.is_empty() {
        return Err(NoCopy::Unknown);
    }
    Ok((written, numbers))
}

/// Colours are numbers, and numbers about the screen.
fn colours(bytes: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let mut kept = Vec::new();
    for (id, body) in elements(bytes)? {
        if (0x55b1..=0x55bd).contains(&id) && body.len() <= 8 {
            kept.extend(made(id, body));
        }
    }
    Ok(kept)
}

/// How blocks are packed; what is locked has no copy.
fn encodings(bytes: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let mut kept = Vec::new();
    for (_, encoding) in elements(bytes)?.into_iter().filter(|(id, _)| *id == ENCODING) {
        let mut inside = Vec::new();
        for (id, body) in elements(encoding)? {
            match id {
                COMPRESSION => inside.extend(made(id, &only(body, &OF_COMPRESSION)?)),
                id if OF_ENCODING.contains(&id) => inside.extend(made(id, body)),
                _ => return Err(NoCopy::Unknown),
            }
        }
        kept.extend(made(ENCODING, &inside));
    }
    Ok(kept)
}

/// What a decoder begins with.
fn private(codec: &[u8], body: &[u8]) -> Result<Vec<u8>, NoCopy> {
    match codec {
        b"A_VORBIS" => crate::ogg::without_comments(body),
        b"V_MPEGH/ISO/HEVC" => crate::mp4::sets(body, 22),
        // Of FLAC's blocks the first, which is the last then.
        b"A_FLAC" => {
            let mut block = part(body, 0..42)?.to_vec();
            if block[4] & 0x7f != 0 {
                return Err(NoCopy::Damaged);
            }
            block[4] = 0x80;
            Ok(block)
        }
        _ => Ok(body.to_vec()),
    }
}

/// A cluster: its time, and its blocks of the tracks that stay. Gives where it ends.
fn cluster(file: &mut Windows<'_>, of: &Element, end: u64, tracks: &[u64], into: &mut Plan) -> Result<u64, NoCopy> {
    let end = of.length.map_or(end, |length| of.body + length);
    let mut kept = Plan::default();
    let mut at = of.body;
    while at < end {
        let found = file.element(at, end)?;
        let is_next = [INFO, TRACKS, CLUSTER].contains(&found.id) || OTHERS.contains(&found.id);
        if of.length.is_none() && is_next {
            break;
        }
        let next = found.body + found.length.ok_or(NoCopy::Damaged)?;
        match found.id {
            TIME => kept.keep(found.begin..next),
            SIMPLE_BLOCK if tracks.contains(&file.track(found.body..next)?) => kept.keep(found.begin..next),
            BLOCK_GROUP => group(file, &found, next, tracks, &mut kept)?,
            _ => {}
        }
        at = next;
    }
    into.make(headed(CLUSTER, kept.size()));
    into.append(kept);
    if into.pieces().len() > PIECES_MAX {
        return Err(NoCopy::Large);
    }
    Ok(at)
}

/// A group of blocks: whole where all of it may stay.
fn group(file: &mut Windows<'_>, of: &Element, end: u64, tracks: &[u64], into: &mut Plan) -> Result<(), NoCopy> {
    let (mut kept, mut is_whole) = (Plan::default(), true);
    let mut at = of.body;
    while at < end {
        let found = file.element(at, end)?;
        let next = found.body + found.length.ok_or(NoCopy::Damaged)?;
        match found.id {
            BLOCK if !tracks.contains(&file.track(found.body..next)?) => return Ok(()),
            id if id == BLOCK || OF_GROUP.contains(&id) => kept.keep(found.begin..next),
            _ => is_whole = false,
        }
        at = next;
    }
    if is_whole {
        into.keep(of.begin..end);
    } else {
        into.make(headed(BLOCK_GROUP, kept.size()));
        into.append(kept);
    }
    Ok(())
}
