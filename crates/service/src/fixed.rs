//! Pages that are the same bytes for everybody: rendered once, and kept with their packed twin until what they are made of
//! changes. What is served is therefore what the statement `site` names (§14.1), and costs no rendering.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use protocol::Digest;
use protocol::statement::SiteFile;

use crate::packed;

/// What these pages are made of, beside the build and the configuration of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The first council: the root of trust that pages carry.
    pub root: Option<Digest>,
    /// The council in force.
    pub council: Option<Digest>,
    /// Whether filings are taken.
    pub is_open: bool,
}

/// A page, rendered.
pub(crate) struct FixedPage {
    html: Bytes,
    packed: OnceLock<Bytes>,
    digest: Digest,
}

impl FixedPage {
    /// With its digest; it is packed when somebody takes it so.
    pub fn new(html: String) -> Self {
        Self {
            digest: Digest::of(html.as_bytes()),
            html: html.into(),
            packed: OnceLock::new(),
        }
    }

    /// The page as the answer, packed where that is taken.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        if !packed::is_taken(headers) {
            return self.html.clone().into_response();
        }
        let twin = self
            .packed
            .get_or_init(|| packed::pack_once(&self.html).map_or_else(Bytes::new, Bytes::from));
        match twin.is_empty() {
            true => self.html.clone().into_response(),
            false => packed::as_packed(twin.clone().into_response()),
        }
    }
}

/// All of them, by their addresses.
pub(crate) struct FixedPages {
    source: Source,
    pages: HashMap<String, FixedPage>,
}

impl FixedPages {
    /// The page at an address.
    pub fn get(&self, path: &str) -> Option<&FixedPage> {
        self.pages.get(path)
    }

    /// Each of them, as the statement `site` names it.
    pub fn site_files(&self) -> impl Iterator<Item = SiteFile> {
        self.pages.iter().map(|(path, page)| SiteFile {
            path: path.clone(),
            digest: page.digest,
            size: page.html.len() as u64,
        })
    }
}

/// Holds the present [`FixedPages`].
#[derive(Default)]
pub(crate) struct Fixed(RwLock<Option<Arc<FixedPages>>>);

impl Fixed {
    /// The pages as they are now, address and HTML rendered where what they are made of has changed.
    pub fn now(&self, source: Source, render: impl FnOnce() -> Vec<(String, String)>) -> Arc<FixedPages> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.source == source) {
            return kept;
        }
        let rendered = render().into_iter();
        let pages = Arc::new(FixedPages {
            source,
            pages: rendered.map(|(path, html)| (path, FixedPage::new(html))).collect(),
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(pages.clone());
        pages
    }
}
