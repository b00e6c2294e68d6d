//! Ranges: base, aggravations, attempt. Exact; no cap is invented.

use crate::answer::{Sentence, Shown, Step};
use crate::case::Stage;
use crate::library::{Fraction, Increase, Library, Offence, Range};
use crate::ratio::Ratio;

/// Computes the range of a proven offence; `holding` are the fractions that hold.
pub(crate) fn sentence(library: &Library, offence: &Offence, holding: &[&Fraction], stage: Stage) -> Sentence {
    let base = Shown {
        years: offence.penalty.years,
        fine_days: offence.penalty.fine_days,
    };
    let mut steps = vec![Step::Base {
        art: offence.art.clone(),
        shown: base,
    }];
    let applying: Vec<&Increase> = library
        .increases
        .iter()
        .filter(|increase| increase.instrument == offence.instrument)
        .filter(|increase| holding.iter().any(|fraction| touches(fraction, increase, offence)))
        .collect();
    for fraction in holding {
        if let Some(increase) = applying.iter().find(|increase| touches(fraction, increase, offence)) {
            steps.push(Step::Grows {
                art: fraction.art.clone(),
                id: fraction.id.clone(),
                up_to: increase.up_to,
            });
        }
    }
    let added = applying
        .iter()
        .fold(Ratio::ONE, |sum, increase| sum.plus(increase.up_to));
    let compound = applying.iter().fold(Ratio::ONE, |product, increase| {
        product.times(Ratio::ONE.plus(increase.up_to))
    });
    let attempt = library
        .rule("attempt")
        .filter(|_| stage == Stage::Attempt)
        .and_then(|rule| rule.factor);
    steps.extend(attempt.map(|factor| Step::Attempt { factor }));
    let grown = |factor: Ratio| Shown {
        years: attempted(base.years.up_to(factor), attempt),
        fine_days: attempted(base.fine_days.up_to(factor), attempt),
    };
    Sentence {
        shown: grown(added),
        compounded: (applying.len() > 1).then(|| grown(compound)),
        steps,
    }
}

fn touches(fraction: &Fraction, increase: &Increase, offence: &Offence) -> bool {
    fraction.increase == increase.id && !fraction.not_for.contains(&offence.id)
}

/// CPF 63: two thirds of the maximum; the lower limit shown is the minimum, never above the upper one.
fn attempted(range: Range, factor: Option<Ratio>) -> Range {
    let Some(factor) = factor else { return range };
    let max = range.max.times(factor);
    Range {
        min: range.min.min(max),
        max,
    }
}
