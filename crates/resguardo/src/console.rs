//! Manners of the terminal: result on standard output, progress on standard error, `--json`, `--quiet`,
//! `--no-color`.
//!
//! Under `--json` every event is one object on a line of standard output: `progress`, `note`, `result`, `error`.
//!
//! What others wrote stands in these texts: whatever acts on a terminal is shown instead ([`protocol::text`]).

use crate::clock::Stopwatch;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::{Language, of_process, said, t};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use protocol::text::{is_hidden, visible};
use serde_json::{Value, json};
use std::io::{Error, ErrorKind, IsTerminal as _, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// Work that is done within this needs no lines of progress.
const MOMENT: Duration = Duration::from_millis(400);

/// Room for a secret that is typed, so that it never moves and leaves a copy behind.
const SECRET_LEN: usize = 512;

/// Where and how this run speaks.
#[derive(Clone, Debug)]
pub struct Console {
    json: bool,
    quiet: bool,
    color: bool,
    terminal: bool,
    /// Secrets are shown while they are typed.
    shows_typed: bool,
    /// Why standard output takes nothing more.
    broken: Arc<OnceLock<Error>>,
}

/// Emphasis of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// None.
    Plain,
    /// Something holds.
    Good,
    /// Look at this.
    Warning,
    /// A breach or a failed check.
    Bad,
}

impl Console {
    /// Takes the global flags; colour also needs a terminal and no `NO_COLOR`.
    pub fn new(json: bool, quiet: bool, no_color: bool) -> Self {
        let color = !no_color && std::env::var_os("NO_COLOR").is_none() && std::io::stdout().is_terminal();
        Self {
            json,
            quiet,
            color,
            terminal: std::io::stderr().is_terminal(),
            shows_typed: false,
            broken: Arc::default(),
        }
    }

    /// A console that says nothing, for tests and for library use.
    pub fn silent() -> Self {
        Self {
            json: false,
            quiet: true,
            color: false,
            terminal: false,
            shows_typed: false,
            broken: Arc::default(),
        }
    }

    /// Shows secrets while they are typed, or not.
    #[must_use]
    pub fn showing_typed(self, shows_typed: bool) -> Self {
        Self { shows_typed, ..self }
    }

    /// Asks for a secret on the terminal: one line, without its end.
    ///
    /// # Errors
    /// The terminal's.
    pub fn ask_secret(&self, prompt: &str) -> std::io::Result<Zeroizing<String>> {
        if !self.shows_typed {
            return rpassword::prompt_password(format!("{prompt}: ")).map(Zeroizing::new);
        }
        err(&format!("{prompt}: "));
        let mut typed = Zeroizing::new(String::with_capacity(SECRET_LEN));
        std::io::stdin().read_line(&mut typed)?;
        Ok(typed)
    }

    /// Whether events are written as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person can be asked: standard error and input are a terminal.
    pub fn can_ask(&self) -> bool {
        self.terminal && std::io::stdin().is_terminal()
    }

    /// Whether a secret can be shown to a person: [`Self::secret`] says nothing under `--json`.
    pub fn can_show(&self) -> bool {
        self.can_ask() && !self.json
    }

    /// The result of the command: `human` on standard output, or `value` as the `result` event.
    pub fn result(&self, human: &str, value: Value) {
        if self.json {
            self.event("result", value);
        } else if !human.is_empty() {
            self.out(&lines(human));
        }
    }

    /// Lines of the result, before the last; under `--json` an event of its own.
    pub fn line(&self, tone: Tone, human: &str, event: &str, value: Value) {
        if self.json {
            self.event(event, value);
        } else {
            self.out(&self.paint(tone, &lines(human)));
        }
    }

    /// What is going on, on standard error; silent under `--quiet`.
    pub fn note(&self, text: &str) {
        if self.json {
            self.event("note", json!({ "text": text }));
        } else if !self.quiet {
            err(&lines(text));
        }
    }

    /// Something to look at, on standard error, even under `--quiet`.
    pub fn warn(&self, text: &str) {
        if self.json {
            self.event("warning", json!({ "text": text }));
        } else {
            err(&t!("warning: {}", lines(text)));
        }
    }

    /// Text for a person's eyes only, on standard error: never under `--json`.
    pub fn secret(&self, text: &str) {
        if !self.json {
            err(text);
        }
    }

    /// The failure that ends the command.
    pub fn failure(&self, failure: &CliError) {
        if self.json {
            let mut value = json!({ "code": failure.code.name(), "exit": failure.exit() as u8, "what": failure.what,
                "why": failure.why, "do": failure.remedy });
            if let (Some(at), Value::Object(fields)) = (&failure.retry_after, &mut value) {
                fields.insert("retry_after".to_owned(), json!(at));
            }
            self.event("error", value);
            if self.broken.get().is_none() {
                return;
            }
        }
        err(&t!(
            "error: {} (exit {})",
            match of_process() {
                Language::English => failure.code.name().replace('-', " "),
                // A code is none of a language's words.
                Language::Spanish => failure.code.name().into_owned(),
            },
            failure.exit() as u8
        ));
        err(&t!("  What: {}", visible(&failure.what, &[])));
        err(&t!("  Why:  {}", lines(&failure.why)));
        err(&t!("  Do:   {}", lines(&failure.remedy)));
    }

    /// Whether everything that was said on standard output was taken. A reader that went away, as `head` does, is no
    /// failure.
    ///
    /// # Errors
    /// Exit 6.
    pub fn finish(&self) -> Outcome<()> {
        match self.broken.get().filter(|error| error.kind() != ErrorKind::BrokenPipe) {
            None => Ok(()),
            Some(error) => Err(
                CliError::new(CliCode::Output, t!("standard output did not take the result"))
                    .why(error)
                    .remedy(t!(
                        "what was done is done and stands; make room or send the output elsewhere to see it"
                    )),
            ),
        }
    }

    /// Writes much at once, as it is; [`Self::finish`] tells a failure.
    pub fn stream(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) {
        let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
        self.note_broken(write(&mut stdout).and_then(|()| stdout.flush()));
    }

    /// Writes a line to standard output, unless it failed before.
    fn out(&self, text: &str) {
        if self.broken.get().is_some() {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        self.note_broken(writeln!(stdout, "{text}").and_then(|()| stdout.flush()));
    }

    fn note_broken(&self, written: std::io::Result<()>) {
        if let Err(error) = written {
            let _ = self.broken.set(error);
        }
    }

    /// ProgressLine of long work: a bar on a terminal, else a line for every tenth once it has taken a moment.
    pub fn progress(&self, step: &'static str, total: u64) -> ProgressLine<'_> {
        let shown = self.terminal && !self.json && !self.quiet;
        let bar = ProgressBar::with_draw_target(
            Some(total),
            if shown {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) =
            ProgressStyle::with_template(&format!("{{msg}} {{bar:20.█░}} {{percent}} %   {}", t!("{eta} left")))
        {
            bar.set_style(style.progress_chars("█░"));
        }
        bar.set_message(said(step));
        ProgressLine {
            console: self,
            step,
            total,
            done: 0,
            tenth: 0,
            watch: Stopwatch::start(),
            bar,
        }
    }

    /// The text in the colour of its tone, when colours are on.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.color => return text.to_owned(),
            Tone::Good => 32,
            Tone::Warning => 33,
            Tone::Bad => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn event(&self, kind: &str, value: Value) {
        let mut line = serde_json::Map::new();
        line.insert("event".to_owned(), json!(kind));
        match value {
            Value::Object(fields) => line.extend(fields),
            other => drop(line.insert("value".to_owned(), other)),
        }
        self.out(&escaped(&Value::Object(line).to_string()));
    }
}

/// ProgressLine of one piece of long work.
pub struct ProgressLine<'a> {
    console: &'a Console,
    step: &'static str,
    total: u64,
    done: u64,
    tenth: u64,
    watch: Stopwatch,
    bar: ProgressBar,
}

impl ProgressLine<'_> {
    /// `more` units are done.
    pub fn advance(&mut self, more: u64) {
        self.done += more;
        self.bar.inc(more);
        let tenth = (self.done * 10).checked_div(self.total).unwrap_or(10).min(10);
        if tenth > self.tenth {
            self.tenth = tenth;
            self.tell();
        }
    }

    fn tell(&self) {
        if self.console.json {
            let value = json!({ "step": self.step, "done": self.done, "total": self.total });
            self.console.event("progress", value);
        } else if !self.console.quiet && !self.console.terminal && self.watch.elapsed() > MOMENT {
            err(&format!("{} {} %", said(self.step), self.tenth * 10));
        }
    }
}

impl Drop for ProgressLine<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Text of several lines as a terminal may show it.
fn lines(text: &str) -> String {
    visible(text, &['\n', '\t'])
}

/// The same JSON with every hidden character as its escape: it can only stand within a text.
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) {
            // All of them are in the basic plane.
            out.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

fn err(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn what_acts_on_a_terminal_is_shown_and_json_says_the_same_as_before() {
        assert_eq!(lines("a\n\tb\r\u{1b}]0;x\u{7}"), "a\n\tb⟨U+000D⟩⟨U+001B⟩]0;x⟨U+0007⟩");
        for text in ["a\u{202e}b\u{9b}31m", "ñ 👩🏽\u{200d}⚖️", "\u{7f}\u{2028}\u{85}"] {
            let json = json!({ "text": text }).to_string();
            let escaped = escaped(&json);
            assert!(!escaped.chars().any(is_hidden), "{escaped}");
            let read: Value = serde_json::from_str(&escaped).expect("JSON");
            assert_eq!(read["text"], text);
        }
    }

    #[test]
    fn a_full_disk_is_told_and_a_reader_that_went_away_is_not() {
        let broken = |kind: ErrorKind| {
            let console = Console::silent();
            console.note_broken(Err(kind.into()));
            console.clone().finish().map_err(|failure| failure.exit())
        };
        assert_eq!(broken(ErrorKind::StorageFull), Err(Exit::Storage));
        assert_eq!(broken(ErrorKind::BrokenPipe), Ok(()));
        assert_eq!(Console::silent().finish(), Ok(()));
    }
}
