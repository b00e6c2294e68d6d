//! Words for people, in two languages: for each fact a clause and words of daily speech; short names of laws and offences.
//! They are data of the law files (`[[speech]]`); what has none is said by its label.

/// Language of what is said to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// Spanish, in which the law is written.
    Es,
    /// English.
    En,
}

impl Tongue {
    /// Of two, the one in this language.
    pub fn pick<T>(self, es: T, en: T) -> T {
        match self {
            Self::Es => es,
            Self::En => en,
        }
    }
}

/// The same in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bilingual<T> {
    /// In Spanish.
    pub es: T,
    /// In English.
    pub en: T,
}

impl<T> Bilingual<T> {
    /// In this language.
    pub fn of(&self, tongue: Tongue) -> &T {
        tongue.pick(&self.es, &self.en)
    }
}

/// How people say a fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speech {
    /// As a clause: «alguien captó a la víctima».
    pub clause: Bilingual<String>,
    /// In words of daily speech, by which it is searched for.
    pub words: Bilingual<Vec<String>>,
}
