//! Telephone: `+` and the digits of E.164.

use zeroize::Zeroizing;

use crate::text::{is_separator, plain};
use crate::{IdentifierError, normal_form};

normal_form! {
    /// A telephone number: `+529615550101`.
    Phone
}

/// A line for each calling code: the code, and how many digits a subscriber's number there may have.
const COUNTRIES: &str = include_str!("countries.txt");
/// Where a number's first zero is its own. Elsewhere it is what is dialled before it at home, and goes.
const ZERO_STAYS: [&str; 8] = ["225", "226", "229", "241", "242", "250", "378", "39"];
/// Mexico.
const MEXICO: &str = "52";
/// What stood before Mexican numbers until 2019, with how many digits are then there.
const FORMER: [(&str, usize); 3] = [("01", 12), ("044", 13), ("045", 13)];

impl Phone {
    /// Reads a number of Mexico, or of any country with `+` or `00` before it; a link of `wa.me` or `tel:` too.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong.
    pub fn read(text: &str) -> Result<Self, IdentifierError> {
        let text = plain(text)?;
        let (number, linked) = number_of_link(&text);
        let mut digits = Zeroizing::new(String::with_capacity(number.len()));
        let mut abroad = linked;
        for letter in number.replacen("(0)", "", 1).chars() {
            match letter {
                '0'..='9' => digits.push(letter),
                '+' if digits.is_empty() && !abroad => abroad = true,
                '(' | ')' => {}
                other if is_separator(other) => {}
                _ => return Err(IdentifierError::PhoneCharacter),
            }
        }
        let normal = match digits.strip_prefix("00") {
            Some(digits) if !abroad => with_country(digits),
            _ if abroad => with_country(&digits),
            _ => mexican(&digits),
        };
        normal.map(Self)
    }
}

/// The number in a link that opens a conversation or a call, and whether there was one: it begins with the country's.
fn number_of_link(text: &str) -> (&str, bool) {
    if let Some(rest) = strip_prefix_ignoring_case(text, "tel:") {
        return (rest, false);
    }
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(text, scheme))
        .unwrap_or(text);
    let linked = [
        "wa.me/",
        "api.whatsapp.com/send?phone=",
        "api.whatsapp.com/send/?phone=",
        "web.whatsapp.com/send?phone=",
    ]
    .iter()
    .find_map(|link| strip_prefix_ignoring_case(rest, link));
    match linked {
        Some(number) => {
            let end = number.find(['?', '&', '/', '#']).unwrap_or(number.len());
            let number = &number[..end];
            let plus = ["%2b", "+"]
                .iter()
                .find_map(|plus| strip_prefix_ignoring_case(number, plus));
            (plus.unwrap_or(number), true)
        }
        None => (text, false),
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// A number without `+`: ten digits, perhaps behind what was dialled before them, or behind `52`.
fn mexican(digits: &str) -> Result<Zeroizing<String>, IdentifierError> {
    let national = match digits.strip_prefix(MEXICO) {
        Some(rest) if digits.len() > 10 => mexican_abroad(rest),
        _ => former(digits),
    };
    written(MEXICO, national.ok_or(IdentifierError::PhoneMexican)?)
}

/// What follows `52`: a former `1` for mobiles goes.
fn mexican_abroad(rest: &str) -> Option<&str> {
    match rest.strip_prefix('1') {
        Some(mobile) if rest.len() == 11 => former(mobile),
        _ => former(rest),
    }
}

/// The ten digits, without what was dialled before them. No area code begins with 0 or 1.
fn former(digits: &str) -> Option<&str> {
    let national = FORMER
        .iter()
        .find_map(|(prefix, len)| digits.strip_prefix(prefix).filter(|_| digits.len() == *len))
        .unwrap_or(digits);
    (national.len() == 10 && !national.starts_with(['0', '1'])).then_some(national)
}

/// A number that begins with the country's.
fn with_country(digits: &str) -> Result<Zeroizing<String>, IdentifierError> {
    let (code, lengths) = countries()
        .find(|(code, _)| digits.starts_with(code))
        .ok_or(IdentifierError::PhoneCountry)?;
    let rest = &digits[code.len()..];
    if code == MEXICO {
        return written(code, mexican_abroad(rest).ok_or(IdentifierError::PhoneMexican)?);
    }
    let zero_stays = ZERO_STAYS.contains(&code);
    let national = match rest.strip_prefix('0') {
        Some(without) if !zero_stays => without,
        _ => rest,
    };
    let fits = lengths.split(' ').any(|len| len.parse() == Ok(national.len()));
    // A second zero would go when this is read again. No area code of North America begins with 1.
    if !fits || (!zero_stays && national.starts_with('0')) || (code == "1" && national.starts_with('1')) {
        return Err(IdentifierError::PhoneLength);
    }
    written(code, national)
}

fn written(code: &str, national: &str) -> Result<Zeroizing<String>, IdentifierError> {
    let mut normal = Zeroizing::new(String::with_capacity(1 + code.len() + national.len()));
    for part in ["+", code, national] {
        normal.push_str(part);
    }
    Ok(normal)
}

/// Every calling code, with how many digits may follow it, separated by blanks. None begins with another.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.lines().filter_map(|line| line.split_once(' '))
}
