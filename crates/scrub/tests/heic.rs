//! The copy of a picture in boxes holds the pictures that are shown, and nothing that was planted beside them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{holds, leaves_nothing};
use scrub::{NoCopy, scrubbed};

/// What must be in no copy.
const PLANTED: &[u8] = b"GPS 20.6736,-103.344 iPhone 15, Ana, 2026-01-02";
/// What heif-enc of Debian made: a picture that can be seen through, in HEVC, and one in AV1.
const REAL: [&[u8]; 2] = [
    include_bytes!("pictures/alpha.heic"),
    include_bytes!("pictures/plain.avif"),
];

fn made(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
}

/// An item: its number, its kind, whether it is hidden, its bytes, its properties with «essential» as 128.
struct Item {
    id: u16,
    kind: [u8; 4],
    is_hidden: bool,
    data: Vec<u8>,
    properties: Vec<u8>,
}

fn item(id: u16, kind: &[u8; 4], is_hidden: bool, data: &[u8], properties: &[u8]) -> Item {
    Item {
        id,
        kind: *kind,
        is_hidden,
        data: data.to_vec(),
        properties: properties.to_vec(),
    }
}

/// Two tiles that are put together, with what can be seen through. The grid is within the index, as telephones have it.
fn plain() -> Vec<Item> {
    vec![
        item(1, b"grid", false, b"\0\0\0\x01\0\x40\0\x20", &[3, 4 | 128]),
        item(2, b"hvc1", true, b"the first tile", &[1 | 128, 2]),
        item(3, b"hvc1", true, b"the second tile", &[1 | 128, 2]),
        item(4, b"hvc1", true, b"what is seen through", &[1 | 128, 2, 5]),
    ]
}

/// Beside them: a thumbnail, depth, a film's frame, and what a camera says.
fn planted() -> Vec<Item> {
    let mut items = plain();
    items[0].properties.push(6);
    items.extend([
        item(5, b"hvc1", true, PLANTED, &[1 | 128, 2]),
        item(6, b"Exif", true, PLANTED, &[]),
        item(7, b"mime", true, PLANTED, &[]),
        item(8, b"hvc1", true, PLANTED, &[1 | 128, 7]),
        item(9, b"jpeg", true, PLANTED, &[8]),
    ]);
    items
}

/// The references of [`planted`].
const REFERENCES: [(&[u8; 4], u16, &[u16]); 7] = [
    (b"dimg", 1, &[2, 3]),
    (b"auxl", 4, &[1]),
    (b"thmb", 5, &[1]),
    (b"cdsc", 6, &[1]),
    (b"cdsc", 7, &[1]),
    (b"auxl", 8, &[1]),
    (b"thmb", 9, &[1]),
];

/// A file of these items; `noise` stands in names, in properties and beside everything.
fn file(items: &[Item], noise: &[u8]) -> Vec<u8> {
    let hvcc = [
        &[1; 22][..],
        &[2, 33, 0, 1, 0, 3, 7, 8, 9, 39, 0, 1, 0, noise.len() as u8],
        noise,
    ]
    .concat();
    let properties = [
        made(b"hvcC", &[&hvcc]),
        made(b"ispe", &[&[0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 32]]),
        made(b"pixi", &[&[0, 0, 0, 0, 3, 8, 8, 8]]),
        made(b"irot", &[&[1]]),
        made(b"auxC", &[&[0; 4], b"urn:mpeg:hevc:2015:auxid:1\0", noise]),
        made(b"colr", &[b"prof", noise]),
        made(b"auxC", &[&[0; 4], b"urn:com:apple:photo:2020:aux:hdrgainmap\0", noise]),
        made(b"udes", &[noise]),
    ]
    .concat();
    let has = |id: &u16| items.iter().any(|item| item.id == *id);
    let references = REFERENCES
        .iter()
        .filter(|(_, from, _)| has(from))
        .map(|(kind, from, to)| {
            let to_bytes: Vec<u8> = to.iter().flat_map(|to| to.to_be_bytes()).collect();
            made(
                kind,
                &[&from.to_be_bytes(), &(to.len() as u16).to_be_bytes(), &to_bytes],
            )
        });
    let references = references.collect::<Vec<_>>().concat();
    let infos = items.iter().map(|item| {
        let flags = [2, 0, 0, u8::from(item.is_hidden)];
        made(
            b"infe",
            &[&flags, &item.id.to_be_bytes(), &[0, 0], &item.kind, noise, b"\0"],
        )
    });
    let infos = infos.collect::<Vec<_>>().concat();
    let of_items = items.iter().map(|item| {
        [
            &item.id.to_be_bytes()[..],
            &[item.properties.len() as u8],
            &item.properties,
        ]
        .concat()
    });
    let of_items = of_items.collect::<Vec<_>>().concat();
    let count = items.len() as u16;
    // Twice, for the first time says how long it is.
    let mut begin = 0;
    loop {
        let mut at = begin;
        let mut places = vec![1, 0, 0, 0, 0x44, 0];
        places.extend(count.to_be_bytes());
        let mut data = Vec::new();
        for item in items {
            places.extend(item.id.to_be_bytes());
            let is_inside = item.kind == *b"grid";
            places.extend([0, u8::from(is_inside), 0, 0, 0, 1]);
            let place = if is_inside { noise.len() } else { at };
            places.extend((place as u32).to_be_bytes());
            places.extend((item.data.len() as u32).to_be_bytes());
            if !is_inside {
                data.extend(&item.data);
                data.extend(noise);
                at += item.data.len() + noise.len();
            }
        }
        let inside = [noise, &items[0].data, noise].concat();
        let meta = made(
            b"meta",
            &[
                &[0; 4],
                &made(b"hdlr", &[&[0; 8], b"pict", &[0; 12], noise, b"\0"]),
                &made(b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
                &made(b"iinf", &[&[0; 4], &count.to_be_bytes(), &infos]),
                &made(b"iref", &[&[0; 4], &references]),
                &made(
                    b"iprp",
                    &[
                        &made(b"ipco", &[&properties]),
                        &made(b"ipma", &[&[0; 4], &u32::from(count).to_be_bytes(), &of_items]),
                    ],
                ),
                &made(b"idat", &[&inside]),
                &made(b"iloc", &[&places]),
                &made(b"uuid", &[noise]),
            ],
        );
        let head = [
            made(b"ftyp", &[b"heic\0\0\0\0mif1heic", &noise[..noise.len().min(4)]]),
            made(b"free", &[noise]),
            meta,
        ]
        .concat();
        if begin == head.len() + 8 {
            return [head, made(b"mdat", &[&data]), made(b"mpvd", &[noise])].concat();
        }
        begin = head.len() + 8;
    }
}

#[test]
fn nothing_planted_is_left() {
    let planted = file(&planted(), PLANTED);
    assert!(holds(&planted, PLANTED));
    let pieces: &[&[u8]] = &[
        &PLANTED[..4],
        b"iPho",
        b"Ana",
        b"Exif",
        b"mime",
        b"thmb",
        b"cdsc",
        b"prof",
        b"apple",
        b"mpvd",
        b"jpeg",
    ];
    leaves_nothing("heic", &file(&plain(), b""), &planted, pieces);
}

/// Where an item of the copy is, by its own list: the bytes there.
fn item_of(copy: &[u8], wanted: u32) -> Option<&[u8]> {
    let find = |kind: &[u8]| copy.windows(4).position(|four| four == kind).map(|at| &copy[at + 4..]);
    let u32_at = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let places = find(b"iloc").unwrap();
    assert_eq!(places[..6], [2, 0, 0, 0, 0x84, 0]);
    let mut at = 10;
    for _ in 0..u32_at(places, 6) {
        let (id, is_inside, extents) = (u32_at(places, at), places[at + 5] == 1, places[at + 9]);
        assert_eq!(extents, 1);
        let (from, length) = (u32_at(places, at + 14) as usize, u32_at(places, at + 18) as usize);
        if id == wanted {
            let within = if is_inside { find(b"idat").unwrap() } else { copy };
            return Some(&within[from..from + length]);
        }
        at += 22;
    }
    None
}

#[test]
fn each_picture_is_where_the_copy_says() {
    let items = planted();
    let copy = scrubbed(&file(&items, PLANTED)).unwrap();
    for item in &items {
        let there = item_of(&copy, item.id.into());
        assert_eq!(there, (item.id <= 4).then_some(&item.data[..]), "{}", item.id);
    }
    for property in [
        &b"irot\x01"[..],
        b"ispe\0\0\0\0\0\0\0\x20",
        b"urn:mpeg:hevc:2015:auxid:1\0",
    ] {
        assert!(holds(&copy, property));
    }
    for file in REAL {
        let copy = scrubbed(file).unwrap();
        let data = file.windows(4).position(|four| four == b"mdat").unwrap() + 4;
        assert!(copy.ends_with(&file[data..]), "all of what was coded");
        assert!(copy == scrubbed(&copy).unwrap());
    }
}

#[test]
fn what_is_not_on_the_list_has_no_copy() {
    let with = |change: fn(&mut Vec<Item>)| {
        let mut items = plain();
        change(&mut items);
        scrubbed(&file(&items, b""))
    };
    assert!(with(|_| {}).is_ok());
    assert_eq!(
        with(|items| items[0].kind = *b"jpeg"),
        Err(NoCopy::Unknown),
        "another kind is shown"
    );
    assert_eq!(
        with(|items| items[1].kind = *b"unci"),
        Err(NoCopy::Unknown),
        "put together from another kind"
    );
    assert_eq!(
        with(|items| items[0].properties.push(8 | 128)),
        Err(NoCopy::Unknown),
        "cannot be shown without"
    );
    assert_eq!(
        with(|items| {
            items.remove(1);
        }),
        Err(NoCopy::Unknown),
        "a tile is not there"
    );
    assert_eq!(
        with(|items| items[1].data.clear()),
        Err(NoCopy::Damaged),
        "a tile is nowhere"
    );
    let mut sequence = file(&plain(), b"");
    sequence.extend(made(b"moov", &[]));
    assert_eq!(scrubbed(&sequence), Err(NoCopy::Unknown));
    assert_eq!(scrubbed(b"\0\0\0\x18ftyphevc\0\0\0\0hevcmif1"), Err(NoCopy::Format));
}

/// Bytes that lie and files that end at each place: an answer comes, and nothing larger than the file.
#[test]
fn hostile_pictures_end_in_an_answer() {
    let own = file(&planted(), b"");
    for whole in [&own[..], REAL[0], REAL[1]] {
        for cut in 0..whole.len() {
            let _ = scrubbed(&whole[..cut]);
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut lies = whole.to_vec();
                lies[at] = value;
                if let Ok(copy) = scrubbed(&lies) {
                    assert!(copy.len() <= whole.len() + 400, "{at} {value}");
                }
            }
        }
    }
}
