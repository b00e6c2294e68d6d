//! Petition for anticipated evidence (CNPP 304 to 306): the frame of the law, what the record shows, and gaps for all
//! that only the petitioner knows.

use law::Library;
use protocol::statement::Compartment;

use crate::facts::Told;
use crate::model::{Kind, Report};
use crate::pen::{Pen, code, gap, or_gap, plain, strong};
use crate::record::Record;
use crate::words;

/// The petition.
#[must_use]
pub fn evidence(library: &Library, told: &Told, record: Option<&Record>) -> Report {
    let mut pen = Pen::new(Kind::Evidence, "Solicitud de prueba anticipada");
    pen.notice("Borrador. Lo que falta está marcado y debe completarlo quien promueve; nada se rellenó.");
    pen.text(vec![strong("C. Juez de control: "), gap("juzgado y sede")]);
    pen.text(vec![
        strong("Carpeta de investigación: "),
        gap("número de carpeta o causa"),
    ]);
    pen.text(vec![
        strong("Promueve: "),
        gap("nombre y carácter de la parte que solicita (CNPP 304-II)"),
    ]);
    pen.heading("Prueba que se pide anticipar");
    pen.text(vec![
        plain("El testimonio de la persona que declaró bajo el código "),
        or_gap(record.map(|record| record.code.clone()), "código del caso"),
        plain(", sellado antes de esta solicitud y abierto con la petición "),
        record.map_or_else(
            || gap("petición con que se abrió"),
            |record| code(record.request.to_hex()),
        ),
        plain("."),
    ]);
    identity(&mut pen, record);
    requirements(&mut pen, told);
    offences(&mut pen, library, told);
    pen.heading("Reglas del procedimiento");
    pen.quote(305);
    pen.quote(306);
    if told.says("victim_minor") != Some(false) {
        pen.text(vec![
            plain("Si la víctima es menor de edad, además: "),
            if told.says("victim_minor") == Some(true) {
                plain("los hechos la tienen por menor de 18 años.")
            } else {
                gap("edad de la víctima")
            },
        ]);
        pen.quote(366);
    }
    pen.heading("Se pide");
    for wish in [
        "Citar a audiencia a quienes tendrían derecho a asistir a la de juicio oral (CNPP 305).",
        "Admitir y desahogar la prueba en esa audiencia, con registro completo y entrega a las partes (CNPP 305 y 306).",
        "Reservar la identidad y los datos personales de la víctima (CNPP 106 y 109-XXVI).",
    ] {
        pen.item(vec![plain(wish)]);
    }
    pen.text(vec![
        gap("lugar y fecha"),
        plain(" · "),
        gap("nombre y firma de quien promueve"),
    ]);
    pen.done()
}

fn identity(pen: &mut Pen, record: Option<&Record>) {
    let is_open = record.is_some_and(|record| record.is_open(Compartment::Identity));
    let says = if is_open {
        "La identidad se abrió por separado, en su propio compartimento, y consta en el documento abierto; no se transcribe aquí."
    } else {
        "La identidad no se abrió: está sellada aparte y no consta en este escrito."
    };
    pen.text(vec![
        plain(says),
        plain(" "),
        gap("forma de citarla sin revelar quién es"),
    ]);
    pen.quote(106);
    pen.fraction(109, "XXVI");
}

/// Each requirement of article 304 with what shows it: the law's own words first.
fn requirements(pen: &mut Pen, told: &Told) {
    pen.heading("Requisitos del artículo 304");
    pen.quote(304);
    let danger = [
        told.says("agg_life_endangered") == Some(true),
        told.says("agg_serious_injury_and_illness") == Some(true),
    ];
    let mut reasons = vec![gap(
        "razones por las que es probable que no pueda concurrir a juicio: vive en el extranjero, motivo que haga temer \
         su muerte, o estado de salud o incapacidad que le impida declarar",
    )];
    if danger.contains(&true) {
        reasons.push(plain(" Los hechos que se tienen por acreditados hablan de riesgo: "));
        let shown = [
            "la vida se puso en peligro (art. 42-IV)",
            "lesión o enfermedad grave (art. 42-VI)",
        ];
        let named: Vec<_> = shown
            .iter()
            .zip(danger)
            .filter(|(_, holds)| *holds)
            .map(|(name, _)| *name)
            .collect();
        reasons.push(plain(named.join("; ")));
    }
    let rows = vec![
        vec![
            vec![plain("I")],
            vec![plain("Ante el juez de control: "), gap("juzgado")],
        ],
        vec![vec![plain("II")], reasons],
        vec![
            vec![plain("III")],
            vec![gap(
                "motivos fundados y de extrema necesidad, y por qué se perdería o alteraría la prueba",
            )],
        ],
        vec![
            vec![plain("IV")],
            vec![plain("En audiencia, con las reglas de la prueba en juicio.")],
        ],
    ];
    pen.table(vec!["Fracción", "En este caso"], rows);
}

/// For which offences: those that the law gives on the facts, and no others.
fn offences(pen: &mut Pen, library: &Library, told: &Told) {
    pen.heading("Delitos de los que se trata");
    let answer = law::assess(library, told.case());
    let answers = if answer.parts.is_empty() {
        vec![answer]
    } else {
        answer.parts
    };
    let mut named = false;
    for answer in &answers {
        for offence in library
            .offences
            .iter()
            .filter(|offence| answer.proven.contains(&offence.id))
        {
            named = true;
            let date = answer.date.as_deref().unwrap_or("—");
            pen.item(vec![plain(format!(
                "Art. {}: {}; hechos del {date}.",
                offence.art, offence.es
            ))]);
        }
    }
    if !named {
        pen.text(vec![gap(
            "delito o delitos por los que se investiga: con los hechos dados ninguno queda acreditado",
        )]);
    }
    pen.text(vec![plain(words::BANNER)]);
}
