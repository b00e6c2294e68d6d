//! Petition for anticipated evidence (CNPP 304 to 306; LGPSEDMTP 66-VIII, 66-XV and 74).

use law::Library;
use protocol::statement::Compartment;

use crate::extract::Text;
use crate::facts::Told;
use crate::filing::{self, Head};
use crate::model::{Report, ReportKind};
use crate::pen::{Pen, gap, plain, strong};
use crate::record::CaseRecord;

/// Facts from which it may be feared that she cannot testify at the trial.
pub(crate) const DANGER: [&str; 4] = [
    "agg_life_endangered",
    "agg_serious_injury_and_illness",
    "means_serious_harm_or_threat",
    "agg_author_organized_crime",
];

/// The petition.
#[must_use]
pub fn evidence(library: &Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    let mut pen = Pen::new(ReportKind::Evidence, "Solicitud de prueba anticipada");
    let minor = told.says("victim_minor");
    filing::head(
        &mut pen,
        told.filing(),
        &Head {
            authority: "C. Juez de Control",
            seat: "juzgado y sede",
            matter: "se solicita como prueba anticipada el testimonio de la víctima",
            capacity: "carácter de la parte que promueve (CNPP 304-II)",
            asks: "Con fundamento en los artículos 304, 305 y 306 del Código Nacional de Procedimientos Penales (CNPP) y 66 y \
                   74 de la Ley General para Prevenir, Sancionar y Erradicar los Delitos en Materia de Trata de Personas y para \
                   la Protección y Asistencia a las Víctimas de estos Delitos (LGPSEDMTP), solicito que se reciba como prueba \
                   anticipada el testimonio de la víctima.",
        },
    );
    filing::origin(&mut pen, library, told, record);
    filing::claimed(&mut pen, library, told, |_| true);
    filing::offences(&mut pen, library, &law::assess(library, told.case()));
    let is_open = record.is_some_and(|record| record.is_open(Compartment::Identity));
    let identity = if is_open {
        "La identidad de la víctima se abrió por separado y no se transcribe en este escrito. Puede citársele por "
    } else {
        "La identidad de la víctima está sellada aparte, no se abrió y no consta en este escrito. Puede citársele por "
    };
    pen.numbered(vec![
        plain(identity),
        gap("forma de citarla sin revelar quién es"),
        plain("."),
    ]);
    grounds(&mut pen, library, told);
    if minor != Some(false) {
        pen.subheading("Persona menor de edad");
        pen.text(vec![match minor {
            Some(true) => plain("El relato señala que la víctima es menor de dieciocho años."),
            _ => gap("edad de la víctima; si es mayor de edad, suprima este apartado"),
        }]);
        pen.fraction(Text::General, "66", "XV");
        pen.text(vec![
            plain("Especialista que determina la necesidad de la declaración anticipada: "),
            gap("nombre y dictamen"),
        ]);
        pen.quote(Text::Procedure, "366");
    }
    let wishes = [
        "Tener por presentado este escrito y por señalado el domicilio para notificaciones.",
        "Citar a audiencia a quienes tienen derecho a asistir a la de juicio oral y, si aún no hay imputado identificado, \
         designar a un defensor público (CNPP 305).",
        "Admitir y desahogar el testimonio en esa misma audiencia, con las reglas de la prueba en juicio (CNPP 304-IV y 305).",
        "Recibirlo sin que la víctima sea identificada en la audiencia y, si lo solicita, por medios electrónicos, con \
         distorsión de voz y rasgos o en Cámara de Gesell (LGPSEDMTP 66-VIII y 74-I y II).",
        "Resguardar su identidad y sus demás datos personales (CNPP 106 y 109-XXVI; LGPSEDMTP 74-III).",
        "Registrar la audiencia en su totalidad, entregar el registro a las partes y ordenar cómo se conserva (CNPP 306).",
    ];
    filing::petitions(&mut pen, "usted, C. Juez,", wishes.map(|wish| vec![plain(wish)]).into());
    filing::close(&mut pen, told.filing(), "nombre y firma de quien promueve");
    pen.done()
}

/// Each requirement of article 304 with what meets it, and the rules that protect her while she testifies.
fn grounds(pen: &mut Pen, library: &Library, told: &Told) {
    pen.heading("DERECHO");
    pen.subheading("Requisitos de la prueba anticipada");
    pen.quote(Text::Procedure, "304");
    pen.point(
        "I.",
        vec![plain("Se pide que se practique ante usted, como juez de control.")],
    );
    pen.point(
        "II.",
        vec![
            plain("Es probable que la víctima no pueda concurrir a la audiencia de juicio por "),
            gap("razones: vive en el extranjero, motivo que haga temer su muerte, o estado de salud o incapacidad"),
            plain("."),
        ],
    );
    for id in DANGER.iter().filter(|id| told.says(id) == Some(true)) {
        let Some(fact) = library.index.get(*id).map(|fact| &library.facts[*fact]) else {
            continue;
        };
        let mut spans = vec![strong("Se señala en el relato: "), plain(format!("{}. ", fact.es))];
        spans.extend(filing::quoted(told.passages(id)).unwrap_or_else(|| vec![gap("pasaje que lo muestre")]));
        pen.item(spans);
    }
    pen.point(
        "III.",
        vec![
            plain("Los motivos fundados y de extrema necesidad, y la pérdida o alteración de la prueba que se evita, son: "),
            gap("motivos"),
            plain("."),
        ],
    );
    pen.point(
        "IV.",
        vec![plain(
            "Se pide que se practique en audiencia, con las reglas de la prueba en juicio.",
        )],
    );
    pen.quote(Text::Procedure, "305");
    pen.quote(Text::Procedure, "306");
    pen.subheading("Cómo declara la víctima");
    pen.fraction(Text::General, "66", "VIII");
    pen.quote(Text::General, "74");
    pen.subheading("Reserva de identidad");
    pen.quote(Text::Procedure, "106");
    pen.fraction(Text::Procedure, "109", "XXVI");
}
