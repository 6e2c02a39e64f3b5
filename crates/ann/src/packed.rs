//! A key and a number in one word.

/// A node with its key, packed so that packed numbers are ordered as keys, then as nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Packed(u64);

/// Nodes must be below this: one bit of the packed number says whether the node was expanded.
pub(crate) const MOST_NODES: usize = 1 << 31;

impl Packed {
    #[inline(always)]
    pub(crate) fn new(key: f32, node: u32) -> Self {
        let bits = key.to_bits();
        let ordered = bits ^ (((bits as i32 >> 31) as u32) | 0x8000_0000);
        Self(u64::from(ordered) << 32 | u64::from(node) << 1)
    }

    #[inline(always)]
    pub(crate) fn key(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 { ordered ^ 0x8000_0000 } else { !ordered })
    }

    #[inline(always)]
    pub(crate) fn node(self) -> u32 {
        self.0 as u32 >> 1
    }

    #[inline(always)]
    pub(crate) fn expand(&mut self) {
        self.0 |= 1;
    }

    #[inline(always)]
    pub(crate) fn is_expanded(self) -> bool {
        self.0 & 1 == 1
    }
}
