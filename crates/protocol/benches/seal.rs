//! What a page, a seat and a reader wait for (§16): n = 5, t = 3, a document of 16 KiB.
#![allow(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

#[path = "../tests/filing_support/mod.rs"]
mod filing_support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use filing_support::{World, case, refusals, rng};
use protocol::age;
use protocol::open::{combine_releases, open_header_file, unpad_document, verify_header};
use protocol::seal::{CompartmentKey, Sealed, seal};
use protocol::share::{Commitments, ReleaseFile, Share, ShareFile, combine, deal};
use protocol::statement::{Compartment, Opening};
use protocol::{Digest, MemberNumber};
use rand_chacha::ChaCha20Rng;

const REQUEST: Digest = Digest([0x51; 32]);
const THRESHOLD: u8 = 3;

fn seal_account(world: &World, document: &[u8], rng: &mut ChaCha20Rng) -> Sealed {
    let (case, xs) = (case(), world.xs());
    let mut account = CompartmentKey::draw(Compartment::Account, THRESHOLD, Opening::OnRequest, &case, &xs, rng);
    account.set_document(document, rng).unwrap();
    seal(&world.request(&xs), &case, vec![account], rng).unwrap()
}

/// As a reader has them: one release from each of three seats.
fn releases(world: &World, sealed: &Sealed) -> Vec<ReleaseFile> {
    let release = |(x, file): &(MemberNumber, Vec<u8>)| {
        let plain = age::open(world.keys(*x).identity(), file).unwrap();
        ShareFile::parse(&plain)
            .unwrap()
            .release(REQUEST, Compartment::Account)
            .unwrap()
    };
    sealed.shares.iter().take(THRESHOLD.into()).map(release).collect()
}

fn sealing(criterion: &mut Criterion) {
    let world = World::new(5, THRESHOLD, 4);
    let mut rng = rng(1);
    for kib in [4, 16] {
        let document = vec![b'a'; kib * 1024];
        criterion.bench_function(&format!("seal/document {kib} KiB, n = 5, t = 3"), |bencher| {
            bencher.iter(|| seal_account(&world, black_box(&document), &mut rng));
        });
    }
    criterion.bench_function("seal/deal 3 of 5", |bencher| {
        bencher.iter(|| deal(THRESHOLD, &world.xs(), &mut rng));
    });
}

fn checking(criterion: &mut Criterion) {
    let delivery = refusals::accepted(&refusals::world());
    criterion.bench_function("check/one delivery, two compartments", |bencher| {
        bencher.iter(|| black_box(&delivery).run().is_ok());
    });
}

fn opening(criterion: &mut Criterion) {
    let world = World::new(5, THRESHOLD, 4);
    let mut rng = rng(2);
    let dealing = deal(THRESHOLD, &world.xs(), &mut rng);
    let commitments = Commitments::decode(&dealing.commitments).unwrap();
    let three: Vec<(MemberNumber, Share)> = dealing.shares[..THRESHOLD.into()].to_vec();
    criterion.bench_function("open/combine 3 shares", |bencher| {
        bencher.iter(|| combine(black_box(&commitments), black_box(&three)).unwrap());
    });

    let sealed = seal_account(&world, &vec![b'a'; 16 * 1024], &mut rng);
    let (core, testimony) = open_header_file(&case().case_salt.k(), &sealed.header).unwrap();
    let header = verify_header(core, testimony).unwrap();
    let releases = releases(&world, &sealed);
    let mut group = criterion.benchmark_group("open");
    group.throughput(Throughput::Elements(1));
    group.bench_function("a document of 16 KiB from 3 releases", |bencher| {
        bencher.iter(|| {
            let name = Compartment::Account;
            let (identity, _) = combine_releases(REQUEST, &header.core, name, black_box(&releases), None).unwrap();
            let plain = age::open(&identity, &sealed.documents[0]).unwrap();
            unpad_document(&plain).0.len()
        });
    });
    group.finish();
}

criterion_group!(benches, sealing, checking, opening);
criterion_main!(benches);
