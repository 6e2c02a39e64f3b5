//! Tests of a long column block by block, so that blocks without a wanted row, or none that could be true, are not read.

use super::zones::{BLOCK, Verdict, Zones};
use super::{Wanted, scalar};
use crate::plan::Test;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView};
use std::ops::Range;

/// Words of a block's bits.
const WORDS: usize = BLOCK / 64;

/// [`scalar::test`], right for the wanted rows.
pub(super) fn test(view: &ColumnView<'_>, test: &Test, wanted: Wanted<'_>, zones: Option<&Zones>) -> Bitmap {
    let rows = view.len();
    if rows <= BLOCK || (zones.is_none() && wanted.is_none()) {
        return scalar::test(view, test, wanted);
    }
    let mut words = Vec::with_capacity(rows.div_ceil(64));
    for (number, start) in (0..rows).step_by(BLOCK).enumerate() {
        let range = start..(start + BLOCK).min(rows);
        let length = range.len().div_ceil(64);
        let mine = match wanted {
            None => None,
            Some(wanted) => {
                let all = wanted.words().get(number * WORDS..).unwrap_or(&[]);
                let mine = all.get(..length).unwrap_or(all);
                if mine.iter().all(|word| *word == 0) {
                    words.resize(words.len() + length, 0);
                    continue;
                }
                Some(Bitmap::from_words(mine.to_vec(), range.len()))
            }
        };
        match zones.map_or(Verdict::Some, |zones| zones.verdict(number, test)) {
            Verdict::None => words.resize(words.len() + length, 0),
            Verdict::All => words.resize(words.len() + length, u64::MAX),
            Verdict::Some => {
                let part = ColumnView { data: slice(&view.data, range), valid: None };
                words.extend_from_slice(scalar::test(&part, test, mine.as_ref()).words());
            }
        }
    }
    Bitmap::from_words(words, rows)
}

/// Some rows of a column; rows beyond its end are left out.
fn slice<'a>(data: &ColumnRef<'a>, rows: Range<usize>) -> ColumnRef<'a> {
    fn part<T>(values: &[T], rows: Range<usize>) -> &[T] {
        values.get(rows).unwrap_or(&[])
    }
    match data {
        ColumnRef::Bool(v) => ColumnRef::Bool(part(v, rows)),
        ColumnRef::Int8(v) => ColumnRef::Int8(part(v, rows)),
        ColumnRef::Int16(v) => ColumnRef::Int16(part(v, rows)),
        ColumnRef::Int32(v) => ColumnRef::Int32(part(v, rows)),
        ColumnRef::Int64(v) => ColumnRef::Int64(part(v, rows)),
        ColumnRef::Float(v) => ColumnRef::Float(part(v, rows)),
        ColumnRef::Double(v) => ColumnRef::Double(part(v, rows)),
        ColumnRef::Bytes { offsets, data } => {
            ColumnRef::Bytes { offsets: part(offsets, rows.start..rows.end + 1), data }
        }
        ColumnRef::Array { offsets, items } => {
            ColumnRef::Array { offsets: part(offsets, rows.start..rows.end + 1), items: items.clone() }
        }
        ColumnRef::Fixed { width, data } => {
            ColumnRef::Fixed { width: *width, data: part(data, rows.start * width..rows.end * width) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ast::Comparison;
    use crate::plan::Limit;
    use elanus_types::{Column, ColumnData, Value};

    fn columns(random: &mut fastrand::Rng, rows: usize) -> Vec<Column> {
        // Values that go up slowly, so that bounds tell something.
        let at = |random: &mut fastrand::Rng, row: usize| (row / 500) as i64 + random.i64(-3..3);
        let whole: Vec<i64> = (0..rows).map(|row| at(random, row)).collect();
        let mut double: Vec<f64> = whole.iter().map(|value| *value as f64 / 4.0).collect();
        double[random.usize(0..rows)] = f64::NAN;
        let texts = whole.iter().map(|value| format!("{value:05}"));
        vec![
            Column::from_bytes(texts.collect::<Vec<_>>()),
            Column::new(ColumnData::Int16(whole.iter().map(|value| *value as i16).collect())),
            Column::new(ColumnData::Int64(whole)),
            Column::new(ColumnData::Float(double.iter().map(|value| *value as f32).collect())),
            Column::new(ColumnData::Double(double)),
        ]
    }

    #[test]
    fn blocks_answer_what_the_column_answers() {
        let mut random = fastrand::Rng::with_seed(2);
        for rows in [BLOCK, 2 * BLOCK, 3 * BLOCK + 17] {
            for column in columns(&mut random, rows) {
                let view = column.view();
                let zones = Zones::of(&view);
                for _ in 0..60 {
                    let number = random.i64(-2..rows as i64 / 500 + 2);
                    let value = |number: i64| match &column.data {
                        ColumnData::Bytes { .. } => Value::Str(format!("{number:05}")),
                        ColumnData::Float(_) | ColumnData::Double(_) => Value::Float(number as f64 / 4.0),
                        _ => Value::Int(number),
                    };
                    use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};
                    let comparison = [Eq, Ne, Lt, Le, Gt, Ge][random.usize(0..6)];
                    let limit = |number, inclusive| Limit { value: value(number), inclusive };
                    let asked = match random.bool() {
                        true => Test::Compare(comparison, value(number)),
                        false => {
                            Test::Between(limit(number, random.bool()), limit(number + 9, random.bool()))
                        }
                    };
                    let whole = scalar::test(&view, &asked, None);
                    assert_eq!(test(&view, &asked, None, zones.as_ref()), whole, "{asked:?}");
                    let share = random.u8(0..3);
                    let wanted: Vec<bool> = (0..rows)
                        .map(|row| share > 0 && (row / BLOCK).is_multiple_of(2) && random.u8(0..9) < share)
                        .collect();
                    let wanted = Bitmap::from_bools(&wanted);
                    let mut found = test(&view, &asked, Some(&wanted), zones.as_ref());
                    let mut right = whole;
                    found.and(&wanted);
                    right.and(&wanted);
                    assert_eq!(found, right, "{asked:?} of some rows");
                    if let Some(share) = zones.as_ref().and_then(|zones| zones.share(&asked)) {
                        assert!((0.0..=1.0).contains(&share), "{asked:?}: {share}");
                    }
                }
            }
        }
    }
}
