//! Articles of the Código Nacional de Procedimientos Penales, as `laws/mx/extracts/cnpp-extracts.txt` has them: lines
//! joined to paragraphs, the furniture of its pages left out, nothing else changed.

const CNPP: &str = include_str!("../../../laws/mx/extracts/cnpp-extracts.txt");
/// Lines that belong to the printed page, not to the law.
const FURNITURE: [&str; 4] = [
    "CÓDIGO NACIONAL DE PROCEDIMIENTOS PENALES",
    "CÁMARA DE DIPUTADOS DEL H. CONGRESO DE LA UNIÓN",
    "Secretaría General",
    "Secretaría de Servicios Parlamentarios",
];
/// What the extracts' own pages say of their date.
const DATED: &str = "Última Reforma DOF ";

/// An article.
pub(crate) struct Article {
    /// Its heading and its paragraphs.
    pub(crate) paragraphs: Vec<String>,
    /// Where it stands.
    pub(crate) source: String,
}

/// An article by its number; nothing where the extracts do not have it.
pub(crate) fn cnpp(number: u32) -> Option<Article> {
    let opening = format!("Artículo {number}. ");
    let mut lines = CNPP.lines().skip_while(|line| !line.starts_with(&opening));
    let mut paragraphs = vec![lines.next()?.to_owned()];
    let mut is_open = false;
    for line in lines.take_while(|line| !line.starts_with("Artículo ") && !line.starts_with("TÍTULO ")) {
        let line = line.trim();
        if line.is_empty() || is_furniture(line) {
            continue;
        }
        match paragraphs.last_mut().filter(|_| is_open && !begins(line)) {
            Some(last) => *last = format!("{last} {line}"),
            None => paragraphs.push(line.to_owned()),
        }
        is_open = !line.ends_with(['.', ';', ':']) && !is_note(line);
    }
    let dated = CNPP.split_once(DATED).and_then(|(_, rest)| rest.lines().next());
    Some(Article {
        paragraphs,
        source: format!(
            "Código Nacional de Procedimientos Penales, art. {number}; extracto del texto oficial, última reforma DOF {} \
             (laws/mx/extracts/cnpp-extracts.txt)",
            dated.unwrap_or("sin fecha")
        ),
    })
}

/// Fractions of an article, numeral and words.
pub(crate) fn fractions(number: u32) -> Vec<(String, String)> {
    let paragraphs = cnpp(number).map(|article| article.paragraphs).unwrap_or_default();
    let split = |line: &String| {
        let (numeral, text) = line.split_once(". ").filter(|(numeral, _)| is_numeral(numeral))?;
        let text = text.trim_end_matches(", y").trim_end_matches([';', '.']);
        Some((numeral.to_owned(), text.to_owned()))
    };
    paragraphs.iter().filter_map(split).collect()
}

fn is_numeral(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| b"IVXL".contains(&byte))
}

fn is_furniture(line: &str) -> bool {
    let page = line.split_once(" de ");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    page.is_some_and(|(page, of)| is_number(page) && is_number(of))
        || FURNITURE.iter().any(|start| line.starts_with(start))
}

/// Whether a line begins a fraction or a note, whatever the line before it ended in.
fn begins(line: &str) -> bool {
    let numeral = line.split_once(". ").map(|(numeral, _)| numeral);
    numeral.is_some_and(is_numeral) || is_note(line)
}

/// Notes on when a part was reformed.
fn is_note(line: &str) -> bool {
    ["Fracción ", "Epígrafe ", "Párrafo "]
        .iter()
        .any(|start| line.starts_with(start) && line.contains(" DOF "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_whole_and_nothing_but_itself() {
        let article = cnpp(304).unwrap();
        assert_eq!(article.paragraphs.len(), 6, "{:#?}", article.paragraphs);
        assert!(article.paragraphs[3].starts_with("II. Que sea solicitada"));
        assert!(article.paragraphs[3].ends_with("que le impidiese declarar;"));
        assert!(article.source.contains("DOF 28-11-2025"));
        let measures = cnpp(137).unwrap();
        assert_eq!(
            measures
                .paragraphs
                .iter()
                .filter(|line| begins(line) && !is_note(line))
                .count(),
            10
        );
        assert_eq!(fractions(137)[7].0, "VIII");
        assert_eq!(fractions(137)[2].1, "Separación inmediata del domicilio");
        assert!(
            fractions(109)
                .iter()
                .any(|(numeral, text)| numeral == "XXVI" && text.contains("trata de personas"))
        );
        let rights = cnpp(109).unwrap().paragraphs.join("\n");
        assert!(
            !rights.contains("29 de 168") && !rights.contains("Secretaría"),
            "{rights}"
        );
        assert!(
            cnpp(306)
                .unwrap()
                .paragraphs
                .last()
                .unwrap()
                .ends_with("Juez de control.")
        );
    }

    #[test]
    fn every_word_stands_in_the_extract() {
        let words: Vec<&str> = CNPP.split_whitespace().collect();
        for number in [106, 109, 137, 227, 228, 304, 305, 306, 366] {
            let article = cnpp(number).unwrap();
            let text = article.paragraphs.join(" ");
            let own: Vec<&str> = text.split_whitespace().collect();
            let found = own
                .chunks(6)
                .all(|piece| words.windows(piece.len()).any(|window| window == piece));
            assert!(
                found || number == 109,
                "{number}: where a page ends, words are not neighbours"
            );
        }
        assert!(cnpp(1).is_none());
    }
}
