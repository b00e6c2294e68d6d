//! A valid example of every form (§15.8).

use super::{d, origin, x};
use protocol::drop::BucketName;
use protocol::http::*;
use protocol::ids::Version;
use protocol::slot::CaseSalt;

pub fn entry(k: u32) -> EntryHex {
    let bytes = CaseSalt::new([0x22; 32]).entry(k, d(0x33), None).to_bytes();
    EntryHex(bytes.try_into().unwrap())
}

pub fn filing() -> FilingForm {
    let greeting = |n| GreetingRef {
        bucket: BucketName::WHOLE,
        digest: d(n),
    };
    FilingForm {
        v: Version,
        origin: origin(),
        entry: entry(0),
        header: BlobRef {
            digest: d(0x10),
            size: 26_235,
        },
        shares: (1..=5)
            .map(|n| ShareRef {
                x: x(n),
                digest: d(0x20 + n as u8),
                size: 1_979,
            })
            .collect(),
        objects: vec![
            BlobRef {
                digest: d(0x30),
                size: 18_043,
            },
            BlobRef {
                digest: d(0x31),
                size: 67_195,
            },
        ],
        match_request: None,
        greetings: [greeting(0x41), greeting(0x40)],
        keep: 180,
        soon: false,
        quota: None,
        work: Work {
            nonce: WorkNonce([0x77; 16]),
            counter: 163_554,
        },
    }
}

pub fn record(n: u8) -> RecordRef {
    RecordRef {
        bucket: bucket("8/8a"),
        keep: 0,
        digest: d(n),
    }
}

pub fn act() -> ActForm {
    ActForm {
        v: Version,
        origin: origin(),
        entry: entry(1),
        twin_entry: Some(entry(9)),
        insist: false,
        records: vec![record(1), record(2)],
    }
}

pub fn records() -> RecordsForm {
    RecordsForm {
        v: Version,
        origin: origin(),
        records: vec![record(2), record(1)],
    }
}

/// A bucket by its name.
pub fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}
