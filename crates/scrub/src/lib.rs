//! A copy of a file without what stands beside its content: place, time, device, author, thumbnail (§5.2).
//!
//! What may stay is listed for each format, and everything else goes: text, profiles, private segments, whatever follows the
//! end. Pictures and sound are not decoded, so what they show and say stays as it was, bit for bit. The one thing that is
//! written anew is which side is up, for a reader would see a photograph lying on its side.
//!
//! A copy is a [`Plan`]: which bytes of the file stay, and what is put between them. Of a film only its index is read.

mod boxes;
mod frames;
mod heif;
mod jpeg;
mod kept;
mod matroska;
mod mp4;
mod ogg;
mod plan;
mod png;
mod wav;
mod webp;

pub use plan::{Piece, Plan, Source};

/// The most of a file that is read whole, where a format asks for it: as much as a filing holds without an upload code.
const WHOLE_MAX: u64 = 64 << 20;
/// What tells a format.
const BEGIN: u64 = 12;

/// Why there is no copy without metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCopy {
    /// It is of no format that is known here.
    #[error("what this file says beside its content cannot be removed: it is of none of the formats of which it can")]
    Format,
    /// It is damaged, or not what it says to be.
    #[error("the file is damaged, so nothing can be removed from it")]
    Damaged,
    /// It holds a kind of picture or sound that is not on the list.
    #[error("the file holds a kind of picture or sound of which it is not known what else it says")]
    Unknown,
    /// Too much of it would have to be in memory.
    #[error("the file, or its index, is too large for removing what it says beside its content")]
    Large,
    /// It was not given.
    #[error("the file could not be read to its end, so nothing can be removed from it")]
    Unreadable,
}

impl NoCopy {
    /// The reason in one word, for pages.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Damaged => "damaged",
            Self::Unknown => "unknown",
            Self::Large => "large",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Formats of which a copy can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
    WebP,
    /// HEIC, AVIF.
    Heif,
    Film,
    Matroska,
    Wav,
    Ogg,
    /// MP3, AAC.
    Frames,
    Amr,
}

impl Format {
    /// By the first bytes of a file; what it is called says nothing.
    fn of(begin: &[u8]) -> Option<Self> {
        match begin {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Self::Wav),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::Matroska),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            begin if frames::is_amr(begin) => Some(Self::Amr),
            begin if frames::begins(begin) => Some(Self::Frames),
            [_, _, _, _, kind @ ..] => match kind {
                [b'f', b't', b'y', b'p', brand @ ..] => match brand {
                    b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"mif2" | b"avif" => Some(Self::Heif),
                    // Sequences of pictures, and what a camera has of its sensor.
                    b"hevc" | b"hevx" | b"msf1" | b"avis" | b"crx " => None,
                    _ => Some(Self::Film),
                },
                [b'm', b'o', b'o', b'v', ..] | [b'm', b'd', b'a', b't', ..] | [b'w', b'i', b'd', b'e', ..] => {
                    Some(Self::Film)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// How the copy of a file is put together: its content, and nothing else. A copy of a copy is the same bytes.
///
/// # Errors
/// [`NoCopy`].
pub fn plan(source: &mut dyn Source) -> Result<Plan, NoCopy> {
    let size = source.size();
    let begin = plan::fetch(source, 0..size.min(BEGIN), BEGIN)?;
    let format = Format::of(&begin).ok_or(NoCopy::Format)?;
    let scrubbed = match format {
        Format::Heif => return heif::plan(source),
        Format::Film => return mp4::plan(source),
        Format::Matroska => return matroska::plan(source),
        Format::Wav => return wav::plan(source),
        Format::Jpeg => jpeg::scrubbed,
        Format::Png => png::scrubbed,
        Format::WebP => webp::scrubbed,
        Format::Ogg => ogg::scrubbed,
        Format::Frames => frames::scrubbed,
        Format::Amr => frames::amr,
    };
    Ok(Plan::made(scrubbed(&plan::fetch(source, 0..size, WHOLE_MAX)?)?))
}

/// The copy of a file that is in memory.
///
/// # Errors
/// [`NoCopy`].
pub fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let plan = plan(&mut { file })?;
    let mut copy = Vec::new();
    for piece in plan.pieces() {
        match piece {
            Piece::Kept(range) => {
                let kept = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                let kept = kept.and_then(|(from, to)| file.get(from..to));
                copy.extend_from_slice(kept.ok_or(NoCopy::Damaged)?);
            }
            Piece::Made(bytes) => copy.extend_from_slice(bytes),
        }
    }
    Ok(copy)
}

/// Which side is up, 2 to 8, from an Exif block that begins with its TIFF header; `None` where it is as it lies.
fn orientation(exif: &[u8]) -> Option<u16> {
    let exif = exif::Reader::new().read_raw(exif.to_vec()).ok()?;
    let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
    let value = field.value.get_uint(0)?;
    u16::try_from(value).ok().filter(|side| (2..=8).contains(side))
}

/// An Exif block that says which side is up, and nothing else: a TIFF header and a directory of one field.
fn upright(side: u16) -> [u8; 26] {
    let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    let [high, low] = side.to_be_bytes();
    (block[18], block[19]) = (high, low);
    block
}
