//! Citations of articles, read from the law files' short form and said so that they can be read aloud.

use crate::speech::Tongue;

/// An article, and what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cite {
    /// Short name of its law, where it is another than the one spoken of: `CPF`.
    pub law: Option<String>,
    /// Number: `42`, `126 Bis`.
    pub art: String,
    /// Fraction: `X`.
    pub fraction: Option<String>,
    /// Item: `a`.
    pub item: Option<String>,
    /// Paragraphs, first and last of them; `0` is the article's last.
    pub paragraphs: Option<(u8, u8)>,
}

/// Every article that a citation names: `arts. 13 pf., 22-I; CPF 12 p1`. What is no article is left out.
pub fn cites(text: &str) -> Vec<Cite> {
    let mut law: Option<String> = None;
    let mut found = Vec::new();
    for part in text.split([',', ';']) {
        let mut part = part.trim();
        for word in ["def. ", "arts. ", "art. "] {
            if let Some(rest) = part.strip_prefix(word) {
                (part, law) = (rest.trim(), None);
            }
        }
        let at = part.find(|c: char| c.is_ascii_digit());
        let (name, number) = part.split_at(at.unwrap_or(part.len()));
        let name = name.trim();
        if !name.is_empty() {
            let named = name.starts_with(char::is_uppercase) && !number.is_empty();
            if !named {
                continue;
            }
            law = Some(name.to_owned());
        }
        found.extend(cite(number, law.clone()));
    }
    found
}

/// `42-X-a`, `24 p3`, `13 pf.`, `185 p. final`, `126 Bis-II`.
fn cite(text: &str, law: Option<String>) -> Option<Cite> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, mut rest) = text.split_at(digits);
    if number.is_empty() || number.len() > 4 || rest.starts_with("-0") {
        return None;
    }
    let mut art = number.to_owned();
    for more in ["o", " Bis", " Ter", " Quáter"] {
        if let Some(after) = rest.strip_prefix(more) {
            rest = after;
            art.push_str(if more == "o" { "" } else { more });
        }
    }
    let mut cite = Cite {
        law,
        art,
        ..Cite::default()
    };
    for part in rest.split(['-', ' ']).filter(|part| !part.is_empty()) {
        if part.bytes().all(|byte| b"IVXLC".contains(&byte)) {
            cite.fraction = Some(part.to_owned());
        } else if cite.fraction.is_some() && part.len() == 1 {
            cite.item = Some(part.to_owned());
        } else if part == "pf." || part == "pf" || part == "final" {
            cite.paragraphs = Some((0, 0));
        } else if let Some(number) = part.strip_prefix('p').and_then(|number| number.parse().ok()) {
            let first = cite.paragraphs.map_or(number, |(first, _)| first);
            cite.paragraphs = Some((first, number));
        }
    }
    Some(cite)
}

impl Cite {
    /// «artículo 42, fracción X, inciso a», without its law; without the article where that was said just before.
    pub fn spoken(&self, tongue: Tongue, with_article: bool) -> String {
        let mut parts = Vec::new();
        if with_article {
            parts.push(format!("{} {}", tongue.pick("artículo", "article"), self.art));
        }
        if let Some((first, last)) = self.paragraphs {
            parts.push(paragraph(first, last, tongue));
        }
        if let Some(fraction) = &self.fraction {
            parts.push(format!("{} {fraction}", tongue.pick("fracción", "fraction")));
        }
        if let Some(item) = &self.item {
            parts.push(format!("{} {item}", tongue.pick("inciso", "item")));
        }
        parts.join(", ")
    }
}

fn paragraph(first: u8, last: u8, tongue: Tongue) -> String {
    const ES: [&str; 8] = [
        "final", "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo",
    ];
    const EN: [&str; 8] = [
        "last", "first", "second", "third", "fourth", "fifth", "sixth", "seventh",
    ];
    let word = |number: u8| {
        let word = tongue.pick(ES, EN).get(usize::from(number)).copied();
        word.map_or_else(|| number.to_string(), str::to_owned)
    };
    match (first == last, tongue) {
        (true, Tongue::Es) => format!("párrafo {}", word(first)),
        (true, Tongue::En) => format!("{} paragraph", word(first)),
        (false, Tongue::Es) => format!("párrafos {} a {}", word(first), word(last)),
        (false, Tongue::En) => format!("{} to {} paragraph", word(first), word(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_the_law_files_is_read() {
        let said = |text: &str| -> Vec<String> {
            let cites = cites(text);
            let law = |cite: &Cite| cite.law.as_ref().map_or_else(String::new, |law| format!(" {law}"));
            let said = |cite: &Cite| format!("{}{}", cite.spoken(Tongue::Es, true), law(cite));
            cites.iter().map(said).collect()
        };
        for (text, wanted) in [
            ("art. 10 p1", vec!["artículo 10, párrafo primero"]),
            (
                "arts. 13 pf., 16, 42-VII",
                vec!["artículo 13, párrafo final", "artículo 16", "artículo 42, fracción VII"],
            ),
            ("art. 42-X-a", vec!["artículo 42, fracción X, inciso a"]),
            (
                "arts. 13-V, 22-II; def. art. 4-XIII",
                vec![
                    "artículo 13, fracción V",
                    "artículo 22, fracción II",
                    "artículo 4, fracción XIII",
                ],
            ),
            (
                "CPF 325-III, desde el 2023-04-26",
                vec!["artículo 325, fracción III CPF"],
            ),
            (
                "art. 39; CPF 12 p1",
                vec!["artículo 39", "artículo 12, párrafo primero CPF"],
            ),
            (
                "CP Chihuahua 126 Bis-IV, hasta el 2020-12-05",
                vec!["artículo 126 Bis, fracción IV CP Chihuahua"],
            ),
            ("185 p. final", vec!["artículo 185, párrafo final"]),
            ("art. 28-I, II", vec!["artículo 28, fracción I"]),
            ("LPSTP 5 (secondary source)", vec!["artículo 5 LPSTP"]),
            ("24 p1-p2", vec!["artículo 24, párrafos primero a segundo"]),
            ("none", vec![]),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
        assert_eq!(
            cites("42-X-a")[0].spoken(Tongue::En, true),
            "article 42, fraction X, item a"
        );
        assert_eq!(cites("24 p3")[0].spoken(Tongue::En, false), "third paragraph");
    }
}
