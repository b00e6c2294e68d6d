//! Identifiers of who hurt her, from a file of answers to what a reader opens and reports, with the program as it runs.

use crate::{docket, support};

use serde_json::{Value, json};
use support::{World, run_in};

const TOLD: [&str; 3] = ["(55) 1234-5678", "twa 12-34", "alguien, en correo"];

#[test]
fn what_she_wrote_of_who_hurt_her_reaches_the_reader_with_its_normal_form() {
    let world = World::start();
    let answers = json!({
        "identifiers": [
            { "kind": "phone", "text": TOLD[0] },
            { "kind": "plate", "of": "MX-PUE", "text": TOLD[1] },
            { "kind": "email", "text": TOLD[2] },
        ],
        "offender_description": "Le dicen El Güero.",
    });
    std::fs::write(world.path("answers.json"), answers.to_string()).expect("written");
    docket::whole(&world, &["--answers", "answers.json"]);
    let opened = |name: &str| std::fs::read_to_string(world.path("opened").join(name)).expect(name);
    let kept: Value = serde_json::from_str(&opened("account.answers.json")).expect("JSON");
    assert_eq!(
        kept["identifiers"], answers["identifiers"],
        "as she wrote it, and nothing beside it"
    );
    let said = opened("account.answers.txt");
    for line in [
        "- (55) 1234-5678 → +525512345678\n",
        "- twa 12-34 → MX-PUE:TWA1234\n",
        "- alguien, en correo → no normal form, kept as she wrote it: an e-mail address has a name, one @",
        "Le dicen El Güero.",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    world.run(&["report", "measures", "opened"]).ok();
    let report = opened("measures.html");
    for part in [
        "+525512345678",
        "MX-PUE:TWA1234",
        TOLD[0],
        TOLD[2],
        "no tiene: está incompleto",
    ] {
        assert!(report.contains(part), "{part}");
    }
    // Answers that were changed after they were opened are in no report.
    let other = opened("account.answers.json").replace("1234-5678", "1234-5679");
    std::fs::write(world.path("opened/account.answers.json"), other).expect("written");
    world
        .run(&["report", "measures", "opened", "--force", "--json"])
        .failed(2, "passage");
}

/// What has no normal form is said and sealed; what does not fit the form is named, and nothing is sealed.
#[test]
fn only_the_form_is_refused_and_never_a_half_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |records: Value| {
        std::fs::write(folder.path().join("account.txt"), "What happened.\n").expect("written");
        let answers = json!({ "identifiers": records }).to_string();
        std::fs::write(folder.path().join("answers.json"), answers).expect("written");
        let seal = [
            "seal",
            "--account",
            "account.txt",
            "--answers",
            "answers.json",
            "--phrase-out",
            "words",
        ];
        run_in(folder.path(), &seal).stderr
    };
    let one = json!({ "kind": "phone", "text": "55 12" });
    let nine = run(Value::from(vec![one.clone(); 9]));
    assert!(
        nine.contains("does not fit the form") && nine.contains("more than eight records"),
        "{nine}"
    );
    assert!(!nine.contains("55 12"), "{nine}");
    let eight = run(Value::from(vec![one; 8]));
    assert!(!eight.contains("does not fit the form"), "{eight}");
}
