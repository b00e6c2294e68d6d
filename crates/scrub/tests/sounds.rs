//! The copy of a sound holds its frames, and nothing that was planted beside them. The sounds were made for these tests.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{holds, leaves_nothing};
use scrub::{NoCopy, scrubbed};

/// What must be in no copy.
const PLANTED: &[u8] = b"+19.4326-099.1332/ Pixel 4a, Ana, 2026-01-02";

const MP3: &[u8] = include_bytes!("sounds/a.mp3");
/// The frame that says how long it is.
const FIRST: usize = 216;
const AAC: &[u8] = include_bytes!("sounds/a.aac");
const WAV: &[u8] = include_bytes!("sounds/a.wav");
const OPUS: &[u8] = include_bytes!("sounds/opus.ogg");
const VORBIS: &[u8] = include_bytes!("sounds/vorbis.ogg");
/// As browsers record: no lengths, no index.
const VOICE: &[u8] = include_bytes!("sounds/voice.webm");
const FILM: &[u8] = include_bytes!("sounds/film.webm");
const PHOTO: &[u8] = include_bytes!("pictures/plain.jpg");

// ── frames ──

/// A tag of ID3v2 with a picture, in which something looks like sound, and words.
fn id3(sound: &[u8]) -> Vec<u8> {
    let body = [&b"APIC"[..], PHOTO, &sound[..40], PLANTED].concat();
    let size = body.len();
    let size = [size >> 21, size >> 14, size >> 7, size].map(|part| part as u8 & 0x7f);
    [&b"ID3\x04\0\0"[..], &size, &body].concat()
}

fn ape() -> Vec<u8> {
    let edge = |flags: u32| {
        let size = (PLANTED.len() as u32 + 32).to_le_bytes();
        [
            &b"APETAGEX\xd0\x07\0\0"[..],
            &size,
            &[1, 0, 0, 0],
            &flags.to_le_bytes(),
            &[0; 8],
        ]
        .concat()
    };
    [edge(0xa000_0000), PLANTED.to_vec(), edge(0x8000_0000)].concat()
}

/// Tags before, between and behind the frames, and what nobody reads.
fn planted_frames(plain: &[u8]) -> Vec<u8> {
    let (first, second) = match plain[1] {
        0xf1 => {
            let length = usize::from(plain[3] & 3) << 11 | usize::from(plain[4]) << 3 | usize::from(plain[5] >> 5);
            plain.split_at(length)
        }
        // 576 samples at 8 kHz, at the 24 kb/s of the first frame.
        _ => plain.split_at(FIRST),
    };
    let id3v1 = [&b"TAG"[..], PLANTED, &[0; 125]].concat()[..128].to_vec();
    let lyrics = [&b"LYRICSBEGIN"[..], PLANTED, b"000063LYRICS200"].concat();
    [
        id3(plain),
        first.to_vec(),
        id3(plain),
        second.to_vec(),
        lyrics,
        ape(),
        id3v1,
    ]
    .concat()
}

// ── Ogg ──

fn sum(page: &[u8]) -> u32 {
    let mut sum = 0u32;
    for byte in page {
        sum ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            sum = if sum >> 31 == 1 {
                sum << 1 ^ 0x04c1_1db7
            } else {
                sum << 1
            };
        }
    }
    sum
}

struct Page {
    flags: u8,
    granule: [u8; 8],
    serial: u32,
    lengths: Vec<u8>,
    data: Vec<u8>,
}

/// The pages of a file, each with the right number and the right sum.
fn pages(file: &[u8]) -> Vec<Page> {
    let (mut at, mut pages) = (0, Vec::<Page>::new());
    while at < file.len() {
        let page = &file[at..];
        assert!(page.starts_with(b"OggS\0"));
        let lengths = page[27..27 + usize::from(page[26])].to_vec();
        let whole = 27 + lengths.len() + lengths.iter().map(|length| usize::from(*length)).sum::<usize>();
        let mut page = page[..whole].to_vec();
        let serial = u32::from_le_bytes(page[14..18].try_into().unwrap());
        let before = pages.iter().filter(|page| page.serial == serial).count() as u32;
        assert_eq!(page[18..22], before.to_le_bytes());
        let told = u32::from_le_bytes(page[22..26].try_into().unwrap());
        page[22..26].fill(0);
        assert_eq!(told, sum(&page));
        pages.push(Page {
            flags: page[5],
            granule: page[6..14].try_into().unwrap(),
            serial,
            data: page[27 + lengths.len()..].to_vec(),
            lengths,
        });
        at += whole;
    }
    pages
}

fn write(pages: &[Page]) -> Vec<u8> {
    let mut file = Vec::new();
    for (n, page) in pages.iter().enumerate() {
        let mut bytes = [&b"OggS\0"[..], &[page.flags], &page.granule, &page.serial.to_le_bytes()].concat();
        let before = pages[..n].iter().filter(|before| before.serial == page.serial).count();
        bytes.extend((before as u32).to_le_bytes());
        bytes.extend([0; 4]);
        bytes.push(page.lengths.len() as u8);
        bytes.extend(&page.lengths);
        bytes.extend(&page.data);
        let sum = sum(&bytes);
        bytes[22..26].copy_from_slice(&sum.to_le_bytes());
        file.extend(bytes);
    }
    file
}

/// Comments with words and a picture of more than one page.
fn planted_ogg(plain: &[u8]) -> Vec<u8> {
    let is_opus = holds(plain, b"OpusHead");
    let mut comments = if is_opus {
        b"OpusTags".to_vec()
    } else {
        b"\x03vorbis".to_vec()
    };
    let picture = [&b"METADATA_BLOCK_PICTURE="[..], &PLANTED.repeat(2_000)].concat();
    let place = [&b"LOCATION="[..], PLANTED].concat();
    comments.extend((PLANTED.len() as u32).to_le_bytes());
    comments.extend(PLANTED);
    comments.extend(2u32.to_le_bytes());
    for comment in [picture, place] {
        comments.extend((comment.len() as u32).to_le_bytes());
        comments.extend(comment);
    }
    if !is_opus {
        comments.push(1);
    }
    let mut plain = pages(plain);
    for page in &mut plain {
        page.serial = u32::from_be_bytes(*b"Ana ");
    }
    // Vorbis sets up behind its comments, on the same page.
    let first = usize::from(plain[1].lengths[0]);
    assert!(first < 255);
    let set_up = plain[1].data[first..].to_vec();
    let mut lengths = Vec::new();
    for packet in [&comments, &set_up] {
        if !packet.is_empty() {
            lengths.extend(vec![255; packet.len() / 255]);
            lengths.push((packet.len() % 255) as u8);
        }
    }
    let mut data = &[&comments[..], &set_up].concat()[..];
    let mut made = Vec::new();
    for lengths in lengths.chunks(255) {
        let (now, after) = data.split_at(lengths.iter().map(|length| usize::from(*length)).sum());
        made.push(Page {
            flags: u8::from(!made.is_empty()),
            granule: [0; 8],
            serial: plain[0].serial,
            lengths: lengths.to_vec(),
            data: now.to_vec(),
        });
        data = after;
    }
    assert!(made.len() > 1);
    plain.splice(1..2, made);
    [write(&plain), PLANTED.to_vec()].concat()
}

// ── Matroska ──

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const ENTRY: u32 = 0xae;
const MASTERS: [u32; 7] = [SEGMENT, INFO, TRACKS, CLUSTER, ENTRY, 0xe0, 0xe1];

#[derive(Clone)]
struct Element {
    id: u32,
    body: Vec<u8>,
    inside: Vec<Element>,
}

fn element(id: u32, body: &[u8]) -> Element {
    Element {
        id,
        body: body.to_vec(),
        inside: Vec::new(),
    }
}

fn vint(bytes: &[u8]) -> (u64, usize) {
    let count = bytes[0].leading_zeros() as usize + 1;
    let all = bytes[..count]
        .iter()
        .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    (all, count)
}

fn read(mut bytes: &[u8]) -> Vec<Element> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (id, of_id) = vint(bytes);
        let (length, of_length) = vint(&bytes[of_id..]);
        let mask = (1u64 << (7 * of_length)) - 1;
        let begin = of_id + of_length;
        let mut end = begin + (length & mask) as usize;
        if length & mask == mask {
            // To the next cluster, or to the end.
            let next = bytes[begin..].windows(4).position(|four| four == CLUSTER.to_be_bytes());
            let next = next.filter(|_| id == u64::from(CLUSTER));
            end = next.map_or(bytes.len(), |next| begin + next);
        }
        let mut made = element(id as u32, &bytes[begin..end]);
        if MASTERS.contains(&made.id) {
            made.inside = read(&made.body);
            made.body.clear();
        }
        found.push(made);
        bytes = &bytes[end..];
    }
    found
}

fn written(elements: &[Element]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for element in elements {
        let body = [&element.body[..], &written(&element.inside)].concat();
        let count = 4 - element.id.leading_zeros() as usize / 8;
        bytes.extend(&element.id.to_be_bytes()[4 - count..]);
        bytes.extend((1 << 56 | body.len() as u64).to_be_bytes());
        bytes.extend(body);
    }
    bytes
}

fn plant(element_: &mut Element) {
    element_.inside.iter_mut().for_each(plant);
    let more: &[u32] = match element_.id {
        // Title, program, library, date, names and numbers of the segment.
        INFO => &[0x7ba9, 0x5741, 0x4d80, 0x4461, 0x73a4, 0x7384],
        ENTRY => &[0x536e, 0x22_b59c, 0x25_8688, 0x7446, 0x41e4],
        0xe0 | 0xe1 => &[0x2f_b523, 0x7670, 0x2e_b525],
        CLUSTER => &[0xab, 0xa7, 0xaf, 0xbf, 0xec],
        SEGMENT => &[0x114d_9b74, 0x1c53_bb6b, 0x1043_a770, 0x1254_c367, 0x1941_a469],
        _ => &[],
    };
    let at = usize::from(element_.id != SEGMENT).min(element_.inside.len());
    for id in more {
        element_.inside.insert(at, element(*id, PLANTED));
        if element_.id == SEGMENT {
            element_.inside.push(element(*id, PLANTED));
        }
    }
    match element_.id {
        0x73c5 => element_.body = PLANTED[..8].to_vec(),
        TRACKS => {
            // Where she was, as subtitles.
            let words = [
                (0xd7, &[9][..]),
                (0x73c5, &[9]),
                (0x83, &[17]),
                (0x86, b"S_TEXT/UTF8"),
                (0x63a2, PLANTED),
            ];
            let mut track = element(ENTRY, b"");
            track.inside = words.map(|(id, body)| element(id, body)).to_vec();
            element_.inside.push(track);
        }
        CLUSTER => {
            let block = [&[0x89, 0, 0, 0x80][..], PLANTED].concat();
            element_.inside.push(element(0xa3, &block));
            element_.inside.push(element(0xa0, &written(&[element(0xa1, &block)])));
        }
        _ => {}
    }
}

fn planted_matroska(plain: &[u8]) -> Vec<u8> {
    let mut elements = read(plain);
    elements.iter_mut().for_each(plant);
    [written(&elements), PLANTED.to_vec()].concat()
}

/// The blocks of all clusters, in order.
fn blocks(file: &[u8]) -> Vec<Vec<u8>> {
    let segment = read(file).into_iter().find(|found| found.id == SEGMENT).unwrap();
    let clusters = segment.inside.into_iter().filter(|found| found.id == CLUSTER);
    clusters
        .flat_map(|cluster| cluster.inside)
        .filter(|found| found.id == 0xa3 && found.body[0] != 0x89)
        .map(|found| found.body)
        .collect()
}

// ── others ──

fn planted_wav(plain: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8]| [kind, &(PLANTED.len() as u32).to_le_bytes(), PLANTED].concat();
    let more = [b"LIST", b"bext", b"iXML", b"id3 ", b"_PMX", b"JUNK"]
        .map(|kind| chunk(kind))
        .concat();
    let mut file = [&plain[..12], &more, &plain[12..], &more].concat();
    let size = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&size);
    file
}

fn amr() -> Vec<u8> {
    [
        &b"#!AMR\n"[..],
        &[&[0x04][..], &[7; 12], &[0x3c], &[9; 31]].concat().repeat(3),
    ]
    .concat()
}

fn all() -> Vec<(Vec<u8>, Vec<u8>)> {
    let frames = [MP3, AAC].map(|plain| (plain.to_vec(), planted_frames(plain)));
    let ogg = [OPUS, VORBIS].map(|plain| (plain.to_vec(), planted_ogg(plain)));
    // With lengths as the planted one has them, for the headers of blocks stay as they are.
    let matroska = [VOICE, FILM].map(|plain| (written(&read(plain)), planted_matroska(plain)));
    let others = [
        (WAV.to_vec(), planted_wav(WAV)),
        (amr(), [amr(), PLANTED.to_vec()].concat()),
    ];
    frames.into_iter().chain(ogg).chain(matroska).chain(others).collect()
}

#[test]
fn nothing_planted_is_left() {
    for (n, (plain, planted)) in all().into_iter().enumerate() {
        assert!(holds(&planted, PLANTED), "{n}");
        let pieces: &[&[u8]] = &[
            &PLANTED[..8],
            b"Pixel",
            b"Ana",
            b"2026",
            b"ID3",
            b"APE",
            b"TAG\0",
            b"JFIF",
            b"Lavf",
        ];
        leaves_nothing(&n.to_string(), &plain, &planted, pieces);
    }
}

#[test]
fn the_sound_is_all_there() {
    for plain in [MP3, AAC, &amr()] {
        assert!(
            scrubbed(plain).unwrap() == plain,
            "frames and nothing else stay as they are"
        );
    }
    let copy = scrubbed(WAV).unwrap();
    assert!(copy.len() > 800 && copy.ends_with(&WAV[WAV.len() - 800..]));
    for plain in [OPUS, VORBIS] {
        let (plain, copy) = (pages(plain), pages(&scrubbed(&planted_ogg(plain)).unwrap()));
        assert_eq!(copy[0].data, plain[0].data);
        assert_eq!(copy[0].flags, 2);
        assert_eq!(copy.len(), plain.len());
        for (copy, plain) in copy.iter().zip(&plain).skip(2) {
            assert!(copy.data == plain.data && copy.lengths == plain.lengths);
            assert_eq!((copy.flags, copy.granule), (plain.flags, plain.granule));
            assert_eq!(copy.serial, 1);
        }
    }
    // What Vorbis sets up.
    let [plain, copy] = [VORBIS, &scrubbed(VORBIS).unwrap()].map(|file| pages(file).remove(1));
    let of = |page: &Page| page.data[usize::from(page.lengths[0])..].to_vec();
    assert_eq!(of(&plain), of(&copy));
    for plain in [VOICE, FILM] {
        let copy = scrubbed(&planted_matroska(plain)).unwrap();
        assert!(blocks(plain).len() > 7);
        assert!(blocks(&copy) == blocks(plain));
        assert!(blocks(&scrubbed(plain).unwrap()) == blocks(plain));
    }
}

#[test]
fn what_is_not_on_the_list_has_no_copy() {
    let mut jpegs = FILM.to_vec();
    let codec = jpegs.windows(5).position(|five| five == b"V_VP8").unwrap();
    jpegs[codec..codec + 5].copy_from_slice(b"V_MJP");
    assert_eq!(scrubbed(&jpegs), Err(NoCopy::Unknown));
    let mut locked = read(VOICE);
    let tracks = locked[1].inside.iter_mut().find(|found| found.id == TRACKS).unwrap();
    let encryption = written(&[element(0x6240, &written(&[element(0x5035, b"x")]))]);
    tracks.inside[0].inside.push(element(0x6d80, &encryption));
    assert_eq!(scrubbed(&written(&locked)), Err(NoCopy::Unknown));
    let mut other = pages(OPUS);
    other[0].data[..8].copy_from_slice(b"fishead\0");
    assert_eq!(scrubbed(&write(&other)), Err(NoCopy::Unknown));
    // Sound on the page of its comments would go with them.
    let mut together = pages(OPUS);
    let sound = together.remove(2);
    together[1].lengths.extend(sound.lengths);
    together[1].data.extend(sound.data);
    assert_eq!(scrubbed(&write(&together)), Err(NoCopy::Damaged));
    // A stream behind something else would be lost.
    let behind = [OPUS, b"x", OPUS].concat();
    assert_eq!(scrubbed(&behind), Err(NoCopy::Damaged));
    assert_eq!(scrubbed(b"ID3\x04\0\0\0\0\0\x04abcdefghijklm"), Err(NoCopy::Damaged));
}

/// Bytes that lie and files that end at each place: an answer comes, and nothing larger than the file.
#[test]
fn hostile_sounds_end_in_an_answer() {
    for (n, (plain, _)) in all().into_iter().enumerate() {
        for cut in (0..plain.len()).step_by(7) {
            if let Ok(copy) = scrubbed(&plain[..cut]) {
                assert!(copy.len() <= cut + 100, "{n} {cut}");
            }
        }
        for at in 0..plain.len().min(700) {
            for value in [0, 1, 0xff] {
                let mut lies = plain.clone();
                lies[at] = value;
                if let Ok(copy) = scrubbed(&lies) {
                    assert!(copy.len() <= plain.len() + 200, "{n} {at} {value}");
                }
            }
        }
    }
    // A tag that says to be longer than the file, and one after another.
    assert!(scrubbed(&[&b"ID3\x04\0\0\x7f\x7f\x7f\x7f"[..], MP3].concat()).is_err());
    assert!(scrubbed(&b"APETAGEX\xd0\x07\0\0\0\0\0\0\0\0\0\0".repeat(2_000)).is_err());
}
