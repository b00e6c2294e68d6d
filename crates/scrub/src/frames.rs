//! Sound that is frames one after another: MP3 and AAC, with tags before, between and behind them; AMR.

use crate::NoCopy;
use crate::boxes::{part, u32_at};

/// Bits a second in thousands, by version (1, then 2 and 2.5), layer (I, II, III) and index.
const RATES: [[[u32; 15]; 3]; 2] = [
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ],
    [
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ],
];
const HERTZ: [u32; 3] = [44_100, 48_000, 32_000];
/// Bytes of a frame of AMR, and of its wide kind, by the four bits that say it.
const AMR: [usize; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1];
const AMR_WIDE: [usize; 16] = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

/// Whether a file may begin so.
pub(crate) fn begins(begin: &[u8]) -> bool {
    begin.starts_with(b"ID3") || frame(begin).is_some()
}

/// How long the frame is that begins here, and what all frames of a file have in common: its kind and its pace.
fn frame(bytes: &[u8]) -> Option<(usize, u16)> {
    let head = u32_at(bytes, 0).ok()?;
    if head >> 21 != 0x7ff {
        return None;
    }
    let (version, layer) = (head >> 19 & 3, head >> 17 & 3);
    if layer == 0 {
        // AAC; its kind, its pace and its channels.
        let tail = u32_at(bytes, 3).ok()?;
        let length = (tail >> 13 & 0x1fff) as usize;
        let is_sound = head >> 20 == 0xfff && head >> 10 & 15 < 13 && length > 7;
        return is_sound.then_some((length, (head >> 6 & 0x3f7) as u16));
    }
    let (rate, pace, padding) = (head >> 12 & 15, head >> 10 & 3, head >> 9 & 1);
    let shift = match version {
        3 => 0,
        2 => 1,
        0 => 2,
        _ => return None,
    };
    let hertz = HERTZ.get(pace as usize)? >> shift;
    let kind = 3 - layer as usize;
    let rate = *RATES[usize::from(shift > 0)][kind].get(rate as usize)? * 1_000;
    let length = match kind {
        0 => (12 * rate / hertz + padding) * 4,
        2 if shift > 0 => 72 * rate / hertz + padding,
        _ => 144 * rate / hertz + padding,
    };
    (rate > 0).then_some((length as usize, (head >> 17 << 2 | pace) as u16 | 0x8000))
}

/// How long a tag is that begins here.
fn tag(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"ID3") {
        let size = bytes
            .get(6..10)?
            .iter()
            .fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        return Some(10 + size + if bytes.get(5)? & 0x10 == 0 { 0 } else { 10 });
    }
    if bytes.starts_with(b"APETAGEX") {
        let size = bytes.get(12..16)?;
        return Some(32 + u32::from_le_bytes(size.try_into().ok()?) as usize);
    }
    bytes.starts_with(b"TAG").then_some(128)
}

/// The frames of one kind. Where there is something else, they go on where two of them follow each other.
pub(crate) fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let (mut kept, mut at, mut common) = (Vec::new(), 0, None);
    let mut is_sound = false;
    while let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = tag(rest) {
            (at, is_sound) = (at.saturating_add(length), false);
            continue;
        }
        let found = frame(rest).filter(|(length, kind)| *length <= rest.len() && common.is_none_or(|of| of == *kind));
        let follows = |(length, kind): &(usize, u16)| {
            let next = &rest[*length..];
            next.is_empty() || tag(next).is_some() || frame(next).is_some_and(|(_, of)| of == *kind)
        };
        match found.filter(|found| is_sound || follows(found)) {
            Some((length, kind)) => {
                kept.extend_from_slice(&rest[..length]);
                (at, common, is_sound) = (at + length, Some(kind), true);
            }
            None => (at, is_sound) = (at + 1, false),
        }
    }
    if kept.is_empty() {
        Err(NoCopy::Damaged)
    } else {
        Ok(kept)
    }
}

/// Whether a file may begin so.
pub(crate) fn is_amr(begin: &[u8]) -> bool {
    begin.starts_with(b"#!AMR\n") || begin.starts_with(b"#!AMR-WB\n")
}

/// Its frames; AMR has no room for anything else, but what stands behind them.
pub(crate) fn amr(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let (head, lengths) = if file.starts_with(b"#!AMR\n") {
        (6, AMR)
    } else {
        (9, AMR_WIDE)
    };
    let mut at = head;
    while let Some(first) = file.get(at) {
        let length = lengths[usize::from(first >> 3 & 15)];
        if first & 0x83 != 0 || length == 0 || file.len() - at < length {
            break;
        }
        at += length;
    }
    if at == head {
        Err(NoCopy::Damaged)
    } else {
        Ok(part(file, 0..at)?.to_vec())
    }
}
