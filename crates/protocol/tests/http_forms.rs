//! Forms, hashcash and transport signatures (§15.8, §19).

use crate::statement_fixture;

use proptest::prelude::*;
use protocol::Digest;
use protocol::http::*;
use protocol::json;
use protocol::slot::{CaseSalt, Entry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use statement_fixture::forms::*;
use statement_fixture::*;

/// The rule that a change breaks, and the change.
type Case<F> = (&'static str, fn(&mut F));

/// Every change is refused by the rule named.
fn refuses<F: Clone + PartialEq>(valid: &F, check: fn(&F) -> Result<(), &'static str>, changes: &[Case<F>]) {
    assert_eq!(check(valid), Ok(()));
    for (rule, change) in changes {
        let mut form = valid.clone();
        change(&mut form);
        assert!(&form != valid, "«{rule}» changes nothing");
        match check(&form) {
            Err(said) => assert!(said.contains(rule), "expected «{rule}», got «{said}»"),
            Ok(()) => panic!("«{rule}» is accepted"),
        }
    }
}

#[test]
fn a_form_and_its_files_are_told_apart() {
    let (content_type, body) = multipart("b0b0", "filing", b"{}", [(Digest::of(b"abc"), &b"abc"[..])].into_iter());
    assert_eq!(content_type, "multipart/form-data; boundary=b0b0");
    let text = String::from_utf8(body).unwrap();
    let pieces: Vec<&str> = text.split("--b0b0").collect();
    assert_eq!(pieces.len(), 4);
    assert!(pieces[1].contains("name=\"filing\"") && pieces[1].ends_with("\r\n\r\n{}\r\n"));
    assert!(pieces[2].contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_eq!(pieces[3], "--\r\n");
}

#[test]
fn filing_form_rules() {
    refuses(
        &filing(),
        FilingForm::check,
        &[
            ("entry is opaque", |f| f.entry.0[0] = 1),
            ("26,235", |f| f.header.size += 1),
            ("shares ascend", |f| f.shares.reverse()),
            ("shares ascend", |f| f.shares[1].x = x(1)),
            ("3 to 24", |f| f.shares.truncate(2)),
            ("3 to 24", |f| {
                f.shares = (1..=25)
                    .map(|n| ShareRef {
                        x: x(n),
                        digest: d(0x80 + n as u8),
                        size: 1_979,
                    })
                    .collect();
            }),
            ("1,979", |f| f.shares[0].size = 1_978),
            ("objects ascend", |f| f.objects.reverse()),
            ("objects ascend", |f| f.objects[1] = f.objects[0].clone()),
            ("1 to 24 objects", |f| f.objects.clear()),
            ("1 to 24 objects", |f| {
                f.objects = (0x80..0x99)
                    .map(|n| BlobRef {
                        digest: d(n),
                        size: 1_787,
                    })
                    .collect()
            }),
            ("1,787", |f| f.objects[0].size = 0),
            ("1,787", |f| f.objects[0].size = 1_786),
            ("1,787", |f| f.objects[0].size = (1 << 53) - 1),
            ("1,787", |f| {
                f.objects.iter_mut().for_each(|object| object.size = u64::MAX)
            }),
            ("3,984", |f| {
                f.match_request = Some(BlobRef {
                    digest: d(0x50),
                    size: 3_983,
                })
            }),
            ("of one depth", |f| f.greetings[0].bucket = bucket("9/8a0")),
            ("of one depth", |f| f.greetings[1].bucket = bucket("8/8a")),
            ("keep is 30", |f| f.keep = 0),
            ("keep is 30", |f| f.keep = 7),
            ("counter", |f| f.work.counter = 1 << 53),
            ("named twice", |f| f.greetings[1].digest = f.greetings[0].digest),
            ("named twice", |f| f.shares[0].digest = f.header.digest),
            ("named twice", |f| f.objects[0].digest = d(0x21)),
        ],
    );
    let full = FilingForm {
        match_request: Some(BlobRef {
            digest: d(0x50),
            size: 3_984,
        }),
        quota: Some(Quota([1; 16])),
        soon: true,
        keep: 400,
        ..filing()
    };
    assert_eq!(full.check(), Ok(()));
    assert_eq!(full.object_bytes(), 85_238);
    let blobs: Vec<(Digest, u64)> = full.blobs().collect();
    assert_eq!(blobs.len(), 1 + 5 + 2 + 1 + 2);
    assert_eq!(blobs[0], (d(0x10), 26_235));
    assert_eq!(blobs.last(), Some(&(d(0x40), 3_707)));
}

#[test]
fn a_form_with_an_upload_code_may_have_2_gib_and_does_not_show_it() {
    let with = FilingForm {
        quota: Some(Quota([0xab; 16])),
        ..filing()
    };
    assert_eq!((filing().bytes_max(), with.bytes_max()), (64 << 20, 2 << 30));
    assert_ne!(with.digest(), filing().digest(), "with and without are two forms");
    assert!(
        json::write(&with)
            .windows(32)
            .any(|bytes| bytes == "ab".repeat(16).as_bytes())
    );
    assert!(!format!("{with:?}").contains("abab"), "{with:?}");
}

#[test]
fn the_same_form_is_the_same_whatever_its_work() {
    let form = filing();
    let again = FilingForm {
        work: Work {
            nonce: WorkNonce([1; 16]),
            counter: 0,
        },
        ..form.clone()
    };
    assert_eq!(form.digest(), again.digest());
    let changes: [fn(&mut FilingForm); 11] = [
        |f| f.entry.0[64] ^= 1,
        |f| f.header.digest = d(9),
        |f| f.shares[0].digest = d(9),
        |f| _ = f.shares.pop(),
        |f| f.objects[0].size += 1,
        |f| {
            f.match_request = Some(BlobRef {
                digest: d(0x50),
                size: 3_984,
            })
        },
        |f| f.greetings.swap(0, 1),
        |f| f.keep = 30,
        |f| f.soon = true,
        |f| f.quota = Some(Quota([0; 16])),
        |f| f.origin = protocol::Origin::new("demo.example/other").unwrap(),
    ];
    for change in changes {
        let mut other = form.clone();
        change(&mut other);
        assert_ne!(other.digest(), form.digest());
    }
    assert_ne!(
        act().digest(),
        ActForm {
            twin_entry: None,
            ..act()
        }
        .digest()
    );
    assert_ne!(act().digest(), ActForm { insist: true, ..act() }.digest());
    assert_ne!(
        records().digest(),
        RecordsForm {
            records: vec![record(1)],
            ..records()
        }
        .digest()
    );
}

#[test]
fn member_form_rules() {
    refuses(
        &act(),
        ActForm::check,
        &[
            ("entry is opaque", |f| f.entry.0[0] = 1),
            ("twin_entry is opaque", |f| f.twin_entry = Some(EntryHex([1; 65]))),
            ("slots of their own", |f| f.twin_entry = Some(f.entry)),
            ("1 to 32", |f| f.records.clear()),
            ("1 to 32", |f| f.records = vec![f.records[0].clone(); 33]),
            ("keep is 0", |f| f.records[0].keep = 7),
            ("named twice", |f| f.records[1].digest = f.records[0].digest),
        ],
    );
    refuses(
        &records(),
        RecordsForm::check,
        &[
            ("1 to 32", |f| f.records.clear()),
            ("keep is 0", |f| f.records[0].keep = 1),
            ("named twice", |f| f.records[1] = f.records[0].clone()),
        ],
    );
    assert_eq!(
        ActForm {
            twin_entry: None,
            ..act()
        }
        .check(),
        Ok(())
    );
    for keep in [0, 30, 180, 400] {
        assert_eq!(
            RecordsForm {
                records: vec![RecordRef { keep, ..record(1) }],
                ..records()
            }
            .check(),
            Ok(())
        );
    }
}

/// Read back as written; no field less, none more.
fn exact<F: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(form: &F) {
    let bytes = json::write(form);
    assert_eq!(&json::read::<F>(&bytes, 65_536).unwrap(), form);
    let good = serde_json::to_value(form).unwrap();
    for name in good.as_object().unwrap().keys() {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(name);
        assert!(json::read::<F>(&json::write(&less), 65_536).is_err(), "{name}");
    }
    let mut more = good;
    more["more"] = Value::Null;
    assert!(json::read::<F>(&json::write(&more), 65_536).is_err());
}

#[test]
fn forms_are_read_as_written_and_exactly() {
    exact(&filing());
    exact(&act());
    exact(&records());
    exact(&WorkOffer {
        nonce: WorkNonce([1; 16]),
        bits: 18,
        expires: TIME,
    });
    exact(&DeliveryItem {
        id: d(1),
        share: d(2),
        header: d(3),
    });
    let text = String::from_utf8(json::write(&filing())).unwrap();
    assert!(text.contains(r#""match":null"#) && text.contains(r#""quota":null"#));
}

#[test]
fn the_entry_of_a_form_shows_its_slot() {
    let entry = entry(0);
    assert_eq!(entry.slot(), CaseSalt::new([0x22; 32]).slot(0));
    assert_eq!(entry.entry(), Some(CaseSalt::new([0x22; 32]).entry(0, d(0x33), None)));
    assert_eq!(EntryHex([1; 65]).entry(), None);
    assert!(matches!(EntryHex([0; 65]).entry(), Some(Entry::Opaque { .. })));
}

#[test]
fn hashcash_of_the_specification() {
    let nonce = WorkNonce([0x77; 16]);
    let posted = Digest::of(&entry(0).0);
    assert_eq!(work_search(&nonce, &posted, 18, 0, 1 << 20), Some(163_554));
    assert_eq!(
        work_bits(&nonce, &posted, 163_554),
        19,
        "00001b11… has nineteen zero bits"
    );
    assert_eq!(
        work_search(&nonce, &posted, 18, 0, 163_554),
        None,
        "as many tries as were asked for"
    );
    assert_eq!(work_search(&nonce, &posted, 18, 163_554, 1), Some(163_554));
    assert_eq!(work_search(&nonce, &posted, 0, 5, 1), Some(5));
    assert_eq!(work_search(&nonce, &posted, 0, 5, 0), None);
    assert_eq!(
        work_search(&nonce, &posted, 0, 1 << 53, 10),
        None,
        "counters end below 2^53"
    );
    assert_eq!(work_search(&nonce, &posted, 0, u64::MAX, u64::MAX), None);
    assert!(work_bits(&WorkNonce([0x78; 16]), &posted, 163_554) < 18);
    assert!(work_bits(&nonce, &d(1), 163_554) < 18);
}

#[test]
fn the_work_header_has_one_spelling() {
    let work = Work {
        nonce: WorkNonce([0x77; 16]),
        counter: 163_554,
    };
    let header = work_header(&work);
    assert_eq!(header, format!("{} 163554", "77".repeat(16)));
    assert_eq!(parse_work_header(&header), Some(work));
    let nonce = "77".repeat(16);
    let upper = "AA".repeat(16);
    let wrong = [
        String::new(),
        nonce.clone(),
        format!("{nonce} "),
        format!("{nonce}  1"),
        format!("{nonce} 1 "),
        format!(" {nonce} 1"),
        format!("{nonce} 1 2"),
        format!("{nonce} 01"),
        format!("{nonce} +1"),
        format!("{nonce} -1"),
        format!("{nonce} 9007199254740992"),
        format!("{nonce}\t1"),
        format!("{upper} 1"),
        format!("{} 1", &nonce[2..]),
    ];
    for header in wrong {
        assert_eq!(parse_work_header(&header), None, "{header}");
    }
    assert!(parse_work_header(&format!("{nonce} 9007199254740991")).is_some());
}

const ORIGIN: &str = "demo.example/log";

fn call<'a>(method: &'a str, path: &'a str, body: &'a Digest) -> SignedCall<'a> {
    SignedCall {
        origin: ORIGIN,
        method,
        path,
        body,
    }
}

#[test]
fn any_change_of_a_call_breaks_its_signature() {
    let keys = member(2);
    let (path, body, other) = ("/api/v1/acts?a=1", Digest::of(b"body"), Digest::of(b"other"));
    let good = call("POST", path, &body);
    let signed = TransportSignature::sign(x(2), keys.signing(), &good, TIME);
    assert!(signed.verify(&keys.public(), &good));
    assert!(!signed.verify(&member(3).public(), &good));
    let elsewhere = SignedCall {
        origin: "other.example/log",
        ..good
    };
    for changed in [
        elsewhere,
        call("PUT", path, &body),
        call("post", path, &body),
        call("POST", "/api/v1/acts", &body),
        call("POST", "/api/v1/acts?a=2", &body),
        call("POST", path, &other),
    ] {
        assert!(!signed.verify(&keys.public(), &changed), "{changed:?}");
    }
    let later = TransportSignature {
        time: TIME + 1,
        ..signed.clone()
    };
    assert!(!later.verify(&keys.public(), &good));
    for bit in 0..512 {
        let mut other = signed.clone();
        other.signature[bit / 8] ^= 1 << (bit % 8);
        assert!(!other.verify(&keys.public(), &good), "bit {bit}");
    }
}

#[test]
fn origin_method_and_path_do_not_run_into_each_other() {
    let (keys, body) = (member(2), d(1));
    let signed = TransportSignature::sign(x(2), keys.signing(), &call("GET", "/a", &body), TIME);
    assert!(!signed.verify(&keys.public(), &call("GET/", "a", &body)));
    assert!(!signed.verify(&keys.public(), &call("", "GET\0/a", &body)));
    let joined = format!("{ORIGIN}G");
    let shifted = SignedCall {
        origin: &joined,
        ..call("ET", "/a", &body)
    };
    assert!(!signed.verify(&keys.public(), &shifted));
}

#[test]
fn the_signature_header_has_one_spelling() {
    let body = d(1);
    let signed = TransportSignature::sign(
        x(2),
        member(2).signing(),
        &call("GET", "/api/v1/member/delivery", &body),
        TIME,
    );
    let header = signed.to_header();
    assert_eq!(TransportSignature::parse(&header), Some(signed.clone()));
    let (front, base64) = header.rsplit_once(' ').unwrap();
    assert_eq!(front, format!("2 {TIME}"));
    let wrong = [
        String::new(),
        front.to_owned(),
        format!("{header} "),
        format!(" {header}"),
        format!("{header} x"),
        format!("0 {TIME} {base64}"),
        format!("02 {TIME} {base64}"),
        format!("+2 {TIME} {base64}"),
        format!("65536 {TIME} {base64}"),
        format!("2 0{TIME} {base64}"),
        format!("2 -1 {base64}"),
        format!("2 9007199254740992 {base64}"),
        format!("2  {TIME} {base64}"),
        format!("2\t{TIME} {base64}"),
        format!("2 {TIME} {}", base64.trim_end_matches('=')),
        format!("2 {TIME} {}", &base64[4..]),
        format!("2 {TIME} AAAA{base64}"),
        format!("2 {TIME} {}", base64.replace("==", "=")),
    ];
    for header in wrong {
        assert_eq!(TransportSignature::parse(&header), None, "{header}");
    }
}

proptest! {
    #[test]
    fn headers_round_trip(number in 1u16.., time in 0u64..1 << 53, path in "[ -~]{0,40}", body in any::<[u8; 32]>()) {
        let keys = member(4);
        let body = Digest(body);
        let call = call("POST", &path, &body);
        let signed = TransportSignature::sign(x(number), keys.signing(), &call, time);
        let read = TransportSignature::parse(&signed.to_header()).unwrap();
        prop_assert!(read.verify(&keys.public(), &call));
        prop_assert_eq!(read, signed);
    }

    #[test]
    fn no_header_panics(text in any::<String>()) {
        let _ = TransportSignature::parse(&text);
        let _ = parse_work_header(&text);
    }

    #[test]
    fn search_finds_the_first(seed in any::<[u8; 16]>(), bits in 0u8..8) {
        let (nonce, posted) = (WorkNonce(seed), d(1));
        let found = work_search(&nonce, &posted, bits, 0, 1 << 16).unwrap();
        prop_assert!(work_bits(&nonce, &posted, found) >= bits.into());
        prop_assert!((0..found).all(|counter| work_bits(&nonce, &posted, counter) < bits.into()));
    }
}

#[test]
fn numbers_have_one_spelling() {
    assert_eq!(decimal("0"), Some(0));
    assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
    for bad in ["", "00", "01", "+1", "-1", "1 ", "18446744073709551616", "٣"] {
        assert_eq!(decimal(bad), None, "{bad:?}");
    }
}
