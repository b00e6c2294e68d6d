//! A watch as it runs: it acknowledges a filing and files a request by itself, and tells that something waits, by a mail and
//! by a program, with nothing else in it; cut off, refused and started again, nothing is done twice.
#![cfg(unix)]

mod smtp;
use crate::support;
use base64ct::{Base64, Encoding as _};

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, ExitStatus};
use std::sync::atomic::Ordering;

use serde_json::Value;
use smtp::MailServer;
use support::{Running, World, key_arguments};

/// The seat that has a mail sent, and the one that has a program called.
const BY_MAIL: &str = "ombudsman";
const BY_HOOK: &str = "shelter";
const OTHERS: [&str; 3] = ["university", "consulate", "bar"];

/// Starts a watch; what it says goes into `<name>.log`, which is begun anew.
fn watch(world: &World, name: &str, more: &[&str]) -> Running {
    let key = key_arguments(name);
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    world.spawn(&[&["watch", "--json"], &key[..], more].concat(), &format!("{name}.log"))
}

fn by_mail(world: &World) -> Running {
    watch(world, BY_MAIL, &["--settings", "mail.toml"])
}

fn by_hook(world: &World) -> Running {
    watch(world, BY_HOOK, &["--settings", "fast.toml", "--hook", "./hook"])
}

/// What a watch has said so far.
fn said(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.path(&format!("{name}.log"))).unwrap()
}

/// Events of a kind in what a watch has said.
fn events(world: &World, name: &str, kind: &str) -> Vec<Value> {
    let said = said(world, name);
    let events = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.filter(|event| event["event"] == kind).collect()
}

/// Asks a process to end, and waits for it.
fn end(mut running: Running) -> ExitStatus {
    let process = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &process])
            .status()
            .unwrap()
            .success()
    );
    running.0.wait().unwrap()
}

/// Acts in the case that her words lead to, and the log's time.
fn acts(world: &World) -> (Vec<Value>, u64) {
    let run = world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).ok();
    let acts = run.event("filing")["acts"].as_array().unwrap().clone();
    (acts, run.event("result")["time"].as_u64().unwrap())
}

fn count(acts: &[Value], name: &str) -> usize {
    acts.iter().filter(|act| act["body"]["act"] == name).count()
}

/// How often the program was called and had success.
fn calls(world: &World) -> usize {
    std::fs::read_to_string(world.path("calls")).map_or(0, |calls| calls.lines().count())
}

/// A program that writes down what it is told, and fails as long as a file `broken` is there.
fn write_hook(world: &World) {
    let script =
        "#!/bin/sh\ntest -e broken && exit 3\necho \"arguments $#, input $(wc -c)\" >> calls\nenv > environment\n";
    std::fs::write(world.path("hook"), script).unwrap();
    std::fs::set_permissions(world.path("hook"), std::fs::Permissions::from_mode(0o700)).unwrap();
}

fn write_settings(world: &World, mail: &MailServer) {
    let fast = "look_s = 1\nnotice_s = 3\nurgent_s = 2\n";
    std::fs::write(world.path("fast.toml"), fast).unwrap();
    std::fs::write(world.path("mail.pass"), "violet harbour\n").unwrap();
    let mail = format!(
        "{fast}\n[mail]\nserver = \"localhost\"\nport = {}\nauthority = \"mail.pem\"\nuser = \"watch\"\n\
         password_file = \"mail.pass\"\nfrom = \"watch@ombudsman.example\"\nto = \"desk@ombudsman.example\"\n",
        mail.port
    );
    std::fs::write(world.path("mail.toml"), mail).unwrap();
}

/// Waits until both watches have remembered that so many notices went out since they were started.
fn noticed(world: &World, count: usize) {
    for name in [BY_MAIL, BY_HOOK] {
        world.until("a notice", || {
            (events(world, name, "notice").len() == count).then_some(())
        });
    }
}

/// Waits until the log is some steps older, so that whatever would be done twice is done.
fn steps_later(world: &World, steps: u64) -> Vec<Value> {
    let (_, now) = acts(world);
    world.until("steps of the log", || {
        let (acts, time) = acts(world);
        (time > now + steps).then_some(acts)
    })
}

#[test]
fn a_filing_and_a_request_are_told_of_without_content_and_nothing_is_done_twice() {
    let mut world = World::start();
    let mail = MailServer::start(&world.path("mail.pem"));
    write_settings(&world, &mail);
    write_hook(&world);
    std::fs::write(world.path("broken"), "").unwrap();
    mail.refuses.store(true, Ordering::SeqCst);
    let watches = [by_mail(&world), by_hook(&world)];
    world.file("phrase.txt", &[]);

    // Both acknowledge by themselves. Nobody takes the notice: each says so once, and goes on.
    for name in [BY_MAIL, BY_HOOK] {
        world.until("the share acknowledged", || {
            events(&world, name, "done").first().cloned()
        });
        let warning = world.until("a notice that is not taken", || {
            let warnings = events(&world, name, "warning");
            let text = |event: &Value| event["text"].as_str().unwrap().to_owned();
            warnings
                .iter()
                .map(text)
                .find(|text| text.contains("did not take the notice"))
        });
        assert!(!warning.contains("violet"), "{warning}");
    }
    by_routine(&world);
    let code = world.acknowledge(&OTHERS[1..], "share");
    steps_later(&world, 3);
    for name in [BY_MAIL, BY_HOOK] {
        let said = said(&world, name);
        assert_eq!(said.matches("did not take the notice").count(), 1, "{said}");
    }
    assert_eq!((mail.mails().len(), calls(&world)), (0, 0));

    // Killed while the notice is owed: it goes out after the start.
    drop(watches);
    std::fs::remove_file(world.path("broken")).unwrap();
    mail.refuses.store(false, Ordering::SeqCst);
    let watches = [by_mail(&world), by_hook(&world)];
    noticed(&world, 1);
    assert_eq!((mail.mails().len(), calls(&world)), (1, 1));

    // The service goes away and comes back: said once, nothing lost.
    world.service = None;
    world.until("the service missed", || {
        let missed = events(&world, BY_HOOK, "warning").len();
        (missed > 0).then_some(())
    });
    world.serve();
    world.until("the service found again", || {
        let notes = events(&world, BY_HOOK, "note");
        notes
            .iter()
            .any(|note| note["text"] == "look: works again")
            .then_some(())
    });
    assert_eq!(events(&world, BY_HOOK, "warning").len(), 1, "{}", said(&world, BY_HOOK));

    // A request in an office cell is filed by one of them, and announced to both.
    world.desk(OTHERS[0], &["refer", &code, "--reader", "6"]).ok();
    let ask = ["request", &code, "--purpose", "inquiry 12/2026", "--basis", "art. 109"];
    world.until("the referral", || {
        let run = world.desk("lawyer", &ask);
        (run.code == 0).then_some(())
    });
    noticed(&world, 2);
    assert_eq!((mail.mails().len(), calls(&world)), (2, 2));

    // Killed and started again: every act stands once, and nobody is told again.
    drop(watches);
    let watches = [by_mail(&world), by_hook(&world)];
    let acts = steps_later(&world, 8);
    let counts: Vec<Value> = acts.iter().filter(|act| act["standing"] == "counts").cloned().collect();
    assert_eq!(
        (count(&counts, "ack"), count(&counts, "request")),
        (support::SEATS.len(), 1),
        "{acts:?}"
    );
    // Two seats that look within one step may both file what came in a cell; neither does so twice.
    assert!(
        count(&acts, "ack") == support::SEATS.len() && count(&acts, "request") <= 2,
        "{acts:?}"
    );
    assert_eq!(
        (count(&acts, "decision"), count(&acts, "release")),
        (0, 0),
        "nothing is judged"
    );
    assert_eq!((mail.mails().len(), calls(&world)), (2, 2));

    told_nothing(&world, &mail, &code);
    for running in watches {
        assert_eq!(end(running).code(), Some(0));
    }
}

/// One that comes once a day: the list, the same in one verb, and then there is nothing left.
fn by_routine(world: &World) {
    let routine = |more: &[&str]| {
        world
            .desk(OTHERS[0], &[&["routine", "--keep", "share"], more].concat())
            .ok()
    };
    let listed = world.until("a share to acknowledge", || {
        let listed = routine(&["--list"]);
        listed.events().into_iter().find(|event| event["event"] == "step")
    });
    assert_eq!(listed["step"], "ack");
    assert_eq!(routine(&["--list"]).event("step"), listed, "to list it does nothing");
    let done = routine(&[]);
    assert_eq!(
        (&done.event("done")["step"], &done.event("result")["done"]),
        (&"ack".into(), &1.into())
    );
    assert!(done.event("done")["filed"].is_string());
    assert_eq!(
        routine(&[]).event("result")["done"],
        0,
        "promised, it is not done again"
    );
}

/// Mails, calls and the file that others read hold no more than that something waits.
fn told_nothing(world: &World, mail: &MailServer, code: &str) {
    let mails = mail.mails();
    for mail in &mails {
        assert_eq!(
            mail.body.trim_end(),
            "Algo la/lo espera en Resguardo / Something waits for you"
        );
        let names: BTreeSet<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "Content-Transfer-Encoding",
            "Content-Type",
            "Date",
            "From",
            "Message-ID",
            "Subject",
            "To",
        ];
        assert_eq!(names, BTreeSet::from(expected));
        assert_eq!(mail.header("Subject"), Some("Resguardo"));
        assert_eq!(
            mail.envelope,
            [
                "MAIL FROM:<watch@ombudsman.example>",
                "RCPT TO:<desk@ombudsman.example>"
            ]
        );
        assert_eq!(Base64::decode_vec(&mail.login).unwrap(), b"\0watch\0violet harbour");
    }
    // Two mails differ in nothing but when they were sent and a name drawn for each.
    let fixed = |mail: &smtp::Received| -> BTreeMap<String, String> {
        let headers = mail.headers.iter().cloned();
        headers
            .filter(|(name, _)| !["Date", "Message-ID"].contains(&name.as_str()))
            .collect()
    };
    assert_eq!(fixed(&mails[0]), fixed(&mails[1]));
    assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));

    let calls = std::fs::read_to_string(world.path("calls")).unwrap();
    assert!(calls.lines().all(|call| call == "arguments 0, input 0"), "{calls}");
    let passphrase = std::fs::read_to_string(world.path(&format!("{BY_HOOK}.pass"))).unwrap();
    let environment = std::fs::read_to_string(world.path("environment")).unwrap();
    for secret in [code, passphrase.trim(), "inquiry"] {
        assert!(!environment.contains(secret), "{environment}");
    }

    let path = world.path(&format!("{BY_HOOK}.state/waiting.json"));
    let waiting: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        (&waiting["count"], &waiting["urgent"], &waiting["overdue"]),
        (&1.into(), &0.into(), &0.into())
    );
    assert!(
        waiting["by"].is_u64() && waiting.as_object().unwrap().len() == 4,
        "{waiting}"
    );
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // The log of the watch, which a service manager keeps with times, names no case.
    for name in [BY_MAIL, BY_HOOK] {
        assert!(!said(world, name).contains(code), "{}", said(world, name));
    }
}
