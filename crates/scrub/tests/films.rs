//! The copy of a film holds its pictures and its sound, and nothing that was planted beside them. The films were made for these
//! tests.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{holds, leaves_nothing};
use scrub::{NoCopy, Piece, Source, plan, scrubbed};

/// What must be in no copy.
const PLANTED: &[u8] = b"+19.4326-099.1332/ iPhone 15, Ana, 2026-01-02";

const FILM: &[u8] = include_bytes!("films/film.mp4");
const SOUND: &[u8] = include_bytes!("films/sound.m4a");
const FRAGMENTS: &[u8] = include_bytes!("films/fragments.mp4");

/// A box, with those within it where it is a list of some.
#[derive(Clone)]
struct Node {
    kind: [u8; 4],
    body: Vec<u8>,
    inside: Vec<Node>,
}

const LISTS: [&[u8; 4]; 9] = [
    b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf",
];

fn leaf(kind: &[u8; 4], body: &[u8]) -> Node {
    Node {
        kind: *kind,
        body: body.to_vec(),
        inside: Vec::new(),
    }
}

fn read(mut bytes: &[u8]) -> Vec<Node> {
    let mut nodes = Vec::new();
    while bytes.len() >= 8 {
        let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        let mut node = leaf(&bytes[4..8].try_into().unwrap(), &bytes[8..size]);
        if LISTS.contains(&&node.kind) {
            node.inside = read(&node.body);
            node.body.clear();
        }
        nodes.push(node);
        bytes = &bytes[size..];
    }
    nodes
}

fn written(nodes: &[Node]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for node in nodes {
        let body = [&node.body[..], &written(&node.inside)].concat();
        bytes.extend((body.len() as u32 + 8).to_be_bytes());
        bytes.extend(node.kind);
        bytes.extend(body);
    }
    bytes
}

impl Node {
    fn find(&mut self, path: &[&[u8; 4]]) -> &mut Node {
        match path {
            [] => self,
            [first, rest @ ..] => self
                .inside
                .iter_mut()
                .find(|node| node.kind == **first)
                .unwrap()
                .find(rest),
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// What a camera writes into and beside a list: its own boxes, and free room with what was there before.
fn plant(node: &mut Node) {
    node.inside.iter_mut().for_each(plant);
    let with = |before: &[u8]| [before, PLANTED].concat();
    match &node.kind {
        b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" | b"traf" | b"moof" | b"edts" | b"mvex" => {
            node.inside.insert(0, leaf(b"uuid", &with(&[7; 16])));
            node.inside.push(leaf(b"udta", &written(&[leaf(b"\xa9xyz", PLANTED)])));
            for kind in [b"meta", b"free", b"skip", b"gps0", b"tref", b"tapt", b"load"] {
                node.inside.push(leaf(kind, PLANTED));
            }
        }
        b"mvhd" | b"tkhd" | b"mdhd" => node.body[4..12].copy_from_slice(&PLANTED[..8]),
        b"hdlr" => {
            node.body.truncate(24);
            node.body[12..24].copy_from_slice(&PLANTED[..12]);
            node.body.extend(PLANTED);
        }
        b"dinf" => node.body.extend(written(&[leaf(b"free", PLANTED)])),
        b"stts" | b"stsc" | b"stsz" | b"stco" | b"ctts" | b"stss" | b"elst" | b"vmhd" | b"smhd" | b"tfdt" | b"mfhd"
        | b"trex" => node.body.extend(PLANTED),
        b"stsd" => {
            let length = u32_at(&node.body, 8);
            let entry = &mut node.body[8..];
            let is_film = &entry[4..8] == b"avc1";
            entry[20..24].copy_from_slice(&PLANTED[..4]);
            if is_film {
                entry[50..82].copy_from_slice(&PLANTED[..32]);
            }
            let more = written(&[
                leaf(b"colr", &with(b"prof")),
                leaf(b"uuid", PLANTED),
                leaf(b"sinf", PLANTED),
            ]);
            node.body[8..12].copy_from_slice(&((length + more.len()) as u32).to_be_bytes());
            node.body.extend(more);
        }
        _ => {}
    }
}

/// A track of a camera's own, whose samples say where it was every second.
fn timed(sound: &Node, at: usize) -> Node {
    let mut track = sound.clone();
    track.find(&[b"tkhd"]).body[15] = 9;
    track.find(&[b"mdia", b"hdlr"]).body[8..12].copy_from_slice(b"meta");
    let table = track.find(&[b"mdia", b"minf", b"stbl"]);
    table.find(&[b"stsd"]).body[12..16].copy_from_slice(b"gpmd");
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    table.find(&[b"stsc"]).body = words(&[0, 1, 1, 1, 1]);
    table.find(&[b"stsz"]).body = words(&[0, PLANTED.len() as u32, 1]);
    table.find(&[b"stco"]).body = words(&[0, 1, at as u32]);
    track
}

/// Everything that a camera or a program writes beside a film.
fn planted(plain: &[u8]) -> Vec<u8> {
    let mut nodes = read(plain);
    for node in &mut nodes {
        plant(node);
    }
    let mut file = Vec::new();
    for mut node in nodes {
        match &node.kind {
            b"ftyp" => {
                node.body[4..8].copy_from_slice(&PLANTED[..4]);
            }
            b"mdat" => {
                // Between the samples nobody looks.
                node.body.extend(PLANTED);
            }
            b"moov" => {
                let sound = node.inside.iter().rfind(|node| node.kind == *b"trak").unwrap();
                let track = timed(sound, file.len() + 8);
                node.inside.push(track);
                file.extend(written(&[leaf(b"mdat", PLANTED)]));
            }
            _ => {}
        }
        file.extend(written(&[node]));
    }
    for kind in [b"uuid", b"free", b"emsg", b"prft", b"sidx", b"mfra", b"meta", b"SEFT"] {
        file.extend(written(&[leaf(kind, PLANTED)]));
    }
    file
}

/// As [`planted`], of a film in fragments: the data of each begins as much later as was planted before it.
fn planted_fragments(plain: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for mut node in read(plain) {
        let before = written(&[node.clone()]).len();
        plant(&mut node);
        let longer = written(&[node.clone()]).len() - before;
        if node.kind == *b"moof" {
            for track in node.inside.iter_mut().filter(|found| found.kind == *b"traf") {
                for run in track.inside.iter_mut().filter(|found| found.kind == *b"trun") {
                    let begin = u32_at(&run.body, 8) + longer;
                    run.body[8..12].copy_from_slice(&(begin as u32).to_be_bytes());
                    run.body.extend(PLANTED);
                }
            }
            // And by what stands behind the runs.
            let more = written(&[node.clone()]).len() - before - longer;
            for track in node.inside.iter_mut().filter(|found| found.kind == *b"traf") {
                for run in track.inside.iter_mut().filter(|found| found.kind == *b"trun") {
                    let begin = u32_at(&run.body, 8) + more;
                    run.body[8..12].copy_from_slice(&(begin as u32).to_be_bytes());
                }
            }
            file.extend(written(&[leaf(b"emsg", PLANTED), leaf(b"prft", PLANTED)]));
        }
        if node.kind == *b"mdat" {
            node.body.extend(PLANTED);
        }
        file.extend(written(&[node]));
    }
    file.extend(written(&[leaf(b"mfra", PLANTED)]));
    file
}

fn all() -> [(&'static [u8], Vec<u8>); 3] {
    [
        (FILM, planted(FILM)),
        (SOUND, planted(SOUND)),
        (FRAGMENTS, planted_fragments(FRAGMENTS)),
    ]
}

/// What is planted is found in pieces too: where a field is as short as four bytes.
#[test]
fn nothing_planted_is_left() {
    for (n, (plain, planted)) in all().into_iter().enumerate() {
        assert!(holds(&planted, PLANTED), "{n}");
        let pieces: &[&[u8]] = &[
            &PLANTED[..8],
            b"iPho",
            b"Ana",
            b"udta",
            b"uuid",
            b"meta",
            b"Handler",
            b"prof",
        ];
        leaves_nothing(&n.to_string(), plain, &planted, pieces);
    }
}

/// The samples of each track, in order, by the tables of the file itself.
fn samples(file: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut nodes = read(file);
    let index = nodes.iter_mut().find(|node| node.kind == *b"moov").unwrap();
    let tracks = index.inside.iter_mut().filter(|node| node.kind == *b"trak");
    let all = tracks.map(|track| {
        let table = track.find(&[b"mdia", b"minf", b"stbl"]);
        let sizes = table.find(&[b"stsz"]).body.clone();
        let runs = table.find(&[b"stsc"]).body.clone();
        let places = table.find(&[b"stco"]).body.clone();
        let (mut found, mut run) = (Vec::new(), 0);
        for chunk in 0..u32_at(&places, 4) {
            while run + 1 < u32_at(&runs, 4) && u32_at(&runs, 8 + 12 * (run + 1)) <= chunk + 1 {
                run += 1;
            }
            let mut at = u32_at(&places, 8 + 4 * chunk);
            for _ in 0..u32_at(&runs, 12 + 12 * run) {
                let size = match u32_at(&sizes, 4) {
                    0 => u32_at(&sizes, 12 + 4 * found.len()),
                    all => all,
                };
                found.push(&file[at..at + size]);
                at += size;
            }
        }
        assert_eq!(found.len(), u32_at(&sizes, 8));
        found
    });
    all.collect()
}

/// The samples of the runs of all fragments, in order: each begins as far from its fragment as it says.
fn fragment_samples(file: &[u8]) -> Vec<&[u8]> {
    let (mut at, mut found) = (0, Vec::new());
    for node in read(file) {
        let whole = written(std::slice::from_ref(&node)).len();
        for track in node.inside.iter().filter(|found| found.kind == *b"traf") {
            let header = &track.inside.iter().find(|found| found.kind == *b"tfhd").unwrap().body;
            for run in track.inside.iter().filter(|found| found.kind == *b"trun") {
                let (flags, count) = (u32_at(&run.body, 0), u32_at(&run.body, 4));
                assert_eq!(flags & 1, 1);
                let mut begin = at + u32_at(&run.body, 8);
                let fields = 12 + if flags & 4 == 0 { 0 } else { 4 };
                let each = (flags & 0xf00).count_ones() as usize * 4;
                for n in 0..count {
                    let size = match flags & 0x200 {
                        0 => u32_at(header, 8 + (u32_at(header, 0) & 0xa).count_ones() as usize * 4),
                        _ => u32_at(&run.body, fields + n * each + if flags & 0x100 == 0 { 0 } else { 4 }),
                    };
                    found.push(&file[begin..begin + size]);
                    begin += size;
                }
            }
        }
        at += whole;
    }
    found
}

#[test]
fn each_picture_and_each_sound_is_where_its_index_says() {
    for (plain, planted) in [(FILM, planted(FILM)), (SOUND, planted(SOUND))] {
        let of_plain = samples(plain);
        assert!(of_plain.iter().all(|track| track.len() > 5));
        assert!(samples(&planted)[..of_plain.len()] == of_plain, "the test plants well");
        assert!(samples(&scrubbed(&planted).unwrap()) == of_plain);
    }
    let planted = planted_fragments(FRAGMENTS);
    let copy = scrubbed(&planted).unwrap();
    let of_plain = fragment_samples(FRAGMENTS);
    assert!(of_plain.len() > 10);
    assert!(fragment_samples(&planted) == of_plain, "the test plants well");
    assert!(fragment_samples(&copy) == of_plain);
}

/// How long it is, how it is turned and when each picture comes stays.
#[test]
fn what_a_player_needs_stays() {
    let turned = |file: &[u8]| {
        let mut nodes = read(file);
        let index = nodes.iter_mut().find(|node| node.kind == *b"moov").unwrap();
        let track = index.find(&[b"trak"]);
        track.find(&[b"tkhd"]).body[40..76].copy_from_slice(&[3; 36]);
        written(&nodes)
    };
    let (plain, copy) = (turned(FILM), scrubbed(&turned(FILM)).unwrap());
    let boxes = |file: &[u8], path: &[&[u8; 4]]| {
        let mut nodes = read(file);
        let index = nodes.iter_mut().find(|node| node.kind == *b"moov").unwrap();
        index.find(path).body.clone()
    };
    let table = |name| [b"trak", b"mdia", b"minf", b"stbl", name];
    for name in [b"stts", b"ctts", b"stss", b"stsz", b"stsc"] {
        assert_eq!(boxes(&copy, &table(name)), boxes(&plain, &table(name)));
    }
    for path in [&[b"trak", b"tkhd"][..], &[b"mvhd"]] {
        let (copy, plain) = (boxes(&copy, path), boxes(&plain, path));
        assert_eq!(copy[12..], plain[12..]);
        assert_eq!(copy[4..12], [0; 8]);
    }
    assert_eq!(
        boxes(&copy, &[b"trak", b"edts", b"elst"]),
        boxes(&plain, &[b"trak", b"edts", b"elst"])
    );
    // The language is the telephone's.
    assert_eq!(boxes(&copy, &[b"trak", b"mdia", b"mdhd"])[20..], [0x55, 0xc4, 0, 0]);
}

fn changed(path: &[&[u8; 4]], change: impl Fn(&mut Node)) -> Vec<u8> {
    let mut nodes = read(FILM);
    change(nodes.iter_mut().find(|node| node.kind == *b"moov").unwrap().find(path));
    written(&nodes)
}

/// What cannot be told from what has to go ends the copy.
#[test]
fn what_is_not_on_the_list_has_no_copy() {
    let stbl = |name| [b"trak", b"mdia", b"minf", b"stbl", name];
    let jpeg = changed(&stbl(b"stsd"), |node| node.body[12..16].copy_from_slice(b"jpeg"));
    assert_eq!(
        scrubbed(&jpeg),
        Err(NoCopy::Unknown),
        "pictures with an Exif block each"
    );
    let locked = changed(&stbl(b"stsd"), |node| node.body[12..16].copy_from_slice(b"encv"));
    assert_eq!(scrubbed(&locked), Err(NoCopy::Unknown));
    let elsewhere = changed(&[b"trak", b"mdia", b"minf", b"dinf"], |node| node.body[27] = 0);
    assert_eq!(scrubbed(&elsewhere), Err(NoCopy::Unknown), "the data of another file");
    let mut no_track = read(FILM);
    no_track
        .iter_mut()
        .for_each(|node| node.inside.retain(|inside| inside.kind != *b"trak"));
    assert_eq!(scrubbed(&written(&no_track)), Err(NoCopy::Unknown));
    // A sample that is not media data: it would carry out what stands there.
    for at in [0, 8, FILM.len() as u32 - 40, FILM.len() as u32, u32::MAX] {
        let outside = changed(&stbl(b"stco"), |node| {
            node.body[8..12].copy_from_slice(&at.to_be_bytes())
        });
        assert_eq!(scrubbed(&outside), Err(NoCopy::Damaged), "{at}");
    }
    let mut named = FILM.to_vec();
    named[8..12].copy_from_slice(b"XAVC");
    assert!(
        holds(&named, b"XAVC") && !holds(&scrubbed(&named).unwrap(), b"XAVC"),
        "a maker's brand"
    );
    let mut two = read(FILM);
    let second = two.iter().find(|node| node.kind == *b"moov").unwrap().clone();
    two.push(second);
    assert_eq!(scrubbed(&written(&two)), Err(NoCopy::Damaged));
}

/// Bytes that lie at each place of an index, and files that end at each: an answer comes, and nothing larger than the file.
#[test]
fn hostile_films_end_in_an_answer() {
    for file in [FILM, FRAGMENTS, SOUND] {
        for cut in (0..file.len()).step_by(5) {
            if let Ok(copy) = scrubbed(&file[..cut]) {
                assert!(copy.len() <= cut + 100, "{cut}");
            }
        }
        let data = plan(&mut { file }).unwrap();
        let is_data = |at: usize| {
            let at = at as u64;
            let kept = |piece: &Piece| matches!(piece, Piece::Kept(range) if range.contains(&at));
            data.pieces().iter().any(kept)
        };
        for at in (0..file.len()).filter(|at| !is_data(*at)) {
            for value in [0, 0x7f, 0xff] {
                let mut lies = file.to_vec();
                lies[at] = value;
                if let Ok(copy) = scrubbed(&lies) {
                    assert!(copy.len() <= file.len() + 100, "{at} {value}");
                }
            }
        }
    }
    let stbl = |name| [b"trak", b"mdia", b"minf", b"stbl", name];
    for name in [b"stsz", b"stsc", b"stco", b"stts"] {
        let many = changed(&stbl(name), |node| node.body[4..12].fill(0xff));
        assert!(scrubbed(&many).is_err());
    }
}

/// Fragments that hold the same bytes over and over, and tracks without number.
#[test]
fn what_would_have_no_end_has_no_copy() {
    let mut nodes = read(FRAGMENTS);
    let first = nodes.iter().position(|node| node.kind == *b"moof").unwrap();
    let fragment = nodes[first].clone();
    let longer = written(std::slice::from_ref(&fragment)).len();
    // Once more before it, with its data as much further on.
    let mut again = fragment;
    for track in again.inside.iter_mut().filter(|found| found.kind == *b"traf") {
        for run in track.inside.iter_mut().filter(|found| found.kind == *b"trun") {
            let begin = u32_at(&run.body, 8) + longer;
            run.body[8..12].copy_from_slice(&(begin as u32).to_be_bytes());
        }
    }
    nodes.insert(first, again);
    assert_eq!(scrubbed(&written(&nodes)), Err(NoCopy::Damaged));
    let mut many = read(SOUND);
    let index = many.iter_mut().find(|node| node.kind == *b"moov").unwrap();
    let track = index.find(&[b"trak"]).clone();
    index.inside.extend(vec![track; 64]);
    assert_eq!(scrubbed(&written(&many)), Err(NoCopy::Large));
}

/// A film of 3 GiB of which nothing but the index is there.
struct Long {
    begin: Vec<u8>,
    data: u64,
    end: Vec<u8>,
    read: u64,
}

impl Source for Long {
    fn size(&self) -> u64 {
        self.begin.len() as u64 + self.data + self.end.len() as u64
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> bool {
        self.read += into.len() as u64;
        let end = self.begin.len() as u64 + self.data;
        let (from, within) = match at {
            at if at < self.begin.len() as u64 => (at, &self.begin),
            at if at >= end => (at - end, &self.end),
            _ => return false,
        };
        within
            .get(from as usize..from as usize + into.len())
            .map(|bytes| into.copy_from_slice(bytes))
            .is_some()
    }
}

#[test]
fn of_a_long_film_only_the_index_is_read() {
    let data = 3u64 << 30;
    let mut nodes = read(FILM);
    let index = nodes.iter_mut().find(|node| node.kind == *b"moov").unwrap();
    index
        .inside
        .retain(|node| node.kind != *b"trak" || holds(&written(std::slice::from_ref(node)), b"vide"));
    let table = index.find(&[b"trak", b"mdia", b"minf", b"stbl"]);
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    table.find(&[b"stsc"]).body = words(&[0, 1, 1, 1, 1]);
    table.find(&[b"stsz"]).body = words(&[0, 1 << 29, 5]);
    // Five pictures of half a GiB, and half a GiB of what nobody asked for in the middle.
    let place = |n: u64| 40 + n * (1 << 29);
    let places = [0, 1, 2, 4, 5].map(place);
    *table.find(&[b"stco"]) = leaf(
        b"co64",
        &[words(&[0, 5]), places.iter().flat_map(|at| at.to_be_bytes()).collect()].concat(),
    );
    let end = written(
        &nodes
            .into_iter()
            .filter(|node| node.kind == *b"moov")
            .collect::<Vec<_>>(),
    );
    let begin = [
        &b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x01mdat"[..],
        &(data + 16).to_be_bytes(),
    ]
    .concat();
    let mut film = Long {
        begin,
        data,
        end,
        read: 0,
    };
    let plan = plan(&mut film).unwrap();
    assert!(film.read < 10_000, "{} bytes were read", film.read);
    let kept: Vec<_> = plan
        .pieces()
        .iter()
        .filter_map(|piece| match piece {
            Piece::Kept(range) => Some(range.clone()),
            Piece::Made(bytes) => {
                assert!(bytes.len() < 10_000);
                None
            }
        })
        .collect();
    assert_eq!(kept, [place(0)..place(3), place(4)..place(6)]);
}
