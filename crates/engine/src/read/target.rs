//! What a search searches: the vector field, its metric, query vectors in the field's own form.

use crate::local::World;
use crate::validate::rows::{check_dense, check_sparse};
use bytes::Bytes;
use elanus_kernels::{Element, Metric, convert};
use elanus_segment::{Against, PrimaryKey, Segment};
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::{CollectionMeta, Column, ColumnRef, DataType, Error, ErrorKind, FieldSchema, Result};
use std::sync::Arc;

/// The primary key field.
pub fn primary(meta: &CollectionMeta) -> Result<&FieldSchema> {
    crate::local::primary(meta)
}

/// The vector field a request names, or the only one.
pub fn vector_field<'a>(meta: &'a CollectionMeta, request: &SearchRequest) -> Result<&'a FieldSchema> {
    match request.field.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => {
            let field = meta.schema.field(name).ok_or_else(|| {
                Error::invalid(format!(
                    "failed to create query plan: failed to get field schema by name: fieldName({name}) not found: \
                     invalid parameter"
                ))
            })?;
            if field.data_type.is_vector() {
                Ok(field)
            } else {
                Err(Error::invalid(format!(
                    "failed to create query plan: field ({name}) to search is not of vector data type: invalid parameter"
                )))
            }
        }
        None => {
            let mut vectors = meta.schema.vectors();
            match (vectors.next(), vectors.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(Error::invalid(
                    "multiple anns_fields exist, please specify a anns_field in search_params",
                )),
            }
        }
    }
}

/// How the field's vectors are compared, and what of a row is.
pub fn comparison(
    meta: &CollectionMeta,
    field: &FieldSchema,
    request: &SearchRequest,
) -> Result<(Metric, Against)> {
    match field.data_type {
        DataType::ArrayOfVector => super::lists::metric(meta, field, request),
        _ => metric(meta, field, request).map(|metric| (metric, Against::Vectors)),
    }
}

/// The metric of the field's index; a request may repeat it but not change it.
fn metric(meta: &CollectionMeta, field: &FieldSchema, request: &SearchRequest) -> Result<Metric> {
    let index = meta.index_on(field.id);
    let indexed = index.and_then(|index| index.metric.as_deref());
    let asked = request.metric.as_deref().filter(|name| !name.is_empty());
    if let (Some(indexed), Some(asked)) = (indexed, asked)
        && !indexed.eq_ignore_ascii_case(asked)
    {
        return Err(Error::expected("metric type not match", indexed, asked));
    }
    let default = match field.data_type {
        DataType::BinaryVector => "HAMMING",
        DataType::SparseFloatVector => "IP",
        _ => "COSINE",
    };
    let name = indexed.or(asked).unwrap_or(default);
    if let Some((index, metric)) = index.zip(indexed) {
        return elanus_ann::index_metric(&index.index_type, metric, &index.params, field.dim);
    }
    match Metric::parse(name) {
        Some(Metric::MhJaccard(_)) => super::minhash::unindexed(field, request),
        Some(metric) => Ok(metric),
        None => Err(Error::invalid(format!("metric type {name} is not supported on field {}", field.name))),
    }
}

/// Query vectors in the field's element type, checked.
pub fn queries(
    world: &World,
    meta: &CollectionMeta,
    field: &FieldSchema,
    request: &SearchRequest,
) -> Result<Vec<Bytes>> {
    let lists = field.data_type == DataType::ArrayOfVector;
    match &request.queries {
        QueryVectors::Ids(ids) => stored(world, meta, field, ids),
        QueryVectors::Vectors { data_type, vectors } if lists => {
            super::lists::queries(field, *data_type, vectors, true)
        }
        QueryVectors::Lists { data_type, lists: sent } if lists => {
            super::lists::queries(field, *data_type, sent, false)
        }
        QueryVectors::Lists { data_type, .. } => Err(Error::invalid(format!(
            "vector type must be the same, field {} - type {}, search ph type EmbList{data_type}",
            field.name, field.data_type
        ))),
        QueryVectors::Vectors { data_type, vectors } => {
            vectors.iter().map(|vector| one_query(field, *data_type, vector)).collect()
        }
    }
}

/// One query vector in the field's element type, checked.
pub fn one_query(field: &FieldSchema, data_type: DataType, vector: &Bytes) -> Result<Bytes> {
    let widened = data_type == DataType::FloatVector
        && matches!(field.data_type, DataType::Float16Vector | DataType::BFloat16Vector);
    if data_type != field.data_type && !widened {
        return Err(Error::invalid(format!(
            "vector type must be the same, field {} - type {}, search ph type {data_type}",
            field.name, field.data_type
        )));
    }
    let expected = data_type.vector_width(field.dim);
    if let Some(expected) = expected
        && vector.len() != expected
    {
        let message = format!(
            "vector dimension mismatch, expected vector size(byte) {expected}, actual {}.",
            vector.len()
        );
        return Err(Error::new(ErrorKind::Segcore, message));
    }
    if data_type == DataType::SparseFloatVector {
        check_sparse(vector)?;
    }
    let vector = match (widened, field.data_type) {
        (true, DataType::Float16Vector) => convert::convert(Element::F32, Element::F16, vector).into(),
        (true, _) => convert::convert(Element::F32, Element::BF16, vector).into(),
        (false, _) => vector.clone(),
    };
    check_dense(field.data_type, &vector)?;
    Ok(vector)
}

/// The vector of a row, or the vectors of its list; `None` when there are none.
fn stored_vectors(column: &Column) -> Option<Bytes> {
    let view = column.view();
    let bytes = match &view.data {
        ColumnRef::Array { items, .. } => match **items {
            ColumnRef::Fixed { data, .. } if !data.is_empty() => data,
            _ => return None,
        },
        data => data.bytes(0)?,
    };
    view.is_valid(0).then(|| Bytes::copy_from_slice(bytes))
}

/// The vectors of stored rows.
fn stored(world: &World, meta: &CollectionMeta, field: &FieldSchema, ids: &Column) -> Result<Vec<Bytes>> {
    let collection = world.collection(meta.id)?;
    let set = collection.view().set;
    let expiry = super::Expiry::now(world, meta);
    let view = ids.view();
    let mut missing = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut vectors = Vec::with_capacity(ids.len());
    for row in 0..ids.len() {
        let key =
            PrimaryKey::at(&view, row).ok_or_else(|| Error::invalid("ids must be integers or texts"))?;
        if !seen.insert(key.clone()) {
            return Err(Error::invalid("duplicate IDs found in search request"));
        }
        let seen = |segment: Arc<dyn Segment>| {
            let row = segment.find(&key).filter(|row| !expiry.covers(segment.timestamp(*row)))?;
            Some((segment, row))
        };
        match set.iter().find_map(seen) {
            None => missing.push(key.to_string()),
            Some((segment, row)) => {
                for column in segment.take(&[row], &[field.id])? {
                    vectors.push(stored_vectors(&column).ok_or_else(|| {
                        let name = &field.name;
                        Error::invalid(format!(
                            "the row with primary key {key} has no vector in field {name} to search by"
                        ))
                    })?);
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(vectors);
    }
    let missing = missing.join(" ");
    Err(Error::invalid(format!(
        "some of the provided primary key IDs do not exist: missing IDs = [{missing}]"
    )))
}
