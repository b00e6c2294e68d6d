//! Records and pieces (§9.1, §15.7, §19).

use crate::statement_fixture;

use proptest::prelude::*;
use protocol::age::{self, Identity};
use protocol::drop::{
    Assembler, Bucket, Malformed, RECORD_LEN, Record, act_records, open_new, open_record, release_record, seal_act,
    seal_release_file,
};
use protocol::open::{kept_request, parse_kept_request};
use protocol::{Digest, Envelope};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use statement_fixture::twin::twin;
use statement_fixture::*;
use std::collections::HashSet;
use zeroize::Zeroizing;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(9)
}

/// An act of less than one record.
fn short() -> Envelope {
    Envelope::try_sign(&decision(), &[member(2).signing()]).unwrap()
}

/// An act of two records: a recipient is long.
fn long() -> Envelope {
    Envelope::try_sign(&request(), &[member(11).signing()]).unwrap()
}

fn parse(plaintext: &[u8]) -> Result<Record, Malformed> {
    Record::parse(Zeroizing::new(plaintext.to_vec()))
}

fn stream_of(record: Record) -> (Envelope, Option<Envelope>) {
    match record {
        Record::Stream { act, twin } => (act, twin),
        _ => panic!("not a whole stream"),
    }
}

fn malformed(plaintext: &[u8], why: &str) {
    assert!(parse(plaintext).is_err(), "{why}");
}

#[test]
fn an_act_travels_as_one_record() {
    let identity = Identity::from_seed([5; 32]);
    for twin in [None, Some(twin())] {
        let records = seal_act(&identity.recipient(), &short(), twin.as_ref(), &mut rng()).unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].len(), 3_707);
        let record = open_record(&identity, &records[0]).unwrap().unwrap();
        assert_eq!(stream_of(record), (short(), twin));
    }
}

#[test]
fn a_long_act_travels_in_full_pieces() {
    let identity = Identity::from_seed([5; 32]);
    let records = seal_act(&identity.recipient(), &long(), Some(&twin()), &mut rng()).unwrap();
    let mut assembler = Assembler::default();
    let mut done = Vec::new();
    for (i, file) in records.iter().enumerate() {
        assert_eq!(file.len(), 3_707);
        let record = open_record(&identity, file).unwrap().unwrap();
        let Record::Piece {
            statement,
            i: number,
            of,
            ref bytes,
        } = record
        else {
            panic!("not a piece")
        };
        assert_eq!(
            (statement, usize::from(number), usize::from(of)),
            (long().digest(), i, records.len())
        );
        assert!(bytes.len() == 2_011 || i + 1 == records.len());
        done.extend(assembler.push(record));
    }
    assert_eq!(done, [(long(), Some(twin()))]);
}

#[test]
fn a_stream_of_2047_bytes_is_one_record_and_of_2048_is_two() {
    let padded = |len: usize| {
        let mut bytes = short().bytes().to_vec();
        bytes.resize(len, b' ');
        Envelope::parse(&bytes).unwrap()
    };
    let one = act_records(&padded(2_043), None).unwrap();
    assert_eq!((one.len(), one[0][0]), (1, 1));
    assert_eq!(stream_of(parse(&one[0]).unwrap()).0, padded(2_043));
    let two = act_records(&padded(2_044), None).unwrap();
    assert_eq!((two.len(), two[0][0]), (2, 2));
    assert!(act_records(&padded(65_535), None).is_ok());
    assert!(
        act_records(&padded(65_536), None).is_err(),
        "a length field has 16 bits"
    );
}

#[test]
fn layout_of_a_record_is_that_of_the_specification() {
    let act = short();
    let one = &act_records(&act, Some(&twin())).unwrap()[0];
    assert_eq!(one.len(), RECORD_LEN);
    let expected = [
        &[1][..],
        &(act.bytes().len() as u16).to_be_bytes(),
        act.bytes(),
        &(twin().bytes().len() as u16).to_be_bytes(),
        twin().bytes(),
    ]
    .concat();
    assert_eq!(one[..expected.len()], expected);
    assert!(one[expected.len()..].iter().all(|byte| *byte == 0));

    let pieces = act_records(&long(), None).unwrap();
    for (i, piece) in pieces.iter().enumerate() {
        assert_eq!(piece.len(), RECORD_LEN);
        assert_eq!(piece[0], 2);
        assert_eq!(piece[1..33], long().digest().0);
        assert_eq!(piece[33..35], [i as u8, pieces.len() as u8]);
    }
    assert_eq!(pieces[0][35..37], 2_011u16.to_be_bytes());
}

#[test]
fn a_release_file_travels_as_one_record() {
    let identity = Identity::from_seed([5; 32]);
    let file = vec![7; 1_851];
    let record = seal_release_file(&identity.recipient(), &file, &mut rng()).unwrap();
    assert_eq!(record.len(), 3_707);
    let Record::File(read) = open_record(&identity, &record).unwrap().unwrap() else {
        panic!("not a file")
    };
    assert_eq!(read, file);
    for len in [0, 1_850, 1_852, 4_000] {
        assert!(seal_release_file(&identity.recipient(), &vec![7; len], &mut rng()).is_err());
    }
    let mut short = release_record(&file).unwrap();
    short[2] -= 1;
    short[1_853] = 0;
    malformed(&short, "a release file of 1,850 bytes");
}

#[test]
fn a_record_for_another_key_is_nobodys_business() {
    let file = &seal_act(&recipient(5), &short(), None, &mut rng()).unwrap()[0];
    assert!(open_record(&Identity::from_seed([6; 32]), file).is_none());
    assert!(open_record(&Identity::from_seed([5; 32]), b"no age file").is_none());
    let mut altered = file.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(matches!(
        open_record(&Identity::from_seed([5; 32]), &altered),
        Some(Err(Malformed))
    ));
}

#[test]
fn a_record_that_opens_and_is_malformed_is_said_to_be_so() {
    let identity = Identity::from_seed([5; 32]);
    for plaintext in [vec![0; RECORD_LEN], vec![9; RECORD_LEN], vec![1; 100], Vec::new()] {
        let file = age::seal(&[&identity.recipient()], &plaintext, &mut rng());
        assert!(matches!(open_record(&identity, &file), Some(Err(Malformed))));
    }
}

#[test]
fn padding_that_is_not_zero_is_refused_wherever_it_stands() {
    let piece = act_records(&long(), Some(&twin())).unwrap().pop().unwrap();
    let kinds = [
        act_records(&short(), None).unwrap().remove(0),
        piece,
        release_record(&vec![7; 1_851]).unwrap(),
    ];
    for good in kinds {
        assert!(parse(&good).is_ok());
        let end = RECORD_LEN - 1;
        let used = good[..=end].iter().rposition(|byte| *byte != 0).unwrap();
        for place in [used + 1, end] {
            let mut marked = good.clone();
            marked[place] = 1;
            malformed(&marked, "a mark in the padding");
        }
    }
}

#[test]
fn streams_with_wrong_lengths_are_refused() {
    let good = act_records(&short(), Some(&twin())).unwrap().remove(0);
    for place in [1, 2] {
        for change in [1, 0xff] {
            let mut bad = good.clone();
            bad[place] = bad[place].wrapping_add(change);
            malformed(&bad, "a wrong first length");
        }
    }
    let mut bad = good.clone();
    bad[3 + short().bytes().len()] = 0xff;
    malformed(&bad, "a second length beyond the record");
    malformed(&[&[1][..], &[0; RECORD_LEN - 1]].concat(), "an empty act");
    malformed(&good[..RECORD_LEN - 1], "2,047 bytes");
    malformed(&[&good[..], &[0]].concat(), "2,049 bytes");
}

#[test]
fn pieces_keep_their_rules() {
    let pieces = act_records(&long(), None).unwrap();
    let changed = |n: usize, place: usize, value: u8| {
        let mut piece = pieces[n].clone();
        piece[place] = value;
        piece
    };
    assert_eq!(pieces.len(), 2);
    malformed(&changed(0, 33, 2), "i beyond of");
    malformed(&changed(0, 34, 0), "of nothing");
    malformed(&changed(0, 34, 1), "a stream in one piece is 0x01");
    malformed(&changed(0, 34, 67), "more pieces than any stream has");
    malformed(&changed(0, 36, 0xda), "a piece that is not full and not the last");
    malformed(&changed(0, 35, 0x08), "a piece longer than the record");
    malformed(&changed(1, 34, 3), "the last piece is not a middle piece");
    let mut empty = pieces[1].clone();
    empty[35..].fill(0);
    malformed(&empty, "an empty piece");
}

fn pieces_of(act: &Envelope, twin: Option<&Envelope>) -> Vec<Vec<u8>> {
    act_records(act, twin).unwrap()
}

#[test]
fn a_short_stream_in_pieces_is_refused() {
    // 2,011 + 36 bytes: a stream of 2,047 bytes, which must be one record.
    let mut bytes = short().bytes().to_vec();
    bytes.resize(2_044, b' ');
    let act = Envelope::parse(&bytes).unwrap();
    let two = pieces_of(&act, None);
    let mut assembler = Assembler::default();
    assert!(assembler.push(parse(&two[0]).unwrap()).is_none());
    assert!(assembler.push(parse(&two[1]).unwrap()).is_some());

    let act = Envelope::parse(&bytes[..2_043]).unwrap();
    let stream = act_records(&act, None).unwrap().remove(0)[1..].to_vec();
    let piece = |i: u8, bytes: &[u8]| Record::Piece {
        statement: act.digest(),
        i,
        of: 2,
        bytes: bytes.to_vec(),
    };
    let mut assembler = Assembler::default();
    assert!(assembler.push(piece(0, &stream[..2_011])).is_none());
    assert!(assembler.push(piece(1, &stream[2_011..])).is_none());
}

#[test]
fn false_pieces_do_not_hide_the_true_ones() {
    let true_ones = pieces_of(&long(), Some(&twin()));
    let mut assembler = Assembler::default();
    let of = true_ones.len() as u8;
    for i in 0..of {
        for fill in 0..3 {
            let bytes = vec![fill; if i + 1 == of { 10 } else { 2_011 }];
            assert!(
                assembler
                    .push(Record::Piece {
                        statement: long().digest(),
                        i,
                        of,
                        bytes
                    })
                    .is_none()
            );
        }
    }
    let mut done = None;
    for piece in &true_ones {
        assert!(done.is_none());
        done = assembler.push(parse(piece).unwrap());
    }
    assert_eq!(done, Some((long(), Some(twin()))));
}

#[test]
fn pieces_that_name_another_digest_are_dropped() {
    let mut assembler = Assembler::default();
    for piece in pieces_of(&long(), None) {
        let Record::Piece { i, of, bytes, .. } = parse(&piece).unwrap() else {
            panic!("not a piece")
        };
        assert!(
            assembler
                .push(Record::Piece {
                    statement: d(1),
                    i,
                    of,
                    bytes
                })
                .is_none()
        );
    }
}

#[test]
fn memory_is_bounded_and_the_newest_streams_survive() {
    let mut assembler = Assembler::default();
    let true_ones = pieces_of(&long(), None);
    assert!(assembler.push(parse(&true_ones[0]).unwrap()).is_none());
    for n in 0u32..5_000 {
        let statement = Digest::of(&n.to_be_bytes());
        let bytes = n.to_be_bytes().repeat(503)[..2_011].to_vec();
        assert!(
            assembler
                .push(Record::Piece {
                    statement,
                    i: 0,
                    of: 2,
                    bytes
                })
                .is_none()
        );
    }
    assert!(
        assembler.push(parse(&true_ones[1]).unwrap()).is_none(),
        "the oldest stream was dropped"
    );
    let done = assembler.push(parse(&true_ones[0]).unwrap());
    assert_eq!(done, Some((long(), None)), "and can be read again from the bucket");
}

#[test]
fn whole_records_pass_and_files_are_not_statements() {
    let mut assembler = Assembler::default();
    assert_eq!(
        assembler.push(Record::Stream {
            act: short(),
            twin: None
        }),
        Some((short(), None))
    );
    assert_eq!(assembler.push(Record::File(vec![7; 1_851])), None);
}

proptest! {
    #[test]
    fn pieces_join_in_any_order_repeated_and_among_foreign_ones(
        order in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle(),
        with_twin in any::<bool>(),
    ) {
        let (twin, other) = (twin(), Envelope::sign(&core(), &[&hers()]));
        let twin = with_twin.then_some(&twin);
        let (mine, foreign) = (pieces_of(&long(), twin), pieces_of(&other, None));
        let mut pool = [mine.clone(), foreign.clone(), mine, foreign].concat();
        pool.truncate(12.max(pool.len()));
        let mut assembler = Assembler::default();
        let mut done = Vec::new();
        // Whatever of the pool the shuffle does not name comes after it, in order.
        let rest = (0..pool.len()).filter(|i| !order.contains(i));
        for i in order.iter().copied().filter(|i| *i < pool.len()).chain(rest) {
            done.extend(assembler.push(parse(&pool[i]).unwrap()));
        }
        prop_assert!(done.contains(&(long(), twin.cloned())));
        prop_assert!(done.contains(&(other.clone(), None)));
        prop_assert!(done.iter().all(|(act, _)| *act == long() || *act == other));
    }

    #[test]
    fn nothing_panics(kind in 0u8..6, bytes in prop::collection::vec(any::<u8>(), 0..60), fill in any::<u8>()) {
        let mut record = [&[kind][..], &bytes].concat();
        record.resize(RECORD_LEN, fill);
        let _ = parse(&record);
    }
}

#[test]
fn a_bucket_is_read_on_from_its_last_page_and_each_record_tried_once() {
    let (identity, stranger) = (Identity::from_seed([5; 32]), Identity::from_seed([6; 32]));
    let sealed = |to: &Identity| seal_act(&to.recipient(), &short(), None, &mut rng()).unwrap().remove(0);
    let (mine, other) = (sealed(&identity), sealed(&stranger));
    let (mut bucket, mut tried) = (Bucket::default(), HashSet::new());

    assert!(bucket.take(Some(&mine)) && !bucket.take(None));
    assert_eq!(
        (bucket.page(), bucket.records().len()),
        (0, 1),
        "the last page may grow"
    );
    let opened = open_new(&identity, bucket.records(), &mut tried);
    assert_eq!(opened[0].0.digest, Digest::of(&mine));
    assert_eq!(opened.len(), 1);

    assert!(bucket.take(Some(&[mine, other].concat())) && bucket.take(Some(&[])) && !bucket.take(None));
    assert_eq!(
        (bucket.page(), bucket.records().len()),
        (1, 2),
        "and nothing is there twice"
    );
    assert!(open_new(&identity, bucket.records(), &mut tried).is_empty());
    assert_eq!(tried.len(), 2);
}

#[test]
fn a_request_is_kept_with_its_key() {
    let fresh = Identity::from_seed([5; 32]);
    let plain = kept_request(&fresh, &long());
    let (key, request) = parse_kept_request(&plain).unwrap();
    assert_eq!((key.seed(), request), (fresh.seed(), long()));
    assert!(
        plain.starts_with(fresh.to_text().as_bytes()),
        "age opens with it as it stands"
    );
    for cut in [0, 10, fresh.to_text().len(), plain.len() - 1] {
        assert!(parse_kept_request(&plain[..cut]).is_none(), "{cut}");
    }
}
