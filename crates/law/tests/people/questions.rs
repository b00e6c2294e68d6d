//! The next question, in plain words and with its reason.

use law::{Case, Tongue};

use crate::law_files::library;

fn first(case: &str) -> law::OpenQuestion {
    law::ask(library(), &Case::from_json(case).unwrap()).remove(0)
}

#[test]
fn a_question_is_plain_and_says_which_offence_it_completes() {
    let question = first(
        r#"{"date":"2019-05-10","facts":{"job_offer_other_than_sexual":true,"induced_to_sexual_services":true,"deception_debt":true,"means_deception":true}}"#,
    );
    let library = library();
    assert!(
        question.said(library, Tongue::Es).starts_with("¿Es cierto que "),
        "{question:?}"
    );
    let completing = law::ask(
        library,
        &Case::from_json(
            r#"{"date":"2019-05-10","facts":{"obliges_to_marry":false,"act_intentional":true,"purpose_slavery":true}}"#,
        )
        .unwrap(),
    );
    let recruit = completing
        .iter()
        .find(|one| library.facts[one.fact].id == "act_recruit")
        .unwrap();
    assert_eq!(
        recruit.said(library, Tongue::Es),
        "¿Es cierto que alguien captó a la víctima?"
    );
    assert_eq!(
        recruit.why(library, Tongue::Es),
        "Se pregunta porque es lo único que falta para reunir los elementos de: artículo 10 (Trata de personas (conducta con \
         fines de explotación))."
    );
    assert_eq!(
        recruit.why(library, Tongue::En),
        "Asked because it is all that is missing of: article 10 (Trafficking in persons (conduct for exploitation))."
    );
}

#[test]
fn a_question_that_many_offences_ask_names_three_and_counts_the_rest() {
    let question = first(r#"{"date":"2019-05-10","facts":{}}"#);
    assert!(question.offences.len() > 3);
    let why = question.why(library(), Tongue::Es);
    assert!(why.contains(&format!("y {} más", question.offences.len() - 3)), "{why}");
    assert_eq!(why.matches("artículo").count(), 3, "{why}");
}

/// To answer it settles something: each fact that completes an offence alone does so when it is true.
#[test]
fn what_completes_an_offence_does_complete_it() {
    let mut tried = 0;
    for facts in [
        r#"{"act_intentional":true,"purpose_slavery":true}"#,
        r#"{"sexual_exploitation_benefit":true,"victim_minor":true}"#,
        r#"{"slavery_has_or_keeps":true,"slavery_ownership_attributes":true}"#,
        r#"{"forced_labour_has_or_keeps":true}"#,
    ] {
        let case = Case::from_json(&format!(r#"{{"date":"2024-07-01","facts":{facts}}}"#)).unwrap();
        for question in law::ask(library(), &case) {
            let mut answered = case.clone();
            answered.facts.insert(library().facts[question.fact].id.clone(), true);
            let answer = law::assess(library(), &answered);
            for id in &question.completes {
                assert!(answer.proven.contains(id), "{id}: {question:?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 8, "{tried}");
}
