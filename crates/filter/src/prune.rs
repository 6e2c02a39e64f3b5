//! Whether any row can pass, told from the smallest and largest values of fields.

use crate::ast::Comparison;
use crate::plan::{Access, Limit, Node, Operand, Test};
use elanus_types::{FieldId, Value};
use std::cmp::Ordering;

/// The smallest and the largest value of a field, nulls left out.
pub type Bounds<'b> = (&'b Value, &'b Value);

/// False when no row can be true, for values within bounds. Only integers and texts are told apart: equality of floats
/// depends on their width.
pub(crate) fn can_pass<'b>(node: &Node, bounds: &dyn Fn(FieldId) -> Option<Bounds<'b>>) -> bool {
    match node {
        Node::Known(value) => *value,
        Node::And(operands) => operands.iter().all(|operand| can_pass(operand, bounds)),
        Node::Or(operands) => operands.iter().any(|operand| can_pass(operand, bounds)),
        Node::Test(Operand { field, access: Access::Scalar(_), .. }, test) => {
            bounds(*field).is_none_or(|bounds| test_can_pass(test, bounds))
        }
        _ => true,
    }
}

fn test_can_pass(test: &Test, (min, max): Bounds<'_>) -> bool {
    let below = |value: &Value| order(value, min) == Some(Ordering::Less);
    let above = |value: &Value| order(value, max) == Some(Ordering::Greater);
    let at = |value: &Value, end: &Value| order(value, end) == Some(Ordering::Equal);
    let from = |limit: &Limit| above(&limit.value) || (!limit.inclusive && at(&limit.value, max));
    let to = |limit: &Limit| below(&limit.value) || (!limit.inclusive && at(&limit.value, min));
    match test {
        Test::Compare(Comparison::Eq, value) => !below(value) && !above(value),
        Test::Compare(Comparison::Ne, value) => !(at(value, min) && at(value, max)),
        Test::Compare(Comparison::Lt, value) => !below(value) && !at(value, min),
        Test::Compare(Comparison::Le, value) => !below(value),
        Test::Compare(Comparison::Gt, value) => !above(value) && !at(value, max),
        Test::Compare(Comparison::Ge, value) => !above(value),
        Test::Between(low, high) => !from(low) && !to(high),
        Test::In(members) => members.values().iter().any(|value| !below(value) && !above(value)),
        _ => true,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Str(left), Value::Str(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Rows, column};
    use elanus_types::input::FilterText;
    use elanus_types::{CollectionSchema, DataType, FieldSchema};

    #[test]
    fn what_is_ruled_out_has_no_true_row() {
        let mut random = fastrand::Rng::with_seed(8);
        let number = FieldSchema::new(100, "n", DataType::Int8);
        let text = FieldSchema::new(101, "t", DataType::VarChar);
        let fields = vec![number.clone(), text.clone()];
        let schema = CollectionSchema { fields, ..CollectionSchema::default() };
        let mut ruled_out = 0;
        for _ in 0..4000 {
            let rows = random.usize(1..4);
            let numbers: Vec<i64> = (0..rows).map(|_| random.i64(-3..4)).collect();
            let texts: Vec<String> = numbers.iter().map(|n| format!("t{}", n + 5)).collect();
            let values = |list: &[String]| list.iter().map(|t| Value::Str(t.clone())).collect::<Vec<_>>();
            let whole: Vec<Value> = numbers.iter().map(|n| Value::Int(*n)).collect();
            let columns = vec![(100, column(&number, &whole)), (101, column(&text, &values(&texts)))];
            let source = Rows { rows, columns };
            let ends = |list: &[Value]| {
                let sort = |a: &&Value, b: &&Value| order(a, b).expect("one type");
                (list.iter().min_by(sort).cloned(), list.iter().max_by(sort).cloned())
            };
            let (numbers, texts) = (ends(&whole), ends(&values(&texts)));
            let mut leaf = || {
                let (a, b) = (random.i64(-5..6), random.i64(-5..6));
                let sign = ["==", "!=", "<", "<=", ">", ">="][random.usize(0..6)];
                match random.u8(0..4) {
                    0 => format!("n {sign} {a}"),
                    1 => format!("t {sign} \"t{}\"", a + 5),
                    2 => format!("n in [{a}, {b}]"),
                    _ => format!("{} < n <= {}", a.min(b), a.max(b) + 1),
                }
            };
            let filter = format!("{} and ({} or not ({}))", leaf(), leaf(), leaf());
            let predicate = crate::compile(&FilterText::new(filter.as_str()), &schema).expect("binds");
            let Some(predicate) = predicate else { continue };
            let bounds = |field: FieldId| {
                let (min, max) = if field == 100 { &numbers } else { &texts };
                min.as_ref().zip(max.as_ref())
            };
            if !predicate.can_pass(&bounds) {
                ruled_out += 1;
                assert_eq!(predicate.evaluate(&source).expect("runs").count(), 0, "{filter}");
            }
        }
        assert!(ruled_out > 1000, "{ruled_out}");
    }
}
