//! Articles that a report quotes, as the official texts in `laws/mx` have them: lines joined to paragraphs; the furniture
//! of the printed pages and the editor's notes on reforms left out, nothing else changed.

/// A law that is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Código Nacional de Procedimientos Penales.
    Procedure,
    /// Ley General of 2012 on trafficking.
    General,
    /// Ley General de Acceso de las Mujeres a una Vida Libre de Violencias.
    Access,
    /// Código Penal Federal.
    Penal,
    /// The same, as consolidated on 2013-06-07.
    PenalOf2013,
}

/// Lines that belong to the printed page, not to the law.
const FURNITURE: [&str; 4] = [
    "CÓDIGO NACIONAL DE PROCEDIMIENTOS PENALES",
    "CÁMARA DE DIPUTADOS DEL H. CONGRESO DE LA UNIÓN",
    "Secretaría General",
    "Secretaría de Servicios Parlamentarios",
];
/// How a part begins that follows an article.
const NEXT: [&str; 6] = ["TÍTULO ", "CAPÍTULO ", "CAPITULO ", "LIBRO ", "=====", "#"];

impl Text {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [
        Self::Procedure,
        Self::General,
        Self::Access,
        Self::Penal,
        Self::PenalOf2013,
    ];

    /// What is at hand of it, as it was published.
    pub(crate) fn official(self) -> &'static str {
        match self {
            Self::Procedure => include_str!("../../../laws/mx/extracts/cnpp-extracts.txt"),
            Self::General => include_str!("../../../laws/mx/lgpsedmtp-2012/text.txt"),
            Self::Access => include_str!("../../../laws/mx/extracts/lgamvlv-extracts.txt"),
            Self::Penal => include_str!("../../../laws/mx/cpf/text.txt"),
            Self::PenalOf2013 => include_str!("../../../laws/mx/cpf/text-before-2023.txt"),
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Procedure => "Código Nacional de Procedimientos Penales",
            Self::General => {
                "Ley General para Prevenir, Sancionar y Erradicar los Delitos en Materia de Trata de Personas y para la \
                 Protección y Asistencia a las Víctimas de estos Delitos"
            }
            Self::Access => "Ley General de Acceso de las Mujeres a una Vida Libre de Violencias",
            Self::Penal | Self::PenalOf2013 => "Código Penal Federal",
        }
    }

    /// Date of its last reform, as the text itself names it.
    fn dated(self) -> &'static str {
        let before = match self {
            Self::Procedure => "Última Reforma DOF ",
            Self::General => "Última reforma publicada DOF ",
            Self::Access => "última reforma DOF ",
            Self::Penal => "ult. ref. ",
            Self::PenalOf2013 => "===== CPF 64, last reform DOF ",
        };
        let rest = self.official().split_once(before).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.get(..10)).unwrap_or("sin fecha")
    }
}

/// An article.
pub(crate) struct Article {
    /// Its paragraphs and fractions, the heading first where it stands on a line of its own.
    pub(crate) paragraphs: Vec<String>,
}

/// Where an article stands.
pub(crate) fn source(text: Text, number: &str) -> String {
    format!(
        "{}, artículo {number} (última reforma DOF {})",
        text.name(),
        text.dated()
    )
}

/// An article by its number, as `34 Ter`; nothing where the text at hand does not have it.
pub(crate) fn article(text: Text, number: &str) -> Option<Article> {
    let opens = |line: &&str| {
        let rest = line
            .strip_prefix("Artículo ")
            .or_else(|| line.strip_prefix("ARTÍCULO "));
        let rest = rest.and_then(|rest| rest.strip_prefix(number));
        rest.is_some_and(|rest| rest.starts_with(". ") || rest.starts_with(".- "))
    };
    let mut lines = text.official().lines().skip_while(|line| !opens(line));
    let first = lines.next()?;
    let mut paragraphs = vec![first.to_owned()];
    // A heading ends its line without a stop and the text begins on the next.
    let mut is_open = text != Text::Procedure;
    for line in lines.take_while(|line| !is_next(line)) {
        let line = line.trim();
        if line.is_empty() || is_furniture(line) || is_note(line) {
            continue;
        }
        match paragraphs.last_mut().filter(|_| is_open && !begins(line)) {
            Some(last) => *last = format!("{last} {line}"),
            None => paragraphs.push(line.to_owned()),
        }
        is_open = !line.ends_with(['.', ';', ':']);
    }
    Some(Article { paragraphs })
}

/// Fractions of an article, numeral and words.
pub(crate) fn fractions(text: Text, number: &str) -> Vec<(String, String)> {
    let paragraphs = article(text, number)
        .map(|article| article.paragraphs)
        .unwrap_or_default();
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

fn is_next(line: &str) -> bool {
    let is_number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let article = line
        .strip_prefix("Artículo ")
        .or_else(|| line.strip_prefix("ARTÍCULO "));
    article.is_some_and(is_number) || NEXT.iter().any(|start| line.starts_with(start))
}

fn is_furniture(line: &str) -> bool {
    let page = line.split_once(" de ");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    page.is_some_and(|(page, of)| is_number(page) && is_number(of))
        || FURNITURE.iter().any(|start| line.starts_with(start))
}

/// Whether a line begins a fraction, whatever the line before it ended in.
fn begins(line: &str) -> bool {
    let parts = line.split_once(". ").filter(|(numeral, _)| is_numeral(numeral));
    let numeral = parts.or_else(|| line.split_once(".- ")).map(|(numeral, _)| numeral);
    numeral.is_some_and(is_numeral)
}

/// The editor's notes on when a part was reformed.
fn is_note(line: &str) -> bool {
    let starts = [
        "Fracción ",
        "Epígrafe ",
        "Párrafo ",
        "Artículo reformado",
        "Artículo adicionado",
        "Fe de erratas",
    ];
    line.contains(" DOF ") && starts.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_whole_and_nothing_but_itself() {
        let lines = |text, number| article(text, number).unwrap().paragraphs;
        let anticipated = article(Text::Procedure, "304").unwrap();
        assert_eq!(anticipated.paragraphs.len(), 6, "{:#?}", anticipated.paragraphs);
        assert!(anticipated.paragraphs[3].starts_with("II. Que sea solicitada"));
        assert!(anticipated.paragraphs[3].ends_with("que le impidiese declarar;"));
        assert!(source(Text::Procedure, "304").ends_with("artículo 304 (última reforma DOF 28-11-2025)"));
        let measures = lines(Text::Procedure, "137");
        assert_eq!(measures.iter().filter(|line| begins(line)).count(), 10);
        assert_eq!(fractions(Text::Procedure, "137")[7].0, "VIII");
        assert_eq!(
            fractions(Text::Procedure, "137")[2].1,
            "Separación inmediata del domicilio"
        );
        assert!(
            fractions(Text::Procedure, "109")
                .iter()
                .any(|(numeral, text)| numeral == "XXVI" && text.contains("trata de personas"))
        );
        let rights = lines(Text::Procedure, "109").join("\n");
        assert!(
            !rights.contains("29 de 168") && !rights.contains("Secretaría") && !rights.contains(" DOF "),
            "{rights}"
        );
        let kept = lines(Text::Procedure, "306");
        assert!(kept.last().unwrap().ends_with("Juez de control."));
        let special = fractions(Text::General, "66");
        assert_eq!((special.len(), special[14].0.as_str()), (15, "XV"));
        assert!(
            special[14].1.ends_with("en su desarrollo psicológico"),
            "{}",
            special[14].1
        );
        assert_eq!(lines(Text::General, "74").len(), 5);
        let orders = lines(Text::Access, "28");
        assert!(
            orders
                .last()
                .unwrap()
                .starts_with("Deberán expedirse de manera inmediata")
        );
        let concurrence = lines(Text::Penal, "64");
        assert_eq!(concurrence.len(), 3);
        assert!(
            concurrence[0].ends_with("las reglas de concurso real."),
            "{}",
            concurrence[0]
        );
        assert_eq!(lines(Text::PenalOf2013, "107 Bis").len(), 3);
        let minors = lines(Text::Penal, "107 Bis");
        assert!(
            minors.len() == 3 && minors[2].ends_with("que serán imprescriptibles."),
            "{minors:#?}"
        );
        let who = lines(Text::Penal, "13");
        assert!(
            who.len() == 11 && who[8].starts_with("VIII.- Los que sin acuerdo"),
            "{who:#?}"
        );
        assert_eq!(lines(Text::Penal, "102").len(), 5);
        assert_eq!(lines(Text::Penal, "111").len(), 2);
        for (text, dated) in Text::ALL.into_iter().zip([
            "28-11-2025",
            "14-11-2025",
            "15-01-2026",
            "28-11-2025",
            "07-06-2013",
            "28-11-2025",
        ]) {
            assert_eq!(text.dated(), dated, "{text:?}");
        }
        assert!(article(Text::Procedure, "1").is_none());
    }

    /// Words without what lies between them: a page may end in the middle of an article.
    #[test]
    fn every_word_stands_in_the_official_text() {
        for (text, numbers) in [
            (Text::Procedure, "106 109 137 138 139 227 228 304 305 306 366"),
            (Text::General, "66 73 74"),
            (Text::Access, "27 28 29 30 31 32 33 34"),
            (Text::Penal, "13 64 325 100 101 102 104 105 107$Bis 108 110 111"),
        ] {
            let words: Vec<&str> = text.official().split_whitespace().collect();
            for number in numbers.split(' ').map(|number| number.replace('$', " ")) {
                for paragraph in article(text, &number).unwrap().paragraphs {
                    let own: Vec<&str> = paragraph.split_whitespace().collect();
                    let found = words.windows(own.len()).any(|window| window == own);
                    assert!(found, "{text:?} {number}: {paragraph}");
                }
            }
        }
    }
}
