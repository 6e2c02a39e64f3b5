//! Hybrid searches: several searches and how their lists become one.

mod ranker;

use super::kv::Pairs;
use super::search::{self, Answer, Grouping};
use super::write::no_namespace;
use elanus_proto::milvus as wire;
use elanus_types::search::HybridRequest;
use elanus_types::{CollectionRef, Error, ErrorKind, Result};

/// A hybrid search as sent, and what its answer depends on besides the result.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The search.
    pub request: HybridRequest,
    /// What shapes the answer.
    pub answer: Answer,
}

/// A hybrid search as sent.
pub(crate) fn request(target: CollectionRef, request: wire::HybridSearchRequest) -> Result<Sent> {
    no_namespace(request.namespace.as_deref())?;
    if !request.function_chains.is_empty() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "function_chains is not supported in hybrid searches",
        ));
    }
    let pairs = Pairs(&request.rank_params);
    let ranker = match &request.function_score {
        Some(score) if !score.functions.is_empty() => ranker::of_function(score)?,
        _ => ranker::of_params(pairs)?,
    };
    let (limit, offset) = window(pairs)?;
    let Grouping { by, as_list } = search::group_by(pairs)?;
    if pairs.get("order_by_fields").is_some() {
        return Err(Error::invalid("order_by is not supported in hybrid search"));
    }
    let part_limit = limit.saturating_add(offset);
    let parts = request.requests.into_iter().enumerate().map(|(i, part)| {
        let part = search::part(target.clone(), part, part_limit);
        part.map_err(|error| error.context(format!("request {i} of the hybrid search")))
    });
    let request = HybridRequest {
        requests: parts.collect::<Result<_>>()?,
        partitions: request.partition_names,
        ranker,
        limit,
        offset,
        output_fields: request.output_fields,
        round_decimal: search::round_decimal(pairs)?,
        group_by: by,
        guarantee_timestamp: 0,
        target,
    };
    Ok(Sent { request, answer: Answer { session: false, groups_as_list: as_list } })
}

/// `limit` and `offset` after fusion.
fn window(pairs: Pairs<'_>) -> Result<(i64, i64)> {
    let number = |key: &str| {
        let parse = |text: &str| {
            text.trim().parse().map_err(|_| Error::invalid(format!("{key} [{text}] is invalid")))
        };
        pairs.get(key).map(parse).transpose()
    };
    let limit = number("limit")?.ok_or_else(|| Error::invalid("limit not found in rank_params"))?;
    Ok((limit, number("offset")?.unwrap_or(0)))
}

#[cfg(test)]
mod tests;
