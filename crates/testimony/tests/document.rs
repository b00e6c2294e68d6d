//! The document: what is written, and that nothing is refused on reading.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use testimony::{DOCUMENT_MAX, Document, EvidenceFile, FILES_MAX, FileDigest, Read, Value, WriteError, read};

fn file(n: u8) -> EvidenceFile {
    EvidenceFile {
        object: FileDigest([n; 32]),
        copy: None,
        size: 123_456,
        copy_size: None,
        sha256: FileDigest([0xab; 32]),
        name: "foto.jpg".into(),
        date: Some("2026-11-24".into()),
        media_type: "image/jpeg".into(),
    }
}

fn document() -> Document {
    Document {
        text: "Me llevaron en la noche.\n«No» — 😀".into(),
        answers: BTreeMap::from([("place".into(), "Tapachula".into()), ("age".into(), 17.into())]),
        files: vec![file(1)],
    }
}

#[test]
fn the_bytes_of_a_document() {
    let hex = |byte: &str| byte.repeat(32);
    let expected = format!(
        "{{\"v\":1,\"text\":\"Me llevaron en la noche.\\n«No» — 😀\",\"answers\":{{\"age\":17,\"place\":\"Tapachula\"}},\
         \"files\":[{{\"object\":\"{}\",\"copy\":null,\"size\":123456,\"copy_size\":null,\"sha256\":\"{}\",\
         \"name\":\"foto.jpg\",\"date\":\"2026-11-24\",\"type\":\"image/jpeg\"}}]}}",
        hex("01"),
        hex("ab")
    );
    assert_eq!(String::from_utf8(document().to_json().unwrap()).unwrap(), expected);
    let empty = Document::default().to_json().unwrap();
    assert_eq!(empty, b"{\"v\":1,\"text\":\"\",\"answers\":{},\"files\":[]}");
}

#[test]
fn what_is_written_is_read() {
    let mut one = document();
    one.files[0].copy = Some(FileDigest([2; 32]));
    one.files[0].copy_size = Some(99);
    let bytes = one.to_json().unwrap();
    assert_eq!(read(&bytes), Read::Document(one.clone()));
    assert_eq!(read(&[&bytes[..], &[b' '; 500]].concat()), Read::Document(one.clone()));
}

#[test]
fn unknown_fields_are_ignored() {
    let text = r#"{"later":{"x":[1]},"v":1,"files":[],"text":"hola","answers":{"a":[true,null,{"b":-3}]}}"#;
    let Read::Document(document) = read(text.as_bytes()) else {
        panic!("not read")
    };
    assert_eq!(document.text, "hola");
    assert_eq!(document.answers["a"], serde_json::json!([true, null, {"b": -3}]));
    let sparse = read(br#"{"text":"hola","v":1}"#);
    assert!(matches!(sparse, Read::Document(document) if document.text == "hola" && document.files.is_empty()));
}

#[test]
fn what_cannot_be_parsed_is_shown_raw() {
    for text in [
        "solo texto",
        "",
        r#"{"v":2,"text":"x"}"#,
        r#"{"v":1}"#,
        r#"{"v":1,"text":7}"#,
        r#"{"v":1,"text":"x","text":"y"}"#,
        r#"{"v":1,"text":"x","answers":{"a":1.5}}"#,
        r#"{"v":1,"text":"x","files":[{}]}"#,
        r#"{"v":1,"text":"x"} {"#,
        "[1,2]",
    ] {
        assert_eq!(read(format!("{text}   ").as_bytes()), Read::Raw(text.into()));
    }
    assert_eq!(read(b"a\xffb"), Read::Raw("a\u{fffd}b".into()));
}

#[test]
fn the_writer_is_strict() {
    let with_answer = |value: Value| Document {
        answers: BTreeMap::from([("a".into(), value)]),
        ..document()
    };
    let deep = (0..14).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    for bad in [1.5.into(), 9_007_199_254_740_992_u64.into(), deep] {
        assert_eq!(with_answer(bad).to_json(), Err(WriteError::Answer));
    }
    let deepest = (0..13).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert!(with_answer(deepest).to_json().is_ok());
    assert!(with_answer(9_007_199_254_740_991_u64.into()).to_json().is_ok());

    let broken = |change: fn(&mut EvidenceFile)| {
        let mut document = document();
        document.files.push(file(9));
        change(&mut document.files[1]);
        match document.to_json() {
            Err(WriteError::File { index: 1, reason }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(broken(|file| file.copy = Some(FileDigest([3; 32]))).contains("copy_size"));
    assert!(broken(|file| file.copy_size = Some(1)).contains("copy_size"));
    assert!(broken(|file| (file.copy, file.copy_size) = (Some(file.object), Some(1))).contains("original"));
    assert!(broken(|file| file.size = 1 << 53).contains("2^53"));
    assert!(broken(|file| file.name.clear()).contains("bytes"));
    assert!(broken(|file| file.name = "n".repeat(256)).contains("bytes"));
    assert!(broken(|file| file.date = Some(String::new())).contains("bytes"));
    assert!(broken(|file| file.object = FileDigest([1; 32])).contains("twice"));
}

#[test]
fn limits_at_the_limit_and_one_above() {
    let frame = Document::default().to_json().unwrap().len();
    let text = |bytes: usize| Document {
        text: "x".repeat(bytes - frame),
        ..Document::default()
    };
    assert_eq!(text(DOCUMENT_MAX).to_json().unwrap().len(), DOCUMENT_MAX);
    let size = DOCUMENT_MAX + 1;
    assert_eq!(text(size).to_json(), Err(WriteError::Size { size }));

    let files = |count: usize| Document {
        files: (0..count).map(|n| file(u8::try_from(n).unwrap())).collect(),
        ..Document::default()
    };
    assert!(files(FILES_MAX).to_json().is_ok());
    let count = FILES_MAX + 1;
    assert_eq!(files(count).to_json(), Err(WriteError::Files { count }));
}

#[test]
fn digests_are_lower_case_hex() {
    assert_eq!(FileDigest::from_hex(&"0f".repeat(32)), Some(FileDigest([0x0f; 32])));
    for bad in [
        "0F".repeat(32),
        "0f".repeat(31),
        "0f".repeat(33),
        "g0".repeat(32),
        "é".repeat(32),
    ] {
        assert_eq!(FileDigest::from_hex(&bad), None);
    }
    assert_eq!(FileDigest([0x0f; 32]).to_string(), "0f".repeat(32));
}

/// JSON that the protocol allows, at most five deep.
fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..9_007_199_254_740_992).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_comes_back(
        text in ".*",
        answers in prop::collection::btree_map(".*", answer(), 0..4),
        count in 0u8..4,
        spaces in 0usize..64,
    ) {
        let document = Document { text, answers, files: (0..count).map(file).collect() };
        let mut bytes = document.to_json().unwrap();
        bytes.resize(bytes.len() + spaces, b' ');
        prop_assert_eq!(read(&bytes), Read::Document(document));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        match read(&bytes) {
            Read::Document(document) => prop_assert!(document.to_json().is_ok()),
            Read::Raw(text) => prop_assert!(text.len() <= 3 * bytes.len()),
        }
    }
}
