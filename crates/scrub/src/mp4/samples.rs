use std::ops::Range;

use crate::NoCopy;
use crate::boxes::{Box, boxes, kind_at, maybe, only, part, table, u16_at, u32_at, u64_at};

/// Chunks of all tracks. A film of two hours has some 30 000.
const CHUNKS_MAX: usize = 1 << 20;
/// Sound without coding, of which old films tell the size of a sample as one byte.
const PLAIN: [&[u8; 4]; 9] = [
    b"sowt", b"twos", b"raw ", b"lpcm", b"in24", b"in32", b"fl32", b"fl64", b"NONE",
];

/// The sizes of samples: one for all, or one for each.
enum Sizes<'a> {
    /// In units of this many bytes for so many samples: old films count sound so.
    All {
        bytes: u64,
        samples: u64,
    },
    Each {
        entries: &'a [u8],
        bits: usize,
    },
}

impl Sizes<'_> {
    /// Bytes of `count` samples from the `first` on.
    fn of(&self, first: u64, count: u64) -> Result<u64, NoCopy> {
        match self {
            Self::All { bytes, samples } => {
                let all = count.checked_mul(*bytes).ok_or(NoCopy::Damaged)?;
                Ok(all.div_ceil(*samples))
            }
            Self::Each { entries, bits } => {
                let held = entries.len() as u64 * 8 / *bits as u64;
                if first.checked_add(count).is_none_or(|end| end > held) {
                    return Err(NoCopy::Damaged);
                }
                (first..first + count).try_fold(0u64, |sum, n| Ok(sum + self.each(n as usize)?))
            }
        }
    }

    fn each(&self, n: usize) -> Result<u64, NoCopy> {
        let Self::Each { entries, bits } = self else {
            return Ok(0);
        };
        match bits {
            4 => {
                let pair = *entries.get(n / 2).ok_or(NoCopy::Damaged)?;
                Ok(u64::from(if n.is_multiple_of(2) { pair >> 4 } else { pair & 15 }))
            }
            8 => Ok(u64::from(*entries.get(n).ok_or(NoCopy::Damaged)?)),
            16 => Ok(u16_at(entries, n * 2)?.into()),
            _ => Ok(u32_at(entries, n * 4)?.into()),
        }
    }
}

/// `stsz`: as much of it as its count says, and the one size of all or zero.
pub(super) fn sizes(body: &[u8]) -> Result<(&[u8], u32), NoCopy> {
    let all = u32_at(body, 4)?;
    let kept = if all == 0 {
        table(body, 12, 4)?
    } else {
        part(body, 0..12)?
    };
    Ok((kept, all))
}

/// `stz2`: as much of it as its count says, and the bits of a size.
pub(super) fn small_sizes(body: &[u8]) -> Result<(&[u8], usize), NoCopy> {
    let bits = usize::from(*body.get(7).ok_or(NoCopy::Damaged)?);
    if ![4, 8, 16].contains(&bits) {
        return Err(NoCopy::Damaged);
    }
    let count = u32_at(body, 8)? as usize;
    let length = count.checked_mul(bits).ok_or(NoCopy::Damaged)?.div_ceil(8);
    let end = length.checked_add(12).ok_or(NoCopy::Damaged)?;
    Ok((part(body, 0..end)?, bits))
}

/// Where the samples of a track are.
pub(super) fn chunks(stbl: &[u8], into: &mut Vec<Range<u64>>) -> Result<(), NoCopy> {
    let found = boxes(stbl)?;
    let places = offsets(&found)?;
    if into.len() + places.len() > CHUNKS_MAX {
        return Err(NoCopy::Large);
    }
    if places.is_empty() {
        return Ok(());
    }
    let runs = table(only(&found, b"stsc")?, 8, 12)?.split_at(8).1;
    let mut runs = runs.chunks_exact(12).peekable();
    let sizes = match maybe(&found, b"stsz") {
        Some(body) => match sizes(body)? {
            (kept, 0) => Sizes::Each {
                entries: kept.split_at(12).1,
                bits: 32,
            },
            (_, all) => of_all(all, only(&found, b"stsd")?),
        },
        None => {
            let (kept, bits) = small_sizes(only(&found, b"stz2")?)?;
            Sizes::Each {
                entries: kept.split_at(12).1,
                bits,
            }
        }
    };
    let (mut sample, mut count) = (0u64, None);
    for (n, place) in places.into_iter().enumerate() {
        while let Some(run) = runs.peek() {
            if u32_at(run, 0)? as usize > n + 1 {
                break;
            }
            count = Some(u64::from(u32_at(run, 4)?));
            runs.next();
        }
        let count = count.ok_or(NoCopy::Damaged)?;
        let length = sizes.of(sample, count)?;
        sample += count;
        into.push(place..place.checked_add(length).ok_or(NoCopy::Damaged)?);
    }
    Ok(())
}

/// One size for all samples; of sound in an old film what its description makes of it.
fn of_all(size: u32, description: &[u8]) -> Sizes<'_> {
    let counted = || -> Result<Option<(u64, u64)>, NoCopy> {
        let entry = part(description, 8..description.len())?;
        let (kind, version) = (kind_at(entry, 4)?, u16_at(entry, 16)?);
        let is_old = u32_at(description, 0)? == 0;
        let channels_bits = (u64::from(u16_at(entry, 24)?), u64::from(u16_at(entry, 26)?));
        match version {
            1 if is_old => {
                let (samples, bytes) = (u32_at(entry, 36)?, u32_at(entry, 44)?);
                Ok(Some((bytes.into(), samples.into())).filter(|pair| pair.0 > 0 && pair.1 > 0))
            }
            0 if size == 1 && PLAIN.contains(&&kind) => {
                let bytes = channels_bits.0 * channels_bits.1 / 8;
                Ok(Some((bytes, 1)).filter(|pair| pair.0 > 0))
            }
            _ => Ok(None),
        }
    };
    // A description of pictures has other things there, and one size for all pictures is what it says.
    let counted = counted().ok().flatten().filter(|_| is_sound(description));
    let (bytes, samples) = counted.unwrap_or((size.into(), 1));
    Sizes::All { bytes, samples }
}

fn is_sound(description: &[u8]) -> bool {
    let kind = kind_at(description, 12);
    kind.is_ok_and(|kind| super::entries::SOUND.contains(&&kind))
}

/// Where each chunk begins.
fn offsets(found: &[Box<'_>]) -> Result<Vec<u64>, NoCopy> {
    let mut places = Vec::new();
    if let Some(body) = maybe(found, b"co64") {
        for entry in table(body, 8, 8)?.split_at(8).1.chunks_exact(8) {
            places.push(u64_at(entry, 0)?);
        }
    } else {
        for entry in table(only(found, b"stco")?, 8, 4)?.split_at(8).1.chunks_exact(4) {
            places.push(u32_at(entry, 0)?.into());
        }
    }
    Ok(places)
}

/// The list of chunks, each where it will stand.
pub(super) fn moved(found: Box<'_>, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
    let is_long = found.kind == *b"co64";
    let list = table(found.body, 8, if is_long { 8 } else { 4 })?;
    let mut moved = list.get(..8).unwrap_or_default().to_vec();
    for at in offsets(&[found])? {
        let at = place(at)?;
        match is_long {
            true => moved.extend(at.to_be_bytes()),
            false => moved.extend(u32::try_from(at).map_err(|_| NoCopy::Large)?.to_be_bytes()),
        }
    }
    Ok(moved)
}
