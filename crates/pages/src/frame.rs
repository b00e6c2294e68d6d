//! What every page has around it: language, assets, its place among the pages.

use crate::assets::Assets;
use crate::language::Language;
use crate::strings::Strings;

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The declarant: the exit is pinned above.
    Declarant,
    /// The declarant where no script may run: the exit above is a link.
    Unscripted,
    /// A custodian or reader.
    Desk,
    /// Anyone: the public record.
    Public,
}

/// The frame of a page.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Its language.
    pub language: Language,
    /// Its path after the language, e.g. `quienes` or `mesa/`; empty for the landing.
    pub slug: &'a str,
    /// Whom it is for.
    pub audience: Audience,
    /// Style, scripts, modules.
    pub assets: &'a Assets,
    /// Whether this is a demo, whose key everybody has.
    pub is_demo: bool,
    /// Whom a person in danger can call: shown wherever danger is spoken of, and where scripts are off.
    pub help: Option<Help<'a>>,
    /// Whether it is offered in other languages: not where what she wrote stands in it, for a link would leave that behind.
    pub is_translated: bool,
    /// Words.
    pub t: &'static Strings,
}

/// Whom she can call, as the operator's configuration has it, in the page's language.
#[derive(Clone, Copy)]
pub enum Help<'a> {
    /// A help line.
    Line {
        /// Number, as one dials it.
        phone: &'a str,
        /// When somebody answers.
        hours: &'a str,
        /// The day on which the operator called it.
        checked: &'a str,
        /// Who runs it, or where the number stands.
        source: &'a str,
    },
    /// There is none.
    None {
        /// Why.
        why: &'a str,
    },
}

impl<'a> Frame<'a> {
    /// A frame.
    #[must_use]
    pub fn new(language: Language, slug: &'a str, audience: Audience, assets: &'a Assets, is_demo: bool) -> Self {
        Self {
            language,
            slug,
            audience,
            assets,
            is_demo,
            help: None,
            is_translated: true,
            t: Strings::of(language),
        }
    }

    /// The path of a page in this language.
    #[must_use]
    pub fn page(&self, slug: &str) -> String {
        format!("/{}/{slug}", self.language.tag())
    }

    /// This page in another language.
    #[must_use]
    pub fn in_language(&self, language: &Language) -> String {
        format!("/{}/{}", language.tag(), self.slug)
    }

    /// All languages.
    #[must_use]
    pub fn languages(&self) -> [Language; 2] {
        Language::ALL
    }

    /// The path of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        self.assets.path(name)
    }

    /// Whether the exit is pinned above.
    #[must_use]
    pub fn has_exit(&self) -> bool {
        matches!(self.audience, Audience::Declarant | Audience::Unscripted)
    }

    /// Whether scripts may run on it.
    #[must_use]
    pub fn has_scripts(&self) -> bool {
        self.audience != Audience::Unscripted
    }
}
