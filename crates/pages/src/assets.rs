//! Where a page finds its style, scripts and modules, and which of them this build has.

/// A module for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// The declarant's.
    Declare,
    /// The declarant's in plain JavaScript, for browsers without WebAssembly.
    DeclarePlain,
    /// The declarant's who finishes another day.
    Draft,
    /// The custodian's and reader's.
    Desk,
    /// The declarant's who comes back.
    Return,
}

/// The assets of one build. Their folder is named by the digest of all of them, so that scripts find each other by
/// name and no page ever mixes two builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The folder's path, with a slash at its end.
    pub folder: String,
    /// Whether this build has the declarant's module.
    pub has_declare: bool,
    /// Whether this build has it in plain JavaScript too.
    pub has_declare_plain: bool,
    /// Whether this build has the module of drafts.
    pub has_draft: bool,
    /// Whether this build has the desk's module.
    pub has_desk: bool,
    /// Whether this build has the module of her inbox.
    pub has_return: bool,
}

impl Assets {
    /// The path of a file.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    /// Whether this build has a module.
    #[must_use]
    pub fn has(&self, face: Module) -> bool {
        match face {
            Module::Declare => self.has_declare,
            Module::DeclarePlain => self.has_declare_plain,
            Module::Draft => self.has_draft,
            Module::Desk => self.has_desk,
            Module::Return => self.has_return,
        }
    }
}

#[cfg(test)]
impl Assets {
    /// Of a build with all modules.
    pub(crate) fn whole() -> Self {
        Self {
            folder: "/assets/".to_owned(),
            has_declare: true,
            has_declare_plain: true,
            has_draft: true,
            has_desk: true,
            has_return: true,
        }
    }
}
