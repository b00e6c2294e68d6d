//! The law files of `laws/` as this build holds them: one copy for the command line, the service's pages and the
//! reader's page. It holds no rule.

use std::sync::OnceLock;

use law::{File, Instrument, LawFileFault, Library};

include!(concat!(env!("OUT_DIR"), "/laws.rs"));

/// Path below `laws/` and content of every law file.
#[must_use]
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// The official text that lies beside the law files of an instrument (`text.txt`). A program that does not ask for it does
/// not hold it.
#[must_use]
pub fn official(instrument: &Instrument) -> Option<&'static str> {
    let path = format!("{}/text.txt", instrument.folder);
    TEXTS.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// What they say, loaded once.
///
/// # Errors
/// Every fault; a build whose files have one is a bug, and a test refuses it.
pub fn library() -> Result<&'static Library, &'static [LawFileFault]> {
    static LIBRARY: OnceLock<Result<Library, Vec<LawFileFault>>> = OnceLock::new();
    let load = || {
        let files: Vec<_> = FILES.iter().map(|(path, text)| File { path, text }).collect();
        law::load(&files)
    };
    LIBRARY.get_or_init(load).as_ref().map_err(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_this_build_load() {
        let library = library().expect("law files without a fault");
        assert!(FILES.len() > 10);
        assert_eq!((library.entities.len(), library.measures.len()), (32, 79));
        assert!(library.offences.len() > 30);
        let general = library.instrument("LGPSEDMTP").expect("the General Law");
        let text = official(general).expect("its official text");
        assert!(law::articles(text).iter().any(|article| article.number == "5"));
    }
}
