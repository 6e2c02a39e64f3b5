//! What can be wrong with a filter, and the frame Milvus puts around it.

use elanus_types::Error;

/// Longest expression quoted whole in a message.
const QUOTED: usize = 4096;

/// What a filter is compiled for; decides the frame of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Query,
    Delete,
}

/// Why an expression was refused, without the frame.
#[derive(Debug, PartialEq)]
pub(crate) enum Cause {
    /// Grammar and type errors, and what the language knows but Elanus does not do yet: for clients all the same.
    Invalid(String),
    /// The expression is sound but not a condition; holds the type it has.
    NotBoolean(String),
}

/// Result of parsing and binding steps.
pub(crate) type Outcome<T> = Result<T, Cause>;

/// An [`Cause::Invalid`] as the result of a step.
pub(crate) fn invalid<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Cause::Invalid(message.into()))
}

impl Cause {
    /// The error callers see.
    pub(crate) fn into_error(self, purpose: Purpose, expression: &str) -> Error {
        let frame = match purpose {
            Purpose::Query => "failed to create query plan",
            Purpose::Delete => "failed to create delete plan",
        };
        let expression = shorten(expression);
        Error::invalid(match self {
            Cause::Invalid(cause) => {
                format!("{frame}: cannot parse expression: {expression}, error: {cause}: invalid parameter")
            }
            Cause::NotBoolean(data_type) => format!(
                "{frame}: predicate is not a boolean expression: {expression}, data type: {data_type}: invalid parameter"
            ),
        })
    }
}

/// The refusal to delete everything.
pub(crate) fn always_true(expression: &str) -> Error {
    Error::invalid(format!("delete plan can't be empty or always true : {}", shorten(expression)))
}

/// The refusal to delete by a filter that chooses elements.
pub(crate) fn elements_deleted(expression: &str) -> Error {
    Error::invalid(format!(
        "failed to create delete plan: cannot parse expression: {}, error: element_filter chooses elements and a delete takes rows, \
         use match_any: invalid parameter",
        shorten(expression)
    ))
}

/// Keeps messages readable when somebody sends a list of a million keys.
fn shorten(expression: &str) -> String {
    match expression.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &expression[..end]),
        None => expression.to_owned(),
    }
}
