//! Reports on paper: printed by Chromium, read back from the PDF. The digest and the page numbers stand on each sheet, gaps
//! are to be seen as gaps, and the sheet has the size that was asked for.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use reports::{Claim, Paper, Report, ReportKind};

/// Name of a sheet, as `pdfinfo` tells them.
const SHEETS: [(Paper, &str); 2] = [(Paper::Letter, "(letter)"), (Paper::A4, "(A4)")];

fn report(kind: ReportKind) -> Result<Report> {
    let library = law_data::library().map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let account = include_str!("../../../../crates/reports/tests/sample/account.txt");
    let claim = Claim::from_json(include_str!("../../../../crates/reports/tests/sample/claim.json"))?;
    let record = serde_json::from_str(include_str!("../../../../crates/reports/tests/sample/record.json"))?;
    let told = claim.against(Some(&record), account, &reports::Answers::new());
    let told = told.map_err(|why| anyhow::anyhow!("{why:?}"))?;
    Ok(reports::make(kind, library, &told, Some(&record)))
}

/// Keeps a picture of the first sheet, as docs/images/ shows it.
fn picture(pdf: &Path, kind: ReportKind) -> Result<()> {
    let folder = std::env::var_os("RESGUARDO_SCREENSHOTS").context("RESGUARDO_SCREENSHOTS is not set")?;
    let folder = Path::new(&folder).join("shown");
    std::fs::create_dir_all(&folder)?;
    let output = Command::new("pdftoppm")
        .args(["-png", "-gray", "-r", "64", "-singlefile"])
        .arg(pdf)
        .arg(folder.join(format!("escrito-{}-es", kind.name())))
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn tool(program: &str, arguments: &[&str], file: &Path) -> Result<String> {
    let output = Command::new(program).args(arguments).arg(file).arg("-").output();
    let output = output.with_context(|| format!("{program} is missing: cargo xtask test browser installs it"))?;
    ensure!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Prints a page as a person does, without the browser's own header.
fn print(page: &str, folder: &Path) -> Result<std::path::PathBuf> {
    let (html, pdf) = (folder.join("report.html"), folder.join("report.pdf"));
    std::fs::write(&html, page)?;
    let chromium = std::env::var_os("RESGUARDO_CHROMIUM").context("RESGUARDO_CHROMIUM is not set")?;
    let run = Command::new(chromium)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", html.display()))
        .output()?;
    ensure!(
        pdf.is_file(),
        "nothing was printed: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    Ok(pdf)
}

/// Words only: where lines break is the printer's business.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
#[ignore = "needs Chromium and pdftotext: cargo xtask test browser"]
fn reports_print_with_page_numbers_digest_and_visible_gaps() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for kind in ReportKind::ALL {
        let report = report(kind)?;
        for (paper, sheet) in SHEETS {
            let pdf = print(&reports::page(&report, paper), folder.path())?;
            if paper == Paper::A4 {
                picture(&pdf, kind)?;
            }
            let output = Command::new("pdfinfo").arg(&pdf).output()?;
            let info = String::from_utf8(output.stdout)?;
            let size = info
                .lines()
                .find(|line| line.starts_with("Page size:"))
                .context("a size")?;
            ensure!(size.contains(sheet), "{kind:?}: {size}");
            let text = tool("pdftotext", &["-layout"], &pdf)?;
            let sheets: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
            ensure!(!sheets.is_empty());
            let (digest, all) = (report.digest().to_hex(), sheets.len());
            for (number, sheet) in sheets.iter().enumerate() {
                let footer = format!("Página {} de {all}", number + 1);
                ensure!(sheet.contains(&footer), "{kind:?}: no «{footer}» in\n{sheet}");
                ensure!(
                    squeezed(sheet).contains(&digest),
                    "{kind:?}: sheet {} lacks the digest",
                    number + 1
                );
            }
            let printed = squeezed(&tool("pdftotext", &["-raw"], &pdf)?);
            let gaps = report.gaps();
            ensure!(
                !gaps.is_empty(),
                "{kind:?} has nothing missing, which is not so before a lawyer has filled it"
            );
            ensure!(
                printed.matches("[FALTA:").count() == gaps.len(),
                "{kind:?}: {} gaps",
                gaps.len()
            );
            ensure!(printed.contains(&squeezed(&report.title)));
        }
    }
    Ok(())
}
