//! What the law says to the facts, for whoever judges: each offence of which an act or a purpose is told, its elements as
//! its article joins them, where each is told, the range with every aggravation on a line of its own, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use law::{Answer, Before, Days, Forum, Known, Library, Offence, Stage, Worded as _};

use crate::element;
use crate::extract::Text;
use crate::facts::Told;
use crate::filing::{self, Head};
use crate::measures::annex;
use crate::model::{Report, ReportKind, Span};
use crate::pen::{Pen, code, gap, or_gap, plain, strong};
use crate::record::CaseRecord;
use crate::{spanish, words};

const TITLE: &str = "Valoración jurídica de los hechos señalados";
/// Beginnings of the names of facts that many offences share: what they tell is neither an act nor a purpose.
const SHARED: [&str; 9] = [
    "act_intentional",
    "agg_",
    "author_",
    "harm_",
    "legal_threat_",
    "means_",
    "multiple_",
    "submission_",
    "victim_",
];
/// First day of CPF 64 as it is in force (DOF 17-06-2016).
const CONCURRENCE_SINCE: &str = "2016-06-18";
/// First day of CPF 107 Bis p3 as it is in force (DOF 18-10-2023; its transitory article is not at hand).
const MINORS_SINCE: &str = "2023-10-19";

/// The filing.
#[must_use]
pub fn assessment(library: &Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    let mut pen = Pen::new(ReportKind::Assessment, TITLE);
    filing::head(
        &mut pen,
        told.filing(),
        &Head {
            authority: "C. Agente del Ministerio Público o Juez",
            seat: "autoridad y sede",
            matter: "se presenta la valoración jurídica de los hechos que señala el relato de la víctima",
            capacity: "carácter de quien presenta la valoración",
            asks: "Con fundamento en el artículo 109-XIV y XV del Código Nacional de Procedimientos Penales (CNPP) presento la \
                   valoración de los hechos que la víctima señala en su relato, conforme a los textos que se citan.",
        },
    );
    let answer = law::assess(library, told.case());
    filing::origin(&mut pen, library, told, record);
    filing::claimed(&mut pen, library, told, |_| true);
    pen.heading("DERECHO");
    find(&mut pen, library, told, &answer, record);
    rules(&mut pen, library, told, &answer);
    sources(&mut pen, library, told, &answer);
    let wishes = [
        "Tener por presentada esta valoración y por señalado el domicilio para notificaciones.",
        "Considerar, al clasificar los hechos, los delitos cuyos elementos señala el relato.",
        "Investigar lo que en cada delito está marcado como faltante.",
        "Examinar de oficio las causas de exclusión (CPF 17).",
        "Gestionar la asistencia que se debe a la víctima y que enumera el anexo.",
        "Resguardar la identidad y los demás datos personales de la víctima (CNPP 106 y 109-XXVI).",
    ];
    filing::petitions(&mut pen, "usted", wishes.map(|wish| vec![plain(wish)]).into());
    filing::close(
        &mut pen,
        told.filing(),
        "nombre y firma de quien presenta la valoración",
    );
    annex(&mut pen, &answer);
    pen.done()
}

/// What the law says, without the frame of a filing: to be read while facts are marked.
#[must_use]
pub fn findings(library: &Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    let mut pen = Pen::new(ReportKind::Assessment, TITLE);
    let answer = law::assess(library, told.case());
    find(&mut pen, library, told, &answer, record);
    pen.done()
}

fn find(pen: &mut Pen, library: &Library, told: &Told, answer: &Answer, record: Option<&CaseRecord>) {
    pen.text(vec![plain(words::BANNER)]);
    head(pen, library, told, answer, record);
    let context = Context { library, told };
    if answer.parts.is_empty() {
        part(pen, &context, answer);
        return;
    }
    warnings(pen, library, answer);
    for one in &answer.parts {
        pen.heading(&format!("Hechos del {}", one.date.as_deref().unwrap_or("—")));
        part(pen, &context, one);
    }
}

struct Context<'a> {
    library: &'a Library,
    told: &'a Told,
}

impl Context<'_> {
    /// What is known of the facts that an offence asks about.
    fn known(&self, answer: &Answer, offence: &Offence) -> BTreeMap<usize, Known> {
        let known = law::known(self.library, self.told.case(), answer, offence);
        known.into_iter().map(|known| (known.fact, known)).collect()
    }

    /// Whether an act or a purpose of an offence is told.
    fn is_begun(&self, offence: &Offence) -> bool {
        let mut asked = BTreeSet::new();
        offence.elements.facts(&mut asked);
        asked.into_iter().any(|fact| {
            let id = self.library.facts[fact].id.as_str();
            self.told.says(id) == Some(true) && !SHARED.iter().any(|start| id.starts_with(start))
        })
    }

    fn offences<'b>(&'b self, ids: impl Fn(&str) -> bool + 'b) -> impl Iterator<Item = &'b Offence> {
        self.library.offences.iter().filter(move |offence| ids(&offence.id))
    }
}

fn head(pen: &mut Pen, library: &Library, told: &Told, answer: &Answer, record: Option<&CaseRecord>) {
    let case = told.case();
    let row = |name: &str, value: Span| vec![vec![plain(name)], vec![value]];
    let mut rows = vec![
        row(
            "Caso",
            or_gap(record.map(|record| record.code.clone()), "caso que se valora"),
        ),
        row(
            "Fecha de los hechos",
            or_gap(case.days.map(spanish::days), "fecha de los hechos"),
        ),
        row("Entidad", filing::entity(library, told)),
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
    let met: Vec<_> = context.offences(|id| answer.proven.contains(id)).collect();
    let (begun, others): (Vec<_>, Vec<_>) = context
        .offences(|id| answer.change.contains_key(id))
        .partition(|offence| context.is_begun(offence));
    let excluded: Vec<_> = context
        .offences(|id| answer.contradicted.contains(id))
        .filter(|offence| context.is_begun(offence))
        .collect();
    if met.is_empty() && begun.is_empty() {
        pen.text(vec![plain(
            "El relato no señala acto ni fin de ningún delito de la ley cargada.",
        )]);
    }
    section(
        pen,
        context,
        answer,
        "Delitos cuyos elementos se señalan en el relato",
        &met,
    );
    section(pen, context, answer, "Delitos a los que les faltan hechos", &begun);
    section(
        pen,
        context,
        answer,
        "Delitos descartados de los que algo se afirma",
        &excluded,
    );
    if !others.is_empty() {
        let arts: Vec<_> = others.iter().map(|offence| spanish::cite(&offence.art)).collect();
        pen.text(vec![plain(format!(
            "De otros delitos el relato no señala acto ni fin: arts. {}.",
            arts.join("; ")
        ))]);
    }
    aggravations(pen, context, answer);
    exclusions(pen, library, answer);
    not_computed(pen, library, answer);
    secondary(pen, library, answer);
    if !answer.flags.is_empty() {
        warnings(pen, library, answer);
    }
}

/// The wording of an offence that an answer is about.
fn worded<'a>(answer: &Answer, offence: &'a Offence) -> &'a Offence {
    let days = answer.date.as_deref().and_then(Days::parse);
    days.and_then(|days| offence.on(days.first)).unwrap_or(offence)
}

fn section(pen: &mut Pen, context: &Context<'_>, answer: &Answer, title: &str, offences: &[&Offence]) {
    if offences.is_empty() {
        return;
    }
    pen.subheading(title);
    for newest in offences {
        let offence = worded(answer, newest);
        let law = context.library.instrument(&offence.instrument);
        let name = law.map_or(offence.instrument.as_str(), |law| law.name.as_str());
        let before = match offence.before {
            Some(Before::Absent) => "; antes no existía",
            Some(Before::NotLoaded) => "; la redacción anterior no está cargada",
            None => "",
        };
        pen.subheading(&format!("Art. {}. {}", spanish::cite(&offence.art), offence.es));
        pen.text(vec![plain(format!(
            "{name}. Redacción desde {}{before}.",
            offence.since
        ))]);
        let known = context.known(answer, newest);
        let rows = element::rows(context.library, context.told, &known, offence);
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
        for set in answer.change.get(offence.id.as_str()).into_iter().flatten() {
            let facts = set.iter().map(|(fact, value)| {
                let not = if *value { "" } else { "que no: " };
                format!("{not}{}", words::missing(context.library, fact))
            });
            let facts: Vec<_> = facts.collect();
            pen.item(vec![plain("Sus elementos se reunirían con: "), gap(facts.join("; "))]);
        }
        for note in [&offence.note_es, &offence.cumulates, &offence.also]
            .into_iter()
            .flatten()
        {
            pen.text(vec![plain(format!("Nota: {note}"))]);
        }
    }
}

fn aggravations(pen: &mut Pen, context: &Context<'_>, answer: &Answer) {
    if answer.aggravations.is_empty() {
        return;
    }
    pen.subheading("Agravantes");
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

/// Exclusions that nobody has raised: the authority looks into them of its own motion.
fn exclusions(pen: &mut Pen, library: &Library, answer: &Answer) {
    let facts: BTreeSet<&str> = answer
        .exclusions_to_check
        .values()
        .flatten()
        .map(|fact| &**fact)
        .collect();
    if facts.is_empty() {
        return;
    }
    pen.subheading("Causas de exclusión que se examinan de oficio (CPF 15 y 17)");
    let names: Vec<_> = facts.into_iter().map(|fact| words::missing(library, fact)).collect();
    pen.text(vec![plain(format!("Nadie las ha planteado: {}.", names.join("; ")))]);
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
            "Su redacción de esa fecha no está cargada; no se afirman ni se descartan: ",
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
        pen.subheading("Según fuentes secundarias: no es el texto de la ley");
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
    pen.subheading("Advertencias");
    for flag in &answer.flags {
        pen.item(vec![plain(words::flag(library, flag))]);
    }
}

/// What holds for every offence beside its own article: who took part, several offences, time that has passed.
fn rules(pen: &mut Pen, library: &Library, told: &Told, answer: &Answer) {
    let law = library.instrument(&filing::governing(library, told));
    if law.is_some_and(|law| law.entity.is_some()) {
        pen.subheading("Participación, concurso y prescripción");
        pen.text(vec![
            plain("Se rigen por el código de la entidad: "),
            gap("sus artículos sobre participación, concurso de delitos y prescripción; texto no cargado"),
            plain("."),
        ]);
        return;
    }
    let first = told.case().days.map(|days| days.first.to_string());
    let is_before = |day: &str| first.as_deref().is_some_and(|first| first < day);
    pen.subheading("Participación (CPF 13)");
    pen.text(vec![
        plain("Responde del delito quien interviene en alguna de las formas del artículo 13. La de cada persona señalada es "),
        gap("fracción del artículo 13"),
        plain("."),
    ]);
    pen.paragraphs(Text::Penal, "13", 0..9);
    pen.subheading("Concurso de delitos (CPF 64)");
    if filing::met(library, answer).count() < 2 {
        pen.text(vec![plain(
            "Si se señala más de un delito, se aplican las reglas del artículo 64 del CPF.",
        )]);
    } else {
        let text = if is_before(CONCURRENCE_SINCE) {
            Text::PenalOf2013
        } else {
            Text::Penal
        };
        pen.paragraphs(text, "64", 0..2);
    }
    pen.subheading("Prescripción (CPF 102 y 105)");
    pen.text(vec![plain(
        "El plazo de la acción penal es el del artículo 105 y corre desde el día que fija el 102:",
    )]);
    pen.paragraphs(Text::Penal, "105", 0..1);
    pen.paragraphs(Text::Penal, "102", 0..5);
    if told.says("victim_minor") != Some(false) {
        pen.text(vec![plain(
            "Si la víctima era menor de dieciocho años, el plazo empieza cuando cumple la mayoría de edad:",
        )]);
        let text = if is_before(MINORS_SINCE) {
            Text::PenalOf2013
        } else {
            Text::Penal
        };
        pen.paragraphs(text, "107 Bis", 2..3);
    }
    pen.text(vec![
        plain("Lo interrumpen las actuaciones de los artículos 110 y 111. Además rigen: "),
        gap("artículos 103, 106, 107, 109 y 112 a 115 del CPF; texto no cargado"),
        plain("."),
    ]);
}

/// The texts that this is drawn from, and no others.
fn sources(pen: &mut Pen, library: &Library, told: &Told, answer: &Answer) {
    let context = Context { library, told };
    let answers = if answer.parts.is_empty() {
        std::slice::from_ref(answer)
    } else {
        answer.parts.as_slice()
    };
    let mut used: BTreeSet<&str> = BTreeSet::from(["CPF"]);
    for answer in answers {
        used.extend(answer.applicable_law.iter().flat_map(|law| law.split("; ")));
        let is_named = |id: &str| answer.proven.contains(id) || answer.secondary.contains_key(id);
        let named = context.offences(is_named).map(|offence| offence.instrument.as_str());
        used.extend(named);
    }
    pen.subheading("Textos de los que sale esta valoración");
    for law in library.instruments.iter().filter(|law| used.contains(law.id.as_str())) {
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
