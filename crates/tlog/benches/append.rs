//! What a log pays: appending, the root, and an inclusion proof, at 10^3 to 10^6 leaves.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;

use common::Log;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tlog::proof::{inclusion, verify_inclusion};
use tlog::tree::Frontier;
use tlog::{Hash, leaf_hash};

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Entries are hashed as long as the opaque ones of docs/protocol.md §6.1.
const ENTRY: [u8; 65] = [0; 65];

fn grown(size: u64) -> Frontier {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append");
    group.throughput(Throughput::Elements(256));
    for size in SIZES {
        let frontier = grown(size);
        group.bench_with_input(
            BenchmarkId::new("256 entries and the root", size),
            &frontier,
            |b, frontier| {
                b.iter(|| {
                    let mut frontier = frontier.clone();
                    (0..256).for_each(|_| frontier.append(leaf_hash(black_box(&ENTRY))));
                    frontier.root()
                });
            },
        );
    }
    group.finish();
}

fn prove(c: &mut Criterion) {
    let mut group = c.benchmark_group("inclusion");
    for size in SIZES {
        let log = Log::of(size);
        let root = log.root();
        let index = size / 3;
        group.bench_with_input(BenchmarkId::new("prove", size), &log, |b, log| {
            b.iter(|| inclusion(black_box(index), size, log));
        });
        let proof: Vec<Hash> = inclusion(index, size, &log).ok().flatten().unwrap_or_default();
        let leaf = leaf_hash(&log.entries[index as usize]);
        group.bench_with_input(BenchmarkId::new("verify", size), &proof, |b, proof| {
            b.iter(|| verify_inclusion(leaf, index, size, black_box(proof), root));
        });
    }
    group.finish();
}

criterion_group!(benches, append, prove);
criterion_main!(benches);
