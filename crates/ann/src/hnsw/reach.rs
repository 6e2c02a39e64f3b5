//! Making sure that links lead to every node.

use super::beam::{beam, descend};
use super::graph::Layer;
use super::levels::Levels;
use super::scratch::Scratch;
use crate::SearchStats;
use crate::space::Pairs;

/// Rounds of looking for nodes that nothing leads to.
const ROUNDS: usize = 4;
/// Beam of looking for a node to lead from.
const BEAM: usize = 32;

/// Links every node of the lowest layer that cannot be reached from the first one to one nearby that can.
///
/// Where all lists nearby are full the last link makes room; what that cuts off is found in the next round.
pub(super) fn connect<S: Pairs>(space: &S, layers: &mut [Layer<'_>], levels: &Levels, scratch: &mut Scratch) {
    let Some(first) = levels.order.first().copied() else { return };
    for _ in 0..ROUNDS {
        let mut reached = vec![false; layers.first().map_or(0, |layer| layer.links.len() / layer.width)];
        spread(layers, first, &mut reached);
        let mut all = true;
        for row in &levels.order {
            if reached.get(*row as usize) == Some(&false) {
                all = false;
                lead_to(space, layers, levels, *row, scratch);
                spread(layers, *row, &mut reached);
            }
        }
        if all {
            return;
        }
    }
}

/// Marks all that can be reached from a row.
fn spread(layers: &[Layer<'_>], from: u32, reached: &mut [bool]) {
    let Some(lowest) = layers.first() else { return };
    let mut waiting = vec![from];
    while let Some(row) = waiting.pop() {
        if let Some(is) = reached.get_mut(row as usize)
            && !std::mem::replace(is, true)
        {
            waiting.extend_from_slice(lowest.list(row));
        }
    }
}

fn lead_to<S: Pairs>(space: &S, layers: &mut [Layer<'_>], levels: &Levels, row: u32, scratch: &mut Scratch) {
    let Some((lowest, above)) = layers.split_first_mut() else { return };
    let (probe, mut stats) = (space.row(row), SearchStats::default());
    let here =
        above.iter().rev().fold(0, |here, layer| descend(space, layer, probe, here, scratch, &mut stats));
    let Some(start) = levels.order.get(here as usize) else { return };
    beam(space, lowest, probe, &[*start, levels.order[0]], BEAM, scratch, &mut stats);
    let near = || scratch.pool.nodes().iter().map(|packed| packed.node()).filter(|node| *node != row);
    let with_room = near().find(|node| lowest.list(*node).len() < lowest.limit);
    if let Some(from) = with_room.or_else(|| near().next()) {
        let mut links = lowest.list(from).to_vec();
        links.truncate(lowest.limit.saturating_sub(1));
        links.push(row);
        lowest.set(from, &links);
    }
}
