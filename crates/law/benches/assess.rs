//! How long one case takes against all loaded offences, with every reason.
#![expect(clippy::unwrap_used, reason = "a bench may stop at what is not there")]

#[path = "../tests/law_files/mod.rs"]
mod law_files;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use law::Case;

const CASES: &[(&str, &str)] = &[
    (
        "assess a case of one offence with two aggravations",
        r#"{"date":"2019-05-10","entity":"MX-TLA","forum":"local","facts":{"act_intentional":true,"act_recruit":true,"purpose_sexual_exploitation":true,"agg_two_or_more_countries":true,"agg_directs_or_finances_others":true}}"#,
    ),
    (
        "assess a case of which nothing is known",
        r#"{"date":"2025-01-01","entity":"MX-TLA","forum":"federal","facts":{}}"#,
    ),
];

fn assess(criterion: &mut Criterion) {
    let library = law_files::library();
    for (name, text) in CASES {
        let case = Case::from_json(text).unwrap();
        criterion.bench_function(name, |bencher| bencher.iter(|| law::assess(library, black_box(&case))));
    }
}

criterion_group!(benches, assess);
criterion_main!(benches);
