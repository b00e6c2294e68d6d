//! The interface of issue «The law as data», against the law files as they stand.

use std::collections::BTreeMap;

use crate::law_files::{self, library};
use law::{Answer, Case};
use serde_json::{Value, json};

fn ask(case: Value) -> Value {
    json!(answer(case))
}

fn answer(case: Value) -> Answer {
    let case = Case::from_json(&case.to_string()).unwrap();
    law::assess(library(), &case)
}

fn facts(names: &[&str]) -> BTreeMap<String, bool> {
    let value = |name: &&str| (name.trim_start_matches('!').to_owned(), !name.starts_with('!'));
    names.iter().map(value).collect()
}

fn on(date: &str, names: &[&str]) -> Value {
    ask(json!({ "date": date, "entity": "MX-TLA", "forum": "local", "stage": "consummated", "facts": facts(names) }))
}

fn has(answer: &Value, list: &str, id: &str) -> bool {
    answer[list].as_array().unwrap().iter().any(|one| one == id)
}

const A10: &[&str] = &["act_intentional", "act_recruit", "purpose_slavery"];
const A13: &[&str] = &["sexual_exploitation_benefit", "form_prostitution"];
const A22: &[&str] = &["forced_labour_has_or_keeps", "means_force_or_coercion"];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

#[test]
fn every_field_of_the_interface_is_there() {
    let answer = on("2019-05-10", A10);
    for field in [
        "applicable_law",
        "law_status",
        "proven",
        "contradicted",
        "undetermined",
        "not_in_force",
        "wording_not_loaded",
        "exclusions_to_check",
        "aggravations",
        "sentence",
        "flags",
        "assistance",
        "reasons",
    ] {
        assert!(answer.get(field).is_some(), "{field}");
    }
    assert_eq!(answer["applicable_law"], "LGPSEDMTP");
    assert_eq!(answer["law_status"], "loaded");
    assert_eq!(answer["proven"], json!(["a10"]));
    assert_eq!(answer["not_in_force"], json!(["a14p3", "a21pf", "a35p2"]));
    assert_eq!(answer["wording_not_loaded"], json!([]));
    let sentence = &answer["sentence"]["a10"];
    assert_eq!(
        (&sentence["years"], &sentence["fine_days"]),
        (&json!([5, 15]), &json!([1000, 20000]))
    );
    assert_eq!(
        sentence["exact"],
        json!({ "years": ["5", "15"], "fine_days": ["1000", "20000"] })
    );
}

#[test]
fn the_law_changes_exactly_on_its_days() {
    for (date, law, status) in [
        ("2007-11-27", None, "not_loaded"),
        ("2007-11-28", Some("LPSTP"), "partial"),
        ("2012-06-14", Some("LPSTP"), "partial"),
        ("2012-06-15", Some("LGPSEDMTP"), "loaded"),
        ("2025-11-14", Some("LGPSEDMTP"), "loaded"),
    ] {
        let answer = answer(json!({ "date": date, "forum": "federal", "facts": {} }));
        assert_eq!(
            (answer.applicable_law.as_deref(), answer.law_status),
            (law, status),
            "{date}"
        );
        assert!(!answer.flags.contains("text_as_of"), "{date}");
    }
    assert!(has(&on("2025-11-15", &[]), "flags", "text_as_of"));
    assert!(has(&on("2007-11-27", &[]), "flags", "rules_not_loaded"));
    assert!(!has(&on("2007-11-28", &[]), "flags", "rules_not_loaded"));
    let early = "general_law_not_in_force_until_2012-06-15";
    assert!(has(&on("2012-06-14", A10), "flags", early));
    assert!(!has(&on("2012-06-15", A10), "flags", early));
    assert_eq!(on("2012-06-14", A10)["proven"], json!([]));
    assert_eq!(on("2012-06-15", A10)["proven"], json!(["a10"]));
}

#[test]
fn local_and_unknown_forum_before_the_general_law() {
    let local = on("2010-05-01", A10);
    assert_eq!(
        (&local["law_status"], &local["proven"]),
        (&json!("not_loaded"), &json!([]))
    );
    assert!(has(&local, "flags", "state_law_not_loaded"));
    let chiapas = ask(json!({ "date": "2010-05-01", "entity": "MX-CHP", "forum": "local", "facts": {} }));
    assert_eq!(chiapas["applicable_law"], "MX-CHP-2009");
    let either = ask(json!({ "date": "2010-05-01", "forum": "unknown", "facts": {} }));
    assert_eq!(
        (&either["law_status"], &either["applicable_law"]),
        (&json!("unknown"), &Value::Null)
    );
    assert!(has(&either, "flags", "secondary_source") && has(&either, "flags", "state_law_not_loaded"));
    assert!(!has(&either, "flags", "forum_unknown_same_law"));
    assert!(has(
        &ask(json!({ "date": "2012-06-15", "facts": {} })),
        "flags",
        "forum_unknown_same_law"
    ));
    let undated = ask(json!({ "date": null, "facts": facts(A10) }));
    assert_eq!(
        (&undated["law_status"], &undated["proven"]),
        (&json!("unknown"), &json!([]))
    );
    assert_eq!(undated["flags"], json!(["date_needed"]));
}

#[test]
fn parts_of_2024_begin_on_their_day() {
    let a14 = &["subjects_to_pornographic_acts", "victim_indigenous_or_afromexican"];
    let before = on("2024-06-07", a14);
    assert_eq!(before["proven"], json!(["a14"]));
    assert!(has(&before, "not_in_force", "a14p3"));
    let after = on("2024-06-08", a14);
    assert_eq!(after["proven"], json!(["a14", "a14p3"]));
    assert_eq!(after["sentence"]["a14p3"]["years"], json!([16, 21]));
    assert!(
        after["sentence"].get("a14").is_none(),
        "superseded by its qualified form"
    );
    let hours = &[
        "unjust_benefit_from_labour",
        "labour_hours_above_law",
        "!labour_dangerous_conditions",
        "!labour_disproportionate_pay",
        "!labour_below_legal_wage",
        "!labour_other_undignified_practice",
    ];
    assert!(
        has(&on("2024-06-07", hours), "contradicted", "a21"),
        "fraction IV was absent: false"
    );
    assert!(has(&on("2024-06-08", hours), "proven", "a21"));
    let minors = &["act_intentional", "act_recruit", "purpose_minor_in_crime"];
    let incapable = &["act_intentional", "act_recruit", "purpose_incapable_in_crime"];
    assert!(has(&on("2024-06-07", minors), "proven", "a10") && has(&on("2024-06-08", minors), "proven", "a10"));
    assert!(!has(&on("2024-06-07", incapable), "proven", "a10") && has(&on("2024-06-08", incapable), "proven", "a10"));
}

/// CPF 15 and 17: an exclusion is an exception. It is not asked for before an offence is proven; it defeats it when known.
#[test]
fn an_exclusion_counts_when_it_is_known_and_is_listed_while_nobody_raised_it() {
    const HIRED: &[&str] = &["unjust_benefit_from_labour", "labour_below_legal_wage"];
    const ADOPTED: &[&str] = &[
        "victim_minor",
        "delivery_illegal_or_irregular",
        "delivery_for_payment",
        "author_adoptive_parent",
        "receives_person",
    ];
    const ORGAN: &[&str] = &["extracts_organ_tissue_cells", "organ_for_benefit_or_trade"];
    let own = |elements: &'static [&str]| -> &'static [&str] {
        match elements[0] {
            "victim_minor" => &["good_faith_family_integration"],
            "extracts_organ_tissue_cells" => &["lawful_medical_procedure_consented"],
            "act_intentional" => &[],
            _ => &[
                "work_civic_obligation",
                "work_compulsory_military",
                "work_judicial_sentence",
                "work_voluntary_community",
            ],
        }
    };
    for (offence, elements) in [
        ("a10", A10),
        ("a21", HIRED),
        ("a22", A22),
        ("a27", ADOPTED),
        ("a30", ORGAN),
    ] {
        let answer = on("2019-05-10", elements);
        assert!(has(&answer, "proven", offence), "{offence}");
        let open = answer["exclusions_to_check"][offence].as_array().unwrap().clone();
        let general = ["no_will", "defence", "necessity", "duty_or_right", "no_capacity"].into_iter();
        let general = general.chain(["invincible_error", "no_other_conduct", "fortuitous"]);
        let general: Vec<_> = general.map(|name| format!("exclusion_{name}")).collect();
        let all: Vec<&str> = own(elements)
            .iter()
            .copied()
            .chain(general.iter().map(String::as_str))
            .collect();
        assert_eq!(open.len(), all.len(), "{offence}: {open:?}");
        for exclusion in all {
            assert!(open.contains(&json!(exclusion)), "{offence}: {exclusion}");
            let denied = on("2019-05-10", &with(elements, &[&format!("!{exclusion}")]));
            assert!(has(&denied, "proven", offence));
            let left = denied["exclusions_to_check"][offence].as_array().unwrap();
            assert!(
                !left.contains(&json!(exclusion)),
                "{exclusion} is denied and needs no look"
            );
            let raised = on("2019-05-10", &with(elements, &[exclusion]));
            assert!(has(&raised, "contradicted", offence), "{offence} despite {exclusion}");
            assert!(raised["sentence"].get(offence).is_none() && raised["exclusions_to_check"].get(offence).is_none());
        }
        let part = on("2019-05-10", &elements[1..]);
        let missing = part["undetermined"][offence].as_array().unwrap();
        assert!(
            missing.iter().all(|fact| {
                let fact = fact.as_str().unwrap();
                !fact.starts_with("exclusion_") && !own(elements).contains(&fact)
            }),
            "{offence}: {missing:?}"
        );
    }
}

#[test]
fn minority_is_presumed_only_as_art_3_x_says() {
    let doubt = with(
        A13,
        &["victim_age_undetermined_or_doubted", "!medical_age_report_available"],
    );
    let presumed = on("2019-05-10", &doubt);
    assert!(has(&presumed, "proven", "a13") && has(&presumed, "flags", "presumed_minor"));
    let reported = with(
        A13,
        &["victim_age_undetermined_or_doubted", "medical_age_report_available"],
    );
    for other in [
        with(A13, &["victim_age_undetermined_or_doubted"]),
        reported,
        with(&doubt, &["!victim_minor"]),
    ] {
        let answer = on("2019-05-10", &other);
        assert!(
            !has(&answer, "proven", "a13") && !has(&answer, "flags", "presumed_minor"),
            "{other:?}"
        );
        let owed = answer["assistance"].as_array().unwrap();
        assert!(
            owed.iter().any(|measure| measure["id"] == "children_dif"),
            "protection treats doubt as minority"
        );
    }
}

#[test]
fn increases_add_compound_and_spare_what_they_do_not_touch() {
    let both = on(
        "2019-05-10",
        &with(A10, &["agg_two_or_more_countries", "agg_directs_or_finances_others"]),
    );
    let sentence = &both["sentence"]["a10"];
    assert_eq!(
        (&sentence["years"], &sentence["exact"]["years"]),
        (&json!([5, 32.5]), &json!(["5", "65/2"]))
    );
    assert_eq!(sentence["fine_days"], json!([1000, 43333.33]));
    assert_eq!(sentence["compounded"]["years"], json!([5, 37.5]));
    assert_eq!(both["flags"], json!(["fine_increase_43", "stacking_42_43"]));
    let violent = with(A13, &["means_deception", "agg_violence_deceit_or_cruelty"]);
    let spared = on("2019-05-10", &violent);
    assert_eq!(spared["aggravations"], json!(["ag42_II"]));
    assert_eq!(
        spared["sentence"]["a13"]["years"],
        json!([15, 30]),
        "42-II never touches art. 13"
    );
    let several = on("2019-05-10", &with(A10, &["agg_life_endangered", "multiple_victims"]));
    assert_eq!(several["sentence"]["a10"]["years"], json!([5, 22.5]));
    assert!(has(&several, "flags", "several_fractions_one_increase"));
}

#[test]
fn attempts_keep_their_floor_open() {
    let case = |more: &[&str]| json!({ "date": "2019-05-10", "stage": "attempt", "facts": facts(&with(A10, more)) });
    let attempt = ask(case(&[]));
    assert_eq!(attempt["sentence"]["a10"]["years"], json!([5, 10]));
    assert_eq!(attempt["sentence"]["a10"]["fine_days"], json!([1000, 13333.33]));
    assert!(has(&attempt, "flags", "attempt_floor"));
    assert_eq!(
        ask(case(&["voluntary_desistance"]))["sentence"],
        json!({}),
        "desisting leaves no range"
    );
}

#[test]
fn open_readings_and_rules_for_the_victim_are_flagged() {
    let begging = &[
        "begging_uses_person",
        "begging_benefit",
        "begging_against_will",
        "victim_pregnant",
    ];
    assert!(has(&on("2024-06-08", begging), "flags", "a24p3_means_reading"));
    assert!(has(&on("2024-06-07", begging), "flags", "a24p3_means_reading"));
    assert!(!has(
        &on("2024-06-08", &with(begging, &["means_deception"])),
        "flags",
        "a24p3_means_reading"
    ));
    assert!(!has(&on("2024-06-08", &begging[1..]), "flags", "a24p3_means_reading"));
    for given in ["victim_consented", "!victim_consented"] {
        let answer = on("2019-05-10", &with(A10, &[given]));
        assert!(has(&answer, "flags", "consent_irrelevant"));
        assert_eq!(answer["proven"], json!(["a10"]));
    }
    let controlled = &[
        "person_is_victim_of_this_law",
        "under_control_or_threat",
        "no_other_conduct_demandable",
    ];
    let foreign = &[
        "person_is_victim_of_this_law",
        "victim_foreign",
        "false_identity_documents",
    ];
    for rule in [controlled, foreign] {
        assert!(has(&on("2019-05-10", rule), "flags", "victim_not_prosecuted"));
        assert!(!has(&on("2019-05-10", &rule[1..]), "flags", "victim_not_prosecuted"));
    }
    let premises = &["lets_premises", "knows_premises_use"];
    assert!(has(
        &on("2019-05-10", premises),
        "flags",
        "no_automatic_preventive_detention"
    ));
    assert!(!has(
        &on("2019-05-10", &with(A10, premises)),
        "flags",
        "no_automatic_preventive_detention"
    ));
    let twice = with(A22, &["agg_violence_deceit_or_cruelty"]);
    assert!(has(&on("2019-05-10", &twice), "flags", "double_count"));
    let grave = &[
        "sexual_exploitation_done",
        "uses_marriage_or_concubinage",
        "agg_directs_or_finances_others",
    ];
    let over = on("2019-05-10", grave);
    assert_eq!(over["sentence"]["a29"]["years"], json!([20, 66.67]));
    assert!(has(&over, "flags", "over_60"));
}

#[test]
fn femicide_follows_date_and_forum() {
    let case = |date: &str, forum: &str, circumstance: &str| {
        let facts = facts(&["fem_kills_woman", circumstance]);
        ask(json!({ "date": date, "entity": "MX-MEX", "forum": forum, "facts": facts }))
    };
    let present = case("2023-04-26", "unknown", "fem_circumstance_VIII");
    assert!(has(&present, "proven", "cpf325") && has(&present, "flags", "local_code_not_loaded_if_local"));
    assert_eq!(present["sentence"]["cpf325"]["years"], json!([40, 60]));
    let eve = case("2023-04-25", "federal", "fem_circumstance_VIII");
    assert!(!has(&eve, "proven", "cpf325") && has(&eve, "flags", "fraction_VIII_not_in_force"));
    let earlier = case("2012-06-15", "federal", "fem_circumstance_VII");
    assert!(has(&earlier, "proven", "cpf325") && !has(&earlier, "flags", "secondary_source"));
    assert!(has(
        &case("2012-06-14", "federal", "fem_circumstance_VII"),
        "not_in_force",
        "cpf325"
    ));
    let local = case("2024-01-01", "local", "fem_circumstance_I");
    assert!(!has(&local, "proven", "cpf325") && has(&local, "flags", "state_law_not_loaded"));
}

#[test]
fn the_law_of_2007_stands_apart() {
    let base = &["lpstp5_act_promote", "lpstp5_form_slavery"];
    let case =
        |more: &[&str]| ask(json!({ "date": "2010-01-01", "forum": "federal", "facts": facts(&with(base, more)) }));
    let met = case(&["lpstp5_means_deception"]);
    assert_eq!((&met["proven"], &met["sentence"]), (&json!([]), &json!({})));
    assert_eq!(met["secondary"]["lpstp5"]["result"], "met");
    assert_eq!(met["secondary"]["lpstp5"]["years"], json!(["6", "12"]));
    assert_eq!(
        met["flags"],
        json!(["general_law_not_in_force_until_2012-06-15", "secondary_source"])
    );
    let means = [
        "!lpstp5_means_deception",
        "!lpstp5_means_physical_violence",
        "!lpstp5_means_moral_violence",
    ];
    let none = with(&means, &["!lpstp5_means_abuse_of_power"]);
    let minor = case(&with(&none, &["victim_minor"]));
    assert_eq!(
        minor["secondary"]["lpstp5"]["result"], "undetermined",
        "relief for minors is unknown and stays so"
    );
    let adult = case(&with(&none, &["!victim_minor", "!victim_cannot_understand"]));
    assert_eq!(adult["secondary"]["lpstp5"]["result"], "not_met");
    let grown = case(&["lpstp5_means_deception", "victim_minor", "agg_author_public_official"]);
    assert_eq!(grown["secondary"]["lpstp5"]["years"], json!(["9", "27"]));
    assert_eq!(grown["secondary"]["lpstp5"]["fine_days"], Value::Null);
}

#[test]
fn conduct_across_a_change_is_answered_in_parts() {
    let whole = on("2012-01-01/2013-05-01", A10);
    assert!(has(&whole, "flags", "continuing_offence_not_settled"));
    let parts = whole["parts"].as_array().unwrap();
    let dates: Vec<_> = parts.iter().map(|part| part["date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2012-01-01/2012-06-14", "2012-06-15/2013-05-01"]);
    assert_eq!(
        (&parts[0]["proven"], &parts[1]["proven"]),
        (&json!([]), &json!(["a10"]))
    );
    let quiet = on("2017-01-01/2023-12-31", A10);
    assert!(
        quiet.get("parts").is_none(),
        "a change of other parts does not divide: {quiet}"
    );
    let labour = on("2017-01-01/2019-01-01", A22);
    assert!(
        labour.get("parts").is_none(),
        "an exclusion that nobody raised divides nothing"
    );
    let same = on("2012-06-15/2012-06-15", A10);
    assert_eq!(same["proven"], json!(["a10"]));
}

#[test]
fn duties_of_entities_follow_place_and_date() {
    let owed = |date: &str, entity: &str| {
        let answer = ask(json!({ "date": date, "entity": entity, "facts": {} }));
        let owed = answer["assistance"].as_array().unwrap().clone();
        move |id: &str| owed.iter().any(|measure| measure["id"] == id)
    };
    assert!(owed("2019-01-01", "MX-CHP")("chp_2009") && !owed("2019-01-01", "MX-CHP")("chp_2020"));
    assert!(owed("2020-08-05", "MX-CHP")("chp_2020") && !owed("2020-08-05", "MX-CHP")("chp_2009"));
    assert!(owed("2021-02-16", "MX-DIF")("cmx_2021") && !owed("2021-02-15", "MX-CMX")("cmx_2021"));
    assert!(owed("2013-01-01", "MX-DIF")("df_pre2012"));
    assert!(!owed("2019-01-01", "MX-TLA")("chp_2009"));
    let appointment = ask(json!({ "date": "2019-01-01", "facts": {} }));
    let owed = appointment["assistance"].as_array().unwrap();
    let found = owed
        .iter()
        .find(|measure| measure["id"] == "lgv_medical_appointment")
        .unwrap();
    assert_eq!((&found["article"], &found["law"]), (&json!("34-II"), &json!("LGV")));
    assert_eq!(found["deadline"], "no mayor a ocho días; emergencia: inmediata");
}

fn across(date: &str, entity: &str, forum: &str, names: &[&str]) -> Value {
    ask(json!({ "date": date, "entity": entity, "forum": forum, "stage": "consummated", "facts": facts(names) }))
}

/// Parts that say the same become one, and it owes what any of them owes.
#[test]
fn a_change_that_divides_nothing_loses_no_assistance() {
    for (date, entity, ids) in [
        ("2017-01-01/2021-01-01", "MX-CHP", &["chp_2009", "chp_2020"]),
        ("2013-01-01/2022-01-01", "MX-CMX", &["df_pre2012", "cmx_2021"]),
    ] {
        let answer = across(date, entity, "local", &[]);
        let owed = answer["assistance"].as_array().unwrap();
        for id in ids {
            assert!(owed.iter().any(|measure| measure["id"] == *id), "{id} in {date}");
        }
    }
}

fn most_favourable(answer: &Value) -> String {
    let reasons = answer["reasons"].as_array().unwrap();
    let says = reasons.iter().map(|reason| reason["says"].as_str().unwrap_or_default());
    says.filter(|says| says.starts_with("most favourable")).collect()
}

/// CPF 56 is not decided by what is not at hand: the files with a wording taken away.
#[test]
fn a_wording_that_is_not_loaded_is_not_compared() {
    let mut texts = law_files::texts().to_vec();
    let (_, text) = texts
        .iter_mut()
        .find(|(path, _)| path.ends_with("2012/aggravations.toml"))
        .unwrap();
    let at = text.find("id = \"ag42_VII\"").unwrap();
    let (head, tail) = text.split_at(at);
    let from = tail.find("[[fraction.earlier]]").unwrap();
    let to = from + tail[from..].find("[[fraction]]").unwrap();
    let kept = format!("{head}{}{}", &tail[..from], &tail[to..]);
    *text = kept.replacen("before = \"absent\"", "before = \"not_loaded\"", 1);
    let without = law_files::load(&texts).unwrap();
    let slavery = &[
        "slavery_has_or_keeps",
        "slavery_dominion_no_disposal",
        "slavery_ownership_attributes",
    ];
    let ask = |library: &law::Library, names: &[&str]| {
        let case = json!({ "date": "2024-06-01/2024-06-30", "entity": "MX-TLA", "forum": "federal",
            "facts": facts(names) });
        let case = Case::from_json(&case.to_string()).unwrap();
        most_favourable(&json!(law::assess(library, &case)))
    };
    let minor = with(slavery, &["victim_minor"]);
    let says = ask(&without, &minor);
    assert!(says.contains("not compared") && says.contains("42-VII"), "{says}");
    assert!(ask(&without, slavery).contains("no two different ranges"));
    assert!(ask(library(), &minor).contains("no two different ranges"));
}

/// A qualified form that did not exist yet is compared with what it qualifies.
#[test]
fn a_new_qualified_form_is_compared_with_the_old_offence() {
    let library = library();
    let qualified = library.offence("a21pf").unwrap();
    let mut facts = BTreeMap::new();
    let mut all = std::collections::BTreeSet::new();
    qualified.elements.facts(&mut all);
    for fact in all {
        let id = &library.facts[fact].id;
        facts.insert(id.clone(), !id.starts_with("work_"));
    }
    let answer = ask(
        json!({ "date": "2024-06-01/2024-06-30", "entity": "MX-TLA", "forum": "federal",
        "stage": "consummated", "facts": facts }),
    );
    let says = most_favourable(&answer);
    assert!(
        says.contains("2024-06-01/2024-06-07, 3 to 10 years"),
        "{says}\n{}",
        answer["parts"]
    );
}

/// A local law that begins during the conduct divides it.
#[test]
fn a_local_law_that_begins_divides() {
    let answer = across("2008-01-01/2010-01-01", "MX-CHP", "local", &[]);
    let parts: Vec<_> = answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["date"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["2008-01-01/2009-04-02", "2009-04-03/2010-01-01"]);
    assert!(has(&answer, "flags", "continuing_offence_not_settled"));
    assert!(across("2008-01-01/2010-01-01", "MX-CHP", "federal", &[])["parts"].is_null());
    assert!(across("2008-01-01/2010-01-01", "MX-TLA", "local", &[])["parts"].is_null());
}

/// An entity that does not exist is told on any day, not passed over.
#[test]
fn an_entity_that_does_not_exist_is_told() {
    for date in ["2010-03-01", "2019-05-10"] {
        let told = |entity: &str| {
            let answer = across(date, entity, "local", &[]);
            let reasons = answer["reasons"].as_array().unwrap().clone();
            let says = format!("{entity} is not an entity of this country");
            reasons.iter().any(|reason| reason["says"] == says.as_str())
        };
        assert!(told("MX-XXX"), "{date}");
        assert!(!told("MX-DIF") && !told("MX-TLA"), "{date}");
    }
}

/// What is left out is left out, of the parts too; all that is kept is as it was.
#[test]
fn some_fields_are_those_of_the_whole_answer() {
    let case = |date: &str| json!({ "date": date, "entity": "MX-CHP", "forum": "unknown", "facts": facts(A10) });
    for date in ["2019-05-10", "2010-03-01", "2012-01-01/2013-05-01"] {
        let answer = answer(case(date));
        let whole = json!(answer);
        assert_eq!(json!(answer.some(&|_| true)), whole, "{date}");
        for left in Answer::FIELDS {
            let mut wanted = whole.clone();
            let drop = |value: &mut Value| drop(value.as_object_mut().unwrap().remove(*left));
            drop(&mut wanted);
            if let Some(parts) = wanted.get_mut("parts") {
                parts.as_array_mut().unwrap().iter_mut().for_each(drop);
            }
            assert_eq!(
                json!(answer.some(&|field| field != *left)),
                wanted,
                "{date} without {left}"
            );
        }
        let named: Vec<_> = whole.as_object().unwrap().keys().collect();
        assert!(
            named.iter().all(|name| Answer::FIELDS.contains(&name.as_str())),
            "{named:?}"
        );
    }
}

/// Chihuahua: its code in the local forum, to the eve of the General Law; femicide beside it from then on.
#[test]
fn the_code_of_a_state_is_computed_in_the_local_forum() {
    const TRAFFICKED: &[&str] = &["act_recruit", "means_deception", "purpose_sexual_exploitation"];
    let local = across("2010-03-01", "MX-CHH", "local", TRAFFICKED);
    assert_eq!(
        (&local["applicable_law"], &local["law_status"], &local["proven"]),
        (&json!("MX-CHH-2006"), &json!("loaded"), &json!(["chh198"]))
    );
    assert_eq!(local["sentence"]["chh198"]["years"], json!([6, 12]));
    assert!(!has(&local, "flags", "state_law_not_loaded") && !has(&local, "flags", "rules_not_loaded"));
    for (entity, forum) in [("MX-CHH", "federal"), ("MX-CHH", "unknown"), ("MX-TLA", "local")] {
        let other = across("2010-03-01", entity, forum, TRAFFICKED);
        assert_eq!(other["proven"], json!([]), "{entity}, {forum}");
    }
    let unknown = across("2010-03-01", "MX-CHH", "unknown", TRAFFICKED);
    assert!(has(&unknown, "flags", "local_law_loaded"));
    let later = across("2012-06-15", "MX-CHH", "local", A10);
    assert_eq!(
        (&later["applicable_law"], &later["proven"]),
        (&json!("LGPSEDMTP"), &json!(["a10"]))
    );
    assert!(has(&later, "not_in_force", "chh198"));
    let across_both = across("2012-06-01/2012-06-30", "MX-CHH", "local", TRAFFICKED);
    assert_eq!(across_both["parts"][0]["proven"], json!(["chh198"]));
    assert_eq!(across_both["parts"][1]["proven"], json!([]));
    let killed = across(
        "2021-01-01",
        "MX-CHH",
        "local",
        &["fem_kills_woman", "fem_circumstance_I"],
    );
    assert_eq!(killed["proven"], json!(["chh126bis"]));
    assert!(!has(&killed, "flags", "state_law_not_loaded"));
}

/// What stands in no text is not a number: 200-II states no fine, and neither does 126 Bis until 2020.
#[test]
fn a_fine_that_the_text_does_not_state_is_null() {
    let violent = [
        "act_recruit",
        "means_physical_violence",
        "purpose_slavery",
        "victim_minor",
    ];
    let killed = ["fem_kills_woman", "fem_circumstance_I"];
    for (date, facts, id, years, fine) in [
        ("2010-03-01", &violent[..], "chh200_II", json!([9, 27]), Value::Null),
        ("2018-03-01", &killed, "chh126bis", json!([30, 60]), Value::Null),
        ("2021-03-01", &killed, "chh126bis", json!([40, 60]), json!([500, 1000])),
    ] {
        let answer = across(date, "MX-CHH", "local", facts);
        let sentence = &answer["sentence"][id];
        assert_eq!((&sentence["years"], &sentence["fine_days"]), (&years, &fine), "{date}");
        assert_eq!(sentence["exact"]["fine_days"].is_null(), fine.is_null(), "{date}");
        let base = sentence["lines"][0].as_str().unwrap();
        assert_eq!(base.ends_with("no fine stated"), fine.is_null(), "{base}");
    }
}

/// A fact that two laws share is cited by the article of the law that is applied.
#[test]
fn a_shared_fact_is_cited_by_the_law_that_is_applied() {
    let cites = |answer: &Value, about: &str| {
        let reasons = answer["reasons"].as_array().unwrap();
        let of_it = reasons.iter().filter(|reason| reason["about"] == about);
        let because = of_it.filter_map(|reason| reason["because"].as_array()).flatten();
        let cites: Vec<_> = because.map(|one| one["cite"].as_str().unwrap().to_owned()).collect();
        assert!(!cites.is_empty(), "{about}: {answer}");
        cites
    };
    let facts = [
        "act_intentional",
        "act_recruit",
        "means_deception",
        "purpose_slavery",
        "victim_minor",
    ];
    let old = across("2010-03-01", "MX-CHH", "local", &facts);
    for about in ["chh198", "chh200_III_a"] {
        for cite in cites(&old, about) {
            assert!(cite.starts_with("CP Chihuahua "), "{about}: {cite}");
        }
    }
    let new = across("2019-03-01", "MX-CHH", "local", &facts);
    assert!(cites(&new, "a10").contains(&"art. 10 p1".to_owned()));
}

#[test]
fn an_attempt_is_cited_by_the_law_that_is_applied() {
    let attempt = |date: &str, entity: &str, kind: &str| {
        let mut case = json!({ "date": date, "entity": entity, "forum": "local", "stage": "attempt" });
        case["facts"] = json!(facts(&[
            "fem_kills_woman",
            "fem_circumstance_I",
            "act_recruit",
            "means_deception",
            "purpose_slavery",
            "attempt_executive_acts",
        ]));
        let answer = ask(case);
        let lines = answer["sentence"][kind]["lines"].as_array().unwrap();
        let reasons = answer["reasons"].as_array().unwrap();
        let reason = reasons.iter().find(|reason| reason["about"] == "attempt").unwrap();
        (lines.last().unwrap().clone(), reason["cite"].clone())
    };
    assert_eq!(
        attempt("2010-03-01", "MX-CHH", "chh198"),
        (
            json!("attempt (art. 19, 20, 75): from 1/3 of the minimum to 2/3 of the maximum"),
            json!("art. 19, 20, 75")
        )
    );
    assert_eq!(
        attempt("2023-04-13", "MX-CHH", "chh126bis"),
        (
            json!("attempt (art. 75 p2): from 1/2 of the minimum to 3/4 of the maximum"),
            json!("art. 39; CPF 12; 19, 20, 75")
        )
    );
}

/// A text of a state is as old as it says: what came after is not known.
#[test]
fn the_date_of_a_local_text_is_said() {
    for (date, forum, said) in [
        ("2025-02-01", "local", false),
        ("2025-02-02", "local", true),
        ("2025-02-02", "federal", false),
    ] {
        let answer = across(date, "MX-CHH", forum, &["fem_kills_woman"]);
        assert_eq!(has(&answer, "flags", "text_as_of"), said, "{date}, {forum}");
    }
}
