//! What people say, and the fact that it must find among the first three.

use law::Library;

use crate::law_files::library;

const SAID: &[(&str, &str)] = &[
    ("me quitaron la credencial", "means_legal_or_migration_threat"),
    ("no nos dejaban salir", "act_retain"),
    ("nos quitaron los pasaportes", "means_legal_or_migration_threat"),
    ("iban a llamar a migración", "means_legal_or_migration_threat"),
    ("me tenían encerrada con llave", "act_retain"),
    ("no podía irme", "act_retain"),
    ("me ofreció trabajo", "act_recruit"),
    ("me contactó por internet", "act_recruit"),
    ("se hizo mi novio y me enamoró", "act_hook"),
    ("me subieron a una camioneta", "act_transport"),
    ("mi mamá me vendió", "act_deliver"),
    ("me pegaba todos los días", "means_physical_violence"),
    ("nos golpeaban", "means_physical_violence"),
    ("me gritaba y me humillaba", "means_moral_violence"),
    ("dijo que iba a matar a mis hijos", "means_serious_harm_or_threat"),
    ("me amenazó con una pistola", "means_serious_harm_or_threat"),
    ("me mintió sobre el trabajo", "means_deception"),
    ("no tenía a dónde ir", "means_vulnerability"),
    ("le debía el dinero del viaje", "servitude_debt_pledge"),
    ("la deuda nunca bajaba", "servitude_services_not_applied"),
    ("no me pagaban", "labour_below_legal_wage"),
    ("me pagaba una miseria", "labour_disproportionate_pay"),
    ("trabajaba de sol a sol", "labour_hours_above_law"),
    (
        "trabajábamos con químicos sin protección",
        "labour_dangerous_conditions",
    ),
    ("me obligaba a pedir limosna", "begging_against_will"),
    ("pedíamos dinero en los semáforos", "begging_uses_person"),
    ("me obligaba a acostarme con clientes", "form_prostitution"),
    ("el padrote se quedaba con el dinero", "sexual_exploitation_benefit"),
    ("me grababan desnuda", "form_pornography"),
    ("me casaron a la fuerza", "obliges_to_marry"),
    ("me quitaron un riñón", "extracts_organ_tissue_cells"),
    ("lo pusieron de halcón", "used_in_organized_crime_activity"),
    ("tenía catorce años", "victim_minor"),
    ("estaba embarazada", "victim_pregnant"),
    ("habla náhuatl", "victim_indigenous"),
    ("viene de Honduras", "victim_foreign"),
    ("éramos varias muchachas", "multiple_victims"),
    ("me daba droga", "agg_author_supplied_drugs"),
    ("me cruzaron la frontera", "agg_two_or_more_countries"),
    ("era del cártel", "agg_author_organized_crime"),
    ("trabaja en el gobierno", "agg_author_public_official"),
    ("la jefa mandaba a los demás", "agg_directs_or_finances_others"),
    ("el dueño del hotel sabía", "knows_premises_use"),
    ("me dieron una credencial falsa", "false_identity_documents"),
    ("MATARON A MI HIJA", "fem_kills_woman"),
    ("la tiraron en un baldio", "fem_circumstance_VII_thrown_left"),
    ("vendieron al bebé", "delivery_for_payment"),
    ("they took my passport", "means_legal_or_migration_threat"),
    ("we were locked up", "act_retain"),
    ("he beat me", "means_physical_violence"),
    ("she was underage", "victim_minor"),
    ("my boyfriend lured me", "act_hook"),
    ("worked without pay", "unjust_benefit_from_labour"),
    ("threatened to kill my family", "means_serious_harm_or_threat"),
    ("they made me beg in the street", "begging_uses_person"),
    ("there were other girls", "multiple_victims"),
    ("fake modelling agency", "deceives_into_sexual_services"),
];

fn found(library: &Library, text: &str) -> Vec<String> {
    let name = |fact: usize| library.facts[fact].id.clone();
    law::search(library, text).into_iter().map(name).collect()
}

#[test]
fn what_people_say_finds_the_fact_among_the_first_three() {
    let library = library();
    let mut wrong = Vec::new();
    for (said, fact) in SAID {
        let found = found(library, said);
        if !found.iter().take(3).any(|one| one == fact) {
            let first: Vec<_> = found.into_iter().take(4).collect();
            wrong.push(format!("{said}: {fact} is not among {first:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn accents_and_capitals_are_of_no_effect() {
    let library = library();
    for (a, b) in [
        ("náhuatl", "NAHUATL"),
        ("Trabajó sin protección", "trabajo sin proteccion"),
        ("riñón", "rin\u{303}o\u{301}n"),
    ] {
        assert_eq!(found(library, a), found(library, b), "{a}");
        assert!(!found(library, a).is_empty(), "{a}");
    }
}

#[test]
fn a_beginning_an_article_and_an_id_are_found_and_nonsense_is_not() {
    let library = library();
    assert!(found(library, "víct").contains(&"victim_minor".to_owned()));
    assert_eq!(found(library, "act_recruit")[0], "act_recruit");
    assert!(
        found(library, "42-VIII")
            .iter()
            .take(4)
            .any(|one| one == "victim_indigenous")
    );
    for nothing in ["", "   ", "¿?", "xyzzy", "qwrtp zxcv"] {
        assert_eq!(found(library, nothing), Vec::<String>::new(), "{nothing}");
    }
}

/// Every fact is found by each phrase that the vocabulary gives for it, in both languages.
#[test]
fn each_phrase_of_the_vocabulary_finds_its_fact() {
    let library = library();
    let (mut all, mut high) = (0, 0);
    for (fact, speech) in &library.speech {
        for phrase in speech.words.es.iter().chain(&speech.words.en) {
            let found = law::search(library, phrase);
            assert!(found.contains(fact), "{phrase}: {}", library.facts[*fact].id);
            all += 1;
            high += usize::from(found.iter().take(5).any(|one| one == fact));
        }
    }
    assert!(
        all > 600 && high * 100 >= all * 97,
        "{high} of {all} among the first five"
    );
}

/// Every fact of the vocabulary has a clause and words in both languages.
#[test]
fn every_fact_can_be_said_in_both_languages() {
    let library = library();
    let mute: Vec<_> = (0..library.facts.len())
        .filter(|fact| {
            let speech = library.speech.get(fact);
            speech.is_none_or(|speech| {
                let empty = [&speech.clause.es, &speech.clause.en]
                    .iter()
                    .any(|clause| clause.is_empty());
                empty || speech.words.es.is_empty() || speech.words.en.is_empty()
            })
        })
        .map(|fact| library.facts[fact].id.as_str())
        .collect();
    assert!(mute.is_empty(), "{mute:?}");
    let unnamed: Vec<_> = library
        .offences
        .iter()
        .filter(|offence| !library.names.contains_key(&offence.id))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}
