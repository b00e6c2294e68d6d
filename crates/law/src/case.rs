//! What is asked: a date, a place, a forum, a stage and facts.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

/// First and last day of the conduct, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub first: Date,
    /// Last day, not before the first.
    pub last: Date,
}

impl Days {
    /// Reads a day, or two with `/` between them; nothing when it is neither or ends before it begins.
    pub fn parse(text: &str) -> Option<Self> {
        days(text).ok()
    }

    /// As it was asked: one day, or `first/last`.
    pub fn shown(self) -> String {
        if self.first == self.last {
            self.first.to_string()
        } else {
            format!("{}/{}", self.first, self.last)
        }
    }
}

/// Which authorities the case belongs to (LGPSEDMTP 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Forum {
    /// Of an entity.
    Local,
    /// Of the Federation.
    Federal,
    /// Not known.
    #[default]
    Unknown,
}

/// How far the conduct went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Carried through.
    #[default]
    Consummated,
    /// LGPSEDMTP 39.
    Attempt,
}

/// One question to the law.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// When; nothing when no date is known.
    pub days: Option<Days>,
    /// Where: ISO 3166-2, as `MX-TLA`.
    pub entity: Option<String>,
    /// Forum.
    pub forum: Forum,
    /// Stage.
    pub stage: Stage,
    /// What is known. A fact that is not here is unknown.
    pub facts: BTreeMap<String, bool>,
}

/// Why a line is not a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseLineError {
    /// No JSON of the form.
    #[error("not a case: {0}")]
    Form(String),
    /// A list, a number or a text.
    #[error("not a case: a JSON object was expected")]
    NoObject,
    /// No date.
    #[error("`{0}` is neither a day (2019-05-10), a month (2019-05), a year (2019) nor a range (2012-01-01/2013-05)")]
    Date(String),
    /// A range that ends before it begins.
    #[error("the range `{0}` ends before it begins")]
    Order(String),
}

/// As on the wire.
#[derive(Deserialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema), schemars(title = "Case"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    entity: Option<String>,
    #[serde(default)]
    forum: Option<Forum>,
    #[serde(default)]
    stage: Option<Stage>,
    #[serde(default, deserialize_with = "once_each")]
    facts: BTreeMap<String, Option<bool>>,
    /// What a report is made from beside the case: read there.
    #[serde(default, rename = "passages")]
    #[cfg_attr(feature = "exchange", schemars(with = "Option<BTreeMap<String, OneOrSeveral>>"))]
    _passages: Option<Passages>,
    /// The same.
    #[serde(default, rename = "filing")]
    #[cfg_attr(
        feature = "exchange",
        schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")
    )]
    _filing: Option<IgnoredAny>,
}

/// Passages, each name once.
#[derive(Deserialize)]
struct Passages(
    #[serde(deserialize_with = "once_each")]
    #[expect(dead_code, reason = "only its form is of interest here")]
    BTreeMap<String, IgnoredAny>,
);

/// For a fact, the words that show it: one passage, or several.
#[cfg(feature = "exchange")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it stands for its form alone")]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

/// Reads an object whose names are free, each at most once: of two values the reader would not know which was meant.
///
/// # Errors
/// Names what stands twice.
pub fn once_each<'de, D: Deserializer<'de>, V: Deserialize<'de>>(from: D) -> Result<BTreeMap<String, V>, D::Error> {
    struct Names<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Names<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object, each name once")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(name) = fields.next_key::<String>()? {
                if map.contains_key(&name) {
                    return Err(A::Error::custom(format_args!("`{name}` stands twice")));
                }
                map.insert(name, fields.next_value()?);
            }
            Ok(map)
        }
    }

    from.deserialize_map(Names(PhantomData))
}

impl Case {
    /// Reads one case. A fact that is `null` is unknown.
    ///
    /// # Errors
    /// [`CaseLineError`], which names what is wrong.
    pub fn from_json(text: &str) -> Result<Self, CaseLineError> {
        // A list would be read as the fields in order.
        if !text.trim_start().starts_with('{') {
            return Err(CaseLineError::NoObject);
        }
        let wire: Wire = serde_json::from_str(text).map_err(|error| CaseLineError::Form(error.to_string()))?;
        Ok(Self {
            days: wire.date.as_deref().map(days).transpose()?,
            entity: wire.entity,
            forum: wire.forum.unwrap_or_default(),
            stage: wire.stage.unwrap_or_default(),
            facts: wire
                .facts
                .into_iter()
                .filter_map(|(fact, value)| value.map(|value| (fact, value)))
                .collect(),
        })
    }
}

/// Reads a day, a month, a year, or two of them with `/` between.
fn days(text: &str) -> Result<Days, CaseLineError> {
    let wrong = || CaseLineError::Date(text.to_owned());
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let days = Days {
        first: period(first).ok_or_else(wrong)?.0,
        last: period(last).ok_or_else(wrong)?.1,
    };
    if days.last < days.first {
        return Err(CaseLineError::Order(text.to_owned()));
    }
    Ok(days)
}

/// First and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn period(text: &str) -> Option<(Date, Date)> {
    match text.len() {
        4 => Some((day(&format!("{text}-01-01"))?, day(&format!("{text}-12-31"))?)),
        7 => {
            let first = day(&format!("{text}-01"))?;
            Some((first, first.last_of_month()))
        }
        _ => day(text).map(|day| (day, day)),
    }
}

/// Reads exactly `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_with_its_defaults() {
        let case = Case::from_json(r#"{"date":"2012-01-01/2013-05-01","facts":{"a":true,"b":null}}"#).unwrap();
        assert_eq!(case.days.unwrap().shown(), "2012-01-01/2013-05-01");
        assert_eq!((case.forum, case.stage), (Forum::Unknown, Stage::Consummated));
        assert_eq!(case.facts, BTreeMap::from([("a".to_owned(), true)]));
    }

    #[test]
    fn what_is_no_date_is_refused_and_a_year_is_a_range() {
        for (text, days) in [
            ("2019", "2019-01-01/2019-12-31"),
            ("2020-02", "2020-02-01/2020-02-29"),
            ("2012/2013-05", "2012-01-01/2013-05-31"),
            ("2012-06-15/2012", "2012-06-15/2012-12-31"),
        ] {
            assert_eq!(Days::parse(text).unwrap().shown(), days, "{text}");
        }
        for date in [
            "2019-02-29",
            "2019-13",
            "201",
            "2019-5",
            "2019-",
            "-2019",
            "",
            "2019-05-10T00:00",
            "20190510",
            "2019-05-10/",
            "ayer",
        ] {
            let line = format!(r#"{{"date":"{date}"}}"#);
            assert!(matches!(Case::from_json(&line), Err(CaseLineError::Date(_))), "{date}");
        }
        let backwards = r#"{"date":"2013-05-01/2012-01-01"}"#;
        assert!(matches!(Case::from_json(backwards), Err(CaseLineError::Order(_))));
        assert!(matches!(
            Case::from_json(r#"{"forum":"military"}"#),
            Err(CaseLineError::Form(_))
        ));
    }

    #[test]
    fn a_name_that_is_twice_there_or_unknown_is_told() {
        for (line, name) in [
            (r#"{"facts":{"a":true,"b":null,"a":false}}"#, "`a` stands twice"),
            (r#"{"facts":{"a":true,"\u0061":true}}"#, "`a` stands twice"),
            (r#"{"passages":{"a":"x","a":"y"}}"#, "`a` stands twice"),
            (r#"{"facts":{"a":true},"facts":{}}"#, "duplicate field `facts`"),
            (r#"{"date":"2019-05-10","date":"2019-05-10"}"#, "duplicate field `date`"),
            (r#"{"fact":{"a":true}}"#, "unknown field `fact`"),
            (r#"{"entitiy":"MX-TLA"}"#, "unknown field `entitiy`"),
        ] {
            let error = Case::from_json(line).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("column"), "{line}: {error}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for line in ["[]", " []", "[null,null,null,null,{}]", "null", "1", "\"a\""] {
            let error = Case::from_json(line).unwrap_err().to_string();
            assert!(error.contains("a JSON object"), "{line}: {error}");
        }
    }
}
