//! A report opens in a word processor that is not ours: pandoc reads each .docx, whatever words are in it, and says what it
//! says. `cargo xtask test papers` runs it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use reports::{Block, CaseRecord, Claim, Paper, Report, ReportKind, Span};

/// Texts that broke writers of XML, each with how its lines are read.
const TEXTS: [(&str, &str); 12] = [
    ("vertical\u{b}tab", "vertical\ntab"),
    ("page\u{c}feed", "page\nfeed"),
    ("uno\r\ndos\rtres\ncuatro", "uno\ndos\ntres\ncuatro"),
    ("next\u{85}line \u{2028}sep \u{2029}par", "next\nline\nsep\npar"),
    ("nul\0esc\u{1b}[2J", "nul⟨U+0000⟩esc⟨U+001B⟩[2J"),
    ("factura\u{202e}gpj.exe", "factura⟨U+202E⟩gpj.exe"),
    ("<w:t>&amp;&#0;]]></w:t><!--", "<w:t>&amp;&#0;]]></w:t><!--"),
    ("no\u{ffff}n\u{fffe}char", "no⟨U+FFFF⟩n⟨U+FFFE⟩char"),
    ("👩🏽\u{200d}⚖️ astral 𝔘", "👩🏽\u{200d}⚖️ astral 𝔘"),
    (
        "e\u{301} 证据 \u{5e9}\u{5dc} مرحبا",
        "e\u{301} 证据 \u{5e9}\u{5dc} مرحبا",
    ),
    ("'smart' \"quotes\" -- ---", "'smart' \"quotes\" -- ---"),
    ("_x000B_ ${x} %00 \\u0000", "_x000B_ ${x} %00 \\u0000"),
];

fn report(texts: impl Fn(&str) -> Span) -> Report {
    let mut blocks: Vec<Block> = TEXTS.iter().map(|(text, _)| Block::Text(vec![texts(text)])).collect();
    blocks.push(Block::Table {
        head: vec!["a", "b"],
        rows: TEXTS
            .iter()
            .map(|(text, _)| vec![vec![texts(text)], vec![texts("celda")]])
            .collect(),
    });
    Report {
        kind: ReportKind::Custody,
        title: "Cadena de custodia".to_owned(),
        blocks,
    }
}

/// What pandoc reads, without what only it adds: isolates around foreign words, blanks at the ends of lines.
fn read(bytes: &[u8]) -> String {
    let mut pandoc = Command::new("pandoc")
        .args(["--from", "docx", "--to", "plain", "--wrap", "none"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    pandoc.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = pandoc.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let text: String = text.chars().filter(|c| !['\u{2068}', '\u{2069}'].contains(c)).collect();
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "needs pandoc: cargo xtask test papers"]
fn another_program_opens_each_report_and_reads_every_line() {
    for span in [Span::Plain, Span::Foreign, Span::Strong, Span::Gap] {
        for paper in [Paper::Letter, Paper::A4] {
            let read = read(&reports::docx(&report(|text| span(text.to_owned())), paper).unwrap());
            for (text, lines) in TEXTS {
                assert!(read.contains(lines), "{text:?} reads as\n{read}");
            }
            assert!(read.contains("Cadena de custodia") && read.contains("celda"), "{read}");
        }
    }
}

/// Every filing of a whole case, from its heading to the line to sign on; cells of tables wrap and are left out.
#[test]
#[ignore = "needs pandoc: cargo xtask test papers"]
fn each_filing_reads_as_it_was_written() {
    let record: CaseRecord = serde_json::from_str(include_str!("sample/record.json")).unwrap();
    let claim = Claim::from_json(include_str!("sample/claim.json")).unwrap();
    let told = claim
        .against(
            Some(&record),
            include_str!("sample/account.txt"),
            &reports::Answers::new(),
        )
        .unwrap();
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for kind in ReportKind::ALL {
        let report = reports::make(kind, law_data::library().unwrap(), &told, Some(&record));
        let read = squeezed(&read(&reports::docx(&report, Paper::A4).unwrap()));
        let without_tables = Report {
            blocks: report
                .blocks
                .iter()
                .filter(|block| !matches!(block, Block::Table { .. }))
                .cloned()
                .collect(),
            ..report
        };
        let text = without_tables.text();
        let own = |line: &str| squeezed(line.trim_start_matches("- ").trim_matches(['«', '»']));
        for line in text.lines() {
            assert!(read.contains(&own(line)), "{kind:?}: {line}");
        }
        assert!(
            text.contains("PROTESTO LO NECESARIO") && text.lines().count() > 20,
            "{kind:?}"
        );
    }
}
