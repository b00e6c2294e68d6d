//! A case as OpenFisca's `/calculate` takes it.

use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::library::Library;
use crate::offence::Worded as _;

/// Name of the one person of a situation.
const PERSON: &str = "victim";

/// The situation: one person; each known fact a boolean variable with its value, each offence that is in force and each
/// fraction a boolean variable that is asked for (`null`), all on the first day of the conduct. Names are those of the law
/// files. Nothing without a date: every value of OpenFisca is of a period.
pub fn openfisca(library: &Library, case: &Case) -> Option<Value> {
    let days = case.days?;
    let day = days.first.to_string();
    let mut variables = Map::new();
    for (fact, value) in &case.facts {
        variables.insert(fact.clone(), json!({ (day.as_str()): value }));
    }
    let offences = library
        .offences
        .iter()
        .filter(|offence| offence.on(days.first).is_some() && !offence.secondary);
    let fractions = library
        .fractions
        .iter()
        .filter(|fraction| fraction.on(days.first).is_some());
    let ids = offences
        .map(|offence| &offence.id)
        .chain(fractions.map(|fraction| &fraction.id));
    for id in ids {
        variables.insert(id.clone(), json!({ (day.as_str()): null }));
    }
    Some(json!({ "persons": { (PERSON): variables } }))
}
