//! What pages load: style, scripts, modules. Content-addressed: the folder in their path is the digest of all of them,
//! so that scripts find each other by name and no page ever mixes two builds. Whoever has a page of an older build is
//! told so by 404.

use std::ops::Range;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
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

/// A file as brotli: the twin that `cargo xtask wasm` made, else one that is made when it is first asked for. Images and
/// recordings are packed already.
fn twin(name: &str) -> Option<&'static [u8]> {
    static TWINS: OnceLock<Vec<OnceLock<Option<Vec<u8>>>>> = OnceLock::new();
    if let Some(made) = file(&format!("{name}.br")) {
        return Some(made);
    }
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    let (_, bytes) = FILES
        .get(at)
        .filter(|(name, _)| ![".png", ".opus"].iter().any(|ending| name.ends_with(ending)))?;
    let twins = TWINS.get_or_init(|| vec![OnceLock::new(); FILES.len()]);
    twins.get(at)?.get_or_init(|| packed::pack_once(bytes)).as_deref()
}

/// Only what a browser loads: the twins that `cargo xtask wasm` packed answer under the plain name.
fn content_type(name: &str) -> Option<&'static str> {
    let is_loaded = [".css", ".js", ".wasm", ".png", ".opus"]
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

/// A recording, or the part of it that a player asks for: Apple's browsers play only what is served in parts.
fn heard(bytes: &'static [u8], headers: &HeaderMap) -> Response {
    let wanted = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = wanted.and_then(|wanted| range(wanted, bytes.len()));
    let part = part.and_then(|part| Some((part.clone(), bytes.get(part)?)));
    let mut response = match part {
        None => bytes.into_response(),
        Some((part, bytes_of_it)) => {
            let place = format!("bytes {}-{}/{}", part.start, part.end - 1, bytes.len());
            (
                StatusCode::PARTIAL_CONTENT,
                [(header::CONTENT_RANGE, place)],
                bytes_of_it,
            )
                .into_response()
        }
    };
    let parts = HeaderValue::from_static("bytes");
    response.headers_mut().insert(header::ACCEPT_RANGES, parts);
    response
}

/// What of so many bytes a header `Range` asks for, where it is one part that is there; else the whole is answered, as RFC 9110
/// (14.2) lets a server.
fn range(wanted: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = wanted.strip_prefix("bytes=")?.split_once('-')?;
    let part = match (first, last) {
        ("", last) => size.saturating_sub(last.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => first.parse().ok()?..last.parse::<usize>().ok()?.saturating_add(1).min(size),
    };
    (part.start < part.end).then_some(part)
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
    if name.ends_with(".opus") {
        let mut response = heard(bytes, &headers);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        return Ok(response);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_gets_the_part_that_it_asks_for_and_else_the_whole() {
        for (wanted, part) in [
            ("bytes=0-1", Some(0..2)),
            ("bytes=0-", Some(0..10)),
            ("bytes=4-7", Some(4..8)),
            ("bytes=9-18446744073709551615", Some(9..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-30", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=-0", None),
            ("bytes=7-4", None),
            ("bytes=0-1,4-5", None),
            ("bytes=-", None),
            ("bytes=18446744073709551616-", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(range(wanted, 10), part, "{wanted}");
        }
    }
}
