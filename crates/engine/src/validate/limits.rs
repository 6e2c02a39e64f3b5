//! How much is allowed: Milvus's limits as defaults, and the checks of a read's numbers.

use crate::validate::invalid;
use elanus_types::query::{OutputField, QueryRequest};
use elanus_types::search::{GroupBy, HybridRequest, SearchIterator, SearchRequest};
use elanus_types::{Error, Result};

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
    /// Groups of a grouped query.
    pub query_groups: usize,
    /// Bytes of the output fields of one search or query.
    pub output_size: usize,
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
            query_groups: 100_000,
            output_size: 100 << 20,
        }
    }
}

impl Limits {
    /// The numbers of a search; its query vectors are counted by [`Limits::check_nq`].
    pub fn check_search(&self, request: &SearchRequest) -> Result<()> {
        self.check_search_window(request.offset, request.limit)?;
        check_round_decimal(request.round_decimal)?;
        self.check_group(request.group_by.as_ref())?;
        match &request.search_iterator {
            Some(iterator) => self.check_iterator(iterator, request),
            None => Ok(()),
        }
    }

    /// The numbers of a hybrid search; every search in it is checked by itself.
    pub fn check_hybrid(&self, request: &HybridRequest) -> Result<()> {
        let (requests, most) = (request.requests.len(), self.hybrid_requests);
        if !(1..=most).contains(&requests) {
            return Err(invalid(format!(
                "maximum number of ann search requests in hybrid search is limited to {most} and at least 1 is needed, but got {requests}"
            )));
        }
        self.check_search_window(request.offset, request.limit)?;
        check_round_decimal(request.round_decimal)?;
        self.check_group(request.group_by.as_ref())
    }

    /// The numbers of a query. One without a limit has no window, but needs a filter (`unfiltered` = it has none).
    pub fn check_query(&self, request: &QueryRequest, unfiltered: bool) -> Result<()> {
        let Some(limit) = request.limit else {
            return match unfiltered {
                true => Err(invalid("empty expression should be used with limit")),
                false => Ok(()),
            };
        };
        let (most, depth) = (self.window, request.offset.saturating_add(limit));
        let text = if limit == 0 {
            format!("limit [{limit}] is invalid, should be greater than 0")
        } else if i64::try_from(depth).map_or(true, |depth| depth > most) {
            format!("(offset+limit) should be in range [1, {most}], but got {depth}")
        } else {
            return Ok(());
        };
        Err(invalid(format!("invalid max query result window, {text}")))
    }

    /// Number of query vectors of a search.
    pub fn check_nq(&self, nq: usize) -> Result<()> {
        let most = self.queries;
        if i64::try_from(nq).is_ok_and(|nq| (1..=most).contains(&nq)) {
            return Ok(());
        }
        Err(invalid(format!(
            "nq [{nq}] is invalid, nq (number of search vector per search request) should be in range [1, {most}], but got {nq}"
        )))
    }

    /// Size of the output of a `search` or `query`.
    pub fn check_output(&self, fields: &[OutputField], verb: &str) -> Result<()> {
        let size: usize = fields.iter().map(|field| field.column.view().byte_size()).sum();
        self.check_size(size, verb)
    }

    /// The same before anything is fetched: `rows` rows of at least `width` bytes.
    pub fn check_rows(&self, width: usize, rows: usize, verb: &str) -> Result<()> {
        self.check_size(width.saturating_mul(rows), verb)
    }

    /// The same of a size that is known, about, before anything is fetched.
    pub fn check_size(&self, size: usize, verb: &str) -> Result<()> {
        if size <= self.output_size {
            return Ok(());
        }
        let results = if verb == "search" { "search results exceed" } else { "query results exceed" };
        Err(Error::invalid(format!(
            "{results} the maxOutputSize Limit {}, ask for fewer rows or fields",
            self.output_size
        )))
    }

    /// `limit` (called topk on the wire) and `offset` of a search.
    fn check_search_window(&self, offset: i64, limit: i64) -> Result<()> {
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

    fn check_group(&self, group: Option<&GroupBy>) -> Result<()> {
        let (most, size) = (self.group_size, group.map_or(1, |group| group.size));
        match i64::try_from(size) {
            Ok(0) => {
                Err(invalid(format!("input group size:{size} is negative or zero, it must be positive")))
            }
            Ok(size) if size <= most => Ok(()),
            _ => Err(invalid(format!("input group size:{size} exceeds configured max group size:{most}"))),
        }
    }

    fn check_iterator(&self, iterator: &SearchIterator, request: &SearchRequest) -> Result<()> {
        if iterator.batch_size == 0 {
            return Err(invalid("batch size is required"));
        }
        if i64::try_from(iterator.batch_size).map_or(true, |size| size > self.window) {
            let (size, most) = (iterator.batch_size, self.window);
            return Err(invalid(format!(
                "batch size is invalid, it should be in range [1, {most}], but got {size}"
            )));
        }
        if request.offset != 0 {
            return Err(invalid("offset is not supported in a search iterator"));
        }
        if request.group_by.is_some() {
            return Err(invalid("Not allowed to do groupBy when doing iteration"));
        }
        Ok(())
    }
}

/// Decimals scores are rounded to.
fn check_round_decimal(decimals: i64) -> Result<()> {
    if (-1..=6).contains(&decimals) {
        return Ok(());
    }
    Err(invalid(format!("round_decimal [{decimals}] is invalid, should be -1 or an integer in range [0, 6]")))
}

#[cfg(test)]
mod tests;
