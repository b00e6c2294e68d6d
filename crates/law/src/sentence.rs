//! Ranges: base, aggravations, attempt. Exact; no cap is invented.

use jiff::civil::Date;

use crate::answer::{Floor, PenaltyStep, Sentence};
use crate::case::Stage;
use crate::library::{CommonRule, Library};
use crate::offence::{Fraction, Increase, Offence, PenaltyShown, Range};
use crate::ratio::Ratio;

/// Computes the range of a proven offence; `offence`: its wording of the day, `holding`: the fractions that hold.
pub(crate) fn sentence(
    library: &Library,
    offence: &Offence,
    holding: &[&Fraction],
    stage: Stage,
    day: Date,
) -> Sentence {
    let base = PenaltyShown {
        years: offence.penalty.years,
        fine_days: offence.penalty.fine_days,
    };
    let mut steps = vec![PenaltyStep::Base {
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
            let (art, id) = (fraction.art.clone(), fraction.id.clone());
            let up_to = increase.up_to;
            steps.push(match increase.add_years {
                Some(years) => PenaltyStep::Adds { art, id, years },
                None => PenaltyStep::Grows { art, id, up_to },
            });
        }
    }
    let added = applying
        .iter()
        .fold(Ratio::ONE, |sum, increase| sum.plus(increase.up_to));
    let compound = applying.iter().fold(Ratio::ONE, |product, increase| {
        product.times(Ratio::ONE.plus(increase.up_to))
    });
    let rule = (stage == Stage::Attempt)
        .then(|| attempt(library, offence, day))
        .flatten();
    steps.extend(rule.map(|(art, factor, floor)| {
        let art = art.to_owned();
        PenaltyStep::Attempt { art, factor, floor }
    }));
    let attempt = rule.map(|(_, factor, floor)| (factor, floor));
    let cap = cap(library, offence, day);
    let more = applying.iter().find_map(|increase| increase.add_years);
    let grown = |factor: Ratio| PenaltyShown {
        years: attempted(longer(base.years.up_to(factor), more), attempt),
        fine_days: base.fine_days.map(|days| attempted(days.up_to(factor), attempt)),
    };
    let (whole, compounded) = (
        grown(added),
        (applying.iter().filter(|one| one.add_years.is_none()).count() > 1).then(|| grown(compound)),
    );
    let highest = compounded.unwrap_or(whole).years.max;
    if let Some((art, years)) = cap.filter(|(_, years)| highest > *years) {
        let art = art.to_owned();
        steps.push(PenaltyStep::Cap { art, years });
    }
    let capped = |shown: PenaltyShown| PenaltyShown {
        years: cap.map_or(shown.years, |(_, most)| at_most(shown.years, most)),
        ..shown
    };
    Sentence {
        shown: capped(whole),
        compounded: compounded.map(capped),
        steps,
    }
}

fn longer(range: Range, more: Option<Range>) -> Range {
    more.map_or(range, |more| Range {
        min: range.min.plus(more.min),
        max: range.max.plus(more.max),
    })
}

fn at_most(range: Range, most: Ratio) -> Range {
    Range {
        min: range.min.min(most),
        max: range.max.min(most),
    }
}

/// The longest prison of that day for offences of this law, and where it stands (CPF 25).
fn cap<'a>(library: &'a Library, offence: &Offence, day: Date) -> Option<(&'a str, Ratio)> {
    let of_it = |rule: &&CommonRule| rule.instrument == offence.instrument && rule.in_force(day);
    let mut rules = library.rules.iter().filter(of_it);
    rules.find_map(|rule| Some((rule.art.as_deref()?, rule.cap?)))
}

/// The article, the part of the maximum and the lower limit of an attempt: by the offence's own law, or by the General Law.
fn attempt<'a>(library: &'a Library, offence: &Offence, day: Date) -> Option<(&'a str, Ratio, Floor)> {
    let about = |rule: &&CommonRule| rule.of.is_empty() || rule.of.contains(&offence.id);
    let own = |rule: &&CommonRule| rule.instrument == offence.instrument && rule.factor.is_some() && rule.in_force(day);
    let rules = library.rules.iter().filter(own).filter(about);
    let special = rules.max_by_key(|rule| !rule.of.is_empty());
    let rule = special.or_else(|| library.rule("attempt"))?;
    let floor = match rule.floor {
        Some(part) => Floor::Part(part),
        None if floor_is_settled(library, offence, day) => Floor::Minimum,
        None => Floor::Open,
    };
    Some((rule.art.as_deref().unwrap_or_default(), rule.factor?, floor))
}

/// Whether the law of that day called the offence grave, and by that fixed the lower limit of its attempt.
pub(crate) fn floor_is_settled(library: &Library, offence: &Offence, day: Date) -> bool {
    let own = library
        .rules
        .iter()
        .filter(|rule| rule.instrument == offence.instrument);
    let mut own = own.filter(|rule| rule.in_force(day));
    own.any(|rule| rule.floor.is_some() && rule.factor.is_some() || grave(rule) && !rule.except.contains(&offence.id))
}

/// Whether the law of that day called some offences grave.
pub(crate) fn some_floor_is_settled(library: &Library, day: Date) -> bool {
    library.rules.iter().any(|rule| grave(rule) && rule.in_force(day))
}

fn grave(rule: &CommonRule) -> bool {
    rule.id == "grave"
}

fn touches(fraction: &Fraction, increase: &Increase, offence: &Offence) -> bool {
    fraction.increase == increase.id && !fraction.not_for.contains(&offence.id)
}

/// At most a part of the maximum; the lower limit is the minimum or a part of it, never above the upper one.
fn attempted(range: Range, attempt: Option<(Ratio, Floor)>) -> Range {
    let Some((factor, floor)) = attempt else { return range };
    let max = range.max.times(factor);
    let min = match floor {
        Floor::Part(part) => range.min.times(part),
        Floor::Open | Floor::Minimum => range.min,
    };
    Range { min: min.min(max), max }
}
