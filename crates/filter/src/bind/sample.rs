//! `random_sample(0.1)`: a random part of the rows that pass the rest.

use super::{Binder, Bound, Constant};
use crate::ast::Call;
use crate::error::{Outcome, invalid};
use crate::plan::Node;
use elanus_types::Value;

/// How near to none and to all of the rows a sample may come.
const MARGIN: f64 = 1e-10;

impl Binder<'_> {
    pub(super) fn random_sample(&self, call: &Call) -> Outcome<Bound> {
        let [factor] = self.arguments(call)?;
        let number = match self.bound(factor)? {
            Bound::Constant(Constant { value: Value::Float(number), .. }) => number,
            Bound::Constant(Constant { value: Value::Int(number), .. }) => number as f64,
            _ => {
                return invalid(format!(
                    "the sample factor should be a number, but got {}",
                    self.shown(factor)
                ));
            }
        };
        if number > MARGIN && number < 1.0 - MARGIN {
            return Ok(Bound::Sample(Node::Known(true), number));
        }
        invalid(format!(
            "the sample factor should be between 0 and 1 and not too close to 0 or 1(the difference should be larger than 1e-10), but got {number}"
        ))
    }
}

/// Whether a sample may stand where it does: last in an `and` (`all`).
pub(super) fn check_place(all: bool, last: bool) -> Outcome<()> {
    match (all, last) {
        (true, true) => Ok(()),
        (true, false) => {
            invalid("random sample expression can only be the last expression in the logical and expression")
        }
        // Milvus says «and» here too.
        (false, _) => invalid("random sample expression cannot be used in logical and expression"),
    }
}

/// The refusal of a sample under `not`.
pub(super) fn in_unary<T>() -> Outcome<T> {
    invalid("random sample expression cannot be used in unary expression")
}
