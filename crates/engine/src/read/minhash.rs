//! Searches by MHJACCARD, whose metric depends on how the index divides signatures, and on the request.

use elanus_ann::registry::slots_of;
use elanus_kernels::Metric;
use elanus_segment::KeyRange;
use elanus_types::search::SearchRequest;
use elanus_types::{Error, ErrorKind, FieldSchema, Result};
use serde_json::Value;

/// Keys of rows that have anything in common with the query; the others are no hits, however few there are.
pub const ALIKE: KeyRange = KeyRange { below: 0.0, ..KeyRange::ALL };

/// The metric where no index says what a slot is: then the request must. Without bands rows are compared slot by slot.
pub fn unindexed(field: &FieldSchema, request: &SearchRequest) -> Result<Metric> {
    let number = |key: &str| match request.params.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let wrong = || {
                Error::invalid(format!(
                    "invalid integer value, key: '{key}', value: '{text}': invalid parameter"
                ))
            };
            text.trim().parse::<usize>().map(Some).map_err(|_| wrong())
        }
    };
    let Some(bits) = number("mh_element_bit_width")? else {
        return Err(Error::invalid(format!(
            "MHJACCARD needs the width of a slot: create an index MINHASH_LSH on field {}, or give \
             mh_element_bit_width with the search",
            field.name
        )));
    };
    Ok(Metric::MhJaccard(slots_of(bits, field.dim)?.by_band(number("mh_lsh_band")?.unwrap_or(0))))
}

/// Refuses what bands of slots cannot answer.
pub fn check(request: &SearchRequest) -> Result<()> {
    let given = |key: &str| request.params.get(key).is_some_and(|value| !value.is_null());
    let what = match () {
        () if request.iterator || request.search_iterator.is_some() => {
            "failed to create iterators from index: annIterator not supported for current index type"
        }
        () if given("radius") || given("range_filter") => {
            "failed to range search: RangeSearch not supported for current index type"
        }
        () if request.group_by.is_some() => {
            return Err(Error::invalid(
                "not support search_group_by operation based on binary vector column",
            ));
        }
        () => return Ok(()),
    };
    Err(Error::new(ErrorKind::Segcore, format!("{what}: metric MHJACCARD")))
}
