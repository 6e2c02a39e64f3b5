//! One JSON value and its comparisons with constants.

use super::scan::{Cursor, elements};
use super::text::unescape;
use elanus_types::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of a document; containers stay text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'d> {
    Null,
    Bool(bool),
    /// A number without point or exponent that fits 64 signed bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    Text(Cow<'d, [u8]>),
    /// With its brackets.
    Array(&'d [u8]),
    Object,
}

impl<'d> Json<'d> {
    /// Reads the value that `bytes` holds, no blanks around it; `None` when it is none.
    pub(crate) fn read(bytes: &'d [u8]) -> Option<Self> {
        Some(match bytes {
            [b'"', raw @ .., b'"'] => Json::Text(unescape(raw)),
            [b'[', ..] => Json::Array(bytes),
            [b'{', ..] => Json::Object,
            b"true" => Json::Bool(true),
            b"false" => Json::Bool(false),
            b"null" => Json::Null,
            [b'-' | b'0'..=b'9', ..] => number(bytes)?,
            _ => return None,
        })
    }

    /// The order of this value and a constant; `Err` = they are of different classes. `Ok(None)` = no order (NaN).
    pub(crate) fn compare(&self, constant: &Value) -> Result<Option<Ordering>, DifferentClass> {
        Ok(match (self, constant) {
            (Json::Bool(a), Value::Bool(b)) => a.partial_cmp(b),
            (Json::Int(a), Value::Int(b)) => a.partial_cmp(b),
            (Json::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
            (Json::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
            (Json::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Json::Text(a), Value::Str(b)) => a.as_ref().partial_cmp(b.as_bytes()),
            _ => return Err(DifferentClass),
        })
    }

    /// Deep equality with a constant; different classes are unequal.
    pub(crate) fn equals(&self, constant: &Value) -> bool {
        match (self, constant) {
            (Json::Array(array), Value::Array(list)) => list_equals(array, list),
            _ => self.compare(constant).is_ok_and(|order| order == Some(Ordering::Equal)),
        }
    }
}

/// Two values that cannot be compared.
#[derive(Debug, PartialEq)]
pub(crate) struct DifferentClass;

/// Whether an array (with its brackets) holds exactly the values of `list`, in order.
pub(crate) fn list_equals(array: &[u8], list: &[Value]) -> bool {
    let mut wanted = list.iter();
    let all = elements(array).all(|element| match (Json::read(element), wanted.next()) {
        (Some(value), Some(constant)) => value.equals(constant),
        _ => false,
    });
    all && wanted.next().is_none()
}

fn number(bytes: &[u8]) -> Option<Json<'static>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_whole = !bytes.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    match text.parse() {
        Ok(whole) if is_whole => Some(Json::Int(whole)),
        _ => text.parse().ok().map(Json::Float),
    }
}

/// Whether a value holds nothing: null, or containers of nothing but nulls and empty containers. Every scalar
/// that is not null shows itself by its first byte, so one pass without recursion tells.
pub(crate) fn is_empty(bytes: &[u8]) -> bool {
    let mut cursor = Cursor::new(bytes);
    while let Some(byte) = cursor.peek() {
        match byte {
            b'"' => {
                let is_key = cursor.string().is_some() && cursor.accept(b':');
                if !is_key {
                    return false;
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' => return false,
            _ => cursor.at += 1,
        }
    }
    true
}
