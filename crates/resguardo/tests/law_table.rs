//! The table of `law assess` for people: Spanish holds no English, and both hold what the interface says.

use std::process::Command;

/// Words that only English has, of those that the law files and the engine use.
const ENGLISH: &[&str] = &[
    "the",
    "and",
    "not",
    "of",
    "is",
    "are",
    "years",
    "days",
    "fine",
    "more",
    "limit",
    "unknown",
    "deadline",
    "stated",
    "text",
    "loaded",
    "facts",
    "with",
    "by",
    "whether",
    "increased",
    "source",
    "date",
    "law",
    "met",
    "given",
    "open",
    "if",
    "was",
    "were",
    "at",
    "up",
    "before",
    "after",
];

const CASES: &[&str] = &[
    r#"{"date":"2024-07-01","entity":"MX-TLA","forum":"local","facts":{"act_intentional":true,"act_recruit":true,"purpose_sexual_exploitation":true,"agg_two_or_more_countries":true,"agg_life_endangered":true,"agg_directs_or_finances_others":true,"victim_consented":true}}"#,
    r#"{"date":"2026-01-01","entity":"MX-PUE","stage":"attempt","facts":{"sexual_exploitation_benefit":true,"form_prostitution":true,"victim_age_undetermined_or_doubted":true,"medical_age_report_available":false,"attempt_executive_acts":true}}"#,
    r#"{"date":"2010-03-01","entity":"MX-DIF","facts":{"lpstp5_act_promote":true,"victim_minor":true,"agg_author_public_official":true}}"#,
    r#"{"date":"2012-01-01/2013-05-01","entity":"MX-CHP","forum":"federal","facts":{"act_recruit":true,"fem_kills_woman":true,"fem_circumstance_VIII":true}}"#,
    r#"{"facts":{}}"#,
    r#"{"date":"2010","entity":"MX-CHH","forum":"local","stage":"attempt","facts":{"act_recruit":true,"means_physical_violence":true,"purpose_slavery":true,"victim_minor":true,"victim_consented":true}}"#,
    r#"{"date":"2018","entity":"MX-CHH","forum":"local","facts":{"fem_kills_woman":true,"chh_fem_misogyny":true,"chh_fem_agg_two_authors":true}}"#,
    r#"{"date":"2001-01-01","forum":"local","entity":"MX-NLE","facts":{"fem_kills_woman":true}}"#,
    r#"{"date":"2024-06-08","entity":"MX-OAX","facts":{"begging_uses_person":true,"begging_benefit":true,"begging_against_will":true,"victim_pregnant":true,"fem_kills_woman":true,"fem_circumstance_I":true}}"#,
];

fn table(case: &str, language: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.jsonl");
    std::fs::write(&file, case).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "assess", "--lang", language])
        .arg(&file)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// Text without names in brackets and without codes of flags: they are the interface's, in any language.
fn prose(line: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for character in line.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            other if depth == 0 => text.push(other),
            _ => {}
        }
    }
    let words = text.split_whitespace().filter(|word| !word.contains('_'));
    words.collect::<Vec<_>>().join(" ")
}

fn english_in(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines() {
        for word in prose(line).to_lowercase().split(|c: char| !c.is_alphabetic()) {
            if ENGLISH.contains(&word) {
                found.push((word.to_owned(), line.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_spanish_table_holds_no_english() {
    for case in CASES {
        let text = table(case, "es");
        let found = english_in(&text);
        assert!(found.is_empty(), "{found:#?}");
        assert!(
            !english_in(&table(case, "en")).is_empty(),
            "the words above are seen where they are"
        );
    }
}

/// A penalty without a fine says so, in the answer and in the article.
#[test]
fn a_text_without_a_fine_is_said_to_have_none() {
    let explained = |tongue: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
            .args(["law", "explain", "chh200_II", "--lang", tongue])
            .output()
            .unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    for (tongue, says) in [("es", "el texto no señala multa"), ("en", "the text states no fine")] {
        for text in [table(CASES[5], tongue), table(CASES[6], tongue), explained(tongue)] {
            assert!(
                text.contains(says) && !text.contains("0 a 0") && !text.contains("0 to 0"),
                "{text}"
            );
        }
    }
    assert!(!explained("es").contains("Fraction II states"));
}

#[test]
fn both_languages_tell_the_same_lines() {
    let (es, en) = (table(CASES[0], "es"), table(CASES[0], "en"));
    assert_eq!(es.lines().count(), en.lines().count());
    for words in [
        "art. 43: hasta dos terceras partes más",
        "de 5 a 32.5 años de prisión",
        "fine_increase_43",
    ] {
        assert!(es.contains(words), "{words} in {es}");
    }
    assert!(en.contains("art. 43 (ag43): up to 2/3 more"), "{en}");
}

/// A fraction that is a fact and nothing else is explained by its citation; what is not loaded is said not to be.
#[test]
fn a_fraction_is_explained_by_its_citation() {
    let explain = |art: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
            .args(["law", "explain", art])
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    for (art, fact) in [("23-II", "work_civic_obligation"), ("23", "work_civic_obligation")] {
        let (code, text) = explain(art);
        assert_eq!(code, Some(0), "{art}");
        assert!(text.contains(fact), "{art}: {text}");
    }
    assert_eq!(explain("999").0, Some(3));
}

fn assess(lines: &[u8], more: &[&str]) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, lines).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "assess", "--json"])
        .args(more)
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let (answers, events): (Vec<_>, Vec<_>) = lines.partition(|line| line["event"].is_null());
    let told: Vec<_> = events.iter().map(ToString::to_string).collect();
    let told = told.join("\n") + &String::from_utf8(run.stderr).unwrap();
    (run.status.code(), answers, told)
}

/// Each line that is no case is refused by its number, the others are answered, and no file is blamed.
#[test]
fn a_line_that_is_no_case_is_refused_alone() {
    let good = br#"{"date":"2019","facts":{"act_recruit":true}}"#;
    for (bad, says) in [
        (&b"[]"[..], "a JSON object"),
        (b"{\"date\":\"2019\",\"date\":\"2020\"}", "duplicate field `date`"),
        (
            b"{\"facts\":{\"act_recruit\":true,\"act_recruit\":false}}",
            "stands twice",
        ),
        (b"{\"passages\":{\"a\":1,\"a\":2}}", "stands twice"),
        (b"{\"fact\":{}}", "unknown field `fact`"),
        (b"{\"entity\":\"\xff\xfe\"}", "no UTF-8"),
        (b"\xff", "no UTF-8"),
    ] {
        let lines = [b"\xef\xbb\xbf", good.as_slice(), b"\n", bad, b"\r\n\n", good.as_slice()].concat();
        let (code, answers, told) = assess(&lines, &[]);
        assert_eq!((code, answers.len()), (Some(2), 3), "{says}: {told}");
        let error = answers[1]["error"].as_str().unwrap();
        assert!(error.starts_with("line 2: ") && error.contains(says), "{says}: {error}");
        for answered in [&answers[0], &answers[2]] {
            assert_eq!(answered["date"], "2019-01-01/2019-12-31", "{says}");
        }
        assert!(
            told.contains("line 2") && !told.contains("read") && !told.contains("disk"),
            "{told}"
        );
    }
}

#[test]
fn fields_are_left_out_or_chosen() {
    let line = br#"{"date":"2019-05-10","facts":{"act_recruit":true}}"#;
    let names = |more: &[&str]| {
        let (code, answers, told) = assess(line, more);
        assert_eq!(code, Some(0), "{told}");
        let names = answers[0].as_object().unwrap().keys().cloned();
        names.collect::<Vec<_>>()
    };
    let all = names(&[]);
    let without: Vec<_> = all
        .iter()
        .filter(|name| !name.starts_with("assistance"))
        .cloned()
        .collect();
    assert_eq!(names(&["--without", "assistance,assistance_if"]), without);
    assert_eq!(names(&["--only", "proven", "--only", "flags"]), ["flags", "proven"]);
    assert_eq!(names(&["--only", "proven,flags", "--without", "flags"]), ["proven"]);
    let (code, _, told) = assess(line, &["--only", "provn"]);
    assert!(code == Some(2) && told.contains("provn"), "{told}");
}

/// A run in a language, with what is typed to it; it must succeed.
fn run(language: &str, words: &[&str], typed: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "--lang", language])
        .args(words)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).unwrap()
}

/// However it is written, a number without its law is an article of the General Law; one that it has not, of another.
#[test]
fn a_bare_number_is_an_article_of_the_general_law() {
    let library = law_data::library().unwrap();
    for named in [
        "5",
        "«5»",
        "art. 5",
        "Artículo 5o.",
        "article 5",
        "5 LGPSEDMTP",
        "artículo 5 de la Ley General",
    ] {
        let text = run("es", &["explain", named], "");
        assert!(text.contains("La Federación será competente"), "{named}: {text}");
        assert!(
            text.contains("/mx/fed/ley/2012-06-14/lgpsedmtp/art_5\n"),
            "{named}: {text}"
        );
        assert!(!text.contains("lpstp5"), "{named}: {text}");
    }
    for (named, wanted) in [
        ("art. 10", "a10 · art. 10"),
        ("42, fracción VII", "ag42_VII"),
        (
            "42-vii",
            "/mx/fed/ley/2012-06-14/lgpsedmtp/art_42/fr_VII/2024-06-08/spa",
        ),
        ("CPF 325", "cpf325"),
        ("325", "/mx/fed/codigo/1931-08-14/cpf/art_325/2012-06-15/spa"),
        ("LPSTP 5", "lpstp5"),
        ("a13", "a13 · art. 13"),
        ("act_recruit", "alguien captó a la víctima"),
    ] {
        let text = run("es", &["explain", named], "");
        assert!(text.contains(wanted), "{named}: {text}");
    }
    // Each wording has its days and an identifier of its own.
    let text = run("es", &["explain", "a24p3"], "");
    for day in [
        "2012-06-15/spa",
        "2024-06-08/spa",
        "Redacción desde 2012-06-15 hasta 2024-06-07",
    ] {
        assert!(text.contains(day), "{day}: {text}");
    }
    assert!(library.instrument("LGPSEDMTP").is_some());
}

/// All that is loaded, by each verb, in Spanish: no word that only English has, and none of the English texts of the data.
#[test]
fn no_verb_says_english_in_spanish() {
    let library = law_data::library().unwrap();
    let offences = library.offences.iter().map(|one| (&one.id, &one.art));
    let fractions = library.fractions.iter().map(|one| (&one.id, &one.art));
    let rules = library
        .rules
        .iter()
        .filter_map(|one| Some((&one.id, one.art.as_ref()?)));
    let mut named: Vec<&str> = offences
        .chain(fractions)
        .chain(rules)
        .flat_map(|(id, art)| [id.as_str(), art.as_str()])
        .collect();
    named.extend(library.facts.iter().map(|fact| fact.id.as_str()));
    named.extend(library.measures.iter().map(|owed| owed.shown.id.as_str()));
    // A list of articles is not an article.
    let one = |name: &&str| !name.contains([',', ';']);
    let named: Vec<&str> = ["explain"].into_iter().chain(named.into_iter().filter(one)).collect();
    let facts = library
        .facts
        .iter()
        .map(|fact| format!("\"{}\":true", fact.id))
        .collect::<Vec<_>>()
        .join(",");
    let all = |date: &str| format!("{{\"date\":\"{date}\",\"forum\":\"federal\",\"facts\":{{{facts}}}}}\n");
    let typed = [CASES.join("\n"), all("2025-01-01"), all("2010-01-01")].join("\n");
    let said = [
        run("es", &named, ""),
        run("es", &["sources"], ""),
        run("es", &["assess", "-"], &typed),
        run("es", &["assess", "--prose", "-"], &typed),
        run("es", &["ask", "-", "--most", "300"], &typed),
        run("es", &["ask"], "2019-05-10\nsí\nquizá\nno\n\nfin\n"),
        run(
            "es",
            &["search", "--most", "300", "me", "quitaron", "la", "credencial"],
            "",
        ),
    ];
    let english: Vec<&str> = library
        .speech
        .values()
        .map(|speech| speech.clause.en.as_str())
        .chain(library.names.values().map(|name| name.en.as_str()))
        .chain(library.flags.iter().map(|flag| flag.when.as_str()))
        .chain(library.offences.iter().filter_map(|one| one.note.as_deref()))
        .filter(|text| text.len() > 12)
        .collect();
    for text in &said {
        // The name of a file is not a word.
        let words = text.split_inclusive(char::is_whitespace);
        let text: String = words.filter(|word| !word.contains(".txt")).collect();
        let found = english_in(&text);
        assert!(found.is_empty(), "{found:#?}");
        let found: Vec<_> = english.iter().filter(|words| text.contains(**words)).collect();
        assert!(found.is_empty(), "{found:#?}");
    }
    // What is sought is seen where it is.
    let told = run("en", &["assess", "--prose", "-"], CASES[0]);
    assert!(english.iter().any(|words| told.contains(words)) && !english_in(&told).is_empty());
}

/// One question after another, each with its reason; a reply that is not understood is asked for again; then what is met and missing.
#[test]
fn questions_are_put_one_by_one() {
    let text = run("es", &["ask"], "2019-05-10\nquizá\nsí\n\nfin\n");
    assert!(text.starts_with("¿Cuándo ocurrió?"), "{text}");
    assert_eq!(text.matches("¿Es cierto que ").count(), 3, "{text}");
    assert_eq!(text.matches("Se pregunta porque ").count(), 4, "{text}");
    assert!(
        text.contains("Hechos del 10 de mayo de 2019") && text.contains("se señala que"),
        "{text}"
    );
    let english = run("en", &["ask", "--date", "2019-05-10", "--most", "2"], "y\nno\n");
    assert_eq!(english.matches("Is it true that ").count(), 2, "{english}");
    // Facts given at once: the question that completes says so, and the end says what is missing.
    let given = run(
        "es",
        &["ask", "act_intentional,purpose_slavery", "--date", "2019-05-10"],
        "",
    );
    assert!(
        given.contains("[act_recruit]\n  Se pregunta porque es lo único que falta"),
        "{given}"
    );
    assert!(given.contains("Bastaría que constara una de estas cosas: "), "{given}");
}

/// Prose prints no passage that nobody has looked for in a testimony.
#[test]
fn prose_puts_no_words_into_her_mouth() {
    let case = r#"{"date":"2019-05-10","facts":{"act_intentional":true,"act_recruit":true,"purpose_slavery":true},"passages":{"act_recruit":"me llevaron"}}"#;
    let text = run("es", &["assess", "--prose", "-"], case);
    assert!(text.contains("captó") && !text.contains("me llevaron"), "{text}");
    let value: serde_json::Value =
        serde_json::from_str(&run("es", &["assess", "--prose", "--json", "-"], case)).unwrap();
    let about: Vec<_> = value["prose"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["about"].as_str().unwrap())
        .collect();
    assert!(about.contains(&"a10") && about[0] == "law", "{about:?}");
}

#[test]
fn a_search_finds_by_daily_speech_and_says_when_it_finds_nothing() {
    let text = run("es", &["search", "me quitaron la credencial"], "");
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with("[means_legal_or_migration_threat]"),
        "{text}"
    );
    let none = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "search", "xyzzy"])
        .output()
        .unwrap();
    assert_eq!(none.status.code(), Some(3));
}
