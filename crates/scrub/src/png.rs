use bytes::Bytes;
use img_parts::png::{Png, PngChunk};

use crate::{NoCopy, orientation, upright};

const CHUNK_EXIF: [u8; 4] = *b"eXIf";
/// The picture, its colours, and the frames of a moving one.
const ALLOWED: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"acTL", b"fcTL", b"fdAT",
];

/// The chunks of the list, in their order; what follows `IEND` is not read.
pub(crate) fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let mut png = Png::from_bytes(Bytes::copy_from_slice(file)).map_err(|_| NoCopy::Damaged)?;
    let side = png
        .chunk_by_type(CHUNK_EXIF)
        .and_then(|chunk| orientation(chunk.contents()));
    let chunks = png.chunks_mut();
    if chunks.last().is_none_or(|last| last.kind() != *b"IEND")
        || chunks.first().is_none_or(|first| first.kind() != *b"IHDR")
    {
        return Err(NoCopy::Damaged);
    }
    chunks.retain(|chunk| ALLOWED.contains(&&chunk.kind()));
    if let Some(side) = side {
        chunks.insert(1, PngChunk::new(CHUNK_EXIF, Bytes::copy_from_slice(&upright(side))));
    }
    Ok(png.encoder().bytes().to_vec())
}
