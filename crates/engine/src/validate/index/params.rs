//! Ranges of build parameters.

use super::check_switch;
use crate::validate::{invalid, missing};
use elanus_types::catalog::Properties;
use elanus_types::{FieldSchema, Result};

/// A whole number with its legal range, for every index type that begins with `prefix`.
struct Range {
    prefix: &'static str,
    key: &'static str,
    low: i64,
    high: i64,
}

const fn range(prefix: &'static str, key: &'static str, low: i64, high: i64) -> Range {
    Range { prefix, key, low, high }
}

const RANGES: &[Range] = &[
    range("HNSW", "M", 1, 2048),
    range("HNSW", "efConstruction", 1, i32::MAX as i64),
    range("HNSW", "nbits", 1, 24),
    range("IVF", "nlist", 1, 65_536),
    range("IVF", "nbits", 1, 16),
    range("IVF", "m", 1, 65_536),
    range("BIN_IVF", "nlist", 1, 65_536),
    range("SCANN", "nlist", 1, 65_536),
    range("GPU_IVF", "nlist", 1, 65_536),
    range("GPU_IVF", "nbits", 1, 16),
    range("DISKANN", "max_degree", 1, 2048),
    range("DISKANN", "search_list_size", 1, i32::MAX as i64),
    range("NGRAM", "min_gram", 1, i32::MAX as i64),
    range("NGRAM", "max_gram", 1, i32::MAX as i64),
];

const SPARSE_ALGORITHMS: &[&str] =
    &["TAAT_NAIVE", "DAAT_WAND", "DAAT_MAXSCORE", "BLOCK_MAX_MAXSCORE", "BLOCK_MAX_WAND", "SINDI"];

/// Checks the parameters of an index type; unknown ones are left alone, as Milvus does.
pub fn check(index_type: &str, field: &FieldSchema, params: &Properties) -> Result<()> {
    if let Some(value) = params.get("mmap.enabled") {
        check_switch("mmap.enabled", value)?;
    }
    for Range { key, low, high, .. } in RANGES.iter().filter(|range| index_type.starts_with(range.prefix)) {
        if let Some(value) = params.get(*key) {
            whole_number(key, value, *low, *high)?;
        }
    }
    match index_type {
        "MINHASH_LSH" => {
            elanus_ann::validate_build_params(index_type, field.data_type, params)?;
            elanus_ann::index_metric(index_type, "MHJACCARD", params, field.dim).map(|_| ())
        }
        "IVF_PQ" => subquantizers(field, params),
        "NGRAM" => grams(params),
        sparse if sparse.starts_with("SPARSE") => sparse_params(params),
        _ => Ok(()),
    }
}

fn whole_number(key: &str, value: &str, low: i64, high: i64) -> Result<i64> {
    let text = value.trim().trim_matches('"');
    match text.parse::<i64>() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        Ok(number) => Err(invalid(format!(
            "Out of range in json: param '{key}' ({number}) should be in range [{low}, {high}]"
        ))),
        Err(_) if text.parse::<f64>().is_ok() => {
            Err(invalid(format!("wrong data type in json, key: '{key}', value: '{value}'")))
        }
        Err(_) => Err(invalid(format!("invalid integer value, key: '{key}', value: '{value}'"))),
    }
}

fn subquantizers(field: &FieldSchema, params: &Properties) -> Result<()> {
    let Some(m) = params.get("m").and_then(|m| m.trim().parse::<usize>().ok()).filter(|m| *m > 0) else {
        return Ok(());
    };
    if field.dim.is_multiple_of(m) {
        return Ok(());
    }
    Err(invalid(format!(
        "The dimension of a vector (dim) should be a multiple of the number of subquantizers (m). Dimension:{}, m:{m}",
        field.dim
    )))
}

fn grams(params: &Properties) -> Result<()> {
    let number = |key: &str| params.get(key).and_then(|value| value.trim().parse::<i64>().ok());
    match (number("min_gram"), number("max_gram")) {
        (Some(min), Some(max)) if min <= max => Ok(()),
        (Some(min), Some(max)) => {
            Err(invalid(format!("min_gram ({min}) must not be larger than max_gram ({max})")))
        }
        _ => Err(missing("Ngram index must specify both min_gram and max_gram")),
    }
}

fn sparse_params(params: &Properties) -> Result<()> {
    if let Some(name) = params.get("inverted_index_algo")
        && !SPARSE_ALGORITHMS.contains(&name.as_str())
    {
        return Err(invalid(format!(
            "sparse inverted index algo {name} not found or not supported, supported: [{}]",
            SPARSE_ALGORITHMS.join(" ")
        )));
    }
    let Some(ratio) = params.get("drop_ratio_build") else { return Ok(()) };
    match ratio.trim().parse::<f64>() {
        Ok(number) if (0.0..1.0).contains(&number) => Ok(()),
        Ok(number) => Err(invalid(format!(
            "Out of range in json: param 'drop_ratio_build' ({number}) should be in range [0.000000, 1.000000)"
        ))),
        Err(_) => Err(invalid(format!("invalid float value, key: 'drop_ratio_build', value: '{ratio}'"))),
    }
}
