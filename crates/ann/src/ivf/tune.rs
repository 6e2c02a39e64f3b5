//! How many lists must be looked into.

use super::points::{Centres, Points, Room};
use crate::parallel::collect;
use elanus_runtime::Cancel;

/// Recall that suffices. Sampled rows are easier to find than new queries, hence the margin.
const ENOUGH: f64 = 0.97;
/// Keys computed at most to know the true neighbours of sampled rows.
const EFFORT: usize = 40_000_000;

/// What was measured for 10 and for 100 hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tuned {
    pub nprobe: [usize; 2],
    pub recall: [f32; 2],
}

/// Finds for sampled rows in which lists their nearest rows are, and so how many of the nearest lists hold enough of
/// them.
pub(super) fn tune<P: Points>(
    points: &P,
    centres: &Centres,
    labels: &[u32],
    lists: usize,
    rooms: &mut [Room],
    cancel: &Cancel,
) -> Tuned {
    let count = (EFFORT / labels.len().max(1)).clamp(32, 256).min(labels.len());
    let step = (labels.len() / count.max(1)).max(1);
    // For every sampled row the place, among the lists by nearness, of the list that each neighbour is in.
    let places: Vec<Vec<u32>> = collect(rooms, count, cancel, |item, room, out| {
        let row = (item * step) as u32;
        let nearest = points.nearest(row, 100, room);
        points.query_keys(row, centres, room);
        let mut order: Vec<u32> = (0..room.keys.keys.len() as u32).collect();
        order.sort_unstable_by(|a, b| room.keys.keys[*a as usize].total_cmp(&room.keys.keys[*b as usize]));
        let mut place = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(at, list)| place[*list as usize] = at as u32);
        let list = |row: u32| labels.get(row as usize).and_then(|list| place.get(*list as usize)).copied();
        out.push(nearest.iter().filter_map(|hit| list(hit.row)).collect());
    });
    let measured = [10, 100].map(|k| sufficient(&places, k, lists));
    Tuned { nprobe: measured.map(|(nprobe, _)| nprobe), recall: measured.map(|(_, recall)| recall) }
}

fn sufficient(places: &[Vec<u32>], k: usize, lists: usize) -> (usize, f32) {
    let mut found = vec![0usize; lists.max(1)];
    let mut of = 0;
    for place in places.iter().flat_map(|places| places.iter().take(k)) {
        of += 1;
        if let Some(found) = found.get_mut(*place as usize) {
            *found += 1;
        }
    }
    let mut sum = 0;
    for (at, count) in found.iter().enumerate() {
        sum += count;
        if sum as f64 >= ENOUGH * of as f64 {
            return (at + 1, (sum as f64 / of.max(1) as f64) as f32);
        }
    }
    (lists.max(1), 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_lists_as_hold_nearly_all_neighbours() {
        let places = vec![vec![0; 96], vec![1, 1, 1, 5]];
        assert_eq!(sufficient(&places, 100, 8), (2, 0.99));
        assert_eq!(sufficient(&places, 1, 8), (2, 1.0));
        assert_eq!(sufficient(&[], 10, 0).0, 1);
    }
}
