//! How another program embeds the law: it reads the law files, asks one case, and says the answer.
//!
//! ```text
//! cargo run -p law --example embed -- laws/mx '{"date":"2019-05-10","facts":{"act_intentional":true}}'
//! ```
//!
//! The crate itself opens no file: a program may as well carry the texts within itself.

use std::error::Error;
use std::path::Path;

use law::{Case, File, Library, Passages, Tongue};

/// Every law file of a folder, loaded.
///
/// # Errors
/// A folder that cannot be read; law files with faults, each with file, line and column.
pub fn load(folder: &Path) -> Result<Library, Box<dyn Error>> {
    let mut texts = Vec::new();
    gather(folder, &mut texts)?;
    let files: Vec<_> = texts.iter().map(|(path, text)| File { path, text }).collect();
    law::load(&files).map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n").into()
    })
}

fn gather(folder: &Path, texts: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// What the law says to a case, a paragraph a line, and the question that would settle the most.
///
/// # Errors
/// A text that is no case.
pub fn say(library: &Library, case: &str, tongue: Tongue) -> Result<Vec<String>, Box<dyn Error>> {
    let case = Case::from_json(case)?;
    let answer = law::assess(library, &case);
    let paragraphs = law::prose(library, &case, &answer, &Passages::new(), tongue);
    let mut lines: Vec<_> = paragraphs.into_iter().map(|paragraph| paragraph.text).collect();
    if let Some(question) = law::ask(library, &case).first() {
        lines.push(format!(
            "{} {}",
            question.said(library, tongue),
            question.why(library, tongue)
        ));
    }
    Ok(lines)
}

#[expect(clippy::print_stdout, reason = "an example shows what it makes")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(folder), Some(case)) = (words.next(), words.next()) else {
        return Err("give the folder of the law files and a case".into());
    };
    let library = load(Path::new(&folder))?;
    for line in [say(&library, &case, Tongue::Es)?, say(&library, &case, Tongue::En)?].concat() {
        println!("{line}");
    }
    Ok(())
}
