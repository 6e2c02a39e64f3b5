//! Searching tables.

use super::open::MinHashLsh;
use crate::asked::Asked;
use crate::exact::exact_keys;
use crate::{Bound, Index, Kind, SearchParams, SearchStats, VectorsView, exact_search};
use elanus_kernels::{Bitmap, TopK};

/// The key of rows that share a band with the query, where only that counts.
const ALIKE: f32 = -1.0;

impl Index for MinHashLsh {
    /// Fewer hits than asked for are right where fewer rows share a band with the query.
    fn search(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        out: &mut TopK,
    ) -> SearchStats {
        let asked = Asked::new(vectors, query, k, params, filter, self.distance.width());
        let Some(asked) = asked.filter(|asked| asked.vectors.rows == self.head.column.rows as usize) else {
            return SearchStats::default();
        };
        // Rows without a single equal slot are no hits.
        let asked = Asked { bound: Bound { high: asked.bound.high.min(0.0), ..asked.bound }, ..asked };
        match params.mh_jaccard {
            true => self.by_slots(&asked, params, out),
            false => self.by_band(&asked, out),
        }
    }

    fn memory_bytes(&self) -> usize {
        (*self.body).as_ref().len()
    }

    fn kind(&self) -> Kind {
        Kind::MinHashLsh
    }

    fn describe(&self) -> String {
        let slots = self.slots.count(self.head.column.dim as usize).unwrap_or(0);
        format!("MINHASH_LSH: {} bands of {slots} slots of {} bits", self.head.bands, self.slots.bits())
    }
}

impl MinHashLsh {
    /// Offers the first `k` rows that share a band.
    fn by_band(&self, asked: &Asked<'_>, out: &mut TopK) -> SearchStats {
        let mut stats = SearchStats::default();
        if !asked.bound.keeps(ALIKE) {
            return stats;
        }
        let mut found = Vec::new();
        for band in 0..self.head.bands {
            let bytes = self.slots.band(asked.query.len(), self.head.bands, band);
            let wanted = asked.query.get(bytes.clone());
            let rows = self.allowed(asked, band);
            // Different bands may have the same hash.
            let equal = rows.filter(|row| {
                stats.exact += 1;
                asked.vectors.row(*row as usize).get(bytes.clone()) == wanted
            });
            // Rows ascend, so the first `k` of all bands are among the first `k` of each.
            found.extend(equal.take(asked.k));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().take(asked.k).for_each(|row| {
            out.push(ALIKE, row);
        });
        stats
    }

    /// Offers rows that share a band by the share of equal slots.
    fn by_slots(&self, asked: &Asked<'_>, params: &SearchParams, out: &mut TopK) -> SearchStats {
        let bands = 0..self.head.bands;
        let entries: usize = bands.clone().map(|band| self.rows(asked.query, band).len()).sum();
        // As many comparisons as there are allowed rows give more.
        if entries >= asked.allowed {
            let metric = self.distance.metric();
            return exact_search(asked.vectors, metric, asked.query, asked.filter, Some(asked.bound), out);
        }
        let mut found: Vec<u32> = bands.flat_map(|band| self.allowed(asked, band)).collect();
        found.sort_unstable();
        let rows = match params.refine_k {
            None => {
                found.dedup();
                found
            }
            Some(times) => most_bands(&found, (asked.k as f64 * f64::from(times.max(1.0))).ceil() as usize),
        };
        let mut stats = SearchStats::default();
        exact_keys(asked.vectors, &self.distance, asked.query, rows.into_iter(), |key, row| {
            stats.exact += 1;
            if key <= out.threshold() && asked.bound.keeps(key) {
                out.push(key, row);
            }
        });
        stats
    }

    fn allowed<'a>(&'a self, asked: &'a Asked<'_>, band: usize) -> impl Iterator<Item = u32> + 'a {
        let rows = self.rows(asked.query, band).iter().map(|row| u32::from_le_bytes(*row));
        let rows = rows.filter(|row| (*row as usize) < asked.vectors.rows);
        rows.filter(|row| asked.filter.is_none_or(|filter| filter.get(*row as usize)))
    }
}

/// The rows that occur most often in a sorted list, the first of equally frequent ones.
fn most_bands(sorted: &[u32], count: usize) -> Vec<u32> {
    let occurring = sorted.chunk_by(|a, b| a == b);
    let mut rows: Vec<(std::cmp::Reverse<usize>, u32)> =
        occurring.filter_map(|run| Some((std::cmp::Reverse(run.len()), *run.first()?))).collect();
    rows.sort_unstable();
    rows.truncate(count);
    rows.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_most_bands_come_first() {
        assert_eq!(most_bands(&[1, 2, 2, 3, 3, 5], 3), [2, 3, 1]);
        assert_eq!(most_bands(&[], 3), [0u32; 0]);
    }
}
