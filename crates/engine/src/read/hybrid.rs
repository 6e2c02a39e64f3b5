//! Several searches on one snapshot, fused into one list.

use super::group::{Fusion, GroupFields, check_range};
use super::merge::{best_first, fuse};
use super::output::{OutputPlan, Place};
use super::snapshot::Wanted;
use crate::local::World;
use elanus_geotime::time::Zone;
use elanus_types::search::{HybridRequest, Ranker, SearchResult};
use elanus_types::{Error, Result};

impl World {
    /// Runs a hybrid search. All sub-requests see the same snapshot.
    pub fn hybrid_search(&self, request: &HybridRequest) -> Result<SearchResult> {
        let wanted = Wanted::newest(&request.target, &request.partitions, "search");
        let meta = wanted.meta(self)?;
        self.options.limits.check_hybrid(request)?;
        check_ranker(&request.ranker, request.requests.len())?;
        let group = request.group_by.as_ref();
        let group = group.map(|by| Ok((by, GroupFields::new(&meta.schema, by)?))).transpose()?;
        let prepared =
            request.requests.iter().map(|sub| self.prepare(&meta, sub)).collect::<Result<Vec<_>>>()?;
        if group.is_some() {
            prepared.iter().try_for_each(check_range)?;
        }
        let nq = prepared.first().map_or(0, |first| first.queries.len());
        if prepared.iter().any(|sub| sub.queries.len() != nq) {
            return Err(Error::invalid(
                "all requests of a hybrid search must have the same number of query vectors",
            ));
        }
        let plan = OutputPlan::new(&meta.schema, &request.output_fields)?;
        let snapshot = wanted.pin(self, meta, None)?;
        let mut per_query: Vec<Vec<_>> = vec![Vec::new(); nq];
        for sub in &prepared {
            sub.teach(&snapshot);
            for (lists, groups) in
                per_query.iter_mut().zip(self.groups_or_hits(&snapshot, sub, group.as_ref())?)
            {
                lists.push((sub.fused_as(), best_first(groups.concat())));
            }
        }
        let (offset, limit) = (request.offset.max(0) as usize, request.limit.max(0) as usize);
        let mut pages: Vec<Vec<_>> = Vec::with_capacity(nq);
        for lists in per_query {
            let (hits, descending) = fuse(lists, &request.ranker);
            pages.push(match &group {
                None => hits.into_iter().skip(offset).take(limit).collect(),
                Some((by, fields)) => {
                    let fusion = Fusion { fields, size: by.size, scorer: by.scorer };
                    let groups = fusion.groups(&snapshot.segments, hits, descending)?;
                    groups.into_iter().skip(offset).take(limit).flatten().collect()
                }
            });
        }
        let zone = prepared.first().map_or(Zone::UTC, |first| first.zone.clone());
        let mut result =
            self.present(&snapshot, &plan, &pages, |score| score, request.round_decimal, &zone)?;
        if let Some((_, fields)) = &group {
            let places: Vec<Place> = pages.iter().flatten().map(|hit| hit.place).collect();
            result.group_by = fields.output(&snapshot.segments, &places)?;
        }
        Ok(result)
    }
}

fn check_ranker(ranker: &Ranker, requests: usize) -> Result<()> {
    match ranker {
        Ranker::Rrf { k } if *k > 0.0 && *k < 16384.0 => Ok(()),
        Ranker::Rrf { k } => {
            Err(Error::invalid(format!("The rank params k should be in range (0, 16384), but got {k}")))
        }
        Ranker::Weighted { weights, .. } if weights.len() != requests => Err(Error::expected(
            "the length of weights param mismatch with ann search requests",
            requests,
            weights.len(),
        )),
        Ranker::Weighted { weights, .. } => {
            match weights.iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
                None => Ok(()),
                Some(weight) => Err(Error::invalid(format!(
                    "rank param weight should be in range [0, 1], but got {weight}"
                ))),
            }
        }
    }
}
