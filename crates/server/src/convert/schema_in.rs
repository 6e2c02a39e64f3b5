//! Schemas as sent.

use super::kv::{Pairs, properties};
use super::value;
use elanus_engine::{NewCollection, NewStruct};
use elanus_proto::common::KeyValuePair;
use elanus_proto::milvus::CreateCollectionRequest;
use elanus_proto::schema::{self as wire, CollectionSchema};
use elanus_types::{CollectionRef, DataType, Error, ErrorKind, FieldSchema, Result};
use prost::Message;

/// The collection that a request asks for.
pub(crate) fn new_collection(
    target: CollectionRef,
    request: CreateCollectionRequest,
) -> Result<NewCollection> {
    let schema = CollectionSchema::decode(request.schema).map_err(|error| {
        Error::invalid(format!("the schema of collection {} is malformed: {error}", target.name))
    })?;
    refuse_unsupported(&schema)?;
    let fields = schema.fields.iter().map(|field| self::field(field, &target.name)).collect::<Result<_>>()?;
    let structs = schema.struct_array_fields.iter().map(|field| structure(field, &target.name));
    let structs = structs.collect::<Result<_>>()?;
    let mut properties = properties(&schema.properties);
    properties.extend(self::properties(&request.properties));
    Ok(NewCollection {
        description: schema.description,
        fields,
        structs,
        dynamic: schema.enable_dynamic_field,
        shards: request.shards_num,
        partitions: request.num_partitions,
        consistency_level: request.consistency_level,
        properties,
        target,
    })
}

fn refuse_unsupported(schema: &CollectionSchema) -> Result<()> {
    let unsupported = |what: String| Err(Error::new(ErrorKind::Unsupported, what));
    if let Some(function) = schema.functions.first() {
        let name = &function.name;
        return unsupported(format!("function {name} is not supported: compute its output before inserting"));
    }
    if !schema.external_source.is_empty() {
        return unsupported("external collections are not supported: insert the rows".to_owned());
    }
    if schema.enable_namespace {
        return unsupported("namespaces are not supported: use a partition key".to_owned());
    }
    Ok(())
}

/// A struct array as sent.
fn structure(declared: &wire::StructArrayFieldSchema, collection: &str) -> Result<NewStruct> {
    let fields = declared.fields.iter().map(|part| field(part, collection)).collect::<Result<_>>();
    Ok(NewStruct {
        name: declared.name.clone(),
        description: declared.description.clone(),
        nullable: declared.nullable,
        type_params: pairs(&declared.type_params),
        fields: fields.map_err(|error| error.context(format!("struct array field {}", declared.name)))?,
    })
}

fn pairs(params: &[KeyValuePair]) -> Vec<(String, String)> {
    params.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect()
}

/// A field as sent; `collection` is for messages.
pub(crate) fn field(field: &wire::FieldSchema, collection: &str) -> Result<FieldSchema> {
    let data_type = data_type(field.data_type, &field.name)?;
    let mut out = FieldSchema::new(0, field.name.clone(), data_type);
    out.description.clone_from(&field.description);
    out.primary_key = field.is_primary_key;
    out.auto_id = field.auto_id;
    out.partition_key = field.is_partition_key;
    out.clustering_key = field.is_clustering_key;
    out.nullable = field.nullable;
    out.dynamic = field.is_dynamic;
    if matches!(data_type, DataType::Array | DataType::ArrayOfVector) {
        out.element_type = Some(self::data_type(field.element_type, &field.name)?);
    }
    out.type_params = pairs(&field.type_params);
    sizes(&mut out, Pairs(&field.type_params), collection)?;
    out.default = default(field, data_type)?;
    Ok(out)
}

fn data_type(number: i32, field: &str) -> Result<DataType> {
    // The protocol's older text type; clients of old SDKs may still send it.
    if number == wire::DataType::String as i32 {
        return Ok(DataType::VarChar);
    }
    DataType::from_number(number).ok_or_else(|| match wire::DataType::try_from(number) {
        Ok(wire::DataType::None) | Err(_) => {
            Error::invalid(format!("data type {number} of field {field} is not valid: invalid parameter"))
        }
        Ok(known) => {
            let message = format!("data type {} of field {field} is not supported", known.as_str_name());
            Error::new(ErrorKind::Unsupported, message)
        }
    })
}

/// Reads `dim`, `max_length` and `max_capacity` where the type needs them. Their ranges are the engine's to judge,
/// as far as they can be stated in its terms.
fn sizes(field: &mut FieldSchema, params: Pairs<'_>, collection: &str) -> Result<()> {
    if field.vector_type().is_dense_vector() {
        field.dim = dimension(field, params)?;
    } else if field.data_type == DataType::SparseFloatVector && params.get("dim").is_some() {
        let message = format!("dim should not be specified for sparse vector field {}", field.name);
        return Err(Error::invalid(message));
    }
    let text = field.data_type == DataType::VarChar || field.element_type == Some(DataType::VarChar);
    if text {
        field.max_length = size(field, params, "max_length", collection, |value| {
            let name = &field.name;
            format!(
                "the maximum length specified for the field({name}) should be in (0, 65535], but got {value} instead"
            )
        })?;
    }
    if matches!(field.data_type, DataType::Array | DataType::ArrayOfVector) {
        field.max_capacity = size(field, params, "max_capacity", collection, |_| {
            "the maximum capacity specified for a Array should be in (0, 4096]".to_owned()
        })?;
    }
    Ok(())
}

fn dimension(field: &FieldSchema, params: Pairs<'_>) -> Result<usize> {
    let name = &field.name;
    let Some(text) = params.get("dim") else {
        let message = format!(
            "dimension is not defined in field type params of field {name}, check type param `dim` for vector field"
        );
        return Err(Error::invalid(message));
    };
    text.trim().parse().map_err(|_| {
        let (kind, range) = match field.vector_type() {
            DataType::BinaryVector => ("binary", "8 ~ 262144"),
            _ => ("float", "2 ~ 32768"),
        };
        let message = format!(
            "invalid dimension: {text} of field {name}. {kind} vector dimension should be in range {range}"
        );
        Error::invalid(message)
    })
}

fn size(
    field: &FieldSchema,
    params: Pairs<'_>,
    key: &str,
    collection: &str,
    illegal: impl Fn(&str) -> String,
) -> Result<usize> {
    let Some(text) = params.get(key) else {
        let name = &field.name;
        let message =
            format!("type param({key}) should be specified for the field({name}) of collection {collection}");
        return Err(Error::new(ErrorKind::MissingParameter, message));
    };
    text.trim().parse().map_err(|_| Error::invalid(illegal(text)))
}

fn default(field: &wire::FieldSchema, data_type: DataType) -> Result<Option<elanus_types::Value>> {
    let Some(sent) = &field.default_value else { return Ok(None) };
    let Some((value, types)) = value::default_in(sent)? else { return Ok(None) };
    if types.contains(&data_type) {
        return Ok(Some(value));
    }
    let slot = types.first().map_or("", |t| t.name());
    let name = &field.name;
    let message =
        format!("type ({data_type}) of field ({name}) is not equal to the type({slot}) of default_value");
    Err(Error::invalid(format!("{message}: invalid parameter")))
}

#[cfg(test)]
mod tests;
