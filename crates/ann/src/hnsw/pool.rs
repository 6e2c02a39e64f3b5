//! The nearest nodes met so far, in order, and which of them were expanded.

use crate::packed::Packed;

/// A sorted list of at most `capacity` nodes.
#[derive(Debug, Default)]
pub(super) struct Pool {
    nodes: Vec<Packed>,
    capacity: usize,
    /// No node before this one is unexpanded.
    next: usize,
}

impl Pool {
    /// Empties it for a beam of this size, at least one.
    pub(super) fn reset(&mut self, capacity: usize) {
        self.nodes.clear();
        self.capacity = capacity.max(1);
        self.next = 0;
    }

    /// The nodes, nearest first.
    pub(super) fn nodes(&self) -> &[Packed] {
        &self.nodes
    }

    /// Offers a node, which must not have been offered before.
    #[inline]
    pub(super) fn offer(&mut self, key: f32, node: u32) {
        let packed = Packed::new(key, node);
        if self.nodes.len() >= self.capacity {
            if self.nodes.last().is_some_and(|last| *last <= packed) {
                return;
            }
            self.nodes.pop();
        }
        let at = self.nodes.partition_point(|other| *other < packed);
        self.nodes.insert(at, packed);
        self.next = self.next.min(at);
    }

    /// Takes the nearest node not yet expanded.
    #[inline]
    pub(super) fn expand(&mut self) -> Option<u32> {
        let rest = self.nodes.get_mut(self.next..)?;
        let found = rest.iter().position(|packed| !packed.is_expanded())?;
        let packed = rest.get_mut(found)?;
        packed.expand();
        let node = packed.node();
        self.next += found + 1;
        Some(node)
    }

    /// The node that [`Pool::expand`] would take now.
    #[inline]
    pub(super) fn peek(&self) -> Option<u32> {
        self.nodes.get(self.next..)?.iter().find(|packed| !packed.is_expanded()).map(|packed| packed.node())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_keeps_order_and_values(a: f32, b: f32, node in 0u32..1 << 31) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            let packed = Packed::new(a, node);
            prop_assert_eq!((packed.key().to_bits(), packed.node()), (a.to_bits(), node));
            if a < b {
                prop_assert!(packed < Packed::new(b, 0));
            }
        }

        #[test]
        fn keeps_the_nearest_and_expands_each_once(keys in prop::collection::vec(-9i8..9, 0..60), capacity in 1usize..20) {
            let mut pool = Pool::default();
            pool.reset(capacity);
            let (mut all, mut expanded) = (Vec::new(), Vec::new());
            for (node, key) in keys.iter().enumerate() {
                pool.offer(f32::from(*key), node as u32);
                all.push((*key, node as u32));
                if node % 3 == 0 {
                    let peeked = pool.peek();
                    prop_assert_eq!(peeked, pool.expand());
                    expanded.extend(peeked);
                }
            }
            all.sort_unstable();
            all.truncate(capacity);
            let kept: Vec<(i8, u32)> = pool.nodes().iter().map(|p| (p.key() as i8, p.node())).collect();
            prop_assert_eq!(&kept, &all);
            while let Some(node) = pool.expand() {
                expanded.push(node);
            }
            let unique: std::collections::HashSet<u32> = expanded.iter().copied().collect();
            prop_assert_eq!(unique.len(), expanded.len());
            prop_assert!(all.iter().all(|(_, node)| unique.contains(node)));
        }
    }
}
