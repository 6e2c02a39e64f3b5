//! Judging requests: pure checks with Milvus's codes and texts, done before anything is changed.
//!
//! Nothing here does I/O or keeps state, so a request that is wrong in any way is refused whole. Who may be
//! what:
//!
//! | role | types | may not be |
//! |---|---|---|
//! | primary key (exactly one) | Int64, VarChar | nullable, defaulted |
//! | auto id | the primary key | anything else |
//! | partition key (at most one) | Int64, VarChar | primary key, nullable |
//! | clustering key (at most one) | numbers, VarChar | a vector |
//! | nullable | every type | primary key, partition key |
//! | defaulted | Bool, numbers, VarChar, Timestamptz, Geometry | primary key |
//! | indexed | every type, one index per field (JSON: per path) | |

pub mod defaults;
pub mod field;
pub mod index;
pub mod limits;
pub mod merge;
pub mod names;
pub mod properties;
pub mod range;
pub mod rows;
pub mod schema;
pub mod structure;

pub use limits::Limits;

use elanus_types::{Error, ErrorKind};
use std::fmt::Display;

/// A wrong parameter the way Milvus words it: the sentinel follows the message.
pub(crate) fn invalid(message: impl Display) -> Error {
    Error::invalid(format!("{message}: invalid parameter"))
}

/// The same of an error of the registry of indexes, unless it says so itself.
pub(crate) fn as_invalid(error: Error) -> Error {
    match error.message().contains("invalid parameter") {
        true => error,
        false => invalid(error.message()),
    }
}

/// A missing parameter (code 1101).
pub(crate) fn missing(message: impl Display) -> Error {
    Error::new(ErrorKind::MissingParameter, format!("{message}: missing parameter"))
}

/// A field that does not exist (code 1700).
pub(crate) fn field_not_found(name: &str) -> Error {
    Error::new(ErrorKind::FieldNotFound, format!("field not found[field={name}]"))
}

/// Reads a boolean as clients spell it (`true`, `True`, `1`…).
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}
