//! The rules that one statement alone decides (§15.9, §19): a valid example of each, and what is refused.

use crate::statement_fixture;

use protocol::drop::{act_records, cell_plaintext};
use protocol::envelope::{Envelope, EnvelopeError};
use protocol::ids::{MemberNumber, Origin};
use protocol::json::{self, JsonError};
use protocol::statement::*;
use serde_json::Value;
use statement_fixture::*;

/// Every field is asked for, none is added, and each has one spelling.
fn fields_are_exact<P: Payload>(valid: &P) {
    let refused = |value: &Value, why: &str| {
        let read = json::read::<P>(&json::write(value), 65_536);
        assert!(matches!(read, Err(JsonError::Fields(_))), "{}: {why}", P::NAME);
    };
    let good = serde_json::to_value(valid).unwrap();
    for name in good.as_object().unwrap().keys() {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(name);
        refused(&less, name);
        let mut other = good.clone();
        other[name] = Value::from(vec![Value::Null]);
        refused(&other, name);
    }
    let mut more = good.clone();
    more["keyid"] = Value::Null;
    refused(&more, "a field too many");
    let mut version = good.clone();
    version["v"] = Value::from(2);
    refused(&version, "v");
    let mut upper = good.clone();
    upper["nonce"] = Value::from(good["nonce"].as_str().unwrap().to_uppercase());
    refused(&upper, "upper-case hex");
    let mut short = good.clone();
    short["nonce"] = Value::from("00");
    refused(&short, "a short nonce");
    let mut origin = good.clone();
    origin["origin"] = Value::from("resguardo-promise/v1");
    refused(&origin, "an origin that a promise could carry");
    refused(
        &Value::from(good.as_object().unwrap().values().cloned().collect::<Vec<_>>()),
        "an array",
    );
}

#[test]
fn every_field_is_there_once_and_in_one_spelling() {
    fields_are_exact(&council());
    fields_are_exact(&pace());
    fields_are_exact(&depth());
    fields_are_exact(&greeting());
    fields_are_exact(&core());
    fields_are_exact(&testimony());
    fields_are_exact(&ack());
    fields_are_exact(&reject());
    fields_are_exact(&request());
    fields_are_exact(&referral());
    fields_are_exact(&consent());
    fields_are_exact(&withdraw());
    fields_are_exact(&alive());
    fields_are_exact(&inbox_change());
    fields_are_exact(&ask());
    fields_are_exact(&message());
    fields_are_exact(&lapse());
    fields_are_exact(&erased());
    fields_are_exact(&decline());
    fields_are_exact(&attended());
    fields_are_exact(&handled());
    fields_are_exact(&duty());
    fields_are_exact(&decision());
    fields_are_exact(&objection());
    fields_are_exact(&declarant_objection());
    fields_are_exact(&release());
    fields_are_exact(&opened());
    fields_are_exact(&finding());
    fields_are_exact(&aid());
}

#[test]
fn inner_fields_are_exact_too() {
    let mut good = serde_json::to_value(core()).unwrap();
    let inbox = &good["inbox"];
    good["inbox"] = serde_json::json!([inbox["recipient"], inbox["key"]]);
    assert!(
        json::read::<Core>(&json::write(&good), 65_536).is_err(),
        "an array for an object"
    );
    let mut good = serde_json::to_value(decision()).unwrap();
    good["reason"] = serde_json::json!({"no-basis": null});
    assert!(
        json::read::<Decision>(&json::write(&good), 65_536).is_err(),
        "an object for a code word"
    );
    let mut good = serde_json::to_value(core()).unwrap();
    let text = good["inbox"]["recipient"].as_str().unwrap().to_uppercase();
    good["inbox"]["recipient"] = Value::from(text);
    assert!(
        json::read::<Core>(&json::write(&good), 65_536).is_err(),
        "a recipient in upper case"
    );
    let mut good = serde_json::to_value(core()).unwrap();
    good["compartments"][0]["name"] = Value::from(5);
    assert!(
        json::read::<Core>(&json::write(&good), 65_536).is_err(),
        "compartment 5"
    );
}

#[test]
fn pace_rules() {
    let n = "n is a power of two";
    refuses(
        &pace(),
        &[
            (n, |s| s.n = 0),
            (n, |s| s.n = 2),
            (n, |s| s.n = 5),
            (n, |s| s.n = 12),
            ("step_s", |s| s.step_s = 0),
            ("delivery_s", |s| s.delivery_s = 0),
        ],
    );
    accepts(&Pace {
        n: 1 << 20,
        step_s: 1,
        delivery_s: 1,
        ..pace()
    });
}

#[test]
fn drop_rules() {
    refuses(&depth(), &[("at most 32", |s| s.b = 33)]);
    accepts(&BucketDepth { b: 32, ..depth() });
}

#[test]
fn greeting_rules() {
    let tag = "BCP 47";
    refuses(
        &greeting(),
        &[
            ("has a text", |s| s.texts.clear()),
            ("not empty", |s| _ = s.texts.insert("es".into(), String::new())),
            (tag, |s| _ = s.texts.insert("es-MX".into(), "a".into())),
            (tag, |s| _ = s.texts.insert("e".into(), "a".into())),
            (tag, |s| _ = s.texts.insert(String::new(), "a".into())),
            (tag, |s| _ = s.texts.insert("es_mx".into(), "a".into())),
            (tag, |s| _ = s.texts.insert("es-".into(), "a".into())),
            (tag, |s| _ = s.texts.insert("es-abcdefghi".into(), "a".into())),
            (tag, |s| _ = s.texts.insert("419".into(), "a".into())),
        ],
    );
    let with = |tag: &str| Greeting {
        texts: [(tag.to_owned(), "a".to_owned())].into(),
        ..greeting()
    };
    for tag in ["es", "es-419", "nah", "zh-hant-tw", "sl-rozaj-biske-1994"] {
        accepts(&with(tag));
    }
}

#[test]
fn a_greeting_fills_one_record_and_no_more() {
    let of = |len: usize| Greeting {
        texts: [("es".to_owned(), "a".repeat(len))].into(),
        ..greeting()
    };
    let len = |text: usize| Envelope::sign(&of(text), &[&hers()]).bytes().len();
    let longest = (1..2_000).take_while(|text| len(*text) <= 2_043).last().unwrap();
    assert!(len(longest) > 2_036, "base64 goes in steps of four");
    accepts(&of(longest));
    let long = Envelope::sign(&of(longest + 1), &[&hers()]);
    assert!(matches!(long.unverified::<Greeting>(), Err(EnvelopeError::Form(_))));
    assert!(matches!(
        Envelope::try_sign(&of(longest + 1), &[&hers()]),
        Err(EnvelopeError::Form(_))
    ));
    // Not only the payload counts: a second signature takes room in the record too.
    assert!(Envelope::try_sign(&of(longest), &[&hers(), operator().signing()]).is_err());
}

#[test]
fn testimony_rules() {
    let order = "seats ascend";
    let number = "3 to 24 seats";
    refuses(
        &testimony(),
        &[
            (number, |s| s.shares.clear()),
            (number, |s| s.shares.truncate(2)),
            (number, |s| {
                s.shares = (1..=25)
                    .map(|n| ShareRef {
                        x: x(n),
                        digest: d(n as u8),
                        size: 1_979,
                    })
                    .collect();
            }),
            (order, |s| s.shares.swap(0, 1)),
            (order, |s| s.shares[1].x = x(1)),
            ("1,979", |s| s.shares[4].size = 1_980),
            ("of its own", |s| s.shares[4].digest = s.shares[0].digest),
        ],
    );
    accepts(&Testimony {
        match_request: Some(d(1)),
        shares: testimony().shares[2..].to_vec(),
        ..testimony()
    });
}

#[test]
fn ack_rules() {
    refuses(
        &ack(),
        &[
            ("seats ascend", |s| s.seats.reverse()),
            ("seats ascend", |s| s.seats[1] = x(1)),
            ("3 to 24", |s| s.seats.truncate(2)),
            ("3 to 24", |s| s.seats = (1..=25).map(x).collect()),
            ("one of those dealt to", |s| s.x = x(6)),
        ],
    );
}

#[test]
fn reject_rules() {
    refuses(
        &reject(),
        &[
            ("got is the digest", |s| s.got = None),
            ("got is null", |s| s.check = Check::Missing),
            ("got is the digest", |s| {
                s.check = Check::Age;
                s.got = None;
            }),
        ],
    );
    accepts(&Reject {
        check: Check::Missing,
        got: None,
        ..reject()
    });
    accepts(&Reject {
        check: Check::Salt,
        got: None,
        ..reject()
    });
    accepts(&Reject {
        check: Check::Salt,
        ..reject()
    });
}

#[test]
fn request_rules() {
    let line = "1 to 200 bytes";
    refuses(
        &request(),
        &[
            ("names a compartment", |s| s.compartments.clear()),
            ("compartments ascend", |s| s.compartments.reverse()),
            ("compartments ascend", |s| {
                s.compartments = vec![Compartment::Account; 2]
            }),
            (line, |s| s.purpose.clear()),
            (line, |s| s.basis.clear()),
            (line, |s| s.purpose = "a".repeat(201)),
            (line, |s| s.basis = "é".repeat(101)),
            ("14 days", |s| s.decide_by += 1),
            ("14 days", |s| s.time += 1),
        ],
    );
    accepts(&Request {
        purpose: "é".repeat(100),
        basis: "a".repeat(200),
        twin: Some(d(1)),
        ..request()
    });
}

#[test]
fn referral_rules() {
    refuses(
        &referral(),
        &[
            ("1 to 24 seats", |s| s.seats.clear()),
            ("1 to 24 seats", |s| s.seats = (1..=25).map(x).collect()),
            ("seats ascend", |s| s.seats.reverse()),
            ("one of those that hold", |s| s.x = x(6)),
            ("the reader is not a seat", |s| s.reader = x(2)),
        ],
    );
}

#[test]
fn decision_rules() {
    use Compartment::{Account, Consent, Identity, Match};
    let reason = "null exactly where nothing is refused";
    let whole = Decision {
        grants: vec![Account, Identity],
        refuses: vec![],
        reason: None,
        ..decision()
    };
    accepts(&whole);
    refuses(&whole, &[(reason, |s| s.reason = Some(Reason::Other))]);
    refuses(
        &decision(),
        &[
            (reason, |s| s.reason = None),
            ("grants or refuses something", |s| {
                (s.grants, s.refuses) = (vec![], vec![])
            }),
            ("compartments ascend", |s| {
                (s.grants, s.refuses) = (vec![], vec![Identity, Account])
            }),
            ("compartments ascend", |s| s.grants = vec![Account, Account]),
            ("on account and identity", |s| s.grants = vec![Account, Consent]),
            ("on account and identity", |s| s.refuses = vec![Match]),
            ("both granted and refused", |s| s.grants = vec![Account, Identity]),
        ],
    );
    for reason in Reason::ALL.map(Some) {
        for (grants, refuses) in [(vec![], vec![Account, Identity]), (vec![Identity], vec![Account])] {
            accepts(&Decision {
                grants,
                refuses,
                reason,
                ..decision()
            });
        }
    }
}

#[test]
fn objection_rules() {
    refuses(&objection(), &[("null for a seat", |s| s.n = Some(1))]);
    refuses(
        &declarant_objection(),
        &[
            ("n counts from 1", |s| s.n = 0),
            ("by is 0", |s| s.by = 1),
            ("no twin", |s| s.twin = Some(d(1))),
        ],
    );
    // Neither is read as the other, though both are called `objection`.
    let of_seat = Envelope::sign(&objection(), &[&hers()]);
    let of_her = Envelope::sign(&declarant_objection(), &[&hers()]);
    assert!(of_seat.unverified::<DeclarantObjection>().is_err());
    assert!(of_her.unverified::<Objection>().is_err());
}

#[test]
fn release_rules() {
    refuses(
        &release(),
        &[
            ("1 to 24 grants", |s| s.grants.clear()),
            ("1 to 24 grants", |s| s.grants = (0..25).collect()),
            ("at most 25 objections", |s| s.objections = (0..26).collect()),
            ("indices ascend", |s| s.grants.swap(0, 1)),
            ("indices ascend", |s| s.objections = vec![5, 5]),
            ("indices ascend", |s| s.consent = vec![5, 5]),
            ("at most 26 acts", |s| s.consent = (0..27).collect()),
            ("names a file", |s| s.files.clear()),
            ("files ascend", |s| s.files.reverse()),
            ("files ascend", |s| s.files[1].name = Compartment::Account),
            ("1,851", |s| s.files[0].size = 3_707),
            ("named twice", |s| s.files[1].digest = s.files[0].digest),
        ],
    );
    accepts(&Release {
        grants: (0..24).collect(),
        objections: (0..25).collect(),
        consent: (0..26).collect(),
        ..release()
    });
}

#[test]
fn outcomes_are_of_their_statement() {
    use OpeningOutcome::{Charged, DoesNotOpen, Investigated, NoAction, Protected, Referred};
    refuses(
        &opened(),
        &[
            ("opened or does-not-open", |s| s.outcome = Referred),
            ("opened or does-not-open", |s| s.outcome = NoAction),
        ],
    );
    accepts(&Opened {
        outcome: DoesNotOpen,
        ..opened()
    });
    refuses(
        &finding(),
        &[
            ("what was done", |s| s.outcome = OpeningOutcome::Opened),
            ("what was done", |s| s.outcome = DoesNotOpen),
        ],
    );
    for outcome in [Referred, Protected, Investigated, Charged, NoAction] {
        accepts(&Finding { outcome, ..finding() });
    }
}

#[test]
fn attended_rules() {
    let (there, term) = ("until is there exactly", "until is after time, by 7 days");
    refuses(
        &attended(),
        &[
            (there, |s| s.until = None),
            (there, |s| s.what = Attention::Safe),
            (there, |s| s.what = Attention::NoDanger),
            (there, |s| s.what = Attention::Stands),
            (term, |s| s.until = Some(s.time)),
            (term, |s| s.until = Some(0)),
            (term, |s| s.until = Some(s.time + ATTENDED_MAX_S + 1)),
        ],
    );
    for what in [Attention::Wrote, Attention::Called] {
        for until in [TIME + 1, TIME + ATTENDED_MAX_S] {
            let until = Some(until);
            accepts(&Attended {
                what,
                until,
                ..attended()
            });
        }
    }
    for what in [Attention::Safe, Attention::NoDanger, Attention::Stands] {
        accepts(&Attended {
            what,
            until: None,
            ..attended()
        });
    }
}

#[test]
fn aid_rules() {
    let (measure, provider, due) = ("a measure has", "1 to 200 bytes", "due is null once");
    refuses(
        &aid(),
        &[
            (measure, |s| s.measure.clear()),
            (measure, |s| s.measure = "a".repeat(65)),
            (measure, |s| s.measure = "Refugio".to_owned()),
            (measure, |s| s.measure = "art 62".to_owned()),
            (measure, |s| s.measure = "niñez".to_owned()),
            (provider, |s| s.provider.clear()),
            (provider, |s| s.provider = "é".repeat(101)),
            (due, |s| s.status = AidStatus::Declined),
            (due, |s| s.status = AidStatus::Delivered),
        ],
    );
    for status in [AidStatus::Offered, AidStatus::Accepted] {
        accepts(&Aid { status, ..aid() });
        accepts(&Aid {
            status,
            due: None,
            ..aid()
        });
    }
    for status in [AidStatus::Declined, AidStatus::Delivered] {
        accepts(&Aid {
            status,
            due: None,
            ..aid()
        });
    }
    accepts(&Aid {
        measure: "x-9_z".repeat(12),
        provider: "é".repeat(100),
        ..aid()
    });
}

#[test]
fn a_consent_has_its_part_and_a_refusal_none() {
    refuses(
        &consent(),
        &[
            ("null exactly for a no", |s| s.part = None),
            ("null exactly for a no", |s| s.yes = false),
            ("n counts from 1", |s| s.n = 0),
        ],
    );
    accepts(&Consent {
        yes: false,
        part: None,
        ..consent()
    });
    // The part has one length and one spelling.
    let good = serde_json::to_value(consent()).unwrap();
    let part = good["part"].as_str().unwrap();
    assert_eq!(part.len(), 2_384);
    for bad in [
        &part[..2_380],
        &part[1..],
        "",
        &part.replace('=', ""),
        &format!("{part}AAAA"),
    ] {
        let mut other = good.clone();
        other["part"] = Value::from(bad);
        let read = json::read::<Consent>(&json::write(&other), 65_536);
        assert!(matches!(read, Err(JsonError::Fields(_))), "{} characters", bad.len());
    }
}

#[test]
fn what_she_sends_is_counted_from_one() {
    let rule = "n counts from 1";
    refuses(&withdraw(), &[(rule, |s| s.n = 0)]);
    refuses(&alive(), &[(rule, |s| s.n = 0)]);
    refuses(&inbox_change(), &[(rule, |s| s.n = 0)]);
    accepts(&Withdraw {
        yes: false,
        ..withdraw()
    });
    accepts(&Alive { n: u32::MAX, ..alive() });
}

#[test]
fn texts_are_short_and_hide_nothing() {
    let (rule, n) = ("1 to 1,500 bytes", "n counts from 1");
    refuses(
        &ask(),
        &[
            (n, |s| s.n = 0),
            (rule, |s| s.text.clear()),
            (rule, |s| s.text = "a".repeat(1_501)),
            (rule, |s| s.text.push('\r')),
        ],
    );
    refuses(
        &message(),
        &[
            (n, |s| s.n = 0),
            ("on a case", |s| (s.case, s.x, s.quota) = (None, 0, None)),
            ("an upload code", |s| s.x = 0),
            ("an upload code", |s| s.case = None),
            (rule, |s| s.text.clear()),
            (rule, |s| s.text = "é".repeat(751)),
            (rule, |s| s.text.push('\u{2066}')),
            (rule, |s| s.text.push('\u{1b}')),
        ],
    );
    let plain = Message {
        quota: None,
        ..message()
    };
    accepts(&Message {
        case: None,
        ..plain.clone()
    });
    accepts(&Message { x: 0, ..plain.clone() });
    accepts(&plain);
    accepts(&Message {
        text: "é".repeat(750),
        ..message()
    });
}

/// The longest that each may be, under the longest name of a log: it fits an office cell, and a message three records.
#[test]
fn the_longest_statements_fit_cells_and_records() {
    let long_log = Origin::new(&"o".repeat(128)).unwrap();
    let text = "\"".repeat(1_500);
    let ask = Ask {
        origin: long_log.clone(),
        n: u32::MAX,
        text: text.clone(),
        ..ask()
    };
    let message = Message {
        origin: long_log.clone(),
        x: u16::MAX,
        n: u32::MAX,
        text,
        ..message()
    };
    let change = InboxChange {
        origin: long_log.clone(),
        n: u32::MAX,
        ..inbox_change()
    };
    let consent = Consent {
        origin: long_log,
        n: u32::MAX,
        ..consent()
    };
    let sign = |envelope: Result<Envelope, EnvelopeError>| envelope.unwrap();
    let key = hers();
    let records = |envelope: &Envelope| act_records(envelope, None).unwrap().len();
    let message = sign(Envelope::try_sign(&message, &[&key]));
    let consent = sign(Envelope::try_sign(&consent, &[&key]));
    assert_eq!((records(&message), records(&consent)), (3, 2));
    for envelope in [
        sign(Envelope::try_sign(&ask, &[&key])),
        sign(Envelope::try_sign(&change, &[&key])),
        consent,
        message,
    ] {
        assert!(cell_plaintext(&envelope, None).is_ok(), "{:?}", envelope.name());
    }
    // Longer by its spelling alone, it is refused: it would fit no cell.
    let payload = String::from_utf8(json::write(&self::message())).unwrap();
    let padded = signed("message", &(payload + &" ".repeat(6_000)), &key);
    let read = padded.verify::<Message>(&[public(&key)]);
    assert!(matches!(read, Err(EnvelopeError::Form(_))));
}

#[test]
fn words_are_spelled_as_the_protocol_spells_them() {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    let outcome = |outcome: OpeningOutcome| word(serde_json::to_value(outcome).unwrap());
    assert_eq!(outcome(OpeningOutcome::DoesNotOpen), "does-not-open");
    assert_eq!(outcome(OpeningOutcome::NoAction), "no-action");
    assert_eq!(word(serde_json::to_value(Reason::NoBasis).unwrap()), "no-basis");
    let aid = serde_json::to_value(aid()).unwrap();
    assert_eq!(
        (&aid["status"], &aid["due"]),
        (&Value::from("offered"), &Value::from("2026-12-24"))
    );
    let core = serde_json::to_value(core()).unwrap();
    assert_eq!(core["policy"]["open"], "on_request");
    assert_eq!(core["policy"]["docket"], "counts-only");
    assert_eq!(core["policy"]["withdraw"], "after");
    assert_eq!(core["compartments"][1]["name"], 2);
    assert_eq!(serde_json::to_value(testimony()).unwrap()["match"], Value::Null);
    assert_eq!(serde_json::to_value(WithdrawChoice::InPerson).unwrap(), "in_person");
    assert_eq!(MemberNumber::new(0), None);
}

#[test]
fn duty_rules() {
    refuses(
        &duty(),
        &[
            ("when it is over", |s| s.time = s.month.end() - 1),
            ("rows ascend", |s| s.rows.swap(0, 6)),
            ("rows ascend", |s| s.rows[1] = s.rows[0].clone()),
            ("at most 24 rows", |s| {
                let row = s.rows[6].clone();
                s.rows.extend((13..31).map(|n| DutyRow { x: x(n), ..row.clone() }));
            }),
            ("own row", |s| s.x = x(77)),
            ("own row", |s| s.x = x(1)),
            ("own row", |s| _ = s.rows[1].counts.remove(&Count::MessagesLate)),
            ("another row", |s| s.rows[0].counts.clear()),
            ("another row", |s| _ = s.rows[0].counts.remove(&Count::AcksLate)),
            ("another row", |s| {
                _ = s.rows[5].counts.insert(Count::Gaps, PublicCount::None)
            }),
        ],
    );
    accepts(&Duty {
        time: duty().month.end(),
        ..duty()
    });
    let most = {
        let mut most = duty();
        let row = most.rows[6].clone();
        most.rows.extend((13..30).map(|n| DutyRow { x: x(n), ..row.clone() }));
        most
    };
    assert_eq!(most.rows.len(), 24);
    accepts(&most);
    // Neither another number nor another count can be written.
    for (from, to) in [("\"1-4\"", "\"1-5\""), ("\"1-4\"", "3"), ("\"gaps\"", "\"arrests\"")] {
        let payload = String::from_utf8(Envelope::sign(&duty(), &[&hers()]).payload().to_vec()).unwrap();
        let bad = signed("duty", &payload.replacen(from, to, 1), &hers());
        assert!(bad.verify::<Duty>(&[public(&hers())]).is_err(), "{to}");
    }
}

#[test]
fn the_commitment_of_the_specification() {
    assert_eq!(commit_counts(&opening(), &exact()), duty().commit);
    assert_eq!(
        duty().commit.to_hex(),
        "c5eedc18d1301e433e03d4d13c4c04575b1f698bc27dfb2615dbfe5d61c3f15c"
    );
}
