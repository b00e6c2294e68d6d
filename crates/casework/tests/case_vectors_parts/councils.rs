//! `councils.json`: councils that count and councils that do not, each alone, after another, and in a log (§3, §19, §22.1).

use casework::registry::{Applied, PublicRefusal};
use casework::{Registry, RootOfTrust};
use ed25519_dalek::Signer;
use protocol::Digest;
use protocol::envelope::{Envelope, pae};
use protocol::statement::payload_type;
use serde_json::{Value, json};

use super::council_cases::{Case, Rules, after_another, alone, leaves};
use super::{base64, hex};
use crate::support::{T0, beginning, by_operator, council, greeting, keys, policy_text, root, sign, successor};

/// A payload in which cases change some text.
pub struct Base {
    pub text: String,
}

impl Base {
    fn of(envelope: &Envelope) -> Self {
        let text = std::str::from_utf8(envelope.payload()).unwrap().to_owned();
        Self { text }
    }

    fn changed(&self, case: &Case) -> String {
        let mut text = self.text.clone();
        for (from, to) in &case.changes {
            assert_eq!(text.matches(from.as_str()).count(), 1, "{}: {from}", case.why);
            text = text.replacen(from.as_str(), to, 1);
        }
        text
    }

    /// The envelope as its signers make it, whatever its payload says.
    pub fn envelope(&self, case: &Case) -> Envelope {
        let (kind, payload) = (payload_type("council"), self.changed(case));
        let message = pae(&kind, payload.as_bytes());
        let sigs = case
            .signers
            .iter()
            .map(|seed| keys(*seed).signing().sign(&message).to_bytes());
        let sigs: Vec<String> = sigs.map(|sig| format!(r#"{{"sig":"{}"}}"#, base64(sig))).collect();
        let (payload, sigs) = (base64(&payload), sigs.join(","));
        let text = format!(r#"{{"payload":"{payload}","payloadType":"{kind}","signatures":[{sigs}]}}"#);
        Envelope::parse(text.as_bytes()).unwrap()
    }

    fn json(&self, case: &Case, envelope: &Envelope) -> Value {
        let wire: Value = serde_json::from_slice(envelope.bytes()).unwrap();
        let change = |(from, to): &(String, String)| json!({ "from": from, "to": to });
        let mut json = json!({
            "why": case.why,
            "changes": case.changes.iter().map(change).collect::<Vec<_>>(),
            "signed_by_seeds": case.signers,
            "signatures": wire["signatures"],
            "d": envelope.digest(),
        });
        if let Rules::Refuse(rule) = case.rules {
            json["rule"] = rule.into();
        }
        json
    }
}

/// What a registry says, in the words of the cases.
fn said(applied: Result<Applied, PublicRefusal>) -> Rules {
    Rules::Refuse(match applied {
        Ok(_) => return Rules::Count,
        Err(PublicRefusal::Rule(rule)) => rule,
        Err(PublicRefusal::Form) => "form",
        Err(PublicRefusal::Origin) => "the log's name",
        Err(PublicRefusal::Signature) => "signatures",
        Err(PublicRefusal::NotTheRoot) => "the root's council",
        Err(PublicRefusal::Epoch { .. }) => "the first of an epoch counts",
        Err(PublicRefusal::Chain) => "the chain",
        Err(PublicRefusal::Reused(_)) => "a number stays with its institution",
        Err(PublicRefusal::TooFewSigners { .. }) => "t_identity seats of the previous council sign",
        Err(PublicRefusal::Policy(_)) => "the policy",
        Err(other) => panic!("{other}"),
    })
}

pub fn vectors() -> Value {
    let founding = Base::of(&beginning()[0]);
    let next = Base::of(&sign(&successor(|_| {}), &[]));
    let judge_alone = |case: &Case| {
        let envelope = founding.envelope(case);
        let root = RootOfTrust {
            council: envelope.digest(),
            ..root()
        };
        let mut registry = Registry::new(&root).unwrap();
        assert_eq!(said(registry.apply(0, &envelope, T0)), case.rules, "{}", case.why);
        let mut json = founding.json(case, &envelope);
        if let Some(council) = registry.current() {
            json["good_until"] = council.good_until().into();
        }
        json
    };
    let judge_after = |case: &Case| {
        let envelope = next.envelope(case);
        assert_eq!(said(begun().apply(4, &envelope, T0)), case.rules, "{}", case.why);
        next.json(case, &envelope)
    };
    let (alone, after) = (alone(&council(), &founding.text), after_another(&council()));
    let split = |cases: &[Case], judge: &dyn Fn(&Case) -> Value| {
        let (good, bad): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.rules == Rules::Count);
        let all = |cases: Vec<&Case>| cases.into_iter().map(judge).collect::<Vec<_>>();
        json!({ "counts": all(good), "refused": all(bad) })
    };
    json!({
        "about": [
            "Statements `council` (sections 3, 19, 22.1) by their payload: `founding` or, of epoch 2, `successor`, in which each `from`, which",
            "stands there once, is replaced by `to`, in order. `d` is D of what comes out, `signatures` are over it: valid Ed25519 by the",
            "member keys HKDF(s, L(\"sign\")) of the seeds s = 32 x the byte in `signed_by_seeds`; seats and readers have their number,",
            "the operator 90. What is refused breaks one rule, and `rule` says which in words of its own.",
            "`good_until` is the first second (POSIX) at which a filing sealed to it is refused.",
            "`alone`: each is the first entry of a log of its own whose root names its `d`; all else of the root is `root`.",
            "`after_another`: each comes fifth in the log that begins with `public`. `log` goes on from there with the entries given, in",
            "order; a statement that does not count changes nothing, and the next is judged as if it were not there.",
            "Everything here has v 1 and origin log.example, which is not a demo.",
        ],
        "root": serde_json::to_value(root()).unwrap(),
        "policy": policy_text(),
        "public": super::beginning(),
        "founding": founding.text,
        "successor": next.text,
        "alone": split(&alone, &judge_alone),
        "after_another": split(&after, &judge_after),
        "log": log(&next),
    })
}

/// After the four statements that a log begins with.
fn begun() -> Registry {
    let mut registry = Registry::new(&root()).unwrap();
    for (index, envelope) in (0..).zip(&beginning()) {
        registry.apply(index, envelope, T0).unwrap();
    }
    registry
}

/// A log that goes on from its beginning, and what is said of each entry.
struct Told<'a> {
    next: &'a Base,
    registry: Registry,
    entries: Vec<Value>,
}

impl Told<'_> {
    fn council(&mut self, case: &Case) -> Digest {
        let envelope = self.next.envelope(case);
        self.push("council", self.next.json(case, &envelope), &envelope, case.rules);
        envelope.digest()
    }

    fn greeting(&mut self, why: &str, envelope: &Envelope, rules: Rules) {
        let json = json!({ "why": why, "envelope_base64": base64(envelope.bytes()), "d": envelope.digest() });
        self.push("greeting", json, envelope, rules);
    }

    fn push(&mut self, name: &str, mut json: Value, envelope: &Envelope, rules: Rules) {
        let index = 4 + self.entries.len() as u64;
        let applied = self.registry.apply(index, envelope, T0);
        assert_eq!(said(applied), rules, "{}", json["why"]);
        (json["index"], json["name"], json["counts"]) = (index.into(), name.into(), (rules == Rules::Count).into());
        self.entries.push(json);
    }
}

/// Two councils for epoch 2, a change of operator, a seat that leaves and comes back.
fn log(next: &Base) -> Value {
    let mut log = Told {
        next,
        registry: begun(),
        entries: Vec::new(),
    };
    let nonce = |byte: u8| (hex([2; 32]), hex([byte; 32]));
    let by_33 = |case: Case| case.change((keys(90).public().to_string(), keys(33).public().to_string()));
    log.council(
        &Case::refused("two seats sign", "t_identity seats of the previous council sign")
            .change(nonce(7))
            .signed(&[1, 2]),
    );
    let first = beginning()[0].digest();
    let second =
        log.council(&by_33(Case::counts("the first of epoch 2 that counts; another operator")).signed(&[1, 2, 3, 4]));
    log.council(&Case::refused("a second one of epoch 2", "the first of an epoch counts").change(nonce(8)));
    let text = greeting("Este buzón es suyo todavía.");
    log.greeting(
        "a greeting by the operator before",
        &by_operator(&text),
        Rules::Refuse("signatures"),
    );
    log.greeting("a greeting by the operator now", &sign(&text, &[33]), Rules::Count);
    let after = |case: Case, epoch: u32, previous: Digest| {
        let link = |epoch: u32, d: Digest| format!(r#""epoch":{epoch},"previous":"{}""#, d.to_hex());
        by_33(case).change((link(2, first), link(epoch, previous)))
    };
    let third = after(Case::counts("epoch 3, by other seats, without seat 6"), 3, second);
    let third = log.council(&third.change(leaves(&council())).signed(&[3, 4, 5, 6]));
    let another = (
        r#"{"x":6,"institution":"institution 6""#,
        r#"{"x":6,"institution":"another institution""#,
    );
    let taken = Case::refused(
        "number 6 was another institution's before the previous council",
        "a number stays with its institution",
    );
    log.council(&after(taken, 4, third).change(another).signed(&[1, 2, 3, 4, 6]));
    let back = Case::refused("seat 6 comes back without signing: it is a newcomer", "signatures");
    log.council(&after(back, 4, third).signed(&[1, 2, 3, 4]));
    let back = Case::counts("seat 6 comes back and signs");
    log.council(&after(back, 4, third).signed(&[1, 2, 3, 4, 6]));
    let councils: Vec<_> = log.registry.councils().iter().map(|record| record.digest()).collect();
    assert_eq!(councils.len(), 4);
    json!({
        "entries": log.entries,
        "councils": councils,
        "greeting": log.registry.greeting().unwrap().digest(),
    })
}
