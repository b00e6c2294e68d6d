use bytes::Bytes;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_ALPH, CHUNK_ANIM, CHUNK_ANMF, CHUNK_EXIF, CHUNK_VP8, CHUNK_VP8L, CHUNK_VP8X};

use crate::{NoCopy, orientation, upright};

/// The kind of the list.
const WEBP: [u8; 4] = *b"WEBP";
/// Bits of `VP8X` that say that there is a colour profile, an Exif block, an XMP block.
const SAYS: [u8; 3] = [0x20, EXIF_BIT, 0x04];
const EXIF_BIT: u8 = 0x08;
/// Bytes of a frame's own header, before its chunks.
const FRAME: usize = 16;

/// The chunks of pictures, transparency and movement; `VP8X` then says of none of the others that it is there.
pub(crate) fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let riff = RiffChunk::from_bytes(Bytes::copy_from_slice(file)).map_err(|_| NoCopy::Damaged)?;
    let RiffContent::List {
        kind: Some(WEBP),
        subchunks,
    } = riff.content()
    else {
        return Err(NoCopy::Damaged);
    };
    let side = subchunks
        .iter()
        .filter(|chunk| chunk.id() == CHUNK_EXIF)
        .find_map(|chunk| {
            let block = chunk.content().data()?;
            orientation(block.strip_prefix(b"Exif\0\0").unwrap_or(block))
        });
    let mut kept = Vec::with_capacity(subchunks.len());
    for chunk in subchunks {
        kept.extend(allowed(chunk, side.is_some())?);
    }
    // Only a file with `VP8X` may say more than its picture.
    if let Some(side) = side.filter(|_| kept.iter().any(|chunk: &RiffChunk| chunk.id() == CHUNK_VP8X)) {
        kept.push(RiffChunk::new(
            CHUNK_EXIF,
            RiffContent::Data(Bytes::copy_from_slice(&upright(side))),
        ));
    }
    if !kept
        .iter()
        .any(|chunk| [CHUNK_VP8, CHUNK_VP8L, CHUNK_ANMF].contains(&chunk.id()))
    {
        return Err(NoCopy::Damaged);
    }
    let list = RiffContent::List {
        kind: Some(WEBP),
        subchunks: kept,
    };
    Ok(RiffChunk::new(*b"RIFF", list).encoder().bytes().to_vec())
}

/// What may stay of a chunk.
fn allowed(chunk: &RiffChunk, has_side: bool) -> Result<Option<RiffChunk>, NoCopy> {
    let data = chunk.content().data().map(Bytes::as_ref);
    let with = |data: Vec<u8>| Ok(Some(RiffChunk::new(chunk.id(), RiffContent::Data(data.into()))));
    match (chunk.id(), data) {
        (CHUNK_VP8 | CHUNK_VP8L | CHUNK_ALPH | CHUNK_ANIM, Some(_)) => Ok(Some(chunk.clone())),
        (CHUNK_VP8X, Some([flags, rest @ ..])) => {
            let bare = SAYS.iter().fold(*flags, |flags, bit| flags & !bit);
            let flags = if has_side { bare | EXIF_BIT } else { bare };
            with([&[flags], rest].concat())
        }
        (CHUNK_ANMF, Some(frame)) => with(frame_of(frame)?),
        _ => Ok(None),
    }
}

/// A frame of a moving picture: its header, and of its chunks those that hold the picture.
fn frame_of(frame: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let (header, chunks) = frame.split_at_checked(FRAME).ok_or(NoCopy::Damaged)?;
    // Read as a file of its own.
    let size = u32::try_from(chunks.len() + WEBP.len()).map_err(|_| NoCopy::Damaged)?;
    let file = [&b"RIFF"[..], &size.to_le_bytes(), &WEBP, chunks].concat();
    let riff = RiffChunk::from_bytes(file.into()).map_err(|_| NoCopy::Damaged)?;
    let (_, chunks) = riff.content().list().ok_or(NoCopy::Damaged)?;
    let is_picture = |chunk: &&RiffChunk| [CHUNK_VP8, CHUNK_VP8L, CHUNK_ALPH].contains(&chunk.id());
    let kept = chunks
        .iter()
        .filter(is_picture)
        .map(|chunk| chunk.clone().encoder().bytes());
    Ok(std::iter::once(Bytes::copy_from_slice(header))
        .chain(kept)
        .collect::<Vec<_>>()
        .concat())
}
