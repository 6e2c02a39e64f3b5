//! Which index names and metrics fit which types.

use super::{AUTOINDEX, lists};
use crate::validate::{as_invalid, invalid};
use elanus_ann::registry;
use elanus_types::{DataType, FieldSchema, Result};

const SCALAR: &[&str] = &["INVERTED", "BITMAP", "STL_SORT", "Trie", "TRIE", "HYBRID", "NGRAM", "RTREE"];

/// Whether an index of this name can stand on the field. Names are case sensitive, as in Milvus.
pub fn check_field(field: &FieldSchema, index_type: &str) -> Result<()> {
    if index_type == AUTOINDEX {
        return Ok(());
    }
    if field.data_type == DataType::ArrayOfVector && !SCALAR.contains(&index_type) {
        return lists::check_field(field, index_type);
    }
    if !SCALAR.contains(&index_type) {
        return registry::validate_index_type(index_type, field.data_type).map(|_| ()).map_err(as_invalid);
    }
    if !field.data_type.is_vector() && scalar_fits(field, field.data_type, index_type)? {
        return Ok(());
    }
    Err(invalid(format!("data type {} can't build with this index {index_type}", field.data_type)))
}

fn scalar_fits(field: &FieldSchema, data_type: DataType, index_type: &str) -> Result<bool> {
    let element = field.element_type.unwrap_or(data_type);
    let (fits, only) = match index_type {
        "INVERTED" if data_type == DataType::Geometry => {
            return Err(invalid("INVERTED are not supported on Geometry field"));
        }
        "INVERTED" => (true, ""),
        "BITMAP" if field.primary_key => {
            return Err(invalid("create bitmap index on primary key not supported"));
        }
        "BITMAP" | "HYBRID" => (
            element == DataType::Bool
                || element.is_integer()
                || matches!(element, DataType::VarChar | DataType::Json),
            "bool, int, string and array field",
        ),
        "STL_SORT" => (
            data_type.is_number()
                || matches!(data_type, DataType::VarChar | DataType::Json | DataType::Timestamptz),
            "numeric, varchar or timestamptz field",
        ),
        "Trie" | "TRIE" => (data_type == DataType::VarChar, "varchar field"),
        "NGRAM" => (matches!(data_type, DataType::VarChar | DataType::Json), "varchar or json field"),
        "RTREE" if data_type == DataType::Geometry => (true, ""),
        "RTREE" => {
            return Err(invalid(format!("RTREE index can only be built on geometry field, got {data_type}")));
        }
        _ => return Ok(false),
    };
    if fits {
        return Ok(true);
    }
    Err(invalid(format!(
        "{index_type} are only supported on {only}: data type {data_type} can't build with this index {index_type}"
    )))
}

/// The metric of an index that names none.
pub fn default_metric(field: &FieldSchema) -> &'static str {
    match field.data_type {
        DataType::ArrayOfVector => lists::default_metric(field),
        data_type => registry::default_metric(data_type).name(),
    }
}

/// Whether the metric (upper case) fits the type. SUBSTRUCTURE and SUPERSTRUCTURE are legal in Milvus but not computed
/// here, so they are refused rather than replaced.
pub fn check_metric(data_type: DataType, index_type: &str, metric: &str) -> Result<()> {
    if (data_type, metric) == (DataType::SparseFloatVector, "BM25") {
        // Function output fields do not exist yet, so no field may have this metric.
        return Err(invalid("only BM25 Function output field support BM25 metric type"));
    }
    registry::validate_metric(index_type, data_type, metric).map(|_| ()).map_err(as_invalid)
}
