//! Words of the tables, in Spanish and English.

use crate::args::Tongue;
use law::{PenaltyShown, Range};

/// Key, Spanish, English.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "banner",
        "Una ayuda, no una determinación: decide quien juzga.",
        "An aid, not a finding: whoever judges decides.",
    ),
    ("date", "Fecha de los hechos", "Date of the facts"),
    ("law", "Ley aplicable", "Applicable law"),
    ("none", "ninguna que pueda elegirse", "none that can be chosen"),
    ("loaded", "texto cargado", "text loaded"),
    ("partial", "texto cargado en parte", "text loaded in part"),
    ("not_loaded", "texto no cargado", "text not loaded"),
    ("unknown", "no puede determinarse", "cannot be determined"),
    ("proven", "Acreditados", "Proven"),
    ("contradicted", "Descartados", "Contradicted"),
    ("undetermined", "Faltan hechos", "Facts missing"),
    ("aggravations", "Agravantes", "Aggravations"),
    ("years", "años de prisión", "years of prison"),
    ("fine", "días multa", "days of fine"),
    ("no_fine", "el texto no señala multa", "the text states no fine"),
    ("to", "a", "to"),
    (
        "compounded",
        "si se aplican sucesivamente",
        "if applied one after the other",
    ),
    ("not_in_force", "Aún no existían", "Did not exist yet"),
    (
        "wording",
        "Redacción de entonces no cargada",
        "Wording of that date not loaded",
    ),
    (
        "secondary",
        "Según fuentes secundarias (no es el texto de la ley)",
        "From secondary sources (not the text of the law)",
    ),
    ("flags", "Advertencias", "Warnings"),
    ("owed", "Asistencia debida", "Assistance owed"),
    (
        "owed_if",
        "Asistencia debida si además se cumple la condición",
        "Assistance owed if the condition also holds",
    ),
    ("part", "Parte de los hechos", "Part of the facts"),
    ("to", "a", "to"),
    ("done", "no queda nada que preguntar", "nothing left to ask"),
    ("elements", "Elementos", "Elements"),
    (
        "excluded_by",
        "Lo excluye, sin que haga falta negarlo",
        "Excluded by, without need to deny it",
    ),
    (
        "to_check",
        "exclusiones que nadie ha planteado",
        "exclusions that nobody has raised",
    ),
    ("penalty", "Pena", "Penalty"),
    ("since", "Redacción desde", "Wording since"),
    ("before", "antes", "before"),
    ("earlier", "Redacción anterior", "Earlier wording"),
    ("absent", "no existía", "did not exist"),
    ("all", "todo lo siguiente", "all of the following"),
    ("any", "al menos uno de", "at least one of"),
    ("not", "no", "not"),
    ("open", "cuestión abierta", "open question"),
    ("note", "Nota", "Note"),
    ("source", "Fuente", "Source"),
    ("entities", "Leyes de las entidades", "Laws of the entities"),
    ("listed", "índice", "index"),
    (
        "no_gazette",
        "sin periódico ni día en el índice",
        "no gazette or day in the index",
    ),
    ("and_until", "hasta", "until"),
    ("text_of", "texto del", "text of"),
    ("missing", "faltaría", "would need"),
    ("denied", "NO ", "NOT "),
    ("article", "artículo", "article"),
    ("unknown_law", "se desconoce", "unknown"),
    ("asked", "Preguntas", "Questions"),
    (
        "answer_with",
        "s = sí, n = no, Intro = no se sabe, fin = terminar",
        "y = yes, n = no, Enter = not known, end = stop",
    ),
    ("when", "¿Cuándo ocurrió?", "When did it happen?"),
    (
        "when_why",
        "Se pregunta porque de la fecha depende qué ley rige. Como 2019-05-10, 2019-05, 2019 o 2012-01/2013-05.",
        "Asked because the law that governs hangs on the date. As 2019-05-10, 2019-05, 2019 or 2012-01/2013-05.",
    ),
];

/// The word in a language; the key itself if there is none.
pub(super) fn of(tongue: Tongue, key: &'static str) -> &'static str {
    let found = WORDS.iter().find(|(name, _, _)| *name == key);
    found.map_or(key, |(_, es, en)| if tongue == Tongue::Es { es } else { en })
}

/// A range in words.
pub(super) fn range(shown: PenaltyShown, tongue: Tongue) -> String {
    if tongue == Tongue::Es {
        return reports::words::range(shown);
    }
    let pair = |range: Range, unit| format!("{} {} {} {}", range.min, of(tongue, "to"), range.max, of(tongue, unit));
    let fine = shown.fine_days.map(|days| pair(days, "fine"));
    let fine = fine.unwrap_or_else(|| of(tongue, "no_fine").to_owned());
    format!("{}; {fine}", pair(shown.years, "years"))
}
