//! A JSON form, alone or as the first part of a `multipart/form-data` whose other parts are files named by their
//! SHA-256 in hex (§15.8, §19).

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, header};
use protocol::Digest;
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::{FORM_FILES_MAX, FORM_JSON_MAX, INLINE_MAX};
use crate::problem::Refusal;

/// A form and the files that came with it, each checked against its name.
#[derive(Debug)]
pub(crate) struct Posted<T> {
    /// The form.
    pub form: T,
    files: HashMap<Digest, Bytes>,
}

impl<T> Posted<T> {
    /// A form with its files, whose names are right.
    pub fn of(form: T, files: HashMap<Digest, Bytes>) -> Self {
        Self { form, files }
    }

    /// Length of a file that came along.
    pub fn len_of(&self, digest: &Digest) -> Option<u64> {
        self.files.get(digest).map(|file| file.len() as u64)
    }

    /// Takes a file out.
    pub fn take(&mut self, digest: &Digest) -> Option<Vec<u8>> {
        self.files.remove(digest).map(Vec::from)
    }

    /// All files that came along.
    #[cfg(feature = "fuzzing")]
    pub fn files(&self) -> &HashMap<Digest, Bytes> {
        &self.files
    }

    /// Whether every file was taken out.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Reads a form whose first part is called `name`.
///
/// # Errors
/// `malformed`, `form`, `too-large`, `digest-mismatch`.
pub(crate) async fn read<T: DeserializeOwned + Serialize>(
    headers: &HeaderMap,
    body: Bytes,
    name: &'static str,
) -> Result<Posted<T>, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(Posted {
            form: json(&body)?,
            files: HashMap::new(),
        });
    }
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return Err(Refusal::malformed("A form is application/json or multipart/form-data."));
    }
    let mut request = Request::new(Body::from(body));
    request.headers_mut().extend(
        headers
            .get(header::CONTENT_TYPE)
            .map(|kind| (header::CONTENT_TYPE, kind.clone())),
    );
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    read_parts(&mut parts, name).await
}

async fn read_parts<T: DeserializeOwned + Serialize>(
    parts: &mut Multipart,
    name: &'static str,
) -> Result<Posted<T>, Refusal> {
    let mut form = None;
    let mut files = HashMap::new();
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        let part_name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            return Err(Refusal::form("Parts carry no file names."));
        }
        let expected = if form.is_none() {
            "application/json"
        } else {
            "application/octet-stream"
        };
        if part.content_type() != Some(expected) {
            return Err(Refusal::form(
                "The form's part is application/json, the files' application/octet-stream.",
            ));
        }
        let bytes = part.bytes().await.map_err(|_| unreadable())?;
        if form.is_none() {
            if part_name != name {
                return Err(Refusal::form("The first part must be the form."));
            }
            form = Some(json(&bytes)?);
            continue;
        }
        let (digest, bytes) = file(&part_name, bytes)?;
        if files.len() == FORM_FILES_MAX || files.insert(digest, bytes).is_some() {
            return Err(Refusal::form("A file came twice, or there are too many."));
        }
    }
    let form = form.ok_or_else(|| Refusal::form("The first part must be the form."))?;
    Ok(Posted { form, files })
}

/// Recomputes the digest of a part and compares it with the part's name.
fn file(name: &str, bytes: Bytes) -> Result<(Digest, Bytes), Refusal> {
    let named = Digest::from_hex(name)
        .ok_or_else(|| Refusal::form("Every part after the form is named by its SHA-256 in hex."))?;
    if bytes.len() > INLINE_MAX {
        return Err(Refusal::new(
            Problem::TooLarge,
            "A file above 263,851 bytes is uploaded in chunks before the form. Nothing was stored.",
        ));
    }
    if Digest::of(&bytes) != named {
        return Err(Refusal::new(
            Problem::DigestMismatch,
            "A file does not hash to its name: it was altered on the way. Nothing was stored; send it again.",
        ));
    }
    Ok((named, bytes))
}

/// Strict JSON (§19).
fn json<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Refusal> {
    use protocol::json::JsonError;
    protocol::json::read(bytes, FORM_JSON_MAX).map_err(|error| match error {
        JsonError::Size { .. } => Refusal::new(Problem::TooLarge, "The form is longer than 64 KiB."),
        JsonError::Syntax { .. } => Refusal::malformed("The form is not JSON of this protocol."),
        JsonError::Fields(_) => Refusal::form("The form has other fields than it should."),
    })
}

fn unreadable() -> Refusal {
    Refusal::malformed("The parts of the form cannot be told apart, or the body was cut off. Nothing was stored.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn multipart(parts: &[(&str, &str, &[u8])]) -> (HeaderMap, Bytes) {
        let mut body = Vec::new();
        for (disposition, kind, bytes) in parts {
            body.extend_from_slice(
                format!("--b\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("multipart/form-data; boundary=b"),
        );
        (headers, body.into())
    }

    async fn problem(parts: &[(&str, &str, &[u8])]) -> Problem {
        let (headers, body) = multipart(parts);
        read::<serde_json::Value>(&headers, body, "filing")
            .await
            .expect_err("refused")
            .problem
    }

    const JSON: &str = "application/json";
    const FILE: &str = "application/octet-stream";
    const ABC: &str = "name=\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"";

    #[tokio::test]
    async fn the_form_comes_first_and_each_file_hashes_to_its_name() {
        let (headers, body) = multipart(&[("name=\"filing\"", JSON, b"{}"), (ABC, FILE, b"abc")]);
        let mut posted = read::<serde_json::Value>(&headers, body, "filing")
            .await
            .expect("a form");
        let digest = Digest::of(b"abc");
        assert_eq!(posted.len_of(&digest), Some(3));
        assert_eq!(posted.take(&digest), Some(b"abc".to_vec()));
        assert!(posted.is_empty());
    }

    #[tokio::test]
    async fn each_rule_of_the_parts_refuses_alone() {
        let form = ("name=\"filing\"", JSON, b"{}" as &[u8]);
        assert_eq!(problem(&[(ABC, FILE, b"abc")]).await, Problem::Form);
        assert_eq!(problem(&[("name=\"act\"", JSON, b"{}")]).await, Problem::Form);
        assert_eq!(problem(&[form, (ABC, FILE, b"abd")]).await, Problem::DigestMismatch);
        assert_eq!(problem(&[form, (ABC, JSON, b"abc")]).await, Problem::Form);
        assert_eq!(
            problem(&[form, (ABC, FILE, b"abc"), (ABC, FILE, b"abc")]).await,
            Problem::Form
        );
        assert_eq!(problem(&[form, ("name=\"abc\"", FILE, b"abc")]).await, Problem::Form);
        let named = format!("{ABC}; filename=\"face.jpg\"");
        assert_eq!(problem(&[form, (&named, FILE, b"abc")]).await, Problem::Form);
        assert_eq!(problem(&[("name=\"filing\"", JSON, b"{")]).await, Problem::Malformed);
        let large = vec![0; INLINE_MAX + 1];
        let name = format!("name=\"{}\"", Digest::of(&large));
        assert_eq!(problem(&[form, (&name, FILE, &large)]).await, Problem::TooLarge);
    }

    #[tokio::test]
    async fn a_body_that_was_cut_off_is_refused() {
        let (headers, body) = multipart(&[("name=\"filing\"", JSON, b"{}"), (ABC, FILE, b"abc")]);
        let cut = body.slice(..body.len() - 12);
        let refused = read::<serde_json::Value>(&headers, cut, "filing")
            .await
            .expect_err("cut off");
        assert_eq!(refused.problem, Problem::Malformed);
    }
}
