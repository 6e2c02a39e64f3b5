//! K-means: centres of a sample of the rows, then the nearest centre of every row.

use super::lists::group;
use super::points::{Centres, Points, Room};
use crate::parallel::collect;
use elanus_runtime::{Cancel, Progress};

/// Rows of the sample per centre.
const SAMPLE_PER_LIST: usize = 64;
/// The sample is not made smaller than this.
const LEAST_SAMPLE: usize = 20_000;
/// Rounds of moving centres; later ones change little.
const ROUNDS: usize = 8;

/// Rows compared with the centres at a time.
const TOGETHER: usize = 48;

/// How to train.
pub(super) struct Training<'a> {
    pub rows: usize,
    pub lists: usize,
    pub seed: u64,
    pub progress: &'a Progress,
    pub cancel: &'a Cancel,
}

impl Training<'_> {
    /// Keys that will be computed, in rows compared with all centres.
    pub(super) fn steps(&self) -> u64 {
        (self.sample_size() * ROUNDS + self.rows) as u64
    }

    fn sample_size(&self) -> usize {
        (self.lists * SAMPLE_PER_LIST).max(LEAST_SAMPLE).min(self.rows)
    }

    /// The centres; once cancelled, whatever there is.
    pub(super) fn centres<P: Points>(&self, points: &P, rooms: &mut [Room]) -> Centres {
        let mut sample: Vec<u32> = (0..self.rows as u32).collect();
        fastrand::Rng::with_seed(self.seed).shuffle(&mut sample);
        sample.truncate(self.sample_size());
        let mut centres = Centres::default();
        sample.iter().take(self.lists).for_each(|row| points.centre(&[*row], &mut centres));
        for _ in 0..ROUNDS {
            if self.cancel.is_cancelled() {
                break;
            }
            let labels = self.labels(points, &centres, &sample, rooms);
            centres = self.move_centres(points, &sample, &labels, rooms);
        }
        centres
    }

    /// The nearest centre of every row given.
    pub(super) fn labels<P: Points>(
        &self,
        points: &P,
        centres: &Centres,
        rows: &[u32],
        rooms: &mut [Room],
    ) -> Vec<u32> {
        let centres = points.prepare(centres);
        let blocks: Vec<&[u32]> = rows.chunks(TOGETHER).collect();
        collect(rooms, blocks.len(), self.cancel, |item, room, out| {
            points.assign(blocks[item], &centres, room, out);
            self.progress.add(blocks[item].len() as u64);
        })
    }

    fn move_centres<P: Points>(
        &self,
        points: &P,
        sample: &[u32],
        labels: &[u32],
        rooms: &mut [Room],
    ) -> Centres {
        let (starts, order) = group(labels, self.lists);
        let mut members: Vec<Vec<u32>> = starts
            .windows(2)
            .map(|range| {
                let items = order.get(range[0] as usize..range[1] as usize).unwrap_or(&[]);
                items.iter().filter_map(|item| sample.get(*item as usize).copied()).collect()
            })
            .collect();
        split_largest(&mut members);
        let moved: Vec<Centres> = collect(rooms, members.len(), self.cancel, |list, _, out| {
            let mut centre = Centres::default();
            points.centre(&members[list], &mut centre);
            out.push(centre);
        });
        let mut centres = Centres::default();
        for centre in moved {
            centres.bytes.extend(centre.bytes);
            centres.numbers.extend(centre.numbers);
        }
        centres
    }
}

/// Gives lists without rows half of the rows of the largest ones.
fn split_largest(members: &mut [Vec<u32>]) {
    for empty in 0..members.len() {
        if !members[empty].is_empty() {
            continue;
        }
        let Some(largest) = (0..members.len()).max_by_key(|list| members[*list].len()) else { return };
        let half: Vec<u32> = members[largest].iter().copied().skip(1).step_by(2).collect();
        if half.is_empty() {
            // As many lists as rows: some centres must be equal.
            members[empty] = members[largest].clone();
            continue;
        }
        let kept = members[largest].iter().copied().step_by(2).collect();
        members[largest] = kept;
        members[empty] = half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_gets_rows() {
        let mut members = vec![vec![], vec![1, 2, 3, 4], vec![], vec![5]];
        split_largest(&mut members);
        assert!(members.iter().all(|list| !list.is_empty()), "{members:?}");
        let mut rows = members.concat();
        rows.sort_unstable();
        assert_eq!(rows, [1, 2, 3, 4, 5]);
    }
}
