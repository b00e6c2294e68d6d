//! docs/vectors/identifiers.json: every row of the table, and the lists of §12.

use std::collections::BTreeMap;

use crate::identifier_table::rows;
use identifiers::{IdentifierError, Service, State, countries};
use serde::Serialize;

#[derive(Serialize)]
struct Case {
    kind: u8,
    of: Option<&'static str>,
    text: &'static str,
    normal: Option<&'static str>,
    error: Option<&'static str>,
}

#[derive(Serialize)]
pub struct Vectors {
    about: [&'static str; 4],
    cases: Vec<Case>,
    countries: BTreeMap<&'static str, Vec<u8>>,
    no_profile: BTreeMap<&'static str, &'static [&'static str]>,
    states: Vec<&'static str>,
}

pub fn vectors() -> Vectors {
    let cases = rows().into_iter().map(|(kind, of, text, normal)| Case {
        kind: kind as u8,
        of,
        text,
        normal: normal.ok(),
        error: normal.err().map(IdentifierError::code),
    });
    let lengths = |(code, lengths): (&'static str, &'static str)| {
        (code, lengths.split(' ').map(|len| len.parse().unwrap()).collect())
    };
    Vectors {
        about: [
            "Identifiers and their normal form (section 12). `kind` 1 telephone, 2 e-mail, 3 plate, 4 account, 5 handle; `of` is the",
            "state or the service that was chosen beside the text. `countries`: every calling code, with how many digits may follow",
            "it. `states` of plates. `no_profile`: of each service, the first parts of paths that lead to no profile.",
            "The input of the OPRF is the kind as one byte and the normal form in ASCII.",
        ],
        cases: cases.collect(),
        countries: countries().map(lengths).collect(),
        no_profile: Service::ALL
            .map(|service| (service.code(), service.no_profile()))
            .into(),
        states: State::all().map(State::code).collect(),
    }
}
