//! The articles of an official text.

/// An article as the text has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Number: `5`, `126 Bis`.
    pub number: String,
    /// Paragraphs, printed lines joined; the first without «Artículo 5.».
    pub paragraphs: Vec<String>,
    /// What the publisher says of reforms.
    pub notes: Vec<String>,
}

/// Every article, in order, of a text as the Chamber prints it; transitory articles are left out. Where a text holds
/// several wordings of an article, each is there.
pub fn articles(text: &str) -> Vec<Article> {
    let mut found: Vec<Article> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if is_end(line) {
            break;
        }
        if let Some((number, rest)) = heading(line) {
            open = true;
            found.push(Article {
                number,
                paragraphs: vec![rest.to_owned()],
                notes: Vec::new(),
            });
        } else if is_division(line) {
            open = false;
        } else if let Some(article) = found.last_mut().filter(|_| open) {
            article.add(line);
        }
    }
    found
}

impl Article {
    fn add(&mut self, line: &str) {
        if is_note(line) {
            self.notes.push(line.to_owned());
            return;
        }
        let ended =
            |before: &String| before.ends_with(['.', ':', ';']) || before.ends_with("; y") || before.ends_with("; o");
        match self.paragraphs.last_mut() {
            Some(before) if before.is_empty() => line.clone_into(before),
            // A number alone on its line: what it numbers follows.
            Some(before) if !ended(before) || is_number(before) => {
                before.push(' ');
                before.push_str(line);
            }
            _ => self.paragraphs.push(line.to_owned()),
        }
    }
}

/// `Artículo 5o.- La Federación` gives `5` and the rest.
fn heading(line: &str) -> Option<(String, &str)> {
    let plain = line.trim_start_matches('*');
    let rest = ["Artículo ", "ARTÍCULO "]
        .iter()
        .find_map(|word| plain.strip_prefix(word))?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, mut rest) = rest.split_at(digits);
    if number.is_empty() {
        return None;
    }
    let mut number = number.to_owned();
    for (word, more) in [("o", ""), (" Bis", " Bis"), (" BIS", " Bis"), (" Ter", " Ter")] {
        if let Some(after) = rest.strip_prefix(word) {
            rest = after;
            number.push_str(more);
        }
    }
    let rest = rest.trim_start_matches('*');
    let after = rest.strip_prefix(['.', '-'])?;
    Some((number, after.trim_start_matches(['.', '-', '*', ' '])))
}

fn is_end(line: &str) -> bool {
    matches!(
        line.to_uppercase().as_str(),
        "TRANSITORIOS" | "TRANSITORIO" | "ARTÍCULOS TRANSITORIOS"
    )
}

/// The title of a book, title, chapter or section; a line between two texts.
fn is_division(line: &str) -> bool {
    const KINDS: [&str; 5] = ["LIBRO ", "TÍTULO ", "CAPÍTULO ", "SECCIÓN ", "====="];
    let upper = line.to_uppercase();
    KINDS.iter().any(|kind| upper.starts_with(kind)) && line.chars().count() < 60
        || line.starts_with("=====")
        || line.chars().any(char::is_alphabetic) && upper == line && line.chars().count() > 8
}

/// «Artículo reformado DOF 07-06-2024».
fn is_note(line: &str) -> bool {
    const KINDS: [&str; 7] = [
        "Artículo ",
        "Fracción ",
        "Párrafo ",
        "Inciso ",
        "Numeral ",
        "Reforma ",
        "Fe de erratas ",
    ];
    line.contains("DOF ") && KINDS.iter().any(|kind| line.starts_with(kind))
}

/// `IV.` or `b)` and nothing else.
fn is_number(text: &str) -> bool {
    let number = text.trim_end_matches(['.', ')']);
    number.len() < text.len() && !number.is_empty() && number.bytes().all(|byte| b"IVXLCabcdefghij".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_of_a_printed_text_are_told_apart() {
        let text = "# Source: a copy\nTÍTULO PRIMERO\nDISPOSICIONES\nArtículo 5o.- La Federación será competente para\ninvestigar:\nI.\nEl Estado de\nla Federación;\nII. Otro.\nFracción reformada DOF 19-01-2018\nCAPÍTULO II\nDe otra cosa\nArtículo 126 Bis. Uno.\nTRANSITORIOS\nArtículo 1.- No.\n";
        let found = articles(text);
        let article = |number: &str, paragraphs: &[&str], notes: &[&str]| Article {
            number: number.to_owned(),
            paragraphs: paragraphs.iter().map(ToString::to_string).collect(),
            notes: notes.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            found,
            [
                article(
                    "5",
                    &[
                        "La Federación será competente para investigar:",
                        "I. El Estado de la Federación;",
                        "II. Otro."
                    ],
                    &["Fracción reformada DOF 19-01-2018"],
                ),
                article("126 Bis", &["Uno."], &[]),
            ]
        );
    }
}
