//! What everybody reads of a log into which people file is what everybody reads of one into which nobody does: the same
//! files of the same sizes, and entries that no statistic tells apart. What does show is a pace that rises, for it is public
//! and follows what waits (§6.3): here it stays where it is.

use protocol::Digest;
use protocol::http::EntryHex;
use protocol::slot::{CaseSalt, Entry};

use crate::support::{Act, Filing, N, Ways, World, random};
use service::{ServiceLimits, StepOutcome, WorkBits};

/// Steps of each log.
const STEPS: usize = 180;
/// Somebody files at each step of so many.
const EVERY: usize = 3;
/// Bits of an opaque entry behind its first byte.
const BITS: usize = 512;
/// Two sets of random entries differ by 512 on average, with a standard deviation of 32: beyond this one time in 10^10.
const FAR: f64 = 740.0;

/// Everything that a log shows to everybody, step by step.
#[derive(Default)]
struct View {
    /// Opaque entries.
    entries: Vec<Vec<u8>>,
    /// Entries of each step.
    grown: Vec<u64>,
    /// Length of each step's checkpoint with its signatures, and of the answer's head.
    notes: Vec<(usize, Vec<String>)>,
    /// Public statements, by name.
    statements: String,
}

/// An act of a filing, with the entry that a client gives it.
fn entry(case: &CaseSalt, k: u32) -> EntryHex {
    let Entry::Opaque { slot, commit } = case.entry(k, Digest::of(&random(64)), None) else {
        unreachable!("an act is opaque")
    };
    let mut bytes = [0; 65];
    bytes[1..33].copy_from_slice(&slot);
    bytes[33..].copy_from_slice(&commit);
    EntryHex(bytes)
}

/// A log of so many steps, with filings and acts or with nothing. Second what was filed.
async fn log(is_busy: bool) -> (View, Vec<Vec<u8>>) {
    let world = World::with(Ways {
        work: WorkBits { base: 0, max: 0 },
        limits: ServiceLimits {
            pace_max: N,
            ..ServiceLimits::default()
        },
        ..Ways::default()
    })
    .await;
    let (mut view, mut filed) = (View::default(), Vec::new());
    let mut size = world.checkpoint().await.1.size;
    for step in 0..STEPS {
        if is_busy && step % EVERY == 0 {
            let case = CaseSalt::new(random(32).try_into().unwrap());
            let (mut filing, mut act) = (Filing::new(), Act::new());
            (filing.form.entry, act.form.entry) = (entry(&case, 0), entry(&case, 1));
            filing.file(&world).await;
            act.post(&world, 1 + (step / EVERY % 5) as u8, 0).await.ok();
            filed.extend([&filing.form.entry, &act.form.entry].map(|entry| entry.0.to_vec()));
        }
        assert_eq!(world.next_step().await, StepOutcome::Published);
        let (_, checkpoint) = world.checkpoint().await;
        view.grown.push(checkpoint.size - size);
        size = checkpoint.size;
        let note = world.get(&format!("/log/step/{}", world.step())).await.ok();
        let mut head: Vec<String> = note
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        head.sort();
        view.notes.push((note.body.len(), head));
    }
    let mut entries = world.entries().await;
    entries.retain(|entry| entry[0] == 0);
    view.entries = entries;
    for name in [
        "council",
        "pace",
        "drop",
        "greeting",
        "site",
        "docket",
        "docket-open",
        "duty",
    ] {
        let index = world.get(&format!("/api/v1/public/index/{name}")).await.ok();
        view.statements += &format!("{name} {}\n", index.text().matches("\",\"").count());
    }
    (view, filed)
}

/// How far the bits of two sets of entries are apart: the sum over all places of the squared difference of two proportions in
/// standard errors (chi squared of [`BITS`] degrees of freedom where nothing tells them apart).
fn apart(these: &[Vec<u8>], those: &[Vec<u8>]) -> f64 {
    let part = |entries: &[Vec<u8>], bit: usize| {
        let set = entries.iter().filter(|entry| entry[1 + bit / 8] >> (bit % 8) & 1 == 1);
        set.count() as f64 / entries.len() as f64
    };
    let error = 0.25 / these.len() as f64 + 0.25 / those.len() as f64;
    (0..BITS)
        .map(|bit| (part(these, bit) - part(those, bit)).powi(2) / error)
        .sum()
}

#[tokio::test]
async fn nothing_that_everybody_reads_shows_whether_anybody_filed() {
    let ((busy, filed), (quiet, _)) = (log(true).await, log(false).await);
    let known = filed.iter().filter(|entry| busy.entries.contains(entry)).count();
    assert!(known > filed.len() - 8, "{known} of {} are in the log", filed.len());

    assert_eq!(busy.grown, quiet.grown);
    assert!(
        busy.grown.iter().all(|grown| *grown == u64::from(N)),
        "{:?}",
        busy.grown
    );
    assert_eq!(busy.notes, quiet.notes);
    assert_eq!(busy.statements, quiet.statements);
    assert!(busy.entries.iter().chain(&quiet.entries).all(|entry| entry.len() == 65));

    let between = apart(&busy.entries, &quiet.entries);
    assert!(between < FAR, "the entries of the two logs are {between:.0} apart");
    let padding: Vec<Vec<u8>> = busy
        .entries
        .iter()
        .filter(|entry| !filed.contains(entry))
        .cloned()
        .collect();
    let within = apart(&filed, &padding);
    assert!(
        within < FAR,
        "what was filed and what fills the steps are {within:.0} apart"
    );

    // Were an entry to begin with its number, it would show.
    let numbered = |(number, entry): (u32, &Vec<u8>)| [&entry[..1], &number.to_be_bytes(), &entry[5..]].concat();
    let numbered: Vec<Vec<u8>> = (0..).zip(&filed).map(numbered).collect();
    assert!(apart(&numbered, &padding) > FAR);
}
