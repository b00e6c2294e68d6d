//! The frame that every filing has: heading, proem, facts, petitions, close. What the petitioner gave is set; what he did
//! not is a gap.

use law::{Answer, Library, Offence};

use crate::facts::Told;
use crate::frame::Filing;
use crate::model::Span;
use crate::pen::{Pen, code, foreign, gap, or_gap, plain, strong};
use crate::record::CaseRecord;
use crate::spanish;

/// What a filing is and asks for, before its facts.
pub(crate) struct Head<'a> {
    /// To whom, without its seat: `C. Juez de control`.
    pub(crate) authority: &'a str,
    /// What is missing where no authority is named.
    pub(crate) seat: &'a str,
    /// In one line.
    pub(crate) matter: &'a str,
    /// In which capacity one may file it.
    pub(crate) capacity: &'a str,
    /// The sentence that names the law and what is asked for; ends the proem.
    pub(crate) asks: &'a str,
}

/// Heading and proem.
pub(crate) fn head(pen: &mut Pen, filing: &Filing, head: &Head<'_>) {
    let given = |value: &Option<String>, missing: &str| or_gap(value.clone(), missing);
    pen.caption(vec![
        strong("Carpeta de investigación o causa penal: "),
        given(&filing.file, "número de carpeta o de causa"),
    ]);
    pen.caption(vec![strong("Asunto: "), plain(head.matter)]);
    pen.text(vec![
        strong(format!("{} ", head.authority)),
        given(&filing.authority, head.seat),
    ]);
    pen.text(vec![strong("Presente.")]);
    pen.text(vec![
        given(&filing.petitioner, "nombre de quien promueve"),
        plain(", en mi carácter de "),
        given(&filing.capacity, head.capacity),
        plain(", con domicilio para oír y recibir notificaciones en "),
        given(&filing.address, "domicilio o medio para notificaciones"),
        plain(", y autorizando para recibirlas a "),
        given(&filing.authorised, "nombre de las personas autorizadas"),
        plain(", ante usted comparezco y expongo:"),
    ]);
    pen.text(vec![plain(head.asks)]);
}

/// How the testimony came about and when and where what it tells happened: the first facts of each filing.
pub(crate) fn origin(pen: &mut Pen, library: &Library, told: &Told, record: Option<&CaseRecord>) {
    pen.heading("HECHOS");
    let case = told.case();
    let mut spans = vec![plain("La víctima declaró bajo el código ")];
    spans.push(or_gap(record.map(|record| record.code.clone()), "código del caso"));
    match record {
        Some(record) => {
            let (index, time) = record.filed;
            spans.extend([
                plain(format!(
                    ". Su relato quedó sellado e inscrito en el registro público {}, entrada {index}, a más tardar el {}, y se \
                     abrió con la petición ",
                    record.origin,
                    spanish::local(time, case.entity.as_deref())
                )),
                code(record.request.to_hex()),
                plain("."),
            ]);
        }
        None => spans.extend([
            plain(", en un relato sellado que se abrió con "),
            gap("petición con que se abrió"),
            plain("."),
        ]),
    }
    pen.numbered(spans);
    let when = match case.days {
        Some(days) => plain(spanish::days(days)),
        None => gap("fecha de los hechos"),
    };
    pen.numbered(vec![
        plain("Los hechos ocurrieron "),
        when,
        plain(", en "),
        entity(library, told),
        plain("."),
    ]);
}

/// The entity by its name, or a gap.
pub(crate) fn entity(library: &Library, told: &Told) -> Span {
    let Some(given) = told.case().entity.as_deref() else {
        return gap("entidad federativa");
    };
    match library.entity(given) {
        Some(entity) => plain(entity.name_es()),
        None => gap(format!("{given} no es una entidad de este país")),
    }
}

/// The law that governs, by its id; where several do, the first. Nothing where none can be chosen.
pub(crate) fn governing(library: &Library, told: &Told) -> String {
    let laws = law::assess(library, told.case()).applicable_law.unwrap_or_default();
    laws.split("; ").next().unwrap_or_default().to_owned()
}

/// Each fact that is claimed, with the passages that show it or the gap that there is none. `is_wanted`: by its id.
pub(crate) fn claimed(pen: &mut Pen, library: &Library, told: &Told, is_wanted: impl Fn(&str) -> bool) -> usize {
    let law = governing(library, told);
    let facts = library
        .facts
        .iter()
        .enumerate()
        .filter(|(_, fact)| told.says(&fact.id) == Some(true) && is_wanted(&fact.id));
    let mut count = 0;
    for (number, fact) in facts {
        count += 1;
        let mut spans = vec![plain(format!(
            "{} ({}). ",
            capital(&fact.es),
            spanish::cite(library.cite(&law, number))
        ))];
        match quoted(told.passages(&fact.id)) {
            Some(passages) => {
                spans.push(plain("En el relato: "));
                spans.extend(passages);
            }
            None => spans.push(gap("pasaje o prueba que lo muestre")),
        }
        spans.push(plain("."));
        pen.numbered(spans);
    }
    count
}

/// A label at the beginning of a sentence, without the number of its article, which is cited after it.
fn capital(label: &str) -> String {
    let without = label
        .split_once(' ')
        .filter(|(first, _)| first.starts_with(|c: char| c.is_ascii_digit()));
    let mut letters = without.map_or(label, |(_, rest)| rest).chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Passages in their quotation marks; nothing where there are none.
pub(crate) fn quoted(passages: &[String]) -> Option<Vec<Span>> {
    let (first, rest) = passages.split_first()?;
    let mut spans = vec![foreign(format!("«{first}»"))];
    for passage in rest {
        spans.extend([plain("; "), foreign(format!("«{passage}»"))]);
    }
    Some(spans)
}

/// Offences that the facts meet, with the law and the day that each answer is for.
pub(crate) fn met<'a>(library: &'a Library, answer: &'a Answer) -> impl Iterator<Item = (&'a Answer, &'a Offence)> {
    let answers = if answer.parts.is_empty() {
        std::slice::from_ref(answer)
    } else {
        answer.parts.as_slice()
    };
    answers.iter().flat_map(|answer| {
        let offences = library
            .offences
            .iter()
            .filter(|offence| answer.proven.contains(&offence.id));
        offences.map(move |offence| (answer, offence))
    })
}

/// «de la Ley …», «del Código …».
fn of_law(name: &str) -> String {
    let of = if name.starts_with("Ley") { "de la" } else { "del" };
    format!("{of} {name}")
}

/// The offences in one numbered fact.
pub(crate) fn offences(pen: &mut Pen, library: &Library, answer: &Answer) {
    let name = |(_, offence): (&Answer, &Offence)| {
        let law = library
            .instrument(&offence.instrument)
            .map_or(offence.instrument.as_str(), |law| law.name.as_str());
        format!(
            "{}, previsto en el artículo {} {}",
            offence.es,
            spanish::cite(&offence.art),
            of_law(law)
        )
    };
    let mut named: Vec<_> = met(library, answer).map(name).collect();
    named.dedup();
    pen.numbered(if named.is_empty() {
        vec![
            plain("Lo señalado se investiga como "),
            gap("delito o delitos: con los hechos dados no se reúnen los elementos de ninguno"),
            plain("."),
        ]
    } else {
        vec![plain(format!(
            "Lo señalado reúne los elementos de: {}.",
            named.join("; ")
        ))]
    });
}

/// What is asked for, each under its ordinal.
pub(crate) fn petitions(pen: &mut Pen, to: &str, petitions: Vec<Vec<Span>>) {
    pen.heading("PETITORIOS");
    pen.text(vec![plain(format!(
        "Por lo expuesto y fundado, a {to} atentamente pido:"
    ))]);
    let only = petitions.len() == 1;
    for (index, spans) in petitions.into_iter().enumerate() {
        let number = if only {
            "ÚNICO".to_owned()
        } else {
            spanish::ordinal(index + 1)
        };
        pen.point(format!("{number}."), spans);
    }
}

/// «Protesto lo necesario», place and date in words, and the line to sign on.
pub(crate) fn close(pen: &mut Pen, filing: &Filing, signer: &str) {
    let date = filing.date.map(|date| spanish::day(&date.to_string()));
    pen.closing(vec![
        vec![strong("PROTESTO LO NECESARIO")],
        vec![
            or_gap(filing.place.clone(), "lugar"),
            plain(", a "),
            or_gap(date, "fecha con letra"),
            plain("."),
        ],
        vec![plain("________________________________________")],
        vec![or_gap(filing.petitioner.clone(), signer)],
    ]);
}
