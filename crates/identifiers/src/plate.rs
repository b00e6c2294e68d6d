//! Plate: the state that gave it, as ISO 3166-2 names it, and its letters and digits.

use zeroize::Zeroizing;

use crate::text::{is_separator, plain_without_marks};
use crate::{IdentifierError, normal_form};

normal_form! {
    /// A plate: `MX-PUE:TWA1234`.
    Plate
}

/// The states of Mexico and of the United States (ISO 3166-2), whose plates are told apart by the state alone.
const STATES: &str = "MX-AGU MX-BCN MX-BCS MX-CAM MX-CHH MX-CHP MX-CMX MX-COA MX-COL MX-DUR MX-GRO MX-GUA MX-HID MX-JAL \
    MX-MEX MX-MIC MX-MOR MX-NAY MX-NLE MX-OAX MX-PUE MX-QUE MX-ROO MX-SIN MX-SLP MX-SON MX-TAB MX-TAM MX-TLA MX-VER \
    MX-YUC MX-ZAC \
    US-AK US-AL US-AR US-AZ US-CA US-CO US-CT US-DC US-DE US-FL US-GA US-HI US-IA US-ID US-IL US-IN US-KS US-KY US-LA \
    US-MA US-MD US-ME US-MI US-MN US-MO US-MS US-MT US-NC US-ND US-NE US-NH US-NJ US-NM US-NV US-NY US-OH US-OK US-OR \
    US-PA US-RI US-SC US-SD US-TN US-TX US-UT US-VA US-VT US-WA US-WI US-WV US-WY";

/// A state of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(&'static str);

impl State {
    /// Every state of the list.
    pub fn all() -> impl Iterator<Item = Self> {
        STATES.split(' ').map(Self)
    }

    /// The state with this code, in any case.
    pub fn read(code: &str) -> Option<Self> {
        Self::all().find(|state| state.0.eq_ignore_ascii_case(code))
    }

    /// Its code: `MX-PUE`.
    pub fn code(self) -> &'static str {
        self.0
    }

    fn is_mexican(self) -> bool {
        self.0.starts_with("MX-")
    }
}

impl Plate {
    /// Reads a plate of a state; its normal form names the state itself.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong.
    pub fn read(state: Option<State>, text: &str) -> Result<Self, IdentifierError> {
        let text = plain_without_marks(text)?;
        let (state, plate) = match text.split_once(':') {
            Some((code, plate)) => {
                let named = State::read(code.trim()).ok_or(IdentifierError::StateUnknown)?;
                if state.is_some_and(|state| state != named) {
                    return Err(IdentifierError::Differs);
                }
                (named, plate)
            }
            None => (state.ok_or(IdentifierError::StateMissing)?, text.as_str()),
        };
        let mut normal = Zeroizing::new(String::with_capacity(state.0.len() + 1 + plate.len()));
        normal.push_str(state.0);
        normal.push(':');
        let begin = normal.len();
        for letter in plate.chars().filter(|letter| !is_separator(*letter)) {
            if !letter.is_ascii_alphanumeric() {
                return Err(IdentifierError::PlateCharacter);
            }
            normal.push(letter.to_ascii_uppercase());
        }
        let plate = &normal[begin..];
        let lengths = if state.is_mexican() { 5..=7 } else { 2..=8 };
        if !lengths.contains(&plate.len()) {
            return Err(IdentifierError::PlateLength);
        }
        let has = |what: fn(&u8) -> bool| plate.as_bytes().iter().any(what);
        if state.is_mexican() && !(has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)) {
            return Err(IdentifierError::PlateCharacter);
        }
        Ok(Self(normal))
    }
}
