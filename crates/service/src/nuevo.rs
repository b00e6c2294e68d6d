//! `/{l}/nuevo`: the declarant's way, the same bytes for everybody (§14).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use pages::nuevo::Nuevo;
use pages::quienes::Keepers;
use pages::{Audience, Language};

use crate::app::Shared;
use crate::site::{built, missing, page, wanted};

pub(crate) async fn show(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let view = app.projection.view();
    // Without a council in the newest checkpoint there is nothing to seal to.
    let root = view.council().and(view.root());
    let shown = Nuevo {
        frame: app.frame(language, "nuevo", Audience::Declarant),
        root: root.and_then(|root| serde_json::to_string(&root).ok()),
        keepers: view.council().map(|council| Keepers::new(council, language)),
        built: built(),
    };
    page(&headers, StatusCode::OK, pages::html(&shown))
}
