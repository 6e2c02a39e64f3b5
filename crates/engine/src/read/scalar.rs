//! One value of a row, borrowed where it lies, and the order that results are sorted by.

use elanus_types::{ColumnRef, ColumnView};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of a scalar field or of a place in a JSON document.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A null, or a place that the document lacks.
    Null,
    /// BOOL.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// FLOAT or DOUBLE.
    Float(f64),
    /// VARCHAR.
    Text(Cow<'a, [u8]>),
    /// A list or object inside a JSON document, as text.
    Document(Cow<'a, [u8]>),
}

impl<'a> Scalar<'a> {
    /// The value of a row; vectors and arrays have none.
    #[inline]
    pub fn at(view: &ColumnView<'a>, row: usize) -> Self {
        if !view.is_valid(row) {
            return Scalar::Null;
        }
        match &view.data {
            ColumnRef::Bool(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Bool(*v)),
            ColumnRef::Int8(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Int((*v).into())),
            ColumnRef::Int16(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Int((*v).into())),
            ColumnRef::Int32(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Int((*v).into())),
            ColumnRef::Int64(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Int(*v)),
            ColumnRef::Float(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Float((*v).into())),
            ColumnRef::Double(v) => v.get(row).map_or(Scalar::Null, |v| Scalar::Float(*v)),
            ColumnRef::Bytes { .. } => {
                view.data.bytes(row).map_or(Scalar::Null, |text| Scalar::Text(Cow::Borrowed(text)))
            }
            ColumnRef::Array { .. } | ColumnRef::Fixed { .. } => Scalar::Null,
        }
    }

    /// A copy that outlives the column.
    pub fn into_owned(self) -> Scalar<'static> {
        match self {
            Scalar::Null => Scalar::Null,
            Scalar::Bool(v) => Scalar::Bool(v),
            Scalar::Int(v) => Scalar::Int(v),
            Scalar::Float(v) => Scalar::Float(v),
            Scalar::Text(v) => Scalar::Text(Cow::Owned(v.into_owned())),
            Scalar::Document(v) => Scalar::Document(Cow::Owned(v.into_owned())),
        }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Scalar::Null)
    }

    /// Bytes on the heap.
    pub fn heap(&self) -> usize {
        match self {
            Scalar::Text(Cow::Owned(v)) | Scalar::Document(Cow::Owned(v)) => v.capacity(),
            _ => 0,
        }
    }

    /// A total order: flags, numbers, texts by their bytes, documents by theirs, nulls. Integers and floats compare by
    /// value and exactly, zeros are equal whatever their sign, and NaN is the largest number.
    pub fn order(&self, other: &Scalar<'_>) -> Ordering {
        match (self, other) {
            (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
            (Scalar::Int(a), Scalar::Int(b)) => a.cmp(b),
            (Scalar::Float(a), Scalar::Float(b)) => order_floats(*a, *b),
            (Scalar::Int(a), Scalar::Float(b)) => order_mixed(*a, *b),
            (Scalar::Float(a), Scalar::Int(b)) => order_mixed(*b, *a).reverse(),
            (Scalar::Text(a), Scalar::Text(b)) | (Scalar::Document(a), Scalar::Document(b)) => a.cmp(b),
            _ => self.class().cmp(&other.class()),
        }
    }

    /// [`Scalar::order`] as a request wants it: perhaps largest first, and nulls at one of the ends.
    pub fn order_by(&self, other: &Scalar<'_>, descending: bool, nulls_first: bool) -> Ordering {
        match (self.is_null(), other.is_null()) {
            (false, false) if descending => self.order(other).reverse(),
            (false, false) => self.order(other),
            (true, true) => Ordering::Equal,
            (null, _) if null == nulls_first => Ordering::Less,
            _ => Ordering::Greater,
        }
    }

    fn class(&self) -> u8 {
        match self {
            Scalar::Bool(_) => 0,
            Scalar::Int(_) | Scalar::Float(_) => 1,
            Scalar::Text(_) => 2,
            Scalar::Document(_) => 3,
            Scalar::Null => 4,
        }
    }
}

/// Floats in order, NaN last.
pub fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// An integer and a float by value, without rounding either.
fn order_mixed(a: i64, b: f64) -> Ordering {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() || b >= END {
        return Ordering::Less;
    }
    if b < -END {
        return Ordering::Greater;
    }
    let below = b.floor();
    a.cmp(&(below as i64)).then(if b > below { Ordering::Less } else { Ordering::Equal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(mut values: Vec<Scalar<'a>>) -> Vec<Scalar<'a>> {
        values.sort_by(|a, b| a.order(b));
        values
    }

    #[test]
    fn numbers_compare_by_value_whatever_their_type() {
        let ascending = vec![
            Scalar::Bool(true),
            Scalar::Float(f64::NEG_INFINITY),
            Scalar::Int(i64::MIN),
            Scalar::Float(-1.5),
            Scalar::Int(-1),
            Scalar::Float(0.5),
            Scalar::Int(1),
            Scalar::Int((1 << 53) + 1),
            Scalar::Float(9_007_199_254_740_994.0),
            Scalar::Int(i64::MAX),
            Scalar::Float(9.3e18),
            Scalar::Float(f64::INFINITY),
            Scalar::Float(f64::NAN),
            Scalar::Text(b"10"[..].into()),
            Scalar::Text(b"9"[..].into()),
            Scalar::Document(b"[1]"[..].into()),
            Scalar::Null,
        ];
        let shuffled = ascending.iter().rev().cloned().collect();
        assert_eq!(format!("{:?}", sorted(shuffled)), format!("{ascending:?}"));
        assert_eq!(Scalar::Float(-0.0).order(&Scalar::Float(0.0)), Ordering::Equal);
        assert_eq!(Scalar::Int(0).order(&Scalar::Float(-0.0)), Ordering::Equal);
        assert_eq!(Scalar::Float(f64::NAN).order(&Scalar::Float(-f64::NAN)), Ordering::Equal);
    }

    #[test]
    fn nulls_stand_at_the_end_asked_for() {
        let (null, one) = (Scalar::Null, Scalar::Int(1));
        for descending in [false, true] {
            assert_eq!(null.order_by(&one, descending, true), Ordering::Less);
            assert_eq!(null.order_by(&one, descending, false), Ordering::Greater);
            assert_eq!(one.order_by(&null, descending, true), Ordering::Greater);
            assert_eq!(null.order_by(&null, descending, true), Ordering::Equal);
        }
        assert_eq!(one.order_by(&Scalar::Int(2), true, true), Ordering::Greater);
    }
}
