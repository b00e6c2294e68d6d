//! A report as a page made for printing: everything in one file, letter or A4, page numbers and digest in the margin.

use std::fmt::Write as _;

use crate::model::{Block, Paper, Report, Span};

/// What the page looks like, on screen and on paper. Paper is white whatever the screen's colours.
const STYLE: &str = "
html { font: 11pt/1.45 'Liberation Serif', 'Times New Roman', serif; color: #111; background: #fff; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.35em; line-height: 1.2; margin: 0 0 1em; text-align: center; }
h2 { font-size: 1.1em; margin: 1.5em 0 .6em; text-align: center; break-after: avoid; }
h3 { font-size: 1em; margin: 1.2em 0 .4em; break-after: avoid; }
p, li { margin: 0 0 .6em; orphans: 3; widows: 3; }
.caption { margin: 0 0 .3em 40%; }
.caption + p:not(.caption) { margin: 1.2em 0 1em; }
.point { padding-left: 2.2em; text-indent: -2.2em; }
.point > b { display: inline-block; min-width: 1.95em; text-indent: 0; }
.closing { break-inside: avoid; text-align: center; margin: 2.5em 0 0; }
.closing p:nth-last-child(2) { margin-top: 3.5em; }
.annex { break-before: page; font-size: 6.8pt; line-height: 1.2; columns: 2; column-gap: 1.4em; }
.annex h2 { column-span: all; font-size: 11pt; margin-top: 0; }
.annex p { margin: 0 0 .2em; }
.notice { border: 1px solid #111; padding: .5em .8em; font-weight: bold; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1em; font-size: .88em; }
thead { display: table-header-group; }
th, td { border: 1px solid #666; padding: .3em .45em; text-align: left; vertical-align: top; }
bdi { overflow-wrap: anywhere; }
th { background: #eee; }
tr { break-inside: avoid; }
blockquote { margin: 0 0 1em; padding: 0 0 0 1em; border-left: 3px solid #999; font-size: .93em; }
blockquote footer { font-size: .9em; break-before: avoid; }
code { font: .82em 'Liberation Mono', 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
mark { background: #ffe680; color: #111; border-bottom: 2px dotted #a00; padding: 0 .1em; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
";

/// The whole page.
#[must_use]
pub fn page(report: &Report, paper: Paper) -> String {
    let size = match paper {
        Paper::Letter => "letter",
        Paper::A4 => "A4",
    };
    let digest = report.digest().to_hex();
    let title = escaped(&report.title);
    let body = fragment(report, 1);
    format!(
        "<!doctype html>\n<html lang=\"es\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}@page {{ size: {size}; \
         margin: 20mm 18mm 22mm; @bottom-left {{ content: \"SHA-256 {digest}\"; font: 6.5pt 'Liberation Mono', monospace; }} \
         @bottom-right {{ content: \"Página \" counter(page) \" de \" counter(pages); font: 9pt 'Liberation Serif', serif; \
         }} }}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// The report alone, its title at heading level `level`.
#[must_use]
pub fn fragment(report: &Report, level: u8) -> String {
    let mut html = String::new();
    let heading = |html: &mut String, below: u8, text: &str| {
        let level = level.saturating_add(below).clamp(1, 6);
        let _ = writeln!(html, "<h{level}>{}</h{level}>", escaped(text));
    };
    heading(&mut html, 0, &report.title);
    let (mut listed, mut is_annexed) = (false, false);
    for block in &report.blocks {
        let is_item = matches!(block, Block::Item(_));
        if is_item != listed {
            html.push_str(if is_item { "<ul>\n" } else { "</ul>\n" });
            listed = is_item;
        }
        let _ = match block {
            Block::Notice(text) => writeln!(html, "<p class=\"notice\">{}</p>", escaped(text)),
            Block::Heading(text) => {
                heading(&mut html, 1, text);
                Ok(())
            }
            Block::Subheading(text) => {
                heading(&mut html, 2, text);
                Ok(())
            }
            Block::Text(spans) => writeln!(html, "<p>{}</p>", run(spans)),
            Block::Caption(spans) => writeln!(html, "<p class=\"caption\">{}</p>", run(spans)),
            Block::Point { number, spans } => {
                writeln!(html, "<p class=\"point\"><b>{}</b> {}</p>", escaped(number), run(spans))
            }
            Block::Closing(lines) => {
                let lines: String = lines.iter().map(|spans| format!("<p>{}</p>", run(spans))).collect();
                writeln!(html, "<div class=\"closing\">{lines}</div>")
            }
            Block::Annex(text) => {
                html.push_str(if is_annexed { "</section>\n" } else { "" });
                html.push_str("<section class=\"annex\">\n");
                is_annexed = true;
                heading(&mut html, 1, text);
                Ok(())
            }
            Block::Item(spans) => writeln!(html, "<li>{}</li>", run(spans)),
            Block::Quote { paragraphs, source } => {
                let lines: String = paragraphs
                    .iter()
                    .map(|line| format!("<p>{}</p>", escaped(line)))
                    .collect();
                writeln!(
                    html,
                    "<blockquote>{lines}<footer>{}</footer></blockquote>",
                    escaped(source)
                )
            }
            Block::Table { head, rows } => {
                table(&mut html, head, rows);
                Ok(())
            }
        };
    }
    html.push_str(if listed { "</ul>\n" } else { "" });
    html.push_str(if is_annexed { "</section>\n" } else { "" });
    html
}

fn table(html: &mut String, head: &[&str], rows: &[Vec<Vec<Span>>]) {
    let head: String = head
        .iter()
        .map(|name| format!("<th scope=\"col\">{}</th>", escaped(name)))
        .collect();
    let _ = writeln!(html, "<table><thead><tr>{head}</tr></thead><tbody>");
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", run(cell))).collect();
        let _ = writeln!(html, "<tr>{cells}</tr>");
    }
    html.push_str("</tbody></table>\n");
}

fn run(spans: &[Span]) -> String {
    let span = |span: &Span| {
        let text = escaped(&span.text());
        match span {
            Span::Plain(_) => text,
            Span::Foreign(_) => format!("<bdi>{text}</bdi>"),
            Span::Strong(_) => format!("<strong>{text}</strong>"),
            Span::Code(_) => format!("<code>{text}</code>"),
            Span::Gap(_) => format!("<mark>{text}</mark>"),
        }
    };
    spans.iter().map(span).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>"),
            other => out.push(other),
        }
    }
    out
}
