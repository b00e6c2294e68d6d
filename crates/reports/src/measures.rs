//! Request for protective measures (CNPP 137 to 139; LGAMVLV 27 to 34; LGPSEDMTP 66-V and 73), with the assistance that
//! the laws owe as its annex.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use law::{Answer, Library, Measure};
use protocol::statement::Compartment;

use crate::extract::{self, Text};
use crate::facts::{NamedLine, NormalForm, Told};
use crate::filing::{self, Head};
use crate::model::{Report, ReportKind};
use crate::pen::{Pen, code, foreign, gap, or_gap, plain, strong};
use crate::record::CaseRecord;
use crate::{spanish, words};

/// Facts that speak of a risk to her.
pub(crate) const RISK: [&str; 16] = [
    "act_retain",
    "means_physical_violence",
    "means_moral_violence",
    "means_serious_harm_or_threat",
    "means_legal_or_migration_threat",
    "means_force_or_coercion",
    "means_criminal_org_force",
    "under_control_or_threat",
    "agg_family_or_relationship",
    "agg_violence_deceit_or_cruelty",
    "agg_life_endangered",
    "agg_serious_injury_and_illness",
    "agg_author_organized_crime",
    "agg_author_public_official",
    "fem_circumstance_V",
    "fem_circumstance_V_indirect_threats",
];

/// Who owes a measure that is a duty of the victim.
const HERSELF: &str = "víctima";

/// The request.
#[must_use]
pub fn measures(library: &Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    let mut pen = Pen::new(ReportKind::Measures, "Solicitud de medidas de protección");
    filing::head(
        &mut pen,
        told.filing(),
        &Head {
            authority: "C. Agente del Ministerio Público",
            seat: "fiscalía y sede",
            matter: "se solicitan medidas de protección para la víctima",
            capacity: "carácter de quien solicita: víctima, asesor jurídico o representante",
            asks: "Con fundamento en los artículos 109-XVI y XIX, 137, 138 y 139 del Código Nacional de Procedimientos Penales \
                   (CNPP), 66-V y 73 de la Ley General para Prevenir, Sancionar y Erradicar los Delitos en Materia de Trata de \
                   Personas y para la Protección y Asistencia a las Víctimas de estos Delitos (LGPSEDMTP) y, de manera \
                   supletoria, 27 a 34 de la Ley General de Acceso de las Mujeres a una Vida Libre de Violencias (LGAMVLV), \
                   solicito las medidas de protección que se marcan abajo.",
        },
    );
    let answer = law::assess(library, told.case());
    filing::origin(&mut pen, library, told, record);
    filing::offences(&mut pen, library, &answer);
    pen.numbered(vec![
        plain("Persona frente a la que se pide la protección: "),
        or_gap(
            told.filing().accused.clone(),
            "nombre o datos que identifiquen al imputado",
        ),
        plain("."),
    ]);
    named(&mut pen, told);
    let is_open = record.is_some_and(|record| record.is_open(Compartment::Identity));
    let identity = if is_open {
        "La identidad de la víctima se abrió por separado y no se transcribe en este escrito. Se le notifica de modo seguro por "
    } else {
        "La identidad de la víctima está sellada aparte, no se abrió y no consta en este escrito. Se le notifica de modo \
         seguro por "
    };
    pen.numbered(vec![plain(identity), gap("medio seguro"), plain(".")]);
    pen.subheading("Hechos de riesgo");
    if filing::claimed(&mut pen, library, told, |id| RISK.contains(&id)) == 0 {
        pen.numbered(vec![gap(
            "hechos de riesgo, cada uno con el pasaje del relato que lo muestra",
        )]);
    }
    pen.numbered(vec![
        plain("Por ello el imputado representa un riesgo inminente contra la seguridad de la víctima: "),
        gap("por qué el riesgo es inminente"),
        plain("."),
    ]);
    grounds(&mut pen);
    choice(&mut pen);
    petitions(&mut pen);
    filing::close(&mut pen, told.filing(), "nombre y firma de quien solicita");
    annex(&mut pen, &answer);
    pen.done()
}

/// What she wrote of who hurt her: as she wrote it, and its normal form where it has one. Whose it is, the petitioner says.
fn named(pen: &mut Pen, told: &Told) {
    if told.named().is_empty() {
        return;
    }
    pen.numbered(vec![plain(
        "La víctima anotó estos datos de quien le hizo daño, que pueden ser de una o de varias personas. Quien firma deja los \
         que identifican al imputado y suprime los demás:",
    )]);
    let rows = told.named().iter().map(|NamedLine { named, normal }| {
        let normal = match normal {
            NormalForm::Is(normal) => code(normal),
            NormalForm::None => plain("no tiene: está incompleto o es de otra forma"),
            NormalForm::NotRead => gap("no se pudo calcular; vuelva a hacer el escrito"),
        };
        let of = named.of.as_deref().filter(|of| !of.is_empty());
        let mut kind = vec![plain(words::identifier(named.kind))];
        kind.extend(of.into_iter().flat_map(|of| [plain(", "), foreign(of)]));
        vec![kind, vec![foreign(named.text.as_str())], vec![normal]]
    });
    pen.table(vec!["Dato", "Como lo escribió", "Forma única"], rows.collect());
}

fn grounds(pen: &mut Pen) {
    pen.heading("DERECHO");
    pen.subheading("Medidas de protección");
    pen.quote(Text::Procedure, "137");
    pen.subheading("Cuánto duran");
    pen.paragraphs(Text::Procedure, "139", 1..2);
    pen.subheading("Providencias para la reparación del daño");
    pen.paragraphs(Text::Procedure, "138", 1..5);
    pen.subheading("Derecho de las víctimas de trata");
    pen.fraction(Text::General, "66", "V");
    pen.quote(Text::General, "73");
    pen.subheading("Si la víctima es mujer, adolescente o niña");
    pen.text(vec![plain(
        "Los artículos 137 y 139 del CNPP, en su último párrafo, hacen supletoria la LGAMVLV. Sus artículos 30 a 34 fijan con \
         qué principios se dictan las órdenes, qué información se le da, qué se toma en consideración y quién las ejecuta.",
    )]);
    pen.paragraphs(Text::Access, "27", 0..2);
    pen.paragraphs(Text::Access, "28", 3..5);
    pen.fraction(Text::Access, "32", "I");
    pen.subheading("Reserva de identidad");
    pen.quote(Text::Procedure, "106");
    pen.fraction(Text::Procedure, "109", "XXVI");
}

fn petitions(pen: &mut Pen) {
    let wishes = [
        vec![plain(
            "Tener por presentado este escrito y por señalado el domicilio para notificaciones.",
        )],
        vec![plain(
            "Ordenar, fundada y motivadamente, las medidas de protección que se marcan en la tabla anterior (CNPP 137).",
        )],
        vec![plain(
            "Fijar su duración en sesenta días naturales y prorrogarlas hasta por treinta si el riesgo sigue (CNPP 139).",
        )],
        vec![plain(
            "Si se ordenan las de las fracciones I, II o III, solicitar la audiencia ante el juez dentro de los cinco días \
             siguientes, para que las ratifique (CNPP 137).",
        )],
        vec![
            plain("Solicitar al juez, para garantizar la reparación del daño, las providencias precautorias sobre "),
            gap("bienes o cuentas que se pide embargar o inmovilizar (CNPP 138); si no se piden, suprima este punto"),
            plain("."),
        ],
        vec![plain(
            "Realizar la valoración del riesgo y, en su caso, la médica y la psicológica (LGAMVLV 31 y 32).",
        )],
        vec![plain(
            "Gestionar la asistencia que se debe a la víctima y que enumera el anexo.",
        )],
        vec![plain(
            "Resguardar su identidad y sus demás datos personales (CNPP 106 y 109-XXVI; LGPSEDMTP 74-III).",
        )],
    ];
    filing::petitions(pen, "usted, C. Agente del Ministerio Público,", wishes.into());
}

/// The ten measures, one line each, to be chosen and given reasons for. None is chosen here.
fn choice(pen: &mut Pen) {
    pen.subheading("Medidas que se piden: las marcadas");
    let rows = extract::fractions(Text::Procedure, "137")
        .into_iter()
        .map(|(numeral, text)| {
            vec![
                vec![plain("☐")],
                vec![plain(numeral)],
                vec![plain(text)],
                vec![gap("motivo, si se pide")],
            ]
        });
    pen.table(vec!["Se pide", "Fracción", "Medida", "Motivo"], rows.collect());
}

/// What is owed to her, on one sheet: by who owes it.
pub(crate) fn annex(pen: &mut Pen, answer: &Answer) {
    pen.annex("ANEXO. Asistencia y protección que se deben a la víctima");
    pen.text(vec![plain(
        "Los artículos sin otra mención son de la LGPSEDMTP; LGV es la Ley General de Víctimas. Donde no se dice plazo, la ley \
         no lo fija.",
    )]);
    owed(pen, &answer.assistance, |_| String::new());
    if !answer.assistance_if.is_empty() {
        pen.text(vec![strong("Además, si se cumple su condición:")]);
        owed(pen, &answer.assistance_if, |measure| {
            format!(", si: {}", words::term(&measure.trigger))
        });
    }
}

fn owed(pen: &mut Pen, measures: &[Arc<Measure>], when: impl Fn(&Measure) -> String) {
    let mut by: BTreeMap<&str, Vec<&Measure>> = BTreeMap::new();
    // What she herself has to do is no assistance.
    for measure in measures.iter().filter(|measure| measure.owed_by != HERSELF) {
        by.entry(&measure.owed_by).or_default().push(measure);
    }
    for (who, measures) in by {
        let mut list = String::new();
        for (place, measure) in measures.iter().enumerate() {
            let law = if measure.law == "LGPSEDMTP" { "" } else { &measure.law };
            let deadline = match words::term(&measure.deadline) {
                "—" | "sin plazo fijado en la ley" => String::new(),
                deadline => format!(", {deadline}"),
            };
            let _ = write!(
                list,
                "{}{} ({}{deadline}{})",
                if place == 0 { "" } else { "; " },
                words::label(&measure.measure),
                format!("{law} {}", spanish::cite(words::term(&measure.article))).trim(),
                when(measure)
            );
        }
        pen.text(vec![
            strong(format!("{}: ", words::term(who))),
            plain(format!("{list}.")),
        ]);
    }
}
