//! The languages that the pages speak. One is offered only when all of its strings are there.

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Spanish of Mexico, the source.
    Spanish,
    /// English.
    English,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Spanish, Self::English];

    /// First segment of a page's path, and `lang` of its document.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// Its own name. Never a flag.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Spanish => "Español",
            Self::English => "English",
        }
    }

    /// From the first segment of a path.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The first of ours that `Accept-Language` names, by the order in which it stands there; Spanish else.
    #[must_use]
    pub fn from_header(accept: &str) -> Self {
        let wanted = accept.split(',').filter_map(|part| {
            let tag = part.split(';').next().unwrap_or_default().trim();
            Self::from_tag(&tag.get(..2)?.to_ascii_lowercase())
        });
        wanted.into_iter().next().unwrap_or(Self::Spanish)
    }

    /// The language of the eight words and of fingerprints.
    #[must_use]
    pub fn words(self) -> protocol::phrase::Language {
        match self {
            Self::Spanish => protocol::phrase::Language::Spanish,
            Self::English => protocol::phrase::Language::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_decides_by_its_order_and_spanish_is_the_default() {
        let cases = [
            ("en-US,en;q=0.9,es;q=0.8", Language::English),
            ("es-MX", Language::Spanish),
            ("de-CH, en;q=0.5", Language::English),
            ("nah", Language::Spanish),
            ("ñ", Language::Spanish),
            ("", Language::Spanish),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::from_header(header), expected, "{header:?}");
        }
    }
}
