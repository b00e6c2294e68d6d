//! `/{l}/ley`: the law as this build has it, to be read by anyone; the same bytes for everybody.

use pages::Frame;
use pages::ley::{Law, LawAid, LawText, slug};

use crate::app::App;

/// The page of what is owed, among those of the texts.
const AID: &str = "ley/asistencia";

/// Where each text stands, and what is owed, after the language.
pub(crate) fn slugs() -> Vec<String> {
    let library = law_data::library().ok();
    let laws = library.into_iter().flat_map(|library| &library.instruments);
    let loaded = laws.filter(|law| law.status != law::Status::NotLoaded).map(slug);
    loaded.chain([AID.to_owned()]).collect()
}

/// What is loaded, and what is not.
pub(crate) fn index(_: &App, frame: Frame<'_>) -> Option<String> {
    let library = law_data::library().ok()?;
    Some(pages::html(&Law { frame, library }))
}

/// One text, or what is owed. A text that is not at hand has no page: the index says so.
pub(crate) fn text(_: &App, frame: Frame<'_>) -> Option<String> {
    let library = law_data::library().ok()?;
    if frame.slug == AID {
        return Some(pages::html(&LawAid { frame, library }));
    }
    let loaded = |law: &&law::Instrument| law.status != law::Status::NotLoaded && slug(law) == frame.slug;
    let law = library.instruments.iter().find(loaded)?;
    Some(pages::html(&LawText { frame, library, law }))
}
