//! The interface of `assess` as JSON Schema (2020-12), made from its types and from the names of the law files.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::answer::{Answer, Sentence};
use crate::case::Wire;
use crate::library::Library;
use crate::offence::PenaltyShown;

/// A day, a month, a year, or two of them.
const DATE: &str = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?(/[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$";

/// What is asked: a name that no field and no fact has is refused.
pub fn case_schema(library: &Library) -> Value {
    let mut schema = of::<Wire>(SchemaSettings::draft2020_12());
    let facts: Vec<&String> = library.index.keys().collect();
    schema["properties"]["facts"]["propertyNames"] = json!({ "enum": facts });
    schema["properties"]["passages"]["propertyNames"] = json!({ "enum": facts });
    let or_null = |kind: Value| json!({ "anyOf": [kind, { "type": "null" }] });
    schema["properties"]["date"] = or_null(json!({ "type": "string", "pattern": DATE }));
    let entities = library.entities.iter();
    let codes = entities.flat_map(|entity| std::iter::once(&entity.id).chain(&entity.aliases));
    schema["properties"]["entity"] = or_null(json!({ "enum": codes.collect::<Vec<_>>() }));
    schema
}

/// What is answered.
pub fn answer_schema() -> Value {
    of::<Answer>(SchemaSettings::draft2020_12().for_serialize())
}

fn of<T: JsonSchema>(settings: SchemaSettings) -> Value {
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// `[from, to]`, in numbers of at most two decimals and as exact fractions; a fine that the text does not state is `null`.
fn numbers() -> Value {
    let pair = |kind: &str, of: Value| json!({ "type": of, "items": { "type": kind }, "minItems": 2, "maxItems": 2 });
    let (stated, or_null) = (json!("array"), json!(["array", "null"]));
    json!({
        "years": pair("number", stated.clone()),
        "fine_days": pair("number", or_null.clone()),
        "exact": {
            "type": "object",
            "properties": { "years": pair("string", stated), "fine_days": pair("string", or_null) },
            "required": ["years", "fine_days"],
            "additionalProperties": false,
        },
    })
}

impl JsonSchema for PenaltyShown {
    fn schema_name() -> Cow<'static, str> {
        "PenaltyShown".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": numbers(),
            "required": ["years", "fine_days", "exact"],
            "additionalProperties": false,
        })
    }
}

impl JsonSchema for Sentence {
    fn schema_name() -> Cow<'static, str> {
        "Sentence".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = numbers();
        properties["compounded"] = generator.subschema_for::<PenaltyShown>().to_value();
        properties["lines"] = json!({ "type": "array", "items": { "type": "string" } });
        json_schema!({
            "type": "object",
            "properties": properties,
            "required": ["years", "fine_days", "exact", "lines"],
            "additionalProperties": false,
        })
    }
}
