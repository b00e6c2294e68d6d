//! Identifiers of laws, articles and wordings in the form of ELI: `/mx/fed/ley/2012-06-14/lgpsedmtp/art_42/fr_VII/2024-06-08/spa`.
//! The parts are those of Akoma Ntoso's naming convention: jurisdiction, kind, date, name; then the part, the first day of the
//! wording, the language.

use jiff::civil::Date;

use crate::cite::Cite;
use crate::library::{Instrument, Library};

impl Instrument {
    /// Its identifier: the one that its law file gives, or one made of its entity, kind, date and short name. Nothing for a law
    /// of which no date is known.
    pub fn iri(&self) -> Option<String> {
        if self.iri.is_some() {
            return self.iri.clone();
        }
        let place = self
            .entity
            .as_deref()
            .map_or("fed", |entity| entity.trim_start_matches("MX-"));
        let date = self.published.or(self.since)?;
        let short = self.id.to_lowercase();
        Some(format!("/mx/{}/{}/{date}/{short}", place.to_lowercase(), self.kind()))
    }

    /// `ley`, `codigo` or, of any other act, `acto`.
    pub fn kind(&self) -> &'static str {
        let first = self.name.split(' ').next().unwrap_or_default();
        match first {
            "Ley" => "ley",
            "Código" => "codigo",
            _ => "acto",
        }
    }
}

impl Cite {
    /// Its part of an identifier: `art_42/fr_X/inc_a`.
    pub fn path(&self) -> String {
        let mut path = format!("art_{}", self.art.to_lowercase().replace(' ', "-"));
        match self.paragraphs {
            Some((0, _)) => path.push_str("/par_final"),
            Some((first, last)) if first == last => path.push_str(&format!("/par_{first}")),
            Some((first, last)) => path.push_str(&format!("/par_{first}-{last}")),
            None => {}
        }
        if let Some(fraction) = &self.fraction {
            path.push_str(&format!("/fr_{fraction}"));
        }
        if let Some(item) = &self.item {
            path.push_str(&format!("/inc_{item}"));
        }
        path
    }
}

impl Library {
    /// The identifier of an article, or part of one, by the id of its law; of the wording that began on a day, where one is
    /// given. Nothing where the law has none or the text names no article.
    pub fn iri(&self, law: &str, art: &str, since: Option<Date>) -> Option<String> {
        let law = self.instrument(law)?.iri()?;
        let part = crate::cite::cites(art).into_iter().next()?.path();
        Some(match since {
            Some(since) => format!("{law}/{part}/{since}/spa"),
            None => format!("{law}/{part}"),
        })
    }
}
