//! Writing a report, block by block.

use crate::clean::clean;
use crate::extract;
use crate::model::{Block, Kind, Report, Span};

/// A report that is being written.
pub(crate) struct Pen {
    report: Report,
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
    pub(crate) fn new(kind: Kind, title: &str) -> Self {
        let report = Report {
            kind,
            title: title.to_owned(),
            blocks: Vec::new(),
        };
        Self { report }
    }

    pub(crate) fn notice(&mut self, text: &str) {
        self.report.blocks.push(Block::Notice(clean(text)));
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

    pub(crate) fn item(&mut self, spans: Vec<Span>) {
        self.report.blocks.push(Block::Item(spans));
    }

    pub(crate) fn table(&mut self, head: Vec<&'static str>, rows: Vec<Vec<Vec<Span>>>) {
        self.report.blocks.push(Block::Table { head, rows });
    }

    /// An article of the CNPP as the extracts have it; a gap where they do not.
    pub(crate) fn quote(&mut self, article: u32) {
        let block = match extract::cnpp(article) {
            Some(found) => Block::Quote {
                paragraphs: found.paragraphs,
                source: found.source,
            },
            None => Block::Text(vec![gap(format!("texto del artículo {article} del CNPP: no cargado"))]),
        };
        self.report.blocks.push(block);
    }

    /// One fraction of an article.
    pub(crate) fn fraction(&mut self, article: u32, numeral: &str) {
        let source = extract::cnpp(article).map(|found| found.source);
        let found = extract::fractions(article).into_iter().find(|(own, _)| own == numeral);
        let block = match (found, source) {
            (Some((numeral, text)), Some(source)) => Block::Quote {
                paragraphs: vec![format!("{numeral}. {text}")],
                source,
            },
            _ => Block::Text(vec![gap(format!(
                "fracción {numeral} del artículo {article} del CNPP: no cargada"
            ))]),
        };
        self.report.blocks.push(block);
    }

    pub(crate) fn done(self) -> Report {
        self.report
    }
}
