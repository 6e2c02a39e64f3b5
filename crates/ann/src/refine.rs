//! Comparing what a walk found with the vectors themselves.

use crate::asked::Asked;
use crate::packed::Packed;
use crate::same::Same;
use elanus_kernels::{Distance, TopK, prefetch};

/// Rows compared before a look at how far codes were off.
const STEP: usize = 4;
/// Cache lines of a row asked for ahead.
const LINES: usize = 24;

/// What rows are compared with, and which count.
#[derive(Clone, Copy)]
pub(crate) struct Refine<'a> {
    pub asked: &'a Asked<'a>,
    pub distance: &'a Distance,
    pub same: Same<'a>,
    /// Keys on codes are good enough.
    pub by_code: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Refined {
    /// Rows compared.
    pub compared: u64,
    /// Rows within the bound.
    pub offered: usize,
    /// Those of them that were among the nearest `k` so far.
    pub entered: usize,
    /// How far codes were off at most.
    pub off: f32,
    /// Nodes were left out that cannot matter.
    pub stopped: bool,
}

impl Refine<'_> {
    /// Offers `out` the rows of some nodes, sorted by their keys on codes, with exact keys.
    ///
    /// It stops early once the codes of the remaining nodes say, by the largest error seen so far, that none of them
    /// can be among the nearest `k`; with a bound nothing is left out.
    pub(crate) fn run(&self, nodes: &[Packed], out: &mut TopK) -> Refined {
        let mut done = Refined::default();
        let sure = self.asked.k + STEP;
        let mut coming = 0;
        for (at, group) in nodes.chunks(STEP).enumerate() {
            let nearest = group.first().map_or(f32::INFINITY, |node| node.key());
            if at * STEP >= sure && done.offered >= self.asked.k && nearest - done.off > out.threshold() {
                return Refined { stopped: true, ..done };
            }
            // While a group is compared that is not the last for sure, the next one comes.
            let ahead = if (at + 1) * STEP < sure { at + 2 } else { at + 1 } * STEP;
            self.ask_for(nodes.get(coming..ahead.min(nodes.len())).unwrap_or(&[]));
            coming = coming.max(ahead);
            for node in group {
                done.off = done.off.max(self.node(*node, out, &mut done));
            }
        }
        done
    }

    /// Asks the processor for vectors that are compared soon.
    fn ask_for(&self, nodes: &[Packed]) {
        for node in nodes.iter().filter(|_| !self.by_code) {
            prefetch(self.asked.vectors.row(node.node() as usize), LINES);
        }
    }

    /// Offers the rows of a node; returns how far its code was off.
    fn node(&self, node: Packed, out: &mut TopK, done: &mut Refined) -> f32 {
        let mut off = 0.0f32;
        // Rows of a node are equal, or nearly: more of them than are wanted add nothing.
        let allowed = |row: &u32| self.asked.filter.is_none_or(|filter| filter.get(*row as usize));
        for row in self.same.rows(node.node()).filter(allowed).take(self.asked.k + STEP) {
            let key = match self.by_code {
                true => node.key(),
                false => self.distance.key(self.asked.query, self.asked.vectors.row(row as usize)),
            };
            done.compared += u64::from(!self.by_code);
            off = off.max((key - node.key()).abs());
            if self.asked.bound.keeps(key) {
                done.offered += 1;
                done.entered += usize::from(key < out.threshold());
                out.push(key, row);
            }
        }
        // Infinite keys and those that are not numbers say nothing about codes.
        if off.is_finite() { off } else { 0.0 }
    }
}
