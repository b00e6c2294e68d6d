//! Writing a report, block by block.

use crate::clean::clean;
use crate::extract::{self, Text};
use crate::model::{Block, Report, ReportKind, Span};

/// Stands above a filing as long as anything is missing in it.
const DRAFT: &str = "Borrador. Lo que falta está marcado y debe completarlo quien firma; nada se rellenó.";

/// A report that is being written.
pub(crate) struct Pen {
    report: Report,
    /// How many numbered facts it has.
    facts: usize,
}

pub(crate) fn plain(text: impl Into<String>) -> Span {
    Span::Plain(clean(&text.into()))
}

/// Words that somebody else wrote.
pub(crate) fn foreign(text: impl Into<String>) -> Span {
    Span::Foreign(clean(&text.into()))
}

pub(crate) fn strong(text: impl Into<String>) -> Span {
    Span::Strong(clean(&text.into()))
}

pub(crate) fn code(text: impl Into<String>) -> Span {
    Span::Code(clean(&text.into()))
}

pub(crate) fn gap(what: impl Into<String>) -> Span {
    Span::Gap(clean(&what.into()))
}

/// What somebody else wrote, or a gap that names it.
pub(crate) fn or_gap(value: Option<impl Into<String>>, what: &str) -> Span {
    value.map_or_else(|| gap(what), foreign)
}

impl Pen {
    pub(crate) fn new(kind: ReportKind, title: &str) -> Self {
        let report = Report {
            kind,
            title: title.to_owned(),
            blocks: Vec::new(),
        };
        Self { report, facts: 0 }
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.report.blocks.push(Block::Heading(clean(text)));
    }

    pub(crate) fn subheading(&mut self, text: &str) {
        self.report.blocks.push(Block::Subheading(clean(text)));
    }

    pub(crate) fn text(&mut self, spans: Vec<Span>) {
        self.report.blocks.push(Block::Text(spans));
    }

    pub(crate) fn caption(&mut self, spans: Vec<Span>) {
        self.report.blocks.push(Block::Caption(spans));
    }

    pub(crate) fn point(&mut self, number: impl Into<String>, spans: Vec<Span>) {
        let number = number.into();
        self.report.blocks.push(Block::Point { number, spans });
    }

    /// The next of the numbered facts.
    pub(crate) fn numbered(&mut self, spans: Vec<Span>) {
        self.facts += 1;
        self.point(format!("{}.", self.facts), spans);
    }

    pub(crate) fn closing(&mut self, lines: Vec<Vec<Span>>) {
        self.report.blocks.push(Block::Closing(lines));
    }

    pub(crate) fn annex(&mut self, title: &str) {
        self.report.blocks.push(Block::Annex(clean(title)));
    }

    pub(crate) fn item(&mut self, spans: Vec<Span>) {
        self.report.blocks.push(Block::Item(spans));
    }

    pub(crate) fn table(&mut self, head: Vec<&'static str>, rows: Vec<Vec<Vec<Span>>>) {
        self.report.blocks.push(Block::Table { head, rows });
    }

    /// An article as its official text has it; a gap where it is not at hand.
    pub(crate) fn quote(&mut self, text: Text, article: &str) {
        self.words_of(
            text,
            article,
            extract::article(text, article).map(|found| found.paragraphs),
        );
    }

    /// Paragraphs of an article, counted from 0.
    pub(crate) fn paragraphs(&mut self, text: Text, article: &str, which: std::ops::Range<usize>) {
        let found =
            extract::article(text, article).and_then(|found| found.paragraphs.get(which).map(<[String]>::to_vec));
        self.words_of(text, article, found);
    }

    /// One fraction of an article.
    pub(crate) fn fraction(&mut self, text: Text, article: &str, numeral: &str) {
        let found = extract::fractions(text, article)
            .into_iter()
            .find(|(own, _)| own == numeral);
        self.words_of(
            text,
            article,
            found.map(|(numeral, words)| vec![format!("{numeral}. {words}")]),
        );
    }

    fn words_of(&mut self, text: Text, article: &str, paragraphs: Option<Vec<String>>) {
        self.report.blocks.push(match paragraphs {
            Some(paragraphs) => Block::Quote {
                paragraphs,
                source: extract::source(text, article),
            },
            None => Block::Text(vec![gap(format!(
                "artículo {article}, {}: texto no cargado",
                text.name()
            ))]),
        });
    }

    /// The report, marked as a draft while anything is missing in it.
    pub(crate) fn done(mut self) -> Report {
        if !self.report.gaps().is_empty() {
            self.report.blocks.insert(0, Block::Notice(DRAFT.to_owned()));
        }
        self.report
    }
}
