//! Law files and the questions put to them.

use crate::Pool;
use law::{Case, File};

/// A law file alone. Its faults have a place in it; what loads answers its own examples and any question.
pub fn law_file(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let file = File { path: "law.toml", text };
    match law::load(&[file]) {
        Ok(library) => {
            for example in &library.examples {
                law::run(&library, example);
            }
            let mut case = Case::default();
            let known = library.facts.iter().map(|fact| (fact.id.clone(), true));
            law::assess(&library, &case);
            case.facts.extend(known);
            case.days = law::Days::parse("2007-01-01/2026-11-29");
            law::assess(&library, &case);
            law::questions(&library, &case);
            true
        }
        Err(faults) => {
            let lines = text.split('\n').count();
            assert!(!faults.is_empty());
            assert!(
                faults
                    .iter()
                    .all(|fault| (1..=lines).contains(&fault.line) && fault.column > 0)
            );
            false
        }
    }
}

pub fn files(pool: &Pool) -> Vec<Vec<u8>> {
    let vocabulary = pool
        .laws()
        .iter()
        .find(|text| text.starts_with(b"# ") && text.windows(8).any(|part| part == b"[[fact]]"));
    let with = |text: &Vec<u8>| vocabulary.map(|vocabulary| [vocabulary.as_slice(), b"\n", text].concat());
    let alone = pool.laws().iter().cloned();
    alone.chain(pool.laws().iter().filter_map(with)).collect()
}

/// A question as JSON: it is answered, and its days are read again as they are shown.
pub fn case(data: &[u8]) -> bool {
    let Some(case) = str::from_utf8(data).ok().and_then(|text| Case::from_json(text).ok()) else {
        return false;
    };
    if let Some(days) = case.days {
        assert_eq!(law::Days::parse(&days.shown()), Some(days));
    }
    let library = law_data::library().expect("the law files of this build load");
    let answer = law::assess(library, &case);
    let offence = |id: &String| library.offences.iter().any(|offence| offence.id == *id);
    assert!(answer.proven.iter().chain(&answer.contradicted).all(offence));
    true
}

pub fn cases(_: &Pool) -> Vec<Vec<u8>> {
    let library = law_data::library().expect("the law files of this build load");
    let write = |case: &Case| {
        let days = case.days.map(law::Days::shown);
        serde_json::json!({ "date": days, "entity": case.entity, "facts": case.facts }).to_string()
    };
    let examples = library.examples.iter().map(|example| write(&example.case));
    let own = [r#"{"date":"2019-05-10","entity":"MX-TLA","forum":"local","stage":"attempt","facts":{"a":null}}"#];
    examples.chain(own.map(str::to_owned)).map(String::into_bytes).collect()
}
