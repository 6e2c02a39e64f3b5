//! Which places are worth a column: those that many of some sampled documents have.

use super::Class;
use crate::json::EXACT_DOUBLE;
use elanus_types::ColumnView;
use serde_json::Value;
use std::collections::HashMap;

/// Documents looked at.
const SAMPLE: usize = 2000;
/// A place must be in one of this many documents.
const LEAST_SHARE: usize = 10;
/// Most places of a field.
const MOST_PLACES: usize = 128;
/// Places deeper than this are not looked for.
const MOST_KEYS: usize = 8;
/// Different places met before the look ends, so that documents whose keys are data cost little.
const MOST_MET: usize = 20_000;

/// What a place held in the sample.
#[derive(Default)]
struct Met {
    documents: usize,
    kinds: HashMap<(Class, bool), usize>,
}

/// The places worth a column, with the type most of their values have.
pub(super) fn choose(column: &ColumnView<'_>) -> Vec<(Vec<String>, Class, bool)> {
    let rows = column.len();
    let mut met: HashMap<Vec<String>, Met> = HashMap::new();
    let mut sampled = 0;
    for row in (0..rows).step_by((rows / SAMPLE).max(1)).filter(|row| column.is_valid(*row)) {
        let Some(Ok(document)) = column.data.bytes(row).map(serde_json::from_slice::<Value>) else {
            continue;
        };
        sampled += 1;
        look(&document, &mut Vec::new(), &mut met);
    }
    let worth = |met: &Met| met.documents * LEAST_SHARE >= sampled && met.documents > 0;
    let mut chosen: Vec<(Vec<String>, Met)> = met.into_iter().filter(|(_, met)| worth(met)).collect();
    chosen.sort_by(|a, b| b.1.documents.cmp(&a.1.documents).then_with(|| a.0.cmp(&b.0)));
    chosen.truncate(MOST_PLACES);
    chosen
        .into_iter()
        .filter_map(|(keys, met)| most(&met.kinds).map(|(class, list)| (keys, class, list)))
        .collect()
}

fn look(value: &Value, keys: &mut Vec<String>, met: &mut HashMap<Vec<String>, Met>) {
    if let Some((class, list)) = kind(value) {
        if met.len() >= MOST_MET && !met.contains_key(keys) {
            return;
        }
        let place = met.entry(keys.clone()).or_default();
        place.documents += 1;
        *place.kinds.entry((class, list)).or_default() += 1;
    } else if let Value::Object(entries) = value
        && keys.len() < MOST_KEYS
    {
        for (key, value) in entries {
            keys.push(key.clone());
            look(value, keys, met);
            keys.pop();
        }
    }
}

/// The type of a value that a column could hold.
fn kind(value: &Value) -> Option<(Class, bool)> {
    match value {
        Value::Bool(_) => Some((Class::Bool, false)),
        Value::Number(number) if number.is_i64() => Some((Class::Whole, false)),
        Value::Number(_) => Some((Class::Double, false)),
        Value::String(_) => Some((Class::Text, false)),
        Value::Array(items) => {
            let (class, list) = kind(items.first()?)?;
            (!list).then_some((class, true))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// The type that most values fit; both kinds of numbers together are one.
fn most(kinds: &HashMap<(Class, bool), usize>) -> Option<(Class, bool)> {
    let of = |class, list| kinds.get(&(class, list)).copied().unwrap_or(0);
    let mut all: Vec<((Class, bool), usize)> = Vec::new();
    for list in [false, true] {
        let (whole, double) = (of(Class::Whole, list), of(Class::Double, list));
        let numbers = match (whole, double) {
            (_, 0) => Class::Whole,
            (0, _) => Class::Double,
            _ => Class::Number,
        };
        all.push(((numbers, list), whole + double));
        all.push(((Class::Bool, list), of(Class::Bool, list)));
        all.push(((Class::Text, list), of(Class::Text, list)));
    }
    all.into_iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count).map(|(kind, _)| kind)
}

/// Whether a whole number is one of the doubles that no other whole number shares.
pub(super) fn is_exact(value: i64) -> bool {
    value.unsigned_abs() < EXACT_DOUBLE
}
