//! What the service is sent (§15.8): forms, their files, headers, queries.

use crate::Pool;
use protocol::drop::RECORD_FILE_LEN;
use protocol::http::{
    ActForm, DeleteForm, FORM_JSON_MAX, FilingForm, RECORDS_MAX, RecordsForm, TransportSignature, WorkOffer,
    multipart as write_multipart, parse_work_header, work_header,
};
use protocol::problem::ProblemBody;
use protocol::{Digest, json};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::fuzzing;

fn form<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(data: &[u8]) -> Option<T> {
    let form: T = json::read(data, FORM_JSON_MAX).ok()?;
    let written = json::write(&form);
    assert_eq!(json::read(&written, usize::MAX).as_ref(), Ok(&form));
    Some(form)
}

/// A form of any kind: read again as it is written; one that keeps its rules names a bounded number of things, each once.
pub fn forms(data: &[u8]) -> bool {
    let filing: Option<FilingForm> = form(data);
    if let Some(filing) = filing.as_ref().filter(|filing| filing.check().is_ok()) {
        let blobs: Vec<_> = filing.blobs().collect();
        assert!(blobs.len() <= 1 + 24 + 24 + 1 + 2);
        assert!(blobs.iter().all(|(_, size)| (1..json::INTEGER_END).contains(size)));
        assert!(
            filing
                .greetings
                .iter()
                .all(|greeting| blobs.contains(&(greeting.digest, RECORD_FILE_LEN as u64)))
        );
        let respelled: FilingForm = json::read(&json::write(filing), usize::MAX).expect("read before");
        assert_eq!(respelled.digest(), filing.digest());
        assert!(filing.entry.entry().is_some());
    }
    let act: Option<ActForm> = form(data);
    if let Some(act) = act.as_ref().filter(|act| act.check().is_ok()) {
        assert!(act.entry.entry().is_some() && (1..=RECORDS_MAX).contains(&act.records.len()));
        assert_ne!(act.twin_entry.map(|twin| twin.slot()), Some(act.entry.slot()));
    }
    let records: Option<RecordsForm> = form(data);
    if let Some(records) = records.as_ref().filter(|records| records.check().is_ok()) {
        assert!((1..=RECORDS_MAX).contains(&records.records.len()));
    }
    let delete: Option<DeleteForm> = form(data);
    let answers = form::<WorkOffer>(data).is_some() || form::<ProblemBody>(data).is_some();
    let forms = [filing.is_some(), act.is_some(), records.is_some(), delete.is_some()];
    let read = forms.iter().filter(|read| **read).count();
    assert!(read <= 1, "no form is one of another kind too");
    read == 1 || answers
}

const DELETE: &str = r#"{"v":1,"origin":"demo.example/log","files":["5151515151515151515151515151515151515151515151515151515151515151"],"records":[{"bucket":"0/-","digest":"5252525252525252525252525252525252525252525252525252525252525252"}]}"#;

pub fn form_texts(pool: &Pool) -> Vec<Vec<u8>> {
    let mut forms = pool.all();
    forms.push(DELETE.into());
    forms.push(br#"{"nonce":"77777777777777777777777777777777","bits":18,"expires":1795478400}"#.into());
    forms
}

/// Content type, LF, body. What is accepted is written as a client writes it and accepted again, with the same files.
pub fn multipart(data: &[u8]) -> bool {
    let Some(line) = data.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let (Ok(kind), body) = (str::from_utf8(&data[..line]), &data[line + 1..]) else {
        return false;
    };
    let read = |kind: &str, body: &[u8]| fuzzing::posted::<RecordsForm>(kind, body, "records");
    let Some(Ok((form, files))) = read(kind, body) else {
        return false;
    };
    assert!(files.iter().all(|(digest, bytes)| Digest::of(bytes) == *digest));
    assert!(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() <= body.len());
    let boundary = "b0".repeat(30);
    let sent = files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
    let (kind, body) = write_multipart(&boundary, "records", &json::write(&form), sent);
    if !files
        .iter()
        .any(|(_, bytes)| bytes.windows(boundary.len()).any(|part| part == boundary.as_bytes()))
    {
        assert_eq!(read(&kind, &body), Some(Ok((form, files))));
    }
    true
}

pub fn bodies(pool: &Pool) -> Vec<Vec<u8>> {
    let files: [&[u8]; 3] = [b"", b"abc", &[0x2d; 70]];
    pool.derived(|item| {
        let is_form = json::read::<RecordsForm>(item, FORM_JSON_MAX).is_ok();
        let bodies = (0..=files.len()).filter(|_| is_form).map(|count| {
            let files = files[..count].iter().map(|file| (Digest::of(file), *file));
            let (kind, body) = write_multipart("b0b0", "records", item, files);
            [kind.as_bytes(), b"\n", &body].concat()
        });
        let alone = is_form.then(|| [b"application/json\n", item].concat());
        bodies.chain(alone).collect::<Vec<_>>()
    })
}

/// Header values and queries have one spelling.
pub fn headers(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let signature = TransportSignature::parse(text);
    if let Some(signature) = &signature {
        assert_eq!(signature.to_header(), text);
    }
    let work = parse_work_header(text);
    if let Some(work) = &work {
        assert_eq!(work_header(work), text);
    }
    let range = fuzzing::content_range(text);
    if let Some((start, end, total)) = range {
        assert!(start < end && total.is_none_or(|total| total == end));
        let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
        assert_eq!(format!("bytes {start}-{}/{total}", end - 1), text);
    }
    let query = fuzzing::query(text);
    if let Some((from, _)) = &query {
        assert!(*from == 0 || text.contains(&format!("from={from}")));
    }
    signature.is_some() || work.is_some() || range.is_some() || query.is_some()
}

pub fn header_values(pool: &Pool) -> Vec<Vec<u8>> {
    let own = [
        "bytes 0-9/*",
        "bytes 10-19/20",
        "/api/v1/member/drop/8/8a/17",
        "/?from=0",
    ];
    let values = pool.derived(|item| {
        let value = str::from_utf8(item).ok().and_then(|line| line.split_once(": "));
        value.map(|(_, value)| value.as_bytes().to_vec())
    });
    values
        .into_iter()
        .chain(own.map(|text| text.as_bytes().to_vec()))
        .collect()
}
