//! Opus and Vorbis in Ogg (RFC 3533, 7845). What comes before the sound is written anew, without comments and pictures; its pages
//! are counted and summed anew.

use crate::NoCopy;
use crate::boxes::{array_at, part};

const PAGE: &[u8] = b"OggS";
/// Of a page: that a packet goes on in it, that a stream begins.
const GOES_ON: u8 = 1;
const BEGINS: u8 = 2;
/// Nobody wrote it, and it says nothing.
const OPUS_TAGS: &[u8] = b"OpusTags\0\0\0\0\0\0\0\0";
const VORBIS_TAGS: &[u8] = b"\x03vorbis\0\0\0\0\0\0\0\0\x01";
/// Streams in a file, one after another or beside each other.
const STREAMS_MAX: usize = 64;
/// Bytes of packets before the sound.
const HEADERS_MAX: usize = 16 << 20;

struct Page<'a> {
    flags: u8,
    granule: [u8; 8],
    serial: [u8; 4],
    lengths: &'a [u8],
    data: &'a [u8],
    whole: usize,
}

fn page(bytes: &[u8]) -> Result<Page<'_>, NoCopy> {
    if !bytes.starts_with(PAGE) {
        return Err(NoCopy::Damaged);
    }
    let count = usize::from(*bytes.get(26).ok_or(NoCopy::Damaged)?);
    let lengths = part(bytes, 27..27 + count)?;
    let length: usize = lengths.iter().map(|length| usize::from(*length)).sum();
    let whole = 27 + count + length;
    Ok(Page {
        flags: bytes[5],
        granule: array_at(bytes, 6)?,
        serial: array_at(bytes, 14)?,
        lengths,
        data: part(bytes, 27 + count..whole)?,
        whole,
    })
}

/// A stream as far as it was read.
struct Stream {
    serial: [u8; 4],
    /// In the copy: the first is 1, for some programs draw it from the clock.
    number: u32,
    /// Pages that were written.
    pages: u32,
    /// Packets before the sound that are still to come whole.
    headers: usize,
    packets: Vec<Vec<u8>>,
    is_open: bool,
}

pub(crate) fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let (mut copy, mut at) = (Vec::new(), 0);
    let mut streams: Vec<Stream> = Vec::new();
    while file[at..].starts_with(PAGE) {
        let page = page(&file[at..])?;
        at += page.whole;
        if page.flags & BEGINS != 0 {
            if streams.len() == STREAMS_MAX {
                return Err(NoCopy::Large);
            }
            streams.push(Stream {
                serial: page.serial,
                number: streams.len() as u32 + 1,
                pages: 0,
                headers: headers(page.data)?,
                packets: Vec::new(),
                is_open: false,
            });
        }
        let stream = streams.iter_mut().rev().find(|stream| stream.serial == page.serial);
        stream.ok_or(NoCopy::Damaged)?.take(&page, &mut copy)?;
    }
    let is_whole = streams.iter().all(|stream| stream.headers == 0);
    if !is_whole || streams.is_empty() || file[at..].windows(PAGE.len()).any(|four| four == PAGE) {
        return Err(NoCopy::Damaged);
    }
    Ok(copy)
}

/// How many packets come before the sound.
fn headers(first: &[u8]) -> Result<usize, NoCopy> {
    match first {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => Ok(2),
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Ok(3),
        _ => Err(NoCopy::Unknown),
    }
}

impl Stream {
    fn take(&mut self, page: &Page<'_>, copy: &mut Vec<u8>) -> Result<(), NoCopy> {
        if self.headers == 0 {
            self.put((page.flags & !BEGINS, page.granule), page.lengths, page.data, copy);
            return Ok(());
        }
        if (page.flags & GOES_ON != 0) != self.is_open {
            return Err(NoCopy::Damaged);
        }
        let mut rest = page.data;
        for length in page.lengths {
            if self.headers == 0 {
                // Sound begins on a page of its own.
                return Err(NoCopy::Damaged);
            }
            let (segment, after) = rest.split_at(usize::from(*length));
            rest = after;
            if !self.is_open {
                self.packets.push(Vec::new());
            }
            if let Some(packet) = self.packets.last_mut() {
                packet.extend_from_slice(segment);
            }
            self.is_open = *length == 255;
            self.headers -= usize::from(!self.is_open);
        }
        if self.packets.iter().map(Vec::len).sum::<usize>() > HEADERS_MAX {
            return Err(NoCopy::Large);
        }
        if self.headers == 0 {
            let packets = std::mem::take(&mut self.packets);
            self.begin(&packets, copy)?;
        }
        Ok(())
    }

    /// The packets before the sound: the first on a page of its own, comments that say nothing, and what Vorbis sets up.
    fn begin(&mut self, packets: &[Vec<u8>], copy: &mut Vec<u8>) -> Result<(), NoCopy> {
        let none = [0; 8];
        match packets {
            [head, _] => {
                let length = 19
                    + if head.get(18) == Some(&0) {
                        0
                    } else {
                        2 + usize::from(*head.get(9).ok_or(NoCopy::Damaged)?)
                    };
                let head = part(head, 0..length)?;
                self.put((BEGINS, none), &[head.len() as u8], head, copy);
                self.put((0, none), &[OPUS_TAGS.len() as u8], OPUS_TAGS, copy);
            }
            [head, _, set_up] if set_up.starts_with(b"\x05vorbis") => {
                let head = part(head, 0..30)?;
                self.put((BEGINS, none), &[head.len() as u8], head, copy);
                let lengths = [&[VORBIS_TAGS.len() as u8][..], &laced(set_up.len())].concat();
                let data = [VORBIS_TAGS, set_up].concat();
                let (mut rest, mut flags) = (&data[..], 0);
                for lengths in lengths.chunks(255) {
                    let (now, after) = rest.split_at(lengths.iter().map(|length| usize::from(*length)).sum());
                    // On a page where no packet ends there is no position.
                    let is_end = lengths.iter().any(|length| *length < 255);
                    self.put((flags, if is_end { none } else { [0xff; 8] }), lengths, now, copy);
                    flags = if lengths.last() == Some(&255) { GOES_ON } else { 0 };
                    rest = after;
                }
            }
            _ => return Err(NoCopy::Damaged),
        }
        Ok(())
    }

    fn put(&mut self, (flags, granule): (u8, [u8; 8]), lengths: &[u8], data: &[u8], copy: &mut Vec<u8>) {
        let begin = copy.len();
        copy.extend(PAGE);
        copy.extend([0, flags]);
        copy.extend(granule);
        copy.extend(self.number.to_le_bytes());
        copy.extend(self.pages.to_le_bytes());
        copy.extend([0; 4]);
        copy.push(lengths.len() as u8);
        copy.extend(lengths);
        copy.extend(data);
        let sum = sum(&copy[begin..]);
        copy[begin + 22..begin + 26].copy_from_slice(&sum.to_le_bytes());
        self.pages = self.pages.wrapping_add(1);
    }
}

/// The lengths of the segments of a packet.
fn laced(length: usize) -> Vec<u8> {
    let mut lengths = vec![255; length / 255];
    lengths.push((length % 255) as u8);
    lengths
}

/// The sum of a page, of RFC 3533: no reflection, no initial value.
fn sum(page: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let (mut sum, mut bit) = ((n as u32) << 24, 0);
            while bit < 8 {
                sum = if sum >> 31 == 1 {
                    sum << 1 ^ 0x04c1_1db7
                } else {
                    sum << 1
                };
                bit += 1;
            }
            table[n] = sum;
            n += 1;
        }
        table
    };
    page.iter().fold(0, |sum: u32, byte| {
        sum << 8 ^ TABLE[usize::from((sum >> 24) as u8 ^ byte)]
    })
}

/// The three packets before Vorbis that Matroska keeps in one, without its comments.
pub(crate) fn without_comments(laced_packets: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let [2, rest @ ..] = laced_packets else {
        return Err(NoCopy::Damaged);
    };
    let mut rest = rest;
    let mut length = || {
        let mut length = 0;
        loop {
            let (first, after) = rest.split_first().ok_or(NoCopy::Damaged)?;
            rest = after;
            length += usize::from(*first);
            if *first < 255 {
                return Ok(length);
            }
        }
    };
    let (head, comments) = (length()?, length()?);
    let set_up = rest.get(head + comments..).ok_or(NoCopy::Damaged)?;
    let (head, set_up) = (
        part(rest, 0..head)?,
        Some(set_up).filter(|set_up| set_up.starts_with(b"\x05vorbis")),
    );
    let lengths = [&[2][..], &laced(head.len()), &laced(VORBIS_TAGS.len())].concat();
    Ok([&lengths[..], head, VORBIS_TAGS, set_up.ok_or(NoCopy::Damaged)?].concat())
}
