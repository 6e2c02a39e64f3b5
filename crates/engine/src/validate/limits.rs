//! How much is allowed: Milvus's limits as defaults, and the checks of a read's numbers.

use crate::validate::invalid;
use elanus_types::Result;

/// Limits of requests and schemas; each a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Longest name in bytes.
    pub name_length: usize,
    /// Longest description in bytes.
    pub description_length: usize,
    /// Databases.
    pub databases: usize,
    /// Collections over all databases.
    pub collections: usize,
    /// Collections in one database; its property `database.max.collections` goes first.
    pub collections_per_database: usize,
    /// Partitions of a collection.
    pub partitions: usize,
    /// Partitions of a collection with a partition key, unless asked for otherwise.
    pub partition_key_partitions: usize,
    /// Shards of a collection.
    pub shards: i32,
    /// Declared fields of a collection.
    pub fields: usize,
    /// Vector fields among them.
    pub vector_fields: usize,
    /// Dimensions of a vector; bits of a binary one are eight times as many.
    pub dimensions: usize,
    /// `max_length` of a VARCHAR in bytes.
    pub varchar_length: usize,
    /// `max_capacity` of an ARRAY.
    pub array_capacity: usize,
    /// Bytes of a JSON value, and of the dynamic keys of one row.
    pub json_length: usize,
    /// Bytes of all parameters of an index.
    pub index_params_size: usize,
    /// Query vectors of one search.
    pub queries: i64,
    /// `offset + limit` of a search or query.
    pub window: i64,
    /// Searches fused by one hybrid search.
    pub hybrid_requests: usize,
    /// Hits per group.
    pub group_size: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            name_length: 255,
            description_length: 1024,
            databases: 64,
            collections: 65_536,
            collections_per_database: 65_536,
            partitions: 1024,
            partition_key_partitions: 16,
            shards: 16,
            fields: 64,
            vector_fields: 10,
            dimensions: 32_768,
            varchar_length: 65_535,
            array_capacity: 4096,
            json_length: 65_536,
            index_params_size: 100 * 1024,
            queries: 16_384,
            window: 16_384,
            hybrid_requests: 1024,
            group_size: 10,
        }
    }
}

impl Limits {
    /// Number of query vectors of a search.
    pub fn check_queries(&self, nq: i64) -> Result<()> {
        let most = self.queries;
        if (1..=most).contains(&nq) {
            return Ok(());
        }
        Err(invalid(format!(
            "nq [{nq}] is invalid, nq (number of search vector per search request) should be in range [1, {most}], but got {nq}"
        )))
    }

    /// `limit` (called topk on the wire) and `offset` of a search.
    pub fn check_search_window(&self, offset: i64, limit: i64) -> Result<()> {
        self.in_window("topk", limit)?;
        if offset != 0 {
            self.in_window("offset", offset)?;
        }
        self.in_window("offset+topk", offset.saturating_add(limit))
    }

    fn in_window(&self, name: &str, value: i64) -> Result<()> {
        let most = self.window;
        if (1..=most).contains(&value) {
            return Ok(());
        }
        Err(invalid(format!(
            "{name} [{value}] is invalid, it should be in range [1, {most}], but got {value}"
        )))
    }

    /// `limit` and `offset` of a query; a query without a limit has no window.
    pub fn check_query_window(&self, offset: i64, limit: i64) -> Result<()> {
        let (most, depth) = (self.window, offset.saturating_add(limit));
        let text = if offset < 0 {
            format!("offset [{offset}] is invalid, should be gte than 0")
        } else if limit <= 0 {
            format!("limit [{limit}] is invalid, should be greater than 0")
        } else if depth > most {
            format!("(offset+limit) should be in range [1, {most}], but got {depth}")
        } else {
            return Ok(());
        };
        Err(invalid(format!("invalid max query result window, {text}")))
    }

    /// Decimals scores are rounded to.
    pub fn check_round_decimal(&self, decimals: i64) -> Result<()> {
        if (-1..=6).contains(&decimals) {
            return Ok(());
        }
        Err(invalid(format!(
            "round_decimal [{decimals}] is invalid, should be -1 or an integer in range [0, 6]"
        )))
    }

    /// Hits per group of a grouping search.
    pub fn check_group_size(&self, size: i64) -> Result<()> {
        let most = self.group_size;
        match size {
            ..=0 => Err(invalid(format!("input group size:{size} is negative or zero, it must be positive"))),
            _ if size > most => {
                Err(invalid(format!("input group size:{size} exceeds configured max group size:{most}")))
            }
            _ => Ok(()),
        }
    }

    /// Number of searches fused by one hybrid search.
    pub fn check_hybrid_requests(&self, requests: usize) -> Result<()> {
        let most = self.hybrid_requests;
        if (1..=most).contains(&requests) {
            return Ok(());
        }
        Err(invalid(format!(
            "maximum number of ann search requests in hybrid search is limited to {most} and at least 1 is needed, but got {requests}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<()>) -> String {
        result.map_or_else(|error| error.message().to_owned(), |()| "ok".into())
    }

    #[test]
    fn windows_are_checked_with_milvus_texts() {
        let limits = Limits::default();
        assert_eq!(message(limits.check_search_window(0, 16_384)), "ok");
        assert_eq!(
            message(limits.check_search_window(0, 0)),
            "topk [0] is invalid, it should be in range [1, 16384], but got 0: invalid parameter"
        );
        assert_eq!(
            message(limits.check_search_window(1, 16_384)),
            "offset+topk [16385] is invalid, it should be in range [1, 16384], but got 16385: invalid parameter"
        );
        assert!(
            message(limits.check_search_window(-1, 1)).starts_with("offset [-1] is invalid, it should be")
        );
        assert!(message(limits.check_search_window(i64::MAX, 5)).starts_with("offset [9223372036854775807]"));
        assert_eq!(
            message(limits.check_query_window(1, 16_384)),
            "invalid max query result window, (offset+limit) should be in range [1, 16384], but got 16385: invalid parameter"
        );
        assert!(message(limits.check_query_window(0, 0)).contains("limit [0] is invalid"));
    }

    #[test]
    fn other_numbers_are_checked() {
        let limits = Limits::default();
        assert_eq!(message(limits.check_queries(16_384)), "ok");
        assert_eq!(
            message(limits.check_queries(0)),
            "nq [0] is invalid, nq (number of search vector per search request) should be in range [1, 16384], but got 0: invalid parameter"
        );
        assert_eq!(
            message(limits.check_round_decimal(7)),
            "round_decimal [7] is invalid, should be -1 or an integer in range [0, 6]: invalid parameter"
        );
        assert_eq!(message(limits.check_round_decimal(-1)), "ok");
        assert!(limits.check_group_size(11).is_err() && limits.check_group_size(0).is_err());
        assert!(limits.check_hybrid_requests(0).is_err() && limits.check_hybrid_requests(1024).is_ok());
    }
}
