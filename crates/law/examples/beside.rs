//! How fast this engine is, beside another: prints a case as a situation of OpenFisca, and explained assessments of it for
//! each second of one core. `cargo xtask bench openfisca` runs it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints, and takes the time"
)]

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use law::{Case, Library};
use serde_json::json;

#[path = "embed.rs"]
#[expect(dead_code, reason = "only its loader is needed")]
mod embed;

/// One offence with two aggravations.
const CASE: &str = r#"{"date":"2019-05-10","entity":"MX-TLA","forum":"local","facts":{"act_intentional":true,"act_recruit":true,"purpose_sexual_exploitation":true,"agg_two_or_more_countries":true,"agg_directs_or_finances_others":true}}"#;
const MEASURED: Duration = Duration::from_secs(4);

/// Time for which this thread had a core, where the kernel tells it; a loaded machine does not count then.
fn on_core(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn speed(library: &Library, case: &Case) -> f64 {
    let since = Instant::now();
    let (begun, mut count) = (on_core(since), 0);
    loop {
        for _ in 0..1000 {
            black_box(law::assess(library, black_box(case)));
        }
        count += 1000;
        let taken = on_core(since).saturating_sub(begun);
        if taken >= MEASURED {
            return f64::from(count) / taken.as_secs_f64();
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which law files?")?;
    let library = embed::load(Path::new(&folder))?;
    let case = Case::from_json(CASE)?;
    let situation = law::openfisca(&library, &case).ok_or("the case has no date")?;
    let answer = law::assess(&library, &case);
    let met: Vec<_> = answer.proven.iter().chain(&answer.aggravations).collect();
    let speed = speed(&library, &case);
    println!("{}", json!({ "situation": situation, "met": met, "speed": speed }));
    Ok(())
}
