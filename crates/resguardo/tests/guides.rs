//! What README and the guides tell people to type: run, or at least known to the program.

use crate::support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::PROGRAM;

/// Seconds for the whole way by hand; it takes about forty.
const PATIENCE_S: &str = "600";

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(project(path)).expect(path)
}

/// README and guides, in both languages.
fn documents() -> Vec<String> {
    let guides = std::fs::read_dir(project("docs/guides")).expect("guides");
    let names = guides.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let guides = names.map(|name| format!("docs/guides/{name}"));
    let all = ["README.md", "README.es.md"].map(str::to_owned);
    all.into_iter().chain(guides).collect()
}

/// The blocks of commands of a document.
fn blocks(text: &str) -> Vec<String> {
    let fenced = text.split("```sh\n").skip(1);
    fenced
        .map(|rest| rest.split("```").next().expect("an end").to_owned())
        .collect()
}

#[test]
fn the_way_by_hand_runs_as_it_stands() {
    let (spanish, english) = (read("docs/guides/by-hand.es.md"), read("docs/guides/by-hand.md"));
    assert_eq!(
        blocks(&spanish),
        blocks(&english),
        "both languages say the same commands"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let ports: [u16; 3] = deployment::free_ports().expect("three ports");
    let written = [8620, 8621, 8622].map(|port| format!("127.0.0.1:{port}"));
    let script = written
        .iter()
        .zip(ports)
        .fold(blocks(&english).join("\n"), |script, (from, to)| {
            assert!(script.contains(from), "{from}");
            script.replace(from, &format!("127.0.0.1:{to}"))
        });
    // Whatever happens, nothing is left running.
    let script = format!("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}");
    let path = Path::new(PROGRAM).parent().expect("its folder").display().to_string();
    let path = format!("{path}:{}", std::env::var("PATH").expect("a path"));
    let run = Command::new("timeout")
        .args([PATIENCE_S, "bash", "-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .expect("a shell");
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(run.status.success(), "{}\n{}", said[0], said[1]);
    let told = std::fs::read(folder.path().join("account.txt")).expect("what she told");
    assert_eq!(
        std::fs::read(folder.path().join("opened/account.txt")).expect("opened"),
        told
    );
    assert!(said[0].contains("finding: protection was given"), "{}", said[0]);
}

#[test]
fn readme_names_the_two_commands_and_no_other() {
    for name in ["README.md", "README.es.md"] {
        let blocks = blocks(&read(name));
        let commands: Vec<&str> = blocks
            .iter()
            .flat_map(|block| block.lines())
            .map(|line| line.split('#').next().expect("a part").trim())
            .collect();
        assert_eq!(commands, ["cargo xtask demo", "cargo xtask test"], "{name}");
    }
}

/// Every `resguardo …` in a block or between backticks: the verb is there, and so are its options.
#[test]
fn every_command_in_a_guide_is_known_to_the_program() {
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    for name in documents() {
        let text = read(&name).replace("\\\n", " ");
        let quoted = text.split('`').skip(1).step_by(2);
        let lines = text.lines().map(str::trim_start);
        let commands = quoted.chain(lines).filter_map(|line| {
            let from = line
                .find("resguardo ")
                .filter(|at| matches!(line[..*at].trim(), "" | "again" | "until" | "$"))?;
            let command = line[from..].trim_start_matches("resguardo ");
            // What stands in `$(…)` is another command.
            Some(command.split("\"$(").next().unwrap_or(command).to_owned())
        });
        for command in commands {
            let is_verb =
                |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
            let mut verb: Vec<&str> = command.split_whitespace().take(2).take_while(is_verb).collect();
            let help = loop {
                let key = verb.join(" ");
                assert!(!verb.is_empty(), "{name}: there is no verb in «resguardo {command}»");
                let help = helps.entry(key).or_insert_with(|| {
                    let run = Command::new(PROGRAM)
                        .args(&verb)
                        .arg("--help")
                        .output()
                        .expect("the program runs");
                    let stdout = String::from_utf8(run.stdout).expect("text");
                    if run.status.success() { stdout } else { String::new() }
                });
                if !help.is_empty() {
                    break help.clone();
                }
                verb.pop();
            };
            for option in command.split_whitespace().filter(|word| word.starts_with("--")) {
                let option = option.trim_end_matches(['`', '.', ',', ';', ')']);
                assert!(
                    help.contains(option),
                    "{name}: «resguardo {command}»: {option} is unknown"
                );
            }
            count += 1;
        }
    }
    assert!(count > 40, "{count} commands were found");
}
