//! One aggregate of all groups: plain arrays, updated column by column.

use super::plan::{Aggregate, Function};
use crate::read::scalar::order_floats;
use elanus_types::{
    Column, ColumnBuilder, ColumnRef, ColumnView, DataType, Error, FieldSchema, Result, Value,
};

/// What was computed so far, one entry for each group.
#[derive(Debug)]
pub enum State {
    /// Values that are not null, or rows.
    Count(Vec<i64>),
    /// Integers add up without overflow: no collection has rows enough for that.
    Whole(Vec<i128>, Vec<i64>),
    /// Floats in double precision.
    Float(Vec<f64>, Vec<i64>),
    /// Smallest or largest integer.
    WholeEnd(Vec<Option<i64>>),
    /// Smallest or largest float; NaN is larger than everything else.
    FloatEnd(Vec<Option<f64>>),
    /// Smallest or largest text by its bytes.
    TextEnd(Vec<Option<Box<[u8]>>>),
}

macro_rules! each_number {
    ($data:expr, |$values:ident| $whole:expr, |$floats:ident| $float:expr) => {
        match $data {
            ColumnRef::Int8($values) => $whole,
            ColumnRef::Int16($values) => $whole,
            ColumnRef::Int32($values) => $whole,
            ColumnRef::Int64($values) => $whole,
            ColumnRef::Float($floats) => $float,
            ColumnRef::Double($floats) => $float,
            _ => {}
        }
    };
}

/// Calls `add` with the group and the value of every row that has one. `groups` has as many entries as there are rows.
#[inline(always)]
fn each<T: Copy + Into<W>, W>(
    values: &[T],
    view: &ColumnView<'_>,
    groups: &[u32],
    mut add: impl FnMut(usize, W),
) {
    let rows = values.iter().zip(groups);
    match view.valid {
        None => rows.for_each(|(value, group)| add(*group as usize, (*value).into())),
        Some(valid) => {
            let rows = rows.enumerate().filter(|(row, _)| valid.get(*row));
            rows.for_each(|(_, (value, group))| add(*group as usize, (*value).into()));
        }
    }
}

impl State {
    /// Nothing seen yet.
    pub fn new(aggregate: &Aggregate) -> Self {
        let data_type = aggregate.input.as_ref().map_or(DataType::Int64, |field| field.data_type);
        match aggregate.function {
            Function::Count => State::Count(Vec::new()),
            Function::Sum | Function::Avg if data_type.is_float() => State::Float(Vec::new(), Vec::new()),
            Function::Sum | Function::Avg => State::Whole(Vec::new(), Vec::new()),
            Function::Min | Function::Max if data_type.is_float() => State::FloatEnd(Vec::new()),
            Function::Min | Function::Max if data_type.is_integer() => State::WholeEnd(Vec::new()),
            Function::Min | Function::Max => State::TextEnd(Vec::new()),
        }
    }

    /// Makes room for so many groups.
    pub fn resize(&mut self, groups: usize) {
        match self {
            State::Count(counts) => counts.resize(groups, 0),
            State::Whole(sums, counts) => {
                sums.resize(groups, 0);
                counts.resize(groups, 0);
            }
            State::Float(sums, counts) => {
                sums.resize(groups, 0.0);
                counts.resize(groups, 0);
            }
            State::WholeEnd(ends) => ends.resize(groups, None),
            State::FloatEnd(ends) => ends.resize(groups, None),
            State::TextEnd(ends) => ends.resize(groups, None),
        }
    }

    /// Takes in a column; row i belongs to `groups[i]`. Without a column rows are counted.
    pub fn update(&mut self, function: Function, column: Option<&ColumnView<'_>>, groups: &[u32]) {
        let largest = function == Function::Max;
        match (self, column) {
            (State::Count(counts), None) => groups.iter().for_each(|group| counts[*group as usize] += 1),
            (State::Count(counts), Some(view)) => {
                let rows = groups.iter().enumerate().filter(|(row, _)| view.is_valid(*row));
                rows.for_each(|(_, group)| counts[*group as usize] += 1);
            }
            (State::Whole(sums, counts), Some(view)) => each_number!(
                &view.data,
                |values| each(values, view, groups, |group, value: i128| {
                    sums[group] += value;
                    counts[group] += 1;
                }),
                |_floats| {}
            ),
            (State::Float(sums, counts), Some(view)) => {
                each_number!(&view.data, |_values| {}, |floats| each(
                    floats,
                    view,
                    groups,
                    |group, value: f64| {
                        sums[group] += value;
                        counts[group] += 1;
                    }
                ))
            }
            (State::WholeEnd(ends), Some(view)) => each_number!(
                &view.data,
                |values| each(values, view, groups, |group, value: i64| {
                    keep_whole(&mut ends[group], value, largest);
                }),
                |_floats| {}
            ),
            (State::FloatEnd(ends), Some(view)) => {
                each_number!(&view.data, |_values| {}, |floats| each(
                    floats,
                    view,
                    groups,
                    |group, value: f64| {
                        keep_float(&mut ends[group], value, largest);
                    }
                ))
            }
            (State::TextEnd(ends), Some(view)) => {
                for (row, group) in groups.iter().enumerate() {
                    if let Some(text) = view.data.bytes(row).filter(|_| view.is_valid(row)) {
                        keep_text(&mut ends[*group as usize], text, largest);
                    }
                }
            }
            (_, None) => {}
        }
    }

    /// Takes in another's groups; its group i is `numbers[i]` here.
    pub fn merge(&mut self, function: Function, other: State, numbers: &[u32]) {
        let largest = function == Function::Max;
        let numbers = numbers.iter().map(|number| *number as usize);
        match (self, other) {
            (State::Count(mine), State::Count(theirs)) => {
                numbers.zip(theirs).for_each(|(at, count)| mine[at] += count);
            }
            (State::Whole(sums, counts), State::Whole(their_sums, their_counts)) => {
                for ((at, sum), count) in numbers.zip(their_sums).zip(their_counts) {
                    sums[at] += sum;
                    counts[at] += count;
                }
            }
            (State::Float(sums, counts), State::Float(their_sums, their_counts)) => {
                for ((at, sum), count) in numbers.zip(their_sums).zip(their_counts) {
                    sums[at] += sum;
                    counts[at] += count;
                }
            }
            (State::WholeEnd(mine), State::WholeEnd(theirs)) => {
                let ends = numbers.zip(theirs).filter_map(|(at, end)| Some((at, end?)));
                ends.for_each(|(at, end)| keep_whole(&mut mine[at], end, largest));
            }
            (State::FloatEnd(mine), State::FloatEnd(theirs)) => {
                let ends = numbers.zip(theirs).filter_map(|(at, end)| Some((at, end?)));
                ends.for_each(|(at, end)| keep_float(&mut mine[at], end, largest));
            }
            (State::TextEnd(mine), State::TextEnd(theirs)) => {
                let ends = numbers.zip(theirs).filter_map(|(at, end)| Some((at, end?)));
                ends.for_each(|(at, end)| keep_text(&mut mine[at], &end, largest));
            }
            _ => debug_assert!(false, "states of different aggregates"),
        }
    }

    /// Bytes of texts kept.
    pub fn text_bytes(&self) -> usize {
        match self {
            State::TextEnd(ends) => ends.iter().flatten().map(|text| text.len()).sum(),
            _ => 0,
        }
    }

    /// The values of all groups, with the schema of their column.
    pub fn finish(self, aggregate: &Aggregate) -> Result<(FieldSchema, Column)> {
        let input = aggregate.input.as_ref().map_or(DataType::Int64, |field| field.data_type);
        let data_type = match aggregate.function {
            Function::Count => DataType::Int64,
            Function::Sum if input.is_integer() => DataType::Int64,
            Function::Sum | Function::Avg => DataType::Double,
            Function::Min | Function::Max => input,
        };
        let nullable = aggregate.function != Function::Count;
        let field = FieldSchema { nullable, ..FieldSchema::new(0, aggregate.name.clone(), data_type) };
        let mut column = ColumnBuilder::for_field(&field);
        for value in self.values(aggregate)? {
            if !column.push(&value) {
                let name = &aggregate.name;
                return Err(Error::internal(format!("{value} as {name} does not fit {data_type}")));
            }
        }
        Ok((field, column.finish()))
    }

    fn values(self, aggregate: &Aggregate) -> Result<Vec<Value>> {
        let mean = aggregate.function == Function::Avg;
        Ok(match self {
            State::Count(counts) => counts.into_iter().map(Value::Int).collect(),
            State::Whole(sums, counts) => {
                let values = sums.into_iter().zip(counts).map(|(sum, count)| match count {
                    0 => Ok(Value::Null),
                    count if mean => Ok(Value::Float(sum as f64 / count as f64)),
                    _ => i64::try_from(sum).map(Value::Int).map_err(|_| overflow(aggregate, sum)),
                });
                return values.collect();
            }
            State::Float(sums, counts) => {
                let values = sums.into_iter().zip(counts).map(|(sum, count)| match count {
                    0 => Value::Null,
                    count if mean => Value::Float(sum / count as f64),
                    _ => Value::Float(sum),
                });
                values.collect()
            }
            State::WholeEnd(ends) => {
                ends.into_iter().map(|end| end.map_or(Value::Null, Value::Int)).collect()
            }
            State::FloatEnd(ends) => {
                ends.into_iter().map(|end| end.map_or(Value::Null, Value::Float)).collect()
            }
            State::TextEnd(ends) => ends
                .into_iter()
                .map(|end| end.map_or(Value::Null, |text| Value::Bytes(text.into())))
                .collect(),
        })
    }
}

fn overflow(aggregate: &Aggregate, sum: i128) -> Error {
    Error::invalid(format!(
        "{} is {sum}, more than 64 bits hold: ask for the average and the count, or narrow the filter",
        aggregate.name
    ))
}

#[inline]
fn keep_whole(end: &mut Option<i64>, value: i64, largest: bool) {
    *end = Some(match *end {
        Some(known) if largest => known.max(value),
        Some(known) => known.min(value),
        None => value,
    });
}

#[inline]
fn keep_float(end: &mut Option<f64>, value: f64, largest: bool) {
    let better = end.is_none_or(|known| {
        let order = order_floats(value, known);
        if largest { order.is_gt() } else { order.is_lt() }
    });
    if better {
        *end = Some(value);
    }
}

fn keep_text(end: &mut Option<Box<[u8]>>, value: &[u8], largest: bool) {
    let better = end.as_deref().is_none_or(|known| if largest { value > known } else { value < known });
    if better {
        *end = Some(value.into());
    }
}
