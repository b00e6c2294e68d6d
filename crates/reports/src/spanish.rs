//! Dates, times and citations as a filing in Spanish writes them.

use law::{Days, MONTHS};
use protocol::Day;

/// Up to twenty-nine, which are one word each.
const WORDS: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 10] = [
    "",
    "",
    "",
    "treinta",
    "cuarenta",
    "cincuenta",
    "sesenta",
    "setenta",
    "ochenta",
    "noventa",
];
const HUNDREDS: [&str; 10] = [
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];
const ORDINALS: [&str; 12] = [
    "PRIMERO",
    "SEGUNDO",
    "TERCERO",
    "CUARTO",
    "QUINTO",
    "SEXTO",
    "SÉPTIMO",
    "OCTAVO",
    "NOVENO",
    "DÉCIMO",
    "UNDÉCIMO",
    "DUODÉCIMO",
];

/// A number below 10,000 in words.
fn in_words(number: usize) -> String {
    let (thousands, rest) = (number / 1000, number % 1000);
    let (hundreds, small) = (rest / 100, rest % 100);
    let mut parts: Vec<String> = Vec::new();
    match thousands {
        0 => {}
        1 => parts.push("mil".to_owned()),
        more => parts.push(format!("{} mil", WORDS[more % 10])),
    }
    match (hundreds, small) {
        (0, _) => {}
        (1, 0) => parts.push("cien".to_owned()),
        (hundreds, _) => parts.push(HUNDREDS[hundreds].to_owned()),
    }
    match (small, small % 10) {
        (0, _) if !parts.is_empty() => {}
        (0..30, _) => parts.push(WORDS[small].to_owned()),
        (_, 0) => parts.push(TENS[small / 10].to_owned()),
        (_, ones) => parts.push(format!("{} y {}", TENS[small / 10], WORDS[ones])),
    }
    parts.join(" ")
}

/// `2019-05-10` as `diez de mayo de dos mil diecinueve`; what is no such day as it stands.
pub(crate) fn day(iso: &str) -> String {
    let mut numbers = iso.split('-').map(|part| part.parse::<usize>().ok());
    let (Some(Some(year)), Some(Some(month @ 1..=12)), Some(Some(day @ 1..=31))) =
        (numbers.next(), numbers.next(), numbers.next())
    else {
        return iso.to_owned();
    };
    let first = if day == 1 { "primero".to_owned() } else { in_words(day) };
    format!("{first} de {} de {}", MONTHS[month - 1], in_words(year % 10_000))
}

/// One day, or from one to another.
pub(crate) fn days(days: Days) -> String {
    let [first, last] = [days.first, days.last].map(|one| day(&one.to_string()));
    if days.first == days.last {
        format!("el {first}")
    } else {
        format!("entre el {first} y el {last}")
    }
}

/// `PRIMERO`, `SEGUNDO`, …, from 1.
pub(crate) fn ordinal(number: usize) -> String {
    let word = number.checked_sub(1).and_then(|index| ORDINALS.get(index));
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// Hours behind UTC of an entity's standard time (Ley de los Husos Horarios, DOF 28-10-2022); the zone of the centre where
/// no entity is known. A municipality on the border may keep another: the offset stands beside each time.
fn hours_behind(entity: Option<&str>) -> u64 {
    match entity {
        Some("MX-ROO") => 5,
        Some("MX-BCS" | "MX-NAY" | "MX-SIN" | "MX-SON") => 7,
        Some("MX-BCN") => 8,
        _ => 6,
    }
}

/// A time of the log where the case is: `24 de noviembre de 2026, 03:00:05 (UTC−06:00)`.
pub(crate) fn local(time: u64, entity: Option<&str>) -> String {
    let behind = hours_behind(entity);
    let local = time.saturating_sub(behind * 3600);
    let day = Day::of(local);
    let second = local.saturating_sub(day.start());
    let iso = day.to_string();
    let mut parts = iso.split('-').map(|part| part.parse::<usize>().unwrap_or_default());
    let (year, month, number) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let month = MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default();
    format!(
        "{number} de {month} de {year}, {:02}:{:02}:{:02} (UTC−{behind:02}:00)",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// A citation of the law files without its abbreviations: `82 p4` as `82, párrafo cuarto`, `75 pf.` as `75, párrafo final`.
pub(crate) fn cite(cite: &str) -> String {
    let mut out = String::with_capacity(cite.len());
    for (place, word) in cite.split(' ').enumerate() {
        let bare = word.trim_end_matches([',', ';']);
        let paragraph = match bare {
            "p1" => Some("párrafo primero"),
            "p1-p2" => Some("párrafos primero y segundo"),
            "p2" => Some("párrafo segundo"),
            "p3" => Some("párrafo tercero"),
            "p4" => Some("párrafo cuarto"),
            "p5" => Some("párrafo quinto"),
            "p6" => Some("párrafo sexto"),
            "p7" => Some("párrafo séptimo"),
            "p8" => Some("párrafo octavo"),
            "pf." => Some("párrafo final"),
            _ => None,
        };
        match paragraph {
            Some(paragraph) => {
                out.push_str(if place == 0 { "" } else { ", " });
                out.push_str(paragraph);
                out.push_str(&word[bare.len()..]);
            }
            None => {
                out.push_str(if place == 0 { "" } else { " " });
                out.push_str(word);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_stand_in_words() {
        for (iso, words) in [
            ("2019-05-10", "diez de mayo de dos mil diecinueve"),
            ("2026-11-01", "primero de noviembre de dos mil veintiséis"),
            ("2012-06-15", "quince de junio de dos mil doce"),
            ("2031-12-31", "treinta y uno de diciembre de dos mil treinta y uno"),
            ("1999-01-22", "veintidós de enero de mil novecientos noventa y nueve"),
            ("2100-02-09", "nueve de febrero de dos mil cien"),
            ("ayer", "ayer"),
            ("2026-13-01", "2026-13-01"),
        ] {
            assert_eq!(day(iso), words);
        }
        let range = Days::parse("2012-01-01/2013-05-02").unwrap();
        assert_eq!(
            days(range),
            "entre el primero de enero de dos mil doce y el dos de mayo de dos mil trece"
        );
    }

    #[test]
    fn times_are_local_and_name_their_offset() {
        let time = 1_795_478_400 + 3_605;
        for (entity, shown) in [
            (None, "23 de noviembre de 2026, 19:00:05 (UTC−06:00)"),
            (Some("MX-TLA"), "23 de noviembre de 2026, 19:00:05 (UTC−06:00)"),
            (Some("MX-ROO"), "23 de noviembre de 2026, 20:00:05 (UTC−05:00)"),
            (Some("MX-SON"), "23 de noviembre de 2026, 18:00:05 (UTC−07:00)"),
            (Some("MX-BCN"), "23 de noviembre de 2026, 17:00:05 (UTC−08:00)"),
        ] {
            assert_eq!(local(time, entity), shown);
        }
    }

    #[test]
    fn citations_are_written_out() {
        for (short, long) in [
            ("82 p4", "82, párrafo cuarto"),
            ("75 pf.; 38; 90-VI", "75, párrafo final; 38; 90-VI"),
            (
                "arts. 13 pf., 16, 24 p3, 25",
                "arts. 13, párrafo final, 16, 24, párrafo tercero, 25",
            ),
            ("24 p1-p2", "24, párrafos primero y segundo"),
            ("62-I", "62-I"),
        ] {
            assert_eq!(cite(short), long);
        }
    }
}
