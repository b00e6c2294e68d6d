//! Chain of custody (CNPP 227, 228): what was sealed, its digests, who held what when, and what nobody shows.

use crate::model::{Kind, Report, Span};
use crate::pen::{Pen, code, foreign, gap, or_gap, plain, strong};
use crate::record::{ActLine, Record};
use crate::words;

/// The report.
#[must_use]
pub fn custody(record: Option<&Record>) -> Report {
    let mut pen = Pen::new(Kind::Custody, "Registro de cadena de custodia");
    pen.notice(
        "Sale del registro público de actos y del documento abierto. Lo que nadie puede mostrar está marcado; nada se \
         rellenó.",
    );
    match record {
        Some(record) => {
            origin(&mut pen, record);
            objects(&mut pen, record);
            holders(&mut pen, record);
            acts(&mut pen, record);
            factors(&mut pen, record);
            checks(&mut pen, record);
        }
        None => pen.text(vec![gap("registro del caso (record.json), que deja `resguardo open`")]),
    }
    pen.heading("Lo que dice la ley");
    pen.quote(227);
    pen.quote(228);
    pen.text(vec![
        gap("lugar y fecha"),
        plain(" · "),
        gap("nombre, cargo y firma de quien entrega y de quien recibe"),
    ]);
    pen.done()
}

fn origin(pen: &mut Pen, record: &Record) {
    pen.heading("De qué se trata");
    let row = |name: &str, value: Span| vec![vec![plain(name)], vec![value]];
    let (index, time) = record.filed;
    let rows = vec![
        row("Caso", strong(record.code.clone())),
        row("Registro", plain(record.origin.to_string())),
        row(
            "Entrada del depósito",
            plain(format!("{index}, incluida a más tardar el {}", words::instant(time))),
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
        row(
            "Leído hasta",
            plain(format!(
                "{} entradas, {}",
                record.read_to.1,
                words::instant(record.read_to.0)
            )),
        ),
    ];
    pen.table(vec!["Dato", "Valor"], rows);
}

fn objects(pen: &mut Pen, record: &Record) {
    pen.heading("Qué se selló y con qué digestos");
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

/// Who held what, and since when: the last word of each seat.
fn holders(pen: &mut Pen, record: &Record) {
    pen.heading("Quién lo tuvo");
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
                Some(act) => plain(words::instant(act.time)),
                None => plain("ningún acto en este caso"),
            }],
            vec![gap("persona que actuó y su identificación")],
        ]
    });
    pen.table(
        vec!["Institución", "Lugar", "Qué hace", "Primer acto", "Persona (CNPP 227)"],
        rows.collect(),
    );
}

fn acts(pen: &mut Pen, record: &Record) {
    pen.heading("Cada acto, en orden");
    let rows = record.acts.iter().map(|act| {
        let who = match (act.author, &act.says) {
            (Some(x), _) => {
                let institution = record.institution(x).map_or_else(|| gap("institución"), foreign);
                vec![plain(format!("{x} ")), institution]
            }
            (None, Some(_)) => vec![plain("la declarante")],
            (None, None) => vec![gap("autor")],
        };
        let mut says = vec![match &act.says {
            Some(says) => foreign(says.clone()),
            None if act.statement.is_some() => gap("este acto no tiene una forma conocida"),
            None => gap("nadie exhibe lo que dice este acto"),
        }];
        if !act.counts && act.says.is_some() {
            says.push(strong(" No cuenta conforme a las reglas."));
        }
        vec![
            vec![plain(words::instant(act.time))],
            who,
            says,
            vec![
                plain(format!("entrada {}, lugar {} ", act.index, act.k)),
                statement(act),
            ],
        ]
    });
    pen.table(
        vec!["Incluido a más tardar", "Quién", "Qué", "Constancia"],
        rows.collect(),
    );
    pen.text(vec![plain(
        "Las horas son las del primer punto de control firmado que incluye el acto, no las del aparato de quien lo hizo.",
    )]);
    if !record
        .acts
        .iter()
        .any(|act| act.says.as_deref() == Some("abrió el contenido"))
    {
        pen.text(vec![gap(
            "constancia de la apertura: se prometió al abrir y aún no estaba en el registro cuando se escribió este archivo",
        )]);
    }
}

fn statement(act: &ActLine) -> Span {
    act.statement
        .map_or_else(|| gap("declaración"), |digest| code(digest.to_hex()))
}

fn factors(pen: &mut Pen, record: &Record) {
    pen.heading("Los factores del artículo 227");
    let row = |factor: &str, cell: Vec<Span>| vec![vec![plain(factor)], cell];
    let altered: Vec<Span> = if record.remarks.is_empty() {
        vec![plain(
            "Al abrir, cada archivo sellado correspondió a su digesto y cada original al tamaño y SHA-256 que dice el \
             documento.",
        )]
    } else {
        record
            .remarks
            .iter()
            .map(|remark| strong(format!("{remark}. ")))
            .collect()
    };
    let rows = vec![
        row(
            "Identidad",
            vec![plain(
                "Los digestos de arriba; el código del caso nombra el depósito, no a la persona.",
            )],
        ),
        row(
            "Estado original",
            vec![plain(
                "El original quedó sellado byte por byte en el aparato de quien declaró, antes de enviarse.",
            )],
        ),
        row(
            "Condiciones de recolección",
            vec![gap("cómo, dónde y cuándo obtuvo cada cosa quien declaró")],
        ),
        row(
            "Preservación, empaque y traslado",
            vec![plain(
                "Archivos cifrados (age v1), guardados por su digesto; la llave, repartida entre las instituciones de la \
                 tabla. Ninguna sola puede abrirlos.",
            )],
        ),
        row(
            "Lugares y fechas de permanencia",
            vec![
                plain("Los de los actos de arriba. "),
                gap("lugares físicos de cada institución"),
            ],
        ),
        row("Cambios en cada custodia", altered),
        row(
            "Personas que tuvieron contacto",
            vec![
                plain("Constan instituciones, no personas. "),
                gap("nombre e identificación de cada persona"),
            ],
        ),
    ];
    pen.table(vec!["Factor", "En este registro"], rows);
}

fn checks(pen: &mut Pen, record: &Record) {
    pen.heading("Cómo comprobarlo");
    pen.item(vec![
        plain("El registro público y sus firmas: "),
        code(format!("resguardo log verify  ({})", record.origin)),
    ]);
    pen.item(vec![
        plain("Cada archivo: "),
        code("sha256sum ARCHIVO"),
        plain(" contra las tablas de arriba."),
    ]);
    pen.item(vec![plain(
        "Este escrito: el SHA-256 de su pie es el de su texto; con los mismos datos sale el mismo.",
    )]);
}
