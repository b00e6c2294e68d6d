//! Which `drop` counts, which depths are taken, and which are read (§9.1): part of `log-steps.json`.

use casework::Registry;
use protocol::age::Identity;
use serde_json::{Value, json};

use crate::support::{self, DAY, T0, beginning, by_operator, drop_to};

/// Index, days since the beginning, b, and whether it counts.
const DROPS: [(u64, u64, u8, bool); 7] = [
    (127, 1, 1, false),
    (128, 2, 1, true),
    (5_000, 3, 0, false),
    (6_000, 10, 1, true),
    (8_191, 20, 7, false),
    (8_192, 21, 7, true),
    (1 << 38, 60, 32, true),
];

pub fn depths() -> Value {
    let mut registry = Registry::new(&support::root()).unwrap();
    for (index, statement) in (0..).zip(beginning()) {
        registry.apply(index, &statement, T0).unwrap();
    }
    let drops = DROPS.map(|(index, day, b, counts)| {
        let applied = registry.apply(index, &by_operator(&drop_to(b)), T0 + day * DAY);
        assert_eq!(applied.is_ok(), counts, "{index}");
        json!({ "index": index, "included_at": T0 + day * DAY, "b": b, "counts": counts })
    });
    let inbox = Identity::from_seed([0x66; 32]).recipient();
    let times = [9, 28, 30, 49, 67, 88].map(|day| T0 + day * DAY);
    let times = times.into_iter().flat_map(|time| [time, time + 1]).map(|time| {
        let taken: Vec<u8> = (0..=32).filter(|b| registry.takes_depth(*b, time)).collect();
        let read = registry.buckets(&inbox, Some(time));
        json!({ "time": time, "taken": taken, "read": read })
    });
    let times: Vec<Value> = times.collect();
    let taken: Vec<usize> = times.iter().map(|it| it["taken"].as_array().unwrap().len()).collect();
    // Each depth goes a second after its week, as this registry ends with the deepest.
    assert_eq!(taken, [4, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1]);
    let read: Vec<usize> = times.iter().map(|it| it["read"].as_array().unwrap().len()).collect();
    assert_eq!(read, [4, 4, 4, 4, 4, 3, 3, 2, 2, 2, 2, 1]);
    json!({
        "about": "After the four statements above, `drops` at these indices, each included at its time. With all of them: at `time` a filing, act or record for a bucket of a depth in `taken` is taken, others are refused with `bucket`; a reading that begins at `time` looks into the buckets `read` of the inbox of seed 32 x 66 (section 9.1).",
        "drops": drops,
        "recipient_seed": "66".repeat(32),
        "whole_reading": registry.buckets(&inbox, None),
        "times": times,
    })
}
