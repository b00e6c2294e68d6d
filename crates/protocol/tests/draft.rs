//! Drafts (§9.5): always of one size, opened by the words that sealed them and by no other, replaced by who knows these.

use protocol::draft::{DRAFT_FILE_LEN, Draft, DraftKeys, TEXT_MAX, TooLong, parse_draft_header};
use protocol::phrase::PhraseRoot;
use protocol::{Digest, json};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn keys(root: u8) -> DraftKeys {
    DraftKeys::derive(&PhraseRoot::from_bytes([root; 32]).case(0).draft)
}

fn draft(account: &str) -> Draft {
    Draft::new(7, [("account".to_owned(), account.to_owned())].into())
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(9)
}

#[test]
fn drafts_of_every_length_have_one_size_and_open_as_they_were() {
    let keys = keys(1);
    let room = TEXT_MAX - json::write(&draft("")).len();
    for length in [0, 1, 500, room] {
        let draft = draft(&"a".repeat(length));
        let file = keys.seal(&draft, &mut rng()).unwrap();
        assert_eq!(file.len(), DRAFT_FILE_LEN);
        assert_eq!(keys.open(&file), Some(draft));
    }
    assert_eq!(keys.seal(&draft(&"a".repeat(room + 1)), &mut rng()), Err(TooLong));
    assert_eq!(keys.seal(&draft(&"a".repeat(70_000)), &mut rng()), Err(TooLong));
}

#[test]
fn a_draft_opens_with_its_own_words_and_unaltered() {
    let (own, other) = (keys(1), keys(2));
    let file = own.seal(&draft("x"), &mut rng()).unwrap();
    assert_eq!(other.open(&file), None);
    for place in [0, 15, 16, 17, DRAFT_FILE_LEN - 17, DRAFT_FILE_LEN - 1] {
        let mut altered = file.clone();
        altered[place] ^= 1;
        assert_eq!(own.open(&altered), None, "byte {place}");
    }
    for length in [0, 15, 16, DRAFT_FILE_LEN - 1] {
        assert_eq!(own.open(&file[..length]), None, "{length} bytes");
    }
    assert_eq!(own.open(&[&file[..], &[0]].concat()), None);
    assert_eq!(own.open(&vec![0; DRAFT_FILE_LEN]), None);
}

#[test]
fn the_name_does_not_give_the_right_to_replace() {
    let (own, other, there) = (keys(1), keys(2), Digest::of(b"there"));
    let header = own.header(None);
    assert_eq!(parse_draft_header(&header), Some((*own.name(), None)));
    assert_eq!(
        parse_draft_header(&own.header(Some(&there))),
        Some((*own.name(), Some(there)))
    );
    assert_ne!(own.name(), other.name());
    assert!(!header.contains(&own.name().to_hex()));
    let (write, _) = header.split_once(' ').unwrap();
    let by_name = parse_draft_header(&format!("{} -", own.name())).unwrap().0;
    assert_ne!(by_name, *own.name());
    for bad in [
        "",
        "-",
        write,
        &format!("{write}  -"),
        &format!("{write} - "),
        &format!("{} -", &write[1..]),
        &format!("{} -", write.to_uppercase()),
        &format!("{write} 00"),
    ] {
        assert_eq!(parse_draft_header(bad), None, "{bad}");
    }
}

#[test]
fn a_draft_does_not_show_in_debug() {
    assert_eq!(format!("{:?}", draft("where I live")), "Draft(…)");
}
