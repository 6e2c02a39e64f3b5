//! Which metrics fit which vector types.

use elanus_kernels::Metric;
use elanus_types::{DataType, Error, Result};

/// The metric of an index for which none was named.
pub fn default_metric(data_type: DataType) -> Metric {
    match data_type {
        DataType::BinaryVector => Metric::Hamming,
        DataType::SparseFloatVector => Metric::Ip,
        _ => Metric::Cosine,
    }
}

/// Reads a metric's name, exact upper case, for a field of this type.
pub fn validate_metric(data_type: DataType, name: &str) -> Result<Metric> {
    let metric = Metric::parse(name).filter(|metric| metric.name() == name);
    metric.filter(|metric| fits(data_type, *metric)).ok_or_else(|| match data_type {
        DataType::SparseFloatVector => {
            Error::invalid("only IP&BM25 is the supported metric type for sparse index")
        }
        _ => Error::invalid(format!(
            "{} vector index does not support metric type: {name}: \
             invalid parameter[expected=valid index params][actual=invalid index params]",
            family(data_type)
        )),
    })
}

fn fits(data_type: DataType, metric: Metric) -> bool {
    match metric {
        Metric::L2 | Metric::Cosine => {
            !matches!(data_type, DataType::BinaryVector | DataType::SparseFloatVector)
        }
        Metric::Ip => data_type != DataType::BinaryVector,
        Metric::Hamming | Metric::Jaccard | Metric::MhJaccard(_) => data_type == DataType::BinaryVector,
    }
}

fn family(data_type: DataType) -> &'static str {
    match data_type {
        DataType::BinaryVector => "binary",
        DataType::Int8Vector => "int",
        _ => "float",
    }
}
