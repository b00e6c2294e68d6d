//! The routes of everybody, merged, with the layers that see every request.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::Shared;
use crate::problem::Refusal;
use crate::work::offer;
use crate::{
    acts, assets, blobs, drop, filings, headers, health, log, member, office, problem, public, records, site, uploads,
};

/// All routes, with the layers that see every request.
pub(crate) fn router(app: Shared) -> Router {
    let mut router = Router::new();
    for (path, methods) in log::routes()
        .into_iter()
        .chain(public::routes())
        .chain(offer::routes())
        .chain(uploads::routes())
        .chain(blobs::routes())
        .chain(filings::routes())
        .chain(acts::routes())
        .chain(records::routes())
        .chain(drop::routes())
        .chain(office::routes())
        .chain(member::routes())
        .chain(health::routes())
        .chain(assets::routes())
    {
        router = router.route(path, methods);
    }
    for (path, methods) in site::routes() {
        router = router.route(&path, methods);
    }
    router
        .fallback(site::fallback)
        .method_not_allowed_fallback(|| async { Refusal::method() })
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(middleware::from_fn_with_state(app.clone(), headers::observe))
        .with_state(app)
}
