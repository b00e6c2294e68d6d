//! Manners of the terminal: result on standard output, progress on standard error, `--json`, `--quiet`,
//! `--no-color`.
//!
//! Under `--json` every event is one object on a line of standard output: `progress`, `note`, `result`, `error`.

use crate::clock::Stopwatch;
use crate::failure::Failure;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Work that is done within this needs no lines of progress.
const MOMENT: Duration = Duration::from_millis(400);

/// Where and how this run speaks.
#[derive(Clone, Debug)]
pub struct Console {
    json: bool,
    quiet: bool,
    color: bool,
    terminal: bool,
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
        }
    }

    /// A console that says nothing, for tests and for library use.
    pub fn silent() -> Self {
        Self {
            json: false,
            quiet: true,
            color: false,
            terminal: false,
        }
    }

    /// Whether events are written as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person can be asked: standard error and input are a terminal.
    pub fn can_ask(&self) -> bool {
        self.terminal && std::io::stdin().is_terminal()
    }

    /// The result of the command: `human` on standard output, or `value` as the `result` event.
    pub fn result(&self, human: &str, value: Value) {
        if self.json {
            self.event("result", value);
        } else if !human.is_empty() {
            out(human);
        }
    }

    /// A line of the result, before the last; under `--json` an event of its own.
    pub fn line(&self, tone: Tone, human: &str, event: &str, value: Value) {
        if self.json {
            self.event(event, value);
        } else {
            out(&self.paint(tone, human));
        }
    }

    /// What is going on, on standard error; silent under `--quiet`.
    pub fn note(&self, text: &str) {
        if self.json {
            self.event("note", json!({ "text": text }));
        } else if !self.quiet {
            err(text);
        }
    }

    /// Something to look at, on standard error, even under `--quiet`.
    pub fn warn(&self, text: &str) {
        if self.json {
            self.event("warning", json!({ "text": text }));
        } else {
            err(&format!("warning: {text}"));
        }
    }

    /// Text for a person's eyes only, on standard error: never under `--json`.
    pub fn secret(&self, text: &str) {
        if !self.json {
            err(text);
        }
    }

    /// The failure that ends the command.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            let mut value = json!({ "code": failure.code, "exit": failure.exit as u8, "what": failure.what,
                "why": failure.why, "do": failure.remedy });
            if let (Some(at), Value::Object(fields)) = (&failure.retry_after, &mut value) {
                fields.insert("retry_after".to_owned(), json!(at));
            }
            return self.event("error", value);
        }
        err(&format!(
            "error: {} (exit {})",
            failure.code.replace('-', " "),
            failure.exit as u8
        ));
        err(&format!("  What: {}", failure.what));
        err(&format!("  Why:  {}", failure.why));
        err(&format!("  Do:   {}", failure.remedy));
    }

    /// Progress of long work: a bar on a terminal, else a line for every tenth once it has taken a moment.
    pub fn progress(&self, step: &'static str, total: u64) -> Progress<'_> {
        let shown = self.terminal && !self.json && !self.quiet;
        let bar = ProgressBar::with_draw_target(
            Some(total),
            if shown {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:20.█░} {percent} %   {eta} left") {
            bar.set_style(style.progress_chars("█░"));
        }
        bar.set_message(step);
        Progress {
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
        out(&Value::Object(line).to_string());
    }
}

/// Progress of one piece of long work.
pub struct Progress<'a> {
    console: &'a Console,
    step: &'static str,
    total: u64,
    done: u64,
    tenth: u64,
    watch: Stopwatch,
    bar: ProgressBar,
}

impl Progress<'_> {
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
            err(&format!("{} {} %", self.step, self.tenth * 10));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Writes a line to standard output; a reader that went away is no failure of ours.
fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}

fn err(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
