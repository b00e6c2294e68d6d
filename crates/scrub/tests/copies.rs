//! A copy holds the picture and nothing that was planted beside it. The pictures were made for these tests.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use bytes::Bytes;
use common::holds;
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use scrub::{NoCopy, scrubbed};

/// What must be in no copy.
const PLANTED: &[u8] = b"GPS 20.6736,-103.344 Pixel 4a, Ana";

const JPEGS: [&[u8]; 3] = [
    include_bytes!("pictures/plain.jpg"),
    include_bytes!("pictures/progressive.jpg"),
    include_bytes!("pictures/cmyk.jpg"),
];
const PNGS: [&[u8]; 2] = [
    include_bytes!("pictures/plain.png"),
    include_bytes!("pictures/moving.png"),
];
const WEBPS: [&[u8]; 4] = [
    include_bytes!("pictures/plain.webp"),
    include_bytes!("pictures/lossless.webp"),
    include_bytes!("pictures/alpha.webp"),
    include_bytes!("pictures/moving.webp"),
];

fn bytes(slice: &[u8]) -> Bytes {
    Bytes::copy_from_slice(slice)
}

/// An Exif block with an orientation, a maker's note that is planted, and a thumbnail that is.
fn exif(side: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([side, 0, 0, 0]);
    block.extend(b"\x0f\x01\x02\0");
    block.extend((PLANTED.len() as u32).to_le_bytes());
    block.extend(38u32.to_le_bytes());
    block.extend([0; 4]);
    block.extend(PLANTED);
    block
}

/// Everything that a camera or a program writes beside a JPEG, before the scans, between them and after the end.
fn planted_jpeg(plain: &[u8], side: u8) -> Vec<u8> {
    let mut jpeg = Jpeg::from_bytes(bytes(plain)).unwrap();
    let thumbnail = [&b"JFXX\0\x10"[..], JPEGS[0], PLANTED].concat();
    let profile = [&b"ICC_PROFILE\0\x01\x01"[..], PLANTED].concat();
    let xmp = [&b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"[..], PLANTED].concat();
    let several = [&b"MPF\0"[..], PLANTED].concat();
    for (marker, contents) in [
        (markers::APP0, thumbnail),
        (markers::APP1, xmp),
        (markers::APP2, profile),
        (markers::APP2, several),
        (markers::APP13, [&b"Photoshop 3.0\0"[..], PLANTED].concat()),
        (markers::COM, PLANTED.to_vec()),
        (markers::APP15, PLANTED.to_vec()),
    ] {
        jpeg.segments_mut()
            .insert(1, JpegSegment::new_with_contents(marker, contents.into()));
    }
    jpeg.set_exif(Some(exif(side).into()));
    let mut file = jpeg.encoder().bytes().to_vec();
    // After the first scan, where another follows.
    let scans: Vec<usize> = (0..file.len() - 1)
        .filter(|at| file[*at..at + 2] == [0xff, 0xda])
        .collect();
    if let Some(second) = scans.get(1) {
        let comment = [&[0xff, 0xfe, 0, PLANTED.len() as u8 + 2], PLANTED].concat();
        file.splice(second..second, comment);
    }
    // A film behind the photograph, as telephones put it there.
    file.extend(b"\0\0\0\x18ftypmp42");
    file.extend(PLANTED);
    file
}

fn planted_png(plain: &[u8], side: u8) -> Vec<u8> {
    let mut png = Png::from_bytes(bytes(plain)).unwrap();
    for kind in [
        b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"tIME", b"dSIG", b"prVt", b"sPLT", b"hIST",
    ] {
        png.chunks_mut().insert(1, PngChunk::new(*kind, bytes(PLANTED)));
    }
    png.set_exif(Some(exif(side).into()));
    let mut file = png.encoder().bytes().to_vec();
    file.extend(PLANTED);
    file
}

fn planted_webp(plain: &[u8], side: u8) -> Vec<u8> {
    let mut webp = WebP::from_bytes(bytes(plain)).unwrap();
    webp.set_exif(Some(exif(side).into()));
    let list = webp.encoder().bytes();
    let RiffContent::List { kind, mut subchunks } = RiffChunk::from_bytes(list).unwrap().content().clone() else {
        panic!("no list");
    };
    for id in [b"XMP ", b"ICCP", b"junk"] {
        subchunks.push(RiffChunk::new(*id, RiffContent::Data(bytes(PLANTED))));
    }
    for chunk in &mut subchunks {
        let id = chunk.id();
        if let RiffContent::Data(data) = chunk.content_mut() {
            match &id {
                b"VP8X" => *data = [&[data[0] | 0x2c], &data[1..]].concat().into(),
                b"ANMF" => {
                    let inner = RiffChunk::new(*b"junk", RiffContent::Data(bytes(PLANTED)))
                        .encoder()
                        .bytes();
                    *data = [&data[..], &inner].concat().into();
                }
                _ => {}
            }
        }
    }
    let list = RiffContent::List { kind, subchunks };
    let mut file = RiffChunk::new(*b"RIFF", list).encoder().bytes().to_vec();
    file.extend(PLANTED);
    file
}

type Plant = fn(&[u8], u8) -> Vec<u8>;

fn all() -> impl Iterator<Item = (&'static [u8], Plant)> {
    let jpegs = JPEGS.into_iter().map(|plain| (plain, planted_jpeg as Plant));
    let pngs = PNGS.into_iter().map(|plain| (plain, planted_png as Plant));
    let webps = WEBPS.into_iter().map(|plain| (plain, planted_webp as Plant));
    jpegs.chain(pngs).chain(webps)
}

#[test]
fn nothing_planted_is_left() {
    for (n, (plain, plant)) in all().enumerate() {
        let planted = plant(plain, 1);
        assert!(holds(&planted, PLANTED), "{n}");
        let copy = scrubbed(&planted).unwrap();
        for piece in [
            PLANTED,
            &b"Exif"[..],
            b"eXIf",
            b"EXIF",
            b"JFXX",
            b"ICC",
            b"iCCP",
            b"XMP",
            b"xmp",
            b"ftyp",
            b"Ana",
        ] {
            assert!(!holds(&copy, piece), "{n}: {:?}", String::from_utf8_lossy(piece));
        }
        assert!(
            is_picture_of(&copy, plain),
            "{n}: the picture is that of the plain file"
        );
        assert_eq!(copy, scrubbed(&copy).unwrap(), "{n}: a copy of a copy is the same");
    }
}

/// A WebP that says more than its picture has one chunk more before it, which stays: `VP8X`, of 18 bytes.
fn is_picture_of(copy: &[u8], plain: &[u8]) -> bool {
    let picture = scrubbed(plain).unwrap();
    copy == picture || copy.len() == picture.len() + 18 && copy.ends_with(&picture[12..])
}

/// The scans, the frame and its tables are those of the file.
#[test]
fn the_picture_is_all_there() {
    for plain in JPEGS {
        let copy = scrubbed(plain).unwrap();
        let scan = plain.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        assert!(holds(&copy, &plain[scan..]), "scans to the end");
        let tables = |file: &[u8]| {
            let jpeg = Jpeg::from_bytes(bytes(file)).unwrap();
            let is_table = |segment: &&JpegSegment| matches!(segment.marker(), 0xc0..=0xcf | 0xdb);
            jpeg.segments().iter().filter(is_table).cloned().collect::<Vec<_>>()
        };
        assert_eq!(tables(&copy), tables(plain));
    }
    let kinds = |file: &[u8]| {
        let png = Png::from_bytes(bytes(file)).unwrap();
        png.chunks()
            .iter()
            .map(|chunk| (chunk.kind(), chunk.contents().clone()))
            .collect::<Vec<_>>()
    };
    for plain in PNGS {
        assert_eq!(kinds(&scrubbed(plain).unwrap()), kinds(plain));
    }
    for plain in WEBPS {
        assert_eq!(scrubbed(plain).unwrap(), plain);
    }
}

/// A photograph that lies on its side says so in its copy, and says nothing else.
#[test]
fn which_side_is_up_stays() {
    for (n, (plain, plant)) in all().enumerate() {
        for side in 2..=8 {
            let copy = scrubbed(&plant(plain, side)).unwrap();
            assert!(!holds(&copy, PLANTED), "{n} {side}");
            let container = &mut std::io::Cursor::new(&copy);
            let read = exif::Reader::new().read_from_container(container).unwrap();
            let fields: Vec<_> = read.fields().collect();
            assert_eq!(fields.len(), 1, "{n} {side}");
            assert_eq!(fields[0].value.get_uint(0), Some(u32::from(side)), "{n}");
        }
        for none in [0, 1, 9] {
            assert!(
                is_picture_of(&scrubbed(&plant(plain, none)).unwrap(), plain),
                "{n} {none}"
            );
        }
    }
}

#[test]
fn what_is_no_picture_or_a_broken_one_is_refused() {
    for other in [
        &b""[..],
        b"%PDF-1.7",
        b"GIF89a",
        b"RIFF\0\0\0\0AVI ",
        b"\0\0\0\x18ftyphevc",
    ] {
        assert_eq!(scrubbed(other), Err(NoCopy::Format));
    }
    for (n, (plain, _)) in all().enumerate() {
        for cut in 12..plain.len() - 1 {
            // A JPEG whose end is cut off within a marker may still be read up to there; nothing else is made up.
            if let Ok(copy) = scrubbed(&plain[..cut]) {
                assert!(copy.len() <= plain.len(), "{n} {cut}");
            }
        }
        assert_eq!(scrubbed(&plain[..plain.len() / 2]), Err(NoCopy::Damaged), "{n}");
    }
}

/// Frames within frames, a scan after a scan, lengths that lie: an answer comes, and soon.
#[test]
fn hostile_files_end_in_an_answer() {
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        let size = (nested.len() + 16) as u32;
        nested = [&b"ANMF"[..], &size.to_le_bytes(), &[0; 16], &nested].concat();
    }
    let size = (nested.len() + 4) as u32;
    let webp = [&b"RIFF"[..], &size.to_le_bytes(), b"WEBP", &nested].concat();
    assert!(scrubbed(&webp).is_ok_and(|copy| copy.len() < 100));
    let scan = [0xff, 0xda, 0, 2];
    let jpeg = [&[0xff, 0xd8][..], &scan.repeat(2_000), &[0xff, 0xd9]].concat();
    assert_eq!(scrubbed(&jpeg), Err(NoCopy::Damaged));
    for length in [0, 1, 0xffff_u16] {
        let [high, low] = length.to_be_bytes();
        assert_eq!(
            scrubbed(&[0xff, 0xd8, 0xff, 0xe1, high, low, 1, 2, 3]),
            Err(NoCopy::Damaged)
        );
    }
}
