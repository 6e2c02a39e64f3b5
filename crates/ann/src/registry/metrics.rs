//! Which metrics fit which vector types.

use super::fits_metric;
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

/// Reads a metric's name, exact upper case, for an index of this type over a field of this type.
pub fn validate_metric(index_type: &str, data_type: DataType, name: &str) -> Result<Metric> {
    let metric = Metric::parse(name).filter(|metric| metric.name() == name);
    metric.filter(|metric| fits_metric(index_type, data_type, *metric)).ok_or_else(|| match data_type {
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

fn family(data_type: DataType) -> &'static str {
    match data_type {
        DataType::BinaryVector => "binary",
        DataType::Int8Vector => "int",
        _ => "float",
    }
}
