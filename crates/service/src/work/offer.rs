//! `GET /work` (§15.8): a nonce, and the bits that are asked for it.

use axum::extract::{OriginalUri, State};
use axum::response::Response;

use crate::app::Shared;
use crate::problem::Refusal;
use crate::public::json;
use crate::query;

pub(crate) async fn offer(State(app): State<Shared>, OriginalUri(uri): OriginalUri) -> Result<Response, Refusal> {
    let now = app.now();
    let offer = match query::fields(&uri, ["for"])? {
        [None] => app.work.offer(now, app.capacity.fill_percent()),
        [Some("upload")] => app.work.offer_crowd(now, app.budget.crowd(now)),
        [Some("office")] => app.work.offer_crowd(now, app.cells.crowd(now)),
        [Some("draft")] => app.work.offer_crowd(now, app.saves.crowd(now)),
        [Some(_)] => {
            return Err(Refusal::malformed(
                "Work is for=upload, for=office, for=draft, or for a filing.",
            ));
        }
    };
    Ok(json(protocol::json::write(&offer)))
}
