//! What maintenance should do next: a pure function of what is there.

use elanus_segment::SegmentId;
use elanus_types::{FieldId, PartitionId};

/// A sealed segment as the planner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentFact {
    /// Number.
    pub id: SegmentId,
    /// Partition.
    pub partition: PartitionId,
    /// Stored rows.
    pub rows: u64,
    /// Bytes in files without indexes.
    pub bytes: u64,
    /// Rows old enough to go: deleted, counted only when deletes are many, or past their time to live.
    pub removable: u64,
    /// Fields that want an index file and have none, and whose last build did not fail.
    pub unindexed: Vec<FieldId>,
    /// Scalar indexes that have no file and whose last build did not fail, by the field and the number of
    /// [`elanus_segment::ScalarFile::index`].
    pub scalars: Vec<(FieldId, i64)>,
    /// Fields whose index was not measured by the queries asked lately.
    pub unlearnt: Vec<FieldId>,
}

/// A collection as the planner sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Sealed segments.
    pub sealed: Vec<SegmentFact>,
    /// No write for a while, or the user asked: time to converge.
    pub quiet: bool,
}

/// Limits that shape segments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Merges do not make segments of more bytes than this.
    pub max_bytes: u64,
    /// Segments below this many rows are searched exactly and need no index file.
    pub index_min_rows: u64,
    /// Segments from this many rows on are indexed even while writes go on.
    pub index_busy_rows: u64,
    /// While writes go on, this many small segments are merged at once.
    pub busy_fan_in: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self { max_bytes: 1 << 30, index_min_rows: 4096, index_busy_rows: 200_000, busy_fan_in: 8 }
    }
}

/// A segment of which one in this many rows may go is written anew.
pub(super) const REWRITE_SHARE: u64 = 5;

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// Write these segments anew as one, without rows that may go.
    Merge(Vec<SegmentId>),
    /// Build a scalar index of a field of a segment.
    Scalar(SegmentId, FieldId, i64),
    /// Build the index of a field of a segment.
    Index(SegmentId, FieldId),
    /// Measure the index of a field of a segment by queries asked lately.
    Learn(SegmentId, FieldId),
}

/// The next job, merges before indexes so that nothing is indexed twice, and scalar indexes first, which take seconds.
pub fn next(facts: &Facts, policy: &Policy) -> Option<Job> {
    merge(facts, policy)
        .or_else(|| scalar(facts, policy))
        .or_else(|| index(facts, policy))
        .or_else(|| learn(facts))
}

fn merge(facts: &Facts, policy: &Policy) -> Option<Job> {
    let mut partitions: Vec<PartitionId> = facts.sealed.iter().map(|s| s.partition).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let jobs = partitions.iter().filter_map(|partition| {
        let mut mine: Vec<&SegmentFact> = facts.sealed.iter().filter(|s| s.partition == *partition).collect();
        mine.sort_by_key(|s| (s.bytes, s.id));
        small_ones(&mine, facts.quiet, policy)
    });
    jobs.into_iter().next().or_else(|| {
        let mostly_deleted =
            facts.sealed.iter().find(|s| s.removable * REWRITE_SHARE >= s.rows && s.removable > 0);
        mostly_deleted.map(|s| Job::Merge(vec![s.id]))
    })
}

/// The longest run of small segments in which none is much larger than all smaller ones together, so that a row is
/// written anew only logarithmically often.
fn small_ones(by_size: &[&SegmentFact], quiet: bool, policy: &Policy) -> Option<Job> {
    let (mut total, mut run) = (0_u64, Vec::new());
    for segment in by_size {
        let fits = total + segment.bytes <= policy.max_bytes;
        if !fits || (!run.is_empty() && segment.bytes > total * 4) {
            break;
        }
        total += segment.bytes;
        run.push(segment.id);
    }
    let enough = if quiet { 2 } else { policy.busy_fan_in };
    (run.len() >= enough).then_some(Job::Merge(run))
}

fn scalar(facts: &Facts, policy: &Policy) -> Option<Job> {
    let least = if facts.quiet { policy.index_min_rows } else { policy.index_busy_rows };
    let largest =
        facts.sealed.iter().filter(|s| s.rows >= least && !s.scalars.is_empty()).max_by_key(|s| s.rows);
    largest.and_then(|s| s.scalars.first().map(|(field, index)| Job::Scalar(s.id, *field, *index)))
}

fn index(facts: &Facts, policy: &Policy) -> Option<Job> {
    let least = if facts.quiet { policy.index_min_rows } else { policy.index_busy_rows };
    let largest =
        facts.sealed.iter().filter(|s| s.rows >= least && !s.unindexed.is_empty()).max_by_key(|s| s.rows);
    largest.and_then(|s| s.unindexed.first().map(|field| Job::Index(s.id, *field)))
}

fn learn(facts: &Facts) -> Option<Job> {
    let due = facts.sealed.iter().filter(|_| facts.quiet);
    due.filter_map(|s| s.unlearnt.first().map(|field| Job::Learn(s.id, *field))).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(id: i64, rows: u64) -> SegmentFact {
        SegmentFact {
            id,
            partition: 1,
            rows,
            bytes: rows * 1000,
            removable: 0,
            unindexed: vec![101],
            scalars: Vec::new(),
            unlearnt: Vec::new(),
        }
    }

    fn facts(rows: &[u64], quiet: bool) -> Facts {
        let sealed = rows.iter().enumerate().map(|(i, rows)| segment(i as i64, *rows)).collect();
        Facts { sealed, quiet }
    }

    #[test]
    fn merges_small_segments_before_it_indexes_when_quiet() {
        let job = next(&facts(&[40_000, 40_000, 35_000], true), &Policy::default());
        assert_eq!(job, Some(Job::Merge(vec![2, 0, 1])));
        let job = next(&facts(&[115_000], true), &Policy::default());
        assert_eq!(job, Some(Job::Index(0, 101)));
    }

    #[test]
    fn leaves_a_large_segment_alone_when_a_few_rows_come_beside_it() {
        assert_eq!(next(&facts(&[100_000, 10], true), &Policy::default()), Some(Job::Index(0, 101)));
    }

    #[test]
    fn waits_for_many_segments_while_writes_go_on() {
        assert_eq!(next(&facts(&[40_000; 7], false), &Policy::default()), None);
        assert!(
            matches!(next(&facts(&[40_000; 8], false), &Policy::default()), Some(Job::Merge(run)) if run.len() == 8)
        );
    }

    #[test]
    fn measures_indexes_when_nothing_else_is_to_be_done() {
        let mut facts = facts(&[300_000], true);
        facts.sealed[0].unlearnt = vec![101, 102];
        facts.sealed[0].scalars = vec![(100, 7)];
        assert_eq!(next(&facts, &Policy::default()), Some(Job::Scalar(0, 100, 7)));
        facts.sealed[0].scalars.clear();
        assert_eq!(next(&facts, &Policy::default()), Some(Job::Index(0, 101)));
        facts.sealed[0].unindexed.clear();
        assert_eq!(next(&facts, &Policy::default()), Some(Job::Learn(0, 101)));
        facts.quiet = false;
        assert_eq!(next(&facts, &Policy::default()), None);
    }

    #[test]
    fn never_makes_a_segment_over_the_limit() {
        let policy = Policy { max_bytes: 70_000_000, ..Policy::default() };
        assert_eq!(next(&facts(&[40_000, 40_000], true), &policy), Some(Job::Index(1, 101)));
    }

    #[test]
    fn rewrites_a_segment_with_many_removable_rows() {
        let mut facts = facts(&[100_000], true);
        facts.sealed[0].removable = 20_000;
        assert_eq!(next(&facts, &Policy::default()), Some(Job::Merge(vec![0])));
    }

    #[test]
    fn converges_from_any_sizes() {
        let policy = Policy::default();
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let sizes: Vec<u64> = (0..random.usize(1..20)).map(|_| random.u64(1..200_000)).collect();
            let (mut facts, mut rounds) = (facts(&sizes, true), 0);
            while let Some(job) = next(&facts, &policy) {
                rounds += 1;
                assert!(rounds < 100, "seed {seed} does not converge");
                match job {
                    Job::Merge(ids) => {
                        let rows = facts.sealed.iter().filter(|s| ids.contains(&s.id)).map(|s| s.rows).sum();
                        facts.sealed.retain(|s| !ids.contains(&s.id));
                        let unlearnt = vec![101, 102];
                        let scalars = vec![(100, 3), (103, -103)];
                        facts.sealed.push(SegmentFact { unlearnt, scalars, ..segment(100 + rounds, rows) });
                    }
                    Job::Scalar(id, _, index) => {
                        let found = facts.sealed.iter_mut().find(|s| s.id == id);
                        found.into_iter().for_each(|s| s.scalars.retain(|(_, other)| *other != index));
                    }
                    Job::Index(id, field) => {
                        let found = facts.sealed.iter_mut().find(|s| s.id == id);
                        found.into_iter().for_each(|s| s.unindexed.retain(|f| *f != field));
                    }
                    Job::Learn(id, field) => {
                        let found = facts.sealed.iter_mut().find(|s| s.id == id);
                        found.into_iter().for_each(|s| s.unlearnt.retain(|f| *f != field));
                    }
                }
            }
        }
    }
}
