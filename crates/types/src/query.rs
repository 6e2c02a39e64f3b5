//! Reading rows by filter.

use crate::input::FilterText;
use crate::{CollectionRef, Column, FieldSchema, Timestamp};

/// One output column: its schema (a synthetic one for `count(*)`) and values.
#[derive(Clone, Debug)]
pub struct OutputField {
    /// Name and type; for a dynamic field the `$meta` field.
    pub field: FieldSchema,
    /// The values, full length.
    pub column: Column,
}

/// One thing to order by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy {
    /// A field, a place in a JSON field or a dynamic key; in a grouped query also one of its aggregates.
    pub field: String,
    /// Largest first.
    pub descending: bool,
    /// Where rows without a value stand.
    pub nulls_first: bool,
}

impl OrderBy {
    /// In Milvus nulls count as the largest values unless a request says otherwise.
    pub fn new(field: impl Into<String>, descending: bool) -> Self {
        Self { field: field.into(), descending, nulls_first: descending }
    }
}

/// Rows by filter.
#[derive(Clone, Debug)]
pub struct QueryRequest {
    /// Where.
    pub target: CollectionRef,
    /// Partitions; empty = all.
    pub partitions: Vec<String>,
    /// Which rows; its time zone is also that of the moments returned.
    pub filter: FilterText,
    /// Fields to return: names, dynamic keys, `*`, `$meta`; aggregates (`count(*)`, `sum(field)`…).
    pub output_fields: Vec<String>,
    /// What the rows are ordered by; the primary key decides between equal ones, and everything when this is empty.
    pub order_by: Vec<OrderBy>,
    /// One row for each combination of these fields' values.
    pub group_by: Vec<String>,
    /// Most rows to return.
    pub limit: Option<usize>,
    /// Rows to skip (only with a limit).
    pub offset: usize,
    /// A page of an iterator.
    pub iterator: bool,
    /// With an `element_filter`: elements of the first row up to this place are skipped, they were on an earlier page.
    pub last_element: Option<u32>,
    /// The collection the iterator began on; 0 = not stated.
    pub collection_id: i64,
    /// Reads at this timestamp when it is a real one (an iterator's pinned snapshot); small numbers and 0 mean now.
    pub guarantee_timestamp: u64,
}

impl QueryRequest {
    /// All rows of a collection, with every option off.
    pub fn new(target: CollectionRef) -> Self {
        Self {
            target,
            partitions: Vec::new(),
            filter: FilterText::default(),
            output_fields: Vec::new(),
            order_by: Vec::new(),
            group_by: Vec::new(),
            limit: None,
            offset: 0,
            iterator: false,
            last_element: None,
            collection_id: 0,
            guarantee_timestamp: 0,
        }
    }
}

/// Rows in the order asked for.
#[derive(Clone, Debug)]
pub struct QueryResult {
    /// The collection's real name.
    pub collection_name: String,
    /// The output columns (never empty, also for no rows), the primary key among them unless rows were aggregated.
    pub fields: Vec<OutputField>,
    /// With an `element_filter`: the places of each row's elements that it lets through.
    pub elements: Option<Vec<Vec<u32>>>,
    /// What the caller asked for, `*` expanded; dynamic keys by name.
    pub output_fields: Vec<String>,
    /// Name of the primary key field.
    pub primary_field: String,
    /// The timestamp read at.
    pub session_timestamp: Timestamp,
    /// Time zone that moments are to be shown in, by IANA name.
    pub timezone: String,
}
