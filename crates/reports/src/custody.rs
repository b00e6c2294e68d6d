//! Chain of custody (CNPP 227, 228), in the order of the form of the national guide: identity, documentation, collection,
//! packing, persons, transfer, continuity. What was sealed, its digests, who held what when, and what nobody shows.

use law::Library;

use crate::extract::Text;
use crate::facts::Told;
use crate::filing::{self, Head};
use crate::model::{Report, ReportKind, Span};
use crate::pen::{Pen, code, foreign, gap, or_gap, plain, strong};
use crate::record::{ActLine, CaseRecord};
use crate::{spanish, words};

/// The report. `told`: where the case is, for its hours, and the frame of the filing.
#[must_use]
pub fn custody(library: &Library, told: &Told, record: Option<&CaseRecord>) -> Report {
    let mut pen = Pen::new(ReportKind::Custody, "Registro de cadena de custodia");
    filing::head(
        &mut pen,
        told.filing(),
        &Head {
            authority: "C. Agente del Ministerio Público",
            seat: "fiscalía y sede",
            matter: "se exhibe el registro de cadena de custodia de un relato sellado y de su evidencia",
            capacity: "cargo de quien entrega",
            asks: "Con fundamento en los artículos 227 y 228 del Código Nacional de Procedimientos Penales (CNPP) exhibo el \
                   registro de cadena de custodia del relato y de la evidencia que se describen, tomado del registro público \
                   de actos y del documento abierto. Las horas son locales y cada una dice su diferencia con el tiempo \
                   universal (UTC); son las del primer punto de control firmado que incluye el acto.",
        },
    );
    match record {
        Some(record) => {
            let at = |time| spanish::local(time, told.case().entity.as_deref());
            identity(&mut pen, record, &at);
            documentation(&mut pen, record, &at);
            sealing(&mut pen, record);
            persons(&mut pen, record, &at);
            continuity(&mut pen, library, record, &at);
        }
        None => pen.text(vec![gap("registro del caso (record.json), que deja `resguardo open`")]),
    }
    pen.heading("DERECHO");
    pen.quote(Text::Procedure, "227");
    pen.quote(Text::Procedure, "228");
    let wish = "Tener por exhibido este registro y agregarlo a la carpeta de investigación (CNPP 227 y 228).";
    filing::petitions(
        &mut pen,
        "usted, C. Agente del Ministerio Público,",
        vec![vec![plain(wish)]],
    );
    filing::close(
        &mut pen,
        told.filing(),
        "nombre, cargo y firma de quien entrega y de quien recibe",
    );
    pen.done()
}

fn identity(pen: &mut Pen, record: &CaseRecord, at: &dyn Fn(u64) -> String) {
    pen.heading("1. Identidad");
    let row = |name: &str, value: Span| vec![vec![plain(name)], vec![value]];
    let (index, time) = record.filed;
    let rows = vec![
        row("Caso", strong(record.code.clone())),
        row("Registro", plain(record.origin.to_string())),
        row(
            "Entrada del depósito",
            plain(format!("{index}, incluida a más tardar el {}", at(time))),
        ),
        row("SHA-256 de la entrada", code(record.entry.to_hex())),
        row("Declaración del depósito", code(record.testimony.to_hex())),
        row("Consejo al que se selló", code(record.council.to_hex())),
        row(
            "Encabezado",
            record
                .header
                .map_or_else(|| gap("digesto del encabezado"), |digest| code(digest.to_hex())),
        ),
        row("Petición con que se abrió", code(record.request.to_hex())),
        row(
            "Fin de la petición",
            or_gap(record.purpose.clone(), "fin: la petición no consta en el registro"),
        ),
        row(
            "Fundamento",
            or_gap(record.basis.clone(), "fundamento: la petición no consta en el registro"),
        ),
    ];
    pen.table(vec!["Dato", "Valor"], rows);
    for (name, digest) in &record.words {
        pen.text(vec![
            plain(format!(
                "Palabras del compartimento «{}», SHA-256: ",
                words::compartment(*name)
            )),
            code(digest.to_hex()),
        ]);
    }
    let sealed = record.objects.iter().map(|(name, kind, digest, size)| {
        vec![
            vec![plain(words::compartment(*name))],
            vec![plain(kind.clone())],
            vec![code(digest.to_hex())],
            vec![plain(size.to_string())],
        ]
    });
    pen.table(
        vec![
            "Compartimento",
            "Objeto sellado",
            "SHA-256 del archivo sellado",
            "Bytes",
        ],
        sealed.collect(),
    );
    if record.files.is_empty() {
        pen.text(vec![plain("El documento no menciona archivos de evidencia.")]);
        return;
    }
    let files = record.files.iter().map(|file| {
        vec![
            vec![
                foreign(file.name.clone()),
                plain(" ("),
                foreign(file.media_type.clone()),
                plain(")"),
            ],
            vec![plain(file.size.to_string())],
            vec![code(file.sha256.clone())],
            vec![or_gap(file.date.clone(), "fecha del original")],
        ]
    });
    pen.table(
        vec![
            "Evidencia",
            "Bytes",
            "SHA-256 del original, antes de sellarlo",
            "Fecha según el aparato",
        ],
        files.collect(),
    );
}

fn documentation(pen: &mut Pen, record: &CaseRecord, at: &dyn Fn(u64) -> String) {
    pen.heading("2. Documentación");
    pen.text(vec![plain(format!(
        "Por escrito: registro público firmado, leído hasta el {} ({} entradas).",
        at(record.read_to.0),
        record.read_to.1
    ))]);
    pen.text(vec![plain("Cada dato puede comprobarse:")]);
    pen.item(vec![
        plain("El registro público y sus firmas: "),
        code(format!("resguardo log verify  ({})", record.origin)),
    ]);
    pen.item(vec![
        plain("Cada archivo: "),
        code("sha256sum ARCHIVO"),
        plain(" contra las tablas del apartado 1."),
    ]);
    pen.item(vec![plain(
        "Este escrito: el SHA-256 de su pie es el de su texto; con los mismos datos sale el mismo.",
    )]);
}

fn sealing(pen: &mut Pen, record: &CaseRecord) {
    pen.heading("3. Recolección");
    pen.text(vec![
        plain(
            "Quien declaró selló el relato y los originales byte por byte en su propio aparato, antes de enviarlos. Cómo, dónde \
             y cuándo los obtuvo: ",
        ),
        gap("cómo, dónde y cuándo obtuvo cada cosa quien declaró"),
        plain("."),
    ]);
    pen.heading("4. Empaque o embalaje");
    pen.text(vec![plain(
        "Archivos cifrados (age v1), cada uno guardado por su digesto. La llave está repartida entre las instituciones del \
         apartado 5; ninguna sola puede abrirlos.",
    )]);
    if record.remarks.is_empty() {
        pen.text(vec![plain(
            "Al abrirlos, cada archivo sellado correspondió a su digesto, y cada original al tamaño y al SHA-256 que dice el \
             documento.",
        )]);
    }
    for remark in &record.remarks {
        pen.item(vec![strong("Observación al abrir: "), plain(format!("{remark}."))]);
    }
}

/// Who held what, and since when.
fn persons(pen: &mut Pen, record: &CaseRecord, at: &dyn Fn(u64) -> String) {
    pen.heading("5. Instituciones y personas que intervinieron");
    let rows = record.members.iter().map(|member| {
        let role = if member.is_reader {
            "lector"
        } else {
            "guarda una parte de la llave"
        };
        let own = |act: &&ActLine| act.author == Some(member.x) && act.counts;
        let first = record.acts.iter().find(own);
        vec![
            vec![plain(format!("{} ", member.x)), foreign(member.institution.clone())],
            vec![foreign(member.jurisdiction.clone())],
            vec![plain(role)],
            vec![match first {
                Some(act) => plain(at(act.time)),
                None => plain("ningún acto en este caso"),
            }],
            vec![gap("persona que actuó y su identificación")],
        ]
    });
    pen.table(
        vec!["Institución", "Lugar", "Qué hace", "Primer acto", "Persona (CNPP 227)"],
        rows.collect(),
    );
    pen.heading("6. Traslado");
    pen.text(vec![plain(
        "Por red y cifrado de extremo a extremo, sin soporte físico. Lugares de permanencia: los de las instituciones del \
         apartado 5, ",
    ),
    gap("domicilio de cada institución"),
    plain(".")]);
}

/// Every act that counts and whose words are at hand, in log order; what remains stands in notes below.
fn continuity(pen: &mut Pen, library: &Library, record: &CaseRecord, at: &dyn Fn(u64) -> String) {
    pen.heading("7. Continuidad y trazabilidad");
    let (mut rows, mut repeated, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for act in &record.acts {
        match act.said(library) {
            Some(says) if act.counts => rows.push(vec![
                vec![plain(at(act.time))],
                author(record, act),
                vec![foreign(says)],
                vec![
                    plain(format!("entrada {}, lugar {} ", act.index, act.k)),
                    act.statement
                        .map_or_else(|| gap("declaración"), |digest| code(digest.to_hex())),
                ],
            ]),
            Some(says) => repeated.push((act.index, says)),
            None => silent.push(act.index),
        }
    }
    pen.table(vec!["Fecha y hora", "Quién", "Qué", "Constancia"], rows);
    let is_opened = |act: &ActLine| act.says.as_deref() == Some("abrió el contenido");
    if !record.acts.iter().any(is_opened) {
        pen.text(vec![gap(
            "constancia de la apertura: se prometió al abrir y aún no estaba en el registro cuando se escribió este archivo",
        )]);
    }
    if !repeated.is_empty() {
        let mut spans = vec![plain(
            "Nota. Actos repetidos o sin efecto conforme a las reglas del registro, que no cambian lo anterior: ",
        )];
        for (place, (index, says)) in repeated.into_iter().enumerate() {
            spans.push(plain(format!(
                "{}entrada {index}, ",
                if place == 0 { "" } else { "; " }
            )));
            spans.push(foreign(says));
        }
        spans.push(plain("."));
        pen.text(spans);
    }
    if !silent.is_empty() {
        let entries: Vec<String> = silent.iter().map(u64::to_string).collect();
        pen.text(vec![
            plain(format!(
                "Nota. El registro tiene en este caso otros actos, entradas {}: ",
                entries.join(", ")
            )),
            gap("contenido de esos actos, que nadie exhibe"),
            plain("."),
        ]);
    }
}

fn author(record: &CaseRecord, act: &ActLine) -> Vec<Span> {
    match act.author {
        Some(x) => {
            let institution = record.institution(x).map_or_else(|| gap("institución"), foreign);
            vec![plain(format!("{x} ")), institution]
        }
        None => vec![plain("la declarante")],
    }
}
