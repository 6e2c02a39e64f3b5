//! Questions about the words of a text: `text_match`, `phrase_match`, `text_match_fuzzy`.

use super::{Binder, Bound, Constant};
use crate::ast::{Call, Node};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Operand, TextQuery, Words};
use elanus_types::{DataType, Value};

/// Most clauses that may be asked to match.
const MOST_CLAUSES: i64 = 1000;

impl Binder<'_> {
    /// `text_match(field, "words", minimum_should_match = 2)`.
    pub(super) fn text_match(&self, call: &Call) -> Outcome<Bound> {
        let [field, text] = self.two(call)?;
        let (operand, text) = self.searched(call, "text match", field, text)?;
        let minimum = match self.option(call, "minimum_should_match")? {
            Some(number) if number < 1 => {
                return invalid(format!("minimum_should_match should be >= 1, got {number}"));
            }
            Some(number) if number > MOST_CLAUSES => {
                return invalid(format!("minimum_should_match should be <= {MOST_CLAUSES}, got {number}"));
            }
            number => number.unwrap_or(1) as u32,
        };
        Ok(asked(operand, text, Words::Any { minimum }))
    }

    /// `text_match_fuzzy(field, "words", max_edit_distance = 1)`.
    pub(super) fn text_match_fuzzy(&self, call: &Call) -> Outcome<Bound> {
        let [field, text] = self.two(call)?;
        let (operand, text) = self.searched(call, "text match", field, text)?;
        match self.option(call, "max_edit_distance")? {
            Some(number @ 0..=2) => Ok(asked(operand, text, Words::Fuzzy { distance: number as u8 })),
            Some(number) => invalid(format!("max_edit_distance should be in [0, 2], got {number}")),
            None => invalid("text_match_fuzzy needs max_edit_distance, for example max_edit_distance = 1"),
        }
    }

    /// `phrase_match(field, "words", slop)`.
    pub(super) fn phrase_match(&self, call: &Call) -> Outcome<Bound> {
        self.option(call, "")?;
        let (field, text, slop) = match call.arguments.as_slice() {
            [field, text] => (field, text, 0),
            [field, text, slop] => (field, text, self.integer("\"slop\"", slop)?),
            other => return invalid(format!("{} takes 2 or 3 arguments, got {}", call.name, other.len())),
        };
        let (operand, text) = self.searched(call, "phrase match", field, text)?;
        match u32::try_from(slop) {
            Ok(slop) => Ok(asked(operand, text, Words::Phrase { slop })),
            Err(_) if slop < 0 => {
                invalid(format!("\"slop\" should not be a negative interger. \"slop\" passed: {slop}"))
            }
            Err(_) => invalid(format!("\"slop\" exceeds the range of \"uint32\". \"slop\" passed: {slop}")),
        }
    }

    fn two<'c>(&self, call: &'c Call) -> Outcome<[&'c Node; 2]> {
        match call.arguments.as_slice() {
            [field, text] => Ok([field, text]),
            other => invalid(format!("{} takes 2 arguments, got {}", call.name, other.len())),
        }
    }

    /// The field and the text to look for; `what` is the operation's name in messages.
    fn searched(&self, call: &Call, what: &str, field: &Node, text: &Node) -> Outcome<(Operand, String)> {
        let operand = match self.bound(field)? {
            Bound::Operand(operand) if matches!(operand.access, Access::Scalar(DataType::VarChar)) => operand,
            _ => return invalid(format!("{what} operation on non-string is unsupported")),
        };
        let field = self.schema.field_by_id(operand.field);
        let params = field.into_iter().flat_map(|field| &field.type_params);
        let enabled =
            |(key, value): &(String, String)| key == "enable_match" && value.eq_ignore_ascii_case("true");
        if !params.into_iter().any(enabled) {
            let name = field.map_or("", |field| field.name.as_str());
            return invalid(format!("field \"{name}\" does not enable match"));
        }
        match self.bound(text)? {
            Bound::Constant(Constant { value: Value::Str(text), .. }) => Ok((operand, text)),
            _ => invalid(format!("{} needs a text to look for, but got: {}", call.name, self.shown(text))),
        }
    }

    /// The value of the only option a call may have.
    fn option(&self, call: &Call, known: &str) -> Outcome<Option<i64>> {
        if let Some((name, _)) = call.options.iter().find(|(name, _)| name != known) {
            return invalid(format!("{} has no option {name}", call.name));
        }
        call.options.first().map(|(name, value)| self.integer(name, value)).transpose()
    }

    fn integer(&self, name: &str, node: &Node) -> Outcome<i64> {
        match self.bound(node)? {
            Bound::Constant(Constant { value: Value::Int(number), .. }) => Ok(number),
            _ => invalid(format!("{name} should be a const integer, but got: {}", self.shown(node))),
        }
    }
}

fn asked(operand: Operand, text: String, words: Words) -> Bound {
    Bound::Condition(plan::Node::Text(Box::new(TextQuery { operand, text, words })))
}
