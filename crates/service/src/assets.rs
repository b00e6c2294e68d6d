//! What pages load: style, scripts, modules. Content-addressed: the folder in their path is the digest of all of them,
//! so that scripts find each other by name and no page ever mixes two builds. Whoever has a page of an older build is
//! told so by 404.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pages::Assets;
use protocol::statement::SiteFile;
use protocol::{Digest, served};

use crate::packed;
use crate::problem::Refusal;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

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
            has_declare_plain: file("declare_plain.js").is_some(),
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

/// A file as brotli: the twin that `cargo xtask wasm` made, else one that is made when it is first asked for. Images are
/// packed already.
fn twin(name: &str) -> Option<&'static [u8]> {
    static TWINS: OnceLock<Vec<OnceLock<Option<Vec<u8>>>>> = OnceLock::new();
    if let Some(made) = file(&format!("{name}.br")) {
        return Some(made);
    }
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    let (_, bytes) = FILES.get(at).filter(|(name, _)| !name.ends_with(".png"))?;
    let twins = TWINS.get_or_init(|| vec![OnceLock::new(); FILES.len()]);
    twins.get(at)?.get_or_init(|| packed::pack(bytes)).as_deref()
}

/// Only what a browser loads: the twins that `cargo xtask wasm` packed answer under the plain name.
fn content_type(name: &str) -> Option<&'static str> {
    let is_loaded = [".css", ".js", ".wasm", ".png"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_loaded.then(|| served::media_type(name))
}

/// Every file of this build that a browser loads, as the statement `site` names it.
pub(crate) fn site_files() -> &'static [SiteFile] {
    static SITE: OnceLock<Vec<SiteFile>> = OnceLock::new();
    SITE.get_or_init(|| {
        let loaded = FILES.iter().filter(|(name, _)| content_type(name).is_some());
        loaded
            .map(|(name, bytes)| SiteFile {
                path: format!("{}{name}", assets().folder),
                digest: Digest::of(bytes),
                size: bytes.len() as u64,
            })
            .collect()
    })
}

/// A file of this build by its digest: what it was before somebody changed it on the way.
pub fn of_this_build(digest: &Digest) -> Option<&'static [u8]> {
    let at = site_files().iter().find(|file| file.digest == *digest)?;
    file(at.path.rsplit('/').next()?)
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
    let twin = packed::is_taken(&headers).then(|| twin(&name)).flatten();
    let mut response = match twin {
        Some(twin) => packed::as_packed(twin.into_response()),
        None => bytes.into_response(),
    };
    let is_script = name.ends_with(".js");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if is_script {
        // A worker lives under the policy that its own script came with.
        let policy = HeaderValue::from_static(served::SCRIPT_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
