use super::*;

const PAGE: &str = "text/html; charset=utf-8";

fn answer(path: &str, media_type: &str, body: &str) -> ServedFile {
    let policy = (POLICY_HEADER, served::policy(media_type));
    let permissions = (served::PERMISSIONS_HEADER, served::permissions(path));
    let kept = (served::KEPT_HEADER, served::NOT_KEPT);
    let own = [policy, permissions, kept, ("content-type", media_type)];
    let all = served::ALWAYS.into_iter().chain(own);
    ServedFile {
        status: 200,
        headers: all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.into(),
    }
}

/// A site whose landing loads a script that loads a module, and leads to a page that changes with the log.
fn site() -> BTreeMap<String, ServedFile> {
    let mut site = BTreeMap::new();
    for language in LANGUAGES {
        for page in PAGES {
            let html = format!(
                "<html><script src=\"/a/00/one.js\"></script><a href=\"/{language}/registro/#x\">{language}{page}</a>"
            );
            let path = format!("/{language}/{page}");
            site.insert(path.clone(), answer(&path, PAGE, &html));
        }
        site.insert(
            format!("/{language}/registro/"),
            answer("", PAGE, "<img src=\"/a/00/icon.png\">"),
        );
    }
    site.insert(
        "/a/00/one.js".to_owned(),
        answer("", "text/javascript; charset=utf-8", "import \"./two.wasm\""),
    );
    site.insert("/a/00/two.wasm".to_owned(), answer("", "application/wasm", "\0asm"));
    site.insert("/a/00/icon.png".to_owned(), answer("", "image/png", "png"));
    site
}

fn list_of(site: &BTreeMap<String, ServedFile>) -> SiteList {
    let fixed = site.iter().filter(|(path, _)| !path.contains("registro"));
    let file = |(path, served): (&String, &ServedFile)| SiteFile {
        path: path.clone(),
        digest: Digest::of(&served.body),
        size: served.body.len() as u64,
    };
    SiteList::new(fixed.map(file).collect()).expect("a list")
}

fn faults(list: &SiteList, site: &BTreeMap<String, ServedFile>) -> Vec<SiteFault> {
    let visited = visit(list, |call| {
        let path = match call.path {
            "/" => landing(call.language),
            path => path.to_owned(),
        };
        let missing = ServedFile {
            status: 404,
            ..ServedFile::default()
        };
        Ok::<_, ()>(site.get(&path).cloned().unwrap_or(missing))
    });
    visited.expect("it is fetched").faults
}

#[test]
fn a_site_that_serves_what_it_states_has_no_fault() {
    let site = site();
    assert_eq!(faults(&list_of(&site), &site), []);
}

#[test]
fn each_change_is_told_by_its_path_and_kind() {
    let (good, list) = (site(), list_of(&site()));
    type Change = fn(&mut BTreeMap<String, ServedFile>);
    let nuevo = "/es/nuevo";
    let header = |path: &str, header: &str, served: Option<&str>| SiteFault::Header {
        path: path.to_owned(),
        header: header.to_owned(),
        served: served.map(str::to_owned),
    };
    fn set(site: &mut BTreeMap<String, ServedFile>, path: &str, name: &str, value: Option<&str>) {
        let headers = &mut site.get_mut(path).expect("a page").headers;
        headers.retain(|(of, _)| of != name);
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let weaker = "default-src 'none'; script-src 'self' https://elsewhere.example";
    let live = "/en/registro/";
    let cases: [(Change, Vec<SiteFault>); 13] = [
        (
            |site| set(site, "/en/registro/", served::KEPT_HEADER, Some("public, max-age=1")),
            vec![header(live, served::KEPT_HEADER, Some("public, max-age=1"))],
        ),
        (
            |site| set(site, "/es/nuevo", served::KEPT_HEADER, Some("public, max-age=1")),
            vec![header(nuevo, served::KEPT_HEADER, Some("public, max-age=1"))],
        ),
        (
            |site| set(site, "/en/registro/", served::KEPT_HEADER, None),
            vec![header(live, served::KEPT_HEADER, None)],
        ),
        (
            |site| {
                let headers = &mut site.get_mut("/en/registro/").expect("a page").headers;
                headers.push((served::KEPT_HEADER.to_owned(), "public, max-age=9".to_owned()));
            },
            vec![header(live, served::KEPT_HEADER, Some("no-store, public, max-age=9"))],
        ),
        // By what a browser sends back with a page that it kept, a visitor is known again.
        (
            |site| set(site, "/en/registro/", "etag", Some("\"visitor-17\"")),
            vec![header(live, "etag", Some("\"visitor-17\""))],
        ),
        (
            |site| site.get_mut("/es/nuevo").expect("a page").body.push(b' '),
            vec![SiteFault::Changed {
                path: nuevo.to_owned(),
                stated: list.file(nuevo).expect("stated").digest,
                served: Digest::of(&[good[nuevo].body.as_slice(), b" "].concat()),
                at: None,
                before: None,
            }],
        ),
        (
            |site| _ = site.remove("/a/00/two.wasm"),
            vec![SiteFault::Missing {
                path: "/a/00/two.wasm".to_owned(),
                status: 404,
            }],
        ),
        (
            |site| {
                let live = site.get_mut("/en/registro/").expect("a page");
                live.body.extend(b"<script src=\"/a/00/more.js\">");
                site.insert(
                    "/a/00/more.js".to_owned(),
                    answer("", "text/javascript; charset=utf-8", ""),
                );
            },
            vec![SiteFault::Extra {
                path: "/a/00/more.js".to_owned(),
                by: "/en/registro/".to_owned(),
            }],
        ),
        (
            |site| {
                let live = site.get_mut("/en/registro/").expect("a page");
                live.body.extend(b"<script src=\"https://elsewhere.example/x.js\">");
            },
            vec![SiteFault::Extra {
                path: "https://elsewhere.example/x.js".to_owned(),
                by: "/en/registro/".to_owned(),
            }],
        ),
        (
            |site| {
                set(
                    site,
                    "/es/nuevo",
                    POLICY_HEADER,
                    Some("default-src 'none'; script-src 'self' https://elsewhere.example"),
                )
            },
            vec![header(nuevo, POLICY_HEADER, Some(weaker))],
        ),
        (
            |site| set(site, "/es/registro/", POLICY_HEADER, None),
            vec![header("/es/registro/", POLICY_HEADER, None)],
        ),
        (
            |site| set(site, "/es/nuevo", "cross-origin-opener-policy", Some("unsafe-none")),
            vec![header(nuevo, "cross-origin-opener-policy", Some("unsafe-none"))],
        ),
        (
            |site| set(site, "/es/nuevo", "set-cookie", Some("who=she")),
            vec![header(nuevo, "set-cookie", Some("who=she"))],
        ),
    ];
    for (change, expected) in cases {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(faults(&list, &changed), expected);
    }

    // A statement that leaves out a page or a script.
    for (path, expected) in [
        (nuevo, SiteFault::Unstated { path: nuevo.to_owned() }),
        (
            "/a/00/two.wasm",
            SiteFault::Extra {
                path: "/a/00/two.wasm".to_owned(),
                by: "/a/00/one.js".to_owned(),
            },
        ),
    ] {
        let mut fewer = list.clone();
        fewer.files.retain(|file| file.path != path);
        assert_eq!(faults(&fewer, &good), [expected]);
    }
}

#[test]
fn whatever_a_service_answers_a_visit_ends_and_keeps_little() {
    let (mut site, list) = (site(), list_of(&site()));
    let many: String = (0..2_000)
        .map(|at| format!("<img src=\"/a/00/{at}.png\"><a href=\"/es/{at}\">"))
        .collect();
    for language in LANGUAGES {
        for page in PAGES {
            let large = many
                .clone()
                .into_bytes()
                .into_iter()
                .chain(std::iter::repeat_n(b' ', 10 * 1024 * 1024));
            site.get_mut(&format!("/{language}/{page}")).expect("a page").body = large.collect();
        }
    }
    let calls = std::cell::Cell::new(0);
    let visited = visit(&list, |call| {
        calls.set(calls.get() + 1);
        Ok::<_, ()>(site.get(call.path).cloned().unwrap_or(answer("", PAGE, "")))
    });
    let visited = visited.expect("it is fetched");
    assert!(
        calls.get() <= 2 + list.files.len() + LIVE_MAX + LOADED_MAX,
        "{} calls",
        calls.get()
    );
    let kept: usize = visited.changed.values().map(Vec::len).sum();
    assert!(kept <= KEPT_MAX && visited.changed.len() > 3);
    let changed = visited
        .faults
        .iter()
        .filter(|fault| matches!(fault, SiteFault::Changed { .. }));
    // `/` is answered by an empty page here.
    assert_eq!(
        changed.count(),
        LANGUAGES.len() * (PAGES.len() + 1),
        "each is told all the same"
    );
}

#[test]
fn a_change_waits_for_its_statement_and_stays_a_fault_without_one() {
    let (site, list) = (site(), list_of(&site()));
    let served = |body: &str| SiteFault::Changed {
        path: "/es/".to_owned(),
        stated: list.file("/es/").expect("stated").digest,
        served: Digest::of(body.as_bytes()),
        at: None,
        before: None,
    };
    let mut next = site.clone();
    next.get_mut("/es/").expect("a page").body = "new".into();
    let next = list_of(&next);
    let (step_s, now) = (600, 10_000);
    let wait = |before, since: &[SiteList], newest, now, faults| settle(before, since, newest, now, step_s, faults);

    // Found before its statement is in the log.
    let first = wait(None, &[], 7, now, vec![served("new")]);
    assert_eq!(first.certain, []);
    let kept = first.waiting.expect("it waits");
    assert_eq!((kept.index, kept.until), (7, now + 1_500));
    // Then it comes.
    let named = wait(Some(kept.clone()), std::slice::from_ref(&next), 9, now + 600, vec![]);
    assert_eq!(named, SiteVerdict::default());
    // Or what comes names other bytes: what was served to one stays a fault, though all is well now.
    let other = wait(Some(kept.clone()), std::slice::from_ref(&list), 9, now + 600, vec![]);
    assert_eq!((other.certain, other.waiting), (vec![served("new")], None));
    // Or nothing comes in time; and it is not forgotten at the visit after.
    let still = wait(Some(kept.clone()), &[], 7, kept.until, vec![]);
    assert_eq!((still.certain, still.waiting.clone()), (vec![], Some(kept.clone())));
    let late = wait(still.waiting, &[], 7, kept.until + 1, vec![]);
    assert_eq!(late.certain, [served("new")]);
    let again = wait(late.waiting, &[], 7, kept.until + 600, vec![]);
    assert_eq!(again.certain, [served("new")]);

    // No statement explains a header.
    let header = SiteFault::Header {
        path: "/es/".to_owned(),
        header: POLICY_HEADER.to_owned(),
        served: None,
    };
    assert_eq!(wait(None, &[], 7, now, vec![header.clone()]).certain, [header]);
}

#[test]
fn the_first_byte_that_differs_is_told() {
    assert_eq!(first_difference(b"abcd", b"abXd"), 2);
    assert_eq!(first_difference(b"abcd", b"ab"), 2);
    assert_eq!(first_difference(b"", b"ab"), 0);
}
