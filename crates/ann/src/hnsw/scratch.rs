//! Working memory of a traversal, kept from one to the next.

use super::pool::Pool;
use crate::packed::Packed;
use crate::space::Keys;
use std::cell::Cell;
use std::collections::BinaryHeap;

/// Nodes met; clearing costs as much as was marked.
#[derive(Debug, Default)]
pub(super) struct Visited {
    words: Vec<u64>,
    marked: Vec<u32>,
}

impl Visited {
    /// Forgets all and makes room for this many nodes.
    pub(super) fn reset(&mut self, nodes: usize) {
        for node in self.marked.drain(..) {
            if let Some(word) = self.words.get_mut(node as usize / 64) {
                *word = 0;
            }
        }
        if self.words.len() < nodes.div_ceil(64) {
            self.words.resize(nodes.div_ceil(64), 0);
        }
    }

    /// Whether a node is marked, or there is no room for it.
    #[inline(always)]
    pub(super) fn has(&self, node: u32) -> bool {
        self.words.get(node as usize / 64).is_none_or(|word| word >> (node % 64) & 1 == 1)
    }

    /// Marks a node; true when it was not marked. Nodes there is no room for count as marked.
    #[inline(always)]
    pub(super) fn mark(&mut self, node: u32) -> bool {
        let Some(word) = self.words.get_mut(node as usize / 64) else { return false };
        let bit = 1 << (node % 64);
        let new = *word & bit == 0;
        if new {
            *word |= bit;
            self.marked.push(node);
        }
        new
    }
}

/// Everything a traversal needs.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub visited: Visited,
    /// A node of the lowest layer that a beam acts as if it were not there.
    pub hidden: Option<u32>,
    pub pool: Pool,
    pub keys: Keys,
    /// Nodes whose keys are computed next.
    pub batch: Vec<u32>,
    /// Their rows.
    pub rows: Vec<u32>,
    /// Nodes that a filter keeps out, on the way to others.
    pub passed: Vec<u32>,
    /// Nodes of the pool that a filter allows.
    pub kept: Vec<Packed>,
    /// Nodes to expand, nearest on top.
    pub frontier: BinaryHeap<std::cmp::Reverse<Packed>>,
    /// Nodes found, farthest on top.
    pub found: BinaryHeap<Packed>,
    /// The query's components, and its code.
    pub query: Vec<f32>,
    pub code: Vec<u8>,
}

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    static SPARES: Cell<Vec<Scratch>> = const { Cell::new(Vec::new()) };
}

impl Scratch {
    /// Lends this thread's memory; after a panic inside, the next borrower gets a fresh one.
    pub(super) fn with<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = SPARE.take().unwrap_or_default();
        let result = work(&mut scratch);
        SPARE.set(Some(scratch));
        result
    }

    /// Lends memory for `count` traversals at once.
    pub(super) fn with_many<T>(count: usize, work: impl FnOnce(&mut [Scratch]) -> T) -> T {
        let mut scratches = SPARES.take();
        if scratches.len() < count {
            scratches.resize_with(count, Scratch::default);
        }
        let result = work(scratches.get_mut(..count).unwrap_or(&mut []));
        SPARES.set(scratches);
        result
    }
}
