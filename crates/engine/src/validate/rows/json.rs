//! JSON values and the dynamic keys of `$meta`.

use super::presence::Presence;
use super::text;
use crate::validate::{Limits, invalid};
use bytes::Bytes;
use elanus_types::schema::DYNAMIC_FIELD_NAME;
use elanus_types::{CollectionSchema, ColumnData, Error, FieldSchema, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// JSON values, kept as the text they came as.
pub(super) fn column(
    field: &FieldSchema,
    schema: &CollectionSchema,
    texts: &[Bytes],
    presence: &Presence<'_>,
    limits: &Limits,
) -> Result<ColumnData> {
    for (row, at) in presence.present() {
        let text = texts.get(at).map_or(&[][..], |text| text);
        json_length(field, text.len(), limits)?;
        if field.dynamic {
            check_dynamic(schema, row, text)?;
        } else {
            check_json(field, row, text)?;
        }
    }
    text::joined(field, texts)
}

/// The size limit of one value.
pub(crate) fn json_length(field: &FieldSchema, length: usize, limits: &Limits) -> Result<()> {
    let most = limits.json_length;
    if length <= most {
        return Ok(());
    }
    let (message, what) = if field.dynamic {
        (format!("the length ({length}) of dynamic field exceeds max length ({most})"), "dynamic field")
    } else {
        (
            format!("the length ({length}) of json field ({}) exceeds max length ({most})", field.name),
            "json string",
        )
    };
    Err(Error::expected(message, format!("valid length {what}"), "length exceeds max length"))
}

/// Whether a text is one JSON value that a filter can read.
pub(crate) fn check_json(field: &FieldSchema, row: usize, text: &[u8]) -> Result<()> {
    match serde_json::from_slice::<WellFormed>(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(invalid(format!("json field {} is invalid, row number: {row}, {error}", field.name)))
        }
    }
}

/// Whether a text is a JSON object without keys that stand for declared fields.
pub(crate) fn check_dynamic(schema: &CollectionSchema, row: usize, text: &[u8]) -> Result<()> {
    if text == b"{}" {
        return Ok(());
    }
    let Keys(keys) = serde_json::from_slice(text).map_err(|error| {
        invalid(format!("dynamic field must be a json object, row number: {row}, {error}"))
    })?;
    for key in &keys {
        if key == DYNAMIC_FIELD_NAME {
            return Err(invalid(format!("cannot set key to {DYNAMIC_FIELD_NAME} when enable dynamic field")));
        }
        if schema.visible().any(|field| field.name == *key) || schema.structure(key).is_some() {
            return Err(invalid(format!("dynamic field name cannot include the static field name: {key}")));
        }
    }
    Ok(())
}

/// Any JSON value, read and forgotten. Unlike `IgnoredAny` it refuses what a later read into a value would: too deep
/// nesting, numbers beyond a double, broken escapes.
struct WellFormed;

/// The keys of an object; the values are [`WellFormed`].
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for WellFormed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = WellFormed;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a json value")
            }
            fn visit_bool<E>(self, _: bool) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_i64<E>(self, _: i64) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_u64<E>(self, _: u64) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_f64<E>(self, _: f64) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_str<E>(self, _: &str) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_unit<E>(self) -> Result<WellFormed, E> {
                Ok(WellFormed)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WellFormed, A::Error> {
                while items.next_element::<WellFormed>()?.is_some() {}
                Ok(WellFormed)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<WellFormed, A::Error> {
                while entries.next_entry::<WellFormed, WellFormed>()?.is_some() {}
                Ok(WellFormed)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Keys;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, WellFormed)) = entries.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
