//! What a look costs at 10^4 filings, measured, and at 10^6, computed. Run by `cargo xtask bench look`. Loopback only (the
//! cosigner), bounded in filings and days.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use look::{LINK_BYTES_S, ROUND_TRIP_S, Sim, Visit};
use protocol::phrase::PhraseRoot;

/// Filings a day.
const A_DAY: u64 = 56;
/// Days in which that makes ten thousand filings.
const ALL_DAYS: u64 = 180;
/// Depth of the buckets: 64 to 128 inboxes in each.
const DEPTH: u8 = 7;
/// Seconds of a step.
const STEP_S: u32 = 600;
const DAY_S: u64 = 86_400;
/// Days before the end on which she files: in the week before the last.
const FILED: u64 = 7;
/// From how many days before her filing on it is read: the first of a month and a day more, at least, in the middle, at
/// most.
const BEFORE: [(&str, u64); 3] = [("least", 1), ("middle", 16), ("most", 32)];

/// Days that the log is old when a monitor looks once more.
const WATCHED: [u64; 2] = [3, 30];

/// `look [DAYS]`: of the half year as many days as that; what a look at all of it costs is then computed. `look monitor`: what a
/// monitor reads each day.
#[tokio::main]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("monitor") {
        return monitor().await;
    }
    let days = std::env::args().nth(1).and_then(|days| days.parse().ok());
    let days: u64 = days.unwrap_or(ALL_DAYS).clamp(FILED + 33, ALL_DAYS);
    let mut sim = Sim::begin(STEP_S).await;
    sim.step().await;
    sim.state_depth(DEPTH).await;
    let (mut acks, mut hers) = (0, None);
    for day in 0..days {
        for step in 0..sim.steps_a_day() {
            // The filings of a day, evenly, and as many acknowledgements by each seat of those of the day before.
            let due = (step + 1) * A_DAY / sim.steps_a_day() - step * A_DAY / sim.steps_a_day();
            for _ in 0..due {
                sim.other_files().await;
                for number in 1..=5 * u8::from(day > 0) {
                    sim.other_acknowledged(number).await;
                    acks += 1;
                }
            }
            sim.step().await;
        }
        if day == days - FILED {
            hers = Some(sim.files(&right()).await);
        }
        if let Some(hers) = hers.take_if(|_| day == days - FILED + 1) {
            sim.acknowledge(&hers).await;
        }
        if day % 20 == 0 {
            eprintln!("day {day}: {} entries", sim.size().await);
        }
    }
    let size = sim.size().await;
    println!(
        "{} filings in {days} days, {acks} acknowledgements, {size} entries, buckets of depth {DEPTH}; {} kB/s, {ROUND_TRIP_S} s \
         until an answer begins, 8 calls at once.\n",
        A_DAY * days + 1,
        LINK_BYTES_S / 1_000.0,
    );
    println!(
        "| a look at what was filed {FILED} days ago | days read | calls | MB | of it entries, records | s |\n|---|---|---|---|---|---|"
    );
    let filed_at = sim.now() - FILED * DAY_S;
    for (name, before) in BEFORE {
        let from = filed_at - before * DAY_S;
        let visit = sim.look(right(), Some(from)).await;
        assert_eq!(visit.view.filings.len(), 1, "her filing shows");
        row(&format!("from its month on, {name}"), FILED + before, &visit);
    }
    let whole = sim.look(right(), None).await;
    row("from the beginning", days, &whole);
    let other = sim.look(PhraseRoot::from_bytes([0x32; 32]), None).await;
    row("the same, other words", days, &other);
    let share = ALL_DAYS as f64 / days as f64;
    if days < ALL_DAYS {
        computed("10^4: from the beginning", ALL_DAYS, &whole, 1.0, share);
    }
    // 64 times the filings a day at 64 times the pace, N = 256, in 64 times the buckets.
    for (name, before) in BEFORE {
        let visit = sim.look(right(), Some(filed_at - before * DAY_S)).await;
        computed(
            &format!("10^6: from its month on, {name}"),
            FILED + before,
            &visit,
            64.0,
            1.0,
        );
    }
    computed("10^6: from the beginning", ALL_DAYS, &whole, 64.0, share);
}

/// What a monitor reads that looks once a day.
async fn monitor() {
    let sim = Sim::begin(STEP_S).await;
    println!(
        "| a monitor that looks once a day, {} steps | entries | calls | kB |\n|---|---|---|---|",
        sim.steps_a_day()
    );
    let mut old = 0;
    let mut watching = sim.watching();
    for days in WATCHED {
        sim.days(days - old - 1).await;
        let (calls, bytes) = sim.watch(&mut watching).await;
        told(&format!("what came before day {days}"), sim.size().await, calls, bytes);
        sim.days(1).await;
        let (calls, bytes) = sim.watch(&mut watching).await;
        told(&format!("day {days}"), sim.size().await, calls, bytes);
        old = days;
    }
}

fn told(name: &str, size: u64, calls: usize, bytes: usize) {
    println!("| {name} | {size} | {calls} | {:.0} |", bytes as f64 / 1e3);
}

fn right() -> PhraseRoot {
    PhraseRoot::from_bytes([0x31; 32])
}

fn row(name: &str, days: u64, visit: &Visit) {
    let of = |part: &str| visit.bytes_of(part) as f64 / 1e6;
    println!(
        "| {name} | {days} | {} | {:.2} | {:.2}, {:.2} | {:.0} |",
        visit.calls.len(),
        visit.bytes() as f64 / 1e6,
        of("/tile/entries/"),
        of("/drop/"),
        visit.seconds
    );
}

/// The same look with so many times the entries a day, over so many times the days.
fn computed(name: &str, days: u64, visit: &Visit, entries_a_day: f64, longer: f64) {
    let bytes = |part: &str| visit.bytes_of(part) as f64;
    let entries = bytes("/tile/entries/") * entries_a_day * longer;
    let all = (visit.bytes() as f64 - bytes("/tile/entries/")) * longer + entries;
    println!(
        "| computed for {name} | {days} | – | {:.1} | {:.1}, {:.2} | {:.0} |",
        all / 1e6,
        entries / 1e6,
        bytes("/drop/") * longer / 1e6,
        visit.seconds + (all - visit.bytes() as f64) / LINK_BYTES_S
    );
}
