//! Index requests: which index fits which field, with which metric and parameters.

mod documents;
mod kinds;
mod lists;
mod params;

pub use lists::{list_metric, same_metric};

use crate::db::NewIndex;
use crate::validate::{Limits, invalid, names, parse_bool, properties};
use elanus_types::catalog::Properties;
use elanus_types::{CollectionMeta, DataType, Error, FieldSchema, IndexMeta, Result, Timestamp};

/// Whether vectors stay out of memory.
const COMPACT: &str = "compact";
/// The index type that lets the database choose.
pub const AUTOINDEX: &str = "AUTOINDEX";
const INDEX_TYPE: &str = "index_type";
const METRIC_TYPE: &str = "metric_type";
const JSON_PATH: &str = "json_path";

/// What a create-index request comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexAction {
    /// A new index; its number and creation time are still 0.
    Create(Box<IndexMeta>),
    /// The same index exists.
    AlreadyThere,
}

/// Checks an index request against the collection.
pub fn new_index(meta: &CollectionMeta, spec: &NewIndex, limits: &Limits) -> Result<IndexAction> {
    names::index(&spec.name, limits)?;
    let Some(field) = meta.schema.field(&spec.field) else {
        return Err(invalid(format!("cannot create index on non-exist field: {}", spec.field)));
    };
    let size: usize = spec.params.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > limits.index_params_size {
        return Err(invalid(format!(
            "index param size exceeds limit: {} bytes allowed, got {size}",
            limits.index_params_size
        )));
    }
    let index_type = index_type(&spec.params);
    kinds::check_field(field, index_type)?;
    let metric = metric(field, index_type, &spec.params)?;
    let params = other_params(&spec.params);
    if index_type == AUTOINDEX {
        only_metric_with_auto_index(field, &params)?;
    }
    if field.data_type == DataType::Json {
        documents::check(field, index_type, &params)?;
    }
    params::check(index_type, field, &params)?;
    let index = IndexMeta {
        id: 0,
        name: spec.name.clone(),
        field: field.id,
        index_type: index_type.to_owned(),
        metric,
        params,
        user_params: spec.user_params.clone(),
        created: Timestamp::ZERO,
    };
    against_existing(meta, field, index)
}

/// The type asked for; AUTOINDEX when none is named.
fn index_type(params: &Properties) -> &str {
    params.get(INDEX_TYPE).map(String::as_str).filter(|name| !name.is_empty()).unwrap_or(AUTOINDEX)
}

/// Everything but type and metric. A blank `params` is what some clients send for «none».
fn other_params(params: &Properties) -> Properties {
    let is_blank = |key: &str, value: &str| key == "params" && matches!(value.trim(), "" | "{}");
    let kept = params
        .iter()
        .filter(|(key, value)| !matches!(key.as_str(), INDEX_TYPE | METRIC_TYPE) && !is_blank(key, value));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn metric(field: &FieldSchema, index_type: &str, params: &Properties) -> Result<Option<String>> {
    if !field.data_type.is_vector() {
        return Ok(None);
    }
    let metric = match params.get(METRIC_TYPE).map(|name| name.trim().to_ascii_uppercase()) {
        Some(name) if !name.is_empty() => name,
        None if index_type == AUTOINDEX => kinds::default_metric(field).to_owned(),
        // Which scores an index answers is not for the database to guess.
        _ => {
            let message = "metric type not set for vector index";
            return Err(Error::expected(message, "valid index params", "invalid index params"));
        }
    };
    match field.data_type {
        DataType::ArrayOfVector => lists::check_metric(field, index_type, &metric)?,
        data_type => kinds::check_metric(data_type, index_type, &metric)?,
    }
    Ok(Some(metric))
}

fn only_metric_with_auto_index(field: &FieldSchema, params: &Properties) -> Result<()> {
    let about_storage = |key: &str| key == "mmap.enabled" || key.starts_with("warmup");
    let about_json = |key: &str| field.data_type == DataType::Json && key.starts_with("json_");
    if let Some(text) = params.get(properties::RECALL_TARGET).filter(|_| field.data_type.is_vector()) {
        elanus_ann::read_recall_target(text)?;
    }
    if let Some(text) = params.get(COMPACT).filter(|_| field.data_type.is_vector()) {
        check_switch(COMPACT, text)?;
    }
    let about_vectors =
        |key: &str| field.data_type.is_vector() && [properties::RECALL_TARGET, COMPACT].contains(&key);
    if params.keys().all(|key| about_storage(key) || about_json(key) || about_vectors(key)) {
        return Ok(());
    }
    Err(invalid("only metric type can be passed when use AutoIndex"))
}

/// Names the index and compares it with what is there. JSON fields may have one index per path.
fn against_existing(meta: &CollectionMeta, field: &FieldSchema, mut index: IndexMeta) -> Result<IndexAction> {
    let path = |index: &IndexMeta| index.params.get(JSON_PATH).cloned().unwrap_or_default();
    let same_place = |other: &&IndexMeta| other.field == index.field && path(other) == path(&index);
    let there = meta.indexes.iter().find(same_place);
    if index.name.is_empty() {
        let fresh = match field.data_type {
            DataType::Json => format!("{}{}", field.name, path(&index)),
            _ => field.name.clone(),
        };
        index.name = there.map_or(fresh, |there| there.name.clone());
    }
    if let Some(namesake) = meta.index(&index.name) {
        let same = namesake.field == index.field
            && namesake.index_type == index.index_type
            && namesake.metric == index.metric
            && namesake.params == index.params;
        if same {
            return Ok(IndexAction::AlreadyThere);
        }
        return Err(invalid("CreateIndex failed: at most one distinct index is allowed per field"));
    }
    if there.is_some() {
        return Err(invalid("CreateIndex failed: creating multiple indexes on same field is not supported"));
    }
    Ok(IndexAction::Create(Box::new(index)))
}

/// Whether a parameter that is a switch can be read as one.
pub fn check_switch(key: &str, value: &str) -> Result<()> {
    match parse_bool(value) {
        Some(_) => Ok(()),
        None => Err(invalid(format!("invalid {key} value: {value}, expected: true, false"))),
    }
}

#[cfg(test)]
mod tests;
