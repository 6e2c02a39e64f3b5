//! Several searches on one snapshot, fused into one list.

use super::merge::fuse;
use super::output::OutputPlan;
use super::snapshot::Wanted;
use crate::local::World;
use elanus_geotime::time::Zone;
use elanus_types::search::{HybridRequest, Ranker, SearchResult};
use elanus_types::{Error, Result};

impl World {
    /// Runs a hybrid search. All sub-requests see the same snapshot.
    pub fn hybrid_search(&self, request: &HybridRequest) -> Result<SearchResult> {
        let wanted = Wanted {
            target: &request.target,
            partitions: &request.partitions,
            collection_id: 0,
            pinned: None,
            verb: "search",
        };
        let meta = wanted.meta(self)?;
        self.options.limits.check_hybrid(request)?;
        check_ranker(&request.ranker, request.requests.len())?;
        if request.group_by.is_some() {
            return Err(Error::new(
                elanus_types::ErrorKind::Unsupported,
                "group by is not supported in a hybrid search yet, group in a search on one field",
            ));
        }
        let prepared =
            request.requests.iter().map(|sub| self.prepare(&meta, sub)).collect::<Result<Vec<_>>>()?;
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
            for (lists, hits) in per_query.iter_mut().zip(self.find(&snapshot, sub)?) {
                lists.push((sub.fused_as(), hits));
            }
        }
        let (offset, limit) = (request.offset.max(0) as usize, request.limit.max(0) as usize);
        let fused = per_query.into_iter().map(|lists| fuse(lists, &request.ranker).0);
        let page: Vec<Vec<_>> =
            fused.map(|hits| hits.into_iter().skip(offset).take(limit).collect()).collect();
        let zone = prepared.first().map_or(Zone::UTC, |first| first.zone.clone());
        self.present(&snapshot, &plan, &page, |score| score, request.round_decimal, &zone)
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
