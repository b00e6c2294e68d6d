//! JSON of the protocol, and what is written in it: envelopes, statements, root files, documents (§0, §3, §19).

use crate::Pool;
use base64ct::{Base64, Encoding as _};
use casework::root::RootOfTrust;
use protocol::envelope::{ENVELOPE_MAX, PAYLOAD_MAX, SIGNATURES_MAX, pae};
use protocol::statement::{
    Ack, Aid, BucketDepth, Core, Council, Decision, DeclarantObjection, Duty, Finding, Greeting, Objection, Opened,
    Pace, Payload, Referral, Reject, Release, Request, SITE_FILES_MAX, Site, SiteFile, SiteList, Testimony,
    payload_type,
};
use protocol::{Digest, Envelope, json};
use serde_json::Value;
use std::collections::BTreeSet;
use testimony::Read;

/// Both readers of this JSON agree on its syntax, and what they accept is written back to be the same value.
pub fn json(data: &[u8]) -> bool {
    if json::check(data, PAYLOAD_MAX).is_err() {
        // The size alone is no matter of syntax.
        assert!(data.len() > PAYLOAD_MAX || matches!(testimony::read(data), Read::Raw(_)));
        return false;
    }
    let value: Value = serde_json::from_slice(data).expect("JSON of the protocol is JSON");
    let written = json::write(&value);
    // Depth and numbers are counted anew from the value.
    assert!(fits(&value, 1));
    assert_eq!(json::read::<Value>(&written, written.len()), Ok(value));

    let document = [br#"{"v":1,"text":"","answers":{"a":"#, data, b"}}"].concat();
    let strict = json::check(&document, document.len()).is_ok();
    assert_eq!(strict, matches!(testimony::read(&document), Read::Document(_)));
    true
}

fn fits(value: &Value, depth: u32) -> bool {
    depth <= json::DEPTH_MAX
        && match value {
            Value::Number(number) => {
                let below = |number: u64| number < json::INTEGER_END;
                number.as_i64().is_some_and(|number| below(number.unsigned_abs()))
            }
            Value::Array(values) => values.iter().all(|value| fits(value, depth + 1)),
            Value::Object(fields) => fields.values().all(|value| fits(value, depth + 1)),
            Value::Null | Value::Bool(_) | Value::String(_) => true,
        }
}

/// An envelope keeps its bytes; its digest is that of payload and type; the same statement merges with itself.
pub fn envelope(data: &[u8]) -> bool {
    let Ok(envelope) = Envelope::parse(data) else {
        return false;
    };
    assert_eq!(envelope.bytes(), data);
    assert!(data.len() <= ENVELOPE_MAX && envelope.signature_count() <= SIGNATURES_MAX);
    // Base64 has one spelling, in which some libraries do not believe.
    let wire: Value = serde_json::from_slice(data).expect("an envelope is JSON");
    assert_eq!(wire["payload"], Base64::encode_string(envelope.payload()));
    let signed = pae(envelope.payload_type(), envelope.payload());
    assert_eq!(envelope.digest(), Digest::of(&signed));
    let merged = envelope.merge(&envelope).expect("the same statement");
    assert_eq!(
        (merged.digest(), merged.payload()),
        (envelope.digest(), envelope.payload())
    );
    assert!(merged.signature_count() <= envelope.signature_count());
    assert_eq!(Envelope::parse(merged.bytes()).as_ref(), Ok(&merged));
    let statements = KINDS
        .iter()
        .filter(|kind| kind.name == envelope.name().unwrap_or_default());
    for kind in statements {
        (kind.read)(&envelope);
    }
    true
}

/// A kind of statement: whether an envelope is one.
struct Kind {
    name: &'static str,
    read: fn(&Envelope) -> bool,
}

const fn kind<P: Payload>() -> Kind {
    Kind {
        name: P::NAME,
        read: is_statement::<P>,
    }
}

const KINDS: [Kind; 19] = [
    kind::<Council>(),
    kind::<Core>(),
    kind::<Testimony>(),
    kind::<Ack>(),
    kind::<Reject>(),
    kind::<Referral>(),
    kind::<Request>(),
    kind::<Decision>(),
    kind::<Objection>(),
    kind::<DeclarantObjection>(),
    kind::<Release>(),
    kind::<Opened>(),
    kind::<Finding>(),
    kind::<Aid>(),
    kind::<Pace>(),
    kind::<BucketDepth>(),
    kind::<Greeting>(),
    kind::<Duty>(),
    kind::<Site>(),
];

/// What is read keeps its rules, and is the same statement when it is written by us and read again.
fn is_statement<P: Payload>(envelope: &Envelope) -> bool {
    let Ok(statement) = envelope.unverified::<P>() else {
        return false;
    };
    assert_eq!(statement.check(), Ok(()));
    let written = json::write(&statement);
    assert!(
        written.len() <= PAYLOAD_MAX,
        "it is not longer in our spelling than in any"
    );
    let again: P = json::read(&written, PAYLOAD_MAX).expect("a statement is read as it is written");
    assert_eq!(json::write(&again), written);
    true
}

/// The payload of a statement, after a byte that chooses its kind. Nothing is read as another kind: her objection is no
/// seat's.
pub fn statement(data: &[u8]) -> bool {
    let Some((chosen, payload)) = data.split_first() else {
        return false;
    };
    let kind = &KINDS[usize::from(*chosen) % KINDS.len()];
    let text = format!(
        r#"{{"payload":"{}","payloadType":"{}","signatures":[]}}"#,
        Base64::encode_string(payload),
        payload_type(kind.name)
    );
    let Ok(envelope) = Envelope::parse(text.as_bytes()) else {
        assert!(json::check(payload, PAYLOAD_MAX).is_err() || text.len() > ENVELOPE_MAX);
        return false;
    };
    if (kind.read)(&envelope) {
        let readers = KINDS.iter().filter(|kind| (kind.read)(&envelope));
        assert_eq!(readers.count(), 1);
        return true;
    }
    false
}

pub fn payloads(pool: &Pool) -> Vec<Vec<u8>> {
    pool.derived(|item| {
        let envelope = Envelope::parse(item).ok();
        let chosen = envelope.iter().flat_map(|envelope| {
            let kinds = (0..).zip(&KINDS).filter(|(_, kind)| envelope.name() == Some(kind.name));
            kinds.map(|(number, _)| [&[number], envelope.payload()].concat())
        });
        chosen.collect::<Vec<_>>()
    })
}

/// The list of a `site`: what is read is written back, and each of its files is found in it.
pub fn site_list(data: &[u8]) -> bool {
    let Ok(list) = SiteList::read(data) else {
        return false;
    };
    assert!(list.files.len() <= SITE_FILES_MAX);
    assert!(list.files.iter().all(|file| list.file(&file.path) == Some(file)));
    assert_eq!(SiteList::read(&list.to_bytes()).as_ref(), Ok(&list));
    assert_eq!(SiteList::new(list.files.clone()), Ok(list));
    true
}

pub fn site_lists(pool: &Pool) -> Vec<Vec<u8>> {
    pool.derived(|item| {
        let site: Site = Envelope::parse(item).ok()?.unverified().ok()?;
        let files = ["/", "/a/00/style.css"].map(|path| SiteFile {
            path: path.to_owned(),
            digest: site.files.digest,
            size: site.files.size,
        });
        SiteList::new(files.into()).ok().map(|list| list.to_bytes())
    })
}

/// A root file: JSON of the protocol in one spelling, and whatever it holds can be used.
pub fn root(data: &[u8]) -> bool {
    let Ok(root) = RootOfTrust::parse(data) else {
        return false;
    };
    let written = json::write(&root);
    assert_eq!(RootOfTrust::parse(&written).as_ref(), Ok(&root));
    assert_eq!(json::read::<RootOfTrust>(data, data.len()).as_ref(), Ok(&root));
    assert!(root.log_key().is_ok() && root.policy().is_ok_and(|policy| !policy.is_quorum_none()));
    assert_eq!(
        casework::Registry::new(&root).map(|registry| registry.origin().clone()),
        Ok(root.origin)
    );
    true
}

pub fn roots(pool: &Pool) -> Vec<Vec<u8>> {
    let policies = pool.derived(|item| {
        str::from_utf8(item)
            .ok()
            .filter(|text| text.starts_with("log "))
            .map(|text| text.as_bytes().to_vec())
    });
    let root = |policy: Vec<u8>| {
        let policy = String::from_utf8(policy).ok()?;
        let key = policy.split_whitespace().nth(1)?.to_owned();
        let origin = key.split('+').next()?.to_owned();
        let council = "51".repeat(32);
        let root =
            serde_json::json!({ "v": 1, "origin": origin, "log_key": key, "policy": policy, "council": council });
        Some(root.to_string().into_bytes())
    };
    policies.into_iter().filter_map(root).collect()
}

/// What comes out of a seal: nothing she wrote is lost, a document that can be written is read again as it was, and
/// each of its file names becomes one for the disk.
pub fn document(data: &[u8]) -> bool {
    match testimony::read(data) {
        Read::Document(document) => {
            if let Ok(written) = document.to_json() {
                assert_eq!(testimony::read(&written), Read::Document(document.clone()));
            }
            let mut taken = BTreeSet::new();
            for file in &document.files {
                testimony::safe_file_name(&file.name, &mut taken);
            }
            assert_eq!(taken.len(), document.files.len());
            let _ = testimony::check(&document.answers);
            testimony::facts(&document.answers);
            true
        }
        Read::Raw(text) => {
            if let Ok(whole) = str::from_utf8(data) {
                assert_eq!(text, whole.trim_end_matches(' '));
            }
            false
        }
    }
}
