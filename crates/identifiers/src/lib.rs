//! Identifiers of a person whom she names, each in its one normal form (§12): telephone, e-mail, plate, account, handle.
//!
//! Two women write one number in two ways, and only what both write alike can match. So a type here can only be made
//! normal, and what is half an identifier is refused: it would match nobody, or somebody else. The rules are frozen with
//! the protocol: a normal form never changes, for the tags of years ago were made from it.

mod account;
mod email;
mod error;
mod handle;
mod phone;
mod plate;
mod text;

pub use account::Account;
pub use email::Email;
pub use error::IdentifierError;
pub use handle::{Handle, Service};
pub use phone::{Phone, countries};
pub use plate::{Plate, State};

use zeroize::Zeroizing;

/// Longest text that is read, in bytes.
pub const TEXT_MAX: usize = 512;

/// What an identifier is of. Its number stands before the normal form in the input of the OPRF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Telephone number.
    Phone = 1,
    /// E-mail address.
    Email = 2,
    /// Plate of a vehicle.
    Plate = 3,
    /// Bank account or card.
    Account = 4,
    /// Name or number at a service.
    Handle = 5,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::Plate, Self::Account, Self::Handle];

    /// Its name in a document and on the page.
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Plate => "plate",
            Self::Account => "account",
            Self::Handle => "handle",
        }
    }

    /// The kind with this name.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// One identifier, in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Telephone number.
    Phone(Phone),
    /// E-mail address.
    Email(Email),
    /// Plate of a vehicle.
    Plate(Plate),
    /// Bank account or card.
    Account(Account),
    /// Name or number at a service.
    Handle(Handle),
}

impl Identifier {
    /// Reads what a person wrote or pasted. `of` is the state of a plate or the service of a handle, by its code, and says
    /// nothing for other kinds; a text that names its own, as a link and a normal form do, needs none.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong with the text.
    pub fn read(kind: Kind, of: Option<&str>, text: &str) -> Result<Self, IdentifierError> {
        Ok(match kind {
            Kind::Phone => Self::Phone(Phone::read(text)?),
            Kind::Email => Self::Email(Email::read(text)?),
            Kind::Plate => {
                let state = of.map(|of| State::read(of).ok_or(IdentifierError::StateUnknown));
                Self::Plate(Plate::read(state.transpose()?, text)?)
            }
            Kind::Account => Self::Account(Account::read(text)?),
            Kind::Handle => {
                let service = of.map(|of| Service::read(of).ok_or(IdentifierError::ServiceUnknown));
                Self::Handle(Handle::read(service.transpose()?, text)?)
            }
        })
    }

    /// What it is of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Phone(_) => Kind::Phone,
            Self::Email(_) => Kind::Email,
            Self::Plate(_) => Kind::Plate,
            Self::Account(_) => Kind::Account,
            Self::Handle(_) => Kind::Handle,
        }
    }

    /// Its one spelling, in ASCII: what the page shows to her who wrote it, and to nobody else.
    pub fn normal(&self) -> &str {
        match self {
            Self::Phone(one) => one.normal(),
            Self::Email(one) => one.normal(),
            Self::Plate(one) => one.normal(),
            Self::Account(one) => one.normal(),
            Self::Handle(one) => one.normal(),
        }
    }

    /// What the OPRF is of: `kind u8 ‖ normal form`.
    pub fn oprf_input(&self) -> Zeroizing<Vec<u8>> {
        let mut input = Zeroizing::new(Vec::with_capacity(1 + self.normal().len()));
        input.push(self.kind() as u8);
        input.extend_from_slice(self.normal().as_bytes());
        input
    }
}

/// A type that holds a normal form and is made by reading alone; erased on drop, and nothing of it is shown by `Debug`.
macro_rules! normal_form {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(zeroize::Zeroizing<String>);

        impl $name {
            /// Its one spelling.
            pub fn normal(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}
use normal_form;
