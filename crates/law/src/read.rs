//! Reading one table of a law file: every fault with its line and column, no field unread.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range as Span;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::offence::Range;
use crate::ratio::Ratio;

/// What is wrong in a law file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LawFileFault {
    /// Its file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

impl fmt::Display for LawFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)
    }
}

/// A file while it is read.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) faults: &'a RefCell<Vec<LawFileFault>>,
}

impl Source<'_> {
    /// Line and column, from 1, of a byte.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        place(self.text, at)
    }

    /// Notes a fault at a byte.
    pub(crate) fn fault(&self, at: usize, what: impl Into<String>) {
        let (line, column) = self.place(at);
        self.faults.borrow_mut().push(LawFileFault {
            file: self.file.to_owned(),
            line,
            column,
            what: what.into(),
        });
    }
}

/// Line and column, from 1, of a byte of a text.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// A value with its place.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// A table; remembers which fields were read.
pub(crate) struct Table<'a> {
    pub(crate) source: &'a Source<'a>,
    table: &'a DeTable<'a>,
    span: Span<usize>,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(source: &'a Source<'a>, table: &'a DeTable<'a>, span: Span<usize>) -> Self {
        Self {
            source,
            table,
            span,
            read: RefCell::default(),
        }
    }

    /// Where the table begins.
    pub(crate) fn at(&self) -> usize {
        self.span.start
    }

    /// Notes a fault of the table as a whole.
    pub(crate) fn fault(&self, what: impl Into<String>) {
        self.source.fault(self.at(), what);
    }

    /// The value of a field.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value<'a>> {
        self.read.borrow_mut().insert(key.to_owned());
        self.table.get(key)
    }

    /// Whether `instrument` is a name here, and no table.
    pub(crate) fn law_is_named(&self) -> bool {
        self.get("instrument").is_some_and(|value| value.get_ref().is_str())
    }

    fn need<T: Default>(&self, key: &str, found: Option<T>) -> T {
        if found.is_none() && !self.table.contains_key(key) {
            self.fault(format!("`{key}` is missing"));
        }
        found.unwrap_or_default()
    }

    fn wrong<T>(&self, key: &str, value: &Value<'_>, right: &str) -> Option<T> {
        let found = value.get_ref().type_str();
        let what = format!("`{key}` must be {right}, not {found}");
        self.source.fault(value.span().start, what);
        None
    }

    /// A text, if there.
    pub(crate) fn text_opt(&self, key: &str) -> Option<String> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong(key, value, "a text in quotes"),
        }
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> String {
        self.need(key, self.text_opt(key))
    }

    /// Yes or no; no when it is not there.
    pub(crate) fn yes(&self, key: &str) -> bool {
        let Some(value) = self.get(key) else { return false };
        match value.get_ref().as_bool() {
            Some(yes) => yes,
            None => self.wrong(key, value, "true or false").unwrap_or(false),
        }
    }

    /// A day, if there.
    pub(crate) fn date_opt(&self, key: &str) -> Option<Date> {
        let value = self.get(key)?;
        let date = value.get_ref().as_datetime().filter(|date| date.time.is_none());
        let text = date.map(ToString::to_string);
        match text.as_deref().and_then(crate::case::day) {
            Some(day) => Some(day),
            None => self.wrong(key, value, "a day as 2012-06-15, without quotes"),
        }
    }

    /// A day.
    pub(crate) fn date(&self, key: &str) -> Date {
        self.need(key, self.date_opt(key))
    }

    /// Texts with their places; none when it is not there.
    pub(crate) fn texts(&self, key: &str) -> Vec<(String, usize)> {
        self.array(key)
            .iter()
            .filter_map(|value| match value.get_ref().as_str() {
                Some(text) => Some((text.to_owned(), value.span().start)),
                None => self.wrong(key, value, "a list of texts in quotes"),
            })
            .collect()
    }

    /// A list; empty when it is not there.
    pub(crate) fn array(&self, key: &str) -> &'a [Value<'a>] {
        let Some(value) = self.get(key) else { return &[] };
        match value.get_ref().as_array() {
            Some(array) => array,
            None => self.wrong(key, value, "a list in [ ]").unwrap_or(&[]),
        }
    }

    /// Tables under a key: one `[key]` or several `[[key]]`.
    pub(crate) fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let parts = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let mut tables = Vec::new();
        for part in parts {
            match part.get_ref().as_table() {
                Some(table) => tables.push(Table::new(self.source, table, part.span())),
                None => drop(self.wrong::<()>(key, part, "a table")),
            }
        }
        tables
    }

    /// A number, if there: `3` or `"45/2"`.
    pub(crate) fn ratio_opt(&self, key: &str) -> Option<Ratio> {
        let value = self.get(key)?;
        ratio(value).or_else(|| self.wrong(key, value, "a number as 3 or \"45/2\""))
    }

    /// A number.
    pub(crate) fn ratio(&self, key: &str) -> Ratio {
        self.ratio_opt(key).unwrap_or_else(|| {
            self.need::<()>(key, None);
            Ratio::ONE
        })
    }

    /// Two numbers in order, if there.
    pub(crate) fn range_opt(&self, key: &str) -> Option<Range> {
        let value = self.get(key)?;
        let read: Vec<_> = self.array(key).iter().map(ratio).collect();
        match read[..] {
            [Some(min), Some(max)] if min <= max => Some(Range { min, max }),
            _ => {
                let what = format!("`{key}` must be two numbers, the lower first, as [5, 15]");
                self.source.fault(value.span().start, what);
                None
            }
        }
    }

    /// Two numbers in order.
    pub(crate) fn range(&self, key: &str) -> Range {
        self.range_opt(key).unwrap_or_else(|| {
            self.need::<()>(key, None);
            Range {
                min: Ratio::ONE,
                max: Ratio::ONE,
            }
        })
    }

    /// Two numbers in order, or `"none"` where the law states none: it is never left out by mistake.
    pub(crate) fn range_or_none(&self, key: &str) -> Option<Range> {
        let none = self
            .get(key)
            .is_some_and(|value| value.get_ref().as_str() == Some("none"));
        (!none).then(|| self.range(key))
    }

    /// One of some words, if there.
    pub(crate) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.get(key)?;
        let found = value.get_ref().as_str();
        let choice = words.iter().find(|(word, _)| Some(*word) == found);
        if choice.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let what = format!("`{key}` must be one of {}", known.join(", "));
            self.source.fault(value.span().start, what);
        }
        choice.map(|(_, value)| *value)
    }

    /// Texts under these names, if there: statements that the program shows but does not compute with.
    pub(crate) fn notes(&self, keys: &[&str]) -> BTreeMap<String, String> {
        keys.iter()
            .filter_map(|key| Some(((*key).to_owned(), self.text_opt(key)?)))
            .collect()
    }

    /// Notes a fault for every field that nobody read.
    pub(crate) fn done(&self) {
        let read = self.read.borrow();
        for key in self.table.keys() {
            // `official` names the text that holds what is quoted: for `crate::quotations`.
            if !read.contains(key.get_ref().as_ref()) && key.get_ref() != "official" {
                let known: Vec<_> = read.iter().map(String::as_str).collect();
                let what = format!("`{}` is not known here; known are {}", key.get_ref(), known.join(", "));
                self.source.fault(key.span().start, what);
            }
        }
    }
}

fn ratio(value: &Value<'_>) -> Option<Ratio> {
    match value.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => Ratio::new(integer.as_str().parse().ok()?, 1),
        DeValue::String(text) => Ratio::parse(text),
        _ => None,
    }
}
