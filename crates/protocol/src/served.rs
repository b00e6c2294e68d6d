//! How pages and files are served (§14): the headers of every answer, and what a page and a worker may load. The service
//! writes them, and whoever verifies a site reads them by the same lines.

/// What a page may load and do: its own style, scripts, images, and calls to this server.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
                               style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; \
                               form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page may load and do that is sealed by the server for a browser without scripts: as [`PAGE_POLICY`], and no script at all.
pub const UNSCRIPTED_POLICY: &str = "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                                     frame-ancestors 'none'";

/// What a worker may load and do, under the policy that its own script came with: scripts, modules and calls of this server.
pub const SCRIPT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
                                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every other answer may load: nothing.
pub const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Name of the header that a policy stands in.
pub const POLICY_HEADER: &str = "content-security-policy";

/// Name of the header that says how long an answer may be kept.
pub const KEPT_HEADER: &str = "cache-control";

/// What is said of everything but the files of the public record: nothing of it stays with a browser, or between it and the service.
pub const NOT_KEPT: &str = "no-store";

/// How long a file of the public record may be kept at most, in seconds.
pub const KEPT_MAX_S: u64 = 600;

/// Headers of every answer beside its policy and how long it may be kept: nothing is framed, sniffed or passed on.
pub const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Whether a path is of a file of the public record (JSON, CSV, Atom), which changes with the log and is the same for whoever asks.
/// Its pages are not: no page that she opens stays in her browser.
pub fn is_file_of_record(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or_default();
    let of_language = LANGUAGES
        .iter()
        .find_map(|language| path.strip_prefix(language)?.strip_prefix('/'));
    let kinds: &[&str] = if of_language.is_some() {
        &[".atom"]
    } else {
        &[".json", ".csv"]
    };
    let path = of_language.unwrap_or(path);
    path.starts_with("registro/") && kinds.iter().any(|kind| path.ends_with(kind))
}

/// What is said of a file of the public record that changes in so many seconds.
pub fn kept_for(seconds: u64) -> String {
    format!("public, max-age={}", seconds.min(KEPT_MAX_S))
}

/// Whether an answer may say so of how long it is kept.
pub fn may_be_kept(path: &str, said: &str) -> bool {
    let for_s = |said: &str| said.strip_prefix("public, max-age=")?.parse::<u64>().ok();
    said == NOT_KEPT || (is_file_of_record(path) && for_s(said).is_some_and(|seconds| said == kept_for(seconds)))
}

/// Name of the header that says what a page may ask the browser for.
pub const PERMISSIONS_HEADER: &str = "permissions-policy";

/// Pages that may ask for the microphone: those on which she can tell it with her voice.
const RECORDING: [&str; 2] = ["nuevo", "volver"];

/// What a page or file may ask the browser for: nothing, but where she can tell it with her voice the microphone.
pub fn permissions(path: &str) -> &'static str {
    let page = path.trim_start_matches('/').split_once('/').map(|(_, page)| page);
    match page {
        Some(page) if RECORDING.contains(&page) => "camera=(), geolocation=(), microphone=(self), interest-cohort=()",
        _ => "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    }
}

/// Headers that no page or file has: they set what a browser keeps, or sends back when it comes again, load from elsewhere, tell
/// others of a visit, or let others in.
pub const NEVER: [&str; 20] = [
    "set-cookie",
    "etag",
    "last-modified",
    "expires",
    "link",
    "refresh",
    "location",
    "content-security-policy-report-only",
    "report-to",
    "reporting-endpoints",
    "nel",
    "sourcemap",
    "x-sourcemap",
    "service-worker-allowed",
    "speculation-rules",
    "origin-trial",
    "accept-ch",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "timing-allow-origin",
];

/// Languages of the pages.
pub const LANGUAGES: [&str; 2] = ["es", "en"];

/// Pages that every site has under `/<language>/`, the same bytes for everybody.
pub const PAGES: [&str; 6] = ["", "nuevo", "volver", "mesa/", "quienes", "huellas"];

/// The media type of a file by its name; pages end in none.
pub fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("opus") => "audio/ogg",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

/// The policy that a file of this media type comes with.
pub fn policy(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default() {
        "text/html" => PAGE_POLICY,
        "text/javascript" => SCRIPT_POLICY,
        _ => BARE_POLICY,
    }
}

/// Whether a policy lets nothing happen that `wanted` does not: every directive that `wanted` names is there with sources of
/// `wanted` only, and every other one allows nothing.
pub fn is_as_strict(policy: &str, wanted: &str) -> bool {
    let wanted: Vec<(&str, Vec<&str>)> = directives(wanted).collect();
    let mut seen: Vec<String> = Vec::new();
    for (name, sources) in directives(policy) {
        let name = name.to_ascii_lowercase();
        // Of one name only the first counts.
        if seen.contains(&name) {
            return false;
        }
        let allowed = wanted
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, sources)| sources.as_slice());
        let is_within = sources
            .iter()
            .all(|source| *source == "'none'" || allowed.unwrap_or_default().contains(source));
        if !is_within || (sources.is_empty() && allowed.is_none()) {
            return false;
        }
        seen.push(name);
    }
    // What falls back to nothing needs no line of its own.
    let falls_back = |name: &str| name.ends_with("-src") && name != "default-src";
    wanted
        .iter()
        .all(|(name, _)| seen.iter().any(|seen| seen == name) || falls_back(name))
}

fn directives(policy: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    policy.split(';').filter_map(|directive| {
        let mut words = directive.split_ascii_whitespace();
        Some((words.next()?, words.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_as_strict_when_it_lets_nothing_more_happen() {
        for policy in [PAGE_POLICY, SCRIPT_POLICY, BARE_POLICY] {
            assert!(is_as_strict(policy, policy));
        }
        let stricter = [
            PAGE_POLICY.replace(" 'wasm-unsafe-eval'", ""),
            PAGE_POLICY.replace("img-src 'self' blob:; ", ""),
            PAGE_POLICY.replace("img-src 'self' blob:", "img-src 'none'"),
            format!("{PAGE_POLICY}; object-src 'none'"),
            PAGE_POLICY.replace("script-src", "Script-Src"),
        ];
        for policy in &stricter {
            assert!(is_as_strict(policy, PAGE_POLICY), "{policy}");
        }
        let weaker = [
            String::new(),
            PAGE_POLICY.replace("default-src 'none'; ", ""),
            PAGE_POLICY.replace("default-src 'none'", "default-src 'self'"),
            PAGE_POLICY.replace("connect-src 'self'", "connect-src 'self' https://elsewhere.example"),
            PAGE_POLICY.replace("'wasm-unsafe-eval'", "'unsafe-inline'"),
            PAGE_POLICY.replace("; frame-ancestors 'none'", ""),
            PAGE_POLICY.replace("; base-uri 'none'", ""),
            PAGE_POLICY.replace("form-action 'self'; ", ""),
            PAGE_POLICY.replace("form-action 'self'", "form-action *"),
            format!("{PAGE_POLICY}; frame-src *"),
            format!("{PAGE_POLICY}; report-uri https://elsewhere.example"),
            format!("{PAGE_POLICY}; sandbox"),
            format!("script-src *; {PAGE_POLICY}"),
        ];
        for policy in &weaker {
            assert!(!is_as_strict(policy, PAGE_POLICY), "{policy}");
        }
        assert!(
            !is_as_strict(PAGE_POLICY, SCRIPT_POLICY),
            "a worker may do less than a page"
        );
    }

    #[test]
    fn files_of_the_record_alone_are_kept_and_ten_minutes_at_most() {
        let record = [
            "/registro/actos.json",
            "/registro/acto/00/acto.csv",
            "/en/registro/actos.atom",
            "/es/registro/acto/00/acto.atom",
        ];
        let others = [
            "",
            "/",
            "/es/",
            "/es/volver",
            "/es/nuevo",
            "/es/registro/",
            "/en/registro/actos",
            "/es/registro/acto/00",
            "/registro/",
            "/registro/json",
            "/xx/registro/actos.atom",
            "/en/registro/actos.json",
            "/registro/actos.atom",
            "/a/registro/x.js",
            "/es/mesa/",
            "/es/volver/registro/actos.atom",
            "/api/v1/registro/actos.json",
            "//registro/actos.json",
            "registro/actos.json",
        ];
        for path in record {
            assert!(is_file_of_record(path), "{path}");
            for said in [
                "no-store",
                "public, max-age=0",
                "public, max-age=7",
                "public, max-age=600",
            ] {
                assert!(may_be_kept(path, said), "{path} {said}");
            }
            for said in [
                "",
                "public",
                "public, max-age=",
                "public, max-age=601",
                "public, max-age=07",
                "public, max-age=+7",
                "private, max-age=7",
                "public, max-age=7, immutable",
                "public, max-age=7, stale-while-revalidate=9",
                "max-age=7",
                "no-cache",
            ] {
                assert!(!may_be_kept(path, said), "{path} {said}");
            }
        }
        for path in others {
            assert!(!is_file_of_record(path), "{path}");
            assert!(
                may_be_kept(path, "no-store") && !may_be_kept(path, "public, max-age=7"),
                "{path}"
            );
        }
        assert_eq!(kept_for(3), "public, max-age=3");
        assert_eq!(kept_for(7_200), "public, max-age=600");
    }

    #[test]
    fn only_the_pages_on_which_she_tells_may_ask_for_a_microphone() {
        for path in ["/es/nuevo", "/en/volver"] {
            assert!(permissions(path).contains("microphone=(self)"), "{path}");
        }
        for path in [
            "",
            "/",
            "/es/",
            "/es/mesa/",
            "/nuevo",
            "/a/0/nuevo",
            "/es/nuevo/x",
            "/a/0/nuevo.js",
        ] {
            assert!(permissions(path).contains("microphone=()"), "{path}");
        }
    }

    #[test]
    fn files_have_the_policy_of_what_they_are() {
        for (path, policy_of) in [
            ("/es/", PAGE_POLICY),
            ("/es/ley/cpf", PAGE_POLICY),
            ("/a/0f/worker.js", SCRIPT_POLICY),
            ("/a/0f/style.css", BARE_POLICY),
            ("/a/0f/declare_bg.wasm", BARE_POLICY),
            ("/robots.txt", BARE_POLICY),
        ] {
            assert_eq!(policy(media_type(path)), policy_of, "{path}");
        }
    }
}
