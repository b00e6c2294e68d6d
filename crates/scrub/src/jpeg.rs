use bytes::Bytes;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};

use crate::{NoCopy, orientation, upright};

/// A progressive picture has some ten scans. Of a file that holds more than these nothing is made: each costs a reading.
const SCANS_MAX: usize = 1_000;
/// Before the Exif block in a segment.
const EXIF: &[u8] = b"Exif\0\0";

/// The frame, its tables and its scans. A scan runs to the next marker; what comes between scans, and after the end of the
/// image, is looked at as what comes before.
pub(crate) fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let mut kept: Vec<u8> = vec![markers::P, markers::SOI];
    let mut rest = Bytes::copy_from_slice(file);
    for round in 0..SCANS_MAX {
        let part = Jpeg::from_bytes(rest).map_err(|_| NoCopy::Damaged)?;
        if round == 0 {
            let side = part.segments().iter().filter_map(exif).find_map(orientation);
            if let Some(side) = side {
                let contents = [EXIF, &upright(side)].concat();
                push(&mut kept, markers::APP1, &contents);
            }
        }
        for segment in part.segments() {
            if let Some(contents) = allowed(segment) {
                push(&mut kept, segment.marker(), contents);
            }
        }
        let Some(scan) = part.segments().last().filter(|last| last.marker() == markers::SOS) else {
            // The end of the image.
            kept.extend([markers::P, markers::EOI]);
            return Ok(kept);
        };
        let scan = tail(file, scan);
        let end = end_of_scan(scan).ok_or(NoCopy::Damaged)?;
        let (data, after) = scan.split_at(end);
        kept.extend(data);
        rest = [&[markers::P, markers::SOI], after].concat().into();
    }
    Err(NoCopy::Damaged)
}

/// What follows the header of the scan that is the last segment of `file` read so far: img-parts hands it on as it was.
fn tail<'a>(file: &'a [u8], scan: &JpegSegment) -> &'a [u8] {
    let length = scan.len_with_entropy() - scan.len();
    &file[file.len() - length..]
}

/// Where the data of a scan ends: at the first marker that is neither a stuffed byte nor a restart.
fn end_of_scan(data: &[u8]) -> Option<usize> {
    let is_end =
        |pair: &[u8]| pair[0] == markers::P && !matches!(pair[1], 0 | markers::RST0..=markers::RST7 | markers::P);
    data.windows(2).position(is_end)
}

fn push(kept: &mut Vec<u8>, marker: u8, contents: &[u8]) {
    kept.extend([markers::P, marker]);
    // A segment that was read, or one of 32 bytes: its length fits.
    kept.extend((contents.len() as u16 + 2).to_be_bytes());
    kept.extend(contents);
}

fn exif(segment: &JpegSegment) -> Option<&[u8]> {
    (segment.marker() == markers::APP1).then(|| segment.contents().strip_prefix(EXIF))?
}

/// What may stay of a segment: frames, tables and scans whole, of Adobe's how colours
/// are coded, without which the picture is shown in wrong ones.
fn allowed(segment: &JpegSegment) -> Option<&[u8]> {
    let contents: &[u8] = segment.contents();
    match segment.marker() {
        // Frames; 0xc8 is kept for what never came.
        markers::SOF0..=markers::SOF15 if segment.marker() != markers::JPG => Some(contents),
        markers::DQT | markers::DRI | markers::DNL | markers::SOS => Some(contents),
        markers::APP14 if contents.starts_with(b"Adobe") => contents.get(..12),
        _ => None,
    }
}
