//! Queries that were asked lately: a bounded random sample for each vector field, by which indexes are measured.
//! It is in memory only; what was learnt of it is kept with the index.

use elanus_segment::{IndexFile, SegmentId};
use elanus_types::FieldId;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Queries kept for a field.
const MOST: usize = 256;
/// Bytes kept for a field.
const MOST_BYTES: usize = 4 << 20;
/// Queries of one request looked at.
const OF_REQUEST: usize = 4;
/// Queries that say enough.
const LEAST: usize = 128;
/// The sample is of about the last so many.
const HORIZON: u64 = 20_000;
/// An index that was measured before the start is measured again after this many.
const ANEW: u64 = 1_000;
/// After this many more it is measured again in any case; before, when there were four times as many.
const OFTEN: u64 = 1_000_000;

/// The samples of a collection, and when indexes were last measured by them.
#[derive(Default)]
pub struct AskedQueries {
    fields: Mutex<HashMap<FieldId, Sample>>,
    /// How many queries had been seen, by segment and name of the index file.
    measured: Mutex<HashMap<(SegmentId, String), u64>>,
}

#[derive(Default)]
struct Sample {
    seen: u64,
    queries: Vec<Vec<u8>>,
}

impl AskedQueries {
    /// Maybe keeps some of a request's queries. Never waits for others.
    pub fn note<'q>(&self, field: FieldId, queries: impl ExactSizeIterator<Item = &'q [u8]>) {
        let Some(mut fields) = self.fields.try_lock() else { return };
        let sample = fields.entry(field).or_default();
        let step = queries.len().div_ceil(OF_REQUEST).max(1);
        queries.skip(fastrand::usize(..step)).step_by(step).for_each(|query| sample.note(query));
    }

    /// The queries kept of a field.
    pub fn sample(&self, field: FieldId) -> Vec<Vec<u8>> {
        self.fields.lock().get(&field).map_or_else(Vec::new, |sample| sample.queries.clone())
    }

    /// Whether there are enough queries that an index was not measured by.
    pub fn is_due(&self, segment: SegmentId, index: &IndexFile) -> bool {
        let seen = match self.fields.lock().get(&index.field) {
            Some(sample) if sample.queries.len() >= LEAST => sample.seen,
            _ => return false,
        };
        match self.measured.lock().get(&(segment, index.file.name.clone())) {
            Some(before) => seen >= before + (3 * before).min(OFTEN),
            None => index.asked.is_none() || seen >= ANEW,
        }
    }

    /// An index was measured by what was seen so far, or cannot be.
    pub fn done(&self, segment: SegmentId, index: &IndexFile) {
        let seen = self.fields.lock().get(&index.field).map_or(0, |sample| sample.seen);
        self.measured.lock().insert((segment, index.file.name.clone()), seen);
    }

    /// Forgets when indexes of segments were measured that are not there any more.
    pub fn keep_segments(&self, is_there: impl Fn(SegmentId) -> bool) {
        self.measured.lock().retain(|(segment, _), _| is_there(*segment));
    }
}

impl Sample {
    fn note(&mut self, query: &[u8]) {
        self.seen += 1;
        if self.queries.len() < MOST.min(MOST_BYTES / query.len().max(1)) {
            self.queries.push(query.to_vec());
            return;
        }
        let place = fastrand::u64(..self.seen.min(HORIZON));
        if let Some(kept) = self.queries.get_mut(place as usize) {
            kept.clear();
            kept.extend_from_slice(query);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, asked: bool) -> IndexFile {
        let asked = if asked { "{\"points\":[[],[],[]],\"asked\":130}" } else { "null" };
        let text = format!(
            "{{\"file\":{{\"name\":\"{name}\",\"bytes\":1,\"checksums\":[]}},\"field\":101,\"index\":1,\"metric\":\"L2\",\
             \"kind\":\"HNSW\",\"reason\":\"\",\"recall\":1.0,\"seconds\":1.0,\"asked\":{asked}}}"
        );
        serde_json::from_str(&text).expect("an index file")
    }

    fn ask(asked: &AskedQueries, from: u32, count: u32) {
        for query in from..from + count {
            asked.note(101, [query.to_le_bytes().as_slice()].into_iter());
        }
    }

    #[test]
    fn a_bounded_sample_is_kept_in_which_new_queries_take_the_place_of_old_ones() {
        let asked = AskedQueries::default();
        ask(&asked, 0, 100);
        assert_eq!(asked.sample(101).len(), 100);
        ask(&asked, 1_000_000, 200_000);
        let sample = asked.sample(101);
        assert_eq!(sample.len(), MOST);
        let is_old = |query: &&Vec<u8>| query[1..] == [0; 3];
        assert!(sample.iter().filter(is_old).count() < 30);
        let wide = vec![7; 1 << 20];
        (0..10).for_each(|_| asked.note(102, [wide.as_slice()].into_iter()));
        assert_eq!(asked.sample(102).len(), 4);
        assert!(asked.sample(103).is_empty());
    }

    #[test]
    fn of_a_large_request_few_queries_count() {
        let asked = AskedQueries::default();
        let queries: Vec<[u8; 4]> = (0..1001u32).map(u32::to_le_bytes).collect();
        asked.note(101, queries.iter().map(|query| query.as_slice()));
        assert!((3..=4).contains(&asked.sample(101).len()));
        asked.note(101, [].into_iter());
    }

    #[test]
    fn an_index_is_measured_when_enough_was_asked_and_then_more_and_more_rarely() {
        let asked = AskedQueries::default();
        let (fresh, known) = (index("a", false), index("b", true));
        ask(&asked, 0, LEAST as u32 - 1);
        assert!(!asked.is_due(7, &fresh));
        ask(&asked, 0, 1);
        assert!(asked.is_due(7, &fresh) && !asked.is_due(7, &known));
        asked.done(7, &fresh);
        ask(&asked, 0, 383);
        assert!(!asked.is_due(7, &fresh));
        ask(&asked, 0, 1);
        assert!(asked.is_due(7, &fresh) && asked.is_due(8, &fresh), "another segment was never measured");
        ask(&asked, 0, 1_000);
        assert!(asked.is_due(7, &known));
        asked.done(7, &fresh);
        asked.keep_segments(|segment| segment != 7);
        assert!(asked.is_due(7, &fresh));
    }
}
