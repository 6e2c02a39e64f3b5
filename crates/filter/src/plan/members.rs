//! The constants of an `in` list or a contains call, looked up by value.

use elanus_types::Value;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

/// A list of constants. Lookups answer the number of the member that equals a value, so that callers can tell
/// whether all members were met.
#[derive(Clone, Debug)]
pub(crate) struct Members(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    values: Vec<Value>,
    bools: [Option<usize>; 2],
    /// Exact integers; empty when the list has floats, because a mixed list is a list of floats.
    integers: HashMap<i64, usize, Seed>,
    /// Numbers as bits of doubles, filled when something can be compared with doubles.
    doubles: HashMap<u64, usize, Seed>,
    texts: HashMap<Box<[u8]>, usize>,
    lists: Vec<(usize, Vec<Value>)>,
    distinct: usize,
    has_floats: bool,
}

impl Members {
    /// Members for a column of one type; the values have it.
    pub(crate) fn of_column(values: Vec<Value>) -> Self {
        Self::new(values, false)
    }

    /// Members to be compared with JSON, where any number may meet any other.
    pub(crate) fn of_json(values: Vec<Value>) -> Self {
        Self::new(values, true)
    }

    fn new(values: Vec<Value>, for_json: bool) -> Self {
        let seed = Seed::new();
        let mut inner = Inner {
            has_floats: values.iter().any(|value| matches!(value, Value::Float(_))),
            values: Vec::new(),
            bools: [None; 2],
            integers: HashMap::with_hasher(seed),
            doubles: HashMap::with_hasher(seed),
            texts: HashMap::new(),
            lists: Vec::new(),
            distinct: 0,
        };
        for value in &values {
            inner.add(value, for_json);
        }
        inner.values = values;
        Members(Arc::new(inner))
    }

    /// The list as it was given.
    pub(crate) fn values(&self) -> &[Value] {
        &self.0.values
    }

    /// Whether the list is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.values.is_empty()
    }

    /// Number of different members; lookups answer smaller numbers.
    pub(crate) fn distinct(&self) -> usize {
        self.0.distinct
    }

    #[inline]
    pub(crate) fn bool(&self, value: bool) -> Option<usize> {
        self.0.bools[usize::from(value)]
    }

    #[inline]
    pub(crate) fn integer(&self, value: i64) -> Option<usize> {
        match self.0.has_floats {
            true => self.double(value as f64),
            false => self.0.integers.get(&value).copied(),
        }
    }

    #[inline]
    pub(crate) fn double(&self, value: f64) -> Option<usize> {
        self.0.doubles.get(&bits(value)).copied()
    }

    #[inline]
    pub(crate) fn text(&self, value: &[u8]) -> Option<usize> {
        self.0.texts.get(value).copied()
    }

    /// The first list that satisfies `equals`.
    pub(crate) fn list(&self, equals: impl Fn(&[Value]) -> bool) -> Option<usize> {
        self.0.lists.iter().find(|(_, list)| equals(list)).map(|(number, _)| *number)
    }

    pub(crate) fn has_bools(&self) -> bool {
        self.0.bools.iter().any(Option::is_some)
    }

    pub(crate) fn has_numbers(&self) -> bool {
        self.0.has_floats || !self.0.integers.is_empty()
    }

    pub(crate) fn has_texts(&self) -> bool {
        !self.0.texts.is_empty()
    }

    pub(crate) fn has_lists(&self) -> bool {
        !self.0.lists.is_empty()
    }
}

impl Inner {
    fn add(&mut self, value: &Value, for_json: bool) {
        let next = self.distinct;
        let number = match value {
            Value::Bool(value) => *self.bools[usize::from(*value)].get_or_insert(next),
            Value::Int(value) if self.has_floats => *self.doubles.entry(bits(*value as f64)).or_insert(next),
            Value::Int(value) => {
                let number = *self.integers.entry(*value).or_insert(next);
                if for_json {
                    self.doubles.entry(bits(*value as f64)).or_insert(number);
                }
                number
            }
            Value::Float(value) => *self.doubles.entry(bits(*value)).or_insert(next),
            Value::Str(value) => *self.texts.entry(value.as_bytes().into()).or_insert(next),
            Value::Array(list) => {
                self.lists.push((next, list.clone()));
                next
            }
            Value::Null | Value::Json(_) | Value::Bytes(_) => return,
        };
        self.distinct += usize::from(number == next);
    }
}

/// Equal doubles have equal bits: the two zeros are one. NaN, which equals nothing, is no member: literals and
/// template values cannot be NaN.
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// Hashes integers by one folded multiplication. The seed differs per process, so that nobody can choose keys
/// that collide; answers do not depend on it.
#[derive(Clone, Copy, Debug)]
struct Seed(u64);

impl Seed {
    fn new() -> Self {
        Seed(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }
}
