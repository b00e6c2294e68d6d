//! What the law says to the facts, for whoever judges: each offence with its elements, where each is shown, the range
//! with every aggravation on a line of its own, what is missing, what is owed.

use std::collections::BTreeSet;
use std::sync::Arc;

use law::{Answer, Before, Case, Forum, Known, Library, Measure, Offence, Stage, Truth};

use crate::facts::Told;
use crate::model::{Kind, Report, Span};
use crate::pen::{Pen, code, foreign, gap, or_gap, plain, strong};
use crate::record::Record;
use crate::words;

/// The report.
#[must_use]
pub fn assessment(library: &Library, told: &Told, record: Option<&Record>) -> Report {
    let mut pen = Pen::new(Kind::Assessment, "Valoración de los hechos conforme a la ley cargada");
    pen.notice(words::BANNER);
    let answer = law::assess(library, told.case());
    head(&mut pen, library, told, &answer, record);
    let context = Context { library, told };
    if answer.parts.is_empty() {
        part(&mut pen, &context, &answer);
    } else {
        warnings(&mut pen, library, &answer);
        for one in &answer.parts {
            pen.heading(&format!("Hechos del {}", one.date.as_deref().unwrap_or("—")));
            part(&mut pen, &context, one);
        }
    }
    owed(&mut pen, "Asistencia y protección debidas", &answer.assistance);
    owed(
        &mut pen,
        "Asistencia y protección debidas si además se cumple la condición",
        &answer.assistance_if,
    );
    sources(&mut pen, library);
    pen.done()
}

struct Context<'a> {
    library: &'a Library,
    told: &'a Told,
}

fn head(pen: &mut Pen, library: &Library, told: &Told, answer: &Answer, record: Option<&Record>) {
    pen.heading("De qué se trata");
    let case = told.case();
    let row = |name: &str, value: Span| vec![vec![plain(name)], vec![value]];
    let mut rows = vec![
        row(
            "Caso",
            or_gap(record.map(|record| record.code.clone()), "caso que se valora"),
        ),
        row(
            "Abierto con la petición",
            record.map_or_else(
                || gap("petición con que se abrió"),
                |record| code(record.request.to_hex()),
            ),
        ),
        row(
            "Fecha de los hechos",
            or_gap(answer.date.clone(), "fecha de los hechos"),
        ),
        row("Entidad", entity(library, case)),
        row("Fuero", forum(case.forum)),
        row("Etapa", plain(stage(case.stage))),
    ];
    if answer.parts.is_empty() {
        let law = answer.applicable_law.as_deref();
        let name = law.and_then(|id| library.instrument(id)).map(|law| law.name.clone());
        rows.push(row(
            "Ley aplicable",
            or_gap(
                name.or(law.map(str::to_owned)),
                "ley aplicable: no puede elegirse con lo que se sabe",
            ),
        ));
        rows.push(row("Texto disponible", plain(words::status(answer.law_status))));
    }
    pen.table(vec!["Dato", "Valor"], rows);
    let unknown = case.facts.keys().filter(|name| !library.index.contains_key(*name));
    for name in unknown {
        pen.item(vec![
            plain("Dato que ninguna ley cargada conoce, no se usó: "),
            code(name.clone()),
        ]);
    }
}

fn entity(library: &Library, case: &Case) -> Span {
    let Some(given) = case.entity.as_deref() else {
        return gap("entidad federativa");
    };
    match library.entity(given) {
        Some(entity) => plain(format!("{} ({})", entity.name_es(), entity.id)),
        None => gap(format!("{given} no es una entidad de este país")),
    }
}

fn forum(forum: Forum) -> Span {
    match forum {
        Forum::Local => plain("local"),
        Forum::Federal => plain("federal"),
        Forum::Unknown => gap("fuero: se desconoce"),
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Consummated => "consumado",
        Stage::Attempt => "tentativa",
    }
}

fn part(pen: &mut Pen, context: &Context<'_>, answer: &Answer) {
    let library = context.library;
    let named = |ids: &BTreeSet<String>| -> Vec<&Offence> {
        library
            .offences
            .iter()
            .filter(|offence| ids.contains(&offence.id))
            .collect()
    };
    let touched: BTreeSet<String> = answer.change.keys().cloned().collect();
    let claims = |offence: &&Offence| {
        let known = law::known(library, context.told.case(), answer, offence);
        known
            .iter()
            .any(|known| context.told.case().facts.get(&library.facts[known.fact].id) == Some(&true))
    };
    section(pen, context, answer, "Delitos acreditados", &named(&answer.proven));
    section(
        pen,
        context,
        answer,
        "Delitos a los que les faltan hechos",
        &named(&touched),
    );
    let contradicted: Vec<&Offence> = named(&answer.contradicted).into_iter().filter(claims).collect();
    section(
        pen,
        context,
        answer,
        "Delitos descartados de los que algo se afirma",
        &contradicted,
    );
    if answer.proven.is_empty() && touched.is_empty() {
        pen.text(vec![plain(
            "Ningún delito de la ley cargada queda acreditado, ni hay hechos que lo inicien.",
        )]);
    }
    aggravations(pen, context, answer);
    not_computed(pen, library, answer);
    secondary(pen, library, answer);
    if !answer.flags.is_empty() {
        warnings(pen, library, answer);
    }
}

fn section(pen: &mut Pen, context: &Context<'_>, answer: &Answer, title: &str, offences: &[&Offence]) {
    if offences.is_empty() {
        return;
    }
    pen.heading(title);
    for offence in offences {
        pen.subheading(&format!("Art. {}. {}", offence.art, offence.es));
        let law = context.library.instrument(&offence.instrument);
        let name = law.map_or(offence.instrument.as_str(), |law| law.name.as_str());
        let before = match offence.before {
            Some(Before::Absent) => "; antes no existía",
            Some(Before::NotLoaded) => "; la redacción anterior no está cargada",
            None => "",
        };
        pen.text(vec![plain(format!(
            "{name}. Redacción desde {}{before}.",
            offence.since
        ))]);
        let known = law::known(context.library, context.told.case(), answer, offence);
        let relevant = known
            .iter()
            .filter(|known| is_relevant(context, answer, offence, known));
        let rows = relevant.map(|known| element(context, known)).collect();
        pen.table(vec!["Elemento", "En este expediente", "Dónde consta", "Artículo"], rows);
        if let Some(sentence) = answer.sentence.get(&offence.id) {
            pen.text(vec![strong("Pena: "), plain(words::range(sentence.shown))]);
            if let Some(compounded) = sentence.compounded {
                pen.text(vec![
                    strong("Si los aumentos se aplican uno tras otro: "),
                    plain(words::range(compounded)),
                ]);
            }
            for step in words::steps(sentence) {
                pen.item(vec![plain(step)]);
            }
            pen.text(vec![
                plain("Palabras de la ley: "),
                plain(format!("«{}»", offence.penalty.text)),
            ]);
        }
        for set in answer.change.get(&offence.id).into_iter().flatten() {
            let facts = set.iter().map(|(fact, value)| {
                let not = if *value { "" } else { "que no: " };
                format!("{not}{}", words::missing(context.library, fact))
            });
            let facts: Vec<_> = facts.collect();
            pen.item(vec![plain("Quedaría acreditado con: "), gap(facts.join("; "))]);
        }
        for note in [&offence.note_es, &offence.cumulates, &offence.also]
            .into_iter()
            .flatten()
        {
            pen.text(vec![plain(format!("Nota: {note}"))]);
        }
    }
}

/// What is known, and what a court would still ask: not every fact of a branch that plays no part.
fn is_relevant(context: &Context<'_>, answer: &Answer, offence: &Offence, known: &Known) -> bool {
    let id = &context.library.facts[known.fact].id;
    let in_change = || {
        let sets = answer.change.get(&offence.id).into_iter().flatten();
        sets.into_iter().any(|set| set.contains_key(id))
    };
    known.value != Truth::Unknown || context.told.case().facts.contains_key(id) || in_change()
}

fn element(context: &Context<'_>, known: &Known) -> Vec<Vec<Span>> {
    let fact = &context.library.facts[known.fact];
    let state = match known.value {
        _ if !known.loaded => gap("la redacción de esa fecha no está cargada"),
        Truth::True if known.presumed => strong("presumido (art. 3-X)"),
        Truth::True => strong("acreditado"),
        Truth::False => strong("descartado"),
        Truth::Unknown => gap("sin dato"),
    };
    let shown = match context.told.passages(&fact.id) {
        passages if !passages.is_empty() => {
            let quoted = |passage: &String| [foreign(format!("«{passage}»")), plain(" ")];
            passages.iter().flat_map(quoted).collect()
        }
        _ if known.presumed => vec![gap("dictamen médico de edad")],
        _ if known.value == Truth::Unknown => vec![plain("—")],
        _ => vec![gap("pasaje o prueba que lo muestre")],
    };
    vec![
        vec![plain(fact.es.clone())],
        vec![state],
        shown,
        vec![plain(fact.cite.clone())],
    ]
}

fn aggravations(pen: &mut Pen, context: &Context<'_>, answer: &Answer) {
    if answer.aggravations.is_empty() {
        return;
    }
    pen.heading("Agravantes");
    let rows = answer.aggravations.iter().map(|id| {
        let fraction = context.library.fractions.iter().find(|fraction| fraction.id == *id);
        let art = fraction.map_or("—", |fraction| fraction.art.as_str());
        let reasons = answer.reasons.iter().filter(|reason| reason.about == *id);
        let facts: Vec<_> = reasons
            .flat_map(|reason| &reason.because)
            .map(|because| words::missing(context.library, &because.fact))
            .collect();
        vec![vec![plain(art)], vec![plain(facts.join("; "))]]
    });
    pen.table(vec!["Artículo", "Por qué"], rows.collect());
}

fn not_computed(pen: &mut Pen, library: &Library, answer: &Answer) {
    let name = |id: &String| {
        let offence = library
            .offence(id)
            .map(|offence| format!("art. {} ({})", offence.art, offence.es));
        let fraction = library.fractions.iter().find(|fraction| fraction.id == *id);
        offence
            .or(fraction.map(|fraction| format!("art. {}", fraction.art)))
            .unwrap_or_else(|| id.clone())
    };
    for (title, ids) in [
        ("Aún no existían en esa fecha: ", &answer.not_in_force),
        (
            "Su redacción de esa fecha no está cargada; no se acreditan ni se descartan: ",
            &answer.wording_not_loaded,
        ),
    ] {
        if !ids.is_empty() {
            let names: Vec<_> = ids.iter().map(name).collect();
            pen.text(vec![strong(title), plain(names.join("; "))]);
        }
    }
}

fn secondary(pen: &mut Pen, library: &Library, answer: &Answer) {
    for (id, found) in &answer.secondary {
        pen.heading("Según fuentes secundarias: no es el texto de la ley");
        let name = library.offence(id).map_or(id.as_str(), |offence| offence.es.as_str());
        pen.text(vec![plain(format!("{name}: {}.", words::result(found.result)))]);
        for penalty in &found.penalty {
            pen.item(vec![plain(words::cited(library, id, penalty))]);
        }
        for fact in &found.undetermined {
            pen.item(vec![gap(words::missing(library, fact))]);
        }
    }
}

fn warnings(pen: &mut Pen, library: &Library, answer: &Answer) {
    pen.heading("Advertencias");
    for flag in &answer.flags {
        pen.item(vec![plain(words::flag(library, flag))]);
    }
}

/// A table of measures, for the other reports too.
pub(crate) fn owed(pen: &mut Pen, title: &str, measures: &[Arc<Measure>]) {
    if measures.is_empty() {
        return;
    }
    pen.heading(title);
    let rows = measures.iter().map(|measure| {
        vec![
            vec![plain(words::label(&measure.measure))],
            vec![plain(words::term(&measure.owed_by))],
            vec![plain(format!("{} {}", measure.law, words::term(&measure.article)))],
            vec![plain(words::term(&measure.deadline))],
            vec![plain(words::term(&measure.trigger))],
        ]
    });
    pen.table(
        vec!["Medida", "A cargo de", "Artículo", "Plazo", "Condición"],
        rows.collect(),
    );
}

fn sources(pen: &mut Pen, library: &Library) {
    pen.heading("Textos de los que sale esta respuesta");
    for law in &library.instruments {
        let status = match law.status {
            law::Status::Loaded => "loaded",
            law::Status::Partial => "partial",
            law::Status::NotLoaded => "not_loaded",
        };
        let dated = law
            .text_as_of
            .map_or_else(String::new, |date| format!(", texto del {date}"));
        let source = law.source_es.as_deref().unwrap_or(&law.source);
        pen.item(vec![plain(format!(
            "{}: {}{dated}. Fuente: {source}.",
            law.name,
            words::status(status)
        ))]);
    }
}
