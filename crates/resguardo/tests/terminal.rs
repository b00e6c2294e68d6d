//! Prompts on a terminal: what is typed there opens what it should, and is never shown.
#![cfg(target_os = "linux")]

use crate::support;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use support::{PROGRAM, Running, World};

/// Longest silence of a program.
const PATIENCE: Duration = Duration::from_secs(180);

/// Time between a prompt and the first key: the prompt stands there a moment before what is typed is hidden.
const REACTION: Duration = Duration::from_millis(800);

/// A command line on a terminal of its own, which shows what is typed unless a program turns that off. The terminal is
/// made by `script` of util-linux.
struct Terminal {
    script: Running,
    keyboard: Option<ChildStdin>,
    screen: Receiver<String>,
    shown: String,
}

impl Terminal {
    fn open(folder: &Path, command: &str) -> Self {
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", command, "/dev/null"])
            .current_dir(folder);
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = Running(script.spawn().expect("this test needs `script` of util-linux"));
        let (keyboard, mut output) = (script.0.stdin.take(), script.0.stdout.take().unwrap());
        let (show, screen) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                // A test that is over looks at no screen.
                let _ = show.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
            }
        });
        Self {
            script,
            keyboard,
            screen,
            shown: String::new(),
        }
    }

    /// Runs the program under test.
    fn resguardo(folder: &Path, arguments: &str) -> Self {
        Self::open(folder, &format!("'{PROGRAM}' --no-color {arguments}"))
    }

    /// Waits until a text is on the screen; gives what is there.
    #[track_caller]
    fn until(&mut self, text: &str) -> &str {
        while !self.shown.contains(text) {
            let more = self.screen.recv_timeout(PATIENCE);
            self.shown
                .push_str(&more.unwrap_or_else(|_| panic!("no {text:?} on the screen:\n{}", self.shown)));
        }
        &self.shown
    }

    /// Types a line, not before a person could.
    fn type_line(&mut self, line: &str) {
        std::thread::sleep(REACTION);
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Waits for the end; gives the exit status and all that was on the screen.
    fn end(mut self) -> (i32, String) {
        while let Ok(more) = self.screen.recv_timeout(PATIENCE) {
            self.shown.push_str(&more);
        }
        let code = self.script.0.wait().unwrap().code().unwrap();
        (code, self.shown)
    }
}

/// Types `secret` at the prompt of a verb: no word of it may come onto the screen. Gives exit status and screen.
#[track_caller]
fn typed(folder: &Path, arguments: &str, prompt: &str, secret: &str) -> (i32, String) {
    let mut terminal = Terminal::resguardo(folder, arguments);
    terminal.until(prompt);
    terminal.type_line(secret);
    let (code, shown) = terminal.end();
    let told = support::shown(secret, &shown);
    assert_eq!(told, None, "{arguments}:\n{shown}");
    (code, shown)
}

#[test]
fn such_a_terminal_shows_what_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(folder.path(), "echo ready; read line; echo taken");
    terminal.until("ready");
    terminal.type_line("a plain line");
    let (code, shown) = terminal.end();
    assert!(code == 0 && shown.contains("taken"), "{shown}");
    assert_eq!(
        support::shown("not a plain line", &shown),
        Some("a plain"),
        "otherwise the tests below say nothing: {shown}"
    );
}

#[test]
fn a_new_passphrase_is_shown_once_and_never_when_it_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let new = "key new --role seat --institution I --low-work k";
    let (code, shown) = Terminal::resguardo(folder.path(), new).end();
    assert_eq!(code, 0, "{shown}");
    let passphrase = shown.split("Passphrase, shown once: ").nth(1).unwrap();
    let passphrase = passphrase.lines().next().unwrap().trim();
    assert_eq!(passphrase.split(' ').count(), 6, "{shown}");
    assert_eq!(shown.matches(passphrase).count(), 1);
    let json = "key new --json --role seat --institution I --low-work j";
    let (code, shown) = Terminal::resguardo(folder.path(), json).end();
    assert_eq!(code, 2, "under --json nobody would see the passphrase: {shown}");
    assert!(!folder.path().join("j.key").exists());
    let prompt = "Passphrase of k.key: ";
    for (secret, code, told) in [
        (passphrase, 0, "✓ the key file opens"),
        (
            "false horses battery staples never opened",
            7,
            "error: wrong passphrase (exit 7)",
        ),
        ("", 7, "error: empty secret (exit 7)"),
    ] {
        let (exit, shown) = typed(folder.path(), "key check --key k.key", prompt, secret);
        assert!(exit == code && shown.contains(told), "{exit}: {shown}");
    }
}

#[test]
fn a_passphrase_is_shown_while_it_is_typed_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let new = "key new --role seat --institution I --low-work --passphrase-out k.words k";
    assert_eq!(Terminal::resguardo(folder.path(), new).end().0, 0);
    let words = std::fs::read_to_string(folder.path().join("k.words")).unwrap();
    let words = words.trim_end();
    assert!(words.chars().all(|c| c.is_ascii_lowercase() || c == ' '), "{words}");
    let mut terminal = Terminal::resguardo(folder.path(), "key check --show-typed --key k.key");
    terminal.until("Passphrase of k.key: ");
    terminal.type_line(words);
    let (code, shown) = terminal.end();
    assert!(code == 0 && shown.contains("✓ the key file opens"), "{shown}");
    assert!(shown.contains(words), "{shown}");
}

#[test]
fn a_phrase_is_shown_before_anything_is_filed_and_opens_the_inbox_unseen() {
    let world = World::start();
    let folder = world.folder.path();
    std::fs::write(world.path("account.txt"), "What happened.\n").unwrap();
    let seal = "seal --account account.txt --soon";

    let words = |shown: &str| {
        let line = shown.lines().map(str::trim).find(|line| line.split(' ').count() == 8);
        let is_words = |line: &&str| line.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
        line.filter(is_words).map(str::to_owned)
    };
    let mut terminal = Terminal::resguardo(folder, seal);
    let shown = terminal.until("to go on: ").to_owned();
    let phrase = words(&shown).unwrap_or_else(|| panic!("no eight words: {shown}"));
    terminal.type_line("another");
    let (code, shown) = terminal.end();
    assert_eq!(code, 7, "{shown}");
    assert!(shown.contains("words not kept"), "{shown}");
    let (code, shown) = typed(folder, "inbox", "The eight words: ", &phrase);
    assert_eq!(code, 3, "nothing was filed under words that were not kept: {shown}");

    let mut terminal = Terminal::resguardo(folder, seal);
    let shown = terminal.until("to go on: ").to_owned();
    let phrase = words(&shown).unwrap_or_else(|| panic!("no eight words: {shown}"));
    let number = shown.rsplit("Type word ").next().unwrap();
    let number: usize = number.split(' ').next().unwrap().parse().unwrap();
    terminal.type_line(phrase.split(' ').nth(number - 1).unwrap());
    let (code, shown) = terminal.end();
    assert!(code == 0 && shown.contains("✓ filed"), "{shown}");
    assert_eq!(shown.matches(&phrase).count(), 1, "shown once: {shown}");

    let code = shown.split("case code ").nth(1).unwrap();
    let code = code.split(',').next().unwrap();
    world.until("the filing in the log", || {
        let (exit, shown) = typed(folder, "inbox", "The eight words: ", &phrase);
        (exit == 0 && shown.contains(code)).then_some(())
    });
    let passphrase = std::fs::read_to_string(world.path("ombudsman.pass")).unwrap();
    let queue = "queue --key ombudsman.key";
    let (exit, shown) = typed(folder, queue, "Passphrase of ombudsman.key: ", passphrase.trim());
    assert_eq!(exit, 0, "{shown}");
}
