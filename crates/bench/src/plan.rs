//! What to measure.

use crate::npy::{self, Array};
use elanus_kernels::Metric;
use elanus_types::{Error, Result};
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

/// Buckets that rows are spread over, for filters of known selectivity.
const BUCKETS: u64 = 10_000;

/// A run: what to insert, what to search, how hard.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Server, for example `http://127.0.0.1:19530`.
    pub uri: String,
    /// Database; empty = default.
    pub database: String,
    /// Collection; replaced unless `reuse` is set.
    pub collection: String,
    /// Vectors to insert (`.npy`, float16 or float32); row number = id.
    pub vectors: Option<PathBuf>,
    /// Only the first rows of `vectors`.
    pub rows: Option<usize>,
    /// Query vectors (`.npy`).
    pub queries: Option<PathBuf>,
    /// Exact neighbours of every query (`.npy`, integers, one row a query); without it they are computed.
    pub truth: Option<PathBuf>,
    /// The collection is there and filled already.
    pub reuse: bool,
    /// Metric of the index.
    pub metric: Metric,
    /// Index type.
    pub index: String,
    /// Index parameters.
    pub index_params: Map<String, Value>,
    /// Store the vectors as float16.
    pub half: bool,
    /// Rows per insert.
    pub batch: usize,
    /// Connections that insert.
    pub insert_clients: usize,
    /// Numbers of clients to search with.
    pub clients: Vec<usize>,
    /// Search parameters to try, for example `{"ef": 64}`.
    pub search_params: Vec<Map<String, Value>>,
    /// Filters to try.
    pub filters: Vec<Filter>,
    /// Vectors per search.
    pub nq: usize,
    /// Hits per vector.
    pub limit: usize,
    /// Searches per second of an open loop; `None` = closed loop, every client sends as soon as it is answered.
    pub rate: Option<f64>,
    /// Time before measuring.
    pub warmup: Duration,
    /// Time measured, per combination.
    pub duration: Duration,
    /// Longest wait for the index.
    pub index_timeout: Duration,
}

/// Which rows may answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them.
    None,
    /// About this share of the rows, in percent, chosen by a hash of the id.
    Percent(f64),
    /// An expression of the user's; its recall is known only with a truth file.
    Text(String),
}

impl Filter {
    /// The expression.
    pub fn expression(&self) -> String {
        match self {
            Filter::None => String::new(),
            Filter::Percent(_) => format!("bucket < {}", self.bound().unwrap_or_default()),
            Filter::Text(text) => text.clone(),
        }
    }

    /// Rows below this bucket pass.
    pub(crate) fn bound(&self) -> Option<i64> {
        match self {
            Filter::None => Some(BUCKETS as i64),
            Filter::Percent(percent) => Some((percent / 100.0 * BUCKETS as f64).round() as i64),
            Filter::Text(_) => None,
        }
    }
}

/// The bucket of a row, 0 to 9,999.
pub(crate) fn bucket(id: i64) -> i64 {
    let mixed = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    (mixed % BUCKETS) as i64
}

impl Plan {
    /// The vectors to insert, as floats.
    pub(crate) fn vectors(&self) -> Result<Option<Array>> {
        let Some(path) = &self.vectors else { return Ok(None) };
        Ok(Some(npy::read(path)?.head(self.rows.unwrap_or(usize::MAX)).into_floats()?))
    }

    /// The query vectors, as floats.
    pub(crate) fn queries(&self, vectors: Option<&Array>) -> Result<Option<Array>> {
        let Some(path) = &self.queries else { return Ok(None) };
        let queries = npy::read(path)?.into_floats()?;
        if queries.rows == 0 || self.nq == 0 || self.nq > queries.rows {
            let message = format!("{} queries cannot make searches of {}", queries.rows, self.nq);
            return Err(Error::invalid(message));
        }
        match vectors {
            Some(vectors) if vectors.columns != queries.columns => Err(Error::invalid(format!(
                "vectors have {} dimensions, queries {}",
                vectors.columns, queries.columns
            ))),
            _ => Ok(Some(queries)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_lets_about_that_share_through() {
        for percent in [1.0, 10.0, 50.0] {
            let bound = Filter::Percent(percent).bound().unwrap();
            let passed = (0..100_000).filter(|id| bucket(*id) < bound).count() as f64;
            assert!((passed / 1000.0 - percent).abs() < 0.5, "{percent} % lets {passed} of 100,000 through");
        }
        assert_eq!(Filter::Percent(1.0).expression(), "bucket < 100");
    }
}
