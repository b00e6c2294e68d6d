//! Every sentence of the command line in both languages: each that the code says has its Spanish, each Spanish is said, and
//! no English stands in what a run in Spanish says.

use crate::support;

use clap::{Command, CommandFactory as _};
use proc_macro2::{TokenStream, TokenTree};
use resguardo::args::Cli;
use resguardo::language::{ERRORS, SENTENCES, entries};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::english::english_in;
use support::run_in;

/// Files whose sentences are data of a demo, or come from a table of their own.
const DATA: [&str; 2] = ["law/words.rs", "config.rs"];
/// Macros whose texts nobody reads.
const SILENT: [&str; 22] = [
    "panic",
    "env",
    "ensure",
    "bail",
    "unreachable",
    "info",
    "warn",
    "error",
    "debug",
    "option_env",
    "json",
    "matches",
    "assert",
    "assert_eq",
    "write",
    "writeln",
    "include_str",
    "include_bytes",
    "concat",
    "codes",
    "debug_assert",
    "t",
];
/// Calls whose text is for whoever mends this program, or is compared.
const INSIDE: [&str; 14] = [
    "strip_suffix",
    "get",
    "bug",
    "done",
    "tell_filed",
    "filed_json",
    "expect",
    "contains",
    "starts_with",
    "ends_with",
    "strip_prefix",
    "split_once",
    "replace",
    "with_template",
];
/// Calls whose text is looked up in the table where it is shown, and stays as it is in JSON.
const LOOKED_UP: [&str; 4] = ["tell_filed", "done", "progress", "decided"];
/// Texts with a space that are no sentence: commands and their arguments, data of the demo, forms.
fn is_data(text: &str) -> bool {
    [
        "resguardo ",
        "--key {",
        "bytes {",
        "{} min",
        "They took my papers",
        // A mail says both languages, to whoever reads it.
        "Algo la/lo espera",
        "Name: a name",
        "Keys of a demo",
        "Esto es",
        "This is a demo",
        // What a browser sends.
        "Mozilla/5.0 (",
        "gzip, deflate",
    ]
    .iter()
    .any(|begin| text.starts_with(begin))
        || text.ends_with("of the demo")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A literal's text; nothing where it is no text.
fn text_of(literal: &str) -> Option<String> {
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?;
    let (mut out, mut letters) = (String::new(), inside.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                '\n' => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                'u' => {
                    let digits: String = letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect();
                    out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    Some(out)
}

/// What the sources say.
#[derive(Default)]
struct Found {
    /// Sentences that are said in the language of the run, each with how many values.
    said: BTreeMap<String, usize>,
    /// Every text, for what is looked up by a variable.
    texts: BTreeSet<String>,
    /// Sentences that stay as they are.
    unsaid: Vec<(String, String)>,
}

impl Found {
    fn read() -> Self {
        let (mut found, mut files) = (Self::default(), Vec::new());
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        for file in files {
            let source = std::fs::read_to_string(&file).expect("a text");
            let name = file.to_string_lossy().into_owned();
            let tokens: TokenStream = source.parse().expect("Rust");
            found.walk(tokens, &name, false);
        }
        found
    }

    fn walk(&mut self, tokens: TokenStream, file: &str, is_silent: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let word = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
            Some(TokenTree::Ident(name)) => name.to_string(),
            Some(TokenTree::Punct(mark)) => mark.to_string(),
            _ => String::new(),
        };
        let mut in_test = false;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    let before = word(at.checked_sub(1));
                    let inside = group.stream();
                    // An attribute, or a comment of a file.
                    if before == "#" || before == "!" && word(at.checked_sub(2)) == "#" {
                        in_test |= inside.to_string().replace(' ', "") == "cfg(test)";
                        continue;
                    }
                    if in_test && group.delimiter() == proc_macro2::Delimiter::Brace {
                        in_test = false;
                        continue;
                    }
                    let name = if before == "!" {
                        word(at.checked_sub(2))
                    } else {
                        before.clone()
                    };
                    if before == "!" && name == "t" {
                        self.sentence(&inside);
                    }
                    let silent = before == "!" && SILENT.contains(&name.as_str()) || INSIDE.contains(&name.as_str());
                    if LOOKED_UP.contains(&name.as_str()) {
                        let texts = inside
                            .clone()
                            .into_iter()
                            .filter_map(|token| text_of(&token.to_string()));
                        self.said.extend(texts.map(|text| (text, 0)));
                    }
                    self.walk(inside, file, silent || is_silent);
                }
                TokenTree::Literal(literal) => {
                    let Some(text) = text_of(&literal.to_string()) else {
                        continue;
                    };
                    let sentence = text.trim().contains(' ') && text.chars().any(char::is_alphabetic);
                    let letters = text
                        .split('{')
                        .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
                    let says = letters
                        .flat_map(str::chars)
                        .filter(|letter| letter.is_alphabetic())
                        .count()
                        > 1;
                    let is_help = file.contains("/args") || DATA.iter().any(|data| file.ends_with(data));
                    if sentence && says && !is_silent && !in_test && !is_help && !is_data(&text) {
                        self.unsaid.push((file.to_owned(), text.clone()));
                    }
                    self.texts.insert(text);
                }
                _ => {}
            }
        }
    }

    /// `t!("…", …)`: its sentence, and how many values it has.
    fn sentence(&mut self, inside: &TokenStream) {
        let mut tokens = inside.clone().into_iter().peekable();
        let Some(TokenTree::Literal(literal)) = tokens.next() else {
            return;
        };
        let Some(text) = text_of(&literal.to_string()) else {
            return;
        };
        let marks: Vec<TokenTree> = tokens.collect();
        let commas = marks
            .iter()
            .filter(|mark| matches!(mark, TokenTree::Punct(mark) if mark.as_char() == ','));
        let ends = matches!(marks.last(), Some(TokenTree::Punct(mark)) if mark.as_char() == ',');
        self.said.insert(text, commas.count() - usize::from(ends));
    }
}

/// The numbers of the values that a sentence names, ascending.
fn holes(text: &str) -> Vec<usize> {
    let mut next = 0;
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let mut holes: Vec<usize> = inside
        .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(name, _)| {
            next += 1;
            name.parse().unwrap_or(next - 1)
        })
        .collect();
    holes.sort_unstable();
    holes
}

/// Every verb with its path.
fn verbs(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let path = [path, &[verb.get_name().to_owned()]].concat();
        verbs(verb, &path, found);
        found.push((path, verb.clone()));
    }
}

/// Every text of the help, as the parser has it.
fn help() -> BTreeSet<String> {
    let mut command = Cli::command();
    command.build();
    let mut found = Vec::new();
    verbs(&command, &[], &mut found);
    found.insert(0, (Vec::new(), command));
    let mut texts = BTreeSet::from_iter(
        found[0]
            .1
            .find_subcommand("help")
            .and_then(Command::get_about)
            .map(ToString::to_string),
    );
    for (_, verb) in found {
        let own = [
            verb.get_about(),
            verb.get_long_about(),
            verb.get_after_help(),
            verb.get_after_long_help(),
        ];
        texts.extend(own.into_iter().flatten().map(ToString::to_string));
        for arg in verb.get_arguments().filter(|arg| !arg.is_hide_set()) {
            texts.extend(
                [arg.get_help(), arg.get_long_help()]
                    .into_iter()
                    .flatten()
                    .map(ToString::to_string),
            );
            let values = arg.get_possible_values();
            let values = values
                .iter()
                .filter(|_| arg.get_action().takes_values() && !arg.is_hide_possible_values_set());
            texts.extend(values.filter_map(|value| value.get_help().map(ToString::to_string)));
        }
    }
    texts
}

#[test]
fn every_sentence_has_its_spanish_and_every_spanish_is_said() {
    let (found, help) = (Found::read(), help());
    let table: BTreeMap<&str, &str> = entries(SENTENCES).into_iter().collect();
    assert!(
        found.said.len() > 700 && help.len() > 200,
        "{} and {}",
        found.said.len(),
        help.len()
    );
    let known = |text: &&String| table.contains_key(text.as_str());
    let lacking: Vec<_> = found.said.keys().chain(&help).filter(|text| !known(text)).collect();
    assert!(lacking.is_empty(), "no Spanish in web/locales/es.cli.po: {lacking:#?}");
    // The parser names its own help one way or the other.
    let silent =
        |text: &&&str| !found.texts.contains(**text) && !help.contains(**text) && !text.starts_with("Print help");
    let unsaid: Vec<_> = table.keys().filter(silent).collect();
    assert!(unsaid.is_empty(), "nothing says: {unsaid:#?}");
    assert!(
        found.unsaid.is_empty(),
        "said in English only; write t!(…): {:#?}",
        found.unsaid
    );
}

#[test]
fn a_sentence_names_the_same_values_in_both_languages() {
    let found = Found::read();
    for (english, spanish) in entries(SENTENCES).into_iter().chain(entries(ERRORS)) {
        assert_eq!(holes(english), holes(spanish), "{english}\n{spanish}");
        assert!(
            !spanish.is_empty() && english.starts_with('\n') == spanish.starts_with('\n'),
            "{english}"
        );
    }
    for (text, values) in found.said.iter().filter(|(_, values)| **values > 0) {
        assert_eq!(holes(text).len(), *values, "{text}");
    }
}

/// What other crates say of their errors, from their sources.
#[test]
fn every_error_of_the_other_crates_has_its_spanish() {
    let table: BTreeSet<Vec<&str>> = entries(ERRORS).iter().map(|(english, _)| split(english)).collect();
    let mut lacking = Vec::new();
    for name in [
        "casework",
        "protocol",
        "tlog",
        "ledger",
        "testimony",
        "service",
        "cosigner",
        "law",
        "reports",
        "sealing",
        "client",
        "scrub",
        "identifiers",
        "oprf",
    ] {
        let mut files = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"),
            &mut files,
        );
        for file in files {
            let source = std::fs::read_to_string(&file).expect("a text");
            let errors = source
                .split("#[error(")
                .skip(1)
                .filter_map(|rest| rest.trim_start().strip_prefix('"'));
            for error in errors {
                let end = error
                    .char_indices()
                    .find(|(at, letter)| *letter == '"' && !error[..*at].ends_with('\\'));
                let text = text_of(&format!("\"{}\"", &error[..end.expect("an end").0])).expect("a text");
                let bare = text.split('{').skip(1).all(|part| part.ends_with('}')) && text.starts_with('{');
                if !bare && !table.contains(&split(&text)) {
                    lacking.push((name, text));
                }
            }
        }
    }
    assert!(
        lacking.is_empty(),
        "no Spanish in web/locales/es.errors.po: {lacking:#?}"
    );
}

/// What stands around the values of a sentence.
fn split(text: &str) -> Vec<&str> {
    let parts = text.split('{').enumerate();
    parts
        .map(|(n, part)| {
            if n == 0 {
                part
            } else {
                part.split_once('}').map_or(part, |(_, rest)| rest)
            }
        })
        .collect()
}

/// A help without the names of the verbs and values that it lists.
fn without_names(help: &str) -> String {
    let said = |line: &str| {
        // Values without a description are names only.
        if let Some((before, values)) = line.split_once("[valores: ")
            && !values.contains('(')
        {
            return before.to_owned();
        }
        if line.contains("[valores: ") {
            let words: Vec<&str> = line.split(' ').collect();
            let said = words
                .windows(2)
                .filter(|pair| !pair[1].starts_with('('))
                .map(|pair| pair[0]);
            return said.chain(words.last().copied()).collect::<Vec<_>>().join(" ");
        }
        let listed = line
            .strip_prefix("  ")
            .filter(|line| line.starts_with(char::is_alphabetic));
        let listed = listed.and_then(|line| line.split_once("  "));
        listed.map_or_else(|| line.to_owned(), |(_, rest)| rest.to_owned())
    };
    help.lines().map(said).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_help_of_every_verb_is_whole_in_spanish() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = vec![(Vec::new(), Cli::command())];
    verbs(&Cli::command(), &[], &mut found);
    for (path, _) in found {
        let verb: Vec<&str> = path.iter().map(String::as_str).collect();
        for asked in ["-h", "--help"] {
            let help = run_in(folder.path(), &[verb.as_slice(), &["--lang", "es", asked]].concat()).ok();
            let english = english_in(&without_names(&help.stdout));
            assert!(english.is_empty(), "{path:?}: {english:#?}\n{}", help.stdout);
            assert!(help.stdout.contains("Uso: resguardo"), "{path:?}\n{}", help.stdout);
        }
    }
}

/// The example of each verb in a folder where nothing is that it names, and a command line that does not parse.
#[test]
fn what_goes_wrong_is_whole_in_spanish() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = Vec::new();
    verbs(&Cli::command(), &[], &mut found);
    for (path, verb) in found {
        let help = verb.get_before_help().expect("an example").to_string();
        let example: Vec<&str> = help
            .trim()
            .trim_start_matches("Example: resguardo ")
            .split_whitespace()
            .collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        for wrong in [vec!["--no-such-option"], vec![]] {
            let is_up = wrong.is_empty()
                && (path == ["demo"] || verb.has_subcommands() || path[0] == "law" || path == ["init"]);
            if is_up {
                continue;
            }
            let words = if wrong.is_empty() {
                example.clone()
            } else {
                [path.clone(), wrong].concat()
            };
            let run = run_in(folder.path(), &[&["--lang", "es"], words.as_slice()].concat());
            let said = run.stdout + &run.stderr;
            let english = english_in(&said);
            assert!(english.is_empty(), "{words:?}: {english:#?}\n{said}");
            assert!(
                run.code == 0 || said.contains("Por qué:") && said.contains("Haga:"),
                "{words:?}: {said}"
            );
        }
    }
}

#[test]
fn english_is_found_where_it_is() {
    let found = english_in("el archivo is not there\n  --the-option FILE\n`the file`\nresguardo seal the file");
    assert_eq!(
        found.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(),
        ["is", "not", "there"]
    );
}

/// A code of a closed list never stands before a person: each has words in both languages, on the pages and on the command
/// line.
#[test]
fn every_code_of_a_closed_list_has_words_in_every_language() {
    use protocol::statement::{
        AidStatus, Alive, Attention, Check, Consent, DeclarantObjection, InboxChange, Message, OpeningOutcome,
        Payload as _, Reason, Reject, Request, Use, Withdraw,
    };
    use resguardo::names;
    let spanish = entries(SENTENCES);
    let list = |family: &'static str, codes: Vec<serde_json::Value>, said: Vec<&'static str>| (family, codes, said);
    let code = |value: serde_json::Result<serde_json::Value>| value.unwrap();
    macro_rules! listed {
        ($family:literal, $list:expr, $said:path) => {
            list(
                $family,
                $list.iter().map(|one| code(serde_json::to_value(one))).collect(),
                $list.iter().map(|one| $said(*one)).collect(),
            )
        };
    }
    let lists = [
        listed!("desk-outcome-", OpeningOutcome::ALL, names::outcome),
        listed!("desk-reason-", Reason::ALL, names::reason),
        listed!("desk-check-", Check::ALL, names::check),
        listed!("desk-use-", Use::ALL, names::for_use),
        listed!("desk-aid-", AidStatus::ALL, names::aid_status),
        listed!("desk-attention-", Attention::ALL, names::attention),
        listed!("act-aid-", AidStatus::ALL, names::aid_status),
    ];
    // What a seat takes from cells, by the names of its statements.
    let cells = [
        Request::NAME,
        Reject::NAME,
        Consent::NAME,
        DeclarantObjection::NAME,
        Withdraw::NAME,
        Alive::NAME,
        Message::NAME,
        InboxChange::NAME,
    ];
    let said = cells.iter().map(|name| names::cell(name)).collect();
    let cells = list("desk-cell-", cells.iter().map(|name| (*name).into()).collect(), said);
    for (family, codes, said) in lists.into_iter().chain([cells]) {
        for (code, said) in codes.iter().zip(said) {
            let code = code.as_str().unwrap();
            let own = spanish.iter().find(|(english, _)| *english == said);
            let (_, own) = own.unwrap_or_else(|| panic!("{said} has no Spanish"));
            for words in [said, *own] {
                assert!(words != code || !code.contains(['-', '_']), "{code} is said as {words}");
            }
            for language in pages::Language::ALL {
                let words = pages::Strings::of(language).get(&format!("{family}{code}"));
                assert!(
                    !words.contains(code) || !code.contains(['-', '_']),
                    "{family}{code}: {words}"
                );
            }
        }
    }
}
