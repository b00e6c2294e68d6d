//! The pages as a browser gets them: every page in every language, its headers, the exit, the assets, and what a page
//! must never carry.

use crate::support;

use std::io::Read as _;

use axum::body::Body;
use axum::http::Request;
use protocol::problem::Problem;
use service::{Help, HelpLine};

use support::{Answer, Filing, STEP_S, Ways, World};

/// Pages of everybody, after the language.
const PAGES: [&str; 14] = [
    "",
    "quienes",
    "huellas",
    "nuevo",
    "volver",
    "sin-scripts",
    "galeria",
    "registro/deberes",
    "registro/actos",
    "ley",
    "ley/lgpsedmtp",
    "ley/lpstp",
    "ley/cpf",
    "ley/asistencia",
];
const LANGUAGES: [(&str, &str); 2] = [("es", "Español"), ("en", "English")];

async fn ask(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path).header("accept", "text/html,*/*");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    world.call(request.body(Body::empty()).expect("a request")).await
}

/// Values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!("{attribute}=\"");
    let after: Vec<&str> = html.split(&opening).skip(1).collect();
    after.into_iter().filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_page_is_whole_in_every_language_and_carries_its_safety() {
    let world = World::new().await;
    world.next_step().await;
    for page in PAGES {
        for (tag, own_name) in LANGUAGES {
            let path = format!("/{tag}/{page}");
            let answer = ask(&world, &path, &[]).await;
            assert_eq!(answer.status, 200, "{path}");
            let html = answer.text();
            assert!(html.contains(&format!("<html lang=\"{tag}\">")), "{path}");
            assert!(html.contains(own_name), "{path}");
            // Her ways are documents whose steps, each with a heading, are shown one at a time.
            let headings = html.matches("<h1").count() - html.matches("<template").count();
            assert!(
                headings == 1 || ["nuevo", "volver"].contains(&page),
                "{path} has {headings} headings"
            );
            assert!(html.trim_end().ends_with("</html>"), "{path}");
            assert!(
                !html.contains("style="),
                "{path} carries a style that its policy refuses"
            );
            assert!(
                !html.contains("<script>"),
                "{path} carries a script that its policy refuses"
            );
            let may_record = answer
                .header("permissions-policy")
                .is_some_and(|policy| policy.contains("microphone=(self)") && policy.contains("camera=()"));
            assert_eq!(
                may_record,
                ["nuevo", "volver"].contains(&page),
                "{path}: the microphone"
            );
            let policy = answer.header("content-security-policy").expect("a policy");
            let scripts = match page {
                "sin-scripts" => "script-src 'none'; style-src 'self';",
                _ => "script-src 'self' 'wasm-unsafe-eval';",
            };
            assert!(
                policy.starts_with(&format!("default-src 'none'; {scripts}")),
                "{policy}"
            );
            assert!(
                !policy.contains("unsafe-inline") && !policy.contains("http"),
                "{policy}"
            );
            let expected = [
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-embedder-policy", "require-corp"),
                ("cross-origin-resource-policy", "same-origin"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
                ("content-type", "text/html; charset=utf-8"),
            ];
            for (name, value) in expected {
                assert_eq!(answer.header(name), Some(value), "{path}: {name}");
            }
            let kept = answer.header("cache-control").expect("how long it may be kept");
            assert_eq!(kept, "no-store", "{path}");
            assert_eq!(answer.header("set-cookie"), None, "{path}");
        }
    }
}

/// Until the next step, when each may be another. No page of the record is kept, nothing that is not there, and nothing else.
#[tokio::test]
async fn files_of_the_record_are_kept_until_the_next_step_and_nothing_else_is() {
    let world = World::new().await;
    world.next_step().await;
    let record = [
        "/registro/deberes.json",
        "/registro/actos.csv",
        "/en/registro/actos.atom",
    ];
    for later in [0, 1, STEP_S - 1, STEP_S] {
        world.pass(later);
        let left = STEP_S - world.now() % STEP_S;
        let wanted = format!("public, max-age={left}");
        for path in record {
            let answer = ask(&world, path, &[]).await;
            assert_eq!(
                (answer.status, answer.header("cache-control")),
                (200, Some(wanted.as_str())),
                "{path}"
            );
            assert_eq!(
                (answer.header("etag"), answer.header("last-modified")),
                (None, None),
                "{path}"
            );
        }
    }
    for (path, status) in [
        ("/es/", 200),
        ("/es/registro/", 200),
        ("/en/registro/actos", 200),
        ("/es/volver", 200),
        ("/es/registro/nowhere", 404),
        ("/es/registro/acto/00112233445566778899aabbccddeeff", 404),
        ("/registro/acto/00112233445566778899aabbccddeeff/acto.json", 404),
        ("/log/checkpoint", 200),
        ("/api/v1/public/index", 200),
    ] {
        let answer = ask(&world, path, &[]).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (status, Some("no-store")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_that_a_page_loads_or_links_is_missing_or_elsewhere() {
    let world = World::new().await;
    world.next_step().await;
    for (tag, _) in LANGUAGES {
        for page in PAGES {
            let path = format!("/{tag}/{page}");
            let html = ask(&world, &path, &[]).await;
            let html = html.text();
            for link in values(html, "href").into_iter().chain(values(html, "src")) {
                if link.starts_with('#') || link.ends_with("/salir") {
                    continue;
                }
                assert!(
                    link.starts_with('/') && !link.starts_with("//"),
                    "{path} leads to {link}"
                );
                assert_eq!(ask(&world, link, &[]).await.status, 200, "{path} leads to {link}");
            }
        }
    }
}

#[tokio::test]
async fn who_keeps_the_key_is_the_council_of_the_log_and_its_name_in_words() {
    let world = World::before_council(Ways::default()).await;
    let before = ask(&world, "/es/quienes", &[]).await;
    assert!(!before.text().contains("class=\"words\""));
    let landing = ask(&world, "/es/", &[]).await;
    assert!(
        !landing.text().contains("/es/nuevo"),
        "nobody begins where nothing is taken"
    );

    let world = World::new().await;
    world.next_step().await;
    let root = world.root();
    let bits = protocol::statement::Council::fingerprint(root.council);
    for (tag, language) in [
        ("es", protocol::phrase::Language::Spanish),
        ("en", protocol::phrase::Language::English),
    ] {
        let answer = ask(&world, &format!("/{tag}/quienes"), &[]).await;
        let html = answer.text();
        for seat in world.council().seats {
            assert!(html.contains(&seat.institution), "{}", seat.institution);
        }
        let words = protocol::phrase::fingerprint_words(&bits, language);
        assert_eq!(words.split_whitespace().count(), 8);
        for word in words.split_whitespace() {
            assert!(html.contains(&format!("<li>{word}</li>")), "{word}");
        }
    }
}

/// Nobody reads at once what is filed, so that whoever runs the service says whom to call, or why there is nobody.
#[tokio::test]
async fn nothing_is_filed_until_the_operator_says_whom_she_can_call() {
    let line = || {
        Help::Line(HelpLine {
            phone: "800 000 0000".to_owned(),
            hours: [("es".to_owned(), "día y noche".to_owned())].into(),
            checked: "28 de noviembre de 2026".to_owned(),
            source: "Comisión X".to_owned(),
        })
    };
    let none = || Help::None([("es".to_owned(), "No hay línea: es de prueba.".to_owned())].into());
    let shown = ["800 000 0000", "día y noche", "28 de noviembre de 2026", "Comisión X"];
    for (help, is_open, shown) in [
        ((|| Help::Unanswered) as fn() -> Help, false, &[][..]),
        (none, true, &["No hay línea: es de prueba."]),
        (line, true, &shown),
    ] {
        let world = World::with(Ways {
            help,
            ..Ways::default()
        })
        .await;
        world.next_step().await;
        let filing = Filing::worked(&world).await;
        let answer = filing.post(&world).await;
        if is_open {
            assert_eq!(answer.status, 200, "{}", answer.text());
        } else {
            assert_eq!(answer.problem(), Problem::Capacity);
            assert!(
                answer.text().contains("whom a person in danger can call"),
                "{}",
                answer.text()
            );
        }
        for page in ["/es/", "/es/nuevo"] {
            let html = ask(&world, page, &[]).await.text().to_owned();
            assert_eq!(html.contains("911"), is_open || page == "/es/", "{page}");
            for text in shown {
                assert!(html.contains(text), "{text} on {page}");
            }
        }
    }
}

#[tokio::test]
async fn the_law_is_read_as_it_is_loaded_and_what_is_not_is_said() {
    let world = World::new().await;
    let index = ask(&world, "/es/ley", &[]).await;
    for words in [
        "Una ayuda, no una determinación",
        "Texto del 2025-11-14",
        "Ley para Prevenir y Combatir la Trata de Personas en el Estado de Chiapas",
        "de Chihuahua está cargada una ley local; de las demás, ninguna",
        "href=\"/es/ley/mx-chh-2006\" lang=\"es\">Código Penal del Estado de Chihuahua",
        "Tlaxcala",
    ] {
        assert!(index.text().contains(words), "{words}");
    }
    let text = ask(&world, "/es/ley/lgpsedmtp", &[]).await;
    let library = law_data::library().expect("law files");
    for offence in library
        .offences
        .iter()
        .filter(|offence| offence.instrument == "LGPSEDMTP")
    {
        assert!(
            text.text().contains(&format!("id=\"{}\"", offence.id)),
            "{}",
            offence.id
        );
        assert!(
            text.text().contains(&format!("Art. {} · ", offence.art)),
            "{}",
            offence.art
        );
    }
    for words in [
        "De 5 a 15 años de prisión y de 1000 a 20000 días multa.",
        "Redacción del 2012-06-15 al 2024-06-07 (DOF 14-06-2012)",
        "Lo excluye, sin que haga falta negarlo",
        "aumento de hasta 2/3",
        "todo lo siguiente",
    ] {
        assert!(text.text().contains(words), "{words}");
    }
    let old = ask(&world, "/en/ley/lpstp", &[]).await;
    assert!(old.text().contains("never as proven") && old.text().contains("A question that the texts leave open"));
    let owed = ask(&world, "/es/ley/asistencia", &[]).await;
    assert_eq!(owed.text().matches("Plazo: ").count(), library.measures.len());
    assert!(!owed.text().contains("unknown") && !owed.text().contains("no stated deadline"));
    for path in ["/es/ley/mx-chp-2009", "/es/ley/nada", "/xx/ley", "/es/ley/lgpsedmtp/x"] {
        assert_eq!(ask(&world, path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_exit_leads_away_and_has_the_browser_forget() {
    let world = World::new().await;
    for (tag, _) in LANGUAGES {
        let answer = ask(&world, &format!("/{tag}/salir"), &[]).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
        let place = answer.header("location").expect("a place");
        assert!(place.starts_with(&format!("https://{tag}.")), "{place}");
    }
}

#[tokio::test]
async fn the_language_is_the_browsers_until_she_chooses() {
    let world = World::new().await;
    for (accepted, lang) in [("en-GB,es;q=0.5", "en"), ("es-MX", "es"), ("fr", "es")] {
        let answer = ask(&world, "/", &[("accept-language", accepted)]).await;
        assert!(answer.text().contains(&format!("<html lang=\"{lang}\">")), "{accepted}");
    }
    let answer = ask(&world, "/en", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/en/")));
}

#[tokio::test]
async fn what_does_not_exist_is_a_page_for_people_and_a_problem_for_machines() {
    let world = World::new().await;
    for path in ["/es/zarzal", "/fr/", "/zarzal", "/en/zarzal/mas"] {
        let answer = ask(&world, path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("<h1>"), "{path}");
        assert!(!answer.text().contains("zarzal"), "{path} is not repeated");
    }
    let machine = world.get("/api/v1/nothing").await;
    assert_eq!(machine.problem(), protocol::problem::Problem::NotFound);
}

#[tokio::test]
async fn assets_are_found_under_the_digest_of_all_of_them_and_nowhere_else() {
    let world = World::new().await;
    let landing = ask(&world, "/es/", &[]).await;
    let style = values(landing.text(), "href")
        .into_iter()
        .find(|link| link.ends_with("/style.css"))
        .expect("a style sheet")
        .to_owned();
    let answer = ask(&world, &style, &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("cross-origin-embedder-policy"), Some("require-corp"));
    assert!(
        !answer.text().contains("http"),
        "a style sheet loads nothing from elsewhere"
    );
    let folder = style.trim_end_matches("style.css");
    let other = folder.replace(|c: char| c.is_ascii_hexdigit() && c != 'a', "0");
    for path in [
        format!("{other}style.css"),
        format!("{folder}nothing.js"),
        format!("{folder}..%2fCargo.toml"),
        format!("{folder}declare_bg.wasm.br"),
    ] {
        assert_eq!(ask(&world, &path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_packed_page_is_the_page() {
    let world = World::new().await;
    let plain = ask(&world, "/es/", &[]).await;
    let packed = ask(&world, "/es/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.header("content-encoding"), Some("br"));
    assert_eq!(unpacked(&packed), plain.text());
}

fn unpacked(answer: &Answer) -> String {
    let mut text = String::new();
    brotli::Decompressor::new(answer.body.as_slice(), 4_096)
        .read_to_string(&mut text)
        .expect("brotli");
    text
}

/// Bytes on the wire of a page with all that it loads by itself: style, icon, scripts and what those import, without
/// the module, which comes when the page can be used already, and recordings.
async fn weight(world: &World, path: &str) -> usize {
    let brotli = [("accept-encoding", "br")];
    let page = ask(world, path, &brotli).await;
    let html = unpacked(&page);
    let mut bytes = page.body.len();
    let mut waiting: Vec<String> = values(&html, "href")
        .into_iter()
        .chain(values(&html, "src"))
        .map(ToOwned::to_owned)
        .collect();
    // Recordings are fetched when she asks to listen: `preload="none"`.
    waiting.retain(|link| link.starts_with("/a/") && !link.ends_with(".opus"));
    let mut seen = std::collections::BTreeSet::new();
    while let Some(link) = waiting.pop() {
        if !seen.insert(link.clone()) {
            continue;
        }
        let answer = ask(world, &link, &brotli).await;
        assert_eq!(answer.status, 200, "{link}");
        bytes += answer.body.len();
        if link.ends_with(".js") {
            let folder = &link[..=link.rfind('/').expect("a folder")];
            let script = if answer.header("content-encoding").is_some() {
                unpacked(&answer)
            } else {
                answer.text().to_owned()
            };
            let imports = script
                .split("from \"./")
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            waiting.extend(imports.map(|name| format!("{folder}{name}")));
        }
    }
    bytes
}

#[tokio::test]
async fn pages_are_light_enough_for_a_slow_network() {
    let world = World::new().await;
    world.next_step().await;
    for (page, budget) in [
        ("", 30_000),
        ("quienes", 30_000),
        ("huellas", 30_000),
        ("nuevo", 60_000),
        ("volver", 60_000),
        ("ley", 30_000),
        ("ley/lgpsedmtp", 60_000),
        ("ley/asistencia", 30_000),
    ] {
        for (tag, _) in LANGUAGES {
            let bytes = weight(&world, &format!("/{tag}/{page}")).await;
            assert!(
                bytes <= budget,
                "/{tag}/{page} with all it loads is {bytes} bytes of {budget}"
            );
        }
    }
}

#[tokio::test]
async fn search_engines_are_shown_the_landing_and_the_record_only() {
    let world = World::new().await;
    let robots = world.get("/robots.txt").await;
    let rules: Vec<&str> = robots.text().lines().collect();
    assert_eq!(rules.last(), Some(&"Disallow: /"));
    assert!(
        rules
            .iter()
            .all(|rule| ["nuevo", "volver", "mesa"].iter().all(|page| !rule.contains(page)))
    );
    let landing = ask(&world, "/es/", &[]).await;
    assert!(landing.text().contains("content=\"index, nofollow\""));
    let keepers = ask(&world, "/es/quienes", &[]).await;
    assert!(keepers.text().contains("content=\"noindex\""));
}

/// As a template writes it.
fn escaped(text: &str) -> String {
    let marks = [
        ("&", "&#38;"),
        ("<", "&#60;"),
        (">", "&#62;"),
        ("\"", "&#34;"),
        ("'", "&#39;"),
    ];
    marks
        .iter()
        .fold(text.to_owned(), |text, (mark, code)| text.replace(mark, code))
}

/// What a recording says stands where it can be heard, in that order; but for what is said without the numbers of the page.
#[tokio::test]
async fn what_she_can_listen_to_is_what_she_can_read() {
    use pages::{Language, Screen, Strings};
    let world = World::new().await;
    world.next_step().await;
    for language in Language::ALL {
        let mut heard = std::collections::BTreeSet::new();
        let mut has_modules = false;
        for page in ["", "huellas", "quienes", "nuevo", "volver"] {
            let answer = ask(&world, &format!("/{}/{page}", language.tag()), &[]).await;
            let html = answer.text();
            has_modules |= html.contains("id=\"way\"");
            for screen in Screen::ALL {
                let Some(player) = html.find(&format!("/{}\"", screen.file(language))) else {
                    continue;
                };
                heard.insert(screen.name());
                let mut at = html[..player].rfind("<section").unwrap_or_default();
                for id in screen.messages().iter().filter(|id| !id.starts_with("listen-")) {
                    let text = escaped(&Strings::of(language).get(id));
                    let found = html[at..].find(&text);
                    at += found.unwrap_or_else(|| panic!("{language:?} {screen:?}: {id} is not next on the page"));
                }
            }
        }
        for screen in Screen::ALL {
            let is_there = heard.contains(screen.name());
            assert!(is_there || !has_modules, "{screen:?} stands on no page");
        }
        assert!(heard.contains("landing") && heard.contains("traces") && heard.contains("keepers"));
    }
}

#[tokio::test]
async fn a_recording_is_served_as_sound_whole_or_in_parts_and_never_packed() {
    let world = World::new().await;
    world.next_step().await;
    let landing = ask(&world, "/es/", &[]).await;
    assert!(landing.text().contains("preload=\"none\"") && !landing.text().contains("autoplay"));
    let sounds = values(landing.text(), "src")
        .into_iter()
        .filter(|link| link.ends_with(".opus"));
    let sounds: Vec<&str> = sounds.collect();
    assert_eq!(sounds.len(), 2, "{sounds:?}");
    for sound in sounds {
        let whole = ask(&world, sound, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!((whole.status, whole.body.len()), (200, pages::listen::SIZE), "{sound}");
        let told =
            ["content-type", "content-encoding", "cache-control", "accept-ranges"].map(|name| whole.header(name));
        assert_eq!(
            told,
            [Some("audio/ogg"), None, Some("no-store"), Some("bytes")],
            "{sound}"
        );
        for (wanted, first, last) in [
            ("bytes=0-1", 0, 1),
            ("bytes=44990-", 44_990, 44_999),
            ("bytes=-5", 44_995, 44_999),
        ] {
            let part = ask(&world, sound, &[("range", wanted)]).await;
            assert_eq!(part.status, 206, "{wanted}");
            assert_eq!(part.body, whole.body[first..=last], "{wanted}");
            let place = format!("bytes {first}-{last}/45000");
            assert_eq!(part.header("content-range"), Some(place.as_str()), "{wanted}");
            assert_eq!(part.header("content-type"), Some("audio/ogg"), "{wanted}");
        }
        let beyond = ask(&world, sound, &[("range", "bytes=45000-")]).await;
        assert_eq!(
            (beyond.status, beyond.body),
            (200, whole.body),
            "what is not there is answered with the whole"
        );
    }
}
