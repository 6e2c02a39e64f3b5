//! Arithmetic over columns.

use crate::plan::{Arithmetic, Operator};
use elanus_types::{ColumnData, ColumnRef, Value};

/// `column operator constant` as a column: integers in 64 bits, FLOAT in single precision, everything else in
/// double.
pub(super) fn arithmetic(data: &ColumnRef<'_>, arithmetic: &Arithmetic) -> ColumnData {
    let operator = arithmetic.operator;
    match (data, &arithmetic.right) {
        (ColumnRef::Int8(v), right) => whole(v, operator, right),
        (ColumnRef::Int16(v), right) => whole(v, operator, right),
        (ColumnRef::Int32(v), right) => whole(v, operator, right),
        (ColumnRef::Int64(v), right) => whole(v, operator, right),
        (ColumnRef::Float(v), Value::Float(right)) => {
            let right = *right as f32;
            ColumnData::Float(v.iter().map(|x| operator.singles(*x, right)).collect())
        }
        (ColumnRef::Double(v), Value::Float(right)) => {
            ColumnData::Double(v.iter().map(|x| operator.doubles(*x, *right)).collect())
        }
        _ => ColumnData::Double(vec![f64::NAN; data.len()]),
    }
}

fn whole<T: Copy + Into<i64>>(values: &[T], operator: Operator, right: &Value) -> ColumnData {
    match right {
        Value::Int(right) => {
            ColumnData::Int64(values.iter().map(|x| operator.integers((*x).into(), *right)).collect())
        }
        Value::Float(right) => {
            ColumnData::Double(values.iter().map(|x| operator.doubles((*x).into() as f64, *right)).collect())
        }
        _ => ColumnData::Double(vec![f64::NAN; values.len()]),
    }
}
