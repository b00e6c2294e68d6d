//! Boxes of the ISO base media file format (ISO/IEC 14496-12), which films, sound and HEIC are made of.

use std::ops::Range;

use crate::NoCopy;
use crate::plan::{Source, fetch};

/// Four letters.
pub(crate) type Kind = [u8; 4];

/// Boxes that a file may have on its first level: a film of fragments has two for each.
const TOP_MAX: usize = 200_000;

/// Boxes that a list may have: a picture in a thousand tiles has two for each.
const LIST_MAX: usize = 1 << 16;

/// A box in memory.
#[derive(Clone, Copy)]
pub(crate) struct Box<'a> {
    pub(crate) kind: Kind,
    /// What follows its header.
    pub(crate) body: &'a [u8],
}

impl Box<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        made(self.kind, self.body)
    }
}

/// The boxes within `bytes`. A rest too short for one, or four zeros, as QuickTime ends a list, ends it.
pub(crate) fn boxes(bytes: &[u8]) -> Result<Vec<Box<'_>>, NoCopy> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 8 {
        let (size, kind) = (u32_at(rest, 0)?, kind_at(rest, 4)?);
        let (header, length) = match size {
            0 => break,
            1 => (16, usize::try_from(u64_at(rest, 8)?).map_err(|_| NoCopy::Damaged)?),
            size => (8, size as usize),
        };
        let body = rest.get(header..length).ok_or(NoCopy::Damaged)?;
        found.push(Box { kind, body });
        if found.len() > LIST_MAX {
            return Err(NoCopy::Large);
        }
        rest = &rest[length..];
    }
    Ok(found)
}

/// The first box of a kind.
pub(crate) fn only<'a>(boxes: &[Box<'a>], kind: &Kind) -> Result<&'a [u8], NoCopy> {
    maybe(boxes, kind).ok_or(NoCopy::Damaged)
}

pub(crate) fn maybe<'a>(boxes: &[Box<'a>], kind: &Kind) -> Option<&'a [u8]> {
    boxes.iter().find(|found| found.kind == *kind).map(|found| found.body)
}

/// A box of this kind. None is larger than what was read.
pub(crate) fn made(kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + body.len());
    bytes.extend((body.len() as u32 + 8).to_be_bytes());
    bytes.extend(kind);
    bytes.extend(body);
    bytes
}

/// A box on the first level of a file.
pub(crate) struct Top {
    pub(crate) kind: Kind,
    /// With its header.
    pub(crate) whole: Range<u64>,
    /// What follows its header.
    pub(crate) body: Range<u64>,
}

/// The boxes of the first level: their headers alone are read.
pub(crate) fn top(source: &mut dyn Source) -> Result<Vec<Top>, NoCopy> {
    let end = source.size();
    let (mut found, mut at) = (Vec::new(), 0u64);
    while end - at >= 8 {
        let head = fetch(source, at..end.min(at + 16), 16)?;
        let (size, kind) = (u32_at(&head, 0)?, kind_at(&head, 4)?);
        let (header, length) = match size {
            // To the end.
            0 => (8, end - at),
            1 => (16, u64_at(&head, 8)?),
            size => (8, size.into()),
        };
        let next = at.checked_add(length).filter(|next| *next <= end && length >= header);
        let next = next.ok_or(NoCopy::Damaged)?;
        found.push(Top {
            kind,
            whole: at..next,
            body: at + header..next,
        });
        if found.len() > TOP_MAX {
            return Err(NoCopy::Large);
        }
        at = next;
    }
    Ok(found)
}

pub(crate) fn part(bytes: &[u8], range: Range<usize>) -> Result<&[u8], NoCopy> {
    bytes.get(range).ok_or(NoCopy::Damaged)
}

pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], NoCopy> {
    let end = at.checked_add(N).ok_or(NoCopy::Damaged)?;
    part(bytes, at..end)?.try_into().map_err(|_| NoCopy::Damaged)
}

pub(crate) fn kind_at(bytes: &[u8], at: usize) -> Result<Kind, NoCopy> {
    array_at(bytes, at)
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, NoCopy> {
    Ok(u16::from_be_bytes(array_at(bytes, at)?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, NoCopy> {
    Ok(u32::from_be_bytes(array_at(bytes, at)?))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Result<u64, NoCopy> {
    Ok(u64::from_be_bytes(array_at(bytes, at)?))
}

/// A list whose count stands in the four bytes before `head`: its head and so many entries of `entry` bytes, and nothing
/// behind them.
pub(crate) fn table(body: &[u8], head: usize, entry: usize) -> Result<&[u8], NoCopy> {
    let count = u32_at(body, head.saturating_sub(4))? as usize;
    let end = count.checked_mul(entry).and_then(|length| length.checked_add(head));
    body.get(..end.ok_or(NoCopy::Damaged)?).ok_or(NoCopy::Damaged)
}

/// Bytes that are zeros from here to there, where they are.
pub(crate) fn blanked(bytes: &mut [u8], range: Range<usize>) {
    if let Some(bytes) = bytes.get_mut(range) {
        bytes.fill(0);
    }
}
