//! The law beside an opened testimony, for a browser: which facts it asks for, what it says to those that the reader takes
//! as proven, and the reports made from them. A module of its own, loaded only when she asks for it.
//!
//! It is given facts and passages and gives words; it fetches nothing, keeps nothing and knows no key.

use law::{Library, Tongue};
use reports::{CaseRecord, Claim, NormalForm, NotHers, Paper, ReportKind, Told};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

/// What can be asked: facts with label and article, entities, questions first that settle the most.
///
/// # Errors
/// In words for developers.
#[wasm_bindgen]
pub fn vocabulary() -> Result<String, String> {
    let library = library()?;
    let facts: Vec<Value> = library
        .facts
        .iter()
        .map(|fact| json!({ "id": fact.id, "es": fact.es, "cite": fact.cite }))
        .collect();
    let entities: Vec<Value> = library
        .entities
        .iter()
        .map(|entity| json!({ "id": entity.id, "name": entity.name_es() }))
        .collect();
    Ok(json!({ "facts": facts, "entities": entities }).to_string())
}

/// The assessment as blocks to be drawn and in sentences, and the facts that would settle the most. `record`: empty where there is none;
/// `account`: her words, in which each passage must stand.
///
/// # Errors
/// A passage that is not hers, in Spanish; else in words for developers.
#[wasm_bindgen]
pub fn assess(told: &str, record: &str, account: &str) -> Result<String, String> {
    let library = library()?;
    let (told, record) = read(told, record, account, "")?;
    let report = reports::findings(library, &told, record.as_ref());
    let prose = sentences(library, &told);
    let next: Vec<String> = law::questions(library, told.case())
        .into_iter()
        .map(|(fact, _)| fact)
        .collect();
    Ok(json!({ "report": report, "prose": prose, "next": next }).to_string())
}

/// The assessment in sentences, with the passages that show a fact: each was found in her words.
fn sentences(library: &Library, told: &Told) -> Vec<String> {
    let case = told.case();
    let passages = case
        .facts
        .keys()
        .map(|fact| (fact.clone(), told.passages(fact).to_vec()));
    let answer = law::assess(library, case);
    let prose = law::prose(library, case, &answer, &passages.collect(), Tongue::Es);
    prose.into_iter().map(|paragraph| paragraph.text).collect()
}

/// The facts that these words name, the nearest first: by labels, articles and daily speech, in Spanish or English.
///
/// # Errors
/// In words for developers.
#[wasm_bindgen]
pub fn search(words: &str) -> Result<String, String> {
    let library = library()?;
    let found = law::search(library, words).into_iter();
    let ids: Vec<&str> = found.map(|fact| library.facts[fact].id.as_str()).collect();
    Ok(json!(ids).to_string())
}

/// A report as a file: `html` or `docx`, for `letter` or `a4`. `beside`: as JSON her answers and how each identifier among them is
/// read, which another module says; empty where there are none.
///
/// # Errors
/// As [`assess`].
#[wasm_bindgen]
pub fn report(
    kind: &str,
    told: &str,
    record: &str,
    account: &str,
    beside: &str,
    form: &str,
    paper: &str,
) -> Result<Vec<u8>, String> {
    let kind = ReportKind::from_name(kind).ok_or("no such report")?;
    let (told, record) = read(told, record, account, beside)?;
    let report = reports::make(kind, library()?, &told, record.as_ref());
    let paper = if paper == "a4" { Paper::A4 } else { Paper::Letter };
    match form {
        "docx" => reports::docx(&report, paper).map_err(|error| error.to_string()),
        _ => Ok(reports::page(&report, paper).into_bytes()),
    }
}

/// How many assessments of one case are made, for measuring the module where it runs.
///
/// # Errors
/// In words for developers.
#[wasm_bindgen]
pub fn repeat(told: &str, times: u32) -> Result<u32, String> {
    let library = library()?;
    let (told, _) = read(told, "", "", "")?;
    let proven = (0..times).map(|_| law::assess(library, told.case()).proven.len());
    Ok(u32::try_from(proven.sum::<usize>()).unwrap_or(u32::MAX))
}

fn library() -> Result<&'static Library, String> {
    law_data::library().map_err(|faults| format!("the law files have {} faults", faults.len()))
}

/// What stands beside her account.
#[derive(Default, Deserialize)]
struct Beside {
    answers: reports::Answers,
    /// The normal form of each identifier among them, in their order; null where it has none; empty where nobody has read them.
    normal: Vec<Option<String>>,
}

/// Her answers are not marked at the desk: a passage stands in her account.
fn read(told: &str, record: &str, account: &str, beside: &str) -> Result<(Told, Option<CaseRecord>), String> {
    let claim = Claim::from_json(told).map_err(|error| error.to_string())?;
    let record: Option<CaseRecord> = match record {
        "" => None,
        record => Some(serde_json::from_str(record).map_err(|error| error.to_string())?),
    };
    let beside: Beside = match beside {
        "" => Beside::default(),
        beside => serde_json::from_str(beside).map_err(|error| error.to_string())?,
    };
    let told = claim
        .against(record.as_ref(), account, &beside.answers)
        .map_err(not_hers)?;
    let told = told.reading(|place, _| match beside.normal.get(place) {
        Some(Some(normal)) => NormalForm::Is(normal.clone()),
        Some(None) => NormalForm::None,
        None => NormalForm::NotRead,
    });
    Ok((told, record))
}

fn not_hers(why: NotHers) -> String {
    let invented = match why {
        NotHers::Passages(invented) => invented,
        NotHers::Account => return "el relato que se muestra no es el que se abrió".to_owned(),
        NotHers::Answers => return "las respuestas que se muestran no son las que se abrieron".to_owned(),
    };
    let label = |fact: &str| {
        let library = law_data::library().ok()?;
        let fact = library.facts.get(*library.index.get(fact)?)?;
        Some(fact.es.clone())
    };
    let place = |one: &reports::Invented| {
        let fact = label(&one.fact).unwrap_or_else(|| one.fact.clone());
        format!(
            "el pasaje {} de «{fact}», «{}», no está en el relato",
            one.number, one.begins
        )
    };
    invented.iter().map(place).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{"date":"2019-05-10","entity":"MX-TLA","forum":"local","facts":{"act_intentional":true,"act_recruit":true,"purpose_slavery":true},"passages":{"act_recruit":"me llevaron"}}"#;

    const ACCOUNT: &str = "Un martes me llevaron a otra ciudad.";

    #[test]
    fn an_assessment_is_said_in_sentences_and_a_fact_is_found_by_daily_speech() {
        let answer: Value = serde_json::from_str(&assess(TOLD, "", ACCOUNT).unwrap()).unwrap();
        let prose = answer["prose"].as_array().unwrap();
        let says = |words: &str| prose.iter().any(|one| one.as_str().unwrap().contains(words));
        assert!(
            says("Lo que se señala reúne sus elementos") && says("según el pasaje «me llevaron»"),
            "{prose:?}"
        );
        let found: Vec<String> = serde_json::from_str(&search("me quitaron la credencial").unwrap()).unwrap();
        assert_eq!(found[0], "means_legal_or_migration_threat");
        assert_eq!(search("xyzzy"), Ok("[]".to_owned()));
    }

    #[test]
    fn what_she_did_not_say_is_in_no_answer_and_no_report() {
        let another = TOLD.replace("me llevaron", "me vendieron");
        let place = "el pasaje 1 de «captar», «me vendieron», no está en el relato";
        assert_eq!(assess(&another, "", ACCOUNT), Err(place.to_owned()));
        for kind in ReportKind::ALL {
            for form in ["html", "docx"] {
                let refused = report(kind.name(), &another, "", ACCOUNT, "", form, "a4");
                assert_eq!(refused, Err(place.to_owned()), "{kind:?} as {form}");
            }
        }
        assert!(assess(TOLD, "", "").is_err(), "without her account no passage is hers");
    }

    #[test]
    fn whom_she_names_is_listed_where_a_court_protects_her_from_somebody() {
        let answers = r#"{"identifiers":[{"kind":"phone","text":"55 1234 5678"},{"kind":"phone","text":"55 12"}]}"#;
        let page = |beside: &str| {
            let page = report("measures", TOLD, "", ACCOUNT, beside, "html", "a4");
            String::from_utf8(page.unwrap()).unwrap()
        };
        let named = page(&format!(r#"{{"answers":{answers},"normal":["+525512345678",null]}}"#));
        for part in ["55 1234 5678", "+525512345678", "55 12", "no tiene: está incompleto"] {
            assert!(named.contains(part), "{part} in {named}");
        }
        let unread = page(&format!(r#"{{"answers":{answers},"normal":[]}}"#));
        assert!(
            unread.contains("no se pudo calcular") && !unread.contains("no tiene: está"),
            "{unread}"
        );
        assert!(!page("").contains("anotó estos datos"));
        assert!(report("measures", TOLD, "", ACCOUNT, "[", "html", "a4").is_err());
    }

    #[test]
    fn it_answers_what_the_page_asks() {
        let vocabulary: Value = serde_json::from_str(&vocabulary().unwrap()).unwrap();
        assert_eq!(vocabulary["entities"].as_array().unwrap().len(), 32);
        assert!(
            vocabulary["facts"]
                .as_array()
                .unwrap()
                .iter()
                .any(|fact| fact["id"] == "act_recruit")
        );
        let answer: Value = serde_json::from_str(&assess(TOLD, "", ACCOUNT).unwrap()).unwrap();
        let text = answer["report"].to_string();
        assert!(
            text.contains("Art. 10.") && text.contains("«me llevaron»") && text.contains("\"gap\""),
            "{text}"
        );
        assert!(!answer["next"].as_array().unwrap().is_empty());
        let without = TOLD.replace("me llevaron", "");
        assert!(repeat(&without, 3).is_err(), "an empty passage stands nowhere");
        assert_eq!(
            repeat(&TOLD.replace(r#"{"act_recruit":"me llevaron"}"#, "{}"), 3),
            Ok(3)
        );
        for kind in ["assessment", "evidence", "custody", "measures"] {
            assert!(
                report(kind, TOLD, "", ACCOUNT, "", "html", "a4")
                    .unwrap()
                    .starts_with(b"<!doctype html>")
            );
            assert!(
                report(kind, TOLD, "", ACCOUNT, "", "docx", "letter")
                    .unwrap()
                    .starts_with(b"PK")
            );
        }
        assert!(report("gossip", TOLD, "", ACCOUNT, "", "html", "a4").is_err() && assess("{", "", "").is_err());
    }
}
