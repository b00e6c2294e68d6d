//! The declarant's way, step by step, as she goes it.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use browser::Person;

/// What she tells: planted, so that it can be searched for afterwards.
pub struct Telling {
    pub text: &'static str,
    pub name: &'static str,
    pub files: Vec<PathBuf>,
    /// Nothing: it opens on request. Else only with her permission, and without it after so many days; `0`: never.
    pub lapse: Option<&'static str>,
}

/// What she takes with her.
#[derive(Debug)]
pub struct Kept {
    pub words: Vec<String>,
    pub code: String,
    /// Words of an inbox that holds nothing, where she wanted some.
    pub decoy: Vec<String>,
}

/// Files it; `at` is called at every step, once what it shows is there.
pub fn file(
    she: &Person<'_>,
    language: &str,
    telling: &Telling,
    at: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<Kept> {
    she.open(&format!("/{language}/nuevo"))?;
    she.wait_for("#step-before h1")?;
    at("before")?;
    she.click("#before-next")?;
    she.wait_for("#who-state.done")?;
    at("who")?;
    match telling.lapse {
        None => she.click("#open-request")?,
        Some(days) => she.click(&format!(r#"[name=lapse][value="{days}"]"#))?,
    }
    she.click("#who-next")?;
    she.write("#account", telling.text)?;
    at("account")?;
    she.click("#account-next")?;
    she.wait_for("#step-questions h1")?;
    at("questions")?;
    she.click("#questions-next")?;
    she.wait_for("#step-evidence h1")?;
    let files: Vec<_> = telling.files.iter().map(PathBuf::as_path).collect();
    she.choose("#files", &files)?;
    she.until("her files in the list", || {
        Ok((she.texts("#file-list .file-name")?.len() == files.len()).then_some(()))
    })?;
    at("evidence")?;
    she.click("#evidence-next")?;
    she.wait_for("#step-person h1")?;
    at("person")?;
    she.click("#person-next")?;
    she.click("#identity-give")?;
    she.write("#name", telling.name)?;
    at("identity")?;
    she.click("#identity-next")?;
    she.wait_for("#step-check h1")?;
    ensure!(she.text("#check-account")? == telling.text, "she sees what she wrote");
    at("check")?;
    seal(she, at)
}

/// From the press on "seal" to the receipt.
pub fn seal(she: &Person<'_>, at: &mut dyn FnMut(&str) -> Result<()>) -> Result<Kept> {
    she.click("#seal-now")?;
    at("seal")?;
    she.wait_for("#step-words h1")?;
    let words = she.texts("#words li")?;
    ensure!(words.len() == 8, "eight words: {}", words.len());
    at("words")?;
    while she.sees("#confirm-word")? {
        let number = asked(she)?;
        she.write("#confirm-word", words.get(number - 1).context("a word's number")?)?;
        she.click("#confirm-next")?;
        she.until("the next word, or the end", || {
            let is_done = !she.sees("#step-words")?;
            Ok((is_done || asked(she)? != number).then_some(()))
        })?;
    }
    let decoy = she.until("her receipt, or other words before it", || {
        if she.sees("#step-decoy h1")? {
            let words = she.texts("#decoy-words li")?;
            at("decoy")?;
            she.click("#decoy-next")?;
            return Ok(Some(words));
        }
        Ok(she.sees("#step-receipt h1")?.then(Vec::new))
    })?;
    she.wait_for("#step-receipt h1")?;
    at("receipt")?;
    let line = she.text("#receipt-code")?;
    let code = line.split_whitespace().find(|part| part.starts_with("R-"));
    let code = code.context("a code on the receipt")?.trim_end_matches('.').to_owned();
    Ok(Kept { words, code, decoy })
}

/// Which word the page asks for.
fn asked(she: &Person<'_>) -> Result<usize> {
    let label = she.texts("#confirm-label")?.concat();
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    digits.parse().with_context(|| format!("a number in {label:?}"))
}
