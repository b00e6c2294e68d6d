use std::ops::Range;

use crate::NoCopy;
use crate::boxes::{Kind, made, part};
use crate::plan::Plan;

/// Bytes of the media data of a file that stay, in its order, and where each stands in what is made of them.
pub(crate) struct Kept {
    /// Apart from each other, each with the number of bytes before it.
    ranges: Vec<(Range<u64>, u64)>,
    size: u64,
}

impl Kept {
    /// `within`: the media data, in the file's order; nothing else may hold samples.
    pub(crate) fn new(mut chunks: Vec<Range<u64>>, within: &[Range<u64>]) -> Result<Self, NoCopy> {
        chunks.retain(|chunk| !chunk.is_empty());
        chunks.sort_unstable_by_key(|chunk| chunk.start);
        let (mut ranges, mut size) = (Vec::<(Range<u64>, u64)>::new(), 0);
        for chunk in chunks {
            let holder = within.partition_point(|data| data.end < chunk.end);
            if within.get(holder).is_none_or(|data| data.start > chunk.start) {
                return Err(NoCopy::Damaged);
            }
            match ranges.last_mut() {
                Some((last, _)) if chunk.start <= last.end => {
                    size += chunk.end.saturating_sub(last.end);
                    last.end = last.end.max(chunk.end);
                }
                _ => {
                    let length = chunk.end - chunk.start;
                    ranges.push((chunk, size));
                    size += length;
                }
            }
        }
        Ok(Self { ranges, size })
    }

    /// Bytes that stay.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Where a byte of the file stands in what is kept.
    pub(crate) fn place(&self, at: u64) -> Result<u64, NoCopy> {
        let next = self.ranges.partition_point(|(range, _)| range.start <= at);
        let (range, before) = next
            .checked_sub(1)
            .and_then(|n| self.ranges.get(n))
            .ok_or(NoCopy::Damaged)?;
        if at > range.end {
            return Err(NoCopy::Damaged);
        }
        Ok(before + (at - range.start))
    }

    /// The header of a box of media data that holds it.
    pub(crate) fn header(&self) -> Vec<u8> {
        match u32::try_from(self.size + 8) {
            Ok(size) => [&size.to_be_bytes()[..], b"mdat"].concat(),
            Err(_) => [&1u32.to_be_bytes()[..], b"mdat", &(self.size + 16).to_be_bytes()].concat(),
        }
    }

    pub(crate) fn put(&self, plan: &mut Plan) {
        if self.size > 0 {
            plan.make(self.header());
            for (range, _) in &self.ranges {
                plan.keep(range.clone());
            }
        }
    }
}

/// The box of brands: those of a list. Another one could name a camera; which of them a file is played by is for players to find
/// out.
pub(crate) fn brands(body: &[u8], known: &[&Kind], instead: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let is_known = |kind: &&[u8]| known.iter().any(|brand| brand[..] == **kind);
    let major = Some(part(body, 0..4)?).filter(is_known).unwrap_or(instead);
    let others = body.get(8..).unwrap_or_default().chunks_exact(4).filter(is_known);
    let mut list = Vec::new();
    for brand in std::iter::once(major).chain(others) {
        if !list.contains(&brand) {
            list.push(brand);
        }
    }
    Ok(made(*b"ftyp", &[major, &[0; 4], &list.concat()].concat()))
}
