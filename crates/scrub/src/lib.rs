//! A copy of a photograph without what the camera wrote beside the picture: place, time, device, author, thumbnail (§5.2).
//!
//! What may stay is listed for each format, and everything else goes: text, profiles, private segments, whatever follows the
//! end of the picture. The picture itself is not decoded, so what it shows stays as it was, bit for bit. The one thing that is
//! written anew is which side is up, for a reader would see a photograph lying on its side.

mod jpeg;
mod png;
mod webp;

/// Why there is no copy without metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCopy {
    /// It is no JPEG, PNG or WebP.
    #[error("what this file says beside its content cannot be removed: only of JPEG, PNG and WebP it can")]
    Format,
    /// It is damaged, or not what it says to be.
    #[error("the picture is damaged, so nothing can be removed from it")]
    Damaged,
}

/// Formats of which a copy can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG, also moving.
    Png,
    /// WebP, also moving.
    WebP,
}

impl Format {
    /// By the first bytes of a file, 12 of them; what it is called says nothing.
    pub fn of(begin: &[u8]) -> Option<Self> {
        match begin {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }
}

/// The picture of `file`, and nothing else. Cleaning a copy again gives the same bytes.
///
/// # Errors
/// [`NoCopy`].
pub fn scrubbed(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    match Format::of(file).ok_or(NoCopy::Format)? {
        Format::Jpeg => jpeg::scrubbed(file),
        Format::Png => png::scrubbed(file),
        Format::WebP => webp::scrubbed(file),
    }
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
