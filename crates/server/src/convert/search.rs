//! Searches as sent.

mod group;
mod iterator;
mod params;
mod placeholder;

pub(crate) use group::{Grouping, group_by};
use params::Params;
pub(crate) use params::{json_object, json_or_text};

use super::kv::Pairs;
use super::query::pinned;
use super::write::no_namespace;
use super::{order, value};
use elanus_proto::milvus as wire;
use elanus_types::input::FilterText;
use elanus_types::query::OrderBy;
use elanus_types::search::{GroupBy, SearchIterator, SearchRequest};
use elanus_types::{CollectionRef, Error, ErrorKind, Result};

/// The window that an iterator's search falls back to when its own limit lies outside.
const ITERATOR_WINDOW: i64 = 16_384;

/// A search as sent, and what its answer depends on besides the result.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The search.
    pub request: SearchRequest,
    /// What shapes the answer.
    pub answer: Answer,
}

/// What an answer holds besides the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The timestamp read at: the first page of an iterator pins the later ones to it.
    pub session: bool,
    /// Group values go into the list of groupings, not into the single older field.
    pub groups_as_list: bool,
}

/// The part of a search that a search inside a hybrid one leaves to the hybrid one.
#[derive(Default)]
struct Paging {
    limit: i64,
    offset: i64,
    iterator: bool,
    search_iterator: Option<SearchIterator>,
    group_by: Option<GroupBy>,
    order_by: Vec<OrderBy>,
}

/// A search as sent.
pub(crate) fn request(target: CollectionRef, request: wire::SearchRequest) -> Result<Sent> {
    refuse_unsupported(&request)?;
    let pairs = Pairs(&request.search_params);
    let Grouping { by, as_list } = group_by(pairs)?;
    let mut paging = Paging {
        iterator: pairs.flag("iterator")?,
        offset: offset(pairs)?,
        group_by: by,
        order_by: order::order_by(pairs)?,
        ..Paging::default()
    };
    paging.limit = limit(pairs, None)?;
    if paging.iterator && !(1..=ITERATOR_WINDOW).contains(&paging.limit) {
        paging.limit = ITERATOR_WINDOW;
    }
    paging.search_iterator = iterator::parse(pairs, &paging)?;
    let answer =
        Answer { session: paging.iterator && request.guarantee_timestamp == 0, groups_as_list: as_list };
    Ok(Sent { request: build(target, request, paging)?, answer })
}

/// A search inside a hybrid search; `limit` stands in for one of its own. Clients copy offset and grouping of the
/// whole into every part, where they mean nothing.
pub(crate) fn part(target: CollectionRef, request: wire::SearchRequest, limit: i64) -> Result<SearchRequest> {
    refuse_unsupported(&request)?;
    let pairs = Pairs(&request.search_params);
    if pairs.get("order_by_fields").is_some() {
        return Err(Error::invalid("order_by is not supported in hybrid search"));
    }
    let limit = self::limit(pairs, Some(limit))?;
    build(target, request, Paging { limit, ..Paging::default() })
}

fn build(target: CollectionRef, request: wire::SearchRequest, paging: Paging) -> Result<SearchRequest> {
    let params = Params::new(Pairs(&request.search_params))?;
    params.check_hints()?;
    let pairs = params.pairs;
    Ok(SearchRequest {
        target,
        partitions: request.partition_names,
        field: pairs.get("anns_field").map(str::to_owned),
        queries: placeholder::queries(request.search_input)?,
        filter: FilterText {
            timezone: params.text("timezone").map(|name| name.into_owned()),
            ..value::filter(request.dsl, &request.expr_template_values)?
        },
        limit: paging.limit,
        offset: paging.offset,
        metric: params.text("metric_type").map(|name| name.into_owned()),
        output_fields: request.output_fields,
        round_decimal: round_decimal(pairs)?,
        ignore_growing: params.flag("ignore_growing")?,
        group_by: paging.group_by,
        order_by: paging.order_by,
        search_iterator: paging.search_iterator,
        iterator: paging.iterator,
        collection_id: pairs.int("collection_id")?.unwrap_or(0),
        guarantee_timestamp: pinned(paging.iterator, request.guarantee_timestamp),
        params: params.for_index(),
    })
}

fn refuse_unsupported(request: &wire::SearchRequest) -> Result<()> {
    no_namespace(request.namespace.as_deref())?;
    let used = [
        ("function_score", request.function_score.as_ref().is_some_and(|score| !score.functions.is_empty())),
        ("function_chains", !request.function_chains.is_empty()),
        ("highlighter", request.highlighter.is_some()),
        ("search_aggregation", request.search_aggregation.is_some()),
        ("sub_reqs", !request.sub_reqs.is_empty()),
    ];
    match used.iter().find(|(_, used)| *used) {
        Some((name, _)) => {
            Err(Error::new(ErrorKind::Unsupported, format!("{name} is not supported in searches")))
        }
        None => Ok(()),
    }
}

fn limit(pairs: Pairs<'_>, otherwise: Option<i64>) -> Result<i64> {
    let sent = pairs.get("topk").or_else(|| pairs.get("limit"));
    match (sent.map(|text| (text, text.trim().parse())), otherwise) {
        (Some((_, Ok(limit))), _) => Ok(limit),
        (_, Some(otherwise)) => Ok(otherwise),
        (Some((text, Err(_))), None) => Err(Error::invalid(format!("topk [{text}] is invalid"))),
        (None, None) => Err(Error::invalid("topk is required")),
    }
}

fn offset(pairs: Pairs<'_>) -> Result<i64> {
    pairs.get("offset").map_or(Ok(0), |text| {
        text.trim().parse().map_err(|_| Error::invalid(format!("offset [{text}] is invalid")))
    })
}

/// Decimals that scores are rounded to.
pub(crate) fn round_decimal(pairs: Pairs<'_>) -> Result<i64> {
    pairs.get("round_decimal").map_or(Ok(-1), |text| {
        text.trim().parse().map_err(|_| {
            let message =
                format!("round_decimal [{text}] is invalid, should be -1 or an integer in range [0, 6]");
            Error::invalid(message)
        })
    })
}

#[cfg(test)]
mod tests;
