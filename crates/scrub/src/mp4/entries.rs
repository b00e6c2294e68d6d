use crate::NoCopy;
use crate::boxes::{Box, Kind, blanked, boxes, made, part, u16_at, u32_at};

/// How pictures are coded. JPEG is none of them: each picture of such a film may hold an Exif block.
const PICTURES: [&Kind; 19] = [
    b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"dva1", b"dvav", b"av01", b"vp08", b"vp09", b"mp4v",
    b"s263", b"apch", b"apcn", b"apcs", b"apco", b"ap4h", b"ap4x",
];
/// How sound is coded.
pub(super) const SOUND: [&Kind; 22] = [
    b"mp4a", b"alac", b"Opus", b"samr", b"sawb", b"ac-3", b"ec-3", b"fLaC", b"sowt", b"twos", b"lpcm", b"ipcm",
    b"fpcm", b"in24", b"in32", b"fl32", b"fl64", b"ulaw", b"alaw", b"ima4", b".mp3", b"raw ",
];
/// What a decoder needs of a description, and how it is shown: shape, colours, brightness.
const WITHIN: [&Kind; 24] = [
    b"avcC", b"av1C", b"vpcC", b"esds", b"dvcC", b"dvvC", b"dvwC", b"pasp", b"clap", b"fiel", b"gama", b"btrt",
    b"mdcv", b"clli", b"SmDm", b"CoLL", b"dOps", b"alac", b"dac3", b"dec3", b"chan", b"pcmC", b"chnl", b"srat",
];
/// What QuickTime puts around the description of a sound.
const WAVE: [&Kind; 6] = [b"frma", b"mp4a", b"esds", b"alac", b"enda", b"\0\0\0\0"];
/// Kinds of NAL units that a decoder needs: three sets of parameters. Others say who coded it.
const SETS: [u8; 3] = [32, 33, 34];

/// Descriptions of samples, each with the fields and boxes of a list. A kind that is not on the list ends it.
pub(super) fn cleaned(body: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let is_old = u32_at(body, 0)? == 0;
    let mut kept = part(body, 0..8)?.to_vec();
    for entry in boxes(body.get(8..).unwrap_or_default())? {
        let length = if PICTURES.contains(&&entry.kind) {
            78
        } else if SOUND.contains(&&entry.kind) {
            match u16_at(entry.body, 8)? {
                1 if is_old => 44,
                2 if is_old => 64,
                _ => 28,
            }
        } else {
            return Err(NoCopy::Unknown);
        };
        let mut fields = part(entry.body, 0..length)?.to_vec();
        // Reserved; the one place of data.
        blanked(&mut fields, 0..7);
        if let Some(place) = fields.get_mut(7) {
            *place = 1;
        }
        if length == 78 {
            // Version, vendor and quality; the coder's name.
            blanked(&mut fields, 8..24);
            blanked(&mut fields, 42..74);
        } else {
            // Revision and vendor.
            blanked(&mut fields, 10..16);
        }
        for found in boxes(entry.body.get(length..).unwrap_or_default())? {
            fields.extend(within(found)?);
        }
        kept.extend(made(entry.kind, &fields));
    }
    Ok(kept)
}

/// What may stay of a box in a description.
fn within(found: Box<'_>) -> Result<Vec<u8>, NoCopy> {
    let body = found.body;
    Ok(match &found.kind {
        kind if WITHIN.contains(&kind) => found.bytes(),
        b"hvcC" | b"lhvC" => made(found.kind, &sets(body, if found.kind == *b"hvcC" { 22 } else { 5 })?),
        b"colr" => colours(body)?.unwrap_or_default(),
        b"wave" => {
            let inside = boxes(body)?;
            let kept = inside.iter().filter(|found| WAVE.contains(&&found.kind));
            made(*b"wave", &kept.flat_map(Box::bytes).collect::<Vec<_>>())
        }
        // Sound of telephones; the vendor comes first.
        b"damr" => made(*b"damr", &[&[0; 5], part(body, 5..9)?].concat()),
        b"d263" => made(*b"d263", &[&[0; 5], part(body, 5..7)?].concat()),
        // Of FLAC's blocks the first, which is the last then: others hold comments and pictures.
        b"dfLa" => {
            let mut block = part(body, 0..42)?.to_vec();
            if block[4] & 0x7f != 0 {
                return Err(NoCopy::Damaged);
            }
            block[4] = 0x80;
            made(*b"dfLa", &block)
        }
        _ => Vec::new(),
    })
}

/// Colours by their numbers; a profile would say of whose device it is.
pub(crate) fn colours(body: &[u8]) -> Result<Option<Vec<u8>>, NoCopy> {
    let length = match body.get(..4) {
        Some(b"nclx") => 11,
        Some(b"nclc") => 10,
        _ => return Ok(None),
    };
    Ok(Some(made(*b"colr", part(body, 0..length)?)))
}

/// A description of HEVC with the sets of parameters only; the count of its lists stands at `head`.
pub(crate) fn sets(body: &[u8], head: usize) -> Result<Vec<u8>, NoCopy> {
    let mut kept = part(body, 0..head)?.to_vec();
    let count = *body.get(head).ok_or(NoCopy::Damaged)?;
    let (mut lists, mut at) = (Vec::new(), head + 1);
    for _ in 0..count {
        let begin = at;
        let (kind, units) = (body.get(at).ok_or(NoCopy::Damaged)? & 0x3f, u16_at(body, at + 1)?);
        at += 3;
        for _ in 0..units {
            at += 2 + usize::from(u16_at(body, at)?);
        }
        let list = part(body, begin..at)?;
        if SETS.contains(&kind) {
            lists.push(list);
        }
    }
    kept.push(lists.len() as u8);
    kept.extend(lists.concat());
    Ok(kept)
}
