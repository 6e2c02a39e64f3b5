//! Nearest-neighbour search, alone and fused.

use crate::input::FilterText;
use crate::query::{OrderBy, OutputField};
use crate::{CollectionRef, Column, DataType, Timestamp};
use bytes::Bytes;

/// Query vectors.
#[derive(Clone, Debug)]
pub enum QueryVectors {
    /// Raw vectors, one buffer per query.
    Vectors {
        /// The type as sent (FLOAT is converted for FLOAT16 and BFLOAT16 fields).
        data_type: DataType,
        /// One little-endian vector per query.
        vectors: Vec<Bytes>,
    },
    /// Lists of vectors, to be compared with the lists of a struct array's part.
    Lists {
        /// The type of the vectors as sent.
        data_type: DataType,
        /// The little-endian vectors of each query one after the other.
        lists: Vec<Bytes>,
    },
    /// The vectors of stored rows.
    Ids(Column),
}

/// State of a search iterator (version 2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchIterator {
    /// Page size.
    pub batch_size: usize,
    /// Token of an iterator under way; `None` for its first request.
    pub token: Option<String>,
    /// Only hits strictly worse than this score.
    pub last_bound: Option<f32>,
}

/// Group-by of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    /// Fields, places in JSON fields or dynamic keys; hits that agree in all of them form a group.
    pub fields: Vec<String>,
    /// Hits per group.
    pub size: usize,
    /// Fill every group before stopping.
    pub strict: bool,
    /// How the value of a JSON field becomes a group's.
    pub json: JsonGroup,
    /// How the groups of a hybrid search are ordered.
    pub scorer: GroupScorer,
}

/// What a group's value is where the field holds JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonGroup {
    /// The place in the document, as `field["a"][0]` or `/a/0`; `None` = what the field's name says.
    pub path: Option<String>,
    /// The type that values are turned into; `None` = text.
    pub data_type: Option<DataType>,
    /// Values of another type count as null instead of being converted.
    pub strict: bool,
}

/// The score of a group in a hybrid search, from its hits' scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupScorer {
    /// The best one.
    #[default]
    Max,
    /// All together.
    Sum,
    /// The mean.
    Avg,
}

impl GroupBy {
    /// The best hit of every value of a field.
    pub fn new(field: impl Into<String>) -> Self {
        Self {
            fields: vec![field.into()],
            size: 1,
            strict: false,
            json: JsonGroup::default(),
            scorer: GroupScorer::Max,
        }
    }
}

/// A search on one vector field.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Where.
    pub target: CollectionRef,
    /// Partitions; empty = all.
    pub partitions: Vec<String>,
    /// Vector field; `None` = the only one.
    pub field: Option<String>,
    /// What to look for.
    pub queries: QueryVectors,
    /// Which rows may answer; its time zone is also that of the moments returned.
    pub filter: FilterText,
    /// Hits per query (`topk`).
    pub limit: i64,
    /// Hits to skip.
    pub offset: i64,
    /// Metric the client insists on; `None` = the index's.
    pub metric: Option<String>,
    /// Index parameters (`ef`, `nprobe`, `radius`, `range_filter`…) as JSON values.
    pub params: serde_json::Map<String, serde_json::Value>,
    /// Fields to return with every hit.
    pub output_fields: Vec<String>,
    /// Decimals to round scores to; −1 = none.
    pub round_decimal: i64,
    /// Skip rows not yet sealed.
    pub ignore_growing: bool,
    /// Group hits.
    pub group_by: Option<GroupBy>,
    /// The hits found are put into this order instead of that of their scores, which decide between equal ones.
    pub order_by: Vec<OrderBy>,
    /// A page of a version 2 iterator.
    pub search_iterator: Option<SearchIterator>,
    /// The client pages by itself (either iterator version) and wants the snapshot's timestamp.
    pub iterator: bool,
    /// The collection the iterator began on; 0 = not stated.
    pub collection_id: i64,
    /// Reads at this timestamp when it is a real one; small numbers and 0 mean now.
    pub guarantee_timestamp: u64,
}

impl SearchRequest {
    /// A search for the `limit` nearest rows of the only vector field, with every option off.
    pub fn new(target: CollectionRef, queries: QueryVectors, limit: i64) -> Self {
        Self {
            target,
            partitions: Vec::new(),
            field: None,
            queries,
            filter: FilterText::default(),
            limit,
            offset: 0,
            metric: None,
            params: serde_json::Map::new(),
            output_fields: Vec::new(),
            round_decimal: -1,
            ignore_growing: false,
            group_by: None,
            order_by: Vec::new(),
            search_iterator: None,
            iterator: false,
            collection_id: 0,
            guarantee_timestamp: 0,
        }
    }
}

/// How the lists of a hybrid search become one.
#[derive(Clone, Debug, PartialEq)]
pub enum Ranker {
    /// Reciprocal rank fusion: Σ 1 / (k + rank).
    Rrf {
        /// Smoothing constant, default 60.
        k: f32,
    },
    /// Weighted sum of scores.
    Weighted {
        /// One weight per request.
        weights: Vec<f32>,
        /// Map every score to 0…1 first.
        normalize: bool,
    },
}

/// Several searches fused into one list.
#[derive(Clone, Debug)]
pub struct HybridRequest {
    /// Where; every sub-request searches here.
    pub target: CollectionRef,
    /// Partitions; empty = all.
    pub partitions: Vec<String>,
    /// The searches; each with its own limit.
    pub requests: Vec<SearchRequest>,
    /// How to fuse.
    pub ranker: Ranker,
    /// Hits per query after fusion.
    pub limit: i64,
    /// Hits to skip after fusion.
    pub offset: i64,
    /// Fields to return with every hit.
    pub output_fields: Vec<String>,
    /// Decimals to round scores to; −1 = none.
    pub round_decimal: i64,
    /// Group hits.
    pub group_by: Option<GroupBy>,
    /// Reads at this timestamp when it is a real one; small numbers and 0 mean now.
    pub guarantee_timestamp: u64,
}

/// Hits of all queries, one after the other.
#[derive(Clone, Debug)]
pub struct SearchResult {
    /// The collection's real name.
    pub collection_name: String,
    /// Hits per query; always as many entries as queries.
    pub topks: Vec<usize>,
    /// Primary keys of the hits.
    pub ids: Column,
    /// Scores of the hits, as users see them.
    pub scores: Vec<f32>,
    /// In a search among the elements of a struct array: the place of each hit's nearest element in its row.
    pub elements: Option<Vec<u32>>,
    /// Output columns, aligned with `ids`.
    pub fields: Vec<OutputField>,
    /// What the caller asked for, `*` expanded.
    pub output_fields: Vec<String>,
    /// Name of the primary key field.
    pub primary_field: String,
    /// Values of the fields that groups are formed by, aligned with `ids`.
    pub group_by: Vec<OutputField>,
    /// Answer to a version 2 iterator.
    pub search_iterator: Option<SearchIterator>,
    /// The timestamp read at.
    pub session_timestamp: Timestamp,
    /// Time zone that moments are to be shown in, by IANA name.
    pub timezone: String,
}
