//! Reports as they are handed over: what they say, what they mark as missing, and that both forms say the same.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use law::Library;
use reports::{Block, Claim, Kind, Paper, Record, Report, Span, Told};
use serde_json::json;

fn library() -> &'static Library {
    law_data::library().expect("law files")
}

fn told(facts: serde_json::Value) -> Told {
    let text = json!({ "date": "2019-05-10", "entity": "MX-TLA", "forum": "local", "facts": facts,
        "passages": { "act_recruit": "me ofreció trabajo <en> la capital" } });
    read(&text)
}

/// What she said: each passage that the tests mark.
const ACCOUNT: &str = "Un hombre me ofreció trabajo <en> la capital. Luego me dijo:\u{b}«ven»\nfui \u{ffff}";

fn read(claim: &serde_json::Value) -> Told {
    let claim = Claim::from_json(&claim.to_string()).unwrap();
    claim.against(None, ACCOUNT, &[]).unwrap()
}

fn trafficking() -> Told {
    told(
        json!({ "act_intentional": true, "act_recruit": true, "purpose_sexual_exploitation": true,
        "agg_two_or_more_countries": true, "agg_directs_or_finances_others": true }),
    )
}

fn record() -> Record {
    let digest = |n: u8| format!("{n:02x}").repeat(32);
    let value = json!({
        "v": 1, "origin": "demo.example/log", "code": "R-7K2M-9QF4", "request": digest(1),
        "purpose": "carpeta 12/2026", "basis": "CNPP 109", "read_to": [1_795_478_400u64, 900],
        "filed": [41, 1_795_400_000u64], "entry": digest(2), "testimony": digest(3), "council": digest(4),
        "header": digest(5),
        "members": [
            { "x": 1, "institution": "Defensoría", "jurisdiction": "MX-TLA", "is_reader": false },
            { "x": 6, "institution": "Fiscalía", "jurisdiction": "MX-TLA", "is_reader": true },
        ],
        "words": [[1, digest(6)]],
        "objects": [[1, "documento", digest(7), 18_043], [1, "evidencia (original)", digest(8), 67_195]],
        "files": [{ "name": "foto.jpg", "media_type": "image/jpeg", "size": 60_000, "sha256": digest(9),
            "date": null, "object": digest(8), "copy": null }],
        "acts": [
            { "k": 1, "index": 50, "time": 1_795_410_000u64, "statement": digest(10), "author": 1,
              "says": "comprobó lo que recibió y conserva su parte de la llave", "counts": true },
            { "k": 2, "index": 60, "time": 1_795_420_000u64, "statement": null, "author": null, "says": null,
              "counts": false },
        ],
        "remarks": [],
    });
    serde_json::from_value(value).unwrap()
}

fn all() -> Vec<Report> {
    let make = |kind| reports::make(kind, library(), &trafficking(), Some(&record()));
    Kind::ALL.into_iter().map(make).collect()
}

fn has(report: &Report, words: &str) -> bool {
    report.text().contains(words)
}

#[test]
fn an_assessment_says_the_range_each_increase_and_where_it_is_shown() {
    let report = reports::assessment(library(), &trafficking(), Some(&record()));
    for words in [
        "Una ayuda, no una determinación",
        "Art. 10.",
        "de 5 a 32.5 años de prisión y de 1000 a 43333.33 (130000/3) días multa",
        "Si los aumentos se aplican uno tras otro: de 5 a 37.5 años",
        "art. 42-III: hasta una mitad más",
        "art. 43: hasta dos terceras partes más",
        "«me ofreció trabajo <en> la capital»",
        "la ley no dice si los aumentos se suman",
        "Texto disponible\ttexto cargado",
        "sin plazo fijado en la ley",
        "LGPSEDMTP",
    ] {
        assert!(has(&report, words), "{words}\n{}", report.text());
    }
    let gaps = report.gaps();
    assert!(
        gaps.contains(&"pasaje o prueba que lo muestre"),
        "a fact without its passage is a gap: {gaps:?}"
    );
    let bare = reports::assessment(library(), &Told::default(), None);
    for gap in [
        "caso que se valora",
        "fecha de los hechos",
        "entidad federativa",
        "fuero: se desconoce",
    ] {
        assert!(bare.gaps().contains(&gap), "{gap}");
    }
}

#[test]
fn what_is_missing_is_named_and_what_is_not_loaded_is_said() {
    let begun = reports::assessment(library(), &told(json!({ "act_recruit": true })), None);
    assert!(has(&begun, "Quedaría acreditado con:") && !has(&begun, "Pena:"));
    let text = json!({ "date": "2010-03-01", "entity": "MX-TLA", "forum": "federal",
        "facts": { "lpstp5_act_promote": true, "victim_minor": true } });
    let old = reports::assessment(library(), &read(&text), None);
    assert!(
        has(&old, "fuentes secundarias") && has(&old, "de 9 a 18 años"),
        "{}",
        old.text()
    );
    let across = json!({ "date": "2012-01-01/2013-05-01", "forum": "federal", "facts": { "act_recruit": true } });
    let across = reports::assessment(library(), &read(&across), None);
    assert!(has(&across, "Hechos del 2012-01-01/2012-06-14") && has(&across, "Hechos del 2012-06-15/2013-05-01"));
}

#[test]
fn a_doubted_age_is_presumed_and_its_proof_is_a_gap() {
    let facts = json!({ "sexual_exploitation_benefit": true, "form_prostitution": true,
        "victim_age_undetermined_or_doubted": true, "medical_age_report_available": false });
    let report = reports::assessment(library(), &told(facts), None);
    assert!(has(&report, "presumido (art. 3-X)") && report.gaps().contains(&"dictamen médico de edad"));
}

#[test]
fn petitions_quote_the_extracts_and_fill_nothing() {
    let evidence = reports::evidence(library(), &trafficking(), Some(&record()));
    for words in [
        "Hasta antes de la celebración de la audiencia de juicio se podrá desahogar anticipadamente",
        "última reforma DOF 28-11-2025",
        "R-7K2M-9QF4",
        "La identidad no se abrió",
        "Art. 10:",
    ] {
        assert!(has(&evidence, words), "{words}");
    }
    assert!(evidence.gaps().len() >= 8, "{:?}", evidence.gaps());
    let measures = reports::measures(library(), &trafficking(), Some(&record()));
    assert!(has(&measures, "Traslado de la víctima u ofendido a refugios"));
    assert_eq!(
        measures
            .gaps()
            .iter()
            .filter(|gap| **gap == "motivo, si se pide")
            .count(),
        10
    );
    assert!(!has(&measures, "☒"), "nothing is chosen for her");
}

#[test]
fn custody_tells_digests_acts_and_what_nobody_shows() {
    let report = reports::custody(Some(&record()));
    for n in 1..=10 {
        let digest = format!("{n:02x}").repeat(32);
        assert!(has(&report, &digest), "{n}");
    }
    for words in [
        "2026-11-24 00:00:00 UTC",
        "1 Defensoría",
        "foto.jpg (image/jpeg)",
        "La cadena de custodia es el sistema",
    ] {
        assert!(has(&report, words), "{words}");
    }
    for gap in [
        "nadie exhibe lo que dice este acto",
        "fecha del original",
        "persona que actuó y su identificación",
    ] {
        assert!(report.gaps().contains(&gap), "{gap}");
    }
}

#[test]
fn the_digest_is_that_of_the_text_and_moves_with_it() {
    let (one, same) = (trafficking(), trafficking());
    let digest = |told: &Told| reports::assessment(library(), told, None).digest();
    assert_eq!(digest(&one), digest(&same));
    assert_ne!(digest(&one), digest(&told(json!({ "act_recruit": true }))));
}

#[test]
fn the_page_is_whole_marks_its_gaps_and_escapes_her_words() {
    for report in all() {
        for (paper, size) in [(Paper::Letter, "size: letter"), (Paper::A4, "size: A4")] {
            let page = reports::page(&report, paper);
            assert!(page.contains(size) && page.trim_end().ends_with("</html>"));
            assert!(page.contains(&report.digest().to_hex()));
            assert_eq!(page.matches("<mark>").count(), report.gaps().len());
            for (open, close) in [
                ("<ul>", "</ul>"),
                ("<table>", "</table>"),
                ("<td>", "</td>"),
                ("<p", "</p>"),
            ] {
                let opened = page.matches(open).count();
                assert!(opened > 0 || report.gaps().is_empty() || open == "<ul>");
                assert_eq!(opened, page.matches(close).count(), "{open} in {:?}", report.kind);
            }
            assert!(!page.contains("<script") && !page.contains("http"), "it loads nothing");
        }
    }
    let page = reports::page(&reports::assessment(library(), &trafficking(), None), Paper::Letter);
    assert!(page.contains("trabajo &lt;en&gt; la capital") && !page.contains("<en>"));
}

/// A record whose names and purposes try to be obeyed: controls, line ends, characters that turn the line.
fn nasty() -> (Record, Told) {
    let mut record = record();
    record.files[0].name = "factura\u{202e}gpj.exe\u{b}\u{0}".to_owned();
    record.files[0].media_type = "image/\u{1b}[2J".to_owned();
    record.members[0].institution = "Defensoría\u{202e}\nsegunda línea".to_owned();
    record.purpose = Some("uno\u{2028}dos\r\ntres\u{85}cuatro".to_owned());
    let text = json!({ "date": "2019-05-10", "entity": "MX-TLA", "forum": "local", "facts": { "act_recruit": true },
        "passages": { "act_recruit": "me dijo:\u{b}«ven»\nfui \u{ffff}" } });
    (record, read(&text))
}

#[test]
fn names_are_shown_as_they_are_written_and_words_keep_their_lines() {
    let (record, told) = nasty();
    for kind in Kind::ALL {
        let report = reports::make(kind, library(), &told, Some(&record));
        let hidden = |c: char| c.is_control() && !"\n\t".contains(c) || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!report.text().contains(hidden), "{kind:?}");
        assert!(!reports::page(&report, Paper::Letter).contains(hidden), "{kind:?}");
    }
    let custody = reports::custody(Some(&record));
    assert!(has(&custody, "factura⟨U+202E⟩gpj.exe\n⟨U+0000⟩ (image/⟨U+001B⟩[2J)"));
    let page = reports::page(&custody, Paper::Letter);
    assert!(page.contains("<bdi>factura⟨U+202E⟩gpj.exe<br>⟨U+0000⟩</bdi>"));
    assert!(page.contains("<bdi>uno<br>dos<br>tres<br>cuatro</bdi>"));
}

#[test]
fn a_docx_of_whatever_words_reads_back_line_by_line() {
    let (record, told) = nasty();
    for kind in Kind::ALL {
        let report = reports::make(kind, library(), &told, Some(&record));
        let read = docx_rs::read_docx(&reports::docx(&report, Paper::Letter).unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&read.json()).unwrap();
        let mut found = String::new();
        texts(&json, &mut found);
        found.retain(|c| !('\u{2066}'..='\u{2069}').contains(&c));
        for line in report.text().lines().filter(|line| line.contains("⟨U+")) {
            for piece in line.split('\t') {
                let piece = piece.trim_start_matches("- ").trim();
                let words = piece.split_once(" (").map_or(piece, |(words, _)| words);
                assert!(found.contains(words), "{kind:?}: {words}");
            }
        }
    }
    let custody = reports::docx(&reports::custody(Some(&record)), Paper::Letter).unwrap();
    let json: serde_json::Value = serde_json::from_str(&docx_rs::read_docx(&custody).unwrap().json()).unwrap();
    let breaks = json.to_string().matches("\"type\":\"break\"").count();
    assert!(breaks >= 5, "her lines are lines of the paper: {breaks}");
}

/// Every text of a .docx, in order.
fn texts(value: &serde_json::Value, into: &mut String) {
    match value {
        serde_json::Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "text")
                && let Some(text) = fields["data"]["text"].as_str()
            {
                into.push_str(text);
            }
            fields.values().for_each(|value| texts(value, into));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
        _ => {}
    }
}

#[test]
fn the_docx_reads_back_with_every_word_every_gap_and_the_digest() {
    for report in all() {
        let bytes = reports::docx(&report, Paper::Letter).unwrap();
        let read = docx_rs::read_docx(&bytes).unwrap();
        let json: serde_json::Value = serde_json::from_str(&read.json()).unwrap();
        let mut found = String::new();
        texts(&json, &mut found);
        for block in &report.blocks {
            let spans: Vec<&Span> = match block {
                Block::Text(spans) | Block::Item(spans) => spans.iter().collect(),
                Block::Table { rows, .. } => rows.iter().flatten().flatten().collect(),
                Block::Notice(words) | Block::Heading(words) | Block::Subheading(words) => {
                    assert!(found.contains(words.as_str()), "{words}");
                    Vec::new()
                }
                Block::Quote { paragraphs, source } => {
                    for line in paragraphs.iter().chain([source]) {
                        assert!(found.contains(line.as_str()), "{line}");
                    }
                    Vec::new()
                }
            };
            for span in spans {
                assert!(found.contains(&span.text()), "{:?}: {}", report.kind, span.text());
            }
        }
        let raw = json.to_string();
        assert_eq!(raw.matches("\"highlight\":\"yellow\"").count(), report.gaps().len());
        assert!(
            raw.contains(&report.digest().to_hex()),
            "the digest stands in the footer"
        );
    }
}
