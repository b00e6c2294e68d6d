//! Words, by Fluent: one resource for each language, parsed once. A test compares the languages and looks for every id
//! that a template names.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::language::Language;

/// The words of one language.
pub struct Strings {
    bundle: FluentBundle<FluentResource>,
}

impl Strings {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Self {
        static SPANISH: OnceLock<Strings> = OnceLock::new();
        static ENGLISH: OnceLock<Strings> = OnceLock::new();
        match language {
            Language::Spanish => SPANISH.get_or_init(|| Self::parse("es-MX", SOURCES[0])),
            Language::English => ENGLISH.get_or_init(|| Self::parse("en", SOURCES[1])),
        }
    }

    fn parse(tag: &str, sources: &[&str]) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
        // The marks around variables would be read aloud by some and copied along by all.
        bundle.set_use_isolating(false);
        for source in sources {
            // A fault in one message leaves the others; the tests refuse any.
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { bundle }
    }

    /// The ids of all messages of a language, in the order of its files.
    pub fn ids(language: Language) -> impl Iterator<Item = &'static str> {
        let place = Language::ALL.iter().position(|other| *other == language).unwrap_or(0);
        let sources = SOURCES.get(place).copied().unwrap_or_default();
        let lines = sources.iter().flat_map(|source| source.lines());
        lines
            .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
            .filter_map(|line| Some(line.split_once(" =")?.0))
    }

    /// A message, or an attribute as `id.attribute`. An id that does not exist gives itself.
    #[must_use]
    pub fn get(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// A message with a variable; more may follow.
    #[must_use]
    pub fn with<'a>(&'a self, name: &'a str, value: impl Into<FluentValue<'a>>) -> Message<'a> {
        let mut arguments = FluentArgs::new();
        arguments.set(name, value);
        Message {
            strings: self,
            arguments,
        }
    }

    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let (message, attribute) = match id.split_once('.') {
            Some((message, attribute)) => (message, Some(attribute)),
            None => (id, None),
        };
        let found = self.bundle.get_message(message);
        let pattern = found.and_then(|found| match attribute {
            Some(name) => found.get_attribute(name).map(|attribute| attribute.value()),
            None => found.value(),
        });
        let Some(pattern) = pattern else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, arguments, &mut errors).into_owned()
    }
}

/// A message's variables, being gathered.
pub struct Message<'a> {
    strings: &'a Strings,
    arguments: FluentArgs<'a>,
}

impl<'a> Message<'a> {
    /// Another variable.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Into<FluentValue<'a>>) -> Self {
        self.arguments.set(name, value);
        self
    }

    /// The message, or an attribute as `id.attribute`.
    #[must_use]
    pub fn get(&self, id: &str) -> String {
        self.strings.format(id, Some(&self.arguments))
    }
}

/// The locales, in the order of [`Language::ALL`], one file for each kind of reader.
pub(crate) const SOURCES: [&[&str]; 2] = [
    &[
        include_str!("../../../web/locales/es.ftl"),
        include_str!("../../../web/locales/es.questions.ftl"),
        include_str!("../../../web/locales/es.person.ftl"),
        include_str!("../../../web/locales/es.desk.ftl"),
        include_str!("../../../web/locales/es.law.ftl"),
        include_str!("../../../web/locales/es.site.ftl"),
        include_str!("../../../web/locales/es.volver.ftl"),
        include_str!("../../../web/locales/es.plain.ftl"),
    ],
    &[
        include_str!("../../../web/locales/en.ftl"),
        include_str!("../../../web/locales/en.questions.ftl"),
        include_str!("../../../web/locales/en.person.ftl"),
        include_str!("../../../web/locales/en.desk.ftl"),
        include_str!("../../../web/locales/en.law.ftl"),
        include_str!("../../../web/locales/en.site.ftl"),
        include_str!("../../../web/locales/en.volver.ftl"),
        include_str!("../../../web/locales/en.plain.ftl"),
    ],
];
