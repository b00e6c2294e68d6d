//! The document model: what a report says, before it has any form.

use std::fmt::Write as _;

use protocol::Digest;
use serde::Serialize;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportKind {
    /// What the law says to the facts.
    Assessment,
    /// Petition for anticipated evidence, CNPP 304.
    Evidence,
    /// Chain of custody, CNPP 227 and 228.
    Custody,
    /// Request for protective measures, CNPP 137.
    Measures,
}

impl ReportKind {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Assessment, Self::Evidence, Self::Custody, Self::Measures];

    /// As commands, files and pages name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::Evidence => "evidence",
            Self::Custody => "custody",
            Self::Measures => "measures",
        }
    }

    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Size of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 8.5 × 11 in, what courts in Mexico print on.
    Letter,
    /// 210 × 297 mm.
    A4,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Which.
    pub kind: ReportKind,
    /// Heading.
    pub title: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// What must be read first.
    Notice(String),
    /// A heading below the title.
    Heading(String),
    /// A heading below a heading.
    Subheading(String),
    /// A line of the head, at the right: file number, matter.
    Caption(Vec<Span>),
    /// A paragraph.
    Text(Vec<Span>),
    /// A paragraph with its number, as `1.` or `PRIMERO.`
    Point {
        /// Number.
        number: String,
        /// What it says.
        spans: Vec<Span>,
    },
    /// An entry of a list.
    Item(Vec<Span>),
    /// Words of the law, with their source.
    Quote {
        /// Paragraphs.
        paragraphs: Vec<String>,
        /// Where they stand.
        source: String,
    },
    /// A table.
    Table {
        /// Heads of the columns.
        head: Vec<&'static str>,
        /// Rows of as many cells.
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// Lines that close a filing, kept together: where one signs.
    Closing(Vec<Vec<Span>>),
    /// Heading of an annex: what follows stands on a sheet of its own, in smaller type.
    Annex(String),
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// Words.
    Plain(String),
    /// Words of somebody else (a name, a purpose, a passage): set apart, so that their direction of writing moves nothing
    /// around them.
    Foreign(String),
    /// Words that carry weight.
    Strong(String),
    /// A digest, a code.
    Code(String),
    /// Something that is missing, named. Never filled here.
    Gap(String),
}

impl Block {
    /// Its runs of words, in order; none where it is words alone.
    #[must_use]
    pub fn spans(&self) -> Vec<&Span> {
        match self {
            Self::Caption(spans) | Self::Text(spans) | Self::Item(spans) | Self::Point { spans, .. } => {
                spans.iter().collect()
            }
            Self::Table { rows, .. } => rows.iter().flatten().flatten().collect(),
            Self::Closing(lines) => lines.iter().flatten().collect(),
            Self::Notice(_) | Self::Heading(_) | Self::Subheading(_) | Self::Annex(_) | Self::Quote { .. } => {
                Vec::new()
            }
        }
    }
}

impl Span {
    /// As plain text; a gap as it is printed.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Plain(text) | Self::Foreign(text) | Self::Strong(text) | Self::Code(text) => text.clone(),
            Self::Gap(what) => format!("[FALTA: {what}]"),
        }
    }
}

impl Report {
    /// Everything that it says, as plain text. Its SHA-256 is the digest in the footer.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        let line = |spans: &[Span]| spans.iter().map(Span::text).collect::<String>();
        for block in &self.blocks {
            let _ = match block {
                Block::Notice(words) | Block::Heading(words) | Block::Subheading(words) | Block::Annex(words) => {
                    writeln!(text, "{words}")
                }
                Block::Text(spans) | Block::Caption(spans) => writeln!(text, "{}", line(spans)),
                Block::Point { number, spans } => writeln!(text, "{number} {}", line(spans)),
                Block::Item(spans) => writeln!(text, "- {}", line(spans)),
                Block::Quote { paragraphs, source } => writeln!(text, "«{}»\n{source}", paragraphs.join("\n")),
                Block::Table { head, rows } => {
                    let rows = rows.iter().map(|row| {
                        let cells: Vec<_> = row.iter().map(|cell| line(cell)).collect();
                        cells.join("\t")
                    });
                    let all: Vec<String> = std::iter::once(head.join("\t")).chain(rows).collect();
                    writeln!(text, "{}", all.join("\n"))
                }
                Block::Closing(lines) => {
                    let all: Vec<String> = lines.iter().map(|spans| line(spans)).collect();
                    writeln!(text, "{}", all.join("\n"))
                }
            };
        }
        text
    }

    /// SHA-256 of [`Self::text`]: the same inputs give the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// Everything that is missing, in order.
    #[must_use]
    pub fn gaps(&self) -> Vec<&str> {
        let spans = self.blocks.iter().flat_map(Block::spans);
        spans
            .filter_map(|span| match span {
                Span::Gap(what) => Some(what.as_str()),
                Span::Plain(_) | Span::Foreign(_) | Span::Strong(_) | Span::Code(_) => None,
            })
            .collect()
    }
}
