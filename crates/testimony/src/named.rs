//! Identifiers of those who hurt her, as she wrote them (§19 «Identifiers»). The document holds no normal form: whoever reads
//! derives it by the same crate, so it cannot say something else than her text, and what has none is still there.

use std::collections::BTreeMap;

use identifiers::{Identifier, IdentifierError, Kind};
use serde_json::Value;

/// The field of the form that holds them.
pub(crate) const FIELD: &str = "identifiers";
/// Most of them in one document.
pub const NAMED_MAX: usize = 8;
/// Longest text of one, in characters.
pub const NAMED_TEXT_MAX: usize = 512;

/// One identifier.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is of.
    pub kind: Kind,
    /// The state of a plate or the service of a handle, by its code; other kinds have none.
    pub of: Option<String>,
    /// As she wrote it.
    pub text: String,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Named({}, …)", self.kind.code())
    }
}

impl Named {
    /// Its normal form.
    ///
    /// # Errors
    /// [`IdentifierError`] says why it has none.
    pub fn identifier(&self) -> Result<Identifier, IdentifierError> {
        Identifier::read(self.kind, self.of.as_deref(), &self.text)
    }

    /// A record of the form, whatever it holds besides.
    fn read(record: &Value) -> Option<Self> {
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        Some(Self {
            kind: Kind::read(text("kind")?)?,
            of: text("of").map(str::to_owned),
            text: text("text")?.to_owned(),
        })
    }
}

/// Those among the answers that this version can read, in her order: lenient, as all reading is. The answers in words show
/// every one.
pub fn named(answers: &BTreeMap<String, Value>) -> Vec<Named> {
    let records = answers.get(FIELD).and_then(Value::as_array);
    records.into_iter().flatten().filter_map(Named::read).collect()
}

/// Which rule of the form they break. A text without a normal form breaks none.
pub(crate) fn fault(value: &Value) -> Option<&'static str> {
    let Some(records) = value.as_array() else {
        return Some("is not a list of records");
    };
    if records.len() > NAMED_MAX {
        return Some("has more than eight records");
    }
    let fits = |record: &Value| {
        let keys = record.as_object().map(|record| record.keys());
        let is_known = keys.is_some_and(|mut keys| keys.all(|key| ["kind", "of", "text"].contains(&key.as_str())));
        let is_text = record.get("of").is_none_or(Value::is_string);
        let of_kind = |named: Named| match named.kind {
            Kind::Plate | Kind::Handle => true,
            Kind::Phone | Kind::Email | Kind::Account => named.of.is_none(),
        };
        is_known && is_text && Named::read(record).is_some_and(of_kind)
    };
    if !records.iter().all(fits) {
        return Some("has a record that is not a kind of identifier and its text");
    }
    let is_short = |record: &Value| {
        let length = |name: &str| {
            record
                .get(name)
                .and_then(Value::as_str)
                .map_or(0, |text| text.chars().count())
        };
        length("text") <= NAMED_TEXT_MAX && length("of") <= NAMED_TEXT_MAX
    };
    (!records.iter().all(is_short)).then_some("has a text of more than 512 characters")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check, in_words};
    use serde_json::json;

    fn answers(records: Value) -> BTreeMap<String, Value> {
        BTreeMap::from([(FIELD.to_owned(), records)])
    }

    fn phone(text: &str) -> Value {
        json!({ "kind": "phone", "text": text })
    }

    #[test]
    fn what_she_wrote_is_kept_and_its_normal_form_is_derived() {
        let told = answers(json!([
            phone("(55) 1234 5678"),
            { "kind": "plate", "of": "MX-PUE", "text": "twa 12-34" },
            { "kind": "handle", "of": "instagram", "text": "@Alguien" },
            { "kind": "email", "text": "alguien, en correo" },
        ]));
        assert_eq!(check(&told), Ok(()));
        let named = named(&told);
        let normal: Vec<_> = named.iter().map(Named::identifier).collect();
        let shown: Vec<_> = normal
            .iter()
            .map(|normal| normal.as_ref().map(Identifier::normal).map_err(|error| error.code()))
            .collect();
        let all = [
            Ok("+525512345678"),
            Ok("MX-PUE:TWA1234"),
            Ok("instagram:alguien"),
            Err("email-form"),
        ];
        assert_eq!(shown, all);
        assert_eq!((named[3].text.as_str(), named.len()), ("alguien, en correo", 4));
        assert!(
            !format!("{named:?}").contains("1234"),
            "nothing of it is shown by Debug"
        );
    }

    /// Eight and no more, 512 characters and no more, of the kinds that there are and with nothing beside.
    #[test]
    fn what_does_not_fit_the_form_is_named() {
        let fault = |records: Value| check(&answers(records)).err().map(|faults| faults[0].reason);
        let many = |count: usize| Value::from(vec![phone("55 1234 5678"); count]);
        assert_eq!(fault(many(NAMED_MAX)), None);
        assert_eq!(fault(many(NAMED_MAX + 1)), Some("has more than eight records"));
        let long = |count: usize| json!([phone(&"ñ".repeat(count))]);
        assert_eq!(fault(long(NAMED_TEXT_MAX)), None);
        assert_eq!(
            fault(long(NAMED_TEXT_MAX + 1)),
            Some("has a text of more than 512 characters")
        );
        assert_eq!(fault(json!([])), None);
        assert_eq!(fault(Value::Null), None);
        assert_eq!(fault(phone("x")), Some("is not a list of records"));
        let bad = Some("has a record that is not a kind of identifier and its text");
        for record in [
            json!("55 1234 5678"),
            json!({ "text": "55 1234 5678" }),
            json!({ "kind": "nickname", "text": "El Güero" }),
            json!({ "kind": "phone" }),
            json!({ "kind": "phone", "text": 5_512_345_678_u64 }),
            json!({ "kind": "phone", "of": "MX-PUE", "text": "55 1234 5678" }),
            json!({ "kind": "plate", "of": 7, "text": "TWA1234" }),
            json!({ "kind": "phone", "text": "55 1234 5678", "normal": "+525599999999" }),
        ] {
            assert_eq!(fault(json!([record])), bad, "{record}");
        }
    }

    /// Nothing that she wrote is lost for its form, and no text of hers is taken for a code of the form.
    #[test]
    fn a_reader_takes_what_it_can_and_shows_all_in_words() {
        let told = answers(json!([phone("phone"), { "kind": "later-kind", "text": "x" }, 7, phone("55 1234 5678")]));
        assert_eq!(named(&told).len(), 2);
        let said = &in_words(&told)[0];
        assert_eq!(
            said.answer.es,
            "qué: teléfono; como lo escribió: phone, qué: later-kind; como lo escribió: x, 7, qué: teléfono; como lo \
             escribió: 55 1234 5678"
        );
        assert!(named(&BTreeMap::new()).is_empty());
        assert!(named(&answers(json!({ "kind": "phone" }))).is_empty());
    }
}
