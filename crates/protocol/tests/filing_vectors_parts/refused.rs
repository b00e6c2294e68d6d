//! `refused.json`: for each check of §7, deliveries in which it alone fails.

use std::collections::BTreeMap;

use protocol::Digest;
use protocol::statement::Check;
use serde_json::{Value, json};

use super::{base64, hex};
use crate::filing_support::forge::Case;
use crate::filing_support::refusals;

/// Those that are published: every check, and every rule that a second implementation is likely to forget.
const PUBLISHED: [&str; 20] = [
    "nothing is wrong",
    "no share file came",
    "the share file is sealed to another seat",
    "the share file has a second stanza",
    "a bit of the share file's last byte is flipped",
    "the padding of the share file is not zero",
    "an unknown flag is set",
    "the share file is for another seat",
    "no header file came",
    "the entry is not in the log",
    "the padding of the header file is not zero",
    "core has a name twice",
    "testimony is signed by another key",
    "the share file lacks a compartment of core",
    "the council's threshold for account is lower",
    "testimony deals to t_identity seats only",
    "testimony names its seats out of order",
    "the share file was sealed again on the way",
    "two commitments are exchanged",
    "a commitment is the identity",
];

pub fn vectors() -> Value {
    let world = refusals::world();
    let mut cases = vec![refusals::accepted(&world)];
    cases.extend(refusals::refused(&world));
    cases.retain(|case| PUBLISHED.contains(&case.name));
    assert_eq!(cases.len(), PUBLISHED.len());
    let checked = |check: Check| cases.iter().any(|case| case.refused == Some(check));
    let all = [
        Check::Missing,
        Check::Age,
        Check::Layout,
        Check::Salt,
        Check::Header,
        Check::Digest,
        Check::Commitment,
    ];
    assert!(all.into_iter().all(checked), "every check has an example");

    let mut blobs = BTreeMap::new();
    let mut councils = BTreeMap::new();
    for case in &cases {
        for file in [&case.share, &case.header].into_iter().flatten() {
            blobs.insert(Digest::of(file).to_hex(), base64(file));
        }
        councils.insert(case.council.digest().to_hex(), base64(case.council.bytes()));
    }
    json!({
        "about": [
            "Deliveries to one seat (section 7): what came, what the seat knows, and what it must answer.",
            "`blobs` holds the files by digest, base64; `councils` the envelopes of the councils by D.",
            "`council` is the only council the seat knows; `log` the opaque entries of cosigned checkpoints.",
            "`check` is null for the delivery that is right; `got` is as section 19 says.",
        ],
        "cases": cases.iter().map(delivery).collect::<Vec<_>>(),
        "blobs": blobs,
        "councils": councils,
    })
}

fn delivery(case: &Case) -> Value {
    let answer = case.run().err();
    assert_eq!(answer, case.expected(), "{}", case.name);
    json!({
        "name": case.name,
        "x": case.x,
        "seat_seed": hex(case.seed),
        "id": case.id,
        "share": case.share.as_ref().map(|file| Digest::of(file)),
        "header": case.header.as_ref().map(|file| Digest::of(file)),
        "council": case.council.digest(),
        "log": case.log.iter().map(hex).collect::<Vec<_>>(),
        "check": answer.map(|rejected| serde_json::to_value(rejected.check).unwrap()),
        "got": answer.and_then(|rejected| rejected.got),
    })
}
