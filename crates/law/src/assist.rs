//! Assistance and protection: what is owed, and what would be if an unknown fact held.

use crate::answer::{Answer, Measure};
use crate::case::{Case, Days};
use crate::library::{Library, Owed};
use crate::truth::Truth;

/// Fills `assistance` and `assistance_if`. Owed whatever the date of the facts; local duties by place and date.
pub(crate) fn assist(
    library: &Library,
    case: &Case,
    days: Option<Days>,
    of: &dyn Fn(usize) -> Truth,
    answer: &mut Answer,
) {
    let entity = case.entity.as_deref().and_then(|code| library.entity(code));
    for owed in &library.measures {
        if let Some(place) = &owed.entity
            && entity.is_none_or(|entity| entity.id != *place) | !within(owed, days)
        {
            continue;
        }
        match owed.when.as_ref().map_or(Truth::True, |tree| tree.value(of)) {
            Truth::True => answer.assistance.push(measure(owed)),
            Truth::Unknown => answer.assistance_if.push(measure(owed)),
            Truth::False => {}
        }
    }
}

fn within(owed: &Owed, days: Option<Days>) -> bool {
    days.is_none_or(|days| {
        owed.since.is_none_or(|since| since <= days.last) && owed.until.is_none_or(|until| days.first <= until)
    })
}

fn measure(owed: &Owed) -> Measure {
    Measure {
        id: owed.id.clone(),
        law: owed.law.clone(),
        article: owed.art.clone(),
        deadline: owed.deadline.clone(),
        measure: owed.es.clone(),
        owed_by: owed.owed_by.clone(),
        trigger: owed.trigger.clone(),
        status: owed.status.clone(),
        source: owed.source.clone(),
    }
}
