//! The rules of statements that no example of `statements.json` breaks: for each a valid statement with one change.

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::SigningKey;
use protocol::Digest;
use protocol::envelope::{Envelope, EnvelopeError};
use protocol::statement::*;
use serde::{Deserialize, Serialize};

use super::*;

/// A statement by its difference from a valid one.
#[derive(Serialize, Deserialize)]
pub struct Broken {
    /// Which of the valid ones, from 0.
    pub of: usize,
    pub name: String,
    pub why: String,
    /// Where `from` begins in the valid payload, in bytes.
    pub at: usize,
    pub from: String,
    pub to: String,
    pub digest: Digest,
    pub signature: String,
}

/// Which statement of `statements.json` is changed, and whose signature it has.
struct Maker<P> {
    of: usize,
    valid: P,
    key: SigningKey,
}

impl<P: Payload + Clone> Maker<P> {
    fn new(of: usize, valid: P, key: &SigningKey) -> Self {
        let key = key.clone();
        Self { of, valid, key }
    }

    fn change(&self, change: fn(&mut P)) -> Broken {
        let mut changed = self.valid.clone();
        change(&mut changed);
        let (good, bad) = (
            Envelope::sign(&self.valid, &[&self.key]),
            Envelope::sign(&changed, &[&self.key]),
        );
        let Err(EnvelopeError::Rule(why)) = bad.verify::<P>(&[public(&self.key)]) else {
            panic!("{}: a change is not refused", P::NAME)
        };
        let (at, from, to) = difference(good.payload(), bad.payload());
        let signature = self.key_signature(&bad);
        Broken {
            of: self.of,
            name: P::NAME.to_owned(),
            why: why.to_owned(),
            at,
            from,
            to,
            digest: bad.digest(),
            signature,
        }
    }

    fn key_signature(&self, envelope: &Envelope) -> String {
        use ed25519_dalek::Signer;
        let message = protocol::envelope::pae(envelope.payload_type(), envelope.payload());
        Base64::encode_string(&self.key.sign(&message).to_bytes())
    }
}

/// Where two payloads part, and what stands there in each.
fn difference(good: &[u8], bad: &[u8]) -> (usize, String, String) {
    let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let at = same(&mut good.iter().zip(bad));
    let end = same(&mut good[at..].iter().rev().zip(bad[at..].iter().rev()));
    let text = |bytes: &[u8]| String::from_utf8(bytes[at..bytes.len() - end].to_vec()).unwrap();
    (at, text(good), text(bad))
}

/// In the order of `statements.json`.
pub fn broken() -> Vec<Broken> {
    let (hers, operator, seat) = (hers(), operator(), member(2));
    let (seat, operator, reader) = (seat.signing(), operator.signing(), member(11));
    let pace = Maker::new(1, pace(), operator);
    let mut list = vec![pace.change(|s| s.step_s = 0), pace.change(|s| s.delivery_s = 0)];
    list.extend(of_core(&Maker::new(4, core(), &hers)));
    list.extend(of_lapse(&Maker::new(5, core_with_lapse(), &hers)));
    let testimony = Maker::new(6, testimony(), &hers);
    list.extend([
        testimony.change(|s| s.shares.truncate(2)),
        testimony.change(|s| s.shares[4].size = 1_980),
        testimony.change(|s| s.shares[4].digest = s.shares[0].digest),
    ]);
    let (ack, reject) = (Maker::new(7, ack(), seat), Maker::new(8, reject(), seat));
    list.extend([
        ack.change(|s| s.seats.truncate(2)),
        ack.change(|s| s.seats.swap(0, 2)),
        ack.change(|s| s.policy.inbox_days = 90),
        ack.change(|s| s.policy.t_lapse = Some(4)),
        ack.change(|s| s.parent = Some(s.case)),
        reject.change(|s| s.got = None),
    ]);
    let request = Maker::new(9, request(), reader.signing());
    list.extend([
        request.change(|s| s.compartments.clear()),
        request.change(|s| s.compartments.reverse()),
        request.change(|s| s.purpose.clear()),
        request.change(|s| s.basis = "é".repeat(101)),
        request.change(|s| s.purpose.push('\u{202e}')),
        request.change(|s| s.basis.push_str("\n9999-12-31  seat 2 grants")),
    ]);
    let referral = Maker::new(10, referral(), seat);
    list.extend([
        referral.change(|s| s.seats.clear()),
        referral.change(|s| s.x = x(6)),
        referral.change(|s| s.reader = x(3)),
    ]);
    list.push(Maker::new(13, declarant_objection(), &hers).change(|s| s.by = 1));
    let release = Maker::new(14, release(), seat);
    list.extend([
        release.change(|s| s.grants.clear()),
        release.change(|s| s.grants = (0..25).collect()),
        release.change(|s| s.grants.reverse()),
        release.change(|s| s.objections = (0..26).collect()),
        release.change(|s| s.objections = vec![7, 7]),
        release.change(|s| s.consent = (0..27).collect()),
        release.change(|s| s.consent = vec![8, 7]),
        release.change(|s| s.files.clear()),
        release.change(|s| s.files.reverse()),
        release.change(|s| s.files[1].digest = s.files[0].digest),
    ]);
    let aid = Maker::new(17, aid(), reader.signing());
    list.extend([
        aid.change(|s| s.measure = "Refugio".to_owned()),
        aid.change(|s| s.measure = "a".repeat(65)),
        aid.change(|s| s.provider.clear()),
        aid.change(|s| s.provider.push_str("\u{1b}[2K")),
        aid.change(|s| s.provider.push('\u{2028}')),
    ]);
    list.extend(of_hers(&hers));
    let attended = Maker::new(27, attended(), seat);
    list.extend([
        attended.change(|s| s.until = None),
        attended.change(|s| s.until = Some(s.time)),
        attended.change(|s| s.until = Some(s.time + ATTENDED_MAX_S + 1)),
    ]);
    let duty = Maker::new(28, duty(), seat);
    list.extend([
        duty.change(|s| s.rows.swap(0, 1)),
        duty.change(|s| _ = s.rows[1].counts.remove(&Count::Gaps)),
        duty.change(|s| _ = s.rows[0].counts.insert(Count::Gaps, PublicCount::None)),
        duty.change(|s| {
            let row = s.rows[6].clone();
            s.rows.extend((13..31).map(|n| DutyRow { x: x(n), ..row.clone() }));
        }),
    ]);
    list.push(Maker::new(30, site(), operator).change(|s| s.files.size = 0));
    let reader_twin = Maker::new(31, twin::docket_opened(), reader.signing());
    list.extend([
        reader_twin.change(|s| s.time += 1),
        reader_twin.change(|s| s.n = 0),
        reader_twin.change(|s| s.prev = None),
        reader_twin.change(|s| s.act = TwinAct::Request),
        reader_twin.change(|s| s.due = None),
        reader_twin.change(|s| s.due = Day::parse("2026-12-22")),
        reader_twin.change(|s| s.due = Day::parse("2026-12-30")),
        reader_twin.change(|s| {
            (s.act, s.outcome) = (TwinAct::Erased, Some(TwinOutcome::Erased));
            (s.due, s.urgent) = (None, true);
        }),
    ]);
    list
}

fn of_hers(hers: &SigningKey) -> Vec<Broken> {
    let (ask, change) = (Maker::new(18, ask(), hers), Maker::new(22, inbox_change(), hers));
    let (consent, message) = (
        Maker::new(19, consent(), hers),
        Maker::new(23, message(), member(2).signing()),
    );
    vec![
        ask.change(|s| s.n = 0),
        ask.change(|s| s.text = "é".repeat(751)),
        consent.change(|s| s.n = 0),
        consent.change(|s| s.yes = false),
        change.change(|s| s.n = 0),
        message.change(|s| s.n = 0),
        message.change(|s| (s.case, s.x) = (None, 0)),
        message.change(|s| s.text.push('\u{202e}')),
        message.change(|s| s.text.push('\t')),
        message.change(|s| s.text = "a".repeat(1_501)),
    ]
}

fn of_core(make: &Maker<Core>) -> Vec<Broken> {
    vec![
        make.change(|s| s.parent = Some(parent(s.case))),
        make.change(|s| s.inbox.recipient = s.compartments[1].recipient.clone()),
        make.change(|s| s.compartments.swap(0, 1)),
        make.change(|s| _ = s.compartments.remove(0)),
        make.change(|s| s.compartments[1].name = Compartment::Match),
        make.change(|s| {
            s.compartments[0].threshold = 1;
            s.compartments[0].commitments.truncate(1);
        }),
        make.change(|s| _ = s.compartments[1].commitments.pop()),
        make.change(|s| {
            s.compartments[0].threshold = 5;
            s.compartments[0]
                .commitments
                .extend([commitment(0x1a), commitment(0x1b)]);
        }),
        make.change(|s| s.compartments[1].objects.clear()),
        make.change(|s| s.compartments[0].objects.swap(0, 1)),
        make.change(|s| s.compartments[0].objects[3].kind = ObjectKind::Document),
        make.change(|s| s.compartments[1].objects[0].size = 0),
        make.change(|s| s.compartments[1].objects[0].digest = s.compartments[0].objects[0].digest),
        make.change(|s| {
            let more = (0x30..0x44).map(|n| object(n, 67_195, ObjectKind::Evidence));
            s.compartments[0].objects.extend(more);
        }),
        make.change(|s| s.policy.ask_me_after = Some(0)),
        make.change(|s| s.policy.allowed = vec![Use::Authority, Use::Support]),
        make.change(|s| s.policy.inbox_days = 90),
    ]
}

fn of_lapse(make: &Maker<Core>) -> Vec<Broken> {
    vec![
        make.change(|s| s.policy.lapse_days = None),
        make.change(|s| s.policy.lapse_days = Some(200)),
        make.change(|s| s.policy.t_lapse = Some(5)),
        make.change(|s| {
            s.policy.t_lapse = Some(3);
            s.compartments[2].threshold = 3;
            s.compartments[2].commitments.truncate(3);
        }),
        make.change(|s| {
            s.compartments[2]
                .objects
                .push(object(0xe7, 67_195, ObjectKind::Evidence));
        }),
    ]
}
