//! What is inside age files: shares, releases, headers, records, cells (§5.3, §9.1, §9.3, §15.6, §15.7).

use crate::Pool;
use base64ct::{Base64, Encoding as _};
use protocol::age::Identity;
use protocol::drop::{Assembler, CELL_LEN, RECORD_LEN, Record, act_records, cell_plaintext, read_cell, release_record};
use protocol::open::{kept_request, open_header_file, parse_kept_request, verify_header};
use protocol::seal::HEADER_FILE_LEN;
use protocol::share::{ReleaseFile, ShareFile};
use protocol::{Envelope, age};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

/// The layout is exact: what is read is written back to the byte.
pub fn share_file(data: &[u8]) -> bool {
    let read = ShareFile::parse(data);
    if let Some(file) = &read {
        assert_eq!(file.to_bytes().as_slice(), data);
    }
    read.is_some()
}

/// As [`share_file`].
pub fn release_file(data: &[u8]) -> bool {
    let read = ReleaseFile::parse(data);
    if let Some(file) = &read {
        assert_eq!(file.to_bytes().as_slice(), data);
    }
    read.is_some()
}

/// The zeros at the end may be left out of an input.
fn filled(data: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = data.to_vec();
    if bytes.len() < length {
        bytes.resize(length, 0);
    }
    bytes
}

/// The plaintext of a slot-0 K-file: what is read is written back to the byte; then the statements are judged.
pub fn header_file(data: &[u8]) -> bool {
    let plain = filled(data, HEADER_FILE_LEN);
    let k = Identity::from_seed([7; 32]);
    let file = age::seal(&[&k.recipient()], &plain, &mut ChaCha20Rng::from_seed([7; 32]));
    let Ok((core, testimony)) = open_header_file(&k, &file) else {
        return false;
    };
    assert_eq!(filled(&header_plain(&core, &testimony), HEADER_FILE_LEN), plain);
    if let Ok(header) = verify_header(core, testimony) {
        assert_eq!(header.core.case, header.testimony.case);
        assert_eq!(header.testimony.core, header.core.digest());
    }
    true
}

fn header_plain(core: &Envelope, testimony: &Envelope) -> Vec<u8> {
    let mut plain = vec![1];
    for envelope in [core, testimony] {
        let length = u32::try_from(envelope.bytes().len()).expect("an envelope is short");
        plain.extend(length.to_be_bytes());
        plain.extend(envelope.bytes());
    }
    plain
}

pub fn header_files(pool: &Pool) -> Vec<Vec<u8>> {
    let statements = |name: &str| {
        pool.derived(|item| {
            Envelope::parse(item)
                .ok()
                .filter(|e| e.name() == Some(name))
                .map(|_| item.to_vec())
        })
    };
    let parse = |bytes: &Vec<u8>| Envelope::parse(bytes).expect("parsed before");
    let testimonies = statements("testimony");
    let pairs = statements("core").into_iter().flat_map(|core| {
        let core = parse(&core);
        testimonies
            .iter()
            .map(move |testimony| header_plain(&core, &parse(testimony)))
            .collect::<Vec<_>>()
    });
    pairs.collect()
}

/// A record of each kind is read in one spelling; padding holds no mark.
pub fn record(data: &[u8]) -> bool {
    let plain = filled(data, RECORD_LEN);
    let Ok(record) = Record::parse(Zeroizing::new(plain.clone())) else {
        return false;
    };
    let written = match record {
        Record::Stream { act, twin } => {
            let mut records = act_records(&act, twin.as_ref()).expect("it fitted");
            assert_eq!(records.len(), 1);
            records.remove(0)
        }
        Record::Piece {
            statement,
            i,
            of,
            bytes,
        } => {
            let length = u16::try_from(bytes.len()).expect("it fitted").to_be_bytes();
            let head = [2].into_iter().chain(statement.0).chain([i, of]).chain(length);
            filled(&head.chain(bytes).collect::<Vec<_>>(), RECORD_LEN)
        }
        Record::File(file) => release_record(&file).expect("of the right length"),
    };
    assert_eq!(written, plain);
    true
}

/// An office cell is read in one spelling.
pub fn cell(data: &[u8]) -> bool {
    let plain = filled(data, CELL_LEN);
    let Ok((act, twin)) = read_cell(&plain) else {
        return false;
    };
    assert_eq!(cell_plaintext(&act, twin.as_ref()), Ok(plain));
    true
}

/// A statement too long for one record.
fn long_statement(number: u8) -> Envelope {
    let payload = format!(
        "\"{}\"",
        char::from(b'a' + number % 26)
            .to_string()
            .repeat(3_000 + 100 * usize::from(number))
    );
    let text = format!(
        r#"{{"payload":"{}","payloadType":"application/vnd.resguardo.request.v1+json","signatures":[]}}"#,
        Base64::encode_string(payload.as_bytes())
    );
    Envelope::parse(text.as_bytes()).expect("an envelope")
}

/// Pieces of four streams in any order, some altered: three bytes choose a stream, a piece and a change. Whatever is joined
/// is one of the four statements.
pub fn pieces(data: &[u8]) -> bool {
    let statements: Vec<Envelope> = (0..4).map(long_statement).collect();
    let streams: Vec<Vec<Vec<u8>>> = statements
        .iter()
        .map(|statement| act_records(statement, None).expect("within the limit"))
        .collect();
    let mut assembler = Assembler::default();
    let mut joined = false;
    for [stream, piece, change] in data.as_chunks::<3>().0 {
        let stream = &streams[usize::from(*stream) % streams.len()];
        let mut plain = stream[usize::from(*piece) % stream.len()].clone();
        if *change > 0 {
            // Statement, place, number of pieces, length, or a byte of the piece.
            let at = [1, 33, 34, 35, 36, 37, 40][usize::from(*change) % 7];
            plain[at] ^= change >> 3;
        }
        let Ok(record) = Record::parse(Zeroizing::new(plain)) else {
            continue;
        };
        if let Some((act, twin)) = assembler.push(record) {
            assert!(statements.contains(&act) && twin.is_none());
            joined = true;
        }
    }
    joined
}

pub fn piece_orders(_: &Pool) -> Vec<Vec<u8>> {
    let straight = (0..4).flat_map(|stream| (0..4).flat_map(move |piece| [stream, piece, 0]));
    let back = (0..4)
        .rev()
        .flat_map(|piece| (0..4).flat_map(move |stream| [stream, piece, 0]));
    let altered = (0..60u8)
        .flat_map(|n| [0, n % 3, n.wrapping_mul(37)])
        .chain([0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0]);
    vec![straight.collect(), back.collect(), altered.collect()]
}

/// A request with its key, as a reader keeps it.
pub fn kept_request_text(data: &[u8]) -> bool {
    let read = parse_kept_request(data);
    if let Some((fresh, request)) = &read {
        assert_eq!(kept_request(fresh, request).as_slice(), data);
    }
    read.is_some()
}

pub fn kept_requests(pool: &Pool) -> Vec<Vec<u8>> {
    let fresh = Identity::from_seed([7; 32]);
    let kept = |item: &[u8]| {
        Envelope::parse(item)
            .ok()
            .map(|request| kept_request(&fresh, &request).to_vec())
    };
    pool.derived(kept)
}
