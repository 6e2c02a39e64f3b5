//! Comparisons of two fields.

use super::{Run, Truth};
use crate::ast::Comparison;
use crate::plan::Operand;
use elanus_kernels::Bitmap;
use elanus_types::ColumnRef;

impl Run<'_> {
    /// `left op right`; unknown where either is null.
    pub(super) fn fields(&self, left: &Operand, comparison: Comparison, right: &Operand) -> Truth {
        let (Some(left), Some(right)) = (self.gathered(left), self.gathered(right)) else {
            return Truth::unknown(self.rows);
        };
        let (left, right) = (left.view(), right.view());
        let yes = compare(&left.data, comparison, &right.data);
        let first = self.over(&left, yes);
        let second = self.over(&right, Bitmap::ones(self.rows));
        // Where one side is unknown the conjunction could still be false through the other; here it may not be.
        let mut unknown = first.unknown.unwrap_or_else(|| Bitmap::zeros(self.rows));
        if let Some(other) = &second.unknown {
            unknown.or(other);
        }
        let mut yes = first.yes;
        yes.and_not(&unknown);
        Truth { yes, unknown: Some(unknown) }
    }
}

/// Numbers of different types meet in the type C++ would choose: double, else float, else 64-bit integers.
fn compare(left: &ColumnRef<'_>, comparison: Comparison, right: &ColumnRef<'_>) -> Bitmap {
    match (left, right) {
        (ColumnRef::Bool(left), ColumnRef::Bool(right)) => zip(left, right, comparison),
        (ColumnRef::Bytes { .. }, ColumnRef::Bytes { .. }) => {
            let mut map = Bitmap::zeros(left.len().min(right.len()));
            for row in 0..map.len() {
                if comparison.holds(left.bytes(row).partial_cmp(&right.bytes(row))) {
                    map.set(row);
                }
            }
            map
        }
        (ColumnRef::Double(_), _) | (_, ColumnRef::Double(_)) => {
            zip(&doubles(left), &doubles(right), comparison)
        }
        (ColumnRef::Float(_), _) | (_, ColumnRef::Float(_)) => {
            zip(&singles(left), &singles(right), comparison)
        }
        _ => zip(&integers(left), &integers(right), comparison),
    }
}

fn zip<T: PartialOrd>(left: &[T], right: &[T], comparison: Comparison) -> Bitmap {
    let pairs = left.iter().zip(right);
    let bits: Vec<bool> = pairs.map(|(left, right)| comparison.holds(left.partial_cmp(right))).collect();
    Bitmap::from_bools(&bits)
}

macro_rules! widened {
    ($name:ident, $to:ty) => {
        fn $name(data: &ColumnRef<'_>) -> Vec<$to> {
            match data {
                ColumnRef::Int8(v) => v.iter().map(|x| *x as $to).collect(),
                ColumnRef::Int16(v) => v.iter().map(|x| *x as $to).collect(),
                ColumnRef::Int32(v) => v.iter().map(|x| *x as $to).collect(),
                ColumnRef::Int64(v) => v.iter().map(|x| *x as $to).collect(),
                ColumnRef::Float(v) => v.iter().map(|x| *x as $to).collect(),
                ColumnRef::Double(v) => v.iter().map(|x| *x as $to).collect(),
                _ => Vec::new(),
            }
        }
    };
}

widened!(integers, i64);
widened!(singles, f32);
widened!(doubles, f64);
