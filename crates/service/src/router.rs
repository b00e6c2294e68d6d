//! The routes of everybody, merged, with the layers that see every request.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::Shared;
use crate::problem::Refusal;
use crate::work::offer;
use crate::{
    acts, assets, blobs, drafts, drop, filings, headers, health, log, member, office, plain, problem, public, quota,
    records, site, uploads,
};

/// All routes, with the layers that see every request.
pub(crate) fn router(app: Shared) -> Router {
    let mut router = Router::new()
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/tile/{*name}", get(log::tile))
        .route("/log/step/{step}", get(log::step))
        .route("/log/proof/{index}", get(log::prove))
        .route("/api/v1/public", post(public::publish))
        .route("/api/v1/public/{digest}", get(public::envelope))
        .route("/api/v1/public/{digest}/proof", get(public::proof))
        .route("/api/v1/public/index", get(public::list))
        .route("/api/v1/public/index/{name}", get(public::index))
        .route("/api/v1/docket/{docket}/{x}/{n}", get(public::docket))
        .route("/api/v1/work", get(offer::offer))
        .route("/api/v1/uploads/{name}", put(uploads::take).head(uploads::offset))
        .route("/api/v1/blobs/{digest}", get(blobs::blob))
        .route("/api/v1/filings", post(filings::file))
        .route("/api/v1/acts", post(acts::act))
        .route("/api/v1/records", post(records::write))
        .route("/api/v1/drop/{b}/{bucket}", get(drop::summary))
        .route("/api/v1/drop/{b}/{bucket}/{page}", get(drop::page))
        .route("/api/v1/drafts/{name}", get(drafts::read).post(drafts::write))
        .route("/api/v1/drop/{b}/{bucket}/since/{day}", get(drop::since))
        .route("/api/v1/office", post(office::write))
        .route("/api/v1/member/delivery", get(member::delivery))
        .route("/api/v1/member/office", get(member::office))
        .route("/api/v1/member/drop/{b}/{bucket}/{page}", get(member::records))
        .route("/api/v1/member/delete", post(member::delete))
        .route("/api/v1/member/quota", post(quota::give))
        .route("/healthz", get(health::health))
        .route("/a/{build}/{name}", get(assets::asset));
    for (path, methods) in site::routes() {
        router = router.route(&path, methods);
    }
    let plain = format!("/{{l}}/{}", site::SLUG_PLAIN);
    router = router.route(&plain, post(plain::post));
    router
        .fallback(site::fallback)
        .method_not_allowed_fallback(|| async { Refusal::method() })
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(middleware::from_fn_with_state(app.clone(), headers::observe))
        .with_state(app)
}
