//! Checks what users ask for, with the messages they know.

use super::table::{COMPACT, RECALL_TARGET};
use super::{IndexType, Parameter, Shape, find, noted, table};
use crate::SearchParams;
use elanus_types::catalog::Properties;
use elanus_types::{DataType, Error, Result};
use serde_json::{Map, Value};

/// Keys that every index takes and no kind reads.
const ALWAYS: &[&str] = &["index_type", "metric_type", "params"];

/// Finds the index type (an empty name is AUTOINDEX) and checks that it is legal for the field's type.
pub fn validate_index_type(index_type: &str, data_type: DataType) -> Result<&'static IndexType> {
    let name = if index_type.is_empty() { "AUTOINDEX" } else { index_type };
    let index = find(name).ok_or_else(|| {
        Error::invalid(format!("invalid parameter[expected=valid index][actual=invalid index type: {name}]"))
    })?;
    if !data_type.is_vector() {
        return Err(Error::invalid(format!("index {name} only supports vector data type")));
    }
    if !index.types.contains(&data_type) {
        return Err(Error::invalid(format!("data type {data_type} can't build with this index {name}")));
    }
    Ok(index)
}

/// Checks an index type and the parameters of building it. Keys the type does not know are ignored, except by
/// AUTOINDEX, which takes none but the metric, a recall target and whether to be compact.
pub fn validate_build_params(index_type: &str, data_type: DataType, params: &Properties) -> Result<()> {
    let index = validate_index_type(index_type, data_type)?;
    if let Some(text) = params.get(RECALL_TARGET.name) {
        read_recall_target(text)?;
    }
    if index.name == "AUTOINDEX" {
        let exceptions = [RECALL_TARGET.name, COMPACT.name];
        let own = |key: &String| ALWAYS.contains(&key.as_str()) || exceptions.contains(&key.as_str());
        params.get(COMPACT.name).map_or(Ok(()), |text| COMPACT.check_text(text))?;
        let others = params.keys().any(|key| !own(key));
        return match others {
            true => Err(Error::invalid("only metric type can be passed when use AutoIndex")),
            false => Ok(()),
        };
    }
    check_mmap(index, params)?;
    if index.name == "HNSW" && params.contains_key("refine") {
        return Err(Error::invalid("refine is not supported for this index"));
    }
    noted::check_build(index.name, |key| params.get(key).map(String::as_str))?;
    index.build.iter().try_for_each(|parameter| match params.get(parameter.name) {
        Some(text) => parameter.check_text(text),
        None if parameter.required => {
            Err(Error::invalid(format!("param '{}' not exist in json", parameter.name)))
        }
        None => Ok(()),
    })
}

/// Reads a recall target that came as text.
pub fn read_recall_target(text: &str) -> Result<f32> {
    RECALL_TARGET.check_text(text)?;
    Ok(text.trim().parse().unwrap_or(crate::RECALL_TARGET))
}

fn check_mmap(index: &IndexType, params: &Properties) -> Result<()> {
    let Some(value) = params.get("mmap.enabled") else { return Ok(()) };
    if !["true", "false"].contains(&value.to_ascii_lowercase().as_str()) {
        return Err(Error::invalid(format!("invalid mmap.enabled value: {value}, expected: true, false")));
    }
    let unmapped = ["GPU_", "SVS_", "DISKANN", "AISAQ"].iter().any(|prefix| index.name.starts_with(prefix));
    match unmapped && value.eq_ignore_ascii_case("true") {
        true => Err(Error::invalid(format!("index type {} does not support mmap", index.name))),
        false => Ok(()),
    }
}

/// Checks the parameters of a search for `k` hits on an index of this type and reads those that count here.
pub fn search_params(index_type: &str, params: &Map<String, Value>, k: usize) -> Result<SearchParams> {
    let index = find(index_type).unwrap_or(&table::INDEX_TYPES[0]);
    // First, as some of these have narrower ranges.
    noted::check_search(index.name, |key| params.get(key))?;
    for parameter in index.search {
        if let Some(value) = params.get(parameter.name) {
            parameter.check_json(value)?;
        }
    }
    let recall_target = params.get(RECALL_TARGET.name).map(|value| match value {
        Value::String(text) => read_recall_target(text),
        other => RECALL_TARGET.check_json(other).and_then(|()| read_recall_target(&other.to_string())),
    });
    let recall_target = recall_target.transpose()?;
    let beam = |name| read_integer(index.search, params, name);
    let ef = match (beam("ef"), beam("search_list")) {
        (Some(ef), _) => Some(at_least("ef", ef, k)?),
        (None, Some(list)) => Some(at_least("search_list_size", list, k)?),
        (None, None) => beam("itopk_size").map(|size| size.max(k)),
    };
    let reorder = beam("reorder_k").map(|reorder| at_least("reorder_k", reorder, k)).transpose()?;
    let refine_k = read_float(index.search, params, "refine_k");
    let refine_k = refine_k.or(reorder.map(|reorder| reorder as f32 / k.max(1) as f32));
    let nprobe = beam("nprobe");
    let mh_jaccard = read_bool(index.search, params, "mh_search_with_jaccard");
    Ok(SearchParams { ef, nprobe, refine_k, mh_jaccard, recall_target, ..SearchParams::default() })
}

fn read_integer(known: &[Parameter], params: &Map<String, Value>, name: &str) -> Option<usize> {
    let parameter = known.iter().find(|parameter| parameter.name == name)?;
    let text = match params.get(name)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match parameter.shape {
        Shape::Integer { .. } => usize::try_from(parameter.integer(&text).ok()?).ok(),
        Shape::Float { .. } | Shape::Bool | Shape::Text => None,
    }
}

fn read_bool(known: &[Parameter], params: &Map<String, Value>, name: &str) -> bool {
    known.iter().any(|parameter| parameter.name == name)
        && match params.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
}

fn read_float(known: &[Parameter], params: &Map<String, Value>, name: &str) -> Option<f32> {
    known.iter().find(|parameter| parameter.name == name)?;
    match params.get(name)? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64().map(|value| value as f32),
    }
}

fn at_least(name: &str, value: usize, k: usize) -> Result<usize> {
    (value >= k)
        .then_some(value)
        .ok_or_else(|| Error::invalid(format!("{name}({value}) should be larger than k({k})")))
}
