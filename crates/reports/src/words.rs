//! What the law answers, in Spanish.

use casework::DeclarantAct;
use law::{Floor, Library, PenaltyShown, PenaltyStep, Ratio, Sentence};
use protocol::Day;
use protocol::statement::{AidStatus, Attention, Compartment, Holds, LapseStep, ObjectKind, OpeningOutcome, Reason};
use testimony::Kind;

/// Stands above everything that the law answers.
pub const BANNER: &str =
    "Una ayuda, no una determinación: decide quien juzga. Lo que no está cargado se dice y nunca se supone.";

/// How much of a law is at hand.
#[must_use]
pub fn status(status: &str) -> &'static str {
    match status {
        "loaded" => "texto cargado",
        "partial" => "texto cargado en parte; lo demás, de fuentes secundarias",
        "not_loaded" => "texto no cargado",
        _ => "no puede determinarse",
    }
}

/// A code's meaning.
#[must_use]
pub fn flag<'a>(library: &'a Library, code: &'a str) -> &'a str {
    let flag = library.flags.iter().find(|flag| flag.code == code);
    flag.map_or(code, |flag| flag.es.as_str())
}

/// A term as the law states it; the words of the data for «none» and «unknown» in Spanish.
#[must_use]
pub fn term(term: &str) -> &str {
    match term {
        "no stated deadline" => "sin plazo fijado en la ley",
        "unknown" => "se desconoce",
        "-" => "—",
        stated => stated,
    }
}

/// A measure's label; what the data note of its source in English, in Spanish.
#[must_use]
pub fn label(label: &str) -> String {
    label.replace("(page)", "(según la página fuente)")
}

/// Whether the offence of a law that is known from secondary sources is met.
#[must_use]
pub fn result(result: &str) -> &'static str {
    match result {
        "met" => "se cumpliría",
        "not_met" => "no se cumpliría",
        _ => "no puede determinarse",
    }
}

/// `22.5`, or `86.67 (260/3)` where two decimals do not give it.
#[must_use]
pub fn number(number: Ratio) -> String {
    let hundredths = number.hundredths();
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let decimal = match (rest, rest % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", rest / 10),
        _ => format!("{whole}.{rest:02}"),
    };
    if Ratio::new(hundredths, 100) == Some(number) {
        decimal
    } else {
        format!("{decimal} ({number})")
    }
}

/// A range.
#[must_use]
pub fn range(shown: PenaltyShown) -> String {
    let fine = match shown.fine_days {
        Some(days) => format!(" y de {} a {} días multa", number(days.min), number(days.max)),
        None => "; el texto no señala multa".to_owned(),
    };
    format!(
        "de {} a {} años de prisión{fine}",
        number(shown.years.min),
        number(shown.years.max)
    )
}

/// Lines of how a penalty came about.
pub fn steps(sentence: &Sentence) -> impl Iterator<Item = String> {
    sentence.steps.iter().map(step)
}

fn step(step: &PenaltyStep) -> String {
    match step {
        PenaltyStep::Base { art, shown } => format!("art. {art}: {}", range(*shown)),
        PenaltyStep::Grows { art, up_to, .. } => {
            format!("art. {art}: hasta {} más en el límite superior", part(*up_to))
        }
        PenaltyStep::Adds { art, years, .. } => format!("art. {art}: de {} a {} años más", years.min, years.max),
        PenaltyStep::Attempt { art, factor, floor } => match floor {
            Floor::Open => format!(
                "tentativa (art. {art}; CPF 12 y 63): a lo sumo {} del máximo; el límite inferior queda abierto",
                part(*factor)
            ),
            Floor::Minimum => format!(
                "tentativa (art. {art}; CPF 12 y 63, tercer párrafo; CFPP 194): a lo sumo {} del máximo; el límite inferior es el mínimo",
                part(*factor)
            ),
            Floor::Part(least) => format!(
                "tentativa (art. {art}): de {} del mínimo a {} del máximo",
                part(*least),
                part(*factor)
            ),
        },
        PenaltyStep::Cap { art, years } => format!("{art}: la prisión no pasa de {years} años"),
    }
}

fn part(ratio: Ratio) -> String {
    match ratio.to_string().as_str() {
        "1/2" => "una mitad".to_owned(),
        "2/3" => "dos terceras partes".to_owned(),
        "3/4" => "tres cuartas partes".to_owned(),
        "1/3" => "un tercio".to_owned(),
        other => other.to_owned(),
    }
}

/// What secondary sources say of a penalty, in Spanish where the law files have it.
#[must_use]
pub fn cited<'a>(library: &'a Library, offence: &str, text: &'a str) -> &'a str {
    let Some(offence) = library.offence(offence) else {
        return text;
    };
    let penalty = (offence.penalty.text == text).then_some(&offence.penalty.es);
    let variant = offence.variants.iter().find(|variant| variant.text == text);
    let es = penalty.or(variant.map(|variant| &variant.es));
    es.and_then(Option::as_deref).unwrap_or(text)
}

/// A fact that is still unknown, or a question that the texts leave open.
#[must_use]
pub fn missing(library: &Library, name: &str) -> String {
    match library.index.get(name) {
        Some(fact) => library.facts[*fact].es.clone(),
        None => format!("cuestión que los textos dejan abierta ({name})"),
    }
}

/// A compartment's name.
#[must_use]
pub fn compartment(name: Compartment) -> &'static str {
    match name {
        Compartment::Account => "relato",
        Compartment::Identity => "identidad",
        Compartment::Consent => "consentimiento",
        Compartment::Match => "coincidencia",
    }
}

pub(crate) fn compartments(names: &[Compartment]) -> String {
    let names: Vec<_> = names.iter().map(|name| compartment(*name)).collect();
    names.join(" e ")
}

pub(crate) fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Share => "su parte de la llave",
        Holds::Document => "su parte de la llave y los documentos sellados",
        Holds::All => "su parte de la llave y todos los objetos sellados",
    }
}

pub(crate) fn object(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Document => "documento",
        ObjectKind::Evidence => "evidencia (original)",
        ObjectKind::Copy => "evidencia (copia sin metadatos)",
    }
}

pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoBasis => "sin fundamento",
        Reason::Policy => "contra lo que ella eligió o las reglas del consejo",
        Reason::Other => "otra razón",
    }
}

pub(crate) fn outcome(outcome: OpeningOutcome) -> &'static str {
    match outcome {
        OpeningOutcome::Opened => "abrió el contenido",
        OpeningOutcome::DoesNotOpen => "las partes entregadas no abren el contenido",
        OpeningOutcome::Referred => "se canalizó",
        OpeningOutcome::Protected => "se dio protección",
        OpeningOutcome::Investigated => "se investiga",
        OpeningOutcome::Charged => "se ejerció acción penal",
        OpeningOutcome::NoAction => "no se actuó",
    }
}

/// What a seat says that it did about danger.
#[must_use]
pub fn attention(what: Attention) -> &'static str {
    match what {
        Attention::Wrote => "anotó que escribió a quien lo contó qué puede hacer ante el peligro",
        Attention::Called => "anotó que avisó de viva voz a quien puede actuar ante el peligro",
        Attention::Safe => "anotó que quien estaba en peligro está a salvo",
        Attention::NoDanger => "anotó que nadie está en peligro",
        Attention::Stands => "anotó que el peligro sigue",
    }
}

/// Where assistance stands.
#[must_use]
pub fn aid(status: AidStatus) -> &'static str {
    match status {
        AidStatus::Offered => "ofrecida",
        AidStatus::Accepted => "aceptada",
        AidStatus::Declined => "rechazada por ella",
        AidStatus::Delivered => "entregada",
    }
}

/// `2026-11-24 09:00:05 UTC`.
#[must_use]
pub fn instant(time: u64) -> String {
    let day = Day::of(time);
    let second = time.saturating_sub(day.start());
    format!(
        "{day} {:02}:{:02}:{:02} UTC",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// What she said, in one line.
pub fn hers(hers: &DeclarantAct) -> &'static str {
    match hers {
        DeclarantAct::Consent(consent) if consent.yes => "la declarante consintió la petición",
        DeclarantAct::Consent(_) => "la declarante no consintió la petición",
        DeclarantAct::Objection(_) => "la declarante se opuso a la petición",
        DeclarantAct::Withdraw(withdraw) if withdraw.yes => "la declarante retiró su testimonio",
        DeclarantAct::Withdraw(_) => "la declarante mantuvo su testimonio: ya no lo retira",
        DeclarantAct::Alive(_) => "la declarante dio señal de vida",
        DeclarantAct::Message(_) => "la declarante escribió a los custodios",
        DeclarantAct::InboxChange(_) => "la declarante cambió de buzón",
    }
}

/// What an identifier is of.
pub fn identifier(kind: Kind) -> &'static str {
    match kind {
        Kind::Phone => "teléfono",
        Kind::Email => "correo electrónico",
        Kind::Plate => "placas",
        Kind::Account => "tarjeta o cuenta bancaria",
        Kind::Handle => "cuenta de redes o mensajes",
    }
}

/// A step of a lapse, in one line.
pub fn lapse(step: LapseStep) -> &'static str {
    match step {
        LapseStep::Inquiry => "buscó a la declarante sin hallarla",
        LapseStep::Decide => "decidió que ya no se puede preguntar a la declarante",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_as_people_read_them() {
        let shown = |text: &str| number(Ratio::parse(text).unwrap());
        assert_eq!(
            ["5", "45/2", "91/4", "260/3", "1/3"].map(shown),
            ["5", "22.5", "22.75", "86.67 (260/3)", "0.33 (1/3)"]
        );
        assert_eq!(instant(1_795_478_400 + 3_605), "2026-11-24 01:00:05 UTC");
    }
}
