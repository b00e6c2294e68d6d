//! Reports as they are handed over: what they say, what they mark as missing, and that both forms say the same.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use law::Library;
use protocol::Digest;
use protocol::statement::Compartment;
use reports::{Answers, Block, CaseRecord, Claim, NotHers, Paper, Report, ReportKind, Told};
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
    claim.against(None, ACCOUNT, &Answers::new()).unwrap()
}

/// A passage may stand in her answers: answers other than those that were opened are refused, whatever is quoted from them.
#[test]
fn answers_that_were_not_opened_give_no_passage() {
    let of = |place: &str| Answers::from([("place".to_owned(), json!([place]))]);
    let mut record = record();
    record.words = vec![(Compartment::Account, Digest::of(ACCOUNT.as_bytes()))];
    record.answers = vec![(Compartment::Account, Digest::of(br#"{"place":["Tlaxcala"]}"#))];
    let tell = |passage: &str, answers: &Answers| {
        let text = json!({ "facts": { "act_recruit": true }, "passages": { "act_recruit": passage } });
        let claim = Claim::from_json(&text.to_string()).unwrap();
        claim.against(Some(&record), ACCOUNT, answers)
    };
    assert!(tell("Tlaxcala", &of("Tlaxcala")).is_ok());
    assert!(tell("me ofreció trabajo", &Answers::new()).is_ok());
    for (passage, place) in [
        ("Puebla", "Puebla"),
        ("me ofreció trabajo", "Puebla"),
        ("Tlaxcala", "Tlaxcala y Puebla"),
    ] {
        assert_eq!(tell(passage, &of(place)), Err(NotHers::Answers), "{passage}");
    }
}

fn trafficking() -> Told {
    told(
        json!({ "act_intentional": true, "act_recruit": true, "purpose_sexual_exploitation": true,
        "agg_two_or_more_countries": true, "agg_directs_or_finances_others": true }),
    )
}

fn record() -> CaseRecord {
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
        "words": [[1, digest(6)]], "answers": [],
        "objects": [[1, "documento", digest(7), 18_043], [1, "evidencia (original)", digest(8), 67_195]],
        "files": [{ "name": "foto.jpg", "media_type": "image/jpeg", "size": 60_000, "sha256": digest(9),
            "date": null, "object": digest(8), "copy": null }],
        "acts": [
            { "k": 1, "index": 50, "time": 1_795_410_000u64, "statement": digest(10), "author": 1,
              "says": "comprobó lo que recibió y conserva su parte de la llave", "counts": true },
            { "k": 3, "index": 70, "time": 1_795_430_000u64, "statement": digest(10), "author": 6,
              "says": "asistencia por DIF: ofrecida", "measure": "identify", "counts": true },
            { "k": 4, "index": 71, "time": 1_795_430_000u64, "statement": digest(10), "author": 6,
              "says": "asistencia por DIF: aceptada", "measure": "x-transporte", "counts": true },
            { "k": 2, "index": 60, "time": 1_795_420_000u64, "statement": null, "author": null, "says": null,
              "counts": false },
        ],
        "remarks": [],
    });
    serde_json::from_value(value).unwrap()
}

fn all() -> Vec<Report> {
    let make = |kind| reports::make(kind, library(), &trafficking(), Some(&record()));
    ReportKind::ALL.into_iter().map(make).collect()
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
    assert!(has(&begun, "Sus elementos se reunirían con:") && !has(&begun, "Pena:"));
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

/// Means and what a victim is are shared by many offences: only an act or a purpose begins one.
#[test]
fn only_offences_of_which_an_act_or_a_purpose_is_told_are_named() {
    let shared = json!({ "means_deception": true, "victim_minor": true, "act_intentional": true });
    let none = reports::assessment(library(), &told(shared.clone()), None);
    assert!(has(&none, "no señala acto ni fin de ningún delito"), "{}", none.text());
    assert!(
        has(&none, "De otros delitos el relato no señala acto ni fin: arts. 1"),
        "{}",
        none.text()
    );
    assert!(!has(&none, "\nArt. "), "{}", none.text());
    let mut facts = shared;
    facts["begging_uses_person"] = json!(true);
    let begun = reports::assessment(library(), &told(facts), None);
    let named: Vec<_> = begun
        .text()
        .lines()
        .filter(|line| line.starts_with("Art. "))
        .map(str::to_owned)
        .collect();
    assert!(
        named.len() <= 2 && named.iter().all(|line| line.starts_with("Art. 24")),
        "{named:?}"
    );
}

#[test]
fn an_element_is_told_with_the_and_and_or_of_its_article_and_never_as_proven() {
    let report = reports::assessment(library(), &trafficking(), Some(&record()));
    let text = report.text();
    assert!(
        text.contains(
            "captar, enganchar, transportar, transferir, retener, entregar, recibir o alojar\tseñalado en el relato"
        ),
        "{text}"
    );
    assert!(
        text.contains("lo afirma quien valora"),
        "a fact without a passage is not told by her: {text}"
    );
    for kind in ReportKind::ALL {
        let report = reports::make(kind, library(), &trafficking(), Some(&record()));
        let own = report
            .blocks
            .iter()
            .filter(|block| !matches!(block, Block::Quote { .. }));
        for block in own {
            let words: String = block.spans().into_iter().map(reports::Span::text).collect();
            assert!(!words.to_lowercase().contains("acreditad"), "{kind:?}: {words}");
        }
    }
    for flag in &library().flags {
        assert!(!flag.es.contains("acredit"), "{}", flag.es);
    }
}

#[test]
fn an_assessment_states_the_common_rules_and_cites_the_texts_it_used_alone() {
    let of = |date: &str, facts: &serde_json::Value| {
        let text = json!({ "date": date, "entity": "MX-TLA", "forum": "local", "facts": facts });
        reports::assessment(library(), &read(&text), None)
    };
    let two = json!({ "act_intentional": true, "act_recruit": true, "purpose_slavery": true,
        "slavery_has_or_keeps": true, "slavery_dominion_no_disposal": true, "slavery_ownership_attributes": true });
    let report = of("2019-05-10", &two);
    for words in [
        "VIII.- Los que sin acuerdo previo, intervengan con otros en su comisión",
        "artículo 13 (última reforma DOF 28-11-2025)",
        "término medio aritmético de la pena",
        "IV.- Desde la cesación de la consumación en el delito permanente.",
        "supuestos en los cuales se aplicarán las reglas de concurso real",
        "artículo 64 (última reforma DOF 28-11-2025)",
        "se observarán las reglas para la prescripción de la acción penal",
        "Causas de exclusión que se examinan de oficio (CPF 15 y 17)",
    ] {
        assert!(has(&report, words), "{words}");
    }
    assert!(
        has(&of("2014-05-10", &two), "artículo 64 (última reforma DOF 07-06-2013)"),
        "the wording of that day"
    );
    let never = "que serán imprescriptibles";
    assert!(
        !has(&report, never) && has(&of("2024-05-10", &two), never),
        "CPF 107 Bis changed on 18-10-2023"
    );
    let one = json!({ "act_intentional": true, "act_recruit": true, "purpose_slavery": true, "victim_minor": false });
    let single = of("2019-05-10", &one);
    assert!(!has(&single, "concurso real") && !has(&single, "la mayoría de edad"));
    let text = report.text();
    let cited = text.split("Textos de los que sale esta valoración").nth(1).unwrap();
    let cited = cited.split("PETITORIOS").next().unwrap();
    assert!(
        cited.contains("Trata de Personas") && cited.contains("Código Penal Federal"),
        "{cited}"
    );
    assert_eq!(cited.matches("Fuente:").count(), 2, "{cited}");
}

/// Where the code of an entity is applied, its articles are cited, and no rule of the federal code is said to govern.
#[test]
fn an_assessment_by_the_code_of_an_entity_cites_it() {
    let text = json!({ "date": "2010-03-01", "entity": "MX-CHH", "forum": "local",
        "facts": { "act_recruit": true, "means_deception": true, "purpose_slavery": true } });
    for report in [
        reports::assessment(library(), &read(&text), None),
        reports::evidence(library(), &read(&text), None),
    ] {
        assert!(has(&report, "CP Chihuahua 198"), "{}", report.text());
        assert!(!has(&report, "art. 10 p"), "{}", report.text());
    }
    let report = reports::assessment(library(), &read(&text), None);
    assert!(
        !has(&report, "(CPF 13)") && has(&report, "Se rigen por el código de la entidad"),
        "{}",
        report.text()
    );
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
        "está sellada aparte, no se abrió y no consta en este escrito",
        "previsto en el artículo 10 de la Ley General",
        "VIII. Rendir o ampliar sus declaraciones sin ser identificados",
        "XV. Tener el beneficio de la prueba anticipada",
        "Comparecencia a través de Cámara de Gesell",
    ] {
        assert!(has(&evidence, words), "{words}");
    }
    assert!(evidence.gaps().len() >= 8, "{:?}", evidence.gaps());
    let measures = reports::measures(library(), &trafficking(), Some(&record()));
    for words in [
        "Traslado de la víctima u ofendido a refugios",
        "duración máxima de sesenta días naturales, prorrogables hasta por treinta días",
        "I. El embargo de bienes, y",
        "Las órdenes de protección tendrán una duración de hasta 60 días",
        "V. Solicitar medidas precautorias o cautelares",
        "ANEXO. Asistencia y protección que se deben a la víctima",
    ] {
        assert!(has(&measures, words), "{words}");
    }
    let reasons = measures.gaps().into_iter().filter(|gap| *gap == "motivo, si se pide");
    assert_eq!(reasons.count(), 10);
    assert!(!has(&measures, "☒"), "nothing is chosen for her");
    let risky = "hechos de riesgo, cada uno con el pasaje del relato que lo muestra";
    assert!(measures.gaps().contains(&risky), "recruiting alone is no risk");
    let told = read(
        &json!({ "facts": { "means_moral_violence": true, "agg_life_endangered": true },
        "passages": { "means_moral_violence": "me dijo:\u{b}«ven»" } }),
    );
    let risk = reports::measures(library(), &told, None);
    assert!(
        !risk.gaps().contains(&risky)
            && has(&risk, "Violencia moral (")
            && has(&risk, "En el relato: «me dijo:\n«ven»».")
    );
    assert!(
        risk.gaps().contains(&"pasaje o prueba que lo muestre"),
        "a danger without her words is a gap"
    );
}

/// The frame of a filing: every part of it, in its order.
#[test]
fn every_plea_has_the_form_of_a_filing() {
    for report in all() {
        let text = report.text();
        let mut rest = text.as_str();
        let facts = if report.kind == ReportKind::Custody {
            "1. Identidad"
        } else {
            "HECHOS"
        };
        for part in [
            "Borrador.",
            "Carpeta de investigación o causa penal: [FALTA",
            "Asunto: ",
            "C. ",
            "Presente.",
            "en mi carácter de [FALTA",
            "domicilio para oír y recibir notificaciones",
            "Con fundamento en",
            facts,
            "DERECHO",
            "PETITORIOS",
            if report.kind == ReportKind::Custody {
                "ÚNICO. "
            } else {
                "PRIMERO. "
            },
            "PROTESTO LO NECESARIO",
            "[FALTA: lugar], a [FALTA: fecha con letra].",
            "________",
        ] {
            let at = rest.find(part);
            assert!(at.is_some(), "{:?}: no {part} in\n{rest}", report.kind);
            rest = &rest[at.unwrap() + part.len()..];
        }
        let numbered = report.blocks.iter().filter_map(|block| match block {
            Block::Point { number, .. } => number.strip_suffix('.')?.parse::<usize>().ok(),
            _ => None,
        });
        let numbered: Vec<usize> = numbered.collect();
        assert_eq!(numbered, (1..=numbered.len()).collect::<Vec<_>>(), "{:?}", report.kind);
    }
}

#[test]
fn what_the_petitioner_gives_stands_in_the_frame_and_its_date_in_words() {
    let text = json!({ "facts": {}, "filing": { "authority": "Segundo de Distrito en Tapachula", "file": "12/2026",
        "petitioner": "Lic. A. B.", "capacity": "asesora jurídica", "address": "calle Uno 1", "authorised": "C. D.",
        "accused": "E. F.", "place": "Tapachula, Chiapas", "date": "2026-11-29" } });
    for kind in ReportKind::ALL {
        let report = reports::make(kind, library(), &read(&text), Some(&record()));
        for words in [
            "Segundo de Distrito en Tapachula",
            "causa penal: 12/2026",
            "Lic. A. B., en mi carácter de asesora jurídica, con domicilio para oír y recibir notificaciones en calle Uno 1",
            "Tapachula, Chiapas, a veintinueve de noviembre de dos mil veintiséis.",
        ] {
            assert!(has(&report, words), "{kind:?}: {words}");
        }
        assert!(!report.gaps().contains(&"lugar"));
    }
    for wrong in [r#"{"filing":{"court":"x"}}"#, r#"{"filing":{"date":"2026-02-30"}}"#] {
        assert!(Claim::from_json(wrong).is_err(), "{wrong}");
    }
}

/// What stands between « and » is hers, the law's, or what an act in the log says: nobody else's.
#[test]
fn what_is_quoted_is_hers_or_the_laws() {
    let official: String = [
        include_str!("../../../laws/mx/extracts/cnpp-extracts.txt"),
        include_str!("../../../laws/mx/extracts/lgamvlv-extracts.txt"),
        include_str!("../../../laws/mx/lgpsedmtp-2012/text.txt"),
        include_str!("../../../laws/mx/cpf/text.txt"),
        include_str!("../../../laws/mx/cpf/text-before-2023.txt"),
    ]
    .into_iter()
    .flat_map(str::split_whitespace)
    .collect();
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for report in all() {
        for block in &report.blocks {
            if let Block::Quote { paragraphs, .. } = block {
                for line in paragraphs {
                    let line = squeezed(line.trim_end_matches(['.', ';']));
                    assert!(official.contains(&line), "{:?}: {line}", report.kind);
                }
            }
            for span in block.spans() {
                let text = span.text();
                let inside = text.split('«').skip(1).filter_map(|rest| rest.split('»').next());
                for quoted in inside {
                    let own = squeezed(ACCOUNT).contains(&squeezed(quoted)) || official.contains(&squeezed(quoted));
                    let is_name = ["relato", "carpeta 12/2026", "CNPP 109"].contains(&quoted);
                    assert!(own || is_name, "{:?}: «{quoted}»", report.kind);
                }
            }
        }
    }
}

#[test]
fn custody_tells_digests_acts_and_what_nobody_shows() {
    let report = reports::custody(library(), &Told::default(), Some(&record()));
    for n in 1..=10 {
        let digest = format!("{n:02x}").repeat(32);
        assert!(has(&report, &digest), "{n}");
    }
    for words in [
        "23 de noviembre de 2026, 18:00:00 (UTC−06:00)",
        "1 Defensoría",
        "foto.jpg (image/jpeg)",
        "La cadena de custodia es el sistema",
    ] {
        assert!(has(&report, words), "{words}");
    }
    for gap in [
        "contenido de esos actos, que nadie exhibe",
        "fecha del original",
        "persona que actuó y su identificación",
    ] {
        assert!(report.gaps().contains(&gap), "{gap}");
    }
}

/// Assistance stands in the law's words, or in those of whoever named it, and under no id, in every report of the record.
#[test]
fn assistance_is_named_in_words_in_every_report() {
    let owed = library().measures.iter().find(|owed| owed.shown.id == "identify");
    let custody = reports::custody(library(), &Told::default(), Some(&record()));
    for words in [
        owed.unwrap().shown.measure.as_str(),
        "asistencia por DIF: ofrecida",
        "medida: transporte",
    ] {
        assert!(has(&custody, words), "{words}");
    }
    for report in all() {
        for id in ["identify", "x-transporte"] {
            assert!(!has(&report, id), "{:?}: {id}", report.kind);
        }
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
                assert!(opened > 0 || open != "<p");
                assert_eq!(opened, page.matches(close).count(), "{open} in {:?}", report.kind);
            }
            assert!(!page.contains("<script") && !page.contains("http"), "it loads nothing");
        }
    }
    let page = reports::page(&reports::assessment(library(), &trafficking(), None), Paper::Letter);
    assert!(page.contains("trabajo &lt;en&gt; la capital") && !page.contains("<en>"));
}

/// A record whose names and purposes try to be obeyed: controls, line ends, characters that turn the line.
fn nasty() -> (CaseRecord, Told) {
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
    for kind in ReportKind::ALL {
        let report = reports::make(kind, library(), &told, Some(&record));
        let hidden = |c: char| c.is_control() && !"\n\t".contains(c) || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!report.text().contains(hidden), "{kind:?}");
        assert!(!reports::page(&report, Paper::Letter).contains(hidden), "{kind:?}");
    }
    let custody = reports::custody(library(), &Told::default(), Some(&record));
    assert!(has(&custody, "factura⟨U+202E⟩gpj.exe\n⟨U+0000⟩ (image/⟨U+001B⟩[2J)"));
    let page = reports::page(&custody, Paper::Letter);
    assert!(page.contains("<bdi>factura⟨U+202E⟩gpj.exe<br>⟨U+0000⟩</bdi>"));
    assert!(page.contains("<bdi>uno<br>dos<br>tres<br>cuatro</bdi>"));
}

#[test]
fn a_docx_of_whatever_words_reads_back_line_by_line() {
    let (record, told) = nasty();
    for kind in ReportKind::ALL {
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
    let custody = reports::docx(
        &reports::custody(library(), &Told::default(), Some(&record)),
        Paper::Letter,
    )
    .unwrap();
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
            let words: Vec<&String> = match block {
                Block::Notice(words) | Block::Heading(words) | Block::Subheading(words) | Block::Annex(words) => {
                    vec![words]
                }
                Block::Quote { paragraphs, source } => paragraphs.iter().chain([source]).collect(),
                Block::Point { number, .. } => vec![number],
                _ => Vec::new(),
            };
            for words in words {
                assert!(found.contains(words.as_str()), "{words}");
            }
            for span in block.spans() {
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
