//! A report as a .docx that a lawyer can edit: headings and lists in the styles of the file, gaps highlighted.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, LineSpacing, NumPages, PageMargin, PageNum, Paragraph, Run, RunFonts,
    Shading, SpecialIndentType, Style, StyleType, Table, TableCell, TableRow, WidthType,
};

use crate::clean::clean;
use crate::model::{Block, Paper, Report, Span};

/// Before and after words of somebody else: their direction of writing ends with them (first strong isolate and its end).
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Twips of a sheet: width, height.
const LETTER: (u32, u32) = (12_240, 15_840);
const A4: (u32, u32) = (11_906, 16_838);
/// Twips from the edge.
const MARGIN: i32 = 1_134;
/// Twips between the margins, of the narrower sheet.
const TEXT_WIDTH: usize = 9_638;
/// Half points.
const SMALL: usize = 13;

/// Why no file was made: the writer's own words.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be written: {0}")]
pub struct DocxError(String);

/// The file.
///
/// # Errors
/// [`DocxError`]; writing to memory does not fail otherwise.
pub fn docx(report: &Report, paper: Paper) -> Result<Vec<u8>, DocxError> {
    let (width, height) = match paper {
        Paper::Letter => LETTER,
        Paper::A4 => A4,
    };
    let margin = PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN);
    let mut file = Docx::new()
        .page_size(width, height)
        .page_margin(margin)
        .default_fonts(RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman"))
        .default_size(22)
        .footer(footer(report))
        .add_paragraph(
            Paragraph::new()
                .style("Heading1")
                .align(AlignmentType::Center)
                .add_run(run(&report.title)),
        );
    for (number, size) in [(1, 32), (2, 26), (3, 22)] {
        let style = Style::new(format!("Heading{number}"), StyleType::Paragraph)
            .name(format!("heading {number}"))
            .outline_lvl(number - 1)
            .bold()
            .size(size);
        file = file.add_style(style);
    }
    let mut is_annexed = false;
    for block in &report.blocks {
        is_annexed |= matches!(block, Block::Annex(_));
        file = add(file, block, is_annexed);
    }
    let mut bytes = Cursor::new(Vec::new());
    file.build()
        .pack(&mut bytes)
        .map_err(|error| DocxError(error.to_string()))?;
    Ok(bytes.into_inner())
}

fn add(file: Docx, block: &Block, is_annexed: bool) -> Docx {
    let heading = |style: &str, text: &str| Paragraph::new().style(style).keep_next(true).add_run(run(text));
    let centred = |paragraph: Paragraph| paragraph.align(AlignmentType::Center);
    match block {
        Block::Notice(text) => file.add_paragraph(Paragraph::new().add_run(run(text).bold())),
        Block::Heading(text) => file.add_paragraph(centred(heading("Heading2", text))),
        Block::Subheading(text) => file.add_paragraph(heading("Heading3", text)),
        Block::Annex(text) => file.add_paragraph(centred(heading("Heading2", text)).page_break_before(true)),
        Block::Text(spans) if is_annexed => file.add_paragraph(sized(spans, Some(SMALL))),
        Block::Text(spans) => file.add_paragraph(paragraph(spans)),
        Block::Caption(spans) => file.add_paragraph(paragraph(spans).align(AlignmentType::Right)),
        Block::Point { number, spans } => {
            let mut numbered = vec![Span::Strong(format!("{number} "))];
            numbered.extend(spans.iter().cloned());
            file.add_paragraph(paragraph(&numbered).indent(
                Some(480),
                Some(SpecialIndentType::Hanging(480)),
                None,
                None,
            ))
        }
        Block::Closing(lines) => {
            let last = lines.len().saturating_sub(1);
            lines.iter().enumerate().fold(file, |file, (place, spans)| {
                let line = centred(paragraph(spans)).keep_lines(true).keep_next(place < last);
                // Where the name is written: above the line to sign on.
                let space = if place + 1 == last { 1_000 } else { 240 };
                file.add_paragraph(line.line_spacing(LineSpacing::new().before(space)))
            })
        }
        Block::Item(spans) => {
            let marked: Vec<Span> = std::iter::once(Span::Plain("•\u{a0}".to_owned()))
                .chain(spans.iter().cloned())
                .collect();
            file.add_paragraph(paragraph(&marked).indent(Some(360), None, None, None))
        }
        Block::Quote { paragraphs, source } => {
            let mut file = file;
            for line in paragraphs {
                let words = run(line).italic();
                file = file.add_paragraph(Paragraph::new().indent(Some(480), None, None, None).add_run(words));
            }
            let cited = run(source).size(18);
            file.add_paragraph(Paragraph::new().indent(Some(480), None, None, None).add_run(cited))
        }
        Block::Table { head, rows } => file.add_table(table(head, rows)).add_paragraph(Paragraph::new()),
    }
}

fn table(head: &[&str], rows: &[Vec<Vec<Span>>]) -> Table {
    // Without a grid some programs show no table at all.
    let grid = vec![TEXT_WIDTH / head.len().max(1); head.len()];
    let cell = |spans: &[Span]| TableCell::new().add_paragraph(paragraph(spans));
    let head = head
        .iter()
        .map(|name| cell(&[Span::Strong((*name).to_owned())]).shading(Shading::new().fill("EEEEEE")));
    let mut all = vec![TableRow::new(head.collect())];
    all.extend(
        rows.iter()
            .map(|row| TableRow::new(row.iter().map(|spans| cell(spans)).collect())),
    );
    Table::new(all).set_grid(grid).width(5_000, WidthType::Pct)
}

fn paragraph(spans: &[Span]) -> Paragraph {
    sized(spans, None)
}

/// In half points, where it is not the size of the file.
fn sized(spans: &[Span], size: Option<usize>) -> Paragraph {
    spans.iter().fold(Paragraph::new(), |paragraph, span| {
        let text = span.text();
        let run = match span {
            Span::Plain(_) => run(&text),
            Span::Foreign(_) => {
                let [begin, end] = ISOLATE.map(String::from);
                lines(Run::new().add_text(begin), &text).add_text(end)
            }
            Span::Strong(_) => run(&text).bold(),
            Span::Code(_) => run(&text)
                .fonts(RunFonts::new().ascii("Courier New").hi_ansi("Courier New"))
                .size(16),
            Span::Gap(_) => run(&text).highlight("yellow"),
        };
        paragraph.add_run(match size {
            Some(size) => run.size(size),
            None => run,
        })
    })
}

/// Every text goes into the file through here: cleaned, its lines kept.
fn run(text: &str) -> Run {
    lines(Run::new(), text)
}

fn lines(run: Run, text: &str) -> Run {
    let text = clean(text);
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default();
    lines.fold(run.add_text(first), |run, line| {
        run.add_break(BreakType::TextWrapping).add_text(line)
    })
}

/// «SHA-256 … Página x de y»: the numbers are fields, which the word processor fills.
fn footer(report: &Report) -> Footer {
    let digest = Run::new()
        .add_text(format!("SHA-256 {}   Página ", report.digest().to_hex()))
        .size(SMALL);
    let line = Paragraph::new()
        .add_run(digest)
        .add_page_num(PageNum::new())
        .add_run(Run::new().add_text(" de ").size(SMALL))
        .add_num_pages(NumPages::new());
    Footer::new().add_paragraph(line)
}
