//! `keys.json`: the text of recipients and identities, and texts that are refused (§0, §21).

use bech32::{ToBase32, Variant, u5};
use protocol::age::{Identity, Recipient};
use serde_json::{Value, json};

use super::hex;

const SEED: [u8; 32] = [5; 32];
const PUBLIC: &str = "age1pq";
const SECRET: &str = "age-secret-key-pq-";

/// Bech32 in lower case, of whatever it is given.
fn write(hrp: &str, groups: &[u5], variant: Variant) -> String {
    bech32::encode(hrp, groups, variant).unwrap()
}

/// A text of one kind, how it is written in the right case, and how it is read.
struct Kind {
    hrp: &'static str,
    bytes: Vec<u8>,
    cased: fn(&str) -> String,
    read: fn(&str) -> Option<Vec<u8>>,
}

impl Kind {
    fn recipients() -> Self {
        Self {
            hrp: PUBLIC,
            bytes: Identity::from_seed(SEED).recipient().as_bytes().to_vec(),
            cased: str::to_owned,
            read: |text| Recipient::parse(text).map(|recipient| recipient.as_bytes().to_vec()),
        }
    }

    fn identities() -> Self {
        Self {
            hrp: SECRET,
            bytes: SEED.to_vec(),
            cased: str::to_ascii_uppercase,
            read: |text| Identity::parse(text).map(|identity| identity.seed().to_vec()),
        }
    }

    /// The one text that is accepted.
    fn good(&self) -> String {
        self.of(&self.bytes)
    }

    fn of(&self, bytes: &[u8]) -> String {
        (self.cased)(&write(self.hrp, &bytes.to_base32(), Variant::Bech32))
    }

    fn named(&self, hrp: &str) -> String {
        (self.cased)(&write(hrp, &self.bytes.to_base32(), Variant::Bech32))
    }

    /// The checksum is right for the groups as they are.
    fn regrouped(&self, change: impl FnOnce(&mut Vec<u5>)) -> String {
        let mut groups = self.bytes.to_base32();
        change(&mut groups);
        (self.cased)(&write(self.hrp, &groups, Variant::Bech32))
    }

    /// Where the data begin, behind the last `1`.
    fn data(&self) -> usize {
        self.hrp.len() + 1
    }

    /// One character is another.
    fn other_character(&self, at: usize, characters: [&str; 2]) -> String {
        let mut text = self.good();
        let same = text[at..].to_ascii_lowercase().starts_with(characters[0]);
        text.replace_range(at..=at, &(self.cased)(characters[usize::from(same)]));
        text
    }

    /// The first letter of the human-readable part, or of the data, in the other case.
    fn mixed(&self, from: usize) -> String {
        let text = self.good();
        let at = from + text[from..].find(|c: char| c.is_ascii_alphabetic()).unwrap();
        let letter = text.as_bytes()[at] ^ 0x20;
        [&text[..at], &char::from(letter).to_string(), &text[at + 1..]].concat()
    }

    fn vectors(&self, more: Vec<(&'static str, String)>) -> Value {
        let good = self.good();
        assert_eq!((self.read)(&good), Some(self.bytes.clone()));
        let mut refused = self.spelled();
        refused.extend(self.encoded());
        refused.extend(more);
        let one = |(why, text): &(&str, String)| {
            assert_eq!((self.read)(text), None, "{why}");
            assert_ne!(*text, good, "{why}");
            json!({ "why": why, "text": text })
        };
        json!({
            "accepted": { "text": good, "bytes": hex(&self.bytes) },
            "refused": refused.iter().map(one).collect::<Vec<_>>(),
        })
    }

    /// Other characters.
    fn spelled(&self) -> Vec<(&'static str, String)> {
        let good = self.good();
        let other_case = if self.hrp == PUBLIC {
            good.to_ascii_uppercase()
        } else {
            good.to_ascii_lowercase()
        };
        let last = good.len() - 1;
        vec![
            ("all of it in the other case", other_case),
            ("one letter of the name in the other case", self.mixed(0)),
            ("one letter of the data in the other case", self.mixed(self.data())),
            (
                "one character of the data is another",
                self.other_character(self.data() + 9, ["q", "p"]),
            ),
            (
                "one character of the checksum is another",
                self.other_character(last, ["q", "p"]),
            ),
            (
                "a character that is not of Bech32",
                self.other_character(self.data() + 9, ["b", "i"]),
            ),
            ("without its last character", good[..last].to_owned()),
            ("a blank before it", format!(" {good}")),
            ("a line feed after it", format!("{good}\n")),
            ("nothing", String::new()),
        ]
    }

    /// Right checksums over what is not right.
    fn encoded(&self) -> Vec<(&'static str, String)> {
        let bits = 5 - self.bytes.len() * 8 % 5;
        assert!((1..5).contains(&bits), "the padding is wanted");
        let bech32m = write(self.hrp, &self.bytes.to_base32(), Variant::Bech32m);
        let padded = self.regrouped(|groups| {
            let last = groups.last_mut().unwrap();
            *last = u5::try_from_u8(last.to_u8() | 1).unwrap();
        });
        let short = &self.bytes[..self.bytes.len() - 1];
        let mut cases = vec![
            ("the checksum of Bech32m", (self.cased)(&bech32m)),
            ("a padding bit that is 1", padded),
            (
                "a group too few",
                self.regrouped(|groups| groups.truncate(groups.len() - 1)),
            ),
            ("a byte too few", self.of(short)),
            ("a byte too many", self.of(&[&self.bytes[..], &[0]].concat())),
            ("no data", self.of(&[])),
        ];
        // With more bits left over, five more would be a byte.
        if bits + 5 < 8 {
            let longer = self.regrouped(|groups| groups.push(u5::default()));
            cases.push(("a group of five zero bits too many", longer));
        }
        cases
    }
}

pub fn vectors() -> Value {
    let (public, secret) = (Kind::recipients(), Kind::identities());
    // ML-KEM's coefficients are below 3,329; twelve set bits are 4,095.
    let mut unreduced = public.bytes.clone();
    unreduced[0] = 0xff;
    unreduced[1] |= 0x0f;
    let mut low = public.bytes.clone();
    let at = low.len() - 32;
    low[at..].fill(0);
    json!({
        "about": [
            "How keys are written (sections 0 and 21): Bech32 without a limit of length; recipients in lower case, identities in upper",
            "case, and in no other way. Every text under `refused` differs from the one accepted in one thing, which `why` names; its",
            "checksum is right for what it holds unless the checksum, a character or the case is that thing. The recipient is that of",
            "the identity. JSON strings of statements are read by the same rule.",
        ],
        "recipients": public.vectors(vec![
            ("the name of another recipient: age", public.named("age")),
            ("the name of another recipient: age1tagpq", public.named("age1tagpq")),
            ("a coefficient of ML-KEM's key that is not reduced", public.of(&unreduced)),
            ("X25519's key is zero, of low order", public.of(&low)),
            ("an identity", secret.good()),
        ]),
        "identities": secret.vectors(vec![
            ("the name of another identity: AGE-SECRET-KEY-", secret.named("age-secret-key-")),
            ("a recipient", public.good()),
        ]),
    })
}
