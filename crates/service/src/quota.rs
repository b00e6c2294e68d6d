//! Upload codes (§5.2): a seat gives one to somebody who filed, and with it one more filing may be larger.
//!
//! The seat tells the service a digest; the code itself comes from whoever uses it. A code is an item of a list of its own,
//! which the filing that names the code takes away in the moment in which it is stored: so it is good once, and the same
//! form again is answered as before.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use ledger::{Item, Submission};
use protocol::http::{FILING_LARGE_MAX, FILING_MAX, QUOTA_HEADER, Quota, QuotaForm};
use protocol::problem::Problem;
use protocol::{Day, Digest};

use crate::app::{App, Shared};
use crate::limits::{DAY_S, FORM_COPIES, FORM_JSON_MAX, QUOTA_KEEP_DAYS};
use crate::problem::Refusal;
use crate::{body, records, signature};

/// The list of one code; it holds the code once, or nothing.
fn list(digest: &Digest) -> String {
    format!("quota/{digest}")
}

/// Notes a code, by a seat.
pub(crate) async fn give(State(app): State<Shared>, head: Parts, body: Body) -> Result<StatusCode, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, FORM_JSON_MAX, FORM_COPIES).await?;
    let caller = signature::caller(&app, &head, &Digest::of(&whole.bytes))?;
    caller.require_seat()?;
    let form: QuotaForm = protocol::json::read(&whole.bytes, FORM_JSON_MAX)
        .map_err(|_| Refusal::form("An upload code is told as {v, origin, quota}: the digest of the code."))?;
    app.check_origin(&form.origin)?;
    let now = app.now();
    let submission = Submission {
        // Whoever tells it first: told again, a code that was used or is too old does not become good.
        form: Some(Digest::of_parts(&[b"quota\0", &form.quota.0]).0),
        is_fresh: true,
        once: vec![caller.once],
        items: vec![Item {
            list: list(&form.quota),
            expires: Some(Day::of(now).end() + u64::from(QUOTA_KEEP_DAYS) * DAY_S),
            ..Item::default()
        }],
        ..Submission::default()
    };
    records::submit_within(&app, &app.codes, submission, caller.x, 1, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a good code lies in its list.
///
/// # Errors
/// `quota`: no seat gave it, it was used, or it is too old.
pub(crate) async fn find(app: &App, code: &Quota) -> Result<(String, u64), Refusal> {
    let (list, now) = (list(&code.digest()), app.now());
    let asked = list.clone();
    let items = app.read(move |ledger| ledger.list(&asked, 0, 1, now)).await?;
    let item = items.first().ok_or_else(unknown)?;
    Ok((list, item.seq))
}

/// What an upload may have: more with a good code.
///
/// # Errors
/// `malformed`, `quota`.
pub(crate) async fn upload_max(app: &App, headers: &HeaderMap) -> Result<u64, Refusal> {
    let Some(value) = headers.get(QUOTA_HEADER) else {
        return Ok(FILING_MAX);
    };
    let code = value.to_str().ok().and_then(Quota::from_hex);
    let code = code.ok_or_else(|| Refusal::malformed("An upload code is 16 bytes in hex."))?;
    find(app, &code).await?;
    Ok(FILING_LARGE_MAX)
}

pub(crate) fn unknown() -> Refusal {
    Refusal::new(
        Problem::Quota,
        "This upload code is none that a seat gave, was used, or is older than 30 days. Nothing was stored. A filing without \
         one holds 64 MiB; the seat that wrote to her can send another.",
    )
}

/// Too much for what came with it.
pub(crate) fn too_large(max: u64) -> Refusal {
    Refusal::new(
        Problem::TooLarge,
        if max > FILING_MAX {
            "A filing with an upload code holds 2 GiB at most. Nothing was stored; put more evidence into a further testimony."
        } else {
            "A filing holds 64 MiB at most. Nothing was stored; put more evidence into a further testimony, or ask a seat that \
             holds the first for an upload code."
        },
    )
}
