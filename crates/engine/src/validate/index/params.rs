//! Build parameters.

use super::{AUTOINDEX, check_switch, lists};
use crate::validate::{as_invalid, invalid, missing};
use elanus_ann::registry;
use elanus_types::catalog::Properties;
use elanus_types::{DataType, FieldSchema, Result};

const SPARSE_ALGORITHMS: &[&str] =
    &["TAAT_NAIVE", "DAAT_WAND", "DAAT_MAXSCORE", "BLOCK_MAX_MAXSCORE", "BLOCK_MAX_WAND", "SINDI"];

/// Checks the parameters of an index type; unknown ones are left alone, as Milvus does.
pub fn check(index_type: &str, field: &FieldSchema, params: &Properties) -> Result<()> {
    if let Some(value) = params.get("mmap.enabled") {
        check_switch("mmap.enabled", value)?;
    }
    if field.data_type == DataType::ArrayOfVector {
        lists::check_params(params)?;
    }
    if field.data_type.is_vector() && index_type != AUTOINDEX {
        registry::validate_build_params(index_type, field.vector_type(), params).map_err(as_invalid)?;
        registry::validate_dimension(index_type, field.dim, params).map_err(as_invalid)?;
    }
    match index_type {
        "NGRAM" => grams(params),
        sparse if sparse.starts_with("SPARSE") => sparse_params(params),
        _ => Ok(()),
    }
}

fn grams(params: &Properties) -> Result<()> {
    let number = |key: &str| params.get(key).and_then(|value| value.trim().parse::<i64>().ok());
    match (number("min_gram"), number("max_gram")) {
        (Some(min), Some(max)) if min < 1 || max > i64::from(i32::MAX) => Err(invalid(format!(
            "invalid min_gram or max_gram value for Ngram index, min_gram: {min}, max_gram: {max}"
        ))),
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
