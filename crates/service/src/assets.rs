//! What pages load: style, scripts, modules. Content-addressed: the folder in their path is the digest of all of them,
//! so that scripts find each other by name and no page ever mixes two builds. Whoever has a page of an older build is
//! told so by 404.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pages::Assets;
use protocol::Digest;

use crate::packed;
use crate::problem::Refusal;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What a worker may load and do: scripts, modules and calls of this server.
const SCRIPT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
                             base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Where this build's files are.
pub(crate) fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let mut all = Vec::new();
        for (name, bytes) in FILES {
            all.extend_from_slice(name.as_bytes());
            all.push(0);
            all.extend_from_slice(&Digest::of(bytes).0);
        }
        Assets {
            folder: format!("/a/{}/", &Digest::of(&all).to_hex()[..32]),
            has_declare: file("declare_bg.wasm").is_some(),
            has_draft: file("draft_bg.wasm").is_some(),
            has_desk: file("desk_bg.wasm").is_some(),
            has_return: file("return_bg.wasm").is_some(),
        }
    })
}

fn file(name: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    FILES.get(at).map(|(_, bytes)| *bytes)
}

/// Only what a browser loads: the twins that `cargo xtask wasm` packed answer under the plain name.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "png" => "image/png",
        _ => return None,
    })
}

pub(crate) async fn asset(
    Path((build, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let folder = format!("/a/{build}/");
    let (Some(bytes), Some(kind)) = (file(&name), content_type(&name)) else {
        return Err(Refusal::not_found());
    };
    if folder != assets().folder {
        return Err(Refusal::not_found());
    }
    let kind = HeaderValue::from_static(kind);
    let mut response = match file(&format!("{name}.br")) {
        Some(twin) if packed::is_taken(&headers) => packed::as_packed(twin.into_response()),
        _ if name.ends_with(".png") => bytes.into_response(),
        _ => packed::answer(&headers, bytes.to_vec()),
    };
    let is_script = name.ends_with(".js");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if is_script {
        // A worker lives under the policy that its own script came with.
        let policy = HeaderValue::from_static(SCRIPT_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
