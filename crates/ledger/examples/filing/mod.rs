//! A submission as a filing makes it, for what measures the ledger by itself.

use ledger::{Item, NewEntry, Once, Stay, Submission};
use sha2::{Digest as _, Sha256};

/// Blobs of a filing at n = 5: share files, header, greetings, document.
const BLOBS: [usize; 9] = [1_979, 1_979, 1_979, 1_979, 1_979, 26_235, 3_707, 3_707, 18_043];

pub fn digest(number: u64, what: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(what)
        .chain_update(number.to_be_bytes())
        .finalize()
        .into()
}

/// A submission like a filing's. Nobody looks at digests here, so they need not be true.
pub fn filing(number: u64) -> Submission {
    let blobs = BLOBS.iter().enumerate().map(|(place, &size)| {
        let digest = digest(number, &format!("blob {place}"));
        (digest, vec![digest[0]; size])
    });
    let blobs: Vec<_> = blobs.collect();
    let item = |list: String| Item {
        list,
        bytes: digest(number, &list_key(number)).to_vec(),
        expires: Some(1 << 40),
        ..Item::default()
    };
    Submission {
        form: Some(digest(number, "form")),
        answer: vec![0; 250],
        once: vec![Once {
            key: digest(number, "once"),
            expires: 4_000,
        }],
        entries: vec![NewEntry {
            bytes: vec![0; 65],
            key: digest(number, "entry"),
            step: number % 72,
            class: 0,
            owner: None,
        }],
        names: blobs.iter().map(|(digest, _)| (*digest, Stay::UntilGivenUp)).collect(),
        blobs,
        items: (0..5)
            .map(|seat| item(format!("delivery/{seat}")))
            .chain([item("drop/0/-".into())])
            .collect(),
        ..Submission::default()
    }
}

fn list_key(number: u64) -> String {
    format!("item {number}")
}
