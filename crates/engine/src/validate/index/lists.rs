//! Indexes on the vectors of a struct array. Whatever is asked for, lists are compared exactly.

use super::{AUTOINDEX, kinds};
use crate::validate::{as_invalid, invalid};
use elanus_ann::registry;
use elanus_kernels::Metric;
use elanus_types::catalog::Properties;
use elanus_types::{DataType, FieldSchema, Result};

/// Index types that Milvus builds over lists.
const KINDS: &[&str] =
    &["FLAT", "IVF_FLAT", "IVF_FLAT_CC", "HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "DISKANN"];
/// How an index would find the rows whose lists it compares.
const STRATEGY: &str = "emb_list_strategy";
const STRATEGIES: &[&str] = &["tokenann", "muvera", "lemur"];
const PREFIX: &str = "MAX_SIM";

/// How the vectors of lists are compared by a metric for lists; `None` for any other metric.
pub fn list_metric(name: &str) -> Option<Metric> {
    match name.strip_prefix(PREFIX)? {
        "" | "_COSINE" => Some(Metric::Cosine),
        "_IP" => Some(Metric::Ip),
        "_L2" => Some(Metric::L2),
        "_HAMMING" => Some(Metric::Hamming),
        "_JACCARD" => Some(Metric::Jaccard),
        _ => None,
    }
}

/// Whether two names mean one metric: the short name of the metric for lists is that of cosines.
pub fn same_metric(one: &str, other: &str) -> bool {
    let upper = |name: &str| name.to_ascii_uppercase();
    let (one, other) = (upper(one), upper(other));
    one == other || list_metric(&one).is_some_and(|metric| list_metric(&other) == Some(metric))
}

/// The metric of an index that names none.
pub fn default_metric(field: &FieldSchema) -> &'static str {
    match field.vector_type() {
        DataType::BinaryVector => "MAX_SIM_HAMMING",
        _ => "MAX_SIM_COSINE",
    }
}

/// Whether the index type can stand on the field.
pub fn check_field(field: &FieldSchema, index_type: &str) -> Result<()> {
    if index_type == AUTOINDEX {
        return Ok(());
    }
    // An index for single vectors is one for those in lists; names that are none get the message for that.
    registry::validate_index_type(index_type, field.vector_type()).map(|_| ()).map_err(as_invalid)
}

/// Whether the metric (upper case) fits the vectors, and the index type the metric.
pub fn check_metric(field: &FieldSchema, index_type: &str, metric: &str) -> Result<()> {
    let Some(of_elements) = list_metric(metric) else {
        return kinds::check_metric(field.vector_type(), index_type, metric);
    };
    if index_type != AUTOINDEX && !KINDS.contains(&index_type) {
        return Err(invalid(format!(
            "data type {} can't build with this index {index_type} by metric type {metric}",
            field.data_type
        )));
    }
    let bits = field.vector_type() == DataType::BinaryVector;
    match bits == matches!(of_elements, Metric::Hamming | Metric::Jaccard) {
        true => Ok(()),
        false => Err(invalid(format!(
            "array of {} vector index does not support metric type: {metric}",
            if bits { "binary" } else { "float" }
        ))),
    }
}

/// Checks parameters that only indexes of lists have.
pub fn check_params(params: &Properties) -> Result<()> {
    match params.get(STRATEGY) {
        Some(name) if !STRATEGIES.contains(&name.as_str()) => Err(invalid(format!(
            "{STRATEGY} {name} not found or not supported, supported: [{}]",
            STRATEGIES.join(" ")
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(element: DataType) -> FieldSchema {
        FieldSchema {
            element_type: Some(element),
            dim: 8,
            ..FieldSchema::new(100, "s[v]", DataType::ArrayOfVector)
        }
    }

    fn fits(element: DataType, index_type: &str, metric: &str) -> bool {
        let field = lists(element);
        check_field(&field, index_type).and_then(|()| check_metric(&field, index_type, metric)).is_ok()
    }

    #[test]
    fn types_and_metrics_are_those_of_lists_or_of_their_elements() {
        for metric in ["MAX_SIM", "MAX_SIM_COSINE", "MAX_SIM_IP", "MAX_SIM_L2", "COSINE", "L2", "IP"] {
            for index_type in ["AUTOINDEX", "FLAT", "HNSW", "HNSW_SQ", "IVF_FLAT", "DISKANN"] {
                assert!(fits(DataType::FloatVector, index_type, metric), "{index_type} {metric}");
            }
            assert!(!fits(DataType::BinaryVector, "AUTOINDEX", metric), "{metric}");
        }
        for metric in ["MAX_SIM_HAMMING", "MAX_SIM_JACCARD", "HAMMING", "JACCARD"] {
            assert!(fits(DataType::BinaryVector, "HNSW", metric), "{metric}");
            assert!(!fits(DataType::FloatVector, "HNSW", metric), "{metric}");
        }
        assert!(
            fits(DataType::FloatVector, "IVF_PQ", "L2") && !fits(DataType::FloatVector, "IVF_PQ", "MAX_SIM")
        );
        assert!(
            !fits(DataType::FloatVector, "BIN_FLAT", "MAX_SIM") && !fits(DataType::FloatVector, "X", "L2")
        );
        assert!(
            !fits(DataType::FloatVector, "HNSW", "MAX_SIM_DTW")
                && !fits(DataType::FloatVector, "HNSW", "max_sim")
        );
    }

    #[test]
    fn the_short_name_means_cosines() {
        assert!(same_metric("MAX_SIM", "max_sim_cosine") && same_metric("L2", "L2"));
        assert!(!same_metric("MAX_SIM", "COSINE") && !same_metric("MAX_SIM", "MAX_SIM_IP"));
    }

    #[test]
    fn strategies_are_known_names() {
        let strategy = |name: &str| check_params(&Properties::from([(STRATEGY.to_owned(), name.to_owned())]));
        assert!(strategy("muvera").is_ok() && strategy("other").is_err());
        assert!(check_params(&Properties::new()).is_ok());
    }
}
