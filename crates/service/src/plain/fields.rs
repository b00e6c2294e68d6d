//! What a form without scripts posts, as it came: each text in memory that is erased.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, header};
use pages::plain::Wrote;
use zeroize::Zeroizing;

use crate::limits::PLAIN_TEXT_MAX;

/// Which button she pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Begin: words are drawn.
    Begin,
    /// Write, or change what she wrote.
    Write,
    /// See all of it.
    Check,
    /// Seal and file.
    File,
}

impl Step {
    fn named(name: &str) -> Option<Self> {
        match name {
            "begin" => Some(Self::Begin),
            "write" => Some(Self::Write),
            "check" => Some(Self::Check),
            "file" => Some(Self::File),
            _ => None,
        }
    }
}

/// What came.
pub(super) struct Fields {
    pub step: Step,
    pub words: Zeroizing<String>,
    pub account: Zeroizing<String>,
    pub identity: Zeroizing<String>,
    pub language: Zeroizing<String>,
    pub danger: bool,
    pub interpreter: bool,
    /// Bytes that are no UTF-8 were replaced.
    pub is_garbled: bool,
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fields").field(&self.step).finish()
    }
}

impl Fields {
    /// Reads a `multipart/form-data` that came whole. Each field comes once at most; others are not taken. `None`: it cannot be read
    /// so.
    pub async fn read(headers: &HeaderMap, body: Zeroizing<Vec<u8>>) -> Option<Self> {
        let mut request = Request::new(Body::from(Bytes::from_owner(body)));
        let kind = headers.get(header::CONTENT_TYPE)?.clone();
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let mut values: [Option<Zeroizing<String>>; NAMES.len()] = Default::default();
        let mut is_garbled = false;
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name()?.to_owned();
            let place = NAMES.iter().position(|known| *known == name)?;
            let (text, was_garbled) = text(&part.bytes().await.ok()?);
            is_garbled |= was_garbled;
            if values.get_mut(place)?.replace(text).is_some() {
                return None;
            }
        }
        let [step, words, account, identity, language, danger, interpreter] = values;
        Some(Self {
            step: Step::named(&step?)?,
            words: words.unwrap_or_default(),
            account: account.unwrap_or_default(),
            identity: identity.unwrap_or_default(),
            language: language.unwrap_or_default(),
            danger: danger.is_some(),
            interpreter: interpreter.is_some(),
            is_garbled,
        })
    }

    /// Whether there is nothing to seal.
    pub fn is_empty(&self) -> bool {
        self.account.trim().is_empty()
    }

    /// Whether a document cannot hold it, however little stands around it.
    pub fn is_too_much(&self) -> bool {
        self.account.len() > PLAIN_TEXT_MAX || self.identity.len() > PLAIN_TEXT_MAX
    }

    /// As the pages show it.
    pub fn wrote(&self) -> Wrote<'_> {
        Wrote {
            words: &self.words,
            account: &self.account,
            identity: &self.identity,
            language: &self.language,
            danger: self.danger,
            interpreter: self.interpreter,
        }
    }

    /// Bytes of all that she wrote.
    pub fn len(&self) -> usize {
        self.words.len() + self.account.len() + self.identity.len() + self.language.len()
    }
}

/// Names of the fields, in the order of [`Fields`].
const NAMES: [&str; 7] = [
    "step",
    "words",
    "account",
    "identity",
    "language",
    "danger",
    "interpreter",
];

/// A field's text, with the ends of lines that browsers send made those of every other document; and whether anything in it was no
/// UTF-8.
fn text(bytes: &[u8]) -> (Zeroizing<String>, bool) {
    let mut text = Zeroizing::new(String::with_capacity(
        bytes.len() * char::REPLACEMENT_CHARACTER.len_utf8(),
    ));
    let mut is_garbled = false;
    for chunk in bytes.utf8_chunks() {
        let mut lines = chunk.valid().split("\r\n");
        text.push_str(lines.next().unwrap_or_default());
        for line in lines {
            text.push('\n');
            text.push_str(line);
        }
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            is_garbled = true;
        }
    }
    (text, is_garbled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    async fn read(parts: &[(&str, &[u8])]) -> Option<Fields> {
        let mut body = Vec::new();
        for (name, value) in parts {
            body.extend_from_slice(
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
        headers.insert(header::CONTENT_TYPE, kind);
        Fields::read(&headers, Zeroizing::new(body)).await
    }

    #[tokio::test]
    async fn each_rule_of_the_fields_refuses_alone() {
        let step = ("step", b"check" as &[u8]);
        assert_eq!(read(&[step]).await.map(|fields| fields.step), Some(Step::Check));
        assert!(read(&[]).await.is_none(), "no step");
        assert!(read(&[("step", b"Check")]).await.is_none(), "no such step");
        assert!(read(&[step, step]).await.is_none(), "twice");
        assert!(read(&[step, ("name", b"x")]).await.is_none(), "no such field");
        let unnamed = Fields::read(&HeaderMap::new(), Zeroizing::new(Vec::new())).await;
        assert!(unnamed.is_none(), "no kind");
    }

    #[tokio::test]
    async fn what_is_no_text_is_replaced_and_told_and_ends_of_lines_are_one_byte() {
        let fields = read(&[("step", b"check"), ("account", b"uno\r\ndos\n\rtres\xe9 a\xc3\xb1o")])
            .await
            .expect("fields");
        assert_eq!(fields.account.as_str(), "uno\ndos\n\rtres\u{fffd} año");
        assert!(fields.is_garbled);
        let whole = read(&[("step", b"file"), ("account", "año".as_bytes()), ("danger", b"")])
            .await
            .expect("fields");
        assert!(!whole.is_garbled && whole.danger && !whole.interpreter);
    }

    #[tokio::test]
    async fn nothing_of_it_is_in_debug() {
        let fields = read(&[
            ("step", b"file"),
            ("account", b"letrero azul"),
            ("words", b"abrir marco"),
        ])
        .await
        .expect("fields");
        assert_eq!(format!("{fields:?}"), "Fields(File)");
    }
}
