//! Smallest and largest values of blocks of a column: blocks that cannot hold a true row are not read.

use crate::ast::Comparison;
use crate::plan::{Limit, Test};
use elanus_types::{ColumnRef, ColumnView, Value};

/// Rows of a block; whole words of a bitmap.
pub(super) const BLOCK: usize = 8192;

/// The bounds of every block of a column of numbers, values under nulls included.
#[derive(Clone, Debug, PartialEq)]
pub struct Zones(Bounds);

#[derive(Clone, Debug, PartialEq)]
enum Bounds {
    Whole(Vec<(i64, i64)>),
    /// NaN left out: it passes no test that zones are asked about.
    Float(Vec<(f64, f64)>),
}

/// What a block's bounds tell of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    None,
    Some,
    All,
}

impl Zones {
    /// The zones of a column; `None` for other types than numbers.
    pub fn of(column: &ColumnView<'_>) -> Option<Self> {
        let bounds = match &column.data {
            ColumnRef::Int8(v) => Bounds::Whole(whole(v)),
            ColumnRef::Int16(v) => Bounds::Whole(whole(v)),
            ColumnRef::Int32(v) => Bounds::Whole(whole(v)),
            ColumnRef::Int64(v) => Bounds::Whole(whole(v)),
            ColumnRef::Float(v) => Bounds::Float(float(v, |x| f64::from(*x))),
            ColumnRef::Double(v) => Bounds::Float(float(v, |x| *x)),
            _ => return None,
        };
        Some(Self(bounds))
    }

    /// What the bounds of a block tell.
    pub(super) fn verdict(&self, block: usize, test: &Test) -> Verdict {
        match (&self.0, range(test)) {
            (Bounds::Whole(bounds), Some(Range::Whole(low, high))) => {
                bounds.get(block).map_or(Verdict::Some, |(min, max)| {
                    if *max < low || high < *min {
                        Verdict::None
                    } else if low <= *min && *max <= high {
                        Verdict::All
                    } else {
                        Verdict::Some
                    }
                })
            }
            (Bounds::Float(bounds), Some(Range::Float(low, high))) => {
                let outside = bounds.get(block).is_some_and(|(min, max)| *max < low || high < *min);
                if outside { Verdict::None } else { Verdict::Some }
            }
            _ => Verdict::Some,
        }
    }

    /// The part of all rows that a test will be true for, values taken as spread evenly in each block; `None` for tests
    /// that bounds tell nothing about.
    pub(super) fn share(&self, test: &Test) -> Option<f64> {
        let even = |min: f64, max: f64, low: f64, high: f64| {
            let (from, to) = (low.max(min), high.min(max));
            if from > to {
                0.0
            } else if max > min {
                ((to - from + 1e-9) / (max - min)).min(1.0)
            } else {
                1.0
            }
        };
        let shares: Vec<f64> = match (&self.0, range(test)?) {
            (Bounds::Whole(bounds), Range::Whole(low, high)) => bounds
                .iter()
                // A single value has a width of its own.
                .map(|(min, max)| {
                    even(*min as f64 - 0.5, *max as f64 + 0.5, low as f64 - 0.5, high as f64 + 0.5)
                })
                .collect(),
            (Bounds::Float(bounds), Range::Float(low, high)) => {
                bounds.iter().map(|(min, max)| even(*min, *max, low, high)).collect()
            }
            _ => return None,
        };
        Some(shares.iter().sum::<f64>() / shares.len().max(1) as f64)
    }
}

enum Range {
    Whole(i64, i64),
    /// Closed, which is wide enough for open ends too.
    Float(f64, f64),
}

/// The values for which a test can be true, as one range.
fn range(test: &Test) -> Option<Range> {
    match test {
        Test::Compare(comparison, value) if *comparison != Comparison::Ne => ends(*comparison, value),
        Test::Between(low, high) => {
            let above = |limit: &Limit| if limit.inclusive { Comparison::Ge } else { Comparison::Gt };
            let below = |limit: &Limit| if limit.inclusive { Comparison::Le } else { Comparison::Lt };
            match (ends(above(low), &low.value)?, ends(below(high), &high.value)?) {
                (Range::Whole(low, _), Range::Whole(_, high)) => Some(Range::Whole(low, high)),
                (Range::Float(low, _), Range::Float(_, high)) => Some(Range::Float(low, high)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn ends(comparison: Comparison, value: &Value) -> Option<Range> {
    match value {
        Value::Int(value) => {
            // No integer lies beyond the ends of the type.
            let (low, high) = super::number::bounds(comparison, *value).unwrap_or((1, 0));
            Some(Range::Whole(low, high))
        }
        Value::Float(value) if !value.is_nan() => {
            // FLOAT compares in single precision, which may round the constant either way.
            let (down, up) = ((*value as f32).next_down(), (*value as f32).next_up());
            let (down, up) = (f64::from(down).min(*value), f64::from(up).max(*value));
            Some(match comparison {
                Comparison::Eq | Comparison::Ne => Range::Float(down, up),
                Comparison::Lt | Comparison::Le => Range::Float(f64::NEG_INFINITY, up),
                Comparison::Gt | Comparison::Ge => Range::Float(down, f64::INFINITY),
            })
        }
        _ => None,
    }
}

fn whole<T: Copy + Ord + Into<i64>>(values: &[T]) -> Vec<(i64, i64)> {
    let bounds = |block: &[T]| {
        let (min, max) = (block.iter().min(), block.iter().max());
        min.zip(max).map_or((0, 0), |(min, max)| ((*min).into(), (*max).into()))
    };
    values.chunks(BLOCK).map(bounds).collect()
}

fn float<T>(values: &[T], wide: impl Fn(&T) -> f64) -> Vec<(f64, f64)> {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let bounds = |block: &[T]| block.iter().map(&wide).fold(start, |(min, max), x| (min.min(x), max.max(x)));
    values.chunks(BLOCK).map(bounds).collect()
}
