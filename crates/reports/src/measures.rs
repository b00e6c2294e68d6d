//! Request for protective measures (CNPP 137), with the assistance and protection that the laws owe besides.

use law::Library;
use protocol::statement::Compartment;

use crate::assessment::owed;
use crate::extract;
use crate::facts::Told;
use crate::model::{Kind, Report};
use crate::pen::{Pen, code, gap, or_gap, plain, strong};
use crate::record::Record;
use crate::words;

/// The request.
#[must_use]
pub fn measures(library: &Library, told: &Told, record: Option<&Record>) -> Report {
    let mut pen = Pen::new(Kind::Measures, "Solicitud de medidas de protección");
    pen.notice("Borrador. Lo que falta está marcado y debe completarlo quien solicita; nada se rellenó.");
    pen.text(vec![
        strong("C. Agente del Ministerio Público: "),
        gap("fiscalía y sede"),
    ]);
    pen.text(vec![strong("Carpeta de investigación: "), gap("número de carpeta")]);
    pen.text(vec![strong("Solicita: "), gap("nombre y carácter de quien solicita")]);
    pen.heading("Para quién y frente a quién");
    pen.text(vec![
        plain("La víctima es la persona que declaró bajo el código "),
        or_gap(record.map(|record| record.code.clone()), "código del caso"),
        plain(", abierto con la petición "),
        record.map_or_else(
            || gap("petición con que se abrió"),
            |record| code(record.request.to_hex()),
        ),
        plain("."),
    ]);
    let is_open = record.is_some_and(|record| record.is_open(Compartment::Identity));
    let identity = if is_open {
        "Su identidad consta en el documento abierto y no se transcribe aquí."
    } else {
        "Su identidad no se abrió y no consta en este escrito."
    };
    pen.text(vec![
        plain(identity),
        plain(" "),
        gap("cómo notificarla de modo seguro"),
    ]);
    pen.text(vec![strong("Imputado: "), gap("nombre o datos que lo identifiquen")]);
    pen.text(vec![
        strong("Riesgo inminente: "),
        gap("por qué el imputado representa un riesgo inminente contra la seguridad de la víctima"),
    ]);
    pen.heading("Lo que dice la ley");
    pen.quote(137);
    choose(&mut pen);
    let answer = law::assess(library, told.case());
    owed(
        &mut pen,
        "Además, se deben estas medidas de asistencia y protección",
        &answer.assistance,
    );
    owed(&mut pen, "Y estas, si se cumple su condición", &answer.assistance_if);
    pen.heading("Reserva de identidad");
    pen.quote(106);
    pen.fraction(109, "XXVI");
    pen.text(vec![plain(words::BANNER)]);
    pen.text(vec![
        gap("lugar y fecha"),
        plain(" · "),
        gap("nombre y firma de quien solicita"),
    ]);
    pen.done()
}

/// The ten measures, one line each, to be chosen and given reasons for. None is chosen here.
fn choose(pen: &mut Pen) {
    pen.heading("Medidas que se piden");
    pen.text(vec![plain(
        "Marque las que se piden y escriba el motivo de cada una. Para las de las fracciones I, II y III debe celebrarse \
         audiencia dentro de los cinco días siguientes a su imposición (CNPP 137).",
    )]);
    let rows = extract::fractions(137).into_iter().map(|(numeral, text)| {
        vec![
            vec![plain("☐")],
            vec![plain(numeral)],
            vec![plain(text)],
            vec![gap("motivo, si se pide")],
        ]
    });
    pen.table(vec!["Se pide", "Fracción", "Medida", "Motivo"], rows.collect());
}
