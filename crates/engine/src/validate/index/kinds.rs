//! Which index names and metrics fit which types.

use super::AUTOINDEX;
use crate::validate::invalid;
use elanus_types::{DataType, Error, FieldSchema, Result};

const HNSW_FAMILY: &[&str] = &["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"];
const FLOAT_ONLY: &[&str] = &[
    "IVF_FLAT",
    "IVF_SQ8",
    "IVF_PQ",
    "IVF_RABITQ",
    "SCANN",
    "DISKANN",
    "AISAQ",
    "FAISS",
    "GPU_BRUTE_FORCE",
    "GPU_IVF_FLAT",
    "GPU_IVF_PQ",
    "GPU_CAGRA",
    "SVS_FLAT",
    "SVS_VAMANA",
    "SVS_VAMANA_LVQ",
    "SVS_VAMANA_LEANVEC",
];
const BINARY: &[&str] = &["BIN_FLAT", "BIN_IVF_FLAT", "MINHASH_LSH"];
const SPARSE: &[&str] = &["SPARSE_INVERTED_INDEX", "SPARSE_WAND"];
const SCALAR: &[&str] = &["INVERTED", "BITMAP", "STL_SORT", "Trie", "TRIE", "HYBRID", "NGRAM", "RTREE"];

/// What the vector types call themselves in messages about metrics.
fn family(data_type: DataType) -> &'static str {
    match data_type {
        DataType::BinaryVector => "binary vector",
        DataType::Int8Vector => "int8 vector",
        DataType::SparseFloatVector => "sparse",
        _ => "float vector",
    }
}

fn is_known(index_type: &str) -> bool {
    let all = [HNSW_FAMILY, FLOAT_ONLY, BINARY, SPARSE, SCALAR, &["FLAT", AUTOINDEX]];
    all.iter().any(|names| names.contains(&index_type))
}

/// Whether an index of this name can stand on the field. Names are case sensitive, as in Milvus.
pub fn check_field(field: &FieldSchema, index_type: &str) -> Result<()> {
    if !is_known(index_type) {
        return Err(Error::invalid(format!(
            "invalid parameter[expected=valid index][actual=invalid index type: {index_type}]"
        )));
    }
    let fits = index_type == AUTOINDEX
        || match field.data_type {
            DataType::FloatVector | DataType::Float16Vector | DataType::BFloat16Vector => {
                index_type == "FLAT" || HNSW_FAMILY.contains(&index_type) || FLOAT_ONLY.contains(&index_type)
            }
            DataType::Int8Vector => index_type == "FLAT" || HNSW_FAMILY.contains(&index_type),
            DataType::BinaryVector => BINARY.contains(&index_type),
            DataType::SparseFloatVector => SPARSE.contains(&index_type),
            scalar => scalar_fits(field, scalar, index_type)?,
        };
    if fits {
        return Ok(());
    }
    Err(invalid(format!("data type {} can't build with this index {index_type}", field.data_type)))
}

fn scalar_fits(field: &FieldSchema, data_type: DataType, index_type: &str) -> Result<bool> {
    let element = field.element_type.unwrap_or(data_type);
    let (fits, only) = match index_type {
        "INVERTED" => (true, ""),
        "BITMAP" if field.primary_key => {
            return Err(invalid("create bitmap index on primary key not supported"));
        }
        "BITMAP" | "HYBRID" => (
            element == DataType::Bool || element.is_integer() || element == DataType::VarChar,
            "bool, int, string and array field",
        ),
        "STL_SORT" => {
            (data_type.is_number() || data_type == DataType::VarChar, "numeric, varchar or timestamptz field")
        }
        "Trie" | "TRIE" => (data_type == DataType::VarChar, "varchar field"),
        "NGRAM" => (matches!(data_type, DataType::VarChar | DataType::Json), "varchar or json field"),
        "RTREE" => (false, "geometry field"),
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
pub fn default_metric(data_type: DataType) -> &'static str {
    match data_type {
        DataType::BinaryVector => "HAMMING",
        DataType::SparseFloatVector => "IP",
        _ => "COSINE",
    }
}

/// Whether the metric (upper case) fits the type. SUBSTRUCTURE and SUPERSTRUCTURE are legal in
/// Milvus but not computed here, so they are refused rather than replaced.
pub fn check_metric(data_type: DataType, index_type: &str, metric: &str) -> Result<()> {
    let fits = match data_type {
        DataType::BinaryVector => match index_type {
            "MINHASH_LSH" => metric == "MHJACCARD",
            AUTOINDEX => matches!(metric, "HAMMING" | "JACCARD" | "MHJACCARD"),
            _ => matches!(metric, "HAMMING" | "JACCARD"),
        },
        DataType::SparseFloatVector => metric == "IP",
        _ => matches!(metric, "L2" | "IP" | "COSINE"),
    };
    if fits {
        return Ok(());
    }
    let text = match (data_type, metric) {
        // Function output fields do not exist yet, so no field may have this metric.
        (DataType::SparseFloatVector, "BM25") => {
            "only BM25 Function output field support BM25 metric type".to_owned()
        }
        (DataType::SparseFloatVector, _) => {
            "only IP&BM25 is the supported metric type for sparse index".to_owned()
        }
        _ => format!("{} index does not support metric type: {metric}", family(data_type)),
    };
    Err(invalid(text))
}
