//! Assistance and protection: what is owed, and what would be if an unknown fact held.

use std::sync::Arc;

use crate::answer::Answer;
use crate::case::{Case, Days};
use crate::library::{Library, MeasureOwed};
use crate::truth::Truth;

/// Fills `assistance` and `assistance_if`. MeasureOwed whatever the date of the facts; local duties by place and date.
pub(crate) fn assist(
    library: &Library,
    case: &Case,
    days: Option<Days>,
    of: &dyn Fn(usize) -> Truth,
    answer: &mut Answer,
) {
    let entity = case.entity.as_deref().and_then(|code| library.entity(code));
    answer.assistance.reserve(library.measures.len());
    answer.assistance_if.reserve(library.measures.len());
    for owed in &library.measures {
        if let Some(place) = &owed.entity
            && entity.is_none_or(|entity| entity.id != *place) | !within(owed, days)
        {
            continue;
        }
        match owed.when.as_ref().map_or(Truth::True, |tree| tree.value(of)) {
            Truth::True => answer.assistance.push(Arc::clone(&owed.shown)),
            Truth::Unknown => answer.assistance_if.push(Arc::clone(&owed.shown)),
            Truth::False => {}
        }
    }
}

fn within(owed: &MeasureOwed, days: Option<Days>) -> bool {
    days.is_none_or(|days| {
        owed.since.is_none_or(|since| since <= days.last) && owed.until.is_none_or(|until| days.first <= until)
    })
}
