//! What index types ask of a column's dimension and metric.

use super::{IndexType, find, index_metric};
use elanus_kernels::Metric;
use elanus_types::catalog::Properties;
use elanus_types::{DataType, Error, Result};

/// Checks the parameters that depend on the dimension: pieces of product codes, slots of signatures.
pub fn validate_dimension(index_type: &str, dim: usize, params: &Properties) -> Result<()> {
    let number = |key: &str| params.get(key).and_then(|text| text.trim().parse::<usize>().ok());
    let divides = |key: &str, what: &str, number: usize| match number > 0 && !dim.is_multiple_of(number) {
        true => Err(Error::invalid(format!(
            "The dimension of a vector (dim) should be a multiple of {what} ({key}). Dimension:{dim}, {key}:{number}"
        ))),
        false => Ok(()),
    };
    match index_type {
        "IVF_PQ" => number("m").map_or(Ok(()), |m| divides("m", "the number of subquantizers", m)),
        "SCANN" => number("sub_dim").map_or(Ok(()), |each| divides("sub_dim", "the size of a piece", each)),
        "MINHASH_LSH" => index_metric(index_type, "MHJACCARD", params, dim).map(|_| ()),
        _ => Ok(()),
    }
}

/// Whether an index type compares by a metric that fits the field: bits by sets or slots, lists of bits and graphs of them
/// by sets only, signatures by slots only.
pub fn fits_metric(index_type: &str, data_type: DataType, metric: Metric) -> bool {
    let index = find(if index_type.is_empty() { "AUTOINDEX" } else { index_type });
    match data_type {
        DataType::BinaryVector => match (index.map(|index: &IndexType| index.name), metric) {
            (Some("MINHASH_LSH"), metric) => metric.slots().is_some(),
            (Some("AUTOINDEX"), Metric::MhJaccard(_)) => true,
            (Some("GPU_CAGRA"), metric) => metric == Metric::Hamming,
            (_, metric) => matches!(metric, Metric::Hamming | Metric::Jaccard),
        },
        DataType::SparseFloatVector => metric == Metric::Ip,
        _ => matches!(metric, Metric::L2 | Metric::Ip | Metric::Cosine),
    }
}
