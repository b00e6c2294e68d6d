//! Sealing and opening: a document, and evidence as a stream.
//!
//! `cargo bench -p protocol --bench age`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use protocol::age::stream::{CHUNK, Opener, StreamSealer};
use protocol::age::{Identity, open, seal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::hint::black_box;
use zeroize::Zeroizing;

const DOCUMENT: usize = 16 * 1024;
const EVIDENCE: usize = 48 * 1024 * 1024;

fn document(c: &mut Criterion) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let identity = Identity::draw(&mut rng);
    let recipient = identity.recipient();
    let plain = vec![b' '; DOCUMENT];
    let file = seal(&[&recipient], &plain, &mut rng);
    let mut group = c.benchmark_group("document of 16 KiB");
    group.throughput(Throughput::Bytes(DOCUMENT as u64));
    group.bench_function("seal", |b| b.iter(|| seal(&[&recipient], black_box(&plain), &mut rng)));
    group.bench_function("open", |b| b.iter(|| open(&identity, black_box(&file)).expect("opens")));
    group.finish();
    c.bench_function("draw an identity with its recipient", |b| {
        b.iter(|| Identity::draw(&mut rng).recipient())
    });
}

fn evidence(c: &mut Criterion) {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let identity = Identity::draw(&mut rng);
    let recipient = identity.recipient();
    let piece = vec![0x5a; CHUNK];
    let mut file = Vec::new();
    seal_stream(&recipient, &piece, &mut rng, |bytes| file.extend_from_slice(bytes));
    let mut group = c.benchmark_group("evidence of 48 MiB");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(EVIDENCE as u64));
    group.bench_function("seal", |b| {
        b.iter(|| {
            seal_stream(&recipient, &piece, &mut rng, |bytes| {
                black_box(bytes);
            })
        });
    });
    group.bench_function("open", |b| {
        b.iter(|| {
            let mut opener = Opener::new(&identity);
            let mut out = Zeroizing::new(Vec::with_capacity(2 * CHUNK));
            for piece in file.chunks(CHUNK) {
                opener.push(piece, &mut out).expect("verifies");
                black_box(&out);
                out.clear();
            }
            opener.finish(&mut out).expect("is complete");
        });
    });
    group.finish();
}

fn seal_stream(
    recipient: &protocol::age::Recipient,
    piece: &[u8],
    rng: &mut ChaCha20Rng,
    mut write: impl FnMut(&[u8]),
) {
    let (mut sealer, mut out) = StreamSealer::new(recipient, rng);
    for _ in 0..EVIDENCE / CHUNK {
        sealer.push(piece, &mut out);
        write(&out);
        out.clear();
    }
    sealer.finish(&mut out);
    write(&out);
}

criterion_group!(benches, document, evidence);
criterion_main!(benches);
