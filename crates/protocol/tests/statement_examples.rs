//! Writes and compares `docs/vectors/{statements,records,http}.json`: what a second implementation reads, with
//! examples that it must refuse. `RESGUARDO_BLESS=1` writes them anew.

use crate::kept;
use crate::statement_fixture;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::SigningKey;
use kept::keep;
use protocol::drop::{
    BucketName, CELL_LEN, RECORD_LEN, Record, act_records, cell_plaintext, read_cell, release_record,
};
use protocol::envelope::{Envelope, EnvelopeError, pae};
use protocol::http::*;
use protocol::ids::PublicKey;
use protocol::json::JsonError;
use protocol::statement::*;
use protocol::{Digest, json, label};
use serde::{Deserialize, Serialize};
use statement_fixture::broken::{Broken, broken};
use statement_fixture::forms::{act, entry, filing, records};
use statement_fixture::twin::{docket_open, docket_opened, twin};
use statement_fixture::*;
use zeroize::Zeroizing;

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[derive(Serialize, Deserialize)]
pub struct Statements {
    about: String,
    seeds: Vec<Seed>,
    statements: Vec<Example>,
    also_refused: Vec<Broken>,
}

/// A signing key by the seed of its owner (§2), or the Ed25519 seed itself.
#[derive(Serialize, Deserialize)]
struct Seed {
    who: String,
    seed: String,
    key: PublicKey,
}

#[derive(Serialize, Deserialize)]
struct Example {
    name: String,
    authors: Vec<PublicKey>,
    payload: String,
    digest: Digest,
    envelope: String,
    refused: Refused,
}

#[derive(Serialize, Deserialize)]
struct Refused {
    why: String,
    payload: String,
    envelope: String,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A valid statement, and the same with one change that every reader refuses.
fn example<P: Payload + Clone>(valid: P, keys: &[&SigningKey], change: impl FnOnce(&mut P)) -> Example {
    let envelope = Envelope::try_sign(&valid, keys).unwrap();
    let mut broken = valid;
    change(&mut broken);
    let bad = Envelope::sign(&broken, keys);
    let authors: Vec<PublicKey> = keys.iter().map(|key| public(key)).collect();
    let Err(EnvelopeError::Rule(why)) = bad.verify::<P>(&authors) else {
        panic!("{} is not refused", P::NAME)
    };
    Example {
        name: P::NAME.to_owned(),
        authors,
        payload: text(envelope.payload()),
        digest: envelope.digest(),
        envelope: text(envelope.bytes()),
        refused: Refused {
            why: why.to_owned(),
            payload: text(bad.payload()),
            envelope: text(bad.bytes()),
        },
    }
}

/// A valid statement, and the same with a word that its closed list does not have: no reader knows what it says.
fn misspelled<P: Payload>(valid: P, keys: &[&SigningKey; 1], (from, to): (&str, &str)) -> Example {
    let good = Envelope::try_sign(&valid, keys).unwrap();
    let payload = text(good.payload());
    assert_eq!(payload.matches(from).count(), 1);
    let bad = signed(P::NAME, &payload.replace(from, to), keys[0]);
    let read = bad.verify::<P>(&[public(keys[0])]);
    assert!(
        matches!(read, Err(EnvelopeError::Json(JsonError::Fields(_)))),
        "{}",
        P::NAME
    );
    Example {
        name: P::NAME.to_owned(),
        authors: vec![public(keys[0])],
        payload,
        digest: good.digest(),
        envelope: text(good.bytes()),
        refused: Refused {
            why: format!("{to} is not in the list"),
            payload: text(bad.payload()),
            envelope: text(bad.bytes()),
        },
    }
}

/// A valid statement, and the same with a field that it does not have.
fn superfluous<P: Payload>(valid: P, keys: &[&SigningKey]) -> Example {
    let good = Envelope::try_sign(&valid, keys).unwrap();
    let payload = text(good.payload());
    let more = payload.replacen('{', r#"{"n":1,"#, 1);
    let bad = signed(P::NAME, &more, keys[0]);
    let bad = keys[1..].iter().fold(bad, |bad, key| bad.with_signature(key));
    let authors: Vec<PublicKey> = keys.iter().map(|key| public(key)).collect();
    let read = bad.verify::<P>(&authors);
    assert!(
        matches!(read, Err(EnvelopeError::Json(JsonError::Fields(_)))),
        "{}",
        P::NAME
    );
    Example {
        name: P::NAME.to_owned(),
        authors,
        payload,
        digest: good.digest(),
        envelope: text(good.bytes()),
        refused: Refused {
            why: "unknown fields are refused".to_owned(),
            payload: text(bad.payload()),
            envelope: text(bad.bytes()),
        },
    }
}

/// What `statements.json` holds.
pub fn statements() -> Statements {
    let (seats, reader, operator): (Vec<_>, _, _) = ((1..=5).map(member).collect(), member(11), operator());
    let all: Vec<&SigningKey> = seats.iter().map(|keys| keys.signing()).collect();
    let (seat, third, hers) = ([seats[1].signing()], [seats[2].signing()], hers());
    let (reader, operator, hers) = ([reader.signing()], [operator.signing()], [&hers]);
    let seed = |who: &str, seed: u8, key: PublicKey| Seed {
        who: who.to_owned(),
        seed: hex(&[seed; 32]),
        key,
    };
    let seat_seed = |n: u8| seed(&format!("seat {n}: key HKDF(seed, L(\"sign\"))"), n, member(n).public());
    let mut seeds: Vec<Seed> = (1..=5).map(seat_seed).collect();
    seeds.push(seed("reader 11: key HKDF(seed, L(\"sign\"))", 11, public(reader[0])));
    seeds.push(seed("operator: key HKDF(seed, L(\"sign\"))", 0xee, public(operator[0])));
    seeds.push(seed(
        "her inbox: inbox-sign itself, the Ed25519 seed",
        0x1b,
        public(hers[0]),
    ));
    seeds.push(seed("the inbox of her new words, likewise", 0x1d, public(&new_hers())));
    Statements {
        about: "A valid envelope of each statement of stages A and C, of `duty`, `site`, `docket` and `docket-open`, and one that a reader refuses although its signatures \
                verify. Digests that name nothing shown here are one byte repeated; so are nonces and seeds. Each of \
                `also_refused` breaks another rule: its payload is that of the valid statement number `of`, from 0, in \
                which `to` stands for `from` at byte `at`; `digest` is its D, `signature` the author's."
            .to_owned(),
        seeds,
        statements: vec![
            example(council(), &all, |s| s.identity = 5),
            example(pace(), &operator, |s| s.n = 6),
            example(depth(), &operator, |s| s.b = 33),
            example(greeting(), &operator, |s| {
                _ = s.texts.insert("es_MX".to_owned(), "Hola".to_owned())
            }),
            example(core(), &hers, |s| s.compartments[0].objects.swap(1, 2)),
            example(core_with_lapse(), &hers, |s| s.policy.open = Opening::OnRequest),
            example(testimony(), &hers, |s| s.shares.swap(0, 1)),
            example(ack(), &seat, |s| s.x = x(6)),
            example(reject(), &seat, |s| s.check = Check::Missing),
            example(request(), &reader, |s| s.decide_by += 86_400),
            example(referral(), &seat, |s| s.seats.reverse()),
            example(decision(), &seat, |s| s.reason = None),
            example(objection(), &third, |s| s.n = Some(1)),
            example(declarant_objection(), &hers, |s| s.twin = Some(d(1))),
            example(release(), &seat, |s| s.files[0].size = 3_707),
            example(opened(), &reader, |s| s.outcome = OpeningOutcome::NoAction),
            example(finding(), &reader, |s| s.outcome = OpeningOutcome::DoesNotOpen),
            example(aid(), &reader, |s| s.status = AidStatus::Delivered),
            example(ask(), &hers, |s| s.text.clear()),
            example(consent(), &hers, |s| s.part = None),
            example(withdraw(), &hers, |s| s.n = 0),
            example(alive(), &hers, |s| s.n = 0),
            example(inbox_change(), &[hers[0], &new_hers()], |s| s.n = 0),
            example(message(), &seat, |s| s.text.clear()),
            misspelled(lapse(), &seat, ("\"inquiry\"", "\"enquiry\"")),
            misspelled(erased(), &seat, ("\"all\"", "\"shares\"")),
            misspelled(decline(), &seat, ("\"spam\"", "\"other\"")),
            example(attended(), &seat, |s| s.what = Attention::Safe),
            example(duty(), &seat, |s| s.time = s.month.end() - 1),
            misspelled(handled(), &seat, ("\"answered\"", "\"replied\"")),
            example(site(), &operator, |s| {
                s.onion = Some("http://elsewhere.example".to_owned())
            }),
            example(docket_opened(), &reader, |s| s.outcome = Some(TwinOutcome::NoAction)),
            superfluous(docket_open(), &all[..3]),
        ],
        also_refused: broken(),
    }
}

#[test]
fn statements_json() {
    let statements = statements();
    keep("statements.json", &statements);
    for example in &statements.statements {
        let good = Envelope::parse(example.envelope.as_bytes()).unwrap();
        assert_eq!(good.digest(), example.digest);
        assert_eq!(good.name(), Some(example.name.as_str()));
        assert!(example.authors.iter().all(|key| good.is_signed_by(key)));
        let bad = Envelope::parse(example.refused.envelope.as_bytes()).unwrap();
        assert!(
            example.authors.iter().all(|key| bad.is_signed_by(key)),
            "refused for its rule, not its signature"
        );
    }
    for broken in &statements.also_refused {
        let example = &statements.statements[broken.of];
        let (before, rest) = example.payload.split_at(broken.at);
        let after = rest.strip_prefix(&broken.from).unwrap();
        let payload = format!("{before}{}{after}", broken.to);
        let kind = payload_type(&example.name);
        let message = pae(&kind, payload.as_bytes());
        assert_eq!(Digest::of(&message), broken.digest, "{}", broken.why);
        let (payload, sig) = (Base64::encode_string(payload.as_bytes()), &broken.signature);
        let text = format!(r#"{{"payload":"{payload}","payloadType":"{kind}","signatures":[{{"sig":"{sig}"}}]}}"#);
        let bad = Envelope::parse(text.as_bytes()).unwrap();
        assert!(bad.is_signed_by(&example.authors[0]), "{}", broken.why);
    }
}

#[derive(Serialize)]
pub struct Records {
    about: &'static str,
    records: Vec<Plaintext>,
    refused: Vec<Plaintext>,
    cell: Plaintext,
    refused_cells: Vec<Plaintext>,
}

#[derive(Serialize)]
struct Plaintext {
    what: &'static str,
    plaintext: String,
}

fn altered(record: &[u8], place: usize, value: u8) -> Vec<u8> {
    let mut record = record.to_vec();
    assert_ne!(record[place], value);
    record[place] = value;
    record
}

/// What `records.json` holds.
pub fn record_examples() -> Records {
    let plaintext = |what, bytes: &[u8]| Plaintext {
        what,
        plaintext: hex(bytes),
    };
    let one = |act: &Envelope, twin: Option<&Envelope>| act_records(act, twin).unwrap().remove(0);
    let decision = Envelope::sign(&decision(), &[member(2).signing()]);
    let request = Envelope::sign(&request(), &[member(11).signing()]);
    let alone = one(&decision, None);
    let pieces = act_records(&request, None).unwrap();
    assert_eq!(pieces.len(), 2);
    let file = release_record(&(0..1_851).map(|i| i as u8).collect::<Vec<u8>>()).unwrap();
    let cell = cell_plaintext(&request, None).unwrap();
    Records {
        about: "Plaintexts before the age layer: of records 2,048 bytes, of an office cell 8,192. The decision and \
                the request are those of statements.json; the twin is that of §10.1; the release file is \
                the bytes 0, 1, 2 … repeated. Whatever is under `refused` opens and is malformed.",
        records: vec![
            plaintext("0x01: a decision without twin", &alone),
            plaintext("0x01: a decision with its twin", &one(&decision, Some(&twin()))),
            plaintext("0x02: a request, piece 0 of 2", &pieces[0]),
            plaintext("0x02: a request, piece 1 of 2", &pieces[1]),
            plaintext("0x03: a release file", &file),
        ],
        refused: vec![
            plaintext("an unknown kind", &altered(&alone, 0, 4)),
            plaintext("padding that is not zero", &altered(&alone, RECORD_LEN - 1, 1)),
            plaintext("a length beyond the record", &altered(&alone, 1, 0xff)),
            plaintext(
                "a piece that is not full and not the last",
                &altered(&pieces[0], 36, 0xda),
            ),
            plaintext("one piece of one: a short stream is 0x01", &altered(&pieces[0], 34, 1)),
            plaintext("i not below of", &altered(&pieces[1], 33, 2)),
            plaintext("a release file of 1,850 bytes", &altered(&file, 2, 0x3a)),
        ],
        cell: plaintext("a request", &cell),
        refused_cells: vec![
            plaintext("an unknown kind", &altered(&cell, 0, 2)),
            plaintext("padding that is not zero", &altered(&cell, CELL_LEN - 1, 1)),
        ],
    }
}

#[test]
fn records_json() {
    let examples = record_examples();
    keep("records.json", &examples);
    let bytes =
        |example: &Plaintext| Zeroizing::new(base16ct::lower::decode_vec(example.plaintext.as_bytes()).unwrap());
    assert!(
        examples
            .records
            .iter()
            .all(|example| Record::parse(bytes(example)).is_ok())
    );
    for example in &examples.refused {
        assert!(Record::parse(bytes(example)).is_err(), "{}", example.what);
    }
    assert!(
        examples
            .refused_cells
            .iter()
            .all(|example| read_cell(&bytes(example)).is_err())
    );
}

#[derive(Serialize)]
pub struct Http {
    about: &'static str,
    signature: Call,
    work: Hashcash,
    filing: String,
    act: String,
    records: String,
    posted: Vec<Posted>,
    refused_bodies: Vec<RefusedBody>,
    refused_signature_headers: Vec<String>,
    refused_filings: Vec<RefusedForm>,
}

#[derive(Serialize)]
struct Call {
    seed: String,
    key: PublicKey,
    origin: &'static str,
    method: &'static str,
    path: &'static str,
    time: u64,
    body: &'static str,
    signed: String,
    header: String,
}

#[derive(Serialize)]
struct Hashcash {
    nonce: WorkNonce,
    posted: String,
    bits: u8,
    counter: u64,
    hash: Digest,
    header: String,
}

#[derive(Serialize)]
struct RefusedForm {
    why: &'static str,
    form: String,
}

/// A form with its files, as it travels.
#[derive(Serialize)]
struct Posted {
    path: &'static str,
    content_type: String,
    /// Base64.
    body: String,
}

#[derive(Serialize)]
struct RefusedBody {
    why: &'static str,
    #[serde(flatten)]
    posted: Posted,
}

/// Stand-ins for records: a server looks at nothing of them but length and digest.
fn record_files() -> [Vec<u8>; 2] {
    [1, 2].map(|byte| vec![byte; 3_707])
}

fn posted(path: &'static str, name: &str, form: &[u8], files: &[(Digest, Vec<u8>)]) -> Posted {
    let files = files.iter().map(|(digest, file)| (*digest, file.as_slice()));
    let (content_type, body) = multipart(&"5a".repeat(16), name, form, files);
    Posted {
        path,
        content_type,
        body: Base64::encode_string(&body),
    }
}

/// Bodies with their records, good ones and one for each rule of §15.8 that is broken.
fn bodies() -> (Vec<Posted>, Vec<RefusedBody>) {
    let files = record_files().map(|file| (Digest::of(&file), file));
    let named = files.clone().map(|(digest, _)| RecordRef {
        bucket: BucketName::WHOLE,
        keep: 0,
        digest,
    });
    let act = ActForm {
        twin_entry: None,
        records: named.to_vec(),
        ..act()
    };
    let records = RecordsForm {
        records: named.to_vec(),
        ..records()
    };
    assert_eq!((act.check(), records.check()), (Ok(()), Ok(())));
    let (act, records) = (json::write(&act), json::write(&records));
    let good = vec![
        posted("/api/v1/acts", "act", &act, &files),
        posted("/api/v1/records", "records", &records, &files),
    ];
    let refused = |why, name, files: &[(Digest, Vec<u8>)]| RefusedBody {
        why,
        posted: posted("/api/v1/records", name, &records, files),
    };
    let [first, second] = files;
    let third = vec![3; 3_707];
    let refused = vec![
        refused("the first part is `records`", "act", &[first.clone(), second.clone()]),
        refused(
            "a record that is named does not come",
            "records",
            std::slice::from_ref(&first),
        ),
        refused(
            "a part comes twice",
            "records",
            &[first.clone(), second.clone(), second.clone()],
        ),
        refused(
            "a part that the form does not name",
            "records",
            &[first.clone(), second.clone(), (Digest::of(&third), third)],
        ),
        refused(
            "a part does not hash to its name",
            "records",
            &[first.clone(), (second.0, first.1)],
        ),
    ];
    (good, refused)
}

fn call() -> Call {
    let (keys, method, path, body) = (member(2), "POST", "/api/v1/records?copy=1", "{\"v\":1}");
    let digest = Digest::of(body.as_bytes());
    let origin = "demo.example/log";
    let call = SignedCall {
        origin,
        method,
        path,
        body: &digest,
    };
    let signature = TransportSignature::sign(x(2), keys.signing(), &call, TIME);
    assert!(signature.verify(&keys.public(), &call));
    let signed = [
        label::HTTP,
        origin.as_bytes(),
        &[0],
        method.as_bytes(),
        &[0],
        path.as_bytes(),
        &[0],
        &TIME.to_be_bytes(),
        digest.as_bytes(),
    ]
    .concat();
    let header = format!("{SIGNATURE_HEADER}: {}", signature.to_header());
    let (seed, key) = (hex(keys.seed()), keys.public());
    Call {
        seed,
        key,
        origin,
        method,
        path,
        time: TIME,
        body,
        signed: hex(&signed),
        header,
    }
}

fn hashcash() -> Hashcash {
    let (nonce, posted) = (WorkNonce([0x77; 16]), entry(0));
    let digest = Digest::of(posted.as_bytes());
    let counter = work_search(&nonce, &digest, 18, 0, 1 << 20).unwrap();
    let hash = Digest::of_parts(&[label::HASHCASH, &nonce.0, digest.as_bytes(), &counter.to_be_bytes()]);
    let header = format!("{WORK_HEADER}: {}", work_header(&Work { nonce, counter }));
    Hashcash {
        nonce,
        posted: posted.to_hex(),
        bits: 18,
        counter,
        hash,
        header,
    }
}

/// What `http.json` holds.
pub fn http_examples() -> Http {
    let refused = |change: fn(&mut FilingForm)| {
        let mut form = filing();
        change(&mut form);
        RefusedForm {
            why: form.check().unwrap_err(),
            form: text(&json::write(&form)),
        }
    };
    assert_eq!(
        (filing().check(), act().check(), records().check()),
        (Ok(()), Ok(()), Ok(()))
    );
    let (posted, refused_bodies) = bodies();
    let call = call();
    let value = call.header.strip_prefix("Resguardo-Sig: ").unwrap().to_owned();
    let refused_headers = [
        value.replacen(' ', "  ", 1),
        value.replacen("2 ", "02 ", 1),
        value.trim_end_matches('=').to_owned(),
        format!("{value} "),
    ];
    assert!(
        refused_headers
            .iter()
            .all(|header| TransportSignature::parse(header).is_none())
    );
    let hashcash = hashcash();
    assert_eq!(hashcash.counter, 163_554);
    assert_eq!(
        hashcash.hash.to_hex(),
        "00001b116ed03f469298b73d04bae60d083551c9709538cb627c44025b447fe1"
    );
    Http {
        about: "A signed call (`signed` is what Ed25519 signs), a piece of work, one form of each kind as posted, an \
                act and records with the files that travel along (`body` in base64), and what a server refuses before it \
                looks at anything else.",
        signature: call,
        work: hashcash,
        filing: text(&json::write(&filing())),
        act: text(&json::write(&act())),
        records: text(&json::write(&records())),
        posted,
        refused_bodies,
        refused_signature_headers: refused_headers.to_vec(),
        refused_filings: vec![
            refused(|form| form.objects.reverse()),
            refused(|form| form.shares.swap(0, 1)),
            refused(|form| form.header.size = 24_576),
            refused(|form| form.greetings[0].bucket = BucketName::of(&Digest([0x8a; 32]), 8)),
            refused(|form| form.keep = 365),
            refused(|form| form.entry.0[0] = 1),
        ],
    }
}

#[test]
fn http_json() {
    keep("http.json", &http_examples());
}
