//! `POST /explain`: a read taken apart, as JSON.

use super::Admin;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use elanus_types::explain::ExplainRequest;
use elanus_types::input::FilterText;
use elanus_types::query::QueryRequest;
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::{CollectionRef, Column, ColumnData, DataType, Error, Result, Value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the caller sends; without a vector and without ids it is a query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    database: Option<String>,
    collection: String,
    #[serde(default)]
    partitions: Vec<String>,
    #[serde(default)]
    filter: String,
    #[serde(default)]
    templates: BTreeMap<String, serde_json::Value>,
    /// The vector field.
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    vector: Option<Vec<f32>>,
    /// Primary keys of rows whose vectors are searched for.
    #[serde(default)]
    ids: Option<Vec<serde_json::Value>>,
    #[serde(default)]
    limit: Option<usize>,
    /// Search parameters.
    #[serde(default)]
    params: serde_json::Map<String, serde_json::Value>,
}

/// Hits and rows of a request that states no limit.
const LIMIT: usize = 10;

pub(super) async fn explain(State(admin): State<Admin>, body: Bytes) -> Response {
    let Some(db) = admin.db() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "not serving").into_response();
    };
    let asked = serde_json::from_slice(&body)
        .map_err(|error| Error::invalid(format!("cannot read the request: {error}")))
        .and_then(request);
    let explained = match asked {
        Ok(request) => db.explain(request).await,
        Err(error) => Err(error),
    };
    match explained {
        Ok(explain) => Json(explain).into_response(),
        Err(error) => {
            let body = serde_json::json!({ "code": error.kind().code(), "error": error.to_string() });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

fn request(asked: Asked) -> Result<ExplainRequest> {
    let database = asked.database.unwrap_or_else(|| elanus_types::catalog::DEFAULT_DATABASE.to_owned());
    let target = CollectionRef { database, name: asked.collection };
    let templates = asked.templates.into_iter().map(|(name, value)| (name, template(value))).collect();
    let filter = FilterText { templates, ..FilterText::new(asked.filter.as_str()) };
    let limit = asked.limit.unwrap_or(LIMIT);
    let queries = match (asked.vector, asked.ids) {
        (Some(_), Some(_)) => return Err(Error::invalid("give a vector or ids, not both")),
        (Some(vector), None) => {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![bytes.into()] }
        }
        (None, Some(ids)) => QueryVectors::Ids(keys(&ids)?),
        (None, None) => {
            return Ok(ExplainRequest::Query(Box::new(QueryRequest {
                partitions: asked.partitions,
                filter,
                limit: Some(limit),
                ..QueryRequest::new(target)
            })));
        }
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(ExplainRequest::Search(Box::new(SearchRequest {
        partitions: asked.partitions,
        field: asked.field,
        filter,
        params: asked.params,
        ..SearchRequest::new(target, queries, limit)
    })))
}

fn keys(ids: &[serde_json::Value]) -> Result<Column> {
    if let Some(numbers) = ids.iter().map(serde_json::Value::as_i64).collect::<Option<Vec<_>>>() {
        return Ok(Column::new(ColumnData::Int64(numbers)));
    }
    match ids.iter().map(serde_json::Value::as_str).collect::<Option<Vec<_>>>() {
        Some(texts) => Ok(Column::from_bytes(texts)),
        None => Err(Error::invalid("ids must be all integers or all texts")),
    }
}

fn template(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::Str(text),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(template).collect()),
        object => Value::Json(object),
    }
}
