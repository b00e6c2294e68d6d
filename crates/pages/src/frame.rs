//! What every page has around it: language, assets, its place among the pages.

use crate::assets::Assets;
use crate::language::Language;
use crate::strings::Strings;

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The declarant: the exit is pinned above.
    Declarant,
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
    /// Words.
    pub t: &'static Strings,
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
        self.audience == Audience::Declarant
    }
}
