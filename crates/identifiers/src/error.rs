//! What is wrong with what she wrote. Nothing of it stands in an error.

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing but blanks.
    #[error("nothing is written")]
    Empty,
    /// More than any identifier has.
    #[error("this is too long for an identifier; write one, and nothing else")]
    TooLong,
    /// A state or a service is chosen, and the text names another.
    #[error("what is chosen and what the text names are not the same; choose again or leave the text alone")]
    Differs,
    /// A telephone number has a character other than `+0-9 ()-.`.
    #[error("a telephone number has digits only, and a + before the country's; write one number alone")]
    PhoneCharacter,
    /// Neither a Mexican number nor one with the country's.
    #[error(
        "a Mexican number has ten digits, with its area code; one of another country begins with + and the country's"
    )]
    PhoneMexican,
    /// No country has this calling code.
    #[error("no country has the number after the +")]
    PhoneCountry,
    /// Not as many digits as numbers of that country have.
    #[error("numbers of this country have more or fewer digits")]
    PhoneLength,
    /// No address, or more than one.
    #[error("an e-mail address has a name, one @ and a domain with a dot, and no spaces")]
    EmailForm,
    /// Letters that e-mail addresses do not have.
    #[error("an e-mail address has no accents and no ñ; write it as it is written in a message from it")]
    EmailLetter,
    /// No state was chosen.
    #[error("a plate needs the state that gave it")]
    StateMissing,
    /// No state of the list.
    #[error("no state of the list; a plate from elsewhere goes into the account")]
    StateUnknown,
    /// Something else than letters and digits, or of a Mexican plate not both.
    #[error("a plate has letters and digits only, and a Mexican one has both")]
    PlateCharacter,
    /// Too short or too long for a plate.
    #[error("a Mexican plate has five to seven letters and digits, one of the United States two to eight")]
    PlateLength,
    /// Something else than digits.
    #[error("an account has digits only, and all of them")]
    AccountCharacter,
    /// As long as neither a CLABE nor a card.
    #[error("a CLABE has 18 digits, a card 14, 15, 16 or 19")]
    AccountLength,
    /// The last digit does not fit the others.
    #[error("this CLABE does not add up: a digit is wrong")]
    ClabeCheck,
    /// The last digit does not fit the others.
    #[error("this card number does not add up: a digit is wrong")]
    CardCheck,
    /// No service was chosen, and the text names none.
    #[error("a name needs its service; choose it, or paste the link of the profile")]
    ServiceMissing,
    /// A service, or a link to one, that is not on the list.
    #[error("this service is not on the list; what is there goes into the account")]
    ServiceUnknown,
    /// A link to a post, a group, an invitation, a short link.
    #[error("this is no link of a profile; open the profile and copy the link from there")]
    NotProfile,
    /// Something that names at this service do not have.
    #[error("names at this service have no such character")]
    HandleCharacter,
    /// Too short or too long for a name there.
    #[error("names at this service are longer or shorter")]
    HandleLength,
}

impl IdentifierError {
    /// Every error.
    pub const ALL: [Self; 22] = [
        Self::Empty,
        Self::TooLong,
        Self::Differs,
        Self::PhoneCharacter,
        Self::PhoneMexican,
        Self::PhoneCountry,
        Self::PhoneLength,
        Self::EmailForm,
        Self::EmailLetter,
        Self::StateMissing,
        Self::StateUnknown,
        Self::PlateCharacter,
        Self::PlateLength,
        Self::AccountCharacter,
        Self::AccountLength,
        Self::ClabeCheck,
        Self::CardCheck,
        Self::ServiceMissing,
        Self::ServiceUnknown,
        Self::NotProfile,
        Self::HandleCharacter,
        Self::HandleLength,
    ];

    /// As the vectors name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::Differs => "differs",
            Self::PhoneCharacter => "phone-character",
            Self::PhoneMexican => "phone-mexican",
            Self::PhoneCountry => "phone-country",
            Self::PhoneLength => "phone-length",
            Self::EmailForm => "email-form",
            Self::EmailLetter => "email-letter",
            Self::StateMissing => "state-missing",
            Self::StateUnknown => "state-unknown",
            Self::PlateCharacter => "plate-character",
            Self::PlateLength => "plate-length",
            Self::AccountCharacter => "account-character",
            Self::AccountLength => "account-length",
            Self::ClabeCheck => "clabe-check",
            Self::CardCheck => "card-check",
            Self::ServiceMissing => "service-missing",
            Self::ServiceUnknown => "service-unknown",
            Self::NotProfile => "not-profile",
            Self::HandleCharacter => "handle-character",
            Self::HandleLength => "handle-length",
        }
    }
}
